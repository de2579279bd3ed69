/* SPDX-License-Identifier: MIT
 *
 * Link layers: what stands in front of IP, and what is not IP.
 */
#include "packets.h"

#define VLAN "\x81\x00"
#define QINQ "\x88\xa8"
#define TAG "\x00\x05"
#define SNAP                                                                                                           \
	"\xaa\xaa\x03"                                                                                                 \
	"\0\0\0"
#define PPPOE(length)                                                                                                  \
	"\x88\x64"                                                                                                     \
	"\x11\0"                                                                                                       \
	"\0\1" length
#define MPLS "\x88\x47"
#define LABEL "\0\1\0\x40"
#define LABEL_END "\0\1\1\x40"
#define SLL(hardware, type)                                                                                            \
	"\0\0" hardware "\0\6"                                                                                         \
	"\2\0\0\0\0\1\0\0" type
#define SLL2(hardware, type)                                                                                           \
	type "\0\0"                                                                                                    \
	     "\0\0\0\1" hardware "\0"                                                                                  \
	     "\6"                                                                                                      \
	     "\2\0\0\0\0\1\0\0"
#define FOUR_LABELS LABEL LABEL LABEL LABEL
#define NOT_IP(reason) .fate = NSC_FATE_##reason
#define IS_ARP(at) .fate = NSC_FATE_ARP, .l3 = at

