/* SPDX-License-Identifier: MIT
 *
 * Nothing allocates after the start: this program's own malloc aborts from the moment nsc_engine_start returns until
 * the run has ended, in every thread, while a million packets go through (flows expire, are evicted, are exported as
 * JSON and CSV and logged as they end; packets are written as lines and as pcapng, an attack makes alerts). Inline and
 * with three workers behind lanes; with a full table and a growing one.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netscope/engine.h"
#include "netscope/out.h"

static atomic_bool forbidden;
static _Alignas(16) char early[65536]; /* what libc asks for before dlsym works */
static size_t early_used;

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static void (*real_free)(void *);
static int (*real_posix_memalign)(void **, size_t, size_t);

static void check(const char *what)
{
	static const char text[] = " called after the engine had started\n";

	if (!atomic_load_explicit(&forbidden, memory_order_relaxed))
		return;
	if (write(2, what, strlen(what)) < 0 || write(2, text, sizeof(text) - 1) < 0)
		_exit(3);
	abort();
}

static void find_real(void)
{
	static bool looking;

	if (real_posix_memalign || looking)
		return;
	looking = true;
	real_malloc = (void *(*)(size_t))dlsym(RTLD_NEXT, "malloc");
	real_calloc = (void *(*)(size_t, size_t))dlsym(RTLD_NEXT, "calloc");
	real_realloc = (void *(*)(void *, size_t))dlsym(RTLD_NEXT, "realloc");
	real_free = (void (*)(void *))dlsym(RTLD_NEXT, "free");
	real_posix_memalign = (int (*)(void **, size_t, size_t))dlsym(RTLD_NEXT, "posix_memalign");
	looking = false;
}

static void *early_take(size_t size)
{
	void *p = early + early_used;

	early_used += (size + 15) & ~(size_t)15;
	if (early_used > sizeof(early))
		abort();
	return p;
}

void *malloc(size_t size)
{
	check("malloc");
	find_real();
	return real_malloc ? real_malloc(size) : early_take(size);
}

void *calloc(size_t n, size_t size)
{
	check("calloc");
	find_real();
	return real_calloc ? real_calloc(n, size) : early_take(n * size);
}

void *realloc(void *p, size_t size)
{
	check("realloc");
	find_real();
	return real_realloc(p, size);
}

int posix_memalign(void **p, size_t align, size_t size)
{
	check("posix_memalign");
	find_real();
	return real_posix_memalign(p, align, size);
}

void *aligned_alloc(size_t align, size_t size)
{
	void *p = NULL;

	return posix_memalign(&p, align, size) ? NULL : p;
}

void free(void *p)
{
	if ((char *)p >= early && (char *)p < early + sizeof(early))
		return;
	if (p && real_free)
		real_free(p);
}

/* --- the runs --------------------------------------------------------------------------------- */

struct way {
	const char *name;
	uint32_t workers;
	bool lanes;
	uint64_t max_flows;
};

static void die(const char *what, const struct nsc_error *error)
{
	printf("not ok - %s: %s\n", what, error->text);
	exit(1);
}

static void give_back(void *context, struct nsc_flow_chunk *chunk)
{
	nsc_engine_chunk_return(*(struct nsc_engine **)context, chunk);
}

/* Flows and every kind of group in turn, every other time of the last minute. */
static void write_query(struct nsc_flow_question *question)
{
	static unsigned turn;
	unsigned by = turn % NSC_BY_COUNT;

	question->query = (struct nsc_flow_query){ .group_by = (uint8_t)by,
						   .group_column = nsc_group_column(by),
						   .recent = by && turn / NSC_BY_COUNT % 2,
						   .sort = nsc_column_find("bytes", true),
						   .limit = NSC_QUERY_ROWS };
	nsc_flow_filter_parse(&question->query.filter, "tcp bytes>1000 !port:53", 23, NULL);
	if (by)
		nsc_groups_clear(&question->groups, 1, NULL);
	turn++;
}

