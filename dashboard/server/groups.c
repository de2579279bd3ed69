/* SPDX-License-Identifier: MIT
 *
 * Group queries: another walk while there is no room for all groups, then the largest ones. Countries and autonomous
 * systems are looked up here, for the pairs of addresses that workers have added up: a worker looks nothing up.
 */
#include "dashboard/server/groups.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "netscope/geo.h"

struct nsc_group_sums {
	struct nsc_flow_groups all, places; /* of all workers; by country or autonomous system */
	struct nsc_group *row[NSC_GROUPS_ROOM];
	struct nsc_span org[NSC_GROUPS_ROOM]; /* of an autonomous system, by its place in `places` */
	uint64_t recent_start_ns;             /* of the worker that has the first flow; UINT64_MAX: none has one */
	unsigned pass, tries;
	bool agreed; /* workers, where the last minute begins */
};

enum { TRIES_MAX = 16, LAST_SECS = 60 };

struct answer { /* of one query: row[first..end) of n */
	uint32_t n, first, end, proven;
	uint64_t bound;
	bool exact, whole;
};

struct nsc_group_sums *nsc_group_sums_open(void)
{
	return calloc(1, sizeof(struct nsc_group_sums));
}

void nsc_group_sums_close(struct nsc_group_sums *sums)
{
	free(sums);
}

/* --- a query from texts ----------------------------------------------------------------------- */

static bool group_is_place(unsigned by)
{
	return by == NSC_BY_COUNTRY || by == NSC_BY_ASN;
}

static unsigned group_find_kind(struct nsc_span text)
{
	unsigned by = NSC_BY_NONE + 1;

	while (by < NSC_BY_COUNT && !nsc_span_is(text, nsc_group_name(by)))
		by++;
	return by;
}

static unsigned group_find_measure(struct nsc_span text)
{
	unsigned measure = 0;

	while (text.length && measure < NSC_MEASURE_COUNT && !nsc_span_is(text, nsc_measure_name(measure)))
		measure++;
	return measure;
}

/* What `next` of an answer says: how many rows stand before those that are asked for. */
static int group_parse_after(struct nsc_flow_query *query, struct nsc_span text)
{
	uint32_t after = 0;

	for (size_t i = 0; i < text.length; i++) {
		if (text.text[i] < '0' || text.text[i] > '9' || after > NSC_GROUPS_ROOM)
			return -EINVAL;
		after = after * 10 + (uint32_t)(text.text[i] - '0');
	}
	query->group_after = after;
	return after > NSC_GROUPS_ROOM ? -EINVAL : 0;
}

int nsc_group_query_parse(struct nsc_flow_query *query, const struct nsc_query_text *text, struct nsc_error *error)
{
	unsigned by = group_find_kind(text->by), measure = group_find_measure(text->sort);

	if (by == NSC_BY_COUNT && !text->by.length)
		return nsc_fail(error, -EINVAL, "by is missing: host, port, name, app or another one of hello.groups");
	if (by == NSC_BY_COUNT)
		return nsc_fail(error, -EINVAL, "by: flows are not grouped by '%.*s', but by those of hello.groups",
				(int)NSC_MIN(text->by.length, (size_t)64), text->by.text);
	if (group_is_place(by) && !nsc_geo_files)
		return nsc_fail(error, -EINVAL, "by: %s is known only with --geoip", nsc_group_name(by));
	if (measure == NSC_MEASURE_COUNT)
		return nsc_fail(error, -EINVAL, "sort is bytes, packets or flows, not '%.*s'",
				(int)NSC_MIN(text->sort.length, (size_t)64), text->sort.text);
	if (text->last && text->last != LAST_SECS)
		return nsc_fail(error, -EINVAL, "last is %u, for the last minute, or absent", LAST_SECS);
	if (text->last && measure == NSC_MEASURE_PACKETS)
		return nsc_fail(error, -EINVAL, "sort is bytes or flows with last: packets of a minute are not known");
	if (group_parse_after(query, text->after))
		return nsc_fail(error, -EINVAL, "after: no answer to query_groups has '%.*s' as next",
				(int)NSC_MIN(text->after.length, (size_t)64), text->after.text);
	query->recent = text->last != 0;
	query->group_by = (uint8_t)by;
	query->group_measure = (uint8_t)measure;
	query->group_column = nsc_group_column(by);
	return 0;
}

/* --- walks ------------------------------------------------------------------------------------ */

void nsc_group_sums_begin(struct nsc_group_sums *sums, const uint64_t *guess)
{
	sums->pass = 1;
	sums->tries = 0;
	nsc_groups_clear(&sums->all, sums->pass, NULL);
	if (guess)
		nsc_groups_guess(&sums->all, guess);
}

