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
	const struct nsc_pcap_segments_limits limits = { .files = max_files };

	ck_assert_int_eq(nsc_pcap_segments_open(&segments, target, limits, &error), 0);
}

/* Begins a segment as the sink does: the file first. */
static int begin(void)
{
	test_write_file(nsc_pcap_segments_next(segments), "");
	return nsc_pcap_segments_begun(segments, &error);
}

/* The files of the working directory without the list of segments. */
static unsigned count_files(void)
{
	return test_count_files() - !access(".a.pcap.netscope-segments", F_OK);
}

/* A segment of an earlier run: its file, and its line in the list. */
static void add_segment(unsigned number)
{
	FILE *list = fopen(".a.pcap.netscope-segments", "a");
	char name[32];

	ck_assert_ptr_nonnull(list);
	fprintf(list, "%018u\n", number);
	ck_assert_int_eq(fclose(list), 0);
	snprintf(name, sizeof(name), "a.%06u.pcap", number);
	test_write_file(name, "");
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

	for (unsigned i = 0; i < 100; i++) /* more than the first reallocation, with gaps */
		add_segment(5 * i);
	open_segments("a.pcap", 3);
	ck_assert_uint_eq(count_files(), 100);
	ck_assert_int_eq(begin(), 0);
	ck_assert_uint_eq(count_files(), 3);
	ck_assert(exists("a.000490.pcap") && exists("a.000495.pcap") && exists("a.000496.pcap"));
	for (unsigned i = 0; i < 10; i++) {
		wrong += begin() != 0;
		wrong += count_files() != 3;
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert(exists("a.000504.pcap") && exists("a.000505.pcap") && exists("a.000506.pcap"));
	nsc_pcap_segments_close(segments);
}
END_TEST

/* What is named like a segment and was not begun by a run: another program's, or one that was set aside. */
START_TEST(strangers_stay)
{
	test_write_file("a.000001.pcap", "set aside\n");
	add_segment(2);
	add_segment(3);
	test_write_file("a.000004.pcap", "somebody's\n");
	open_segments("a.pcap", 1);
	ck_assert_uint_eq(nsc_pcap_segments_strangers(segments), 2);
	ck_assert_int_eq(begin(), 0);
	ck_assert(exists("a.000001.pcap") && exists("a.000004.pcap") && exists("a.000005.pcap"));
	ck_assert_uint_eq(count_files(), 3);
	test_write_file("a.000006.pcap", "came meanwhile\n");
	ck_assert_str_eq(nsc_pcap_segments_next(segments), "a.000006.pcap");
	nsc_pcap_segments_skip(segments);
	ck_assert_int_eq(begin(), 0);
	ck_assert(exists("a.000006.pcap") && exists("a.000007.pcap") && !exists("a.000005.pcap"));
	nsc_pcap_segments_close(segments);
}
END_TEST

/* The next run removes what this one began, also when it was killed: the list is written at once. */
START_TEST(the_list_outlives_a_run)
{
	size_t bytes;

	open_segments("a.pcap", 0);
	for (unsigned i = 0; i < 5; i++)
		ck_assert_int_eq(begin(), 0);
	free(test_read_file(".a.pcap.netscope-segments", &bytes));
	ck_assert_uint_eq(bytes, 5 * 19);
	nsc_pcap_segments_close(segments);
	unlink("a.000001.pcap");
	open_segments("a.pcap", 2);
	ck_assert_uint_eq(nsc_pcap_segments_strangers(segments), 0);
	free(test_read_file(".a.pcap.netscope-segments", &bytes));
	ck_assert_uint_eq(bytes, 4 * 19);
	ck_assert_int_eq(begin(), 0);
	ck_assert(exists("a.000004.pcap") && exists("a.000005.pcap"));
	ck_assert_uint_eq(count_files(), 2);
	nsc_pcap_segments_close(segments);
}
END_TEST

/* Somebody collects segments: their numbers must not come a second time. */
START_TEST(all_are_moved_away)
{
	for (unsigned run = 0; run < 3; run++) {
		char name[32];

		open_segments("a.pcap", 2);
		snprintf(name, sizeof(name), "a.%06u.pcap", run);
		ck_assert_str_eq(nsc_pcap_segments_next(segments), name);
		ck_assert_int_eq(begin(), 0);
		nsc_pcap_segments_close(segments);
		ck_assert_int_eq(unlink(name), 0);
		open_segments("a.pcap", 2); /* ended before it began one */
		nsc_pcap_segments_close(segments);
	}
}
END_TEST

/* A line that a kill or a full disk has cut means no segment, not another one. */
START_TEST(a_damaged_list)
{
	test_write_file(".a.pcap.netscope-segments", "7\n\n00000000000000000x\n000000000000000003\n00000000000000000");
	for (unsigned i = 0; i < 8; i++) {
		char name[32];

		snprintf(name, sizeof(name), "a.%06u.pcap", i);
		test_write_file(name, "");
	}
	open_segments("a.pcap", 1);
	ck_assert_uint_eq(nsc_pcap_segments_strangers(segments), 7);
	ck_assert_int_eq(begin(), 0);
	ck_assert(!exists("a.000003.pcap") && exists("a.000007.pcap") && exists("a.000000.pcap"));
	nsc_pcap_segments_close(segments);
}
END_TEST

/* A directory that got the name of a segment that was removed by hand. */
START_TEST(one_that_stays_is_told_once)
{
	add_segment(0);
	unlink("a.000000.pcap");
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
	add_segment(0);
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

static void write_bytes(const char *name, size_t bytes)
{
	static char zeros[4096];

	ck_assert_uint_lt(bytes, sizeof(zeros));
	test_write_file(name, "");
	ck_assert_int_eq(truncate(name, (off_t)bytes), 0);
}

/* Those of earlier runs count, and what lies beside them goes with them. */
START_TEST(a_limit_of_bytes)
{
	const struct nsc_pcap_segments_limits limits = { .bytes = 1000 };

	add_segment(0);
	add_segment(1);
	write_bytes("a.000000.pcap", 300);
	write_bytes("a.000000.pcap.nsx", 100);
	write_bytes("a.000001.pcap", 200);
	ck_assert_int_eq(nsc_pcap_segments_open(&segments, "a.pcap", limits, &error), 0);
	ck_assert_int_eq(begin(), 0);
	ck_assert_uint_eq(nsc_pcap_segments_room_for(segments), 400);
	ck_assert_int_eq(nsc_pcap_segments_shed(segments, 400, &error), 0);
	ck_assert(exists("a.000000.pcap") && exists("a.000000.pcap.nsx"));
	ck_assert_int_eq(nsc_pcap_segments_shed(segments, 401, &error), 0);
	ck_assert(!exists("a.000000.pcap") && !exists("a.000000.pcap.nsx") && exists("a.000001.pcap"));
	ck_assert_uint_eq(nsc_pcap_segments_room_for(segments), 800);
	nsc_pcap_segments_ended(segments, 500);
	ck_assert_int_eq(begin(), 0);
	ck_assert_uint_eq(nsc_pcap_segments_room_for(segments), 300);
	ck_assert_int_eq(nsc_pcap_segments_shed(segments, 900, &error), 0);
	ck_assert(!exists("a.000001.pcap") && !exists("a.000002.pcap") && exists("a.000003.pcap"));
	ck_assert_uint_eq(nsc_pcap_segments_room_for(segments), UINT64_MAX); /* the one that is written stays */
	ck_assert_int_eq(nsc_pcap_segments_shed(segments, 2000, &error), 0);
	ck_assert(exists("a.000003.pcap"));
	nsc_pcap_segments_close(segments);
}
END_TEST

/* More of them than there is room for at first, some gone already: the oldest go in order. */
START_TEST(many_small_segments)
{
	const struct nsc_pcap_segments_limits limits = { .bytes = 1000 };
	unsigned wrong = 0;

	ck_assert_int_eq(nsc_pcap_segments_open(&segments, "a.pcap", limits, &error), 0);
	for (unsigned i = 0; i < 300; i++) {
		wrong += begin() != 0;
		wrong += nsc_pcap_segments_shed(segments, 5, &error) != 0;
		nsc_pcap_segments_ended(segments, 5);
		wrong += count_files() != NSC_MIN(i + 1, 200u);
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert(!exists("a.000099.pcap") && exists("a.000100.pcap"));
	nsc_pcap_segments_close(segments);
}
END_TEST

START_TEST(refused)
{
	const struct nsc_pcap_segments_limits limits = { 0 };

	ck_assert_int_eq(nsc_pcap_segments_open(&segments, "none/a.pcap", limits, &error), -ENOENT);
	ck_assert_int_eq(nsc_pcap_segments_open(&segments, "./", limits, &error), -EISDIR);
	ck_assert_int_eq(symlink("elsewhere", ".a.pcap.netscope-segments"), 0);
	ck_assert_int_eq(nsc_pcap_segments_open(&segments, "a.pcap", limits, &error), -ELOOP);
	ck_assert_ptr_nonnull(
		strstr(error.text, "a.pcap: the list of its segments, .a.pcap.netscope-segments beside "));
}
END_TEST

int main(void)
{
	const TTest *const tests[] = { names,
				       numbers_go_on,
				       the_newest_stay,
				       strangers_stay,
				       the_list_outlives_a_run,
				       all_are_moved_away,
				       a_damaged_list,
				       one_that_stays_is_told_once,
				       the_input_is_not_removed,
				       a_limit_of_bytes,
				       many_small_segments,
				       refused };

	return test_main("pcap_segments", enter, leave, tests, NSC_ARRAY_LEN(tests));
}
