/* SPDX-License-Identifier: MIT
 *
 * Outstanding segments and holes against a plain list, at random, with the pool walked after each step: every block is
 * in exactly one ring or free. And what happens at the limits.
 */
#include "engine/flow/internal.h"
#include "tests/unit/engine/flow/pool.h"
#include "tests/unit/engine/flow/support.h"

#include "tests/unit/engine/check_main.h"

#define FLOWS 6u
#define LIST_MAX 4096u

struct entry {
	uint32_t first, second; /* segment: end, low bits of its time; hole: start, end */
	bool hole, repeated;
};

struct list { /* what one direction has outstanding, in order */
	struct entry at[LIST_MAX];
	uint32_t n;
};

struct trial {
	struct rig *rig;
	struct nsc_flow_table *t;
	struct list list[FLOWS][2];
	uint32_t lost[FLOWS];
};

static struct nsc_flow_table_options options(void)
{
	struct nsc_flow_table_options o = rig_options(FLOWS);

	o.analyses = NSC_ANALYSIS_ALL;
	return o;
}

/* --- the plain list --------------------------------------------------------------------------- */

static void list_add(struct list *list, struct entry e)
{
	ck_assert_uint_lt(list->n, LIST_MAX);
	list->at[list->n++] = e;
}

static void list_insert(struct list *list, uint32_t i, struct entry e)
{
	ck_assert_uint_lt(list->n, LIST_MAX);
	memmove(&list->at[i + 1], &list->at[i], (list->n - i) * sizeof(list->at[0]));
	list->at[i] = e;
	list->n++;
}

static void list_remove(struct list *list, uint32_t i)
{
	memmove(&list->at[i], &list->at[i + 1], (list->n - i - 1) * sizeof(list->at[0]));
	list->n--;
}

static bool list_acked(struct list *list, uint32_t ack, uint32_t *time)
{
	bool sample = false;

	for (uint32_t i = 0; i < list->n;) {
		struct entry e = list->at[i];

		if (tcp_before(ack, e.hole ? e.second : e.first)) {
			i++;
			continue;
		}
		if (!e.hole && e.first == ack && !e.repeated) {
			*time = e.second;
			sample = true;
		}
		list_remove(list, i);
	}
	return sample;
}

static bool list_again(struct list *list, uint32_t *lost, uint32_t seq, uint32_t end)
{
	bool filled = false;

	for (uint32_t i = 0; i < list->n; i++) {
		struct entry *e = &list->at[i], old = *e;

		if (!old.hole) {
			e->repeated |= tcp_before(seq, old.first) && !tcp_before(end, old.first);
			continue;
		}
		if (!tcp_before(seq, old.second) || !tcp_before(old.first, end))
			continue;
		filled = true;
		if (!tcp_before(old.first, seq) && !tcp_before(end, old.second)) {
			(*lost)--;
			list_remove(list, i--);
		} else if (!tcp_before(old.first, seq)) {
			e->first = end;
		} else {
			e->second = seq;
			if (!tcp_before(end, old.second))
				continue;
			list_insert(list, ++i, (struct entry){ .first = end, .second = old.second, .hole = true });
			(*lost)++;
		}
	}
	return filled;
}

/* --- both, step by step ----------------------------------------------------------------------- */

static void step_send(struct trial *r, struct rng *rng, uint32_t flow, unsigned dir, uint32_t gap_max)
{
	struct flow_tcp *s = &r->t->tcp[flow];
	uint32_t len = 1 + (uint32_t)rng_below(rng, 100),
		 gap = rng_below(rng, 6) ? 0 : 1 + (uint32_t)rng_below(rng, gap_max);
	bool repeated = !rng_below(rng, 10);

	s->flags[dir] = (uint8_t)(TCP_HEARD | (repeated ? TCP_REPEATED : 0));
	s->flags[!dir] |= TCP_HEARD;
	flow_outstanding_push(r->t, flow, dir, &r->rig->counters);
	list_add(&r->list[flow][dir],
		 (struct entry){ .first = s->next[dir], .second = s->next_time_low[dir], .repeated = repeated });
	if (gap) {
		flow_outstanding_hole(r->t, flow, dir, s->next[dir], s->next[dir] + gap, &r->rig->counters);
		list_add(&r->list[flow][dir],
			 (struct entry){ .first = s->next[dir], .second = s->next[dir] + gap, .hole = true });
		r->lost[flow]++;
	}
	s->next[dir] += gap + len;
	s->next_time_low[dir] = (uint32_t)rng_next(rng);
}

