/* SPDX-License-Identifier: MIT */
#include "backends/sinks/parquet_pages.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "backends/sinks/parquet_encode.h"
#include "engine/text/address.h"

enum {
	LEVEL = 1,
	SAMPLE = 4096,             /* values */
	WORK = 32,                 /* so many bytes that zstd works on are worth one that it saves */
	LENGTH = sizeof(uint32_t), /* before each text of a page */
	PAGES = NSC_PARQUET_TEXTS + (1 << 20),
};

/* A text is shorter in a page than among the texts, an address may be longer. */
static_assert(NSC_PARQUET_ROWS * (LENGTH + NSC_FORMAT_IP_MAX) + NSC_PARQUET_ROWS / 8 < PAGES, "addresses have room");
static_assert(NSC_PARQUET_ROWS * sizeof(uint32_t) + NSC_PARQUET_ROWS / 8 + 64 < PAGES - NSC_PARQUET_TEXTS,
	      "indices and a dictionary have room");
static_assert(NSC_PARQUET_DELTA_ROOM(NSC_PARQUET_ROWS) + NSC_PARQUET_ROWS / 8 < PAGES, "numbers have room");

struct nsc_parquet_encoder {
	ZSTD_CCtx *zstd;
	struct nsc_parquet_words *words;
	struct nsc_parquet_few few;
	uint64_t value[NSC_PARQUET_ROWS];
	uint32_t index[NSC_PARQUET_ROWS];
	char raw[PAGES + NSC_PARQUET_SCRIBBLE]; /* the page of data, and behind it that of the dictionary */
	char packed[ZSTD_COMPRESSBOUND(PAGES) + 256];
};

/* --- columns ---------------------------------------------------------------------------------- */

bool nsc_parquet_column_open(struct nsc_parquet_column *column, const struct nsc_schema_column *schema, bool required)
{
	bool has_texts = schema->kind == NSC_CELL_TEXT || schema->kind == NSC_CELL_ADDRESS;

	*column = (struct nsc_parquet_column){
		.schema = *schema,
		.required = required,
		.width = has_texts                       ? 0
			 : schema->kind == NSC_CELL_WORD ? 1
							 : schema->bytes,
		.bytes = NSC_MAX(schema->bytes, 4),
	};
	column->known = calloc(NSC_PARQUET_ROWS / 64, sizeof(*column->known));
	if (has_texts)
		column->place = malloc(NSC_PARQUET_ROWS * sizeof(*column->place));
	else
		column->number = malloc((size_t)NSC_PARQUET_ROWS * column->width + sizeof(uint64_t));
	return column->known && (column->place || column->number);
}

void nsc_parquet_column_close(struct nsc_parquet_column *column)
{
	free(column->number);
	free(column->place);
	free(column->known);
}

/* --- numbers ---------------------------------------------------------------------------------- */

#define WIDEN(type)                                                                                                    \
	for (uint32_t i = 0; i < n; i++)                                                                               \
		to[i] = ((const type *)(const void *)from)[i];

static void numbers_widen(uint64_t *to, const char *from, uint32_t n, unsigned width)
{
	switch (width) {
	case 1:
		WIDEN(uint8_t)
		break;
	case 2:
		WIDEN(uint16_t)
		break;
	case 4:
		WIDEN(uint32_t)
		break;
	default:
		memcpy(to, from, (size_t)n * sizeof(*to));
	}
}

static void numbers_range(const uint64_t *value, uint32_t n, uint64_t *least, uint64_t *largest)
{
	*least = UINT64_MAX;
	*largest = 0;
	for (uint32_t i = 0; i < n; i++) {
		*least = NSC_MIN(*least, value[i]);
		*largest = NSC_MAX(*largest, value[i]);
	}
}

/* What zstd leaves of the bytes up to `end`; one that fails, fails again when it counts. */
static size_t sample_size(struct nsc_parquet_encoder *e, const char *from, const char *end)
{
	return ZSTD_compress2(e->zstd, e->packed, sizeof(e->packed), from, (size_t)(end - from));
}

/* Differences or PLAIN, and whether zstd makes something of them. Writes over what is at `at`. */
static void numbers_sample(struct nsc_parquet_encoder *e, char *at, uint32_t n, unsigned bytes,
			   struct nsc_parquet_pages *pages)
{
	uint32_t some = NSC_MIN(n, (uint32_t)SAMPLE);
	const uint64_t *from = e->value + (n - some) / 2;
	size_t plain = sample_size(e, at, nsc_parquet_put_plain(at, from, some, bytes));
	char *end = nsc_parquet_put_delta(at, from, some);
	size_t raw = (size_t)(end - at), delta = sample_size(e, at, end);
	size_t left = NSC_MIN(plain + some * bytes / WORK, delta + raw / WORK);

	if (ZSTD_isError(plain) || ZSTD_isError(delta) || NSC_MIN(raw, delta + raw / WORK) > left)
		return;
	pages->encoding = NSC_PARQUET_DELTA;
	if (raw <= left)
		pages->codec = NSC_PARQUET_UNCOMPRESSED;
}

/* Whether indices of a byte, of which the page ends at `end`, are as small in bits without zstd. */
static bool few_are_bits(struct nsc_parquet_encoder *e, const char *end, uint32_t n)
{
	uint32_t some = NSC_MIN(n, (uint32_t)SAMPLE);
	const char *from = end - n + (n - some) / 2;

	return e->few.n > 1 &&
	       some * nsc_parquet_few_bits(&e->few) / 8 <= sample_size(e, from, from + some) + some / WORK;
}

