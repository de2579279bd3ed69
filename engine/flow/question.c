/* SPDX-License-Identifier: MIT
 *
 * Questions from the dashboard: a walk over the records that the sweep pays for in small steps, or one look into the
 * index. The best `limit` of what matches are kept in a heap of places, so that a hit is copied once and never moved.
 */
#include "engine/decode/key.h"
#include "engine/flow/internal.h"
#include "netscope/heap.h"

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

/* --- the walk --------------------------------------------------------------------------------- */

static void question_fill(const struct nsc_flow_table *t, uint32_t id, const struct nsc_flow_question *q,
			  struct nsc_flow_hit *hit)
{
	const struct flow_hot *hot = &t->hot[id];

	flow_record_fill(t, id, &hit->record);
	hit->moment.clock_ns = q->clock_ns;
	hit->moment.tick_bytes = hot->last_clock_ns >= t->tick_start_ns ? flow_total_bytes(hot) - hot->tick_base : 0;
}

static void question_look_at(const struct nsc_flow_table *t, uint32_t id, struct nsc_flow_question *q)
{
	struct nsc_flow_hit hit = { .worker = q->worker };

	q->visited++;
	question_fill(t, id, q, &hit);
	if (!q->query.by_name && !nsc_flow_filter_match(&q->query.filter, &hit.record, &hit.moment))
		return;
	q->matched++;
	hit.known = q->query.sort->value(&hit.record, &hit.moment, &hit.key);
	question_keep(q, &hit);
}

bool nsc_flow_table_question_step(const struct nsc_flow_table *t, struct nsc_flow_question *q, uint32_t n)
{
	for (; n && q->next < q->end; n--, q->next++)
		if (t->hot[q->next].ip_version)
			question_look_at(t, q->next, q);
	return q->next == q->end;
}

/* --- by name ---------------------------------------------------------------------------------- */

static uint32_t question_host_order(const uint8_t addr[4])
{
	return (uint32_t)addr[0] << 24 | (uint32_t)addr[1] << 16 | (uint32_t)addr[2] << 8 | addr[3];
}

static struct nsc_key_order question_key_ipv4(const struct nsc_flow_table *t, const struct nsc_flow_name *name,
					      struct flow_key *key)
{
	uint32_t a = question_host_order(name->addr_a), b = question_host_order(name->addr_b);
	struct nsc_key_order order =
		nsc_key_ipv4(&t->seed, (uint64_t)a << 16 | name->port_a, (uint64_t)b << 16 | name->port_b, name->proto);

	key->addr = order.dir ? b | (uint64_t)a << 32 : a | (uint64_t)b << 32;
	return order;
}

/* The key of an IPv6 flow looks at its packet: here is one, all header. */
static struct nsc_key_order question_key_ipv6(const struct nsc_flow_table *t, const struct nsc_flow_name *name,
					      struct flow_key *key, uint8_t header[40], struct nsc_packet *pkt)
{
	struct nsc_key_order order;
	uint32_t a4, b4;

	memcpy(header + 8, name->addr_a, 16);
	memcpy(header + 24, name->addr_b, 16);
	order = nsc_key_ipv6(&t->seed, header + 8, name->port_a, name->port_b, name->proto);
	pkt->data = header;
	pkt->dir = order.dir;
	key->pkt = pkt;
	memcpy(&a4, flow_key_a12(key) + 12, 4);
	memcpy(&b4, flow_key_b12(key) + 12, 4);
	key->addr = a4 | (uint64_t)b4 << 32;
	return order;
}

static void question_answer_by_name(const struct nsc_flow_table *t, struct nsc_flow_question *q)
{
	const struct nsc_flow_name *name = &q->query.name;
	struct nsc_packet pkt = { .data = NULL };
	uint8_t header[40];
	struct flow_key key = { .pkt = &pkt };
	struct nsc_key_order order = name->ip_version == 4 ? question_key_ipv4(t, name, &key)
							   : question_key_ipv6(t, name, &key, header, &pkt);
	uint16_t a_port = order.dir ? name->port_b : name->port_a, b_port = order.dir ? name->port_a : name->port_b;
	uint32_t id;

	key.rest = a_port | (uint64_t)b_port << 16 | (uint64_t)name->proto << 32 | (uint64_t)name->ip_version << 40;
	id = flow_find(t, flow_hash(order.hash), &key);
	if (id != FLOW_NONE && t->hot[id].ip_version)
		question_look_at(t, id, q);
}

void nsc_flow_table_question_begin(const struct nsc_flow_table *t, struct nsc_flow_question *q, uint64_t clock_ns)
{
	q->clock_ns = clock_ns;
	q->held = t->used - t->n_free;
	q->visited = q->matched = 0;
	q->n = q->next = 0;
	q->end = q->query.by_name ? 0 : t->used;
	if (q->query.by_name)
		question_answer_by_name(t, q);
}
