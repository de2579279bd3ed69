/* SPDX-License-Identifier: MIT
 *
 * The sequence analysis: what each TCP segment says about loss, order, windows and round trip times. Follows the rules
 * of tshark 4.0 (docs/tcp.md has them in words), with Karn's rule (SIGCOMM 1987) for samples. Here is the
 * way of a segment that is where it should be; tcp_seq.c has the one that is not.
 *
 * A pure acknowledgement is never a retransmission. Lengths come from the IP header, so a snapped packet counts whole.
 * Fragments (also the first) and segments whose header is longer than their packet are passed over.
 */
#ifndef NETSCOPE_FLOW_TCP_SEQ_H
#define NETSCOPE_FLOW_TCP_SEQ_H

#include "engine/flow/internal.h"
#include "engine/flow/tcp_state.h"
#include "netscope/histogram.h"

#define TIME_MASK ((1ull << 48) - 1)
#define HEARD_SHIFT 10u

nsc_always_inline uint16_t tcp_window(const struct nsc_packet *pkt)
{
	uint16_t window;

	memcpy(&window, pkt->data + pkt->l4_off + 14, sizeof(window));
	return __builtin_bswap16(window);
}

/* IPv6: a fragment header in front of TCP, and not the only fragment. */
bool flow_tcp_is_ipv6_fragment(const struct nsc_packet *pkt);

nsc_always_inline bool tcp_is_fragment(const struct nsc_packet *pkt)
{
	uint16_t field;

	if (nsc_unlikely(pkt->ip_version == 6))
		return nsc_unlikely(pkt->l4_off != pkt->l3_off + 40) && flow_tcp_is_ipv6_fragment(pkt);
	memcpy(&field, pkt->data + pkt->l3_off + 6, sizeof(field));
	return field & __builtin_bswap16(0x3fff);
}

nsc_always_inline uint64_t tcp_next_time(const struct flow_tcp *s, unsigned dir)
{
	return (uint64_t)s->next_time_high[dir] << 32 | s->next_time_low[dir];
}

nsc_always_inline void tcp_set_next_time(struct flow_tcp *s, unsigned dir, uint64_t ts_ns)
{
	s->next_time_low[dir] = (uint32_t)ts_ns;
	s->next_time_high[dir] = (uint16_t)(ts_ns >> 32);
}

/* From a time of 48 bits to now; when time has run backwards a large number, longer than any that it is compared with.
 */
nsc_always_inline uint64_t tcp_elapsed(uint64_t ts_ns, uint64_t since)
{
	return (ts_ns - since) & TIME_MASK;
}

nsc_always_inline void tcp_sample_add(struct nsc_flow_table *t, uint32_t id, uint64_t ns)
{
	nsc_histogram_note(t->rtts, ns);
	if (nsc_unlikely(t->hosts_on))
		flow_hosts_sample(t, id, ns);
}

/* The time since what is acknowledged was sent. No samples are a negative one (the capture's time ran backwards) and 0
 * (shorter than the capture's clock can tell). */
nsc_always_inline void tcp_sample(struct nsc_flow_table *t, uint32_t id, uint64_t ts_ns, uint64_t sent)
{
	uint64_t ns = tcp_elapsed(ts_ns, sent);

	if (nsc_unlikely(ns - 1 >= TIME_MASK / 2))
		return;
	flow_rtt_sample(&t->rtt[id], ns);
	if (t->rtts)
		tcp_sample_add(t, id, ns);
}

nsc_always_inline void tcp_acked(struct nsc_flow_table *t, uint32_t id, struct flow_tcp *s,
				 const struct nsc_packet *pkt, struct nsc_counters *counters)
{
	unsigned from = !pkt->dir;
	uint32_t ack = pkt->tcp_ack;
	uint64_t sent;

	if (nsc_unlikely(s->ring[from] || flow_older_waits(s, from)) &&
	    flow_outstanding_acked(t, id, from, ack, &sent, counters) && t->rtt)
		tcp_sample(t, id, pkt->ts_ns, sent);
	if (!(s->flags[from] & TCP_OUTSTANDING) || tcp_before(ack, s->next[from]))
		return;
	if (t->rtt && ack == s->next[from] && !(s->flags[from] & TCP_REPEATED))
		tcp_sample(t, id, pkt->ts_ns, tcp_next_time(s, from));
	s->flags[from] &= (uint8_t)~TCP_OUTSTANDING;
}

