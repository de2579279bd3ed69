/* SPDX-License-Identifier: MIT
 *
 * The configuration file: every type of value arrives, the command line goes before it, and what is wrong is a sentence
 * with line, column, key, what was found and what is allowed.
 */
#include "tools/netscope/config.h"

#include "tools/netscope/options.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct nsc_settings settings;
static struct nsc_error error;

static void setup(void)
{
	nsc_settings_init(&settings);
	memset(&error, 0, sizeof(error));
}

static void teardown(void)
{
	nsc_settings_fini(&settings);
}

static int read_text(const char *text)
{
	return nsc_config_parse(&settings, "a.toml", text, strlen(text), NULL, &error);
}

START_TEST(each_type_arrives)
{
	int status = read_text("[capture]\nfilter = 'tcp port 80'\nsnaplen = 0x60\nbackend = \"synth\"\n"
			       "[output]\nquiet = true\nexport_csv = \"a \\\"b\\\" \\u20AC.csv\"\n"
			       "[flow]\ntimeout_secs = 2\nmax_flows = 1_000\n[stats]\ninterval_ms=5\n"
			       "[web]\nallowed_hosts = []\n");

	ck_assert_msg(!status, "%s", error.text);
	ck_assert_str_eq(settings.filter, "tcp port 80");
	ck_assert_uint_eq(settings.snaplen, 96);
	ck_assert_uint_eq(settings.backend, NSC_BACKEND_SYNTH);
	ck_assert(settings.out.quiet);
	ck_assert_str_eq(settings.out.export_csv, "a \"b\" \xe2\x82\xac.csv");
	ck_assert_double_eq(settings.flow_timeout_s, 2);
	ck_assert_uint_eq(settings.max_flows, 1000);
	ck_assert_int_eq(nsc_settings_origin(&settings, "quiet"), NSC_ORIGIN_FILE);
	ck_assert_int_eq(nsc_settings_origin(&settings, "stats"), NSC_ORIGIN_DEFAULT);
}
END_TEST

START_TEST(a_path_or_several)
{
	ck_assert_int_eq(read_text("capture.read_pcap = \"a,a\"\n"), 0);
	ck_assert_str_eq(settings.read_pcap, "a,a");
	ck_assert_str_eq(nsc_path_next(settings.read_pcap), "");
	ck_assert_int_eq(read_text("capture.read_pcap = [\"x\", \"y,z\"]\n"), 0);
	ck_assert_str_eq(settings.read_pcap, "x");
	ck_assert_str_eq(nsc_path_next(settings.read_pcap), "y,z");
	ck_assert_int_eq(read_text("capture.read_pcap = []\n"), 0);
	ck_assert_str_eq(settings.read_pcap, "");
	ck_assert_int_ne(read_text("capture.read_pcap = [1]\n"), 0);
	ck_assert_ptr_nonnull(strstr(error.text, "a path in quotes, or an array of paths"));
}
END_TEST

START_TEST(dotted_keys_and_inline_tables_are_sections_too)
{
	ck_assert_int_eq(read_text("flow.max_flows = 7\nstats = { enabled = true, top_flows = 3 }\n"), 0);
	ck_assert_uint_eq(settings.max_flows, 7);
	ck_assert(settings.stats && settings.top_flows == 3);
}
END_TEST

START_TEST(the_command_line_goes_before)
{
	ck_assert_int_eq(nsc_option_set(&settings, nsc_option_find("max-flows"), "5", NSC_ORIGIN_COMMAND_LINE, &error),
			 0);
	ck_assert_int_eq(nsc_option_set(&settings, nsc_option_find("web"), "false", NSC_ORIGIN_COMMAND_LINE, &error),
			 0);
	ck_assert_int_eq(read_text("[flow]\nmax_flows = 9\n[web]\nenabled = true\n"), 0);
	ck_assert_uint_eq(settings.max_flows, 5);
	ck_assert(!settings.web.enabled);
	ck_assert_int_ne(read_text("[flow]\nmax_flows = -9\n"), 0); /* checked all the same */
	ck_assert_ptr_nonnull(strstr(error.text, "a.toml:2:1: flow.max_flows: wanted"));
}
END_TEST

START_TEST(interfaces_as_text_or_array)
{
	ck_assert_msg(!read_text("[capture]\ninterface = ['eth0', 'eth*']\n"), "%s", error.text);
	ck_assert_str_eq(settings.interface, "eth0");
	ck_assert_str_eq(nsc_path_next(settings.interface), "eth*");
	ck_assert_str_eq(nsc_path_next(nsc_path_next(settings.interface)), "");
	ck_assert_msg(!read_text("[capture]\ninterface = 'eth0,eth1'\n"), "%s", error.text);
	ck_assert_str_eq(settings.interface, "eth0,eth1");
}
END_TEST

