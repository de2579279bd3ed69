/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/dissect/support.h"

#define HEADER(ihl, total, fragment, sum) ihl "\x2e" total "\x12\x34" fragment "\x40\xfd" sum A4 B4

static const struct dissect_case cases[] = {
	{ "all fields",
	  BYTES(HEADER("\x45", "\0\x15", "\x40\0", "\xd4\x65") "x"
							       "padding"),
	  RAW,
	  "ip.version=4|ip.hdr_len=20|ip.dsfield=0x2e|ip.dsfield.dscp=11|ip.dsfield.ecn=2|ip.len=21|ip.id=0x1234|ip."
	  "flags=0x2|"
	  "ip.flags.df=set|ip.flags.mf=not set|ip.frag_offset=0|ip.ttl=64|ip.proto=253|ip.checksum=0xd465|"
	  "ip.checksum.status=bad (0)|ip.checksum_calculated=0x1388|ip.src=10.0.0.1|ip.dst=10.0.0.2|data.len=1",
	  "Raw | " SHOW_IPV4("253", "21") " | payload: 1 bytes" },
	{ "right checksum", BYTES(HEADER("\x45", "\0\x15", "\x40\0", "\x13\x88") "x"), RAW,
	  "ip.checksum.status=good (1)", NULL },
	{ "options",
	  BYTES(HEADER("\x46", "\0\x19", "\0\0", "\0\0") "\x94\4\0\0"
							 "x"),
	  RAW, "ip.hdr_len=24|ip.options=94040000|data.len=1", NULL },
	{ "first fragment", BYTES(HEADER("\x45", "\0\x1c", "\x20\0", "\0\0") "abcdefgh"), RAW,
	  "ip.flags.mf=set|ip.frag_offset=0|data.len=8",
	  "Raw | " SHOW_IPV4("253", "28") " frag id=0x1234 offset=0+ | payload: 8 bytes" },
	{ "later fragment", BYTES(HEADER("\x45", "\0\x1c", "\0\xb9", "\0\0") "abcdefgh"), RAW,
	  "ip.frag_offset=185|data.len=8",
	  "Raw | " SHOW_IPV4("253", "28") " frag id=0x1234 offset=1480 | payload: 8 bytes" },
	{ "no length: the card's", BYTES(HEADER("\x45", "\0\0", "\0\0", "\0\0") "abc"), RAW, "ip.len=23|data.len=3",
	  NULL },
	{ "header length 4", BYTES(HEADER("\x41", "\0\x15", "\0\0", "\0\0") "x"), RAW,
	  "ip.hdr_len=4|note=impossible version or header length", "Raw | IPv4 (impossible version or header length)" },
	{ "version 5", BYTES(HEADER("\x55", "\0\x15", "\0\0", "\0\0") "x"), .link = NSC_LINK_RAW_IPV4,
	  "ip.version=5|note=impossible version or header length", NULL },
	{ "total shorter than header", BYTES(HEADER("\x45", "\0\x13", "\0\0", "\0\0") "x"), RAW,
	  "note=the total length is shorter than the header", NULL },
	{ "version 6 announced as 4", BYTES(MAC T_IPV4 IPV6("\0\1", "\xfd") "x"), ETH, "ipv6.src=fd00::1", NULL },
	{ "ip in ip", BYTES(IPV4_ANY("\4") IPV4_ANY("\xfd") "x"), RAW, "ip.proto=IPv4 (4)|ip.proto=253|data.len=1",
	  "Raw | " SHOW_IPV4("IPv4", "41") " | " SHOW_IPV4("253", "21") " | payload: 1 bytes" },
	{ "6in4", BYTES(IPV4_ANY("\x29") IPV6("\0\1", "\xfd") "x"), RAW, "ip.proto=IPv6 (41)|ipv6.src=fd00::1", NULL },
	{ "etherip", BYTES(IPV4_ANY("\x61") "\x30\0" MAC T_IPV4 IPV4_ANY("\xfd") "x"), RAW,
	  "etherip.ver=3|eth.type=IPv4 (0x0800)|data.len=1", NULL },
	{ "authentication",
	  BYTES(IPV4_ANY("\x33") "\6\4\0\0"
				 "\0\0\0\5"
				 "\0\0\0\1"
				 "mac-mac-mac-" TCP_TO("\0\x50")),
	  RAW, "ah.next_header=TCP (6)|ah.length=4|ah.spi=0x00000005|ah.sequence=1|tcp.dstport=80", NULL },
	{ "nine tunnels",
	  BYTES(IPV4_ANY("\4") IPV4_ANY("\4") IPV4_ANY("\4") IPV4_ANY("\4") IPV4_ANY("\4") IPV4_ANY("\4") IPV4_ANY("\4")
			IPV4_ANY("\4") IPV4_ANY("\4") IPV4_ANY("\xfd") "x"),
	  RAW, "note=more than 8 tunnels: the rest is not dissected", NULL },
	{ "nothing behind", BYTES(IPV4("\0\x14", "\x06")), RAW, "ip.proto=TCP (6)|note=the packet ends here",
	  "Raw | " SHOW_IPV4("TCP", "20") " (the packet ends here)" },
};

DISSECT_TABLE(cases)

/* The verdict needs the whole header. */
START_TEST(unverified)
{
	dissect_bytes(cases[0].bytes, 19, cases[0].len, NSC_LINK_RAW);
	ck_assert_ptr_null(
		missing_field("ip.checksum=0xd465|ip.checksum.status=unverified (2)|note=the capture ends here"));
	dissect_bytes(cases[0].bytes, 11, cases[0].len, NSC_LINK_RAW);
	ck_assert_uint_eq(nsc_dissection_find(&tree, "ip.checksum.status", 0), NSC_NO_FIELD);
}
END_TEST

static void add(TCase *tcase)
{
	add_table(tcase);
	tcase_add_test(tcase, unverified);
}

int main(void)
{
	return run_suite("ipv4", add);
}