/* The segment begins beyond next: what lies between them is missing, but for the byte of a probe that was taken. */
void flow_tcp_hole(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt, struct nsc_counters *counters);

/* This segment reaches beyond all before it. */
nsc_always_inline void tcp_raise(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt, uint32_t end,
				 bool again, struct nsc_counters *counters)
{
	struct flow_tcp *s = &t->tcp[id];
	unsigned dir = pkt->dir;
	uint8_t flags = s->flags[dir];

	if (nsc_unlikely(flags & TCP_OUTSTANDING) && t->rtt)
		flow_outstanding_push(t, id, dir, counters);
	if (nsc_unlikely((flags & TCP_NEXT_KNOWN) && tcp_before(s->next[dir], pkt->tcp_seq)) &&
	    !(pkt->tcp_flags & NSC_TCP_RST) && (t->analyses & NSC_ANALYSIS_ORDER))
		flow_tcp_hole(t, id, pkt, counters);
	flags &= (uint8_t) ~(TCP_OUTSTANDING | TCP_REPEATED | TCP_SYN_TIMED | TCP_PROBED);
	flags |= TCP_NEXT_KNOWN | (end != pkt->tcp_seq ? TCP_OUTSTANDING : 0) | (again ? TCP_REPEATED : 0);
	s->flags[dir] = flags;
	s->next[dir] = end;
	tcp_set_next_time(s, dir, pkt->ts_ns);
}

/* Zero windows and duplicate acknowledgements; keep-alives are remembered, so that their answers are none of these. */
nsc_always_inline void tcp_note_window(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt,
				       uint16_t window, bool kept_alive, struct nsc_counters *counters)
{
	struct flow_tcp *s = &t->tcp[id];
	unsigned dir = pkt->dir;
	bool same = (s->flags[dir] & TCP_ACK_KNOWN) && pkt->tcp_ack == s->ack[dir];

	if (nsc_unlikely(!window)) {
		if (!(pkt->tcp_flags & TCP_CONTROL)) {
			flow_counts(t, id)->zero_windows++;
			nsc_count(counters, NSC_C_TCP_ZERO_WINDOWS, 1);
		}
		return;
	}
	if (pkt->payload_len || !same || window != s->window[dir] || pkt->tcp_seq != s->next[dir])
		return;
	if (!(pkt->tcp_flags & TCP_CONTROL) && !kept_alive && !(s->flags[!dir] & TCP_KEPT_ALIVE))
		s->dup_acks[dir] += s->dup_acks[dir] != UINT8_MAX;
}

/* 0 or 1 byte, one before the next number; never with SYN, FIN or RST. */
nsc_always_inline bool tcp_is_keep_alive(const struct flow_tcp *s, const struct nsc_packet *pkt)
{
	unsigned dir = pkt->dir;

	return pkt->payload_len <= 1 && pkt->tcp_seq == s->next[dir] - 1 && (s->flags[dir] & TCP_NEXT_KNOWN) &&
	       !(pkt->tcp_flags & TCP_CONTROL);
}

/* One byte at the next number, against a window of 0. */
nsc_always_inline bool tcp_is_probe(const struct flow_tcp *s, const struct nsc_packet *pkt)
{
	return pkt->payload_len == 1 && pkt->tcp_seq == s->next[pkt->dir] && (s->flags[!pkt->dir] & TCP_HEARD) &&
	       s->window[!pkt->dir] == 0 && (s->flags[pkt->dir] & TCP_NEXT_KNOWN);
}

/* --- tcp_seq.c: rare -------------------------------------------------------------------------- */

/* The first packet with ACK and without SYN after a SYN, from either side: SYN to here is the round trip of the
 * handshake. One that is known stays, whatever SYNs come late. */
void flow_tcp_handshake(struct nsc_flow_table *t, uint32_t id, struct flow_tcp *s, const struct nsc_packet *pkt);

/* A SYN without ACK: the latest one counts for the handshake. */
void flow_tcp_syn(struct flow_tcp *s, const struct nsc_packet *pkt);

/* A keep-alive of one byte, all before it acknowledged: its answer is a sample. When next was raised stays as it is. */
void flow_tcp_kept_alive(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt,
			 struct nsc_counters *counters);

/* [seq, end) does not begin where the last segment ended, or is acknowledged already: counts it as retransmitted or out
 * of order, or neither. True: bytes of it were sent before, or may have been: no sample from it. */
