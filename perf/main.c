/* SPDX-License-Identifier: MIT
 *
 * bench: NetScope measured beside its floors and its peers, as one table. `bench --help` tells the options.
 */
#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "perf/bench.h"

struct bench_settings bench_settings = { .peer_seconds = 600 };

/* In this order. Files first: the kernel counts the memory of this program, up to the exec, as its children's. */
static const struct bench_section sections[] = {
	{ "files", "capture file to flows, and to the CSV of all flows (needs netscope and pktgen)", bench_files },
	{ "write", "capture file to another one, beside a copy record by record (the same)", bench_write },
	{ "account", "a border of the cycle account, with and without a timeline", bench_account },
	{ "decode", "bytes to descriptor, in cache", bench_decode },
	{ "flow", "decode and an existing flow, 1 k to 10 M flows", bench_flow },
	{ "insert", "decode and a new flow, 1 M flows", bench_insert },
	{ "memory", "bytes per flow at 1 M flows", bench_memory },
	{ "lanes", "steering and the crossing to another core", bench_lanes },
	{ "detect", "SYN floods and a scan, with and without the detectors", bench_detect },
	{ "names", "names of flows: what they cost a packet and a flow", bench_names },
	{ "recorder", "packets recorded in memory, against a copy of the same bytes", bench_recorder },
	{ "sample", "choosing packets for the dashboard, by filters that none passes", bench_sample },
	{ "cliffs", "generated traffic along round trips, losses, flows, sizes and IPv6: no steps", bench_cliffs },
	{ "worst", "the most expensive burst that a sender can make", bench_worst },
	{ "pause", "the longest rounds at 10 M flows, with sweep and ticks", bench_pause },
	{ "fanout", "how the kernel chooses a ring for a frame, beside its own hash and one socket (root)",
	  bench_fanout },
	{ "dpdk", "a packet of a port of DPDK, beside DPDK alone and generated traffic (make DPDK=1)", bench_dpdk },
};

enum { ROUNDS = 1, QUICK, JSON, PEERS, PEER_PACKETS, PEER_SECONDS, FOLDER, LIST, HELP };

static const struct option options[] = {
	{ "rounds", required_argument, NULL, ROUNDS },
	{ "quick", no_argument, NULL, QUICK },
	{ "json", required_argument, NULL, JSON },
	{ "peers", no_argument, NULL, PEERS },
	{ "peer-packets", required_argument, NULL, PEER_PACKETS },
	{ "peer-seconds", required_argument, NULL, PEER_SECONDS },
	{ "folder", required_argument, NULL, FOLDER },
	{ "list", no_argument, NULL, LIST },
	{ "help", no_argument, NULL, HELP },
	{ 0 },
};

static const char help[] =
	"usage: bench [options] [section...]\n\n"
	"  --rounds N         rounds of each section (1 to 32; each section has its own number)\n"
	"  --quick            small sizes\n"
	"  --json FILE        the table as JSON too; - writes only JSON, to standard output\n"
	"  --peers            other programs on the same files: tshark, nfpcapd, softflowd, argus, "
	"ndpiReader\n"
	"  --peer-packets N   they get the first N packets of a file only, and so does netscope beside them\n"
	"  --peer-seconds N   they are stopped after this long (600)\n"
	"  --folder DIR       where captures and exports go (bench, beside the folder of this program)\n"
	"  --list             the sections\n\n"
	"NETSCOPE and PKTGEN name the programs; without them those beside this one are used. Exit status: 0; 2 when\n"
	"something could not be measured.\n";

static unsigned long bench_option_number(const char *name, const char *text, unsigned long min, unsigned long max)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || value < min || value > max)
		bench_die("--%s wants a number from %lu to %lu, found '%s'", name, min, max, text);
	return value;
}

static int bench_list(void)
{
	for (size_t i = 0; i < NSC_ARRAY_LEN(sections); i++)
		printf("%-8s %s\n", sections[i].name, sections[i].help);
	return EXIT_SUCCESS;
}

/* Where this program is; `up` folders above it. */
static char *beside(const char *name, unsigned up)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *folder = path, *result;

	if (n <= 0)
		bench_die("cannot read /proc/self/exe: %s", strerror(errno));
	path[n] = '\0';
	for (unsigned i = 0; i <= up; i++)
		folder = dirname(folder);
	if (asprintf(&result, "%s/%s", folder, name) < 0)
		bench_die("no memory");
	return result;
}

static void settle_paths(void)
{
	bench_settings.netscope = getenv("NETSCOPE") ?: beside("netscope", 0);
	bench_settings.pktgen = getenv("PKTGEN") ?: beside("pktgen", 0);
	if (!bench_settings.folder)
		bench_settings.folder = beside("bench", 1);
	if (mkdir(bench_settings.folder, 0777) && errno != EEXIST)
		bench_die("cannot make %s: %s", bench_settings.folder, strerror(errno));
}

static bool wanted(const char *name, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

static void check_names(char **names)
{
	for (; *names; names++) {
		size_t i = 0;

		while (i < NSC_ARRAY_LEN(sections) && strcmp(sections[i].name, *names))
			i++;
		if (i == NSC_ARRAY_LEN(sections))
			bench_die("no section '%s'; --list names them", *names);
	}
}

static void bench_option_set(int option, const char **json)
{
	switch (option) {
	case ROUNDS:
		bench_settings.rounds = (unsigned)bench_option_number("rounds", optarg, 1, BENCH_ROUNDS_MAX);
		return;
	case QUICK:
		bench_settings.quick = true;
		return;
	case JSON:
		*json = optarg;
		return;
	case PEERS:
		bench_settings.peers = true;
		return;
	case PEER_PACKETS:
		bench_settings.peer_packets = bench_option_number("peer-packets", optarg, 1, INT32_MAX);
		return;
	case PEER_SECONDS:
		bench_settings.peer_seconds = (unsigned)bench_option_number("peer-seconds", optarg, 1, 86400);
		return;
	case FOLDER:
		bench_settings.folder = optarg;
		return;
	case LIST:
		exit(bench_list());
	case HELP:
		fputs(help, stdout);
		exit(EXIT_SUCCESS);
	}
	bench_die("--help lists the options");
}

int main(int argc, char **argv)
{
	const char *json = NULL;
	struct nsc_error error;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		bench_option_set(option, &json);
	check_names(&argv[optind]);
	settle_paths();
	bench_machine_read(&bench_machine);
	for (size_t i = 0; i < NSC_ARRAY_LEN(sections); i++) {
		if (!wanted(sections[i].name, &argv[optind]))
			continue;
		fprintf(stderr, "bench: %s: %s\n", sections[i].name, sections[i].help);
		if (sections[i].run)
			sections[i].run();
		else
			fprintf(stderr, "bench: %s: not in this build: left out\n", sections[i].name);
	}
	if (!json || strcmp(json, "-"))
		bench_rows_print();
	if (json && bench_rows_json(json, &error))
		bench_die("%s", error.text);
	return EXIT_SUCCESS;
}
