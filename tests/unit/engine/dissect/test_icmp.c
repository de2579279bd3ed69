/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/dissect/support.h"

#define ICMP IPV4_ANY("\x01")
#define QUOTE IPV4("\0\x5c", "\x11") UDP("\x04\xd2", "\0\x09", "\0\x48")
#define DEEP "\3\1\0\0\0\0\0\0"

static const struct dissect_case cases[] = {
	{ "echo request",
	  BYTES(ICMP "\x08\0\x12\x34\0\7\0\x09"
		     "data"),
	  RAW, "icmp.type=echo request (8)|icmp.code=0|icmp.checksum=0x1234|icmp.ident=7|icmp.seq=9|data.len=4",
	  "Raw | " SHOW_IPV4("ICMP", "32") " | ICMP echo request id=7 seq=9 | payload: 4 bytes" },
	{ "port unreachable", BYTES(ICMP "\3\3\0\0\0\0\0\0" QUOTE), RAW,
	  "icmp.type=destination unreachable (3)|icmp.code=port unreachable (3)|ip.len=92|udp.dstport=9|udp.length=72",
	  "Raw | " SHOW_IPV4("ICMP", "56") " | ICMP destination unreachable, port unreachable | payload: 28 bytes" },
	{ "fragmentation needed", BYTES(ICMP "\3\4\0\0\0\0\5\xdc" QUOTE), RAW, "icmp.mtu=1500|udp.dstport=9", NULL },
	{ "redirect", BYTES(ICMP "\5\1\0\0" A4 QUOTE), RAW,
	  "icmp.code=for the host (1)|icmp.redir_gw=10.0.0.1|udp.dstport=9", NULL },
	{ "time exceeded", BYTES(ICMP "\x0b\0\0\0\0\0\0\0" QUOTE), RAW,
	  "icmp.type=time exceeded (11)|icmp.code=in transit (0)", NULL },
	{ "parameter problem", BYTES(ICMP "\x0c\0\0\0\x09\0\0\0" QUOTE), RAW, "icmp.pointer=9|udp.dstport=9", NULL },
	{ "quote of a quote of a quote of a quote", BYTES(ICMP DEEP ICMP DEEP ICMP DEEP ICMP DEEP ICMP DEEP QUOTE), RAW,
	  "icmp.type=destination unreachable (3)|icmp.type=destination unreachable (3)|icmp.type=destination "
	  "unreachable (3)|"
	  "icmp.type=destination unreachable (3)",
	  NULL },
	{ "unknown type", BYTES(ICMP "\xc8\5\0\0\0\0\0\0"), RAW, "icmp.type=200|icmp.code=5",
	  "Raw | " SHOW_IPV4("ICMP", "28") " | ICMP 200 code=5" },
};

DISSECT_MAIN("icmp", cases)