const uint64_t *nsc_group_sums_wanted(const struct nsc_group_sums *sums)
{
	return sums->all.wanted;
}

void nsc_group_sums_ask(const struct nsc_group_sums *sums, struct nsc_flow_question *question)
{
	nsc_groups_clear(&question->groups, sums->pass, &sums->all);
}

/* Whether the last minute begins in the same span for all workers. One that lags behind is asked again. */
static bool group_sums_agree(struct nsc_group_sums *sums, struct nsc_flow_question *const *question, uint32_t n)
{
	uint64_t least = UINT64_MAX, most = 0;

	sums->recent_start_ns = UINT64_MAX;
	for (uint32_t i = 0; i < n; i++) {
		if (question[i]->recent_start_ns == UINT64_MAX)
			continue;
		least = NSC_MIN(least, question[i]->span);
		most = NSC_MAX(most, question[i]->span);
		sums->recent_start_ns = NSC_MIN(sums->recent_start_ns, question[i]->recent_start_ns);
	}
	return least >= most;
}

bool nsc_group_sums_collect(struct nsc_group_sums *sums, struct nsc_flow_question *const *question, uint32_t n)
{
	const struct nsc_flow_query *query = &question[0]->query;
	bool ends = query->group_by == NSC_BY_HOST || query->group_by == NSC_BY_NET24;

	sums->agreed = !query->recent || group_sums_agree(sums, question, n);
	if (!sums->agreed && sums->tries++ < TRIES_MAX)
		return true;
	for (uint32_t i = 0; i < n; i++)
		nsc_groups_join(&sums->all, &question[i]->groups);
	sums->pass++;
	return nsc_groups_again(&sums->all, sums->pass, sums->all.total.flows << ends);
}

/* --- places ----------------------------------------------------------------------------------- */

/* Two letters or a number; 0 = not known. */
static uint64_t group_place_of(const struct nsc_group_key *pair, bool second, unsigned by, struct nsc_geo *geo)
{
	uint64_t half[2] = { htobe64(pair->word[second ? 3 : 1]), htobe64(pair->word[second ? 4 : 2]) };

	nsc_geo_find((const uint8_t *)half, (unsigned)pair->word[0], geo);
	return by == NSC_BY_ASN ? geo->asn : nsc_geo_country_number(geo);
}

static void group_place_add(struct nsc_group_sums *sums, uint64_t place, const struct nsc_geo *geo,
			    const struct nsc_group *pair, const uint32_t *rtt, bool turned)
{
	struct nsc_group_key key = { .word = { place } };
	struct nsc_group *group;

	key.hash = place * 0x9e3779b97f4a7c15; /* of the table's upper bits; nobody can choose places */
	key.hash ^= key.hash >> 32;
	group = place ? nsc_groups_find(&sums->places, &key) : NULL;
	if (!group)
		return;
	nsc_group_add(group, pair, turned);
	if (pair->rtt_flows)
		nsc_groups_add_rtt(&sums->places, group, rtt);
	sums->org[group - sums->places.group] = (struct nsc_span){ geo->as_org, geo->as_org_length };
}

/* A pair within one place counts once in it. */
static void group_place_pair(struct nsc_group_sums *sums, unsigned by, const struct nsc_group *pair)
{
	struct nsc_geo geo[2];
	uint64_t first = group_place_of(&pair->key, false, by, &geo[0]);
	uint64_t second = group_place_of(&pair->key, true, by, &geo[1]);
	const uint32_t *rtt = nsc_groups_rtt(&sums->all, pair);
	struct nsc_group both = *pair;

	if (!first && !second) {
		sums->places.without.flows += pair->flows;
		sums->places.without.packets += pair->packets;
		sums->places.without.bytes += pair->bytes;
	}
	if (first == second) {
		both.sent_packets = both.received_packets = pair->packets;
		both.sent_bytes = both.received_bytes = pair->bytes;
		group_place_add(sums, first, &geo[0], &both, rtt, false);
		return;
	}
	group_place_add(sums, first, &geo[0], pair, rtt, false);
	group_place_add(sums, second, &geo[1], pair, rtt, true);
}

static uint32_t group_places(struct nsc_group_sums *sums, const struct nsc_flow_query *query)
{
	uint32_t n = nsc_groups_rank(&sums->all, query->group_measure, sums->row);

	nsc_groups_clear(&sums->places, NSC_GROUPS_PASSES, NULL);
	for (uint32_t i = 0; i < n; i++)
		group_place_pair(sums, query->group_by, sums->row[i]);
	sums->all.without = sums->places.without;
	return nsc_groups_rank(&sums->places, query->group_measure, sums->row);
}

/* --- how exact -------------------------------------------------------------------------------- */

