/* SPDX-License-Identifier: MIT
 *
 * A source read in blocks says what the same source says when it is polled: every descriptor, clock, counter, sentence
 * and byte, whatever the size of the blocks, however many are read ahead, and in whatever order that happens.
 */
#include "test_file_maker.h"

#include <dirent.h>

#include "backends/sources/file.h"
#include "tests/unit/engine/check_main.h"

enum { AHEAD_MAX = 5 };

struct told { /* all that a source says */
	uint64_t n, room;
	uint64_t *packet; /* [n]: a number for each packet and its bytes */
	uint32_t state;
	uint64_t clock_ns, offset_ns;
	struct nsc_rx_counters counters;
	struct nsc_rx_file_refused refused;
	struct nsc_rx_file_part part[8];
	uint32_t n_parts;
	struct nsc_error error;
	uint32_t steps;
	uint64_t stood, walked; /* packets of blocks that stood as they were, and that were walked again */
};

struct way { /* how it is read */
	struct nsc_rx_file_options options;
	uint32_t ahead; /* blocks at once; 0 = it is polled */
	uint64_t seed;
};

/* --- numbers ---------------------------------------------------------------------------------- */

static uint64_t random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15;
	return h ^ h >> 29;
}

static uint64_t packet_number(const struct nsc_packet *pkt, uint64_t offset_ns, const uint16_t *linktype)
{
	uint64_t h = mix(pkt->ts_ns, pkt->clock_ns);

	h = mix(h, (uint64_t)pkt->cap_len << 32 | pkt->wire_len);
	h = mix(h, (uint64_t)pkt->link << 32 | (uint64_t)pkt->interface << 16 | linktype[pkt->link]);
	h = mix(h, offset_ns);
	for (uint32_t i = 0; i < pkt->cap_len; i++)
		h = mix(h, pkt->data[i]);
	return h;
}

static void tell_packets(struct told *t, const struct nsc_rx *rx, const struct nsc_packet *pkt, uint32_t n,
			 uint64_t offset_ns)
{
	if (t->n + n > t->room) {
		t->room = 2 * t->room + n;
		t->packet = realloc(t->packet, t->room * sizeof(*t->packet));
		ck_assert_ptr_nonnull(t->packet);
	}
	for (uint32_t i = 0; i < n; i++)
		t->packet[t->n++] = packet_number(&pkt[i], offset_ns, rx->linktype);
}

static void tell_end(struct told *t, const struct nsc_rx *rx)
{
	struct nsc_rx_file_report report = nsc_rx_file_report(rx);
	struct nsc_steady_step step[NSC_STEADY_STEPS_KEPT];

	rx->ops->counters(rx, &t->counters);
	t->refused = report.refused;
	t->n_parts = NSC_MIN(report.n, (uint32_t)NSC_ARRAY_LEN(t->part));
	memcpy(t->part, report.part, t->n_parts * sizeof(t->part[0]));
	t->error = rx->error;
	t->steps = nsc_steady_log_read(rx->clock_log, step);
}

/* --- two ways of reading ---------------------------------------------------------------------- */

static void read_polled(struct told *t, struct nsc_rx *rx)
{
	static struct nsc_burst burst;

	do {
		nsc_rx_poll(rx, &burst);
		tell_packets(t, rx, burst.pkt, burst.n, burst.offset_ns);
		nsc_rx_release(rx, burst.loan);
	} while (burst.state < NSC_RX_END);
	t->state = burst.state;
	t->clock_ns = burst.clock_ns;
	t->offset_ns = burst.offset_ns;
}

struct ahead {
	struct nsc_rx_block block[AHEAD_MAX];
	uint32_t n, bytes;
	uint64_t most; /* bytes of a block: once guessed and once walked, whatever they say */
	bool out[AHEAD_MAX];
	uint64_t next;
	uint64_t seed;
};

