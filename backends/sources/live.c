/* SPDX-License-Identifier: MIT
 *
 * Counting, time and the end of a live source.
 */
#include "live.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netscope/interfaces.h"
#include "several.h"

enum { LENT_SLEEP_NS = 200 * 1000, STOPPING_SLEEP_NS = 2 * 1000 * 1000 };

/* --- captures of one run ---------------------------------------------------------------------- */

struct nsc_live_group *nsc_live_group_open(uint64_t count)
{
	struct nsc_live_group *group = aligned_alloc(alignof(struct nsc_live_group), sizeof(*group));

	if (!group)
		return NULL;
	memset(group, 0, sizeof(*group));
	group->count = count ? count : UINT64_MAX;
	group->users = 1;
	return group;
}

void nsc_live_group_release(struct nsc_live_group *group)
{
	if (group && !--group->users)
		free(group);
}

/* Into the group that is named, or into one of its own. */
static int live_join_group(struct nsc_live *live, const struct nsc_live_options *o, struct nsc_error *error)
{
	live->group = o->group ? o->group : nsc_live_group_open(o->count);
	if (!live->group)
		return nsc_fail(error, -ENOMEM, "no memory to capture on '%s'", o->interface);
	live->group->users += o->group != NULL;
	live->group->live[live->group->n++] = live;
	live->count = live->group->count;
	return 0;
}

struct nsc_live_port *nsc_live_port_of(struct nsc_rx *rx)
{
	return (struct nsc_live_port *)nsc_several_first(rx);
}

static struct nsc_rx_interface live_interface(const struct nsc_live *live)
{
	struct nsc_rx_interface interface = { .name = live->interface.name };

	interface.counters = nsc_rx_counters_unknown();
	for (uint32_t i = 0; i < live->ports; i++) {
		const struct nsc_live_port *port = live->port[i];
		struct nsc_rx_counters part;

		port->rx.ops->counters(&port->rx, &part);
		nsc_rx_counters_add(&interface.counters, &part);
		if (__atomic_load_n(&port->state, __ATOMIC_ACQUIRE) == NSC_RX_FAILED)
			interface.failure = &port->rx.error;
	}
	return interface;
}

uint32_t nsc_rx_live_interfaces(struct nsc_rx *rx, struct nsc_rx_interface out[NSC_LIVE_INTERFACES_MAX])
{
	const struct nsc_live_group *group = nsc_live_port_of(rx)->live->group;

	for (uint32_t i = 0; i < group->n; i++)
		out[i] = live_interface(group->live[i]);
	return group->n;
}

/* --- one capture ------------------------------------------------------------------------------ */

int nsc_live_open(struct nsc_live **live, const struct nsc_live_options *o, struct nsc_error *error)
{
	struct nsc_live *new = calloc(1, sizeof(*new));
	bool kernels = !o->apart && strcmp(o->interface, "any");
	int status;

	if (!new)
		return nsc_fail(error, -ENOMEM, "no memory to capture on '%s'", o->interface);
	new->interface.fd = -1;
	new->users = 1;
	status = live_join_group(new, o, error);
	if (!status && kernels)
		status = nsc_interface_open(&new->interface, o->interface, error);
	if (status) {
		nsc_live_release(new);
		return status;
	}
	if (o->apart)
		snprintf(new->interface.name, sizeof(new->interface.name), "%s", o->interface);
	if (kernels)
		new->nic = nsc_nic_open(new->interface.index, new->interface.name);
	*live = new;
	return 0;
}

int nsc_live_compile(struct nsc_live *live, const struct nsc_live_options *o, unsigned row, bool cooked,
		     struct nsc_error *error)
{
	/* Of loopback, and of "any", which sees loopback too, every packet would come twice: as it leaves, and as it
	 * arrives. */
	uint32_t lo = if_nametoindex("lo"), index = live->interface.index;
	struct nsc_live_filter_options filter = {
		.expression = o->filter,
		.row = row,
		.snaplen = o->snaplen,
		.once = !index || index == lo ? lo : 0,
		.cooked = cooked,
		.apart = o->apart,
	};

	live->compiled = filter;
	live->compiled.expression = NULL;
	return nsc_live_filter_open(&live->filter, &filter, error);
}

