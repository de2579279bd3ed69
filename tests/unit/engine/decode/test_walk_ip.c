/* SPDX-License-Identifier: MIT
 *
 * IP, its extension headers and the transport header: whole, short, damaged.
 */
#include "packets.h"

#define E4 MAC T_IPV4
#define E6 MAC T_IPV6
#define AT(reason, ver, p) .fate = NSC_FATE_##reason, .version = (ver), .proto = (p), .l3 = 14
#define PAD_OPTION(next)                                                                                               \
	next "\0"                                                                                                      \
	     "\1\4\0\0\0\0"
#define FRAGMENT(next, offset) next "\0" offset "\0\0\0\7"
#define ROUTING(next) next "\2\0\0\0\0\0\0" B6
#define AH(next)                                                                                                       \
	next "\1\0\0"                                                                                                  \
	     "\0\0\0\7"                                                                                                \
	     "\0\0\0\1"
#define AT_L4(ver, p, off)                                                                                             \
	.fate = NSC_FATE_FLOW, .version = (ver), .proto = (p), .l3 = 14, .l4 = (off), .src = 1234, .dst = 80
#define SCTP                                                                                                           \
	PORTS "\0\0\0\1"                                                                                               \
	      "\0\0\0\0"
#define FOUR_OPTIONS PAD_OPTION("\x3c") PAD_OPTION("\x3c") PAD_OPTION("\x3c") PAD_OPTION("\x3c")

