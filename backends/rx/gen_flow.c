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
	FLIGHT_MAX = (4 << 20) - (64 << 10), /* under the advertised window */
	CLOSING_PACKETS = 3,
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

/* --- losses and swaps -------------------------------------------------------------------------------------- */

static void begin_loss(struct nsc_gen *gen, struct gen_flow *flow, uint8_t *slot, struct nsc_gen_frame *frame)
{
	bool fast = gen_random(&gen->content) >> 62 != 0; /* three in four; else too few ACKs come back: a timeout */

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

/* --- opening and closing ----------------------------------------------------------------------------------- */

/* Client's host and port are a bijection of the connection number: no 5-tuple comes twice within 2^32 connections. */
static void draw_client(const struct nsc_gen *gen, struct gen_flow *flow)
{
	uint32_t mask = (1u << gen->host_bits) - 1, low = flow->connection & mask;
	uint32_t above = flow->connection >> gen->host_bits;
	uint32_t host = ((low * gen->host_multiplier + (uint32_t)gen->seed) & mask) | (above >> 14) << gen->host_bits;

	flow->address[0] = 0xac100001 + host; /* 172.16.0.0/12 */
	flow->port[0] = (uint16_t)(32768 + ((above + host * 2654435761u) & 0x3fff));
}

static void draw_server(const struct nsc_gen *gen, struct gen_flow *flow, uint64_t random)
{
	static const uint16_t tcp_ports[8] = { 443, 443, 80, 8080, 8443, 5001, 9000, 22222 };
	static const uint16_t udp_ports[4] = { 5001, 7000, 9993, 27015 };
	uint32_t host = (uint32_t)random & ((1u << gen->host_bits) - 1) >> 2;

	flow->address[1] = (random & 1ull << 63 ? 0x0a000001 : 0xc6120001) + host; /* 10.0.0.0/8, 198.18.0.0/15 */
	flow->port[1] = flow->shape & GEN_DNS   ? 53
			: flow->shape & GEN_UDP ? udp_ports[random >> 40 & 3]
						: tcp_ports[random >> 40 & 7];
}

static void draw_shape(const struct nsc_gen *gen, struct gen_flow *flow, uint64_t identity)
{
	uint64_t a = gen_mix(identity + 1), b = gen_mix(identity + 2);
	bool udp = (uint32_t)a >= gen->tcp_share;

	flow->shape =
		(uint8_t)((a >> 32 < gen->ipv6_share ? GEN_IPV6 : 0) | ((uint32_t)b < gen->vlan_share ? GEN_VLAN : 0) |
			  (udp ? GEN_UDP : 0) | (udp && b >> 32 < gen->dns_share ? GEN_DNS : 0));
}

/* Packets of the connection: three quarters are half the mean, one quarter is two and a half times it. */
static uint32_t draw_left(struct nsc_gen *gen, const struct gen_flow *flow)
{
	uint64_t random = gen_random(&gen->content);
	uint64_t mean = random >> 62 ? gen->flow_packets / 2 : gen->flow_packets * 5 / 2;
	uint32_t span = (uint32_t)NSC_MIN(2 * NSC_MAX(mean, 1) - 1, UINT32_MAX);
	uint32_t left = 1 + gen_scale((uint32_t)random, span);

	if (!gen->flow_packets)
		return 0;
	if (flow->shape & GEN_UDP || !gen->handshake)
		return left;
	return NSC_MAX(left, 4u + CLOSING_PACKETS) - CLOSING_PACKETS;
}

static void renew(struct nsc_gen *gen, struct gen_flow *flow)
{
	uint64_t identity, isn = gen_random(&gen->content);

	flow->connection = gen->reuse ? (uint32_t)(flow - gen->flows) : gen->next_connection++;
	identity = gen_mix(gen->seed + flow->connection * 0x9e3779b97f4a7c15ull);
	draw_shape(gen, flow, identity);
	draw_client(gen, flow);
	draw_server(gen, flow, identity);
	flow->seq[0] = flow->acked[1] = (uint32_t)isn;
	flow->seq[1] = flow->acked[0] = (uint32_t)(isn >> 32);
	flow->losses = flow->swaps = flow->step = flow->dir = 0;
	flow->left = draw_left(gen, flow);
	flow->state = GEN_IDLE;
}

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

/* --- data -------------------------------------------------------------------------------------------------- */

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

static bool act_udp(struct nsc_gen *gen, struct gen_flow *flow, bool first, uint8_t *slot, struct nsc_gen_frame *frame)
{
	uint64_t random = gen->roll >> 16;
	uint32_t len = gen->payload_min + gen_scale((uint32_t)random, gen->payload_span);

	flow->dir = !first && (random >> 32 & 1);
	frame->events |= NSC_GEN_DATA;
	if (flow->shape & GEN_DNS) {
		frame->events |= NSC_GEN_DNS;
		flow->dir = 0;
		flow->hole_seq = (uint32_t)random;
		gen_frame_dns(gen, flow, 0, slot, frame);
		gen_timer_set(gen, flow, GEN_RTT, GEN_ANSWER);
		return true;
	}
	if (gen->fragment_share && (uint32_t)gen_mix(random) < gen->fragment_share) {
		frame->events |= NSC_GEN_FRAGMENT;
		flow->hole_len = (uint16_t)NSC_MAX(len, GEN_FRAGMENTED_MIN);
		flow->hole_seq = 0x10000u + gen->ip_id++;
		gen_frame_fragment(gen, flow, true, slot, frame);
		gen_timer_set(gen, flow, GEN_SOON, GEN_REST);
		return true;
	}
	gen_frame_udp(gen, flow, flow->dir, len, slot, frame);
	return true;
}

static void timer_rest(struct nsc_gen *gen, struct gen_flow *flow, uint8_t *slot, struct nsc_gen_frame *frame)
{
	frame->events |= NSC_GEN_REST;
	gen_frame_fragment(gen, flow, false, slot, frame);
	flow->state = GEN_IDLE;
}

static void timer_answer(struct nsc_gen *gen, struct gen_flow *flow, uint8_t *slot, struct nsc_gen_frame *frame)
{
	frame->events |= NSC_GEN_DATA | NSC_GEN_DNS;
	gen_frame_dns(gen, flow, 1, slot, frame);
	flow->state = gen->flow_packets ? GEN_NEW : GEN_IDLE; /* a name server's client takes a fresh port each time */
}

bool gen_flow_act(struct nsc_gen *gen, struct gen_flow *flow, uint8_t *slot, struct nsc_gen_frame *frame)
{
	bool silent_end = flow->shape & GEN_UDP || !gen->handshake; /* no packet says that it ended */
	bool ended = silent_end && is_exhausted(gen, flow) && !(flow->losses | flow->swaps);
	bool fresh = flow->state == GEN_NEW || (flow->state == GEN_IDLE && ended);

	if (fresh)
		renew(gen, flow);
	if (flow->state == GEN_ACK)
		return act_more(gen, flow, slot, frame);
	if (flow->state != GEN_IDLE)
		return false;
	if (flow->shape & GEN_UDP)
		return act_udp(gen, flow, fresh, slot, frame);
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
		timer_answer(gen, flow, slot, frame);
		break;
	case GEN_REST:
		timer_rest(gen, flow, slot, frame);
		break;
	case GEN_NEW:
	case GEN_IDLE: /* have no timer */
		__builtin_unreachable();
	}
}
