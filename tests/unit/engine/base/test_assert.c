/* SPDX-License-Identifier: MIT
 *
 * What holds costs nothing; what does not ends the program with one sentence on standard error.
 */
#include "engine/base/assert.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/engine/check_main.h"

static int evaluated;

static bool note(bool value)
{
	evaluated++;
	return value;
}

START_TEST(what_holds_goes_on)
{
	nsc_assert(note(true), "the condition is looked at once");
	ck_assert_int_eq(evaluated, 1);
}
END_TEST

/* Runs in a child whose standard error is a pipe; returns what it wrote and how it ended. */
static int fail_in_child(const char *sentence, char *text, size_t size)
{
	int ends[2], status;
	ssize_t n;
	pid_t child;

	ck_assert_int_eq(pipe(ends), 0);
	child = fork();
	if (!child) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
		signal(SIGABRT, SIG_DFL);
		dup2(ends[1], STDERR_FILENO);
		nsc_assert_failed(sentence, "engine/some.c", 1234);
	}
	close(ends[1]);
	n = read(ends[0], text, size - 1);
	text[n < 0 ? 0 : n] = '\0';
	close(ends[0]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return status;
}

START_TEST(what_does_not_hold_ends_the_program)
{
	char text[1024];
	int status = fail_in_child("time goes on", text, sizeof(text));

	ck_assert(WIFSIGNALED(status));
	ck_assert_int_eq(WTERMSIG(status), SIGABRT);
	ck_assert_str_eq(text, "netscope: engine/some.c:1234: this does not hold: time goes on\n");
}
END_TEST

START_TEST(a_long_sentence_is_cut)
{
	char longer[1000], text[1024];

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	fail_in_child(longer, text, sizeof(text));
	ck_assert_uint_eq(strlen(text), 512);
	ck_assert_int_eq(text[511], '\n');
}
END_TEST

CHECK_MAIN("assert", what_holds_goes_on, what_does_not_hold_ends_the_program, a_long_sentence_is_cut)
