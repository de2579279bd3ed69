/* SPDX-License-Identifier: MIT
 *
 * The segments that are not where they should be. See tcp_seq.h and docs/tcp.md.
 */
#include "engine/flow/tcp_seq.h"

#include "engine/decode/numbers.h"

#define REORDER_NS 3000000u /* the reordering window while no round trip is known */
#define FAST_HEARD                                                                                                     \
	(20000000u >> HEARD_SHIFT) /* a fast retransmission answers duplicate acknowledgements within 20 ms */
#define FAST_DUP_ACKS 2u
#define IPV6_FRAGMENT_OF_SEVERAL 0xfff9u /* offset and "more follow"; without either the packet is whole (RFC 6946) */

/* Decode has walked these headers, so they are there. */
bool flow_tcp_is_ipv6_fragment(const struct nsc_packet *pkt)
{
	const uint8_t *p = pkt->data + pkt->l3_off + NSC_IPV6_HEADER, *end = pkt->data + pkt->l4_off;
	uint8_t type = pkt->data[pkt->l3_off + 6];

	while (type != PROTO_FRAGMENT && p + 8 <= end) {
		uint32_t length = nsc_ipv6_extension_bytes(type, p[1]);

		type = p[0];
		p += length;
	}
	return type == PROTO_FRAGMENT && p + 8 <= end && (((unsigned)p[2] << 8 | p[3]) & IPV6_FRAGMENT_OF_SEVERAL);
}

void flow_tcp_handshake(struct nsc_flow_table *t, uint32_t id, struct flow_tcp *s, const struct nsc_packet *pkt)
{
	unsigned client = s->flags[0] & TCP_SYN_TIMED ? 0 : 1;
	uint64_t ns = tcp_elapsed(pkt->ts_ns, tcp_next_time(s, client));

	if (!ns)
		return; /* within one step of the capture's clock: the next packet tells more */
	if (t->rtt && ns <= TIME_MASK / 2 && !flow_rtt_get(&t->rtt[id], RTT_HANDSHAKE))
		flow_rtt_handshake(&t->rtt[id], ns);
	s->flags[0] &= (uint8_t)~TCP_SYN_TIMED;
	s->flags[1] &= (uint8_t)~TCP_SYN_TIMED;
}

/* A SYN behind data (the connection is tried anew with the same number) leaves the time of that data alone. */
void flow_tcp_syn(struct flow_tcp *s, const struct nsc_packet *pkt)
{
	if (pkt->tcp_seq + pkt->payload_len + 1 != s->next[pkt->dir])
		return;
	s->flags[0] &= (uint8_t)~TCP_SYN_TIMED;
	s->flags[1] &= (uint8_t)~TCP_SYN_TIMED;
	s->flags[pkt->dir] |= TCP_SYN_TIMED;
	tcp_set_next_time(s, pkt->dir, pkt->ts_ns);
}

void flow_tcp_hole(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt, struct nsc_counters *counters)
{
	const struct flow_tcp *s = &t->tcp[id];
	unsigned dir = pkt->dir;
	uint32_t start = s->next[dir] + !!(s->flags[dir] & TCP_PROBED);

	if (tcp_before(start, pkt->tcp_seq))
		flow_outstanding_hole(t, id, dir, start, pkt->tcp_seq, counters);
}

void flow_tcp_kept_alive(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt,
			 struct nsc_counters *counters)
{
	if (pkt->payload_len && t->rtt && !(t->tcp[id].flags[pkt->dir] & (TCP_OUTSTANDING | TCP_REPEATED)))
		flow_outstanding_kept_alive(t, id, pkt->dir, pkt->ts_ns, counters);
}

/* Wholly acknowledged before it was sent. A bare FIN or SYN is not. */
static bool tcp_is_spurious(const struct flow_tcp *s, const struct nsc_packet *pkt)
{
	unsigned peer = !pkt->dir;

	return pkt->payload_len && (s->flags[peer] & TCP_ACK_KNOWN) &&
	       !tcp_before(s->ack[peer], pkt->tcp_seq + pkt->payload_len);
}

/* What duplicate acknowledgements have asked for, at once. */
static bool tcp_is_fast(const struct flow_tcp *s, const struct nsc_packet *pkt)
{
	unsigned peer = !pkt->dir;

	return s->dup_acks[peer] >= FAST_DUP_ACKS && s->ack[peer] == pkt->tcp_seq &&
	       (uint32_t)(pkt->ts_ns >> HEARD_SHIFT) - s->heard[peer] < FAST_HEARD;
}

static uint64_t tcp_reorder_window(const struct nsc_flow_table *t, uint32_t id)
{
	uint64_t handshake = t->rtt ? flow_rtt_get(&t->rtt[id], RTT_HANDSHAKE) : 0;

	return handshake ? handshake : REORDER_NS;
}

/* Soon after the segment that overtook it. What ends where everything ends was overtaken by nobody. */
static bool tcp_is_out_of_order(const struct nsc_flow_table *t, uint32_t id, const struct flow_tcp *s,
				const struct nsc_packet *pkt, uint32_t end)
{
	return end != s->next[pkt->dir] &&
	       tcp_elapsed(pkt->ts_ns, tcp_next_time(s, pkt->dir)) < tcp_reorder_window(t, id);
}

bool flow_tcp_behind(struct nsc_flow_table *t, uint32_t id, struct flow_tcp *s, const struct nsc_packet *pkt,
		     uint32_t end, struct nsc_counters *counters)
{
	unsigned dir = pkt->dir;
	bool behind = (s->flags[dir] & TCP_NEXT_KNOWN) && tcp_before(pkt->tcp_seq, s->next[dir]);
	bool spurious = tcp_is_spurious(s, pkt);

	if (behind && pkt->payload_len > 1 && pkt->tcp_seq == s->next[dir] - 1)
		behind = false; /* the byte before may have been a probe */
	if (!behind && !spurious)
		return false;
	flow_outstanding_again(t, id, dir, pkt->tcp_seq, end, counters);
	if (!tcp_before(end, s->next[dir]) && tcp_before(pkt->tcp_seq, s->next[dir]))
		s->flags[dir] |= TCP_REPEATED;
	if (!spurious && !tcp_is_fast(s, pkt) && tcp_is_out_of_order(t, id, s, pkt, end)) {
		flow_counts(t, id)->out_of_order++;
		nsc_count(counters, NSC_C_TCP_OUT_OF_ORDER, 1);
	} else {
		flow_counts(t, id)->retransmissions++;
		nsc_count(counters, NSC_C_TCP_RETRANSMISSIONS, 1);
	}
	return true;
}

void flow_tcp_stepped(struct nsc_flow_table *t, uint32_t id, struct nsc_counters *counters)
{
	struct flow_tcp *s = &t->tcp[id];
	bool waits = s->ring[0] || s->ring[1] || s->older.kind;

	for (unsigned dir = 0; dir < 2; dir++) {
		waits |= s->flags[dir] & (TCP_OUTSTANDING | TCP_SYN_TIMED);
		s->flags[dir] |= s->flags[dir] & TCP_OUTSTANDING ? TCP_REPEATED : 0;
		s->flags[dir] &= (uint8_t)~TCP_SYN_TIMED;
	}
	flow_outstanding_untime(t, id, counters);
	nsc_count(counters, NSC_C_TCP_STEPPED, waits);
}
