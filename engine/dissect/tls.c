/* SPDX-License-Identifier: MIT
 *
 * The ClientHello of TLS, in one record: what a client offers before anything is encrypted. As much of it as the
 * segment holds. Whether all is there and well made, and the fingerprint then, is what the parser of names says.
 */
#include "engine/dissect/dissect.h"
#include "engine/names/parser.h"

enum {
	RECORD_HEADER = 5,
	HELLO_HEADER = 4,
	RANDOM = 32,
	HANDSHAKE = 22,
	CIPHER_CHANGE = 20,
	CIPHER_CHANGE_RECORD = 6,
	CLIENT_HELLO = 1,
	EXTENSION_NAME = 0,
	EXTENSION_GROUPS = 10,
	EXTENSION_ALGORITHMS = 13,
	EXTENSION_ALPN = 16,
	EXTENSION_VERSIONS = 43,
	SHOWN_MAX = 128, /* of a list; the rest is counted */
};

static const struct nsc_value_name names_version[] = {
	{ 0x0300, "SSL 3.0" }, { 0x0301, "TLS 1.0" }, { 0x0302, "TLS 1.1" },
	{ 0x0303, "TLS 1.2" }, { 0x0304, "TLS 1.3" }, { 0, NULL },
};
static const struct nsc_value_name names_extension[] = {
	{ 0, "server name" },
	{ 1, "maximum fragment length" },
	{ 5, "certificate status" },
	{ 10, "groups" },
	{ 11, "point formats" },
	{ 13, "signature algorithms" },
	{ 15, "heartbeat" },
	{ 16, "application protocols" },
	{ 17, "certificate status 2" },
	{ 18, "certificate timestamps" },
	{ 21, "padding" },
	{ 22, "encrypt then MAC" },
	{ 23, "extended master secret" },
	{ 27, "compressed certificates" },
	{ 28, "record size limit" },
	{ 34, "delegated credentials" },
	{ 35, "session ticket" },
	{ 41, "pre-shared key" },
	{ 42, "early data" },
	{ 43, "versions" },
	{ 44, "cookie" },
	{ 45, "key exchange modes" },
	{ 49, "authentication after handshake" },
	{ 50, "certificate signature algorithms" },
	{ 51, "key share" },
	{ 57, "QUIC parameters" },
	{ 17513, "application settings" },
	{ 17613, "application settings" },
	{ 65037, "encrypted hello" },
	{ 65281, "renegotiation" },
	{ 0, NULL },
};

static const struct nsc_field_type record[] = {
	F_DEC("tls.record.content_type", "Content type", 0, 1),
	F_HEX_NAMED("tls.record.version", "Record version", 1, 2, names_version),
	F_DEC("tls.record.length", "Record length", 3, 2),
};
static const struct nsc_field_type hello[] = {
	F_DEC("tls.handshake.type", "Handshake type", 0, 1),
	F_DEC("tls.handshake.length", "Handshake length", 1, 3),
	F_HEX_NAMED("tls.handshake.version", "Version", 4, 2, names_version),
};
static const struct nsc_field_type random_bytes = F_BYTES("tls.handshake.random", "Random");
static const struct nsc_field_type session_length = F_DEC("tls.handshake.session_id_length", "Session id length", 0, 1);
static const struct nsc_field_type session_id = F_BYTES("tls.handshake.session_id", "Session id");
static const struct nsc_field_type ciphers_length =
	F_DEC("tls.handshake.cipher_suites_length", "Cipher suites length", 0, 2);
static const struct nsc_field_type ciphers_group = F_GROUP("tls.handshake.ciphersuites", "Cipher suites");
static const struct nsc_field_type cipher = F_HEX("tls.handshake.ciphersuite", "Cipher suite", 0, 2);
static const struct nsc_field_type methods_length =
	F_DEC("tls.handshake.comp_methods_length", "Compression methods", 0, 1);
