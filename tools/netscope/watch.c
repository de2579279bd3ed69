/* SPDX-License-Identifier: MIT
 *
 * One line for each change.
 */
#include "tools/netscope/watch.h"

#include "engine/text/time.h"
#include "tools/netscope/say.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

enum { STALL_PACKETS = 10, LOOK_NS = 1000 * 1000 * 1000 };

/* To the second. */
static const char *time_of_day(char text[NSC_FORMAT_TIME_MAX + 1])
{
	nsc_format_time_of_day(text, (uint64_t)time(NULL) * NSC_NS_PER_SEC);
	text[sizeof("00:00:00") - 1] = '\0';
	return text;
}

static const char *what(enum nsc_interface_state state)
{
	return state == NSC_INTERFACE_DOWN ? "is down" : "has no carrier";
}

void nsc_watch_open(struct nsc_watch *watch, const char *name, bool filtered, FILE *out)
{
	char now[NSC_FORMAT_TIME_MAX + 1];

	*watch = (struct nsc_watch){ .out = out, .filtered = filtered, .state = NSC_INTERFACE_UP, .interface.fd = -1 };
	if (!*name || nsc_interface_open(&watch->interface, name, NULL)) {
		nsc_interface_close(&watch->interface);
		return;
	}
	watch->on = true;
	watch->nic = nsc_nic_open(watch->interface.index, name);
	watch->state = nsc_interface_state(&watch->interface);
	if (watch->state == NSC_INTERFACE_DOWN || watch->state == NSC_INTERFACE_NO_CARRIER)
		nsc_tell_at(NSC_LEVEL_WARNING, out, "%s %s at %s: waiting for it", name, what(watch->state),
			    time_of_day(now));
}

void nsc_watch_close(struct nsc_watch *watch)
{
	if (!watch->on)
		return;
	nsc_nic_close(watch->nic);
	nsc_interface_close(&watch->interface);
	watch->on = false;
}

void nsc_watch_link(struct nsc_watch *watch, enum nsc_interface_state state, uint64_t now_ns)
{
	uint64_t ms = watch->since_ns ? (now_ns - watch->since_ns) / 1000000 : 0;
	bool was_up = watch->state == NSC_INTERFACE_UP;
	const char *name = watch->interface.name;
	char now[NSC_FORMAT_TIME_MAX + 1];

	if (state == watch->state)
		return;
	__atomic_store_n(&watch->state, state, __ATOMIC_RELAXED);
	__atomic_store_n(&watch->outages, watch->outages + (was_up || state == NSC_INTERFACE_GONE), __ATOMIC_RELAXED);
	if (state == NSC_INTERFACE_GONE) { /* alone, the source says so, and ends */
		if (watch->others)
			nsc_tell_at(NSC_LEVEL_WARNING, watch->out,
				    "%s was removed at %s: the capture goes on with the others", name,
				    time_of_day(now));
		return;
	}
	if (state == NSC_INTERFACE_UP && watch->since_ns)
		nsc_tell_at(NSC_LEVEL_NOTICE, watch->out,
			    "%s is up again at %s, after %" PRIu64 ".%" PRIu64 " s in which nothing could arrive", name,
			    time_of_day(now), ms / 1000, ms / 100 % 10);
	else if (state == NSC_INTERFACE_UP)
		nsc_tell_at(NSC_LEVEL_NOTICE, watch->out, "%s is up at %s", name, time_of_day(now));
	else if (was_up)
		nsc_tell_at(NSC_LEVEL_WARNING, watch->out, "%s %s since %s: the capture goes on when it is back", name,
			    what(state), time_of_day(now));
	if (was_up)
		watch->since_ns = now_ns;
	watch->arrived_ns = now_ns;
}

void nsc_watch_stall(struct nsc_watch *watch, uint64_t arrived, uint64_t counted, uint64_t now_ns)
{
	if (arrived != watch->arrived || !watch->arrived_ns || watch->state != NSC_INTERFACE_UP) {
		watch->arrived = arrived;
		watch->counted = counted;
		watch->arrived_ns = now_ns;
		return;
	}
	if (watch->told_stall || watch->filtered || counted == NSC_UNKNOWN ||
	    counted < watch->counted + STALL_PACKETS || now_ns - watch->arrived_ns < NSC_STALL_NS)
		return;
	watch->told_stall = true;
	nsc_tell_at(NSC_LEVEL_WARNING, watch->out,
		    "%s has counted %" PRIu64 " packets in the last %" PRIu64 " s, and none arrived here: is an XDP "
		    "program or another capture taking them (ip link show %s)?",
		    watch->interface.name, counted - watch->counted,
		    (uint64_t)((now_ns - watch->arrived_ns) / NSC_NS_PER_SEC), watch->interface.name);
}

bool nsc_watch_look(struct nsc_watch *watch, uint64_t now_ns)
{
	if (!watch->on)
		return false;
	nsc_watch_link(watch, nsc_interface_state(&watch->interface), now_ns);
	if (now_ns - watch->looked_ns < LOOK_NS)
		return false;
	watch->looked_ns = now_ns;
	return true;
}

void nsc_watch_count(struct nsc_watch *watch, uint64_t arrived, uint64_t now_ns)
{
	struct nsc_nic_counts counts;

	nsc_nic_read(watch->nic, &counts);
	nsc_watch_stall(watch, arrived, counts.packets, now_ns);
}

bool nsc_watch_is_up(const struct nsc_watch *watch)
{
	return watch->on && watch->state == NSC_INTERFACE_UP;
}