/* A number around what is outstanding, mostly an edge; of the oldest share of it. */
static uint32_t pick_number(const struct trial *r, struct rng *rng, uint32_t flow, unsigned dir, uint32_t share)
{
	const struct list *list = &r->list[flow][dir];
	const struct entry *e = list->n ? &list->at[rng_below(rng, list->n) / share] : NULL;

	if (!e)
		return r->t->tcp[flow].next[dir];
	return e->first + (rng_below(rng, 3) ? 0 : (uint32_t)rng_below(rng, 60));
}

static void step_ack(struct trial *r, struct rng *rng, uint32_t flow, unsigned dir, uint32_t share)
{
	uint32_t ack = pick_number(r, rng, flow, dir, share), time = 0;
	uint64_t sent = 0;
	bool want = list_acked(&r->list[flow][dir], ack, &time), have = false;

	if (pool_holds(&r->t->tcp[flow]))
		have = flow_outstanding_acked(r->t, flow, dir, ack, &sent, &r->rig->counters);
	ck_assert_uint_eq(have, want);
	ck_assert(!want || (uint32_t)sent == time);
}

static void step_again(struct trial *r, struct rng *rng, uint32_t flow, unsigned dir)
{
	uint32_t seq = pick_number(r, rng, flow, dir, 1);
	uint32_t end = seq + 1 + (uint32_t)rng_below(rng, rng_below(rng, 2) ? 300 : 10);

	ck_assert_uint_eq(flow_outstanding_again(r->t, flow, dir, seq, end, &r->rig->counters),
			  list_again(&r->list[flow][dir], &r->lost[flow], seq, end));
}

static void check_step(const struct trial *r)
{
	uint32_t entries[FLOWS];

	ck_assert_uint_eq(pool_faults(r->t, FLOWS, entries), 0);
	for (uint32_t flow = 0; flow < FLOWS; flow++) {
		ck_assert_uint_eq(entries[flow], r->list[flow][0].n + r->list[flow][1].n);
		ck_assert_uint_eq(r->t->tcp_counts[flow].lost, r->lost[flow]);
	}
}

static struct trial *trial_open(struct rng *rng)
{
	struct trial *r = calloc(1, sizeof(*r));

	r->rig = rig_open(options());
	r->t = r->rig->t;
	for (uint32_t flow = 0; flow < FLOWS; flow++)
		r->t->tcp[flow].next[0] = r->t->tcp[flow].next[1] = (uint32_t)rng_next(rng);
	return r;
}

static void trial_close(struct trial *r)
{
	ck_assert_uint_eq(rig_count(r->rig, NSC_C_TCP_BLOCKS_FULL) + rig_count(r->rig, NSC_C_TCP_OUTSTANDING_LIMIT), 0);
	ck_assert_uint_eq(rig_count(r->rig, NSC_C_TCP_WALK_CUT), 0);
	rig_close(r->rig);
	free(r);
}

static void random_steps(uint64_t seed, uint32_t steps)
{
	struct rng rng = { seed };
	struct trial *r = trial_open(&rng);

	for (uint32_t i = 0; i < steps; i++) {
		uint32_t flow = (uint32_t)rng_below(&rng, FLOWS);
		unsigned dir = (unsigned)rng_below(&rng, 2);
		uint64_t what = rng_below(&rng, 100);

		if (what < 50)
			step_send(r, &rng, flow, dir, 50);
		else if (what < 80)
			step_ack(r, &rng, flow, dir, 1);
		else if (what < 98)
			step_again(r, &rng, flow, dir);
		else {
			flow_outstanding_release(r->t, flow);
			r->list[flow][0].n = r->list[flow][1].n = 0;
		}
		check_step(r);
	}
	trial_close(r);
}

