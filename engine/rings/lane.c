/* SPDX-License-Identifier: MIT
 *
 * The capture thread's end of the lanes: bursts and loans, steering, the loop.
 */
#include "engine/rings/lane_parts.h"

#include <string.h>
#ifdef __x86_64__
#include <emmintrin.h>
#endif

#include "engine/base/assert.h"
#include "engine/base/cycles.h"

enum { SLEEP_MIN_NS = 1000 * 1000, SLEEP_MAX_NS = 50 * 1000 * 1000 }; /* one sleep at a live source */

#define RECLAIM_ROUNDS 16u /* source bursts between two looks at what came back, unless something is needed */

/* --- a line from core to core ----------------------------------------------------------------- */

/* The lines of a burst that came back lie in the worker's cache. A plain store would first bring each one over, only to
 * overwrite all of it: with both cores at work 30 ns per packet on the capture thread, which every worker waits for,
 * and prefetching for writing saves nothing. Stores past the cache cost it 3 to 5; the worker, which reads from memory
 * then, pays 3 more when the two take turns. The sanitizers do not see such stores, so they get plain ones. */
#if defined(__x86_64__) && !defined(NSC_SANITIZED)
static void copy_line(void *to, const void *from)
{
	for (unsigned i = 0; i < NSC_CACHE_LINE / sizeof(__m128i); i++)
		_mm_stream_si128((__m128i *)to + i, _mm_load_si128((const __m128i *)from + i));
}

/* Before the burst is sent: stores past the cache are ordered by nothing else. Its partner is the channel's receive. */
static void copied(void)
{
	_mm_sfence();
}
#else
static void copy_line(void *to, const void *from)
{
	memcpy(to, from, NSC_CACHE_LINE);
}

static void copied(void)
{
}
#endif

/* --- the capture thread's side: bursts and loans ---------------------------------------------- */

static void reclaim(struct nsc_lane *lane)
{
	struct nsc_burst *burst;

	while ((burst = nsc_channel_acquire(lane->channel))) {
		lane->free[lane->n_free++] = burst;
		lane->returned++;
	}
}

static uint64_t oldest_loan(const struct nsc_lane *lane)
{
	if (lane->returned < lane->sent)
		return lane->loans[lane->returned % lane->bursts];
	return lane->filling ? lane->filling_loan : UINT64_MAX;
}

/* Ends the loans that nobody holds any more. All packets polled so far must have been steered. */
static void reclaim_all(struct nsc_lanes *lanes)
{
	uint64_t oldest = UINT64_MAX;

	lanes->rounds = 0;
	for (uint32_t i = 0; i < lanes->n; i++) {
		reclaim(&lanes->lane[i]);
		oldest = NSC_MIN(oldest, oldest_loan(&lanes->lane[i]));
	}
	if (oldest == UINT64_MAX) {
		nsc_rx_release(lanes->source, lanes->burst.loan);
	} else if (oldest > lanes->kept) {
		lanes->kept = oldest;
		nsc_rx_release(lanes->source, oldest - 1);
	}
}

/* send() looks without a barrier whether the worker sleeps, and so may miss one that falls asleep just then. Here is
 * the look that does not: a burst in a live lane waits for its worker no longer than RECLAIM_ROUNDS polls of the
 * source, or until the source pauses. */
static void ring_who_missed(struct nsc_lanes *lanes)
{
	for (uint32_t i = 0; i < lanes->n; i++)
		if (nsc_channel_waiting(lanes->lane[i].channel))
			nsc_idle_ring(lanes->lane[i].worker);
}

static void wait_for_room(struct nsc_lanes *lanes, struct nsc_lane *lane)
{
	nsc_count(&lanes->counters, NSC_C_LANE_WAITS, 1);
	nsc_idle_ring(lane->worker);
	for (reclaim(lane); !lane->n_free; reclaim(lane))
		nsc_idle_wait(&lanes->idle);
	nsc_idle_reset(&lanes->idle);
}

/* Begins the lane's next burst; false when the lane is full and the packet must be dropped. */
static bool begin(struct nsc_lanes *lanes, struct nsc_lane *lane, bool wait)
{
	if (!lane->n_free)
		reclaim(lane);
	if (!lane->n_free && !wait)
		return false;
	if (!lane->n_free)
		wait_for_room(lanes, lane);
	lane->filling = lane->free[--lane->n_free];
	lane->filling_loan = lanes->burst.loan;
	lane->n = 0;
	return true;
}