static const struct decode_case cases[] = {
	{ "options", BYTES(E4 IPV4_FULL("\x46", "\0\x30", "\0\0", "\6", A4, B4) "\1\1\1\1" TCP FOUR), ETH,
	  AT_L4(4, 6, 38), .flags = 0x18, .payload = 58, .payload_len = 4 },
	{ "other direction", BYTES(E4 IPV4_FULL("\x45", "\0\x2c", "\0\0", "\6", B4, A4) TCP FOUR), ETH, IS_IPV4_TCP(14),
	  .dir = 1 },
	{ "equal addresses, ports decide", BYTES(E4 IPV4_FULL("\x45", "\0\x2c", "\0\0", "\6", A4, A4) TCP FOUR), ETH,
	  IS_IPV4_TCP(14), .dir = 1 },
	{ "equal endpoints",
	  BYTES(E4 IPV4_FULL("\x45", "\0\x20", "\0\0", "\x11", A4, A4) "\0\x50\0\x50\0\x0c\0\0" FOUR), ETH,
	  .fate = NSC_FATE_FLOW, .version = 4, .proto = 17, .l3 = 14, .l4 = 34, .payload = 42, .payload_len = 4,
	  .src = 80, .dst = 80 },
	{ "segmented by the card", BYTES(E4 IPV4("\0\0", "\6") TCP FOUR), ETH, IS_IPV4_TCP(14) },
	{ "longer than the frame", BYTES(E4 IPV4("\1\0", "\6") TCP FOUR), ETH, IS_IPV4_TCP(14) },
	{ "snapped in the payload", BYTES(E4 IPV4_TCP), ETH, .cut = 54, IS_IPV4_TCP(14) },
	{ "snapped behind the window", BYTES(E4 IPV4_TCP), ETH, .cut = 50, IS_IPV4_TCP(14) },
	{ "snapped behind the flags", BYTES(E4 IPV4_TCP), ETH, .cut = 49, AT_L4(4, 6, 34) },
	{ "snapped behind the ports", BYTES(E4 IPV4_TCP), ETH, .cut = 38, AT_L4(4, 6, 34) },
	{ "snapped in the ports", BYTES(E4 IPV4_TCP), ETH, .cut = 37, AT(TRUNCATED_L4, 4, 6) },
	{ "snapped in ipv4", BYTES(E4 IPV4_TCP), ETH, .cut = 33, AT(TRUNCATED_L3, 4, 0) },
	{ "snapped in the options", BYTES(E4 IPV4_FULL("\x46", "\0\x30", "\0\0", "\6", A4, B4) "\1\1\1\1" TCP FOUR),
	  ETH, .cut = 36, AT(TRUNCATED_L3, 4, 6) },
	{ "ends behind the ports", BYTES(E4 IPV4("\0\x18", "\6") TCP), ETH, AT_L4(4, 6, 34) },
	{ "ends in the ports", BYTES(E4 IPV4("\0\x17", "\6") TCP), ETH, AT(TRUNCATED_L4, 4, 6) },
	{ "ends behind ipv4", BYTES(E4 IPV4("\0\x14", "\x11")), ETH, AT(TRUNCATED_L4, 4, 17) },
	{ "total length 19", BYTES(E4 IPV4("\0\x13", "\6") TCP), ETH, AT(BAD_IPV4_HEADER, 4, 6) },
	{ "header of 16 bytes", BYTES(E4 IPV4_FULL("\x44", "\0\x2c", "\0\0", "\6", A4, B4) TCP), ETH,
	  AT(BAD_IPV4_HEADER, 4, 6) },
	{ "version 5", BYTES(E4 IPV4_FULL("\x55", "\0\x2c", "\0\0", "\6", A4, B4) TCP), ETH,
	  AT(BAD_IPV4_HEADER, 4, 6) },
	{ "tcp header of 16 bytes", BYTES(E4 IPV4("\0\x28", "\6") PORTS "\0\0\0\1\0\0\0\2\x40\x18\1\0\0\0\0\0"), ETH,
	  AT_L4(4, 6, 34) },
	{ "tcp header longer than ip", BYTES(E4 IPV4("\0\x28", "\6") PORTS "\0\0\0\1\0\0\0\2\x60\x18\1\0\0\0\0\0"), ETH,
	  AT_L4(4, 6, 34), .flags = 0x18 },
	{ "first fragment", BYTES(E4 IPV4_FULL("\x45", "\0\x2c", "\x20\0", "\6", A4, B4) TCP FOUR), ETH,
	  IS_IPV4_TCP(14) },
	{ "later fragment", BYTES(E4 IPV4_FULL("\x45", "\0\x2c", "\0\1", "\6", A4, B4) TCP FOUR), ETH,
	  AT(FRAGMENT, 4, 6) },
	{ "do not fragment", BYTES(E4 IPV4_FULL("\x45", "\0\x20", "\x40\0", "\x11", A4, B4) UDP("\0\x0c") FOUR), ETH,
	  IS_IPV4_UDP(14) },

	{ "udp length shorter than ip", BYTES(E4 IPV4("\0\x20", "\x11") UDP("\0\x0a") FOUR), ETH, AT_L4(4, 17, 34),
	  .payload = 42, .payload_len = 2 },
	{ "udp length longer than ip", BYTES(E4 IPV4("\0\x20", "\x11") UDP("\1\0") FOUR), ETH, IS_IPV4_UDP(14) },
	{ "udp length 0", BYTES(E4 IPV4("\0\x20", "\x11") UDP("\0\0") FOUR), ETH, IS_IPV4_UDP(14) },
	{ "icmp", BYTES(E4 IPV4("\0\x1c", "\1") "\x08\0\0\0\0\1\0\1"), ETH, AT(ICMP, 4, 1) },
	{ "icmp quotes a packet", BYTES(E4 IPV4("\0\x48", "\1") "\3\1\0\0\0\0\0\0" IPV4_TCP), ETH, AT(ICMP, 4, 1) },
	{ "igmp", BYTES(E4 IPV4("\0\x1c", "\2") "\x16\0\0\0\0\0\0\0"), ETH, AT(UNSUPPORTED_L4, 4, 2) },
	{ "sctp", BYTES(E4 IPV4("\0\x20", "\x84") SCTP), ETH, AT(SCTP, 4, 132) },
	{ "sctp, tracked", BYTES(E4 IPV4("\0\x24", "\x84") SCTP FOUR), ETH, .track_sctp = true, AT_L4(4, 132, 34),
	  .payload = 46, .payload_len = 4 },
	{ "sctp, tracked, short", BYTES(E4 IPV4("\0\x1f", "\x84") SCTP), ETH, .track_sctp = true,
	  AT(TRUNCATED_L4, 4, 132) },
	{ "ah hides tcp from the key", BYTES(E4 IPV4("\0\x38", "\x33") AH("\6") TCP FOUR), ETH,
	  AT(UNSUPPORTED_L4, 4, 51) },
	{ "ipip, not opened", BYTES(E4 IPV4("\0\x40", "\4") IPV4_TCP), ETH, AT(UNSUPPORTED_L4, 4, 4) },
	{ "ipv6 announced as ipv4", BYTES(E4 IPV6_TCP), ETH, AT(BAD_IPV4_HEADER, 4, 0) },

	{ "ipv6", BYTES(E6 IPV6_TCP), ETH, IS_IPV6_TCP(14) },
	{ "ipv6, other direction", BYTES(E6 "\x60\0\0\0\0\x18\6\x40" B6 A6 TCP FOUR), ETH, IS_IPV6_TCP(14), .dir = 1 },
	{ "ipv6, equal addresses", BYTES(E6 "\x60\0\0\0\0\x18\6\x40" A6 A6 TCP FOUR), ETH, IS_IPV6_TCP(14), .dir = 1 },
	{ "ipv6 cut", BYTES(E6 IPV6_TCP), ETH, .cut = 53, AT(TRUNCATED_L3, 6, 0) },
	{ "ipv6, version 4", BYTES(E6 IPV4_TCP), ETH, .fate = NSC_FATE_BAD_IPV6_HEADER },
	{ "ipv6, longer than the frame", BYTES(E6 IPV6("\1\0", "\6") TCP FOUR), ETH, IS_IPV6_TCP(14) },
	{ "ipv6, ends in the ports", BYTES(E6 IPV6("\0\3", "\6") TCP), ETH, AT(TRUNCATED_L4, 6, 6) },
	{ "ipv6, length 0, no option", BYTES(E6 IPV6("\0\0", "\6") TCP), ETH, AT(TRUNCATED_L4, 6, 6) },
	{ "big tcp", BYTES(E6 IPV6("\0\0", "\6") TCP FOUR), ETH, .wire = 100074, AT_L4(6, 6, 54), .flags = 0x18,
	  .payload = 74, .payload_len = 100000 },
	{ "big tcp, the shortest", BYTES(E6 IPV6("\0\0", "\6") TCP FOUR), ETH, .wire = 54 + 65536, AT_L4(6, 6, 54),
	  .flags = 0x18, .payload = 74, .payload_len = 65516 },
	{ "a length of 0 that is one", BYTES(E6 IPV6("\0\0", "\6") TCP FOUR), ETH, .wire = 54 + 65535,
	  AT(TRUNCATED_L4, 6, 6) },
	{ "big tcp behind options", BYTES(E6 IPV6("\0\0", "\0") PAD_OPTION("\6") TCP FOUR), ETH, .wire = 100082,
	  AT_L4(6, 6, 62), .flags = 0x18, .payload = 82, .payload_len = 100000 },
	{ "big tcp, ipv4", BYTES(E4 IPV4("\0\0", "\6") TCP FOUR), ETH, .wire = 100054, AT_L4(4, 6, 34), .flags = 0x18,
	  .payload = 54, .payload_len = 100000 },
	{ "jumbogram",
	  BYTES(E6 IPV6("\0\0", "\0") "\6\0"
				      "\xc2\4\0\1\0\0" TCP FOUR),
	  ETH, AT_L4(6, 6, 62), .flags = 0x18, .payload = 82, .payload_len = 4 },
	{ "jumbogram that is none",
	  BYTES(E6 IPV6("\0\0", "\0") "\6\0"
				      "\xc2\4\0\0\0\x28" TCP FOUR),
	  ETH, AT(TRUNCATED_L3, 6, 0) },
	{ "hop by hop", BYTES(E6 IPV6("\0\x14", "\0") PAD_OPTION("\x11") UDP("\0\x0c") FOUR), ETH, AT_L4(6, 17, 62),
	  .payload = 70, .payload_len = 4 },
	{ "option beyond the packet",
	  BYTES(E6 IPV6("\0\x14", "\x3c") "\x11\0"
					  "\1\xff\0\0\0\0" UDP("\0\x0c") FOUR),
	  ETH, AT(BAD_IPV6_HEADER, 6, 60) },
	{ "option type at the very end",
	  BYTES(E6 IPV6("\0\x08", "\x3c") "\x11\0"
					  "\1\3\0\0\0\x1e"),
	  ETH, AT(BAD_IPV6_HEADER, 6, 60) },
	{ "routing", BYTES(E6 IPV6("\0\x24", "\x2b") ROUTING("\x11") UDP("\0\x0c") FOUR), ETH, AT_L4(6, 17, 78),
	  .payload = 86, .payload_len = 4 },
	{ "routing of a mobile, empty", BYTES(E6 IPV6("\0\x14", "\x2b") "\x11\0\2\0\0\0\0\0" UDP("\0\x0c") FOUR), ETH,
	  AT(BAD_IPV6_HEADER, 6, 43) },
	{ "ipv6, first fragment", BYTES(E6 IPV6("\0\x14", "\x2c") FRAGMENT("\x11", "\0\1") UDP("\0\x0c") FOUR), ETH,
	  AT_L4(6, 17, 62), .payload = 70, .payload_len = 4 },
	{ "ipv6, later fragment", BYTES(E6 IPV6("\0\x14", "\x2c") FRAGMENT("\x11", "\0\x08") UDP("\0\x0c") FOUR), ETH,
	  AT(FRAGMENT, 6, 17) },
	{ "ipv6, ah", BYTES(E6 IPV6("\0\x18", "\x33") AH("\x11") UDP("\0\x0c") FOUR), ETH, AT_L4(6, 17, 66),
	  .payload = 74, .payload_len = 4 },
	{ "mobility", BYTES(E6 IPV6("\0\x08", "\x87") "\x3b\0\0\0\0\0\0\0"), ETH, AT(NO_NEXT_HEADER, 6, 59) },
	{ "hip", BYTES(E6 IPV6("\0\x08", "\x8b") "\x3b\0\0\0\0\0\0\0"), ETH, AT(NO_NEXT_HEADER, 6, 59) },
	{ "shim6", BYTES(E6 IPV6("\0\x20", "\x8c") "\6\0\x80\0\0\0\0\0" TCP FOUR), ETH, AT_L4(6, 6, 62), .flags = 0x18,
	  .payload = 82, .payload_len = 4 },
	{ "no next header", BYTES(E6 IPV6("\0\0", "\x3b")), ETH, AT(NO_NEXT_HEADER, 6, 59) },
	{ "extension cut", BYTES(E6 IPV6("\0\x14", "\0") "\x11\0\1\4"), ETH, AT(TRUNCATED_L3, 6, 0) },
	{ "extension longer than ip",
	  BYTES(E6 IPV6("\0\x10", "\0") "\x11\2\1\4\0\0\0\0"
					"\0\0\0\0\0\0\0\0"),
	  ETH, AT(TRUNCATED_L3, 6, 0) },
	{ "16 extensions",
	  BYTES(E6 IPV6("\0\x8c", "\x3c") FOUR_OPTIONS FOUR_OPTIONS FOUR_OPTIONS PAD_OPTION("\x3c") PAD_OPTION("\x3c")
			PAD_OPTION("\x3c") PAD_OPTION("\x11") UDP("\0\x0c") FOUR),
	  ETH, AT_L4(6, 17, 182), .payload = 190, .payload_len = 4 },
	{ "17 extensions",
	  BYTES(E6 IPV6("\0\x94", "\x3c") FOUR_OPTIONS FOUR_OPTIONS FOUR_OPTIONS FOUR_OPTIONS PAD_OPTION("\x11")
			UDP("\0\x0c") FOUR),
	  ETH, AT(EXTENSION_LIMIT, 6, 60) },
	{ "62 bytes of padding",
	  BYTES(E6 IPV6("\0\x58", "\x3c") "\6\7" TIMES_32("\0") TIMES_8("\0") TIMES_8("\0")
			TIMES_8("\0") "\0\0\0\0\0\0" TCP FOUR),
	  ETH, .fate = NSC_FATE_FLOW, .version = 6, .proto = 6, .flags = 0x18, .l3 = 14, .l4 = 118, .payload = 138,
	  .payload_len = 4, .src = 1234, .dst = 80 },
	{ "126 bytes of padding", BYTES(E6 IPV6("\0\x98", "\x3c") "\6\x0f" TIMES_128("\0") TCP FOUR), ETH,
	  AT(EXTENSION_LIMIT, 6, 60) },
	{ "icmpv6", BYTES(E6 IPV6("\0\x08", "\x3a") "\x87\0\0\0\0\0\0\0"), ETH, AT(ICMPV6, 6, 58) },
	{ "ospf over ipv6", BYTES(E6 IPV6("\0\x08", "\x59") "\3\1\0\0\0\0\0\0"), ETH, AT(UNSUPPORTED_L4, 6, 89) },
};

PACKETS_TESTS(cases)

int main(void)
{
	return packets_run("walk_ip", add_table);
}
