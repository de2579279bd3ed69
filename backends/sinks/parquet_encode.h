/* SPDX-License-Identifier: MIT
 *
 * Values as the pages of a Parquet file hold them (Encodings.md of parquet-format 2.10): levels, PLAIN numbers,
 * RLE_DICTIONARY, DELTA_BINARY_PACKED.
 *
 * Each function writes at `at` and returns the end; behind the room that it names, NSC_PARQUET_SCRIBBLE bytes more may
 * be written over. A number is at most `rows` of a row group long: nothing here overflows 32 bits.
 *
 * Thread: any. Allocates: never. Blocks: never.
 */
#ifndef NETSCOPE_SINKS_PARQUET_ENCODE_H
#define NETSCOPE_SINKS_PARQUET_ENCODE_H

#include "netscope/base.h"

enum {
	NSC_PARQUET_SCRIBBLE = 16,
	NSC_PARQUET_FEW = 256, /* so many different values have numbers of a byte */
};

/* Bit k of known[0][i] to bit i of known[0][k]: 64 masks of a row become 64 rows of a column. */
void nsc_parquet_turn(uint64_t mask[64]);

/* Definition levels of `rows` rows, of which `n` have a value: bit i % 64 of known[i / 64]. One run of all the same, or
 * one of bits; its length stands before it. Room: 16 + rows / 8. */
char *nsc_parquet_put_levels(char *at, const uint64_t *known, uint32_t rows, uint32_t n);

/* Numbers of 4 or 8 bytes. Room: n * bytes. */
char *nsc_parquet_put_plain(char *at, const uint64_t *value, uint32_t n, unsigned bytes);

/* Whether each difference of two of n values is what a reader makes of it, in numbers of `bytes` bytes. */
bool nsc_parquet_may_delta(uint64_t largest, unsigned bytes);

/* Differences, in blocks of 128 with four widths. Room: NSC_PARQUET_DELTA_ROOM(n). */
#define NSC_PARQUET_DELTA_ROOM(n) (64 + ((size_t)(n) + 128) * 8 + (size_t)(n) / 8)
char *nsc_parquet_put_delta(char *at, const uint64_t *value, uint32_t n);

/* Numbers of words of a dictionary that has `words` of them, 1 or more, in nsc_parquet_index_bits(words) bits each: of
 * few a byte, which zstd makes smaller than bits. Room: 16 + n * 4. */
unsigned nsc_parquet_index_bits(uint32_t words);
char *nsc_parquet_put_indices(char *at, const uint32_t *index, uint32_t n, uint32_t words);

/* The different ones among n values, 1 or more, in the order in which they come first, and their numbers as a page
 * holds them. `least`, `largest`: of all values. NULL: more than NSC_PARQUET_FEW. Room: 16 + n. */
struct nsc_parquet_few {
	uint32_t n;
	uint64_t value[NSC_PARQUET_FEW];
};
char *nsc_parquet_put_few(char *at, struct nsc_parquet_few *few, const uint64_t *value, uint32_t n, uint64_t least,
			  uint64_t largest);

/* The page of n indices, 2 or more different ones, that nsc_parquet_put_few wrote at `at`, in as few bits as they need
 * instead of bytes. Returns its new end. */
unsigned nsc_parquet_few_bits(const struct nsc_parquet_few *few);
char *nsc_parquet_narrow_few(char *at, const struct nsc_parquet_few *few, uint32_t n);

#endif
