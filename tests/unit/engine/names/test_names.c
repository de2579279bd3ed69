/* SPDX-License-Identifier: MIT
 *
 * Streams and datagrams, and what they say: whole, cut at every byte, and damaged. Input lies in memory of exactly its
 * size, so that the address sanitizer sees a byte too far.
 */
#include "tests/unit/engine/check_main.h"

#include <ctype.h>
#include <stdio.h>

#include "engine/names/ja4.h"
#include "engine/names/parser.h"
#include "tests/unit/engine/names/hello.h"

struct names_case {
	const char *bytes;
	uint32_t n;
	uint16_t src_port, dst_port;
	enum nsc_app app; /* NONE: NO is the answer */
	const char *name;
	bool watch, udp;
	const char *alpn;
	const char *ja4; /* its end, NULL: none */
};

#define BYTES(text) .bytes = (text), .n = sizeof(text) - 1
#define TO(port) 40000, (port)
#define FROM(port) (port), 40000
#define DNS_QUESTION "\x12\x34\1\0\0\1\0\0\0\0\0\0\3WWW\7example\3com\0\0\1\0\1"
#define DNS_ANSWER "\x12\x34\x81\x83\0\1\0\0\0\0\0\0\3www\7example\3com\0\0\1\0\1"

#define H2_PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
#define H2_SETTINGS "\0\0\6\4\0\0\0\0\0\0\3\0\0\0\x64"

static struct ja4_cache ja4s;

