/* SPDX-License-Identifier: MIT
 *
 * pprof's profile.proto, written by hand: a message is a row of fields, each a key (number and kind) and a varint or
 * bytes with their length before them. https://github.com/google/pprof/blob/main/proto/profile.proto names the numbers.
 */
#include "engine/text/profile.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { VARINT = 0, BYTES = 2 };                                                                   /* kinds */
enum { PROFILE_SAMPLE_TYPE = 1, PROFILE_SAMPLE = 2, PROFILE_LOCATION = 4, PROFILE_FUNCTION = 5 }; /* of Profile */
enum { PROFILE_STRING = 6, PROFILE_TIME = 9, PROFILE_DURATION = 10, PROFILE_PERIOD_TYPE = 11, PROFILE_PERIOD = 12 };
enum { SAMPLE_LOCATION = 1, SAMPLE_VALUE = 2, SAMPLE_LABEL = 3 };
enum { LABEL_KEY = 1, LABEL_TEXT = 2, LABEL_NUMBER = 3 };
enum { TYPE_TYPE = 1, TYPE_UNIT = 2 };
enum { LOCATION_ID = 1, LOCATION_LINE = 4, LINE_FUNCTION = 1 };
enum { FUNCTION_ID = 1, FUNCTION_NAME = 2, FUNCTION_SYSTEM_NAME = 3 };

/* The first texts of the table; threads follow, then functions. */
enum { TEXT_NONE, TEXT_SAMPLES, TEXT_COUNT, TEXT_CPU, TEXT_NANOSECONDS, TEXT_THREAD, TEXT_CORE, TEXT_FIRST_THREAD };
static const char *const first_texts[TEXT_FIRST_THREAD] = { "",       "samples", "count", "cpu", "nanoseconds",
							    "thread", "core" };

enum { VARINT_MAX = 10, MESSAGE_MAX = 64 }; /* of a message that holds no other but numbers */

