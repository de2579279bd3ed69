/* SPDX-License-Identifier: MIT
 *
 * Keys: what each of them changes, and that no sequence of them leaves what the tables have.
 */
#include "tools/top/choice.h"

#include <string.h>

#include "tests/unit/engine/check_main.h"

static struct nsc_top_choice choice;

static enum nsc_top_act type(const char *keys)
{
	enum nsc_top_act act = NSC_TOP_NOTHING;

	for (; *keys; keys++)
		act = nsc_top_key(&choice, (unsigned char)*keys);
	return act;
}

START_TEST(each_key)
{
	memset(&choice, 0, sizeof(choice));
	ck_assert_int_eq(type("x"), NSC_TOP_NOTHING);
	ck_assert(type("p") == NSC_TOP_ASK && choice.paused);
	ck_assert(type("p") == NSC_TOP_ASK && !choice.paused);
	ck_assert(type("?") == NSC_TOP_DRAW && choice.help);
	ck_assert(type("p") == NSC_TOP_DRAW && !choice.help && !choice.paused);
	ck_assert_int_eq(type("?q"), NSC_TOP_QUIT);
	ck_assert_int_eq(type("q"), NSC_TOP_QUIT);
	nsc_top_key(&choice, NSC_TOP_KEY_PAGE_DOWN);
	ck_assert_uint_eq(choice.scroll, 10);
	nsc_top_key(&choice, NSC_TOP_KEY_UP);
	ck_assert_uint_eq(choice.scroll, 9);
	nsc_top_key(&choice, NSC_TOP_KEY_PAGE_UP);
	ck_assert_uint_eq(choice.scroll, 0);
}
END_TEST

/* Every view comes, and the first one again; every sort of each does. */
START_TEST(views_and_sorts)
{
	memset(&choice, 0, sizeof(choice));
	for (unsigned v = 0; v < NSC_TOP_VIEWS; v++) {
		const char *first = nsc_top_sort_of(&choice, choice.view)->name;
		unsigned n = 0;

		ck_assert_uint_eq(choice.view, v);
		do {
			ck_assert_ptr_nonnull(nsc_top_sort_of(&choice, choice.view)->name);
			ck_assert_int_eq(type("s"), NSC_TOP_ASK);
			n++;
		} while (strcmp(nsc_top_sort_of(&choice, choice.view)->name, first) != 0 && n < 20);
		ck_assert(n >= 2 && n <= NSC_TOP_SORTS);
		type("t");
	}
	ck_assert_uint_eq(choice.view, NSC_TOP_OVERVIEW);
}
END_TEST

START_TEST(queries)
{
	memset(&choice, 0, sizeof(choice));
	ck_assert(!nsc_top_wants_query(&choice));
	type("s");
	ck_assert(nsc_top_wants_query(&choice));
	ck_assert(!nsc_top_rises(&choice, NSC_TOP_OF_FLOWS));
	type("r");
	ck_assert(nsc_top_rises(&choice, NSC_TOP_OF_FLOWS));
	type("t");
	ck_assert(choice.view == NSC_TOP_OF_WORKERS && !nsc_top_wants_query(&choice));
	ck_assert(nsc_top_rises(&choice, NSC_TOP_OF_WORKERS));
}
END_TEST

START_TEST(filter)
{
	memset(&choice, 0, sizeof(choice));
	ck_assert_int_eq(type("t/porx"), NSC_TOP_DRAW);
	ck_assert(choice.editing && !choice.filter[0]);
	ck_assert_int_eq(type("\x7ft:443\r"), NSC_TOP_ASK);
	ck_assert_str_eq(choice.filter, "port:443");
	ck_assert(!choice.editing && choice.view == NSC_TOP_OF_FLOWS && nsc_top_wants_query(&choice));
	type("/qps\033");
	ck_assert_str_eq(choice.filter, "port:443");
	type("/\x15\n");
	ck_assert_str_eq(choice.filter, "");
	type("/\x7f\x7f");
	for (unsigned i = 0; i < 2 * NSC_TOP_FILTER; i++)
		type("a");
	nsc_top_key(&choice, 0xe9);
	nsc_top_key(&choice, NSC_TOP_KEY_UP);
	type("\n");
	ck_assert_uint_eq(strlen(choice.filter), NSC_TOP_FILTER);
}
END_TEST

CHECK_MAIN("top/choice", each_key, views_and_sorts, queries, filter)
