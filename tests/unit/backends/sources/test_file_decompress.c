/* SPDX-License-Identifier: MIT
 *
 * Compressed captures: several streams in a file, padding, pipes, damaged and cut streams.
 */
#include "test_file_input.h"

#include <bzlib.h>
#include <errno.h>
#include <lz4frame.h>
#include <lzma.h>
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

static void xz_stream_of(struct made *m, const void *bytes, size_t n, uint32_t dictionary)
{
	lzma_options_lzma options;
	lzma_filter filters[] = { { LZMA_FILTER_LZMA2, &options }, { LZMA_VLI_UNKNOWN, NULL } };

	ck_assert(!lzma_lzma_preset(&options, 0));
	options.dict_size = dictionary;
	ck_assert_int_eq(lzma_stream_buffer_encode(filters, LZMA_CHECK_CRC64, NULL, bytes, n, m->at, &m->n, MADE_MAX),
			 LZMA_OK);
}

/* Each with another dictionary. */
static void xz_stream(struct made *m, const void *bytes, size_t n)
{
	xz_stream_of(m, bytes, n, (uint32_t)(4096 + (m->n % 3000) * 4096));
}

static void bzip2_stream(struct made *m, const void *bytes, size_t n)
{
	unsigned made = (unsigned)(MADE_MAX - m->n);

	ck_assert_int_eq(BZ2_bzBuffToBuffCompress((char *)m->at + m->n, &made, (char *)(uintptr_t)bytes, (unsigned)n,
						  1 + (int)(m->n % 9), 0, 0),
			 BZ_OK);
	m->n += made;
}

static void lz4_frame(struct made *m, const void *bytes, size_t n)
{
	const LZ4F_preferences_t linked = { .frameInfo = { .blockSizeID = m->n % 2 ? LZ4F_max64KB : LZ4F_max4MB,
							   .blockMode = LZ4F_blockLinked,
							   .contentChecksumFlag = LZ4F_contentChecksumEnabled } };
	size_t made = LZ4F_compressFrame(m->at + m->n, MADE_MAX - m->n, bytes, n, &linked);

	ck_assert(!LZ4F_isError(made));
	m->n += made;
}

static const struct format {
	const char *name;
	void (*piece)(struct made *m, const void *bytes, size_t n); /* appends a stream */
} formats[] = {
	{ "gzip", gzip_member },   { "zstd", zstd_frame }, { "xz", xz_stream },
	{ "bzip2", bzip2_stream }, { "lz4", lz4_frame },
};
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
	struct made m = compressed(formats[_i].piece);
	struct got *g = read_pipe(&m, 1);

	ck_assert(is_sample(g));
	free(g);
	free(m.at);
}
END_TEST

START_TEST(streams_and_padding)
{
	struct made m = compressed(formats[_i].piece);
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
	put(&m, "garbage garbage", 15);
	g = read_made(&m);
	ck_assert_uint_eq(g->n, PACKETS);
	ck_assert_uint_eq(g->state, NSC_RX_FAILED);
	ck_assert_ptr_nonnull(strstr(g->error.text, " stream is damaged: "));
	ck_assert_ptr_nonnull(strstr(g->error.text, formats[_i].name));
	free(g);
	free(m.at);
}
END_TEST

enum { STREAM = 251 }; /* bytes; 500 dictionaries of xz, of 6 MiB each, take most of the time under AddressSanitizer */

/* As many as would use up any memory that is not given back. */
START_TEST(hundreds_of_streams)
{
	struct made plain = sample(), m = made_new(false);
	struct got *g;

	for (size_t at = 0; at < plain.n; at += STREAM)
		formats[_i].piece(&m, plain.at + at, NSC_MIN(plain.n - at, (size_t)STREAM));
	g = read_made(&m);
	ck_assert(is_sample(g));
	free(g);
	free(plain.at);
	free(m.at);
}
END_TEST

START_TEST(a_dictionary_beyond_the_limit)
{
	struct made plain = sample(), m = made_new(false);
	static const char words[] = "the xz stream needs 1536 MiB of memory, and 129 MiB are the limit: xz -dc FILE | "
				    "netscope -r -";
	struct got *g;

	xz_stream_of(&m, plain.at, plain.n, 3u << 29);
	g = read_made(&m);
	ck_assert_int_eq(g->status, -EBADMSG);
	ck_assert_ptr_nonnull(strstr(g->error.text, words));
	free(g);
	m.n = 0;
	xz_stream_of(&m, plain.at, plain.n, 1u << 27);
	g = read_made(&m);
	ck_assert(is_sample(g));
	free(g);
	free(plain.at);
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
	formats[_i].piece(&m, plain.at, plain.n);
	g = read_bytes(m.at, m.n, (struct nsc_rx_file_options){ .loans = 1 + (unsigned)_i % 2 });
	ck_assert(g->n == 2000 && g->state == NSC_RX_END && !g->bad_bytes);
	free(g);
	free(plain.at);
	free(m.at);
}
END_TEST

/* A stream that is cut or damaged gives the packets before that, all of them right, and says why. */
START_TEST(spoiled_streams)
{
	struct made m = compressed(formats[_i].piece);
	unsigned wrong = 0, some = 0;

	for (size_t at = 6; at < m.n; at += 31) {
		struct got *g = read_bytes(m.at, at, (struct nsc_rx_file_options){ 0 });

		wrong += g->bad_bytes || (!g->status && g->state != NSC_RX_FAILED && g->n == PACKETS);
		wrong += !strstr(g->error.text, "cut short");
		some += g->n > 0;
		free(g);
		m.at[at] ^= 0xff;
		g = read_made(&m);
		wrong += !g->status && g->state != NSC_RX_FAILED && g->n != PACKETS;
		some += strstr(g->error.text, " stream is damaged: ") != NULL;
		free(g);
		m.at[at] ^= 0xff;
	}
	ck_assert_uint_eq(wrong, 0);
	ck_assert_uint_gt(some, 0);
	free(m.at);
}
END_TEST

START_TEST(compressed_nothing)
{
	struct made m = made_new(false);
	struct got *g;

	formats[_i].piece(&m, "", 0);
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
	const int n = (int)NSC_ARRAY_LEN(formats);

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, a_compressed_pipe_in_single_bytes, 0, n);
	tcase_add_loop_test(tcase, streams_and_padding, 0, n);
	tcase_add_loop_test(tcase, hundreds_of_streams, 0, n);
	tcase_add_test(tcase, a_dictionary_beyond_the_limit);
	tcase_add_loop_test(tcase, large_compressed_files, 0, n);
	tcase_add_loop_test(tcase, spoiled_streams, 0, n);
	tcase_add_loop_test(tcase, compressed_nothing, 0, n);
	return run_suite(suite);
}
