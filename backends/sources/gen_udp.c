/* SPDX-License-Identifier: MIT
 *
 * What a generated UDP flow does: datagrams, DNS questions and answers, datagrams in two fragments.
 */
#include "gen_internal.h"

bool gen_udp_act(struct nsc_gen *gen, struct gen_flow *flow, bool first, uint8_t *slot, struct nsc_gen_frame *frame)
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

void gen_udp_rest(struct nsc_gen *gen, struct gen_flow *flow, uint8_t *slot, struct nsc_gen_frame *frame)
{
	frame->events |= NSC_GEN_REST;
	gen_frame_fragment(gen, flow, false, slot, frame);
	flow->state = GEN_IDLE;
}

void gen_udp_answer(struct nsc_gen *gen, struct gen_flow *flow, uint8_t *slot, struct nsc_gen_frame *frame)
{
	frame->events |= NSC_GEN_DATA | NSC_GEN_DNS;
	gen_frame_dns(gen, flow, 1, slot, frame);
	flow->state = gen->flow_packets ? GEN_NEW : GEN_IDLE; /* a name server's client takes a fresh port each time */
}