static void pprof_varint(struct nsc_buffer *out, uint64_t value)
{
	uint8_t bytes[VARINT_MAX];
	size_t n = 0;

	while (value > 0x7f) {
		bytes[n++] = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	bytes[n++] = (uint8_t)value;
	nsc_buffer_bytes(out, bytes, n);
}

static void pprof_number(struct nsc_buffer *out, unsigned field, uint64_t value)
{
	pprof_varint(out, field << 3 | VARINT);
	pprof_varint(out, value);
}

static void pprof_bytes(struct nsc_buffer *out, unsigned field, const void *bytes, size_t n)
{
	pprof_varint(out, field << 3 | BYTES);
	pprof_varint(out, n);
	nsc_buffer_bytes(out, bytes, n);
}

/* A message of two numbers. */
static void pprof_pair(struct nsc_buffer *out, unsigned field, unsigned a, uint64_t a_value, unsigned b,
		       uint64_t b_value)
{
	char room[MESSAGE_MAX];
	struct nsc_buffer message = nsc_buffer_on(room, sizeof(room));

	pprof_number(&message, a, a_value);
	pprof_number(&message, b, b_value);
	pprof_bytes(out, field, message.data, message.length);
}

/* --- messages --------------------------------------------------------------------------------- */

/* Functions and locations are one each for every name that is used, with the same number, from 1 on. */
static void pprof_function(struct nsc_buffer *out, uint32_t id, uint32_t text)
{
	char room[MESSAGE_MAX];
	struct nsc_buffer message = nsc_buffer_on(room, sizeof(room));
	struct nsc_buffer line;
	char line_room[MESSAGE_MAX];

	pprof_number(&message, FUNCTION_ID, id);
	pprof_number(&message, FUNCTION_NAME, text);
	pprof_number(&message, FUNCTION_SYSTEM_NAME, text);
	pprof_bytes(out, PROFILE_FUNCTION, message.data, message.length);
	message = nsc_buffer_on(room, sizeof(room));
	line = nsc_buffer_on(line_room, sizeof(line_room));
	pprof_number(&line, LINE_FUNCTION, id);
	pprof_number(&message, LOCATION_ID, id);
	pprof_bytes(&message, LOCATION_LINE, line.data, line.length);
	pprof_bytes(out, PROFILE_LOCATION, message.data, message.length);
}

/* `id`: by number of a name; 0 = not used yet. */
static void pprof_sample(struct nsc_buffer *out, const struct nsc_profile_report *report,
			 const struct nsc_profile_row *row, const uint32_t *id)
{
	struct nsc_buffer message = nsc_buffer_open(1 << 16);
	uint32_t n;
	const uint32_t *stack = nsc_profile_stack(report, row, &n);

	for (uint32_t i = n; i; i--) /* the innermost first */
		pprof_number(&message, SAMPLE_LOCATION, id[stack[i - 1]]);
	pprof_number(&message, SAMPLE_VALUE, row->samples);
	pprof_number(&message, SAMPLE_VALUE, row->samples * (NSC_NS_PER_SEC / report->hz));
	pprof_pair(&message, SAMPLE_LABEL, LABEL_KEY, TEXT_THREAD, LABEL_TEXT, TEXT_FIRST_THREAD + row->thread);
	pprof_pair(&message, SAMPLE_LABEL, LABEL_KEY, TEXT_CORE, LABEL_NUMBER, row->core);
	pprof_bytes(out, PROFILE_SAMPLE, message.data, message.length);
	out->full |= message.full;
	nsc_buffer_close(&message);
}

/* Numbers the names that are used: functions 1, 2, ... */
static uint32_t pprof_number_names(uint32_t *id, uint32_t *number, const struct nsc_profile_report *report)
{
	uint32_t ids = 0;

	for (uint32_t i = 0; i < report->n; i++) {
		uint32_t n;
		const uint32_t *stack = nsc_profile_stack(report, &report->row[i], &n);

		for (uint32_t k = 0; k < n; k++)
			if (!id[stack[k]]) {
				number[ids] = stack[k];
				id[stack[k]] = ++ids;
			}
	}
	return ids;
}

static void pprof_profile(struct nsc_buffer *out, const struct nsc_profile_report *report, uint32_t *id,
			  uint32_t *number)
{
	uint32_t ids = pprof_number_names(id, number, report), text = TEXT_FIRST_THREAD + report->n_threads;
	uint64_t to_ns = NSC_MAX(report->to_ns, report->from_ns);

	pprof_pair(out, PROFILE_SAMPLE_TYPE, TYPE_TYPE, TEXT_SAMPLES, TYPE_UNIT, TEXT_COUNT);
	pprof_pair(out, PROFILE_SAMPLE_TYPE, TYPE_TYPE, TEXT_CPU, TYPE_UNIT, TEXT_NANOSECONDS);
	for (uint32_t i = 0; i < report->n; i++)
		pprof_sample(out, report, &report->row[i], id);
	for (uint32_t i = 0; i < ids; i++)
		pprof_function(out, i + 1, text + i);
	for (uint32_t i = 0; i < TEXT_FIRST_THREAD; i++)
		pprof_bytes(out, PROFILE_STRING, first_texts[i], strlen(first_texts[i]));
	for (uint32_t i = 0; i < report->n_threads; i++)
		pprof_bytes(out, PROFILE_STRING, report->thread[i].name, strlen(report->thread[i].name));
	for (uint32_t i = 0; i < ids; i++) {
		const char *name = nsc_profile_name(report, number[i]);

		pprof_bytes(out, PROFILE_STRING, name, strlen(name));
	}
	pprof_number(out, PROFILE_TIME, report->began_ns + report->from_ns);
	pprof_number(out, PROFILE_DURATION, to_ns - report->from_ns);
	pprof_pair(out, PROFILE_PERIOD_TYPE, TYPE_TYPE, TEXT_CPU, TYPE_UNIT, TEXT_NANOSECONDS);
	pprof_number(out, PROFILE_PERIOD, NSC_NS_PER_SEC / report->hz);
}

/* gzip, as whoever reads pprof's files expects. */
static void pprof_gzip(struct nsc_buffer *out, const struct nsc_buffer *from)
{
	z_stream z = { .next_in = (Bytef *)from->data, .avail_in = (uInt)from->length };
	size_t bound;
	char *room;

	if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
		out->full = true;
		return;
	}
	bound = deflateBound(&z, (uLong)from->length);
	room = nsc_buffer_room(out, bound);
	if (room) {
		z.next_out = (Bytef *)room;
		z.avail_out = (uInt)bound;
		out->full |= deflate(&z, Z_FINISH) != Z_STREAM_END;
		nsc_buffer_claim(out, z.total_out);
	}
	deflateEnd(&z);
}

void nsc_profile_pprof(struct nsc_buffer *out, const struct nsc_profile_report *report)
{
	struct nsc_buffer plain = nsc_buffer_open((size_t)1 << 28);
	uint32_t names = report->names;
	uint32_t *id = calloc(names, sizeof(*id)), *number = calloc(names, sizeof(*number));

	if (id && number)
		pprof_profile(&plain, report, id, number);
	if (!id || !number || plain.full)
		out->full = true;
	else
		pprof_gzip(out, &plain);
	free(id);
	free(number);
	nsc_buffer_close(&plain);
}
