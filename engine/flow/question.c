/* SPDX-License-Identifier: MIT
 *
 * Questions from the dashboard: a walk over the records that the sweep pays for in small steps, or one look into the
 * index. The best `limit` of what matches are kept in a heap of places, so that a hit is copied once and never moved.
 */
#include "engine/decode/key.h"
#include "engine/decode/numbers.h"
#include "engine/flow/internal.h"
#include "netscope/heap.h"

enum {
	AHEAD = 16, /* records */
	/* records that are passed over in the time of one that is looked at: 16 bytes of each are read in order, or a
	 * line of each that has ended */
	PASSED = 32,
	PASSED_ENDED = 4,
};

static int question_compare_values(const struct nsc_flow_key_value *x, const struct nsc_flow_key_value *y)
{
	for (unsigned i = 0; i < NSC_ARRAY_LEN(x->word); i++)
		if (x->word[i] != y->word[i])
			return x->word[i] < y->word[i] ? -1 : 1;
	return 0;
}

int nsc_flow_hit_compare(const struct nsc_flow_query *query, const struct nsc_flow_hit *x, const struct nsc_flow_hit *y)
{
	int order;

	if (x->known != y->known)
		return x->known ? -1 : 1;
	order = x->known ? question_compare_values(&x->key, &y->key) : 0;
	if (order)
		return query->ascending ? order : -order;
	return nsc_flow_record_compare(&x->record, &y->record);
}

/* --- the heap --------------------------------------------------------------------------------- */

static bool question_worse(const struct nsc_flow_question *q, uint16_t x, uint16_t y)
{
	return nsc_flow_hit_compare(&q->query, &q->hit[x], &q->hit[y]) > 0;
}

#define QUESTION_WORSE(q, x, y) question_worse(q, x, y)
NSC_HEAP(question_heap, uint16_t, const struct nsc_flow_question *, QUESTION_WORSE)

static void question_keep(struct nsc_flow_question *q, const struct nsc_flow_hit *hit)
{
	if (q->n < q->query.limit) {
		q->hit[q->n] = *hit;
		q->heap[q->n] = (uint16_t)q->n;
		question_heap_up(q, q->heap, q->n++);
		return;
	}
	if (nsc_flow_hit_compare(&q->query, hit, &q->hit[q->heap[0]]) >= 0)
		return;
	q->hit[q->heap[0]] = *hit;
	question_heap_down(q, q->heap, q->n, 0);
}

/* --- rows in the order of their first packets: most records are none of this page's ----------- */

static bool question_passes_over(const struct nsc_flow_question *q, uint64_t first_seen_ns)
{
	const struct nsc_flow_query *query = &q->query;

	return first_seen_ns < query->after.record.first_seen_ns ||
	       (q->n == query->limit && first_seen_ns > q->hit[q->heap[0]].record.first_seen_ns);
}

/* How many records from the next on are passed over, at most so many. */
static uint32_t question_pass_table(const struct nsc_flow_table *t, const struct nsc_flow_question *q, uint32_t most)
{
	uint32_t n = 0;

	while (n < most && q->next + n < q->end && question_passes_over(q, t->cold[q->next + n].first_seen_ns))
		n++;
	return n;
}

static uint32_t question_pass_ended(const struct nsc_flow_table *t, const struct nsc_flow_question *q, uint32_t most)
{
	uint32_t n = 0;

	while (n < most && q->ended_next + n < q->ended_end &&
	       question_passes_over(q, t->ended[(q->ended_next + n) % t->ended_room].first_seen_ns))
		n++;
	return n;
}

/* --- the walk --------------------------------------------------------------------------------- */

static void question_fill(const struct nsc_flow_table *t, uint32_t id, const struct nsc_flow_question *q,
			  struct nsc_flow_hit *hit)
{
	const struct flow_hot *hot = &t->hot[id];

