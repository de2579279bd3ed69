/* SPDX-License-Identifier: MIT
 *
 * The sequence analysis as docs/tcp.md describes it, the slow way: for each direction lists of everything that was
 * sent, sent again and left out, without bounds, walked for each question.
 */
#ifndef NETSCOPE_TEST_FLOW_MODEL_TCP_H
#define NETSCOPE_TEST_FLOW_MODEL_TCP_H

#include "tests/unit/engine/flow/support.h"

struct model_range { /* [from, to) of the sequence */
	uint32_t from, to;
	uint64_t ts_ns;
	bool again, kept_alive;
};

struct model_list {
	struct model_range *at;
	size_t n, room;
};

struct model_side {
	struct model_list sent, again, holes; /* sent: not acknowledged yet */
	bool known, acked, heard;             /* next; ack; window and heard_ns */
	bool kept_alive, probed;              /* its last packet was one; a probe at next is not part of it yet */
	uint32_t next, ack, duplicates;
	uint16_t window;
	uint64_t next_ns, heard_ns;
};

struct model_tcp {
	struct model_side side[2];
	bool syn_waits; /* for the packet that ends the handshake */
	unsigned syn_dir;
	uint64_t syn_ns;
};

#define MODEL_CONTROL (NSC_TCP_SYN | NSC_TCP_FIN | NSC_TCP_RST)

/* --- lists ------------------------------------------------------------------------------------ */

static inline bool model_less(uint32_t x, uint32_t y)
{
	return x != y && y - x < 1u << 31;
}

static inline void model_list_add(struct model_list *list, struct model_range range)
{
	if (list->n == list->room) {
		list->room = 2 * list->room + 8;
		list->at = realloc(list->at, list->room * sizeof(*list->at));
		if (!list->at)
			abort();
	}
	list->at[list->n++] = range;
}

/* What ends at `ack` or before it goes. */
static inline void model_list_acked(struct model_list *list, uint32_t ack)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->n; i++)
		if (model_less(ack, list->at[i].to))
			list->at[kept++] = list->at[i];
	list->n = kept;
}

static inline bool model_list_covers(const struct model_list *list, uint32_t number)
{
	for (size_t i = 0; i < list->n; i++)
		if (!model_less(number, list->at[i].from) && model_less(number, list->at[i].to))
			return true;
	return false;
}

static inline void model_tcp_free(struct model_tcp *tcp)
{
	for (unsigned dir = 0; dir < 2; dir++) {
		free(tcp->side[dir].sent.at);
		free(tcp->side[dir].again.at);
		free(tcp->side[dir].holes.at);
	}
	memset(tcp, 0, sizeof(*tcp));
}

/* A reset, or a connection that is tried anew with its number: only the newest segment is still waited for. */
static inline void model_tcp_forget(struct model_tcp *tcp)
{
	for (unsigned dir = 0; dir < 2; dir++) {
		struct model_side *side = &tcp->side[dir];
		size_t kept = 0;

		for (size_t i = 0; i < side->sent.n; i++)
			if (side->sent.at[i].to == side->next && !side->sent.at[i].kept_alive)
				side->sent.at[kept++] = side->sent.at[i];
		side->sent.n = kept;
		side->holes.n = 0;
	}
}

/* Packet time has stepped: how long what is outstanding has waited is not known. The last byte counts as sent again:
 * a keep-alive that repeats it gives no sample either. */
static inline void model_tcp_step(struct model_tcp *tcp)
{
	for (unsigned dir = 0; dir < 2; dir++) {
		struct model_side *side = &tcp->side[dir];

		for (size_t i = 0; i < side->sent.n; i++) {
			side->sent.at[i].again = true;
			if (side->sent.at[i].to == side->next && !side->sent.at[i].kept_alive)
				model_list_add(&side->again,
					       (struct model_range){ .from = side->next - 1, .to = side->next });
		}
	}
	tcp->syn_waits = false;
}

/* --- holes ------------------------------------------------------------------------------------ */