START_TEST(equals_a_plain_list)
{
	for (uint64_t seed = 1; seed <= 12; seed++)
		random_steps(seed, 600);
}
END_TEST

/* Hundreds of entries, of one direction or of both: holes of one byte, so that none becomes two. Every place is found,
 * wherever the ring has begun by then. */
START_TEST(a_deep_ring_equals_a_plain_list)
{
	for (uint64_t seed = 1; seed <= 6; seed++) {
		struct rng rng = { seed };
		struct trial *r = trial_open(&rng);
		uint32_t most = 0;

		for (uint32_t i = 0; i < 3000; i++) {
			uint64_t what = rng_below(&rng, 100);
			unsigned dir = seed % 3 ? 0 : (unsigned)rng_below(&rng, 2);

			if (what < 70 && r->list[0][dir].n < 400)
				step_send(r, &rng, 0, dir, 1);
			else if (what < 72)
				step_ack(r, &rng, 0, dir, 8);
			else
				step_again(r, &rng, 0, dir);
			if (i % 16 == 0)
				check_step(r);
			most = NSC_MAX(most, r->list[0][dir].n);
		}
		check_step(r);
		ck_assert_uint_gt(most, 300);
		trial_close(r);
	}
}
END_TEST

/* A hole of 100 behind `before` segments and in front of `behind`. */
static struct rig *hole_among(uint32_t before, uint32_t behind)
{
	struct rig *rig = rig_open(options());
	struct flow_tcp *s = &rig->t->tcp[0];

	s->flags[0] = s->flags[1] = TCP_HEARD;
	for (s->next[0] = 1000 - 10 * before; before--; s->next[0] += 10)
		flow_outstanding_push(rig->t, 0, 0, &rig->counters);
	flow_outstanding_hole(rig->t, 0, 0, 1000, 1100, &rig->counters);
	for (s->next[0] = 1110; behind--; s->next[0] += 10)
		flow_outstanding_push(rig->t, 0, 0, &rig->counters);
	return rig;
}

/* Filled from the middle: wherever it lies in its block, both halves are remembered, and all that stood there. */
static void split(uint32_t before, uint32_t behind)
{
	struct rig *rig = hole_among(before, behind);
	uint32_t entries[FLOWS];
	uint64_t sent;

	ck_assert(flow_outstanding_again(rig->t, 0, 0, 1040, 1060, &rig->counters));
	ck_assert_uint_eq(rig->t->tcp_counts[0].lost, 2);
	ck_assert_uint_eq(pool_faults(rig->t, FLOWS, entries), 0);
	ck_assert_uint_eq(entries[0], before + behind + 2);
	ck_assert(!flow_outstanding_again(rig->t, 0, 0, 1040, 1060, &rig->counters));
	ck_assert(flow_outstanding_again(rig->t, 0, 0, 1060, 1100, &rig->counters));
	ck_assert_uint_eq(rig->t->tcp_counts[0].lost, 1);
	ck_assert(flow_outstanding_again(rig->t, 0, 0, 1000, 1040, &rig->counters));
	ck_assert_uint_eq(rig->t->tcp_counts[0].lost, 0);
	ck_assert_uint_eq(pool_faults(rig->t, FLOWS, entries), 0);
	ck_assert_uint_eq(entries[0], before + behind);
	for (uint32_t i = 0; i < behind; i++)
		ck_assert(flow_outstanding_acked(rig->t, 0, 0, 1110 + 10 * i, &sent, &rig->counters));
	ck_assert_uint_eq(rig_count(rig, NSC_C_TCP_BLOCKS_FULL) + rig_count(rig, NSC_C_TCP_OUTSTANDING_LIMIT), 0);
	rig_close(rig);
}

START_TEST(a_hole_filled_in_the_middle_becomes_two)
{
	for (uint32_t before = 0; before < 12; before++)
		for (uint32_t behind = 0; behind < 12; behind++)
			split(before, behind);
}
END_TEST

