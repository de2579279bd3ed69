/* SPDX-License-Identifier: MIT
 *
 * Readers copy views while the publisher replaces them as fast as it can: no copy is torn, none is older than one that
 * the same reader has seen. A view carries its sequence number in its first, its last and many words between.
 */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "engine/control/view.h"
#include "tests/unit/engine/check_main.h"

enum { READERS = 3, WORKERS = 4, VIEWS = 4000 };

struct reader {
	struct nsc_view *copy;
	uint64_t copies, torn, older;
};

static struct nsc_views views;
static struct reader reader[READERS];
static bool done;

static void stamp(struct nsc_view *view, uint64_t seq)
{
	view->seq = seq;
	for (unsigned i = 0; i < NSC_C_COUNT; i++)
		view->totals.value[i] = seq;
	for (unsigned i = 0; i < NSC_TOP_MAX; i++)
		view->top[i].tick_bytes = seq;
	for (unsigned i = 0; i < WORKERS; i++)
		view->worker[i].core = (int32_t)seq;
}

static bool is_whole(const struct nsc_view *view)
{
	unsigned wrong = 0;

	for (unsigned i = 0; i < NSC_C_COUNT; i++)
		wrong += view->totals.value[i] != view->seq;
	for (unsigned i = 0; i < NSC_TOP_MAX; i++)
		wrong += view->top[i].tick_bytes != view->seq;
	for (unsigned i = 0; i < WORKERS; i++)
		wrong += view->worker[i].core != (int32_t)view->seq;
	return !wrong;
}

static void *read_views(void *context)
{
	struct reader *r = context;
	uint64_t last = 0;

	nsc_engine_reader_register();
	while (!__atomic_load_n(&done, __ATOMIC_RELAXED) || !r->copies) {
		if (nsc_views_copy(&views, r->copy)) {
			r->torn += !is_whole(r->copy);
			r->older += r->copy->seq < last;
			last = r->copy->seq;
			r->copies++;
		}
		sched_yield();
	}
	nsc_engine_reader_leave();
	return NULL;
}

START_TEST(no_copy_is_torn)
{
	struct nsc_arena *arena;
	pthread_t thread[READERS];
	uint64_t wrong = 0;

	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_views_open(&views, arena, WORKERS, NULL), 0);
	for (unsigned i = 0; i < READERS; i++) {
		reader[i].copy = calloc(1, nsc_view_bytes(WORKERS));
		ck_assert_int_eq(pthread_create(&thread[i], NULL, read_views, &reader[i]), 0);
	}
	for (uint64_t seq = 1; seq <= VIEWS; seq++) {
		struct nsc_view *view = nsc_views_begin(&views);

		stamp(view, seq);
		nsc_views_publish(&views, view);
		if (seq % 8 == 0)
			sched_yield();
	}
	__atomic_store_n(&done, true, __ATOMIC_RELAXED);
	for (unsigned i = 0; i < READERS; i++) {
		pthread_join(thread[i], NULL);
		wrong += reader[i].torn + reader[i].older + !reader[i].copies;
		free(reader[i].copy);
	}
	ck_assert_uint_eq(wrong, 0);
	nsc_arena_close(arena);
}
END_TEST

CHECK_MAIN("view_stress", no_copy_is_torn)