START_TEST(a_default_may_be_stated_of_what_this_build_lacks)
{
	ck_assert_msg(!read_text("[web]\nenabled = false\nport = 8080\nallowed_hosts = []\n[capture]\ninterface = ''\n"
				 "promiscuous = true\n[analysis.anomalies.syn_flood]\nwindow_secs = 5.0\n"),
		      "%s", error.text);
}
END_TEST

static const struct {
	const char *text, *sentence; /* the whole of it */
} refusals[] = {
	{ "[flow]\nmax_flows = \"many\"\n",
	  "a.toml:2:1: flow.max_flows: wanted a whole number from 0 to 1000000000 flows, found \"many\"" },
	{ "[flow]\nmax_flows = 1.5\n",
	  "a.toml:2:1: flow.max_flows: wanted a whole number from 0 to 1000000000 flows, found 1.5" },
	{ "[flow]\n  max_flows = -1\n",
	  "a.toml:2:3: flow.max_flows: wanted a whole number from 0 to 1000000000 flows, found \"-1\"" },
	{ "[flow]\ntimeout_secs = inf\n",
	  "a.toml:2:1: flow.timeout_secs: wanted a number from 0 to 1000000000 s, found \"inf\"" },
	{ "[flow]\ntimeout_secs = true\n",
	  "a.toml:2:1: flow.timeout_secs: wanted a number from 0 to 1000000000 s, found true" },
	{ "[output]\nquiet = 1\n", "a.toml:2:1: output.quiet: wanted true or false, found 1" },
	{ "[output]\nexport_csv = false\n", "a.toml:2:1: output.export_csv: wanted a path in quotes, found false" },
	{ "[output]\nexport_csv = ['a']\n", "a.toml:2:1: output.export_csv: wanted a path in quotes, found an array" },
	{ "[output]\nexport_csv = 'a\\b'\nexport_json = \"a\\u0000b\"\n",
	  "a.toml:3:1: output.export_json: wanted a path in quotes, found a text with a zero byte" },
	{ "[output]\nexport_csv = 2020-01-01\n",
	  "a.toml:2:1: output.export_csv: wanted a path in quotes, found a date or time" },
	{ "[pipeline]\npoll = 'fast'\n",
	  "a.toml:2:1: pipeline.poll: wanted one of adaptive, busy, block, found \"fast\"" },
	{ "[pipeline]\npoll = 'blok'\n",
	  "a.toml:2:1: pipeline.poll: wanted one of adaptive, busy, block, found \"blok\"; did you mean block?" },
	{ "[pipeline]\ncores = '1-'\n",
	  "a.toml:2:1: pipeline.cores: wanted a list of cores like 2-5,8 or eth0:2-5,eth1:6-9, found \"1-\"" },
	{ "[capture]\ninterface = 5\n",
	  "a.toml:2:1: capture.interface: wanted a text in quotes, or an array of texts, found 5" },
	{ "[web]\nallowed_hosts = ['a,b']\n", "a.toml:2:1: web.allowed_hosts: wanted a list of texts, each without a "
					      "comma, found an array of something else" },
	{ "[web]\nallowed_hosts = 'a'\n",
	  "a.toml:2:1: web.allowed_hosts: wanted a list of texts, each without a comma, found \"a\"" },
	{ "\n[capture]\nlatency = 'slow'\n",
	  "a.toml:3:1: capture.latency: wanted one of balanced, low, throughput, found \"slow\"; did you mean low?" },
	{ "[capture]\nsnaplne = 3\n", "a.toml:2:1: unknown key capture.snaplne; did you mean capture.snaplen?" },
	{ "[capture]\nquiet = true\n", "a.toml:2:1: unknown key capture.quiet; did you mean output.quiet?" },
	{ "quiet = true\n", "a.toml:1:1: unknown key quiet; did you mean output.quiet?" },
	{ "[captrue]\nsnaplen = 3\n", "a.toml:1:2: unknown section captrue; did you mean capture?" },
	{ "[web.auht]\n", "a.toml:1:6: unknown section web.auht; did you mean web.auth?" },
	{ "[bananas]\n", "a.toml:1:2: unknown section bananas; netscope --print-config shows all that there are" },
	{ "\"capture.snaplen\" = 3\n", "a.toml:1:1: unknown key \"capture.snaplen\"; did you mean capture.snaplen?" },
	{ "capture = 3\n", "a.toml:1:1: capture: wanted a section, found 3" },
	{ "[[capture]]\n", "a.toml:1:3: capture: wanted a section, found an array of something else" },
	{ "[capture.snaplen]\n",
	  "a.toml:1:10: capture.snaplen: wanted a whole number from 0 to 262144 bytes, found a section" },
	{ "[stats]\ntop_flows = 1\n[capture]\nzzz = 1\naaa = 1\n",
	  "a.toml:4:1: unknown key capture.zzz; netscope --print-config shows all that there are" },
};

