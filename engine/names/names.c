/* SPDX-License-Identifier: MIT */
#include "engine/names/parser.h"

/* X(ID, parser): the first that says FOUND has it, so those that look at more bytes come first. */
#define STREAM_PARSERS(X)                                                                                              \
	X(TLS, tls)                                                                                                    \
	X(HTTP, http)                                                                                                  \
	X(HTTP2, http2)                                                                                                \
	X(DNS_STREAM, dns_stream)                                                                                      \
	X(SSH, ssh)                                                                                                    \
	X(RTSP, rtsp)                                                                                                  \
	X(SIP, sip)                                                                                                    \
	X(SMTP, smtp)                                                                                                  \
	X(FTP, ftp)                                                                                                    \
	X(IMAP, imap)                                                                                                  \
	X(POP3, pop3)                                                                                                  \
	X(MQTT, mqtt)                                                                                                  \
	X(REDIS, redis)                                                                                                \
	X(MYSQL, mysql)                                                                                                \
	X(MODBUS, modbus)                                                                                              \
	X(POSTGRESQL, postgresql)

enum {
#define NSC_X(id, name) AT_##id,
	STREAM_PARSERS(NSC_X)
#undef NSC_X
#define NSC_X(id, name) id = 1u << AT_##id,
		STREAM_PARSERS(NSC_X)
#undef NSC_X
};

struct parser {
	enum nsc_name_verdict (*parse)(const struct nsc_name_input *, struct nsc_name_output *);
};

static const struct parser streams[] = {
#define NSC_X(id, name) { name_parse_##name },
	STREAM_PARSERS(NSC_X)
#undef NSC_X
};

static const struct parser datagrams[] = { { name_parse_dns }, { name_parse_sip } };

/* Most first bytes are nobody's, and most ports: which parsers may know what begins so, letters of any size. A parser
 * that is not asked would have said NO. */
static const uint32_t stream_by_first[256] = {
	[0] = POSTGRESQL,
	[0x10] = MQTT,
	[20] = TLS,
	[22] = TLS,
	['*'] = REDIS | IMAP,
	['+'] = POP3,
	['2'] = SMTP | FTP,
	['A'] = RTSP | SIP | FTP | POP3,
	['B'] = SIP,
	['C'] = HTTP | SIP | POP3,
	['D'] = HTTP | RTSP,
	['E'] = SMTP,
	['F'] = FTP,
	['G'] = HTTP | RTSP,
	['H'] = HTTP | SMTP,
	['I'] = SIP,
	['L'] = HTTP,
	['M'] = HTTP | SIP,
	['N'] = HTTP | SIP,
	['O'] = HTTP | RTSP | SIP | FTP,
	['P'] = HTTP | HTTP2 | RTSP | SIP,
	['R'] = HTTP | RTSP | SIP,
	['S'] = HTTP | SSH | RTSP | SIP | FTP | POP3,
	['T'] = HTTP | RTSP,
	['U'] = HTTP | SIP | FTP | POP3,
};

#define BIT(c) (1u << ((c)&31))

/* The second characters of words that begin with a letter: nine pairs of letters in ten begin none of them. */
static const uint32_t second_of[32] = {
	['A' & 31] = BIT('C') | BIT('N') | BIT('P') | BIT('U'),
	['B' & 31] = BIT('Y'),
	['C' & 31] = BIT('A') | BIT('O'),
	['D' & 31] = BIT('E'),
	['E' & 31] = BIT('H'),
	['F' & 31] = BIT('E'),
	['G' & 31] = BIT('E'),
	['H' & 31] = BIT('E') | BIT('T'),
	['I' & 31] = BIT('N'),
	['L' & 31] = BIT('O'),
	['M' & 31] = BIT('-') | BIT('E') | BIT('K') | BIT('O'),
	['N' & 31] = BIT('O'),
	['O' & 31] = BIT('P'),
	['P' & 31] = BIT('A') | BIT('L') | BIT('O') | BIT('R') | BIT('U'),
	['R' & 31] = BIT('E') | BIT('T'),
	['S' & 31] = BIT('E') | BIT('I') | BIT('S') | BIT('T') | BIT('U') | BIT('Y'),
	['T' & 31] = BIT('E') | BIT('R'),
	['U' & 31] = BIT('N') | BIT('P') | BIT('S'),
};

static bool is_letter(uint8_t c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* Letters that no word begins with. */
static bool is_no_word(const struct nsc_name_input *in)
{
	return is_letter(in->data[0]) && in->n > 1 && !(second_of[in->data[0] & 31] & BIT(in->data[1]));
}

static uint32_t stream_parsers(const struct nsc_name_input *in)
{
	uint8_t first = in->data[0];
	uint32_t some = is_no_word(in) ? 0 : stream_by_first[is_letter(first) ? first & ~32 : first];

	if (in->n < 6 ? name_has_port(in, 3306) : in->data[3] == 0 && in->data[4] == 10)
		some |= MYSQL;
	some |= name_has_port(in, 53) ? DNS_STREAM : 0;
	some |= name_has_port(in, 502) ? MODBUS : 0;
	return some | (in->dst_port == 143 ? IMAP : 0);
}

static uint32_t datagram_parsers(const struct nsc_name_input *in)
{
	uint8_t first = in->data[0];
	bool dns = name_has_port(in, 53) || name_has_port(in, 5353) || name_has_port(in, 5355);

	return (dns ? 1 : 0) | (is_letter(first) && !is_no_word(in) && stream_by_first[first & ~32] & SIP ? 2 : 0);
}

static enum nsc_name_verdict names_ask(const struct parser *parsers, uint32_t some, const struct nsc_name_input *in,
				       struct nsc_name_output *out)
{
	uint32_t wanted = UINT32_MAX;

	if (!some)
		return NSC_NAME_NO;
	memset(&out->named, 0, offsetof(struct nsc_named, name));
	for (; some; some &= some - 1) {
		enum nsc_name_verdict verdict = parsers[__builtin_ctz(some)].parse(in, out);

		if (verdict >= NSC_NAME_FOUND) {
			out->named.source = NSC_APP_SOURCE_PAYLOAD;
			return verdict;
		}
		if (verdict == NSC_NAME_MORE)
			wanted = NSC_MIN(wanted, out->wanted);
	}
	out->wanted = NSC_MAX(wanted, in->n + 1);
	return wanted == UINT32_MAX ? NSC_NAME_NO : NSC_NAME_MORE;
}

enum nsc_name_verdict nsc_name_stream(const struct nsc_name_input *in, struct nsc_name_output *out)
{
	return names_ask(streams, in->n ? stream_parsers(in) : 0, in, out);
}

enum nsc_name_verdict nsc_name_datagram(const struct nsc_name_input *in, struct nsc_name_output *out)
{
	return names_ask(datagrams, in->n ? datagram_parsers(in) : 0, in, out);
}
