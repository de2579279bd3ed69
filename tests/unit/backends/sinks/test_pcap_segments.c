/* SPDX-License-Identifier: MIT
 *
 * Names of segments, numbers that go on, which files are removed and which are not ours.
 */
#include "backends/sinks/pcap_segments.h"

#include "packets.h"

#include <errno.h>
#include <sys/stat.h>

static char folder[64];
static struct nsc_pcap_segments *segments;
static struct nsc_error error;

static void enter(void)
{
	test_enter_folder(folder);
}

static void leave(void)
{
	test_leave_folder(folder);
}

static void open_segments(const char *target, uint32_t max_files)
{
	ck_assert_int_eq(nsc_pcap_segments_open(&segments, target, max_files, &error), 0);
}

/* Begins a segment as the sink does: the file first. */
static int begin(void)
{
	test_write_file(nsc_pcap_segments_next(segments), "");
	return nsc_pcap_segments_begun(segments, &error);
}

static bool exists(const char *name)
{
	return !access(name, F_OK);
}

START_TEST(names)
{
	static const char *const wanted[][2] = {
		{ "a.pcap", "a.000000.pcap" },   { "./a.b.pcapng", "./a.b.000000.pcapng" }, { "plain", "plain.000000" },
		{ ".hidden", ".hidden.000000" }, { "./.x.pcap", "./.x.000000.pcap" },
	};
	unsigned wrong = 0;

	for (unsigned i = 0; i < NSC_ARRAY_LEN(wanted); i++) {
		open_segments(wanted[i][0], 0);
		wrong += strcmp(nsc_pcap_segments_next(segments), wanted[i][1]) != 0;
		ck_assert_int_eq(nsc_pcap_segments_begun(segments, &error), 0);
		wrong += strstr(nsc_pcap_segments_next(segments), ".000001") == NULL;
		nsc_pcap_segments_close(segments);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(numbers_go_on)
{
	static const char *const strangers[] = { "a.00009.pcap",   "a.000009.pcapng", "a.000009.pcap~", "b.000009.pcap",
						 "a.0000009.pcap", "a.00000x.pcap",   "aa.000009.pcap" };

	for (unsigned i = 0; i < NSC_ARRAY_LEN(strangers); i++)
		test_write_file(strangers[i], "");
	open_segments("a.pcap", 0);
	ck_assert_str_eq(nsc_pcap_segments_next(segments), "a.000000.pcap");
	nsc_pcap_segments_close(segments);
	test_write_file("a.000007.pcap", "");
	test_write_file("a.000003.pcap", "");
	open_segments("a.pcap", 0);
	ck_assert_str_eq(nsc_pcap_segments_next(segments), "a.000008.pcap");
	nsc_pcap_segments_close(segments);
	test_write_file("a.999999.pcap", "");
	open_segments("a.pcap", 0);
	ck_assert_str_eq(nsc_pcap_segments_next(segments), "a.1000000.pcap");
	nsc_pcap_segments_close(segments);
	test_write_file("a.1000000.pcap", "");
	open_segments("a.pcap", 0);
	ck_assert_str_eq(nsc_pcap_segments_next(segments), "a.1000001.pcap");
	nsc_pcap_segments_close(segments);
}
END_TEST

START_TEST(the_newest_stay)
{
	unsigned wrong = 0;

	for (unsigned i = 0; i < 100; i++) { /* more than the first reallocation, with gaps */
		char name[32];

		snprintf(name, sizeof(name), "a.%06u.pcap", 5 * i);
		test_write_file(name, "");
	}
	open_segments("a.pcap", 3);
	ck_assert_uint_eq(test_count_files(), 100);
	ck_assert_int_eq(begin(), 0);
	ck_assert_uint_eq(test_count_files(), 3);
	ck_assert(exists("a.000490.pcap") && exists("a.000495.pcap") && exists("a.000496.pcap"));
	for (unsigned i = 0; i < 10; i++) {
		wrong += begin() != 0;
		wrong += test_count_files() != 3;
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert(exists("a.000504.pcap") && exists("a.000505.pcap") && exists("a.000506.pcap"));
	nsc_pcap_segments_close(segments);
}
END_TEST

START_TEST(one_that_stays_is_told_once)
{
	ck_assert_int_eq(mkdir("a.000000.pcap", 0700), 0);
	open_segments("a.pcap", 1);
	ck_assert_int_lt(begin(), 0);
	ck_assert_ptr_nonnull(strstr(error.text, "a.pcap: an old segment, a.000000.pcap, cannot be removed: "));
	ck_assert_int_eq(begin(), 0);
	ck_assert(!exists("a.000001.pcap") && exists("a.000002.pcap"));
	unlink("a.000002.pcap"); /* somebody else did */
	ck_assert_int_eq(begin(), 0);
	nsc_pcap_segments_close(segments);
}
END_TEST

START_TEST(the_input_is_not_removed)
{
	test_write_file("a.000000.pcap", "");
	test_write_file("b.pcap", "");
	open_segments("a.pcap", 2);
	ck_assert_int_eq(nsc_pcap_segments_refuse(segments, "./a.000000.pcap", &error), -EINVAL);
	ck_assert_int_eq(nsc_pcap_segments_refuse(segments, "b.pcap", &error), 0);
	nsc_pcap_segments_close(segments);
	open_segments("a.pcap", 0);
	ck_assert_int_eq(nsc_pcap_segments_refuse(segments, "./a.000000.pcap", &error), 0);
	nsc_pcap_segments_close(segments);
}
END_TEST

START_TEST(refused)
{
	ck_assert_int_eq(nsc_pcap_segments_open(&segments, "none/a.pcap", 0, &error), -ENOENT);
	ck_assert_int_eq(nsc_pcap_segments_open(&segments, "./", 0, &error), -EISDIR);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
		names, numbers_go_on, the_newest_stay, one_that_stays_is_told_once, the_input_is_not_removed, refused
	};

	return test_main("pcap_segments", enter, leave, tests, NSC_ARRAY_LEN(tests));
}