static void send(struct nsc_lanes *lanes, struct nsc_lane *lane, uint64_t clock_ns, enum nsc_rx_state state)
{
	struct nsc_burst *burst = lane->filling;
	struct nsc_lane_head head = { .n = lane->n, .state = state, .clock_ns = clock_ns, .loan = lane->filling_loan };

	memcpy(head.linktype, lanes->linktype, sizeof(head.linktype));
	copy_line(burst, &head);
	copied();
	lane->loans[lane->sent++ % lane->bursts] = lane->filling_loan;
	nsc_count(&lanes->counters, NSC_C_LANE_PACKETS, lane->n);
	nsc_count(&lanes->counters, NSC_C_LANE_BURSTS, 1);
	lane->filling = NULL;
	nsc_channel_send(lane->channel, burst);
	if (nsc_unlikely(nsc_idle_asleep(lane->worker)) &&
	    (lanes->source->live || nsc_channel_waiting(lane->channel) > lane->bursts / 4))
		nsc_idle_wake(lane->worker);
}

/* --- the capture thread's side: steering ------------------------------------------------------ */

/* Packets without a flow only want counting: all of one fate go to one worker. */
static uint32_t lane_of(const struct nsc_packet *pkt, uint32_t n)
{
	return pkt->fate == NSC_FATE_FLOW ? (uint32_t)((uint64_t)pkt->hash * n >> 32) : pkt->fate % n;
}

static void steer(struct nsc_lanes *lanes, const struct nsc_packet *pkt, uint32_t n)
{
	bool wait = !lanes->source->live;

	for (uint32_t i = 0; i < n; i++) {
		struct nsc_lane *lane = &lanes->lane[lane_of(&pkt[i], lanes->n)];

		if (nsc_unlikely(!lane->filling) && !begin(lanes, lane, wait)) {
			nsc_count(&lanes->counters, NSC_C_LANE_FULL, 1);
			continue;
		}
		copy_line(&lane->filling->pkt[lane->n++], &pkt[i]);
		if (nsc_unlikely(lane->n == NSC_BURST_MAX))
			send(lanes, lane, pkt[i].clock_ns, NSC_RX_MORE);
	}
}

/* What the tick and the epoch of clock_ns have in common. */
static struct nsc_period uncut_at(const struct nsc_lanes *lanes, uint64_t clock_ns)
{
	struct nsc_period tick = nsc_period_of(clock_ns, lanes->tick_ns), epoch;

	if (!lanes->epoch_ns)
		return tick;
	epoch = nsc_period_of(clock_ns, lanes->epoch_ns);
	return nsc_period_common(&tick, &epoch, clock_ns);
}

/* A burst to every lane, empty if need be. Live, a lane that is full hears of this border with its next burst. While
 * the source has nothing, idle lanes are woken: they would otherwise close the tick late. */
static void cross_border(struct nsc_lanes *lanes, uint64_t clock_ns)
{
	for (uint32_t i = 0; i < lanes->n; i++) {
		struct nsc_lane *lane = &lanes->lane[i];

		if (lane->filling || begin(lanes, lane, !lanes->source->live))
			send(lanes, lane, clock_ns, NSC_RX_MORE);
		if (lanes->waiting)
			nsc_idle_ring(lane->worker);
	}
	lanes->uncut = uncut_at(lanes, clock_ns);
	lanes->clock_ns = clock_ns;
}

static void steer_burst(struct nsc_lanes *lanes)
{
	const struct nsc_packet *pkt = lanes->burst.pkt;
	uint32_t left = lanes->burst.n;

	for (uint32_t n; left; left -= n, pkt += n) {
		if (nsc_unlikely(!nsc_period_holds(&lanes->uncut, pkt->clock_ns)))
			cross_border(lanes, pkt->clock_ns);
		n = nsc_period_held(&lanes->uncut, pkt, left);
		nsc_assert(n, "a tick and an epoch hold the packet with which they begin");
		steer(lanes, pkt, n);
	}
	lanes->clock_ns = lanes->burst.pkt[lanes->burst.n - 1].clock_ns;
}

/* What is half full goes on its way: latency, and loans that would never end. */
static void flush(struct nsc_lanes *lanes)
{
	for (uint32_t i = 0; i < lanes->n; i++) {
		if (lanes->lane[i].filling)
			send(lanes, &lanes->lane[i], lanes->clock_ns, NSC_RX_MORE);
		nsc_idle_ring(lanes->lane[i].worker);
	}
}

