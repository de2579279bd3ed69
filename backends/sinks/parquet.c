/* SPDX-License-Identifier: MIT
 *
 * Each column has its values in a buffer of its own, and a bit for each row that says whether it has one. At the end of
 * a row group each becomes one page.
 */
#include "backends/sinks/parquet.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "backends/sinks/thrift.h"
#include "engine/text/address.h"

enum {
	GROUP_ROWS = 122880, /* a multiple of DuckDB's vectors, and of 8 */
	GROUP_BYTES = 16 << 20,
	KEY_COLUMNS = 5, /* are never null */
	FIRST_ROOM = 64 * 1024,
	LEVEL = 1,
	SHORT_TEXT = 16, /* moved whole: what stands behind it is written over, or nobody's */
	LEVELS_MAX = 4 + 10 + GROUP_ROWS / 8,
};

/* What parquet.thrift calls them. */
enum { TYPE_INT32 = 1, TYPE_INT64 = 2, TYPE_BYTE_ARRAY = 6 };
enum { CONVERTED_UTF8 = 0, CONVERTED_UINT_8 = 11, CONVERTED_UINT_16, CONVERTED_UINT_32, CONVERTED_UINT_64 };
enum { REQUIRED, OPTIONAL };
enum { PLAIN = 0, RLE = 3 };
enum { CODEC_ZSTD = 6, DATA_PAGE = 0 };

enum parquet_kind { PARQUET_NUMBER, PARQUET_TIME, PARQUET_TEXT, PARQUET_ADDRESS };

struct parquet_column {
	enum parquet_kind kind;
	uint32_t in, out; /* bytes of a number: in the row, in the file */
	char *value;
	size_t length, room;
	uint32_t n; /* values */
	uint8_t *known;
};

struct parquet_chunk { /* of a column in a row group */
	uint64_t at;
	uint32_t raw, stored; /* bytes, with the page's header */
};

struct parquet_group {
	uint32_t rows;
	struct parquet_chunk chunk[NSC_SCHEMA_MAX];
};

struct nsc_parquet {
	struct nsc_outfile *file;
	struct nsc_schema_column schema[NSC_SCHEMA_MAX];
	struct parquet_column column[NSC_SCHEMA_MAX];
	uint32_t columns;
	uint32_t rows; /* of the group that is filled */
	uint64_t at;   /* bytes of the file */
	uint64_t all;  /* rows of the file */
	bool failed;   /* no memory */
	ZSTD_CCtx *zstd;
	char *packed;
	size_t packed_room;
	char levels[LEVELS_MAX];
	struct nsc_thrift thrift;
	struct parquet_group *group;
	uint32_t groups, group_room;
};

/* --- memory ----------------------------------------------------------------------------------- */

/* Room for so many bytes of elements; false without memory. */
static bool parquet_grow(struct nsc_parquet *p, void **array, size_t *room, size_t bytes)
{
	size_t wanted = NSC_MAX(*room, (size_t)FIRST_ROOM);
	void *grown = *array;

	while (wanted < bytes)
		wanted *= 2;
	if (wanted != *room)
		grown = realloc(*array, wanted);
	if (!grown) {
		p->failed = true;
		return false;
	}
	*array = grown;
	*room = wanted;
	return true;
}

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

static void parquet_choose(struct parquet_column *column, const char *type)
{
	column->kind = PARQUET_NUMBER;
	if (!strncmp(type, "UInt", 4)) {
		column->in = (uint32_t)atoi(type + 4) / 8;
		column->out = NSC_MAX(column->in, 4u);
	} else if (!strncmp(type, "DateTime64(9", 12)) {
		column->kind = PARQUET_TIME;
		column->in = column->out = 8;
	} else if (!strcmp(type, "IPv6")) {
		column->kind = PARQUET_ADDRESS;
	} else {
		assert(strstr(type, "String"));
		column->kind = PARQUET_TEXT;
	}
}

static uint32_t parquet_type(const struct parquet_column *column)
{
	if (column->kind == PARQUET_TEXT || column->kind == PARQUET_ADDRESS)
		return TYPE_BYTE_ARRAY;
	return column->out == 8 ? TYPE_INT64 : TYPE_INT32;
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
		const struct parquet_column *column = &p->column[i];

		nsc_thrift_struct(t, 0);
		nsc_thrift_i32(t, 1, parquet_type(column));
		nsc_thrift_i32(t, 3, i < KEY_COLUMNS ? REQUIRED : OPTIONAL);
		nsc_thrift_text(t, 4, p->schema[i].name);
		if (column->kind == PARQUET_TIME)
			parquet_add_time(t);
		else if (column->kind == PARQUET_NUMBER)
			nsc_thrift_i32(t, 6, CONVERTED_UINT_8 + (uint32_t)__builtin_ctz(column->in));
		else
			nsc_thrift_i32(t, 6, CONVERTED_UTF8);
		nsc_thrift_end(t);
	}
}

/* --- rows ------------------------------------------------------------------------------------- */

static const char *row_text(const char *row, size_t *length)
{
	*length = (uint8_t)*row & 127;
	if ((uint8_t)*row++ & 128)
		*length |= (size_t)(uint8_t)*row++ << 7;
	return row;
}