/* No room for both halves: the left one stays lost, and that is counted. */
START_TEST(without_a_block_half_of_the_hole_stays_lost)
{
	struct rig *rig = hole_among(4, 0);
	struct flow_tcp *s = &rig->t->tcp[0];

	rig->t->block_max = 2;
	ck_assert(flow_outstanding_again(rig->t, 0, 0, 1040, 1060, &rig->counters));
	ck_assert_uint_eq(rig_count(rig, NSC_C_TCP_BLOCKS_FULL), 1);
	ck_assert(flow_outstanding_again(rig->t, 0, 0, 1060, 1100, &rig->counters));
	ck_assert(!flow_outstanding_again(rig->t, 0, 0, 1000, 1040, &rig->counters));
	ck_assert_uint_eq(rig->t->tcp_counts[0].lost, 1);
	rig_close(rig);
	rig = hole_among(4, 0);
	s = &rig->t->tcp[0];
	s->flags[1] = 0; /* the other side was not heard: one block */
	ck_assert(flow_outstanding_again(rig->t, 0, 0, 1040, 1060, &rig->counters));
	ck_assert_uint_eq(rig_count(rig, NSC_C_TCP_OUTSTANDING_LIMIT), 1);
	ck_assert_uint_eq(rig->t->tcp_counts[0].lost, 2);
	rig_close(rig);
}
END_TEST

/* And one in the flow itself. */
START_TEST(a_direction_holds_640_segments_in_blocks)
{
	struct rig *rig = rig_open(options());
	struct flow_tcp *s = &rig->t->tcp[0];
	uint32_t entries[FLOWS];
	uint64_t sent;

	s->flags[0] = s->flags[1] = TCP_HEARD;
	for (uint32_t i = 0; i < 700; i++) {
		s->next[0] = i;
		flow_outstanding_push(rig->t, 0, 0, &rig->counters);
	}
	ck_assert_uint_eq(rig_count(rig, NSC_C_TCP_OUTSTANDING_LIMIT), 59);
	ck_assert_uint_eq(pool_faults(rig->t, FLOWS, entries), 0);
	ck_assert_uint_eq(entries[0], 641);
	flow_outstanding_push(rig->t, 0, 1, &rig->counters); /* of the other direction: it has limits of its own */
	ck_assert_uint_eq(rig_count(rig, NSC_C_TCP_OUTSTANDING_LIMIT), 60);
	ck_assert(flow_outstanding_acked(rig->t, 0, 0, 639, &sent, &rig->counters));
	ck_assert_uint_eq(s->ring[0], 0);
	ck_assert_uint_eq(pool_faults(rig->t, FLOWS, entries), 0);
	rig_close(rig);
}
END_TEST

/* However many segments wait, holes have room of their own: all of them can be filled. */
START_TEST(holes_have_blocks_that_segments_cannot_take)
{
	struct rig *rig = rig_open(options());
	struct flow_tcp *s = &rig->t->tcp[0];
	uint32_t entries[FLOWS];
	uint64_t sent;

	s->flags[0] = s->flags[1] = TCP_HEARD;
	for (uint32_t i = 0; i < 1500; i++) {
		s->next[0] = 10 * i;
		flow_outstanding_push(rig->t, 0, 0, &rig->counters);
		if (i >= 700 && i % 5 == 0)
			flow_outstanding_hole(rig->t, 0, 0, 10 * i, 10 * i + 5, &rig->counters);
	}
	ck_assert_uint_eq(rig->t->tcp_counts[0].lost, 160);
	ck_assert_uint_eq(pool_faults(rig->t, FLOWS, entries), 0);
	ck_assert_uint_eq(entries[0], 640 + 160 + 1);
	for (uint32_t i = 1495; i >= 700; i -= 5)
		ck_assert(flow_outstanding_again(rig->t, 0, 0, 10 * i, 10 * i + 5, &rig->counters));
	ck_assert_uint_eq(rig->t->tcp_counts[0].lost, 0);
	ck_assert_uint_eq(rig_count(rig, NSC_C_TCP_WALK_CUT), 0);
	ck_assert(flow_outstanding_acked(rig->t, 0, 0, 4000, &sent, &rig->counters));
	s->next[0] += 10; /* segments have room again */
	flow_outstanding_push(rig->t, 0, 0, &rig->counters);
	s->next[0] += 10;
	flow_outstanding_push(rig->t, 0, 0, &rig->counters);
	ck_assert(flow_outstanding_acked(rig->t, 0, 0, 15000, &sent, &rig->counters));
	ck_assert_uint_eq(pool_faults(rig->t, FLOWS, entries), 0);
	rig_close(rig);
}
END_TEST

