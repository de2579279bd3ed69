/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/dissect/support.h"

#define END IPV4_ANY("\xfd") "x"
#define TO(port) IPV4_ANY("\x11") UDP("\x04\xd2", port, "\0\x80")

static const struct dissect_case cases[] = {
	{ "vxlan", BYTES(TO("\x12\xb5") "\x08\0\0\7\0\1\0\0" MAC T_IPV4 END), RAW,
	  "note=the length is longer than the packet|vxlan.flags=0x0800|vxlan.gbp=7|vxlan.vni=256|eth.type=IPv4 "
	  "(0x0800)|ip.proto=253",
	  NULL },
	{ "geneve with options",
	  BYTES(TO("\x17\xc1") "\1\x40\x65\x58\0\1\0\0"
			       "\0\0\0\0" MAC T_IPV4 END),
	  RAW,
	  "geneve.version=0|geneve.flags.critical=set|geneve.proto_type=Ethernet "
	  "(0x6558)|geneve.vni=256|geneve.options=00000000|"
	  "eth.type=IPv4 (0x0800)|ip.proto=253",
	  NULL },
	{ "gtp", BYTES(TO("\x08\x68") "\x30\xff\0\x15\0\0\0\5" END), RAW,
	  "gtp.flags=0x30|gtp.flags.version=1|gtp.message=T-PDU (255)|gtp.length=21|gtp.teid=0x00000005|ip.proto=253",
	  NULL },
	{ "gtp with an extension",
	  BYTES(TO("\x08\x68") "\x34\xff\0\x1d\0\0\0\5"
			       "\0\7\0\x85"
			       "\1\x10\5\0" IPV6("\0\1", "\xfd") "x"),
	  RAW, "gtp.seq_number=7|gtp.npdu_number=0|gtp.ext_hdr.next=0x85|gtp.ext_hdr=01100500|ipv6.src=fd00::1", NULL },
	{ "gtp, extension of length 0",
	  BYTES(TO("\x08\x68") "\x34\xff\0\x1d\0\0\0\5"
			       "\0\7\0\x85"
			       "\0\x10\5\0"),
	  RAW, "note=an extension header is damaged", NULL },
	{ "teredo",
	  BYTES(TO("\x0d\xd8") "\0\1\0\0"
			       "12345678"
			       "\0"
			       "\0\0"
			       "abcdef" IPV6("\0\1", "\xfd") "x"),
	  RAW, "teredo.auth=00010000313233343536373800|teredo.orig=0000616263646566|ipv6.src=fd00::1", NULL },
	{ "l2tp data",
	  BYTES(TO("\x06\xa5") "\x40\2\0\x1d\0\5\0\6"
			       "\xff\3\0\x21" END),
	  RAW, "l2tp.flags=0x4002|l2tp.tunnel=5|l2tp.session=6|ppp.protocol=IPv4 (0x0021)|ip.proto=253", NULL },
	{ "l2tp control", BYTES(TO("\x06\xa5") "\xc8\2\0\x0c\0\5\0\6\0\0\0\0"), RAW,
	  "l2tp.tunnel=5|l2tp.session=6|data.len=4", NULL },
	{ "gre in udp", BYTES(TO("\x12\x92") "\0\0\x08\0" END), RAW, "gre.proto=IPv4 (0x0800)|ip.proto=253", NULL },
	{ "mpls in udp", BYTES(TO("\x19\xeb") "\0\1\1\x40" END), RAW, "mpls.label=16|ip.proto=253", NULL },
};

DISSECT_MAIN("udp_tunnel", cases)
