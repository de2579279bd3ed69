/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/dissect/support.h"

#define IPV4_END IPV4_ANY("\xfd") "x"
#define SHOW_END SHOW_IPV4("253", "21") " | payload: 1 bytes"
#define SLL(hardware, type)                                                                                            \
	"\0\4" hardware "\0\6"                                                                                         \
	"\2\0\0\0\0\1\0\0" type
#define SLL2(type, hardware)                                                                                           \
	type "\0\0"                                                                                                    \
	     "\0\0\0\3" hardware "\4\6"                                                                                \
	     "\2\0\0\0\0\1\0\0"

static const struct dissect_case cases[] = {
	{ "sll", BYTES(SLL("\0\1", T_IPV4) IPV4_END), .link = NSC_LINK_LINUX_SLL,
	  "sll.pkttype=from us (4)|sll.hatype=Ethernet (1)|sll.halen=6|sll.etype=IPv4 "
	  "(0x0800)|sll.src.eth=02:00:00:00:00:01|"
	  "ip.src=10.0.0.1",
	  "SLL: 02:00:00:00:00:01 from us | " SHOW_END },
	{ "sll, gre device", BYTES(SLL("\3\x0a", T_IPV4) IPV4_END), .link = NSC_LINK_LINUX_SLL, "ip.src=10.0.0.1",
	  NULL },
	{ "sll, netlink", BYTES(SLL("\3\x38", T_IPV4) IPV4_END), .link = NSC_LINK_LINUX_SLL, "data.len=21", NULL },
	{ "sll, long address",
	  BYTES("\0\0\0\1\0\x14"
		"abcdefgh" T_IPV4 IPV4_END),
	  .link = NSC_LINK_LINUX_SLL, "sll.src.other=6162636465666768|ip.src=10.0.0.1", NULL },
	{ "sll2", BYTES(SLL2(T_IPV4, "\0\1") IPV4_END), .link = NSC_LINK_LINUX_SLL2,
	  "sll.pkttype=from us (4)|sll.etype=IPv4 (0x0800)|sll.ifindex=3|sll.halen=6|ip.src=10.0.0.1",
	  "SLL2: 02:00:00:00:00:01 from us | " SHOW_END },
	{ "null, little", BYTES("\2\0\0\0" IPV4_END), .link = NSC_LINK_NULL_LOOP,
	  "null.family=IPv4 (2)|ip.src=10.0.0.1", "Loopback: family 2 | " SHOW_END },
	{ "null, big", BYTES("\0\0\0\x1e" IPV6("\0\1", "\xfd") "x"), .link = NSC_LINK_NULL_LOOP,
	  "null.family=IPv6 (30)|ipv6.src=fd00::1", NULL },
	{ "null, ethertype", BYTES("\0\0\x08\0" IPV4_END), .link = NSC_LINK_NULL_LOOP,
	  "null.type=IPv4 (0x0800)|ip.src=10.0.0.1", NULL },
	{ "null, ppp", BYTES("\xff\3\0\x21" IPV4_END), .link = NSC_LINK_NULL_LOOP,
	  "ppp.protocol=IPv4 (0x0021)|ip.src=10.0.0.1", NULL },
	{ "null, appletalk",
	  BYTES("\x10\0\0\0"
		"x"),
	  .link = NSC_LINK_NULL_LOOP, "null.family=16|data.len=1", "Loopback: family 16" },
	{ "raw", BYTES(IPV4_END), RAW, "ip.src=10.0.0.1", "Raw | " SHOW_END },
	{ "raw ipv6", BYTES(IPV6("\0\1", "\xfd") "x"), RAW, "ipv6.src=fd00::1",
	  "Raw | " SHOW_IPV6("253", "1") " | payload: 1 bytes" },
	{ "raw, neither", BYTES("\x55\0"), RAW, "data.len=2", NULL },
	{ "only ipv6", BYTES(IPV6("\0\1", "\xfd") "x"), .link = NSC_LINK_RAW_IPV6, "ipv6.src=fd00::1", NULL },
};

DISSECT_MAIN("cooked", cases)
