/* SPDX-License-Identifier: MIT
 *
 * Parts of long flows. The table counts a flow from its beginning to its end, whatever was handed out meanwhile; what
 * has been told is kept apart and subtracted. Only times, TCP flags and the smallest TTL begin anew with each part.
 */
#include "engine/flow/internal.h"

void flow_part_first(struct nsc_flow_table *t, uint32_t id, uint64_t clock_ns)
{
	t->part[id] = (struct flow_part){
		.begin_clock_ns = clock_ns,
		.first_seen_ns = UINT64_MAX,
		.ttl_min = { UINT8_MAX, UINT8_MAX },
	};
}

static void part_note_told(struct flow_part *part, const struct nsc_flow_record *flow)
{
	for (unsigned dir = 0; dir < 2; dir++) {
		part->bytes[dir] = flow->bytes[dir];
		part->packets[dir] = flow->packets[dir];
		part->tcp_flags[dir] = flow->tcp_flags[dir];
		part->ttl_min[dir] = flow->packets[dir] ? flow->ttl_min[dir] : UINT8_MAX;
	}
	part->first_seen_ns = flow->first_seen_ns;
	part->last_seen_ns = flow->last_seen_ns;
	part->fragments = flow->fragments;
	part->fragment_bytes = flow->fragment_bytes;
	part->retransmissions = flow->retransmissions;
	part->out_of_order = flow->out_of_order;
	part->zero_windows = flow->zero_windows;
	part->rtt_samples = flow->rtt_samples;
}

void flow_part_next(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt)
{
	struct flow_part *part = &t->part[id];
	struct flow_hot *hot = &t->hot[id];
	struct nsc_flow_record flow;

	flow_record_fill(t, id, &flow);
	part_note_told(part, &flow);
	part->begin_clock_ns = pkt->clock_ns;
	part->number++;
	t->cold[id].first_seen_ns = t->cold[id].last_seen_ns = pkt->ts_ns;
	hot->flags |= FLOW_LAST_APART; /* until pkt is counted: the packets before it are not of this part */
	hot->tcp_flags[0] = hot->tcp_flags[1] = 0;
	hot->ttl_min[0] = hot->ttl_min[1] = UINT8_MAX;
}

void flow_part_whole(const struct flow_part *part, struct nsc_flow_record *record)
{
	record->part = part->number;
	record->first_seen_ns = NSC_MIN(record->first_seen_ns, part->first_seen_ns);
	record->last_seen_ns = NSC_MAX(record->last_seen_ns, part->last_seen_ns);
	for (unsigned dir = 0; dir < 2; dir++) {
		record->tcp_flags[dir] |= part->tcp_flags[dir];
		if (record->packets[dir])
			record->ttl_min[dir] = NSC_MIN(record->ttl_min[dir], part->ttl_min[dir]);
	}
}

void flow_part_row(const struct flow_part *part, struct nsc_flow_record *record)
{
	record->part = part->number;
	for (unsigned dir = 0; dir < 2; dir++) {
		record->bytes[dir] -= part->bytes[dir];
		record->packets[dir] -= part->packets[dir];
		if (record->packets[dir])
			continue;
		record->ttl_min[dir] = 0;
		record->dscp[dir] = 0;
	}
	record->fragments -= part->fragments;
	record->fragment_bytes -= part->fragment_bytes;
	record->retransmissions -= part->retransmissions;
	record->out_of_order -= part->out_of_order;
	record->zero_windows -= part->zero_windows;
	record->rtt_samples -= part->rtt_samples;
	if (!record->rtt_samples)
		record->rtt_last_ns = record->rtt_min_ns = record->rtt_ewma_ns = 0;
}