static const struct names_case cases[] = {
	{ BYTES(HELLO_RECORD), TO(443), NSC_APP_TLS, "host.com", .alpn = "h2;http/1.1", .ja4 = HELLO_JA4_END },
	{ BYTES("\x14\3\3\0\1\1" HELLO_RECORD), TO(443), NSC_APP_TLS, "host.com", .alpn = "h2;http/1.1",
	  .ja4 = HELLO_JA4_END },
	{ BYTES("\x16\3\3\0\x31\2\0\0\x2d\3\3"), FROM(443), NSC_APP_TLS, "" },
	{ BYTES("\x16\3\1\0\3\1\0\0"), TO(443), NSC_APP_NONE, "" }, /* a record shorter than a message's header */
	{ BYTES("\x17\3\3\0\x20 0123456789"), TO(443), NSC_APP_NONE, "" },
	{ BYTES("GET / HTTP/1.1\r\nUser-Agent: x\r\nHost: Example.COM:8080\r\n\r\n"), TO(80), NSC_APP_HTTP,
	  "example.com" },
	{ BYTES("GET / HTTP/1.1\r\nhost:\t[2001:db8::1]:80 \r\n\r\n"), TO(80), NSC_APP_HTTP, "[2001:db8::1]" },
	{ BYTES("GET / HTTP/1.0\r\n\r\n"), TO(80), NSC_APP_HTTP, "" },
	{ BYTES("GET http://user@example.org/path?x=http://no.such HTTP/1.1\r\nHost: other\r\n\r\n"), TO(3128),
	  NSC_APP_HTTP, "example.org" },
	{ BYTES("CONNECT example.net:443 HTTP/1.1\r\nHost: x\r\n\r\n"), TO(3128), NSC_APP_HTTP, "example.net",
	  .watch = true },
	{ BYTES("HTTP/1.1 200 OK\r\n\r\n"), FROM(80), NSC_APP_HTTP, "" },
	{ BYTES("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n"), TO(80), NSC_APP_HTTP, "h" },
	{ BYTES("GET / FTP/1.1\r\n\r\n"), TO(80), NSC_APP_NONE, "" },
	{ BYTES(H2_PREFACE "\0\x40\1\4\0\0\0\0\0"), TO(80), NSC_APP_HTTP2, "" }, /* a frame that is too long */
	{ BYTES(H2_PREFACE H2_SETTINGS "\0\0\x11\1\5\0\0\0\1\x82\x86\x84\x41"
				       "\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff"),
	  TO(80), NSC_APP_HTTP2, "www.example.com" }, /* RFC 7541, C.4.1 */
	{ BYTES(H2_PREFACE H2_SETTINGS "\0\0\4\x08\0\0\0\0\0\0\0\1\0"
				       "\0\0\x1d\1\x2d\0\0\0\1\3\0\0\0\0\x10\x82\x86\x84\x41\x0fWWW.example.com\0\0\0"),
	  TO(8080), NSC_APP_HTTP2, "www.example.com" }, /* with priority and padding */
	{ BYTES(H2_PREFACE H2_SETTINGS "\0\0\x15\1\5\0\0\0\1\x82\x86\x84\0\4host\x0bhost.net:80"), TO(80),
	  NSC_APP_HTTP2, "host.net" },
	{ BYTES(H2_PREFACE H2_SETTINGS "\0\0\x1e\1\5\0\0\0\1\x82\x3f\1\x10\x0a:authority\7a@b.c:1\x0f\x17\4host"),
	  TO(80), NSC_APP_HTTP2, "b.c" },
	{ BYTES("GET / HTTP/1.1\r\nHost: =cmd|'\r\n\r\n"), TO(80), NSC_APP_HTTP, "%3dcmd%7c%27" },
	{ BYTES("GET / HTTP/1.1\r\nHost: -x\x1b[31m\xff\r\n\r\n"), TO(80), NSC_APP_HTTP, "%2dx%1b[31m%ff" },
	{ BYTES(DNS_QUESTION), TO(53), NSC_APP_DNS, "www.example.com", .udp = true },
	{ BYTES(DNS_ANSWER), FROM(53), NSC_APP_DNS, "www.example.com", .udp = true },
	{ BYTES(DNS_QUESTION), TO(5353), NSC_APP_MDNS, "www.example.com", .udp = true },
	{ BYTES(DNS_QUESTION), TO(5355), NSC_APP_LLMNR, "www.example.com", .udp = true },
	{ BYTES(DNS_QUESTION), TO(54), NSC_APP_NONE, "", .udp = true },
	{ BYTES("\0\0\x84\0\0\0\0\1\0\0\0\0"), FROM(5353), NSC_APP_MDNS, "", .udp = true },
	{ BYTES("\x12\x34\x18\0\0\1\0\0\0\0\0\0"), TO(53), NSC_APP_NONE, "", .udp = true },
	{ BYTES("\0\x21" DNS_QUESTION), TO(53), NSC_APP_DNS, "www.example.com" },
	{ BYTES("SSH-2.0-OpenSSH_9.6\r\n"), FROM(22), NSC_APP_SSH, "" },
	{ BYTES("SSH-1.99-x\r\n"), FROM(2222), NSC_APP_SSH, "" },
	{ BYTES("220 mail.example.com ESMTP ready\r\n"), FROM(25), NSC_APP_SMTP, "mail.example.com" },
	{ BYTES("220 mail.example.com ESMTP ready\r\n"), FROM(2526), NSC_APP_SMTP, "mail.example.com" },
	{ BYTES("220-192.0.2.1 ready\r\n"), FROM(25), NSC_APP_SMTP, "" },
	{ BYTES("EHLO client\r\n"), TO(587), NSC_APP_SMTP, "", .watch = true },
	{ BYTES("220 (vsFTPd 3.0.3)\r\n"), FROM(21), NSC_APP_FTP, "" },
	{ BYTES("220 ProFTPD Server\r\n"), FROM(2121), NSC_APP_FTP, "" },
	{ BYTES("220 something\r\n"), .src_port = 21, .dst_port = 2525, .app = NSC_APP_FTP,
	  .name = "" }, /* a client's port */
	{ BYTES("220 something\r\n"), FROM(2121), NSC_APP_NONE, "" },
	{ BYTES("USER anonymous\r\n"), TO(21), NSC_APP_FTP, "", .watch = true },
	{ BYTES("USER anonymous\r\n"), TO(2121), NSC_APP_NONE, "" },
	{ BYTES("USER anonymous\r\n"), TO(110), NSC_APP_POP3, "", .watch = true },
	{ BYTES("+OK POP3 server ready\r\n"), FROM(1100), NSC_APP_POP3, "" },
	{ BYTES("+OK\r\n"), FROM(6379), NSC_APP_NONE, "" },
	{ BYTES("* OK [CAPABILITY IMAP4rev1] ready\r\n"), FROM(143), NSC_APP_IMAP, "" },
	{ BYTES("a1 STARTTLS\r\n"), TO(143), NSC_APP_IMAP, "", .watch = true },
	{ BYTES("OPTIONS rtsp://cam.example:554/stream RTSP/1.0\r\n"), TO(554), NSC_APP_RTSP, "cam.example" },
	{ BYTES("RTSP/1.0 200 OK\r\n"), FROM(554), NSC_APP_RTSP, "" },
	{ BYTES("INVITE sip:bob@biloxi.example:5060;transport=udp SIP/2.0\r\n"), TO(5060), NSC_APP_SIP,
	  "biloxi.example", .udp = true },
	{ BYTES("REGISTER sips:ss2.biloxi.example SIP/2.0\r\n"), TO(5061), NSC_APP_SIP, "ss2.biloxi.example" },
	{ BYTES("SIP/2.0 100 Trying\r\n"), FROM(5060), NSC_APP_SIP, "", .udp = true },
	{ BYTES("\x10\x10\0\4MQTT\4\2\0\x3c\0\4test"), TO(1883), NSC_APP_MQTT, "" },
	{ BYTES("\x10\x80\1\0\6MQIsdp\3"), TO(1883), NSC_APP_MQTT, "" },
	{ BYTES("*1\r\n$4\r\nPING\r\n"), TO(6379), NSC_APP_REDIS, "" },
	{ BYTES("\0\0\0\x08\4\xd2\x16\x2f"), TO(5432), NSC_APP_POSTGRESQL, "", .watch = true },
	{ BYTES("\0\0\0\x12\0\3\0\0user\0me\0\0"), TO(5432), NSC_APP_POSTGRESQL, "" },
	{ BYTES("\x4a\0\0\0\x0a"
		"8.0.36\0\1\0\0\0"),
	  FROM(3306), NSC_APP_MYSQL, "" },
	{ BYTES("\0\1\0\0\0\6\1\3\0\0\0\1"), TO(502), NSC_APP_MODBUS, "" },
	{ BYTES("\0\1\0\0\0\6\1\3\0\0\0\1"), TO(503), NSC_APP_NONE, "" },
	{ BYTES("hello, world\n"), TO(7), NSC_APP_NONE, "" },
};