/* Their room is taken once: it is large, and a sanitizer looks after every taking. */
static void lay_out(struct ahead *a, const struct way *way)
{
	uint32_t bytes = way->options.block_bytes ? way->options.block_bytes : NSC_BLOCK_BYTES;
	static struct nsc_rx_block room[AHEAD_MAX];

	*a = (struct ahead){
		.n = way->ahead, .bytes = bytes + 4096, .most = bytes + NSC_BLOCK_BEYOND, .seed = way->seed
	};
	for (uint32_t i = 0; i < a->n; i++) {
		if (!room[i].bytes) {
			room[i].bytes = malloc(NSC_BLOCK_ROOM);
			room[i].pkt = aligned_alloc(NSC_CACHE_LINE, NSC_BLOCK_PACKETS * sizeof(struct nsc_packet));
		}
		ck_assert_ptr_nonnull(room[i].bytes);
		ck_assert_ptr_nonnull(room[i].pkt);
		a->block[i] = room[i];
		a->block[i].index = i;
	}
}

static void walk_all(struct nsc_rx *rx, struct nsc_rx_block *block)
{
	struct nsc_packet pkt[NSC_BURST_MAX];
	uint32_t n;

	while ((n = rx->blocks->walk(rx, block, pkt)))
		memcpy(block->pkt + block->n - n, pkt, n * sizeof(pkt[0]));
}

/* Bytes of records whose packets are `pkt`, at least. */
static uint64_t record_bytes(const struct nsc_packet *pkt, uint32_t n)
{
	uint64_t bytes = 0;

	for (uint32_t i = 0; i < n; i++)
		bytes += 16 + pkt[i].cap_len;
	return bytes;
}

/* The room of a block that is not out is full of what makes no sense. */
static bool claim_one(struct ahead *a, struct nsc_rx *rx)
{
	for (uint32_t i = 0; i < a->n; i++) {
		if (a->out[i])
			continue;
		if (!rx->blocks->claim(rx, &a->block[i]))
			return false;
		a->out[i] = true;
		memset(a->block[i].bytes, 0xdd, a->bytes);
		rx->blocks->read(rx, &a->block[i]);
		walk_all(rx, &a->block[i]);
		ck_assert_uint_le(record_bytes(a->block[i].pkt, a->block[i].n), a->most);
		return true;
	}
	return false;
}

static bool join_one(struct ahead *a, struct told *t, struct nsc_rx *rx)
{
	struct nsc_rx_block_state state;

	for (uint32_t i = 0; i < a->n; i++) {
		struct nsc_rx_block *block = &a->block[i];
		uint32_t n, stood;

		if (!a->out[i] || block->number != a->next)
			continue;
		n = rx->blocks->join(rx, block, random_next(&a->seed) % 32 != 0, &state);
		tell_packets(t, rx, block->pkt, n, state.offset_ns);
		t->stood += stood = n;
		while (!state.over) {
			n = rx->blocks->again(rx, block, &state);
			tell_packets(t, rx, block->pkt + block->n - n, n, state.offset_ns);
			t->walked += n;
		}
		ck_assert_uint_le(record_bytes(block->pkt + stood, block->n - stood), a->most);
		a->out[i] = false;
		a->next++;
		t->state = state.state;
		t->clock_ns = state.clock_ns;
		t->offset_ns = state.offset_ns;
		return true;
	}
	return false;
}

static void read_in_blocks(struct told *t, struct nsc_rx *rx, const struct way *way)
{
	struct ahead a;
	bool claimed, joined;

	lay_out(&a, way);
	t->state = NSC_RX_MORE;
	while (t->state < NSC_RX_END) {
		bool first = random_next(&a.seed) & 1;

		claimed = first && claim_one(&a, rx);
		joined = join_one(&a, t, rx);
		if (!claimed && !joined)
			ck_assert_msg(claim_one(&a, rx), "block %llu can neither be claimed nor joined",
				      (unsigned long long)a.next);
	}
}

/* False when the source is refused. */
static bool read_all(struct told *t, const struct way *way)
{
	struct nsc_rx_file_options options = way->options;
	struct nsc_rx *rx;

	memset(t, 0, sizeof(*t));
	options.loans = 1;
	options.blocks = way->ahead;
	if (nsc_rx_file_open(&rx, &options, &t->error))
		return false;
	if (rx->blocks)
		read_in_blocks(t, rx, way);
	else
		read_polled(t, rx);
	tell_end(t, rx);
	nsc_rx_close(rx);
	return true;
}

