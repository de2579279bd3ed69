/* SPDX-License-Identifier: MIT
 *
 * Capture file to flow table and to the CSV of every flow: netscope as a user starts it, with everything that a process
 * costs, beside a plain walk over the file, libpcap, and with --peers other programs. Each file is a fresh copy, and in
 * the page cache; before each run of netscope the memory that it will take is warmed.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "perf/bench.h"
#include "perf/capture.h"
#include "perf/child.h"

enum { PEER_ARGS_MAX = 20 };
#define PEER_LONG_NS 10e9 /* of wall time: a peer that takes longer runs once */

static const struct workload {
	const char *profile, *name, *budget, *export_budget;
	const char *quick[4]; /* pktgen's options for the small one */
} workloads[] = {
	{ "elephants",
	  "elephants, 1 k flows",
	  "elephants",
	  "elephants-export",
	  { "--packets", "20000", "--flows", "100" } },
	{ "million", "million flows", "million", "million-export", { "--packets", "40000", "--flows", "10000" } },
	{ "mix", "realistic mix", "mix", "mix-export", { "--packets", "20000", "--flows", "800" } },
};

/* All write their flows somewhere, as we do; none may expire flows for want of room. */
static const struct peer {
	const char *name;
	const char *args[PEER_ARGS_MAX]; /* "<file>" is the capture, "<dir>" an empty folder for what it writes */
} peers[] = {
	{ "tshark -q -z conv,tcp", { "tshark", "-n", "-q", "-z", "conv,tcp", "-r", "<file>" } },
	{ "tcptrace -l -r", { "tcptrace", "-n", "-l", "-r", "<file>" } },
	{ "nfpcapd", { "nfpcapd", "-r", "<file>", "-w", "<dir>", "-B", "4194304" } },
	{ "softflowd",
	  { "softflowd", "-r", "<file>", "-d", "-6", "-m", "4000000", "-v", "9", "-n", "127.0.0.1:9995", "-p",
	    "<dir>/pid", "-c", "none" } },
	{ "argus", { "argus", "-X", "-r", "<file>", "-w", "<dir>/out.argus" } },
	{ "ndpiReader", { "ndpiReader", "-q", "-i", "<file>", "-C", "<dir>/flows.csv" } },
};

struct file_case {
	const struct workload *workload;
	char made[4096], path[4096 + 16], export[4096 + 16], written[4096 + 16], cut[4096 + 16], log[4096 + 16],
		folder[4096 + 16];
	uint64_t packets, cut_packets;
};

struct netscope_way {
	struct file_case *file;
	bool export, lane, cut;
	const char *write; /* a capture file to be written; NULL: none */
	struct child_result last;
};

struct peer_way {
	struct file_case *file;
	const struct peer *peer;
	bool *once; /* set when it takes too long to be run in every round */
};

/* --- the files -------------------------------------------------------------------------------- */

/* Newer than the program that makes it. */
static bool is_fresh(const char *path)
{
	struct stat file, program;

	return !stat(path, &file) && (stat(bench_settings.pktgen, &program) || file.st_mtime >= program.st_mtime);
}

static void generate(struct file_case *c)
{
	const char *argv[12] = { bench_settings.pktgen, "--profile", c->workload->profile, "--no-truth" };
	struct child_result result;
	char unfinished[4096 + 16];
	size_t n = 4;

	snprintf(unfinished, sizeof(unfinished), "%s.new", c->made);
	for (size_t i = 0; bench_settings.quick && i < NSC_ARRAY_LEN(c->workload->quick); i++)
		argv[n++] = c->workload->quick[i];
	argv[n] = unfinished;
	child_run(&result, argv, c->log, 600);
	if (result.status || rename(unfinished, c->made))
		bench_die("%s could not make %s: see %s", bench_settings.pktgen, c->made, c->log);
}

