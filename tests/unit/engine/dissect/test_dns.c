/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/dissect/support.h"

#define DNS IPV4_ANY("\x11") UDP("\x04\xd2", "\0\x35", "\0\0")
#define MDNS IPV4_ANY("\x11") UDP("\x14\xe9", "\x14\xe9", "\0\0")
#define DNS_TCP IPV4_ANY("\x06") TCP_TO("\0\x35")
#define QUERY                                                                                                          \
	"\x12\x34"                                                                                                     \
	"\1\0"                                                                                                         \
	"\0\1\0\0\0\0\0\0"
#define NAME "\3www\7example\0" /* 13 bytes, at 12 */
#define IN_A "\0\1\0\1"
#define ANSWER(flags, answers) "\x12\x34" flags "\0\1" answers "\0\0\0\0" NAME IN_A

static const struct dissect_case cases[] = {
	{ "query", BYTES(DNS QUERY NAME IN_A), RAW,
	  "dns.id=0x1234|dns.flags=0x0100|dns.flags.response=not set|dns.flags.opcode=query "
	  "(0)|dns.flags.recdesired=set|"
	  "dns.flags.rcode=no error (0)|dns.count.queries=1|dns.count.add_rr=0|dns.qry.name=www.example|dns.qry.type=A "
	  "(1)|"
	  "dns.qry.class=0x0001",
	  "Raw | " SHOW_IPV4("UDP",
			     "57") " | UDP :1234 -> :53 len=0 | DNS query 0x1234 A www.example | payload: 29 bytes" },
	{ "answer",
	  BYTES(DNS ANSWER("\x81\x80", "\0\2") "\xc0\x0c"
					       "\0\5\0\1"
					       "\0\0\0\x3c"
					       "\0\4"
					       "\1x\xc0\x10"
					       "\1x\xc0\x10" IN_A "\0\0\0\x3c"
					       "\0\4" A4),
	  RAW,
	  "dns.flags.response=set|dns.resp.name=www.example|dns.resp.type=CNAME (5)|dns.resp.class=IN "
	  "(1)|dns.resp.ttl=60|"
	  "dns.resp.len=4|dns.cname=x.example|dns.resp.name=x.example|dns.a=10.0.0.1",
	  "Raw | " SHOW_IPV4("UDP", "91") " | UDP :1234 -> :53 len=0 | DNS response 0x1234 A www.example: CNAME "
					  "x.example, A 10.0.0.1 | payload: 63 bytes" },
	{ "no such name", BYTES(DNS ANSWER("\x81\x83", "\0\0")), RAW, "dns.flags.rcode=NXDOMAIN (3)",
	  "Raw | " SHOW_IPV4(
		  "UDP",
		  "57") " | UDP :1234 -> :53 len=0 | DNS response 0x1234 A www.example NXDOMAIN | payload: 29 bytes" },
	{ "root",
	  BYTES(DNS QUERY "\0"
			  "\0\2\0\1"),
	  RAW, "dns.qry.name=<Root>|dns.qry.type=NS (2)", NULL },
	{ "counts that lie",
	  BYTES(DNS "\x12\x34\x01\0"
		    "\xff\xff\xff\xff\xff\xff\xff\xff" NAME IN_A),
	  RAW, "dns.count.queries=65535|dns.qry.name=www.example|note=the message is damaged or cut", NULL },
	{ "multicast",
	  BYTES(MDNS "\0\0\x84\0"
		     "\0\1\0\1\0\0\0\0" NAME "\0\x0c\x80\1"
		     "\xc0\x0c"
		     "\0\x1c\x80\1"
		     "\0\0\0\x78"
		     "\0\x10" A6),
	  RAW, "dns.qry.class=0x0001|dns.qry.qu=set|dns.resp.class=IN (1)|dns.resp.cache_flush=set|dns.aaaa=fd00::1",
	  NULL },
	{ "over tcp, two messages", BYTES(DNS_TCP "\0\x1d" QUERY NAME IN_A "\0\x1d" QUERY NAME IN_A), RAW,
	  "dns.length=29|dns.qry.name=www.example|dns.length=29|dns.qry.name=www.example",
	  "Raw | " SHOW_IPV4(
		  "TCP", "102") " | TCP :1234 -> :53 [ACK, PSH] seq=1 ack=2 win=256 | DNS query 0x1234 A www.example"
				" | DNS query 0x1234 A www.example | payload: 62 bytes" },
	{ "over tcp, length alone", BYTES(DNS_TCP "\0"), RAW, "tcp.len=1|note=the packet ends here", NULL },
	{ "over tcp, nothing in it", BYTES(DNS_TCP "\0\0\0\0"), RAW,
	  "dns.length=0|note=the packet ends here|dns.length=0", NULL },
};

DISSECT_TABLE(cases)

/* More answers than a tree has room for: the tree says so, and nothing is written beyond it. */
START_TEST(more_than_a_tree)
{
	static const char head[] = DNS "\x12\x34\x81\x80"
				       "\0\0\x10\0\0\0\0\0";
	static const char one[] = "\0"
				  "\0\1\0\1"
				  "\0\0\0\0"
				  "\0\4" A4;
	static uint8_t bytes[sizeof(head) + 4096 * sizeof(one)];
	size_t n = sizeof(head) - 1;

	memcpy(bytes, head, n);
	for (unsigned i = 0; i < 4096; i++, n += sizeof(one) - 1)
		memcpy(bytes + n, one, sizeof(one) - 1);
	dissect_bytes(bytes, (uint32_t)n, (uint32_t)n, NSC_LINK_RAW);
	ck_assert(tree.truncated);
	ck_assert_uint_eq(tree.n, NSC_DISSECT_FIELDS);
	ck_assert(tree_is_sane());
}
END_TEST

static void add(TCase *tcase)
{
	add_table(tcase);
	tcase_add_test(tcase, more_than_a_tree);
}

int main(void)
{
	return run_suite("dns", add);
}