/* A small table has few connections, but they send as much: 400 of them with all that one may have outstanding. */
START_TEST(a_small_table_has_room_for_much)
{
	struct nsc_flow_table_options o = options();
	struct rig *rig;

	o.max_flows = 400;
	rig = rig_open(o);
	for (uint32_t flow = 0; flow < o.max_flows; flow++) {
		struct flow_tcp *s = &rig->t->tcp[flow];

		s->flags[0] = s->flags[1] = TCP_HEARD;
		for (uint32_t i = 0; i < 640; i++) {
			s->next[0] = i;
			flow_outstanding_push(rig->t, flow, 0, &rig->counters);
		}
	}
	ck_assert_uint_eq(rig_count(rig, NSC_C_TCP_BLOCKS_FULL), 0);
	rig_close(rig);
}
END_TEST

START_TEST(a_capture_of_one_direction_holds_one_block)
{
	struct rig *rig = rig_open(options());
	struct flow_tcp *s = &rig->t->tcp[0];

	s->flags[0] = TCP_HEARD;
	for (uint32_t i = 0; i < 100; i++)
		flow_outstanding_push(rig->t, 0, 0, &rig->counters);
	ck_assert_uint_eq(rig->t->block_used, 1);
	ck_assert_uint_eq(rig_count(rig, NSC_C_TCP_OUTSTANDING_LIMIT), 99 - BLOCK_ENTRIES);
	rig_close(rig);
}
END_TEST

/* Segments that wait in vain give way to holes, and old holes to new ones: the last five can be filled. */
START_TEST(a_capture_of_one_direction_remembers_the_newest_holes)
{
	struct rig *rig = rig_open(options());
	struct flow_tcp *s = &rig->t->tcp[0];
	uint32_t entries[FLOWS];

	s->flags[0] = TCP_HEARD;
	for (s->next[0] = 10; s->next[0] < 200; s->next[0] += 10) {
		flow_outstanding_push(rig->t, 0, 0, &rig->counters);
		if (s->next[0] >= 100)
			flow_outstanding_hole(rig->t, 0, 0, s->next[0], s->next[0] + 5, &rig->counters);
	}
	ck_assert_uint_eq(rig->t->block_used, 1);
	ck_assert_uint_eq(rig->t->tcp_counts[0].lost, 10);
	ck_assert_uint_eq(pool_faults(rig->t, FLOWS, entries), 0);
	ck_assert_uint_eq(rig_count(rig, NSC_C_TCP_OUTSTANDING_LIMIT), 29 - BLOCK_ENTRIES);
	for (uint32_t seq = 100; seq < 200; seq += 10)
		flow_outstanding_again(rig->t, 0, 0, seq, seq + 5, &rig->counters);
	ck_assert_uint_eq(rig->t->tcp_counts[0].lost, 5);
	ck_assert(!pool_holds(s));
	rig_close(rig);
}
END_TEST

START_TEST(an_empty_pool_is_counted_and_holes_stay_lost)
{
	struct rig *rig = rig_open(options());
	struct flow_tcp *s = &rig->t->tcp[0];
	uint32_t entries[FLOWS];

	rig->t->block_max = 3; /* two blocks */
	s->flags[0] = s->flags[1] = TCP_HEARD;
	for (uint32_t i = 0; i < 12; i++)
		flow_outstanding_hole(rig->t, 0, 0, 10 * i, 10 * i + 5, &rig->counters);
	ck_assert_uint_eq(rig->t->tcp_counts[0].lost, 12);
	ck_assert_uint_eq(rig_count(rig, NSC_C_TCP_BLOCKS_FULL), 12 - 2 * BLOCK_ENTRIES);
	for (uint32_t i = 0; i < 12; i++)
		flow_outstanding_again(rig->t, 0, 0, 10 * i, 10 * i + 5, &rig->counters);
	ck_assert_uint_eq(rig->t->tcp_counts[0].lost, 2);
	ck_assert_uint_eq(pool_faults(rig->t, FLOWS, entries), 0);
	rig_close(rig);
}
END_TEST