static const struct decode_case cases[] = {
	{ "ethernet", BYTES(MAC T_IPV4 IPV4_TCP), ETH, IS_IPV4_TCP(14) },
	{ "ethernet, ipv6", BYTES(MAC T_IPV6 IPV6_UDP), ETH, IS_IPV6_UDP(14) },
	{ "padding is not payload", BYTES(MAC T_IPV4 IPV4_UDP "\0\0\0\0\0\0\0\0\0"), ETH, IS_IPV4_UDP(14) },
	{ "empty", BYTES(""), ETH, NOT_IP(TRUNCATED_L2) },
	{ "ethernet cut", BYTES(MAC "\x08"), ETH, NOT_IP(TRUNCATED_L2) },
	{ "arp",
	  BYTES(MAC "\x08\x06"
		    "\0\1\x08\0\6\4\0\1"),
	  ETH, IS_ARP(14) },
	{ "rarp",
	  BYTES(MAC "\x80\x35"
		    "\0\1\x08\0\6\4\0\1"),
	  ETH, IS_ARP(14) },
	{ "lldp",
	  BYTES(MAC "\x88\xcc"
		    "\2\7\4\0"),
	  ETH, NOT_IP(NON_IP) },
	{ "type 0", BYTES(MAC "\0\0" IPV4_TCP), ETH, NOT_IP(NON_IP) },

	{ "vlan", BYTES(MAC VLAN TAG T_IPV4 IPV4_TCP), ETH, IS_IPV4_TCP(18) },
	{ "vlan, ipv6", BYTES(MAC VLAN TAG T_IPV6 IPV6_TCP), ETH, IS_IPV6_TCP(18) },
	{ "qinq", BYTES(MAC QINQ TAG VLAN TAG T_IPV4 IPV4_UDP), ETH, IS_IPV4_UDP(22) },
	{ "qinq, old type", BYTES(MAC "\x91\x00" TAG VLAN TAG T_IPV4 IPV4_UDP), ETH, IS_IPV4_UDP(22) },
	{ "four tags", BYTES(MAC VLAN TAG VLAN TAG VLAN TAG VLAN TAG T_IPV4 IPV4_TCP), ETH, IS_IPV4_TCP(30) },
	{ "five tags", BYTES(MAC VLAN TAG VLAN TAG VLAN TAG VLAN TAG VLAN TAG T_IPV4 IPV4_TCP), ETH,
	  NOT_IP(TAG_LIMIT) },
	{ "vlan cut", BYTES(MAC VLAN TAG "\x08"), ETH, NOT_IP(TRUNCATED_L2) },
	{ "vlan, arp",
	  BYTES(MAC VLAN TAG "\x08\x06"
			     "\0\1\x08\0"),
	  ETH, IS_ARP(18) },
	{ "vn-tag",
	  BYTES(MAC "\x89\x26"
		    "\0\0\0\0" T_IPV4 IPV4_TCP),
	  ETH, IS_IPV4_TCP(20) },
	{ "r-tag",
	  BYTES(MAC "\xf1\xc1"
		    "\0\0\0\1" T_IPV4 IPV4_TCP),
	  ETH, IS_IPV4_TCP(20) },
	{ "provider backbone",
	  BYTES(MAC "\x88\xe7"
		    "\0\0\0\1" MAC T_IPV4 IPV4_TCP),
	  ETH, IS_IPV4_TCP(32) },

	{ "snap", BYTES(MAC "\0\x34" SNAP T_IPV4 IPV4_TCP), ETH, IS_IPV4_TCP(22) },
	{ "snap, padded", BYTES(MAC "\0\x28" SNAP T_IPV4 IPV4_UDP "\0\0\0\0"), ETH, IS_IPV4_UDP(22) },
	{ "snap, length too short", BYTES(MAC "\0\x1f" SNAP T_IPV4 IPV4_UDP), ETH, .fate = NSC_FATE_TRUNCATED_L4,
	  .version = 4, .proto = 17, .l3 = 22 },
	{ "snap, bridged",
	  BYTES(MAC "\0\x44"
		    "\xaa\xaa\3"
		    "\0\x80\xc2"
		    "\0\7"
		    "\0\0" MAC T_IPV4 IPV4_TCP),
	  ETH, IS_IPV4_TCP(38) },
	{ "llc, ip",
	  BYTES(MAC "\0\x2f"
		    "\6\6\3" IPV4_TCP),
	  ETH, IS_IPV4_TCP(17) },
	{ "llc, ip, numbered",
	  BYTES(MAC "\0\x30"
		    "\6\6\0\0" IPV4_TCP),
	  ETH, IS_IPV4_TCP(18) },
	{ "llc, spanning tree",
	  BYTES(MAC "\0\x26"
		    "\x42\x42\3"
		    "\0\0\0\0\0\0\0\0"),
	  ETH, NOT_IP(NON_IP) },
	{ "novell raw",
	  BYTES(MAC "\0\x1e"
		    "\xff\xff\0\x1e\0\0"),
	  ETH, NOT_IP(NON_IP) },
	{ "llc under a provider's tag", BYTES(MAC QINQ TAG "\0\x34" SNAP T_IPV4 IPV4_TCP), ETH, NOT_IP(NON_IP) },

	{ "pppoe", BYTES(MAC PPPOE("\0\x2e") "\0\x21" IPV4_TCP), ETH, IS_IPV4_TCP(22) },
	{ "pppoe, ipv6", BYTES(MAC PPPOE("\0\x36") "\0\x57" IPV6_UDP), ETH, IS_IPV6_UDP(22) },
	{ "pppoe, compressed protocol", BYTES(MAC PPPOE("\0\x2d") "\x21" IPV4_TCP), ETH, IS_IPV4_TCP(21) },
	{ "pppoe, lcp",
	  BYTES(MAC PPPOE("\0\x06") "\xc0\x21"
				    "\1\1\0\4"),
	  ETH, NOT_IP(PPP_CONTROL) },
	{ "pppoe, length ends before the ports", BYTES(MAC PPPOE("\0\x19") "\0\x21" IPV4_TCP), ETH,
	  .fate = NSC_FATE_TRUNCATED_L4, .version = 4, .proto = 6, .l3 = 22 },
	{ "pppoe discovery",
	  BYTES(MAC "\x88\x63"
		    "\x11\x09"
		    "\0\0"
		    "\0\4"
		    "\1\1\0\0"),
	  ETH, NOT_IP(NON_IP) },
	{ "pppoe cut",
	  BYTES(MAC "\x88\x64"
		    "\x11\0\0\1"),
	  ETH, NOT_IP(TRUNCATED_L2) },
	{ "pppoe in vlan, mpls in ppp", BYTES(MAC VLAN TAG PPPOE("\0\x32") "\x02\x81" LABEL_END IPV4_TCP), ETH,
	  IS_IPV4_TCP(30) },

	{ "mpls", BYTES(MAC MPLS LABEL_END IPV4_TCP), ETH, IS_IPV4_TCP(18) },
	{ "mpls multicast, two labels", BYTES(MAC "\x88\x48" LABEL LABEL_END IPV6_TCP), ETH, IS_IPV6_TCP(22) },
	{ "mpls, explicit null", BYTES(MAC MPLS "\0\0\1\x40" IPV4_TCP), ETH, IS_IPV4_TCP(18) },
	{ "16 labels", BYTES(MAC MPLS FOUR_LABELS FOUR_LABELS FOUR_LABELS LABEL LABEL LABEL LABEL_END IPV4_TCP), ETH,
	  IS_IPV4_TCP(78) },
	{ "17 labels", BYTES(MAC MPLS FOUR_LABELS FOUR_LABELS FOUR_LABELS FOUR_LABELS LABEL_END IPV4_TCP), ETH,
	  NOT_IP(TAG_LIMIT) },
	{ "pseudo-wire", BYTES(MAC MPLS LABEL_END MAC T_IPV4 IPV4_TCP), ETH, IS_IPV4_TCP(32) },
	{ "pseudo-wire, control word", BYTES(MAC MPLS LABEL_END "\0\0\0\0" MAC VLAN TAG T_IPV4 IPV4_TCP), ETH,
	  IS_IPV4_TCP(40) },
	{ "18 frames in a frame", BYTES(TWICE(TIMES_8(FRAME)) FRAME FRAME MAC T_IPV4 IPV4_TCP), ETH, IS_IPV4_TCP(266) },
	{ "19 frames in a frame", BYTES(TWICE(TIMES_8(FRAME)) FRAME FRAME FRAME MAC T_IPV4 IPV4_TCP), ETH,
	  NOT_IP(TAG_LIMIT) },
	{ "128 frames with LLC", BYTES(MAC "\4\0" TIMES_128("\xaa\xaa\3\0\0\0\4\0") T_IPV4 IPV4_TCP), ETH,
	  NOT_IP(TAG_LIMIT) },
	{ "32 pseudo-wires", BYTES(TIMES_32(MAC MPLS LABEL LABEL LABEL_END) MAC T_IPV4 IPV4_TCP), ETH,
	  NOT_IP(TAG_LIMIT) },
	{ "associated channel, ipv4", BYTES(MAC MPLS LABEL_END "\x10\0\0\x21" IPV4_TCP), ETH, IS_IPV4_TCP(22) },
	{ "associated channel, ipv6", BYTES(MAC MPLS LABEL_END "\x10\0\0\x57" IPV6_TCP), ETH, IS_IPV6_TCP(22) },
	{ "associated channel, bfd",
	  BYTES(MAC MPLS LABEL_END "\x10\0\0\7"
				   "\0\0\0\0"),
	  ETH, NOT_IP(MPLS_PAYLOAD) },
	{ "oam label", BYTES(MAC MPLS "\0\0\xe1\x40" IPV4_TCP), ETH, NOT_IP(MPLS_PAYLOAD) },
	{ "mpls, no ip", BYTES(MAC MPLS LABEL_END "\xf0\0\0\0"), ETH, NOT_IP(MPLS_PAYLOAD) },
	{ "mpls without an end", BYTES(MAC MPLS LABEL LABEL), ETH, NOT_IP(TRUNCATED_L2) },

	{ "sll", BYTES(SLL("\0\1", T_IPV4) IPV4_TCP), .link = NSC_LINK_LINUX_SLL, IS_IPV4_TCP(16) },
	{ "sll, vlan", BYTES(SLL("\0\1", VLAN) TAG T_IPV6 IPV6_UDP), .link = NSC_LINK_LINUX_SLL, IS_IPV6_UDP(20) },
	{ "sll, llc", BYTES(SLL("\0\1", "\0\4") SNAP T_IPV4 IPV4_TCP), .link = NSC_LINK_LINUX_SLL, IS_IPV4_TCP(24) },
	{ "sll, own type", BYTES(SLL("\0\1", "\0\x0c") IPV4_TCP), .link = NSC_LINK_LINUX_SLL, NOT_IP(NON_IP) },
	{ "sll, arp", BYTES(SLL("\0\1", "\x08\x06") "\0\1"), .link = NSC_LINK_LINUX_SLL, IS_ARP(16) },
	{ "sll, gre device", BYTES(SLL("\3\x0a", "\x65\x58") MAC T_IPV4 IPV4_TCP), .link = NSC_LINK_LINUX_SLL,
	  IS_IPV4_TCP(30) },
	{ "sll, netlink", BYTES(SLL("\3\x38", T_IPV4) IPV4_TCP), .link = NSC_LINK_LINUX_SLL, NOT_IP(NON_IP) },
	{ "sll cut", BYTES("\0\0\0\1\0\6\2\0\0\0\0\1\0\0\x08"), .link = NSC_LINK_LINUX_SLL, NOT_IP(TRUNCATED_L2) },
	{ "sll2", BYTES(SLL2("\0\1", T_IPV6) IPV6_TCP), .link = NSC_LINK_LINUX_SLL2, IS_IPV6_TCP(20) },
	{ "sll2, ppp", BYTES(SLL2("\2\0", "\0\7") "\xff\3\0\x21" IPV4_TCP), .link = NSC_LINK_LINUX_SLL2,
	  IS_IPV4_TCP(24) },
	{ "sll2 cut", BYTES("\x08\0\0\0\0\0\0\1\0\1\0\6\2\0\0\0\0\1\0"), .link = NSC_LINK_LINUX_SLL2,
	  NOT_IP(TRUNCATED_L2) },

	{ "null, little", BYTES("\2\0\0\0" IPV4_TCP), .link = NSC_LINK_NULL_LOOP, IS_IPV4_TCP(4) },
	{ "null, big", BYTES("\0\0\0\2" IPV4_UDP), .link = NSC_LINK_NULL_LOOP, IS_IPV4_UDP(4) },
	{ "null, freebsd", BYTES("\x1c\0\0\0" IPV6_TCP), .link = NSC_LINK_NULL_LOOP, IS_IPV6_TCP(4) },
	{ "null, darwin, big", BYTES("\0\0\0\x1e" IPV6_TCP), .link = NSC_LINK_NULL_LOOP, IS_IPV6_TCP(4) },
	{ "null, netbsd", BYTES("\x18\0\0\0" IPV6_UDP), .link = NSC_LINK_NULL_LOOP, IS_IPV6_UDP(4) },
	{ "null, linux", BYTES("\x0a\0\0\0" IPV6_UDP), .link = NSC_LINK_NULL_LOOP, IS_IPV6_UDP(4) },
	{ "null, irix", BYTES("\0\2\0\0" IPV4_TCP), .link = NSC_LINK_NULL_LOOP, IS_IPV4_TCP(4) },
	{ "null, ethertype", BYTES("\0\0\x08\0" IPV4_TCP), .link = NSC_LINK_NULL_LOOP, IS_IPV4_TCP(4) },
	{ "null, ppp", BYTES("\xff\3\0\x21" IPV4_TCP), .link = NSC_LINK_NULL_LOOP, IS_IPV4_TCP(4) },
	{ "null, appletalk", BYTES("\x10\0\0\0" FOUR), .link = NSC_LINK_NULL_LOOP, NOT_IP(NON_IP) },
	{ "null cut", BYTES("\2\0\0"), .link = NSC_LINK_NULL_LOOP, NOT_IP(TRUNCATED_L2) },

	{ "raw ipv4", BYTES(IPV4_TCP), .link = NSC_LINK_RAW, IS_IPV4_TCP(0) },
	{ "raw ipv6", BYTES(IPV6_TCP), .link = NSC_LINK_RAW, IS_IPV6_TCP(0) },
	{ "raw, neither", BYTES("\x55\0\0\0"), .link = NSC_LINK_RAW, NOT_IP(BAD_IPV4_HEADER) },
	{ "raw, empty", BYTES(""), .link = NSC_LINK_RAW, NOT_IP(TRUNCATED_L3) },
	{ "only ipv4", BYTES(IPV4_UDP), .link = NSC_LINK_RAW_IPV4, IS_IPV4_UDP(0) },
	{ "only ipv6", BYTES(IPV6_UDP), .link = NSC_LINK_RAW_IPV6, IS_IPV6_UDP(0) },
	{ "unknown link", BYTES(IPV4_TCP), .link = NSC_LINK_UNSUPPORTED, NOT_IP(UNSUPPORTED_LINK) },
};

PACKETS_TESTS(cases)

START_TEST(decode_has_an_entry_for_each_link)
{
	static const uint8_t zeros[64];
	struct nsc_decode_options options = { 0 };

	for (unsigned link = 0; link < NSC_LINK_COUNT; link++) {
		struct nsc_packet pkt = { .data = zeros, .cap_len = 64, .wire_len = 64, .link = (uint8_t)link };

		nsc_decode_cold(&options, &pkt);
		ck_assert_int_eq(pkt.fate == NSC_FATE_UNSUPPORTED_LINK, link == NSC_LINK_UNSUPPORTED);
	}
}
END_TEST

static void walk_link_add_tests(TCase *tcase)
{
	add_table(tcase);
	tcase_add_test(tcase, decode_has_an_entry_for_each_link);
}

int main(void)
{
	return packets_run("walk_link", walk_link_add_tests);
}