static uint64_t group_at(const struct nsc_group_sums *sums, const struct answer *a, uint32_t i, unsigned measure)
{
	return i < a->n ? nsc_group_measure(sums->row[i], measure) : 0;
}

/* Groups of flows: those that were left out have at most `rest.most`. Places: each may lack what was left out. */
static void group_answer(struct nsc_group_sums *sums, const struct nsc_flow_query *query, struct answer *a)
{
	struct nsc_groups_rest rest = nsc_groups_rest(&sums->all);
	bool place = group_is_place(query->group_by);
	unsigned measure = query->group_measure;
	uint64_t next;

	a->n = place ? group_places(sums, query) : nsc_groups_rank(&sums->all, measure, sums->row);
	a->whole = rest.none;
	a->first = NSC_MIN(a->n, query->group_after);
	a->end = NSC_MIN(a->n, a->first + query->limit);
	for (a->proven = 0; a->proven < a->end; a->proven++) {
		uint64_t least = place ? group_at(sums, a, a->proven + 1, measure) + rest.all : rest.most;

		if (!rest.none && group_at(sums, a, a->proven, measure) <= least)
			break;
	}
	next = group_at(sums, a, a->end, measure);
	a->bound = place ? next + rest.all : NSC_MAX(next, rest.most);
	a->proven -= NSC_MIN(a->proven, a->first);
	a->exact = sums->agreed && (rest.none || (!place && a->proven == query->limit));
}

/* Where the next rows begin, and how many groups are known behind these. */
static void show_group_next(const struct answer *a, struct nsc_json *json)
{
	char next[16];

	snprintf(next, sizeof(next), "%u", a->end);
	nsc_json_add_u64(json, "before", a->first);
	nsc_json_add_text(json, "next", a->end < a->n ? next : NULL);
	nsc_json_add_u64(json, "more", a->n - a->end);
}

/* --- the answer ------------------------------------------------------------------------------- */

static void show_group_sum(struct nsc_json *json, const char *name, const struct nsc_group_sum *sum, bool recent)
{
	nsc_json_add_open(json, name, '{');
	nsc_json_add_u64(json, "flows", sum->flows);
	nsc_json_add_u64(json, "packets", recent ? NSC_UNKNOWN : sum->packets);
	nsc_json_add_u64(json, "bytes", sum->bytes);
	nsc_json_close(json, '}');
}

static void show_group(const struct nsc_group_sums *sums, const struct nsc_flow_query *query,
		       const struct nsc_group *group, struct nsc_json *json)
{
	const struct nsc_flow_groups *of = group_is_place(query->group_by) ? &sums->places : &sums->all;
	struct nsc_group_more more = { .rtt = nsc_groups_rtt(of, group) };

	if (query->group_by == NSC_BY_ASN)
		more.org = sums->org[group - of->group];
	nsc_show_group(json, query, group, &more);
}

static void show_group_window(const struct nsc_group_sums *sums, bool recent, uint64_t clock_ns, struct nsc_json *json)
{
	nsc_json_add_u64(json, "last", recent ? LAST_SECS : NSC_UNKNOWN);
	nsc_json_key(json, "window");
	if (!recent) {
		nsc_json_null(json);
		return;
	}
	nsc_json_open(json, '{');
	nsc_json_add_time(json, "from", NSC_MIN(sums->recent_start_ns, clock_ns));
	nsc_json_add_time(json, "to", clock_ns);
	nsc_json_close(json, '}');
}

void nsc_group_sums_show(struct nsc_group_sums *sums, const struct nsc_flow_query *query, uint64_t clock_ns,
			 struct nsc_json *json)
{
	struct answer answer;

	group_answer(sums, query, &answer);
	show_group_window(sums, query->recent, clock_ns, json);
	nsc_json_add_bool(json, "exact", answer.exact);
	nsc_json_add_u64(json, "proven", answer.proven);
	nsc_json_add_u64(json, "bound", answer.bound);
	nsc_json_add_u64(json, "groups", answer.whole ? answer.n : NSC_UNKNOWN);
	show_group_next(&answer, json);
	show_group_sum(json, "total", &sums->all.total, query->recent);
	show_group_sum(json, "without", &sums->all.without, query->recent);
	nsc_json_add_open(json, "rows", '[');
	for (uint32_t i = answer.first; i < answer.end; i++)
		show_group(sums, query, sums->row[i], json);
	nsc_json_close(json, ']');
}

void nsc_show_group_kinds(struct nsc_json *json)
{
	nsc_json_add_open(json, "groups", '[');
	for (unsigned by = NSC_BY_NONE + 1; by < NSC_BY_COUNT; by++)
		nsc_json_text(json, nsc_group_name(by));
	nsc_json_close(json, ']');
}