static const struct nsc_field_type extensions_length =
	F_DEC("tls.handshake.extensions_length", "Extensions length", 0, 2);
static const struct nsc_field_type extension_group = F_GROUP("tls.handshake.extension", "Extension");
static const struct nsc_field_type extension_type =
	F_NAMED("tls.handshake.extension.type", "Type", 0, 2, names_extension);
static const struct nsc_field_type extension_length = F_DEC("tls.handshake.extension.len", "Length", 0, 2);
static const struct nsc_field_type server_name = F_TEXT("tls.handshake.extensions_server_name", "Server name");
static const struct nsc_field_type protocol_name = F_TEXT("tls.handshake.extensions_alpn_str", "Application protocol");
static const struct nsc_field_type offered_version =
	F_HEX_NAMED("tls.handshake.extensions.supported_version", "Offered version", 0, 2, names_version);
static const struct nsc_field_type offered_group = F_HEX("tls.handshake.extensions_supported_group", "Group", 0, 2);
static const struct nsc_field_type algorithm = F_HEX("tls.handshake.sig_hash_alg", "Signature algorithm", 0, 2);
static const struct nsc_field_type cipher_count =
	FIELD("tls.handshake.ciphersuite_count", "Cipher suites offered", DEC);
static const struct nsc_field_type fingerprint = F_TEXT("tls.handshake.ja4", "JA4");

static bool is_hello(const uint8_t *p, uint64_t n)
{
	return n >= 6 && p[0] == HANDSHAKE && p[1] == 3 && p[2] <= 4 && p[5] == CLIENT_HELLO;
}

/* A client that is asked to try again may put a change of ciphers, which means nothing, before its second hello. */
static bool is_cipher_change(const uint8_t *p, uint64_t n)
{
	return n >= CIPHER_CHANGE_RECORD && p[0] == CIPHER_CHANGE && p[1] == 3 && p[2] <= 4 && nsc_load16(p + 3) == 1;
}

bool looks_like_tls(const uint8_t *p, uint64_t n)
{
	return is_hello(p, n) ||
	       (is_cipher_change(p, n) && is_hello(p + CIPHER_CHANGE_RECORD, n - CIPHER_CHANGE_RECORD));
}

/* A list of 16-bit values in [at, end): fields for the first of them. */
static void add_list(struct dissect *s, const struct nsc_field_type *type, uint64_t at, uint64_t end)
{
	end = NSC_MIN(end, s->cap_end);
	for (unsigned i = 0; at + 2 <= end && i < SHOWN_MAX; i++, at += 2)
		add_at(s, type, at);
}

/* The list of names holds names of several kinds; only host names were ever defined. */
static void add_server_name(struct dissect *s, uint64_t at, uint64_t end)
{
	uint32_t length;

	if (at + 5 > end || s->data[at + 2] != 0)
		return;
	length = nsc_load16(s->data + at + 3);
	if (length > 0)
		add_range(s, &server_name, at + 5, NSC_MIN(length, end - at - 5));
}

static void add_protocols(struct dissect *s, uint64_t at, uint64_t end)
{
	for (unsigned i = 0; i < SHOWN_MAX && at < end; i++) {
		uint32_t length = s->data[at];

		if (at + 1 + length > end)
			return;
		add_range(s, &protocol_name, at + 1, length);
		at += 1 + length;
	}
}

/* [at, end) is the content of an extension, and captured. */
static void add_content(struct dissect *s, uint16_t type, uint64_t at, uint64_t end)
{
	switch (type) {
	case EXTENSION_NAME:
		add_server_name(s, at, end);
		break;
	case EXTENSION_GROUPS:
		add_list(s, &offered_group, at + 2, end);
		break;
	case EXTENSION_ALGORITHMS:
		add_list(s, &algorithm, at + 2, end);
		break;
	case EXTENSION_ALPN:
		add_protocols(s, at + 2, end);
		break;
	case EXTENSION_VERSIONS:
		add_list(s, &offered_version, at + 1, end);
		break;
	}
}

