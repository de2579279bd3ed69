/* SPDX-License-Identifier: MIT
 *
 * Which packets move the clock. Everything here is decided from times in capture order alone.
 */
#include "netscope/steady.h"

#include "engine/base/assert.h"

/* --- distances -------------------------------------------------------------------------------- */

/* From x to y, the shorter way round: -2^63..2^63 - 1. */
static int64_t steady_distance(uint64_t x, uint64_t y)
{
	return (int64_t)(y - x);
}

static uint64_t steady_of(const struct nsc_steady *c, uint64_t ts_ns)
{
	return ts_ns - c->hand.offset_ns;
}

static int64_t steady_ahead(const struct nsc_steady *c, uint64_t ts_ns)
{
	return steady_distance(c->hand.now_ns, steady_of(c, ts_ns));
}

static bool steady_leaps_ahead(const struct nsc_steady *c, uint64_t ts_ns)
{
	return steady_ahead(c, ts_ns) > (int64_t)NSC_STEADY_LEAP_NS;
}

/* --- moving ----------------------------------------------------------------------------------- */

/* Steady times just below 2^64 lie behind one just above 0. */
static void steady_advance(struct nsc_steady *c, uint64_t to_ns)
{
	if (c->hand.now_ns >= 2 * NSC_STEADY_MAX) /* a hundred thousand weeks: here time ends, and the run goes on */
		return;
	if (steady_distance(c->hand.now_ns, to_ns) > 0)
		c->hand.now_ns = to_ns;
}

/* The smallest steady time >= now_ns whose part of a second is that of ts_ns: ticks go on at whole seconds. */
static uint64_t steady_place(uint64_t now_ns, uint64_t ts_ns)
{
	uint64_t at_ns = now_ns - now_ns % NSC_NS_PER_SEC + ts_ns % NSC_NS_PER_SEC;

	return at_ns < now_ns ? at_ns + NSC_NS_PER_SEC : at_ns;
}

static void steady_note_step(struct nsc_steady *c, uint64_t from_ns, uint64_t to_ns)
{
	struct nsc_steady_log *log = &c->log;

	c->steps++;
	if (log->n == NSC_STEADY_STEPS_KEPT)
		return;
	log->step[log->n] = (struct nsc_steady_step){ .from_ns = from_ns, .to_ns = to_ns };
	__atomic_store_n(&log->n, log->n + 1, __ATOMIC_RELEASE);
}

static void steady_change_offset(struct nsc_steady *c, uint64_t offset_ns)
{
	c->before_ns = c->hand.offset_ns;
	c->returns = true;
	c->hand.offset_ns = offset_ns;
}

/* What waited for the next packet waited in vain. */
static void steady_settle(struct nsc_steady *c)
{
	if (!c->outliers && (c->run || c->leapt))
		c->log.outlier = (struct nsc_steady_step){ .from_ns = c->hand.now_ns + c->hand.offset_ns,
							   .to_ns = c->leapt ? c->leap_ns : c->first_ns };
	c->outliers += c->run + c->leapt;
	c->run = 0;
	c->leapt = false;
	c->hand.open_ns = c->support < NSC_STEADY_RUN ? 0 : NSC_STEADY_SLACK_NS;
}

static void steady_support(struct nsc_steady *c, uint32_t packets)
{
	c->support = NSC_MIN(c->support + packets, NSC_STEADY_RUN);
	steady_settle(c);
}

static enum nsc_steady_verdict steady_begin(struct nsc_steady *c, uint64_t ts_ns)
{
	c->hand.now_ns = ts_ns < NSC_STEADY_MAX ? ts_ns : steady_place(NSC_STEADY_MAX / 2, ts_ns);
	c->hand.offset_ns = ts_ns - c->hand.now_ns;
	steady_support(c, 1);
	return NSC_STEADY_TAKEN;
}

/* --- behind ----------------------------------------------------------------------------------- */

/* Whether ts_ns follows the packets of the run as packets follow the clock. */
static bool steady_run_goes_on(const struct nsc_steady *c, uint64_t ts_ns)
{
	int64_t ahead = steady_distance(c->run_ns, ts_ns);

	return c->run && ahead >= -(int64_t)NSC_STEADY_SLACK_NS && ahead <= (int64_t)NSC_STEADY_LEAP_NS;
}

/* Whether ts_ns is where time would be by now without the last step: then that step has ended. */
static bool steady_returns(const struct nsc_steady *c, uint64_t ts_ns)
{
	int64_t ahead = steady_distance(c->hand.now_ns, ts_ns - c->before_ns);

	return c->returns && ahead >= -(int64_t)NSC_STEADY_SLACK_NS && ahead <= (int64_t)NSC_STEADY_RETURN_NS;
}

static void steady_step_back(struct nsc_steady *c)
{
	uint64_t from_ns = c->hand.now_ns + c->hand.offset_ns;

	steady_change_offset(c, steady_returns(c, c->first_ns)
					? c->before_ns
					: c->first_ns - steady_place(c->hand.now_ns, c->first_ns));
	steady_advance(c, steady_of(c, c->run_ns));
	steady_note_step(c, from_ns, c->first_ns);
	c->support = c->run;
	c->run = 0;
	steady_support(c, 1);
}

static enum nsc_steady_verdict steady_look_behind(struct nsc_steady *c, uint64_t ts_ns, bool begins)
{
	bool goes_on = steady_run_goes_on(c, ts_ns);
	uint32_t needs = NSC_MIN(c->support + 1, NSC_STEADY_RUN);