#define REACH (FLOW_WALK_MAX * BLOCK_ENTRIES) /* entries that one walk may visit */
#define DEEP 500u

/* `n` segments of 10 bytes from 0 on, the last of which ends at 10 n, and all of them wait. */
static struct rig *segments_waiting(uint32_t n)
{
	struct rig *rig = rig_open(options());
	struct flow_tcp *s = &rig->t->tcp[0];

	s->flags[0] = s->flags[1] = TCP_HEARD;
	for (uint32_t i = 1; i <= n; i++) {
		s->next[0] = 10 * i;
		s->next_time_low[0] = i;
		flow_outstanding_push(rig->t, 0, 0, &rig->counters);
	}
	return rig;
}

static uint32_t waiting(const struct rig *rig)
{
	uint32_t entries[FLOWS];

	ck_assert_uint_eq(pool_faults(rig->t, FLOWS, entries), 0);
	return entries[0];
}

/* Wherever it ends, one acknowledgement gives back all before it, and the block there is the oldest then. */
START_TEST(an_acknowledgement_finds_its_place)
{
	for (uint32_t last = 1; last <= DEEP; last += last < 100 || last > DEEP - 100 ? 1 : 7) {
		struct rig *rig = segments_waiting(DEEP);
		struct flow_tcp *s = &rig->t->tcp[0];
		uint64_t sent = 0;

		ck_assert(flow_outstanding_acked(rig->t, 0, 0, 10 * last, &sent, &rig->counters));
		ck_assert_uint_eq(sent, last);
		ck_assert_uint_eq(waiting(rig), DEEP - last);
		ck_assert(!flow_outstanding_acked(rig->t, 0, 0, 10 * last + 5, &sent, &rig->counters));
		for (uint32_t i = DEEP + 1; i <= DEEP + 50; i++) {
			s->next[0] = 10 * i;
			s->next_time_low[0] = i;
			flow_outstanding_push(rig->t, 0, 0, &rig->counters);
		}
		ck_assert(flow_outstanding_acked(rig->t, 0, 0, 10 * DEEP + 10, &sent, &rig->counters));
		ck_assert_uint_eq(sent, DEEP + 1);
		ck_assert_uint_eq(waiting(rig), 49);
		ck_assert_uint_eq(rig_count(rig, NSC_C_TCP_WALK_CUT), 0);
		rig_close(rig);
	}
}
END_TEST

/* All that was sent is acknowledged: no walk, whatever waits. */
START_TEST(an_acknowledgement_of_everything_is_never_cut)
{
	struct rig *rig = segments_waiting(640);
	uint64_t sent = 0;

	ck_assert(flow_outstanding_acked(rig->t, 0, 0, 6400, &sent, &rig->counters));
	ck_assert_uint_eq(sent, 640);
	ck_assert_uint_eq(waiting(rig), 0);
	ck_assert_uint_eq(rig_count(rig, NSC_C_TCP_WALK_CUT), 0);
	rig_close(rig);
}
END_TEST

/* One segment over more than a walk may visit: no sample comes from the ring until it is empty, because it may be one
 * of a segment that was sent twice. */
