/* SPDX-License-Identifier: MIT
 *
 * The aligned reader: whatever the size of the file, however blocks are asked for, through io_uring and without it, it
 * gives the bytes of read(), also of a file that grows or is cut short meanwhile.
 */
#include "backends/sources/file_direct.h"

#include "test_file_maker.h"

#include <errno.h>
#include <sys/resource.h>

#define BLOCK 8192u
#define BUFFERS (NSC_DIRECT_DEPTH + 2)
#define LONGEST (20 * BLOCK)

static alignas(NSC_DIRECT_ALIGN) uint8_t buffer[BUFFERS][BLOCK];
static uint64_t random_state = 0x9e3779b97f4a7c15ull;

static uint32_t random_below(uint32_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)((random_state >> 32) * n >> 32);
}

static uint8_t byte_at(uint64_t i)
{
	return (uint8_t)(i * 31 + (i >> 8) * 7 + (i >> 13) + 1);
}

static void write_bytes(int fd, uint64_t from, uint64_t to)
{
	static uint8_t bytes[LONGEST * 2];

	for (uint64_t i = from; i < to; i++)
		bytes[i - from] = byte_at(i);
	ck_assert_int_eq(pwrite(fd, bytes, to - from, (off_t)from), (ssize_t)(to - from));
}

