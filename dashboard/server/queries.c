/* SPDX-License-Identifier: MIT
 *
 * One question for each worker is under way or at rest here. When all have come back, their best hits are sorted
 * together.
 */
#include "dashboard/server/group_cache.h"
#include "dashboard/server/groups.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	RECORDS_A_STEP = 8192, /* looked at here, once the workers have ended */
	CURSOR_EACH = 32,      /* rows */
};

#define RANKED_NS (10ull * NSC_NS_PER_SEC)

struct query_totals { /* of all workers */
	uint64_t clock_ns, held, ended, visited, matched;
};

struct query_ranked { /* what `sums` holds: pages of it need no walk */
	struct nsc_group_question question;
	struct query_totals totals;
	uint64_t made_ns, cost_ns;
	bool there, at_end; /* at_end: of tables that stand still */
};

struct nsc_queries {
	uint32_t workers;
	struct nsc_flow_search *first; /* line of those that wait */
	uint32_t waiting;
	struct nsc_flow_search *running; /* whose query runs; NULL: it was cancelled, or none runs */
	bool runs;
	struct nsc_flow_question *question[NSC_WORKERS_MAX]; /* here; NULL: with the worker */
	struct nsc_group_sums *sums;                         /* of the group query that runs, or ran last */
	struct query_ranked ranked;
	struct nsc_group_cache cache;
	uint64_t cycles; /* that workers had spent on queries when it began */
	const struct nsc_flow_hit *hits[NSC_WORKERS_MAX * NSC_QUERY_ROWS_MOST];
};

/* --- a query from texts ----------------------------------------------------------------------- */

static const struct nsc_column *query_sort_column(struct nsc_span sort)
{
	if (!sort.length)
		return nsc_column_find("bytes", true);
	return strlen(sort.text) == sort.length ? nsc_column_find(sort.text, true) : NULL;
}

static int query_parse_order(struct nsc_flow_query *query, const struct nsc_query_text *text, struct nsc_error *error)
{
	query->group_by = NSC_BY_NONE;
	query->sort = query_sort_column(text->sort);
	query->ascending = nsc_span_is(text->order, "asc");
	query->by_name = text->key.length != 0;
	if (!query->sort)
		return nsc_fail(error, -EINVAL, "sort: no such key: '%.*s'",
				(int)NSC_MIN(text->sort.length, (size_t)64), text->sort.text);
	if (text->order.length && !query->ascending && !nsc_span_is(text->order, "desc"))
		return nsc_fail(error, -EINVAL, "order is asc or desc, not '%.*s'",
				(int)NSC_MIN(text->order.length, (size_t)64), text->order.text);
	return 0;
}

static int query_parse(struct nsc_flow_query *query, const struct nsc_query_text *text, struct nsc_error *error)
{
	int status;

	*query = (struct nsc_flow_query){ .limit = (uint32_t)NSC_MIN(text->limit, (uint64_t)NSC_QUERY_ROWS) };
	status = text->groups ? nsc_group_query_parse(query, text, error) : query_parse_order(query, text, error);
	if (status)
		return status;
	if (!text->limit || text->limit > NSC_QUERY_ROWS)
		return nsc_fail(error, -EINVAL, "limit is a whole number from 1 to %d", NSC_QUERY_ROWS);
	if (text->after.length && !text->groups && !query->by_name)
		status = nsc_flow_cursor_parse(query, text->after.text, text->after.length, error);
	if (status)
		return status;
	if (query->by_name)
		return nsc_flow_name_parse(&query->name, text->key.text, text->key.length, error);
	return nsc_flow_filter_parse(&query->filter, text->filter.text, text->filter.length, error);
}

/* --- the line --------------------------------------------------------------------------------- */

int nsc_queries_open(struct nsc_web *web, struct nsc_error *error)
{
	struct nsc_queries *q = calloc(1, sizeof(*q));

	if (!q || !(q->sums = nsc_group_sums_open())) {
		free(q);
		return nsc_fail(error, -ENOMEM, "no memory for flow queries");
	}
	while (q->workers < NSC_WORKERS_MAX && (q->question[q->workers] = nsc_engine_question(web->engine, q->workers)))
		q->workers++;
	web->queries = q;
	return 0;
}

