/* SPDX-License-Identifier: MIT */
#include "engine/dns/waiting.h"

#include <errno.h>

#include "engine/base/assert.h"

enum {
	HEADS = 1 << 15,
	PLACES = 1 << 15,
	/* places that are no queries: none, and the ends of both lists */
	LIST_WAITING = 0,
	LIST_ANSWERED = 1,
	FIRST_PLACE = 2,
};

struct nsc_dns_waiting {
	uint16_t *head;
	struct nsc_dns_query *query;
	uint32_t fresh, free_head;
};

uint64_t nsc_dns_waiting_bytes(void)
{
	return sizeof(struct nsc_dns_waiting) + HEADS * sizeof(uint16_t) +
	       PLACES * (uint64_t)sizeof(struct nsc_dns_query);
}

int nsc_dns_waiting_open(struct nsc_dns_waiting **waiting, struct nsc_arena *arena, struct nsc_error *error)
{
	struct nsc_dns_waiting *w = nsc_arena_alloc(arena, sizeof(*w));

	if (w)
		w->head = nsc_arena_alloc(arena, HEADS * sizeof(*w->head));
	if (w)
		w->query = nsc_arena_alloc(arena, PLACES * sizeof(*w->query));
	if (!w || !w->head || !w->query)
		return nsc_fail(error, -ENOMEM, "no memory for DNS queries");
	nsc_arena_populate(w->head, HEADS * sizeof(*w->head));
	nsc_arena_populate(w->query, PLACES * sizeof(*w->query));
	w->fresh = FIRST_PLACE;
	w->query[LIST_ANSWERED].older = w->query[LIST_ANSWERED].younger = LIST_ANSWERED;
	*waiting = w;
	return 0;
}

/* --- finding ---------------------------------------------------------------------------------- */

static uint16_t *waiting_head(const struct nsc_dns_waiting *w, uint64_t flow)
{
	return &w->head[flow % HEADS];
}

struct nsc_dns_query *nsc_dns_waiting_next(const struct nsc_dns_waiting *w, uint64_t flow,
					   const struct nsc_dns_query *query)
{
	for (uint32_t i = query ? query->next : *waiting_head(w, flow); i; i = w->query[i].next)
		if (w->query[i].flow == flow)
			return &w->query[i];
	return NULL;
}

struct nsc_dns_query *nsc_dns_waiting_find(const struct nsc_dns_waiting *w, const struct nsc_dns_query *like)
{
	struct nsc_dns_query *q = NULL;

	while ((q = nsc_dns_waiting_next(w, like->flow, q)))
		if (q->name == like->name && q->type == like->type && q->class == like->class)
			return q;
	return NULL;
}

struct nsc_dns_query *nsc_dns_waiting_oldest(const struct nsc_dns_waiting *w, bool answered)
{
	uint32_t list = answered ? LIST_ANSWERED : LIST_WAITING, oldest = w->query[list].younger;

	return oldest == list ? NULL : &w->query[oldest];
}

void nsc_dns_waiting_fetch_head(const struct nsc_dns_waiting *w, uint64_t flow)
{
	nsc_prefetch_write(waiting_head(w, flow));
}

void nsc_dns_waiting_fetch(const struct nsc_dns_waiting *w, uint64_t flow)
{
	nsc_prefetch_write(&w->query[*waiting_head(w, flow)]);
}

void nsc_dns_waiting_fetch_oldest(const struct nsc_dns_waiting *w)
{
	for (unsigned list = LIST_WAITING; list <= LIST_ANSWERED; list++)
		nsc_prefetch_write(&w->query[w->query[w->query[list].younger].younger]);
}

bool nsc_dns_waiting_is_full(const struct nsc_dns_waiting *w)
{
	return !w->free_head && w->fresh == PLACES;
}

/* --- lists ------------------------------------------------------------------------------------ */

static void waiting_unlist(struct nsc_dns_waiting *w, struct nsc_dns_query *q)
{
	w->query[q->older].younger = q->younger;
	w->query[q->younger].older = q->older;
}

static void waiting_list(struct nsc_dns_waiting *w, struct nsc_dns_query *q, uint32_t list)
{
	q->younger = (uint16_t)list;
	q->older = w->query[list].older;
	w->query[q->older].younger = w->query[list].older = (uint16_t)(q - w->query);
}

static uint32_t waiting_take_place(struct nsc_dns_waiting *w)
{
	uint32_t place = w->free_head;

	nsc_assert(place || w->fresh < PLACES, "a query is added when there is room");
	if (!place)
		return w->fresh++;
	w->free_head = w->query[place].next;
	return place;
}

void nsc_dns_waiting_add(struct nsc_dns_waiting *w, const struct nsc_dns_query *query)
{
	uint32_t place = waiting_take_place(w);
	struct nsc_dns_query *q = &w->query[place];
	uint16_t *head = waiting_head(w, query->flow);

	*q = *query;
	q->answered = false;
	q->next = *head;
	*head = (uint16_t)place;
	waiting_list(w, q, LIST_WAITING);
}

void nsc_dns_waiting_answer(struct nsc_dns_waiting *w, struct nsc_dns_query *q, uint64_t clock_ns)
{
	waiting_unlist(w, q);
	q->answered = true;
	q->clock_ns = clock_ns;
	waiting_list(w, q, LIST_ANSWERED);
}

void nsc_dns_waiting_remove(struct nsc_dns_waiting *w, struct nsc_dns_query *q)
{
	uint16_t place = (uint16_t)(q - w->query), *link = waiting_head(w, q->flow);

	while (*link != place)
		link = &w->query[*link].next;
	*link = q->next;
	waiting_unlist(w, q);
	q->next = (uint16_t)w->free_head;
	w->free_head = place;
}
