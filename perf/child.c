/* SPDX-License-Identifier: MIT
 *
 * See child.h. SIGCHLD is kept blocked, so that the wait can have an end.
 */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/memory.h"
#include "netscope/clock.h"
#include "perf/child.h"

extern char **environ;

/* `errors`: NULL = where the output goes. */
static int start(pid_t *pid, const char *const *argv, const char *output, const char *errors, const sigset_t *mask)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	int failed;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (errors)
		posix_spawn_file_actions_addopen(&files, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	else
		posix_spawn_file_actions_adddup2(&files, 1, 2);
	posix_spawnattr_init(&attributes);
	/* a group of its own, to be killed whole */
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigmask(&attributes, mask);
	failed = posix_spawnp(pid, argv[0], &files, &attributes, (char *const *)argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&files);
	return failed;
}

/* False: it was killed. */
static bool wait_for(pid_t pid, int *status, struct rusage *usage, const sigset_t *child_signal, unsigned seconds)
{
	uint64_t end_ns = nsc_monotonic_ns() + seconds * NSC_NS_PER_SEC;

	while (!wait4(pid, status, WNOHANG, usage)) {
		uint64_t now = nsc_monotonic_ns();
		if (now < end_ns) {
			struct timespec left = { .tv_sec = (time_t)((end_ns - now) / NSC_NS_PER_SEC),
						 .tv_nsec = 1000000 };

			sigtimedwait(child_signal, NULL, &left);
			continue;
		}
		kill(-pid, SIGKILL);
		wait4(pid, status, 0, usage);
		return false;
	}
	return true;
}

static double seconds_ns(struct timeval t)
{
	return (double)t.tv_sec * 1e9 + (double)t.tv_usec * 1e3;
}

void child_run_apart(struct child_result *result, const char *const *argv, const char *output, const char *errors,
		     unsigned seconds)
{
	sigset_t child_signal, before;
	struct rusage usage;
	uint64_t begin;
	int status = 0;
	pid_t pid;

	*result = (struct child_result){ .status = -1 };
	sigemptyset(&child_signal);
	sigaddset(&child_signal, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child_signal, &before);
	begin = nsc_monotonic_ns();
	if (!start(&pid, argv, output, errors, &before)) {
		if (wait_for(pid, &status, &usage, &child_signal, seconds))
			result->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		result->wall_ns = (double)(nsc_monotonic_ns() - begin);
		result->cpu_ns = seconds_ns(usage.ru_utime) + seconds_ns(usage.ru_stime);
		result->max_rss = (double)usage.ru_maxrss * 1024;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
}

void child_run(struct child_result *result, const char *const *argv, const char *log, unsigned seconds)
{
	child_run_apart(result, argv, log, NULL, seconds);
}

void child_warm_memory(uint64_t bytes)
{
	struct nsc_memory_room room;
	pid_t pid;

	nsc_memory_room(&room, "");
	bytes = NSC_MIN(bytes, room.bytes / 2);
	pid = bytes ? fork() : -1;
	if (!pid) {
		void *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (start != MAP_FAILED) {
			madvise(start, bytes, MADV_HUGEPAGE);
			madvise(start, bytes, MADV_POPULATE_WRITE);
		}
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

bool child_exists(const char *program)
{
	const char *path = getenv("PATH") ?: "/usr/bin:/bin";
	char full[PATH_MAX];

	if (strchr(program, '/'))
		return !access(program, X_OK);
	while (*path) {
		size_t length = strcspn(path, ":");

		snprintf(full, sizeof(full), "%.*s/%s", (int)length, path, program);
		if (!access(full, X_OK))
			return true;
		path += length + (path[length] == ':');
	}
	return false;
}
