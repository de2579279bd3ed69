/* SPDX-License-Identifier: MIT
 *
 * Rows are taken apart into columns. At the end of a row group each becomes a page or two (parquet_pages.c).
 */
#include "backends/sinks/parquet.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backends/sinks/parquet_encode.h"
#include "backends/sinks/parquet_pages.h"
#include "backends/sinks/thrift.h"

enum {
	TEXTS = NSC_PARQUET_TEXTS / 8,                           /* words of eight bytes */
	ROW_TEXTS = NSC_ROW_BINARY_MAX / 8 + NSC_SCHEMA_MAX * 3, /* of a row, at most */
	BLOCK = 64,                                              /* rows that are turned together */
};

/* What parquet.thrift calls them. */
enum { TYPE_INT32 = 1, TYPE_INT64 = 2, TYPE_BYTE_ARRAY = 6 };
enum { CONVERTED_UTF8 = 0, CONVERTED_UINT_8 = 11, CONVERTED_UINT_16, CONVERTED_UINT_32, CONVERTED_UINT_64 };
enum { REQUIRED, OPTIONAL };
enum { DATA_PAGE = 0, DICTIONARY_PAGE = 2 };

static const char magic[4] = { 'P', 'A', 'R', '1' };

struct parquet_chunk {             /* of a column in a row group */
	uint64_t dictionary, data; /* where the pages begin; dictionary: 0 = none */
	uint32_t raw, stored;      /* bytes, with the pages' headers */
	uint8_t encoding, codec;
};

struct parquet_group {
	uint64_t begin;
	uint32_t rows;
	struct parquet_chunk chunk[NSC_SCHEMA_MAX];
};

struct nsc_parquet {
	struct nsc_outfile *file;
	struct nsc_parquet_column column[NSC_SCHEMA_MAX];
	uint32_t columns, numbers;                        /* numbers: of them that are no texts */
	struct nsc_parquet_column *order[NSC_SCHEMA_MAX]; /* those first */
	uint32_t rows;                                    /* of the group that is filled */
	uint32_t used;                                    /* of `texts` */
	uint64_t block[BLOCK][NSC_SCHEMA_MAX];            /* cells of its last rows */
	uint64_t mask[BLOCK];                             /* which columns of them have values */
	uint64_t at;                                      /* bytes of the file */
	uint64_t all;                                     /* rows of the file */
	bool failed;                                      /* no memory */
	struct nsc_parquet_encoder *encoder;
	struct nsc_thrift thrift;
	struct parquet_group *group;
	uint32_t groups, group_room;
	uint64_t texts[TEXTS]; /* of the group, as parquet_words.h has them */
};

static bool parquet_more_groups(struct nsc_parquet *p)
{
	uint32_t wanted = p->group_room ? p->group_room * 2 : 8;
	struct parquet_group *grown;

	if (p->groups < p->group_room)
		return true;
	grown = reallocarray(p->group, wanted, sizeof(*grown));
	if (!grown) {
		p->failed = true;
		return false;
	}
	p->group = grown;
	p->group_room = wanted;
	return true;
}

/* --- the schema ------------------------------------------------------------------------------- */

static uint32_t parquet_type(const struct nsc_parquet_column *column)
{
	enum nsc_cell kind = column->schema.kind;

	if (kind != NSC_CELL_NUMBER && kind != NSC_CELL_TIME)
		return TYPE_BYTE_ARRAY;
	return column->bytes == sizeof(uint64_t) ? TYPE_INT64 : TYPE_INT32;
}

/* TIMESTAMP { false, NANOS } */
static void parquet_add_time(struct nsc_thrift *t)
{
	nsc_thrift_struct(t, 10);
	nsc_thrift_struct(t, 8);
	nsc_thrift_bool(t, 1, false);
	nsc_thrift_struct(t, 2);
	nsc_thrift_struct(t, 3);
	for (unsigned i = 0; i < 4; i++)
		nsc_thrift_end(t);
}

static void parquet_add_schema(const struct nsc_parquet *p, struct nsc_thrift *t)
{
	nsc_thrift_list(t, 2, NSC_THRIFT_STRUCT, p->columns + 1);
	nsc_thrift_struct(t, 0);
	nsc_thrift_text(t, 4, "flows");
	nsc_thrift_i32(t, 5, p->columns);
	nsc_thrift_end(t);
	for (uint32_t i = 0; i < p->columns; i++) {
		const struct nsc_parquet_column *column = &p->column[i];

		nsc_thrift_struct(t, 0);
		nsc_thrift_i32(t, 1, parquet_type(column));
		nsc_thrift_i32(t, 3, column->required ? REQUIRED : OPTIONAL);
		nsc_thrift_text(t, 4, column->schema.name);
		if (column->schema.kind == NSC_CELL_TIME)
			parquet_add_time(t);
		else if (column->schema.kind == NSC_CELL_NUMBER)
			nsc_thrift_i32(t, 6, CONVERTED_UINT_8 + (uint32_t)__builtin_ctz(column->schema.bytes));
		else
			nsc_thrift_i32(t, 6, CONVERTED_UTF8);
		nsc_thrift_end(t);
	}
}