/* All packets, those of one flow, of an address, of flows that look like this, in turn. */
static void write_sample_filter(struct nsc_sample_filter *filter)
{
	static const struct nsc_sample_text texts[] = {
		{ .filter = "host:10.0.0.0/8 port:443", .filter_length = 24, .every = 1 },
		{ .filter = "app:dns,tls bytes>500 !name:*.org", .filter_length = 33, .every = 3 },
		{ .key = "tcp-10.0.0.1-8080-172.16.0.2-47537", .key_length = 34, .every = 1 },
	};
	static unsigned turn;
	unsigned which = turn++ % (NSC_ARRAY_LEN(texts) + 1);

	filter->mode = NSC_SAMPLE_ALL;
	if (which < NSC_ARRAY_LEN(texts) && nsc_sample_filter_parse(filter, &texts[which], NULL))
		abort();
}

/* What a dashboard does: takes samples, chooses others, asks about flows, again and again. */
static void look_on(struct nsc_engine *engine, uint32_t workers)
{
	const struct nsc_packet_chunk *chunk;
	struct nsc_flow_question *question;
	struct nsc_sample_filter *filter;

	for (uint32_t i = 0; i < workers; i++) {
		while ((chunk = nsc_engine_samples(engine, i)))
			nsc_engine_samples_return(engine, i, chunk);
		filter = nsc_engine_sample_filter(engine, i);
		if (filter) {
			write_sample_filter(filter);
			nsc_engine_sample_filter_send(engine, i, filter);
		}
		question = nsc_engine_question(engine, i);
		if (!question)
			continue;
		write_query(question);
		nsc_engine_question_send(engine, i, question);
	}
}

