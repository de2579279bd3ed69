/* SPDX-License-Identifier: MIT
 *
 * Two things are read while they are written, without a lock.
 *
 * The ring: a reader asks for `next`, copies what lies before it, asks again, and drops the events whose place has been
 * written since. The owner's stores are releases and the reader's loads are acquires, so a reader that saw a word of a
 * later event also sees a `next` beyond the one that it replaced.
 *
 * A kept round: its version is odd while it is written, and another one afterwards.
 */
#include "engine/base/timeline.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "engine/base/assert.h"

enum { MINUTE_S = 60, TRIES = 4, LONG_US = 1000, SPANS_PER_LOOK = 64 };

/* --- laying out ------------------------------------------------------------------------------- */

static size_t timeline_ring_bytes(uint32_t events)
{
	return 2 * sizeof(uint64_t) * (size_t)events;
}

size_t nsc_timeline_bytes(uint32_t events)
{
	return sizeof(struct nsc_timeline) + timeline_ring_bytes(events) +
	       NSC_TIMELINE_MINUTES * sizeof(struct nsc_timeline_kept);
}

int nsc_timeline_open(struct nsc_timeline **timeline, struct nsc_arena *arena, uint32_t events, double tsc_hz,
		      struct nsc_error *error)
{
	struct nsc_timeline *t = nsc_arena_alloc(arena, sizeof(*t));

	nsc_assert(events >= NSC_TIMELINE_KEPT && !(events & (events - 1)),
		   "a ring has room for a power of two of events, and for a round that is kept");
	if (t) {
		t->word = nsc_arena_alloc(arena, timeline_ring_bytes(events));
		t->kept = nsc_arena_alloc(arena, NSC_TIMELINE_MINUTES * sizeof(*t->kept));
	}
	if (!t || !t->word || !t->kept)
		return nsc_fail(error, -ENOMEM, "no memory for the timeline of a thread");
	if (events == NSC_TIMELINE_BUSY)
		nsc_arena_populate(t->word, timeline_ring_bytes(events));
	t->mask = events - 1;
	t->due = UINT64_MAX;
	t->minute_cycles = (uint64_t)(tsc_hz * MINUTE_S);
	t->long_cycles = NSC_MAX((uint64_t)(tsc_hz * LONG_US / 1e6), (uint64_t)1);
	t->minute_ends = nsc_cycles() + t->minute_cycles;
	*timeline = t;
	return 0;
}

/* --- events ----------------------------------------------------------------------------------- */

void nsc_timeline_close_gap(struct nsc_timeline *t)
{
	t->last = t->gap;
	t->gap = 0;
	nsc_timeline_put(t, t->last, NSC_TIMELINE_NOTHING, 0, 0);
}

void nsc_timeline_mark(struct nsc_timeline *t, unsigned what, uint64_t value)
{
	uint64_t *word, before;

	word = &t->word[2 * ((t->next - 1) & t->mask)];
	before = word[1] >> 32;
	if (!t->next || t->gap || (uint16_t)word[1] != what) {
		nsc_timeline_tag(t, what, 0, (uint32_t)NSC_MIN(value, (uint64_t)UINT32_MAX));
		return;
	}
	value = NSC_MIN(value, (uint64_t)UINT32_MAX - before) + before;
	__atomic_store_n(&word[1], what | value << 32, __ATOMIC_RELEASE);
}

void nsc_timeline_own(struct nsc_timeline *t)
{
	if (t)
		__atomic_store_n(&t->owner, (uint32_t)gettid(), __ATOMIC_RELAXED);
}

uint32_t nsc_timeline_owner(const struct nsc_timeline *t)
{
	return __atomic_load_n(&t->owner, __ATOMIC_RELAXED);
}

static uint64_t timeline_cycles(const struct nsc_timeline *t, uint64_t ns)
{
	return (uint64_t)((unsigned __int128)ns * t->minute_cycles / (MINUTE_S * NSC_NS_PER_SEC));
}