/* --- rows ------------------------------------------------------------------------------------- */

static void parquet_add_text(struct nsc_parquet *p, struct nsc_parquet_column *column, const void *text,
			     uint64_t length)
{
	uint64_t *at = p->texts + p->used;
	uint32_t words = (uint32_t)((length + 7) / 8);

	column->place[column->n++] = p->used;
	at[words] = 0; /* behind the text, or in place of the length of none */
	at[0] = length;
	memcpy(at + 1, text, length);
	p->used += 1 + words;
}

static void parquet_add_texts(struct nsc_parquet *p, const struct nsc_row_cells *row)
{
	for (uint32_t i = p->numbers; i < p->columns; i++) {
		struct nsc_parquet_column *column = p->order[i];
		unsigned cell = column->schema.cell;

		if (!(row->known >> cell & 1))
			continue;
		if (column->schema.kind == NSC_CELL_ADDRESS)
			parquet_add_text(p, column, row->address[cell], sizeof(row->address[cell]));
		else
			parquet_add_text(p, column, row->text[cell], row->cell[cell]);
	}
}

/* Numbers of the rows in `block`, of those that have one in `mask`. Eight bytes move, whatever the width: what is too
 * much is written over by the next one. */
static void column_add_block(struct nsc_parquet_column *column, uint64_t block[BLOCK][NSC_SCHEMA_MAX], uint64_t mask)
{
	char *at = column->number + (size_t)column->n * column->width;
	const uint64_t *value = &block[0][column->schema.cell];
	unsigned width = column->width;

	column->n += (uint32_t)__builtin_popcountll(mask);
	for (; mask; mask >>= 1, value += NSC_SCHEMA_MAX) {
		memcpy(at, value, sizeof(*value));
		at += mask & 1 ? width : 0;
	}
}

/* Rows become columns: masks of which have a value, and values. */
static void parquet_turn(struct nsc_parquet *p)
{
	uint32_t block = (p->rows - 1) / BLOCK;

	nsc_parquet_turn(p->mask);
	for (uint32_t i = 0; i < p->columns; i++)
		p->column[i].known[block] = p->mask[p->column[i].schema.cell];
	for (uint32_t i = 0; i < p->numbers; i++)
		column_add_block(p->order[i], p->block, p->mask[p->order[i]->schema.cell]);
	memset(p->mask, 0, sizeof(p->mask));
}

bool nsc_parquet_add(struct nsc_parquet *p, const struct nsc_row_cells *row)
{
	p->mask[p->rows % BLOCK] = row->known;
	memcpy(p->block[p->rows % BLOCK], row->cell, sizeof(row->cell));
	parquet_add_texts(p, row);
	if (++p->rows % BLOCK == 0)
		parquet_turn(p);
	return (p->rows < NSC_PARQUET_ROWS && p->used < TEXTS - ROW_TEXTS) || nsc_parquet_end_group(p);
}

/* --- row groups ------------------------------------------------------------------------------- */

static void parquet_append(struct nsc_parquet *p, const void *bytes, size_t n)
{
	nsc_outfile_append(p->file, bytes, n);
	p->at += n;
}

/* The header of a page; `values` are those of a dictionary, or the rows. */
static void parquet_page_header(struct nsc_thrift *t, const struct nsc_parquet_page *page, uint32_t type,
				uint32_t values, uint32_t encoding)
{
	enum { DATA_HEADER = 5, DICTIONARY_HEADER = 7 };

	nsc_thrift_clear(t);
	nsc_thrift_i32(t, 1, type);
	nsc_thrift_i32(t, 2, page->raw);
	nsc_thrift_i32(t, 3, page->stored);
	nsc_thrift_struct(t, type == DATA_PAGE ? DATA_HEADER : DICTIONARY_HEADER);
	nsc_thrift_i32(t, 1, values);
	nsc_thrift_i32(t, 2, encoding);
	if (type == DATA_PAGE) {
		nsc_thrift_i32(t, 3, NSC_PARQUET_RLE);
		nsc_thrift_i32(t, 4, NSC_PARQUET_RLE);
	}
	nsc_thrift_end(t);
	nsc_thrift_end(t);
}

/* Where it begins in the file. */
static uint64_t parquet_write_page(struct nsc_parquet *p, const struct nsc_parquet_page *page,
				   struct parquet_chunk *chunk)
{
	uint64_t at = p->at;

