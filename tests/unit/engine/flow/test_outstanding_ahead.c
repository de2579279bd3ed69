/* SPDX-License-Identifier: MIT
 *
 * The way ahead of a packet ends where the packet will look, or one block behind it; and it changes nothing.
 */
#include "engine/flow/rings.h"
#include "tests/unit/engine/flow/support.h"

#include "tests/unit/engine/check_main.h"

#define FLOWS 40u
#define SEGMENTS 400u
#define FIRST 0xffffff00u /* so that numbers pass 0 */

static struct rig *deep_rings_open(struct rng *rng)
{
	struct nsc_flow_table_options o = rig_options(FLOWS);
	struct rig *rig;

	o.analyses = NSC_ANALYSIS_ALL;
	rig = rig_open(o);
	for (uint32_t flow = 0; flow < FLOWS; flow++) {
		struct flow_tcp *s = &rig->t->tcp[flow];

		s->next[0] = FIRST;
		for (uint32_t i = 0; i < flow * SEGMENTS / FLOWS; i++) {
			s->flags[0] = s->flags[1] = TCP_HEARD;
			flow_outstanding_push(rig->t, flow, 0, &rig->counters);
			if (!rng_below(rng, 3))
				flow_outstanding_hole(rig->t, flow, 0, s->next[0], s->next[0] + 5, &rig->counters);
			s->next[0] += 5 + (uint32_t)rng_below(rng, 10);
		}
	}
	return rig;
}

static uint32_t ring_next(const struct nsc_flow_table *t, uint32_t id)
{
	return block_next(&t->block[id]);
}

START_TEST(each_way_ends_where_the_packet_will_look)
{
	struct rng rng = { 7 };
	struct rig *rig = deep_rings_open(&rng);
	struct nsc_flow_table *t = rig->t;
	uint32_t beside = 0;

	for (uint32_t i = 0; i < 20000; i++) {
		uint32_t flow = (uint32_t)rng_below(&rng, FLOWS), newest = t->tcp[flow].ring[0];
		uint32_t number = FIRST + (uint32_t)rng_below(&rng, t->tcp[flow].next[0] - FIRST + 20);
		struct flow_ahead ahead = { .newest = newest, .number = number, .end = number, .at = newest };
		uint32_t place;

		if (!newest || !ring_milestones(&t->block[newest]))
			continue;
		place = ring_find(t, newest, number).id;
		flow_outstanding_ahead(t, &ahead, 1);
		beside += ahead.at != place && (place == newest || ahead.at != ring_next(t, place));
	}
	ck_assert_uint_eq(beside, 0);
	rig_close(rig);
}
END_TEST

START_TEST(ways_go_side_by_side_and_change_nothing)
{
	struct rng rng = { 8 };
	struct rig *rig = deep_rings_open(&rng);
	struct nsc_flow_table *t = rig->t;
	size_t bytes = (t->block_used + 1) * sizeof(*t->block);
	struct flow_block *before = malloc(bytes);
	struct flow_ahead ahead[32];
	uint32_t free_before = t->block_free, n = 0;

	ck_assert_ptr_nonnull(before);
	memcpy(before, t->block, bytes);
	for (uint32_t flow = 0; flow < FLOWS && n < NSC_ARRAY_LEN(ahead); flow++)
		if (t->tcp[flow].ring[0])
			ahead[n++] = (struct flow_ahead){ .newest = t->tcp[flow].ring[0],
							  .number = FIRST + 50 * flow,
							  .end = FIRST + 60 * flow };
	flow_outstanding_ahead(t, ahead, n);
	flow_outstanding_ahead(t, ahead, 0);
	ck_assert_uint_eq(t->block_free, free_before);
	ck_assert_int_eq(memcmp(before, t->block, bytes), 0);
	free(before);
	rig_close(rig);
}
END_TEST

CHECK_MAIN("outstanding ahead", each_way_ends_where_the_packet_will_look, ways_go_side_by_side_and_change_nothing)
