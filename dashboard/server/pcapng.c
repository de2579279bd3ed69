/* SPDX-License-Identifier: MIT
 *
 * The packet buffer as a capture file: pcapng, this machine's byte order, nanoseconds, an interface for each link.
 */
#include "dashboard/server/server.h"

#include <stdlib.h>

enum { PACKETS_A_PIECE = 64, IDS_MOST = 256 };

struct pcapng_stream {
	struct nsc_stream super;
	uint64_t next, last;
	bool begun;
	uint32_t n_ids; /* 0: all */
	uint64_t ids[IDS_MOST];
};

static void put(struct nsc_json *out, const void *bytes, size_t n)
{
	char *at = nsc_json_room(out, n);

	if (!at)
		return;
	memcpy(at, bytes, n);
	nsc_json_grow(out, n);
}

static void put_u32(struct nsc_json *out, uint32_t value)
{
	put(out, &value, sizeof(value));
}

static void put_section(struct nsc_json *out)
{
	const uint16_t version[2] = { 1, 0 };
	const int64_t unknown_length = -1;

	put_u32(out, 0x0a0d0d0a);
	put_u32(out, 28);
	put_u32(out, 0x1a2b3c4d);
	put(out, version, sizeof(version));
	put(out, &unknown_length, sizeof(unknown_length));
	put_u32(out, 28);
}

/* Option 9, if_tsresol: 10^-9 s. */
static void put_interface(struct nsc_json *out, unsigned link)
{
	const uint16_t head[2] = { nsc_sample_linktype(link), 0 };
	const uint8_t options[12] = { 9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0 };

	put_u32(out, 1);
	put_u32(out, 32);
	put(out, head, sizeof(head));
	put_u32(out, 0);
	put(out, options, sizeof(options));
	put_u32(out, 32);
}

static void put_packet(struct nsc_json *out, const struct nsc_sample *sample)
{
	const struct nsc_packet_record *record = &sample->record;
	uint32_t padded = (record->len + 3) & ~3u;

	put_u32(out, 6);
	put_u32(out, 32 + padded);
	put_u32(out, record->link);
	put_u32(out, (uint32_t)(record->ts_ns >> 32));
	put_u32(out, (uint32_t)record->ts_ns);
	put_u32(out, record->len);
	put_u32(out, record->wire_len);
	put(out, sample->bytes, record->len);
	put(out, "\0\0\0", padded - record->len);
	put_u32(out, 32 + padded);
}

static bool wanted(const struct pcapng_stream *s, uint64_t id)
{
	for (uint32_t i = 0; i < s->n_ids; i++)
		if (s->ids[i] == id)
			return true;
	return !s->n_ids;
}

static bool next_piece(struct nsc_stream *super)
{
	struct pcapng_stream *s = (struct pcapng_stream *)super;
	const struct nsc_samples *samples = &super->server->web->samples;

	if (!s->begun) {
		put_section(&super->piece);
		for (unsigned link = 0; link < NSC_LINK_COUNT; link++)
			put_interface(&super->piece, link);
		s->begun = true;
	}
	s->next = NSC_MAX(s->next, nsc_samples_oldest(samples));
	for (unsigned i = 0; s->next <= s->last && i < PACKETS_A_PIECE && super->piece.length < 64 * 1024; s->next++) {
		if (!wanted(s, s->next))
			continue;
		put_packet(&super->piece, nsc_samples_find(samples, s->next));
		i++;
	}
	return s->next <= s->last;
}

static void read_ids(struct pcapng_stream *s, h2o_req_t *req)
{
	char text[4096], *at = text, *rest;
	size_t length;

	if (!nsc_parameter(req, "ids", text, sizeof(text), &length))
		return;
	while (*at && s->n_ids < IDS_MOST) {
		s->ids[s->n_ids] = strtoull(at, &rest, 10);
		if (rest == at)
			break;
		s->n_ids++;
		at = rest + (*rest == ',');
	}
	if (!s->n_ids)
		s->ids[s->n_ids++] = 0; /* ids were named, but none that can be */
}

void nsc_api_pcapng(struct nsc_server *server, h2o_req_t *req)
{
	struct pcapng_stream *s = (struct pcapng_stream *)nsc_stream_new(server, req, sizeof(*s), next_piece);

	nsc_web_take_samples(server->web);
	read_ids(s, req);
	s->last = server->web->samples.seen;
	s->next = 1;
	h2o_add_header_by_str(&req->pool, &req->res.headers, H2O_STRLIT("content-disposition"), 1, NULL,
			      H2O_STRLIT("attachment; filename=\"netscope-packets.pcapng\""));
	nsc_stream_start(&s->super, req, "application/octet-stream");
}
