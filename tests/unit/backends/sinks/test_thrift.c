/* SPDX-License-Identifier: MIT
 *
 * Bytes as thrift-compact-protocol.md of Apache Thrift writes them down. tests/golden/parquet has whole files read.
 */
#include "backends/sinks/thrift.h"

#include "tests/unit/engine/check_main.h"

static struct nsc_thrift t;

static void is(const char *bytes, size_t n)
{
	ck_assert(!t.failed);
	ck_assert_uint_eq(t.length, n);
	ck_assert_mem_eq(t.data, bytes, n);
}
#define IS(text) is(text, sizeof(text) - 1)

static void forget(void)
{
	nsc_thrift_free(&t);
	t = (struct nsc_thrift){ .data = NULL };
}

START_TEST(numbers_are_zigzag)
{
	nsc_thrift_i32(&t, 1, 0);
	nsc_thrift_i32(&t, 2, 64);
	nsc_thrift_i64(&t, 3, (uint64_t)-1);
	nsc_thrift_i64(&t, 4, 1ull << 40);
	nsc_thrift_end(&t);
	IS("\x15\x00\x15\x80\x01\x16\x01\x16\x80\x80\x80\x80\x80\x40\x00");
	nsc_thrift_clear(&t);
	nsc_thrift_i32(&t, 1, 1); /* numbers of fields begin anew */
	IS("\x15\x02");
	forget();
}
END_TEST

START_TEST(fields_tell_their_distance)
{
	nsc_thrift_text(&t, 4, "ab");
	nsc_thrift_bool(&t, 5, true);
	nsc_thrift_bool(&t, 20, false);
	nsc_thrift_bool(&t, 36, true); /* too far for four bits */
	nsc_thrift_end(&t);
	IS("\x48\x02"
	   "ab\x11\xf2\x01\x48\x00");
	forget();
}
END_TEST

START_TEST(structs_and_lists)
{
	nsc_thrift_struct(&t, 10);
	nsc_thrift_struct(&t, 8);
	nsc_thrift_end(&t);
	nsc_thrift_i32(&t, 9, 1);
	nsc_thrift_end(&t);
	nsc_thrift_list(&t, 11, NSC_THRIFT_I32, 2);
	nsc_thrift_put_i32(&t, 1);
	nsc_thrift_put_i32(&t, 2);
	nsc_thrift_list(&t, 12, NSC_THRIFT_STRUCT, 15);
	nsc_thrift_struct(&t, 0);
	nsc_thrift_text(&t, 1, "");
	nsc_thrift_end(&t);
	nsc_thrift_end(&t);
	IS("\xac\x8c\x00\x15\x02\x00\x19\x25\x02\x04\x19\xfc\x0f\x18\x00\x00\x00");
	forget();
}
END_TEST

START_TEST(it_grows)
{
	for (int i = 1; i <= 3000; i++)
		nsc_thrift_text(&t, i, "0123456789");
	ck_assert_uint_eq(t.length, 3000 * 12);
	ck_assert_mem_eq(t.data + 2999 * 12, "\x18\x0a", 2);
	forget();
}
END_TEST

CHECK_MAIN("thrift", numbers_are_zigzag, fields_tell_their_distance, structs_and_lists, it_grows)