START_TEST(a_walk_that_was_cut_ends_samples)
{
	struct rig *rig = segments_waiting(3 * REACH);
	struct flow_tcp *s = &rig->t->tcp[0];
	uint64_t sent;

	flow_outstanding_again(rig->t, 0, 0, 100, 110, &rig->counters);
	flow_outstanding_again(rig->t, 0, 0, 100, 100 + 10 * (REACH - 2 * BLOCK_ENTRIES), &rig->counters);
	flow_outstanding_again(rig->t, 0, 0, 30 * REACH, 30 * REACH + 10, &rig->counters);
	ck_assert_uint_eq(rig_count(rig, NSC_C_TCP_WALK_CUT), 0);
	ck_assert(flow_outstanding_acked(rig->t, 0, 0, 10, &sent, &rig->counters));
	flow_outstanding_again(rig->t, 0, 0, 100, 20 * REACH, &rig->counters);
	ck_assert_uint_eq(rig_count(rig, NSC_C_TCP_WALK_CUT), 1);
	ck_assert(!flow_outstanding_acked(rig->t, 0, 0, 20, &sent, &rig->counters));
	flow_outstanding_push(rig->t, 0, 1, &rig->counters);
	ck_assert(flow_outstanding_acked(rig->t, 0, 1, 0, &sent, &rig->counters)); /* the other direction has its own */
	ck_assert(!flow_outstanding_acked(rig->t, 0, 0, 30 * REACH - 10, &sent, &rig->counters));
	ck_assert_uint_eq(waiting(rig), 1);
	ck_assert(!flow_outstanding_acked(rig->t, 0, 0, 30 * REACH, &sent, &rig->counters));
	ck_assert_uint_eq(waiting(rig), 0);
	for (s->next[0] = 10; s->next[0] < 200; s->next[0] += 10)
		flow_outstanding_push(rig->t, 0, 0, &rig->counters);
	ck_assert(flow_outstanding_acked(rig->t, 0, 0, 50, &sent, &rig->counters));
	rig_close(rig);
}
END_TEST

/* Wherever it lies in a deep ring. */
START_TEST(a_hole_is_found_wherever_it_lies)
{
	struct rig *rig = rig_open(options());
	struct flow_tcp *s = &rig->t->tcp[0];
	uint32_t entries[FLOWS];

	s->flags[0] = s->flags[1] = TCP_HEARD;
	for (uint32_t i = 1; i <= 300; i++) {
		s->next[0] = 10 * i;
		flow_outstanding_push(rig->t, 0, 0, &rig->counters);
		flow_outstanding_hole(rig->t, 0, 0, 10 * i, 10 * i + 5, &rig->counters);
	}
	ck_assert_uint_eq(rig->t->tcp_counts[0].lost, 300);
	for (uint32_t i = 1; i <= 300; i++) {
		uint32_t at = i * 78 % 301;

		ck_assert(flow_outstanding_again(rig->t, 0, 0, 10 * at, 10 * at + 5, &rig->counters));
		ck_assert(!flow_outstanding_again(rig->t, 0, 0, 10 * at, 10 * at + 5, &rig->counters));
		ck_assert_uint_eq(rig->t->tcp_counts[0].lost, 300 - i);
		ck_assert_uint_eq(pool_faults(rig->t, FLOWS, entries), 0);
		ck_assert_uint_eq(entries[0], 600 - i);
	}
	ck_assert_uint_eq(rig_count(rig, NSC_C_TCP_WALK_CUT) + rig_count(rig, NSC_C_TCP_OUTSTANDING_LIMIT), 0);
	rig_close(rig);
}
END_TEST

/* Nothing but holes (without round trips), filled from both ends and in the middle: empty blocks between others. */
START_TEST(blocks_that_have_been_emptied_do_no_harm)
{
	for (uint32_t step = 1; step <= 299; step += 2) {
		struct rig *rig = rig_open(options());
		struct flow_tcp *s = &rig->t->tcp[0];
		uint32_t entries[FLOWS];
		uint64_t sent;

		s->flags[0] = s->flags[1] = TCP_HEARD;
		for (uint32_t i = 0; i < 300; i++)
			flow_outstanding_hole(rig->t, 0, 0, 10 * i, 10 * i + 5, &rig->counters);
		for (uint32_t i = 0; i < 200; i++) {
			uint32_t at = i * step % 300;

			flow_outstanding_again(rig->t, 0, 0, 10 * at, 10 * at + 5, &rig->counters);
		}
		ck_assert_uint_eq(pool_faults(rig->t, FLOWS, entries), 0);
		ck_assert_uint_eq(entries[0], rig->t->tcp_counts[0].lost);
		for (uint32_t ack = 0; ack < 3000; ack += 10 * step) {
			flow_outstanding_acked(rig->t, 0, 0, ack, &sent, &rig->counters);
			ck_assert_uint_eq(pool_faults(rig->t, FLOWS, entries), 0);
		}
		flow_outstanding_acked(rig->t, 0, 0, 3000, &sent, &rig->counters);
		ck_assert(!pool_holds(s));
		ck_assert_uint_eq(rig_count(rig, NSC_C_TCP_WALK_CUT), 0);
		rig_close(rig);
	}
}
END_TEST

