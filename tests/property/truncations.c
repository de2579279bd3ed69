/* SPDX-License-Identifier: MIT
 *
 * Damage loses nothing that came before it: each good capture, cut at random lengths (CUTS of them, by a fixed seed),
 * and each malformed one as it is, go through reader, decode and flow table. A cut file must deliver exactly the
 * packets whose records are whole, then either end (cut between two records) or fail with path, offset and reason.
 * Meant for the address and undefined behaviour sanitizers, and quick enough to run everywhere.
 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/flow/table.h"
#include "netscope/decode.h"
#include "netscope/rx.h"

#define CUTS 200

static uint64_t random_state = 0x9e3779b97f4a7c15ull;
static unsigned n_files, n_runs, n_wrong;

static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static void wrong(const char *path, size_t length, const char *what)
{
	if (n_wrong++ < 10)
		printf("# %s cut at %zu: %s\n", path, length, what);
}

/* --- an independent walk over record borders -------------------------------------------------- */

struct borders {
	size_t *end; /* of each packet's record */
	size_t n;
};

static uint32_t load(const uint8_t *p, bool big)
{
	return big ? (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3]
		   : (uint32_t)p[3] << 24 | p[2] << 16 | p[1] << 8 | p[0];
}

static void add_border(struct borders *b, size_t end)
{
	b->end = realloc(b->end, (b->n + 1) * sizeof(*b->end));
	if (!b->end)
		abort();
	b->end[b->n++] = end;
}

static void walk_pcap(struct borders *b, const uint8_t *d, size_t size, bool big)
{
	size_t header = load(d, big) == 0xa1b2cd34 ? 24 : 16;

	for (size_t at = 24; at + header <= size;) {
		at += header + load(d + at + 8, big);
		if (at > size)
			return;
		add_border(b, at);
	}
}

static void walk_pcapng(struct borders *b, const uint8_t *d, size_t size)
{
	bool big = false;

	for (size_t at = 0; at + 12 <= size;) {
		uint32_t type, length;

		if (load(d + at, false) == 0x0a0d0d0a)
			big = d[at + 8] == 0x1a;
		type = load(d + at, big);
		length = load(d + at + 4, big);
		if (length < 12 || at + length > size)
			return;
		at += length;
		if (type == 2 || type == 3 || type == 6)
			add_border(b, at);
	}
}

static void find_borders(struct borders *b, const uint8_t *d, size_t size)
{
	memset(b, 0, sizeof(*b));
	if (size < 24)
		return;
	if (load(d, false) == 0x0a0d0d0a)
		walk_pcapng(b, d, size);
	else
		walk_pcap(b, d, size, d[0] == 0xa1);
}

/* --- one run through reader, decode and table ------------------------------------------------- */

struct result {
	int open_status;
	bool failed;
	uint64_t delivered;
	char text[sizeof(((struct nsc_error *)0)->text)];
};

static void check_fates(const char *path, size_t length, const struct nsc_burst *burst)
{
	for (uint32_t i = 0; i < burst->n; i++)
		if (burst->pkt[i].fate >= NSC_FATE_COUNT)
			wrong(path, length, "a packet without a fate");
}

static void drain(const char *path, size_t length, struct nsc_flow_table *table, uint64_t remained)
{
	struct nsc_flow_record record[2], last;
	uint64_t n = 0;

	while (nsc_flow_table_drain(table, record, 1)) {
		if (n++ && nsc_flow_record_compare(&last, record) > 0)
			wrong(path, length, "remaining flows out of order");
		last = record[0];
	}
	if (n != remained)
		wrong(path, length, "other flows remained than were counted");
}

