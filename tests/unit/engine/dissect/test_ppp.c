/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/dissect/support.h"

#define PPPOE(length)                                                                                                  \
	"\x88\x64"                                                                                                     \
	"\x11\0\0\5" length
#define IPV4_END IPV4("\0\x15", "\xfd") "x"

static const struct dissect_case cases[] = {
	{ "session", BYTES(MAC PPPOE("\0\x17") "\0\x21" IPV4_END "padding"), ETH,
	  "pppoe.version=1|pppoe.type=1|pppoe.code=0x00|pppoe.session_id=0x0005|pppoe.payload_length=23|"
	  "ppp.protocol=IPv4 (0x0021)|ip.src=10.0.0.1|data.len=1",
	  SHOW_ETH " | PPPoE session 0x0005 | PPP IPv4 | " SHOW_IPV4("253", "21") " | payload: 1 bytes" },
	{ "compressed protocol", BYTES(MAC PPPOE("\0\x16") "\x21" IPV4_END), ETH,
	  "ppp.protocol=IPv4 (0x0021)|ip.src=10.0.0.1", NULL },
	{ "lcp",
	  BYTES(MAC PPPOE("\0\6") "\xc0\x21"
				  "\1\1\0\4"),
	  ETH, "ppp.protocol=LCP (0xc021)|data.len=4", NULL },
	{ "mpls",
	  BYTES(MAC PPPOE("\0\x1b") "\x02\x81"
				    "\0\1\1\x40" IPV4_END),
	  ETH, "mpls.label=16|ip.src=10.0.0.1", NULL },
	{ "nothing behind", BYTES(MAC PPPOE("\0\0")), ETH, "pppoe.payload_length=0|note=the packet ends here", NULL },
};

DISSECT_MAIN("ppp", cases)
