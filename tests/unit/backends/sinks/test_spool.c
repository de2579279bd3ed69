/* SPDX-License-Identifier: MIT
 *
 * The spool of a live run: what is dropped when it is full or cannot be written is counted to the row, what is on its
 * way is kept, alerts do not wait, and heads of segments are read as they were written.
 */
#include "backends/sinks/spool_segment.h"
#include "engine/text/alert_row.h"
#include "netscope/clock.h"
#include "netscope/out.h"

#include "records.h"

#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>

static char folder[64];
static struct nsc_flow_chunk chunk;
static struct nsc_counters counters;

static struct nsc_sink *spool_open(uint64_t limit_mb)
{
	struct nsc_out out = { .asked = { .spool = ".", .spool_limit_mb = limit_mb, .sensor = "here" }, .live = true };
	struct nsc_sink *sink = NULL;
	struct nsc_error error;

	memset(&counters, 0, sizeof(counters));
	ck_assert_int_eq(nsc_spool_open(&sink, &out, &error), 0);
	sink->counters = &counters;
	chunk.n = 100;
	for (uint32_t i = 0; i < chunk.n; i++)
		chunk.record[i] = test_golden_record();
	return sink;
}

static int put(struct nsc_sink *sink, unsigned chunks)
{
	struct nsc_error error;
	int first = 0;

	for (unsigned i = 0; i < chunks; i++) {
		int status = sink->ops->records(sink, &chunk, false, NULL, &error);

		first = first ? first : status;
	}
	return first;
}

struct found {
	uint64_t segments, rows, packets, bytes, size, alerts;
	char oldest[NSC_SEGMENT_NAME];
};

static struct found look(void)
{
	struct found all = { .oldest = "" };
	DIR *dir = opendir(".");

	for (struct dirent *entry; (entry = readdir(dir));) {
		struct nsc_segment segment;
		char name[NSC_SEGMENT_NAME], *text;
		struct stat found;

		if (!nsc_segment_is_name(entry->d_name))
			continue;
		text = test_read_file(entry->d_name, NULL);
		ck_assert_int_eq(nsc_segment_read(&segment, text), 0);
		free(text);
		nsc_segment_name(name, &segment);
		ck_assert_str_eq(name, entry->d_name);
		ck_assert_int_eq(stat(name, &found), 0);
		all.size += (uint64_t)found.st_size;
		all.segments++;
		if (segment.kind == NSC_SEGMENT_ALERTS)
			all.alerts += nsc_segment_rows(&segment);
		if (segment.kind != NSC_SEGMENT_FLOWS)
			continue;
		if (!all.oldest[0] || strcmp(name, all.oldest) < 0)
			strcpy(all.oldest, name);
		all.rows += nsc_segment_rows(&segment);
		all.packets += segment.packets;
		all.bytes += segment.bytes;
	}
	closedir(dir);
	return all;
}

static uint64_t count(enum nsc_counter id)
{
	return counters.value[id];
}

/* At the end of a minute, these packets received; 1 further minute is needed for it to be written. */
static void tick(struct nsc_sink *sink, unsigned minute, uint64_t received, uint64_t lost)
{
	static struct nsc_view view;

	view.start_ns = (1700000000 / 60 + minute) * 60 * NSC_NS_PER_SEC;
	view.totals.value[NSC_C_RX_RECEIVED] = received;
	view.totals.value[NSC_C_RX_NIC_DROPS] = lost;
	ck_assert_int_eq(sink->ops->tick(sink, &view, NULL), 0);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name); /* numbers of rows rise */
}

static int is_ledger(const struct dirent *entry)
{
	return !strncmp(entry->d_name, "here", 4) && strstr(entry->d_name, ".ledger");
}

/* What the ledgers in the folder say last of a counter; NSC_UNKNOWN: nothing. */
static uint64_t told(enum nsc_counter id)
{
	const char *name = nsc_counter_table[id].name;
	uint64_t value = NSC_UNKNOWN;
	struct dirent **list;
	int n = scandir(".", &list, is_ledger, by_name);

	for (int i = 0; i < n; i++) {
		size_t length, head = 1 + strlen("here") + 8 + 4 + 8 + 4;
		char *text = test_read_file(list[i]->d_name, &length), *at = text + NSC_SEGMENT_HEAD, *counter;

		for (; at < text + length; at = counter + 1 + (uint8_t)*counter + 16) {
			counter = at + head;
			if ((size_t)*counter == strlen(name) && !memcmp(counter + 1, name, strlen(name)))
				memcpy(&value, counter + 1 + strlen(name), sizeof(value));
		}
		free(text);
		free(list[i]);
	}
	free(list);
	return value;
}

