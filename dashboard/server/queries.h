/* SPDX-License-Identifier: MIT
 *
 * Flow queries: one at a time goes to all workers, the others wait in a bounded line. What the workers answer is merged
 * here.
 *
 * Thread: dashboard. Blocks: never.
 */
#ifndef DASHBOARD_QUERIES_H
#define DASHBOARD_QUERIES_H

#include "dashboard/server/parts.h"

enum { NSC_QUERIES_WAITING = 64 };

struct nsc_query_text { /* as it came, with a NUL behind each that has a length */
	struct nsc_span filter, sort, order, key, by, after;
	uint64_t limit, last; /* last: seconds, 0 = all; of groups only */
	bool groups;          /* flows are added up by `by`; order and key are not looked at */
};

int nsc_queries_open(struct nsc_web *web, struct nsc_error *error);
void nsc_queries_close(struct nsc_web *web);

/* Puts it at the end of the line. 0; -EINVAL or, when the line is full, -EBUSY, and one sentence. */
int nsc_queries_ask(struct nsc_web *web, struct nsc_flow_search *search, const struct nsc_query_text *text,
		    struct nsc_error *error);

/* Puts a search whose query is set at the end of the line. 0; -EBUSY and one sentence. */
int nsc_queries_wait(struct nsc_web *web, struct nsc_flow_search *search, struct nsc_error *error);

/* The same query once more, for the rows that come after `hit`; query.limit may be another one. */
int nsc_queries_ask_after(struct nsc_web *web, struct nsc_flow_search *search, const struct nsc_flow_hit *hit,
			  struct nsc_error *error);

/* Whoever asked is gone. */
void nsc_queries_cancel(struct nsc_web *web, struct nsc_flow_search *search);

/* The server ends: whoever waits is told so. */
void nsc_queries_end(struct nsc_web *web);

/* Collects what has come back, sends what waits. True while something is under way: call again in a few ms; so is an
 * answer that was just written, since h2o goes on with what follows it in its next round. */
bool nsc_queries_step(struct nsc_web *web);

#endif
