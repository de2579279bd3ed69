/* SPDX-License-Identifier: MIT
 *
 * Tunnels that are hops: opened under decap, else their outer headers; MACsec and NSH in a frame are always opened.
 */
#include "packets.h"

#define E4 MAC T_IPV4
#define DECAP ETH, .decap = true
#define INNER MAC T_IPV4 IPV4_TCP /* 58 bytes */
#define OVER_UDP(port) E4 IPV4("\0\0", "\x11") UDP_TO(port, "\1\0")
#define LONG_UDP(port) E4 IPV4("\0\0", "\x11") UDP_TO(port, "\x10\0")
#define OUTER_UDP(port)                                                                                                \
	.fate = NSC_FATE_FLOW, .version = 4, .proto = 17, .l3 = 14, .l4 = 34, .payload = 42, .src = 1234, .dst = (port)
#define OUTER(reason, p) .fate = NSC_FATE_##reason, .version = 4, .proto = (p), .l3 = 14
#define NOT_IP(reason) .fate = NSC_FATE_##reason
#define GPE(flags, protocol) flags "\0\0" protocol "\0\0\1\0"
#define NSH(words, protocol) "\x0f" words "\2" protocol "\0\0\1\xff"
#define LISP "\x88\0\0\1\0\0\1\0"
#define SNAP "\xaa\xaa\3\0\0\0"
#define WLAN(control) control "\0\0\2\0\0\0\0\1\2\0\0\0\0\2\2\0\0\0\0\3\x10\0"
#define L2TPV3 "\0\0\0\5"

