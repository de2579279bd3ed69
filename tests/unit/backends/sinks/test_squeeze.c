/* SPDX-License-Identifier: MIT
 *
 * What was fed comes back at every border, whatever the pieces; streams follow one another in a file.
 */
#include "backends/sinks/squeeze.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "tests/unit/engine/check_main.h"

enum { MOST = 1 << 20 };

static const char *const names[] = { "rows.csv.zst", "rows.jsonl.gz" };
static char fed[MOST], read_back[MOST + 1], file[MOST];
static size_t fed_bytes, file_bytes;

static void feed(struct nsc_squeeze *squeeze, size_t bytes, enum nsc_squeeze_border border)
{
	const char *out;
	ssize_t n;

	nsc_squeeze_feed(squeeze, fed + fed_bytes, bytes, border);
	fed_bytes += bytes;
	while ((n = nsc_squeeze_take(squeeze, &out))) {
		ck_assert_int_gt(n, 0);
		ck_assert_uint_le(file_bytes + (size_t)n, sizeof(file));
		memcpy(file + file_bytes, out, (size_t)n);
		file_bytes += (size_t)n;
	}
	ck_assert_int_eq(nsc_squeeze_take(squeeze, &out), 0);
}

/* Of all streams in the file. */
static size_t unpack_zstd(void)
{
	ZSTD_DCtx *context = ZSTD_createDCtx();
	ZSTD_inBuffer in = { file, file_bytes, 0 };
	ZSTD_outBuffer out = { read_back, sizeof(read_back), 0 };
	size_t before;

	do {
		before = in.pos + out.pos;
		ck_assert(!ZSTD_isError(ZSTD_decompressStream(context, &out, &in)));
	} while (in.pos + out.pos > before);
	ck_assert_uint_eq(in.pos, in.size);
	ZSTD_freeDCtx(context);
	return out.pos;
}

static size_t unpack_gzip(void)
{
	z_stream z = { .next_in = (Bytef *)file, .avail_in = (uInt)file_bytes };
	size_t got = 0;
	int status = Z_OK;

	ck_assert_int_eq(inflateInit2(&z, 15 + 16), Z_OK);
	while (status == Z_OK || (status == Z_STREAM_END && z.avail_in)) {
		if (status == Z_STREAM_END)
			inflateReset(&z);
		z.next_out = (Bytef *)read_back + got;
		z.avail_out = (uInt)(sizeof(read_back) - got);
		status = inflate(&z, Z_NO_FLUSH);
		got = sizeof(read_back) - z.avail_out;
	}
	ck_assert(status == Z_STREAM_END || status == Z_BUF_ERROR);
	inflateEnd(&z);
	return got;
}

static void comes_back(const char *name)
{
	ck_assert_uint_eq(strstr(name, ".gz") ? unpack_gzip() : unpack_zstd(), fed_bytes);
	ck_assert_mem_eq(read_back, fed, fed_bytes);
}

static struct nsc_squeeze *open_squeeze(const char *name)
{
	struct nsc_squeeze *squeeze = NULL;

	ck_assert_int_eq(nsc_squeeze_open(&squeeze, name, NULL), 0);
	fed_bytes = file_bytes = 0;
	return squeeze;
}

/* Half of it is text that repeats, half of it is noise, which grows. */
static void fill(void)
{
	unsigned state = 1;

	for (size_t i = 0; i < MOST; i++) {
		state = state * 1103515245u + 12345u;
		fed[i] = i / 4096 % 2 ? (char)(state >> 16) : "10.0.0.1,443,"[i % 13];
	}
}

START_TEST(wanted_by_name)
{
	ck_assert(nsc_squeeze_wanted("a.csv.zst") && nsc_squeeze_wanted("/x/b.gz"));
	ck_assert(!nsc_squeeze_wanted("a.csv") && !nsc_squeeze_wanted(".gz") && !nsc_squeeze_wanted("a.zst.csv") &&
		  !nsc_squeeze_wanted("azst") && !nsc_squeeze_wanted(""));
}
END_TEST

START_TEST(read_back_at_every_border)
{
	static const size_t sizes[] = { 1, 0, 17, 300, 131072, 5, 200000, 0, 0, 77777 };

	fill();
	for (size_t k = 0; k < NSC_ARRAY_LEN(names); k++) {
		struct nsc_squeeze *squeeze = open_squeeze(names[k]);

		for (size_t i = 0; i < NSC_ARRAY_LEN(sizes); i++) {
			feed(squeeze, sizes[i], NSC_SQUEEZE_PIECE);
			comes_back(names[k]);
		}
		feed(squeeze, 3, NSC_SQUEEZE_END);
		comes_back(names[k]);
		ck_assert_uint_lt(file_bytes, fed_bytes);
		nsc_squeeze_close(squeeze);
	}
}
END_TEST

START_TEST(streams_follow_one_another)
{
	fill();
	for (size_t k = 0; k < NSC_ARRAY_LEN(names); k++) {
		struct nsc_squeeze *squeeze = open_squeeze(names[k]);

		feed(squeeze, 0, NSC_SQUEEZE_END); /* an empty one is whole */
		ck_assert_uint_gt(file_bytes, 0);
		comes_back(names[k]);
		feed(squeeze, 1000, NSC_SQUEEZE_END);
		feed(squeeze, 90000, NSC_SQUEEZE_PIECE);
		feed(squeeze, 0, NSC_SQUEEZE_END);
		comes_back(names[k]);
		nsc_squeeze_close(squeeze);
	}
}
END_TEST

START_TEST(restarted_in_the_middle)
{
	const char *out;

	fill();
	for (size_t k = 0; k < NSC_ARRAY_LEN(names); k++) {
		struct nsc_squeeze *squeeze = open_squeeze(names[k]);

		feed(squeeze, 5000, NSC_SQUEEZE_PIECE);
		nsc_squeeze_feed(squeeze, fed, 400000, NSC_SQUEEZE_PIECE);
		ck_assert_int_gt(nsc_squeeze_take(squeeze, &out), 0); /* and no more of it */
		nsc_squeeze_restart(squeeze);
		ck_assert_int_eq(nsc_squeeze_take(squeeze, &out), 0);
		fed_bytes = file_bytes = 0;
		feed(squeeze, 7000, NSC_SQUEEZE_END);
		comes_back(names[k]);
		nsc_squeeze_close(squeeze);
	}
}
END_TEST

CHECK_MAIN("squeeze", wanted_by_name, read_back_at_every_border, streams_follow_one_another, restarted_in_the_middle)
