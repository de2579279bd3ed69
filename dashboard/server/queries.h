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

struct nsc_query_text { /* as it came; not terminated */
	struct nsc_span filter, sort, order, key;
	uint64_t limit;
};

/* 0, or -EINVAL and one sentence. */
int nsc_query_parse(struct nsc_flow_query *query, const struct nsc_query_text *text, struct nsc_error *error);

struct nsc_flow_search { /* whoever asks */
	struct nsc_flow_search *next;
	void (*done)(struct nsc_flow_search *,
		     struct nsc_json *members); /* once; the members of "flows", the search is the caller's again */
	void *context;
	struct nsc_flow_query query;
	char filter[NSC_FILTER_TEXT + 1]; /* shown in the answer */
	uint64_t since_ns;
	bool waits, runs;
};

int nsc_queries_open(struct nsc_web *web, struct nsc_error *error);
void nsc_queries_close(struct nsc_web *web);

/* Puts it at the end of the line. False when the line is full. */
bool nsc_queries_put(struct nsc_web *web, struct nsc_flow_search *search);

/* Whoever asked is gone. */
void nsc_queries_cancel(struct nsc_web *web, struct nsc_flow_search *search);

/* Collects what has come back, sends what waits. True while something is under way: call again in a few ms. */
bool nsc_queries_step(struct nsc_web *web);

#endif
