/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/dissect/support.h"

#define OPTIONS(next) next "\0\5\2\0\0\1\0"
#define FRAGMENT(next, offset) next "\0" offset "\0\0\0\7"
#define FOUR OPTIONS("\x3c") OPTIONS("\x3c") OPTIONS("\x3c") OPTIONS("\x3c")

static const struct dissect_case cases[] = {
	{ "all fields",
	  BYTES("\x6a\xb1\x23\x45"
		"\0\1\xfd\x40" A6 B6 "x"
		"padding"),
	  RAW,
	  "ipv6.version=6|ipv6.tclass=0xab|ipv6.tclass.dscp=42|ipv6.tclass.ecn=3|ipv6.flow=0x012345|ipv6.plen=1|ipv6."
	  "nxt=253|"
	  "ipv6.hlim=64|ipv6.src=fd00::1|ipv6.dst=fd00::2|data.len=1",
	  "Raw | " SHOW_IPV6("253", "1") " | payload: 1 bytes" },
	{ "hop by hop, routing, destination",
	  BYTES(IPV6("\0\x2d", "\0") OPTIONS("\x2b") "\x3c\0\0\1\0\0\0\0" OPTIONS("\x06") TCP_TO("\0\x50") "x"), RAW,
	  "ipv6.nxt=HOPOPT (0)|ipv6.ext.nxt=Routing (43)|ipv6.routing.nxt=Destination (60)|ipv6.routing.segleft=1|"
	  "ipv6.ext.nxt=TCP (6)|tcp.dstport=80|tcp.len=1",
	  NULL },
	{ "first fragment", BYTES(IPV6("\0\x09", "\x2c") FRAGMENT("\xfd", "\0\1") "x"), RAW,
	  "ipv6.fraghdr.nxt=253|ipv6.fraghdr.offset=0|ipv6.fraghdr.more=set|ipv6.fraghdr.ident=0x00000007|data.len=1",
	  "Raw | " SHOW_IPV6("Fragment", "9") " | frag id=0x00000007 offset=0+ | payload: 1 bytes" },
	{ "later fragment", BYTES(IPV6("\0\x09", "\x2c") FRAGMENT("\x06", "\5\xa8") "x"), RAW,
	  "ipv6.fraghdr.offset=1448|data.len=1",
	  "Raw | " SHOW_IPV6("Fragment", "9") " | frag id=0x00000007 offset=1448 | payload: 1 bytes" },
	{ "authentication",
	  BYTES(IPV6("\0\x0d", "\x33") "\xfd\1\0\0\0\0\0\5\0\0\0\1"
				       "x"),
	  RAW, "ah.spi=0x00000005|data.len=1", NULL },
	{ "no next header", BYTES(IPV6("\0\0", "\x3b")), RAW, "ipv6.nxt=none (59)", NULL },
	{ "17 extensions", BYTES(IPV6("\0\x90", "\x3c") FOUR FOUR FOUR FOUR OPTIONS("\x3b")), RAW,
	  "note=more than 16 extension headers: the rest is not dissected", NULL },
	{ "option beyond the packet", BYTES(IPV6("\0\x08", "\x3c") "\x06\0\5\x20\0\0\0\0"), RAW,
	  "note=the extension header is impossible", NULL },
	{ "jumbogram",
	  BYTES(IPV6("\0\0", "\0") "\xfd\0\xc2\4\0\1\0\0"
				   "x"),
	  RAW, "ipv6.ext.nxt=253|data.len=1", NULL },
	{ "big tcp", BYTES(IPV6("\0\0", "\6") TCP_TO("\0\x50") "x"), RAW, "tcp.srcport=1234|tcp.len=65536",
	  "Raw | " SHOW_IPV6("TCP", "0") " | TCP :1234 -> :80 [ACK, PSH] seq=1 ack=2 win=256 | payload: 65536 bytes",
	  .wire = 60 + 65536 },
	{ "version 4 announced as 6", BYTES(MAC T_IPV6 IPV4_ANY("\xfd") "x"), ETH, "data.len=21", NULL },
};

DISSECT_MAIN("ipv6", cases)
