/* SPDX-License-Identifier: MIT
 *
 * What a generated flow does when it is drawn and when its timer comes due. Each step makes one frame.
 *
 * An ACK number moves only when a timer of one round trip fires, never with data that happens to go the other way: so
 * the round trip seen at the capture point is at least rtt_us. Losses and swaps are drawn for each new data segment
 * and played at the next moment when no ACK is under way; a connection does not close before it has played them.
 */
#include "gen_internal.h"

enum {
	DATA = NSC_TCP_PSH | NSC_TCP_ACK,
	BEHIND_FAST = 4,                     /* segments behind a lost one: one ACK that advances, three duplicates */
	FAST_RTT_NS = 15000000,              /* up to here what is lost may come again before its timeout */
	FLIGHT_MAX = (4 << 20) - (64 << 10), /* under the advertised window */
};

static void emit(struct nsc_gen *gen, struct gen_flow *flow, uint32_t dir, uint8_t flags, uint32_t seq, uint32_t len,
		 uint8_t *slot, struct nsc_gen_frame *frame)
{
	struct gen_tcp tcp = { .seq = seq, .payload_len = len, .dir = (uint8_t)dir, .flags = flags };

	tcp.ack = flags & NSC_TCP_ACK ? flow->acked[dir] : 0;
	gen_frame_tcp(gen, flow, &tcp, slot, frame);
}

static void emit_ack(struct nsc_gen *gen, struct gen_flow *flow, uint32_t dir, uint32_t ack, uint8_t *slot,
		     struct nsc_gen_frame *frame)
{
	flow->acked[dir] = ack;
	emit(gen, flow, dir, NSC_TCP_ACK, flow->seq[dir], 0, slot, frame);
}

/* A length, and whether this segment brings a loss or a swap with it. */
static uint32_t draw_data(struct nsc_gen *gen, struct gen_flow *flow)
{
	uint64_t random = gen_random(&gen->content);
	uint32_t len = gen->payload_min + gen_scale((uint32_t)random, gen->payload_span);

	if (gen->loss | gen->reorder) {
		uint32_t roll = (uint32_t)(random >> 32);

		if (roll < gen->loss)
			flow->losses += flow->losses < UINT8_MAX;
		else if (roll - gen->loss < gen->reorder)
			flow->swaps += flow->swaps < UINT8_MAX;
	}
	return len ? len : gen->payload_max > 0;
}

static void send_data(struct nsc_gen *gen, struct gen_flow *flow, uint32_t dir, uint8_t *slot,
		      struct nsc_gen_frame *frame)
{
	uint32_t len = draw_data(gen, flow);

	frame->events |= NSC_GEN_DATA;
	emit(gen, flow, dir, DATA, flow->seq[dir], len, slot, frame);
	flow->seq[dir] += len;
}

/* The segment that will come later, or again: takes its place in the sequence and is not sent. */
static void make_hole(struct nsc_gen *gen, struct gen_flow *flow)
{
	flow->hole_seq = flow->seq[flow->dir];
	flow->hole_len = (uint16_t)draw_data(gen, flow);
	flow->seq[flow->dir] += flow->hole_len;
}

static void send_hole(struct nsc_gen *gen, struct gen_flow *flow, uint8_t event, uint8_t *slot,
		      struct nsc_gen_frame *frame)
{
	frame->events |= event;
	emit(gen, flow, flow->dir, DATA, flow->hole_seq, flow->hole_len, slot, frame);
}

static bool is_exhausted(const struct nsc_gen *gen, const struct gen_flow *flow)
{
	return gen->flow_packets && flow->left == 0;
}

/* Everything that `sender` sent is acknowledged. */
static bool is_acked(const struct gen_flow *flow, uint32_t sender)
{
	return flow->seq[sender] == flow->acked[!sender];
}

/* Someone has to acknowledge something: begin with the peer of `sender`. */
static void set_ack_timer(struct nsc_gen *gen, struct gen_flow *flow, uint32_t sender)
{
	if (is_acked(flow, sender))
		sender = !sender;
	if (is_acked(flow, sender)) {
		flow->state = GEN_IDLE;
		return;
	}
	flow->dir = !sender;
	flow->target = flow->seq[sender];
	gen_timer_set(gen, flow, GEN_RTT, GEN_ACK);
}

/* --- losses and swaps ------------------------------------------------------------------------- */

/* Three losses in four are repaired by duplicate ACKs; else, and always where a round trip is long, too few come back
 * and a timeout does it. With long round trips the first kind looks to an observer like a segment that was overtaken.
 */
static void begin_loss(struct nsc_gen *gen, struct gen_flow *flow, uint8_t *slot, struct nsc_gen_frame *frame)
{
	bool fast = gen_random(&gen->content) >> 62 != 0 && gen->lists[GEN_RTT].delay_ns <= FAST_RTT_NS;

	flow->losses--;
	make_hole(gen, flow);
	frame->events |= NSC_GEN_LOST;
	send_data(gen, flow, flow->dir, slot, frame);
	flow->step = fast ? BEHIND_FAST - 1 : 0;
	gen_timer_set(gen, flow, fast ? GEN_SOON : GEN_RTT, fast ? GEN_BEHIND : GEN_DUPLICATE);
}

