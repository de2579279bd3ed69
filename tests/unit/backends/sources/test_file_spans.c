/* SPDX-License-Identifier: MIT
 *
 * Parts of a file read as if they were all of it.
 */
#include "test_file_maker.h"

#include "backends/sinks/zstd_frames.h"

#include <errno.h>
#include <zstd.h>

enum { PACKETS = 120, TIME = 1700000000 };

struct spanned {
	struct made m;
	uint64_t at[PACKETS + 1]; /* where each packet begins; and the end */
};

static uint32_t size_of(uint32_t id)
{
	return 1 + id * 37 % 3000;
}

static struct spanned spanned_pcap(void)
{
	struct spanned s = { .m = made_new(false) };

	put_pcap_header(&s.m, 0xa1b2c3d4, 2, 4, 1);
	for (uint32_t i = 0; i < PACKETS; i++) {
		s.at[i] = s.m.n;
		put_record(&s.m, i, TIME, i, size_of(i), size_of(i));
	}
	s.at[PACKETS] = s.m.n;
	return s;
}

static struct spanned spanned_pcapng(void)
{
	struct spanned s = { .m = made_new(false) };

	put_section(&s.m);
	put_interface(&s.m, 1, 0, -1, 0);
	for (uint32_t i = 0; i < PACKETS; i++) {
		s.at[i] = s.m.n;
		put_enhanced(&s.m, i, 0, TIME * 1000000ull + i, size_of(i), size_of(i));
	}
	s.at[PACKETS] = s.m.n;
	return s;
}

/* The numbers of the packets that came, by their times. */
static uint32_t wrong_packets(const struct got *g, const uint32_t *wanted, uint32_t n)
{
	uint32_t wrong = g->n != n || g->state != NSC_RX_END;

	for (uint32_t i = 0; i < g->n && i < n; i++)
		wrong += g->pkt[i].ts_ns != TIME * NSC_NS_PER_SEC + wanted[i] * 1000ull;
	return wrong;
}

/* Headers, then packets 3..4, 50..51, 100..119. */
static uint32_t spans_of(const struct spanned *s, struct nsc_rx_span spans[4], uint32_t wanted[PACKETS])
{
	static const uint32_t from[] = { 3, 50, 100 }, to[] = { 5, 52, PACKETS };
	uint32_t n = 0;

	spans[0] = (struct nsc_rx_span){ 0, s->at[0] };
	for (uint32_t k = 0; k < 3; k++) {
		spans[k + 1] = (struct nsc_rx_span){ s->at[from[k]], s->at[to[k]] };
		for (uint32_t i = from[k]; i < to[k]; i++)
			wanted[n++] = i;
	}
	return n;
}

static struct got *read_spans(const struct spanned *s, const uint8_t *bytes, size_t size, uint32_t *n_wanted,
			      uint32_t wanted[PACKETS])
{
	struct nsc_rx_span spans[4];

	*n_wanted = spans_of(s, spans, wanted);
	return read_bytes(bytes, size, (struct nsc_rx_file_options){ .spans = spans, .n_spans = 4 });
}

static void check_format(struct spanned (*make)(void), bool compress)
{
	static uint32_t wanted[PACKETS];
	struct spanned s = make();
	size_t size = s.m.n;
	uint8_t *bytes = malloc(MADE_MAX);
	struct got *g;
	uint32_t n;

	if (compress) /* in frames that end anywhere */
		for (size_t at = size = 0; at < s.m.n; at += 70001)
			size += ZSTD_compress(bytes + size, MADE_MAX - size, s.m.at + at,
					      NSC_MIN((size_t)70001, s.m.n - at), 1);
	g = read_spans(&s, compress ? bytes : s.m.at, size, &n, wanted);
	ck_assert_uint_eq(wrong_packets(g, wanted, n), 0);
	if (!compress) {
		ck_assert_uint_eq(g->counters.file_size,
				  s.at[0] + s.at[5] - s.at[3] + s.at[52] - s.at[50] + s.m.n - s.at[100]);
		ck_assert_uint_eq(g->counters.file_bytes, g->counters.file_size);
	}
	free(g);
	free(bytes);
	free(s.m.at);
}

START_TEST(only_the_packets_of_the_spans)
{
	check_format(spanned_pcap, false);
	check_format(spanned_pcapng, false);
}
END_TEST

START_TEST(of_the_decompressed_data)
{
	check_format(spanned_pcap, true);
	check_format(spanned_pcapng, true);
}
END_TEST

/* Ten packets in each frame; the headers have one of their own. With or without the table of them. */
static size_t framed(const struct spanned *s, uint8_t *bytes, uint64_t frame_at[PACKETS / 10 + 1], bool with_table)
{
	struct nsc_zstd_frames *frames;
	struct nsc_error error;
	const uint8_t *out;
	size_t size = 0;

	ck_assert_int_eq(nsc_zstd_frames_open(&frames, "a.zst", MADE_MAX, &error), 0);
	for (uint32_t i = 0; i <= PACKETS / 10; i++) {
		uint64_t from = i ? s->at[10 * (i - 1)] : 0, to = s->at[10 * i];
		ssize_t n = nsc_zstd_frames_make(frames, s->m.at + from, to - from, &out);

		frame_at[i] = size;
		memcpy(bytes + size, out, (size_t)n);
		size += (size_t)n;
		nsc_zstd_frames_keep(frames);
	}
	if (with_table) {
		size_t n = nsc_zstd_frames_table(frames, &out);

		memcpy(bytes + size, out, n);
		size += n;
	}
	nsc_zstd_frames_close(frames);
	return size;
}