/* --- comparing -------------------------------------------------------------------------------- */

static const char *first_difference(const struct told *a, const struct told *b)
{
	static char text[512];

	for (uint64_t i = 0; i < a->n && i < b->n; i++) {
		if (a->packet[i] == b->packet[i])
			continue;
		snprintf(text, sizeof(text), "packet %llu", (unsigned long long)i);
		return text;
	}
	if (a->n != b->n) {
		snprintf(text, sizeof(text), "%llu packets against %llu", (unsigned long long)a->n,
			 (unsigned long long)b->n);
		return text;
	}
	if (a->state != b->state || a->clock_ns != b->clock_ns || a->offset_ns != b->offset_ns)
		return "the end";
	if (strcmp(a->error.text, b->error.text)) {
		snprintf(text, sizeof(text), "'%.200s' against '%.200s'", a->error.text, b->error.text);
		return text;
	}
	if (memcmp(&a->refused, &b->refused, sizeof(a->refused)))
		return "what the filter refused";
	return a->steps != b->steps ? "steps of time" : NULL;
}

static const char *other_difference(const struct told *a, const struct told *b)
{
	const uint64_t *x = (const uint64_t *)&a->counters, *y = (const uint64_t *)&b->counters;
	static char text[64];

	for (size_t i = 0; i < sizeof(a->counters) / sizeof(*x); i++) {
		if (x[i] == y[i] || i == offsetof(struct nsc_rx_counters, file_bytes) / sizeof(*x))
			continue;
		snprintf(text, sizeof(text), "total %zu", i);
		return text;
	}
	for (uint32_t i = 0; i < a->n_parts; i++) {
		const struct nsc_rx_file_part *p = &a->part[i], *q = &b->part[i];

		if (p->packets != q->packets || p->bytes != q->bytes || p->first_ns != q->first_ns ||
		    p->last_ns != q->last_ns || p->joined != q->joined || p->joined_at != q->joined_at ||
		    strcmp(p->failure.text, q->failure.text))
			return "a file";
	}
	return NULL;
}

/* Packets that stood as the blocks had them, of this way of reading. */
static uint64_t same_as_polled(const char *name, const struct told *polled, const struct way *way)
{
	static struct told several;
	const char *what;

	ck_assert(read_all(&several, way));
	what = first_difference(polled, &several);
	if (!what)
		what = other_difference(polled, &several);
	free(several.packet);
	ck_assert_msg(!what, "%s, %u blocks of %u bytes, seed %llu: %s", name, way->ahead, way->options.block_bytes,
		      (unsigned long long)way->seed, what);
	return several.stood;
}

/* Sizes of blocks from less than a record up; tiny ones where that does not make too many. */
static uint64_t same_in_any_size(const char *name, const struct nsc_rx_file_options *options)
{
	static const uint32_t sizes[] = { 64, 1000, 9000, 70000, 0 };
	struct way way = { .options = *options };
	static struct told polled;
	uint64_t stood = 0;

	if (!read_all(&polled, &way))
		return 0;
	for (uint32_t i = polled.counters.file_size > 100000; i < NSC_ARRAY_LEN(sizes); i++) {
		way.options.block_bytes = sizes[i];
		way.ahead = 1 + i % AHEAD_MAX;
		way.seed = 77 + i;
		stood += same_as_polled(name, &polled, &way);
	}
	free(polled.packet);
	return stood;
}

static uint64_t same_made(const char *name, const struct made *m, const char *filter, uint64_t count)
{
	char path[64];
	struct nsc_rx_file_options options = { .path = path, .filter = filter, .count = count };
	uint64_t stood;
	int fd;

	made_path(m->at, m->n, &fd, path);
	stood = same_in_any_size(name, &options);
	close(fd);
	return stood;
}

/* --- what is read ----------------------------------------------------------------------------- */

enum { PACKETS = 1000 };

