/* SPDX-License-Identifier: MIT
 *
 * Who takes what from one spool: a segment goes when all that want it have it, whoever is killed meanwhile, and one
 * that is down holds nobody back.
 */
#include "tools/ship/queue.h"

#include "tests/unit/backends/sinks/records.h"

#include <sys/stat.h>

enum { FLOWS = 1u << NSC_SEGMENT_FLOWS, LEDGER = 1u << NSC_SEGMENT_LEDGER };

static char folder[64];
static struct nsc_queue_takers takers;
static struct nsc_queue database, other;

static void write_segment(enum nsc_segment_kind kind, uint64_t first)
{
	struct nsc_segment segment = { .kind = kind, .sensor = "s-1", .boot = 5, .first = first, .last = first + 9 };
	char head[NSC_SEGMENT_HEAD + 1] = "", name[NSC_SEGMENT_NAME];

	nsc_segment_head(head, &segment);
	nsc_segment_name(name, &segment);
	ck_assert_uint_eq(nsc_segment_name_rows(name), 10);
	test_write_file(name, head);
}

/* A shipper begins: a database and `n` others, of which all take flows. */
static void begin(unsigned n)
{
	struct nsc_queue *const queue[] = { &database, &other };

	memset(&takers, 0, sizeof(takers));
	takers.folder = open(".", O_RDONLY | O_DIRECTORY);
	pthread_mutex_init(&takers.mutex, NULL);
	for (uint32_t i = 0; i <= n; i++) {
		char id[NSC_SEGMENT_TAKER] = NSC_SEGMENT_DATABASE;

		if (i)
			nsc_queue_taker_id(id, "ipfix+tcp://collector:4739");
		*queue[i] = (struct nsc_queue){ .takers = &takers, .parts = 1 };
		queue[i]->taker = nsc_queue_takers_add(&takers, id, i ? FLOWS : FLOWS | LEDGER);
		ck_assert_uint_eq(queue[i]->taker, i);
	}
	nsc_queue_takers_settle(&takers, false);
}

static void end(void)
{
	close(takers.folder);
	pthread_mutex_destroy(&takers.mutex);
}

/* How many it takes; all of them are sent. */
static unsigned take_all(struct nsc_queue *queue)
{
	struct nsc_queue_segment segment;
	unsigned n = 0;

	for (; nsc_queue_take(queue, &segment); n++)
		ck_assert(nsc_queue_done(queue, &segment));
	return n;
}

static unsigned segments_left(void)
{
	unsigned n = 0;
	DIR *dir = opendir(".");

	for (struct dirent *entry; (entry = readdir(dir));)
		n += nsc_segment_is_name(entry->d_name);
	closedir(dir);
	return n;
}

START_TEST(a_segment_goes_when_all_have_it)
{
	test_enter_folder(folder);
	begin(1);
	for (uint64_t i = 0; i < 3; i++)
		write_segment(NSC_SEGMENT_FLOWS, 1 + 10 * i);
	write_segment(NSC_SEGMENT_LEDGER, 1);
	ck_assert_uint_eq(take_all(&database), 4); /* the other one is down */
	ck_assert_uint_eq(segments_left(), 3);     /* a ledger is the database's alone */
	ck_assert_uint_eq(take_all(&database), 0);
	ck_assert_uint_eq(take_all(&other), 3);
	ck_assert_uint_eq(test_count_files(), 0);
	end();
	test_leave_folder(folder);
}
END_TEST

/* Killed anywhere: between a mark and the removal, between the removal and the marks. */
START_TEST(a_kill_forgets_nothing)
{
	char name[NSC_SEGMENT_NAME], mark[NSC_SEGMENT_MARK];
	struct nsc_segment segment = { .kind = NSC_SEGMENT_FLOWS, .sensor = "s-1", .boot = 5, .first = 1, .last = 10 };

	test_enter_folder(folder);
	begin(1);
	write_segment(NSC_SEGMENT_FLOWS, 1);
	write_segment(NSC_SEGMENT_FLOWS, 11);
	ck_assert_uint_eq(take_all(&database), 2);
	end();
	nsc_segment_name(name, &segment);
	nsc_segment_mark(mark, name, takers.taker[1].id);
	test_write_file(mark, ""); /* the other one had it, and nobody has removed it yet */
	begin(1);
	ck_assert_uint_eq(segments_left(), 1);
	ck_assert_uint_eq(take_all(&database), 0);
	ck_assert_uint_eq(take_all(&other), 1);
	end();
	test_write_file(mark, ""); /* removed but for its marks */
	begin(1);
	ck_assert_uint_eq(test_count_files(), 0);
	ck_assert_uint_eq(takers.taker[0].lost, 0);
	end();
	test_leave_folder(folder);
}
END_TEST

