/* SPDX-License-Identifier: MIT */
#include "tools/ship/lane.h"

#include "netscope/clock.h"
#include "tools/netscope/say.h"

#include <errno.h>
#include <string.h>

enum {
	LOOK_MS = 200,  /* between two looks into an empty spool */
	AGAIN_MS = 250, /* after the first failure; doubled after each one */
	AGAIN_MAX_MS = 30000,
	ONCE_TRIES = 5, /* --once */
};

static void lane_pause(unsigned ms)
{
	const struct timespec pause = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&pause, NULL);
}

/* --- what became of a segment ----------------------------------------------------------------- */

static void lane_recover(struct nsc_lane *lane)
{
	unsigned in_a_row;

	pthread_mutex_lock(&lane->mutex);
	in_a_row = lane->sums.in_a_row;
	lane->sums.in_a_row = 0;
	pthread_mutex_unlock(&lane->mutex);
	if (in_a_row)
		nsc_tell(stderr, "%s: takes segments again", lane->to->url);
}

static uint64_t lane_step(void)
{
	return nsc_monotonic_ns() / (60 / NSC_LANE_STEPS * NSC_NS_PER_SEC);
}

/* Under the mutex. */
static void lane_count_recent(struct nsc_lane *lane, uint64_t rows)
{
	uint64_t step = lane_step(), at = step % NSC_LANE_STEPS;

	if (lane->recent[at].step != step)
		lane->recent[at].rows = 0;
	lane->recent[at].step = step;
	lane->recent[at].rows += rows;
}

static void lane_count_sent(struct nsc_lane *lane, const struct nsc_queue_segment *segment)
{
	struct nsc_lane_sums *sums = &lane->sums;

	pthread_mutex_lock(&lane->mutex);
	sums->segments++;
	sums->rows += nsc_segment_rows(&segment->head);
	sums->bytes += segment->bytes;
	lane_count_recent(lane, nsc_segment_rows(&segment->head));
	sums->sent_s = nsc_clock_ns(CLOCK_REALTIME) / NSC_NS_PER_SEC;
	pthread_mutex_unlock(&lane->mutex);
	lane_recover(lane);
}

static void lane_count_refused(struct nsc_lane *lane, const struct nsc_error *why)
{
	pthread_mutex_lock(&lane->mutex);
	lane->sums.refused++;
	pthread_mutex_unlock(&lane->mutex);
	nsc_say(why);
}

/* Failures in a row. */
static unsigned lane_count_failed(struct nsc_lane *lane, const struct nsc_error *why)
{
	struct nsc_lane_sums *sums = &lane->sums;
	unsigned in_a_row;
	bool news;

	pthread_mutex_lock(&lane->mutex);
	news = !sums->in_a_row || strcmp(sums->why.text, why->text);
	sums->why = *why;
	sums->failures++;
	in_a_row = ++sums->in_a_row;
	pthread_mutex_unlock(&lane->mutex);
	if (news)
		nsc_say(why);
	return in_a_row;
}

/* --- turns ------------------------------------------------------------------------------------ */

/* False: it comes again, and the sentence says why. */
static bool lane_send_one(struct nsc_lane *lane, struct nsc_queue_segment *segment, struct nsc_error *why)
{
	bool written = false;

	switch (lane->to->ops->send(lane->to, segment, why)) {
	case NSC_SHIP_DONE:
		written = nsc_queue_done(&lane->queue, segment);
		if (written)
			lane_count_sent(lane, segment);
		break;
	case NSC_SHIP_NEVER:
		written = nsc_queue_refuse(&lane->queue, segment);
		if (written)
			lane_count_refused(lane, why);
		break;
	case NSC_SHIP_AGAIN:
		return false;
	}
	if (!written)
		nsc_fail(why, -errno, "%s: was sent, and the spool cannot be written: %s", segment->name,
			 strerror(errno));
	return written;
}

/* Notes that a turn begins. False: it must not. */
static bool lane_begin_turn(struct nsc_lane *lane)
{
	bool go;

	pthread_mutex_lock(&lane->mutex);
	go = !lane->stop;
	lane->sending = go;
	lane->turn_ns = nsc_monotonic_ns();
	pthread_mutex_unlock(&lane->mutex);
	return go;
}

