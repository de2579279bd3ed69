/* SPDX-License-Identifier: MIT
 *
 * Outputs against each other and the input: by name, by hard link, before any of them exists.
 */
#include "tools/netscope/outputs.h"

#include "tools/netscope/options.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct nsc_settings settings;
static struct nsc_error error;
static char folder[64];

static void touch(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void setup(void)
{
	snprintf(folder, sizeof(folder), "/tmp/netscope-outputs-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
	nsc_settings_init(&settings);
	touch("in");
	settings.out.quiet = true;
	settings.read_pcap = "other\0in\0";
}

static void teardown(void)
{
	unlink("in");
	unlink("hard");
	ck_assert_int_eq(chdir("/"), 0);
	rmdir(folder);
}

START_TEST(different_files_pass)
{
	settings.out.export_json = "a";
	settings.out.export_csv = "b";
	settings.out.summary_json = "/dev/null";
	settings.out.expired_flows_csv = "/dev/null";
	ck_assert_int_eq(nsc_outputs_check(&settings, &error), 0);
}
END_TEST

START_TEST(one_file_twice)
{
	settings.out.export_json = "a";
	settings.out.summary_json = "./a";
	ck_assert_int_ne(nsc_outputs_check(&settings, &error), 0);
	ck_assert_ptr_nonnull(strstr(error.text, "--export-json"));
	ck_assert_ptr_nonnull(strstr(error.text, "--summary-json"));
}
END_TEST

START_TEST(the_input_by_another_name)
{
	ck_assert_int_eq(link("in", "hard"), 0);
	settings.out.export_csv = "hard";
	ck_assert_int_ne(nsc_outputs_check(&settings, &error), 0);
	ck_assert_ptr_nonnull(strstr(error.text, "--read-pcap"));
}
END_TEST

START_TEST(standard_input_too)
{
	int fd = open("in", O_RDONLY | O_CLOEXEC), saved = dup(STDIN_FILENO), status;

	settings.read_pcap = "-\0";
	settings.out.export_csv = "in";
	dup2(fd, STDIN_FILENO);
	status = nsc_outputs_check(&settings, &error);
	dup2(saved, STDIN_FILENO);
	close(saved);
	close(fd);
	ck_assert_int_ne(status, 0);
}
END_TEST

START_TEST(names_and_kinds)
{
	char names[64];

	nsc_outputs_names(&settings, names, sizeof(names));
	ck_assert_str_eq(names, "");
	settings.out.summary_json = "s";
	settings.out.export_csv = "c";
	nsc_outputs_names(&settings, names, sizeof(names));
	ck_assert_str_eq(names, "c, s");
	nsc_outputs_names(&settings, names, 3);
	ck_assert_str_eq(names, "c,");
}
END_TEST

static int note_folder(void *context, const char *name, struct nsc_error *why)
{
	char *all = context;

	strcat(strcat(all, all[0] ? " " : ""), name);
	return strcmp(name, "/refused") ? 0 : nsc_fail(why, -EACCES, "refused");
}

START_TEST(folders_of_files)
{
	char all[256] = "";

	settings.out.export_json = "-";
	settings.out.export_csv = "a/b/flows.csv";
	settings.out.summary_json = "s.json";
	settings.out.write_pcap = "/p.pcap";
	settings.out.expired_flows_csv = "/dev/null";
	settings.out.expired_flows_jsonl = "/dev/stdout";
	ck_assert_int_eq(setenv("TMPDIR", "/sorting", 1), 0);
	ck_assert_int_eq(nsc_outputs_each_folder(&settings, note_folder, all, &error), 0);
	ck_assert_str_eq(all, "/ a/b . /sorting");
	all[0] = '\0';
	settings.out.export_json = "flows.json";
	ck_assert_int_eq(nsc_outputs_each_folder(&settings, note_folder, all, &error), 0);
	ck_assert_str_eq(all, "/ . a/b .");
	all[0] = '\0';
	settings.out.write_pcap = "/refused/p.pcap";
	ck_assert_int_eq(nsc_outputs_each_folder(&settings, note_folder, all, &error), -EACCES);
	ck_assert_str_eq(all, "/refused");
	unsetenv("TMPDIR"); /* the next test may run in this process */
}
END_TEST

START_TEST(people_read_where_data_is_not)
{
	struct nsc_outputs outputs;

	ck_assert_int_eq(nsc_outputs_open(&outputs, &settings, NULL, 0, &error), 0);
	ck_assert(outputs.human == stdout && !outputs.files && !outputs.n_sinks);
	ck_assert(!nsc_outputs_want_records(&outputs));
	nsc_outputs_close(&outputs);
	settings.out.export_csv = "-";
	ck_assert_int_eq(nsc_outputs_open(&outputs, &settings, NULL, 1 << 24, &error), 0);
	ck_assert(outputs.human == stderr && !outputs.files && outputs.n_sinks == 1);
	ck_assert(nsc_outputs_want_records(&outputs));
	nsc_outputs_close(&outputs);
}
END_TEST

START_TEST(one_that_cannot_be_opened_takes_all_along)
{
	struct nsc_outputs outputs;

	settings.stats = true;
	settings.out.summary_json = "summary";
	settings.out.export_csv = "no/such/folder";
	ck_assert_int_ne(nsc_outputs_open(&outputs, &settings, NULL, 1 << 24, &error), 0);
	ck_assert_ptr_nonnull(strstr(error.text, "no/such/folder"));
	ck_assert_int_ne(access("summary", F_OK), 0);
	ck_assert_ptr_null(outputs.opened[NSC_SINK_export]);
	ck_assert_ptr_null(outputs.summary);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("outputs");
	TCase *tcase = tcase_create("outputs");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, different_files_pass);
	tcase_add_test(tcase, one_file_twice);
	tcase_add_test(tcase, the_input_by_another_name);
	tcase_add_test(tcase, standard_input_too);
	tcase_add_test(tcase, names_and_kinds);
	tcase_add_test(tcase, folders_of_files);
	tcase_add_test(tcase, people_read_where_data_is_not);
	tcase_add_test(tcase, one_that_cannot_be_opened_takes_all_along);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
