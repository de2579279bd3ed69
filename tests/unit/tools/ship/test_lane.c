/* SPDX-License-Identifier: MIT
 *
 * Lanes of one spool: one whose destination takes nothing holds nobody back, says what fails, and is seen to live as
 * long as it moves.
 */
#include "tools/ship/lane.h"

#include "netscope/clock.h"
#include "tests/unit/backends/sinks/records.h"

static char folder[64];
static bool blocked, entered; /* atomic: send does not return while the first is set, and sets the other one */

static enum nsc_ship_verdict take_it(struct nsc_destination *destination, const struct nsc_queue_segment *segment,
				     struct nsc_error *error)
{
	__atomic_store_n(&entered, true, __ATOMIC_RELEASE);
	while (__atomic_load_n(&blocked, __ATOMIC_ACQUIRE))
		usleep(1000);
	return NSC_SHIP_DONE;
}

static enum nsc_ship_verdict take_nothing(struct nsc_destination *destination, const struct nsc_queue_segment *segment,
					  struct nsc_error *error)
{
	nsc_fail(error, 0, "%s takes nothing", destination->url);
	return NSC_SHIP_AGAIN;
}

static const struct nsc_destination_ops takes = { .takes = 1u << NSC_SEGMENT_FLOWS, .send = take_it };
static const struct nsc_destination_ops fails = { .takes = 1u << NSC_SEGMENT_FLOWS, .send = take_nothing };

static struct nsc_destination good = { .ops = &takes, .url = "good" }, bad = { .ops = &fails, .url = "bad" };
static struct nsc_queue_takers takers;
static struct nsc_lane lane[2];

static void write_segments(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct nsc_segment segment = { .kind = NSC_SEGMENT_FLOWS, .sensor = "s", .first = 1 + 10 * i };
		char head[NSC_SEGMENT_HEAD + 1] = "", name[NSC_SEGMENT_NAME];

		segment.last = segment.first + 9;
		nsc_segment_head(head, &segment);
		nsc_segment_name(name, &segment);
		test_write_file(name, head);
	}
}

static void start(bool once)
{
	struct nsc_destination *const to[] = { &good, &bad };
	struct nsc_error error;

	memset(&takers, 0, sizeof(takers));
	memset(lane, 0, sizeof(lane));
	takers.folder = open(".", O_RDONLY | O_DIRECTORY);
	pthread_mutex_init(&takers.mutex, NULL);
	for (uint32_t i = 0; i < 2; i++) {
		lane[i].to = to[i];
		lane[i].once = once;
		lane[i].queue = (struct nsc_queue){ .takers = &takers, .parts = 1 };
		lane[i].queue.taker = nsc_queue_takers_add(&takers, to[i]->url, 1u << NSC_SEGMENT_FLOWS);
	}
	for (uint32_t i = 0; i < 2; i++)
		ck_assert_int_eq(nsc_lane_start(&lane[i], &error), 0);
}

static void end(void)
{
	for (uint32_t i = 0; i < 2; i++)
		nsc_lane_join(&lane[i]);
	close(takers.folder);
}

START_TEST(nobody_waits_for_one_that_fails)
{
	struct nsc_lane_sums sums;

	test_enter_folder(folder);
	write_segments(5);
	start(true);
	end();
	sums = nsc_lane_sums(&lane[0]);
	ck_assert_uint_eq(sums.segments, 5);
	ck_assert_uint_eq(sums.rows, 50);
	ck_assert_uint_eq(sums.minute_rows, 50);
	ck_assert(sums.ended && !sums.gave_up && !sums.failures && sums.sent_s);
	sums = nsc_lane_sums(&lane[1]);
	ck_assert(sums.ended && sums.gave_up);
	ck_assert_uint_eq(sums.failures, sums.in_a_row);
	ck_assert_uint_eq(sums.segments, 0);
	ck_assert_uint_eq(sums.minute_rows, 0);
	ck_assert_str_eq(sums.why.text, "bad takes nothing");
	ck_assert_uint_eq(test_count_files(), 10); /* segments with a mark each */
	test_leave_folder(folder);
}
END_TEST

/* A send that does not end starves the watchdog, and one that moves does not. What is on its way is waited for. */
START_TEST(a_send_that_does_not_end)
{
	const uint64_t long_ns = (NSC_LANE_TURN_S + 1) * NSC_NS_PER_SEC;

	test_enter_folder(folder);
	write_segments(1);
	__atomic_store_n(&entered, false, __ATOMIC_RELEASE);
	__atomic_store_n(&blocked, true, __ATOMIC_RELEASE);
	start(false);
	while (!__atomic_load_n(&entered, __ATOMIC_ACQUIRE))
		usleep(1000);
	ck_assert(nsc_lane_is_alive(&lane[0], nsc_monotonic_ns()));
	ck_assert(!nsc_lane_is_alive(&lane[0], nsc_monotonic_ns() + long_ns));
	nsc_destination_moved(&good);
	ck_assert(nsc_lane_is_alive(&lane[0], nsc_monotonic_ns() + long_ns / 2));
	ck_assert(!nsc_lane_stop(&lane[0])); /* one is on its way */
	__atomic_store_n(&blocked, false, __ATOMIC_RELEASE);
	nsc_lane_stop(&lane[1]);
	end();
	ck_assert(nsc_lane_stop(&lane[0]));
	ck_assert_uint_eq(nsc_lane_sums(&lane[0]).segments, 1);
	ck_assert(nsc_lane_is_alive(&lane[0], nsc_monotonic_ns() + long_ns)); /* it has ended as it should */
	test_leave_folder(folder);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lane");
	TCase *tcase = tcase_create("lane");

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, nobody_waits_for_one_that_fails);
	tcase_add_test(tcase, a_send_that_does_not_end);
	return test_run(suite);
}
