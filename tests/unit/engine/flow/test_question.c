/* SPDX-License-Identifier: MIT
 *
 * Questions equal a look at the whole table: every order, any limit, any size of steps; by name too; and while records
 * come and go, those that stay are seen exactly once.
 */
#include "tests/unit/engine/flow/support.h"

#include "tests/unit/engine/check_main.h"

enum { FLOWS = 500 };

static struct nsc_flow_question question;

static struct rig *filled(void)
{
	struct rig *rig = rig_open(rig_options(2 * FLOWS));
	struct rng rng = { .state = 7 };

	for (uint32_t i = 0; i < 4 * FLOWS; i++)
		rig_packet(rig, i < FLOWS ? i : (uint32_t)rng_below(&rng, FLOWS), (unsigned)rng_below(&rng, 2),
			   TEST_EPOCH + i * 1000, 60 + (uint32_t)rng_below(&rng, 5) * 100);
	return rig;
}

static void ask(struct rig *rig, const char *filter, const char *sort, bool ascending, uint32_t limit, uint32_t step)
{
	memset(&question, 0, sizeof(question));
	ck_assert_int_eq(nsc_flow_filter_parse(&question.query.filter, filter, strlen(filter), NULL), 0);
	question.query.sort = nsc_column_find(sort, true);
	question.query.ascending = ascending;
	question.query.limit = limit;
	ck_assert_ptr_nonnull(question.query.sort);
	nsc_flow_table_question_begin(rig->t, &question, TEST_EPOCH + TEST_SECOND);
	while (!nsc_flow_table_question_step(rig->t, &question, step))
		;
}

static int by_query(const void *x, const void *y, void *query)
{
	return nsc_flow_hit_compare(query, x, y);
}

/* All records that match, in order, found without the walk. */
static uint32_t expect(struct rig *rig, struct nsc_flow_hit *hit)
{
	uint32_t n = 0;

	for (uint32_t id = 0; id < rig->t->used; id++) {
		if (!rig->t->hot[id].ip_version)
			continue;
		memset(&hit[n], 0, sizeof(hit[n]));
		flow_record_fill(rig->t, id, &hit[n].record);
		hit[n].moment = (struct nsc_flow_moment){ question.clock_ns, flow_total_bytes(&rig->t->hot[id]) };
		hit[n].known = question.query.sort->value(&hit[n].record, &hit[n].moment, &hit[n].key);
		n += nsc_flow_filter_match(&question.query.filter, &hit[n].record, &hit[n].moment);
	}
	qsort_r(hit, n, sizeof(*hit), by_query, &question.query);
	return n;
}

static void check(struct rig *rig, const char *what)
{
	static struct nsc_flow_hit want[2 * FLOWS];
	uint32_t n = expect(rig, want), shown = NSC_MIN(n, question.query.limit), wrong = 0;

	qsort_r(question.hit, question.n, sizeof(question.hit[0]), by_query, &question.query);
	ck_assert_msg(question.n == shown, "%s: %u hits, wanted %u", what, question.n, shown);
	ck_assert_msg(question.matched == n, "%s: %lu matched, wanted %u", what, (unsigned long)question.matched, n);
	for (uint32_t i = 0; i < shown; i++)
		wrong += memcmp(&question.hit[i].record, &want[i].record, sizeof(want[i].record)) != 0;
	ck_assert_msg(!wrong, "%s: %u rows differ", what, wrong);
}

START_TEST(equal_a_sort_of_the_table)
{
	static const char *const filters[] = { "", "tcp", "ip:6", "bytes>1000", "port:443 !udp", "sctp" };
	static const uint32_t limits[] = { 1, 2, 7, 100, NSC_QUERY_ROWS };
	struct rig *rig = filled();

	for (uint32_t c = 0; c < nsc_column_count; c++) {
		const char *sort = nsc_column_table[c].name, *filter = filters[c % NSC_ARRAY_LEN(filters)];

		if (!nsc_column_table[c].sorts)
			continue;
		for (size_t l = 0; l < NSC_ARRAY_LEN(limits); l++) {
			ask(rig, filter, sort, l % 2, limits[l], 1 + c * 3);
			check(rig, sort);
			ask(rig, "", sort, !(l % 2), limits[l], 16);
			check(rig, sort);
		}
	}
	ck_assert_uint_eq(question.visited, FLOWS);
	ck_assert_uint_eq(question.held, FLOWS);
	rig_close(rig);
}
END_TEST