static enum nsc_name_verdict ask(const struct names_case *c, const void *bytes, uint32_t n, bool last,
				 struct nsc_name_output *out)
{
	uint8_t *exact = malloc(n ? n : 1);
	struct nsc_name_input in = { exact, n, c->src_port, c->dst_port, last || c->udp, &ja4s };
	enum nsc_name_verdict verdict;

	if (n)
		memcpy(exact, bytes, n);
	verdict = c->udp ? nsc_name_datagram(&in, out) : nsc_name_stream(&in, out);
	free(exact);
	return verdict;
}

static bool text_is(const char *have, uint32_t n, const char *want)
{
	return n == strlen(want) && !memcmp(have, want, n);
}

static bool says(const struct names_case *c, enum nsc_name_verdict verdict, const struct nsc_named *named)
{
	if (!c->app)
		return verdict == NSC_NAME_NO;
	return verdict == (c->watch ? NSC_NAME_WATCH : NSC_NAME_FOUND) && named->app == c->app &&
	       named->source == NSC_APP_SOURCE_PAYLOAD && text_is(named->name, named->name_length, c->name) &&
	       text_is(named->alpn, named->alpn_length, c->alpn ? c->alpn : "") &&
	       named->ja4_length == (c->ja4 ? NSC_JA4_LENGTH : 0) &&
	       (!c->ja4 || !memcmp(named->ja4 + 4, c->ja4, NSC_JA4_LENGTH - 4));
}

