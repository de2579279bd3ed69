/* SPDX-License-Identifier: MIT
 *
 * The table of link types as sources see it.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#include "backends/sources/linktype.h"

static const struct {
	uint32_t number;
	int dlt;
	const char *name;
} known[] = {
	{ 1, 1, "eth" },     { 0, 0, "null" },     { 108, 108, "null" }, { 12, 12, "raw" },
	{ 14, 12, "raw" },   { 101, 12, "raw" },   { 228, 228, "ipv4" }, { 229, 229, "ipv6" },
	{ 113, 113, "sll" }, { 276, 276, "sll2" }, { 9, 9, "ppp" },      { 100, DLT_ATM_RFC1483, "atm" },
};

START_TEST(known_numbers)
{
	for (unsigned i = 0; i < NSC_ARRAY_LEN(known); i++) {
		int row = nsc_linktype_row(known[i].number);

		ck_assert_int_ge(row, 0);
		ck_assert_int_eq(nsc_linktypes[row].dlt, known[i].dlt);
		ck_assert_str_eq(nsc_link_name(nsc_linktypes[row].link), known[i].name);
		ck_assert_uint_eq(nsc_link_of(known[i].number), nsc_linktypes[row].link);
	}
}
END_TEST

START_TEST(unknown_numbers)
{
	ck_assert_int_eq(nsc_linktype_row(189), -1);
	ck_assert_uint_eq(nsc_link_of(189), NSC_LINK_UNSUPPORTED);
	ck_assert_uint_eq(nsc_link_of(UINT32_MAX), NSC_LINK_UNSUPPORTED);
	ck_assert_int_eq(nsc_linktype_row(UINT32_MAX), -1);
	ck_assert_int_eq(nsc_linktype_row(147), -1);
}
END_TEST

/* A row is found by its number, and libpcap can compile a filter for it. */
START_TEST(each_row_is_whole)
{
	for (unsigned row = 0; row < NSC_LINKTYPES; row++) {
		pcap_t *pcap = pcap_open_dead(nsc_linktypes[row].dlt, 65535);
		struct bpf_program program;

		ck_assert_int_eq(nsc_linktype_row(nsc_linktypes[row].number), (int)row);
		ck_assert_int_ne(nsc_linktypes[row].link, NSC_LINK_UNSUPPORTED);
		ck_assert_ptr_nonnull(pcap);
		ck_assert_int_eq(pcap_compile(pcap, &program, "greater 1", 1, PCAP_NETMASK_UNKNOWN), 0);
		pcap_freecode(&program);
		pcap_close(pcap);
	}
}
END_TEST

START_TEST(each_link_has_a_number)
{
	for (unsigned link = NSC_LINK_UNSUPPORTED + 1; link < NSC_LINK_COUNT; link++) {
		unsigned numbers = 0;

		for (unsigned row = 0; row < NSC_LINKTYPES; row++)
			numbers += nsc_linktypes[row].link == link;
		ck_assert_msg(numbers > 0, "no file has link type %s", nsc_link_name(link));
		ck_assert_msg(numbers == 1 || link < NSC_LINK_SEVERAL, "%s has several numbers", nsc_link_name(link));
	}
}
END_TEST

START_TEST(descriptions)
{
	char text[64];

	nsc_linktype_describe(105, text, sizeof(text));
	ck_assert_str_eq(text, "105 (IEEE802_11, 802.11)");
	nsc_linktype_describe(4711, text, sizeof(text));
	ck_assert_str_eq(text, "4711 (unknown to libpcap)");
	nsc_linktype_describe(4711, text, 8);
	ck_assert_str_eq(text, "4711 (u");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("linktype");
	TCase *tcase = tcase_create("table");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, known_numbers);
	tcase_add_test(tcase, unknown_numbers);
	tcase_add_test(tcase, each_row_is_whole);
	tcase_add_test(tcase, each_link_has_a_number);
	tcase_add_test(tcase, descriptions);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