	flow_record_fill(t, id, &hit->record);
	hit->moment.clock_ns = q->clock_ns;
	hit->moment.tick_bytes = hot->last_clock_ns >= t->tick_start_ns ? flow_total_bytes(hot) - hot->tick_base : 0;
	if (q->query.recent)
		hit->is_recent =
			flow_recent_bytes(t, &t->recent[id], hot->last_clock_ns, hot->bytes, hit->recent_bytes);
}

bool flow_is_named(const struct nsc_flow_name *name, const struct nsc_flow_record *r)
{
	bool there = name->port_a == r->port_a && name->port_b == r->port_b &&
		     !memcmp(name->addr_a, r->addr_a, sizeof(r->addr_a)) &&
		     !memcmp(name->addr_b, r->addr_b, sizeof(r->addr_b));
	bool back = name->port_a == r->port_b && name->port_b == r->port_a &&
		    !memcmp(name->addr_a, r->addr_b, sizeof(r->addr_b)) &&
		    !memcmp(name->addr_b, r->addr_a, sizeof(r->addr_a));

	return name->proto == r->proto && name->ip_version == r->ip_version && (there || back);
}

static bool question_matches(const struct nsc_flow_question *q, const struct nsc_flow_hit *hit)
{
	return q->query.by_name ? flow_is_named(&q->query.name, &hit->record)
				: nsc_flow_filter_match(&q->query.filter, &hit->record, &hit->moment);
}

static void question_take(const struct nsc_flow_table *t, struct nsc_flow_question *q, struct nsc_flow_hit *hit)
{
	if ((q->query.recent && !hit->is_recent) || !question_matches(q, hit))
		return;
	q->matched++;
	if (q->query.group_by) {
		flow_groups_take(q, &t->seed, hit);
		return;
	}
	hit->known = q->query.sort->value(&hit->record, &hit->moment, &hit->key);
	if (q->query.follows && nsc_flow_hit_passed(&q->query, hit))
		q->passed++;
	else
		question_keep(q, hit);
}

static void question_look_at(const struct nsc_flow_table *t, uint32_t id, struct nsc_flow_question *q)
{
	struct nsc_flow_hit hit = { .worker = q->worker };

	q->visited++;
	if (q->query.recent && t->hot[id].last_clock_ns < t->recent_start_ns)
		return;
	question_fill(t, id, q, &hit);
	question_take(t, q, &hit);
}

/* Between two steps packets have pushed the records out of the cache. Without this, waiting for them is a third of a
 * walk's time. */
static void question_prefetch(const struct nsc_flow_table *t, uint32_t id)
{
	if (id < t->used)
		flow_record_prefetch(t, id);
}

/* The oldest that is still there; those that end meanwhile may have written over some. */
static uint64_t question_oldest_ended(const struct nsc_flow_table *t)
{
	return t->n_ended > t->ended_room ? t->n_ended - t->ended_room : 0;
}

static void question_look_at_ended(const struct nsc_flow_table *t, struct nsc_flow_question *q)
{
	uint64_t place = q->ended_next % t->ended_room;
	struct nsc_flow_hit hit = { .worker = q->worker,
				    .moment = { .clock_ns = q->clock_ns },
				    .record = t->ended[place] };

	for (size_t line = 0; line < sizeof(hit.record); line += NSC_CACHE_LINE)
		nsc_prefetch((const char *)&t->ended[(place + AHEAD / 2) % t->ended_room] + line);
	q->visited++;
	if (q->query.recent)
		hit.is_recent =
			flow_recent_bytes(t, &t->ended_recent[place].bytes, t->ended_recent[place].last_clock_ns,
					  hit.record.bytes, hit.recent_bytes);
	question_take(t, q, &hit);
}

/* What is recent has become another thing on the way: from the begin, or the sums are of two spans. */
static void question_begin_again(const struct nsc_flow_table *t, struct nsc_flow_question *q)
{
	uint64_t visited = q->visited;

	nsc_groups_empty(&q->groups);
	nsc_flow_table_question_begin(t, q, NSC_MAX(q->clock_ns, t->tick_start_ns));
	q->visited = visited;
}

