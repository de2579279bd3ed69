/* SPDX-License-Identifier: MIT
 *
 * The newest alerts, each under an id that is never used again.
 *
 * Thread: one at a time (the caller's lock). Allocates, blocks: never.
 */
#ifndef DASHBOARD_ALERTS_H
#define DASHBOARD_ALERTS_H

#include "engine/text/json.h"
#include "netscope/alert.h"

enum { NSC_ALERTS_KEPT = 1000 };

struct nsc_kept_alert {
	uint64_t id; /* from 1 */
	struct nsc_alert alert;
};

struct nsc_alerts {
	uint64_t seen; /* id of the newest */
	struct nsc_alert ring[NSC_ALERTS_KEPT];
};

void nsc_alerts_add(struct nsc_alerts *alerts, const struct nsc_alert *alert, uint32_t n);

/* Those kept with an id above `after`, the newest `max` of them at most, oldest first. Returns how many. */
uint32_t nsc_alerts_copy(const struct nsc_alerts *alerts, uint64_t after, struct nsc_kept_alert *out, uint32_t max);
uint64_t nsc_alerts_oldest(const struct nsc_alerts *alerts); /* id; `seen` + 1 when none is kept */

/* "alerts", an array of objects: "id", "time", then the members of --alerts-jsonl. Thread: any. */
void nsc_alerts_show(const struct nsc_kept_alert *kept, uint32_t n, struct nsc_json *json);

#endif
