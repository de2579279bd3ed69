/* SPDX-License-Identifier: MIT
 *
 * DNS queries of one worker that wait for their answer, and for a moment those that were answered: found by flow and
 * transaction id, and listed in the order of their time, which is the order in which they came.
 *
 * Whoever adds makes room first: this forgets nothing by itself.
 *
 * Thread: worker, but for open. Allocates: at open only. Blocks: never.
 */
#ifndef NETSCOPE_DNS_WAITING_H
#define NETSCOPE_DNS_WAITING_H

#include "engine/base/arena.h"

#define NSC_DNS_WAIT_NS (5 * NSC_NS_PER_SEC) /* a query waits so long for its answer */
#define NSC_DNS_ANSWERED_NS NSC_NS_PER_SEC   /* and is known so long behind it, to tell a second one */
#define NSC_DNS_SAME_MAX 4u                  /* of one flow and id, with different questions */

struct nsc_dns_query {
	uint64_t flow;      /* keyed hash of the flow and the transaction id */
	uint64_t name;      /* keyed hash of the question's name; 0 = no question */
	uint64_t server;    /* keyed hash of its address */
	uint64_t clock_ns;  /* of the query; once that is answered, of the answer */
	uint64_t ts_ns;     /* time stamp of the query minus the offset */
	uint64_t offset_ns; /* of packet time when it came */
	uint16_t type, class;
	uint16_t next;           /* of the chain, or of those that are free; 0 = none */
	uint16_t older, younger; /* of the list */
	bool answered;
	bool strayed; /* its time stamp is an outlier's */
	bool told;    /* an event has told of it */
	bool named;   /* with its name */
};

static_assert(sizeof(struct nsc_dns_query) == NSC_CACHE_LINE, "one to a line");

struct nsc_dns_waiting;

/* 0 or -errno and one sentence. Thread: control. */
int nsc_dns_waiting_open(struct nsc_dns_waiting **waiting, struct nsc_arena *arena, struct nsc_error *error);
uint64_t nsc_dns_waiting_bytes(void);

/* The query of the same flow, id and question; NULL: there is none. */
struct nsc_dns_query *nsc_dns_waiting_find(const struct nsc_dns_waiting *waiting, const struct nsc_dns_query *like);

/* The queries of this flow and id, the youngest first: the one behind `query`, or the first for NULL. At most
 * NSC_DNS_SAME_MAX. */
struct nsc_dns_query *nsc_dns_waiting_next(const struct nsc_dns_waiting *waiting, uint64_t flow,
					   const struct nsc_dns_query *query);

/* The longest waiting, or the first answered, query; NULL: there is none. */
struct nsc_dns_query *nsc_dns_waiting_oldest(const struct nsc_dns_waiting *waiting, bool answered);

/* Fetches where queries of this flow and id will be looked for: first the way to them, then the youngest. */
void nsc_dns_waiting_fetch_head(const struct nsc_dns_waiting *waiting, uint64_t flow);
void nsc_dns_waiting_fetch(const struct nsc_dns_waiting *waiting, uint64_t flow);
/* The same for those that will be the longest waiting and the first answered when those of now are gone. */
void nsc_dns_waiting_fetch_oldest(const struct nsc_dns_waiting *waiting);

bool nsc_dns_waiting_is_full(const struct nsc_dns_waiting *waiting);

/* Adds a copy of `query` that waits; there is room. */
void nsc_dns_waiting_add(struct nsc_dns_waiting *waiting, const struct nsc_dns_query *query);
/* It waits no longer: it was answered at this time. */
void nsc_dns_waiting_answer(struct nsc_dns_waiting *waiting, struct nsc_dns_query *query, uint64_t clock_ns);
void nsc_dns_waiting_remove(struct nsc_dns_waiting *waiting, struct nsc_dns_query *query);

/* An answer at clock_ns comes too late, or would be no second one any more. */
nsc_always_inline bool nsc_dns_query_is_over(const struct nsc_dns_query *query, uint64_t clock_ns)
{
	return clock_ns - query->clock_ns > (query->answered ? NSC_DNS_ANSWERED_NS : NSC_DNS_WAIT_NS);
}

#endif
