/* SPDX-License-Identifier: MIT
 *
 * Times of a person: against the library's calendar, and what is no time.
 */
#include "netscope/time_read.h"

#include "tests/unit/engine/check_main.h"

#include <errno.h>
#include <time.h>

static uint64_t read_good(const char *text)
{
	struct nsc_error error;
	uint64_t ns = 0;
	int status = nsc_time_read(text, &ns, &error);

	if (status)
		ck_abort_msg("%s: %s", text, error.text);
	return ns;
}

START_TEST(what_people_write)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} cases[] = {
		{ "0", 0 },
		{ "1700000000", 1700000000000000000 },
		{ "1700000000.25", 1700000000250000000 },
		{ "1700000000.123456789", 1700000000123456789 },
		{ "2023-11-14T22:13:20Z", 1700000000000000000 },
		{ "2023-11-14 22:13:20", 1700000000000000000 },
		{ "2023-11-14T22:13:20.25z", 1700000000250000000 },
		{ "2023-11-14T23:13:20+01:00", 1700000000000000000 },
		{ "2023-11-14T23:13:20,5+0100", 1700000000500000000 },
		{ "2023-11-14T17:13:20-05", 1700000000000000000 },
		{ "2023-11-14T22:13", 1699999980000000000 },
		{ "2023-11-14", 1699920000000000000 },
		{ "2024-02-29T00:00:00Z", 1709164800000000000 },
		{ "2016-12-31T23:59:60Z", 1483228800000000000 },
		{ "1970-01-01", 0 },
	};

	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++)
		if (read_good(cases[i].text) != cases[i].ns)
			ck_abort_msg("%s: %llu", cases[i].text, (unsigned long long)read_good(cases[i].text));
}
END_TEST

/* Every third hour or so until 2262. */
START_TEST(the_calendar)
{
	for (time_t t = 0; t < 9214646400; t += 86400 * 7 + 10007) {
		struct tm tm;
		char text[64];

		gmtime_r(&t, &tm);
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
		if (read_good(text) != (uint64_t)t * NSC_NS_PER_SEC)
			ck_abort_msg("%s", text);
	}
}
END_TEST

START_TEST(what_is_no_time)
{
	static const char *const texts[] = {
		"",
		"now",
		"1700000000.",
		".5",
		"1700000000.1234567890",
		"1700000000s",
		"99999999999",
		"-5",
		"2023-13-01",
		"2023-02-29",
		"2023-11-14T24:00",
		"2023-11-14T22",
		"2023-11-14T22:13:61Z",
		"2023-11-14T22:13:20.Z",
		"2023-11-14T22:13:20+1",
		"2023-11-14T22:13:20Zx",
		"2023-11-14x",
		"1969-12-31",
		"1970-01-01T00:00:00+01:00",
		"2300-01-01",
		"23-11-14",
	};
	struct nsc_error error;
	uint64_t ns;

	for (size_t i = 0; i < NSC_ARRAY_LEN(texts); i++) {
		ck_assert_msg(nsc_time_read(texts[i], &ns, &error) == -EINVAL, "%s", texts[i]);
		ck_assert_ptr_nonnull(strstr(error.text, "is no time: wanted"));
	}
}
END_TEST

CHECK_MAIN("base/time_read", what_people_write, the_calendar, what_is_no_time)
