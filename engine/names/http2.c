/* SPDX-License-Identifier: MIT
 *
 * HTTP/2 without TLS, by prior knowledge (RFC 9113, 3.3): known by its preface. It is for the authority that the first
 * request names, or for its Host when it has none (8.3.1). They stand at the beginning of that request's first frame;
 * what its frames of CONTINUATION add is not looked at.
 */
#include "engine/names/hpack.h"
#include "engine/names/parser.h"

#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

enum {
	PREFACE_LENGTH = sizeof(PREFACE) - 1,
	FRAME_HEADER = 9,
	FRAME_MAX = 16384, /* as long as nobody has agreed to more */
	TYPE_HEADERS = 1,
	FLAG_PADDED = 0x08,
	FLAG_PRIORITY = 0x20,
	PRIORITY_BYTES = 5,
	AUTHORITY_MAX = 2 * NSC_NAME_MAX, /* with user and port */
	FRAMES_MAX = 32,                  /* in front of the first request */
	FIELDS_MAX = 64,                  /* searched for the authority */
};

static bool http2_is_authority(const struct hpack_field *f)
{
	return f->has_value &&
	       (f->index == HPACK_AUTHORITY ||
		(f->index == HPACK_LITERAL && hpack_is(&f->name, ":authority", "\xb8\x3b\x53\x39\xec\x32\x7d\x7f")));
}

static bool http2_is_host(const struct hpack_field *f)
{
	return f->has_value &&
	       (f->index == HPACK_HOST || (f->index == HPACK_LITERAL && hpack_is(&f->name, "host", "\x9c\xe8\x4f")));
}

/* One value is decoded, whatever stands in the block: that of the authority, or else of the first Host. */
static void http2_take_authority(struct nsc_named *named, const uint8_t *p, uint32_t n)
{
	struct hpack_string found = { .n = 0 };
	struct hpack_block block = { p, p + n };
	uint8_t text[AUTHORITY_MAX];
	struct hpack_field field;

	for (unsigned i = 0; i < FIELDS_MAX && hpack_next(&block, &field); i++) {
		bool authority = http2_is_authority(&field);

		if (authority || (!found.n && http2_is_host(&field)))
			found = field.value;
		if (authority)
			break;
	}
	if (found.n)
		name_set_authority(named, text, hpack_text(&found, text, sizeof(text)));
}

/* The frame of a request, p[0..n) behind its header, which may be cut: its block, without what stands around it. */
static void http2_read_request(struct nsc_named *named, uint8_t flags, const uint8_t *p, uint32_t length, uint32_t n)
{
	uint32_t before = (flags & FLAG_PADDED ? 1u : 0u) + (flags & FLAG_PRIORITY ? PRIORITY_BYTES : 0u), after;

	if (n < before)
		return;
	after = flags & FLAG_PADDED ? *p : 0;
	if (length - before < after)
		return;
	http2_take_authority(named, p + before, NSC_MIN(n, length - after) - before);
}

/* FOUND behind the preface, with a name when the first request is there; MORE when it may come. */
static enum nsc_name_verdict http2_read_frames(const struct nsc_name_input *in, struct nsc_name_output *out)
{
	uint32_t at = PREFACE_LENGTH, frames = 0, length, have;

	while (at + FRAME_HEADER <= in->n) {
		const uint8_t *frame = in->data + at;

		length = name_load24(frame);
		if (length > FRAME_MAX || ++frames > FRAMES_MAX + 1)
			return NSC_NAME_FOUND;
		at += FRAME_HEADER;
		have = NSC_MIN(length, in->n - at);
		if (frame[3] == TYPE_HEADERS && (have == length || in->last)) {
			http2_read_request(&out->named, frame[4], frame + FRAME_HEADER, length, have);
			return NSC_NAME_FOUND;
		}
		if (frame[3] == TYPE_HEADERS) {
			out->wanted = at + length;
			return out->wanted > NSC_NAME_STREAM_MAX ? NSC_NAME_FOUND : NSC_NAME_MORE;
		}
		at += length;
	}
	out->wanted = at + FRAME_HEADER;
	return in->last || out->wanted > NSC_NAME_STREAM_MAX ? NSC_NAME_FOUND : NSC_NAME_MORE;
}

NAME_PARSER(http2)
{
	enum nsc_name_verdict verdict = name_begins(in, PREFACE);

	if (verdict == NSC_NAME_MORE)
		return name_more(in, out, PREFACE_LENGTH);
	if (verdict == NSC_NAME_FOUND)
		verdict = http2_read_frames(in, out);
	return verdict == NSC_NAME_FOUND ? name_found(out, NSC_APP_HTTP2) : verdict;
}