/* Each hole loses what is in [seq, end): it goes, shrinks, or becomes two. */
static inline void model_fill(struct model_side *side, uint32_t seq, uint32_t end, uint32_t *lost)
{
	struct model_list left = { 0 };

	for (size_t i = 0; i < side->holes.n; i++) {
		struct model_range hole = side->holes.at[i];

		(*lost)--;
		if (!model_less(seq, hole.to) || !model_less(hole.from, end)) {
			model_list_add(&left, hole);
			continue;
		}
		if (model_less(hole.from, seq))
			model_list_add(&left, (struct model_range){ .from = hole.from, .to = seq });
		if (model_less(end, hole.to))
			model_list_add(&left, (struct model_range){ .from = end, .to = hole.to });
	}
	*lost += (uint32_t)left.n;
	free(side->holes.at);
	side->holes = left;
}

/* --- samples ---------------------------------------------------------------------------------- */

static inline void model_sample(struct nsc_flow_record *r, uint64_t ns)
{
	ns = NSC_MIN(ns, (1ull << 40) - 1);
	r->rtt_last_ns = ns;
	r->rtt_min_ns = r->rtt_samples ? NSC_MIN(r->rtt_min_ns, ns) : ns;
	r->rtt_ewma_ns = r->rtt_samples ? (7 * r->rtt_ewma_ns + ns + 4) / 8 : ns;
	r->rtt_samples++;
}

/* The oldest segment that ends at `ack`, when no byte of it was sent twice and its last byte not again by another. */
static inline void model_acked(struct model_side *side, struct nsc_flow_record *r, uint32_t ack, uint64_t ts_ns)
{
	for (size_t i = 0; i < side->sent.n; i++) {
		const struct model_range *sent = &side->sent.at[i];

		if (sent->to != ack)
			continue;
		if (!sent->again && !model_list_covers(&side->again, ack - 1) && ts_ns > sent->ts_ns &&
		    (r->analyses & NSC_ANALYSIS_RTT))
			model_sample(r, ts_ns - sent->ts_ns);
		break;
	}
	model_list_acked(&side->sent, ack);
	model_list_acked(&side->holes, ack);
}

/* --- one segment ------------------------------------------------------------------------------ */

struct model_segment {
	const struct event *e;
	struct model_side *side, *peer;
	unsigned dir;
	uint32_t end;
	bool probe, keep_alive, again;
};

static inline void model_handshake(struct model_tcp *tcp, struct nsc_flow_record *r, const struct event *e)
{
	if (!tcp->syn_waits || !(e->flags & NSC_TCP_ACK) || (e->flags & NSC_TCP_SYN) || e->ts_ns == tcp->syn_ns)
		return;
	tcp->syn_waits = false;
	if (e->ts_ns > tcp->syn_ns && !r->rtt_handshake_ns && (r->analyses & NSC_ANALYSIS_RTT))
		r->rtt_handshake_ns = NSC_MIN(e->ts_ns - tcp->syn_ns, (1ull << 40) - 1);
}

static inline bool model_is_duplicate(const struct model_segment *g)
{
	const struct event *e = g->e;

	return !e->payload && e->window && e->window == g->side->window && e->seq == g->side->next && g->side->acked &&
	       e->ack == g->side->ack && !(e->flags & MODEL_CONTROL) && !g->keep_alive && !g->peer->kept_alive;
}

/* Within 20 ms of the other side's last packet, whose time is known to 1024 ns. */
static inline bool model_is_fast(const struct model_segment *g)
{
	return g->peer->duplicates >= 2 && g->peer->ack == g->e->seq &&
	       g->e->ts_ns / 1024 >= g->peer->heard_ns / 1024 &&
	       g->e->ts_ns / 1024 - g->peer->heard_ns / 1024 < 20000000 / 1024;
}

static inline bool model_is_out_of_order(const struct model_segment *g, const struct nsc_flow_record *r)
{
	uint64_t window = r->rtt_handshake_ns ? r->rtt_handshake_ns : 3000000;

	return g->end != g->side->next && g->e->ts_ns >= g->side->next_ns && g->e->ts_ns - g->side->next_ns < window;
}