	chunk->raw += (uint32_t)p->thrift.length + page->raw;
	chunk->stored += (uint32_t)p->thrift.length + page->stored;
	parquet_append(p, p->thrift.data, p->thrift.length);
	parquet_append(p, page->data, page->stored);
	return at;
}

static bool parquet_write_column(struct nsc_parquet *p, uint32_t i, struct parquet_chunk *chunk)
{
	struct nsc_parquet_column *column = &p->column[i];
	struct nsc_parquet_pages pages;

	if (!nsc_parquet_encode(p->encoder, column, p->texts, p->rows, &pages))
		return false;
	*chunk = (struct parquet_chunk){ .encoding = pages.encoding, .codec = pages.codec };
	if (pages.words) {
		parquet_page_header(&p->thrift, &pages.dictionary, DICTIONARY_PAGE, pages.words, NSC_PARQUET_PLAIN);
		chunk->dictionary = parquet_write_page(p, &pages.dictionary, chunk);
	}
	parquet_page_header(&p->thrift, &pages.data, DATA_PAGE, p->rows, pages.encoding);
	chunk->data = parquet_write_page(p, &pages.data, chunk);
	column->n = 0;
	return !p->thrift.failed;
}

bool nsc_parquet_end_group(struct nsc_parquet *p)
{
	struct parquet_group *group;

	if (!p->rows)
		return true;
	if (!parquet_more_groups(p))
		return false;
	if (p->rows % BLOCK)
		parquet_turn(p);
	group = &p->group[p->groups];
	group->begin = p->at;
	group->rows = p->rows;
	for (uint32_t i = 0; i < p->columns; i++) {
		p->failed |= !parquet_write_column(p, i, &group->chunk[i]);
		if (p->failed)
			return false;
	}
	p->groups++;
	p->all += p->rows;
	p->rows = 0;
	p->used = 0;
	return true;
}

uint32_t nsc_parquet_pending(const struct nsc_parquet *p)
{
	return p->rows;
}

uint64_t nsc_parquet_bytes(const struct nsc_parquet *p)
{
	return p->at;
}

uint64_t nsc_parquet_rows(const struct nsc_parquet *p)
{
	return p->all;
}

uint64_t nsc_parquet_take_back(struct nsc_parquet *p)
{
	const struct parquet_group *group = &p->group[p->groups - 1];

	assert(p->groups);
	p->groups--;
	p->all -= group->rows;
	p->at = group->begin;
	return p->at;
}

/* --- the footer ------------------------------------------------------------------------------- */

static void parquet_add_chunk(const struct nsc_parquet *p, struct nsc_thrift *t, uint32_t i,
			      const struct parquet_group *group)
{
	const struct parquet_chunk *chunk = &group->chunk[i];
	bool plain = chunk->encoding == NSC_PARQUET_PLAIN;

	nsc_thrift_struct(t, 0);
	nsc_thrift_i64(t, 2, chunk->dictionary ? chunk->dictionary : chunk->data);
	nsc_thrift_struct(t, 3);
	nsc_thrift_i32(t, 1, parquet_type(&p->column[i]));
	nsc_thrift_list(t, 2, NSC_THRIFT_I32, plain ? 2 : 3);
	nsc_thrift_put_i32(t, NSC_PARQUET_PLAIN);
	nsc_thrift_put_i32(t, NSC_PARQUET_RLE);
	if (!plain)
		nsc_thrift_put_i32(t, chunk->encoding);
	nsc_thrift_list(t, 3, NSC_THRIFT_TEXT, 1);
	nsc_thrift_put_text(t, p->column[i].schema.name);
	nsc_thrift_i32(t, 4, chunk->codec);
	nsc_thrift_i64(t, 5, group->rows);
	nsc_thrift_i64(t, 6, chunk->raw);
	nsc_thrift_i64(t, 7, chunk->stored);
	nsc_thrift_i64(t, 9, chunk->data);
	if (chunk->dictionary)
		nsc_thrift_i64(t, 11, chunk->dictionary);
	nsc_thrift_end(t);
	nsc_thrift_end(t);
}
static void parquet_add_group(const struct nsc_parquet *p, struct nsc_thrift *t, const struct parquet_group *group)
{
	uint64_t raw = 0;

	nsc_thrift_struct(t, 0);
	nsc_thrift_list(t, 1, NSC_THRIFT_STRUCT, p->columns);
	for (uint32_t i = 0; i < p->columns; i++) {
		parquet_add_chunk(p, t, i, group);
		raw += group->chunk[i].raw;
	}
	nsc_thrift_i64(t, 2, raw);
	nsc_thrift_i64(t, 3, group->rows);
	nsc_thrift_end(t);
}