void nsc_live_release(struct nsc_live *live)
{
	if (!live || --live->users)
		return;
	nsc_nic_close(live->nic);
	nsc_live_filter_close(live->before);
	nsc_live_filter_close(live->filter);
	nsc_interface_close(&live->interface);
	nsc_live_group_release(live->group);
	free(live);
}

uint32_t nsc_live_hold_ms(const struct nsc_live_options *o, uint32_t blocks)
{
	uint32_t wanted = (NSC_LIVE_REACH_MS + blocks - 1) / blocks;

	return NSC_MAX(o->hold_ms, NSC_MIN(wanted, o->hold_most_ms));
}

void nsc_live_port_init(struct nsc_live_port *port, struct nsc_live *live, const struct nsc_live_options *o,
			uint32_t hold_ms, const struct nsc_rx_ops *ops, void (*look)(struct nsc_live_port *))
{
	port->live = live;
	port->look = look;
	port->interface = nsc_interface_number(o->interface, strlen(o->interface));
	port->rx.ops = ops;
	live->port[live->ports++] = port;
	port->fd = -1;
	port->state = NSC_RX_MORE;
	port->rx.live = true;
	port->rx.nanoseconds = true;
	port->own_clock = o->stamps == NSC_STAMPS_HARDWARE;
	port->rx.clock = port->own_clock ? "interface" : "kernel";
	port->lag_ns = hold_ms * 1000000ull + NSC_LIVE_MARGIN_NS;
	port->wall_ns = nsc_clock_ns(CLOCK_REALTIME) - nsc_clock_ns(CLOCK_BOOTTIME);
	port->rx.clock_log = port == live->port[0] ? &port->clock.log : NULL; /* all have the same clock */
	port->own = nsc_rx_counters_unknown();
	port->own.kernel_seen = port->own.kernel_drops = 0;
	nsc_rx_counters_copy(&port->shared, &port->own);
}

int nsc_live_attach(struct nsc_live_port *port, struct nsc_error *error)
{
	const struct nsc_live_filter *filter = port->live->filter;
	int status;

	memcpy(port->recheck, filter->recheck, sizeof(port->recheck));
	port->look(port);
	port->own.kernel_seen = port->own.kernel_drops = 0;
	status = nsc_live_filter_attach(filter, port->fd);
	nsc_rx_counters_copy(&port->shared, &port->own);
	return status ? nsc_fail(error, status, "the kernel refused the filter: %s", strerror(-status)) : 0;
}

/* --- another filter --------------------------------------------------------------------------- */

/* Compiled for every capture before any has it. */
static int live_compile_next(const struct nsc_live_group *group, const char *expression, struct nsc_live_filter **next,
			     struct nsc_error *error)
{
	int status = 0;

	for (uint32_t i = 0; i < group->n && !status; i++) {
		struct nsc_live_filter_options options = group->live[i]->compiled;

		options.expression = expression;
		status = nsc_live_filter_open(&next[i], &options, error);
	}
	return status;
}

static void live_hand_filter(struct nsc_live *live, struct nsc_live_filter *filter)
{
	live->before = live->filter;
	live->filter = filter;
	__atomic_store_n(&live->refused, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&live->filters, live->filters + 1, __ATOMIC_RELEASE);
}

int nsc_rx_live_filter(struct nsc_rx *rx, const char *expression, struct nsc_error *error)
{
	struct nsc_live_group *group = nsc_live_port_of(rx)->live->group;
	struct nsc_live_filter *next[NSC_LIVE_INTERFACES_MAX] = { NULL };
	int status = live_compile_next(group, expression, next, error);

	for (uint32_t i = 0; i < group->n; i++) {
		if (status)
			nsc_live_filter_close(next[i]);
		else
			live_hand_filter(group->live[i], next[i]);
	}
	return status;
}

/* One that has ended does not look at a filter any more. */
static bool live_has_last_filter(const struct nsc_live *live)
{
	for (uint32_t i = 0; i < live->ports; i++)
		if (__atomic_load_n(&live->port[i]->filters, __ATOMIC_ACQUIRE) != live->filters &&
		    __atomic_load_n(&live->port[i]->state, __ATOMIC_ACQUIRE) == NSC_RX_MORE)
			return false;
	return true;
}