void nsc_queries_close(struct nsc_web *web)
{
	if (web->queries) {
		nsc_group_sums_close(web->queries->sums);
		nsc_group_cache_clear(&web->queries->cache);
	}
	free(web->queries);
	web->queries = NULL;
}

int nsc_queries_wait(struct nsc_web *web, struct nsc_flow_search *search, struct nsc_error *error)
{
	struct nsc_queries *q = web->queries;
	struct nsc_flow_search **at = &q->first;

	if (q->waiting == NSC_QUERIES_WAITING)
		return nsc_fail(error, -EBUSY, "too many flow queries wait: ask again");
	while (*at)
		at = &(*at)->next;
	*at = search;
	search->next = NULL;
	search->waits = true;
	search->since_ns = nsc_monotonic_ns();
	q->waiting++;
	return 0;
}

int nsc_queries_ask(struct nsc_web *web, struct nsc_flow_search *search, const struct nsc_query_text *text,
		    struct nsc_error *error)
{
	int status = query_parse(&search->query, text, error);

	if (status)
		return status;
	snprintf(search->filter, sizeof(search->filter), "%.*s", (int)text->filter.length, text->filter.text);
	return nsc_queries_wait(web, search, error);
}

int nsc_queries_ask_after(struct nsc_web *web, struct nsc_flow_search *search, const struct nsc_flow_hit *hit,
			  struct nsc_error *error)
{
	search->query.follows = true;
	search->query.rows_only = search->query.ascending && search->query.sort == nsc_column_find("first_seen", true);
	search->query.after = *hit;
	return nsc_queries_wait(web, search, error);
}

void nsc_queries_cancel(struct nsc_web *web, struct nsc_flow_search *search)
{
	struct nsc_queries *q = web->queries;

	if (search->runs)
		q->running = NULL;
	for (struct nsc_flow_search **at = &q->first; search->waits && *at; at = &(*at)->next) {
		if (*at != search)
			continue;
		*at = search->next;
		q->waiting--;
		break;
	}
	search->waits = search->runs = false;
}

static void query_end(struct nsc_web *web, struct nsc_flow_search *search)
{
	nsc_queries_cancel(web, search);
	search->done(search, NULL);
}

void nsc_queries_end(struct nsc_web *web)
{
	struct nsc_queries *q = web->queries;

	if (q->running)
		query_end(web, q->running);
	for (uint32_t i = 0; q->first && i < NSC_QUERIES_WAITING; i++)
		query_end(web, q->first);
}

/* --- answers ---------------------------------------------------------------------------------- */

static int query_compare_hits(const void *x, const void *y, void *query)
{
	return nsc_flow_hit_compare(query, *(const struct nsc_flow_hit *const *)x,
				    *(const struct nsc_flow_hit *const *)y);
}

static uint32_t query_merge(struct nsc_queries *q, struct nsc_flow_query *query)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < q->workers; i++)
		for (uint32_t j = 0; j < q->question[i]->n; j++)
			q->hits[n++] = &q->question[i]->hit[j];
	qsort_r(q->hits, n, sizeof(q->hits[0]), query_compare_hits, query);
	return NSC_MIN(n, query->limit);
}

static void query_add_row(struct nsc_json *json, const struct nsc_flow_hit *hit)
{
	nsc_json_open(json, '{');
	nsc_json_add_u64(json, "worker", hit->worker);
	nsc_json_add_u64(json, "tick_bytes", hit->moment.tick_bytes);
	nsc_show_flow(json, &hit->record);
	nsc_json_close(json, '}');
}

static struct query_totals query_totals(const struct nsc_queries *q)
{
	struct query_totals all = { 0 };

