/* SPDX-License-Identifier: MIT
 *
 * Answers that are given again: for a hundred times what they have cost, all that are asked together; bounded.
 */
#include "dashboard/server/group_cache.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

#define MS 1000000ull
#define SECOND NSC_NS_PER_SEC

static struct nsc_group_cache cache;
static uint64_t wanted[NSC_GROUPS_BUCKETS / 64];

static struct nsc_group_question asked(unsigned number)
{
	struct nsc_group_question question = { .limit = 100, .by = NSC_BY_HOST };

	snprintf(question.filter, sizeof(question.filter), "port:%u", number);
	return question;
}

static void keep(unsigned number, const char *text, uint64_t cost_ns, uint64_t now_ns)
{
	struct nsc_group_question question = asked(number);

	wanted[0] = number;
	nsc_group_cache_keep(&cache, &question, text, strlen(text), wanted, cost_ns, now_ns);
}

static const struct nsc_group_kept *find(unsigned number, uint64_t now_ns)
{
	struct nsc_group_question question = asked(number);

	return nsc_group_cache_find(&cache, &question, now_ns);
}

START_TEST(given_again_for_a_hundred_times_its_cost)
{
	ck_assert_ptr_null(find(1, 0));
	keep(1, "one", 10 * MS, 5 * SECOND);
	ck_assert_ptr_nonnull(find(1, 5 * SECOND));
	ck_assert_mem_eq(find(1, 6 * SECOND - 1)->text, "one", 3);
	ck_assert_ptr_null(find(1, 6 * SECOND));
	keep(1, "another", 10 * MS, 6 * SECOND);
	ck_assert_uint_eq(find(1, 6 * SECOND)->length, 7);
	ck_assert_uint_eq(cache.bytes, 7);
	keep(2, "free", 0, 6 * SECOND);
	ck_assert_ptr_null(find(2, 6 * SECOND));
	keep(3, "dear", 10 * SECOND, 100 * SECOND);
	ck_assert_ptr_nonnull(find(3, 1100 * SECOND - 1));
	ck_assert_ptr_null(find(3, 1100 * SECOND));
	nsc_group_cache_clear(&cache);
	ck_assert_uint_eq(cache.bytes, 0);
}
END_TEST

/* Of what time has passed, walks have had a hundredth, whoever asks how often. */
START_TEST(all_that_are_asked_share_the_time)
{
	enum { QUERIES = 5, SECS = 600 };
	uint64_t spent_ns = 0;

	for (uint64_t now = SECOND; now < SECS * SECOND; now += SECOND / 4) {
		for (unsigned i = 0; i < QUERIES; i++) {
			if (find(i, now))
				continue;
			spent_ns += (i + 1) * 5 * MS;
			keep(i, "answer", (i + 1) * 5 * MS, now);
		}
	}
	ck_assert_uint_le(spent_ns, SECS * SECOND / 100 + QUERIES * (QUERIES + 1) / 2 * 5 * MS);
	ck_assert_uint_ge(spent_ns, SECS * SECOND / 100 / 2);
	nsc_group_cache_clear(&cache);
}
END_TEST

/* In any stretch of time walks have a hundredth of it, and one walk for each query, though these are dear. */
START_TEST(no_stretch_of_time_has_more)
{
	enum { QUERIES = 12, SECS = 2000, STEPS = SECS * 2 };
	static uint64_t spent[STEPS + 1];
	const uint64_t cost_ns = 200 * MS;

	for (unsigned step = 0; step < STEPS; step++) {
		uint64_t now = SECOND + step * SECOND / 2;

		spent[step + 1] = spent[step];
		for (unsigned i = 0; i < QUERIES; i++) {
			if (find(i, now))
				continue;
			spent[step + 1] += cost_ns;
			keep(i, "answer", cost_ns, now);
		}
	}
	for (unsigned from = 0; from < STEPS; from += 7)
		for (unsigned to = from; to <= STEPS; to += 13)
			ck_assert_uint_le(spent[to] - spent[from], (to - from) * SECOND / 2 / 100 + QUERIES * cost_ns);
	ck_assert_uint_ge(spent[STEPS], SECS * SECOND / 100);
	nsc_group_cache_clear(&cache);
}
END_TEST

START_TEST(the_last_walk_is_the_next_ones_guess)
{
	struct nsc_group_question question = asked(7), other = asked(8);

	ck_assert_ptr_null(nsc_group_cache_guess(&cache, &question));
	keep(7, "x", 0, SECOND);
	ck_assert_ptr_null(find(7, 500 * SECOND));
	ck_assert_uint_eq(nsc_group_cache_guess(&cache, &question)[0], 7);
	ck_assert_ptr_null(nsc_group_cache_guess(&cache, &other));
	nsc_group_cache_clear(&cache);
}
END_TEST

START_TEST(what_nobody_asks_any_more_makes_room)
{
	for (unsigned i = 0; i < NSC_GROUP_CACHE_ENTRIES + 3; i++)
		keep(i, "x", SECOND, SECOND + i);
	for (unsigned i = 0; i < NSC_GROUP_CACHE_ENTRIES + 3; i++)
		ck_assert_int_eq(find(i, 2 * SECOND) != NULL, i >= 3);
	ck_assert_uint_eq(cache.bytes, NSC_GROUP_CACHE_ENTRIES);
	nsc_group_cache_clear(&cache);
}
END_TEST

START_TEST(bytes_are_bounded)
{
	char *large = malloc(NSC_GROUP_CACHE_BYTES + 2);

	memset(large, 'a', NSC_GROUP_CACHE_BYTES + 1);
	large[NSC_GROUP_CACHE_BYTES + 1] = '\0';
	keep(1, large, SECOND, SECOND);
	ck_assert_ptr_null(find(1, SECOND));
	large[NSC_GROUP_CACHE_BYTES] = '\0';
	keep(2, "y", SECOND, SECOND);
	keep(1, large, SECOND, SECOND + 1);
	ck_assert_ptr_null(find(2, SECOND + 1));
	ck_assert_ptr_nonnull(find(1, SECOND + 1));
	ck_assert_uint_eq(cache.bytes, NSC_GROUP_CACHE_BYTES);
	free(large);
	nsc_group_cache_clear(&cache);
}
END_TEST

START_TEST(every_part_of_a_query_counts)
{
	struct nsc_group_question question = asked(1),
				  other[6] = { question, question, question, question, question, question };

	nsc_group_cache_keep(&cache, &question, "x", 1, wanted, SECOND, 0);
	other[0].filter[0] = 'q';
	other[1].limit = 99;
	other[2].by = NSC_BY_PORT;
	other[3].measure = NSC_MEASURE_FLOWS;
	other[4].recent = true;
	other[5].after = 100;
	for (unsigned i = 0; i < NSC_ARRAY_LEN(other); i++)
		ck_assert_ptr_null(nsc_group_cache_find(&cache, &other[i], 1));
	for (unsigned i = 0; i < NSC_ARRAY_LEN(other); i++)
		ck_assert_int_eq(nsc_group_question_alike(&question, &other[i]), i == 1 || i == 5);
	ck_assert_ptr_nonnull(nsc_group_cache_find(&cache, &question, 1));
	nsc_group_cache_clear(&cache);
}
END_TEST

CHECK_MAIN("group_cache", given_again_for_a_hundred_times_its_cost, all_that_are_asked_share_the_time,
	   no_stretch_of_time_has_more, the_last_walk_is_the_next_ones_guess, what_nobody_asks_any_more_makes_room,
	   bytes_are_bounded, every_part_of_a_query_counts)
