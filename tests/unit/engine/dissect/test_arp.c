/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/dissect/support.h"

#define ARP                                                                                                            \
	"\x08\x06"                                                                                                     \
	"\0\1"                                                                                                         \
	"\x08\0"                                                                                                       \
	"\6\4"

static const struct dissect_case cases[] = {
	{ "request",
	  BYTES(MAC ARP "\0\1"
			"\2\0\0\0\0\2" A4 "\0\0\0\0\0\0" B4),
	  ETH,
	  "arp.hw.type=Ethernet (1)|arp.proto.type=IPv4 (0x0800)|arp.hw.size=6|arp.proto.size=4|arp.opcode=request (1)|"
	  "arp.src.hw_mac=02:00:00:00:00:02|arp.src.proto_ipv4=10.0.0.1|arp.dst.hw_mac=00:00:00:00:00:00|arp.dst.proto_"
	  "ipv4=10.0.0.2",
	  SHOW_ETH " | ARP who has 10.0.0.2 tell 10.0.0.1" },
	{ "reply",
	  BYTES(MAC ARP "\0\2"
			"\2\0\0\0\0\2" A4 "\2\0\0\0\0\1" B4),
	  ETH, "arp.opcode=reply (2)", SHOW_ETH " | ARP 10.0.0.1 is at 02:00:00:00:00:02" },
	{ "other lengths",
	  BYTES(MAC "\x08\x06"
		    "\0\7"
		    "\x08\0"
		    "\2\4"
		    "\0\3"
		    "ab" A4 "cd" B4),
	  ETH, "arp.src.hw=6162|arp.src.proto_ipv4=10.0.0.1|arp.dst.hw=6364|arp.dst.proto_ipv4=10.0.0.2",
	  SHOW_ETH " | ARP operation 3" },
	{ "rarp",
	  BYTES(MAC "\x80\x35"
		    "\0\1"
		    "\x08\0"
		    "\6\4"
		    "\0\3"
		    "\2\0\0\0\0\2" A4 "\2\0\0\0\0\1" B4),
	  ETH, "arp.opcode=reverse request (3)", NULL },
	{ "lengths that lie",
	  BYTES(MAC "\x08\x06"
		    "\0\1"
		    "\x08\0"
		    "\xff\xff"
		    "\0\1"
		    "abcd"),
	  ETH, "arp.hw.size=255|arp.proto.size=255|note=the packet ends here", NULL },
};

DISSECT_MAIN("arp", cases)
