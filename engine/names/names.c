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

/* Most first bytes are nobody's: which parsers may know what begins so, any byte and a letter of any size. */
enum { ANY = DNS_STREAM | IMAP | MYSQL | MODBUS };
static const uint32_t stream_by_first[256] = {
	[0] = POSTGRESQL,
	[0x10] = MQTT,
	[20] = TLS,
	[22] = TLS,
	['*'] = REDIS,
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
static const uint32_t datagram_all = 3;

static uint32_t stream_parsers(uint8_t first)
{
	bool small = first >= 'a' && first <= 'z';

	return ANY | (small ? stream_by_first[first - 32] : stream_by_first[first]);
}

static enum nsc_name_verdict names_ask(const struct parser *parsers, uint32_t some, const struct nsc_name_input *in,
				       struct nsc_name_output *out)
{
	uint32_t wanted = UINT32_MAX;

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
	return names_ask(streams, in->n ? stream_parsers(in->data[0]) : 0, in, out);
}

enum nsc_name_verdict nsc_name_datagram(const struct nsc_name_input *in, struct nsc_name_output *out)
{
	struct nsc_name_input whole = *in;

	whole.last = true;
	return names_ask(datagrams, in->n ? datagram_all : 0, &whole, out);
}