static void lane_rest(struct nsc_lane *lane, unsigned ms)
{
	pthread_mutex_lock(&lane->mutex);
	lane->sending = false;
	pthread_mutex_unlock(&lane->mutex);
	lane_pause(ms);
}

static bool lane_give_up(struct nsc_lane *lane)
{
	pthread_mutex_lock(&lane->mutex);
	lane->sums.gave_up = true;
	pthread_mutex_unlock(&lane->mutex);
	return false;
}

/* There is no segment. False: what must be said again cannot be. */
static bool lane_idle(struct nsc_lane *lane, struct nsc_error *why)
{
	const struct nsc_destination_ops *ops = lane->to->ops;
	int sent = ops->idle ? ops->idle(lane->to, why) : 0;

	if (sent > 0)
		lane_recover(lane);
	if (sent >= 0)
		lane_rest(lane, LOOK_MS);
	return sent >= 0;
}

/* False: this was the last one. */
static bool lane_turn(struct nsc_lane *lane)
{
	struct nsc_queue_segment segment;
	struct nsc_error why;
	unsigned in_a_row, wait = AGAIN_MS;

	if (!lane_begin_turn(lane))
		return false;
	if (!nsc_queue_take(&lane->queue, &segment)) {
		if (lane->once)
			return false;
		if (lane_idle(lane, &why))
			return true;
	} else {
		if (lane_send_one(lane, &segment, &why))
			return true;
		nsc_queue_put_back(&lane->queue, &segment);
	}
	in_a_row = lane_count_failed(lane, &why);
	if (lane->once && in_a_row >= ONCE_TRIES)
		return lane_give_up(lane);
	for (; in_a_row > 1 && wait < AGAIN_MAX_MS; in_a_row--)
		wait *= 2;
	lane_rest(lane, NSC_MIN(wait, (unsigned)AGAIN_MAX_MS));
	return true;
}

static void *lane_run(void *context)
{
	struct nsc_lane *lane = context;

	while (lane_turn(lane))
		;
	pthread_mutex_lock(&lane->mutex);
	lane->sending = false;
	lane->sums.ended = true;
	pthread_mutex_unlock(&lane->mutex);
	return NULL;
}

/* --- for control ------------------------------------------------------------------------------ */

int nsc_lane_start(struct nsc_lane *lane, struct nsc_error *error)
{
	pthread_mutex_init(&lane->mutex, NULL);
	lane->turn_ns = nsc_monotonic_ns();
	if (pthread_create(&lane->thread, NULL, lane_run, lane))
		return nsc_fail(error, -EAGAIN, "no thread for %.200s", lane->to->url);
	return 0;
}

void nsc_lane_join(struct nsc_lane *lane)
{
	pthread_join(lane->thread, NULL);
}

struct nsc_lane_sums nsc_lane_sums(struct nsc_lane *lane)
{
	struct nsc_lane_sums sums;
	uint64_t step;

	pthread_mutex_lock(&lane->mutex);
	sums = lane->sums;
	step = lane_step();
	for (uint32_t i = 0; i < NSC_LANE_STEPS; i++)
		sums.minute_rows += step - lane->recent[i].step < NSC_LANE_STEPS ? lane->recent[i].rows : 0;
	pthread_mutex_unlock(&lane->mutex);
	return sums;
}

bool nsc_lane_is_alive(struct nsc_lane *lane, uint64_t now_ns)
{
	uint64_t moved_ns = __atomic_load_n(&lane->to->moved_ns, __ATOMIC_RELAXED);
	bool alive;

	pthread_mutex_lock(&lane->mutex);
	moved_ns = NSC_MAX(moved_ns, lane->turn_ns);
	alive = lane->sums.ended || now_ns < moved_ns + NSC_LANE_TURN_S * NSC_NS_PER_SEC;
	pthread_mutex_unlock(&lane->mutex);
	return alive;
}

bool nsc_lane_stop(struct nsc_lane *lane)
{
	bool idle;

	pthread_mutex_lock(&lane->mutex);
	lane->stop = true;
	idle = !lane->sending;
	pthread_mutex_unlock(&lane->mutex);
	return idle;
}