bool flow_tcp_behind(struct nsc_flow_table *t, uint32_t id, struct flow_tcp *s, const struct nsc_packet *pkt,
		     uint32_t end, struct nsc_counters *counters);

/* Packet time has stepped since the last packet of the flow: how long what is outstanding has waited is not known. */
void flow_tcp_stepped(struct nsc_flow_table *t, uint32_t id, struct nsc_counters *counters);

/* Whether flow_tcp_behind has something to classify. A FIN behind payload that is acknowledged need not be so itself.
 */
nsc_always_inline bool tcp_looks_back(const struct flow_tcp *s, const struct nsc_packet *pkt)
{
	unsigned dir = pkt->dir;

	return ((s->flags[dir] & TCP_NEXT_KNOWN) && tcp_before(pkt->tcp_seq, s->next[dir])) ||
	       ((s->flags[!dir] & TCP_ACK_KNOWN) && !tcp_before(s->ack[!dir], pkt->tcp_seq + pkt->payload_len));
}

nsc_always_inline void tcp_remember(struct flow_tcp *s, const struct nsc_packet *pkt, uint16_t window, bool kept_alive)
{
	unsigned dir = pkt->dir;
	uint8_t flags = s->flags[dir] & (uint8_t)~TCP_KEPT_ALIVE;

	if (nsc_likely(pkt->tcp_flags & NSC_TCP_ACK)) {
		if (pkt->tcp_ack != s->ack[dir])
			s->dup_acks[dir] = 0;
		s->ack[dir] = pkt->tcp_ack;
		flags |= TCP_ACK_KNOWN;
	} else {
		flags &= (uint8_t)~TCP_ACK_KNOWN; /* a SYN that comes again, a RST: begins anew */
		s->dup_acks[dir] = 0;
	}
	s->window[dir] = window;
	s->heard[dir] = (uint32_t)(pkt->ts_ns >> HEARD_SHIFT);
	s->flags[dir] = (uint8_t)(flags | TCP_HEARD | (kept_alive ? TCP_KEPT_ALIVE : 0));
}

nsc_always_inline void tcp_seq_update(struct nsc_flow_table *t, uint32_t id, const struct nsc_packet *pkt,
				      struct nsc_counters *counters)
{
	struct flow_tcp *s = &t->tcp[id];
	uint32_t control = pkt->tcp_flags & TCP_CONTROL;
	uint32_t end = pkt->tcp_seq + pkt->payload_len + !!(control & (NSC_TCP_SYN | NSC_TCP_FIN));
	bool probe, kept_alive, again = false;
	uint16_t window;

	if (nsc_unlikely(!pkt->l4_len || tcp_is_fragment(pkt)))
		return;
	window = tcp_window(pkt);
	probe = nsc_unlikely(tcp_is_probe(s, pkt));
	kept_alive = nsc_unlikely(tcp_is_keep_alive(s, pkt));
	if (nsc_unlikely(((s->flags[0] | s->flags[1]) & TCP_SYN_TIMED) && (pkt->tcp_flags & NSC_TCP_ACK) &&
			 !(control & NSC_TCP_SYN)))
		flow_tcp_handshake(t, id, s, pkt);
	if (nsc_unlikely(probe))
		s->flags[pkt->dir] |= TCP_PROBED;
	else
		tcp_note_window(t, id, pkt, window, kept_alive, counters);
	if (end != pkt->tcp_seq && !kept_alive && nsc_unlikely(tcp_looks_back(s, pkt)))
		again = flow_tcp_behind(t, id, s, pkt, end, counters);
	if (nsc_unlikely(kept_alive))
		flow_tcp_kept_alive(t, id, pkt, counters);
	else if (!probe && (!(s->flags[pkt->dir] & TCP_NEXT_KNOWN) || tcp_before(s->next[pkt->dir], end)))
		tcp_raise(t, id, pkt, end, again, counters);
	if (nsc_unlikely(tcp_is_syn(pkt->tcp_flags)))
		flow_tcp_syn(s, pkt);
	tcp_remember(s, pkt, window, kept_alive);
	if (nsc_likely(pkt->tcp_flags & NSC_TCP_ACK))
		tcp_acked(t, id, s, pkt, counters);
	if (nsc_unlikely(control & NSC_TCP_RST))
		flow_outstanding_release(t, id);
}

#endif