static void file_case_prepare(struct file_case *c, const struct workload *workload)
{
	const char *folder = bench_settings.folder;

	c->workload = workload;
	snprintf(c->made, sizeof(c->made), "%s/%s%s.pcap", folder, workload->profile,
		 bench_settings.quick ? "-quick" : "");
	snprintf(c->path, sizeof(c->path), "%s/fresh.pcap", folder);
	snprintf(c->export, sizeof(c->export), "%s/flows.csv", folder);
	snprintf(c->written, sizeof(c->written), "%s/written.pcap", folder);
	snprintf(c->cut, sizeof(c->cut), "%s/cut.pcap", folder);
	snprintf(c->log, sizeof(c->log), "%s/child.log", folder);
	snprintf(c->folder, sizeof(c->folder), "%s/peer", folder);
	if (!is_fresh(c->made))
		generate(c);
	capture_copy(c->made, c->path);
	c->packets = c->cut_packets = capture_walk(c->path); /* and the page cache is warm */
	if (!bench_settings.peer_packets || bench_settings.peer_packets >= c->packets) {
		snprintf(c->cut, sizeof(c->cut), "%s", c->path);
		return;
	}
	capture_cut(c->path, c->cut, bench_settings.peer_packets);
	c->cut_packets = capture_walk(c->cut);
}

/* --- the export ------------------------------------------------------------------------------- */

/* The n-th field of the line, counted from 0; NULL when it has fewer. Numbers are never quoted, and no field before
 * packets_total holds a comma. */
static const char *export_field(const char *line, unsigned n)
{
	while (line && n--) {
		line = strchr(line, ',');
		line = line ? line + 1 : NULL;
	}
	return line;
}

/* Its number, or -1. */
static int export_find_column(const char *header)
{
	int n = 0;

	for (const char *at = header; at; at = export_field(at, 1), n++)
		if (!strncmp(at, "packets_total", strlen("packets_total")))
			return n;
	return -1;
}

static uint64_t export_packets(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[2048];
	uint64_t packets = 0;
	int column = -1;

	if (file && fgets(line, sizeof(line), file))
		column = export_find_column(line);
	while (column >= 0 && fgets(line, sizeof(line), file)) {
		const char *text = export_field(line, (unsigned)column);

		packets += text ? strtoull(text, NULL, 10) : 0;
	}
	if (file)
		fclose(file);
	return packets;
}

/* A program that writes nothing is fast. Nearly all packets of these files belong to flows; the rest are fragments. */
static void check_export(const struct file_case *c, uint64_t packets)
{
	uint64_t found = export_packets(c->export);

	if (found > packets || found < packets - packets / 10)
		bench_die("%s exported flows of %lu packets, the file has %lu", bench_settings.netscope,
			  (unsigned long)found, (unsigned long)packets);
}

static double run_netscope(void *context)
{
	struct netscope_way *way = context;
	struct file_case *c = way->file;
	uint64_t packets = way->cut ? c->cut_packets : c->packets;
	const char *argv[16] = { bench_settings.netscope,
				 "-r",
				 way->cut ? c->cut : c->path,
				 "--quiet",
				 "--no-progress",
				 "--readers",
				 "1",
				 "--max-flows",
				 "0" };
	size_t n = 9;

	if (way->export) {
		unlink(c->export);
		argv[n++] = "--export-csv";
		argv[n++] = c->export;
	}
	if (way->write) {
		unlink(c->written);
		argv[n++] = "--write-pcap";
		argv[n++] = way->write;
	}
	if (way->lane) {
		argv[n++] = "--workers";
		argv[n++] = "1";
	}
	child_warm_memory((uint64_t)(way->last.max_rss * 1.25));
	child_run(&way->last, argv, c->log, 600);
	if (way->last.status)
		bench_die("%s ended with status %d on %s: see %s", argv[0], way->last.status, c->path, c->log);
	if (way->export)
		check_export(c, packets);
	return way->last.cpu_ns / (double)packets;
}

/* Of the run just before. */
static double wall_of(void *context)
{
	struct netscope_way *way = context;

	return way->last.wall_ns / (double)way->file->packets;
}

static double memory_of(void *context)
{
	struct netscope_way *way = context;

	return way->last.max_rss / 1048576;
}

static double in_process(struct file_case *c, uint64_t (*read_all)(const char *))
{
	double start = bench_cpu_ns();

	if (read_all(c->path) != c->packets)
		bench_die("%s has changed", c->path);
	return (bench_cpu_ns() - start) / (double)c->packets;
}

