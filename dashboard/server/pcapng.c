/* SPDX-License-Identifier: MIT
 *
 * The packet buffer as a capture file: pcapng in nanoseconds, with each interface and link type that is met.
 */
#include "dashboard/server/server.h"
#include "engine/text/pcapng_section.h"

#include <stdlib.h>

enum { PACKETS_A_PIECE = 64, PIECE_BYTES = 64 * 1024, IDS_MOST = 256 };

struct pcapng_stream {
	struct nsc_stream super;
	uint64_t next, last; /* ids: none below `next` and above `last` */
	bool begun;
	struct nsc_pcapng_section section;
	uint32_t n_ids, at;     /* 0: all; the next of ids[] */
	uint64_t ids[IDS_MOST]; /* ascending */
};

static void pcapng_end(struct nsc_json *out, const char *begin, const uint8_t *end)
{
	nsc_buffer_claim(&out->out, (size_t)((const char *)end - begin));
}

static void pcapng_add_section(struct nsc_json *out)
{
	char *at = nsc_buffer_room(&out->out, NSC_PCAPNG_SECTION);

	if (at)
		pcapng_end(out, at, nsc_pcapng_put_section((uint8_t *)at));
}

static void pcapng_add_packet(struct pcapng_stream *s, const struct nsc_packet_record *record)
{
	char *at = nsc_buffer_room(&s->super.piece.out, nsc_pcapng_section_room(record->len));

	if (at)
		pcapng_end(&s->super.piece, at, nsc_pcapng_section_add(&s->section, (uint8_t *)at, record));
}

/* The next packet that is wanted and still kept; 0: there is none. */
static uint64_t pcapng_next_id(struct pcapng_stream *s, uint64_t oldest)
{
	if (!s->n_ids) {
		s->next = NSC_MAX(s->next, oldest);
		return s->next <= s->last ? s->next++ : 0;
	}
	while (s->at < s->n_ids) {
		uint64_t id = s->ids[s->at++];

		if (id >= s->next && id >= oldest && id <= s->last) {
			s->next = id + 1;
			return id;
		}
	}
	return 0;
}

static bool pcapng_next(struct nsc_stream *super)
{
	struct pcapng_stream *s = (struct pcapng_stream *)super;
	const struct nsc_samples *samples = &super->server->web->samples;

	if (!s->begun) {
		pcapng_add_section(&super->piece);
		s->begun = true;
	}
	for (unsigned i = 0; i < PACKETS_A_PIECE && super->piece.out.length < PIECE_BYTES; i++) {
		uint64_t id = pcapng_next_id(s, nsc_samples_oldest(samples));

		if (!id)
			return false;
		pcapng_add_packet(s, &nsc_samples_find(samples, id)->record);
	}
	return true;
}

static int pcapng_compare_ids(const void *x, const void *y)
{
	uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return a < b ? -1 : a > b;
}

/* False: they are no list of at most IDS_MOST ids. */
static bool pcapng_read_ids(struct pcapng_stream *s, h2o_req_t *req)
{
	struct nsc_span text = nsc_parameter(req, "ids");
	char *at = (char *)text.text;

	if (!at)
		return true;
	do {
		size_t digits = strspn(at, "0123456789");

		if (!digits || digits > 19 || s->n_ids == IDS_MOST)
			return false;
		s->ids[s->n_ids++] = strtoull(at, &at, 10);
	} while (*at == ',' && *++at);
	qsort(s->ids, s->n_ids, sizeof(s->ids[0]), pcapng_compare_ids);
	return at == text.text + text.length;
}

void nsc_api_pcapng(struct nsc_server *server, h2o_req_t *req)
{
	struct pcapng_stream *s = (struct pcapng_stream *)nsc_stream_new(server, req, sizeof(*s), pcapng_next);
	uint64_t after = 0;

	nsc_sampling_looked(&server->web->sampling, nsc_monotonic_ns());
	nsc_web_take_samples(server->web);
	if (!nsc_api_number(server, req, "after", 0, INT64_MAX, &after))
		return;
	if (!pcapng_read_ids(s, req)) {
		nsc_respond_error(server, req, 400, "ids are at most %d whole numbers with commas between them",
				  IDS_MOST);
		return;
	}
	s->last = server->web->samples.seen;
	s->next = after + 1;
	nsc_respond_header(req, "content-disposition", "attachment; filename=\"netscope-packets.pcapng\"");
	nsc_stream_start(&s->super, req, "application/octet-stream");
}