static uint32_t made_length(uint32_t i)
{
	return 20 + i * 7919 % 1400;
}

static struct made made_pcap(uint32_t magic, bool big)
{
	struct made m = made_new(big);

	put_pcap_header(&m, magic, 2, 4, 1);
	for (uint32_t i = 0; i < PACKETS; i++)
		put_record(&m, i, 1700000000 + i / 100, i % 100 * 1000, made_length(i), made_length(i) + i % 3);
	return m;
}

START_TEST(pcap_of_any_format)
{
	static const uint32_t magics[] = { 0xa1b2c3d4, 0xa1b23c4d };

	for (uint32_t i = 0; i < 4; i++) {
		struct made m = made_pcap(magics[i / 2], i % 2);

		ck_assert_uint_gt(same_made("pcap", &m, NULL, 0), PACKETS);
		same_made("pcap, filtered", &m, "less 300", 0);
		same_made("pcap, nothing passes", &m, "greater 70000", 0);
		for (uint64_t count = 1; count < PACKETS; count = count * 3 + 1)
			same_made("pcap, some packets", &m, NULL, count);
		free(m.at);
	}
}
END_TEST

/* From each byte of a capture on, the next record; in what is none, none. */
START_TEST(first_records_are_found)
{
	struct made m = made_pcap(0xa1b2c3d4, false);
	struct nsc_rx_file f = { .pcap.shape.header = 16 };
	size_t record = 24, wrong = 0, n = 300000;
	uint64_t seed = 3;

	for (size_t at = 24; at < 100000; at++) {
		while (record < at) {
			uint32_t captured;

			memcpy(&captured, m.at + record + 8, sizeof(captured));
			record += 16 + captured;
		}
		wrong += nsc_pcap_find(&f, m.at + at, n - at) != record - at;
	}
	ck_assert_uint_eq(wrong, 0);
	memset(m.at, 0, n);
	ck_assert_uint_eq(nsc_pcap_find(&f, m.at, n), n);
	for (size_t i = 0; i < n; i++)
		m.at[i] = (uint8_t)random_next(&seed);
	ck_assert_uint_eq(nsc_pcap_find(&f, m.at, n), n);
	ck_assert_uint_eq(nsc_pcap_find(&f, m.at, 0), 0);
	free(m.at);
}
END_TEST

/* A file may end anywhere, and be damaged anywhere. */
START_TEST(pcap_cut_and_damaged)
{
	struct made m = made_pcap(0xa1b2c3d4, false);
	size_t whole = m.n;
	uint64_t seed = 5;

	for (unsigned i = 0; i < 20; i++) {
		m.n = 24 + random_next(&seed) % (whole - 24);
		same_made("pcap, cut short", &m, NULL, 0);
	}
	m.n = whole;
	for (unsigned i = 0; i < 20; i++) {
		size_t at = random_next(&seed) % whole;
		uint8_t was = m.at[at];

		m.at[at] = (uint8_t)random_next(&seed);
		same_made("pcap, one byte wrong", &m, NULL, 0);
		m.at[at] = was;
	}
	free(m.at);
}
END_TEST

/* Times that leap, step, pause and come late. */
START_TEST(times_of_all_kinds)
{
	uint64_t seed = 99;

	for (unsigned k = 0; k < 12; k++) {
		struct made m = made_new(false);
		uint64_t at_us = 1700000000ull * 1000000;

		put_pcap_header(&m, 0xa1b2c3d4, 2, 4, 1);
		for (uint32_t i = 0; i < PACKETS; i++) {
			uint64_t r = random_next(&seed) % 1000, us;

			at_us += r < 3 + k ? 15000000ull * (r + 1) : r < 5 + k ? 800000000000ull : 10;
			if (k > 3 && r == 999)
				at_us -= 3600ull * 1000000;
			us = r > 900 && k > 1 ? at_us - random_next(&seed) % (k > 8 ? 5000000 : 1500000) : at_us;
			if (k > 6 && r == 500)
				us += 20ull * 365 * 86400 * 1000000;
			put_record(&m, i, (uint32_t)(us / 1000000), us % 1000000, 60, 60);
		}
		same_made("odd times", &m, NULL, 0);
		free(m.at);
	}
}
END_TEST

