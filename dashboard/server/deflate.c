/* SPDX-License-Identifier: MIT */
#include "dashboard/server/deflate.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#define ANSWER "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

enum {
	LEVEL = 3,        /* docs/decisions/0052 */
	RAW_WINDOW = -15, /* without a head of zlib's own */
	GZIP_WINDOW = 15 + 16,
	MEMORY = 8,       /* zlib's default */
	TAIL = 4,         /* 00 00 ff ff, which ends every message and is not sent */
	AT_A_BLOCK = 128, /* of data_type: inflate stands between two blocks */
};

static const uint8_t tail[TAIL] = { 0, 0, 0xff, 0xff };

struct nsc_deflate {
	z_stream out, in, gzip;
};

struct nsc_deflate *nsc_deflate_open(void)
{
	struct nsc_deflate *deflate = calloc(1, sizeof(*deflate));

	if (deflate && deflateInit2(&deflate->out, LEVEL, Z_DEFLATED, RAW_WINDOW, MEMORY, Z_DEFAULT_STRATEGY) == Z_OK &&
	    deflateInit2(&deflate->gzip, LEVEL, Z_DEFLATED, GZIP_WINDOW, MEMORY, Z_DEFAULT_STRATEGY) == Z_OK &&
	    inflateInit2(&deflate->in, RAW_WINDOW) == Z_OK)
		return deflate;
	nsc_deflate_close(deflate);
	return NULL;
}

void nsc_deflate_close(struct nsc_deflate *deflate)
{
	if (!deflate)
		return;
	deflateEnd(&deflate->out);
	deflateEnd(&deflate->gzip);
	inflateEnd(&deflate->in);
	free(deflate);
}

/* --- what is agreed on ------------------------------------------------------------------------ */

static struct nsc_span span_trim(struct nsc_span span)
{
	while (span.length && strchr(" \t", span.text[0])) {
		span.text++;
		span.length--;
	}
	while (span.length && strchr(" \t", span.text[span.length - 1]))
		span.length--;
	return span;
}

/* What stands before the next `end`; the rest stays in *span. */
static struct nsc_span span_cut(struct nsc_span *span, char end)
{
	const char *stop = memchr(span->text, end, span->length);
	struct nsc_span piece = { span->text, stop ? (size_t)(stop - span->text) : span->length };
	size_t taken = piece.length + (stop != NULL);

	span->text += taken;
	span->length -= taken;
	return span_trim(piece);
}

/* A number of bits as RFC 7692 writes it, 8..15, with or without quotes. */
static bool is_window(struct nsc_span value, bool largest)
{
	static const char *const bits[] = { "15", "14", "13", "12", "11", "10", "9", "8" };

	if (value.length > 2 && value.text[0] == '"' && value.text[value.length - 1] == '"')
		value = (struct nsc_span){ value.text + 1, value.length - 2 };
	for (size_t i = 0; i < (largest ? 1 : NSC_ARRAY_LEN(bits)); i++)
		if (nsc_span_is(value, bits[i]))
			return true;
	return false;
}

enum { NAMES = 4, SERVER_WINDOW = 2 };

/* Which parameter it is, 0..NAMES - 1; NAMES: one that the server does not keep. */
static unsigned parameter_find(struct nsc_span parameter)
{
	static const char *const names[NAMES] = { "server_no_context_takeover", "client_no_context_takeover",
						  "server_max_window_bits", "client_max_window_bits" };
	bool has_value = memchr(parameter.text, '=', parameter.length) != NULL;
	struct nsc_span name = span_cut(&parameter, '='), value = span_trim(parameter);
	unsigned i = 0;

	while (i < NAMES && !nsc_span_is(name, names[i]))
		i++;
	if (i < SERVER_WINDOW)
		return has_value ? NAMES : i;
	if (i == SERVER_WINDOW) /* the one compressor has the largest window */
		return has_value && is_window(value, true) ? i : NAMES;
	return !has_value || is_window(value, false) ? i : NAMES;
}

static const char *choose_offer(struct nsc_span offer)
{
	bool seen[NAMES] = { false };

	if (!nsc_span_is(span_cut(&offer, ';'), "permessage-deflate"))
		return NULL;
	while (offer.length) {
		unsigned i = parameter_find(span_cut(&offer, ';'));

		if (i == NAMES || seen[i])
			return NULL;
		seen[i] = true;
	}
	return seen[SERVER_WINDOW] ? ANSWER "; server_max_window_bits=15" : ANSWER;
}

const char *nsc_deflate_choose(struct nsc_span offers)
{
	const char *answer = NULL;

	while (offers.text && offers.length && !answer)
		answer = choose_offer(span_cut(&offers, ','));
	return answer;
}

/* --- bytes ------------------------------------------------------------------------------------ */

/* The stream's output in `room` bytes at most; false when that does not suffice. */
static bool deflate_whole(z_stream *z, int flush, const char *text, size_t length, char *out, size_t room)
{
	int status;

	deflateReset(z);
	z->next_in = (uint8_t *)(uintptr_t)text;
	z->avail_in = (uInt)length;
	z->next_out = (uint8_t *)out;
	z->avail_out = (uInt)room;
	status = deflate(z, flush);
	return flush == Z_FINISH ? status == Z_STREAM_END : status == Z_OK && !z->avail_in && z->avail_out;
}

/* In memory of its own size: frames wait for slow clients. */
static char *deflate_keep(char *out, size_t length, size_t *packed)
{
	char *kept = realloc(out, length);

	*packed = length;
	return kept ? kept : out;
}

char *nsc_deflate_pack(struct nsc_deflate *deflate, const char *text, size_t length, size_t *packed)
{
	z_stream *z = &deflate->out;
	char *out = length && length < INT_MAX ? malloc(length + TAIL) : NULL;

	if (out && deflate_whole(z, Z_SYNC_FLUSH, text, length, out, length + TAIL))
		return deflate_keep(out, length + TAIL - z->avail_out - TAIL, packed);
	free(out);
	return NULL;
}

char *nsc_deflate_gzip(struct nsc_deflate *deflate, const char *text, size_t length, size_t *packed)
{
	z_stream *z = &deflate->gzip;
	char *out = length && length < INT_MAX ? malloc(length) : NULL;

	if (out && deflate_whole(z, Z_FINISH, text, length, out, length))
		return deflate_keep(out, length - z->avail_out, packed);
	free(out);
	return NULL;
}

static int unpack_step(z_stream *z, const uint8_t *bytes, size_t length)
{
	z->next_in = (uint8_t *)(uintptr_t)bytes;
	z->avail_in = (uInt)length;
	return inflate(z, Z_SYNC_FLUSH);
}

ssize_t nsc_deflate_unpack(struct nsc_deflate *deflate, const uint8_t *payload, size_t length, uint8_t *text,
			   size_t room)
{
	z_stream *z = &deflate->in;
	int status;

	inflateReset(z);
	z->next_out = text;
	z->avail_out = (uInt)room + 1;
	status = unpack_step(z, payload, length);
	if ((status == Z_OK || status == Z_BUF_ERROR) && z->avail_out && !z->avail_in)
		status = unpack_step(z, tail, TAIL);
	if (!z->avail_out)
		return -E2BIG;
	/* it ends where a block does, or with one that says it is the last (section 7.2.3.5) */
	if (z->avail_in || !(status == Z_STREAM_END || (status == Z_OK && z->data_type & AT_A_BLOCK)))
		return -EINVAL;
	return (ssize_t)(room + 1 - z->avail_out);
}
