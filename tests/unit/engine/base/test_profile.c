/* SPDX-License-Identifier: MIT
 *
 * Samples added up: by thread, core and stack, of a span; the oldest give way; stacks and threads that find no room;
 * and samples of this very process.
 */
#include "tests/unit/engine/base/profile_made.h"

#include <string.h>

#include "netscope/clock.h"

static struct nsc_profile *profile;
static struct nsc_profile_report report;

static void choose(uint64_t from_ns, uint64_t to_ns, int32_t thread, int32_t core)
{
	const struct nsc_profile_choice choice = { .from_ns = from_ns, .to_ns = to_ns, .thread = thread, .core = core };

	nsc_profile_report_close(&report);
	ck_assert_int_eq(nsc_profile_report_open(&report, profile, &choice, NULL), 0);
}

static const char *frame_name(uint32_t row, uint32_t frame)
{
	uint32_t n;
	const uint32_t *stack = nsc_profile_stack(&report, &report.row[row], &n);

	return frame < n ? nsc_profile_name(&report, stack[frame]) : NULL;
}

START_TEST(rows_by_thread_core_and_stack)
{
	profile = made_open();
	made_name(profile, 1, "nsc-worker-0");
	for (unsigned i = 0; i < 30; i++)
		made_put(profile, 1, 0, i, true, false);
	for (unsigned i = 0; i < 20; i++)
		made_put(profile, 1, 1, 100 + i, true, false);
	for (unsigned i = 0; i < 10; i++)
		made_put(profile, 0, 1, 200 + i, false, true);
	choose(0, UINT64_MAX, -1, -1);
	ck_assert_uint_eq(report.samples, 60);
	ck_assert_uint_eq(report.n, 3);
	ck_assert_uint_eq(report.row[0].samples, 30);
	ck_assert_uint_eq(report.row[1].samples, 20);
	ck_assert_uint_eq(report.row[2].samples, 10);
	ck_assert_uint_eq(report.row[0].stack, report.row[1].stack);
	ck_assert_str_eq(frame_name(0, 0), "made_main");
	ck_assert_str_eq(frame_name(0, 1), "made_stage");
	ck_assert_str_eq(frame_name(0, 2), "made_leaf");
	ck_assert_ptr_null(frame_name(0, 3));
	ck_assert_str_eq(frame_name(2, 2), "[kernel]");
	ck_assert_str_eq(report.thread[report.row[0].thread].name, "nsc-worker-0");
	ck_assert_str_eq(report.thread[report.row[2].thread].name, "control");
	nsc_profile_report_close(&report);
	made_report(&report, profile, true);
	ck_assert_uint_eq(report.n, 2);
	ck_assert_uint_eq(report.row[0].samples, 50);
	nsc_profile_report_close(&report);
	nsc_profile_close(profile);
}
END_TEST

START_TEST(a_span_a_thread_a_core)
{
	static const struct {
		uint64_t from, to;
		int32_t thread, core;
		uint64_t samples;
	} cases[] = {
		{ 0, 100, -1, -1, 100 }, { 10, 20, -1, -1, 10 }, { 99, 100, -1, -1, 1 },
		{ 100, 200, -1, -1, 0 }, { 0, 100, 0, -1, 50 },  { 0, 100, -1, 3, 25 },
		{ 0, 100, 1, 1, 25 },    { 0, 100, 1, 0, 0 },    { 5, 5, -1, -1, 0 },
	};

	profile = made_open();
	for (unsigned i = 0; i < 100; i++)
		made_put(profile, i % 2, i % 4, i, true, false);
	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		choose(cases[i].from, cases[i].to, cases[i].thread, cases[i].core);
		if (report.samples != cases[i].samples)
			ck_abort_msg("case %zu has %ju samples", i, (uintmax_t)report.samples);
	}
	choose(10, UINT64_MAX, -1, -1);
	ck_assert_uint_eq(report.from_ns, 10);
	ck_assert_uint_ge(report.to_ns, 10);
	ck_assert_uint_lt(report.to_ns, UINT64_MAX);
	nsc_profile_report_close(&report);
	nsc_profile_close(profile);
}
END_TEST

START_TEST(the_oldest_give_way)
{
	profile = made_open();
	for (unsigned i = 0; i < MADE_SAMPLES + 10; i++)
		made_put(profile, 0, 0, 1000 + i, false, false);
	choose(0, UINT64_MAX, -1, -1);
	ck_assert_uint_eq(report.samples, MADE_SAMPLES);
	ck_assert_uint_eq(report.overwritten, 10);
	ck_assert_uint_eq(report.from_ns, 1010);
	ck_assert_uint_eq(nsc_profile_counters(profile)->value[NSC_C_PROFILE_SAMPLES], MADE_SAMPLES + 10);
	ck_assert_uint_eq(nsc_profile_counters(profile)->value[NSC_C_PROFILE_OVERWRITTEN], 10);
	nsc_profile_report_close(&report);
	nsc_profile_close(profile);
}
END_TEST

