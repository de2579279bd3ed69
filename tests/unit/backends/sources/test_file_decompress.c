/* SPDX-License-Identifier: MIT
 *
 * Compressed captures: several streams in a file, padding, pipes, damaged and cut streams.
 */
#include "test_file_input.h"

#include <errno.h>
#include <zlib.h>
#include <zstd.h>

static void gzip_member(struct made *m, const void *bytes, size_t n)
{
	z_stream z = { .next_in = (void *)(uintptr_t)bytes, .avail_in = (uInt)n };

	ck_assert_int_eq(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_out = m->at + m->n;
	z.avail_out = (uInt)(MADE_MAX - m->n);
	ck_assert_int_eq(deflate(&z, Z_FINISH), Z_STREAM_END);
	m->n += z.total_out;
	deflateEnd(&z);
}

static void zstd_frame(struct made *m, const void *bytes, size_t n)
{
	size_t made = ZSTD_compress(m->at + m->n, MADE_MAX - m->n, bytes, n, 3);

	ck_assert(!ZSTD_isError(made));
	m->n += made;
}

/* The sample in three pieces, none of which ends with a record. */
static struct made compressed(void (*piece)(struct made *, const void *, size_t))
{
	struct made m = made_new(false), plain = sample();

	piece(&m, plain.at, 1000);
	piece(&m, plain.at + 1000, 1);
	piece(&m, plain.at + 1001, plain.n - 1001);
	free(plain.at);
	return m;
}

START_TEST(a_compressed_pipe_in_single_bytes)
{
	struct made gz = compressed(gzip_member), zst = compressed(zstd_frame);
	struct got *g = read_pipe(&gz, 1);

	ck_assert(is_sample(g));
	free(g);
	g = read_pipe(&zst, 1);
	ck_assert(is_sample(g));
	free(g);
	free(gz.at);
	free(zst.at);
}
END_TEST

START_TEST(gzip_members_and_padding)
{
	struct made m = compressed(gzip_member);
	struct got *g = read_made(&m);

	ck_assert(is_sample(g));
	ck_assert_uint_eq(g->counters.file_bytes, m.n);
	ck_assert_uint_eq(g->counters.file_size, m.n);
	free(g);
	memset(m.at + m.n, 0, 1000);
	m.n += 1000;
	g = read_made(&m);
	ck_assert(is_sample(g));
	free(g);
	put(&m, "garbage", 7);
	g = read_made(&m);
	ck_assert_uint_eq(g->n, PACKETS);
	ck_assert_uint_eq(g->state, NSC_RX_FAILED);
	ck_assert_ptr_nonnull(strstr(g->error.text, "gzip stream is damaged: incorrect header check"));
	free(g);
	free(m.at);
}
END_TEST

START_TEST(zstd_frames)
{
	struct made m = compressed(zstd_frame);
	struct got *g = read_made(&m);

	ck_assert(is_sample(g));
	free(g);
	free(m.at);
}
END_TEST

static void put_large(struct made *m)
{
	put_pcap_header(m, 0xa1b23c4d, 2, 4, 1);
	for (uint32_t i = 0; i < 2000; i++)
		put_record(m, i, 1, i, 2000, 2000); /* 4 MB: several blocks */
}

START_TEST(large_compressed_files)
{
	struct made plain = made_new(false), m = made_new(false);
	struct got *g;

	put_large(&plain);
	zstd_frame(&m, plain.at, plain.n);
	g = read_made(&m);
	ck_assert(g->n == 2000 && g->state == NSC_RX_END && !g->bad_bytes);
	free(g);
	m.n = 0;
	gzip_member(&m, plain.at, plain.n);
	g = read_bytes(m.at, m.n, (struct nsc_rx_file_options){ .loans = 2 });
	ck_assert(g->n == 2000 && g->state == NSC_RX_END && !g->bad_bytes);
	free(g);
	free(plain.at);
	free(m.at);
}
END_TEST

/* A stream that is cut or damaged gives the packets before that, all of them right, and says why. */
static unsigned spoil(void (*piece)(struct made *, const void *, size_t), const char *cut_words, const char *bad_words)
{
	struct made m = compressed(piece);
	unsigned wrong = 0, some = 0;

	for (size_t at = 4; at < m.n; at += 13) {
		struct got *g = read_bytes(m.at, at, (struct nsc_rx_file_options){ 0 });

		wrong += g->bad_bytes || (!g->status && g->state != NSC_RX_FAILED && g->n == PACKETS);
		wrong += !strstr(g->error.text, cut_words) && !strstr(g->error.text, "cut short");
		some += g->n > 0;
		free(g);
		m.at[at] ^= 0xff;
		g = read_made(&m);
		wrong += !g->status && g->state != NSC_RX_FAILED && g->n != PACKETS;
		some += strstr(g->error.text, bad_words) != NULL;
		free(g);
		m.at[at] ^= 0xff;
	}
	free(m.at);
	return some ? wrong : 1;
}

START_TEST(spoiled_streams)
{
	ck_assert_uint_eq(spoil(gzip_member, "the compressed stream is cut short", "the gzip stream is damaged: "), 0);
	ck_assert_uint_eq(spoil(zstd_frame, "the compressed stream is cut short", "the zstd stream is damaged: "), 0);
}
END_TEST

START_TEST(compressed_nothing)
{
	struct made m = made_new(false);
	struct got *g;

	gzip_member(&m, "", 0);
	g = read_made(&m);
	ck_assert_int_eq(g->status, -ENODATA);
	ck_assert_ptr_nonnull(strstr(g->error.text, "empty once decompressed"));
	free(g);
	free(m.at);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rx/file_decompress");
	TCase *tcase = tcase_create("decompress");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, a_compressed_pipe_in_single_bytes);
	tcase_add_test(tcase, gzip_members_and_padding);
	tcase_add_test(tcase, zstd_frames);
	tcase_add_test(tcase, large_compressed_files);
	tcase_add_test(tcase, spoiled_streams);
	tcase_add_test(tcase, compressed_nothing);
	return run_suite(suite);
}