/* A burst in a lane has one number for each link, as the source's bursts have. */
static void take_linktypes(struct nsc_lanes *lanes)
{
	if (nsc_likely(!memcmp(lanes->linktype, lanes->source->linktype, sizeof(lanes->linktype))))
		return;
	flush(lanes);
	memcpy(lanes->linktype, lanes->source->linktype, sizeof(lanes->linktype));
}

static void finish(struct nsc_lanes *lanes)
{
	uint64_t clock_ns = NSC_MAX(lanes->clock_ns, lanes->burst.clock_ns);

	if (lanes->tap)
		nsc_tap_end(lanes->tap);
	for (uint32_t i = 0; i < lanes->n; i++) {
		if (!lanes->lane[i].filling)
			begin(lanes, &lanes->lane[i], true);
		send(lanes, &lanes->lane[i], clock_ns, NSC_RX_END);
		nsc_idle_ring(lanes->lane[i].worker);
	}
}

/* --- the loop --------------------------------------------------------------------------------- */

static void account(struct nsc_lanes *lanes, unsigned counter)
{
	uint64_t now = nsc_cycles();

	nsc_count(&lanes->counters, counter, now - lanes->stamp);
	lanes->stamp = now;
}

static void tap(struct nsc_lanes *lanes)
{
	if (nsc_likely(!lanes->tap))
		return;
	if (lanes->burst.n)
		nsc_tap_burst(lanes->tap, lanes->source, lanes->burst.pkt, lanes->burst.n, &lanes->counters);
	else
		nsc_tap_flush(lanes->tap, lanes->burst.clock_ns);
	account(lanes, NSC_C_CYCLES_TAP);
}

static void work(struct nsc_lanes *lanes)
{
	nsc_idle_reset(&lanes->idle);
	lanes->waiting = false;
	account(lanes, NSC_C_CYCLES_RX);
	nsc_decode_burst(lanes->decode, lanes->burst.pkt, lanes->burst.n);
	account(lanes, NSC_C_CYCLES_DECODE);
	tap(lanes);
	take_linktypes(lanes);
	steer_burst(lanes);
	if (++lanes->rounds >= RECLAIM_ROUNDS) {
		reclaim_all(lanes);
		if (lanes->source->live)
			ring_who_missed(lanes);
	}
	account(lanes, NSC_C_CYCLES_STEER);
}

/* A live source has a place to sleep where packets wake us; the tick's end is not slept through. */
static void sleep_some(struct nsc_lanes *lanes)
{
	bool begun = nsc_period_holds(&lanes->uncut, lanes->burst.clock_ns);
	uint64_t left_ns = begun ? nsc_period_left(&lanes->uncut, lanes->burst.clock_ns) : 0;

	if (lanes->source->ops->wait && nsc_idle_may_sleep(&lanes->idle))
		nsc_rx_wait(lanes->source, NSC_MAX(NSC_MIN(left_ns, (uint64_t)SLEEP_MAX_NS), (uint64_t)SLEEP_MIN_NS));
	else
		nsc_idle_wait(&lanes->idle);
}

/* Nothing came: live there is nothing, offline every loan is out (or a pipe is slow). A reader whose filter refuses
 * everything says MORE, and is polled again at once. */
static void rest(struct nsc_lanes *lanes)
{
	if (lanes->burst.state == NSC_RX_IDLE && !lanes->waiting) {
		flush(lanes);
		lanes->waiting = true;
		nsc_count(&lanes->counters, NSC_C_LANE_WAITS, !lanes->source->live);
	}
	reclaim_all(lanes);
	tap(lanes);
	if (lanes->burst.state == NSC_RX_IDLE)
		sleep_some(lanes);
	account(lanes, NSC_C_CYCLES_EMPTY);
}

bool nsc_lanes_step(struct nsc_lanes *lanes)
{
	struct nsc_burst *burst = &lanes->burst;

	nsc_rx_poll(lanes->source, burst);
	if (burst->n)
		work(lanes);
	if (nsc_unlikely(burst->clock_ns && !nsc_period_holds(&lanes->uncut, burst->clock_ns)))
		cross_border(lanes, burst->clock_ns);
	if (nsc_unlikely(burst->state >= NSC_RX_END))
		return false;
	if (nsc_unlikely(__atomic_load_n(lanes->stop, __ATOMIC_RELAXED)) && nsc_rx_stop(lanes->source))
		return false;
	if (!burst->n)
		rest(lanes);
	return true;
}

void nsc_lanes_run(struct nsc_lanes *lanes)
{
	lanes->stamp = nsc_cycles();
	while (nsc_lanes_step(lanes))
		;
	finish(lanes);
}
