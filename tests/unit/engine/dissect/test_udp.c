/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/dissect/support.h"

#define UDP_TO_9(length) UDP("\x04\xd2", "\0\x09", length)
#define SHOW_UDP(len) "UDP :1234 -> :9 len=" len

static const struct dissect_case cases[] = {
	{ "all fields",
	  BYTES(IPV4("\0\x1f", "\x11") UDP_TO_9("\0\x0b") "xyz"
							  "padding"),
	  RAW, "udp.srcport=1234|udp.dstport=9|udp.length=11|udp.checksum=0x0000|data.len=3",
	  "Raw | " SHOW_IPV4("UDP", "31") " | " SHOW_UDP("11") " | payload: 3 bytes" },
	{ "fast line", BYTES(MAC T_IPV4 IPV4("\0\x1f", "\x11") UDP_TO_9("\0\x0a") "xyz"), ETH,
	  "udp.length=10|data.len=2",
	  SHOW_ETH " | " SHOW_IPV4("UDP", "31") " | " SHOW_UDP("10") " | payload: 2 bytes" },
	{ "fast line, ipv6", BYTES(MAC "\x81\0\xe0\x07" T_IPV6 IPV6("\0\x08", "\x11") UDP_TO_9("\0\x08")), ETH,
	  "udp.length=8", SHOW_ETH " VLAN:7 | " SHOW_IPV6("UDP", "8") " | " SHOW_UDP("8") },
	{ "length 0", BYTES(IPV4("\0\x1f", "\x11") UDP_TO_9("\0\0") "xyz"), RAW, "udp.length=0|data.len=3", NULL },
	{ "length 7", BYTES(IPV4("\0\x1f", "\x11") UDP_TO_9("\0\7") "xyz"), RAW,
	  "udp.length=7|note=the length is shorter than the header|data.len=3", NULL },
	{ "length beyond the packet", BYTES(MAC T_IPV4 IPV4("\0\x1f", "\x11") UDP_TO_9("\0\x63") "xyz"), ETH,
	  "udp.length=99|note=the length is longer than the packet|data.len=3",
	  SHOW_ETH " | " SHOW_IPV4("UDP", "31") " | " SHOW_UDP(
		  "99") " (the length is longer than the packet) | payload: 3 bytes" },
	{ "sctp",
	  BYTES(IPV4_ANY("\x84") "\x04\xd2\0\x50"
				 "\0\0\0\1"
				 "\0\0\0\2"
				 "chunk"),
	  RAW, "sctp.srcport=1234|sctp.dstport=80|sctp.verification_tag=0x00000001|sctp.checksum=0x00000002|data.len=5",
	  "Raw | " SHOW_IPV4("SCTP", "37") " | SCTP :1234 -> :80 | payload: 5 bytes" },
};

DISSECT_MAIN("udp", cases)
