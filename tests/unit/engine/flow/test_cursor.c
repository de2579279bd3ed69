/* SPDX-License-Identifier: MIT
 *
 * Pages are together what one large answer is: every order, any size of a page, filters, ties; and no text that a
 * client may send does harm.
 */
#include "tests/unit/engine/flow/support.h"

#include "tests/unit/engine/check_main.h"

enum { FLOWS = 300 };

static struct nsc_flow_question question;
static struct nsc_flow_query query;

/* Few different sizes, so that most rows have a tie. */
static struct rig *filled(void)
{
	struct rig *rig = rig_open(rig_options(2 * FLOWS));

	for (uint32_t i = 0; i < FLOWS; i++)
		rig_packet(rig, i, 0, TEST_EPOCH + i / 10 * 1000, 60 + i % 3 * 100);
	return rig;
}

static int by_query(const void *x, const void *y, void *context)
{
	return nsc_flow_hit_compare(context, x, y);
}

/* The next page, in order; how many rows it has. */
static uint32_t ask(struct rig *rig)
{
	memset(&question, 0, sizeof(question));
	question.query = query;
	nsc_flow_table_question_begin(rig->t, &question, TEST_EPOCH + TEST_SECOND);
	while (!nsc_flow_table_question_step(rig->t, &question, 50))
		;
	qsort_r(question.hit, question.n, sizeof(question.hit[0]), by_query, &query);
	return question.n;
}

static void order_by(const char *sort, bool ascending, const char *filter)
{
	memset(&query, 0, sizeof(query));
	ck_assert_int_eq(nsc_flow_filter_parse(&query.filter, filter, strlen(filter), NULL), 0);
	query.sort = nsc_column_find(sort, true);
	query.ascending = ascending;
}

static void go_on_behind(const struct nsc_flow_hit *hit)
{
	char text[NSC_CURSOR_TEXT + 1];
	struct nsc_error error;

	nsc_flow_cursor_write(text, &query, hit);
	ck_assert_uint_eq(strlen(text), NSC_CURSOR_TEXT);
	ck_assert_int_eq(nsc_flow_cursor_parse(&query, text, NSC_CURSOR_TEXT, &error), 0);
}

static void check_pages(struct rig *rig, const char *sort, bool ascending, const char *filter, uint32_t limit)
{
	static struct nsc_flow_hit all[2 * FLOWS];
	uint32_t n, at = 0, wrong = 0;

	order_by(sort, ascending, filter);
	query.limit = NSC_QUERY_ROWS;
	n = ask(rig);
	memcpy(all, question.hit, n * sizeof(all[0]));
	query.limit = limit;
	while (ask(rig)) {
		wrong += question.matched != n || question.passed != at;
		for (uint32_t i = 0; i < question.n; i++, at++)
			wrong += at >= n || memcmp(&question.hit[i].record, &all[at].record, sizeof(all[0].record));
		go_on_behind(&question.hit[question.n - 1]);
	}
	ck_assert_msg(at == n && !wrong, "%s %s by %u: %u rows of %u, %u wrong", sort, filter, limit, at, n, wrong);
}

START_TEST(pages_are_one_answer)
{
	static const uint32_t limits[] = { 1, 7, 32, 299, 300, 301 };
	struct rig *rig = filled();

	for (uint32_t c = 0; c < nsc_column_count; c++)
		for (size_t l = c % 2; nsc_column_table[c].sorts && l < NSC_ARRAY_LEN(limits); l += 2)
			check_pages(rig, nsc_column_table[c].name, l / 2 % 2, c % 3 ? "" : "bytes>100", limits[l]);
	rig_close(rig);
}
END_TEST

/* Flows of any order, a third of which has ended. */
static struct rig *filled_and_ended(void)
{
	struct nsc_flow_table_options options = rig_options(2 * FLOWS);
	struct rig *rig;

	options.ended_kept = FLOWS;
	rig = rig_open(options);
	for (uint32_t i = 0; i < FLOWS; i++)
		rig_packet(rig, i, 0, TEST_EPOCH + i * 77 % FLOWS / 3, 60);
	for (uint32_t i = 0; i < FLOWS; i++)
		if (i % 3)
			rig_packet(rig, i, 0, TEST_EPOCH + 9 * TEST_SECOND, 100 + i % 2 * 100);
	for (uint32_t i = 0; i < 60; i++)
		rig_sweep(rig, TEST_EPOCH + 12 * TEST_SECOND + i * TEST_SECOND / 10, true);
	return rig;
}