static void parquet_write_footer(struct nsc_parquet *p)
{
	struct nsc_thrift *t = &p->thrift;
	uint32_t length;

	nsc_thrift_clear(t);
	nsc_thrift_i32(t, 1, 1); /* version */
	parquet_add_schema(p, t);
	nsc_thrift_i64(t, 3, p->all);
	nsc_thrift_list(t, 4, NSC_THRIFT_STRUCT, p->groups);
	for (uint32_t i = 0; i < p->groups; i++)
		parquet_add_group(p, t, &p->group[i]);
	nsc_thrift_text(t, 6, "netscope");
	nsc_thrift_end(t);
	p->failed |= t->failed;
	if (p->failed)
		return;
	length = (uint32_t)t->length;
	parquet_append(p, t->data, length);
	parquet_append(p, &length, sizeof(length));
	parquet_append(p, magic, sizeof(magic));
}

static int parquet_no_memory(struct nsc_error *error)
{
	return nsc_fail(error, -ENOMEM, "no memory for flows as Parquet");
}

int nsc_parquet_finish(struct nsc_parquet *p, struct nsc_error *error)
{
	if (!p->failed && nsc_parquet_end_group(p))
		parquet_write_footer(p);
	return p->failed ? parquet_no_memory(error) : 0;
}

/* --- open and close --------------------------------------------------------------------------- */

/* Whether the list has the name. */
static bool parquet_omits(const char *list, const char *name)
{
	size_t length = strlen(name), n;

	for (const char *at = list ? list : ""; *at; at += n + (at[n] == ',')) {
		n = strcspn(at, ",");
		if (n == length && !memcmp(at, name, n))
			return true;
	}
	return false;
}

int nsc_parquet_check_omitted(const char *list, struct nsc_error *error)
{
	struct nsc_schema_column column[NSC_SCHEMA_MAX];
	uint32_t columns = nsc_schema_flows(column), i;
	size_t n;

	for (const char *at = list; *at; at += n + (at[n] == ',')) {
		n = strcspn(at, ",");
		for (i = 0; i < columns; i++)
			if (strlen(column[i].name) == n && !memcmp(column[i].name, at, n))
				break;
		if (i == columns)
			return nsc_fail(
				error, -EINVAL,
				"wanted names of columns of Parquet files, such as community_id or duration_ns; "
				"found \"%.*s\"",
				(int)NSC_MIN(n, (size_t)100), at);
	}
	return 0;
}

/* Numbers and words have their place in `order` before texts. */
static void parquet_sort(struct nsc_parquet *p)
{
	uint32_t n = 0;

	for (unsigned texts = 0; texts < 2; texts++) {
		for (uint32_t i = 0; i < p->columns; i++)
			if ((p->column[i].width == 0) == (texts != 0))
				p->order[n++] = &p->column[i];
		p->numbers = texts ? p->numbers : n;
	}
}

static bool parquet_prepare(struct nsc_parquet *p, bool ended, const char *omit)
{
	struct nsc_schema_column schema[NSC_SCHEMA_MAX];
	uint32_t n = ended ? nsc_schema_ended(schema) : nsc_schema_flows(schema), required = n;

	for (uint32_t i = 0; i < n; i++) {
		bool is_first = required == n && !strcmp(schema[i].name, "first_seen");

		required = is_first ? i : required;
		if (parquet_omits(omit, schema[i].name))
			continue;
		if (!nsc_parquet_column_open(&p->column[p->columns++], &schema[i], required == n))
			return false;
	}
	parquet_sort(p);
	p->encoder = nsc_parquet_encoder_open();
	return p->encoder;
}

int nsc_parquet_open(struct nsc_parquet **parquet, bool ended, const char *omit, struct nsc_error *error)
{
	struct nsc_parquet *p = calloc(1, sizeof(*p));

	if (!p || !parquet_prepare(p, ended, omit)) {
		nsc_parquet_close(p);
		return parquet_no_memory(error);
	}
	*parquet = p;
	return 0;
}

bool nsc_parquet_has(const struct nsc_parquet *p, const char *name)
{
	for (uint32_t i = 0; i < p->columns; i++)
		if (!strcmp(p->column[i].schema.name, name))
			return true;
	return false;
}

void nsc_parquet_begin(struct nsc_parquet *p, struct nsc_outfile *file)
{
	p->file = file;
	p->at = p->all = 0;
	p->groups = 0;
	parquet_append(p, magic, sizeof(magic));
}

void nsc_parquet_close(struct nsc_parquet *p)
{
	if (!p)
		return;
	for (uint32_t i = 0; i < p->columns; i++)
		nsc_parquet_column_close(&p->column[i]);
	nsc_parquet_encoder_close(p->encoder);
	nsc_thrift_free(&p->thrift);
	free(p->group);
	free(p);
}
