/* SPDX-License-Identifier: MIT
 *
 * The capture thread's end of the lanes: bursts and loans, steering, the loop.
 */
#include "engine/rings/lane_parts.h"

#include <sched.h>
#include <string.h>

#include "engine/base/account.h"
#include "engine/base/assert.h"
#include "engine/rings/line_copy.h"

enum { SLEEP_MIN_NS = 1000 * 1000, SLEEP_MAX_NS = 50 * 1000 * 1000 }; /* one sleep at a live source */

#define RECLAIM_ROUNDS 16u /* source bursts between two looks at what came back, unless something is needed */

/* --- the capture thread's side: bursts and loans ---------------------------------------------- */

static void lane_put_free(struct nsc_lane *lane, struct nsc_burst *burst)
{
	lane->free[lane->n_free++] = burst;
	lane->returned++;
}

static void lane_reclaim(struct nsc_lane *lane)
{
	struct nsc_burst *burst;

	while ((burst = nsc_channel_acquire(lane->channel)))
		lane_put_free(lane, burst);
}

static uint64_t lane_oldest_loan(const struct nsc_lane *lane)
{
	if (lane->returned < lane->sent)
		return lane->loans[lane->returned % lane->bursts];
	return lane->filling ? lane->filling_loan : UINT64_MAX;
}

/* Ends the loans that nobody holds any more. All packets polled so far must have been steered. True while workers hold
 * some. */
static bool lanes_reclaim(struct nsc_lanes *lanes)
{
	uint64_t oldest = UINT64_MAX;

	lanes->rounds = 0;
	for (uint32_t i = 0; i < lanes->n; i++) {
		lane_reclaim(&lanes->lane[i]);
		oldest = NSC_MIN(oldest, lane_oldest_loan(&lanes->lane[i]));
	}
	if (oldest == UINT64_MAX) {
		nsc_rx_release(lanes->source, lanes->burst.loan);
	} else if (oldest > lanes->kept) {
		lanes->kept = oldest;
		nsc_rx_release(lanes->source, oldest - 1);
	}
	return oldest != UINT64_MAX;
}

/* The doorbells of a lane are hasty, and may miss a worker that falls asleep just then. Here is the look that does not:
 * a burst in a live lane waits for its worker no longer than RECLAIM_ROUNDS polls of the source, or until the source
 * pauses. */
static void lanes_ring_missed(struct nsc_lanes *lanes)
{
	for (uint32_t i = 0; i < lanes->n; i++)
		if (nsc_channel_waiting(lanes->lane[i].channel))
			nsc_channel_ring_receiver(lanes->lane[i].channel);
}

/* Begins the lane's next burst; false when the lane is full and the packet must be dropped. */
static bool lane_begin(struct nsc_lanes *lanes, struct nsc_lane *lane, bool wait)
{
	if (!lane->n_free)
		lane_reclaim(lane);
	if (!lane->n_free)
		NSC_USDT(lane_full, (uint32_t)(lane - lanes->lane), !wait);
	if (!lane->n_free && !wait)
		return false;
	if (!lane->n_free)
		lane_put_free(lane, nsc_channel_acquire_or_wait(lane->channel, &lanes->counters, NSC_C_LANE_WAITS,
								NSC_C_WAITED_LANE));
	lane->filling = lane->free[--lane->n_free];
	lane->filling_loan = lanes->burst.loan;
	lane->n = 0;
	return true;
}

