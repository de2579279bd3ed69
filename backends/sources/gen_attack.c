/* SPDX-License-Identifier: MIT
 *
 * Attacks among generated traffic, for detectors to find: SYNs that nobody answers. Sources lie in 100.64.0.0/10,
 * targets are 192.0.2.80:80, or 10.200.0.0/16 port 80, or every port of 192.0.2.90: addresses that no other generated
 * flow has.
 */
#include "gen_internal.h"

#define SOURCES 0x64400000u /* 100.64.0.0/10 */
#define SCANNER 0x647ffffeu /* 100.127.255.254 */
#define VICTIM 0xc0000250u  /* 192.0.2.80 */
#define SCANNED 0xc000025au /* 192.0.2.90 */
#define VICTIMS 0x0ac80000u /* 10.200.0.0/16 */

enum { PORT = 80, PORTS = 65535, PORT_STEP = 31337 /* shares no factor with PORTS */ };

/* Each period begins quietly: the attack comes at its end. */
static bool lasts(const struct nsc_gen *gen)
{
	const struct gen_attack *attack = &gen->attack;

	return !attack->every_ns ||
	       (gen->now_ns - gen->traffic.start_ns) % attack->every_ns >= attack->every_ns - attack->for_ns;
}

bool gen_attack_due(struct nsc_gen *gen)
{
	return gen->traffic.attack != NSC_SYNTH_ATTACK_NONE && lasts(gen) &&
	       gen_random(&gen->attack.random) >> 32 < gen->attack.share;
}

void gen_attack_next(struct nsc_gen *gen)
{
	struct gen_attack *attack = &gen->attack;
	uint64_t random = gen_random(&attack->random);
	struct gen_flow flow = {
		.address = { SOURCES + gen_scale((uint32_t)random, (uint32_t)gen->traffic.attack_sources), VICTIM },
		.port = { (uint16_t)(1024 + (random >> 32) % 64512), PORT },
	};
	struct gen_tcp syn = { .seq = (uint32_t)gen_mix(random), .flags = NSC_TCP_SYN };

	if (gen->traffic.attack == NSC_SYNTH_ATTACK_SPREAD)
		flow.address[1] = VICTIMS + (uint32_t)(gen_mix(random) >> 32) % gen->traffic.attack_targets;
	if (gen->traffic.attack == NSC_SYNTH_ATTACK_SCAN) {
		flow.address[0] = SCANNER;
		flow.address[1] = SCANNED;
		flow.port[1] = (uint16_t)(1 + (uint64_t)attack->made * PORT_STEP % PORTS);
	}
	attack->made++;
	gen_frame_tcp(gen, &flow, &syn);
	gen->frame->events = NSC_GEN_ATTACK;
	gen->frame->flow = UINT32_MAX;
	gen->frame->connection = 0;
}
