/* SPDX-License-Identifier: MIT
 *
 * A sentence may quote anything, yet it steers no terminal.
 */
#include "tools/netscope/say.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *text, *line;
} sentences[] = {
	{ "a.toml:1:1: fine", "netscope: a.toml:1:1: fine\n" },
	{ "caf\xc3\xa9 \xe2\x82\xac", "netscope: caf\xc3\xa9 \xe2\x82\xac\n" },
	{ "\x1b[31m\r\n\x7f", "netscope: \\x1b[31m\\x0d\\x0a\\x7f\n" },
	{ "\xc2\x9b"
	  "31m",
	  "netscope: \\xc2\\x9b31m\n" },                                     /* CSI, one of the C1 controls */
	{ "a\xe2\x80\xaetxt.pcap", "netscope: a\\xe2\\x80\\xaetxt.pcap\n" }, /* right to left from here on */
	{ "a\xff\xe2\x80", "netscope: a\\xff\\xe2\\x80\n" },
};

START_TEST(shown)
{
	FILE *file = tmpfile();
	struct nsc_error error;
	int saved = dup(STDERR_FILENO);
	char line[128] = "";

	nsc_fail(&error, 0, "%s", sentences[_i].text);
	dup2(fileno(file), STDERR_FILENO);
	nsc_say(&error);
	fflush(stderr);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(file);
	ck_assert_uint_gt(fread(line, 1, sizeof(line) - 1, file), 0);
	fclose(file);
	ck_assert_str_eq(line, sentences[_i].line);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("say");
	TCase *tcase = tcase_create("say");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, shown, 0, (int)NSC_ARRAY_LEN(sentences));
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