/* What lies in a frame of which nothing is wanted is not read: it may be damaged. */
START_TEST(frames_without_wanted_packets)
{
	static uint32_t wanted[PACKETS];
	uint64_t frame_at[PACKETS / 10 + 1];
	struct spanned s = spanned_pcap();
	uint8_t *bytes = malloc(MADE_MAX);
	uint32_t n;

	for (unsigned with_table = 0; with_table < 2; with_table++) {
		size_t size = framed(&s, bytes, frame_at, with_table);
		struct got *g = read_spans(&s, bytes, size, &n, wanted);

		ck_assert_uint_eq(wrong_packets(g, wanted, n), 0);
		free(g);
		memset(bytes + frame_at[8], 0xff, 4); /* packets 70 to 79 */
		g = read_spans(&s, bytes, size, &n, wanted);
		ck_assert_uint_eq(g->n, with_table ? n : 4);
		ck_assert_uint_eq(g->state, with_table ? NSC_RX_END : NSC_RX_FAILED);
		free(g);
	}
	free(bytes);
	free(s.m.at);
}
END_TEST

/* A table that is not as it should be is not used: the file is read from its begin. */
START_TEST(a_wrong_table)
{
	static uint32_t wanted[PACKETS];
	uint64_t frame_at[PACKETS / 10 + 1];
	struct spanned s = spanned_pcapng();
	uint8_t *bytes = malloc(MADE_MAX);
	size_t size = framed(&s, bytes, frame_at, true), table = 8 + 8 * (PACKETS / 10 + 1) + 9;
	const size_t places[] = { size - 1, size - 5, size - 9, size - table + 1, size - table + 4, size - 24 };
	uint32_t n;

	for (size_t i = 0; i < NSC_ARRAY_LEN(places); i++) {
		uint8_t was = bytes[places[i]];
		struct got *g;

		bytes[places[i]] ^= 0x44;
		g = read_spans(&s, bytes, size, &n, wanted);
		ck_assert_uint_eq(g->n, n);
		free(g);
		bytes[places[i]] = was;
	}
	free(bytes);
	free(s.m.at);
}
END_TEST

/* The sentence names the byte of the file, not of what was read. */
START_TEST(damage_is_told_where_it_is)
{
	static uint32_t wanted[PACKETS];
	struct spanned s = spanned_pcap();
	struct got *g;
	char text[64];
	uint32_t n;

	memset(s.m.at + s.at[51] + 8, 0xff, 4); /* bytes captured */
	g = read_spans(&s, s.m.at, s.m.n, &n, wanted);
	snprintf(text, sizeof(text), "is damaged at byte %llu:", (unsigned long long)s.at[51]);
	ck_assert_uint_eq(g->state, NSC_RX_FAILED);
	ck_assert_uint_eq(g->n, 3);
	ck_assert_ptr_nonnull(strstr(g->error.text, text));
	free(g);
	free(s.m.at);
}
END_TEST

START_TEST(a_file_that_is_shorter)
{
	static uint32_t wanted[PACKETS];
	struct spanned s = spanned_pcap();
	uint32_t n;
	struct got *g = read_spans(&s, s.m.at, s.at[51], &n, wanted);

	ck_assert_uint_eq(g->state, NSC_RX_END);
	ck_assert_uint_eq(g->n, 3);
	free(g);
	g = read_spans(&s, s.m.at, s.at[51] + 20, &n, wanted);
	ck_assert_uint_eq(g->state, NSC_RX_FAILED);
	ck_assert_ptr_nonnull(strstr(g->error.text, "is cut short"));
	free(g);
	free(s.m.at);
}
END_TEST

START_TEST(a_pipe_has_no_parts)
{
	const struct nsc_rx_span span = { 0, 24 };
	struct nsc_rx_file_options options = { .loans = 1, .spans = &span, .n_spans = 1 };
	struct spanned s = spanned_pcap();
	char path[64];
	struct got *g;
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(write(fds[1], s.m.at, 1000), 1000);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[0]);
	options.path = path;
	g = read_path(&options);
	ck_assert_int_eq(g->status, -ESPIPE);
	ck_assert_ptr_nonnull(strstr(g->error.text, "is no regular file"));
	close(fds[0]);
	close(fds[1]);
	free(g);
	free(s.m.at);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rx/file_spans");
	TCase *tcase = tcase_create("spans");

	tcase_add_test(tcase, only_the_packets_of_the_spans);
	tcase_add_test(tcase, of_the_decompressed_data);
	tcase_add_test(tcase, frames_without_wanted_packets);
	tcase_add_test(tcase, a_wrong_table);
	tcase_add_test(tcase, damage_is_told_where_it_is);
	tcase_add_test(tcase, a_file_that_is_shorter);
	tcase_add_test(tcase, a_pipe_has_no_parts);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
