/* SPDX-License-Identifier: MIT
 *
 * The option table and its parser: the table is sound, each type takes what it should and refuses the rest by a
 * sentence that names the option, what was found and what is allowed.
 */
#include "tools/netscope/options.h"

#include <check.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_MAX = 30 };

static struct nsc_settings settings;
static struct nsc_error error;

/* Parses "a b c" as a command line; the words stay for the texts that settings borrow. */
static int parse(const char *line)
{
	static char copy[512];
	char *argv[WORDS_MAX + 2] = { "netscope" };
	int argc = 1;

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *word = strtok(copy, " "); word && argc <= WORDS_MAX; word = strtok(NULL, " "))
		argv[argc++] = word;
	memset(&error, 0, sizeof(error));
	nsc_settings_fini(&settings);
	nsc_settings_init(&settings);
	return nsc_settings_parse(&settings, argc, argv, &error);
}

START_TEST(every_default_is_taken)
{
	unsigned refused = 0;

	for (size_t i = 0; i < nsc_option_count; i++)
		refused += nsc_option_set(&settings, &nsc_option_table[i], nsc_option_table[i].initial,
					  NSC_ORIGIN_DEFAULT, &error) != 0;
	ck_assert_uint_eq(refused, 0);
}
END_TEST

START_TEST(no_name_letter_key_or_member_twice)
{
	unsigned doubles = 0;

	for (size_t i = 0; i < nsc_option_count; i++) {
		const struct nsc_option *x = &nsc_option_table[i];

		for (size_t j = 0; j < i; j++) {
			const struct nsc_option *y = &nsc_option_table[j];

			doubles += (x->name && y->name && !strcmp(x->name, y->name)) ||
				   (x->letter && x->letter == y->letter) ||
				   (x->key && y->key && !strcmp(x->key, y->key)) || x->offset == y->offset;
		}
	}
	ck_assert_uint_eq(doubles, 0);
}
END_TEST

static size_t size_of_type(const struct nsc_option *option)
{
	switch (option->type) {
	case NSC_OPTION_UINT:
		return option->size == 4 && option->max > UINT32_MAX ? 8 : option->size == 4 ? 4 : 8;
	case NSC_OPTION_FLOAT:
		return sizeof(double);
	case NSC_OPTION_STRING:
	case NSC_OPTION_PATH:
	case NSC_OPTION_LIST:
	case NSC_OPTION_PATHS:
	case NSC_OPTION_TEXTS:
		return sizeof(char *);
	case NSC_OPTION_CHOICE:
	case NSC_OPTION_COUNT:
		return sizeof(unsigned);
	case NSC_OPTION_CORES:
		return sizeof(struct nsc_core_list);
	default:
		return sizeof(bool);
	}
}

START_TEST(members_have_the_size_of_their_type)
{
	const char *wrong = "";

	for (size_t i = 0; i < nsc_option_count; i++)
		if (nsc_option_table[i].size != size_of_type(&nsc_option_table[i]))
			wrong = nsc_option_table[i].help;
	ck_assert_str_eq(wrong, "");
}
END_TEST

START_TEST(defaults_of_the_readme)
{
	nsc_settings_init(&settings);
	ck_assert_uint_eq(settings.snaplen, 65535);
	ck_assert_uint_eq(settings.count, 0);
	ck_assert_double_eq(settings.flow_timeout_s, 60);
	ck_assert_uint_eq(settings.max_flows, 100000);
	ck_assert_uint_eq(settings.stats_interval_ms, 1000);
	ck_assert_uint_eq(settings.top_flows, 0);
	ck_assert_uint_eq(settings.workers, 0);
	ck_assert_uint_eq(settings.channel_capacity, 4096);
	ck_assert(!settings.pipeline && !settings.stats && !settings.out.quiet && settings.progress);
	ck_assert_str_eq(settings.out.export_json, "");
}
END_TEST

