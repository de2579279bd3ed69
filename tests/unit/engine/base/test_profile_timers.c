/* SPDX-License-Identifier: MIT
 *
 * Stacks that are walked, good ones and others; rings that go on at their begin, are full, and are read while they are
 * written; and threads of this very process that their own timers sample.
 */
#include "engine/base/profile_timers.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "netscope/clock.h"
#include "tests/unit/engine/base/profile_made.h"

enum { ADDRESS = 0x4000, WORDS = 4 * NSC_PROFILE_DEPTH, ROUNDS = 200000, BUSY_MS = 400 };

static struct nsc_profile_ring ring;
static struct nsc_profile_sample last;
static uint64_t seen, lost, torn;
static uint64_t stack[WORDS];

static uint64_t stack_place(unsigned word)
{
	return (uint64_t)(uintptr_t)&stack[word];
}

static void on_sample(void *context, const struct nsc_profile_sample *sample)
{
	last = *sample;
	seen++;
}

static void on_lost(void *context, uint64_t n)
{
	lost += n;
}

static void drain(void)
{
	const struct nsc_profile_visitor visitor = { .sample = on_sample, .lost = on_lost };

	nsc_profile_ring_drain(&ring, 7, &visitor);
}

static void ring_clear(void)
{
	memset(&ring, 0, sizeof(ring));
	memset(stack, 0, sizeof(stack));
	seen = lost = torn = 0;
}

/* `n` frames from word 0 on, `step` words apart, that return to ADDRESS + 1, + 2, and so on. */
static void make_frames(unsigned n, unsigned step)
{
	for (unsigned i = 0; i < n; i++) {
		stack[i * step] = i + 1 < n ? stack_place((i + 1) * step) : 0;
		stack[i * step + 1] = ADDRESS + 1 + i;
	}
}

static void walk(uint64_t frame, uint64_t from, uint64_t top)
{
	const struct nsc_profile_registers registers = { .instruction = ADDRESS, .frame = frame, .stack = from };
	const struct nsc_profile_sample head = { .time_ns = 5, .core = 3, .in_kernel = true };

	nsc_profile_ring_put(&ring, &registers, top, &head, 1);
	drain();
}

START_TEST(frames_are_followed)
{
	ring_clear();
	make_frames(5, 4);
	walk(stack_place(0), stack_place(0), stack_place(WORDS));
	ck_assert_uint_eq(seen, 1);
	ck_assert_uint_eq(last.n, 6);
	for (unsigned i = 0; i < 6; i++)
		ck_assert_uint_eq(last.address[i], ADDRESS + i);
	ck_assert_uint_eq(last.time_ns, 5);
	ck_assert_uint_eq(last.core, 3);
	ck_assert_uint_eq(last.tid, 7);
	ck_assert(last.in_kernel);
}
END_TEST

START_TEST(a_deep_stack_is_cut_on_the_outside)
{
	ring_clear();
	make_frames(2 * NSC_PROFILE_DEPTH, 2);
	walk(stack_place(0), stack_place(0), stack_place(WORDS));
	ck_assert_uint_eq(last.n, NSC_PROFILE_DEPTH);
	ck_assert_uint_eq(last.address[NSC_PROFILE_DEPTH - 1], ADDRESS + NSC_PROFILE_DEPTH - 1);
}
END_TEST

/* Each with two good frames, the second of which leads to where nobody may read, or back. */
START_TEST(what_is_no_frame_ends_a_stack)
{
	const uint64_t wrong[] = { 0,
				   1,
				   UINT64_MAX,
				   UINT64_MAX - 7,
				   stack_place(0),
				   stack_place(4),
				   stack_place(5),
				   stack_place(8) + 4,
				   stack_place(WORDS - 1),
				   stack_place(WORDS),
				   stack_place(8) /* which returns to 0 */ };

	for (size_t i = 0; i < NSC_ARRAY_LEN(wrong); i++) {
		ring_clear();
		make_frames(2, 4);
		stack[4] = wrong[i];
		walk(stack_place(0), stack_place(0), stack_place(WORDS));
		if (seen != 1 || last.n != 3)
			ck_abort_msg("case %zu has %u frames", i, last.n);
	}
	ring_clear();
	walk(stack_place(4), stack_place(8), stack_place(WORDS)); /* below the stack pointer */
	ck_assert_uint_eq(last.n, 1);
	walk(0, 0, 0);
	ck_assert_uint_eq(last.n, 1);
}
END_TEST

START_TEST(a_sample_stands_for_several)
{
	const struct nsc_profile_registers registers = { .instruction = ADDRESS };
	const struct nsc_profile_sample head = { .time_ns = 5 };

	ring_clear();
	nsc_profile_ring_put(&ring, &registers, 0, &head, 3);
	nsc_profile_ring_put(&ring, &registers, 0, &head, NSC_PROFILE_WEIGHT_MAX);
	drain();
	ck_assert_uint_eq(seen, 3 + NSC_PROFILE_WEIGHT_MAX);
	drain();
	ck_assert_uint_eq(seen, 3 + NSC_PROFILE_WEIGHT_MAX);
}
END_TEST

START_TEST(a_full_ring_counts)
{
	uint64_t put = 0;

	ring_clear();
	make_frames(9, 2);
	for (; put < 2 * NSC_PROFILE_RING; put++) {
		const struct nsc_profile_registers registers = { ADDRESS, stack_place(0), stack_place(0) };
		const struct nsc_profile_sample head = { .time_ns = put };

		nsc_profile_ring_put(&ring, &registers, stack_place(WORDS), &head, 1);
	}
	drain();
	ck_assert_uint_ge(seen, (NSC_PROFILE_RING - NSC_PROFILE_DEPTH) / 12 - 1);
	ck_assert_uint_eq(seen + lost, put);
	ck_assert_uint_eq(last.time_ns, seen - 1); /* the later ones are lost */
	ck_assert_uint_eq(last.n, 10);
	walk(stack_place(0), stack_place(0), stack_place(WORDS));
	ck_assert_uint_eq(seen + lost, put + 1);
	ck_assert_uint_eq(last.time_ns, 5);
}
END_TEST

