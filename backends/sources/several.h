/* SPDX-License-Identifier: MIT
 *
 * One source made of several: a ring of each interface, whose packets it gives merged by time.
 *
 * A packet goes when every other member has a newer one at hand, or a clock that is past it: so no member waits longer
 * than the kernel may hold another one's packets back, and meanwhile its ring holds what comes. Descriptors are copied,
 * bytes are not: a loan of this source covers loans of its members, which end when no packet of theirs is out.
 *
 * Steady time is that of the first member that lives, as long as the others' clocks were set like its own. While they
 * differ by more than NSC_STEADY_SLACK_NS (a wall clock was set, and not every ring has noticed), each packet keeps the
 * steady time of its own member. It never falls.
 */
#ifndef NETSCOPE_SOURCES_SEVERAL_H
#define NETSCOPE_SOURCES_SEVERAL_H

#include "netscope/rx.h"

#define NSC_SEVERAL_LOANS 1024u /* of this source that may be out at once: when all are, poll finds nothing */

struct nsc_several;

struct nsc_several_member {
	struct nsc_rx *rx; /* closed with the source */
	int fd;            /* readable when it may have packets and none of its loans is out */
};

/* Takes the members over, 1 (which is passed through) ..NSC_LIVE_INTERFACES_MAX; on failure they stay the caller's. Two
 * link types of one kind (struct nsc_rx.linktype) are refused: -EPROTONOSUPPORT and one sentence. Thread: control.
 * Allocates: all it will ever need. */
int nsc_several_open(struct nsc_rx **rx, const struct nsc_several_member *member, uint32_t n, struct nsc_error *error);

/* Of sources that share a count of those that have not failed, `alive` (atomic, >= 1, the caller's until close): one
 * that fails while others live says NSC_RX_END, the last NSC_RX_FAILED. Before the first poll. Thread: control. */
void nsc_several_share(struct nsc_rx *rx, uint32_t *alive);

/* The first member of such a source; any other source itself. Thread: any. */
struct nsc_rx *nsc_several_first(struct nsc_rx *rx);

#endif
