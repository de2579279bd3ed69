/* SPDX-License-Identifier: MIT
 *
 * Frames and their table, read back by zstd and by the format's own words.
 */
#include "backends/sinks/zstd_frames.h"

#include "tests/unit/engine/check_main.h"

#include <string.h>
#include <zstd.h>

enum { PIECES = 40, MOST = 70000 };

static uint8_t plain[PIECES * MOST], file[PIECES * MOST], back[PIECES * MOST];

static size_t piece_size(unsigned i)
{
	return 1 + (i * 7919) % MOST;
}

static uint32_t number_at(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Some pieces, frame by frame, and the table behind them. */
static size_t make_file(struct nsc_zstd_frames *frames, unsigned pieces, size_t *n_plain)
{
	const uint8_t *out;
	size_t n = 0;

	*n_plain = 0;
	for (unsigned i = 0; i < pieces; i++) {
		ssize_t made = nsc_zstd_frames_make(frames, plain + *n_plain, piece_size(i), &out);

		ck_assert_int_gt(made, 0);
		ck_assert_uint_eq(ZSTD_getFrameContentSize(out, (size_t)made), piece_size(i));
		memcpy(file + n, out, (size_t)made);
		n += (size_t)made;
		*n_plain += piece_size(i);
		nsc_zstd_frames_keep(frames);
	}
	return n;
}

static struct nsc_zstd_frames *frames_opened(void)
{
	struct nsc_zstd_frames *frames;
	struct nsc_error error;

	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i * i >> 7);
	ck_assert_int_eq(nsc_zstd_frames_open(&frames, "a.pcap.zst", MOST, &error), 0);
	return frames;
}

START_TEST(a_whole_file)
{
	struct nsc_zstd_frames *frames = frames_opened();
	size_t n_plain, n = make_file(frames, PIECES, &n_plain), table, sum = 0, sum_plain = 0;
	const uint8_t *out;

	ck_assert_uint_eq(nsc_zstd_frames_plain(frames), n_plain);
	table = nsc_zstd_frames_table(frames, &out);
	ck_assert_uint_eq(table, 8 + 8 * PIECES + 9);
	ck_assert_uint_eq(nsc_zstd_frames_table_size(frames), table + 8);
	ck_assert_uint_eq(number_at(out), 0x184d2a5e);
	ck_assert_uint_eq(number_at(out + 4), table - 8);
	ck_assert_uint_eq(number_at(out + table - 4), 0x8f92eab1);
	ck_assert_uint_eq(out[table - 5], 0);
	ck_assert_uint_eq(number_at(out + table - 9), PIECES);
	for (unsigned i = 0; i < PIECES; i++) {
		ck_assert_uint_eq(ZSTD_findFrameCompressedSize(file + sum, n - sum), number_at(out + 8 + 8 * i));
		ck_assert_uint_eq(number_at(out + 12 + 8 * i), piece_size(i));
		sum += number_at(out + 8 + 8 * i);
		sum_plain += number_at(out + 12 + 8 * i);
	}
	ck_assert(sum == n && sum_plain == n_plain);
	memcpy(file + n, out, table);
	ck_assert_uint_eq(ZSTD_decompress(back, sizeof(back), file, n + table), n_plain);
	ck_assert(!memcmp(back, plain, n_plain));
	nsc_zstd_frames_close(frames);
}
END_TEST

/* As after a rotation that did not take place: the table is a frame among others, of no bytes. */
START_TEST(a_table_in_the_middle)
{
	struct nsc_zstd_frames *frames = frames_opened();
	size_t n_plain, table;
	const uint8_t *out;

	make_file(frames, 3, &n_plain);
	table = nsc_zstd_frames_table(frames, &out);
	nsc_zstd_frames_keep(frames);
	ck_assert_uint_eq(nsc_zstd_frames_plain(frames), n_plain);
	ck_assert_uint_eq(nsc_zstd_frames_table(frames, &out), table + 8);
	ck_assert_uint_eq(number_at(out + 8 + 8 * 3), table);
	ck_assert_uint_eq(number_at(out + 8 + 8 * 3 + 4), 0);
	nsc_zstd_frames_restart(frames);
	ck_assert_uint_eq(nsc_zstd_frames_table(frames, &out), 0);
	ck_assert_uint_eq(nsc_zstd_frames_plain(frames), 0);
	nsc_zstd_frames_close(frames);
}
END_TEST

START_TEST(too_many_frames)
{
	struct nsc_zstd_frames *frames = frames_opened();
	const uint8_t *out;

	ck_assert_int_gt(nsc_zstd_frames_make(frames, plain, 10, &out), 0);
	for (uint32_t i = 0; i < NSC_ZSTD_FRAMES_MAX; i++)
		nsc_zstd_frames_keep(frames);
	ck_assert_uint_gt(nsc_zstd_frames_table(frames, &out), 8u * NSC_ZSTD_FRAMES_MAX);
	ck_assert_int_gt(nsc_zstd_frames_make(frames, plain, 10, &out), 0);
	nsc_zstd_frames_keep(frames);
	ck_assert_uint_eq(nsc_zstd_frames_table(frames, &out), 0);
	ck_assert_uint_eq(nsc_zstd_frames_plain(frames), 10ull * NSC_ZSTD_FRAMES_MAX + 10);
	nsc_zstd_frames_close(frames);
}
END_TEST

START_TEST(names)
{
	ck_assert(nsc_zstd_frames_wanted("a.pcap.zst") && nsc_zstd_frames_wanted("a.zst"));
	ck_assert(!nsc_zstd_frames_wanted(".zst") && !nsc_zstd_frames_wanted("a.pcap") &&
		  !nsc_zstd_frames_wanted("a.zst.pcap") && !nsc_zstd_frames_wanted(""));
}
END_TEST

CHECK_MAIN("sinks/zstd_frames", a_whole_file, a_table_in_the_middle, too_many_frames, names)