static inline void model_judge(struct model_segment *g, struct nsc_flow_record *r, uint32_t lost[1], uint32_t counts[2])
{
	const struct event *e = g->e;
	struct model_side *side = g->side;
	bool behind = side->known && model_less(e->seq, side->next) && !(e->payload > 1 && e->seq == side->next - 1);
	bool spurious = e->payload && g->peer->acked && !model_less(g->peer->ack, e->seq + e->payload);

	if (!behind && !spurious)
		return;
	g->again = true;
	counts[!spurious && !model_is_fast(g) && model_is_out_of_order(g, r)]++;
	if (!g->probe) /* the byte of a probe is not sent yet */
		model_list_add(&side->again, (struct model_range){ .from = e->seq, .to = g->end });
	model_fill(side, e->seq, g->end, lost);
}

static inline void model_raise(struct model_tcp *tcp, struct model_segment *g, uint32_t *lost)
{
	struct model_side *side = g->side;
	const struct event *e = g->e;
	uint32_t next = side->next + side->probed;

	if (side->known && model_less(next, e->seq) && !(e->flags & NSC_TCP_RST)) {
		model_list_add(&side->holes, (struct model_range){ .from = next, .to = e->seq });
		(*lost)++;
	}
	if (g->end != e->seq)
		model_list_add(
			&side->sent,
			(struct model_range){ .from = e->seq, .to = g->end, .ts_ns = e->ts_ns, .again = g->again });
	if (tcp->syn_waits && tcp->syn_dir == g->dir)
		tcp->syn_waits = false;
	side->known = true;
	side->probed = false;
	side->next = g->end;
	side->next_ns = e->ts_ns;
}

static inline void model_place(struct model_tcp *tcp, struct model_segment *g, uint32_t *lost)
{
	const struct event *e = g->e;

	if (g->probe)
		g->side->probed = true;
	else if (g->keep_alive && e->payload)
		model_list_add(
			&g->side->sent,
			(struct model_range){ .from = e->seq, .to = g->end, .ts_ns = e->ts_ns, .kept_alive = true });
	else if (!g->keep_alive && (!g->side->known || model_less(g->side->next, g->end)))
		model_raise(tcp, g, lost);
	if ((e->flags & (NSC_TCP_SYN | NSC_TCP_ACK | NSC_TCP_RST)) != NSC_TCP_SYN ||
	    e->seq + e->payload + 1 != g->side->next)
		return;
	tcp->syn_waits = true;
	tcp->syn_dir = g->dir;
	tcp->syn_ns = g->side->next_ns = e->ts_ns;
}

static inline void model_remember(struct model_segment *g)
{
	struct model_side *side = g->side;
	const struct event *e = g->e;
	bool ack = e->flags & NSC_TCP_ACK;

	if (!ack || !side->acked || e->ack != side->ack)
		side->duplicates = 0;
	side->acked = ack;
	side->ack = e->ack;
	side->heard = true;
	side->window = e->window;
	side->heard_ns = e->ts_ns;
	side->kept_alive = g->keep_alive;
}

/* r: all counts of the record, whatever analyses are on but for round trips. */
static inline void model_segment(struct model_tcp *tcp, struct nsc_flow_record *r, const struct event *e, unsigned dir,
				 uint32_t lost[1], uint32_t counts[2])
{
	struct model_segment g = { .e = e,
				   .side = &tcp->side[dir],
				   .peer = &tcp->side[!dir],
				   .dir = dir,
				   .end = e->seq + e->payload + ((e->flags & (NSC_TCP_SYN | NSC_TCP_FIN)) != 0) };

	g.probe = e->payload == 1 && g.side->known && e->seq == g.side->next && g.peer->heard && !g.peer->window;
	g.keep_alive = e->payload <= 1 && g.side->known && e->seq == g.side->next - 1 && !(e->flags & MODEL_CONTROL);
	model_handshake(tcp, r, e);
	r->zero_windows += !e->window && !g.probe && !(e->flags & MODEL_CONTROL);
	g.side->duplicates += !g.probe && model_is_duplicate(&g);
	if (g.end != e->seq && !g.keep_alive) /* of a probe only what is spurious */
		model_judge(&g, r, lost, counts);
	model_place(tcp, &g, lost);
	model_remember(&g);
	if (e->flags & NSC_TCP_ACK)
		model_acked(g.peer, r, e->ack, e->ts_ns);
	if (e->flags & NSC_TCP_RST)
		model_tcp_forget(tcp);
}

#endif
