/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/dissect/support.h"

static const struct dissect_case cases[] = {
	{ "echo reply",
	  BYTES(IPV6("\0\x0a", "\x3a") "\x81\0\x12\x34\0\7\0\x09"
				       "ab"),
	  RAW,
	  "icmpv6.type=echo reply (129)|icmpv6.code=0|icmpv6.checksum=0x1234|icmpv6.echo.identifier=0x0007|"
	  "icmpv6.echo.sequence_number=9|data.len=2",
	  "Raw | " SHOW_IPV6("ICMPv6", "10") " | ICMPv6 echo reply id=7 seq=9 | payload: 2 bytes" },
	{ "neighbor solicitation", BYTES(IPV6("\0\x20", "\x3a") "\x87\0\0\0\0\0\0\0" B6 "\1\1\2\0\0\0\0\1"), RAW,
	  "icmpv6.nd.ns.target_address=fd00::2|icmpv6.opt.type=source link address (1)|icmpv6.opt.length=1|"
	  "icmpv6.opt.linkaddr=02:00:00:00:00:01",
	  "Raw | " SHOW_IPV6("ICMPv6", "32") " | ICMPv6 neighbor solicitation target=fd00::2" },
	{ "neighbor advertisement", BYTES(IPV6("\0\x18", "\x3a") "\x88\0\0\0\x60\0\0\0" B6), RAW,
	  "icmpv6.nd.na.flag.r=not "
	  "set|icmpv6.nd.na.flag.s=set|icmpv6.nd.na.flag.o=set|icmpv6.nd.na.target_address=fd00::2",
	  NULL },
	{ "router advertisement",
	  BYTES(IPV6("\0\x18", "\x3a") "\x86\0\0\0\x40\xc0\x07\x08\0\0\0\1\0\0\0\2"
				       "\5\1\0\0\0\0\5\xdc"),
	  RAW,
	  "icmpv6.nd.ra.cur_hop_limit=64|icmpv6.nd.ra.flag.m=set|icmpv6.nd.ra.router_lifetime=1800|"
	  "icmpv6.nd.ra.reachable_time=1|icmpv6.nd.ra.retrans_timer=2|icmpv6.opt.type=MTU "
	  "(5)|icmpv6.opt.content=0000000005dc",
	  NULL },
	{ "option without length",
	  BYTES(IPV6("\0\x10", "\x3a") "\x85\0\0\0\0\0\0\0"
				       "\1\0\0\0\0\0\0\0"),
	  RAW, "note=an option without length", NULL },
	{ "redirect", BYTES(IPV6("\0\x28", "\x3a") "\x89\0\0\0\0\0\0\0" A6 B6), RAW,
	  "icmpv6.nd.rd.target_address=fd00::1|icmpv6.nd.rd.destination_address=fd00::2", NULL },
	{ "too big, with a quote",
	  BYTES(IPV6("\0\x38", "\x3a") "\2\0\0\0\0\0\5\0" IPV6("\5\0", "\x11") UDP("\x04\xd2", "\0\x09", "\5\0")), RAW,
	  "icmpv6.mtu=1280|ipv6.plen=1280|udp.dstport=9",
	  "Raw | " SHOW_IPV6("ICMPv6", "56") " | ICMPv6 packet too big | payload: 48 bytes" },
};

DISSECT_MAIN("icmpv6", cases)
