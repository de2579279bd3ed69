/* SPDX-License-Identifier: MIT
 *
 * Both kinds of buffer: nothing beyond the room or the limit, no hole behind what was cut.
 */
#include "engine/text/buffer.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

static void put_all(struct nsc_buffer *b)
{
	nsc_buffer_text(b, "twelve bytes");
	nsc_buffer_u64(b, 12345678901234ull);
	nsc_buffer_hex(b, 0xabcd, 4);
	nsc_buffer_escaped(b, NSC_ESCAPE_WIRE, "\xff\\", 2);
	nsc_buffer_char(b, '.');
	nsc_buffer_spaces(b, 2);
}

static const char all[] = "twelve bytes123456789012340xabcd\\xff\\\\.  ";
enum { ALL = sizeof(all) - 1 };

START_TEST(in_the_callers_memory)
{
	char text[64];

	for (size_t room = 0; room < 50; room++) {
		struct nsc_buffer b = nsc_buffer_on(text, room);

		memset(text, '#', sizeof(text));
		put_all(&b);
		ck_assert_uint_le(b.length, room);
		ck_assert_int_eq(text[room], '#');
		ck_assert_int_eq(b.full, room < ALL);
		ck_assert_int_eq(memcmp(text, all, b.length), 0);
		nsc_buffer_close(&b);
	}
}
END_TEST

START_TEST(on_the_heap)
{
	for (size_t limit = 1; limit < 50; limit++) {
		struct nsc_buffer b = nsc_buffer_open(limit);

		put_all(&b);
		ck_assert_uint_le(b.room, limit);
		ck_assert_int_eq(b.full, limit < ALL);
		ck_assert(!b.length || !memcmp(b.data, all, b.length));
		nsc_buffer_close(&b);
		nsc_buffer_close(&b);
	}
}
END_TEST

START_TEST(grows)
{
	struct nsc_buffer b = nsc_buffer_open(1 << 20);
	char *at;

	for (unsigned i = 0; i < 1 << 18; i++)
		nsc_buffer_bytes(&b, "abcd", 4);
	ck_assert(!b.full);
	ck_assert_uint_eq(b.length, 1 << 20);
	ck_assert_int_eq(memcmp(b.data + b.length - 5, "dabcd", 5), 0);
	nsc_buffer_char(&b, '!');
	ck_assert(b.full);
	nsc_buffer_close(&b);
	at = nsc_buffer_room(&b, 10);
	ck_assert_ptr_nonnull(at);
	memcpy(at, "0123456789", 10);
	nsc_buffer_claim(&b, 3);
	ck_assert_uint_eq(b.length, 3);
	ck_assert_ptr_null(nsc_buffer_room(&b, 1 << 20));
	ck_assert(b.full);
	ck_assert_ptr_null(nsc_buffer_room(&b, 1));
	nsc_buffer_close(&b);
}
END_TEST

CHECK_MAIN("text/buffer", in_the_callers_memory, on_the_heap, grows)