/* On a disk, as far as TEST_TMP is on one. */
static int new_file(uint64_t size)
{
	const char *folder = getenv("TEST_TMP");
	int fd = open(folder ? folder : ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	write_bytes(fd, 0, size);
	return fd;
}

/* Without a descriptor left there is no ring. */
static struct nsc_file_direct *direct_open(const int *fds, uint32_t n, bool ring)
{
	struct nsc_file_direct *d;
	struct rlimit limit, none;
	struct nsc_error error;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = (struct rlimit){ 0, limit.rlim_max };
	if (!ring)
		ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	ck_assert_int_eq(nsc_file_direct_open(&d, fds, n, BLOCK, &error), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert(ring || !nsc_file_direct_in_flight(d));
	return d;
}

/* One who reads as the file source does. */
struct reader {
	struct nsc_file_direct *d;
	int fd;
	uint64_t at; /* bytes read */
	uint32_t turn;
	unsigned wrong;
};

static void see(struct reader *r, const uint8_t *bytes, ssize_t n)
{
	for (ssize_t i = 0; i < n; i++)
		r->wrong += bytes[i] != byte_at(r->at++);
}

/* Reads once; false at the end. */
static bool reader_step(struct reader *r)
{
	uint8_t *to = buffer[r->turn % BUFFERS];
	ssize_t n;

	if (nsc_file_direct_goes_on(r->d)) {
		for (uint32_t i = 0, n_ahead = random_below(BUFFERS + 1); i < n_ahead; i++)
			nsc_file_direct_ahead(r->d, buffer[(r->turn + i) % BUFFERS]);
		n = nsc_file_direct_read(r->d, to);
		r->turn++;
		r->wrong += n < 0;
		if (n > 0)
			see(r, to, n);
		r->wrong += nsc_file_direct_goes_on(r->d) != (n == BLOCK);
		return true;
	}
	n = read(r->fd, to, 1 + random_below(BLOCK));
	r->wrong += n < 0;
	see(r, to, n);
	return n > 0;
}

static uint64_t some_size(void)
{
	static const uint32_t near[] = { 0, 512, 4096, BLOCK, 2 * BLOCK, 4 * BLOCK, 5 * BLOCK, 16 * BLOCK };
	uint32_t about = near[random_below(NSC_ARRAY_LEN(near))], beside = random_below(3);

	if (random_below(4) == 0)
		return random_below(LONGEST);
	return random_below(2) ? about + beside : about - NSC_MIN(about, beside);
}

START_TEST(every_size_and_every_order)
{
	unsigned wrong = 0;

	for (unsigned round = 0; round < 400; round++) {
		uint64_t size = some_size();
		int fd = new_file(size);
		struct reader r = { .d = direct_open(&fd, 1, round % 2), .fd = fd };

		for (unsigned again = 0; again < 2;
		     again++) { /* the file is begun twice, as at open and by the poller */
			r.at = random_below(3) * NSC_DIRECT_ALIGN;
			r.at = r.at > size ? 0 : r.at;
			nsc_file_direct_begin(r.d, 0, r.at);
			while (!again && random_below(4) && reader_step(&r))
				;
			while (again && reader_step(&r))
				;
			wrong += r.at > size || (again && r.at != size);
		}
		wrong += r.wrong;
		nsc_file_direct_close(r.d);
		close(fd);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(a_file_that_grows)
{
	unsigned wrong = 0;

	for (unsigned round = 0; round < 100; round++) {
		uint64_t size = some_size();
		int fd = new_file(size);
		struct reader r = { .d = direct_open(&fd, 1, round % 2), .fd = fd };

		nsc_file_direct_begin(r.d, 0, 0);
		for (unsigned grown = 0; grown < 3; grown++) {
			while (reader_step(&r))
				;
			wrong += r.at != size;
			write_bytes(fd, size, size + 3000);
			size += 3000;
		}
		wrong += r.wrong;
		nsc_file_direct_close(r.d);
		close(fd);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(a_file_that_is_truncated)
{
	unsigned wrong = 0;

	for (unsigned round = 0; round < 100; round++) {
		uint64_t size = 6 * BLOCK + some_size(), cut;
		int fd = new_file(size);
		struct reader r = { .d = direct_open(&fd, 1, round % 2), .fd = fd };

		nsc_file_direct_begin(r.d, 0, 0);
		for (uint32_t i = random_below(6); i; i--)
			reader_step(&r);
		cut = random_below((uint32_t)size);
		ck_assert_int_eq(ftruncate(fd, (off_t)cut), 0);
		while (reader_step(&r))
			;
		wrong += r.wrong || r.at > size || (r.at < cut);
		nsc_file_direct_close(r.d);
		close(fd);
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(several_files_and_some_left_out)
{
	const int fds[] = { new_file(5 * BLOCK + 7), -1, new_file(9 * BLOCK) };
	struct reader r = { .d = direct_open(fds, 3, true) };

	for (unsigned round = 0; round < 30; round++) {
		uint32_t k = random_below(3);

		r.fd = fds[k];
		r.at = 0;
		nsc_file_direct_begin(r.d, k, 0);
		ck_assert_int_eq(nsc_file_direct_goes_on(r.d), k != 1);
		for (uint32_t i = k == 1 ? 0 : random_below(9); i; i--)
			reader_step(&r); /* and what is in flight is forgotten */
	}
	ck_assert_uint_eq(r.wrong, 0);
	nsc_file_direct_begin(r.d, 0, 512); /* not aligned: read() has it */
	ck_assert(!nsc_file_direct_goes_on(r.d));
	nsc_file_direct_close(r.d);
	close(fds[0]);
	close(fds[2]);
}
END_TEST

/* Nothing more is asked of a file that fails: what read() says counts. */
START_TEST(a_file_that_cannot_be_read)
{
	const char *folder = getenv("TEST_TMP");
	int fd = open(folder ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct nsc_file_direct *d;

	ck_assert_int_ge(fd, 0);
	d = direct_open(&fd, 1, true);
	nsc_file_direct_begin(d, 0, 0);
	if (nsc_file_direct_goes_on(d)) {
		ck_assert_int_eq(nsc_file_direct_read(d, buffer[0]), -EISDIR);
		ck_assert(!nsc_file_direct_goes_on(d));
		nsc_file_direct_begin(d, 0, 0);
	}
	ck_assert(!nsc_file_direct_goes_on(d));
	nsc_file_direct_close(d);
	nsc_file_direct_close(NULL);
	close(fd);
}
END_TEST

START_TEST(what_a_file_system_refuses)
{
	int fd = new_file(BLOCK), proc = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	const char *why = nsc_file_direct_refuses(proc);

	ck_assert_ptr_nonnull(why);
	ck_assert_str_eq(why, "its file system does not know O_DIRECT");
	ck_assert_ptr_null(nsc_file_direct_refuses(fd));
	ck_assert_int_eq(fcntl(fd, F_GETFL) & O_DIRECT, 0); /* asking changes nothing */
	close(proc);
	close(fd);
}
END_TEST

START_TEST(cold_is_what_the_page_cache_lacks)
{
	int fd = new_file(LONGEST);

	ck_assert(!nsc_file_direct_is_cold(fd, LONGEST)); /* just written */
	fsync(fd);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (nsc_file_direct_is_cold(fd, LONGEST)) { /* on a disk, and the kernel tells */
		ck_assert_int_eq(pread(fd, buffer[0], BLOCK, 0), BLOCK);
		ck_assert_int_eq(readahead(fd, 0, LONGEST), 0);
		for (uint32_t i = 0; i < LONGEST / BLOCK; i++)
			ck_assert_int_eq(pread(fd, buffer[0], BLOCK, i * BLOCK), BLOCK);
		ck_assert(!nsc_file_direct_is_cold(fd, LONGEST));
	}
	close(fd);
}
END_TEST

/* --- the whole source ------------------------------------------------------------------------- */

/* Records that cross the borders of blocks in every way, up to the longest one. */
static struct made blocks_of_packets(void)
{
	static const uint32_t sizes[] = { 60, 1514, 9000, 100, 65000, 262144, 4080, 1 };
	struct made m = made_new(false);

	put_pcap_header(&m, 0xa1b2c3d4, 2, 4, 1);
	for (uint32_t i = 0; m.n < (6u << 20) + 333; i++)
		put_record(&m, i, 1000, i, sizes[i % NSC_ARRAY_LEN(sizes)], 262144);
	return m;
}

static struct got *read_from_disk(const struct made *m, size_t size, struct nsc_rx_file_options options)
{
	struct got *g;
	char path[64];
	int fd = new_file(0);

	ck_assert_int_eq(write(fd, m->at, size), (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	options.path = path;
	g = read_path(&options);
	close(fd);
	return g;
}

static bool is_same(const struct got *a, const struct got *b)
{
	return a->status == b->status && a->state == b->state && a->n == b->n && !a->bad_bytes && !b->bad_bytes &&
	       !memcmp(a->pkt, b->pkt, a->n * sizeof(a->pkt[0])) &&
	       !memcmp(&a->counters, &b->counters, sizeof(a->counters));
}

START_TEST(the_source_gives_the_same_packets)
{
	static const size_t sizes[] = {
		0,        1,       24,      25, 511, 512, 4095, 4096, 4097, (1u << 20) - 1, 1u << 20, (1u << 20) + 1,
		3u << 20, 5000000, 6u << 20
	};
	static const uint32_t loans[] = { 1, 2, 16 };
	struct made m = blocks_of_packets();
	unsigned wrong = 0;

	for (size_t i = 0; i < NSC_ARRAY_LEN(sizes) * NSC_ARRAY_LEN(loans); i++) {
		struct nsc_rx_file_options options = { .loans = loans[i % NSC_ARRAY_LEN(loans)] };
		size_t size = sizes[i / NSC_ARRAY_LEN(loans)];
		struct got *cached = read_from_disk(&m, size, options), *direct;

		options.direct = NSC_DIRECT_ALWAYS;
		direct = read_from_disk(&m, size, options);
		wrong += !is_same(cached, direct);
		free(cached);
		free(direct);
	}
	ck_assert_uint_eq(wrong, 0);
	free(m.at);
}
END_TEST

START_TEST(a_count_leaves_blocks_in_flight)
{
	struct made m = blocks_of_packets();

	for (uint64_t count = 1; count < 60; count += 7) {
		struct nsc_rx_file_options options = { .loans = 1, .count = count, .direct = NSC_DIRECT_ALWAYS };
		struct got *g = read_from_disk(&m, m.n, options);

		ck_assert_uint_eq(g->n, count);
		ck_assert_uint_eq(g->bad_bytes, 0);
		ck_assert_uint_eq(g->state, NSC_RX_END);
		free(g);
	}
	free(m.at);
}
END_TEST

/* One that goes past the page cache, a pipe, one that is damaged, and the first again. */
START_TEST(files_that_can_and_files_that_cannot)
{
	struct made m = blocks_of_packets(), one = made_new(false);
	const char *paths[4];
	char names[4][64];
	int fds[4], pipes[2];
	struct nsc_rx_file_options options = { .paths = paths, .n_paths = 4, .loans = 1, .direct = NSC_DIRECT_ALWAYS };
	static struct nsc_burst burst;
	struct nsc_error error;
	uint64_t n = 0, whole = 0;
	struct nsc_rx *rx;

	put_pcap_header(&one, 0xa1b2c3d4, 2, 4, 1);
	put_record(&one, 0, 1, 1, 60, 60);
	ck_assert_int_eq(pipe(pipes), 0);
	ck_assert_int_eq(write(pipes[1], one.at, one.n), (ssize_t)one.n);
	close(pipes[1]);
	for (unsigned i = 0; i < 4; i++) {
		fds[i] = i == 1 ? pipes[0] : new_file(0);
		if (i != 1)
			ck_assert_int_eq(write(fds[i], m.at, m.n), (ssize_t)m.n);
		snprintf(names[i], sizeof(names[i]), "/proc/self/fd/%d", fds[i]);
		paths[i] = names[i];
	}
	ck_assert_int_eq(pwrite(fds[2], "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 15, 24 + 8),
			 15);
	ck_assert_int_eq(nsc_rx_file_open(&rx, &options, &error), 0);
	ck_assert_uint_eq(nsc_rx_file_report(rx).direct.files, 3);
	ck_assert_uint_eq(nsc_rx_file_report(rx).direct.refused, 1);
	ck_assert_uint_eq(nsc_rx_file_report(rx).direct.first, 1);
	ck_assert_str_eq(nsc_rx_file_report(rx).direct.why, "it is no regular file");
	do {
		nsc_rx_poll(rx, &burst);
		n += burst.n;
		nsc_rx_release(rx, burst.loan);
	} while (burst.state == NSC_RX_MORE || burst.state == NSC_RX_IDLE);
	whole = nsc_rx_file_report(rx).part[0].packets;
	ck_assert_uint_eq(burst.state, NSC_RX_FAILED);
	ck_assert_uint_eq(nsc_rx_file_report(rx).part[1].packets, 1);
	ck_assert_uint_eq(nsc_rx_file_report(rx).part[3].packets, whole);
	ck_assert_uint_eq(n, 2 * whole + 1);
	ck_assert_ptr_nonnull(strstr(rx->error.text, names[2]));
	nsc_rx_close(rx);
	for (unsigned i = 0; i < 4; i++)
		close(fds[i]);
	free(one.at);
	free(m.at);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rx/file_direct");
	TCase *tcase = tcase_create("direct");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, every_size_and_every_order);
	tcase_add_test(tcase, a_file_that_grows);
	tcase_add_test(tcase, a_file_that_is_truncated);
	tcase_add_test(tcase, several_files_and_some_left_out);
	tcase_add_test(tcase, a_file_that_cannot_be_read);
	tcase_add_test(tcase, what_a_file_system_refuses);
	tcase_add_test(tcase, cold_is_what_the_page_cache_lacks);
	tcase_add_test(tcase, the_source_gives_the_same_packets);
	tcase_add_test(tcase, a_count_leaves_blocks_in_flight);
	tcase_add_test(tcase, files_that_can_and_files_that_cannot);
	return run_suite(suite);
}