	for (uint32_t i = 0; i < q->workers; i++) {
		const struct nsc_flow_question *question = q->question[i];

		all.clock_ns = NSC_MAX(all.clock_ns, question->clock_ns);
		all.held += question->held;
		all.ended += question->ended;
		all.visited += question->visited;
		all.matched += question->matched;
	}
	return all;
}

static void query_add_totals(const struct query_totals *all, struct nsc_json *json)
{
	nsc_json_add_time(json, "clock", all->clock_ns);
	nsc_json_add_u64(json, "held", all->held);
	nsc_json_add_u64(json, "ended", all->ended);
	nsc_json_add_u64(json, "visited", all->visited);
	nsc_json_add_u64(json, "matched", all->matched);
}

/* Behind every CURSOR_EACH-th row, and behind the last one if there is more: where another page may begin. */
static void query_add_cursors(const struct nsc_queries *q, const struct nsc_flow_query *query, uint32_t n, bool more,
			      struct nsc_json *json)
{
	char text[NSC_CURSOR_TEXT + 1];

	nsc_json_add_open(json, "cursors", '[');
	for (uint32_t i = CURSOR_EACH; !query->by_name && i < n; i += CURSOR_EACH) {
		nsc_flow_cursor_write(text, query, q->hits[i - 1]);
		nsc_json_text(json, text);
	}
	nsc_json_close(json, ']');
	more = more && !query->by_name;
	if (more)
		nsc_flow_cursor_write(text, query, q->hits[n - 1]);
	nsc_json_add_text(json, "next", more ? text : NULL);
}

/* How many matching flows come after the cursor, and no later than it. */
static uint64_t query_left(const struct nsc_queries *q, uint64_t *before)
{
	uint64_t left = 0;

	*before = 0;
	for (uint32_t i = 0; i < q->workers; i++) {
		*before += q->question[i]->passed;
		left += q->question[i]->matched - q->question[i]->passed;
	}
	return left;
}

static void query_add_flows(struct nsc_queries *q, struct nsc_flow_query *query, struct nsc_json *json)
{
	uint32_t n = query_merge(q, query);
	uint64_t before, left = query_left(q, &before);

	nsc_json_add_u64(json, "before", before);
	query_add_cursors(q, query, n, n && left > n, json);
	nsc_json_add_open(json, "flows", '[');
	for (uint32_t i = 0; i < n; i++)
		query_add_row(json, q->hits[i]);
	nsc_json_close(json, ']');
}

static void query_begin_answer(struct nsc_json *json, struct nsc_flow_search *search)
{
	nsc_json_init(json, NSC_WEB_BODY_MAX);
	nsc_json_open(json, '{');
	if (search->begin)
		search->begin(search, json);
}

static void query_end_answer(struct nsc_json *json, struct nsc_flow_search *search)
{
	nsc_json_close(json, '}');
	search->runs = search->waits = false;
	search->done(search, json);
}

static void query_add_took(struct nsc_json *json, const struct nsc_flow_search *search)
{
	nsc_json_add_bool(json, "complete", true);
	nsc_json_add_fixed(json, "took_ms", (double)(nsc_monotonic_ns() - search->since_ns) / 1e6, 3);
}

static void query_answer_flows(struct nsc_queries *q, struct nsc_flow_search *search)
{
	struct query_totals totals = query_totals(q);
	struct nsc_json json;

	query_begin_answer(&json, search);
	nsc_json_add_text(&json, "filter", search->filter);
	nsc_json_add_text(&json, "sort", search->query.sort->name);
	nsc_json_add_text(&json, "order", search->query.ascending ? "asc" : "desc");
	nsc_json_add_u64(&json, "limit", search->query.limit);
	query_add_totals(&totals, &json);
	query_add_took(&json, search);
	query_add_flows(q, &search->query, &json);
	query_end_answer(&json, search);
}

static void query_give_rows(struct nsc_queries *q, struct nsc_flow_search *search)
{
	uint32_t n = query_merge(q, &search->query);
	uint64_t before, left = query_left(q, &before);

	left = search->query.rows_only ? n == search->query.limit : left - NSC_MIN(left, n);
	search->runs = search->waits = false;
	search->rows(search, q->hits, n, left);
}

