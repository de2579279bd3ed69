/* SPDX-License-Identifier: MIT
 *
 * The values of one column in one row group, as they come, and what becomes of them: a page of a dictionary where one
 * pays, and a page of data, both compressed.
 *
 *   few different numbers, words                 RLE_DICTIONARY, an index of a byte, or of bits and without zstd
 *   addresses and texts that come again          RLE_DICTIONARY
 *   other numbers                                DELTA_BINARY_PACKED or PLAIN, whichever zstd leaves smaller of a
 *                                                sample in the middle
 *   other addresses and texts                    PLAIN
 *
 * The same values make the same pages with the same libzstd.
 *
 * Thread: one at a time. Allocates: yes, what it says.
 */
#ifndef NETSCOPE_SINKS_PARQUET_PAGES_H
#define NETSCOPE_SINKS_PARQUET_PAGES_H

#include "backends/sinks/parquet_words.h"
#include "engine/text/row.h"

enum {
	NSC_PARQUET_ROWS = 61440,    /* of a row group: 30 of DuckDB's vectors, and a multiple of 64 */
	NSC_PARQUET_TEXTS = 8 << 20, /* bytes of addresses and texts of one, as they are kept here */
};

/* As parquet.thrift numbers them. */
enum { NSC_PARQUET_PLAIN = 0, NSC_PARQUET_RLE = 3, NSC_PARQUET_DELTA = 5, NSC_PARQUET_RLE_DICTIONARY = 8 };
enum { NSC_PARQUET_UNCOMPRESSED = 0, NSC_PARQUET_ZSTD = 6 };

struct nsc_parquet_column {
	struct nsc_schema_column schema;
	bool required;   /* is never null: has no levels */
	uint8_t width;   /* bytes of a value in `number`; 0 = it has texts */
	uint8_t bytes;   /* of a number in the file: 4 or 8 */
	uint32_t n;      /* values of this row group; 0 for the next one */
	char *number;    /* 8 bytes behind the last one may be written over */
	uint32_t *place; /* of texts: parquet_words.h */
	uint64_t *known; /* a bit for each row */
};

/* Allocates room for NSC_PARQUET_ROWS values, at most 0.5 MiB. False: no memory. */
bool nsc_parquet_column_open(struct nsc_parquet_column *column, const struct nsc_schema_column *schema, bool required);
void nsc_parquet_column_close(struct nsc_parquet_column *column);

struct nsc_parquet_page {
	const char *data;
	uint32_t raw, stored; /* bytes: before compression, and of `data` */
};

struct nsc_parquet_pages { /* valid until the next column */
	uint8_t encoding, codec;
	uint32_t words; /* of the dictionary; 0 = there is none */
	struct nsc_parquet_page dictionary, data;
};

struct nsc_parquet_encoder;

/* Allocates 22 MiB, and what zstd needs. NULL: no memory. */
struct nsc_parquet_encoder *nsc_parquet_encoder_open(void);
void nsc_parquet_encoder_close(struct nsc_parquet_encoder *encoder); /* NULL is allowed */

/* The pages of a column of `rows` rows, 1 to NSC_PARQUET_ROWS; its texts are in `texts`, of which all columns together
 * have at most NSC_PARQUET_TEXTS bytes. False: no memory. */
bool nsc_parquet_encode(struct nsc_parquet_encoder *encoder, const struct nsc_parquet_column *column,
			const uint64_t *texts, uint32_t rows, struct nsc_parquet_pages *pages);

#endif
