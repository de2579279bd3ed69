/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/dissect/support.h"

#define GRE IPV4_ANY("\x2f")
#define END IPV4_ANY("\xfd") "x"

static const struct dissect_case cases[] = {
	{ "plain", BYTES(GRE "\0\0\x08\0" END), RAW, "gre.flags_and_version=0x0000|gre.proto=IPv4 (0x0800)|data.len=1",
	  "Raw | " SHOW_IPV4("GRE", "45") " | GRE | " SHOW_IPV4("253", "21") " | payload: 1 bytes" },
	{ "checksum, key, sequence",
	  BYTES(GRE "\xb0\0\x86\xdd"
		    "\x12\x34\0\0"
		    "\0\0\0\5"
		    "\0\0\0\6" IPV6("\0\1", "\xfd") "x"),
	  RAW,
	  "gre.flags.checksum=set|gre.flags.key=set|gre.flags.sequence_number=set|gre.checksum=0x1234|gre.key="
	  "0x00000005|"
	  "gre.sequence_number=6|ipv6.src=fd00::1",
	  NULL },
	{ "pptp",
	  BYTES(GRE "\x30\x81\x88\x0b"
		    "\0\0\0\1"
		    "\0\0\0\2"
		    "\0\0\0\3"
		    "\xff\3\0\x21" END),
	  RAW, "gre.flags.version=1|gre.ack_number=3|ppp.address=0xff|ppp.protocol=IPv4 (0x0021)|data.len=1", NULL },
	{ "pptp, acknowledgment alone",
	  BYTES(GRE "\x20\x81\x88\x0b"
		    "\0\0\0\1"
		    "\0\0\0\3"),
	  RAW, "gre.ack_number=3", "Raw | " SHOW_IPV4("GRE", "32") " | GRE key=0x00000001" },
	{ "routes",
	  BYTES(GRE "\x40\0\x08\0"
		    "\0\0\0\0"
		    "\0\1\0\4"
		    "abcd"
		    "\0\0\0\0" END),
	  RAW, "gre.flags.routing=set|data.len=1", NULL },
	{ "erspan ii",
	  BYTES(GRE "\x10\0\x88\xbe"
		    "\0\0\0\1"
		    "\x10\x64\0\5\0\0\0\0" MAC T_IPV4 END),
	  RAW, "erspan.version=1|erspan.vlan=100|erspan.spanid=5|eth.type=IPv4 (0x0800)|data.len=1", NULL },
	{ "erspan iii, ip, with a subheader",
	  BYTES(GRE "\x10\0\x22\xeb"
		    "\0\0\0\1"
		    "\x20\x64\0\5\0\0\0\0\0\0\x08\1"
		    "12345678" END),
	  RAW, "erspan.version=2|ip.proto=253", NULL },
	{ "wccp",
	  BYTES(GRE "\0\0\x88\x3e"
		    "\0\0\0\0" END),
	  RAW, "gre.proto=WCCP (0x883e)|ip.proto=253", NULL },
	{ "an ethertype that GRE does not carry",
	  BYTES(GRE "\0\0\x81\0"
		    "\0\1\x08\0" END),
	  RAW, "gre.proto=802.1Q (0x8100)|data.len=25", NULL },
};

DISSECT_MAIN("gre", cases)
