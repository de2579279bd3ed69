/* SPDX-License-Identifier: MIT */
#include "file_places.h"

#include "file.h"

enum { PCAPNG_PACKET_HEADER = 28, PCAP_RECORD_HEADER = 16 };

/* One block that is looked at twice is told once. */
void nsc_file_describes(struct nsc_rx_file *f, const uint8_t *at, uint32_t length)
{
	struct nsc_file_described *d = &f->described;
	uint64_t from = nsc_file_offset(f, at);

	if (d->n && d->run[d->n - 1].to >= from) {
		d->run[d->n - 1].to = NSC_MAX(d->run[d->n - 1].to, from + length);
	} else if (d->n == NSC_FILE_DESCRIBED) {
		d->lost = true;
	} else {
		d->run[d->n++] = (struct nsc_rx_span){ from, from + length };
	}
}

static const char *places_why_not(const struct nsc_rx_file *f)
{
	if (f->described.untimed)
		return "it has packets without a time of their own";
	if (!f->is_pcapng && (f->pcap.shape.header != PCAP_RECORD_HEADER || f->pcap.shape.lengths))
		return "it is a pcap of an old kind";
	return f->described.lost ? "it describes interfaces too often" : NULL;
}

/* Of a block that is passed over, its begin. */
static uint64_t places_next(const struct nsc_rx_file *f)
{
	uint64_t at = nsc_file_offset(f, f->pos);

	if (f->in_zeros)
		return f->zeros_at;
	return f->pcapng.skip_total ? at - (f->pcapng.skip_total - 4 - f->pcapng.skip_left) : at;
}

void nsc_file_places(struct nsc_rx *rx, const struct nsc_burst *burst, struct nsc_file_places *places)
{
	struct nsc_rx_file *f = (struct nsc_rx_file *)rx;
	uint32_t header = f->is_pcapng ? PCAPNG_PACKET_HEADER : f->pcap.shape.header;

	for (uint32_t i = 0; i < burst->n; i++)
		places->at[i] = nsc_file_offset(f, burst->pkt[i].data) - header;
	places->next = places_next(f);
	places->why_not = places_why_not(f);
	places->compressed = nsc_file_input_state(f->input)->compressed;
	places->described = f->described;
	f->described.n = 0;
}