START_TEST(whole)
{
	struct nsc_name_output out;
	unsigned wrong = 0;

	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		enum nsc_name_verdict verdict = ask(&cases[i], cases[i].bytes, cases[i].n, true, &out);

		if (says(&cases[i], verdict, &out.named))
			continue;
		wrong++;
		fprintf(stderr, "case %zu: verdict %d app %s name '%.*s'\n", i, verdict, nsc_app_name(out.named.app),
			out.named.name_length, out.named.name);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* As a stream comes: each prefix says MORE, or what all of it says; never something else. */
START_TEST(cut_at_every_byte)
{
	struct nsc_name_output out;
	unsigned wrong = 0;

	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		const struct names_case *c = &cases[i];
		enum nsc_name_verdict verdict = NSC_NAME_MORE;
		uint32_t n = 0;

		while (verdict == NSC_NAME_MORE && n < c->n && !c->udp) {
			verdict = ask(c, c->bytes, ++n, false, &out);
			wrong += verdict == NSC_NAME_MORE && out.wanted <= n;
		}
		if (c->udp || says(c, verdict, &out.named) || (!c->app && verdict == NSC_NAME_MORE))
			continue;
		wrong++;
		fprintf(stderr, "case %zu at %u: verdict %d app %s\n", i, n, verdict, nsc_app_name(out.named.app));
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* The last look at a prefix: the name is right or empty. */
START_TEST(cut_for_good)
{
	struct nsc_name_output out;
	unsigned wrong = 0;

	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		for (uint32_t n = 0; n < cases[i].n; n++) {
			enum nsc_name_verdict verdict = ask(&cases[i], cases[i].bytes, n, true, &out);

			if (verdict == NSC_NAME_MORE ||
			    (verdict >= NSC_NAME_FOUND && out.named.name_length &&
			     !text_is(out.named.name, out.named.name_length, cases[i].name)))
				wrong++;
		}
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static bool is_plain(const char *text, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if ((uint8_t)text[i] <= 0x20 || (uint8_t)text[i] >= 0x7f || strchr("\"',\\<>&=+@", text[i]))
			return false;
	return !n || text[0] != '-';
}

/* Whatever comes: no crash, and only harmless text. */
START_TEST(mutations)
{
	uint64_t state = 0x9e3779b97f4a7c15;
	struct nsc_name_output out;
	unsigned wrong = 0;

	for (unsigned round = 0; round < 10000; round++) {
		const struct names_case *c = &cases[next_random(&state) % NSC_ARRAY_LEN(cases)];
		uint8_t bytes[512];
		uint32_t n = c->n - (next_random(&state) % 4 ? 0 : (uint32_t)(next_random(&state) % c->n));
		enum nsc_name_verdict verdict;

		memcpy(bytes, c->bytes, n);
		for (uint64_t k = 1 + next_random(&state) % 4; n && k; k--)
			bytes[next_random(&state) % n] = (uint8_t)next_random(&state);
		verdict = ask(c, bytes, n, round & 1, &out);
		if (verdict == NSC_NAME_MORE)
			wrong += (round & 1) || out.wanted <= n;
		else if (verdict != NSC_NAME_NO)
			wrong += !out.named.app || !is_plain(out.named.name, out.named.name_length) ||
				 !is_plain(out.named.alpn, out.named.alpn_length);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* Over one record and over many, up to the longest that is looked at. */
START_TEST(large_hellos)
{
	static const uint32_t sizes[] = { 200, 1700, 4000, 16000 }, records[] = { 16384, 1000, 100 };
	static uint8_t bytes[2 * NSC_NAME_STREAM_MAX];
	const struct names_case c = { .src_port = 40000, .dst_port = 443 };
	struct nsc_name_output out;
	unsigned wrong = 0;
	uint32_t n;

	for (unsigned i = 0; i < NSC_ARRAY_LEN(sizes); i++) {
		for (unsigned k = 0; k < NSC_ARRAY_LEN(records); k++) {
			hello_padded(bytes, &n, sizes[i], records[k]);
			wrong += ask(&c, bytes, n, false, &out) != NSC_NAME_FOUND ||
				 !text_is(out.named.name, out.named.name_length, "host.com") || !out.named.ja4_length;
			if (n <= NSC_NAME_STREAM_MAX)
				wrong += ask(&c, bytes, n - 1, false, &out) != NSC_NAME_MORE || out.wanted != n;
			wrong += ask(&c, bytes, n - 1, true, &out) != NSC_NAME_FOUND ||
				 !text_is(out.named.name, out.named.name_length, "host.com") || out.named.ja4_length;
		}
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

static bool http2_has_name(unsigned frames, unsigned fields)
{
	static const char empty[] = "\0\0\0\4\0\0\0\0", field = '\x82',
			  authority[] = "\x41\x03"
					"a.b";
	const struct names_case c = { .src_port = 40000, .dst_port = 80 };
	uint8_t bytes[1024], *at = bytes + sizeof(H2_PREFACE) - 1;
	struct nsc_name_output out;

	memcpy(bytes, H2_PREFACE, sizeof(H2_PREFACE));
	for (unsigned i = 0; i < frames; i++, at += sizeof(empty))
		memcpy(at, empty, sizeof(empty));
	memcpy(at, "\0\0\0\1\5\0\0\0\1", 9);
	at[2] = (uint8_t)(fields + sizeof(authority) - 1);
	memset(at + 9, field, fields);
	memcpy(at + 9 + fields, authority, sizeof(authority) - 1);
	at += 9 + at[2];
	ck_assert_int_eq(ask(&c, bytes, (uint32_t)(at - bytes), false, &out), NSC_NAME_FOUND);
	ck_assert_uint_eq(out.named.app, NSC_APP_HTTP2);
	return text_is(out.named.name, out.named.name_length, "a.b");
}

/* What one packet may ask for is bounded: frames in front of the request, and fields in it. */
START_TEST(http2_bounds)
{
	ck_assert(http2_has_name(0, 0));
	ck_assert(http2_has_name(32, 63));
	ck_assert(!http2_has_name(33, 0));
	ck_assert(!http2_has_name(0, 64));
}
END_TEST

/* 255 characters are a name, 256 are none; the same when they grow by being written. */
START_TEST(longest)
{
	char bytes[600];
	struct nsc_name_output out;
	const struct names_case c = { .src_port = 40000, .dst_port = 80 };
	unsigned wrong = 0;

	for (uint32_t extra = 0; extra < 2; extra++) {
		int n = snprintf(bytes, sizeof(bytes), "GET / HTTP/1.1\r\nHost: %0*d\r\n\r\n", (int)(255 + extra), 0);

		wrong += ask(&c, bytes, (uint32_t)n, true, &out) != NSC_NAME_FOUND;
		wrong += out.named.name_length != (extra ? 0 : 255);
		n = snprintf(bytes, sizeof(bytes), "GET / HTTP/1.1\r\nHost: %0*d!\r\n\r\n", (int)(252 + extra), 0);
		wrong += ask(&c, bytes, (uint32_t)n, true, &out) != NSC_NAME_FOUND;
		wrong += out.named.name_length != (extra ? 0 : 255);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* Each word that a parser knows begins something, however its letters are written: the look at first bytes that chooses
 * the parsers lets all of them through. */
START_TEST(words)
{
	static const struct {
		uint16_t port;
		const char *words;
	} rows[] = {
		{ 80,
		  "GET POST HEAD PUT DELETE OPTIONS CONNECT TRACE PATCH PROPFIND REPORT MKCOL COPY MOVE LOCK UNLOCK "
		  "SEARCH NOTIFY SUBSCRIBE M-SEARCH HTTP/1.1" },
		{ 554,
		  "OPTIONS DESCRIBE SETUP PLAY ANNOUNCE RECORD PAUSE TEARDOWN GET_PARAMETER SET_PARAMETER RTSP/1.0" },
		{ 5060,
		  "INVITE REGISTER OPTIONS ACK BYE CANCEL SUBSCRIBE NOTIFY MESSAGE INFO PRACK UPDATE REFER PUBLISH "
		  "SIP/2.0" },
		{ 25, "EHLO HELO" },
		{ 21, "USER AUTH FEAT OPTS SYST" },
		{ 110, "USER CAPA STLS AUTH APOP" },
		{ 22, "SSH-2.0" },
	};
	struct nsc_name_output out;
	unsigned wrong = 0;

	for (size_t i = 0; i < NSC_ARRAY_LEN(rows); i++) {
		const struct names_case c = { .src_port = 40000, .dst_port = rows[i].port };
		char all[256], *at = NULL;

		strcpy(all, rows[i].words);
		for (char *word = strtok_r(all, " ", &at); word; word = strtok_r(NULL, " ", &at))
			for (uint32_t n = 1; n < strlen(word); n++)
				if (ask(&c, word, n, false, &out) != NSC_NAME_MORE) {
					wrong++;
					fprintf(stderr, "%.*s of %s\n", (int)n, word, word);
				}
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* Every byte, as it stands in a name: NSC_NAME_PLAIN, letters and digits as they are or small, others as %XX. */
START_TEST(every_byte)
{
	const struct names_case c = { .src_port = 40000, .dst_port = 80 };
	struct nsc_name_output out;
	unsigned wrong = 0;

	for (unsigned byte = 0x21; byte < 256; byte++) {
		bool alphanumeric = byte < 128 && isalnum((int)byte);
		bool plain = alphanumeric || strchr(NSC_NAME_PLAIN, (int)byte);
		char bytes[64], want[8];
		int n = snprintf(bytes, sizeof(bytes), "GET / HTTP/1.1\r\nHost: x%cy\r\n\r\n", (int)byte);

		snprintf(want, sizeof(want), plain ? "x%cy" : "x%%%02xy",
			 alphanumeric ? tolower((int)byte) : (int)byte);
		if (byte == '@' || byte == ':') /* a user, a port */
			strcpy(want, byte == '@' ? "y" : "x");
		wrong += ask(&c, bytes, (uint32_t)n, true, &out) != NSC_NAME_FOUND ||
			 !text_is(out.named.name, out.named.name_length, want);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* What name_write says, byte by byte. */
static uint32_t write_slowly(char *at, const uint8_t *p, uint32_t n)
{
	uint32_t length = 0;

	for (uint32_t i = 0; i < n; i++) {
		bool plain = isalnum(p[i]) || (p[i] && strchr(NSC_NAME_PLAIN, p[i]) && !(p[i] == '-' && i == 0));

		if (length + (plain ? 1 : 3) > NSC_NAME_MAX)
			return 0;
		length += (uint32_t)sprintf(at + length, plain ? "%c" : "%%%02x", plain ? tolower(p[i]) : p[i]);
	}
	return length;
}

/* Text of each length, with one byte anywhere that is a capital, a mark or something else. */
START_TEST(any_length)
{
	static const char odd[] = "ZA-_:[]*/~. @^{,;`";
	char have[NSC_NAME_MAX], want[NSC_NAME_MAX + 4];
	unsigned wrong = 0;

	for (uint32_t n = 0; n <= NSC_NAME_MAX + 1; n++) {
		uint8_t *text = malloc(n + 1); /* of exactly its size, for the address sanitizer */

		for (uint32_t k = 0; k < sizeof(odd); k++) {
			for (uint32_t at = 0; at < n; at += 1 + n / 6) {
				uint32_t length;

				for (uint32_t i = 0; i < n; i++)
					text[i] = (uint8_t)('a' + (i + n) % 26);
				text[at] = (uint8_t)odd[k];
				length = write_slowly(want, text, n);
				wrong += name_write(have, text, n) != length || memcmp(have, want, length) != 0;
			}
		}
		free(text);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(hello_in_the_middle)
{
	ck_assert(nsc_name_is_hello((const uint8_t *)HELLO_RECORD, sizeof(HELLO_RECORD) - 1));
	ck_assert(!nsc_name_is_hello((const uint8_t *)"\x16\3\1\0\x77\2", 6));
	ck_assert(!nsc_name_is_hello((const uint8_t *)"\x16\3\1\0\x77", 5));
	ck_assert(!nsc_name_is_hello((const uint8_t *)"RCPT TO", 7));
}
END_TEST

CHECK_MAIN("names", whole, cut_at_every_byte, cut_for_good, mutations, large_hellos, http2_bounds, longest, words,
	   every_byte, any_length, hello_in_the_middle)
