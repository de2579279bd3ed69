/* SPDX-License-Identifier: MIT
 *
 * How generated connections begin when their flows say who they are: the client's hello, in one or two segments or
 * datagrams, which may come in the other order, or lose the first one, and the server's answer. Then the flow goes on
 * as any other does.
 */
#include "gen_internal.h"

enum { DATA = NSC_TCP_PSH | NSC_TCP_ACK };

/* Bytes [*start, *end) of what `dir` says first: its first segment or the other one. What is there to say is in
 * gen->said. */
static void begin_cut(struct nsc_gen *gen, const struct gen_flow *flow, uint32_t dir, uint32_t piece, uint32_t *start,
		      uint32_t *end)
{
	uint32_t n = gen_hello_stream(gen, flow, dir, gen->said);

	*start = piece == 0 ? 0 : GEN_SEGMENT;
	*end = piece == 0 ? NSC_MIN(n, GEN_SEGMENT) : n;
}

static void begin_segment(struct nsc_gen *gen, const struct gen_flow *flow, uint32_t seq, uint32_t start, uint32_t end)
{
	struct gen_tcp tcp = {
		.seq = seq, .ack = flow->acked[flow->dir], .payload_len = end - start, .dir = flow->dir, .flags = DATA
	};

	gen_frame_tcp_said(gen, flow, &tcp, gen->said + start);
}

/* The client has said all: the server answers. */
static void begin_done(struct nsc_gen *gen, struct gen_flow *flow)
{
	gen->frame->events |= NSC_GEN_HELLO;
	flow->dir = 1;
	gen_timer_set(gen, flow, GEN_RTT, GEN_REPLY);
}

/* --- TCP -------------------------------------------------------------------------------------- */

static void begin_next_segment(struct nsc_gen *gen, struct gen_flow *flow, uint32_t piece)
{
	uint32_t start, end;

	begin_cut(gen, flow, 0, piece, &start, &end);
	gen->frame->events |= NSC_GEN_DATA;
	begin_segment(gen, flow, flow->seq[0], start, end);
	flow->seq[0] += end - start;
}

/* The second segment first: the other one was overtaken, or lost. */
static void begin_with_hole(struct nsc_gen *gen, struct gen_flow *flow, bool lost)
{
	flow->hole_seq = flow->seq[0];
	flow->hole_len = GEN_SEGMENT;
	flow->seq[0] += GEN_SEGMENT;
	flow->step = 0;
	gen->frame->events |= lost ? NSC_GEN_LOST : NSC_GEN_OVERTOOK;
	begin_next_segment(gen, flow, 1);
	gen_timer_set(gen, flow, lost ? GEN_RTT : GEN_SOON, lost ? GEN_DUPLICATE : GEN_SWAP);
}

void gen_begin_hole(struct nsc_gen *gen, struct gen_flow *flow)
{
	uint32_t start, end;

	begin_cut(gen, flow, 0, 0, &start, &end);
	begin_segment(gen, flow, flow->hole_seq, start, end);
	begin_done(gen, flow);
}

static void begin_stream(struct nsc_gen *gen, struct gen_flow *flow)
{
	uint32_t roll = (uint32_t)gen_random(&gen->content), start, end;

	begin_cut(gen, flow, 0, 1, &start, &end);
	flow->dir = 0;
	if (end <= GEN_SEGMENT) {
		begin_next_segment(gen, flow, 0);
		begin_done(gen, flow);
	} else if (roll < gen->loss + gen->reorder) {
		begin_with_hole(gen, flow, roll < gen->loss);
	} else {
		begin_next_segment(gen, flow, 0);
		gen_timer_set(gen, flow, GEN_SOON, GEN_HELLO);
	}
}

/* --- UDP -------------------------------------------------------------------------------------- */

static void begin_send_datagram(struct nsc_gen *gen, struct gen_flow *flow, uint32_t dir, uint32_t number)
{
	gen->frame->events |= NSC_GEN_DATA;
	gen_quic_datagram(gen, flow, dir, number, gen->said);
	gen_frame_udp_said(gen, flow, dir, GEN_QUIC_BYTES, gen->said);
}

/* `step` is the datagram that comes next. */
static void begin_quic(struct nsc_gen *gen, struct gen_flow *flow)
{
	uint32_t datagrams = gen_quic_datagrams(gen, flow);
	bool swapped = datagrams > 1 && (uint32_t)gen_random(&gen->content) < gen->reorder;

	flow->dir = 0;
	begin_send_datagram(gen, flow, 0, swapped);
	flow->step = !swapped;
	if (datagrams > 1)
		gen_timer_set(gen, flow, GEN_SOON, GEN_HELLO);
	else
		begin_done(gen, flow);
}

/* --- both ------------------------------------------------------------------------------------- */

void gen_begin(struct nsc_gen *gen, struct gen_flow *flow)
{
	if (flow->shape & GEN_UDP)
		begin_quic(gen, flow);
	else
		begin_stream(gen, flow);
}

void gen_begin_hello(struct nsc_gen *gen, struct gen_flow *flow)
{
	if (flow->shape & GEN_UDP)
		begin_send_datagram(gen, flow, 0, flow->step);
	else
		begin_next_segment(gen, flow, 1);
	begin_done(gen, flow);
}

bool gen_begin_reply(struct nsc_gen *gen, struct gen_flow *flow)
{
	uint32_t start, end;

	flow->shape &= (uint8_t)~GEN_BEGINS;
	if (flow->shape & GEN_UDP) {
		begin_send_datagram(gen, flow, 1, 0);
		return false;
	}
	flow->acked[1] = flow->seq[0];
	begin_cut(gen, flow, 1, 0, &start, &end);
	gen->frame->events |= NSC_GEN_DATA;
	begin_segment(gen, flow, flow->seq[1], start, end);
	flow->seq[1] += end - start;
	return true;
}