static double run_walk(void *context)
{
	return in_process(context, capture_walk);
}

static double run_write(void *context)
{
	struct file_case *c = context;
	double start;

	unlink(c->written);
	start = bench_cpu_ns();
	if (capture_write(c->path, c->written) != c->packets)
		bench_die("%s has changed", c->path);
	return (bench_cpu_ns() - start) / (double)c->packets;
}

static double run_libpcap(void *context)
{
	return in_process(context, capture_libpcap);
}

/* --- peers ------------------------------------------------------------------------------------ */

static void empty_folder(const char *path)
{
	DIR *dir;
	struct dirent *entry;

	if (mkdir(path, 0700) && errno != EEXIST)
		bench_die("cannot make %s: %s", path, strerror(errno));
	dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}

static double run_peer(void *context)
{
	struct peer_way *way = context;
	struct file_case *c = way->file;
	char text[PEER_ARGS_MAX][4096 + 64];
	const char *argv[PEER_ARGS_MAX + 1] = { 0 };
	struct child_result result;

	empty_folder(c->folder);
	for (size_t i = 0; i < PEER_ARGS_MAX && way->peer->args[i]; i++) {
		const char *arg = way->peer->args[i];

		if (!strncmp(arg, "<dir>", 5))
			snprintf(text[i], sizeof(text[i]), "%s%s", c->folder, arg + 5);
		else
			snprintf(text[i], sizeof(text[i]), "%s", strcmp(arg, "<file>") ? arg : c->cut);
		argv[i] = text[i];
	}
	child_run(&result, argv, c->log, bench_settings.peer_seconds);
	*way->once = result.status || result.wall_ns > PEER_LONG_NS;
	if (!result.status)
		return result.cpu_ns / (double)c->cut_packets;
	fprintf(stderr, "bench: %s %s\n", way->peer->name,
		result.status < 0 ? "took too long and was stopped" : "failed");
	return NAN;
}

static void peers_of(struct file_case *c)
{
	struct netscope_way ours = { .file = c, .export = true, .cut = true };
	struct peer_way context[NSC_ARRAY_LEN(peers)];
	struct bench_way ways[1 + NSC_ARRAY_LEN(peers)] = {
		{ .name = "netscope", .run = run_netscope, .context = &ours }
	};
	char name[64];
	unsigned rounds;
	size_t n = 1;

	for (size_t i = 0; i < NSC_ARRAY_LEN(peers); i++) {
		if (!child_exists(peers[i].args[0])) {
			fprintf(stderr, "bench: %s is not installed\n", peers[i].args[0]);
			continue;
		}
		context[i] = (struct peer_way){ .file = c, .peer = &peers[i], .once = &ways[n].once };
		ways[n++] = (struct bench_way){ .name = peers[i].name, .run = run_peer, .context = &context[i] };
	}
	run_netscope(&ours);
	rounds = bench_run(ways, n, 5);
	snprintf(name, sizeof(name), "  %.30s, CSV, %.1f M packets", c->workload->profile,
		 (double)c->cut_packets / 1e6);
	for (size_t i = 1; i < n; i++)
		bench_row("files", i == 1 ? name : "", "ns/packet", &ways[0], &ways[i], rounds, NULL);
}

/* --- one file --------------------------------------------------------------------------------- */

