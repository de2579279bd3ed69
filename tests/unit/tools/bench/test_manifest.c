/* SPDX-License-Identifier: MIT
 *
 * The manifest of this machine has everything that a figure needs; build ids come from programs and from nothing else.
 */
#include "tools/bench/manifest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/engine/check_main.h"

static const char *text_of(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

START_TEST(this_machine)
{
	static struct nsc_bench_manifest manifest;
	cJSON *root = cJSON_CreateObject(), *read;
	const cJSON *machine;
	char *text;

	ck_assert_int_eq(nsc_bench_manifest_read(&manifest, NULL), 0);
	nsc_bench_manifest_json(root, &manifest);
	text = cJSON_Print(root);
	cJSON_Delete(root);
	read = cJSON_Parse(text);
	free(text);
	machine = cJSON_GetObjectItem(read, "machine");
	ck_assert_ptr_nonnull(text_of(machine, "kernel"));
	ck_assert(cJSON_GetObjectItem(machine, "cores")->valuedouble >= 1);
	ck_assert(cJSON_GetObjectItem(machine, "usable_cores")->valuedouble >= 1);
	ck_assert(cJSON_GetObjectItem(machine, "memory_bytes")->valuedouble > 0);
	ck_assert(cJSON_GetArraySize(cJSON_GetObjectItem(cJSON_GetObjectItem(machine, "doctor"), "findings")) > 5);
	ck_assert_ptr_nonnull(text_of(cJSON_GetObjectItem(read, "program"), "version"));
	ck_assert_uint_eq(strlen(text_of(read, "began")), strlen("2026-01-01T00:00:00Z"));
	cJSON_Delete(read);
}
END_TEST

START_TEST(build_ids)
{
	static const uint8_t no_program[] =
		"\x7f"
		"ELF but no program at all, only a text that is long enough for a header of one";
	char id[NSC_BENCH_BUILD_ID], path[] = "/tmp/manifest-XXXXXX";
	int fd = mkstemp(path);

	nsc_bench_build_id(id, "/proc/self/exe");
	ck_assert_uint_eq(strspn(id, "0123456789abcdef"), strlen(id));
	nsc_bench_build_id(id, "/no/such/file");
	ck_assert_str_eq(id, "");
	ck_assert_int_eq(write(fd, no_program, sizeof(no_program)), sizeof(no_program));
	nsc_bench_build_id(id, path);
	ck_assert_str_eq(id, "");
	close(fd);
	unlink(path);
}
END_TEST

START_TEST(other_programs)
{
	static struct nsc_bench_program program;
	struct nsc_error error;

	ck_assert_int_eq(nsc_bench_program_read(&program, "/no/such/program", &error), -EINVAL);
	ck_assert_ptr_nonnull(strstr(error.text, "/no/such/program: it cannot be run"));
	ck_assert_int_eq(nsc_bench_program_read(&program, "/bin/echo", &error), 0);
	ck_assert_str_eq(program.path, "/bin/echo");
}
END_TEST

CHECK_MAIN("manifest", this_machine, build_ids, other_programs)
