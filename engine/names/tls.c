/* SPDX-License-Identifier: MIT
 *
 * TLS: who a client asks for in its first hello, over one record or several; a server's hello says only that it is TLS.
 */
#include "engine/names/ja4.h"
#include "engine/names/parser.h"

enum {
	RECORD_HEADER = 5,
	HELLO_HEADER = 4,
	RANDOM_BYTES = 32,
	CIPHER_CHANGE_RECORD = 6,
	RECORD_MAX = 16384,
	EXTENSION_NAME = 0,
	EXTENSION_ALGORITHMS = 13,
	EXTENSION_ALPN = 16,
	EXTENSION_VERSIONS = 43,
};

struct cursor { /* what is left of the hello */
	const uint8_t *at, *end;
};

/* The next vector, whose length stands in `size` bytes before it; false when it does not end here. */
static bool hello_vector(struct cursor *c, uint32_t size, struct cursor *vector)
{
	uint32_t length;

	if (c->end - c->at < (ptrdiff_t)size)
		return false;
	length = size == 1 ? *c->at : name_load16(c->at);
	c->at += size;
	if (c->end - c->at < (ptrdiff_t)length)
		return false;
	*vector = (struct cursor){ c->at, c->at + length };
	c->at += length;
	return true;
}

static void hello_collect(struct ja4_list *list, struct cursor c)
{
	ja4_collect_all(list, c.at, (uint32_t)(c.end - c.at) / 2);
}

/* The list of names holds names of several kinds; only host names were ever defined. */
static void hello_take_name(struct cursor c, struct nsc_named *named)
{
	struct cursor list, name;

	if (!hello_vector(&c, 2, &list) || list.end == list.at || *list.at++ != 0)
		return;
	if (hello_vector(&list, 2, &name))
		name_set(named, name.at, (uint32_t)(name.end - name.at));
}

static void hello_take_protocols(struct cursor c, struct ja4 *ja4, struct nsc_named *named)
{
	struct cursor list, protocol;

	if (!hello_vector(&c, 2, &list))
		return;
	for (bool first = true; hello_vector(&list, 1, &protocol); first = false) {
		if (first) {
			ja4->alpn = protocol.at;
			ja4->alpn_length = (uint32_t)(protocol.end - protocol.at);
		}
		name_add_alpn(named, protocol.at, (uint32_t)(protocol.end - protocol.at));
	}
}

static void hello_take_versions(struct cursor c, struct ja4 *ja4)
{
	struct cursor list;
	uint16_t highest = 0;

	if (!hello_vector(&c, 1, &list))
		return;
	for (; list.end - list.at >= 2; list.at += 2) {
		uint16_t version = (uint16_t)name_load16(list.at);

		if (!ja4_is_grease(version))
			highest = NSC_MAX(highest, version);
	}
	ja4->version = highest;
}

/* Extensions that say something here. */
enum hello_kind { KIND_NONE, KIND_NAME, KIND_ALGORITHMS, KIND_ALPN, KIND_VERSIONS, KINDS };

static const uint8_t hello_kinds[64] = {
	[EXTENSION_NAME] = KIND_NAME,
	[EXTENSION_ALGORITHMS] = KIND_ALGORITHMS,
	[EXTENSION_ALPN] = KIND_ALPN,
	[EXTENSION_VERSIONS] = KIND_VERSIONS,
};

static void hello_take_extension(enum hello_kind kind, struct cursor c, struct ja4 *ja4, struct nsc_named *named)
{
	struct cursor list;

	if (!c.at)
		return;
	switch (kind) {
	case KIND_NAME:
		ja4->has_name = true;
		hello_take_name(c, named);
		break;
	case KIND_ALGORITHMS:
		if (hello_vector(&c, 2, &list))
			hello_collect(&ja4->algorithms, list);
		break;
	case KIND_ALPN:
		hello_take_protocols(c, ja4, named);
		break;
	case KIND_VERSIONS:
		hello_take_versions(c, ja4);
		break;
	default:
		break;
	}
}

/* True when the list was whole. Browsers draw the order of extensions: they are put where their kind belongs before
 * anything depends on it, which no branch could foretell. */
static bool hello_read_extensions(struct cursor c, struct ja4 *ja4, struct nsc_named *named)
{
	struct cursor found[KINDS] = { 0 };
	bool whole;

	while (c.end - c.at >= 4) {
		uint32_t type = name_load16(c.at), length = name_load16(c.at + 2);
		enum hello_kind kind = hello_kinds[NSC_MIN(type, 63)];

		ja4_collect(&ja4->extensions, (uint16_t)type);
		c.at += 4;
		if (c.end - c.at < (ptrdiff_t)length) {
			c.at -= 4;
			break;
		}
		if (nsc_unlikely(kind && found[kind].at)) /* no client says it twice */
			hello_take_extension(kind, found[kind], ja4, named);
		found[kind] = (struct cursor){ c.at, c.at + length };
		c.at += length;
	}
	whole = c.at == c.end;
	for (enum hello_kind kind = KIND_NAME; kind < KINDS; kind++)
		hello_take_extension(kind, found[kind], ja4, named);
	return whole;
}

/* What follows the fixed part; `whole`: the hello ends where the bytes do. True when all of it was there. */
static bool hello_read_offers(struct cursor c, bool whole, struct ja4 *ja4, struct nsc_named *named)
{
	struct cursor skipped, ciphers, extensions;
	uint32_t length;

	if (!hello_vector(&c, 1, &skipped) || !hello_vector(&c, 2, &ciphers) || !hello_vector(&c, 1, &skipped))
		return false;
	hello_collect(&ja4->ciphers, ciphers);
	if (c.at == c.end) /* before TLS 1.2 there need not be extensions */
		return whole;
	if (c.end - c.at < 2)
		return false;
	length = name_load16(c.at);
	c.at += 2;
	extensions = (struct cursor){ c.at, c.at + NSC_MIN(length, (uint32_t)(c.end - c.at)) };
	return hello_read_extensions(extensions, ja4, named) && whole &&
	       extensions.end - extensions.at == (ptrdiff_t)length;
}