static uint64_t timeline_ns(struct timeval time)
{
	return (uint64_t)time.tv_sec * NSC_NS_PER_SEC + (uint64_t)time.tv_usec * 1000;
}

void nsc_timeline_ask(struct nsc_timeline_usage *asked)
{
	struct rusage usage = { .ru_nvcsw = 0 };

	getrusage(RUSAGE_THREAD, &usage);
	*asked = (struct nsc_timeline_usage){
		.cpu_ns = timeline_ns(usage.ru_utime) + timeline_ns(usage.ru_stime),
		.given = (uint64_t)usage.ru_nvcsw,
		.taken = (uint64_t)usage.ru_nivcsw,
		.faults = (uint64_t)usage.ru_minflt + (uint64_t)usage.ru_majflt,
	};
}

static void timeline_look(struct nsc_timeline *t)
{
	nsc_timeline_ask(&t->usage);
	t->left = SPANS_PER_LOOK;
}

void nsc_timeline_explain(struct nsc_timeline *t, uint64_t us, const struct nsc_timeline_usage *before,
			  const struct nsc_timeline_usage *after)
{
	us -= NSC_MIN(us, (after->cpu_ns - before->cpu_ns) / 1000);
	if (us >= LONG_US)
		nsc_timeline_mark(t, after->given != before->given ? NSC_TIMELINE_BLOCKED : NSC_TIMELINE_OFF_CORE, us);
	if (after->faults != before->faults)
		nsc_timeline_mark(t, NSC_TIMELINE_FAULTED, after->faults - before->faults);
}

/* The span in progress took long: why, as far as the kernel knows. */
static void timeline_explain_now(struct nsc_timeline *t, uint64_t cycles)
{
	struct nsc_timeline_usage before = t->usage;

	timeline_look(t);
	nsc_timeline_explain(t, cycles / t->long_cycles * LONG_US, &before, &t->usage);
}

void nsc_timeline_now(struct nsc_timeline *t, unsigned what, uint64_t n)
{
	uint64_t began, now = nsc_cycles();

	if (!t)
		return;
	began = NSC_MAX(t->last, t->gap);
	if (began && now - began > t->long_cycles)
		timeline_explain_now(t, now - began);
	else if (!t->left || !--t->left)
		timeline_look(t);
	nsc_timeline_border(t, now, what, (uint32_t)NSC_MIN(n, (uint64_t)UINT16_MAX));
}

void nsc_timeline_rest_now(struct nsc_timeline *t, unsigned what)
{
	uint64_t now = nsc_cycles();

	if (!t)
		return;
	nsc_timeline_rest(t, NSC_MAX(t->last, t->gap), now, what);
	if (!t->gap) /* it slept, which is no cause of what follows */
		timeline_look(t);
	t->turn_began = now;
	t->first = t->next;
}

void nsc_timeline_rest_for(struct nsc_timeline *t, unsigned what, uint64_t most_ns)
{
	uint64_t now = nsc_cycles(), due, late;

	if (!t)
		return;
	due = NSC_MAX(t->last, t->gap) + timeline_cycles(t, most_ns);
	late = due + timeline_cycles(t, NSC_TIMELINE_LATE_NS);
	if (now < late) {
		nsc_timeline_rest_now(t, what);
		return;
	}
	timeline_look(t);
	nsc_timeline_border(t, due, what, 0);
	t->turn_began = due;
	t->first = t->next;
	nsc_timeline_border(t, now, NSC_TIMELINE_LATE, 0);
}

void nsc_timeline_turn(struct nsc_timeline *t)
{
	if (!t || t->last <= t->turn_began) /* nothing was done since the rest */
		return;
	if (t->turn_began)
		nsc_timeline_round(t, t->turn_began, t->last);
	t->turn_began = t->last;
}

void nsc_timeline_core(struct nsc_timeline *t)
{
	int core = t ? sched_getcpu() : -1;

	if (core >= 0)
		nsc_timeline_tag(t, NSC_TIMELINE_CORE, 0, (uint32_t)core);
}

/* --- the longest round of a minute ------------------------------------------------------------ */

