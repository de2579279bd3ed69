/* SPDX-License-Identifier: MIT
 *
 * The most expensive burst that an attacker can send: a search by hill climbing over bursts of perf/worst.h, from
 * several seeded beginnings. What a burst costs is counted, not timed: the sources of the packet's way are compiled
 * into this program with -fsanitize-coverage=trace-pc (Makefile), which calls a function for every basic block that
 * runs. Each candidate runs in a child, on the same stage.
 *
 * WORST_BURST_SEED and WORST_BURST_STEPS search elsewhere and for longer; WORST_BURST_SHOW=1 prints what was found.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* NOLINTBEGIN(bugprone-suspicious-include): the program is made of these sources, so that their blocks are counted */
#include "engine/decode/decode.c"
#include "engine/decode/hop_capture.c"
#include "engine/decode/hop_tunnel.c"
#include "engine/decode/hop_wire.c"
#include "engine/decode/hop_wlan.c"
#include "engine/decode/tunnel.c"
#include "engine/decode/walk.c"
#include "engine/decode/walk_ip.c"
#include "engine/decode/walk_link.c"
#include "engine/decode/walk_mpls.c"
#include "engine/decode/walk_transport.c"
#include "engine/decode/walk_tunnel.c"
#include "engine/detect/contacts.c"
#include "engine/detect/handshakes.c"
#include "engine/flow/active.c"
#include "engine/flow/end.c"
#include "engine/flow/evict.c"
#include "engine/flow/index.c"
#include "engine/flow/open.c"
#include "engine/flow/outstanding.c"
#include "engine/flow/outstanding_again.c"
#include "engine/flow/outstanding_ahead.c"
#include "engine/flow/record.c"
#include "engine/flow/rings.c"
#include "engine/flow/rtt.c"
#include "engine/flow/table.c"
#include "engine/flow/tcp_seq.c"
#include "engine/flow/top.c"
/* NOLINTEND(bugprone-suspicious-include) */
#include "perf/worst.h"

#define BEGINNINGS 3u
#define STEPS 250u          /* of each beginning */
#define BLOCKS_MAX 120000ul /* basic blocks of a burst */

static uint64_t blocks;

/* NOLINTBEGIN(clang-diagnostic-reserved-identifier): the compiler calls it by this name */
void __sanitizer_cov_trace_pc(void);

__attribute__((no_sanitize_coverage)) void __sanitizer_cov_trace_pc(void)
{
	blocks++;
}
/* NOLINTEND(clang-diagnostic-reserved-identifier) */

static struct worst_stage *stage;
static uint64_t *cost; /* of the child's burst: shared */
static uint64_t state;

static uint64_t draw(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

static struct worst_packet random_packet(void)
{
	return (struct worst_packet){ .kind = (uint8_t)draw(WORST_KINDS),
				      .wrap = (uint8_t)draw(WORST_WRAPS),
				      .wraps = (uint8_t)draw(100),
				      .flow = (uint8_t)draw(WORST_FLOWS),
				      .dir = (uint8_t)draw(2),
				      .depth = (uint8_t)draw(WORST_SEGMENTS),
				      .ack_depth = (uint8_t)draw(WORST_SEGMENTS) };
}

/* Another packet in one place, or one number of one packet, or one packet in several places. */
static void mutate(struct worst_packet *burst)
{
	uint32_t at = (uint32_t)draw(NSC_BURST_MAX), n = 1 + (uint32_t)draw(16);
	uint8_t *byte = (uint8_t *)&burst[at];

	switch (draw(3)) {
	case 0:
		burst[at] = random_packet();
		break;
	case 1:
		byte[draw(sizeof(*burst))] = (uint8_t)draw(256);
		break;
	default:
		for (uint32_t i = 0; i < n; i++) {
			uint32_t to = (at + i) % NSC_BURST_MAX;
			uint8_t flow = burst[to].flow;

			burst[to] = burst[at];
			burst[to].flow = flow;
		}
	}
}

static uint64_t measure(const struct worst_packet *burst)
{
	pid_t child = fork();
	int status = 0;

	if (!child) {
		for (uint32_t i = 0; i < NSC_BURST_MAX; i++)
			worst_send(stage, i, &burst[i]);
		blocks = 0;
		worst_run(stage, NSC_BURST_MAX);
		*cost = blocks;
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	return *cost;
}

static uint64_t climb(struct worst_packet *best, uint64_t steps)
{
	uint64_t most, have;

	for (uint32_t i = 0; i < NSC_BURST_MAX; i++)
		best[i] = random_packet();
	most = measure(best);
	for (uint64_t step = 0; step < steps; step++) {
		struct worst_packet next[NSC_BURST_MAX];

		memcpy(next, best, sizeof(next));
		for (uint64_t n = 1 + draw(4); n; n--)
			mutate(next);
		have = measure(next);
		if (have < most)
			continue;
		most = have;
		memcpy(best, next, sizeof(next));
	}
	return most;
}

static void show(const struct worst_packet *burst, uint64_t most)
{
	printf("%lu basic blocks for %u packets\n", (unsigned long)most, NSC_BURST_MAX);
	for (uint32_t i = 0; i < NSC_BURST_MAX; i++)
		printf("kind %u wrap %u x %u flow %u dir %u depth %u ack %u\n", burst[i].kind % WORST_KINDS,
		       burst[i].wrap % WORST_WRAPS, burst[i].wraps, burst[i].flow % WORST_FLOWS, burst[i].dir & 1,
		       burst[i].depth % WORST_SEGMENTS, burst[i].ack_depth);
}

static uint64_t number_from(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

START_TEST(no_burst_costs_more_than_a_constant)
{
	uint64_t seed = number_from("WORST_BURST_SEED", 1), steps = number_from("WORST_BURST_STEPS", STEPS), most = 0;
	struct worst_packet burst[NSC_BURST_MAX], worst[NSC_BURST_MAX];

	for (uint64_t i = 0; i < BEGINNINGS; i++) {
		uint64_t have;

		state = (seed + i) * 0x9e3779b97f4a7c15ull;
		have = climb(burst, steps);
		if (have > most)
			memcpy(worst, burst, sizeof(worst));
		most = NSC_MAX(most, have);
	}
	if (getenv("WORST_BURST_SHOW"))
		show(worst, most);
	ck_assert_uint_gt(most, NSC_BURST_MAX);
	ck_assert_msg(most <= BLOCKS_MAX, "a burst of 64 packets took %lu basic blocks, more than %lu",
		      (unsigned long)most, BLOCKS_MAX);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("worst burst");
	TCase *tcase = tcase_create("search");
	SRunner *runner;
	int failed;

	stage = worst_open();
	cost = mmap(NULL, sizeof(*cost), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!stage || cost == MAP_FAILED)
		return 1;
	tcase_add_test(tcase, no_burst_costs_more_than_a_constant);
	tcase_set_timeout(tcase, 300);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