static void run(const struct way *way, const char *dir)
{
	struct nsc_synth_options synth;
	struct nsc_engine_options options = { .workers = way->workers,
					      .lanes = way->lanes,
					      .lane_packets = 4096,
					      .timeline = true,
					      .decode = { .seed = { { 1, 2, 3, 4 } } },
					      .max_flows = way->max_flows,
					      .analyses = NSC_ANALYSIS_ALL,
					      .flow_timeout_ns = 50000000,
					      .tick_ns = 10000000,
					      .top_flows = 10,
					      .top_names = 10,
					      .sample_every = 3,
					      .sample_bytes = 256,
					      .questions = true,
					      .names = NSC_NAMES_FULL,
					      .record_memory = 16u << 20 };
	char path[6][512];
	struct nsc_engine *engine = NULL;
	struct nsc_out out = {
		.asked = { .export_json = path[0],
			   .export_csv = path[1],
			   .expired_flows_jsonl = path[2],
			   .expired_flows_csv = path[3],
			   .write_pcap = path[4],
			   .alerts_jsonl = path[5] },
		.fd = open("/dev/null", O_WRONLY | O_CLOEXEC),
		.alerts = true,
		.record_memory = options.record_memory,
	};
	struct nsc_detect_options detect = { .syn_flood = { true, NSC_NS_PER_SEC, 1000000, 5, 2 },
					     .port_scan = { true, NSC_NS_PER_SEC, 1000000, 3, 3 },
					     .few_sources = true,
					     .memory = 16u << 20,
					     .seed = { 1, 2 } };
	struct nsc_sink *sinks[7];
	struct nsc_counters totals;
	struct nsc_error error = { "" };
	bool good;

	snprintf(path[0], sizeof(path[0]), "%s/flows.json", dir);
	snprintf(path[1], sizeof(path[1]), "%s/flows.csv", dir);
	snprintf(path[2], sizeof(path[2]), "%s/expired.jsonl", dir);
	snprintf(path[3], sizeof(path[3]), "%s/expired.csv", dir);
	snprintf(path[4], sizeof(path[4]), "%s/packets.pcapng", dir);
	snprintf(path[5], sizeof(path[5]), "%s/alerts.jsonl", dir);
	nsc_synth_defaults(&synth);
	synth.packets = 1000000;
	synth.flows = 20000;
	synth.flow_packets = 20;
	synth.tls_share = 0.3;
	synth.http_share = 0.2;
	synth.quic_share = 0.05;
	synth.attack = NSC_SYNTH_ATTACK_SPREAD;
	synth.attack_share = 0.3;
	synth.attack_sources = 2000;
	synth.attack_targets = 300;
	if (nsc_rx_synth_open(&options.rx, &synth, &error))
		die(way->name, &error);
	out.source = options.rx;
	if (nsc_expired_jsonl_open(&sinks[0], &out, &error) || nsc_expired_csv_open(&sinks[1], &out, &error) ||
	    nsc_lines_open(&sinks[2], &out, &error) || nsc_write_pcap_open(&sinks[3], &out, &error) ||
	    nsc_alerts_open(&sinks[4], &out, &error) || nsc_alerts_jsonl_open(&sinks[5], &out, &error) ||
	    nsc_export_open(&sinks[6], &out, &error))
		die(way->name, &error);
	options.detect = &detect;
	nsc_export_attach(sinks[6], give_back, &engine);
	options.sinks = sinks;
	options.n_sinks = NSC_ARRAY_LEN(sinks);
	if (nsc_engine_open(&engine, &options, &error) || nsc_engine_start(engine, &error))
		die(way->name, &error);
	atomic_store(&forbidden, true);
	while (!nsc_engine_wait(engine, 5))
		look_on(engine, way->workers);
	atomic_store(&forbidden, false);
	if (nsc_engine_status(engine, &error))
		die(way->name, &error);
	nsc_engine_totals(engine, &totals);
	good = totals.value[NSC_C_WORKER_PACKETS] == 1000000 && totals.value[NSC_C_FLOW_CREATED] > 20000 &&
	       totals.value[NSC_C_ALERTS] > 1000 && totals.value[NSC_C_SAMPLE_PACKETS] > 1000 &&
	       totals.value[NSC_C_QUERY_ANSWERED] > 2;
	printf("%s - nothing allocates: %s (%llu packets, %llu flows ended, %llu alerts)\n", good ? "ok" : "not ok",
	       way->name, (unsigned long long)totals.value[NSC_C_WORKER_PACKETS],
	       (unsigned long long)nsc_export_rows(sinks[6]), (unsigned long long)totals.value[NSC_C_ALERTS]);
	nsc_engine_close(engine);
	nsc_rx_close(options.rx);
	nsc_expired_jsonl_close(sinks[0]);
	nsc_expired_csv_close(sinks[1]);
	nsc_lines_close(sinks[2]);
	nsc_write_pcap_close(sinks[3]);
	nsc_alerts_close(sinks[4]);
	nsc_alerts_jsonl_close(sinks[5]);
	nsc_export_close(sinks[6]);
	close(out.fd);
	unlink(path[4]);
}

/* A guard that cannot bite proves nothing: a child that allocates while it is forbidden must abort. */
static bool guard_bites(void)
{
	pid_t child = fork();
	int status = 0;

	if (!child) {
		if (dup2(open("/dev/null", O_WRONLY), 2) < 0)
			_exit(0);
		atomic_store(&forbidden, true);
		_exit(malloc(1) == NULL);
	}
	return child > 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

int main(void)
{
	static const struct way ways[] = { { "inline, table full", 1, false, 10000 },
					   { "inline, table grows", 1, false, 0 },
					   { "3 workers behind lanes", 3, true, 100000 } };
	const char *dir = getenv("TEST_TMP") ? getenv("TEST_TMP") : ".";

#ifdef NSC_SANITIZED
	printf("skip - nothing allocates: the sanitizers bring their own malloc\n");
	return 0;
#endif
	fflush(stdout);
	printf("%s - the guard bites\n", guard_bites() ? "ok" : "not ok");
	for (size_t i = 0; i < NSC_ARRAY_LEN(ways); i++)
		run(&ways[i], dir);
	return 0;
}