static void lane_send(struct nsc_lanes *lanes, struct nsc_lane *lane, uint64_t clock_ns, enum nsc_rx_state state)
{
	struct nsc_burst *burst = lane->filling;
	struct nsc_lane_head head = { .n = lane->n,
				      .state = state,
				      .clock_ns = clock_ns,
				      .loan = lane->filling_loan,
				      .offset_ns = lanes->offset_ns,
				      .sent = nsc_cycles() };

	memcpy(head.linktype, lanes->linktype, sizeof(head.linktype));
	nsc_line_copy(burst, &head);
	nsc_lines_copied(); /* its partner is the channel's receive */
	if (lanes->counters.timeline)
		nsc_timeline_tag(lanes->counters.timeline, NSC_TIMELINE_LANE_SEND, (uint32_t)(lane - lanes->lane),
				 (uint32_t)lane->sent);
	lane->loans[lane->sent++ % lane->bursts] = lane->filling_loan;
	nsc_count(&lanes->counters, NSC_C_LANE_PACKETS, lane->n);
	nsc_count(&lanes->counters, NSC_C_LANE_BURSTS, 1);
	lane->filling = NULL;
	nsc_channel_send(lane->channel, burst);
}

/* --- the capture thread's side: steering ------------------------------------------------------ */

/* Packets without a flow only want counting: all of one fate go to one worker. */
static uint32_t lanes_pick(const struct nsc_packet *pkt, uint32_t n)
{
	return pkt->fate == NSC_FATE_FLOW ? (uint32_t)((uint64_t)pkt->hash * n >> 32) : pkt->fate % n;
}

static void lanes_steer(struct nsc_lanes *lanes, const struct nsc_packet *pkt, uint32_t n)
{
	bool wait = !lanes->source->live;

	for (uint32_t i = 0; i < n; i++) {
		struct nsc_lane *lane = &lanes->lane[lanes_pick(&pkt[i], lanes->n)];

		if (nsc_unlikely(!lane->filling) && !lane_begin(lanes, lane, wait)) {
			nsc_count_loss(&lanes->counters, NSC_C_LANE_FULL, 1);
			continue;
		}
		nsc_line_copy(&lane->filling->pkt[lane->n++], &pkt[i]);
		if (nsc_unlikely(lane->n == NSC_BURST_MAX))
			lane_send(lanes, lane, pkt[i].clock_ns, NSC_RX_MORE);
	}
}

/* What the tick and the epoch of clock_ns have in common. */
static struct nsc_period lanes_uncut_at(const struct nsc_lanes *lanes, uint64_t clock_ns)
{
	struct nsc_period tick = nsc_period_of(clock_ns, lanes->tick_ns), epoch;

	if (!lanes->epoch_ns)
		return tick;
	epoch = nsc_period_of(clock_ns, lanes->epoch_ns);
	return nsc_period_common(&tick, &epoch, clock_ns);
}

/* A burst to every lane, empty if need be. Live, a lane that is full hears of this border with its next burst. While
 * the source has nothing, idle lanes are woken: they would otherwise close the tick late. */
static void lanes_cross_border(struct nsc_lanes *lanes, uint64_t clock_ns)
{
	for (uint32_t i = 0; i < lanes->n; i++) {
		struct nsc_lane *lane = &lanes->lane[i];

		if (lane->filling || lane_begin(lanes, lane, !lanes->source->live))
			lane_send(lanes, lane, clock_ns, NSC_RX_MORE);
		if (lanes->waiting)
			nsc_channel_ring_receiver(lane->channel);
	}
	nsc_timeline_core(lanes->counters.timeline);
	lanes->uncut = lanes_uncut_at(lanes, clock_ns);
	lanes->clock_ns = clock_ns;
}

static void lanes_steer_burst(struct nsc_lanes *lanes, const struct nsc_packet *pkt, uint32_t packets)
{
	for (uint32_t n, left = packets; left; left -= n, pkt += n) {
		if (nsc_unlikely(!nsc_period_holds(&lanes->uncut, pkt->clock_ns)))
			lanes_cross_border(lanes, pkt->clock_ns);
		n = nsc_period_held(&lanes->uncut, pkt, left);
		nsc_assert(n, "a tick and an epoch hold the packet with which they begin");
		lanes_steer(lanes, pkt, n);
	}
	lanes->clock_ns = pkt[-1].clock_ns;
}