	if (goes_on && c->run + 1 >= needs && !begins)
		return NSC_STEADY_STEPS;
	if (!goes_on) {
		steady_settle(c);
		c->first_ns = c->run_ns = ts_ns;
	} else if (steady_distance(c->run_ns, ts_ns) > 0) {
		c->run_ns = ts_ns;
	}
	c->run++;
	c->hand.open_ns = 0;
	if (c->run >= needs)
		steady_step_back(c);
	return NSC_STEADY_TAKEN;
}

/* --- ahead ------------------------------------------------------------------------------------ */

/* Both times leap: the clock goes to the earlier one. */
static void steady_leap_to(struct nsc_steady *c, uint64_t ts_ns)
{
	uint64_t from_ns = c->hand.now_ns + c->hand.offset_ns, to_ns = steady_of(c, ts_ns);

	if (to_ns >= NSC_STEADY_MAX) {
		to_ns = steady_place(NSC_MIN(c->hand.now_ns + NSC_STEADY_LEAP_NS, 2 * NSC_STEADY_MAX), ts_ns);
		steady_change_offset(c, ts_ns - to_ns);
	}
	steady_advance(c, to_ns);
	steady_note_step(c, from_ns, ts_ns);
	c->leapt = false;
	c->support = 0;
	steady_support(c, 1);
}

static uint64_t steady_earlier(const struct nsc_steady *c, uint64_t x, uint64_t y)
{
	return steady_ahead(c, x) < steady_ahead(c, y) ? x : y;
}

/* The packet is the second that lies beyond, or has one behind it. The later of the two may be an outlier. */
static enum nsc_steady_verdict steady_confirm(struct nsc_steady *c, uint64_t ts_ns, uint64_t other_ns, bool begins)
{
	uint64_t to_ns = steady_earlier(c, ts_ns, other_ns);

	if (!begins && steady_of(c, to_ns) >= NSC_STEADY_MAX)
		return NSC_STEADY_STEPS;
	steady_leap_to(c, to_ns);
	if (!steady_leaps_ahead(c, ts_ns)) {
		steady_advance(c, steady_of(c, ts_ns));
	} else {
		c->leapt = true;
		c->leap_ns = ts_ns;
		c->hand.open_ns = 0;
	}
	return NSC_STEADY_TAKEN;
}

static enum nsc_steady_verdict steady_look_ahead(struct nsc_steady *c, uint64_t ts_ns,
						 const struct nsc_steady_context *context)
{
	if (c->leapt)
		return steady_confirm(c, ts_ns, c->leap_ns, context->begins);
	if (context->next_ns && steady_leaps_ahead(c, *context->next_ns))
		return steady_confirm(c, ts_ns, *context->next_ns, context->begins);
	if (context->asks)
		return NSC_STEADY_ASKS;
	steady_settle(c);
	c->leapt = true;
	c->leap_ns = ts_ns;
	c->hand.open_ns = 0;
	return NSC_STEADY_TAKEN;
}

/* --- the packet ------------------------------------------------------------------------------- */

static enum nsc_steady_verdict steady_return(struct nsc_steady *c, uint64_t ts_ns, bool begins)
{
	uint64_t from_ns = c->hand.now_ns + c->hand.offset_ns;

	if (!begins)
		return NSC_STEADY_STEPS;
	steady_settle(c);
	steady_change_offset(c, c->before_ns);
	steady_advance(c, steady_of(c, ts_ns));
	steady_note_step(c, from_ns, ts_ns);
	steady_support(c, 1);
	return NSC_STEADY_TAKEN;
}

/* Between late and a leap. */
static enum nsc_steady_verdict steady_look_near(struct nsc_steady *c, uint64_t ts_ns, int64_t ahead)
{
	steady_settle(c);
	if (ahead > 0)
		steady_advance(c, steady_of(c, ts_ns));
	steady_support(c, 1);
	return NSC_STEADY_TAKEN;
}

enum nsc_steady_verdict nsc_steady_look(struct nsc_steady *c, uint64_t ts_ns, const struct nsc_steady_context *context)
{
	int64_t ahead = steady_ahead(c, ts_ns);

	if (nsc_unlikely(!c->support))
		return steady_begin(c, ts_ns);
	if (ahead < -(int64_t)NSC_STEADY_SLACK_NS)
		return steady_look_behind(c, ts_ns, context->begins);
	if (ahead > (int64_t)NSC_STEADY_RETURN_NS && steady_returns(c, ts_ns))
		return steady_return(c, ts_ns, context->begins);
	if (ahead > (int64_t)NSC_STEADY_LEAP_NS)
		return steady_look_ahead(c, ts_ns, context);
	return steady_look_near(c, ts_ns, ahead);
}

void nsc_steady_idle(struct nsc_steady *c, uint64_t ts_ns)
{
	if (!c->support)
		steady_begin(c, ts_ns);
	else if (steady_ahead(c, ts_ns) > 0)
		steady_advance(c, steady_of(c, ts_ns));
}

void nsc_steady_set(struct nsc_steady *c, uint64_t by_ns)
{
	uint64_t from_ns = c->hand.now_ns + c->hand.offset_ns;

	if (!c->support)
		return;
	steady_settle(c);
	c->hand.offset_ns += by_ns;
	c->returns = false;
	steady_note_step(c, from_ns, from_ns + by_ns);
}

void nsc_steady_end(struct nsc_steady *c)
{
	steady_settle(c);
}

uint32_t nsc_steady_log_read(const struct nsc_steady_log *log, struct nsc_steady_step step[NSC_STEADY_STEPS_KEPT])
{
	uint32_t n = __atomic_load_n(&log->n, __ATOMIC_ACQUIRE);

	nsc_assert(n <= NSC_STEADY_STEPS_KEPT, "a log says how many steps it holds");
	for (uint32_t i = 0; i < n; i++)
		step[i] = log->step[i];
	return n;
}
