/* SPDX-License-Identifier: MIT */
#include "backends/sinks/thrift.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	TRUE = 1,
	FALSE = 2,
	I32 = NSC_THRIFT_I32,
	I64 = 6,
	TEXT = NSC_THRIFT_TEXT,
	LIST = 9,
	STRUCT = NSC_THRIFT_STRUCT
};
enum { FIRST_ROOM = 4096, SHORT_LIST = 15, SHORT_STEP = 15 };

static void thrift_add(struct nsc_thrift *t, const void *bytes, size_t n)
{
	size_t wanted = NSC_MAX(t->room, (size_t)FIRST_ROOM);
	char *grown;

	while (wanted - t->length < n)
		wanted *= 2;
	if (wanted != t->room && !t->failed) {
		grown = realloc(t->data, wanted);
		t->failed = !grown;
		t->data = grown ? grown : t->data;
		t->room = grown ? wanted : t->room;
	}
	if (t->failed)
		return;
	memcpy(t->data + t->length, bytes, n);
	t->length += n;
}

static void thrift_byte(struct nsc_thrift *t, unsigned byte)
{
	uint8_t one = (uint8_t)byte;

	thrift_add(t, &one, 1);
}

static void thrift_varint(struct nsc_thrift *t, uint64_t value)
{
	for (; value > 127; value >>= 7)
		thrift_byte(t, (unsigned)(value & 127) | 128);
	thrift_byte(t, (unsigned)value);
}

static void thrift_zigzag(struct nsc_thrift *t, int64_t value)
{
	thrift_varint(t, ((uint64_t)value << 1) ^ (uint64_t)(value >> 63));
}

static void thrift_field(struct nsc_thrift *t, int field, unsigned type)
{
	int step = field - t->last[t->depth];

	assert(step > 0);
	if (step <= SHORT_STEP) {
		thrift_byte(t, (unsigned)step << 4 | type);
	} else {
		thrift_byte(t, type);
		thrift_zigzag(t, field);
	}
	t->last[t->depth] = field;
}

void nsc_thrift_i32(struct nsc_thrift *t, int field, uint32_t value)
{
	thrift_field(t, field, I32);
	nsc_thrift_put_i32(t, value);
}

void nsc_thrift_i64(struct nsc_thrift *t, int field, uint64_t value)
{
	thrift_field(t, field, I64);
	thrift_zigzag(t, (int64_t)value);
}

void nsc_thrift_bool(struct nsc_thrift *t, int field, bool value)
{
	thrift_field(t, field, value ? TRUE : FALSE);
}

void nsc_thrift_text(struct nsc_thrift *t, int field, const char *text)
{
	thrift_field(t, field, TEXT);
	nsc_thrift_put_text(t, text);
}

void nsc_thrift_struct(struct nsc_thrift *t, int field)
{
	if (field)
		thrift_field(t, field, STRUCT);
	assert(t->depth + 1 < NSC_THRIFT_DEPTH);
	t->last[++t->depth] = 0;
}

void nsc_thrift_list(struct nsc_thrift *t, int field, enum nsc_thrift_type type, uint32_t n)
{
	thrift_field(t, field, LIST);
	thrift_byte(t, (n < SHORT_LIST ? n : SHORT_LIST) << 4 | type);
	if (n >= SHORT_LIST)
		thrift_varint(t, n);
}

void nsc_thrift_end(struct nsc_thrift *t)
{
	thrift_byte(t, 0);
	if (t->depth)
		t->depth--;
}

void nsc_thrift_put_i32(struct nsc_thrift *t, uint32_t value)
{
	thrift_zigzag(t, (int32_t)value);
}

void nsc_thrift_put_text(struct nsc_thrift *t, const char *text)
{
	size_t n = strlen(text);

	thrift_varint(t, n);
	thrift_add(t, text, n);
}

void nsc_thrift_clear(struct nsc_thrift *t)
{
	t->length = 0;
	t->depth = 0;
	t->last[0] = 0;
}

void nsc_thrift_free(struct nsc_thrift *t)
{
	free(t->data);
}