START_TEST(heads_are_read_as_written)
{
	struct nsc_segment s = { .kind = NSC_SEGMENT_LEDGER,
				 .sensor = "a-b.c_9",
				 .boot = UINT64_MAX,
				 .worker = 63,
				 .first = 5,
				 .last = 1000004,
				 .packets = UINT64_MAX,
				 .bytes = 1,
				 .spooled = UINT32_MAX };
	struct nsc_segment back;
	char head[NSC_SEGMENT_HEAD], again[NSC_SEGMENT_HEAD], name[NSC_SEGMENT_NAME];

	nsc_segment_head(head, &s);
	ck_assert_int_eq(nsc_segment_read(&back, head), 0);
	nsc_segment_head(again, &back);
	ck_assert_mem_eq(again, head, sizeof(head));
	ck_assert_uint_eq(back.boot, UINT64_MAX);
	nsc_segment_name(name, &s);
	ck_assert_str_eq(name, "a-b.c_9-ffffffffffffffff-63-000000000005-000001000004.ledger");
	ck_assert(nsc_segment_is_name(name));
	ck_assert(!nsc_segment_is_name(".a.flows"));
	ck_assert(!nsc_segment_is_name("a.flows.tmp"));
	s.last++; /* a row too many */
	nsc_segment_head(head, &s);
	ck_assert_int_eq(nsc_segment_read(&back, head), -EBADMSG);
	memset(head, 'x', sizeof(head));
	ck_assert_int_eq(nsc_segment_read(&back, head), -EBADMSG);
	ck_assert(nsc_segment_is_sensor("eth0.example"));
	ck_assert(!nsc_segment_is_sensor(""));
	ck_assert(!nsc_segment_is_sensor(".."));
	ck_assert(!nsc_segment_is_sensor("a/b"));
}
END_TEST

/* A dead collector: whole segments go, oldest first, and every row is here or counted. */
START_TEST(a_full_spool_drops_the_oldest)
{
	struct nsc_sink *sink;
	struct found all;
	char kept[NSC_SEGMENT_NAME];
	int fd;

	test_enter_folder(folder);
	sink = spool_open(1);
	tick(sink, 0, 7, 5);
	tick(sink, 1, 9, 5);
	ck_assert_int_eq(put(sink, 10), 0);
	strcpy(kept, look().oldest);
	fd = open(kept, O_RDONLY);
	ck_assert_int_eq(flock(fd, LOCK_SH), 0); /* it is on its way */
	ck_assert_int_eq(put(sink, 190), 0);
	ck_assert_int_eq(sink->ops->finish(sink, NULL, NULL), 0);
	all = look();
	ck_assert_str_eq(all.oldest, kept);
	ck_assert_uint_le(all.size, 1 << 20);
	ck_assert_uint_gt(count(NSC_C_SHIP_DROPPED_SEGMENTS), 1);
	ck_assert_uint_eq(count(NSC_C_SPOOL_ROWS), 20000);
	ck_assert_uint_eq(all.rows + count(NSC_C_SHIP_DROPPED_ROWS), 20000);
	ck_assert_uint_eq(all.packets + count(NSC_C_SHIP_DROPPED_PACKETS), 20000 * 17);
	ck_assert_uint_eq(all.bytes + count(NSC_C_SHIP_DROPPED_BYTES), 20000 * 65500);
	ck_assert_uint_eq(all.segments + count(NSC_C_SHIP_DROPPED_SEGMENTS), count(NSC_C_SPOOL_SEGMENTS));
	ck_assert_uint_eq(told(NSC_C_RX_NIC_DROPS), 5); /* the oldest ledger is there */
	ck_assert_uint_eq(told(NSC_C_RX_RECEIVED), 9);
	ck_assert_uint_eq(told(NSC_C_SPOOL_ROWS), 20000);
	ck_assert_uint_eq(told(NSC_C_SHIP_DROPPED_ROWS), count(NSC_C_SHIP_DROPPED_ROWS));
	close(fd);
	nsc_spool_close(sink);
	test_leave_folder(folder);
}
END_TEST