/* One that is no destination any more is not waited for, and what it had is forgotten. */
START_TEST(destinations_change)
{
	test_enter_folder(folder);
	begin(1);
	write_segment(NSC_SEGMENT_FLOWS, 1);
	write_segment(NSC_SEGMENT_FLOWS, 11);
	ck_assert_uint_eq(take_all(&database), 2);
	end();
	write_segment(NSC_SEGMENT_FLOWS, 21);
	begin(0);
	ck_assert_uint_eq(segments_left(), 1);
	ck_assert_uint_eq(take_all(&database), 1);
	ck_assert_uint_eq(test_count_files(), 0);
	end();
	test_leave_folder(folder);
}
END_TEST

/* The sensor drops what one has and another one lacks: counted for the latter. What is refused is kept for a person,
 * and sent to the others. */
START_TEST(dropped_and_refused)
{
	struct nsc_queue_segment segment;
	char refused[NSC_SEGMENT_NAME + 8];

	test_enter_folder(folder);
	begin(1);
	write_segment(NSC_SEGMENT_FLOWS, 1);
	ck_assert_uint_eq(take_all(&database), 1);
	ck_assert(nsc_queue_take(&other, &segment));
	nsc_queue_put_back(&other, &segment);
	ck_assert_int_eq(unlink(segment.name), 0);
	ck_assert_uint_eq(take_all(&other), 0);
	nsc_queue_takers_settle(&takers, true);
	nsc_queue_takers_settle(&takers, true);
	ck_assert_uint_eq(takers.taker[0].lost, 0);
	ck_assert_uint_eq(takers.taker[1].lost, 1);
	ck_assert_uint_eq(test_count_files(), 0);
	write_segment(NSC_SEGMENT_FLOWS, 1);
	ck_assert(nsc_queue_take(&database, &segment));
	ck_assert(nsc_queue_refuse(&database, &segment));
	snprintf(refused, sizeof(refused), "%s.refused", segment.name);
	ck_assert_int_eq(access(refused, F_OK), 0);
	ck_assert_uint_eq(take_all(&database), 0);
	ck_assert_uint_eq(take_all(&other), 1);
	ck_assert_uint_eq(segments_left(), 0);
	ck_assert_int_eq(unlink(refused), 0);
	ck_assert_uint_eq(test_count_files(), 0);
	end();
	test_leave_folder(folder);
}
END_TEST

START_TEST(names_of_marks)
{
	char mark[NSC_SEGMENT_MARK], name[NSC_SEGMENT_NAME], taker[NSC_SEGMENT_TAKER];

	nsc_segment_mark(mark, "a.sent-b-1-0-1-2.flows", NSC_SEGMENT_DATABASE);
	ck_assert(nsc_segment_mark_read(mark, name, taker));
	ck_assert_str_eq(name, "a.sent-b-1-0-1-2.flows");
	ck_assert_str_eq(taker, NSC_SEGMENT_DATABASE);
	ck_assert(!nsc_segment_is_name(mark));
	ck_assert(!nsc_segment_mark_read("a.flows.sent-x", name, taker));
	ck_assert(!nsc_segment_mark_read(".a.flows.tmp", name, taker));
	ck_assert(!nsc_segment_mark_read(".a.flows.sent-0123456789abcdef", name, taker));
	ck_assert_uint_eq(nsc_segment_name_rows("a-0-0-x.flows"), 0);
	ck_assert_uint_eq(nsc_segment_name_rows("a-5-4.flows"), 0);
	ck_assert_uint_eq(nsc_segment_name_rows("a.flows"), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("queue");
	TCase *tcase = tcase_create("queue");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, a_segment_goes_when_all_have_it);
	tcase_add_test(tcase, a_kill_forgets_nothing);
	tcase_add_test(tcase, destinations_change);
	tcase_add_test(tcase, dropped_and_refused);
	tcase_add_test(tcase, names_of_marks);
	return test_run(suite);
}
