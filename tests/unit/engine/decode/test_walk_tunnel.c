/* SPDX-License-Identifier: MIT
 *
 * Tunnels: closed they are their outer headers, under decap they are what they carry.
 */
#include "packets.h"

#define E4 MAC T_IPV4
#define DECAP ETH, .decap = true
#define INNER MAC T_IPV4 IPV4_TCP /* 58 bytes */
/* The lengths are those of the outer packet: whatever follows belongs to it. */
#define GRE(flags, type) E4 IPV4("\0\0", "\x2f") flags type
#define OVER_UDP(port) E4 IPV4("\0\0", "\x11") UDP_TO(port, "\1\0")
#define LONG_UDP(port) E4 IPV4("\0\0", "\x11") UDP_TO(port, "\x10\0")
#define OUTER_UDP(port)                                                                                                \
	.fate = NSC_FATE_FLOW, .version = 4, .proto = 17, .l3 = 14, .l4 = 34, .payload = 42, .src = 1234, .dst = (port)
#define OUTER(reason, p) .fate = NSC_FATE_##reason, .version = 4, .proto = (p), .l3 = 14
#define VXLAN                                                                                                          \
	"\x08\0\0\0"                                                                                                   \
	"\0\0\1\0"
#define IPIP IPV4("\0\0", "\4")
/* GRE over UDP: 32 bytes a layer */
#define GRE_UDP IPV4("\0\0", "\x11") UDP_TO("\x12\x92", "\2\0") "\0\0" T_IPV4
#define GRE_UDP4 GRE_UDP GRE_UDP GRE_UDP GRE_UDP
#define IPIP4 IPIP IPIP IPIP IPIP

