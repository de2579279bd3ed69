/* SPDX-License-Identifier: MIT
 *
 * The policy of a thread while it asks for rings, and after that.
 */
#include "backends/sources/near.h"

#include <linux/mempolicy.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/unit/engine/check_main.h"

static unsigned long nodes[NSC_NEAR_NODES / (8 * sizeof(unsigned long))];

static int mode(void)
{
	int now = -1;

	return syscall(SYS_get_mempolicy, &now, nodes, NSC_NEAR_NODES, NULL, 0) ? -1 : now;
}

START_TEST(of_a_node_and_back)
{
	struct nsc_near near, inner;
	int before = mode();

	nsc_near_begin(&near, 0);
	if (before < 0) { /* a kernel without nodes */
		ck_assert(!near.on);
		return;
	}
	ck_assert(near.on);
	ck_assert_int_eq(mode(), MPOL_PREFERRED);
	ck_assert_uint_eq(nodes[0], 1);
	nsc_near_begin(&inner, 0); /* what is in force comes back, whatever it is */
	nsc_near_end(&inner);
	ck_assert_int_eq(mode(), MPOL_PREFERRED);
	ck_assert_uint_eq(nodes[0], 1);
	nsc_near_end(&near);
	ck_assert_int_eq(mode(), before);
}
END_TEST

START_TEST(of_no_node)
{
	static const int none[] = { -1, NSC_NEAR_NODES, NSC_NEAR_NODES - 1 /* is not there */ };
	struct nsc_near near;
	int before = mode();

	for (size_t i = 0; i < NSC_ARRAY_LEN(none); i++) {
		nsc_near_begin(&near, none[i]);
		ck_assert(!near.on);
		ck_assert_int_eq(mode(), before);
		nsc_near_end(&near);
		ck_assert_int_eq(mode(), before);
	}
}
END_TEST

CHECK_MAIN("near", of_a_node_and_back, of_no_node)