START_TEST(synth_defaults_are_the_sources_own)
{
	struct nsc_synth_options own;

	nsc_synth_defaults(&own);
	nsc_settings_init(&settings);
	ck_assert_uint_eq(settings.synth.seed, own.seed);
	ck_assert_uint_eq(settings.synth.packets, own.packets);
	ck_assert_uint_eq(settings.synth.flows, own.flows);
	ck_assert_double_eq(settings.synth.rate_pps, own.rate_pps);
	ck_assert_uint_eq(settings.synth.start_ns, own.start_ns);
	ck_assert_uint_eq(settings.synth.payload_min, own.payload_min);
	ck_assert_uint_eq(settings.synth.payload_max, own.payload_max);
	ck_assert_double_eq(settings.synth.tcp_share, own.tcp_share);
	ck_assert_double_eq(settings.synth.ipv6_share, own.ipv6_share);
	ck_assert_double_eq(settings.synth.vlan_share, own.vlan_share);
	ck_assert_double_eq(settings.synth.fragment_share, own.fragment_share);
	ck_assert_double_eq(settings.synth.dns_share, own.dns_share);
	ck_assert_double_eq(settings.synth.tls_share, own.tls_share);
	ck_assert_double_eq(settings.synth.http_share, own.http_share);
	ck_assert_double_eq(settings.synth.quic_share, own.quic_share);
	ck_assert_uint_eq(settings.synth.server_names, own.server_names);
	ck_assert_double_eq(settings.synth.loss, own.loss);
	ck_assert_double_eq(settings.synth.reorder, own.reorder);
	ck_assert_uint_eq(settings.synth.flow_packets, own.flow_packets);
	ck_assert(settings.synth.handshake == own.handshake);
	ck_assert_uint_eq(settings.synth.rtt_us, own.rtt_us);
	ck_assert_double_eq(settings.synth.elephant_share, own.elephant_share);
}
END_TEST

START_TEST(values_arrive)
{
	ck_assert_int_eq(parse("-r in.pcap -f tcp -c 7 --snaplen=96 --flow-timeout-s 0.5 --max-flows 0 --poll block "
			       "--export-csv a.csv -vv --stats"),
			 0);
	ck_assert_str_eq(settings.read_pcap, "in.pcap");
	ck_assert_str_eq(settings.filter, "tcp");
	ck_assert_uint_eq(settings.count, 7);
	ck_assert_uint_eq(settings.snaplen, 96);
	ck_assert_double_eq(settings.flow_timeout_s, 0.5);
	ck_assert_uint_eq(settings.max_flows, 0);
	ck_assert_uint_eq(settings.poll, NSC_POLL_BLOCK);
	ck_assert_str_eq(settings.out.export_csv, "a.csv");
	ck_assert_uint_eq(settings.verbose, 2);
	ck_assert(settings.stats && !settings.pipeline);
	ck_assert_int_eq(nsc_settings_origin(&settings, "stats"), NSC_ORIGIN_COMMAND_LINE);
	ck_assert_int_eq(nsc_settings_origin(&settings, "quiet"), NSC_ORIGIN_DEFAULT);
}
END_TEST

START_TEST(the_last_one_wins)
{
	ck_assert_int_eq(parse("-r a -f tcp -f udp --stats --no-stats --no-progress -vvvvvvv"), 0);
	ck_assert_str_eq(settings.filter, "udp");
	ck_assert(!settings.stats && !settings.progress);
	ck_assert_uint_eq(settings.verbose, 3);
}
END_TEST

START_TEST(several_files_keep_their_order)
{
	const char *path;

	ck_assert_int_eq(parse("-r a ./b -c 7 --read-pcap=c,c -- ./d"), 0);
	path = settings.read_pcap;
	ck_assert_str_eq(path, "a");
	path = nsc_path_next(path);
	ck_assert_str_eq(path, "./b");
	path = nsc_path_next(path);
	ck_assert_str_eq(path, "c,c");
	path = nsc_path_next(path);
	ck_assert_str_eq(path, "./d");
	ck_assert_str_eq(nsc_path_next(path), "");
	ck_assert_uint_eq(settings.count, 7);
	ck_assert_uint_eq(settings.snaplen, 0); /* what was recorded is read whole */
	ck_assert_int_eq(parse("-r a -r b -s 65535"), 0);
	ck_assert_uint_eq(settings.snaplen, 65535);
}
END_TEST

START_TEST(dash_is_a_path)
{
	ck_assert_int_eq(parse("-r -"), 0);
	ck_assert_str_eq(settings.read_pcap, "-");
}
END_TEST

START_TEST(help_ends_the_reading)
{
	ck_assert_int_eq(parse("-h --no-such"), 0);
	ck_assert(settings.help);
	ck_assert_int_eq(parse("-V"), 0);
	ck_assert(settings.version);
}
END_TEST

