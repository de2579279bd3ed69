/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/dissect/support.h"

#define SNAP(oui, type) "\xaa\xaa\3" oui type
#define IPV4_END IPV4_ANY("\xfd") "x"

static const struct dissect_case cases[] = {
	{ "ethernet",
	  BYTES(MAC "\x88\xcc"
		    "ab"),
	  ETH, "eth.dst=02:00:00:00:00:01|eth.src=02:00:00:00:00:02|eth.type=LLDP (0x88cc)|data.len=2|data.data=6162",
	  SHOW_ETH " | LLDP" },
	{ "a type without a name",
	  BYTES(MAC "\x12\x34"
		    "ab"),
	  ETH, "eth.type=0x1234", SHOW_ETH " | type 0x1234" },
	{ "vlan",
	  BYTES(MAC "\x81\x00"
		    "\x60\x0a"
		    "\x88\xcc"
		    "x"),
	  ETH, "eth.type=802.1Q (0x8100)|vlan.priority=3|vlan.dei=not set|vlan.id=10|vlan.etype=LLDP (0x88cc)",
	  SHOW_ETH " VLAN:10 | LLDP" },
	{ "service and customer vlan",
	  BYTES(MAC "\x88\xa8"
		    "\x10\x64"
		    "\x81\x00"
		    "\x00\x0a" T_IPV4 IPV4_END),
	  ETH, "ieee8021ad.dei=set|ieee8021ad.id=100|vlan.id=10|ip.version=4",
	  SHOW_ETH " VLAN:100 VLAN:10 | " SHOW_IPV4("253", "21") " | payload: 1 bytes" },
	{ "five tags",
	  BYTES(MAC "\x81\0"
		    "\0\1\x81\0"
		    "\0\2\x81\0"
		    "\0\3\x81\0"
		    "\0\4\x81\0"
		    "\0\5\x08\0" IPV4_END),
	  ETH, "vlan.id=4|note=more than 4 tags: the rest is not dissected", NULL },
	{ "802.3 and snap",
	  BYTES(MAC "\0\x1d" SNAP("\0\0\0", T_IPV4) IPV4("\0\x15", "\xfd") "x"
									   "padding"),
	  ETH,
	  "eth.len=29|llc.dsap=SNAP (0xaa)|llc.ssap=SNAP (0xaa)|llc.control=0x03|llc.oui=0x000000|llc.type=IPv4 "
	  "(0x0800)|"
	  "ip.src=10.0.0.1|data.len=1",
	  NULL },
	{ "spanning tree",
	  BYTES(MAC "\0\4"
		    "\x42\x42\3"
		    "x"),
	  ETH, "llc.dsap=spanning tree (0x42)|data.len=1", SHOW_ETH " | LLC spanning tree" },
	{ "bridged",
	  BYTES(MAC "\0\x1a" SNAP("\0\x80\xc2", "\0\7") "\0\0" MAC "\x88\xcc"
							"xx"),
	  ETH, "eth.len=26|llc.oui=0x0080c2|eth.type=LLDP (0x88cc)", NULL },
	{ "provider backbone",
	  BYTES(MAC "\x88\xe7"
		    "\0\0\1\0" MAC T_IPV4 IPV4_END),
	  ETH, "ieee8021ah.isid=256|ieee8021ah.cdst=02:00:00:00:00:01|tag.etype=IPv4 (0x0800)|ip.ttl=64", NULL },
	{ "vn-tag",
	  BYTES(MAC "\x89\x26"
		    "\1\2\3\4" T_IPV4 IPV4_END),
	  ETH, "tag.content=01020304|ip.ttl=64", NULL },
	{ "cut", BYTES("\2\0\0\0\0\1\2\0"), ETH, "eth.dst=02:00:00:00:00:01|note=the packet ends here",
	  "Eth: ? -> 02:00:00:00:00:01 (the packet ends here)" },
	{ "empty", BYTES(""), ETH, "", "no bytes captured" },
	{ "unknown link", BYTES("abc"), .link = NSC_LINK_UNSUPPORTED, "data.data=616263", "Unsupported link" },
};

DISSECT_MAIN("ethernet", cases)