bool nsc_rx_live_filtered(struct nsc_rx *rx, int *refused)
{
	struct nsc_live_group *group = nsc_live_port_of(rx)->live->group;
	int status;

	*refused = 0;
	for (uint32_t i = 0; i < group->n; i++)
		if (group->live[i]->before && !live_has_last_filter(group->live[i]))
			return false;
	for (uint32_t i = 0; i < group->n; i++) {
		status = group->live[i]->before ? __atomic_load_n(&group->live[i]->refused, __ATOMIC_RELAXED) : 0;
		*refused = status ? status : *refused;
		nsc_live_filter_close(group->live[i]->before);
		group->live[i]->before = NULL;
	}
	return true;
}

/* By way of a program that lets everything pass: two long ones at a time may be more than a socket may have, and what
 * the kernel lets pass must never be less than the new filter wants. */
static int live_exchange(struct nsc_live_port *port, const struct nsc_live_filter *filter)
{
	int status = nsc_live_filter_widen(filter, port->fd);

	return status ? status : nsc_live_filter_attach(filter, port->fd);
}

static void live_take_filter(struct nsc_live_port *port, uint32_t filters, uint64_t boot_ns)
{
	struct nsc_live *live = port->live;
	int status;

	port->filter = live->filter;
	port->recheck[false] = port->recheck[true] = port->filter->whole;
	port->exchanged_ns = boot_ns;
	port->draining = port->fd < 0 ? NSC_LIVE_DRAINED : NSC_LIVE_EXCHANGED; /* without a socket `whole` decides */
	status = port->stopped_ns || port->fd < 0 ? 0 : live_exchange(port, port->filter);
	if (status) {
		port->draining = NSC_LIVE_WIDE;
		__atomic_store_n(&live->refused, status, __ATOMIC_RELAXED);
	}
	__atomic_store_n(&port->filters, filters, __ATOMIC_RELEASE);
}

/* Packets are read in the order in which the kernel let them pass. One that it was looking at when the program was
 * exchanged is counted a little later. */
static void live_drain(struct nsc_live_port *port, uint64_t boot_ns)
{
	const struct nsc_rx_counters *own = &port->own;

	if (port->draining == NSC_LIVE_EXCHANGED && boot_ns - port->exchanged_ns > NSC_LIVE_MARGIN_NS) {
		port->drained_at = own->kernel_seen - own->kernel_drops;
		port->draining = NSC_LIVE_DRAINS;
	}
	if (port->draining != NSC_LIVE_DRAINS || own->received + own->left < port->drained_at)
		return;
	memcpy(port->recheck, port->filter->recheck, sizeof(port->recheck));
	port->draining = NSC_LIVE_DRAINED;
}

void nsc_live_follow_filter(struct nsc_live_port *port, uint64_t boot_ns)
{
	uint32_t filters = __atomic_load_n(&port->live->filters, __ATOMIC_ACQUIRE);

	if (nsc_unlikely(filters != port->filters))
		live_take_filter(port, filters, boot_ns);
	else if (nsc_unlikely(port->draining))
		live_drain(port, boot_ns);
}

/* --- the count -------------------------------------------------------------------------------- */

uint32_t nsc_live_claim(struct nsc_live_port *port, uint32_t want)
{
	struct nsc_live_group *group = port->live->group;
	uint64_t claimed, n;

	if (nsc_likely(port->live->count == UINT64_MAX))
		return want;
	claimed = __atomic_load_n(&group->claimed, __ATOMIC_RELAXED);
	do {
		n = NSC_MIN(group->count - claimed, (uint64_t)want);
	} while (n && !__atomic_compare_exchange_n(&group->claimed, &claimed, claimed + n, true, __ATOMIC_RELAXED,
						   __ATOMIC_RELAXED));
	return (uint32_t)n;
}

void nsc_live_delivered(struct nsc_live_port *port, uint32_t claimed, uint32_t n)
{
	struct nsc_live_group *group = port->live->group;

	if (nsc_likely(port->live->count == UINT64_MAX))
		return;
	if (n < claimed)
		__atomic_fetch_sub(&group->claimed, claimed - n, __ATOMIC_RELAXED);
	__atomic_fetch_add(&group->done, n, __ATOMIC_RELAXED);
}

