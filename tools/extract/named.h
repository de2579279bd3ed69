/* SPDX-License-Identifier: MIT
 *
 * Flows by the name that they said (docs/names.md): a run of the engine over the files finds them, the packets of these
 * flows are then chosen by their ends and times.
 */
#ifndef TOOLS_EXTRACT_NAMED_H
#define TOOLS_EXTRACT_NAMED_H

#include "backends/index/conversation.h"
#include "netscope/error.h"
#include "tools/netscope/settings.h"

enum { NSC_NAMED_FLOWS_MAX = 1000000 };

struct nsc_named_flow {
	struct nsc_conversation of;
	uint64_t from_ns, to_ns; /* packet time of its first and last packet, both included */
};

struct nsc_named_flows {
	struct nsc_named_flow *flow; /* [n], by ends, then time; 0..NSC_NAMED_FLOWS_MAX */
	uint32_t n, room;
};

/* Whether `name`, as it is exported, is `suffix` or ends with it behind a point; a suffix that begins with a point is
 * the end of the name. Letters of either case. */
bool nsc_name_ends(const char *name, size_t length, const char *suffix);

/* Reads all files, `bytes` together, in this order, and keeps the flows whose name ends with settings->extract.name.
 * -E2BIG: there are more than NSC_NAMED_FLOWS_MAX; another -errno; one sentence each. A signal ends it as the end of
 * the files would. Thread: control, while there is no other. Allocates. */
int nsc_named_flows_find(struct nsc_named_flows *flows, const struct nsc_settings *settings, const char *const *paths,
			 uint32_t n, uint64_t bytes, struct nsc_error *error);

/* Whether a packet of these ends at this time is of one of them. O(log n). */
bool nsc_named_flows_hold(const struct nsc_named_flows *flows, const struct nsc_conversation *conversation,
			  uint64_t ts_ns);

void nsc_named_flows_free(struct nsc_named_flows *flows);

#endif