static void run(const char *path, size_t length, const char *input, struct result *result)
{
	static const struct nsc_decode_options decode = { .seed = { { 1, 2, 3, 4 } } };
	const struct nsc_flow_table_options flow = { .max_flows = 64,
						     .timeout_ns = 1000000000,
						     .tick_ns = 1000000000,
						     .analyses = NSC_ANALYSIS_ALL,
						     .seed = { { 1, 2, 3, 4 } } };
	const struct nsc_rx_file_options options = { .path = input, .loans = 1 };
	static struct nsc_burst burst;
	static struct nsc_counters counters;
	struct nsc_flow_output output = { 0 };
	struct nsc_flow_table *table = NULL;
	struct nsc_arena *arena = NULL;
	struct nsc_error error = { "" };
	struct nsc_rx *rx = NULL;

	memset(result, 0, sizeof(*result));
	n_runs++;
	result->open_status = nsc_rx_file_open(&rx, &options, &error);
	memcpy(result->text, error.text, sizeof(error.text));
	if (result->open_status)
		return;
	if (nsc_arena_open(&arena, &error) || nsc_flow_table_open(&table, &flow, arena, &error))
		abort();
	memset(&counters, 0, sizeof(counters));
	do {
		nsc_rx_poll(rx, &burst);
		nsc_decode_burst(&decode, burst.pkt, burst.n);
		check_fates(path, length, &burst);
		nsc_flow_table_burst(table, burst.pkt, burst.n, &counters, &output);
		nsc_rx_release(rx, burst.loan);
		result->delivered += burst.n;
	} while (burst.state == NSC_RX_MORE || burst.state == NSC_RX_IDLE);
	nsc_flow_table_settle(table, burst.clock_ns, true, &counters, &output);
	drain(path, length, table, counters.value[NSC_C_FLOW_REMAINED]);
	if (counters.value[NSC_C_FLOW_CREATED] !=
	    counters.value[NSC_C_FLOW_REMAINED] + counters.value[NSC_C_FLOW_TIMEOUT] +
		    counters.value[NSC_C_FLOW_EVICTED] + counters.value[NSC_C_FLOW_REUSED])
		wrong(path, length, "flows created and ended do not balance");
	result->failed = burst.state == NSC_RX_FAILED;
	memcpy(result->text, rx->error.text, sizeof(result->text));
	nsc_arena_close(arena);
	nsc_rx_close(rx);
}

/* --- the files -------------------------------------------------------------------------------- */

static void cut(const char *path, const uint8_t *d, size_t length, int fd, const char *input, const struct borders *b)
{
	struct result result;
	uint64_t whole = 0;

	while (whole < b->n && b->end[whole] <= length)
		whole++;
	if (ftruncate(fd, 0) || pwrite(fd, d, length, 0) != (ssize_t)length)
		abort();
	run(path, length, input, &result);
	if (result.open_status) {
		if (!strstr(result.text, input) || whole)
			wrong(path, length, whole ? "does not open, but holds packets" : result.text);
		return;
	}
	if (result.delivered != whole)
		wrong(path, length, "other than the whole records were delivered");
	if (result.failed && (!strstr(result.text, input) || !strstr(result.text, "byte")))
		wrong(path, length, "a failure without path and offset");
}

static void cut_at_random(const char *path, const uint8_t *d, size_t size)
{
	struct borders borders;
	char input[64];
	int fd = memfd_create("cut", MFD_CLOEXEC);

	if (fd < 0)
		abort();
	snprintf(input, sizeof(input), "/proc/self/fd/%d", fd);
	find_borders(&borders, d, size);
	for (unsigned i = 0; i < CUTS; i++)
		cut(path, d, next_random() % size, fd, input, &borders);
	free(borders.end);
	close(fd);
}

static void one_file(const char *path)
{
	struct result whole;
	uint8_t *data;
	size_t size;
	FILE *f;

	n_files++;
	run(path, 0, path, &whole);
	if (whole.open_status || whole.failed) { /* malformed as it is: it has said why */
		if (!strstr(whole.text, path))
			wrong(path, 0, "a failure that does not name the file");
		return;
	}
	f = fopen(path, "rb");
	if (!f || fseek(f, 0, SEEK_END))
		abort();
	size = (size_t)ftell(f);
	data = malloc(size + 1);
	rewind(f);
	if (!data || fread(data, 1, size, f) != size)
		abort();
	fclose(f);
	cut_at_random(path, data, size);
	free(data);
}

static int visit(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
	size_t n = strlen(path);

	if (type != FTW_F || !stat->st_size || !strncmp(path + ftw->base, "index.", 6) ||
	    !strncmp(path + ftw->base, "alerts.", 7) || (n > 5 && !strcmp(path + n - 5, ".json")) ||
	    (n > 8 && !strcmp(path + n - 8, ".json.gz")))
		return 0;
	one_file(path);
	return 0;
}

int main(void)
{
	const char *shared = getenv("NETSCOPE_SHARED");
	char captures[4096];

	snprintf(captures, sizeof(captures), "%s/captures", shared ? shared : "");
	one_file("tests/data/sample.pcapng");
	if (!shared || !*shared || nftw(captures, visit, 8, FTW_PHYS))
		printf("skip - truncations of the shared captures: they are not there (NETSCOPE_SHARED)\n");
	printf("%s - %u files, %u runs, %u wrong\n", n_wrong ? "not ok" : "ok", n_files, n_runs, n_wrong);
	return n_wrong != 0;
}
