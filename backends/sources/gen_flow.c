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

static void emit(struct nsc_gen *gen, struct gen_flow *flow, uint32_t dir, uint8_t flags, uint32_t seq, uint32_t len)
{
	struct gen_tcp tcp = { .seq = seq, .payload_len = len, .dir = (uint8_t)dir, .flags = flags };

	tcp.ack = flags & NSC_TCP_ACK ? flow->acked[dir] : 0;
	gen_frame_tcp(gen, flow, &tcp);
}

static void emit_ack(struct nsc_gen *gen, struct gen_flow *flow, uint32_t dir, uint32_t ack)
{
	flow->acked[dir] = ack;
	emit(gen, flow, dir, NSC_TCP_ACK, flow->seq[dir], 0);
}

/* A length, and whether this segment brings a loss or a swap with it. */
static uint32_t draw_data(struct nsc_gen *gen, struct gen_flow *flow)
{
	uint64_t random = gen_random(&gen->content);
	uint32_t len = gen->traffic.payload_min + gen_scale((uint32_t)random, gen->payload_span);

	if (gen->loss | gen->reorder) {
		uint32_t roll = (uint32_t)(random >> 32);

		if (roll < gen->loss)
			flow->losses += flow->losses < UINT8_MAX;
		else if (roll - gen->loss < gen->reorder)
			flow->swaps += flow->swaps < UINT8_MAX;
	}
	return len ? len : gen->traffic.payload_max > 0;
}

static void send_data(struct nsc_gen *gen, struct gen_flow *flow, uint32_t dir)
{
	uint32_t len = draw_data(gen, flow);

	gen->frame->events |= NSC_GEN_DATA;
	emit(gen, flow, dir, DATA, flow->seq[dir], len);
	flow->seq[dir] += len;
}

/* The segment that will come later, or again: takes its place in the sequence and is not sent. */
static void make_hole(struct nsc_gen *gen, struct gen_flow *flow)
{
	flow->hole_seq = flow->seq[flow->dir];
	flow->hole_len = (uint16_t)draw_data(gen, flow);
	flow->seq[flow->dir] += flow->hole_len;
}