/* Packets that carry records, whole files, zeros; records of 256 KiB; lies at every 16 bytes. */
START_TEST(hostile_payloads)
{
	struct made m = made_new(false), inner = made_pcap(0xa1b2c3d4, false);

	put_pcap_header(&m, 0xa1b2c3d4, 2, 4, 1);
	for (uint32_t i = 0; i < 100; i++) {
		uint32_t n = i % 3 ? 60000 : 262144;

		put32(&m, 1700000000 + i);
		put32(&m, i);
		put32(&m, n);
		put32(&m, n);
		if (m.n + n > MADE_MAX)
			break;
		if (i % 4 == 0)
			memset(m.at + m.n, 0, n);
		else if (i % 4 == 1)
			memcpy(m.at + m.n, inner.at + i * 64, n);
		else
			for (uint32_t k = 0; k < n; k += 16) {
				uint32_t lie[4] = { 1700000000 + k, k, 16 * (k % 3), 60000 };

				memcpy(m.at + m.n + k, lie, NSC_MIN(sizeof(lie), (size_t)(n - k)));
			}
		m.n += n;
	}
	same_made("hostile payloads", &m, NULL, 0);
	free(inner.at);
	free(m.at);
}
END_TEST

/* Files behind files, of the same and of another format; zeros in the middle and at the end. */
START_TEST(files_behind_files)
{
	struct made a = made_pcap(0xa1b2c3d4, false), b = made_pcap(0xa1b23c4d, false), m = made_new(false);
	static const uint8_t zeros[10000];

	put(&m, a.at, a.n);
	put(&m, a.at, a.n);
	same_made("a file behind itself", &m, NULL, 0);
	put(&m, b.at, b.n / 2);
	same_made("files behind files", &m, NULL, 0);
	m.n = a.n / 3;
	put(&m, zeros, sizeof(zeros));
	same_made("zeros at the end", &m, NULL, 0);
	put(&m, b.at, 1000);
	same_made("zeros in the middle", &m, NULL, 0);
	free(a.at);
	free(b.at);
	free(m.at);
}
END_TEST

static void put_other(struct made *m, uint32_t type, size_t n)
{
	struct made body = made_new(m->big);

	body.n = n;
	memset(body.at, 7, n);
	put_block(m, type, &body);
	free(body.at);
}

static void put_enhanced_one(struct made *m, uint32_t id, uint32_t interface, uint64_t ticks, uint32_t captured)
{
	static const uint8_t zeros[4];
	uint32_t padding = -captured & 3, length = 32 + captured + padding;

	put32(m, 6);
	put32(m, length);
	put32(m, interface);
	put32(m, ticks >> 32);
	put32(m, ticks & UINT32_MAX);
	put32(m, captured);
	put32(m, captured);
	put_packet(m, id, captured);
	put(m, zeros, padding);
	put32(m, length);
}

static void put_enhanced_some(struct made *m, uint32_t from, uint32_t n, uint32_t interfaces)
{
	for (uint32_t i = from; i < from + n; i++)
		put_enhanced_one(m, i, i % interfaces, 1700000000000000ull + i * 700, 20 + i * 31 % 900);
}

START_TEST(pcapng_of_many_blocks)
{
	for (unsigned big = 0; big < 2; big++) {
		struct made m = made_new(big);

		put_section(&m);
		put_interface(&m, 1, 0, -1, 0);
		put_enhanced_some(&m, 0, 800, 1);
		ck_assert_uint_gt(same_made("pcapng", &m, NULL, 0), 800);
		put_other(&m, 5, 100);
		put_enhanced_some(&m, 800, 150, 1);
		put_other(&m, 4, 64); /* names: what an index notes */
		put_enhanced_some(&m, 950, 150, 1);
		put_interface(&m, 101, 0, 9, 0);
		put_enhanced_some(&m, 1100, 300, 2);
		ck_assert_uint_gt(same_made("pcapng, interfaces later", &m, NULL, 0), 800);
		put_other(&m, 0x4000, 150000);
		put_simple(&m, 1500, 80, 80);
		put_enhanced_some(&m, 1501, 300, 2);
		same_made("pcapng, a long block", &m, "less 200", 0);
		put_section(&m);
		put_interface(&m, 1, 0, -1, 7);
		put_enhanced_some(&m, 2000, 300, 1);
		same_made("pcapng, sections", &m, NULL, 0);
		put_enhanced_some(&m, 2300, 100, 2);
		same_made("pcapng, an interface that is not there", &m, NULL, 0);
		same_made("pcapng, some packets", &m, NULL, 1700);
		free(m.at);
	}
}
END_TEST

