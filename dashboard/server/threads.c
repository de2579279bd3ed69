/* SPDX-License-Identifier: MIT
 *
 * /proc/self/task, read whenever somebody asks: no thread has to keep this account, and none that ended is in it.
 */
#include "dashboard/server/threads.h"

#include "engine/text/json.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "netscope/clock.h"

enum { FIELD_STATE = 3, FIELD_USER = 14, FIELD_SYSTEM = 15, FIELD_CORE = 39 }; /* proc(5), from 1 */

/* The field of that number, behind the name; NULL: there are fewer. */
static const char *thread_field(const char *behind, unsigned field)
{
	for (unsigned at = FIELD_STATE; at < field; at++, behind++) {
		behind = strchr(behind, ' ');
		if (!behind)
			return NULL;
	}
	return behind;
}

bool nsc_thread_time_read(struct nsc_thread_time *time, const char *stat, uint64_t ticks)
{
	const char *open = strchr(stat, '('), *close = strrchr(stat, ')'); /* a name may have both, and spaces */
	const char *user, *system, *core;
	size_t length;

	if (!open || !close || close < open || close[1] != ' ')
		return false;
	user = thread_field(close + 2, FIELD_USER);
	system = thread_field(close + 2, FIELD_SYSTEM);
	core = thread_field(close + 2, FIELD_CORE);
	if (!user || !system || !core)
		return false;
	length = NSC_MIN((size_t)(close - open - 1), sizeof(time->name) - 1);
	memcpy(time->name, open + 1, length);
	time->name[length] = '\0';
	time->user_ns = strtoull(user, NULL, 10) * (NSC_NS_PER_SEC / ticks);
	time->system_ns = strtoull(system, NULL, 10) * (NSC_NS_PER_SEC / ticks);
	time->core = (uint32_t)strtoul(core, NULL, 10);
	return true;
}

static bool thread_ask(struct nsc_thread_time *time, int folder, const char *tid, uint64_t ticks)
{
	char path[64], text[1024];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "%.32s/stat", tid);
	fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	if (n <= 0)
		return false; /* it has just ended */
	text[n] = '\0';
	return nsc_thread_time_read(time, text, ticks);
}

static void show_thread(const struct nsc_thread_time *time, uint64_t tid, struct nsc_json *json)
{
	nsc_json_open(json, '{');
	nsc_json_add_text(json, "name", tid == (uint64_t)getpid() ? "control" : time->name);
	nsc_json_add_u64(json, "tid", tid);
	nsc_json_add_u64(json, "core", time->core);
	nsc_json_add_fixed(json, "user_secs", (double)time->user_ns / NSC_NS_PER_SEC, 2);
	nsc_json_add_fixed(json, "system_secs", (double)time->system_ns / NSC_NS_PER_SEC, 2);
	nsc_json_close(json, '}');
}

void nsc_show_threads(struct nsc_json *json)
{
	uint64_t ticks = NSC_MAX((uint64_t)sysconf(_SC_CLK_TCK), 1);
	DIR *folder = opendir("/proc/self/task");
	struct nsc_thread_time time;
	struct dirent *entry;

	nsc_json_add_fixed(json, "threads_ms", (double)nsc_monotonic_ns() / 1e6, 3);
	nsc_json_key(json, "threads");
	if (!folder) {
		nsc_json_null(json);
		return;
	}
	nsc_json_open(json, '[');
	while ((entry = readdir(folder)))
		if (entry->d_name[0] != '.' && thread_ask(&time, dirfd(folder), entry->d_name, ticks))
			show_thread(&time, strtoull(entry->d_name, NULL, 10), json);
	nsc_json_close(json, ']');
	closedir(folder);
}
