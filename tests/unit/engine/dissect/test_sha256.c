/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "engine/dissect/sha256.h"
#include "engine/text/number.h"

static bool hashes_to(const char *text, size_t n, size_t step, const char *wanted)
{
	struct sha256 h;
	uint8_t digest[32];
	char hex[65], *at = hex;

	sha256_init(&h);
	for (size_t i = 0; i < n; i += step)
		sha256_update(&h, text + i, NSC_MIN(step, n - i));
	sha256_final(&h, digest);
	for (unsigned i = 0; i < 32; i++)
		at = nsc_format_hex(at, digest[i]);
	return memcmp(hex, wanted, 64) == 0;
}

/* The examples of FIPS 180-4 and the empty text. */
START_TEST(examples)
{
	static const char two[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

	ck_assert(hashes_to("", 0, 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
	ck_assert(hashes_to("abc", 3, 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
	ck_assert(hashes_to(two, 56, 7, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"));
}
END_TEST

START_TEST(a_million)
{
	char *text = malloc(1000000);

	ck_assert_ptr_nonnull(text);
	memset(text, 'a', 1000000);
	ck_assert(hashes_to(text, 1000000, 997, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
	free(text);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sha256");
	TCase *tcase = tcase_create("sha256");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, examples);
	tcase_add_test(tcase, a_million);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
