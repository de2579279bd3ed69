/* SPDX-License-Identifier: MIT
 *
 * The folder of recordings: names that sort, a limit that holds, and nothing removed that was not made here.
 */
#include "backends/recordings/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/engine/check_main.h"

enum { MIB = 1 << 20 };

static char folder_path[64];
static struct nsc_recordings_folder *folder;
static struct nsc_error error;

static const char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder_path, name);
	return path;
}

static void make_folder(void)
{
	strcpy(folder_path, "/tmp/nsc-recordings-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder_path));
}

static void open_it(uint64_t limit)
{
	ck_assert_msg(!nsc_recordings_folder_open(&folder, folder_path, limit, &error), "%s", error.text);
}

static void make_file(const char *name, off_t bytes)
{
	int fd = open(path_of(name), O_WRONLY | O_CREAT | O_EXCL, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, bytes), 0);
	close(fd);
}

static bool is_there(const char *name)
{
	return !access(path_of(name), F_OK);
}

static uint32_t record(uint64_t seconds, off_t bytes, bool settle)
{
	char name[NSC_RECORDING_NAME];
	uint32_t which;

	nsc_recording_name(name, seconds * NSC_NS_PER_SEC, "all", 1, 0);
	make_file(name, bytes);
	ck_assert_int_eq(nsc_recordings_folder_add(folder, name, &which, &error), 0);
	nsc_recordings_folder_grow(folder, which, (uint64_t)bytes);
	if (settle)
		nsc_recordings_folder_settle(folder, which);
	return which;
}

static const char *named(uint64_t seconds)
{
	static char name[NSC_RECORDING_NAME];

	nsc_recording_name(name, seconds * NSC_NS_PER_SEC, "all", 1, 0);
	return name;
}

static void remove_all(void)
{
	char command[128];

	nsc_recordings_folder_close(folder);
	snprintf(command, sizeof(command), "rm -rf %s", folder_path);
	ck_assert_int_eq(system(command), 0);
}

START_TEST(names)
{
	char name[NSC_RECORDING_NAME];

	nsc_recording_name(name, 1700000000 * NSC_NS_PER_SEC + 123456789, "syn_flood", 7, 0);
	ck_assert_str_eq(name, "20231114T221320.123456Z-syn_flood-7.pcapng");
	nsc_recording_name(name, 1700000000 * NSC_NS_PER_SEC, "syn_flood", 7, 2);
	ck_assert_str_eq(name, "20231114T221320.000000Z-syn_flood-7.2.pcapng");
	nsc_recording_name(name, UINT64_MAX, "udp_icmp_flood", UINT32_MAX, 999);
	ck_assert_uint_lt(strlen(name), sizeof(name));
}
END_TEST

START_TEST(oldest_go_first)
{
	bool fits;

	make_folder();
	open_it(4 * MIB);
	make_file("20000101T000000.000000Z-mine-1.pcapng", 3 * MIB); /* of a person: no one counts it */
	for (unsigned i = 1; i <= 4; i++)
		record(i, MIB, true);
	ck_assert_uint_eq(nsc_recordings_folder_make_room(folder, 0, &fits), 0);
	ck_assert(fits);
	ck_assert_uint_eq(nsc_recordings_folder_make_room(folder, MIB + 1, &fits), 2);
	ck_assert(fits && !is_there(named(1)) && !is_there(named(2)) && is_there(named(3)) && is_there(named(4)));
	ck_assert(is_there("20000101T000000.000000Z-mine-1.pcapng"));
	ck_assert_uint_eq(nsc_recordings_folder_make_room(folder, 5 * MIB, &fits), 2);
	ck_assert(!fits && is_there("20000101T000000.000000Z-mine-1.pcapng"));
	remove_all();
}
END_TEST

START_TEST(what_is_written_stays)
{
	uint32_t which;
	bool fits;

	make_folder();
	open_it(2 * MIB);
	which = record(1, MIB, false);
	record(2, MIB, true);
	ck_assert_uint_eq(nsc_recordings_folder_make_room(folder, 1, &fits), 1);
	ck_assert(fits && is_there(named(1)) && !is_there(named(2)));
	ck_assert_uint_eq(nsc_recordings_folder_make_room(folder, MIB + 1, &fits), 0);
	ck_assert(!fits);
	nsc_recordings_folder_settle(folder, which);
	ck_assert_uint_eq(nsc_recordings_folder_make_room(folder, MIB + 1, &fits), 1);
	ck_assert(fits && !is_there(named(1)));
	remove_all();
}
END_TEST

START_TEST(next_run)
{
	struct nsc_recordings_folder *second;
	char *text;
	bool fits;
	int fd;

	make_folder();
	open_it(4 * MIB);
	record(1, MIB, true);
	record(2, MIB, true);
	record(3, MIB, true);
	ck_assert_int_eq(nsc_recordings_folder_open(&second, folder_path, MIB, &error), -EBUSY);
	nsc_recordings_folder_close(folder);
	ck_assert_int_eq(unlink(path_of(named(2))), 0);
	fd = open(path_of(".netscope-recordings"), O_WRONLY | O_APPEND);
	text = "../../etc/passwd.pcapng\nx.pcapng\n/tmp/1.pcapng\n2023";
	ck_assert_int_eq(write(fd, text, strlen(text)), (int)strlen(text));
	close(fd);
	open_it(2 * MIB);
	ck_assert_uint_eq(nsc_recordings_folder_make_room(folder, 1, &fits), 1);
	ck_assert(fits && !is_there(named(1)) && is_there(named(3)));
	remove_all();
}
END_TEST

/* A section that says that it is not complete, a whole packet, and the begin of another. */
START_TEST(cut_by_a_kill)
{
	static const struct {
		uint32_t section[2];
		char text[64];
		uint32_t section_end, packet[3], cut[2];
	} cut = { { 0x0a0d0d0a, 76 },
		  "Not complete: the recording ended before its last packet.",
		  76,
		  { 6, 12, 12 },
		  { 6, 100 } };
	struct stat found;
	int fd;

	make_folder();
	open_it(4 * MIB);
	record(1, 0, true);
	nsc_recordings_folder_close(folder);
	fd = open(path_of(named(1)), O_WRONLY);
	ck_assert_int_eq(write(fd, &cut, sizeof(cut)), sizeof(cut));
	close(fd);
	open_it(4 * MIB);
	ck_assert_int_eq(stat(path_of(named(1)), &found), 0);
	ck_assert_int_eq(found.st_size, 76 + 12);
	remove_all();
}
END_TEST

START_TEST(folder_goes_and_comes)
{
	char command[128];

	make_folder();
	open_it(2 * MIB);
	record(1, MIB, true);
	ck_assert_int_eq(nsc_recordings_folder_look(folder, &error), 0);
	snprintf(command, sizeof(command), "rm -rf %s", folder_path);
	ck_assert_int_eq(system(command), 0);
	ck_assert_int_eq(nsc_recordings_folder_look(folder, &error), -ENOENT);
	ck_assert_int_eq(nsc_recordings_folder_try(folder, &error), -ENOENT);
	ck_assert_int_eq(nsc_recordings_folder_look(folder, &error), -ENOENT);
	ck_assert_int_eq(mkdir(folder_path, 0700), 0);
	ck_assert_int_eq(nsc_recordings_folder_try(folder, &error), 0);
	ck_assert_int_eq(nsc_recordings_folder_look(folder, &error), 0);
	record(2, MIB, true);
	remove_all();
}
END_TEST

CHECK_MAIN("folder", names, oldest_go_first, what_is_written_stays, next_run, cut_by_a_kill, folder_goes_and_comes)
