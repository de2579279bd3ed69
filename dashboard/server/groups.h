/* SPDX-License-Identifier: MIT
 *
 * Group queries: what the workers' groups come to, and how it is shown. The line in which queries wait, and the way to
 * the workers and back, is that of flow queries (queries.c).
 *
 * Thread: dashboard. Blocks: never.
 */
#ifndef DASHBOARD_GROUPS_H
#define DASHBOARD_GROUPS_H

#include "dashboard/server/queries.h"

struct nsc_group_sums; /* 18 MiB, touched as far as they are used */

/* NULL without memory. */
struct nsc_group_sums *nsc_group_sums_open(void);
void nsc_group_sums_close(struct nsc_group_sums *sums);

/* The part of a query that flow queries do not have. 0, or -EINVAL and one sentence. */
int nsc_group_query_parse(struct nsc_flow_query *query, const struct nsc_query_text *text, struct nsc_error *error);

/* Before the first walk. `guess`: what nsc_group_sums_wanted said after an older answer to the same query, or NULL. */
void nsc_group_sums_begin(struct nsc_group_sums *sums, const uint64_t *guess);
const uint64_t *nsc_group_sums_wanted(const struct nsc_group_sums *sums);
/* Makes a question ready for the walk. */
void nsc_group_sums_ask(const struct nsc_group_sums *sums, struct nsc_flow_question *question);
/* All questions are back. True: they are to be asked again. */
bool nsc_group_sums_collect(struct nsc_group_sums *sums, struct nsc_flow_question *const *question, uint32_t n);

/* Members of the answer: the span that the numbers cover, which ends at `clock_ns`, how exact it is, the sums of all,
 * "rows". */
void nsc_group_sums_show(struct nsc_group_sums *sums, const struct nsc_flow_query *query, uint64_t clock_ns,
			 struct nsc_json *json);

struct nsc_group_more {      /* what stands beside a group */
	struct nsc_span org; /* of an autonomous system, or nothing */
	const uint32_t *rtt; /* flows by steps of their round trip times */
};

/* group_rows.c: one of them. */
void nsc_show_group(struct nsc_json *json, const struct nsc_flow_query *query, const struct nsc_group *group,
		    const struct nsc_group_more *more);

void nsc_show_group_kinds(struct nsc_json *json); /* "groups", for hello */

#endif
