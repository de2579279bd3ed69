/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/dissect/support.h"

#define DNS IPV4_ANY("\x11") UDP("\0\x35", "\x04\xd2", "\0\0")
/* One answer about the root, whose data follows. */
#define ANSWER(type, length)                                                                                           \
	DNS "\0\1\x81\x80"                                                                                             \
	    "\0\0\0\1\0\0\0\0"                                                                                         \
	    "\0" type "\0\1"                                                                                           \
	    "\0\0\0\x3c" length

static const struct dissect_case cases[] = {
	{ "a", BYTES(ANSWER("\0\1", "\0\4") A4), RAW, "dns.resp.type=A (1)|dns.a=10.0.0.1", NULL },
	{ "a of three bytes", BYTES(ANSWER("\0\1", "\0\3") "abc"), RAW, "dns.data=616263", NULL },
	{ "aaaa", BYTES(ANSWER("\0\x1c", "\0\x10") A6), RAW, "dns.aaaa=fd00::1", NULL },
	{ "ns", BYTES(ANSWER("\0\2", "\0\3") "\1n\0"), RAW, "dns.ns=n", NULL },
	{ "ptr", BYTES(ANSWER("\0\x0c", "\0\3") "\1p\0"), RAW, "dns.ptr.domain_name=p", NULL },
	{ "dname", BYTES(ANSWER("\0\x27", "\0\3") "\1d\0"), RAW, "dns.dname=d", NULL },
	{ "mx", BYTES(ANSWER("\0\x0f", "\0\5") "\0\x0a\1m\0"), RAW, "dns.mx.preference=10|dns.mx.mail_exchange=m",
	  NULL },
	{ "txt", BYTES(ANSWER("\0\x10", "\0\7") "\3a\"\x1b\2bc"), RAW,
	  "dns.txt.length=3|dns.txt=a\"\\x1b|dns.txt.length=2|dns.txt=bc", NULL },
	{ "txt whose strings overrun",
	  BYTES(ANSWER("\0\x10", "\0\2") "\x09"
					 "a"),
	  RAW, "dns.txt.length=9", NULL },
	{ "soa",
	  BYTES(ANSWER("\0\6", "\0\x1a") "\1m\0\1r\0"
					 "\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5"),
	  RAW,
	  "dns.soa.mname=m|dns.soa.rname=r|dns.soa.serial_number=1|dns.soa.refresh_interval=2|dns.soa.retry_interval=3|"
	  "dns.soa.expire_limit=4|dns.soa.minimum_ttl=5",
	  NULL },
	{ "srv", BYTES(ANSWER("\0\x21", "\0\x09") "\0\1\0\2\0\x50\1t\0"), RAW,
	  "dns.srv.priority=1|dns.srv.weight=2|dns.srv.port=80|dns.srv.target=t", NULL },
	{ "opt",
	  BYTES(DNS "\0\1\x81\x80"
		    "\0\0\0\0\0\0\0\1"
		    "\0"
		    "\0\x29"
		    "\x04\xd0"
		    "\0\0\x80\0"
		    "\0\0"),
	  RAW,
	  "dns.resp.name=<Root>|dns.resp.type=OPT (41)|dns.rr.udp_payload_size=1232|dns.resp.ext_rcode=0x00|"
	  "dns.resp.edns0_version=0|dns.resp.z=0x8000|dns.resp.len=0",
	  NULL },
	{ "unknown type", BYTES(ANSWER("\xff\1", "\0\2") "ab"), RAW, "dns.resp.type=65281|dns.data=6162", NULL },
	{ "data longer than the message", BYTES(ANSWER("\0\1", "\0\xff") A4), RAW,
	  "dns.resp.len=255|note=the message is damaged or cut", NULL },
};

DISSECT_MAIN("dns_record", cases)
