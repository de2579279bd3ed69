/* SPDX-License-Identifier: MIT
 *
 * Memory of an engine, from its options alone: how many flows each table holds, what every part takes, whether the
 * machine and the process's cgroup have that much.
 *
 * Thread: control. Allocates: never.
 */
#ifndef NETSCOPE_BUDGET_H
#define NETSCOPE_BUDGET_H

#include "engine/flow/naming.h"
#include "engine/flow/table.h"
#include "netscope/engine.h"

/* What each worker's table is opened with. Without --max-flows it may grow into half of the memory that is left. */
struct nsc_flow_table_options nsc_budget_table(const struct nsc_engine_options *options);

/* What each worker's names are opened with; `names` is OFF when nobody wants them. */
struct nsc_naming_options nsc_budget_naming(const struct nsc_engine_options *options);

/* Whether anybody looks at DNS. */
nsc_always_inline bool nsc_budget_wants_dns(const struct nsc_engine_options *options)
{
	return options->dns && options->names != NSC_NAMES_OFF;
}

void nsc_budget_make(struct nsc_engine_budget *budget, const struct nsc_engine_options *options,
		     const struct nsc_flow_table_options *table);

/* 0, or -ENOMEM and a sentence that names the parts, what is left, and who limits it. */
int nsc_budget_check(const struct nsc_engine_budget *budget, struct nsc_error *error);

#endif