START_TEST(several_files)
{
	struct made a = made_pcap(0xa1b2c3d4, false), b = made_new(false);
	char path[4][64];
	const char *paths[8];
	int fd[4];
	struct nsc_rx_file_options options = { .paths = paths, .n_paths = 8 };

	put_section(&b);
	put_interface(&b, 1, 0, -1, 0);
	put_enhanced_some(&b, 0, 500, 1);
	made_path(a.at, a.n, &fd[0], path[0]);
	made_path(b.at, b.n, &fd[1], path[1]);
	made_path(a.at, a.n / 2, &fd[2], path[2]);
	made_path(a.at, 24, &fd[3], path[3]);
	for (uint32_t i = 0; i < 8; i++)
		paths[i] = path[i * 5 % 4];
	same_in_any_size("several files", &options);
	options.count = 5000;
	same_in_any_size("several files, some packets", &options);
	for (unsigned i = 0; i < 4; i++)
		close(fd[i]);
	free(a.at);
	free(b.at);
}
END_TEST

/* What cannot be read in blocks is polled. */
START_TEST(pipes_and_compressed_files)
{
	struct made a = made_pcap(0xa1b2c3d4, false);
	struct nsc_rx_file_options options = { .loans = 1, .blocks = 2 };
	struct nsc_error error;
	struct nsc_rx *rx;
	char path[64];
	int fd[2];

	ck_assert_int_eq(pipe(fd), 0);
	ck_assert_int_eq(write(fd[1], a.at, 1000), 1000);
	close(fd[1]);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd[0]);
	options.path = path;
	ck_assert_int_eq(nsc_rx_file_open(&rx, &options, &error), 0);
	ck_assert_ptr_null(rx->blocks);
	nsc_rx_close(rx);
	close(fd[0]);
	free(a.at);
}
END_TEST

/* --- the shared captures ---------------------------------------------------------------------- */

static void same_in_folder(const char *folder, unsigned *files)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	char path[4096];

	while (dir && (entry = readdir(dir))) {
		struct nsc_rx_file_options options = { .path = path };

		if (entry->d_type != DT_REG || strstr(entry->d_name, ".ref.json") ||
		    snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) >= (int)sizeof(path))
			continue;
		same_in_any_size(path, &options);
		options.filter = "tcp";
		options.snaplen = 60;
		same_in_any_size(path, &options);
		++*files;
	}
	if (dir)
		closedir(dir);
}

START_TEST(shared_captures)
{
	const char *shared = getenv("NETSCOPE_SHARED") ? getenv("NETSCOPE_SHARED") : "../shared";
	static const char *const folders[] = { "captures", "captures/malformed", "field" };
	char folder[2048];
	unsigned files = 0;

	for (uint32_t i = 0; i < NSC_ARRAY_LEN(folders); i++) {
		snprintf(folder, sizeof(folder), "%s/%s", shared, folders[i]);
		same_in_folder(folder, &files);
	}
	printf("%s%u captures are the same in blocks\n", files ? "" : "skip - ", files);
}
END_TEST

CHECK_MAIN("file_blocks", pcap_of_any_format, first_records_are_found, pcap_cut_and_damaged, times_of_all_kinds,
	   hostile_payloads, files_behind_files, pcapng_of_many_blocks, several_files, pipes_and_compressed_files,
	   shared_captures)