/* --- groups: an answer may be given again ----------------------------------------------------- */

static struct nsc_group_question query_group_question(const struct nsc_flow_search *search)
{
	struct nsc_group_question question = { .limit = search->query.limit,
					       .after = search->query.group_after,
					       .by = search->query.group_by,
					       .measure = search->query.group_measure,
					       .recent = search->query.recent };

	memcpy(question.filter, search->filter, sizeof(question.filter));
	return question;
}

static void query_give_groups(struct nsc_flow_search *search, const char *members, size_t length, uint64_t age_ns)
{
	struct nsc_json json;

	query_begin_answer(&json, search);
	query_add_took(&json, search);
	nsc_json_add_fixed(&json, "age_ms", (double)age_ns / 1e6, 3);
	nsc_json_raw_members(&json, members, length);
	query_end_answer(&json, search);
}

static bool query_is_at_end(const struct nsc_web *web)
{
	return web->seen == NSC_WEB_ENDED || web->seen == NSC_WEB_FAILED;
}

static uint64_t query_cycles(const struct nsc_web *web)
{
	struct nsc_counters totals;

	nsc_engine_totals(web->engine, &totals);
	return totals.value[NSC_C_CYCLES_QUERY];
}

/* Of one worker, since the query began; 0 when nobody knows, or no worker has to be spared. */
static uint64_t query_cost_ns(const struct nsc_web *web)
{
	const struct nsc_queries *q = web->queries;
	double cycles = (double)(query_cycles(web) - q->cycles) / q->workers;

	if (query_is_at_end(web) || !(web->view->tsc_hz > 0))
		return 0;
	return (uint64_t)(cycles / web->view->tsc_hz * (double)NSC_NS_PER_SEC);
}

/* Rows of what `sums` holds. */
static void query_answer_ranked(struct nsc_web *web, struct nsc_flow_search *search)
{
	struct nsc_queries *q = web->queries;
	const struct query_ranked *ranked = &q->ranked;
	const struct nsc_flow_query *query = &search->query;
	struct nsc_group_question question = query_group_question(search);
	struct nsc_json json;

	nsc_json_init(&json, NSC_WEB_BODY_MAX);
	nsc_json_add_text(&json, "by", nsc_group_name(query->group_by));
	nsc_json_add_text(&json, "filter", search->filter);
	nsc_json_add_text(&json, "sort", nsc_measure_name(query->group_measure));
	nsc_json_add_u64(&json, "limit", query->limit);
	query_add_totals(&ranked->totals, &json);
	nsc_group_sums_show(q->sums, query, ranked->totals.clock_ns, &json);
	if (json.out.full) { /* done says so */
		query_end_answer(&json, search);
		return;
	}
	nsc_group_cache_keep(&q->cache, &question, json.out.data, json.out.length, nsc_group_sums_wanted(q->sums),
			     ranked->cost_ns, ranked->made_ns);
	query_give_groups(search, json.out.data, json.out.length, nsc_monotonic_ns() - ranked->made_ns);
	nsc_json_free(&json);
}

static void query_answer_groups(struct nsc_web *web, struct nsc_flow_search *search)
{
	struct nsc_queries *q = web->queries;

	q->ranked = (struct query_ranked){ .question = query_group_question(search),
					   .totals = query_totals(q),
					   .made_ns = nsc_monotonic_ns(),
					   .cost_ns = query_cost_ns(web),
					   .there = true,
					   .at_end = query_is_at_end(web) };
	query_answer_ranked(web, search);
}

/* Pages that are asked one after the other are of one ranking: each group is in one of them. Where traffic goes on, for
 * as long as an answer is given again, and RANKED_NS at least; the first page is asked for to see what is new. */
