/* SPDX-License-Identifier: MIT
 *
 * Each test is a process of its own: the log is one for the process.
 */
#include "netscope/kept.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add(uint64_t number, const char *text)
{
	nsc_kept_comment(number, (const uint8_t *)text, (uint16_t)strlen(text));
}

/* The next comment of packet `number` as a string, "-" for none. */
static const char *next(size_t *at, uint64_t number)
{
	static char buffer[64];
	const uint8_t *text;
	uint16_t length;

	if (!nsc_kept_next_comment(at, number, &text, &length))
		return "-";
	snprintf(buffer, sizeof(buffer), "%.*s", (int)length, (const char *)text);
	return buffer;
}

START_TEST(comments_come_back_by_their_packet)
{
	size_t at = 0;

	add(0, "section");
	nsc_kept_interface(1, 3, (const uint8_t *)"uplink", 6);
	add(0, "too");
	add(4, "four");
	add(4, "");
	nsc_kept_interface(1, 4, (const uint8_t *)"other", 5);
	add(9, "nine");
	ck_assert_str_eq(next(&at, 0), "section");
	ck_assert_str_eq(next(&at, 0), "too");
	ck_assert_str_eq(next(&at, 0), "-");
	ck_assert_str_eq(next(&at, 1), "-");
	ck_assert_str_eq(next(&at, 4), "four");
	ck_assert_str_eq(next(&at, 4), "");
	ck_assert_str_eq(next(&at, 4), "-");
	ck_assert_str_eq(next(&at, 12), "-"); /* that of 9 is passed over */
	add(13, "late");
	ck_assert_str_eq(next(&at, 13), "late");
	at = 0;
	ck_assert_str_eq(next(&at, 0), "section"); /* for the header of another file */
}
END_TEST

START_TEST(the_first_interface_of_a_name_counts)
{
	char sentence[256];
	const uint8_t *text;
	uint16_t length;

	nsc_kept_interface(1, 3, NULL, 0);
	nsc_kept_interface(1, 0, (const uint8_t *)"nameless", 8);
	nsc_kept_interface(101, 3, (const uint8_t *)"raw", 3);
	nsc_kept_interface(101, 3, (const uint8_t *)"raw", 3);
	ck_assert(!nsc_kept_interface_comment(1, 3, &text, &length));
	ck_assert(!nsc_kept_interface_comment(1, 4, &text, &length));
	ck_assert(nsc_kept_interface_comment(1, 0, &text, &length) && length == 8 && !memcmp(text, "nameless", 8));
	ck_assert(nsc_kept_interface_comment(101, 3, &text, &length) && length == 3 && !memcmp(text, "raw", 3));
	ck_assert(!nsc_kept_missing(true, sentence, sizeof(sentence)));
	nsc_kept_interface(1, 3, (const uint8_t *)"too late", 8);
	ck_assert(nsc_kept_missing(true, sentence, sizeof(sentence)));
	ck_assert_str_eq(sentence, "the capture file that was written lacks 1 comment");
	ck_assert(nsc_kept_missing(false, sentence, sizeof(sentence)));
	ck_assert_str_eq(sentence, "the capture file that was written lacks 3 comments: pcapng keeps them (a name that "
				   "ends in .pcapng)");
}
END_TEST

START_TEST(what_is_too_much_is_counted)
{
	static const uint8_t text[60000];
	char sentence[256];
	unsigned kept = 0;
	size_t at = 0;
	const uint8_t *got;
	uint16_t length;

	for (unsigned i = 0; i < 3; i++)
		nsc_kept_comment(1, text, sizeof(text)); /* two of them fit */
	for (unsigned i = 2; i < 100; i++)
		nsc_kept_comment(i, text, sizeof(text));
	for (unsigned i = 1; i < 100; i++)
		while (nsc_kept_next_comment(&at, i, &got, &length))
			kept += length == sizeof(text) && !memcmp(got, text, length);
	ck_assert_uint_eq(kept, NSC_KEPT_COMMENTS_MAX / 60016);
	nsc_kept_lose();
	ck_assert(nsc_kept_missing(true, sentence, sizeof(sentence)));
	ck_assert_str_eq(sentence,
			 "the capture file that was written lacks 1 block of names and secrets and 32 comments");
}
END_TEST

START_TEST(blocks_from_a_byte_on)
{
	static const uint8_t block[16] = { 4, 0, 0, 0, 16 };
	const uint8_t *got;

	nsc_kept_add(block, 16);
	nsc_kept_add(block, 12);
	ck_assert_uint_eq(nsc_kept_blocks(0, &got), 28);
	ck_assert(!memcmp(got, block, 16));
	ck_assert_uint_eq(nsc_kept_blocks(16, &got), 12);
	ck_assert_uint_eq(nsc_kept_blocks(28, &got), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("kept");
	TCase *tcase = tcase_create("kept");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, comments_come_back_by_their_packet);
	tcase_add_test(tcase, the_first_interface_of_a_name_counts);
	tcase_add_test(tcase, what_is_too_much_is_counted);
	tcase_add_test(tcase, blocks_from_a_byte_on);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK); /* also under CK_FORK=no: the log cannot be emptied */
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