/* Somebody cuts one hole into ever more pieces: each is a block of its own at worst, up to the limit of the direction,
 * and the way to a piece is bounded; what it misses is counted and stays lost. */
START_TEST(a_hole_in_many_pieces_is_bounded)
{
	struct rig *rig = segments_waiting(2 * REACH);
	struct flow_tcp *s = &rig->t->tcp[0];
	uint32_t entries[FLOWS], base = 20 * REACH;

	flow_outstanding_hole(rig->t, 0, 0, base, base + 10000, &rig->counters);
	for (s->next[0] = base + 10100; s->next[0] < base + 12000; s->next[0] += 10)
		flow_outstanding_push(rig->t, 0, 0, &rig->counters);
	for (uint32_t i = 0; i < 4000; i++) {
		uint32_t seq = base + 1 + i * 2477 % 9998;

		flow_outstanding_again(rig->t, 0, 0, seq, seq + 1, &rig->counters);
		if (i % 64 == 0)
			ck_assert_uint_eq(pool_faults(rig->t, FLOWS, entries), 0);
	}
	ck_assert_uint_eq(pool_faults(rig->t, FLOWS, entries), 0);
	ck_assert_uint_gt(rig_count(rig, NSC_C_TCP_WALK_CUT), 0);
	ck_assert_uint_le(rig->t->block_used, RING_MAX);
	ck_assert_uint_gt(rig->t->tcp_counts[0].lost, 16 * BLOCK_ENTRIES);
	flow_outstanding_release(rig->t, 0);
	ck_assert_uint_eq(waiting(rig), 0);
	rig_close(rig);
}
END_TEST

/* What one direction waits for does not stand in the way of the other. */
START_TEST(directions_do_not_meet)
{
	struct rig *rig = segments_waiting(600);
	struct flow_tcp *s = &rig->t->tcp[0];
	uint64_t sent;

	s->next[1] = 77;
	flow_outstanding_push(rig->t, 0, 1, &rig->counters);
	ck_assert(flow_outstanding_acked(rig->t, 0, 1, 77, &sent, &rig->counters));
	ck_assert_uint_eq(waiting(rig), 600);
	flow_outstanding_release(rig->t, 0);
	ck_assert_uint_eq(waiting(rig), 0);
	ck_assert_uint_eq(rig_count(rig, NSC_C_TCP_WALK_CUT), 0);
	rig_close(rig);
}
END_TEST

CHECK_MAIN("outstanding", equals_a_plain_list, a_deep_ring_equals_a_plain_list, a_hole_filled_in_the_middle_becomes_two,
	   without_a_block_half_of_the_hole_stays_lost, a_direction_holds_640_segments_in_blocks,
	   holes_have_blocks_that_segments_cannot_take, a_small_table_has_room_for_much,
	   a_capture_of_one_direction_holds_one_block, a_capture_of_one_direction_remembers_the_newest_holes,
	   an_empty_pool_is_counted_and_holes_stay_lost, an_acknowledgement_finds_its_place,
	   an_acknowledgement_of_everything_is_never_cut, a_walk_that_was_cut_ends_samples,
	   a_hole_is_found_wherever_it_lies, blocks_that_have_been_emptied_do_no_harm, a_hole_in_many_pieces_is_bounded,
	   directions_do_not_meet)
