/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/dissect/support.h"

#define TCP IPV4_ANY("\x06") TCP_TO("\x01\xbb")
#define RANDOM "0123456789abcdef0123456789abcdef"
#define SESSION "\4sess"
#define CIPHERS                                                                                                        \
	"\0\6"                                                                                                         \
	"\x0a\x0a\x13\x01\xc0\x2b"
#define SNI                                                                                                            \
	"\0\0"                                                                                                         \
	"\0\x0d"                                                                                                       \
	"\0\x0b\0\0\x08"                                                                                               \
	"host.com"
#define ALPN                                                                                                           \
	"\0\x10"                                                                                                       \
	"\0\x0e"                                                                                                       \
	"\0\x0c\2h2\x08http/1.1"
#define ALGORITHMS                                                                                                     \
	"\0\x0d"                                                                                                       \
	"\0\6"                                                                                                         \
	"\0\4\4\3\x08\4"
#define VERSIONS                                                                                                       \
	"\0\x2b"                                                                                                       \
	"\0\7"                                                                                                         \
	"\6\x0a\x0a\3\4\3\3"
#define GROUPS                                                                                                         \
	"\0\x0a"                                                                                                       \
	"\0\4"                                                                                                         \
	"\0\2\0\x1d"
#define BODY "\3\3" RANDOM SESSION CIPHERS "\1\0"
#define HELLO(record, length, extensions) "\x16\3\1" record "\1" length BODY extensions

/* Body without extensions: 2 + 32 + 5 + 8 + 2 = 49; extensions 2 + 64 */
#define WHOLE HELLO("\0\x77", "\0\0\x73", "\0\x40" SNI ALPN ALGORITHMS VERSIONS GROUPS)

static const struct dissect_case cases[] = {
	{ "hello", BYTES(TCP WHOLE), RAW,
	  "tls.record.content_type=22|tls.record.version=TLS 1.0 (0x0301)|tls.record.length=119|tls.handshake.type=1|"
	  "tls.handshake.length=115|tls.handshake.version=TLS 1.2 (0x0303)|tls.handshake.session_id_length=4|"
	  "tls.handshake.session_id=73657373|tls.handshake.cipher_suites_length=6|tls.handshake.ciphersuite=0x0a0a|"
	  "tls.handshake.ciphersuite=0x1301|tls.handshake.ciphersuite=0xc02b|tls.handshake.ciphersuite_count=3|"
	  "tls.handshake.extension.type=server name (0)|tls.handshake.extension.len=13|"
	  "tls.handshake.extensions_server_name=host.com|tls.handshake.extensions_alpn_str=h2|"
	  "tls.handshake.extensions_alpn_str=http/1.1|tls.handshake.sig_hash_alg=0x0403|"
	  "tls.handshake.extensions.supported_version=TLS 1.3 (0x0304)|tls.handshake.extensions_supported_group=0x001d|"
	  "tls.handshake.ja4=t13d0205h2_777cda164f4b_fbabbea27ee8",
	  NULL },
	{ "second hello, behind a change of ciphers", BYTES(TCP "\x14\3\3\0\1\1" WHOLE), RAW,
	  "tls.record.content_type=20|tls.record.content_type=22|tls.handshake.extensions_server_name=host.com", NULL },
	{ "no extensions", BYTES(TCP HELLO("\0\x35", "\0\0\x31", "")), RAW,
	  "tls.handshake.ja4=t12i020000_777cda164f4b_000000000000", NULL },
	{ "ciphers longer than the hello",
	  BYTES(TCP "\x16\3\1\0\x2b\1\0\0\x27"
		    "\3\3" RANDOM "\0"
		    "\xff\xfe"
		    "\x13\1"),
	  RAW, "tls.handshake.ciphersuite=0x1301|note=the hello is cut or damaged: it has no fingerprint", NULL },
	{ "session id longer than the hello",
	  BYTES(TCP "\x16\3\1\0\x27\1\0\0\x23"
		    "\3\3" RANDOM "\xff"),
	  RAW, "tls.handshake.session_id_length=255|note=the hello is cut or damaged: it has no fingerprint", NULL },
	{ "extension longer than the list",
	  BYTES(TCP HELLO("\0\x3d", "\0\0\x39",
			  "\0\6"
			  "\0\0\xff\xff"
			  "ab")),
	  RAW, "tls.handshake.extension.len=65535|note=the hello is cut or damaged: it has no fingerprint", NULL },
	{ "names longer than their extension",
	  BYTES(TCP HELLO("\0\x42", "\0\0\x3e",
			  "\0\x0b"
			  "\0\0\0\7"
			  "\0\5\0\xff\xff"
			  "ab")),
	  RAW, "tls.handshake.extensions_server_name=ab", NULL },
	{ "random cut",
	  BYTES(TCP "\x16\3\1\0\x77\1\0\0\x73\3\3"
		    "0123"),
	  RAW, "tls.handshake.random=30313233|note=the packet ends here", NULL },
	{ "server hello is no business of ours",
	  BYTES(TCP "\x16\3\1\0\x77\2\0\0\x73\3\3"
		    "0123"),
	  RAW, "data.len=15", NULL },
	{ "application data", BYTES(TCP "\x17\3\3\0\4abcd"), RAW, "data.len=9", NULL },
};

DISSECT_TABLE(cases)

START_TEST(line)
{
	const struct nsc_packet pkt = { .data = (const uint8_t *)TCP WHOLE,
					.cap_len = sizeof(TCP WHOLE) - 1,
					.wire_len = sizeof(TCP WHOLE) - 1,
					.link = NSC_LINK_RAW };
	static const char wanted[] =
		" | TLS ClientHello sni=host.com alpn=h2 ja4=t13d0205h2_777cda164f4b_fbabbea27ee8 | payload: 124 bytes";
	char text[NSC_LINE_MAX];
	size_t n = nsc_dissect_line(&pkt, 1, &tree, text, sizeof(text));

	ck_assert_uint_gt(n, sizeof(wanted));
	ck_assert_mem_eq(text + n - (sizeof(wanted) - 1), wanted, sizeof(wanted) - 1);
}
END_TEST

static void add(TCase *tcase)
{
	add_table(tcase);
	tcase_add_test(tcase, line);
}

int main(void)
{
	return run_suite("tls", add);
}