static const struct {
	const char *line, *names, *found, *allowed; /* what the sentence must hold */
} refusals[] = {
	{ "-r a --workers -1", "--workers", "\"-1\"", "0 to 64 workers" },
	{ "-r a --workers 1000", "--workers", "\"1000\"", "0 to 64" },
	{ "-r a --workers 2x", "--workers", "\"2x\"", "0 to 64" },
	{ "-r a --workers=", "--workers", "\"\"", "0 to 64" },
	{ "-r a --workers +2", "--workers", "\"+2\"", "0 to 64" },
	{ "-r a --workers 0x2", "--workers", "\"0x2\"", "0 to 64" },
	{ "-r a -c 18446744073709551617", "--count", "18446744073709551617", "whole number" },
	{ "-r a -s 262145", "--snaplen", "\"262145\"", "262144 bytes" },
	{ "-r a --stats-interval-ms 0", "--stats-interval-ms", "\"0\"", "1 to 86400000 ms" },
	{ "-r a --top-flows 257", "--top-flows", "\"257\"", "0 to 256" },
	{ "-r a --flow-timeout-s nan", "--flow-timeout-s", "\"nan\"", "0 to 1000000000 s" },
	{ "-r a --flow-timeout-s inf", "--flow-timeout-s", "\"inf\"", "number" },
	{ "-r a --flow-timeout-s 1e999", "--flow-timeout-s", "\"1e999\"", "number" },
	{ "-r a --flow-timeout-s -0", "--flow-timeout-s", "\"-0\"", "number" },
	{ "-r a --flow-timeout-s 1s", "--flow-timeout-s", "\"1s\"", "number" },
	{ "-r a --poll fast", "--poll", "\"fast\"", "adaptive, busy, block" },
	{ "-r a --poll adaptve", "--poll", "\"adaptve\"", "did you mean adaptive?" },
	{ "--backend fiel", "--backend", "\"fiel\"; did you mean file?", "auto, file" },
	{ "--generate nome", "--generate", "\"nome\"", "wanted one of man, bash" },
	{ "-r a --cores 1-", "--cores", "\"1-\"", "like 2-5,8" },
	{ "-r a --cores 3-1", "--cores", "\"3-1\"", "like 2-5,8" },
	{ "-r a --cores 0,", "--cores", "\"0,\"", "like 2-5,8" },
	{ "-r a --cores autos", "--cores", "\"autos\"", "like 2-5,8" },
	{ "-r a --management-cores auto", "auto belongs to --cores", "--management-cores", "like 2-5,8" },
	{ "-r a --cores 99999", "--cores", "core 99999", "may use" },
	{ "-r a --quiet=yes", "--quiet", "found \"yes\"", "no value" },
	{ "-r a --export-json", "--export-json", "needs a value", "PATH" },
	{ "-r", "--read-pcap", "needs a value", "PATH" },
	{ "-r a --work 2", "--work", "not abbreviated", "--workers" },
	{ "-r a --work=2", "--work;", "not abbreviated", "--workers" },
	{ "-r a --wokrers 2", "--wokrers", "did you mean", "--workers" },
	{ "-r a --no-stat", "--no-stat;", "did you mean", "--no-stats" },
	{ "-r a --bananas", "--bananas", "unknown", "--help" },
	{ "-r a -8", "-8", "unknown", "--help" },
	{ "-r a -v8", "-8", "unknown", "--help" },
	{ "-r a -w out", "-w;", "tcpdump's, tshark's", "--write-pcap PATH" },
	{ "-r a -nn", "-n;", "tcpdump's", "leave it out" },
	{ "-r a -Y tcp", "-Y;", "tshark's", "--filter" },
	{ "-r a --snapshot-length=96", "--snapshot-length;", "tcpdump's", "--snaplen" },
	{ "-i lo tcp port 80", "\"tcp\"", "unexpected", "-f \"tcp port 80\"" },
	{ "-r a -- no-such-file", "\"no-such-file\"", "unexpected", "-f" },
	{ "doctor a.pcap", "a.pcap", "unexpected", "netscope doctor" },
	{ "-r - ./a -r -", "standard input", "-", "only once" },
	{ "-i lo ./a.pcap", "-i", "-r", "leave one" },
	{ "--backend tpacket -r a", "--backend tpacket", "interface", "-r" },
	{ "-i lo -r a", "-i", "-r", "leave one" },
	{ "-i lo --latency slow", "--latency", "\"slow\"", "balanced, low, throughput" },
	{ "--backend file", "--backend file", "capture file", "-r PATH" },
	{ "--backend synth -r a", "--backend synth", "own packets", "-r" },
	{ "--backend synth --synth-payload-min 9 --synth-payload-max 8", "payload_min", "9", "between 0 and 8" },
	{ "--backend synth -f tcp", "--filter", "capture file", "synth" },
	{ "-r a -f tcp$port", "tcp$port", "filter", "" },
	{ "-i lo -f tcp$port", "tcp$port", "filter", "" },
	{ "-i lo --backend synth", "--backend synth", "own packets", "-i" },
	{ "-r a --no-pipeline --workers 2", "--workers 2", "pipeline", "--no-pipeline" },
};