static void begin_swap(struct nsc_gen *gen, struct gen_flow *flow, uint8_t *slot, struct nsc_gen_frame *frame)
{
	flow->swaps--;
	make_hole(gen, flow);
	send_data(gen, flow, flow->dir, slot, frame);
	gen_timer_set(gen, flow, GEN_SOON, GEN_SWAP);
}

static void play_owed(struct nsc_gen *gen, struct gen_flow *flow, uint8_t *slot, struct nsc_gen_frame *frame)
{
	if (flow->losses)
		begin_loss(gen, flow, slot, frame);
	else
		begin_swap(gen, flow, slot, frame);
}

static void timer_behind(struct nsc_gen *gen, struct gen_flow *flow, uint8_t *slot, struct nsc_gen_frame *frame)
{
	send_data(gen, flow, flow->dir, slot, frame);
	if (--flow->step > 0) {
		gen_timer_set(gen, flow, GEN_SOON, GEN_BEHIND);
		return;
	}
	flow->step = BEHIND_FAST - 1;
	gen_timer_set(gen, flow, GEN_RTT, GEN_DUPLICATE);
}

static void timer_duplicate(struct nsc_gen *gen, struct gen_flow *flow, uint8_t *slot, struct nsc_gen_frame *frame)
{
	bool timeout = flow->step == 0;

	emit_ack(gen, flow, !flow->dir, flow->hole_seq, slot, frame);
	if (timeout)
		gen_timer_set(gen, flow, GEN_RTO, GEN_RESEND);
	else if (--flow->step > 0)
		gen_timer_set(gen, flow, GEN_SOON, GEN_DUPLICATE);
	else
		gen_timer_set(gen, flow, GEN_RTT, GEN_RESEND);
}

/* --- opening and closing ---------------------------------------------------------------------- */

static void begin_handshake(struct nsc_gen *gen, struct gen_flow *flow, uint8_t *slot, struct nsc_gen_frame *frame)
{
	emit(gen, flow, 0, NSC_TCP_SYN, flow->seq[0]++, 0, slot, frame);
	gen_timer_set(gen, flow, GEN_RTT, GEN_SYN);
}

static void timer_syn(struct nsc_gen *gen, struct gen_flow *flow, uint8_t *slot, struct nsc_gen_frame *frame)
{
	flow->acked[1] = flow->seq[0];
	if (gen_random(&gen->content) >> 57 == 0) { /* 1 in 128: refused */
		emit(gen, flow, 1, NSC_TCP_RST | NSC_TCP_ACK, 0, 0, slot, frame);
		flow->state = GEN_NEW;
		return;
	}
	emit(gen, flow, 1, NSC_TCP_SYN | NSC_TCP_ACK, flow->seq[1]++, 0, slot, frame);
	gen_timer_set(gen, flow, GEN_RTT, GEN_SYN_ACK);
}

/* The client closes three times in four; 1 in 16 connections ends by a reset. */
static void begin_close(struct nsc_gen *gen, struct gen_flow *flow, uint8_t *slot, struct nsc_gen_frame *frame)
{
	uint64_t random = gen_random(&gen->content);

	flow->dir = random >> 62 == 0;
	if ((random & 15) == 0) {
		emit(gen, flow, flow->dir, NSC_TCP_RST | NSC_TCP_ACK, flow->seq[flow->dir], 0, slot, frame);
		flow->state = GEN_NEW;
		return;
	}
	emit(gen, flow, flow->dir, NSC_TCP_FIN | NSC_TCP_ACK, flow->seq[flow->dir]++, 0, slot, frame);
	gen_timer_set(gen, flow, GEN_RTT, GEN_FIN);
}

static void timer_fin(struct nsc_gen *gen, struct gen_flow *flow, uint8_t *slot, struct nsc_gen_frame *frame)
{
	uint32_t peer = !flow->dir;

	flow->acked[peer] = flow->seq[flow->dir];
	emit(gen, flow, peer, NSC_TCP_FIN | NSC_TCP_ACK, flow->seq[peer]++, 0, slot, frame);
	gen_timer_set(gen, flow, GEN_RTT, GEN_LAST);
}

static void timer_last(struct nsc_gen *gen, struct gen_flow *flow, uint8_t *slot, struct nsc_gen_frame *frame)
{
	emit_ack(gen, flow, flow->dir, flow->seq[!flow->dir], slot, frame);
	flow->state = GEN_NEW;
}

/* --- data ------------------------------------------------------------------------------------- */

