/* SPDX-License-Identifier: MIT
 *
 * How many workers the settings mean, and the source that they open.
 */
#include "tools/netscope/source.h"

#include "tools/netscope/options.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct nsc_settings settings;
static struct nsc_error error;

START_TEST(workers)
{
	nsc_settings_init(&settings);
	settings.workers = 5;
	ck_assert_uint_eq(nsc_workers_wanted(&settings), 1); /* as a configuration file may say it */
	settings.pipeline = true;
	ck_assert_uint_eq(nsc_workers_wanted(&settings), 5);
	settings.workers = 0;
	ck_assert_uint_ge(nsc_workers_wanted(&settings), 1);
	ck_assert_uint_le(nsc_workers_wanted(&settings), 8);
	ck_assert_uint_le(nsc_workers_wanted(&settings), NSC_MAX(nsc_cores_usable() / 2, 1u));
}
END_TEST

START_TEST(a_quota_takes_cores_away)
{
	ck_assert_uint_eq(nsc_cores_granted(8, UINT64_MAX), 8);
	ck_assert_uint_eq(nsc_cores_granted(8, 8000), 8);
	ck_assert_uint_eq(nsc_cores_granted(8, 7999), 7);
	ck_assert_uint_eq(nsc_cores_granted(8, 2500), 2);
	ck_assert_uint_eq(nsc_cores_granted(8, 0), 1);
	ck_assert_uint_eq(nsc_cores_granted(1, 64000), 1);
}
END_TEST

static uint64_t synth_packets(uint64_t packets, uint64_t count)
{
	struct nsc_burst *burst = aligned_alloc(NSC_CACHE_LINE, sizeof(*burst));
	struct nsc_rx_counters counters;
	struct nsc_sources sources;
	struct nsc_rx *rx;
	int status;

	nsc_settings_init(&settings);
	settings.backend = NSC_BACKEND_SYNTH;
	settings.synth.packets = packets;
	settings.count = count;
	status = nsc_sources_open(&sources, &settings, &error);
	ck_assert_msg(!status, "%s", error.text);
	rx = sources.rx[0];
	do {
		nsc_rx_poll(rx, burst);
		nsc_rx_release(rx, burst->loan);
	} while (burst->state < NSC_RX_END);
	rx->ops->counters(rx, &counters);
	nsc_rx_close(rx);
	free(burst);
	return counters.delivered;
}

START_TEST(the_smaller_count_holds)
{
	ck_assert_uint_eq(synth_packets(100, 0), 100);
	ck_assert_uint_eq(synth_packets(100, 70), 70);
	ck_assert_uint_eq(synth_packets(70, 100), 70);
	ck_assert_uint_eq(synth_packets(0, 130), 130);
}
END_TEST

START_TEST(a_file_that_is_not_there)
{
	struct nsc_sources sources;

	nsc_settings_init(&settings);
	settings.read_pcap = "/nonexistent/file.pcap\0";
	ck_assert_int_lt(nsc_sources_open(&sources, &settings, &error), 0);
	ck_assert_ptr_nonnull(strstr(error.text, "/nonexistent/file.pcap"));
}
END_TEST

START_TEST(past_the_page_cache)
{
	static const uint64_t room = 8ull << 30;

	ck_assert_int_eq(nsc_source_direct(NSC_DIRECT_CHOICE_ON, 0, UINT64_MAX), NSC_DIRECT_ALWAYS);
	ck_assert_int_eq(nsc_source_direct(NSC_DIRECT_CHOICE_OFF, UINT64_MAX, 0), NSC_DIRECT_NEVER);
	ck_assert_int_eq(nsc_source_direct(NSC_DIRECT_CHOICE_AUTO, room, room), NSC_DIRECT_NEVER);
	ck_assert_int_eq(nsc_source_direct(NSC_DIRECT_CHOICE_AUTO, room + 1, room), NSC_DIRECT_IF_COLD);
	ck_assert_int_eq(nsc_source_direct(NSC_DIRECT_CHOICE_AUTO, room, UINT64_MAX), NSC_DIRECT_NEVER);
}
END_TEST

/* By themselves only from four cores on, for much to read, and where nothing depends on how many there are. */
START_TEST(readers_by_themselves)
{
	static const uint64_t much = 64 << 20;

	nsc_settings_init(&settings);
	settings.max_flows = 0;
	ck_assert_uint_eq(nsc_readers_wanted(&settings, much, 1), 1);
	ck_assert_uint_eq(nsc_readers_wanted(&settings, much, 3), 1);
	ck_assert_uint_eq(nsc_readers_wanted(&settings, much, 4), 2);
	ck_assert_uint_eq(nsc_readers_wanted(&settings, much, 15), 7);
	ck_assert_uint_eq(nsc_readers_wanted(&settings, UINT64_MAX, 128), 8);
	ck_assert_uint_eq(nsc_readers_wanted(&settings, much - 1, 128), 1);
	settings.max_flows = 100000;
	ck_assert_uint_eq(nsc_readers_wanted(&settings, much, 128), 1);
	settings.max_flows = 0;
	settings.count = 10;
	ck_assert_uint_eq(nsc_readers_wanted(&settings, much, 128), 1);
	settings.count = 0;
	settings.trace = "tcp";
	ck_assert_uint_eq(nsc_readers_wanted(&settings, much, 128), 1);
	settings.trace = "";
	settings.pipeline = true;
	ck_assert_uint_eq(nsc_readers_wanted(&settings, much, 128), 1);
	settings.readers = 3;
	ck_assert_uint_eq(nsc_readers_wanted(&settings, 0, 1), 3);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("source");
	TCase *tcase = tcase_create("source");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, workers);
	tcase_add_test(tcase, a_quota_takes_cores_away);
	tcase_add_test(tcase, the_smaller_count_holds);
	tcase_add_test(tcase, a_file_that_is_not_there);
	tcase_add_test(tcase, past_the_page_cache);
	tcase_add_test(tcase, readers_by_themselves);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
