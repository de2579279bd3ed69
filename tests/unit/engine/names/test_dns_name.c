/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/check_main.h"

#include <string.h>

#include "engine/names/dns_name.h"

static struct dns_name name;

static bool read_name(const char *bytes, size_t n, uint64_t at)
{
	return dns_name_read((const uint8_t *)bytes, n, 0, at, &name);
}

#define READ(bytes, at) read_name(bytes, sizeof(bytes) - 1, at)

static bool is_name(const char *text, uint64_t end)
{
	return name.length == strlen(text) && memcmp(name.text, text, name.length) == 0 && name.end == end;
}

START_TEST(labels_and_pointers)
{
	ck_assert(READ("\1a\2bc\0", 0) && is_name("a.bc", 6));
	ck_assert(READ("\0", 0) && is_name("", 1));
	ck_assert(READ("\1a\0\1b\xc0\0", 3) && is_name("b.a", 7));
	ck_assert(READ("\xc0\2\1a\0", 0) && is_name("a", 2));       /* forward */
	ck_assert(READ("\1a\0\xc0\0\xc0\3", 5) && is_name("a", 7)); /* a pointer to a pointer */
}
END_TEST

START_TEST(damaged)
{
	ck_assert(!READ("\xc0\0", 0));       /* to itself */
	ck_assert(!READ("\xc0\2\xc0\0", 0)); /* in a circle */
	ck_assert(!READ("\1a\xc0\0", 0));    /* in a circle that grows */
	ck_assert(!READ("\1a\1", 0));
	ck_assert(!READ("\1a", 0));
	ck_assert(!READ("\5a\0", 0));
	ck_assert(!READ("\xc0", 0));
	ck_assert(!READ("\xc0\x40", 0)); /* behind the end */
	ck_assert(!READ("\x40\0", 0));   /* a kind of label that was never used */
	ck_assert(!READ("\x80\0", 0));
	ck_assert(!READ("", 0));
}
END_TEST

/* 255 characters is what a name may have; one more is refused. */
START_TEST(longest)
{
	char bytes[5 * 64 + 1];
	size_t n = 0;

	for (unsigned i = 0; i < 4; i++) {
		bytes[n++] = 63;
		memset(bytes + n, 'a', 63);
		n += 63;
	}
	bytes[n] = 0;
	ck_assert(read_name(bytes, n + 1, 0));
	ck_assert_uint_eq(name.length, 255);
	bytes[n] = 1;
	bytes[n + 1] = 'b';
	bytes[n + 2] = 0;
	ck_assert(!read_name(bytes, n + 3, 0));
}
END_TEST

/* Text from the wire stays as it is; the views escape it. */
START_TEST(raw_bytes)
{
	ck_assert(READ("\4\x1b[1m\2\xff.\0", 0) && is_name("\x1b[1m.\xff.", 9));
}
END_TEST

CHECK_MAIN("dns_name", labels_and_pointers, damaged, longest, raw_bytes)