START_TEST(wrong_text_is_refused_by_a_sentence)
{
	ck_assert_int_eq(read_text(refusals[_i].text), -EINVAL);
	ck_assert_str_eq(error.text, refusals[_i].sentence);
}
END_TEST

static const struct {
	const char *text, *begins, *holds;
} not_toml[] = {
	{ "[capture\n", "a.toml:1:9: while parsing table header: ", "']'" },
	{ "[capture]\nsnaplen = \n", "a.toml:2:", "" },
	{ "[capture]\nsnaplen = 1\nsnaplen = 2\n", "a.toml:3:", "snaplen" },
	{ "[capture]\n[capture]\n", "a.toml:2:", "capture" },
	{ "[flow]\nmax_flows = 99999999999999999999\n", "a.toml:2:", "" },
	{ "[output]\nexport_csv = \"\xff\"\n", "a.toml:2:", "" },
};

START_TEST(what_is_no_toml)
{
	ck_assert_int_eq(read_text(not_toml[_i].text), -EINVAL);
	ck_assert_msg(!strncmp(error.text, not_toml[_i].begins, strlen(not_toml[_i].begins)) &&
			      strstr(error.text, not_toml[_i].holds),
		      "%s", error.text);
}
END_TEST

/* Freeing a tree takes stack for each of its levels: neither brackets nor names may go deep. */
static void check_deep(const char *repeated, size_t times, const char *begins)
{
	static char text[200000];
	size_t length = strlen(repeated), used = 0;

	memcpy(text, "a", 2);
	for (size_t i = 0; i < times; i++, used += length)
		memcpy(text + 1 + used, repeated, length + 1);
	ck_assert_int_eq(read_text(text), -EINVAL);
	ck_assert_msg(!strncmp(error.text, begins, strlen(begins)), "%s", error.text);
}

START_TEST(depth_is_bounded)
{
	check_deep(".a", 4097, "a.toml:1:8194: wanted at most 4096 dots");
	check_deep(".a", 4096, "a.toml:1:");
	check_deep("={a", 10000, "a.toml:1:");
	check_deep("=[", 10000, "a.toml:1:");
	check_deep("=[\n[", 10000, "a.toml:");
	check_deep(".a={a\n.a", 2048, "a.toml:");
	check_deep("\n[a.a]", 3000, "a.toml:");
}
END_TEST

static int load_bytes(size_t size)
{
	char name[] = "/tmp/netscope-config-XXXXXX", *text = malloc(size);
	int fd = mkstemp(name), status;

	memset(text, '\n', size);
	ck_assert_int_eq(write(fd, text, size), (ssize_t)size);
	close(fd);
	status = nsc_config_load(&settings, name, NULL, &error);
	unlink(name);
	free(text);
	return status;
}

START_TEST(files_that_cannot_be_read)
{
	ck_assert_int_eq(nsc_config_load(&settings, "/nonexistent/a.toml", NULL, &error), -ENOENT);
	ck_assert_str_eq(error.text,
			 "/nonexistent/a.toml: the configuration file cannot be read: No such file or directory");
	ck_assert_int_eq(nsc_config_load(&settings, "/tmp", NULL, &error), -EISDIR);
	ck_assert_int_eq(load_bytes(256 * 1024), 0);
	ck_assert_int_eq(load_bytes(256 * 1024 + 1), -EFBIG);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("config");
	TCase *tcase = tcase_create("configuration file");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, each_type_arrives);
	tcase_add_test(tcase, a_path_or_several);
	tcase_add_test(tcase, dotted_keys_and_inline_tables_are_sections_too);
	tcase_add_test(tcase, the_command_line_goes_before);
	tcase_add_test(tcase, interfaces_as_text_or_array);
	tcase_add_test(tcase, a_default_may_be_stated_of_what_this_build_lacks);
	tcase_add_loop_test(tcase, wrong_text_is_refused_by_a_sentence, 0, (int)NSC_ARRAY_LEN(refusals));
	tcase_add_loop_test(tcase, what_is_no_toml, 0, (int)NSC_ARRAY_LEN(not_toml));
	tcase_add_test(tcase, depth_is_bounded);
	tcase_add_test(tcase, files_that_cannot_be_read);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
