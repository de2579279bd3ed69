/* SPDX-License-Identifier: MIT
 *
 * A profile in each of its formats. tests/cli/profile reads them with readers that know nothing of this code.
 */
#include "engine/text/profile.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "tests/unit/engine/base/profile_made.h"

static struct nsc_profile *profile;
static struct nsc_profile_report report;
static struct nsc_json json;

/* 30 samples of a worker, 20 of them on another core; 10 of control in the kernel. */
static void profile_made(bool together)
{
	profile = made_open();
	made_name(profile, 1, "nsc-worker-0");
	for (unsigned i = 0; i < 30; i++)
		made_put(profile, 1, i >= 10, i, true, false);
	for (unsigned i = 0; i < 10; i++)
		made_put(profile, 0, 0, i, false, true);
	made_report(&report, profile, together);
	nsc_json_init(&json, 1 << 20);
}

static void profile_done(void)
{
	nsc_json_free(&json);
	nsc_profile_report_close(&report);
	nsc_profile_close(profile);
}

static cJSON *profile_read(void)
{
	cJSON *tree;

	ck_assert(!json.out.full);
	tree = cJSON_ParseWithLength(json.out.data, json.out.length);
	ck_assert_ptr_nonnull(tree);
	return tree;
}

static int number_of(const cJSON *object, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	ck_assert(cJSON_IsNumber(item));
	return item->valueint;
}

static const char *text_at(const cJSON *array, int i)
{
	return cJSON_GetArrayItem(array, i)->valuestring;
}

START_TEST(format_by_name)
{
	static const struct {
		const char *path;
		int format;
	} cases[] = {
		{ "a.folded", NSC_PROFILE_FOLDED },
		{ "a.json", NSC_PROFILE_SPEEDSCOPE },
		{ "b/a.pb.gz", NSC_PROFILE_PPROF },
		{ "a.pprof", NSC_PROFILE_PPROF },
		{ "a.txt", -1 },
		{ "folded", -1 },
		{ ".folded", -1 },
		{ "a.json.gz", -1 },
		{ "-", -1 },
		{ "", -1 },
	};

	for (size_t i = 0; i < NSC_ARRAY_LEN(cases); i++) {
		enum nsc_profile_format format;
		int found = nsc_profile_format_of(cases[i].path, &format) ? (int)format : -1;

		if (found != cases[i].format)
			ck_abort_msg("%s: %d", cases[i].path, found);
	}
}
END_TEST

START_TEST(folded)
{
	static const char wanted[] = "nsc-worker-0;made_main;made_stage;made_leaf 30\n"
				     "control;made_main;made_stage;[kernel] 10\n";

	profile_made(true);
	nsc_profile_write(&json, &report, NSC_PROFILE_FOLDED);
	ck_assert_uint_eq(json.out.length, sizeof(wanted) - 1);
	ck_assert(!memcmp(json.out.data, wanted, sizeof(wanted) - 1));
	profile_done();
}
END_TEST

START_TEST(folded_escapes)
{
	profile = made_open();
	made_name(profile, 1, "a;b c");
	made_put(profile, 1, 0, 1, false, false);
	made_report(&report, profile, true);
	nsc_json_init(&json, 1 << 20);
	nsc_profile_write(&json, &report, NSC_PROFILE_FOLDED);
	ck_assert(!memcmp(json.out.data, "a_b_c;made_main", 15));
	profile_done();
}
END_TEST

START_TEST(tree)
{
	const cJSON *stacks, *first, *frames, *threads, *names;
	cJSON *read;

	profile_made(false);
	nsc_profile_write(&json, &report, NSC_PROFILE_TREE);
	read = profile_read();
	ck_assert_int_eq(number_of(read, "hz"), MADE_HZ);
	ck_assert_int_eq(number_of(read, "samples"), 40);
	ck_assert_int_eq(number_of(read, "omitted"), 0);
	stacks = cJSON_GetObjectItem(read, "stacks");
	threads = cJSON_GetObjectItem(read, "threads");
	names = cJSON_GetObjectItem(read, "frames");
	ck_assert_int_eq(cJSON_GetArraySize(stacks), 3);
	first = cJSON_GetArrayItem(stacks, 0);
	ck_assert_int_eq(number_of(first, "count"), 20);
	ck_assert_int_eq(number_of(first, "core"), 1);
	ck_assert_str_eq(
		cJSON_GetObjectItem(cJSON_GetArrayItem(threads, number_of(first, "thread")), "name")->valuestring,
		"nsc-worker-0");
	frames = cJSON_GetObjectItem(first, "frames");
	ck_assert_int_eq(cJSON_GetArraySize(frames), 3);
	ck_assert_str_eq(text_at(names, cJSON_GetArrayItem(frames, 0)->valueint), "made_main");
	ck_assert_str_eq(text_at(names, cJSON_GetArrayItem(frames, 2)->valueint), "made_leaf");
	ck_assert_int_eq(cJSON_GetArraySize(names), 4);
	cJSON_Delete(read);
	profile_done();
}
END_TEST