static bool query_is_ranked(const struct nsc_web *web, const struct nsc_group_question *question)
{
	const struct query_ranked *ranked = &web->queries->ranked;
	uint64_t age_ns = nsc_monotonic_ns() - ranked->made_ns;

	if (!ranked->there || !nsc_group_question_alike(&ranked->question, question))
		return false;
	if (query_is_at_end(web))
		return ranked->at_end;
	return question->after && age_ns < NSC_MAX(ranked->cost_ns * NSC_GROUP_CACHE_SHARE, RANKED_NS);
}

static bool query_answer_again(struct nsc_web *web, struct nsc_flow_search *search)
{
	struct nsc_group_question question = query_group_question(search);
	uint64_t now_ns = nsc_monotonic_ns();
	const struct nsc_group_kept *kept = nsc_group_cache_find(&web->queries->cache, &question, now_ns);

	if (query_is_ranked(web, &question))
		query_answer_ranked(web, search);
	else if (kept && !query_is_at_end(web))
		query_give_groups(search, kept->text, kept->length, now_ns - kept->made_ns);
	else
		return false;
	return true;
}

static bool query_collect(struct nsc_web *web)
{
	struct nsc_queries *q = web->queries;
	bool all = true;

	if (query_is_at_end(web))
		nsc_engine_questions_step(web->engine, RECORDS_A_STEP);
	for (uint32_t i = 0; i < q->workers; i++) {
		if (!q->question[i])
			q->question[i] = nsc_engine_question(web->engine, i);
		all &= q->question[i] != NULL;
	}
	return all;
}

static void query_send(struct nsc_web *web, const struct nsc_flow_query *query)
{
	struct nsc_queries *q = web->queries;

	for (uint32_t i = 0; i < q->workers; i++) {
		q->question[i]->query = *query;
		if (query->group_by)
			nsc_group_sums_ask(q->sums, q->question[i]);
		if (query->hosts)
			nsc_hosts_question(&web->hosts, &q->question[i]->hosts);
		nsc_engine_question_send(web->engine, i, q->question[i]);
		q->question[i] = NULL;
	}
}

/* After the input's end there is time for every walk, and an answer depends on nothing that was asked before. */
static void query_begin_groups(struct nsc_web *web, const struct nsc_flow_search *search)
{
	struct nsc_queries *q = web->queries;
	struct nsc_group_question question = query_group_question(search);

	q->ranked.there = false;
	nsc_group_sums_begin(q->sums, !query_is_at_end(web) ? nsc_group_cache_guess(&q->cache, &question) : NULL);
	q->cycles = query_cycles(web);
}

static void query_start(struct nsc_web *web)
{
	struct nsc_queries *q = web->queries;
	struct nsc_flow_search *search = q->first;

	q->first = search->next;
	q->waiting--;
	if (search->query.group_by && query_answer_again(web, search))
		return;
	q->running = search;
	q->runs = true;
	search->waits = false;
	search->runs = true;
	if (search->query.group_by) {
		query_begin_groups(web, search);
	}
	query_send(web, &search->query);
}

/* All questions are back. Groups that found no room are asked for again, in another walk. */
static void query_finish(struct nsc_web *web)
{
	struct nsc_queries *q = web->queries;
	struct nsc_flow_search *search = q->running;

	if (search && search->query.group_by && nsc_group_sums_collect(q->sums, q->question, q->workers)) {
		query_send(web, &search->query);
		return;
	}
	q->runs = false;
	q->running = NULL;
	if (search && search->query.hosts) {
		search->runs = false;
		nsc_web_take_hosts(web, q->question, q->workers);
	} else if (search && search->query.group_by)
		query_answer_groups(web, search);
	else if (search && search->rows)
		query_give_rows(q, search);
	else if (search)
		query_answer_flows(q, search);
}

bool nsc_queries_step(struct nsc_web *web)
{
	struct nsc_queries *q = web->queries;
	bool answers = q->runs && query_collect(web);

	if (answers)
		query_finish(web);
	for (uint32_t i = 0; !q->runs && q->first && i < NSC_QUERIES_WAITING; i++)
		query_start(web);
	return q->runs || answers;
}
