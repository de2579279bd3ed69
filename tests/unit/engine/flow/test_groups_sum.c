/* SPDX-License-Identifier: MIT
 *
 * Sums of groups over several workers: exact while there is room, and with more groups than that after another walk;
 * what is missing never has more than the bound; the answer does not depend on how flows lie at workers.
 */
#include <stdlib.h>
#include <string.h>

#include "netscope/groups.h"
#include "tests/unit/engine/check_main.h"

enum { PARTS = 3, KEYS_MAX = 400000, LIMIT = 100 };

static struct nsc_flow_groups sums,
	parts_of[PARTS], *const sum = &sums, *const part[PARTS] = { parts_of, parts_of + 1, parts_of + 2 };
static struct nsc_group *row[NSC_GROUPS_ROOM];
static uint64_t weight[KEYS_MAX]; /* by key, from 0 */

static uint64_t mixed(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

/* What a worker does with a flow. */
static void take(struct nsc_flow_groups *groups, const struct nsc_group_key *key, uint64_t bytes)
{
	uint32_t bucket = nsc_group_bucket(key);
	struct nsc_group *group;

	groups->total.flows++;
	groups->bucket[bucket] += bytes;
	if (!(groups->wanted[bucket / 64] >> bucket % 64 & 1))
		return;
	group = nsc_groups_find(groups, key);
	if (!group)
		return;
	group->flows++;
	group->bytes += bytes;
}

static struct nsc_group_key key_of(uint32_t number)
{
	return (struct nsc_group_key){ .hash = mixed(number + 1), .word = { number } };
}

/* Each key has two flows, at two workers of `parts`. Returns how many rows there are. */
static uint32_t walks_with(uint32_t keys, unsigned parts, const uint64_t *guess, unsigned *passes)
{
	unsigned pass = 1;

	nsc_groups_clear(sum, 1, NULL);
	if (guess)
		nsc_groups_guess(sum, guess);
	do {
		for (unsigned i = 0; i < parts; i++)
			nsc_groups_clear(part[i], pass, sum);
		for (uint32_t k = 0; k < keys; k++) {
			struct nsc_group_key key = key_of(k);

			take(part[k % parts], &key, weight[k] / 2);
			take(part[(k + 1) % parts], &key, weight[k] - weight[k] / 2);
		}
		for (unsigned i = 0; i < parts; i++)
			nsc_groups_join(sum, part[i]);
	} while (nsc_groups_again(sum, ++pass, keys));
	*passes = pass - 1;
	return nsc_groups_rank(sum, NSC_MEASURE_BYTES, row);
}

static uint32_t walks(uint32_t keys, unsigned parts, unsigned *passes)
{
	return walks_with(keys, parts, NULL, passes);
}

static int by_weight(const void *x, const void *y)
{
	uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;

	return weight[a] != weight[b] ? (weight[a] < weight[b] ? 1 : -1) : (a > b) - (a < b);
}

/* All rows have the sums of their keys; those above the bound are the largest, in order. Returns how many these are. */
static uint32_t check_rows(uint32_t keys, uint32_t n)
{
	struct nsc_groups_rest rest = nsc_groups_rest(sum);
	uint32_t *want = malloc(keys * sizeof(*want)), proven = 0, wrong = 0;

	for (uint32_t k = 0; k < keys; k++)
		want[k] = k;
	qsort(want, keys, sizeof(*want), by_weight);
	for (uint32_t i = 0; i < n; i++)
		wrong += row[i]->bytes != weight[row[i]->key.word[0]] || row[i]->flows != 2;
	while (proven < n && (rest.none || row[proven]->bytes > rest.most)) {
		wrong += row[proven]->key.word[0] != want[proven];
		proven++;
	}
	for (uint32_t i = proven; i < keys && !rest.none; i++)
		wrong += weight[want[i]] > rest.most && i >= n;
	ck_assert_uint_eq(wrong, 0);
	free(want);
	return proven;
}

START_TEST(exact_while_there_is_room)
{
	unsigned passes;

	for (uint32_t k = 0; k < NSC_GROUPS_ROOM; k++)
		weight[k] = 1000 + k % 7; /* many are equal */
	for (unsigned parts = 1; parts <= PARTS; parts++) {
		uint32_t n = walks(NSC_GROUPS_ROOM, parts, &passes);

		ck_assert_uint_eq(passes, 1);
		ck_assert_uint_eq(n, NSC_GROUPS_ROOM);
		ck_assert(nsc_groups_rest(sum).none);
		ck_assert_uint_eq(check_rows(NSC_GROUPS_ROOM, n), NSC_GROUPS_ROOM);
	}
}
END_TEST

/* Sizes as those of hosts are: the k-th has a k-th of the first one's bytes. */
START_TEST(the_largest_of_many_are_exact)
{
	uint64_t first[LIMIT];
	unsigned passes;

	for (uint32_t k = 0; k < KEYS_MAX; k++)
		weight[k] = 1 + 4000000000ull / (1 + mixed(k) % KEYS_MAX);
	for (unsigned parts = 1; parts <= PARTS; parts++) {
		uint32_t n = walks(KEYS_MAX, parts, &passes), proven = check_rows(KEYS_MAX, n);

		ck_assert_uint_eq(passes, 2);
		ck_assert_msg(proven >= LIMIT, "%u rows are sure", proven);
		for (uint32_t i = 0; i < LIMIT; i++) {
			if (parts == 1)
				first[i] = row[i]->key.word[0];
			ck_assert_uint_eq(row[i]->key.word[0], first[i]);
		}
	}
}
END_TEST

/* What an older answer wanted saves a walk while it is heavy; when others have grown, there are as many walks as
 * without it, and the same rows. */
START_TEST(a_guess_saves_a_walk)
{
	static uint64_t wanted[NSC_GROUPS_BUCKETS / 64];
	unsigned passes;
	uint32_t n;

	for (uint32_t k = 0; k < KEYS_MAX; k++)
		weight[k] = 1 + 4000000000ull / (1 + mixed(k) % KEYS_MAX);
	walks(KEYS_MAX, 1, &passes);
	ck_assert_uint_eq(passes, 2);
	memcpy(wanted, sum->wanted, sizeof(wanted));
	for (uint32_t k = 0; k < KEYS_MAX; k++)
		weight[k] += weight[k] / 10 + k % 50;
	n = walks_with(KEYS_MAX, 3, wanted, &passes);
	ck_assert_uint_eq(passes, 1);
	ck_assert_uint_ge(check_rows(KEYS_MAX, n), LIMIT);
	for (uint32_t k = 0; k < KEYS_MAX; k++)
		weight[k] = 1 + 4000000000ull / (1 + mixed(k + KEYS_MAX) % KEYS_MAX);
	n = walks_with(KEYS_MAX, 2, wanted, &passes);
	ck_assert_uint_eq(passes, 2);
	ck_assert_uint_ge(check_rows(KEYS_MAX, n), LIMIT);
}
END_TEST

/* Few groups, all of which were wanted, or none: one walk finds all. */
START_TEST(a_guess_of_everything_or_nothing)
{
	static uint64_t wanted[NSC_GROUPS_BUCKETS / 64];
	unsigned passes;

	for (uint32_t k = 0; k < 1000; k++)
		weight[k] = 1000 + k;
	ck_assert_uint_eq(walks_with(1000, 2, wanted, &passes), 1000);
	ck_assert_uint_eq(passes, 2);
	memset(wanted, 0xff, sizeof(wanted));
	ck_assert_uint_eq(walks_with(1000, 2, wanted, &passes), 1000);
	ck_assert_uint_eq(passes, 1);
	ck_assert_uint_eq(check_rows(1000, 1000), 1000);
}
END_TEST

START_TEST(what_is_missing_has_a_bound)
{
	unsigned passes;
	uint32_t n;

	for (uint32_t k = 0; k < KEYS_MAX; k++)
		weight[k] = 1000;
	n = walks(KEYS_MAX, 2, &passes);
	ck_assert_uint_ge(n, LIMIT);
	ck_assert_uint_eq(check_rows(KEYS_MAX, n), 0);
	ck_assert(!nsc_groups_rest(sum).none);
}
END_TEST

/* Somebody knows the hashes: all keys in one bucket find no room, ever. No wrong row comes of it. */
START_TEST(one_bucket_has_them_all)
{
	unsigned pass = 1;

	nsc_groups_clear(sum, 1, NULL);
	do {
		nsc_groups_clear(part[0], pass, sum);
		for (uint32_t k = 0; k < NSC_GROUPS_ROOM + 10; k++) {
			struct nsc_group_key key = { .hash = mixed(k) << 16 | 77, .word = { k } };

			take(part[0], &key, 5);
		}
		nsc_groups_join(sum, part[0]);
	} while (nsc_groups_again(sum, ++pass, NSC_GROUPS_ROOM));
	ck_assert_uint_eq(pass, NSC_GROUPS_PASSES + 1);
	ck_assert_uint_eq(nsc_groups_rank(sum, NSC_MEASURE_BYTES, row), 0);
	ck_assert_uint_eq(nsc_groups_rest(sum).most, 5ull * (NSC_GROUPS_ROOM + 10));
	ck_assert_uint_eq(nsc_groups_rest(sum).all, 5ull * (NSC_GROUPS_ROOM + 10));
}
END_TEST

static int by_number(const void *x, const void *y)
{
	uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return (a > b) - (a < b);
}

/* Flows at several workers: the median of all of them, to four fifths. */
START_TEST(median_of_round_trip_times)
{
	uint64_t rtt[301], median, have;
	struct nsc_group_key key = key_of(5);

	for (unsigned n = 1; n <= NSC_ARRAY_LEN(rtt); n++) {
		for (unsigned i = 0; i < PARTS; i++)
			nsc_groups_clear(part[i], 1, NULL);
		nsc_groups_clear(sum, 1, NULL);
		for (unsigned i = 0; i < n; i++) {
			struct nsc_flow_groups *at = part[i % PARTS];
			struct nsc_group *group = nsc_groups_find(at, &key);
			uint32_t flow[NSC_GROUPS_RTT_STEPS] = { 0 };

			rtt[i] = 1ull << (14 + mixed(n) % 17);
			rtt[i] += mixed(i + 1000 * n) % rtt[i];
			flow[nsc_group_rtt_step(rtt[i])] = 1;
			group->rtt_flows++;
			nsc_groups_add_rtt(at, group, flow);
		}
		for (unsigned i = 0; i < PARTS; i++)
			nsc_groups_join(sum, part[i]);
		qsort(rtt, n, sizeof(*rtt), by_number);
		median = rtt[(n - 1) / 2];
		have = nsc_group_rtt_median_ns(nsc_groups_rtt(sum, nsc_groups_find(sum, &key)));
		ck_assert_msg(median < have && median >= have * 4 / 5, "of %u: %lu, %lu", n, median, have);
	}
}
END_TEST

START_TEST(steps_of_round_trip_times)
{
	uint32_t flows[NSC_GROUPS_RTT_STEPS] = { 0 };
	uint64_t end = 0;

	ck_assert_uint_eq(nsc_group_rtt_median_ns(flows), 0);
	ck_assert_uint_eq(nsc_group_rtt_step(0), 0);
	ck_assert_uint_eq(nsc_group_rtt_step(UINT64_MAX), NSC_GROUPS_RTT_STEPS - 1);
	for (unsigned i = 0; i < NSC_GROUPS_RTT_STEPS - 1; i++) {
		flows[i] = 1;
		ck_assert_uint_gt(nsc_group_rtt_median_ns(flows), end);
		end = nsc_group_rtt_median_ns(flows);
		ck_assert_uint_eq(nsc_group_rtt_step(end - 1), i);
		ck_assert_uint_eq(nsc_group_rtt_step(end), i + 1);
		flows[i] = 0;
	}
	flows[NSC_GROUPS_RTT_STEPS - 1] = 7;
	ck_assert_uint_eq(nsc_group_rtt_median_ns(flows), 1ull << 32);
}
END_TEST

START_TEST(texts_are_copied_and_have_an_order)
{
	static const char *const names[] = { "b.example", "a.example", "a.example.net", "<b>'\"&", "\x01\xff" };
	static const unsigned order[] = { 4, 3, 1, 2, 0 };
	char text[32];

	nsc_groups_clear(part[0], 1, NULL);
	nsc_groups_clear(sum, 1, NULL);
	for (unsigned i = 0; i < NSC_ARRAY_LEN(names); i++) {
		struct nsc_group_key key = { .hash = mixed(i), .word = { i + 9 }, .text = text };

		key.length = (uint32_t)strlen(strcpy(text, names[i]));
		take(part[0], &key, 7);
	}
	memset(text, 'x', sizeof(text));
	nsc_groups_join(sum, part[0]);
	memset(part[0]->text, 'y', sizeof(part[0]->text));
	ck_assert_uint_eq(nsc_groups_rank(sum, NSC_MEASURE_BYTES, row), NSC_ARRAY_LEN(names));
	for (unsigned i = 0; i < NSC_ARRAY_LEN(names); i++) {
		ck_assert_uint_eq(row[i]->key.length, strlen(names[order[i]]));
		ck_assert_mem_eq(row[i]->key.text, names[order[i]], row[i]->key.length);
	}
}
END_TEST

/* 255 letters each: the room for texts ends before that for groups. */
START_TEST(texts_find_no_room)
{
	char text[255];

	memset(text, 'n', sizeof(text));
	nsc_groups_clear(part[0], NSC_GROUPS_PASSES, NULL);
	for (uint32_t k = 0; k < 4000; k++) {
		struct nsc_group_key key = { .hash = mixed(k), .word = { k }, .text = text, .length = sizeof(text) };

		take(part[0], &key, 1);
	}
	ck_assert(part[0]->over);
	ck_assert_uint_eq(part[0]->n, NSC_GROUPS_TEXT / sizeof(text));
	ck_assert_uint_ge(nsc_groups_rest(part[0]).all, 4000 - part[0]->n);
}
END_TEST

START_TEST(all_numbers_are_added)
{
	struct nsc_group group = { .rtt_min_ns = UINT64_MAX, .first_seen_ns = UINT64_MAX };
	const struct nsc_group from = { .flows = 1,
					.packets = 2,
					.bytes = 3,
					.sent_packets = 4,
					.sent_bytes = 5,
					.received_packets = 6,
					.received_bytes = 7,
					.retransmissions = 8,
					.out_of_order = 9,
					.lost_segments = 10,
					.zero_windows = 11,
					.rtt_ewma_ns = 12,
					.rtt_flows = 13,
					.rtt_min_ns = 14,
					.first_seen_ns = 15,
					.last_seen_ns = 16,
					.analyses = 3 };

	nsc_group_add(&group, &from, false);
	ck_assert_mem_eq(&group, &from, sizeof(group));
	nsc_group_add(&group, &from, true);
	ck_assert_uint_eq(group.sent_packets, 10);
	ck_assert_uint_eq(group.sent_bytes, 12);
	ck_assert_uint_eq(group.received_packets, 10);
	ck_assert_uint_eq(group.received_bytes, 12);
	ck_assert_uint_eq(group.zero_windows, 22);
	ck_assert_uint_eq(group.rtt_min_ns, 14);
	ck_assert_uint_eq(group.last_seen_ns, 16);
}
END_TEST

CHECK_MAIN("groups_sum", exact_while_there_is_room, the_largest_of_many_are_exact, a_guess_saves_a_walk,
	   a_guess_of_everything_or_nothing, what_is_missing_has_a_bound, one_bucket_has_them_all,
	   median_of_round_trip_times, steps_of_round_trip_times, texts_are_copied_and_have_an_order,
	   texts_find_no_room, all_numbers_are_added)