/* A number of the dictionary is as wide as the column's; a word is a text. */
static char *put_few_words(char *at, const struct nsc_parquet_few *few, const struct nsc_parquet_column *column)
{
	if (column->schema.kind != NSC_CELL_WORD)
		return nsc_parquet_put_plain(at, few->value, few->n, column->bytes);
	for (uint32_t i = 0; i < few->n; i++) {
		uint32_t length = (uint32_t)nsc_row_word(&column->schema, few->value[i], at + LENGTH);

		memcpy(at, &length, LENGTH);
		at += LENGTH + length;
	}
	return at;
}

/* Each encode_ writes the page at `at`, a dictionary behind it, and returns the end of the page; *end is that of both.
 * `all`: every row has a value, so that there are no levels to speak of, which want zstd. */
static char *encode_numbers(struct nsc_parquet_encoder *e, const struct nsc_parquet_column *column, bool all, char *at,
			    char **end, struct nsc_parquet_pages *pages)
{
	uint64_t least, largest;
	uint32_t n = column->n;
	char *few;

	numbers_widen(e->value, column->number, n, column->width);
	numbers_range(e->value, n, &least, &largest);
	few = nsc_parquet_put_few(at, &e->few, e->value, n, least, largest);
	if (few) {
		pages->encoding = NSC_PARQUET_RLE_DICTIONARY;
		pages->words = e->few.n;
		if (all && few_are_bits(e, few, n)) {
			few = nsc_parquet_narrow_few(at, &e->few, n);
			pages->codec = NSC_PARQUET_UNCOMPRESSED;
		}
		*end = put_few_words(few, &e->few, column);
		return few;
	}
	if (nsc_parquet_may_delta(largest, column->bytes))
		numbers_sample(e, at, n, column->bytes, pages);
	if (pages->encoding == NSC_PARQUET_DELTA)
		return *end = nsc_parquet_put_delta(at, e->value, n);
	return *end = nsc_parquet_put_plain(at, e->value, n, column->bytes);
}

/* --- texts ------------------------------------------------------------------------------------ */

static char *put_address(char *at, const uint64_t *text)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const uint8_t *address = (const uint8_t *)(text + 1);

	return memcmp(address, mapped, sizeof(mapped)) ? nsc_format_ipv6(at, address)
						       : nsc_format_ipv4(at, address + sizeof(mapped));
}

static char *put_text(char *at, const uint64_t *value, enum nsc_cell kind)
{
	char *text = at + LENGTH;
	uint32_t length;

	at = kind == NSC_CELL_ADDRESS ? put_address(text, value) : (char *)memcpy(text, value + 1, *value) + *value;
	length = (uint32_t)(at - text);
	memcpy(text - LENGTH, &length, LENGTH);
	return at;
}

static char *encode_texts(struct nsc_parquet_encoder *e, const struct nsc_parquet_column *column, const uint64_t *texts,
			  char *at, char **end, struct nsc_parquet_pages *pages)
{
	struct nsc_parquet_words *words = e->words;

	if (!nsc_parquet_words_number(words, texts, column->place, column->n, e->index)) {
		for (uint32_t i = 0; i < column->n; i++)
			at = put_text(at, texts + column->place[i], column->schema.kind);
		return *end = at;
	}
	pages->encoding = NSC_PARQUET_RLE_DICTIONARY;
	pages->words = words->n;
	at = *end = nsc_parquet_put_indices(at, e->index, column->n, words->n);
	for (uint32_t i = 0; i < words->n; i++)
		*end = put_text(*end, texts + words->place[i], column->schema.kind);
	return at;
}

/* --- pages ------------------------------------------------------------------------------------ */

static bool pages_pack(struct nsc_parquet_encoder *e, const char *raw, const char *end, char *packed, unsigned codec,
		       struct nsc_parquet_page *page)
{
	size_t bytes = (size_t)(end - raw), room = (size_t)(e->packed + sizeof(e->packed) - packed), stored = bytes;

	page->data = raw;
	if (codec == NSC_PARQUET_ZSTD) {
		stored = ZSTD_compress2(e->zstd, packed, room, raw, bytes);
		page->data = packed;
	}
	page->raw = (uint32_t)bytes;
	page->stored = (uint32_t)stored;
	return !ZSTD_isError(stored);
}

bool nsc_parquet_encode(struct nsc_parquet_encoder *e, const struct nsc_parquet_column *column, const uint64_t *texts,
			uint32_t rows, struct nsc_parquet_pages *pages)
{
	char *at = e->raw, *end;

	*pages = (struct nsc_parquet_pages){ .encoding = NSC_PARQUET_PLAIN, .codec = NSC_PARQUET_ZSTD };
	if (!column->required)
		at = nsc_parquet_put_levels(at, column->known, rows, column->n);
	end = at;
	if (column->n)
		at = column->width ? encode_numbers(e, column, column->n == rows, at, &end, pages)
				   : encode_texts(e, column, texts, at, &end, pages);
	return pages_pack(e, e->raw, at, e->packed, pages->codec, &pages->data) &&
	       (!pages->words ||
		pages_pack(e, at, end, e->packed + pages->data.stored, pages->codec, &pages->dictionary));
}

struct nsc_parquet_encoder *nsc_parquet_encoder_open(void)
{
	struct nsc_parquet_encoder *e = malloc(sizeof(*e));

	if (!e)
		return NULL;
	e->words = nsc_parquet_words_open();
	e->zstd = ZSTD_createCCtx();
	if (e->words && e->zstd && !ZSTD_isError(ZSTD_CCtx_setParameter(e->zstd, ZSTD_c_compressionLevel, LEVEL)))
		return e;
	nsc_parquet_encoder_close(e);
	return NULL;
}

void nsc_parquet_encoder_close(struct nsc_parquet_encoder *e)
{
	if (!e)
		return;
	ZSTD_freeCCtx(e->zstd);
	nsc_parquet_words_close(e->words);
	free(e);
}
