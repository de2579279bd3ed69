/* SPDX-License-Identifier: MIT
 *
 * The header and the question of DNS messages, whole, cut at every byte, and damaged.
 */
#include "engine/names/dns.h"

#include <string.h>

#include "tests/unit/engine/check_main.h"

#define HEADER_OF(flags, questions) "\x12\x34" flags questions "\0\0\0\0\0\0"
#define QUESTION "\3wWw\7eXample\0\0\x1c\0\1"

static struct nsc_dns_message message;

static enum nsc_dns_verdict read_message(const char *bytes, size_t n)
{
	memset(&message, 0, sizeof(message));
	return nsc_dns_message_read((const uint8_t *)bytes, (uint32_t)n, &message);
}

#define READ(bytes) read_message(bytes, sizeof(bytes) - 1)

START_TEST(a_query_and_its_answer)
{
	ck_assert_int_eq(READ(HEADER_OF("\1\0", "\0\1") QUESTION), NSC_DNS_READ);
	ck_assert_uint_eq(message.id, 0x1234);
	ck_assert(!message.response && message.asks);
	ck_assert_uint_eq(message.type, 28);
	ck_assert_uint_eq(message.class, 1);
	ck_assert_uint_eq(message.name.length, 11);
	ck_assert_mem_eq(message.name.text, "www.example", 11);
	ck_assert_int_eq(READ(HEADER_OF("\x81\x83", "\0\1") QUESTION "and more"), NSC_DNS_READ);
	ck_assert(message.response && message.asks);
	ck_assert_uint_eq(message.code, 3);
}
END_TEST

START_TEST(without_a_question)
{
	ck_assert_int_eq(READ(HEADER_OF("\x80\1", "\0\0")), NSC_DNS_READ);
	ck_assert(message.response && !message.asks);
	ck_assert_uint_eq(message.code, 1);
}
END_TEST

START_TEST(the_root)
{
	char text[NSC_NAME_MAX];

	ck_assert_int_eq(READ(HEADER_OF("\1\0", "\0\1") "\0\0\2\0\1"), NSC_DNS_READ);
	ck_assert(message.asks);
	ck_assert_uint_eq(message.name.length, 0);
	ck_assert_uint_eq(nsc_dns_name_write(text, &message.name), 0);
}
END_TEST

START_TEST(cut_everywhere)
{
	static const char whole[] = HEADER_OF("\1\0", "\0\1") QUESTION;

	for (size_t n = 0; n < sizeof(whole) - 1; n++)
		ck_assert_int_eq(read_message(whole, n), n < NSC_DNS_HEADER ? NSC_DNS_NONE : NSC_DNS_CUT);
}
END_TEST

START_TEST(no_message)
{
	ck_assert_int_eq(READ(HEADER_OF("\x18\0", "\0\1") QUESTION), NSC_DNS_NONE); /* an operation that never was */
	ck_assert_int_eq(READ(HEADER_OF("\x38\0", "\0\1") QUESTION), NSC_DNS_NONE);
	ck_assert_int_eq(READ(HEADER_OF("\1\0", "\1\1") QUESTION), NSC_DNS_NONE);          /* 257 questions */
	ck_assert_int_eq(READ(HEADER_OF("\1\0", "\0\1") "\xc0\x0c\0\1\0\1"), NSC_DNS_CUT); /* a circle */
}
END_TEST

START_TEST(hostile_text)
{
	char text[NSC_NAME_MAX];

	ck_assert_int_eq(READ(HEADER_OF("\1\0", "\0\1") "\5-a\x1b,=\0\0\1\0\1"), NSC_DNS_READ);
	ck_assert_uint_eq(nsc_dns_name_write(text, &message.name), 13);
	ck_assert_mem_eq(text, "%2da%1b%2c%3d", 13);
}
END_TEST

CHECK_MAIN("dns", a_query_and_its_answer, without_a_question, the_root, cut_everywhere, no_message, hostile_text)
