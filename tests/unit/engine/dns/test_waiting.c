/* SPDX-License-Identifier: MIT
 *
 * Queries that wait: found by flow and question, listed by age, all places used and used again.
 */
#include "engine/dns/waiting.h"

#include "tests/unit/engine/check_main.h"

enum { PLACES = 32768 - 2 };

static struct nsc_arena *arena;
static struct nsc_dns_waiting *waiting;

static void set_up(void)
{
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_dns_waiting_open(&waiting, arena, NULL), 0);
}

static struct nsc_dns_query query_of(uint64_t flow, uint64_t name)
{
	return (struct nsc_dns_query){ .flow = flow, .name = name, .type = 1, .class = 1 };
}

static struct nsc_dns_query *add(uint64_t flow, uint64_t name, uint64_t clock_ns)
{
	struct nsc_dns_query query = query_of(flow, name);

	query.clock_ns = clock_ns;
	nsc_dns_waiting_add(waiting, &query);
	return nsc_dns_waiting_find(waiting, &query);
}

START_TEST(found_by_flow_and_question)
{
	struct nsc_dns_query like, *first, *second;

	set_up();
	first = add(7, 1, 10);
	second = add(7, 2, 11);
	add(7 + (1 << 20), 1, 12); /* the same chain */
	ck_assert_ptr_ne(first, second);
	like = query_of(7, 1);
	ck_assert_ptr_eq(nsc_dns_waiting_find(waiting, &like), first);
	like.type = 28;
	ck_assert_ptr_null(nsc_dns_waiting_find(waiting, &like));
	like = query_of(8, 1);
	ck_assert_ptr_null(nsc_dns_waiting_find(waiting, &like));
	ck_assert_ptr_eq(nsc_dns_waiting_next(waiting, 7, NULL), second); /* the youngest first */
	ck_assert_ptr_eq(nsc_dns_waiting_next(waiting, 7, second), first);
	ck_assert_ptr_null(nsc_dns_waiting_next(waiting, 7, first));
	nsc_arena_close(arena);
}
END_TEST

START_TEST(listed_by_age)
{
	struct nsc_dns_query *first, *second, *third;

	set_up();
	ck_assert_ptr_null(nsc_dns_waiting_oldest(waiting, false));
	first = add(1, 1, 10);
	second = add(2, 1, 11);
	third = add(3, 1, 12);
	nsc_dns_waiting_answer(waiting, second, 20);
	nsc_dns_waiting_answer(waiting, first, 21);
	ck_assert_ptr_eq(nsc_dns_waiting_oldest(waiting, false), third);
	ck_assert_ptr_eq(nsc_dns_waiting_oldest(waiting, true), second);
	ck_assert(first->answered && first->clock_ns == 21);
	nsc_dns_waiting_remove(waiting, second);
	ck_assert_ptr_eq(nsc_dns_waiting_oldest(waiting, true), first);
	nsc_dns_waiting_remove(waiting, first);
	nsc_dns_waiting_remove(waiting, third);
	ck_assert_ptr_null(nsc_dns_waiting_oldest(waiting, true));
	ck_assert_ptr_null(nsc_dns_waiting_oldest(waiting, false));
	nsc_arena_close(arena);
}
END_TEST

START_TEST(over)
{
	struct nsc_dns_query query = { .clock_ns = 100 };

	ck_assert(!nsc_dns_query_is_over(&query, 100 + NSC_DNS_WAIT_NS));
	ck_assert(nsc_dns_query_is_over(&query, 101 + NSC_DNS_WAIT_NS));
	query.answered = true;
	ck_assert(!nsc_dns_query_is_over(&query, 100 + NSC_DNS_ANSWERED_NS));
	ck_assert(nsc_dns_query_is_over(&query, 101 + NSC_DNS_ANSWERED_NS));
}
END_TEST

START_TEST(every_place_again_and_again)
{
	uint64_t wrong = 0;

	set_up();
	for (uint64_t i = 0; i < 3 * PLACES; i++) {
		if (nsc_dns_waiting_is_full(waiting)) {
			struct nsc_dns_query *oldest = nsc_dns_waiting_oldest(waiting, false);

			wrong += oldest->flow != i - PLACES;
			nsc_dns_waiting_remove(waiting, oldest);
		} else {
			wrong += i >= PLACES;
		}
		wrong += !add(i, 1, i);
	}
	ck_assert_uint_eq(wrong, 0);
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("waiting", found_by_flow_and_question, listed_by_age, over, every_place_again_and_again)