START_TEST(wrong_input_is_refused_by_a_sentence)
{
	ck_assert_int_ne(parse(refusals[_i].line), 0);
	ck_assert_msg(strstr(error.text, refusals[_i].names) && strstr(error.text, refusals[_i].found) &&
			      strstr(error.text, refusals[_i].allowed),
		      "\"%s\": %s", refusals[_i].line, error.text);
}
END_TEST

START_TEST(workers_imply_the_pipeline)
{
	ck_assert(!parse("-r a --workers 1") && settings.pipeline);
	ck_assert(!parse("-r a --workers 0") && settings.pipeline);
	ck_assert(!parse("-r a --pipeline") && settings.pipeline);
	ck_assert(!parse("-r a --workers 1 --no-pipeline") && !settings.pipeline);
	ck_assert(!parse("-r a") && !settings.pipeline);
}
END_TEST

START_TEST(cores_in_their_order)
{
	struct nsc_core_list list;
	cpu_set_t set;
	char line[64];
	int first = 0;

	ck_assert_int_eq(sched_getaffinity(0, sizeof(set), &set), 0);
	while (!CPU_ISSET(first, &set))
		first++;
	snprintf(line, sizeof(line), "%d-%d", first, first);
	ck_assert_int_eq(nsc_cores_parse(&list, line, &error), 0);
	ck_assert_uint_eq(list.n, 1);
	ck_assert_int_eq(list.core[0], first);
	snprintf(line, sizeof(line), "%d,%d", first, first);
	ck_assert_int_ne(nsc_cores_parse(&list, line, &error), 0);
	ck_assert_int_eq(nsc_cores_parse(&list, "", &error), 0);
	ck_assert_uint_eq(list.n, 0);
	ck_assert_uint_eq(nsc_cores_usable(), (unsigned)CPU_COUNT(&set));
}
END_TEST

START_TEST(help_names_every_option_in_100_columns)
{
	char *text = NULL, name[64];
	size_t size = 0, longest = 0;
	unsigned missing = 0;
	FILE *out = open_memstream(&text, &size);

	nsc_options_help(out);
	fclose(out);
	for (size_t i = 0; i < nsc_option_count; i++) {
		snprintf(name, sizeof(name), "--%s", nsc_option_table[i].name ? nsc_option_table[i].name : "");
		missing += !strstr(text, name);
	}
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		longest = NSC_MAX(longest, strcspn(line, "\n"));
	free(text);
	ck_assert_uint_eq(missing, 0);
	ck_assert_uint_le(longest, 100);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("options");
	TCase *tcase = tcase_create("table and parser");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, every_default_is_taken);
	tcase_add_test(tcase, no_name_letter_key_or_member_twice);
	tcase_add_test(tcase, members_have_the_size_of_their_type);
	tcase_add_test(tcase, defaults_of_the_readme);
	tcase_add_test(tcase, synth_defaults_are_the_sources_own);
	tcase_add_test(tcase, values_arrive);
	tcase_add_test(tcase, the_last_one_wins);
	tcase_add_test(tcase, several_files_keep_their_order);
	tcase_add_test(tcase, dash_is_a_path);
	tcase_add_test(tcase, help_ends_the_reading);
	tcase_add_loop_test(tcase, wrong_input_is_refused_by_a_sentence, 0, (int)NSC_ARRAY_LEN(refusals));
	tcase_add_test(tcase, workers_imply_the_pipeline);
	tcase_add_test(tcase, cores_in_their_order);
	tcase_add_test(tcase, help_names_every_option_in_100_columns);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