static void timer_ack(struct nsc_gen *gen, struct gen_flow *flow, uint8_t *slot, struct nsc_gen_frame *frame)
{
	uint32_t acker = flow->dir;

	emit_ack(gen, flow, acker, flow->target, slot, frame);
	if (flow->losses | flow->swaps) {
		flow->dir = !acker;
		gen_timer_set(gen, flow, GEN_SOON, GEN_OWED);
	} else if (is_exhausted(gen, flow) && gen->handshake && is_acked(flow, 0) && is_acked(flow, 1)) {
		gen_timer_set(gen, flow, GEN_SOON, GEN_CLOSE);
	} else {
		set_ack_timer(gen, flow, acker);
	}
}

/* One segment of `step` that go close behind each other and share an ACK. */
static void send_train(struct nsc_gen *gen, struct gen_flow *flow, uint8_t *slot, struct nsc_gen_frame *frame)
{
	send_data(gen, flow, flow->dir, slot, frame);
	if (--flow->step > 0 && !is_exhausted(gen, flow))
		gen_timer_set(gen, flow, GEN_SOON, GEN_TRAIN);
	else
		set_ack_timer(gen, flow, flow->dir);
}

static bool act_idle(struct nsc_gen *gen, struct gen_flow *flow, uint8_t *slot, struct nsc_gen_frame *frame)
{
	static const uint8_t trains[8] = { 1, 1, 1, 2, 2, 3, 4, 8 };
	uint64_t random = gen->roll >> 16;

	flow->dir = (random & 3) != 0; /* servers send more */
	if (flow->losses | flow->swaps) {
		play_owed(gen, flow, slot, frame);
		return true;
	}
	if (is_exhausted(gen, flow)) {
		begin_close(gen, flow, slot, frame);
		return true;
	}
	flow->step = trains[random >> 2 & 7];
	send_train(gen, flow, slot, frame);
	return true;
}

/* An ACK is under way; the window may have room for more. */
static bool act_more(struct nsc_gen *gen, struct gen_flow *flow, uint8_t *slot, struct nsc_gen_frame *frame)
{
	uint32_t dir = (gen->roll >> 16 & 3) != 0;

	if (is_exhausted(gen, flow) || flow->seq[dir] - flow->acked[!dir] > FLIGHT_MAX)
		return false;
	send_data(gen, flow, dir, slot, frame);
	return true;
}

bool gen_flow_act(struct nsc_gen *gen, struct gen_flow *flow, uint8_t *slot, struct nsc_gen_frame *frame)
{
	bool silent_end = flow->shape & GEN_UDP || !gen->handshake; /* no packet says that it ended */
	bool ended = silent_end && is_exhausted(gen, flow) && !(flow->losses | flow->swaps);
	bool fresh = flow->state == GEN_NEW || (flow->state == GEN_IDLE && ended);

	if (fresh)
		gen_flow_renew(gen, flow);
	if (flow->state == GEN_ACK)
		return act_more(gen, flow, slot, frame);
	if (flow->state != GEN_IDLE)
		return false;
	if (flow->shape & GEN_UDP)
		return gen_udp_act(gen, flow, fresh, slot, frame);
	if (!fresh || !gen->handshake)
		return act_idle(gen, flow, slot, frame);
	begin_handshake(gen, flow, slot, frame);
	return true;
}

void gen_flow_timer(struct nsc_gen *gen, struct gen_flow *flow, uint8_t *slot, struct nsc_gen_frame *frame)
{
	switch ((enum gen_state)flow->state) {
	case GEN_ACK:
		timer_ack(gen, flow, slot, frame);
		break;
	case GEN_TRAIN:
		send_train(gen, flow, slot, frame);
		break;
	case GEN_SYN:
		timer_syn(gen, flow, slot, frame);
		break;
	case GEN_SYN_ACK:
		emit_ack(gen, flow, 0, flow->seq[1], slot, frame);
		flow->state = GEN_IDLE;
		break;
	case GEN_OWED:
		play_owed(gen, flow, slot, frame);
		break;
	case GEN_SWAP:
		send_hole(gen, flow, NSC_GEN_DATA | NSC_GEN_LATE, slot, frame);
		set_ack_timer(gen, flow, flow->dir);
		break;
	case GEN_BEHIND:
		timer_behind(gen, flow, slot, frame);
		break;
	case GEN_DUPLICATE:
		timer_duplicate(gen, flow, slot, frame);
		break;
	case GEN_RESEND:
		send_hole(gen, flow, NSC_GEN_RESENT, slot, frame);
		set_ack_timer(gen, flow, flow->dir);
		break;
	case GEN_CLOSE:
		begin_close(gen, flow, slot, frame);
		break;
	case GEN_FIN:
		timer_fin(gen, flow, slot, frame);
		break;
	case GEN_LAST:
		timer_last(gen, flow, slot, frame);
		break;
	case GEN_ANSWER:
		gen_udp_answer(gen, flow, slot, frame);
		break;
	case GEN_REST:
		gen_udp_rest(gen, flow, slot, frame);
		break;
	case GEN_NEW:
	case GEN_IDLE: /* have no timer */
		__builtin_unreachable();
	}
}