/* --- written while it is read ----------------------------------------------------------------- */

static bool over;

static void *write_ring(void *context)
{
	for (uint64_t i = 1; i <= ROUNDS; i++) {
		const unsigned first = (unsigned)(i % 20) * 2;
		const struct nsc_profile_registers registers = { i, stack_place(first), stack_place(0) };
		const struct nsc_profile_sample head = { .time_ns = i, .core = (uint32_t)(i % 64) };

		nsc_profile_ring_put(&ring, &registers, stack_place(WORDS), &head, 1);
	}
	__atomic_store_n(&over, true, __ATOMIC_RELEASE);
	return NULL;
}

static void on_written(void *context, const struct nsc_profile_sample *sample)
{
	uint64_t i = sample->time_ns, wrong = i <= last.time_ns || sample->core != i % 64 || sample->address[0] != i ||
					      sample->n != 31 - i % 20;

	for (uint32_t k = 1; k < sample->n && !wrong; k++)
		wrong = sample->address[k] != ADDRESS + i % 20 + k;
	torn += wrong;
	seen++;
	last.time_ns = i;
}

START_TEST(no_sample_is_torn)
{
	const struct nsc_profile_visitor visitor = { .sample = on_written, .lost = on_lost };
	pthread_t writer;
	bool done;

	ring_clear();
	make_frames(30, 2);
	last.time_ns = 0;
	__atomic_store_n(&over, false, __ATOMIC_RELEASE);
	ck_assert_int_eq(pthread_create(&writer, NULL, write_ring, NULL), 0);
	do {
		done = __atomic_load_n(&over, __ATOMIC_ACQUIRE);
		nsc_profile_ring_drain(&ring, 7, &visitor);
	} while (!done);
	pthread_join(writer, NULL);
	ck_assert_uint_eq(torn, 0);
	ck_assert_uint_eq(seen + lost, ROUNDS);
	ck_assert_uint_gt(seen, 0);
}
END_TEST

/* --- threads of this process ------------------------------------------------------------------ */

static __attribute__((noipa)) unsigned long busy_by_itself(void)
{
	uint64_t began = nsc_clock_ns(CLOCK_THREAD_CPUTIME_ID);
	unsigned long sum = 0;

	while (nsc_clock_ns(CLOCK_THREAD_CPUTIME_ID) - began < BUSY_MS * 1000ull * 1000)
		for (volatile unsigned i = 0; i < 1000000; i++)
			sum += i;
	return sum;
}

static void *be_busy(void *context)
{
	pthread_setname_np(pthread_self(), "nsc-busy");
	nsc_profile_thread();
	busy_by_itself();
	return NULL;
}

static struct nsc_profile *profile;
static struct nsc_profile_report report;

static uint64_t samples_of(const char *name)
{
	uint64_t found = 0;

	for (uint32_t i = 0; i < report.n; i++) {
		uint32_t n;
		const uint32_t *frames = nsc_profile_stack(&report, &report.row[i], &n);
		bool within = !strcmp(report.thread[report.row[i].thread].name, "nsc-busy");

		for (uint32_t k = 0; k < n && within; k++)
			if (!strcmp(nsc_profile_name(&report, frames[k]), name)) {
				found += report.row[i].samples;
				break;
			}
	}
	return found;
}

static void run_busy_thread(void)
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, be_busy, NULL), 0);
	pthread_join(thread, NULL);
}

/* By CPU time, so that it does not matter how busy the machine is. Twice: places and signals are the process's. */
START_TEST(threads_are_sampled)
{
	const struct nsc_profile_options options = { .hz = 4999, .samples = 4096 };

	for (unsigned round = 0; round < 2; round++) {
		uint64_t wanted;

		ck_assert_int_eq(nsc_profile_new(&profile, &options, NULL), 0);
		ck_assert_int_eq(nsc_profile_use_timers(profile, false, "this is a test", NULL), 0);
		ck_assert(strstr(nsc_profile_note(profile), "this is a test"));
		ck_assert_int_eq(nsc_profile_start(profile, NULL), 0);
		run_busy_thread(); /* not yet */
		nsc_profile_run(profile, true);
		run_busy_thread();
		nsc_profile_run(profile, false);
		run_busy_thread(); /* no more */
		made_report(&report, profile, true);
		ck_assert(report.timers && !report.kernel);
		ck_assert_uint_le(report.hz, 1000); /* ticks of the kernel */
		wanted = report.hz * BUSY_MS / 1000;
		ck_assert_uint_ge(samples_of("be_busy"), wanted / 2);
		ck_assert_uint_le(samples_of("be_busy"), wanted * 3 / 2);
		ck_assert_uint_ge(samples_of("busy_by_itself") * 10, samples_of("be_busy") * 8);
		ck_assert_uint_eq(nsc_profile_missing(profile), 0);
		nsc_profile_report_close(&report);
		nsc_profile_close(profile);
	}
}
END_TEST

CHECK_MAIN("profile_timers", frames_are_followed, a_deep_stack_is_cut_on_the_outside, what_is_no_frame_ends_a_stack,
	   a_sample_stands_for_several, a_full_ring_counts, no_sample_is_torn, threads_are_sampled)