static void add_extensions(struct dissect *s, uint64_t at, uint64_t end)
{
	uint64_t stop = NSC_MIN(end, s->cap_end);

	while (at + 4 <= stop) {
		uint64_t next = at + 4 + nsc_load16(s->data + at + 2);
		uint16_t group = enter_group(s, &extension_group, at, next - at);

		add_at(s, &extension_type, at);
		add_at(s, &extension_length, at + 2);
		add_content(s, nsc_load16(s->data + at), at + 4, NSC_MIN(next, stop));
		leave_group(s, group);
		at = next;
	}
}

/* A length of one byte or two at *at, and where the content behind it ends; false when it does not end here. */
static bool add_vector(struct dissect *s, const struct nsc_field_type *type, uint64_t *at, uint64_t *end)
{
	if (add_at(s, type, *at) == NSC_NO_FIELD)
		return false;
	*end = *at + type->size + (type->size == 1 ? s->data[*at] : nsc_load16(s->data + *at));
	*at += type->size;
	return true;
}

static bool add_ciphers(struct dissect *s, uint64_t *at)
{
	uint64_t end;
	uint16_t group;

	if (!add_vector(s, &ciphers_length, at, &end))
		return false;
	group = enter_group(s, &ciphers_group, *at, end - *at);
	add_list(s, &cipher, *at, end);
	leave_group(s, group);
	if (end > s->cap_end)
		return false;
	add_number(s, &cipher_count, *at, end - *at, (end - *at) / 2);
	*at = end;
	return true;
}

/* What follows the fixed part. */
static void add_offers(struct dissect *s)
{
	uint64_t at = s->off + 6 + RANDOM, end;

	if (!add_vector(s, &session_length, &at, &end))
		return;
	if (end > at)
		add_range(s, &session_id, at, end - at);
	at = end;
	if (!add_ciphers(s, &at) || !add_vector(s, &methods_length, &at, &end))
		return;
	at = end;
	if (at < s->wire_end && add_vector(s, &extensions_length, &at, &end)) /* before TLS 1.2 there need not be any */
		add_extensions(s, at, end);
}

static void add_hello(struct dissect *s)
{
	uint32_t n = (uint32_t)(s->cap_end - s->off);
	struct nsc_named named;

	add_fields(s, hello, NSC_ARRAY_LEN(hello));
	add_range(s, &random_bytes, s->off + 6, RANDOM);
	if (!has(s, 6 + RANDOM)) {
		stop_cut(s);
		return;
	}
	memset(&named, 0, offsetof(struct nsc_named, name));
	limit(s, s->off + HELLO_HEADER + load24(here(s) + 1));
	add_offers(s);
	if (!name_read_hello(here(s), n, 't', NULL, &named))
		add_note(s, "the hello is cut or damaged: it has no fingerprint");
	else if (named.ja4_length)
		add_pooled(s, &fingerprint, s->off, s->cap_end - s->off, named.ja4, named.ja4_length);
}

/* looks_like_tls has seen the headers and the type behind them. */
static enum step dissect_tls(struct dissect *s)
{
	uint32_t change = *here(s) == CIPHER_CHANGE ? CIPHER_CHANGE_RECORD : 0;
	uint32_t length = nsc_load16(here(s) + change + 3);

	add_layer(s, &protocol_tls, change + RECORD_HEADER + length);
	if (change)
		add_fields(s, record, NSC_ARRAY_LEN(record));
	s->off += change;
	add_fields(s, record, NSC_ARRAY_LEN(record));
	s->off += RECORD_HEADER;
	limit(s, s->off + length);
	add_hello(s);
	return STEP_STOP;
}

const struct protocol protocol_tls = { LAYER("tls", "TLS"), .dissect = dissect_tls,
				       LINE("TLS ClientHello[ sni=%v][ alpn=%v][ ja4=%v]", &server_name, &protocol_name,
					    &fingerprint) };