/* A database has it, and some other destination is down: the sensor has lost no row. */
START_TEST(what_a_database_has_is_not_lost)
{
	char oldest[NSC_SEGMENT_NAME], mark[NSC_SEGMENT_MARK];
	struct nsc_sink *sink;
	struct found all;
	uint64_t stored;

	test_enter_folder(folder);
	sink = spool_open(1);
	ck_assert_int_eq(put(sink, 10), 0);
	strcpy(oldest, look().oldest);
	stored = nsc_segment_name_rows(oldest);
	nsc_segment_mark(mark, oldest, NSC_SEGMENT_DATABASE);
	test_write_file(mark, "");
	ck_assert_int_eq(put(sink, 190), 0);
	ck_assert_int_eq(sink->ops->finish(sink, NULL, NULL), 0);
	all = look();
	ck_assert_uint_gt(stored, 0);
	ck_assert_str_ne(all.oldest, oldest);
	ck_assert_uint_eq(all.rows + stored + count(NSC_C_SHIP_DROPPED_ROWS), count(NSC_C_SPOOL_ROWS));
	nsc_spool_close(sink);
	test_leave_folder(folder);
}
END_TEST

/* No room on the disk: told once, counted to the row, and over when there is room again. */
START_TEST(a_full_disk_loses_what_it_counts)
{
	struct rlimit before, little;
	struct nsc_sink *sink;
	struct nsc_error error;

	test_enter_folder(folder);
	signal(SIGXFSZ, SIG_IGN);
	sink = spool_open(1000);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	little = (struct rlimit){ 200 * 1024, before.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &little), 0);
	ck_assert_int_eq(put(sink, 30), -EFBIG);
	ck_assert_uint_eq(test_count_files(), 1); /* the lock */
	little.rlim_cur = 4096;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &little), 0);
	ck_assert_int_lt(sink->ops->check(sink, &error), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
	ck_assert_uint_eq(count(NSC_C_SHIP_DROPPED_ROWS), 3000);
	ck_assert_int_eq(sink->ops->check(sink, &error), 1);
	ck_assert_int_eq(put(sink, 5), 0);
	ck_assert_int_eq(sink->ops->finish(sink, NULL, NULL), 0);
	ck_assert_uint_eq(look().rows, 500);
	ck_assert_uint_eq(count(NSC_C_SPOOL_ROWS), 3500); /* those that were lost have numbers, too */
	ck_assert_uint_eq(count(NSC_C_SHIP_DROPPED_ROWS), 3000);
	ck_assert_uint_eq(count(NSC_C_SHIP_DROPPED_PACKETS), 3000 * 17);
	ck_assert_ptr_nonnull(strstr(look().oldest, "-000000003001-000000003500.flows")); /* the gap is visible */
	nsc_spool_close(sink);
	test_leave_folder(folder);
}
END_TEST

/* At the end there is room for the ledger, which names what was lost. */
START_TEST(a_failed_spool_leaves_its_ledger)
{
	struct rlimit before, little;
	struct nsc_sink *sink;
	struct nsc_error error;

	test_enter_folder(folder);
	signal(SIGXFSZ, SIG_IGN);
	sink = spool_open(1000);
	tick(sink, 0, 7, 5);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	little = (struct rlimit){ 200 * 1024, before.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &little), 0);
	ck_assert_int_eq(put(sink, 30), -EFBIG);
	ck_assert_int_lt(sink->ops->finish(sink, NULL, &error), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
	ck_assert_uint_eq(look().rows, 0);
	ck_assert_uint_eq(told(NSC_C_SPOOL_ROWS), 3000);
	ck_assert_uint_eq(told(NSC_C_SHIP_DROPPED_ROWS), 3000);
	nsc_spool_close(sink);
	test_leave_folder(folder);
}
END_TEST

/* A worker's segment that is open when another's cannot be written has no row that it does not hold. */
START_TEST(rows_of_a_segment_are_dense)
{
	struct rlimit before, little;
	struct nsc_sink *sink;
	struct nsc_error error;

	test_enter_folder(folder);
	signal(SIGXFSZ, SIG_IGN);
	sink = spool_open(1000);
	chunk.worker = 1;
	ck_assert_int_eq(put(sink, 2), 0);
	chunk.worker = 0;
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	little = (struct rlimit){ 200 * 1024, before.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &little), 0);
	ck_assert_int_eq(put(sink, 30), -EFBIG);
	chunk.worker = 1;
	ck_assert_int_eq(put(sink, 3), 0); /* lost, for the spool has failed; told already */
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
	ck_assert_int_eq(sink->ops->check(sink, &error), 1);
	ck_assert_int_eq(put(sink, 1), 0);
	ck_assert_int_eq(sink->ops->finish(sink, NULL, NULL), 0);
	ck_assert_uint_eq(look().rows, 300);
	ck_assert_uint_eq(count(NSC_C_SPOOL_ROWS), 3600);
	ck_assert_uint_eq(count(NSC_C_SHIP_DROPPED_ROWS), 3300);
	ck_assert_ptr_nonnull(strstr(look().oldest, "-1-000000000001-000000000200.flows"));
	nsc_spool_close(sink);
	chunk.worker = 0;
	test_leave_folder(folder);
}
END_TEST