static const struct decode_case cases[] = {
	{ "ipip", BYTES(E4 IPIP IPV4_TCP), DECAP, IS_IPV4_TCP(34) },
	{ "6in4", BYTES(E4 IPV4("\0\0", "\x29") IPV6_UDP), DECAP, IS_IPV6_UDP(34) },
	{ "4in6", BYTES(MAC T_IPV6 IPV6("\0\x2c", "\4") IPV4_TCP), DECAP, IS_IPV4_TCP(54) },
	{ "ah, ipip", BYTES(E4 IPV4("\0\0", "\x33") "\4\1\0\0\0\0\0\7\0\0\0\1" IPV4_TCP), DECAP, IS_IPV4_TCP(46) },
	{ "ah, tcp", BYTES(E4 IPV4("\0\0", "\x33") "\6\1\0\0\0\0\0\7\0\0\0\1" TCP FOUR), DECAP,
	  OUTER(UNSUPPORTED_L4, 51) },
	{ "ipv6 announced as ipv4", BYTES(E4 IPV6_TCP), DECAP, IS_IPV6_TCP(14) },
	{ "inner icmp", BYTES(E4 IPIP IPV4("\0\x1c", "\1") "\x08\0\0\0\0\1\0\1"), DECAP, .fate = NSC_FATE_ICMP,
	  .version = 4, .proto = 1, .l3 = 34 },
	{ "icmp quotes a packet", BYTES(E4 IPV4("\0\x48", "\1") "\3\1\0\0\0\0\0\0" IPV4_TCP), DECAP, OUTER(ICMP, 1) },
	{ "inner header damaged", BYTES(E4 IPIP IPV4("\0\x13", "\6") TCP), DECAP, .fate = NSC_FATE_BAD_IPV4_HEADER,
	  .version = 4, .proto = 6, .l3 = 34 },
	{ "8 tunnels", BYTES(E4 IPIP4 IPIP4 IPV4_TCP), DECAP, IS_IPV4_TCP(174) },
	{ "9 tunnels", BYTES(E4 IPIP4 IPIP4 IPIP IPV4_TCP), DECAP, .fate = NSC_FATE_TUNNEL_LIMIT, .version = 4,
	  .proto = 4, .l3 = 174 },
	{ "9 tunnels over udp", BYTES(E4 GRE_UDP4 GRE_UDP4 GRE_UDP IPV4_TCP), DECAP, .fate = NSC_FATE_TUNNEL_LIMIT,
	  .version = 4, .proto = 17, .l3 = 270 },
	{ "ethernet over ip", BYTES(E4 IPV4("\0\0", "\x8f") INNER), DECAP, IS_IPV4_TCP(48) },
	{ "etherip", BYTES(E4 IPV4("\0\0", "\x61") "\x30\0" INNER), DECAP, IS_IPV4_TCP(50) },
	{ "mpls over ip", BYTES(E4 IPV4("\0\0", "\x89") "\0\1\1\x40" IPV4_TCP), DECAP, IS_IPV4_TCP(38) },

	{ "gre, closed", BYTES(GRE("\0\0", T_IPV4) IPV4_TCP), ETH, OUTER(UNSUPPORTED_L4, 47) },
	{ "gre", BYTES(GRE("\0\0", T_IPV4) IPV4_TCP), DECAP, IS_IPV4_TCP(38) },
	{ "gre, checksum, key, sequence", BYTES(GRE("\xb0\0", T_IPV6) "\0\0\0\0" FOUR FOUR IPV6_TCP), DECAP,
	  IS_IPV6_TCP(50) },
	{ "gre, routes",
	  BYTES(GRE("\x40\0", T_IPV4) "\0\0\0\0"
				      "\0\2\0\4" FOUR "\0\0\0\0" IPV4_TCP),
	  DECAP, IS_IPV4_TCP(54) },
	{ "gre, ethernet", BYTES(GRE("\0\0", "\x65\x58") INNER), DECAP, IS_IPV4_TCP(52) },
	{ "gre, ppp, acknowledged", BYTES(GRE("\x30\x81", "\x88\x0b") FOUR FOUR FOUR "\xff\3\0\x21" IPV4_TCP), DECAP,
	  IS_IPV4_TCP(54) },
	{ "gre, wccp 1", BYTES(GRE("\0\0", "\x88\x3e") IPV4_TCP), DECAP, IS_IPV4_TCP(38) },
	{ "gre, wccp 2", BYTES(GRE("\0\0", "\x88\x3e") "\0\0\0\0" IPV4_TCP), DECAP, IS_IPV4_TCP(42) },
	{ "gre, mpls", BYTES(GRE("\0\0", "\x88\x47") "\0\1\1\x40" IPV4_TCP), DECAP, IS_IPV4_TCP(42) },
	{ "gre, arp", BYTES(GRE("\0\0", "\x08\x06") "\0\1\x08\0"), DECAP, OUTER(UNSUPPORTED_L4, 47) },
	{ "gre, vlan type", BYTES(GRE("\0\0", "\x81\0") "\0\5" T_IPV4 IPV4_TCP), DECAP, OUTER(UNSUPPORTED_L4, 47) },
	{ "erspan 1", BYTES(GRE("\0\0", "\x88\xbe") INNER), DECAP, IS_IPV4_TCP(52) },
	{ "erspan 2", BYTES(GRE("\x10\0", "\x88\xbe") FOUR "\x10\1\0\0\0\0\0\0" INNER), DECAP, IS_IPV4_TCP(64) },
	{ "erspan 3", BYTES(GRE("\x10\0", "\x22\xeb") FOUR "\x20\1\0\0\0\0\0\0\0\0\0\0" INNER), DECAP,
	  IS_IPV4_TCP(68) },
	{ "erspan 3, platform header, ip",
	  BYTES(GRE("\x10\0", "\x22\xeb") FOUR "\x20\1\0\0\0\0\0\0\0\0\x08\1" FOUR FOUR IPV4_TCP), DECAP,
	  IS_IPV4_TCP(62) },

	{ "vxlan, closed", BYTES(OVER_UDP("\x12\xb5") VXLAN INNER), ETH, OUTER_UDP(4789), .payload_len = 66 },
	{ "vxlan", BYTES(OVER_UDP("\x12\xb5") VXLAN INNER), DECAP, IS_IPV4_TCP(64) },
	{ "vxlan, linux port", BYTES(OVER_UDP("\x21\x18") VXLAN INNER), DECAP, IS_IPV4_TCP(64) },
	{ "vxlan, arp", BYTES(OVER_UDP("\x12\xb5") VXLAN MAC "\x08\x06" FOUR), DECAP, OUTER_UDP(4789),
	  .payload_len = 26 },
	{ "vxlan, cut", BYTES(OVER_UDP("\x12\xb5") "\x08\0\0\0"), DECAP, OUTER_UDP(4789), .payload_len = 4 },
	{ "vxlan, big tcp",
	  BYTES(E4 IPV4("\0\0", "\x11") UDP_TO("\x12\xb5", "\0\0") VXLAN MAC T_IPV4 IPV4("\0\0", "\6") TCP FOUR), DECAP,
	  .wire = 100104, .fate = NSC_FATE_FLOW, .version = 4, .proto = 6, .flags = 0x18, .l3 = 64, .l4 = 84,
	  .payload = 104, .payload_len = 100000, .src = 1234, .dst = 80 },
	{ "vxlan, udp length 0", BYTES(E4 IPV4("\0\0", "\x11") UDP_TO("\x12\xb5", "\0\0") VXLAN INNER), DECAP,
	  OUTER_UDP(4789), .payload_len = 66 },
	{ "geneve, ethernet, options", BYTES(OVER_UDP("\x17\xc1") "\1\0\x65\x58\0\0\1\0" FOUR INNER), DECAP,
	  IS_IPV4_TCP(68) },
	{ "geneve, ipv6", BYTES(OVER_UDP("\x17\xc1") "\0\0" T_IPV6 "\0\0\1\0" IPV6_UDP), DECAP, IS_IPV6_UDP(50) },
	{ "gtp-u", BYTES(OVER_UDP("\x08\x68") "\x30\xff\0\x2c\0\0\0\5" IPV4_TCP), DECAP, IS_IPV4_TCP(50) },
	{ "gtp-u, sequence",
	  BYTES(OVER_UDP("\x08\x68") "\x32\xff\0\x30\0\0\0\5"
				     "\0\1\0\0" IPV4_TCP),
	  DECAP, IS_IPV4_TCP(54) },
	{ "gtp-u, extensions",
	  BYTES(OVER_UDP("\x08\x68") "\x34\xff\0\x38\0\0\0\5"
				     "\0\0\0\x85"
				     "\1\0\0\xc0"
				     "\1\0\0\0" IPV6_TCP),
	  DECAP, IS_IPV6_TCP(62) },
	{ "gtp-u, extension of length 0",
	  BYTES(OVER_UDP("\x08\x68") "\x34\xff\0\x38\0\0\0\5"
				     "\0\0\0\x85"
				     "\0\0\0\xc0"),
	  DECAP, OUTER_UDP(2152), .payload_len = 16 },
	{ "gtp-u, echo",
	  BYTES(OVER_UDP("\x08\x68") "\x32\1\0\4\0\0\0\0"
				     "\0\1\0\0"),
	  DECAP, OUTER_UDP(2152), .payload_len = 12 },
	{ "teredo", BYTES(OVER_UDP("\x0d\xd8") IPV6_TCP), DECAP, IS_IPV6_TCP(42) },
	{ "teredo, authentication and origin",
	  BYTES(OVER_UDP("\x0d\xd8") "\0\1\0\0" FOUR FOUR "\0"
				     "\0\0"
				     "\xff\xff" FOUR IPV6_UDP),
	  DECAP, IS_IPV6_UDP(63) },
	{ "l2tp",
	  BYTES(OVER_UDP("\6\xa5") "\0\2\0\1\0\1"
				   "\xff\3\0\x21" IPV4_TCP),
	  DECAP, IS_IPV4_TCP(52) },
	{ "l2tp, length, sequence, offset",
	  BYTES(OVER_UDP("\6\xa5") "\x4a\2\0\x42\0\1\0\1\0\0\0\0\0\2"
				   "\0\0"
				   "\0\x57" IPV6_UDP),
	  DECAP, IS_IPV6_UDP(60) },
	{ "l2tp, control", BYTES(OVER_UDP("\6\xa5") "\xc8\2\0\x0c\0\1\0\0\0\0\0\0"), DECAP, OUTER_UDP(1701),
	  .payload_len = 12 },
	{ "gre over udp", BYTES(OVER_UDP("\x12\x92") "\0\0" T_IPV4 IPV4_TCP), DECAP, IS_IPV4_TCP(46) },
	{ "mpls over udp", BYTES(OVER_UDP("\x19\xeb") "\0\1\1\x40" IPV4_TCP), DECAP, IS_IPV4_TCP(46) },
	{ "128 frames in vxlan", BYTES(LONG_UDP("\x12\xb5") VXLAN TIMES_128(FRAME) INNER), DECAP,
	  OUTER(TUNNEL_LIMIT, 17) },
	{ "128 frames in ethernet over ip", BYTES(E4 IPV4("\0\0", "\x8f") TIMES_128(FRAME) INNER), DECAP,
	  OUTER(TUNNEL_LIMIT, 143) },
	{ "128 routes in gre", BYTES(GRE("\x40\0", T_IPV4) FOUR TIMES_128("\0\2\0\0") "\0\0\0\0" IPV4_TCP), DECAP,
	  OUTER(TUNNEL_LIMIT, 47) },
	{ "128 extensions in gtp-u",
	  BYTES(LONG_UDP("\x08\x68") "\x34\xff\0\x2c\0\0\0\5\0\0\0\x85" TIMES_128("\1\0\0\x85") "\1\0\0\0" IPV4_TCP),
	  DECAP, OUTER(TUNNEL_LIMIT, 17) },
	{ "no tunnel", BYTES(OVER_UDP("\0\x35") IPV4_TCP), DECAP, OUTER_UDP(53), .payload_len = 44 },
	{ "tunnel in a tunnel", BYTES(OVER_UDP("\x12\xb5") VXLAN GRE("\0\0", T_IPV4) IPV4_TCP), DECAP,
	  IS_IPV4_TCP(88) },
};

PACKETS_TESTS(cases)

int main(void)
{
	return packets_run("walk_tunnel", add_table);
}
