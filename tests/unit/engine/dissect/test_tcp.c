/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/dissect/support.h"

#define TCP(words_flags)                                                                                               \
	"\x04\xd2"                                                                                                     \
	"\x1f\x90"                                                                                                     \
	"\x80\0\0\1"                                                                                                   \
	"\0\0\0\2" words_flags "\1\0"                                                                                  \
	"\xab\xcd"                                                                                                     \
	"\0\5"
#define SHOW_TCP(flags) "TCP :1234 -> :8080 [" flags "] seq=2147483649 ack=2 win=256"

static const struct dissect_case cases[] = {
	{ "all fields",
	  BYTES(IPV4("\0\x2b", "\x06") TCP("\x50\x18") "xyz"
						       "pad"),
	  RAW,
	  "tcp.srcport=1234|tcp.dstport=8080|tcp.seq=2147483649|tcp.ack=2|tcp.hdr_len=20|tcp.flags=[ACK, PSH] 0x0018|"
	  "tcp.flags.urg=not set|tcp.flags.ack=set|tcp.flags.push=set|tcp.flags.syn=not set|tcp.window_size_value=256|"
	  "tcp.checksum=0xabcd|tcp.urgent_pointer=5|tcp.len=3|data.len=3",
	  "Raw | " SHOW_IPV4("TCP", "43") " | " SHOW_TCP("ACK, PSH") " | payload: 3 bytes" },
	{ "all flags", BYTES(MAC T_IPV4 IPV4("\0\x28", "\x06") TCP("\x51\xff")), ETH,
	  "tcp.flags.ae=set|tcp.flags.cwr=set",
	  SHOW_ETH " | " SHOW_IPV4("TCP", "40") " | " SHOW_TCP("SYN, ACK, FIN, RST, PSH, URG, ECE, CWR, AE") },
	{ "no flags", BYTES(MAC T_IPV4 IPV4("\0\x28", "\x06") TCP("\x50\0")), ETH, "tcp.flags=[] 0x0000",
	  SHOW_ETH " | " SHOW_IPV4("TCP", "40") " | " SHOW_TCP("") },
	{ "syn, fast line", BYTES(MAC "\x81\0\0\x07" T_IPV4 IPV4("\0\x28", "\x06") TCP("\x50\x02")), ETH, "tcp.len=0",
	  SHOW_ETH " VLAN:7 | " SHOW_IPV4("TCP", "40") " | " SHOW_TCP("SYN") },
	{ "ipv6, fast line", BYTES(MAC T_IPV6 IPV6("\0\x16", "\x06") TCP("\x50\x10") "xx"), ETH, "tcp.len=2",
	  SHOW_ETH " | " SHOW_IPV6("TCP", "22") " | " SHOW_TCP("ACK") " | payload: 2 bytes" },
	{ "options",
	  BYTES(IPV4("\0\x4c", "\x06") TCP("\xe0\x02") "\2\4\5\xb4"
						       "\4\2"
						       "\x08\x0a\0\0\0\1\0\0\0\2"
						       "\1"
						       "\3\3\7"
						       "\5\x0a\0\0\0\3\0\0\0\4"
						       "\x13\4ab"
						       "\0\0"),
	  RAW,
	  "tcp.hdr_len=56|tcp.option_kind=maximum segment size (2)|tcp.option_len=4|tcp.options.mss_val=1460|"
	  "tcp.option_kind=SACK permitted (4)|tcp.options.timestamp.tsval=1|tcp.options.timestamp.tsecr=2|"
	  "tcp.option_kind=no operation (1)|tcp.options.wscale.shift=7|tcp.options.sack_le=3|tcp.options.sack_re=4|"
	  "tcp.option_kind=MD5 signature (19)|tcp.options.unknown.payload=6162|tcp.option_kind=end (0)|tcp.len=0",
	  NULL },
	{ "option of length 0", BYTES(IPV4("\0\x2c", "\x06") TCP("\x60\x02") "\2\0\0\0"), RAW,
	  "note=an option with an impossible length|tcp.len=0", NULL },
	{ "option longer than the header", BYTES(IPV4("\0\x2c", "\x06") TCP("\x60\x02") "\1\2\4\5"), RAW,
	  "note=an option with an impossible length", NULL },
	{ "header of 16 bytes", BYTES(IPV4("\0\x28", "\x06") TCP("\x40\x02")), RAW,
	  "tcp.seq=2147483649|tcp.hdr_len=16|tcp.len=4|note=the header is shorter than 20 bytes", NULL },
	{ "header longer than the packet", BYTES(IPV4("\0\x28", "\x06") TCP("\xf0\x02")), RAW,
	  "tcp.hdr_len=60|note=the header is longer than the packet", NULL },
	{ "ports alone", BYTES(IPV4("\0\x18", "\x06") "\x04\xd2\x1f\x90"), RAW,
	  "tcp.srcport=1234|tcp.dstport=8080|note=the packet ends here",
	  "Raw | " SHOW_IPV4("TCP", "24") " | TCP :1234 -> :8080 (the packet ends here) | payload: 4 bytes" },
};

DISSECT_MAIN("tcp", cases)