/* What is refused has its place within the limit and gives way like the others. */
START_TEST(refused_segments_are_within_the_limit)
{
	struct nsc_sink *sink;
	struct nsc_error error;
	char name[NSC_SEGMENT_NAME + sizeof(NSC_SEGMENT_REFUSED)];
	struct found all;

	test_enter_folder(folder);
	sink = spool_open(1);
	ck_assert_int_eq(put(sink, 20), 0);
	ck_assert_int_eq(sink->ops->finish(sink, NULL, &error), 0);
	nsc_spool_close(sink);
	snprintf(name, sizeof(name), "%s" NSC_SEGMENT_REFUSED, look().oldest);
	ck_assert_int_eq(rename(look().oldest, name), 0);
	sink = spool_open(1);
	ck_assert_int_eq(put(sink, 200), 0);
	ck_assert_int_eq(sink->ops->finish(sink, NULL, &error), 0);
	all = look();
	ck_assert_int_ne(access(name, F_OK), 0);
	ck_assert_uint_le(all.size, 1 << 20);
	nsc_spool_close(sink);
	test_leave_folder(folder);
}
END_TEST

/* The name of the newest segment whose name ends so; "" when there is none. */
static const char *newest_name(const char *end)
{
	static char newest[NSC_SEGMENT_NAME];
	DIR *dir = opendir(".");

	newest[0] = '\0';
	for (struct dirent *entry; (entry = readdir(dir));) {
		size_t length = strlen(entry->d_name), rest = strlen(end);

		if (nsc_segment_is_name(entry->d_name) && length > rest &&
		    !strcmp(entry->d_name + length - rest, end) && strcmp(entry->d_name, newest) > 0)
			strcpy(newest, entry->d_name);
	}
	closedir(dir);
	return newest;
}

/* The ledger of one minute, from what the publisher told until a segment has its name. */
static int put_minute(struct nsc_sink *sink, uint64_t minute, uint64_t packets)
{
	static struct nsc_view view;
	struct nsc_error error;

	view.start_ns = minute * 60 * NSC_NS_PER_SEC;
	view.totals.value[NSC_C_RX_RECEIVED] = packets;
	view.totals.value[NSC_C_RX_DELIVERED] = 1000;
	ck_assert_int_eq(sink->ops->tick(sink, &view, &error), 0);
	return sink->ops->check(sink, &error);
}

/* A counter that does not change any more is told again when the segment that told of it is lost. */
START_TEST(a_lost_ledger_is_made_up_for)
{
	struct rlimit before, little;
	struct nsc_sink *sink;

	test_enter_folder(folder);
	signal(SIGXFSZ, SIG_IGN);
	sink = spool_open(1000);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	ck_assert_int_eq(put_minute(sink, 1000, 1), 0);
	little = (struct rlimit){ 100, before.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &little), 0);
	ck_assert_int_eq(put_minute(sink, 1001, 2), -EFBIG);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
	ck_assert_int_eq(put_minute(sink, 1002, 3), 1);
	ck_assert_ptr_nonnull(
		strstr(newest_name(".ledger"), "-000000000003-000000000004.ledger")); /* both counters again */
	ck_assert_int_eq(put_minute(sink, 1003, 4), 0);
	ck_assert_ptr_nonnull(strstr(newest_name(".ledger"), "-000000000005-000000000005.ledger")); /* what changed */
	nsc_spool_close(sink);
	test_leave_folder(folder);
}
END_TEST

static int put_alerts(struct nsc_sink *sink, uint32_t n, uint64_t id)
{
	static struct nsc_alert alert[64];
	struct nsc_error error;

	for (uint32_t i = 0; i < n; i++) {
		alert[i] = (struct nsc_alert){ .kind = NSC_ALERT_MICROBURST, .id = id + i };
		memset(alert[i].observed, 0xff, sizeof(alert[i].observed));
		memset(alert[i].thresholds, 0xff, sizeof(alert[i].thresholds));
	}
	return sink->ops->alerts(sink, alert, n, &error);
}

