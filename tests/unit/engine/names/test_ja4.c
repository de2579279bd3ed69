/* SPDX-License-Identifier: MIT */
#include "tests/unit/engine/check_main.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "engine/names/ja4.h"

static struct ja4 ja4;

static void collect(struct ja4_list *list, const char *hex)
{
	list->n = 0;
	for (; *hex; hex += hex[4] ? 5 : 4)
		ja4_collect(list, (uint16_t)strtoul((const char[]){ hex[0], hex[1], hex[2], hex[3], 0 }, NULL, 16));
}

static void start(uint16_t version, bool has_name, const char *alpn)
{
	ja4.transport = 't';
	ja4.version = version;
	ja4.has_name = has_name;
	ja4.alpn = (const uint8_t *)alpn;
	ja4.alpn_length = alpn ? (uint32_t)strlen(alpn) : 0;
}

static bool prints(const char *wanted)
{
	struct ja4 used_up = ja4;
	char text[JA4_LENGTH];

	return ja4_print(&used_up, NULL, text) && memcmp(text, wanted, JA4_LENGTH) == 0;
}

#define CIPHERS "1301,1302,1303,c02b,c02f,c02c,c030,cca9,cca8,c013,c014,009c,009d,002f,0035"
#define EXTENSIONS "001b,0000,0033,0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,000b,000a,0015"
#define ALGORITHMS "0403,0804,0401,0503,0805,0501,0806,0601"

/* The example of FoxIO's description. */
START_TEST(published)
{
	start(0x0304, true, "h2");
	collect(&ja4.ciphers, CIPHERS);
	collect(&ja4.extensions, EXTENSIONS);
	collect(&ja4.algorithms, ALGORITHMS);
	ck_assert(prints("t13d1516h2_8daaf6152771_e5627efa2ab1"));
	ja4.transport = 'q';
	ck_assert(prints("q13d1516h2_8daaf6152771_e5627efa2ab1"));
	ja4.transport = 't';
	collect(&ja4.algorithms, "");
	ck_assert(prints("t13d1516h2_8daaf6152771_6d807ffa2a79"));
	/* a browser of 2025, as published by a service that prints fingerprints */
	collect(&ja4.extensions, "002d,0033,0010,fe0d,0017,44cd,0000,000b,000a,002b,ff01,0023,0012,0005,000d,001b");
	collect(&ja4.algorithms, ALGORITHMS);
	ck_assert(prints("t13d1516h2_8daaf6152771_d8a2da3f94cd"));
}
END_TEST

START_TEST(grease_does_not_count)
{
	start(0x0304, true, "h2");
	collect(&ja4.ciphers, "0a0a,fafa," CIPHERS);
	collect(&ja4.extensions, "1a1a," EXTENSIONS ",eaea");
	collect(&ja4.algorithms, "baba," ALGORITHMS);
	ck_assert(prints("t13d1516h2_8daaf6152771_e5627efa2ab1"));
	ck_assert(!ja4_is_grease(0x0a1a) && !ja4_is_grease(0x0a0b) && ja4_is_grease(0x9a9a));
}
END_TEST

START_TEST(nothing_offered)
{
	start(0x0301, false, NULL);
	collect(&ja4.ciphers, "");
	collect(&ja4.extensions, "");
	collect(&ja4.algorithms, "");
	ck_assert(prints("t10i000000_000000000000_000000000000"));
}
END_TEST

static bool alpn_is(const char *alpn, const char *wanted)
{
	char text[JA4_LENGTH];

	start(0x0303, false, alpn);
	return ja4_print(&ja4, NULL, text) && memcmp(text + 8, wanted, 2) == 0;
}

/* The table in FoxIO's description. */
START_TEST(first_protocol)
{
	ck_assert(alpn_is("http/1.1", "h1") && alpn_is("h", "hh") && alpn_is("", "00"));
	ck_assert(alpn_is("\xab", "ab") && alpn_is("\xab\xcd", "ad") && alpn_is("0\xab", "3b"));
	ck_assert(alpn_is("01\xab\xcd", "3d") && alpn_is("0\xab\xcd"
							 "1",
							 "01"));
}
END_TEST