bool name_read_hello(const uint8_t *p, uint32_t n, char transport, struct ja4_cache *ja4s, struct nsc_named *named)
{
	struct ja4 ja4;
	uint32_t length;

	if (n < HELLO_HEADER + 2 + RANDOM_BYTES)
		return false;
	length = HELLO_HEADER + name_load24(p + 1);
	if (length < HELLO_HEADER + 2 + RANDOM_BYTES)
		return false;
	memset(&ja4, 0, offsetof(struct ja4, ciphers));
	ja4.ciphers.n = ja4.extensions.n = ja4.algorithms.n = 0;
	ja4.transport = transport;
	ja4.version = (uint16_t)name_load16(p + 4);
	if (!hello_read_offers((struct cursor){ p + HELLO_HEADER + 2 + RANDOM_BYTES, p + NSC_MIN(n, length) },
			       n >= length, &ja4, named))
		return false;
	named->ja4_length = ja4_print(&ja4, ja4s, named->ja4) ? NSC_JA4_LENGTH : 0;
	return true;
}

/* A hello's record: type, version, length, and the type of the message. NO as soon as one byte differs. */
static enum nsc_name_verdict tls_begins(const uint8_t *p, uint32_t n)
{
	if ((n > 0 && p[0] != 22) || (n > 1 && p[1] != 3) || (n > 2 && p[2] > 4) || (n > 5 && p[5] != 1 && p[5] != 2))
		return NSC_NAME_NO;
	if (n >= RECORD_HEADER && (name_load16(p + 3) < HELLO_HEADER || name_load16(p + 3) > RECORD_MAX))
		return NSC_NAME_NO;
	return n < RECORD_HEADER + HELLO_HEADER ? NSC_NAME_MORE : NSC_NAME_FOUND;
}

/* A client that is asked to try again may put a change of ciphers, which means nothing, before its second hello. */
static enum nsc_name_verdict tls_cipher_change(const uint8_t *p, uint32_t n)
{
	static const uint8_t change[] = { 20, 3, 0, 0, 1 };
	uint32_t have = NSC_MIN(n, (uint32_t)sizeof(change));

	for (uint32_t i = 0; i < have; i++)
		if (p[i] != change[i] && (i != 2 || p[i] > 4))
			return NSC_NAME_NO;
	return n < CIPHER_CHANGE_RECORD ? NSC_NAME_MORE : NSC_NAME_FOUND;
}

bool nsc_name_is_hello(const uint8_t *p, uint32_t n)
{
	return n >= RECORD_HEADER + 1 && p[5] == 1 && tls_begins(p, n) != NSC_NAME_NO;
}

/* Takes the hello of `length` bytes out of the records at p; how much of it was there. *used: bytes looked at, or how
 * many it takes to go on. */
static uint32_t tls_join_records(const uint8_t *p, uint32_t n, uint8_t *hello, uint32_t length, uint32_t *used)
{
	uint32_t have = 0, at = 0;

	while (have < length) {
		uint32_t record, some;

		if (n - at < RECORD_HEADER) {
			*used = at + RECORD_HEADER;
			return have;
		}
		record = name_load16(p + at + 3);
		if (p[at] != 22 || p[at + 1] != 3 || !record || record > RECORD_MAX) {
			*used = 0;
			return have;
		}
		at += RECORD_HEADER;
		some = NSC_MIN(NSC_MIN(record, length - have), n - at);
		memcpy(hello + have, p + at, some);
		have += some;
		if (some < record && have < length) {
			*used = at + NSC_MIN(record, length - (have - some));
			return have;
		}
		at += some;
	}
	*used = at;
	return have;
}

static enum nsc_name_verdict tls_answer(const struct nsc_name_input *in, const uint8_t *hello, uint32_t have,
					uint32_t length, uint32_t wanted, struct nsc_name_output *out)
{
	if (have < length && wanted > in->n && wanted <= NSC_NAME_STREAM_MAX && !in->last)
		return name_more(in, out, wanted);
	name_read_hello(hello, have, 't', in->ja4s, &out->named);
	return name_found(out, NSC_APP_TLS);
}

NAME_PARSER(tls)
{
	enum nsc_name_verdict change = tls_cipher_change(in->data, in->n), begins;
	uint32_t skip = change == NSC_NAME_FOUND ? CIPHER_CHANGE_RECORD : 0, n = in->n - skip, length, have, wanted;
	const uint8_t *p = in->data + skip;
	uint8_t hello[NSC_NAME_STREAM_MAX];

	begins = tls_begins(p, n);
	if (change == NSC_NAME_MORE || begins == NSC_NAME_MORE)
		return name_more(in, out, skip + RECORD_HEADER + HELLO_HEADER);
	if (begins == NSC_NAME_NO)
		return NSC_NAME_NO;
	if (p[RECORD_HEADER] == 2)
		return name_found(out, NSC_APP_TLS);
	length = HELLO_HEADER + name_load24(p + RECORD_HEADER + 1);
	if (length <= name_load16(p + 3)) {
		have = NSC_MIN(length, n - RECORD_HEADER);
		return tls_answer(in, p + RECORD_HEADER, have, length, skip + RECORD_HEADER + length, out);
	}
	if (length > sizeof(hello)) /* no client says so much */
		return NSC_NAME_NO;
	have = tls_join_records(p, n, hello, length, &wanted);
	return tls_answer(in, hello, have, length, skip + wanted, out);
}