/* The row behind what each row begins with: the sensor's name, the run, a time, its number. */
static void has_alert(const char *name, uint64_t number, uint64_t id)
{
	size_t length;
	char *text = test_read_file(name, &length), *at = text + NSC_SEGMENT_HEAD + 1 + strlen("here") + 8 + 4;
	struct nsc_alert alert;
	uint64_t row;

	memcpy(&row, at, sizeof(row));
	ck_assert_uint_eq(row, number);
	ck_assert_ptr_nonnull(nsc_alert_row_read(&alert, at + 8, text + length));
	ck_assert_uint_eq(alert.id, id);
	free(text);
}

/* The first one is complete at once, those that come within a second of it with the next look. */
START_TEST(alerts_do_not_wait)
{
	uint64_t began_ns = nsc_monotonic_ns();
	struct nsc_sink *sink;
	struct nsc_error error;

	test_enter_folder(folder);
	sink = spool_open(1);
	ck_assert_int_eq(put_alerts(sink, 1, 7), 0);
	has_alert(newest_name("-0-000000000001-000000000001.alerts"), 1, 7);
	ck_assert_int_eq(put_alerts(sink, 2, 8), 0);
	ck_assert_int_eq(put_alerts(sink, 1, 10), 0);
	if (nsc_monotonic_ns() - began_ns < NSC_NS_PER_SEC) {
		ck_assert_uint_eq(look().alerts, 1);
		ck_assert_int_eq(sink->ops->check(sink, &error), 0);
		has_alert(newest_name("-0-000000000002-000000000004.alerts"), 2, 8);
	}
	ck_assert_int_eq(sink->ops->check(sink, &error), 0);
	ck_assert_uint_eq(look().alerts, 4);
	ck_assert_uint_eq(count(NSC_C_SPOOL_ALERTS), 4);
	ck_assert_int_eq(put_alerts(sink, 1, 11), 0);
	ck_assert_int_eq(sink->ops->finish(sink, NULL, NULL), 0);
	ck_assert_uint_eq(look().alerts, 5);
	nsc_spool_close(sink);
	test_leave_folder(folder);
}
END_TEST

/* As flows, alerts are in the spool or counted. */
START_TEST(lost_alerts_are_counted)
{
	struct rlimit before, none;
	struct nsc_sink *sink;
	struct nsc_error error;

	test_enter_folder(folder);
	signal(SIGXFSZ, SIG_IGN);
	sink = spool_open(1);
	ck_assert_int_eq(put_alerts(sink, 3, 1), 0);
	ck_assert_int_eq(put(sink, 200), 0); /* which take all of its room */
	ck_assert_uint_eq(look().alerts, 0);
	ck_assert_uint_eq(count(NSC_C_SHIP_DROPPED_ALERTS), 3);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	none = (struct rlimit){ 100, before.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
	ck_assert(put_alerts(sink, 2, 4) < 0 || sink->ops->check(sink, &error) < 0);
	ck_assert_int_eq(put_alerts(sink, 1, 6), 0); /* it has failed, and waits for the next look */
	ck_assert_uint_eq(count(NSC_C_SHIP_DROPPED_ALERTS), 6);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
	ck_assert_int_eq(sink->ops->check(sink, &error), 1);
	ck_assert_int_eq(put_alerts(sink, 1, 7), 0);
	ck_assert_int_eq(sink->ops->finish(sink, NULL, NULL), 0);
	has_alert(newest_name("-0-000000000007-000000000007.alerts"), 7, 7);
	nsc_spool_close(sink);
	test_leave_folder(folder);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("spool");
	TCase *tcase = tcase_create("spool");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, heads_are_read_as_written);
	tcase_add_test(tcase, a_full_spool_drops_the_oldest);
	tcase_add_test(tcase, what_a_database_has_is_not_lost);
	tcase_add_test(tcase, a_full_disk_loses_what_it_counts);
	tcase_add_test(tcase, a_failed_spool_leaves_its_ledger);
	tcase_add_test(tcase, rows_of_a_segment_are_dense);
	tcase_add_test(tcase, refused_segments_are_within_the_limit);
	tcase_add_test(tcase, a_lost_ledger_is_made_up_for);
	tcase_add_test(tcase, alerts_do_not_wait);
	tcase_add_test(tcase, lost_alerts_are_counted);
	return test_run(suite);
}
