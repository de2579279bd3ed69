/* SPDX-License-Identifier: MIT
 *
 * A sink whose reader has gone: no failure, no further call; other failures pass through.
 */
#include "tools/netscope/closed_pipe.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>

struct counting_sink {
	struct nsc_sink sink;
	int answer;
	unsigned calls;
};

static int tick(struct nsc_sink *sink, const struct nsc_view *view, struct nsc_error *error)
{
	struct counting_sink *counting = (struct counting_sink *)sink;

	counting->calls++;
	return counting->answer;
}

static int finish(struct nsc_sink *sink, const struct nsc_remaining *remaining, struct nsc_error *error)
{
	return tick(sink, NULL, error);
}

static const struct nsc_sink_ops counting_ops = { .name = "counting", .tick = tick, .finish = finish };

static struct counting_sink inner;
static struct nsc_closed_pipe guard;
static struct nsc_error error;

static void setup(void)
{
	inner = (struct counting_sink){ .sink.ops = &counting_ops };
	nsc_closed_pipe_init(&guard, &inner.sink);
}

START_TEST(calls_pass_through)
{
	ck_assert_str_eq(guard.sink.ops->name, "counting");
	ck_assert_ptr_null(guard.sink.ops->records);
	ck_assert_int_eq(guard.sink.ops->tick(&guard.sink, NULL, &error), 0);
	ck_assert_int_eq(guard.sink.ops->finish(&guard.sink, NULL, &error), 0);
	ck_assert_uint_eq(inner.calls, 2);
}
END_TEST

START_TEST(closed_is_done)
{
	inner.answer = -EPIPE;
	ck_assert_int_eq(guard.sink.ops->tick(&guard.sink, NULL, &error), 0);
	ck_assert(guard.closed);
	ck_assert_int_eq(guard.sink.ops->tick(&guard.sink, NULL, &error), 0);
	ck_assert_int_eq(guard.sink.ops->finish(&guard.sink, NULL, &error), 0);
	ck_assert_uint_eq(inner.calls, 1);
}
END_TEST

START_TEST(failures_stay_failures)
{
	inner.answer = -ENOSPC;
	ck_assert_int_eq(guard.sink.ops->tick(&guard.sink, NULL, &error), -ENOSPC);
	ck_assert(!guard.closed);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("closed_pipe");
	TCase *tcase = tcase_create("closed_pipe");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, calls_pass_through);
	tcase_add_test(tcase, closed_is_done);
	tcase_add_test(tcase, failures_stay_failures);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
