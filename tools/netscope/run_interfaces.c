/* SPDX-License-Identifier: MIT
 *
 * The interfaces of a live run: what becomes of their links, what they lose, which of them gave up.
 */
#include "tools/netscope/run_parts.h"

#include "netscope/clock.h"
#include "tools/netscope/say.h"

#include <stdio.h>
#include <string.h>

void nsc_run_interfaces_open(struct nsc_run *run)
{
	const struct nsc_interface_names *names = &run->sources.interfaces;

	for (uint32_t i = 0; i < names->n; i++) {
		nsc_watch_open(&run->watch[i], names->name[i], run->settings->filter[0], stderr);
		run->watch[i].others = names->n > 1;
	}
}

/* The last one to go takes the source with it, which says so. */
static void interfaces_note_last(struct nsc_run *run)
{
	struct nsc_watch *last = NULL;
	uint32_t here = 0;

	for (uint32_t i = 0; i < run->sources.interfaces.n; i++)
		if (run->watch[i].state != NSC_INTERFACE_GONE) {
			last = &run->watch[i];
			here++;
		}
	if (here == 1)
		last->others = false;
}

/* Of one that fails without being removed only its source can tell. */
static void interfaces_tell_failures(struct nsc_run *run)
{
	struct nsc_rx_interface interface[NSC_LIVE_INTERFACES_MAX];
	uint32_t n = run->sources.interfaces.n > 1 ? nsc_rx_live_interfaces(run->sources.rx[0], interface) : 0;

	for (uint32_t i = 0; i < n; i++) {
		if (!interface[i].failure || run->failures_told & 1u << i)
			continue;
		run->failures_told |= 1u << i;
		if (run->watch[i].state != NSC_INTERFACE_GONE)
			nsc_tell_at(NSC_LEVEL_WARNING, stderr, "%s", interface[i].failure->text);
	}
}

/* "rx1 is down, rx2 was removed: the others are captured"; "" when all are up. */
static void interfaces_down_text(const struct nsc_run *run, bool any_up, char *text, size_t size)
{
	static const char *const words[] = { [NSC_INTERFACE_NO_CARRIER] = "has no carrier",
					     [NSC_INTERFACE_DOWN] = "is down",
					     [NSC_INTERFACE_GONE] = "was removed" };
	size_t used = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < run->sources.interfaces.n && used < size; i++) {
		const struct nsc_watch *watch = &run->watch[i];

		if (watch->on && watch->state != NSC_INTERFACE_UP)
			used += (size_t)snprintf(text + used, size - used, "%s%s %s", used ? ", " : "",
						 watch->interface.name, words[watch->state]);
	}
	if (used && used < size)
		snprintf(text + used, size - used, "%s",
			 any_up ? ": the others are captured"
				: ": nothing can arrive; capture goes on when it is back");
}

bool nsc_run_interfaces_look(struct nsc_run *run)
{
	bool count = false, up = false, any = false;
	char text[sizeof(run->dashboard.link_text)];

	for (uint32_t i = 0; i < run->sources.interfaces.n; i++) {
		struct nsc_watch *watch = &run->watch[i];

		interfaces_note_last(run);
		count |= nsc_watch_look(watch, nsc_monotonic_ns());
		any |= watch->on;
		up |= nsc_watch_is_up(watch);
	}
	if (!any)
		return false;
	interfaces_down_text(run, up, text, sizeof(text));
	nsc_dashboard_link(&run->dashboard, up, text);
	return count;
}

void nsc_run_interfaces_count(struct nsc_run *run)
{
	struct nsc_rx_interface interface[NSC_LIVE_INTERFACES_MAX];
	uint32_t n = nsc_rx_live_interfaces(run->sources.rx[0], interface);

	for (uint32_t i = 0; i < n; i++)
		if (run->watch[i].on)
			nsc_watch_count(&run->watch[i], interface[i].counters.received, nsc_monotonic_ns());
	interfaces_tell_failures(run);
}

void nsc_run_interfaces_filtered(struct nsc_run *run, bool filtered)
{
	for (uint32_t i = 0; i < run->sources.interfaces.n; i++)
		run->watch[i].filtered = filtered;
}

void nsc_run_interfaces_close(struct nsc_run *run)
{
	for (uint32_t i = 0; i < run->sources.interfaces.n; i++)
		nsc_watch_close(&run->watch[i]);
}

/* --- the summary ------------------------------------------------------------------------------ */

static void interface_ask_itself(struct nsc_nic *nic, struct nsc_summary_interface *interface)
{
	struct nsc_nic_extra extra[NSC_ARRAY_LEN(interface->extra)];
	struct nsc_nic_counts counts;

	if (!nic)
		return;
	nsc_nic_read(nic, &counts);
	interface->tells = true;
	interface->packets = counts.packets;
	interface->missed = counts.missed;
	interface->dropped = counts.dropped;
	interface->errors = counts.errors;
	interface->n = nsc_nic_extras(nic, extra, NSC_ARRAY_LEN(extra));
	for (uint32_t i = 0; i < interface->n; i++) {
		memcpy(interface->extra[i].name, extra[i].name, sizeof(interface->extra[i].name));
		interface->extra[i].moved = extra[i].moved;
	}
}

static const char *interface_state(const struct nsc_watch *watch, const struct nsc_rx_interface *source)
{
	static const char *const names[] = { [NSC_INTERFACE_UP] = "up",
					     [NSC_INTERFACE_NO_CARRIER] = "no_carrier",
					     [NSC_INTERFACE_DOWN] = "down",
					     [NSC_INTERFACE_GONE] = "removed" };
	enum nsc_interface_state state = __atomic_load_n(&watch->state, __ATOMIC_RELAXED);

	if (source->failure)
		return state == NSC_INTERFACE_GONE ? "removed" : "failed";
	return watch->on ? names[state] : NULL;
}

uint32_t nsc_run_interfaces_show(void *context, struct nsc_summary_interface interface[NSC_LIVE_INTERFACES_MAX])
{
	struct nsc_run *run = context;
	struct nsc_rx_interface source[NSC_LIVE_INTERFACES_MAX];
	uint32_t n = run->sources.interfaces.n ? nsc_rx_live_interfaces(run->sources.rx[0], source) : 0;

	for (uint32_t i = 0; i < n; i++)
		interface[i] = (struct nsc_summary_interface){
			.name = run->sources.interfaces.name[i],
			.state = interface_state(&run->watch[i], &source[i]),
			.outages = __atomic_load_n(&run->watch[i].outages, __ATOMIC_RELAXED),
			.rx = source[i].counters,
		};
	return n;
}

uint32_t nsc_run_interfaces_ask(struct nsc_run *run, struct nsc_summary_interface interface[NSC_LIVE_INTERFACES_MAX])
{
	uint32_t n;

	for (uint32_t i = 0; i < run->sources.interfaces.n; i++)
		nsc_watch_look(&run->watch[i], nsc_monotonic_ns());
	n = nsc_run_interfaces_show(run, interface);
	for (uint32_t i = 0; i < n; i++)
		interface_ask_itself(run->watch[i].nic, &interface[i]);
	return n;
}
