/* SPDX-License-Identifier: MIT
 *
 * UDP ports of tunnels, and those that somebody names. The named ones last, for they are the whole process's.
 */
#include <errno.h>

#include "packets.h"

#define VXLAN "\x08\0\0\0\0\0\1\0"
#define TO_9999 MAC T_IPV4 IPV4("\0\0", "\x11") UDP_TO("\x27\x0f", "\0\x4a") VXLAN MAC T_IPV4 IPV4_TCP

START_TEST(ports_of_the_table)
{
	ck_assert_int_eq(nsc_decode_tunnel(1234, 4789), NSC_TUNNEL_VXLAN);
	ck_assert_int_eq(nsc_decode_tunnel(8472, 1234), NSC_TUNNEL_VXLAN);
	ck_assert_int_eq(nsc_decode_tunnel(6081, 2152), NSC_TUNNEL_GTP_U); /* the smaller port decides */
	ck_assert_int_eq(nsc_decode_tunnel(1234, 9999), NSC_TUNNEL_NONE);
}
END_TEST

static const struct decode_case opened[] = {
	{ "named", BYTES(TO_9999), ETH, .decap = true, IS_IPV4_TCP(64) },
	{ "named, closed", BYTES(TO_9999), ETH, .fate = NSC_FATE_FLOW, .version = 4, .proto = 17, .l3 = 14, .l4 = 34,
	  .payload = 42, .payload_len = 66, .src = 1234, .dst = 9999 },
};

START_TEST(named_ports)
{
	ck_assert_int_eq(nsc_decode_name_port("vlan", 9999), -EINVAL);
	ck_assert_int_eq(nsc_decode_name_port("", 9999), -EINVAL);
	ck_assert_int_eq(nsc_decode_name_port("vxlan", 9999), 0);
	ck_assert_int_eq(nsc_decode_name_port("geneve", 4789), 0);
	ck_assert_int_eq(nsc_decode_tunnel(1234, 4789), NSC_TUNNEL_GENEVE); /* before the table */
	ck_assert_uint_eq(packets_check(opened, NSC_ARRAY_LEN(opened)), 0);
	for (unsigned i = 2; i < NSC_NAMED_PORTS_MAX; i++)
		ck_assert_int_eq(nsc_decode_name_port("gtp-u", (uint16_t)i), 0);
	ck_assert_int_eq(nsc_decode_name_port("gtp-u", 20000), -ENOSPC);
	ck_assert_int_eq(strncmp(nsc_decode_tunnels, "vxlan, vxlan-gpe, ", 18), 0);
}
END_TEST

static void add_all(TCase *tcase)
{
	tcase_add_test(tcase, ports_of_the_table);
	tcase_add_test(tcase, named_ports);
}

int main(void)
{
	return packets_run("tunnel", add_all);
}
