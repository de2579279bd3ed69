/* SPDX-License-Identifier: MIT
 *
 * The table of services against libc's own look-up in it.
 */
#include "tests/unit/engine/check_main.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "netscope/services.h"

static struct nsc_flow_record flow_to(uint8_t proto, uint16_t port)
{
	return (struct nsc_flow_record){ .proto = proto, .port_a = 50000, .port_b = port, .client = NSC_CLIENT_A };
}

static const char *libc_name(const char *proto, uint16_t port)
{
	const struct servent *entry = getservbyport(htons(port), proto);

	return entry ? entry->s_name : "";
}

static const char *our_name(uint8_t proto, uint16_t port)
{
	struct nsc_flow_record r = flow_to(proto, port);
	const char *name = nsc_flow_service(&r);

	return name ? name : "";
}

START_TEST(as_libc)
{
	struct nsc_error error;

	if (nsc_services_open(&error)) { /* a machine without a table */
		ck_assert(strstr(error.text, "no table of services"));
		return;
	}
	for (uint16_t port = 1; port < 1100; port++) {
		ck_assert_str_eq(our_name(NSC_PROTO_TCP, port), libc_name("tcp", port));
		ck_assert_str_eq(our_name(NSC_PROTO_UDP, port), libc_name("udp", port));
	}
	ck_assert_str_eq(our_name(NSC_PROTO_ICMP, 80), "");
	nsc_services_close();
	ck_assert_uint_eq(nsc_services, 0);
	ck_assert_str_eq(our_name(NSC_PROTO_TCP, 80), "");
}
END_TEST

/* The server's port counts; where nobody knows who that is, the smaller one, then the other. */
START_TEST(whose_port)
{
	struct nsc_flow_record r = flow_to(NSC_PROTO_TCP, 443);
	struct nsc_error error;

	if (nsc_services_open(&error))
		return;
	ck_assert_str_eq(nsc_flow_service(&r), libc_name("tcp", 443));
	r.client = NSC_CLIENT_B;
	ck_assert_ptr_null(nsc_flow_service(&r));
	r.client = NSC_CLIENT_NONE;
	ck_assert_str_eq(nsc_flow_service(&r), libc_name("tcp", 443));
	r.port_a = 4; /* smaller, without a name */
	ck_assert_str_eq(nsc_flow_service(&r), libc_name("tcp", 443));
	nsc_services_close();
}
END_TEST

CHECK_MAIN("services", as_libc, whose_port)