START_TEST(versions)
{
	static const struct {
		uint16_t version;
		const char *text;
	} rows[] = {
		{ 0x0304, "13" }, { 0x0303, "12" }, { 0x0302, "11" }, { 0x0301, "10" },
		{ 0x0300, "s3" }, { 0x0002, "s2" }, { 0x7f12, "00" },
	};
	char text[JA4_LENGTH];
	unsigned wrong = 0;

	for (size_t i = 0; i < NSC_ARRAY_LEN(rows); i++) {
		start(rows[i].version, false, NULL);
		wrong += !ja4_print(&ja4, NULL, text) || memcmp(text + 1, rows[i].text, 2) != 0;
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(too_many)
{
	char text[JA4_LENGTH];

	start(0x0303, false, NULL);
	collect(&ja4.ciphers, "");
	for (unsigned i = 0; i < 100; i++)
		ja4_collect(&ja4.ciphers, (uint16_t)(i << 4));
	ck_assert(ja4_print(&ja4, NULL, text) && memcmp(text + 4, "99", 2) == 0);
	for (unsigned i = 100; i <= JA4_LIST_MAX; i++)
		ja4_collect(&ja4.ciphers, (uint16_t)(i << 4));
	ck_assert(!ja4_print(&ja4, NULL, text));
}
END_TEST

static int by_value(const void *a, const void *b)
{
	return *(const uint16_t *)a - *(const uint16_t *)b;
}

/* The first digits of the hash of the values, sorted, as libcrypto's one call has it. */
static bool digest_is(const char *digits, uint16_t *value, unsigned n)
{
	char text[5 * JA4_LIST_MAX + 1] = "", hex[13];
	uint8_t digest[SHA256_DIGEST_LENGTH];
	size_t length = 0;

	qsort(value, n, sizeof(*value), by_value);
	for (unsigned i = 0; i < n; i++)
		length += (size_t)sprintf(text + length, "%s%04x", i ? "," : "", value[i]);
	SHA256((const uint8_t *)text, length, digest);
	for (unsigned i = 0; i < 6; i++)
		sprintf(hex + 2 * i, "%02x", digest[i]);
	return !memcmp(digits, n ? hex : "000000000000", 12);
}

/* Of what any_order collects. */
static bool digests_are(const char *text, unsigned n)
{
	uint16_t ciphers[JA4_LIST_MAX], extensions[JA4_LIST_MAX];
	unsigned kept = 0, offered = 0;

	for (unsigned i = 0; i < n; i++) {
		uint16_t cipher = (uint16_t)(i / 2 * 771), extension = (uint16_t)(i * 255);

		ciphers[offered] = cipher;
		offered += !ja4_is_grease(cipher);
		extensions[kept] = extension;
		kept += !ja4_is_grease(extension) && extension != 0 && extension != 16;
	}
	return digest_is(text + 11, ciphers, offered) && digest_is(text + 24, extensions, kept);
}

/* The fingerprint does not depend on the order in which values come, also when some come twice. */
START_TEST(any_order)
{
	static const unsigned sizes[] = { 1, 2, 15, 16, 17, 31, 100, JA4_LIST_MAX };
	char text[4][JA4_LENGTH];
	unsigned wrong = 0;

	for (size_t s = 0; s < NSC_ARRAY_LEN(sizes); s++) {
		unsigned n = sizes[s];

		for (unsigned order = 0; order < 4; order++) {
			start(0x0303, false, NULL);
			collect(&ja4.ciphers, "");
			collect(&ja4.extensions, "");
			for (unsigned i = 0; i < n; i++) {
				unsigned at = order == 0 ? i : order == 1 ? n - 1 - i : (i * 101 + order) % n;

				if (n % 101 == 0)
					at = i;
				ja4_collect(&ja4.ciphers, (uint16_t)(at / 2 * 771));
				ja4_collect(&ja4.extensions, (uint16_t)(at * 255));
			}
			wrong += !ja4_print(&ja4, NULL, text[order]);
			wrong += memcmp(text[order], text[0], JA4_LENGTH) != 0;
			wrong += order == 0 && !digests_are(text[0], n);
		}
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* A remembered hash is that of the same values: random lists, so many that they push each other out, come twice, and
 * lists that differ in one value, their order, or where one list ends and the other begins. */
START_TEST(remembered)
{
	static struct ja4_cache cache;
	char with[JA4_LENGTH], without[JA4_LENGTH];
	unsigned wrong = 0;

	for (unsigned round = 0; round < 4000; round++) {
		for (unsigned again = 0; again < 2; again++) {
			struct ja4_cache *use = again ? &cache : NULL;
			uint64_t state = (round / 2 + 1) * 0x9e3779b97f4a7c15;

			start(0x0303, true, NULL);
			ja4.ciphers.n = ja4.extensions.n = ja4.algorithms.n = 0;
			for (uint32_t i = 0; i < 1 + state % 60; i++)
				ja4_collect(&ja4.ciphers, (uint16_t)(i == round % 7 ? i : state >> i % 48));
			for (uint32_t i = 0; i < state % 40; i++)
				ja4_collect(i < round % 3 + state % 20 ? &ja4.extensions : &ja4.algorithms,
					    (uint16_t)((state >> i) % 90));
			wrong += !ja4_print(&ja4, use, again ? with : without);
		}
		wrong += memcmp(with, without, JA4_LENGTH) != 0;
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* Many values at once are each of them after the other, wherever GREASE stands and however many there are. */
START_TEST(all_at_once)
{
	static struct ja4_list one, all;
	unsigned wrong = 0;

	for (uint32_t n = 0; n <= JA4_LIST_MAX + 20; n++) {
		for (uint32_t grease = 0; grease <= n + 1; grease += 1 + n / 16) {
			uint8_t *bytes = malloc(2 * n + 1); /* of exactly its size, for the address sanitizer */

			one.n = all.n = 0;
			for (uint32_t i = 0; i < n; i++) {
				uint16_t value = i == grease || i == grease / 3 ? 0x5a5a : (uint16_t)(i * 40503 + n);

				bytes[2 * i] = (uint8_t)(value >> 8);
				bytes[2 * i + 1] = (uint8_t)value;
				ja4_collect(&one, value);
			}
			ja4_collect_all(&all, bytes, n);
			wrong += all.n != one.n || memcmp(all.value, one.value, 2 * NSC_MIN(one.n, JA4_LIST_MAX)) != 0;
			free(bytes);
		}
	}
	ck_assert_uint_eq(wrong, 0);
}
END_TEST

CHECK_MAIN("ja4", published, grease_does_not_count, nothing_offered, first_protocol, versions, too_many, any_order,
	   remembered, all_at_once)