static bool is_exhausted(const struct nsc_gen *gen, const struct gen_flow *flow)
{
	return gen->traffic.flow_packets && flow->left == 0;
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
static void begin_loss(struct nsc_gen *gen, struct gen_flow *flow)
{
	bool fast = gen_random(&gen->content) >> 62 != 0 && gen->lists[GEN_RTT].delay_ns <= FAST_RTT_NS;

	flow->losses--;
	make_hole(gen, flow);
	gen->frame->events |= NSC_GEN_LOST;
	send_data(gen, flow, flow->dir);
	flow->step = fast ? BEHIND_FAST - 1 : 0;
	gen_timer_set(gen, flow, fast ? GEN_SOON : GEN_RTT, fast ? GEN_BEHIND : GEN_DUPLICATE);
}

static void play_owed(struct nsc_gen *gen, struct gen_flow *flow)
{
	if (flow->losses) {
		begin_loss(gen, flow);
		return;
	}
	flow->swaps--;
	make_hole(gen, flow);
	gen->frame->events |= NSC_GEN_OVERTOOK;
	send_data(gen, flow, flow->dir);
	gen_timer_set(gen, flow, GEN_SOON, GEN_SWAP);
}

static void timer_behind(struct nsc_gen *gen, struct gen_flow *flow)
{
	send_data(gen, flow, flow->dir);
	if (--flow->step > 0) {
		gen_timer_set(gen, flow, GEN_SOON, GEN_BEHIND);
		return;
	}
	flow->step = BEHIND_FAST - 1;
	gen_timer_set(gen, flow, GEN_RTT, GEN_DUPLICATE);
}

static void timer_duplicate(struct nsc_gen *gen, struct gen_flow *flow)
{
	bool timeout = flow->step == 0;

	emit_ack(gen, flow, !flow->dir, flow->hole_seq);
	if (timeout)
		gen_timer_set(gen, flow, GEN_RTO, GEN_RESEND);
	else if (--flow->step > 0)
		gen_timer_set(gen, flow, GEN_SOON, GEN_DUPLICATE);
	else
		gen_timer_set(gen, flow, GEN_RTT, GEN_RESEND);
}

/* What was overtaken or lost comes after all. */
static void timer_hole(struct nsc_gen *gen, struct gen_flow *flow)
{
	gen->frame->events |= flow->state == GEN_SWAP ? NSC_GEN_DATA | NSC_GEN_LATE : NSC_GEN_RESENT;
	if (flow->shape & GEN_BEGINS) {
		gen_begin_hole(gen, flow);
		return;
	}
	emit(gen, flow, flow->dir, DATA, flow->hole_seq, flow->hole_len);
	set_ack_timer(gen, flow, flow->dir);
}

/* --- opening and closing ---------------------------------------------------------------------- */

static void begin_handshake(struct nsc_gen *gen, struct gen_flow *flow)
{
	emit(gen, flow, 0, NSC_TCP_SYN, flow->seq[0]++, 0);
	gen_timer_set(gen, flow, GEN_RTT, GEN_SYN);
}

static void timer_syn(struct nsc_gen *gen, struct gen_flow *flow)
{
	flow->acked[1] = flow->seq[0];
	if (gen_random(&gen->content) >> 57 == 0) { /* 1 in 128: refused */
		emit(gen, flow, 1, NSC_TCP_RST | NSC_TCP_ACK, 0, 0);
		flow->state = GEN_NEW;
		return;
	}
	emit(gen, flow, 1, NSC_TCP_SYN | NSC_TCP_ACK, flow->seq[1]++, 0);
	gen_timer_set(gen, flow, GEN_RTT, GEN_SYN_ACK);
}

static void timer_syn_ack(struct nsc_gen *gen, struct gen_flow *flow)
{
	emit_ack(gen, flow, 0, flow->seq[1]);
	flow->state = GEN_IDLE;
}

/* The client closes three times in four; 1 in 16 connections ends by a reset. */
static void begin_close(struct nsc_gen *gen, struct gen_flow *flow)
{
	uint64_t random = gen_random(&gen->content);

	flow->dir = random >> 62 == 0;
	if ((random & 15) == 0) {
		emit(gen, flow, flow->dir, NSC_TCP_RST | NSC_TCP_ACK, flow->seq[flow->dir], 0);
		flow->state = GEN_NEW;
		return;
	}
	emit(gen, flow, flow->dir, NSC_TCP_FIN | NSC_TCP_ACK, flow->seq[flow->dir]++, 0);
	gen_timer_set(gen, flow, GEN_RTT, GEN_FIN);
}

static void timer_fin(struct nsc_gen *gen, struct gen_flow *flow)
{
	uint32_t peer = !flow->dir;

	flow->acked[peer] = flow->seq[flow->dir];
	emit(gen, flow, peer, NSC_TCP_FIN | NSC_TCP_ACK, flow->seq[peer]++, 0);
	gen_timer_set(gen, flow, GEN_RTT, GEN_LAST);
}

static void timer_last(struct nsc_gen *gen, struct gen_flow *flow)
{
	emit_ack(gen, flow, flow->dir, flow->seq[!flow->dir]);
	flow->state = GEN_NEW;
}

/* --- data ------------------------------------------------------------------------------------- */

static void timer_ack(struct nsc_gen *gen, struct gen_flow *flow)
{
	uint32_t acker = flow->dir;

	emit_ack(gen, flow, acker, flow->target);
	if (flow->losses | flow->swaps) {
		flow->dir = !acker;
		gen_timer_set(gen, flow, GEN_SOON, GEN_OWED);
	} else if (is_exhausted(gen, flow) && gen->traffic.handshake && is_acked(flow, 0) && is_acked(flow, 1)) {
		gen_timer_set(gen, flow, GEN_SOON, GEN_CLOSE);
	} else {
		set_ack_timer(gen, flow, acker);
	}
}

/* One segment of `step` that go close behind each other and share an ACK. */
static void send_train(struct nsc_gen *gen, struct gen_flow *flow)
{
	send_data(gen, flow, flow->dir);
	if (--flow->step > 0 && !is_exhausted(gen, flow))
		gen_timer_set(gen, flow, GEN_SOON, GEN_TRAIN);
	else
		set_ack_timer(gen, flow, flow->dir);
}

static void act_idle(struct nsc_gen *gen, struct gen_flow *flow)
{
	static const uint8_t trains[8] = { 1, 1, 1, 2, 2, 3, 4, 8 };
	uint64_t random = gen->roll >> 16;

	flow->dir = (random & 3) != 0; /* servers send more */
	flow->step = trains[random >> 2 & 7];
	if (flow->losses | flow->swaps)
		play_owed(gen, flow);
	else if (is_exhausted(gen, flow))
		begin_close(gen, flow);
	else
		send_train(gen, flow);
}

/* An ACK is under way; the window may have room for more. */
static bool act_more(struct nsc_gen *gen, struct gen_flow *flow)
{
	uint32_t dir = (gen->roll >> 16 & 3) != 0;

	if (is_exhausted(gen, flow) || flow->seq[dir] - flow->acked[!dir] > FLIGHT_MAX)
		return false;
	send_data(gen, flow, dir);
	return true;
}

/* --- UDP -------------------------------------------------------------------------------------- */

static void act_udp(struct nsc_gen *gen, struct gen_flow *flow, bool first)
{
	uint64_t random = gen->roll >> 16;
	uint32_t len = gen->traffic.payload_min + gen_scale((uint32_t)random, gen->payload_span);

	flow->dir = !first && (random >> 32 & 1);
	gen->frame->events |= NSC_GEN_DATA;
	if (flow->shape & GEN_DNS) {
		gen->frame->events |= NSC_GEN_DNS | (gen->hellos ? NSC_GEN_HELLO : 0);
		flow->dir = 0;
		flow->hole_seq = gen->hellos ? gen_host_number(gen, (uint32_t)random) : (uint32_t)random;
		gen_frame_dns(gen, flow, 0);
		gen_timer_set(gen, flow, GEN_RTT, GEN_ANSWER);
	} else if (gen->fragment_share && (uint32_t)gen_mix(random) < gen->fragment_share) {
		gen->frame->events |= NSC_GEN_FRAGMENT;
		flow->hole_len = (uint16_t)NSC_MAX(len, GEN_FRAGMENTED_MIN);
		flow->hole_seq = 0x10000u + gen->ip_id++;
		gen_frame_fragment(gen, flow, true);
		gen_timer_set(gen, flow, GEN_SOON, GEN_REST);
	} else {
		gen_frame_udp(gen, flow, flow->dir, len);
	}
}

static void timer_rest(struct nsc_gen *gen, struct gen_flow *flow)
{
	gen->frame->events |= NSC_GEN_REST;
	gen_frame_fragment(gen, flow, false);
	flow->state = GEN_IDLE;
}

static void timer_reply(struct nsc_gen *gen, struct gen_flow *flow)
{
	if (gen_begin_reply(gen, flow))
		set_ack_timer(gen, flow, 1);
	else
		flow->state = GEN_IDLE;
}

static void timer_answer(struct nsc_gen *gen, struct gen_flow *flow)
{
	gen->frame->events |= NSC_GEN_DATA | NSC_GEN_DNS;
	gen_frame_dns(gen, flow, 1);
	flow->state = gen->traffic.flow_packets ? GEN_NEW
						: GEN_IDLE; /* a name server's client takes a fresh port each time */
}

/* --- both ------------------------------------------------------------------------------------- */

bool gen_flow_act(struct nsc_gen *gen, struct gen_flow *flow)
{
	bool silent_end = flow->shape & GEN_UDP || !gen->traffic.handshake; /* no packet says that it ended */
	bool ended =
		silent_end && is_exhausted(gen, flow) && !(flow->losses | flow->swaps | (flow->shape & GEN_BEGINS));
	bool fresh = flow->state == GEN_NEW || (flow->state == GEN_IDLE && ended);

	if (fresh)
		gen_flow_renew(gen, flow);
	if (flow->state == GEN_ACK)
		return act_more(gen, flow);
	if (flow->state != GEN_IDLE)
		return false;
	if (flow->shape & GEN_BEGINS && (flow->shape & GEN_UDP || !fresh || !gen->traffic.handshake))
		gen_begin(gen, flow);
	else if (flow->shape & GEN_UDP)
		act_udp(gen, flow, fresh);
	else if (!fresh || !gen->traffic.handshake)
		act_idle(gen, flow);
	else
		begin_handshake(gen, flow);
	return true;
}

static void (*const timers[])(struct nsc_gen *, struct gen_flow *) = {
	[GEN_ACK] = timer_ack,         [GEN_TRAIN] = send_train,
	[GEN_SYN] = timer_syn,         [GEN_SYN_ACK] = timer_syn_ack,
	[GEN_OWED] = play_owed,        [GEN_SWAP] = timer_hole,
	[GEN_BEHIND] = timer_behind,   [GEN_DUPLICATE] = timer_duplicate,
	[GEN_RESEND] = timer_hole,     [GEN_CLOSE] = begin_close,
	[GEN_FIN] = timer_fin,         [GEN_LAST] = timer_last,
	[GEN_ANSWER] = timer_answer,   [GEN_REST] = timer_rest,
	[GEN_HELLO] = gen_begin_hello, [GEN_REPLY] = timer_reply,
};

void gen_flow_timer(struct nsc_gen *gen, struct gen_flow *flow)
{
	timers[flow->state](gen, flow);
}