START_TEST(tree_of_a_bounded_size)
{
	cJSON *read;

	profile_made(false);
	nsc_json_open(&json, '{');
	nsc_profile_tree(&json, &report, 0);
	nsc_json_close(&json, '}');
	read = profile_read();
	ck_assert_int_eq(number_of(read, "omitted"), 40);
	ck_assert_int_eq(number_of(read, "samples"), 40);
	ck_assert_int_eq(cJSON_GetArraySize(cJSON_GetObjectItem(read, "stacks")), 0);
	cJSON_Delete(read);
	profile_done();
}
END_TEST

START_TEST(speedscope)
{
	const cJSON *profiles, *first, *samples;
	cJSON *read;

	profile_made(true);
	nsc_profile_write(&json, &report, NSC_PROFILE_SPEEDSCOPE);
	read = profile_read();
	profiles = cJSON_GetObjectItem(read, "profiles");
	ck_assert_int_eq(cJSON_GetArraySize(profiles), 2);
	first = cJSON_GetArrayItem(profiles, 0);
	samples = cJSON_GetObjectItem(first, "samples");
	ck_assert_int_eq(cJSON_GetArraySize(samples), cJSON_GetArraySize(cJSON_GetObjectItem(first, "weights")));
	ck_assert_int_eq(number_of(first, "endValue"), 30 * (1000000000 / MADE_HZ));
	cJSON_Delete(read);
	profile_done();
}
END_TEST

START_TEST(pprof)
{
	/* sample_type: type 1 "samples", unit 2 "count"; then type 3 "cpu", unit 4 "nanoseconds" */
	static const uint8_t begin[] = { 0x0a, 4, 8, 1, 16, 2, 0x0a, 4, 8, 3, 16, 4 };
	static uint8_t plain[8192];
	z_stream z = { .next_out = plain, .avail_out = sizeof(plain) };

	profile_made(false);
	nsc_profile_write(&json, &report, NSC_PROFILE_PPROF);
	ck_assert(!json.out.full);
	z.next_in = (Bytef *)json.out.data;
	z.avail_in = (uInt)json.out.length;
	ck_assert_int_eq(inflateInit2(&z, MAX_WBITS + 16), Z_OK);
	ck_assert_int_eq(inflate(&z, Z_FINISH), Z_STREAM_END);
	ck_assert_uint_eq(z.avail_in, 0);
	inflateEnd(&z);
	ck_assert(!memcmp(plain, begin, sizeof(begin)));
	ck_assert_ptr_nonnull(memmem(plain, z.total_out, "made_stage", 10));
	ck_assert_ptr_nonnull(memmem(plain, z.total_out, "nsc-worker-0", 12));
	profile_done();
}
END_TEST

START_TEST(nothing_sampled)
{
	for (int format = NSC_PROFILE_TREE; format <= NSC_PROFILE_PPROF; format++) {
		profile = made_open();
		made_report(&report, profile, true);
		nsc_json_init(&json, 1 << 20);
		nsc_profile_write(&json, &report, (enum nsc_profile_format)format);
		ck_assert(!json.out.full);
		if (format == NSC_PROFILE_TREE || format == NSC_PROFILE_SPEEDSCOPE)
			cJSON_Delete(profile_read());
		profile_done();
	}
}
END_TEST

CHECK_MAIN("profile", format_by_name, folded, folded_escapes, tree, tree_of_a_bounded_size, speedscope, pprof,
	   nothing_sampled)
