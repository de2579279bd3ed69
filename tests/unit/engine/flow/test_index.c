/* SPDX-License-Identifier: MIT
 *
 * The index alone, with hashes of the test's own choice: chains, splits, removal, and every entry in its place.
 */
#include "tests/unit/engine/flow/support.h"

#include <check.h>

struct bench { /* records without packets: record `id` has the key `id` and the hash hash[id]; 0 = not held */
	struct rig *rig;
	struct nsc_flow_table *t;
	uint32_t *hash;
	uint32_t max;
};

static void bench_open(struct bench *b, uint32_t max, bool grow)
{
	struct nsc_flow_table_options o = rig_options(max);

	o.grow = grow;
	b->rig = rig_open(o);
	b->t = b->rig->t;
	b->max = max;
	b->hash = calloc(max, sizeof(*b->hash));
	if (!b->hash)
		abort();
}

static void bench_close(struct bench *b)
{
	free(b->hash);
	rig_close(b->rig);
}

static struct flow_key bench_key(uint32_t id)
{
	return (struct flow_key){ .addr = id, .rest = 4ull << 40 };
}

static void bench_insert(struct bench *b, uint32_t id, uint32_t raw)
{
	b->hash[id] = flow_hash(raw);
	b->t->hot[id].a4 = id;
	b->t->hot[id].ip_version = 4;
	b->t->used = NSC_MAX(b->t->used, id + 1);
	flow_index_insert(b->t, b->hash[id], id);
}

static void bench_remove(struct bench *b, uint32_t id)
{
	flow_index_remove(b->t, b->hash[id], id);
	b->hash[id] = 0;
}

/* Records that are held but not found, or found but not held (by the last hash they had). */
static uint32_t bench_astray(const struct bench *b)
{
	uint32_t astray = 0;

	for (uint32_t id = 0; id < b->t->used; id++) {
		struct flow_key key = bench_key(id);

		if (b->hash[id])
			astray += flow_find(b->t, b->hash[id], &key) != id;
	}
	return astray;
}

START_TEST(a_tag_is_never_0)
{
	ck_assert_uint_eq(flow_hash(0), 0x10000);
	ck_assert_uint_eq(flow_hash(0xffff), 0x1ffff);
	ck_assert_uint_eq(flow_hash(0x10000), 0x10000);
	ck_assert_uint_eq(flow_hash(0xffffffff), 0xffffffff);
}
END_TEST