START_TEST(finds_each_by_its_name)
{
	struct rig *rig = filled();
	struct nsc_flow_record record;
	uint32_t wrong = 0;

	for (uint32_t id = 0; id < rig->t->used; id++) {
		flow_record_fill(rig->t, id, &record);
		for (unsigned turned = 0; turned < 2; turned++) {
			struct nsc_flow_name *name = &question.query.name;

			memset(&question, 0, sizeof(question));
			question.query.by_name = true;
			question.query.limit = 1;
			question.query.sort = nsc_column_find("bytes", true);
			name->proto = record.proto;
			name->ip_version = record.ip_version;
			memcpy(turned ? name->addr_b : name->addr_a, record.addr_a, 16);
			memcpy(turned ? name->addr_a : name->addr_b, record.addr_b, 16);
			name->port_a = turned ? record.port_b : record.port_a;
			name->port_b = turned ? record.port_a : record.port_b;
			nsc_flow_table_question_begin(rig->t, &question, TEST_EPOCH);
			wrong += !nsc_flow_table_question_step(rig->t, &question, 16) || question.n != 1 ||
				 memcmp(&question.hit[0].record, &record, sizeof(record));
		}
	}
	ck_assert_uint_eq(wrong, 0);
	question.query.name.port_a ^= 0x5a5a;
	nsc_flow_table_question_begin(rig->t, &question, TEST_EPOCH);
	ck_assert_uint_eq(question.n, 0);
	rig_close(rig);
}
END_TEST

START_TEST(those_that_ended_are_kept)
{
	enum { KEPT = 100 };
	struct nsc_flow_table_options options = rig_options(2 * FLOWS);
	struct rig *rig;
	const struct nsc_flow_record *newest;
	uint32_t wrong = 0;

	options.ended_kept = KEPT;
	rig = rig_open(options);
	for (uint32_t i = 0; i < FLOWS; i++)
		rig_packet(rig, i, 0, TEST_EPOCH + i, 100 + i);
	for (uint32_t i = 0; i < FLOWS; i += 2)
		rig_packet(rig, i, 0, TEST_EPOCH + 9 * TEST_SECOND, 100);
	for (uint32_t i = 0; i < 60; i++)
		rig_sweep(rig, TEST_EPOCH + 12 * TEST_SECOND + i * TEST_SECOND / 10, true);
	rig_collect(rig);
	ck_assert_uint_eq(rig->records.n, FLOWS / 2);
	newest = rig->records.at + rig->records.n - KEPT;
	ask(rig, "ended:yes", "first_seen", true, NSC_QUERY_ROWS, 7);
	ck_assert_uint_eq(question.matched, KEPT);
	ck_assert_uint_eq(question.ended, KEPT);
	ck_assert_uint_eq(question.visited, KEPT + FLOWS / 2);
	ck_assert_uint_eq(question.held, KEPT + FLOWS / 2);
	for (uint32_t i = 0; i < KEPT; i++)
		wrong += memcmp(&question.hit[i].record, &newest[i], sizeof(newest[i])) != 0;
	ck_assert_uint_eq(wrong, 0);
	ask(rig, "ended:no", "bytes", true, 1, 7);
	ck_assert_uint_eq(question.matched, FLOWS / 2);
	rig_close(rig);
}
END_TEST

/* Half of the flows go on, the others end, new ones take their places while the walk is under way. */
START_TEST(those_that_stay_are_seen_once)
{
	struct nsc_flow_table_options options = rig_options(2 * FLOWS);
	uint32_t seen[2 * FLOWS] = { 0 }, wrong = 0;
	uint64_t clock = TEST_EPOCH;
	struct rig *rig;

	options.ended_kept = FLOWS;
	rig = rig_open(options);
	for (uint32_t i = 0; i < FLOWS; i++)
		rig_packet(rig, i * 8, 0, clock, 100);
	memset(&question, 0, sizeof(question));
	question.query.sort = nsc_column_find("bytes", true);
	question.query.limit = NSC_QUERY_ROWS;
	nsc_flow_table_question_begin(rig->t, &question, clock);
	for (uint32_t round = 0; !nsc_flow_table_question_step(rig->t, &question, 7); round++) {
		clock += TEST_SECOND;
		for (uint32_t i = 0; i < FLOWS; i += 2)
			rig_packet(rig, i * 8, 0, clock, 100);
		rig_packet(rig, (FLOWS + round) * 8, 0, clock, 100);
		rig_sweep(rig, clock, true);
	}
	for (uint32_t i = 0; i < question.n; i++) {
		const struct nsc_flow_record *r = &question.hit[i].record;
		uint32_t number = ((uint32_t)r->addr_a[2] << 8 | r->addr_a[3]);

		wrong += number >= 2 * FLOWS;
		seen[NSC_MIN(number, 2u * FLOWS - 1)]++;
	}
	for (uint32_t i = 0; i < FLOWS; i++)
		wrong += i % 2 ? seen[i] > 1 : seen[i] != 1;
	ck_assert_uint_eq(wrong, 0);
	rig_close(rig);
}
END_TEST

CHECK_MAIN("question", equal_a_sort_of_the_table, finds_each_by_its_name, those_that_ended_are_kept,
	   those_that_stay_are_seen_once)