static bool has_enough(const struct nsc_live_port *port)
{
	const struct nsc_live_group *group = port->live->group;

	return group->count != UINT64_MAX && __atomic_load_n(&group->done, __ATOMIC_RELAXED) >= group->count;
}

/* --- the end ---------------------------------------------------------------------------------- */

void nsc_live_stop(struct nsc_rx *rx)
{
	struct nsc_live_port *port = (struct nsc_live_port *)rx;

	if (port->stopped_ns)
		return;
	port->stopped_ns = nsc_monotonic_ns();
	if (port->fd >= 0)
		nsc_live_filter_shut(port->fd); /* a socket that fails here takes nothing in anyway */
}

void nsc_live_check(struct nsc_live_port *port)
{
	enum nsc_interface_state state;

	if (nsc_likely(!port->suspect) || port->gone || !port->live->interface.index)
		return;
	state = nsc_interface_state(&port->live->interface);
	port->suspect = state != NSC_INTERFACE_UP;
	if (state != NSC_INTERFACE_GONE)
		return;
	port->gone = true;
	nsc_fail(&port->rx.error, 0, "the interface '%s' was removed: the capture ends, what came before that is kept",
		 port->live->interface.name);
	nsc_live_stop(&port->rx);
}

void nsc_live_end(struct nsc_live_port *port, bool failed)
{
	__atomic_store_n(&port->state, failed ? (uint32_t)NSC_RX_FAILED : (uint32_t)NSC_RX_END, __ATOMIC_RELEASE);
}

static bool is_empty(const struct nsc_live_port *port)
{
	const struct nsc_rx_counters *own = &port->own;

	return own->kernel_seen == own->received + own->kernel_drops + own->left;
}

/* Packets that were past the filter when it was shut are in a block that its timer will close: not before that.
 */
static void look_for_end(struct nsc_live_port *port)
{
	uint64_t passed_ns = nsc_monotonic_ns() - port->stopped_ns;

	if (passed_ns < port->lag_ns)
		return;
	port->look(port);
	if (is_empty(port) || passed_ns > port->lag_ns + NSC_LIVE_PATIENCE_NS)
		nsc_live_end(port, port->gone);
}

/* --- time ------------------------------------------------------------------------------------- */

/* The kernel stamps packets with CLOCK_REALTIME, which is set ahead and back, and CLOCK_BOOTTIME is not: what one of
 * them has gone further than the other is no time that has passed. How much they are apart now, beyond what is known:
 */
static int64_t live_time_apart(const struct nsc_live_port *port, uint64_t boot_ns)
{
	return (int64_t)(nsc_clock_ns(CLOCK_REALTIME) - boot_ns - port->wall_ns);
}

static bool live_time_differs(int64_t apart)
{
	return apart > (int64_t)NSC_STEADY_SLACK_NS || apart < -(int64_t)NSC_STEADY_SLACK_NS;
}

static void live_time_set(struct nsc_live_port *port, int64_t apart)
{
	port->wall_ns += (uint64_t)apart;
	port->set_ns = 0;
	nsc_steady_set(&port->clock, (uint64_t)apart);
}

/* A stamp that fits the wall clock as it is now, and not as it was, is the first one from after it was set. */
void nsc_live_look_at_time(struct nsc_live_port *port, uint64_t ts_ns)
{
	static const struct nsc_steady_context context = { .begins = true };
	uint64_t boot_ns = nsc_clock_ns(CLOCK_BOOTTIME);
	int64_t apart = port->own_clock ? 0 : live_time_apart(port, boot_ns);
	uint64_t old_ns = boot_ns + port->wall_ns - ts_ns + NSC_STEADY_SLACK_NS / 2; /* its age: the future is huge */
	uint64_t new_ns = old_ns + (uint64_t)apart;

	if (live_time_differs(apart) && new_ns < old_ns)
		live_time_set(port, apart);
	nsc_steady_look(&port->clock, ts_ns, &context);
}

/* A wall clock that was set is taken at its word when no stamp from before that can come any more. Smaller changes are
 * what keeps it right. */
static void live_time_watch(struct nsc_live_port *port, uint64_t boot_ns)
{
	int64_t apart = live_time_apart(port, boot_ns);

	if (nsc_likely(!live_time_differs(apart))) {
		port->wall_ns += (uint64_t)apart;
		port->set_ns = 0;
	} else if (!port->set_ns) {
		port->set_ns = boot_ns;
	} else if (boot_ns - port->set_ns > port->lag_ns) {
		live_time_set(port, apart);
	}
}

