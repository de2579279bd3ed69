/* SPDX-License-Identifier: MIT
 *
 * The TCP state of a flow as seen from outside. First rule that matches: RST, SYN, SYN+ACK, FIN, ACK. A repeated SYN
 * or SYN+ACK of the same connection never leads back: a state only moves forward within one record.
 */
#ifndef NETSCOPE_FLOW_TCP_STATE_H
#define NETSCOPE_FLOW_TCP_STATE_H

#include "engine/flow/internal.h"

#define TCP_CONTROL (NSC_TCP_SYN | NSC_TCP_FIN | NSC_TCP_RST)

nsc_always_inline bool tcp_is_syn(uint8_t flags)
{
	return (flags & (NSC_TCP_SYN | NSC_TCP_ACK | NSC_TCP_RST)) == NSC_TCP_SYN;
}

/* Does this SYN begin another connection than the one on record? */
static inline bool tcp_syn_restarts(const struct flow_hot *hot, const struct flow_story *story,
				    const struct nsc_packet *pkt)
{
	unsigned client = hot->flags & FLOW_CLIENT_MASK;

	if (hot->tcp_state == NSC_TCP_STATE_CLOSED || hot->tcp_state == NSC_TCP_STATE_RESET)
		return true;
	if (!(hot->flags & FLOW_ISN_KNOWN))
		return true; /* traffic without a SYN came before: this SYN cannot be its beginning */
	if (client == (unsigned)NSC_CLIENT_A + pkt->dir)
		return pkt->tcp_seq != story->isn;
	return hot->tcp_state != NSC_TCP_STATE_SYN_SENT; /* both sides at once: simultaneous open */
}

/* Is this SYN the one on record, sent again? */
static inline bool tcp_syn_repeats(const struct flow_hot *hot, const struct flow_story *story,
				   const struct nsc_packet *pkt)
{
	return (hot->flags & FLOW_ISN_KNOWN) && (hot->flags & FLOW_CLIENT_MASK) == (unsigned)NSC_CLIENT_A + pkt->dir &&
	       pkt->tcp_seq == story->isn;
}

static inline void tcp_set_client(struct flow_hot *hot, struct flow_story *story, unsigned client, uint32_t isn)
{
	if (hot->flags & FLOW_CLIENT_MASK)
		return;
	hot->flags |= (uint8_t)(client | FLOW_ISN_KNOWN);
	story->isn = isn;
}

static inline void tcp_fin(struct flow_hot *hot, unsigned dir)
{
	hot->flags |= (uint8_t)(FLOW_FIN_A << dir);
	hot->tcp_state = (hot->flags & (FLOW_FIN_A | FLOW_FIN_B)) == (FLOW_FIN_A | FLOW_FIN_B) ? NSC_TCP_STATE_CLOSED
											       : NSC_TCP_STATE_FIN_WAIT;
}

nsc_always_inline bool tcp_is_handshake(uint8_t state)
{
	return state == NSC_TCP_STATE_SYN_SENT || state == NSC_TCP_STATE_SYN_ACK;
}

/* What the step from `before` to another state, `now`, says about a handshake. */
static inline void tcp_state_count(uint8_t before, uint8_t now, struct nsc_counters *counters)
{
	bool reset = now == NSC_TCP_STATE_RESET;

	nsc_count(counters, NSC_C_TCP_OPENED, before == NSC_TCP_STATE_UNKNOWN && tcp_is_handshake(now));
	nsc_count(counters, NSC_C_TCP_ESTABLISHED, tcp_is_handshake(before) && !tcp_is_handshake(now) && !reset);
	nsc_count(counters, NSC_C_TCP_REFUSED, tcp_is_handshake(before) && reset);
	nsc_count(counters, NSC_C_TCP_RESETS, reset);
}

static inline void tcp_state_step(struct flow_hot *hot, struct flow_story *story, const struct nsc_packet *pkt)
{
	uint8_t flags = pkt->tcp_flags, state = hot->tcp_state;

	if (flags & NSC_TCP_RST) {
		hot->tcp_state = NSC_TCP_STATE_RESET;
	} else if (state == NSC_TCP_STATE_RESET) {
		return;
	} else if (tcp_is_syn(flags)) {
		tcp_set_client(hot, story, NSC_CLIENT_A + pkt->dir, pkt->tcp_seq);
		if (state < NSC_TCP_STATE_SYN_SENT)
			hot->tcp_state = NSC_TCP_STATE_SYN_SENT;
	} else if (flags & NSC_TCP_SYN) {
		tcp_set_client(hot, story, NSC_CLIENT_B - pkt->dir, pkt->tcp_ack - 1);
		if (state < NSC_TCP_STATE_SYN_ACK)
			hot->tcp_state = NSC_TCP_STATE_SYN_ACK;
	} else if (flags & NSC_TCP_FIN) {
		tcp_fin(hot, pkt->dir);
	} else if ((flags & NSC_TCP_ACK) && state < NSC_TCP_STATE_ESTABLISHED) {
		hot->tcp_state = NSC_TCP_STATE_ESTABLISHED;
	}
}

/* Control segments and the first segments of a connection: rare, so out of line. */
static __attribute__((noinline)) void tcp_state_slow(struct flow_hot *hot, struct flow_story *story,
						     const struct nsc_packet *pkt, struct nsc_counters *counters)
{
	uint8_t before = hot->tcp_state;

	tcp_state_step(hot, story, pkt);
	if (hot->tcp_state != before)
		tcp_state_count(before, hot->tcp_state, counters);
}

nsc_always_inline void tcp_state_update(struct flow_hot *hot, struct flow_story *story, const struct nsc_packet *pkt,
					struct nsc_counters *counters)
{
	if (nsc_unlikely((pkt->tcp_flags & TCP_CONTROL) || hot->tcp_state < NSC_TCP_STATE_ESTABLISHED))
		tcp_state_slow(hot, story, pkt, counters);
}

#endif