/* What is half full goes on its way: latency, and loans that would never end. */
static void lanes_flush(struct nsc_lanes *lanes)
{
	for (uint32_t i = 0; i < lanes->n; i++) {
		if (lanes->lane[i].filling)
			lane_send(lanes, &lanes->lane[i], lanes->clock_ns, NSC_RX_MORE);
		nsc_channel_ring_receiver(lanes->lane[i].channel);
	}
}

/* A burst in a lane has one number for each link and one offset of time, as the source's bursts have. */
static void lanes_take_common(struct nsc_lanes *lanes)
{
	if (nsc_likely(!memcmp(lanes->linktype, lanes->source->linktype, sizeof(lanes->linktype)) &&
		       lanes->offset_ns == lanes->burst.offset_ns))
		return;
	lanes_flush(lanes);
	memcpy(lanes->linktype, lanes->source->linktype, sizeof(lanes->linktype));
	lanes->offset_ns = lanes->burst.offset_ns;
}

static void lanes_finish(struct nsc_lanes *lanes)
{
	uint64_t clock_ns = NSC_MAX(lanes->clock_ns, lanes->burst.clock_ns);

	lanes_take_common(lanes);
	if (lanes->tap)
		nsc_tap_end(lanes->tap);
	for (uint32_t i = 0; i < lanes->n; i++) {
		if (!lanes->lane[i].filling)
			lane_begin(lanes, &lanes->lane[i], true);
		lane_send(lanes, &lanes->lane[i], clock_ns, NSC_RX_END);
		nsc_channel_ring_receiver(lanes->lane[i].channel);
	}
}

/* --- the loop --------------------------------------------------------------------------------- */

static void lanes_account(struct nsc_lanes *lanes, unsigned counter)
{
	nsc_account_burst(&lanes->counters, counter, lanes->burst.n);
}

static void lanes_tap(struct nsc_lanes *lanes, const struct nsc_packet *pkt, uint32_t n)
{
	if (nsc_likely(!lanes->tap))
		return;
	if (n)
		nsc_tap_burst(lanes->tap, lanes->source, pkt, n, &lanes->counters);
	else
		nsc_tap_flush(lanes->tap, lanes->burst.clock_ns + lanes->burst.offset_ns);
	lanes_account(lanes, NSC_C_CYCLES_TAP);
}

nsc_always_inline void lanes_all_stages(struct nsc_lanes *lanes, struct nsc_packet *pkt, uint32_t n)
{
	nsc_decode_burst(&lanes->decode, pkt, n);
	lanes_account(lanes, NSC_C_CYCLES_DECODE);
	lanes_tap(lanes, pkt, n);
	lanes_take_common(lanes);
	lanes_steer_burst(lanes, pkt, n);
}

static void lanes_trace_packet(struct nsc_lanes *lanes, struct nsc_packet *pkt)
{
	enum nsc_decode_path path = nsc_decode_path(&lanes->decode, pkt);
	struct nsc_trace_packet *traced;

	lanes_account(lanes, NSC_C_CYCLES_STEER);
	nsc_trace_begin(lanes->trace, &lanes->counters);
	lanes_all_stages(lanes, pkt, 1);
	lanes_account(lanes, NSC_C_CYCLES_STEER);
	traced = nsc_trace_end(lanes->trace, &lanes->counters, pkt);
	traced->path = (uint8_t)path;
	traced->lanes = true;
	traced->worker = lanes_pick(pkt, lanes->n);
	traced->capture_core = sched_getcpu();
}

/* The same packets in the same order, but those that are wanted come alone. */
static __attribute__((noinline, cold)) void lanes_trace_stages(struct nsc_lanes *lanes)
{
	struct nsc_packet *pkt = lanes->burst.pkt, *end = pkt + lanes->burst.n;

	for (uint32_t n; pkt < end; pkt += n) {
		n = nsc_trace_wants(lanes->trace)
			    ? nsc_trace_next(lanes->trace, lanes->source, pkt, (uint32_t)(end - pkt))
			    : (uint32_t)(end - pkt);
		if (n) {
			lanes_all_stages(lanes, pkt, n);
			continue;
		}
		lanes_trace_packet(lanes, pkt);
		n = 1;
	}
}