START_TEST(more_stacks_than_have_room)
{
	struct nsc_profile_sample sample = { .pid = (uint32_t)getpid(), .tid = (uint32_t)getpid() };
	const uint64_t function[] = { (uint64_t)(uintptr_t)made_main + 1, (uint64_t)(uintptr_t)made_stage + 1 };
	uint64_t further = 0;

	profile = made_open();
	sample.n = 17;
	for (uint32_t i = 0; i < STACKS_MAX + 5; i++) { /* each has a pattern of its own */
		for (uint32_t bit = 0; bit < 17; bit++)
			sample.address[bit] = function[i >> bit & 1];
		nsc_profile_put(profile, &sample);
	}
	choose(0, UINT64_MAX, -1, -1);
	for (uint32_t i = 0; i < report.n; i++)
		if (!strcmp(frame_name(i, 0), "[further stacks]"))
			further = report.row[i].samples;
	ck_assert_uint_eq(further, 6); /* the stack of further ones has a place of its own */
	ck_assert_uint_eq(report.samples, MADE_SAMPLES);
	nsc_profile_report_close(&report);
	nsc_profile_close(profile);
}
END_TEST

START_TEST(more_threads_than_have_room)
{
	profile = made_open();
	for (uint32_t i = 0; i < NSC_PROFILE_THREADS + 20; i++)
		made_put(profile, i, 0, i, false, false);
	choose(0, UINT64_MAX, NSC_PROFILE_THREADS - 1, -1);
	ck_assert_uint_eq(report.n_threads, NSC_PROFILE_THREADS);
	ck_assert_str_eq(report.thread[NSC_PROFILE_THREADS - 1].name, "further ones");
	ck_assert_uint_eq(report.samples, 21);
	nsc_profile_report_close(&report);
	nsc_profile_close(profile);
}
END_TEST

START_TEST(samples_of_others_are_not_taken)
{
	struct nsc_profile_sample sample = { .pid = (uint32_t)getpid() + 1, .tid = (uint32_t)getpid() + 1, .n = 1 };

	profile = made_open();
	nsc_profile_put(profile, &sample);
	choose(0, UINT64_MAX, -1, -1);
	ck_assert_uint_eq(report.samples + report.n + report.n_threads, 0);
	nsc_profile_report_close(&report);
	nsc_profile_close(profile);
}
END_TEST

static __attribute__((noipa)) unsigned long busy_for_a_while(uint64_t ns)
{
	uint64_t began = nsc_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	unsigned long sum = 0;

	while (nsc_clock_ns(CLOCK_PROCESS_CPUTIME_ID) - began < ns)
		for (volatile unsigned i = 0; i < 100000; i++)
			sum += i;
	return sum;
}

static uint64_t samples_within(const char *name)
{
	uint64_t found = 0;

	for (uint32_t i = 0; i < report.n; i++) {
		const char *frame;
		bool within = false;

		for (uint32_t k = 0; (frame = frame_name(i, k)); k++)
			within |= !strcmp(frame, name);
		found += within ? report.row[i].samples : 0;
	}
	return found;
}

/* By CPU time, so that it does not matter how busy the machine is; by whatever this machine permits. */
START_TEST(of_this_process)
{
	const struct nsc_profile_options options = { .hz = 999, .samples = 4096 };
	struct nsc_error error;

	ck_assert_msg(!nsc_profile_open(&profile, &options, &error), "%s", error.text);
	ck_assert_int_eq(nsc_profile_start(profile, NULL), 0);
	busy_for_a_while(50 * 1000 * 1000); /* not yet */
	nsc_profile_run(profile, true);
	busy_for_a_while(300 * 1000 * 1000);
	nsc_profile_run(profile, false);
	busy_for_a_while(50 * 1000 * 1000); /* no more */
	choose(0, UINT64_MAX, -1, -1);
	ck_assert_uint_gt(report.samples, report.hz * 3 / 20);
	ck_assert_uint_lt(report.samples, report.hz * 9 / 20);
	ck_assert_uint_ge(samples_within("busy_for_a_while") * 10, report.samples * 9);
	nsc_profile_report_close(&report);
	nsc_profile_close(profile);
}
END_TEST

CHECK_MAIN("profile", rows_by_thread_core_and_stack, a_span_a_thread_a_core, the_oldest_give_way,
	   more_stacks_than_have_room, more_threads_than_have_room, samples_of_others_are_not_taken, of_this_process)