static size_t row_address(char text[NSC_FORMAT_IP_MAX], const char *row)
{
	static const char mapped[12] = { [10] = (char)0xff, [11] = (char)0xff };
	uint8_t address[16];

	memcpy(address, row, sizeof(address));
	if (memcmp(address, mapped, sizeof(mapped)) != 0)
		return (size_t)(nsc_format_ipv6(text, address) - text);
	return (size_t)(nsc_format_ipv4(text, address + sizeof(mapped)) - text);
}

static void column_add_text(struct parquet_column *column, const char *text, size_t length)
{
	uint32_t bytes = (uint32_t)length;

	memcpy(column->value + column->length, &bytes, sizeof(bytes));
	column->length += sizeof(bytes);
	if (nsc_likely(length <= SHORT_TEXT))
		memcpy(column->value + column->length, text, SHORT_TEXT);
	else
		memcpy(column->value + column->length, text, length);
	column->length += length;
}

/* Behind a row there is room, and behind a column's values too: eight bytes move, whatever the width. */
static void column_add_number(struct parquet_column *column, const char *row)
{
	uint64_t value;

	memcpy(&value, row, sizeof(value));
	value &= UINT64_MAX >> (64 - 8 * column->in);
	memcpy(column->value + column->length, &value, sizeof(value));
	column->length += column->out;
}

/* The value at `row`, and what stands behind it. */
static const char *column_add(struct parquet_column *column, const char *row, bool known)
{
	char address[NSC_FORMAT_IP_MAX];
	size_t length;

	switch (column->kind) {
	case PARQUET_TEXT:
		row = row_text(row, &length);
		if (known)
			column_add_text(column, row, length);
		return row + length;
	case PARQUET_ADDRESS:
		length = row_address(address, row);
		column_add_text(column, address, length);
		return row + 16;
	default:
		if (known)
			column_add_number(column, row);
		return row + column->in;
	}
}

static bool parquet_write_group(struct nsc_parquet *p);

bool nsc_parquet_row(struct nsc_parquet *p, const char *row, uint64_t known)
{
	size_t bytes = 0;

	for (uint32_t i = 0; i < p->columns; i++) {
		struct parquet_column *column = &p->column[i];
		bool has = known >> i & 1;

		if (nsc_unlikely(column->room - column->length < NSC_ROW_BINARY_MAX) &&
		    !parquet_grow(p, (void **)&column->value, &column->room, column->length + NSC_ROW_BINARY_MAX))
			return false;
		row = column_add(column, row, has);
		column->known[p->rows / 8] |= (uint8_t)(has << p->rows % 8);
		column->n += has;
		bytes += column->length;
	}
	p->rows++;
	return (p->rows < GROUP_ROWS && bytes < GROUP_BYTES) || parquet_write_group(p);
}

/* --- pages ------------------------------------------------------------------------------------ */

static char *levels_varint(char *at, uint64_t value)
{
	for (; value > 127; value >>= 7)
		*at++ = (char)(value | 128);
	*at++ = (char)value;
	return at;
}

/* Which rows have a value: one run of all the same, or one of bits. */
static size_t parquet_levels(struct nsc_parquet *p, const struct parquet_column *column)
{
	char *at = p->levels + 4;
	uint32_t bytes = (p->rows + 7) / 8;

	if (column->n == p->rows || !column->n) {
		at = levels_varint(at, (uint64_t)p->rows << 1);
		*at++ = column->n != 0;
	} else {
		at = levels_varint(at, (uint64_t)bytes << 1 | 1);
		at = (char *)memcpy(at, column->known, bytes) + bytes;
	}
	bytes = (uint32_t)(at - p->levels - 4);
	memcpy(p->levels, &bytes, 4);
	return (size_t)(at - p->levels);
}

static void parquet_append(struct nsc_parquet *p, const char *bytes, size_t n)
{
	nsc_outfile_append(p->file, bytes, n);
	p->at += n;
}

static void parquet_page_header(struct nsc_parquet *p, size_t raw, size_t stored)
{
	struct nsc_thrift *t = &p->thrift;

	nsc_thrift_clear(t);
	nsc_thrift_i32(t, 1, DATA_PAGE);
	nsc_thrift_i32(t, 2, (uint32_t)raw);
	nsc_thrift_i32(t, 3, (uint32_t)stored);
	nsc_thrift_struct(t, 5);
	nsc_thrift_i32(t, 1, p->rows);
	nsc_thrift_i32(t, 2, PLAIN);
	nsc_thrift_i32(t, 3, RLE);
	nsc_thrift_i32(t, 4, RLE);
	nsc_thrift_end(t);
	nsc_thrift_end(t);
}

