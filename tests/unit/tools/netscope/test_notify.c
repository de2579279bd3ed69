/* SPDX-License-Identifier: MIT
 *
 * Messages to a service manager whose end is here: what is sent, when, and what happens when it reads nothing.
 */
#include "tools/netscope/notify.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct nsc_notify notify;
static struct nsc_error error;
static int manager = -1;
static char told[1024];

static void enter(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char name[64];

	snprintf(name, sizeof(name), "@netscope-unit-%d", (int)getpid());
	memcpy(address.sun_path + 1, name + 1, strlen(name) - 1);
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	ck_assert_int_eq(
		bind(manager, (struct sockaddr *)&address, (socklen_t)(sizeof(address.sun_family) + strlen(name))), 0);
	setenv("NOTIFY_SOCKET", name, 1);
	setenv("WATCHDOG_USEC", "4000", 1);
	unsetenv("WATCHDOG_PID");
	ck_assert_int_eq(nsc_notify_open(&notify, &error), 0);
}

static void leave(void)
{
	nsc_notify_close(&notify);
	close(manager);
}

static const char *next(void)
{
	ssize_t n = recv(manager, told, sizeof(told) - 1, 0);

	told[n > 0 ? n : 0] = '\0';
	return told;
}

START_TEST(what_is_sent)
{
	nsc_notify_state(&notify, "READY=1");
	ck_assert_str_eq(next(), "READY=1");
	nsc_notify_reloading(&notify, 1234567899);
	ck_assert_str_eq(next(), "RELOADING=1\nMONOTONIC_USEC=1234567");
	nsc_notify_status(&notify, "a\nREADY=1");
	ck_assert_str_eq(next(), "STATUS=a\\x0aREADY=1");
}
END_TEST

START_TEST(a_status_is_cut_at_a_character)
{
	char sentence[900] = "x";

	while (strlen(sentence) < 800)
		strcat(sentence, "\xe2\x82\xac");
	nsc_notify_status(&notify, sentence);
	ck_assert_uint_eq(strlen(next()), strlen("STATUS=") + 1 + 399 / 3 * 3);
}
END_TEST

START_TEST(signs_of_life_are_due_four_times)
{
	ck_assert_uint_eq(notify.watchdog_ns, 4000000);
	ck_assert(nsc_notify_look(&notify, 10000000));
	nsc_notify_alive(&notify, 10000000);
	ck_assert_str_eq(next(), "WATCHDOG=1");
	ck_assert(!nsc_notify_look(&notify, 10999999));
	ck_assert(nsc_notify_look(&notify, 11000000));
	ck_assert_str_eq(next(), "");
}
END_TEST

START_TEST(a_state_that_finds_no_room_is_sent_later)
{
	for (unsigned i = 0; i < 100000 && !notify.due[0]; i++)
		nsc_notify_state(&notify, "RELOADING=1");
	ck_assert_str_eq(notify.due, "RELOADING=1");
	nsc_notify_state(&notify, "READY=1");
	while (*next())
		;
	nsc_notify_look(&notify, 1);
	ck_assert_str_eq(next(), "READY=1");
	nsc_notify_look(&notify, 2);
	ck_assert_str_eq(next(), "");
}
END_TEST

static const struct {
	const char *usec, *pid;
	uint64_t ns;
} watchdogs[] = {
	{ "1000", NULL, 1000000 }, { "1000", "1", 0 }, { "1000", "x", 1000000 },
	{ "", NULL, 0 },           { "-5", NULL, 0 },  { "99999999999999999999", NULL, 0 },
};

START_TEST(whose_watchdog)
{
	nsc_notify_close(&notify);
	setenv("WATCHDOG_USEC", watchdogs[_i].usec, 1);
	if (watchdogs[_i].pid)
		setenv("WATCHDOG_PID", watchdogs[_i].pid, 1);
	ck_assert_int_eq(nsc_notify_open(&notify, &error), 0);
	ck_assert_uint_eq(notify.watchdog_ns, watchdogs[_i].ns);
}
END_TEST

START_TEST(nobody)
{
	nsc_notify_close(&notify);
	setenv("NOTIFY_SOCKET", "vsock:2:1", 1);
	ck_assert_int_eq(nsc_notify_open(&notify, &error), -EINVAL);
	setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1);
	ck_assert_int_eq(nsc_notify_open(&notify, &error), -ENOENT);
	nsc_notify_state(&notify, "READY=1");
	ck_assert(!nsc_notify_look(&notify, UINT64_MAX));
	unsetenv("NOTIFY_SOCKET");
	ck_assert_int_eq(nsc_notify_open(&notify, &error), 0);
	ck_assert_int_eq(notify.fd, -1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("notify");
	TCase *tcase = tcase_create("notify");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, enter, leave);
	tcase_add_test(tcase, what_is_sent);
	tcase_add_test(tcase, a_status_is_cut_at_a_character);
	tcase_add_test(tcase, signs_of_life_are_due_four_times);
	tcase_add_test(tcase, a_state_that_finds_no_room_is_sent_later);
	tcase_add_loop_test(tcase, whose_watchdog, 0, (int)NSC_ARRAY_LEN(watchdogs));
	tcase_add_test(tcase, nobody);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