static void note_clock(struct nsc_live_port *port, uint64_t boot_ns)
{
	uint64_t passed_ns = boot_ns - port->arrived_ns;

	if (!port->own_clock) {
		live_time_watch(port, boot_ns);
		nsc_steady_idle(&port->clock, boot_ns + port->wall_ns - port->lag_ns);
	} else if (port->arrived_ns && passed_ns > port->lag_ns) { /* that clock went on as ours did */
		nsc_steady_idle(&port->clock, port->then_ns + passed_ns - port->lag_ns);
	}
}

static void look_now(struct nsc_live_port *port, uint64_t boot_ns)
{
	port->look_ns = boot_ns + NSC_LIVE_LOOK_NS;
	port->look(port);
	nsc_live_follow_filter(port, boot_ns);
}

static void live_idle(struct nsc_live_port *port)
{
	uint64_t boot_ns = nsc_clock_ns(CLOCK_BOOTTIME);

	note_clock(port, boot_ns);
	if (boot_ns >= port->look_ns)
		look_now(port, boot_ns);
	if (nsc_unlikely(!port->discards && has_enough(port))) {
		port->discards = true;
		nsc_live_stop(&port->rx);
	}
	if (nsc_unlikely(port->stopped_ns && port->state == NSC_RX_MORE))
		look_for_end(port);
}

/* The stamp of the newest packet says what time it is, and costs nothing. */
static void live_busy(struct nsc_live_port *port)
{
	uint64_t boot_ns = port->last_ns - port->wall_ns;

	if (nsc_unlikely(port->own_clock)) {
		boot_ns = port->arrived_ns = nsc_clock_ns(CLOCK_BOOTTIME);
		port->then_ns = port->clock.hand.now_ns + port->clock.hand.offset_ns;
	}
	if (nsc_unlikely(boot_ns >= port->look_ns))
		look_now(port, nsc_clock_ns(CLOCK_BOOTTIME));
}

void nsc_live_end_poll(struct nsc_live_port *port, struct nsc_burst *burst, uint32_t n, bool more, uint64_t loan)
{
	if (n)
		live_busy(port);
	else
		live_idle(port);
	burst->n = n;
	burst->state = port->state != NSC_RX_MORE ? port->state : more ? NSC_RX_MORE : NSC_RX_IDLE;
	burst->clock_ns = port->clock.hand.now_ns;
	burst->offset_ns = port->clock.hand.offset_ns;
	burst->loan = loan;
	port->own.clock_outliers = port->clock.outliers;
	port->own.clock_steps = port->rx.clock_log ? port->clock.steps : 0;
	nsc_rx_counters_copy(&port->shared, &port->own);
}

bool nsc_live_sleep(struct nsc_live_port *port, uint64_t timeout_ns, bool lent)
{
	struct pollfd socket = { .fd = port->fd, .events = POLLIN };
	struct timespec timeout;

	if (port->stopped_ns)
		timeout_ns = NSC_MIN(timeout_ns, (uint64_t)STOPPING_SLEEP_NS);
	if (lent) /* what is lent keeps the socket readable: it says nothing */
		timeout_ns = NSC_MIN(timeout_ns, (uint64_t)LENT_SLEEP_NS);
	timeout = (struct timespec){ .tv_sec = (time_t)(timeout_ns / NSC_NS_PER_SEC),
				     .tv_nsec = (long)(timeout_ns % NSC_NS_PER_SEC) };
	return ppoll(&socket, !lent, &timeout, NULL) <= 0 || !(socket.revents & (POLLERR | POLLHUP | POLLNVAL));
}

/* --- counters --------------------------------------------------------------------------------- */

void nsc_live_counters(const struct nsc_rx *rx, struct nsc_rx_counters *counters)
{
	const struct nsc_live_port *port = (const struct nsc_live_port *)rx;
	struct nsc_nic_counts counts;

	nsc_rx_counters_copy(counters, &port->shared);
	if (port != port->live->port[0])
		return;
	nsc_nic_read(port->live->nic, &counts);
	counters->nic_drops = counts.missed;
	counters->stack_drops = counts.lost;
}
