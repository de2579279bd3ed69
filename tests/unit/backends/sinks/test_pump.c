/* SPDX-License-Identifier: MIT
 *
 * The way to a reader that may stop: whole texts or nothing, nobody waits, what was on its way can be had back.
 */
#include "backends/sinks/pump.h"

#include "netscope/clock.h"
#include "netscope/out.h"

#include "records.h"

#include <errno.h>
#include <signal.h>

enum { RING = 256 * 1024, LINE = 1000, ENOUGH = 2000 /* lines: more than pipe and ring hold */ };

static struct nsc_error error;
static int ends[2];
static struct nsc_pump *pump;
static char line[LINE];

static void set_up(void)
{
	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
	ck_assert(nsc_pump_is_wanted(ends[1]));
	ck_assert_int_eq(nsc_pump_open(&pump, ends[1], "a pipe", RING, &error), 0);
}

static void tear_down(void)
{
	nsc_pump_close(pump);
	close(ends[0]);
	close(ends[1]);
}

/* Line `number`, which tells its number. */
static int put_line(unsigned number)
{
	memset(line, 'x', sizeof(line));
	snprintf(line, sizeof(line), "%06u", number);
	line[6] = ' ';
	line[LINE - 1] = '\n';
	return nsc_pump_put(pump, line, LINE);
}

/* Puts lines until one finds no room: how many were taken. */
static unsigned put_until_full(void)
{
	unsigned n = 0;

	while (n < ENOUGH && !put_line(n))
		n++;
	return n;
}

/* How many lines come, whole and in order, until `lines` were read or the writers have gone. */
static unsigned read_lines(unsigned lines)
{
	unsigned n = 0;
	size_t at = 0;

	while (n < lines) {
		ssize_t got = read(ends[0], line + at, LINE - at);

		if (got <= 0)
			break;
		at += (size_t)got;
		if (at < LINE)
			continue;
		if ((unsigned)atoi(line) != n || line[LINE - 1] != '\n')
			break;
		n++;
		at = 0;
	}
	return n;
}

static void wait_for_look(int wanted)
{
	int found;

	while ((found = nsc_pump_look(pump)) != wanted && found != 1)
		usleep(1000);
	ck_assert_int_eq(found, wanted);
}

START_TEST(whole_texts_or_nothing)
{
	unsigned taken = put_until_full();

	ck_assert_uint_gt(taken, RING / LINE - 1);
	ck_assert_uint_lt(taken, ENOUGH);
	ck_assert(nsc_pump_is_behind(pump));
	ck_assert_int_eq(nsc_pump_look(pump), -EAGAIN);
	ck_assert_int_eq(nsc_pump_look(pump), -EAGAIN); /* nothing was read meanwhile */
	ck_assert_uint_eq(read_lines(taken), taken);
	ck_assert_int_eq(nsc_pump_wait(pump, 0), 0);
	wait_for_look(1);
	ck_assert(!nsc_pump_is_behind(pump));
	ck_assert_int_eq(nsc_pump_look(pump), 0);
	ck_assert_int_eq(put_line(0), 0);
	ck_assert_uint_eq(read_lines(1), 1);
}
END_TEST

/* It stays behind as long as something is refused between two looks. */
START_TEST(a_slow_reader_is_told_once)
{
	unsigned taken = put_until_full();

	ck_assert_int_eq(nsc_pump_look(pump), -EAGAIN);
	ck_assert_uint_eq(read_lines(taken), taken);
	ck_assert_int_eq(nsc_pump_wait(pump, 0), 0);
	ck_assert(!nsc_pump_has_room(pump, RING + 1));
	ck_assert_int_eq(nsc_pump_look(pump), -EAGAIN);
	ck_assert_int_eq(nsc_pump_look(pump), 1);
}
END_TEST

START_TEST(a_reader_that_goes)
{
	ck_assert_int_eq(put_line(0), 0);
	ck_assert_int_eq(nsc_pump_wait(pump, 0), 0);
	close(ends[0]);
	put_line(1);
	ck_assert_int_eq(nsc_pump_wait(pump, 0), -EPIPE);
	ck_assert_int_eq(put_line(2), -EPIPE);
	ck_assert(nsc_pump_has_room(pump, RING + 1)); /* who asks shall hear of it */
	ends[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
}
END_TEST

/* Lines in the pipe, and lines that come back, are all lines. */
START_TEST(given_up_at_the_end)
{
	unsigned taken = put_until_full(), back = 0, cut = 0;
	uint64_t began_ns = nsc_monotonic_ns();
	char text[LINE];
	bool is_first;
	size_t reached;

	nsc_out_hurry();
	ck_assert_int_eq(nsc_pump_wait(pump, 0), -ETIMEDOUT);
	ck_assert_uint_ge(nsc_monotonic_ns() - began_ns, NSC_PUMP_PATIENCE_NS / 2);
	ck_assert_int_eq(nsc_pump_wait(pump, RING), -ETIMEDOUT);
	for (; nsc_pump_take_back(pump, text, sizeof(text), &reached, &is_first); back++) {
		ck_assert(!is_first);
		ck_assert_int_eq(text[LINE - 1], '\n');
		cut += reached != 0;
	}
	ck_assert_uint_le(cut, 1);
	nsc_pump_close(pump);
	pump = NULL;
	close(ends[1]);
	ck_assert_int_eq(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0); /* the pump's thread may still hold the other end */
	ck_assert_uint_eq(read_lines(taken), taken - back);
	ends[1] = -1;
}
END_TEST

START_TEST(files_and_devices_need_none)
{
	int file = open("/dev/null", O_WRONLY | O_CLOEXEC);

	ck_assert(!nsc_pump_is_wanted(file));
	ck_assert(!nsc_pump_is_wanted(-1));
	close(file);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pump");
	TCase *tcase = tcase_create("pump");

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_test(tcase, whole_texts_or_nothing);
	tcase_add_test(tcase, a_slow_reader_is_told_once);
	tcase_add_test(tcase, a_reader_that_goes);
	tcase_add_test(tcase, given_up_at_the_end);
	tcase_add_test(tcase, files_and_devices_need_none);
	return test_run(suite);
}
