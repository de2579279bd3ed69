/* SPDX-License-Identifier: MIT
 *
 * The packet buffer as a capture file: pcapng in nanoseconds, with an interface for each link type that is met.
 */
#include "dashboard/server/server.h"
#include "engine/text/pcap_format.h"

#include <stdlib.h>

enum { PACKETS_A_PIECE = 64, PIECE_BYTES = 64 * 1024, IDS_MOST = 256, INTERFACES_KNOWN = 16 };

struct pcapng_interface { /* as it was described: a clock before 1970 is exact in microseconds only */
	uint16_t linktype;
	bool nanoseconds;
};

struct pcapng_stream {
	struct nsc_stream super;
	uint64_t next, last;
	bool begun;
	uint32_t n_interfaces; /* described so far; the newest of them are in interface[] */
	struct pcapng_interface interface[INTERFACES_KNOWN];
	uint32_t n_ids; /* 0: all */
	uint64_t ids[IDS_MOST];
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

/* The number of the packet's interface in the file. One that was described long ago is described again: link types are
 * few, and a file that a capture stitched together from many must not cost more memory. */
static uint32_t pcapng_interface_of(struct pcapng_stream *s, const struct nsc_packet_record *record)
{
	struct pcapng_interface want = {
		.linktype = record->linktype,
		.nanoseconds = record->ts_ns <= NSC_TIME_MAX || (int64_t)record->ts_ns % 1000,
	};
	struct nsc_json *out = &s->super.piece;
	uint32_t oldest = s->n_interfaces > INTERFACES_KNOWN ? s->n_interfaces - INTERFACES_KNOWN : 0;
	char *at;

	for (uint32_t i = oldest; i < s->n_interfaces; i++) {
		const struct pcapng_interface *known = &s->interface[i % INTERFACES_KNOWN];

		if (known->linktype == want.linktype && known->nanoseconds == want.nanoseconds)
			return i;
	}
	at = nsc_buffer_room(&out->out, NSC_PCAPNG_INTERFACE);
	if (at)
		pcapng_end(out, at, nsc_pcapng_put_interface((uint8_t *)at, want.linktype, want.nanoseconds, 0));
	s->interface[s->n_interfaces % INTERFACES_KNOWN] = want;
	return s->n_interfaces++;
}

static void pcapng_add_packet(struct pcapng_stream *s, const struct nsc_packet_record *record)
{
	uint32_t interface = pcapng_interface_of(s, record);
	bool nanoseconds = s->interface[interface % INTERFACES_KNOWN].nanoseconds;
	char *at = nsc_buffer_room(&s->super.piece.out, NSC_PCAPNG_PACKET + record->len + 3);

	if (at)
		pcapng_end(&s->super.piece, at, nsc_pcapng_put_packet((uint8_t *)at, record, interface, nanoseconds));
}

static bool pcapng_wants(const struct pcapng_stream *s, uint64_t id)
{
	for (uint32_t i = 0; i < s->n_ids; i++)
		if (s->ids[i] == id)
			return true;
	return !s->n_ids;
}

static bool pcapng_next(struct nsc_stream *super)
{
	struct pcapng_stream *s = (struct pcapng_stream *)super;
	const struct nsc_samples *samples = &super->server->web->samples;

	if (!s->begun) {
		pcapng_add_section(&super->piece);
		s->begun = true;
	}
	s->next = NSC_MAX(s->next, nsc_samples_oldest(samples));
	for (unsigned i = 0; s->next <= s->last && i < PACKETS_A_PIECE && super->piece.out.length < PIECE_BYTES;
	     s->next++) {
		if (!pcapng_wants(s, s->next))
			continue;
		pcapng_add_packet(s, &nsc_samples_find(samples, s->next)->record);
		i++;
	}
	return s->next <= s->last;
}

static void pcapng_read_ids(struct pcapng_stream *s, h2o_req_t *req)
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
	struct pcapng_stream *s = (struct pcapng_stream *)nsc_stream_new(server, req, sizeof(*s), pcapng_next);

	nsc_web_take_samples(server->web);
	pcapng_read_ids(s, req);
	s->last = server->web->samples.seen;
	s->next = 1;
	h2o_add_header_by_str(&req->pool, &req->res.headers, H2O_STRLIT("content-disposition"), 1, NULL,
			      H2O_STRLIT("attachment; filename=\"netscope-packets.pcapng\""));
	nsc_stream_start(&s->super, req, "application/octet-stream");
}