/* Both take `n` records, or as much time as that many take. What is left of n. */
static uint32_t question_walk_ended(const struct nsc_flow_table *t, struct nsc_flow_question *q, uint32_t n)
{
	for (; n && q->ended_next < q->ended_end; n--) {
		uint32_t passed = q->query.rows_only ? question_pass_ended(t, q, PASSED_ENDED) : 0;

		q->ended_next += passed;
		if (passed == PASSED_ENDED || q->ended_next == q->ended_end)
			continue;
		question_look_at_ended(t, q);
		q->ended_next++;
	}
	return n;
}

static void question_walk_table(const struct nsc_flow_table *t, struct nsc_flow_question *q, uint32_t n)
{
	for (; n && q->next < q->end; n--) {
		uint32_t passed = q->query.rows_only ? question_pass_table(t, q, PASSED) : 0;

		q->next += passed;
		if (passed == PASSED || q->next == q->end)
			continue;
		question_prefetch(t, q->next + AHEAD);
		if (t->hot[q->next].ip_version)
			question_look_at(t, q->next, q);
		q->next++;
	}
}

bool nsc_flow_table_question_step(const struct nsc_flow_table *t, struct nsc_flow_question *q, uint32_t n)
{
	bool whole;

	if (q->query.recent && q->recent_start_ns != flow_recent_start(t))
		question_begin_again(t, q);
	q->ended_next = NSC_MIN(NSC_MAX(q->ended_next, question_oldest_ended(t)), q->ended_end);
	n = question_walk_ended(t, q, n);
	question_walk_table(t, q, n);
	whole = q->next == q->end && q->ended_next == q->ended_end;
	if (whole && q->query.group_by)
		flow_groups_finish(&q->groups);
	return whole;
}

/* --- by name ---------------------------------------------------------------------------------- */

/* The key of a packet whose addresses stand where an IP header has them. */
static void question_answer_by_name(const struct nsc_flow_table *t, struct nsc_flow_question *q)
{
	const struct nsc_flow_name *name = &q->query.name;
	bool ipv4 = name->ip_version == 4;
	uint32_t head = ipv4 ? 20 : 40, bytes = ipv4 ? 4 : 16, id;
	uint8_t data[40] = { 0 };
	struct nsc_packet pkt = { .data = data,
				  .src_port = name->port_a,
				  .dst_port = name->port_b,
				  .ip_version = name->ip_version,
				  .ip_proto = name->proto };
	struct nsc_key_order order;
	struct flow_key key;

	memcpy(data + head - 2 * bytes, name->addr_a, bytes);
	memcpy(data + head - bytes, name->addr_b, bytes);
	if (ipv4)
		order = nsc_key_ipv4(&t->seed, (uint64_t)nsc_load32(data + 12) << 16 | name->port_a,
				     (uint64_t)nsc_load32(data + 16) << 16 | name->port_b, name->proto);
	else
		order = nsc_key_ipv6(&t->seed, data + 8, name->port_a, name->port_b, name->proto);
	pkt.dir = order.dir;
	flow_key_of(&key, &pkt);
	id = flow_find(t, flow_hash(order.hash), &key);
	if (id != FLOW_NONE && t->hot[id].ip_version)
		question_look_at(t, id, q);
}

void nsc_flow_table_question_begin(const struct nsc_flow_table *t, struct nsc_flow_question *q, uint64_t clock_ns)
{
	q->clock_ns = clock_ns;
	q->ended_next = question_oldest_ended(t);
	q->ended_end = t->n_ended;
	q->ended = q->ended_end - q->ended_next;
	q->held = t->used - t->n_free - t->n_settled + q->ended;
	q->visited = q->matched = q->passed = 0;
	q->recent_start_ns = flow_recent_start(t);
	q->span = t->span_start_ns / FLOW_SPAN_NS;
	q->n = q->next = 0;
	/* A name does not tell the tenant: then all records are looked at. */
	q->end = q->query.by_name && !t->key ? 0 : t->used;
	if (q->query.by_name && !t->key)
		question_answer_by_name(t, q);
	if (q->matched)
		q->ended_next = q->ended_end;
}