static void bench_file(struct file_case *c)
{
	const struct workload *w = c->workload;
	struct netscope_way table = { .file = c }, export = { .file = c, .export = true };
	struct netscope_way lane = { .file = c, .export = true, .lane = true };
	struct bench_way ways[] = {
		{ .name = "netscope", .run = run_netscope, .context = &table },
		{ .name = "netscope, CSV", .run = run_netscope, .context = &export },
		{ .name = "inline", .run = wall_of, .context = &export, .follows = true },
		{ .name = "netscope", .run = memory_of, .context = &export, .follows = true },
		{ .name = "read walk, 1 MiB", .run = run_walk, .context = c },
		{ .name = "libpcap alone", .run = run_libpcap, .context = c },
		{ .name = "1 worker behind a lane", .run = run_netscope, .context = &lane },
		{ .name = "1 worker behind a lane", .run = wall_of, .context = &lane, .follows = true },
	};
	char name[64];
	unsigned rounds;

	/* The first runs tell how much memory they take. */
	run_netscope(&table);
	run_netscope(&export);
	run_netscope(&lane);
	rounds = bench_run(ways, NSC_ARRAY_LEN(ways), 11);

	snprintf(name, sizeof(name), "%.30s: file to flows", w->name);
	bench_row("files", name, "ns/packet", &ways[0], &ways[4], rounds, NULL);
	bench_row("files", "", "ns/packet", &ways[0], &ways[5], rounds, w->budget);
	snprintf(name, sizeof(name), "%.30s: file to CSV", w->name);
	bench_row("files", name, "ns/packet", &ways[1], &ways[4], rounds, NULL);
	bench_row("files", "", "ns/packet", &ways[1], &ways[5], rounds, w->export_budget);
	bench_row("files", "  with 1 worker behind a lane, CPU", "ns/packet", &ways[6], &ways[1], rounds, NULL);
	bench_row("files", "  with 1 worker behind a lane, wall time", "ns/packet", &ways[7], &ways[2], rounds, NULL);
	bench_row("files", "  largest resident memory, CSV", "MiB", &ways[3], NULL, rounds, NULL);
	if (bench_settings.peers)
		peers_of(c);
}

/* --- a capture file out of a capture file ----------------------------------------------------- */

/* In each round. */
static void take_away(struct bench_way *left, const struct bench_way *from, const struct bench_way *what,
		      unsigned rounds)
{
	for (unsigned r = 0; r < rounds; r++)
		left->sample[r] = from->sample[r] - what->sample[r];
}

static void written_file(struct file_case *c)
{
	struct netscope_way none = { .file = c }, null = { .file = c, .write = "/dev/null" };
	struct netscope_way file = { .file = c, .write = c->written };
	struct bench_way ways[] = {
		{ .name = "netscope", .run = run_netscope, .context = &none },
		{ .name = "netscope, to /dev/null", .run = run_netscope, .context = &null },
		{ .name = "netscope, to a file", .run = run_netscope, .context = &file },
		{ .name = "read walk, 1 MiB", .run = run_walk, .context = c },
		{ .name = "read walk, each record copied", .run = run_write, .context = c },
	};
	struct bench_way ours = { .name = "over no output" }, copy = { .name = "a copy by record" }, over = ours;
	unsigned rounds;

	run_netscope(&none);
	run_netscope(&null);
	run_netscope(&file);
	rounds = bench_run(ways, NSC_ARRAY_LEN(ways), 11);
	take_away(&ours, &ways[1], &ways[0], rounds);
	bench_row("write", "elephants to /dev/null, over no output", "ns/packet", &ours, NULL, rounds, NULL);
	take_away(&ours, &ways[2], &ways[0], rounds);
	take_away(&copy, &ways[4], &ways[3], rounds);
	bench_row("write", "elephants to a capture file, over no output", "ns/packet", &ours, &copy, rounds, NULL);
	take_away(&over, &ours, &copy, rounds);
	bench_row("write", "  of it more than the copy", "ns/packet", &over, NULL, rounds, "write-over-copy");
	unlink(c->written);
}

static struct file_case *files_open(void)
{
	struct file_case *c = calloc(1, sizeof(*c));

	if (!c)
		bench_die("no memory");
	if (!child_exists(bench_settings.netscope) || !child_exists(bench_settings.pktgen))
		bench_die("%s and %s are both needed: make", bench_settings.netscope, bench_settings.pktgen);
	return c;
}

void bench_write(void)
{
	struct file_case *c = files_open();

	file_case_prepare(c, &workloads[0]);
	written_file(c);
	unlink(c->path);
	free(c);
}

void bench_files(void)
{
	struct file_case *c = files_open();

	for (size_t i = 0; i < NSC_ARRAY_LEN(workloads); i++) {
		file_case_prepare(c, &workloads[i]);
		bench_file(c);
		unlink(c->path);
	}
	free(c);
}