/* One frame of zstd: bytes in `packed`, or 0 without memory. */
static size_t parquet_pack(struct nsc_parquet *p, const char *levels, size_t levels_bytes,
			   const struct parquet_column *column)
{
	ZSTD_inBuffer first = { levels, levels_bytes, 0 }, second = { column->value, column->length, 0 };
	ZSTD_outBuffer out = { .size = ZSTD_compressBound(levels_bytes + column->length) };

	if (!parquet_grow(p, (void **)&p->packed, &p->packed_room, out.size))
		return 0;
	out.dst = p->packed;
	ZSTD_CCtx_reset(p->zstd, ZSTD_reset_session_only);
	if (ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(p->zstd, levels_bytes + column->length)) ||
	    ZSTD_isError(ZSTD_compressStream2(p->zstd, &out, &first, ZSTD_e_continue)) || first.pos < first.size ||
	    ZSTD_compressStream2(p->zstd, &out, &second, ZSTD_e_end) != 0) {
		p->failed = true;
		return 0;
	}
	return out.pos;
}

static bool parquet_write_column(struct nsc_parquet *p, uint32_t i, struct parquet_chunk *chunk)
{
	struct parquet_column *column = &p->column[i];
	size_t levels = i < KEY_COLUMNS ? 0 : parquet_levels(p, column), raw = levels + column->length;
	size_t stored = parquet_pack(p, p->levels, levels, column);

	parquet_page_header(p, raw, stored);
	if (!stored || p->thrift.failed) {
		p->failed = true;
		return false;
	}
	chunk->at = p->at;
	chunk->raw = (uint32_t)(p->thrift.length + raw);
	chunk->stored = (uint32_t)(p->thrift.length + stored);
	parquet_append(p, p->thrift.data, p->thrift.length);
	parquet_append(p, p->packed, stored);
	memset(column->known, 0, GROUP_ROWS / 8);
	column->length = 0;
	column->n = 0;
	return true;
}

static bool parquet_write_group(struct nsc_parquet *p)
{
	struct parquet_group *group;

	if (!p->rows)
		return true;
	if (!parquet_more_groups(p))
		return false;
	group = &p->group[p->groups];
	for (uint32_t i = 0; i < p->columns; i++)
		if (!parquet_write_column(p, i, &group->chunk[i]))
			return false;
	group->rows = p->rows;
	p->groups++;
	p->all += p->rows;
	p->rows = 0;
	return true;
}

/* --- the footer ------------------------------------------------------------------------------- */

static void parquet_add_chunk(const struct nsc_parquet *p, struct nsc_thrift *t, uint32_t i,
			      const struct parquet_group *group)
{
	const struct parquet_chunk *chunk = &group->chunk[i];

	nsc_thrift_struct(t, 0);
	nsc_thrift_i64(t, 2, chunk->at);
	nsc_thrift_struct(t, 3);
	nsc_thrift_i32(t, 1, parquet_type(&p->column[i]));
	nsc_thrift_list(t, 2, NSC_THRIFT_I32, 2);
	nsc_thrift_put_i32(t, PLAIN);
	nsc_thrift_put_i32(t, RLE);
	nsc_thrift_list(t, 3, NSC_THRIFT_TEXT, 1);
	nsc_thrift_put_text(t, p->schema[i].name);
	nsc_thrift_i32(t, 4, CODEC_ZSTD);
	nsc_thrift_i64(t, 5, group->rows);
	nsc_thrift_i64(t, 6, chunk->raw);
	nsc_thrift_i64(t, 7, chunk->stored);
	nsc_thrift_i64(t, 9, chunk->at);
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
	parquet_append(p, (const char *)&length, sizeof(length));
	parquet_append(p, "PAR1", 4);
}

int nsc_parquet_finish(struct nsc_parquet *p, struct nsc_error *error)
{
	if (!p->failed && parquet_write_group(p))
		parquet_write_footer(p);
	return p->failed ? nsc_fail(error, -ENOMEM, "no memory for the flow export as Parquet") : 0;
}

/* --- open and close --------------------------------------------------------------------------- */

static bool parquet_prepare(struct nsc_parquet *p)
{
	p->columns = nsc_schema_flows(p->schema);
	for (uint32_t i = 0; i < p->columns; i++) {
		parquet_choose(&p->column[i], p->schema[i].type);
		p->column[i].known = calloc(1, GROUP_ROWS / 8);
		if (!p->column[i].known)
			return false;
	}
	p->zstd = ZSTD_createCCtx();
	return p->zstd && !ZSTD_isError(ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_compressionLevel, LEVEL));
}

int nsc_parquet_open(struct nsc_parquet **parquet, struct nsc_outfile *file, struct nsc_error *error)
{
	struct nsc_parquet *p = calloc(1, sizeof(*p));

	if (!p || !parquet_prepare(p)) {
		nsc_parquet_close(p);
		return nsc_fail(error, -ENOMEM, "no memory for the flow export as Parquet");
	}
	p->file = file;
	parquet_append(p, "PAR1", 4);
	*parquet = p;
	return 0;
}

void nsc_parquet_close(struct nsc_parquet *p)
{
	if (!p)
		return;
	for (uint32_t i = 0; i < p->columns; i++) {
		free(p->column[i].value);
		free(p->column[i].known);
	}
	ZSTD_freeCCtx(p->zstd);
	nsc_thrift_free(&p->thrift);
	free(p->packed);
	free(p->group);
	free(p);
}
