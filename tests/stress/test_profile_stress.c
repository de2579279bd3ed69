/* SPDX-License-Identifier: MIT
 *
 * Samples come while others add them up, write them and start and stop the profile: every report is whole, and its
 * stacks are those that were put in.
 */
#include <sched.h>
#include <string.h>

#include "engine/text/profile.h"
#include "tests/unit/engine/base/profile_made.h"

enum { ROUNDS = 20000, READERS = 2 };

static struct nsc_profile *profile;
static bool over;

static void *put_samples(void *context)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&profile->mutex);
		made_put(profile, i % 5, i % 3, i, i % 2, i % 7 == 0);
		pthread_mutex_unlock(&profile->mutex);
		if (i % 64 == 0)
			sched_yield();
	}
	__atomic_store_n(&over, true, __ATOMIC_RELEASE);
	return NULL;
}

static uint64_t faults_of_report(struct nsc_profile_report *report)
{
	uint64_t faults = 0, samples = 0;

	for (uint32_t i = 0; i < report->n; i++) {
		uint32_t n;
		const uint32_t *stack = nsc_profile_stack(report, &report->row[i], &n);

		samples += report->row[i].samples;
		faults += n < 2 || n > 4 || strcmp(nsc_profile_name(report, stack[0]), "made_main") != 0;
		faults += report->row[i].thread >= report->n_threads;
	}
	return faults + (samples != report->samples) + (samples > MADE_SAMPLES);
}

static void *read_reports(void *context)
{
	uint64_t *faults = context;

	do {
		struct nsc_profile_report report;
		struct nsc_json json;

		made_report(&report, profile, false);
		*faults += faults_of_report(&report);
		nsc_json_init(&json, 1 << 20);
		nsc_profile_write(&json, &report, NSC_PROFILE_FOLDED);
		*faults += json.out.full;
		nsc_json_free(&json);
		nsc_profile_report_close(&report);
		sched_yield();
	} while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE));
	return NULL;
}

START_TEST(reports_are_whole)
{
	uint64_t faults[READERS] = { 0 };
	pthread_t writer, reader[READERS];

	profile = made_open();
	ck_assert_int_eq(nsc_profile_start(profile, NULL), 0);
	ck_assert_int_eq(pthread_create(&writer, NULL, put_samples, NULL), 0);
	for (unsigned i = 0; i < READERS; i++)
		ck_assert_int_eq(pthread_create(&reader[i], NULL, read_reports, &faults[i]), 0);
	for (bool running = true; !__atomic_load_n(&over, __ATOMIC_ACQUIRE); running = !running) {
		nsc_profile_run(profile, running);
		sched_yield();
	}
	pthread_join(writer, NULL);
	for (unsigned i = 0; i < READERS; i++) {
		pthread_join(reader[i], NULL);
		ck_assert_uint_eq(faults[i], 0);
	}
	ck_assert_uint_eq(nsc_profile_counters(profile)->value[NSC_C_PROFILE_SAMPLES], ROUNDS);
	nsc_profile_close(profile);
}
END_TEST

CHECK_MAIN("profile_stress", reports_are_whole)