static void check_rows_only(struct rig *rig, const char *filter, uint32_t limit)
{
	static struct nsc_flow_hit all[FLOWS];
	uint32_t n, at = 0, wrong = 0, pages = 0;
	uint64_t visited = 0;

	order_by("first_seen", true, filter);
	query.limit = NSC_QUERY_ROWS;
	n = ask(rig);
	memcpy(all, question.hit, n * sizeof(all[0]));
	query.limit = limit;
	while (ask(rig)) {
		for (uint32_t i = 0; i < question.n; i++, at++)
			wrong += at >= n || memcmp(&question.hit[i].record, &all[at].record, sizeof(all[0].record));
		visited += question.visited;
		pages++;
		go_on_behind(&question.hit[question.n - 1]);
		query.rows_only = true;
	}
	ck_assert_msg(at == n && !wrong, "'%s' by %u: %u rows of %u, %u wrong", filter, limit, at, n, wrong);
	if (pages > 9)
		ck_assert_msg(visited < (uint64_t)pages * FLOWS / 2, "'%s' by %u: %llu were looked at", filter, limit,
			      (unsigned long long)visited);
}

START_TEST(pages_that_pass_records_over_are_one_answer)
{
	static const char *const filters[] = { "", "bytes>200", "ended:yes", "ended:no" };
	static const uint32_t limits[] = { 1, 7, 32, 299, 300, 301 };
	struct rig *rig = filled_and_ended();

	for (size_t f = 0; f < NSC_ARRAY_LEN(filters); f++)
		for (size_t l = 0; l < NSC_ARRAY_LEN(limits); l++)
			check_rows_only(rig, filters[f], limits[l]);
	rig_close(rig);
}
END_TEST

/* A flow that has grown since is not shown again, whichever way the order goes. */
START_TEST(a_row_is_never_behind_itself)
{
	struct rig *rig = filled();

	for (unsigned ascending = 0; ascending < 2; ascending++) {
		struct nsc_flow_hit last;
		uint32_t again = 0;

		order_by("bytes", ascending, "");
		query.limit = 5;
		ck_assert_uint_eq(ask(rig), 5);
		last = question.hit[4];
		go_on_behind(&last);
		query.after.record.packets[0]--;
		query.after.record.bytes[0] -= 60;
		query.limit = NSC_QUERY_ROWS;
		ask(rig);
		for (uint32_t i = 0; i < question.n; i++)
			again += !memcmp(&question.hit[i].record, &last.record, sizeof(last.record));
		ck_assert_uint_eq(again, 0);
	}
	rig_close(rig);
}
END_TEST

START_TEST(what_is_no_cursor)
{
	struct rig *rig = filled();
	char text[NSC_CURSOR_TEXT + 1];
	struct nsc_error error;
	uint64_t state = 3;
	uint32_t taken = 0;

	order_by("bytes", false, "");
	query.limit = 10;
	ask(rig);
	nsc_flow_cursor_write(text, &query, &question.hit[0]);
	ck_assert_int_lt(nsc_flow_cursor_parse(&query, text, NSC_CURSOR_TEXT - 1, &error), 0);
	ck_assert(!query.follows);
	ck_assert_int_lt(nsc_flow_cursor_parse(&query, "", 0, &error), 0);
	order_by("bytes", true, "");
	ck_assert_int_lt(nsc_flow_cursor_parse(&query, text, NSC_CURSOR_TEXT, &error), 0);
	ck_assert_ptr_nonnull(strstr(error.text, "another sort or order"));
	order_by("packets", false, "");
	ck_assert_int_lt(nsc_flow_cursor_parse(&query, text, NSC_CURSOR_TEXT, &error), 0);
	order_by("bytes", false, "");
	query.limit = 10;
	/* any digits behind the head are a place, and a question about it ends */
	for (unsigned round = 0; round < 200; round++) {
		char other[NSC_CURSOR_TEXT + 1];

		memcpy(other, text, sizeof(other));
		for (size_t i = 6; i < NSC_CURSOR_TEXT; i++)
			other[i] = "0123456789abcdef"[(state = state * 6364136223846793005ull + 1) >> 60];
		if (nsc_flow_cursor_parse(&query, other, NSC_CURSOR_TEXT, &error))
			continue;
		taken++;
		ask(rig);
		ck_assert_uint_eq(question.matched, FLOWS);
		ck_assert_uint_le(question.passed + question.n, FLOWS);
	}
	ck_assert_uint_eq(taken, 200);
	text[100] = 'g';
	ck_assert_int_lt(nsc_flow_cursor_parse(&query, text, NSC_CURSOR_TEXT, &error), 0);
	rig_close(rig);
}
END_TEST

CHECK_MAIN("cursor", pages_are_one_answer, pages_that_pass_records_over_are_one_answer, a_row_is_never_behind_itself,
	   what_is_no_cursor)
