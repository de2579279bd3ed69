/* SPDX-License-Identifier: MIT
 *
 * A view ends the wait, and begins the next one: a live source's clock goes on without packets, so that views come. A
 * clock that begins with the first packet (that of an interface) makes none before it.
 */
#include "dashboard/server/watchdog.h"

enum { PATIENCE_TICKS = 3 };

#define PATIENCE_NS (3 * NSC_NS_PER_SEC)
#define LOOK_MOST_NS NSC_NS_PER_SEC

void nsc_watchdog_init(struct nsc_watchdog *w, uint64_t tick_ns)
{
	*w = (struct nsc_watchdog){ .patience_ns = PATIENCE_NS + PATIENCE_TICKS * NSC_MIN(tick_ns, INT64_MAX / 4) };
}

uint64_t nsc_watchdog_look(struct nsc_watchdog *w, bool watched, uint64_t now_ns, uint64_t seq, uint64_t packets)
{
	uint64_t passed_ns = NSC_MIN(now_ns - w->looked_ns, LOOK_MOST_NS);

	w->looked_ns = now_ns;
	if (!watched || seq != w->seq) {
		w->seq = seq;
		w->packets = packets;
		w->blind_ns = 0;
	} else if (seq || packets != w->packets) {
		w->blind_ns += passed_ns;
	}
	return w->blind_ns > w->patience_ns ? w->blind_ns : 0;
}