START_TEST(match_sees_the_ten_tags_and_nothing_else)
{
	struct flow_bucket b;
	unsigned wrong = 0;

	for (unsigned slot = 0; slot < BUCKET_SLOTS; slot++) {
		memset(&b, 0, sizeof(b));
		memset(b.id, 0x77, sizeof(b.id)); /* what looks like a tag behind the tags */
		b.tag[slot] = 0x7777;
		wrong += flow_bucket_match(&b, 0x7777) != 1u << slot;
		wrong += flow_bucket_match(&b, 0) != (0x3ffu & ~(1u << slot));
		wrong += flow_bucket_match(&b, 0x7778) != 0;
	}
	for (unsigned slot = 0; slot < BUCKET_SLOTS; slot++)
		b.tag[slot] = 0x7777;
	wrong += flow_bucket_match(&b, 0x7777) != 0x3ff;
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* All in one bucket and with one tag: only the keys tell them apart. The chain is as long as it must be, no longer. */
START_TEST(a_chain_stays_as_short_as_its_entries_allow)
{
	struct bench b;
	struct rng rng = { 5 };
	uint32_t longest, wrong = 0;

	bench_open(&b, 64, false);
	for (uint32_t id = 0; id < 64; id++) {
		bench_insert(&b, id, 0xabcd0003);
		wrong += index_check(b.t, b.hash, &longest) != NULL || longest != (id + BUCKET_SLOTS) / BUCKET_SLOTS;
	}
	wrong += bench_astray(&b);
	for (uint32_t left = 64; left-- > 0;) {
		uint32_t id = (uint32_t)rng_below(&rng, 64);

		while (!b.hash[id])
			id = (id + 1) % 64;
		bench_remove(&b, id);
		wrong += index_check(b.t, b.hash, &longest) != NULL || longest != NSC_MAX((left + 9) / BUCKET_SLOTS, 1);
		wrong += bench_astray(&b);
	}
	ck_assert_uint_eq(wrong, 0);
	bench_close(&b);
}
END_TEST

START_TEST(a_key_that_is_not_there_is_not_found)
{
	struct bench b;
	struct flow_key key;

	bench_open(&b, 64, false);
	for (uint32_t id = 0; id < 30; id++)
		bench_insert(&b, id, 0xabcd0003);
	key = bench_key(30);
	ck_assert_uint_eq(flow_find(b.t, 0xabcd0003, &key), FLOW_NONE);
	key = bench_key(29);
	ck_assert_uint_eq(flow_find(b.t, 0xabcd0003, &key), 29);
	key.rest = 6ull << 40;
	ck_assert_uint_eq(flow_find(b.t, 0xabcd0003, &key), FLOW_NONE);
	key = bench_key(29);
	ck_assert_uint_eq(flow_find(b.t, 0xabce0003, &key), FLOW_NONE);
	ck_assert_uint_eq(flow_find(b.t, 0xabcd0003, &key), 29);
	bench_close(&b);
}
END_TEST

/* Inserts and removes at random, in a table as full as it may be, with hashes that crowd into few buckets. */
START_TEST(removal_and_insertion_mix)
{
	struct bench b;
	struct rng rng = { 6 };
	uint32_t wrong = 0, checks = 0;
	const char *why = NULL;

	bench_open(&b, 1000, false);
	for (uint32_t i = 0; i < 40000; i++) {
		uint32_t id = (uint32_t)rng_below(&rng, b.max);

		if (b.hash[id])
			bench_remove(&b, id);
		if (rng_below(&rng, 8) || i < 5000)
			bench_insert(&b, id, (uint32_t)rng_next(&rng) & (i % 3 ? 0xffffffff : 0x7000f));
		if (i % 64 == 0) {
			why = why ? why : index_check(b.t, b.hash, NULL);
			wrong += bench_astray(&b);
			checks++;
		}
	}
	ck_assert_msg(!why, "%s", why);
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_gt(checks, 600);
	bench_close(&b);
}
END_TEST

/* From 2^16 buckets on, one split after the other, over more than one doubling. */
START_TEST(growth_finds_every_key_at_each_size)
{
	struct bench b;
	struct rng rng = { 7 };
	uint32_t astray = 0, n = 200000;
	const char *why = NULL;

	bench_open(&b, 1200000, true);
	ck_assert_uint_eq(b.t->n_buckets, 1u << 16);
	for (uint32_t id = 0; id < n; id++) {
		/* every fourth hash is one of 4096, so that some chains are long when their bucket splits */
		bench_insert(&b, id, (uint32_t)rng_next(&rng) & (id % 4 ? 0xffffffff : 0x00fff000));
		if (id % 32 == 31 && rng_next(&rng) & 1)
			bench_remove(&b, id - (uint32_t)rng_below(&rng, 31));
		flow_index_split(b.t);
		if (id % 40000 == 0 || b.t->n_buckets == 1u << 17 || b.t->n_buckets == (1u << 17) + 1) {
			why = why ? why : index_check(b.t, b.hash, NULL);
			astray += bench_astray(&b);
		}
	}
	astray += bench_astray(&b);
	why = why ? why : index_check(b.t, b.hash, NULL);
	ck_assert_msg(!why, "%s", why);
	ck_assert_uint_eq(astray, 0);
	ck_assert_uint_gt(b.t->n_buckets, 1u << 17);
	ck_assert_uint_eq(b.t->n_buckets, b.t->max_buckets);
	bench_close(&b);
}
END_TEST

/* The index of a table with real records, for each kind of key: the hash of a record is that of its packets. */
START_TEST(the_hash_of_a_record_is_that_of_its_packets)
{
	struct rig *rig = rig_open(rig_options(64));
	unsigned wrong = 0;

	for (uint32_t flow = 0; flow < 64; flow++) {
		struct key k = key_of_number(flow);

		rig_packet(rig, flow, flow / 8 & 1, TEST_EPOCH, 60);
		wrong += flow_record_hash(rig->t, flow) != flow_hash(key_hash(&test_seed, &k));
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_ptr_null(table_check(rig->t));
	rig_close(rig);
}
END_TEST

/* 450,000 flows through the front door: found again, none lost, buckets and memory keep up. */
START_TEST(a_growing_table_keeps_every_flow)
{
	struct nsc_flow_table_options o = rig_options(500000);
	struct rig *rig;
	struct event e[NSC_BURST_MAX];
	uint32_t flows = 450000;

	o.grow = true;
	rig = rig_open(o);
	for (unsigned round = 0; round < 2; round++) {
		for (uint32_t flow = 0; flow < flows; flow += NSC_BURST_MAX) {
			uint32_t n = NSC_MIN(NSC_BURST_MAX, flows - flow);

			for (uint32_t i = 0; i < n; i++)
				e[i] = (struct event){ .flow = flow + i,
						       .ts_ns = TEST_EPOCH,
						       .clock_ns = TEST_EPOCH,
						       .len = 60,
						       .from = (uint8_t)round };
			rig_burst(rig, e, n);
			nsc_flow_table_prepare(rig->t);
		}
		ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_CREATED), flows);
		ck_assert_ptr_null(table_check(rig->t));
	}
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_GROWTH_LATE), 0);
	ck_assert_uint_ge((uint64_t)rig->t->n_buckets * 11, 2 * flows); /* 5.5 records a bucket */
	ck_assert_uint_ge(rig->t->ready_buckets, rig->t->n_buckets);
	rig_finish(rig, TEST_EPOCH);
	ck_assert_uint_eq(rig->records.n, flows);
	ck_assert_uint_eq(rig_count(rig, NSC_C_FLOW_PACKETS), 2 * flows);
	rig_close(rig);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("flow index");
	TCase *tcase = tcase_create("index");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, a_tag_is_never_0);
	tcase_add_test(tcase, match_sees_the_ten_tags_and_nothing_else);
	tcase_add_test(tcase, a_chain_stays_as_short_as_its_entries_allow);
	tcase_add_test(tcase, a_key_that_is_not_there_is_not_found);
	tcase_add_test(tcase, removal_and_insertion_mix);
	tcase_add_test(tcase, growth_finds_every_key_at_each_size);
	tcase_add_test(tcase, the_hash_of_a_record_is_that_of_its_packets);
	tcase_add_test(tcase, a_growing_table_keeps_every_flow);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
