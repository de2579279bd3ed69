/* SPDX-License-Identifier: MIT
 *
 * The different texts among those of a column, numbered as they come first: a dictionary.
 *
 * A text is a length and so many bytes, with zeros behind them up to a multiple of eight; its place is counted in
 * units of eight bytes. Texts come from outside, and may have been made so that they collide: a search ends after a few
 * looks, and the column has no dictionary.
 *
 * Thread: one at a time. Allocates: at open only.
 */
#ifndef NETSCOPE_SINKS_PARQUET_WORDS_H
#define NETSCOPE_SINKS_PARQUET_WORDS_H

#include "netscope/base.h"

enum { NSC_PARQUET_WORDS_MAX = 32768 };

struct nsc_parquet_words {
	uint32_t n;
	uint32_t *slot;                        /* number + 1; 0 = free */
	uint32_t place[NSC_PARQUET_WORDS_MAX]; /* by number: of the text that came first */
};

struct nsc_parquet_words *nsc_parquet_words_open(void);        /* NULL: no memory */
void nsc_parquet_words_close(struct nsc_parquet_words *words); /* NULL is allowed */

/* Numbers n (1 or more) texts, number i at texts + place[i]. False: too many are different for a dictionary to make
 * them smaller, and `index` holds nothing. */
bool nsc_parquet_words_number(struct nsc_parquet_words *words, const uint64_t *texts, const uint32_t place[],
			      uint32_t n, uint32_t index[]);

#endif