static void kept_set(uint64_t *word, uint64_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/* Copies the owner's own events up to now behind those that are there, as far as there is room. */
static void kept_add(struct nsc_timeline_kept *kept, const struct nsc_timeline *t)
{
	while (kept->n < NSC_TIMELINE_KEPT && kept->number + kept->n < t->next) {
		const uint64_t *word = &t->word[2 * ((kept->number + kept->n) & t->mask)];

		kept_set(&kept->word[2 * kept->n], word[0]);
		kept_set(&kept->word[2 * kept->n + 1], word[1]);
		kept_set(&kept->n, kept->n + 1);
	}
}

static void kept_begin(struct nsc_timeline_kept *kept, const struct nsc_timeline *t, uint64_t began, uint64_t ended)
{
	const uint64_t most = NSC_TIMELINE_KEPT - NSC_TIMELINE_AFTER;
	uint64_t from = t->first - NSC_MIN(t->first, (uint64_t)NSC_TIMELINE_BEFORE);

	from = NSC_MAX(from, t->next - NSC_MIN(t->next, most));
	kept_set(&kept->number, from);
	kept_set(&kept->n, 0);
	kept_set(&kept->began, began);
	kept_set(&kept->ended, ended);
	kept_add(kept, t);
}

/* What came after the round that is kept, or as much of it as there is. */
static void kept_finish(struct nsc_timeline *t)
{
	struct nsc_timeline_kept *kept = &t->kept[t->minute % NSC_TIMELINE_MINUTES];

	t->due = UINT64_MAX;
	if (t->next - (kept->number + kept->n) > t->mask) /* overwritten by a round of very many events */
		return;
	kept_set(&kept->version, kept->version + 1);
	kept_add(kept, t);
	kept_set(&kept->version, kept->version + 1);
}

void nsc_timeline_look_at_round(struct nsc_timeline *t, uint64_t began, uint64_t ended)
{
	struct nsc_timeline_kept *kept;

	if (t->due != UINT64_MAX && (t->next >= t->due || ended >= t->minute_ends))
		kept_finish(t);
	if (ended >= t->minute_ends) {
		t->minute++;
		t->minute_ends = ended + t->minute_cycles;
		t->longest = 0;
	}
	if (ended - began <= t->longest)
		return;
	t->longest = ended - began;
	t->due = t->next + NSC_TIMELINE_AFTER;
	kept = &t->kept[t->minute % NSC_TIMELINE_MINUTES];
	kept_set(&kept->version, kept->version + 1);
	kept_begin(kept, t, began, ended);
	kept_set(&kept->version, kept->version + 1);
}

/* --- readers ---------------------------------------------------------------------------------- */

static uint64_t timeline_get(const uint64_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static struct nsc_timeline_event timeline_event(const uint64_t word[2])
{
	uint64_t rest = timeline_get(&word[1]);

	return (struct nsc_timeline_event){ .cycles = timeline_get(&word[0]),
					    .what = (uint16_t)rest,
					    .n = (uint16_t)(rest >> 16),
					    .value = (uint32_t)(rest >> 32) };
}

uint32_t nsc_timeline_room(const struct nsc_timeline *t)
{
	return (uint32_t)(t->mask + 1 + NSC_TIMELINE_MINUTES * (NSC_TIMELINE_KEPT + 1));
}

/* *from becomes the number of the first event that is whole. How many events. */
static uint32_t timeline_copy_ring(const struct nsc_timeline *t, struct nsc_timeline_event *out, uint64_t *from)
{
	uint64_t size = t->mask + 1, next = timeline_get(&t->next), first = next - NSC_MIN(next, size), whole;

	for (uint64_t i = first; i < next; i++)
		out[i - first] = timeline_event(&t->word[2 * (i & t->mask)]);
	whole = timeline_get(&t->next) + 1; /* the event that is being written has no number yet */
	whole = NSC_MIN(NSC_MAX(first, whole - NSC_MIN(whole, size)), next);
	*from = whole;
	memmove(out, out + (whole - first), (next - whole) * sizeof(*out));
	return (uint32_t)(next - whole);
}

/* False when there is none, or it is being written. */
static bool timeline_copy_kept(const struct nsc_timeline_kept *kept, struct nsc_timeline_kept *out)
{
	for (unsigned i = 0; i < TRIES; i++) {
		uint64_t version = timeline_get(&kept->version);

		if (!version)
			return false;
		if (version & 1)
			continue;
		out->number = timeline_get(&kept->number);
		out->n = NSC_MIN(timeline_get(&kept->n), (uint64_t)NSC_TIMELINE_KEPT);
		out->began = timeline_get(&kept->began);
		out->ended = timeline_get(&kept->ended);
		for (uint64_t k = 0; k < 2 * out->n; k++)
			out->word[k] = timeline_get(&kept->word[k]);
		if (timeline_get(&kept->version) == version)
			return out->n > 0;
	}
	return false;
}

/* The oldest first: the owner may begin another minute meanwhile, so they are put in order by their numbers. */
static uint32_t timeline_kept_order(const struct nsc_timeline *t, uint32_t order[NSC_TIMELINE_MINUTES])
{
	uint64_t number[NSC_TIMELINE_MINUTES];
	uint32_t n = 0;

	for (uint32_t i = 0; i < NSC_TIMELINE_MINUTES; i++) {
		uint32_t at = n;

		if (!timeline_get(&t->kept[i].version))
			continue;
		number[i] = timeline_get(&t->kept[i].number);
		for (; at && number[order[at - 1]] > number[i]; at--)
			order[at] = order[at - 1];
		order[at] = i;
		n++;
	}
	return n;
}

/* Those of kept rounds before event `ring`, with BREAKs between them; *done becomes the number behind the last one. */
static uint32_t timeline_copy_older(const struct nsc_timeline *t, struct nsc_timeline_event *out, uint64_t ring,
				    uint64_t *done)
{
	uint32_t order[NSC_TIMELINE_MINUTES], n_kept = timeline_kept_order(t, order), n = 0;
	struct nsc_timeline_kept kept;

	*done = 0;
	for (uint32_t i = 0; i < n_kept; i++) {
		uint64_t end;

		if (!timeline_copy_kept(&t->kept[order[i]], &kept))
			continue;
		end = NSC_MIN(kept.number + kept.n, ring);
		if (end <= *done || end <= kept.number)
			continue;
		if (n && kept.number > *done)
			out[n++].what = NSC_TIMELINE_BREAK;
		for (uint64_t k = NSC_MAX(*done, kept.number); k < end; k++)
			out[n++] = timeline_event(&kept.word[2 * (k - kept.number)]);
		*done = end;
	}
	return n;
}

/* The ring first, which moves on: into the end of the room, for it is not known yet how much stands before it. */
uint32_t nsc_timeline_copy(const struct nsc_timeline *t, struct nsc_timeline_event *out, uint32_t *recent)
{
	struct nsc_timeline_event *ring = out + (nsc_timeline_room(t) - (t->mask + 1));
	uint64_t from, done;
	uint32_t n_ring = timeline_copy_ring(t, ring, &from), n = timeline_copy_older(t, out, from, &done);

	if (n && from > done)
		out[n++].what = NSC_TIMELINE_BREAK;
	memmove(out + n, ring, n_ring * sizeof(*out));
	n += n_ring;
	for (*recent = n; *recent && out[*recent - 1].what != NSC_TIMELINE_BREAK; --*recent)
		;
	return n;
}

uint32_t nsc_timeline_rounds(const struct nsc_timeline *t, struct nsc_timeline_round out[NSC_TIMELINE_MINUTES])
{
	uint32_t order[NSC_TIMELINE_MINUTES], n_kept = timeline_kept_order(t, order), n = 0;
	struct nsc_timeline_kept kept;

	for (uint32_t i = 0; i < n_kept; i++)
		if (timeline_copy_kept(&t->kept[order[i]], &kept))
			out[n++] = (struct nsc_timeline_round){ .began = kept.began, .ended = kept.ended };
	return n;
}