static void lanes_work(struct nsc_lanes *lanes)
{
	uint64_t began = lanes->counters.stamp;

	nsc_idle_reset(&lanes->idle);
	lanes->waiting = false;
	if (lanes->counters.timeline)
		nsc_rounds_begin(&lanes->usage);
	lanes_account(lanes, NSC_C_CYCLES_RX);
	if (nsc_trace_wants(lanes->trace))
		lanes_trace_stages(lanes);
	else
		lanes_all_stages(lanes, lanes->burst.pkt, lanes->burst.n);
	if (++lanes->rounds >= RECLAIM_ROUNDS) {
		lanes_reclaim(lanes);
		if (lanes->source->live)
			lanes_ring_missed(lanes);
	}
	lanes_account(lanes, NSC_C_CYCLES_STEER);
	nsc_rounds_tell(&lanes->usage, lanes->counters.stamp - began, &lanes->counters);
	if (lanes->counters.timeline)
		nsc_timeline_round(lanes->counters.timeline, began, lanes->counters.stamp);
}

/* A live source has a place to sleep where packets wake us; the tick's end is not slept through. */
static void lanes_sleep(struct nsc_lanes *lanes)
{
	bool begun = nsc_period_holds(&lanes->uncut, lanes->burst.clock_ns);
	uint64_t left_ns = begun ? nsc_period_left(&lanes->uncut, lanes->burst.clock_ns) : 0;

	nsc_rounds_slept(&lanes->usage);
	if (lanes->source->ops->wait && nsc_idle_may_sleep(&lanes->idle))
		nsc_rx_wait(lanes->source, NSC_MAX(NSC_MIN(left_ns, (uint64_t)SLEEP_MAX_NS), (uint64_t)SLEEP_MIN_NS));
	else
		nsc_idle_wait(&lanes->idle);
}

/* Nothing came: live there is nothing, offline every loan is out (or a pipe is slow). A reader whose filter refuses
 * everything says MORE, and is polled again at once. */
static void lanes_rest(struct nsc_lanes *lanes)
{
	bool held;

	if (lanes->burst.state == NSC_RX_IDLE && !lanes->waiting) {
		lanes_flush(lanes);
		lanes->waiting = true;
		nsc_count(&lanes->counters, NSC_C_LANE_WAITS, !lanes->source->live);
	}
	held = lanes_reclaim(lanes);
	lanes_tap(lanes, NULL, 0);
	if (lanes->burst.state == NSC_RX_IDLE)
		lanes_sleep(lanes);
	if (held && lanes->waiting && !lanes->source->live)
		lanes_account(lanes, NSC_C_WAITED_LANE);
	else
		nsc_account_rest(&lanes->counters, NSC_C_CYCLES_EMPTY);
}

bool nsc_lanes_step(struct nsc_lanes *lanes)
{
	struct nsc_burst *burst = &lanes->burst;

	nsc_rx_poll(lanes->source, burst);
	if (burst->n)
		lanes_work(lanes);
	if (nsc_unlikely(burst->clock_ns && !nsc_period_holds(&lanes->uncut, burst->clock_ns))) {
		lanes_take_common(lanes);
		lanes_cross_border(lanes, burst->clock_ns);
	}
	if (nsc_unlikely(burst->state >= NSC_RX_END))
		return false;
	if (nsc_unlikely(__atomic_load_n(lanes->stop, __ATOMIC_RELAXED)) && nsc_rx_stop(lanes->source))
		return false;
	if (!burst->n)
		lanes_rest(lanes);
	return true;
}

void nsc_lanes_run(struct nsc_lanes *lanes)
{
	nsc_account_begin(&lanes->counters);
	while (nsc_lanes_step(lanes))
		;
	lanes_finish(lanes);
}
