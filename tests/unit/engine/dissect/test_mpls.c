/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/dissect/support.h"

#define MPLS "\x88\x47"
#define LABEL "\0\2\x0a\x3f"
#define LAST "\0\1\1\x40"
#define FOUR LABEL LABEL LABEL LABEL
#define IPV4_END IPV4("\0\x15", "\xfd") "x"

static const struct dissect_case cases[] = {
	{ "two labels", BYTES(MAC MPLS LABEL LAST IPV4_END), ETH,
	  "mpls.label=32|mpls.exp=5|mpls.bottom=not set|mpls.ttl=63|mpls.label=16|mpls.bottom=set|ip.src=10.0.0.1",
	  SHOW_ETH " | MPLS:32 | MPLS:16 | " SHOW_IPV4("253", "21") " | payload: 1 bytes" },
	{ "17 labels", BYTES(MAC MPLS FOUR FOUR FOUR FOUR LAST IPV4_END), ETH,
	  "note=more than 16 labels: the rest is not dissected", NULL },
	{ "pseudo-wire",
	  BYTES(MAC MPLS LAST "\0\0\0\0\0\1"
			      "\0\0\0\0\0\2" T_IPV4 IPV4_END),
	  ETH, "mpls.label=16|eth.src=00:00:00:00:00:02|ip.src=10.0.0.1", NULL },
	{ "control word", BYTES(MAC MPLS LAST "\0\0\0\7" MAC T_IPV4 IPV4_END), ETH,
	  "pweth.cw.sequence_number=7|eth.src=02:00:00:00:00:02|ip.src=10.0.0.1", NULL },
	{ "associated channel", BYTES(MAC MPLS LAST "\x10\0\0\x21" IPV4_END), ETH,
	  "pwach.channel_type=0x0021|ip.src=10.0.0.1", NULL },
	{ "oam",
	  BYTES(MAC MPLS "\0\0\xe1\x40"
			 "E..."),
	  ETH, "mpls.label=14|data.len=4", NULL },
	{ "no ip", BYTES(MAC MPLS LAST "\xf0\0\0\0"), ETH, "mpls.label=16|data.len=4", NULL },
};

DISSECT_MAIN("mpls", cases)
