/* SPDX-License-Identifier: MIT
 *
 * The publisher's half of DNS: adds up what the workers tell, over all servers and names. Sums do not depend on the
 * order in which events come, so the answer is the same for any number of workers, unless a table was full
 * (DNS_SERVER_FORGOTTEN, DNS_NAME_FORGOTTEN).
 *
 * Thread: publisher, but for open. Allocates: at open only. Blocks: never.
 */
#ifndef NETSCOPE_DNS_TOTALS_H
#define NETSCOPE_DNS_TOTALS_H

#include "engine/dns/table.h"
#include "netscope/counters.h"

struct nsc_channel;

struct nsc_dns_totals {
	struct nsc_channel *events[NSC_WORKERS_MAX]; /* set by the owner; so is `shown` */
	uint32_t workers;
	uint32_t turn; /* whose events come next */
	bool names;
	bool shown; /* somebody looks at every view */
	struct nsc_dns_counts total;
	struct nsc_histogram latency;
	uint64_t latency_sum_ns;
	struct nsc_dns_table server, name;
	struct nsc_counters counters; /* read by others, value by value */
};

/* `names`: events have names. 0 or -errno and one sentence. Thread: control. */
int nsc_dns_totals_open(struct nsc_dns_totals **totals, struct nsc_arena *arena, uint32_t workers, bool names,
			struct nsc_error *error);
uint64_t nsc_dns_totals_bytes(bool names);

/* One piece of work: the events of one chunk. False when there is none. */
bool nsc_dns_totals_step(struct nsc_dns_totals *totals);

/* Everything that each worker has sent so far, and maybe more. */
void nsc_dns_totals_catch_up(struct nsc_dns_totals *totals);

/* What there is to show; `heard` is the caller's. */
void nsc_dns_totals_view(struct nsc_dns_totals *totals, struct nsc_dns_view *view, bool final);

#endif
