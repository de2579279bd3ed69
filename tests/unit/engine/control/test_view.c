/* SPDX-License-Identifier: MIT
 *
 * Copies are of the last view published; a published view is left alone for as long as it is the current one.
 */
#include "engine/control/view.h"

#include <stdlib.h>

#include "tests/unit/engine/check_main.h"

static struct nsc_arena *arena;
static struct nsc_views views;
static struct nsc_view *copy;

static void set_up(uint32_t workers)
{
	ck_assert_int_eq(nsc_arena_open(&arena, NULL), 0);
	ck_assert_int_eq(nsc_views_open(&views, arena, workers, NULL), 0);
	copy = calloc(1, nsc_view_bytes(workers));
	ck_assert_ptr_nonnull(copy);
	nsc_engine_reader_register();
}

static void tear_down(void)
{
	nsc_engine_reader_leave();
	nsc_arena_close(arena);
	free(copy);
}

START_TEST(nothing_before_the_first)
{
	set_up(1);
	ck_assert(!nsc_views_copy(&views, copy));
	nsc_views_begin(&views)->seq = 1;
	ck_assert(!nsc_views_copy(&views, copy));
	tear_down();
}
END_TEST

START_TEST(copies_the_last_one)
{
	unsigned wrong = 0;

	set_up(2);
	for (uint64_t seq = 1; seq < 100; seq++) {
		struct nsc_view *view = nsc_views_begin(&views);

		wrong += view == views.current;
		view->seq = seq;
		view->worker[1].core = (int32_t)seq;
		nsc_views_publish(&views, view);
		wrong += !nsc_views_copy(&views, copy);
		wrong += copy->seq != seq || copy->worker[1].core != (int32_t)seq;
	}
	ck_assert_uint_eq(wrong, 0);
	tear_down();
}
END_TEST

START_TEST(registering_nests)
{
	set_up(1);
	nsc_engine_reader_register();
	nsc_engine_reader_leave();
	nsc_views_publish(&views, nsc_views_begin(&views));
	ck_assert(nsc_views_copy(&views, copy));
	tear_down();
}
END_TEST

CHECK_MAIN("view", nothing_before_the_first, copies_the_last_one, registering_nests)
