/* SPDX-License-Identifier: MIT
 *
 * The packet buffer as a capture file: pcapng in nanoseconds, with each interface and link type that is met.
 */
#include "dashboard/server/server.h"
#include "engine/text/pcapng_section.h"
#include "netscope/recorder.h"

#include <stdio.h>
#include <stdlib.h>

enum { PACKETS_A_PIECE = 64, PIECE_BYTES = 64 * 1024, IDS_MOST = 256 };

struct pcapng_stream {
	struct nsc_stream super;
	uint64_t next, last; /* ids: none below `next` and above `last` */
	bool begun;
	struct nsc_pcapng_section section;
	struct nsc_packet_matcher matcher;
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

static bool pcapng_is_wanted(struct nsc_packet_matcher *matcher, const struct nsc_sample *sample)
{
	struct nsc_packet pkt = nsc_packet_of(&sample->record);

	return nsc_packet_match_burst(matcher, &pkt, 1);
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
		const struct nsc_sample *sample = id ? nsc_samples_find(samples, id) : NULL;

		if (!sample)
			return false;
		if (pcapng_is_wanted(&s->matcher, sample))
			pcapng_add_packet(s, &sample->record);
	}
	return true;
}

/* --- which packets ---------------------------------------------------------------------------- */

struct nsc_packet_choice *nsc_samples_settle(struct nsc_web *web, struct nsc_packet_choice *choice)
{
	const struct nsc_sample *newest;

	nsc_web_take_samples(web);
	newest = nsc_samples_find(&web->samples, web->samples.seen);
	nsc_packet_choice_settle(choice, newest ? newest->record.ts_ns : 0);
	return choice;
}

const char *nsc_samples_kept(const struct nsc_web *web, h2o_req_t *req)
{
	const struct nsc_sampling *s = &web->sampling;
	uint32_t every = s->on ? s->wanted.every : web->options.sample_rate;
	char text[128];
	int n = snprintf(text, sizeof(text), "the first %u bytes", web->options.payload_bytes);

	if (every > 1)
		n += snprintf(text + n, sizeof(text) - (size_t)n, " of 1 in %u packets", every);
	if (s->on)
		n += snprintf(text + n, sizeof(text) - (size_t)n, " that the filter for samples lets through");
	return h2o_strdup(&req->pool, text, (size_t)n).base;
}

/* How many samples would come now. */
static uint64_t pcapng_count(const struct pcapng_stream *s, const struct nsc_samples *samples)
{
	struct pcapng_stream look = *s;
	uint64_t id, n = 0;

	while ((id = pcapng_next_id(&look, nsc_samples_oldest(samples))))
		n += pcapng_is_wanted(&look.matcher, nsc_samples_find(samples, id));
	return n;
}

/* NSC_UNKNOWN: none is kept. */
static uint64_t pcapng_since(const struct nsc_samples *samples)
{
	const struct nsc_sample *oldest = nsc_samples_find(samples, nsc_samples_oldest(samples));

	return oldest ? oldest->record.ts_ns : NSC_UNKNOWN;
}

/* They may become fewer when the client reads slowly. */
static void pcapng_tell(const struct pcapng_stream *s, h2o_req_t *req)
{
	const struct nsc_samples *samples = &s->super.server->web->samples;
	uint64_t since_ns = pcapng_since(samples);

	nsc_respond_header_u64(req, "x-netscope-packets", pcapng_count(s, samples));
	if (since_ns != NSC_UNKNOWN)
		nsc_respond_header_ns(req, "x-netscope-since", since_ns);
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
	struct nsc_packet_choice choice;
	uint64_t after = 0;

	nsc_sampling_looked(&server->web->sampling, nsc_monotonic_ns());
	if (!nsc_api_choice(server, req, &choice) || !nsc_api_number(server, req, "after", 0, INT64_MAX, &after))
		return;
	nsc_packet_matcher_init(&s->matcher, nsc_samples_settle(server->web, &choice), &server->web->samples.decode);
	if (!pcapng_read_ids(s, req)) {
		nsc_respond_error(server, req, 400, "ids are at most %d whole numbers with commas between them",
				  IDS_MOST);
		return;
	}
	s->last = server->web->samples.seen;
	s->next = after + 1;
	pcapng_tell(s, req);
	nsc_respond_header(req, "content-disposition", "attachment; filename=\"netscope-packets.pcapng\"");
	nsc_stream_start(&s->super, req, "application/octet-stream");
}

/* Of the recorder nobody counts: that would be a walk over all that it holds. */
static void kept_write(struct nsc_server *server, h2o_req_t *req, struct nsc_packet_choice *choice,
		       struct nsc_json *json)
{
	const struct nsc_samples *samples = &server->web->samples;
	struct pcapng_stream all = { .next = 1 };
	uint64_t since_ns;

	nsc_packet_matcher_init(&all.matcher, nsc_samples_settle(server->web, choice), &samples->decode);
	all.last = samples->seen;
	since_ns = server->web->record ? nsc_recorder_held_since(nsc_engine_recorder(server->web->engine))
				       : pcapng_since(samples);
	nsc_json_open(json, '{');
	nsc_json_add_text(json, "source", server->web->record ? "recorder" : "samples");
	nsc_json_add_u64(json, "packets", server->web->record ? NSC_UNKNOWN : pcapng_count(&all, samples));
	nsc_json_key(json, "since");
	if (since_ns && since_ns != NSC_UNKNOWN)
		nsc_json_time(json, since_ns);
	else
		nsc_json_null(json);
	nsc_json_add_text(json, "kept", server->web->record ? NULL : nsc_samples_kept(server->web, req));
	nsc_json_close(json, '}');
}

void nsc_api_kept(struct nsc_server *server, h2o_req_t *req)
{
	struct nsc_packet_choice choice;
	struct nsc_json json;

	if (!nsc_api_choice(server, req, &choice))
		return;
	nsc_json_init(&json, 4096);
	kept_write(server, req, &choice, &json);
	nsc_respond_json(server, req, "application/json", &json);
}
