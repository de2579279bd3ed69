/* SPDX-License-Identifier: MIT */
#include "engine/names/parser.h"

struct parser {
	enum nsc_name_verdict (*parse)(const struct nsc_name_input *, struct nsc_name_output *);
};

/* The first that says FOUND has it, so those that look at more bytes come first. */
static const struct parser streams[] = {
	{ name_parse_tls },   { name_parse_http },  { name_parse_http2 },  { name_parse_dns_stream },
	{ name_parse_ssh },   { name_parse_rtsp },  { name_parse_sip },    { name_parse_smtp },
	{ name_parse_ftp },   { name_parse_imap },  { name_parse_pop3 },   { name_parse_mqtt },
	{ name_parse_redis }, { name_parse_mysql }, { name_parse_modbus }, { name_parse_postgresql },
};

static const struct parser datagrams[] = { { name_parse_dns }, { name_parse_sip } };

static enum nsc_name_verdict names_ask(const struct parser *parsers, size_t count, const struct nsc_name_input *in,
				       struct nsc_name_output *out)
{
	uint32_t wanted = UINT32_MAX;

	memset(&out->named, 0, offsetof(struct nsc_named, name));
	for (size_t i = 0; in->n && i < count; i++) {
		enum nsc_name_verdict verdict = parsers[i].parse(in, out);

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
	return names_ask(streams, NSC_ARRAY_LEN(streams), in, out);
}

enum nsc_name_verdict nsc_name_datagram(const struct nsc_name_input *in, struct nsc_name_output *out)
{
	struct nsc_name_input whole = *in;

	whole.last = true;
	return names_ask(datagrams, NSC_ARRAY_LEN(datagrams), &whole, out);
}