static const struct decode_case cases[] = {
	{ "gpe, closed", BYTES(OVER_UDP("\x12\xb6") GPE("\x0c", "\1") IPV4_TCP), ETH, OUTER_UDP(4790),
	  .payload_len = 52 },
	{ "gpe, ipv4", BYTES(OVER_UDP("\x12\xb6") GPE("\x0c", "\1") IPV4_TCP), DECAP, IS_IPV4_TCP(50) },
	{ "gpe, ipv6", BYTES(OVER_UDP("\x12\xb6") GPE("\x0c", "\2") IPV6_TCP), DECAP, IS_IPV6_TCP(50) },
	{ "gpe, ethernet", BYTES(OVER_UDP("\x12\xb6") GPE("\x0c", "\3") INNER), DECAP, IS_IPV4_TCP(64) },
	{ "gpe, untyped", BYTES(OVER_UDP("\x12\xb6") GPE("\x08", "\0") INNER), DECAP, IS_IPV4_TCP(64) },
	{ "gpe, nsh", BYTES(OVER_UDP("\x12\xb6") GPE("\x0c", "\4") NSH("\xc2", "\3") INNER), DECAP, IS_IPV4_TCP(72) },
	{ "gpe, mpls", BYTES(OVER_UDP("\x12\xb6") GPE("\x0c", "\5") "\0\1\1\x40" IPV4_TCP), DECAP, IS_IPV4_TCP(54) },
	{ "gpe, other", BYTES(OVER_UDP("\x12\xb6") GPE("\x0c", "\x80") FOUR), DECAP, OUTER_UDP(4790),
	  .payload_len = 12 },
	{ "nsh, context", BYTES(OVER_UDP("\x12\xb6") GPE("\x0c", "\4") NSH("\xc3", "\1") FOUR IPV4_TCP), DECAP,
	  IS_IPV4_TCP(62) },
	{ "nsh in nsh in a frame", BYTES(MAC "\x89\x4f" NSH("\xc2", "\4") NSH("\xc2", "\2") IPV6_UDP), ETH,
	  IS_IPV6_UDP(30) },
	{ "nsh in gre", BYTES(E4 IPV4("\0\0", "\x2f") "\0\0\x89\x4f" NSH("\xc2", "\1") IPV4_TCP), DECAP,
	  IS_IPV4_TCP(46) },
	{ "128 nshs", BYTES(MAC "\x89\x4f" TIMES_128(NSH("\xc2", "\4"))), ETH, NOT_IP(TAG_LIMIT) },
	{ "lisp", BYTES(OVER_UDP("\x10\xf5") LISP IPV4_TCP), DECAP, IS_IPV4_TCP(50) },
	{ "lisp, ipv6", BYTES(OVER_UDP("\x10\xf5") LISP IPV6_TCP), DECAP, IS_IPV6_TCP(50) },
	{ "lisp, other", BYTES(OVER_UDP("\x10\xf5") LISP "\0\0\0\0" FOUR), DECAP, OUTER_UDP(4341), .payload_len = 16 },
	{ "gue", BYTES(OVER_UDP("\x17\xc0") "\0\4\0\0" IPV4_TCP), DECAP, IS_IPV4_TCP(46) },
	{ "gue, options, ipv6", BYTES(OVER_UDP("\x17\xc0") "\1\x29\0\0" FOUR IPV6_TCP), DECAP, IS_IPV6_TCP(50) },
	{ "gue, gre", BYTES(OVER_UDP("\x17\xc0") "\0\x2f\0\0\0\0" T_IPV4 IPV4_TCP), DECAP, IS_IPV4_TCP(50) },
	{ "gue, bare", BYTES(OVER_UDP("\x17\xc0") IPV6_TCP), DECAP, IS_IPV6_TCP(42) },
	{ "gue, control", BYTES(OVER_UDP("\x17\xc0") "\x20\4\0\0" IPV4_TCP), DECAP, OUTER_UDP(6080),
	  .payload_len = 48 },
	{ "gue, udp", BYTES(OVER_UDP("\x17\xc0") "\0\x11\0\0" FOUR FOUR), DECAP, OUTER_UDP(6080), .payload_len = 12 },
	{ "capwap, ethernet", BYTES(OVER_UDP("\x14\x7f") "\0\x10\2\0\0\0\0\0" INNER), DECAP, IS_IPV4_TCP(64) },
	{ "capwap, 802.11", BYTES(OVER_UDP("\x14\x7f") "\0\x10\3\0\0\0\0\0" WLAN("\x08\1") SNAP T_IPV4 IPV4_TCP), DECAP,
	  IS_IPV4_TCP(82) },
	{ "capwap, 802.11, swapped",
	  BYTES(OVER_UDP("\x14\x7f") "\0\x10\3\0\0\0\0\0" WLAN("\2\x08") SNAP T_IPV4 IPV4_TCP), DECAP,
	  IS_IPV4_TCP(82) },
	{ "capwap, longer header", BYTES(OVER_UDP("\x14\x7f") "\0\x18\2\x20\0\0\0\0" FOUR INNER), DECAP,
	  IS_IPV4_TCP(68) },
	{ "capwap, later fragment", BYTES(OVER_UDP("\x14\x7f") "\0\x10\2\x80\0\0\0\x08" INNER), DECAP, OUTER_UDP(5247),
	  .payload_len = 66 },
	{ "capwap, keep-alive", BYTES(OVER_UDP("\x14\x7f") "\0\x10\2\x08\0\0\0\0" FOUR), DECAP, OUTER_UDP(5247),
	  .payload_len = 12 },
	{ "capwap, dtls", BYTES(OVER_UDP("\x14\x7f") "\1\0\0\0" FOUR), DECAP, OUTER_UDP(5247), .payload_len = 8 },
	{ "tzsp", BYTES(OVER_UDP("\x90\x90") "\1\0\0\1\1" INNER), DECAP, IS_IPV4_TCP(61) },
	{ "tzsp, tags", BYTES(OVER_UDP("\x90\x90") "\1\1\0\1\0\x0a\1\xc4\1" INNER), DECAP, IS_IPV4_TCP(65) },
	{ "tzsp, 802.11", BYTES(OVER_UDP("\x90\x90") "\1\0\0\x12\1" WLAN("\x08\1") SNAP T_IPV4 IPV4_TCP), DECAP,
	  IS_IPV4_TCP(79) },
	{ "tzsp, keep-alive", BYTES(OVER_UDP("\x90\x90") "\1\4\0\0\1"), DECAP, OUTER_UDP(37008), .payload_len = 5 },
	{ "tzsp, version 2", BYTES(OVER_UDP("\x90\x90") "\2\0\0\1\1" INNER), DECAP, OUTER_UDP(37008),
	  .payload_len = 63 },
	{ "tzsp, no end of tags", BYTES(OVER_UDP("\x90\x90") "\1\0\0\1\0\0"), DECAP, OUTER_UDP(37008),
	  .payload_len = 6 },
	{ "tzsp, 128 tags", BYTES(LONG_UDP("\x90\x90") "\1\0\0\1" TIMES_128("\0") "\1" INNER), DECAP,
	  OUTER(TUNNEL_LIMIT, 17) },
	{ "tzsp, link type", BYTES("\1\0\0\1\1" INNER), .link = NSC_LINK_TZSP, IS_IPV4_TCP(19) },

	{ "l2tpv3 over ip, closed", BYTES(E4 IPV4("\0\0", "\x73") L2TPV3 INNER), ETH, OUTER(UNSUPPORTED_L4, 115) },
	{ "l2tpv3 over ip", BYTES(E4 IPV4("\0\0", "\x73") L2TPV3 INNER), DECAP, IS_IPV4_TCP(52) },
	{ "l2tpv3 over ip, cookie of 4", BYTES(E4 IPV4("\0\0", "\x73") L2TPV3 FOUR INNER), DECAP, IS_IPV4_TCP(56) },
	{ "l2tpv3 over ip, cookie of 8, word", BYTES(E4 IPV4("\0\0", "\x73") L2TPV3 FOUR FOUR "\x40\0\0\1" INNER),
	  DECAP, IS_IPV4_TCP(64) },
	{ "l2tpv3 over ip, ip", BYTES(E4 IPV4("\0\0", "\x73") L2TPV3 IPV4_TCP), DECAP, IS_IPV4_TCP(38) },
	{ "l2tpv3 over ip, ipv6", BYTES(E4 IPV4("\0\0", "\x73") L2TPV3 IPV6_TCP), DECAP, IS_IPV6_TCP(38) },
	{ "l2tpv3 over ip, ppp", BYTES(E4 IPV4("\0\0", "\x73") L2TPV3 "\xff\3\0\x21" IPV4_TCP), DECAP,
	  IS_IPV4_TCP(42) },
	{ "l2tpv3 over ip, hdlc", BYTES(E4 IPV4("\0\0", "\x73") L2TPV3 FOUR "\x0f\0" T_IPV4 IPV4_TCP), DECAP,
	  IS_IPV4_TCP(46) },
	{ "l2tpv3 over ip, control", BYTES(E4 IPV4("\0\0", "\x73") "\0\0\0\0" INNER), DECAP,
	  OUTER(UNSUPPORTED_L4, 115) },
	{ "l2tpv3 over ip, unknown", BYTES(E4 IPV4("\0\0", "\x73") L2TPV3 FOUR FOUR FOUR FOUR FOUR), DECAP,
	  OUTER(UNSUPPORTED_L4, 115) },
	{ "l2tpv3 over udp", BYTES(OVER_UDP("\6\xa5") "\0\3\0\0" L2TPV3 INNER), DECAP, IS_IPV4_TCP(64) },

	{ "macsec, clear", BYTES(MAC "\x88\xe5\0\0\0\0\0\1" T_IPV4 IPV4_TCP FOUR FOUR FOUR FOUR), ETH,
	  IS_IPV4_TCP(22) },
	{ "macsec, clear, channel, vlan",
	  BYTES(MAC "\x88\xe5\x20\0\0\0\0\1" FOUR FOUR "\x81\0\0\5" T_IPV4 IPV4_TCP FOUR FOUR FOUR FOUR), ETH,
	  IS_IPV4_TCP(34) },
	{ "macsec, clear, short", BYTES(MAC "\x88\xe5\0\x22\0\0\0\1" T_IPV4 IPV4_UDP FOUR), ETH, IS_IPV4_UDP(22) },
	{ "macsec, encrypted", BYTES(MAC "\x88\xe5\x2c\0\0\0\0\1" FOUR FOUR FOUR FOUR), ETH, NOT_IP(ENCRYPTED) },
	{ "five macsecs", BYTES(MAC TIMES_8("\x88\xe5\0\0\0\0\0\1") T_IPV4 IPV4_TCP), ETH, NOT_IP(TAG_LIMIT) },
};

PACKETS_TESTS(cases)

int main(void)
{
	return packets_run("hop_tunnel", add_table);
}
