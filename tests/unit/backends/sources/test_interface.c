/* SPDX-License-Identifier: MIT
 *
 * Interfaces by name, and sentences about them. The loopback interface is everywhere.
 */
#include "backends/sources/interface.h"

#include <errno.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

static struct nsc_interface interface;
static struct nsc_error error;

START_TEST(loopback)
{
	uint32_t hardware;

	ck_assert_int_eq(nsc_interface_open(&interface, "lo", &error), 0);
	ck_assert_str_eq(interface.name, "lo");
	ck_assert_uint_eq(interface.index, if_nametoindex("lo"));
	ck_assert_int_ne(nsc_interface_state(&interface), NSC_INTERFACE_GONE);
	ck_assert_int_eq(nsc_interface_linktype(&interface, &hardware), 1);
	nsc_interface_close(&interface);
	nsc_interface_close(&interface);
}
END_TEST

START_TEST(a_name_that_is_near)
{
	ck_assert_int_eq(nsc_interface_open(&interface, "lol", &error), -ENODEV);
	ck_assert_ptr_nonnull(strstr(error.text, "no interface 'lol': did you mean 'lo'?"));
	nsc_interface_close(&interface);
	ck_assert_int_eq(nsc_interface_open(&interface, "a-name-far-off", &error), -ENODEV);
	ck_assert_ptr_null(strstr(error.text, "did you mean"));
	ck_assert_ptr_nonnull(strstr(error.text, "there are: "));
	ck_assert_ptr_nonnull(strstr(error.text, "lo"));
}
END_TEST

START_TEST(a_number_that_nobody_has)
{
	uint32_t hardware;

	ck_assert_int_eq(nsc_interface_open(&interface, "lo", &error), 0);
	interface.index = 0x7ffffff0;
	ck_assert_int_eq(nsc_interface_state(&interface), NSC_INTERFACE_GONE);
	ck_assert_int_eq(nsc_interface_linktype(&interface, &hardware), -1);
	nsc_interface_close(&interface);
}
END_TEST

START_TEST(permission)
{
	ck_assert_int_eq(nsc_interface_denied("eth7", &error), -EPERM);
	ck_assert_ptr_nonnull(strstr(error.text, "'eth7'"));
	ck_assert_ptr_nonnull(strstr(error.text, "CAP_NET_RAW"));
	ck_assert_ptr_nonnull(strstr(error.text, "sudo"));
	ck_assert_ptr_nonnull(strstr(error.text, "setcap cap_net_raw+ep /"));
	ck_assert_ptr_nonnull(strstr(error.text, "test_interface"));
}
END_TEST

/* Whatever it is, it exists; a machine may have none that is up. */
START_TEST(the_default)
{
	char name[IF_NAMESIZE] = "";
	int status = nsc_interface_default(name, &error);

	ck_assert(status ? status == -ENODEV && strstr(error.text, "-i") : if_nametoindex(name) != 0);
}
END_TEST

CHECK_MAIN("interface", loopback, a_name_that_is_near, a_number_that_nobody_has, permission, the_default)
