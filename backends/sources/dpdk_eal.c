/* SPDX-License-Identifier: MIT
 *
 * The life of DPDK in this process: its options, its log, its memory, its thread.
 *
 * Its options are made here and nobody passes any through: wrong ones are answered with a page of help on standard
 * output. It takes this thread's cores for its own, so they are put back.
 */
#include "dpdk_internal.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <rte_alarm.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 16, LINE_MAX_BYTES = 300, THREAD_PATIENCE_S = 5, DEVICE_MAX = 4096 };

static bool eal_started;

/* --- its log ---------------------------------------------------------------------------------- */

static struct {
	pthread_mutex_t mutex;
	FILE *stream;
	void (*say)(const char *line);
	bool running;               /* lines go to `say` */
	char first[LINE_MAX_BYTES]; /* until then, the first one is kept */
	char line[LINE_MAX_BYTES];
	size_t length;
} eal_log = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static void eal_log_take_line(void)
{
	eal_log.line[eal_log.length] = '\0';
	eal_log.length = 0;
	if (!eal_log.line[0])
		return;
	if (eal_log.running)
		eal_log.say(eal_log.line);
	else if (!eal_log.first[0])
		memcpy(eal_log.first, eal_log.line, sizeof(eal_log.first));
}

static ssize_t eal_log_write(void *unused, const char *text, size_t size)
{
	pthread_mutex_lock(&eal_log.mutex);
	for (size_t i = 0; i < size; i++)
		if (text[i] == '\n')
			eal_log_take_line();
		else if (eal_log.length < sizeof(eal_log.line) - 1)
			eal_log.line[eal_log.length++] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	pthread_mutex_unlock(&eal_log.mutex);
	return (ssize_t)size;
}

static int eal_log_open(void (*say)(const char *line))
{
	eal_log.say = say;
	eal_log.stream = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = eal_log_write });
	if (!eal_log.stream)
		return -ENOMEM;
	setvbuf(eal_log.stream, NULL, _IOLBF, 0);
	return rte_openlog_stream(eal_log.stream);
}

const char *nsc_dpdk_first_line(void)
{
	return eal_log.first;
}

void nsc_dpdk_started(void)
{
	pthread_mutex_lock(&eal_log.mutex);
	eal_log.running = true;
	pthread_mutex_unlock(&eal_log.mutex);
}

/* --- pages ------------------------------------------------------------------------------------ */

static uint64_t eal_number_in(const char *folder, const char *name)
{
	char path[512];
	uint64_t number = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/kernel/mm/hugepages/%.200s/%s", folder, name);
	file = fopen(path, "re");
	if (file && fscanf(file, "%" SCNu64, &number) != 1)
		number = 0;
	if (file)
		fclose(file);
	return number;
}

/* Bytes of huge pages of one size that are free, at most. */
static uint64_t eal_huge_bytes(void)
{
	DIR *sizes = opendir("/sys/kernel/mm/hugepages");
	uint64_t most = 0, kilobytes;
	const struct dirent *entry;

	while (sizes && (entry = readdir(sizes)))
		if (sscanf(entry->d_name, "hugepages-%" SCNu64 "kB", &kilobytes) == 1)
			most = NSC_MAX(most, (kilobytes << 10) * eal_number_in(entry->d_name, "free_hugepages"));
	if (sizes)
		closedir(sizes);
	return most;
}

/* --- start ------------------------------------------------------------------------------------ */

struct eal_arguments {
	char *argv[ARGUMENTS_MAX];
	int argc;
	char core[32], memory[32], device[DEVICE_MAX + 16];
};

static void eal_add(struct eal_arguments *a, const char *word)
{
	a->argv[a->argc++] = (char *)(uintptr_t)word;
}

/* The first core on which this thread may run. */
static unsigned eal_core(const cpu_set_t *cores)
{
	unsigned core = 0;

	while (core + 1 < CPU_SETSIZE && !CPU_ISSET(core, cores))
		core++;
	return core;
}

static void eal_arguments_fill(struct eal_arguments *a, const struct nsc_dpdk_start *start, unsigned core, bool small)
{
	eal_add(a, "netscope");
	eal_add(a, "--no-shconf");
	eal_add(a, "--no-telemetry");
	eal_add(a, "--log-level=4"); /* errors */
	snprintf(a->core, sizeof(a->core), "--lcores=0@%u", core);
	eal_add(a, a->core);
	if (small) {
		snprintf(a->memory, sizeof(a->memory), "%" PRIu64, (start->bytes >> 20) + 1);
		eal_add(a, "--no-huge");
		eal_add(a, "-m");
		eal_add(a, a->memory);
	} else {
		eal_add(a, "--in-memory");
	}
	if (start->port->kind == NSC_DPDK_VIRTUAL) {
		eal_add(a, "--no-pci");
		eal_add(a, "--iova-mode=va");
		snprintf(a->device, sizeof(a->device), "--vdev=%s", start->port->device);
	} else {
		snprintf(a->device, sizeof(a->device), "--allow=%s", start->port->name);
	}
	eal_add(a, a->device);
}

/* What a library writes to a terminal goes into the log. No other thread runs yet. */
static int eal_init_quietly(struct eal_arguments *a)
{
	FILE *out = stdout, *err = stderr;
	int status;

	stdout = stderr = eal_log.stream;
	status = rte_eal_init(a->argc, a->argv);
	fflush(eal_log.stream);
	stdout = out;
	stderr = err;
	return status < 0 ? -rte_errno : 0;
}

int nsc_dpdk_start(const struct nsc_dpdk_start *start, bool *small_pages, struct nsc_error *error)
{
	struct eal_arguments a = { .argc = 0 };
	cpu_set_t cores;
	int status;

	if (eal_started)
		return nsc_fail(error, -EALREADY, "DPDK can be started once in the life of a process, and was");
	if (start->port->device && strlen(start->port->device) > DEVICE_MAX)
		return nsc_fail(error, -EINVAL, "--dpdk-port: wanted at most %u characters, found %zu",
				(unsigned)DEVICE_MAX, strlen(start->port->device));
	status = -pthread_getaffinity_np(pthread_self(), sizeof(cores), &cores);
	if (status)
		return nsc_fail(error, status, "the cores of this thread are not known: %s", strerror(-status));
	if (eal_log_open(start->say))
		return nsc_fail(error, -ENOMEM, "no memory to start DPDK");
	eal_started = true;
	*small_pages = eal_huge_bytes() < start->bytes;
	eal_arguments_fill(&a, start, eal_core(&cores), *small_pages);
	status = eal_init_quietly(&a);
	pthread_setaffinity_np(pthread_self(), sizeof(cores), &cores);
	if (status)
		return nsc_fail(error, status, "DPDK does not start for '%s': %s", start->port->name,
				eal_log.first[0] ? eal_log.first : strerror(-status));
	return 0;
}

/* --- its thread ------------------------------------------------------------------------------- */

static struct {
	pthread_mutex_t mutex;
	pthread_cond_t done;
	int (*act)(void *context);
	void *context;
	int status;
} eal_errand = { .mutex = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER };

/* A timer of DPDK calls this, and its timers are what that thread is for. */
static void eal_errand_run(void *unused)
{
	pthread_mutex_lock(&eal_errand.mutex);
	eal_errand.status = eal_errand.act(eal_errand.context);
	eal_errand.act = NULL;
	pthread_cond_signal(&eal_errand.done);
	pthread_mutex_unlock(&eal_errand.mutex);
}

int nsc_dpdk_in_its_thread(int (*act)(void *context), void *context)
{
	struct timespec until;
	int status = 0;

	if (!eal_started)
		return 0;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += THREAD_PATIENCE_S;
	pthread_mutex_lock(&eal_errand.mutex);
	eal_errand.act = act;
	eal_errand.context = context;
	eal_errand.status = -ETIMEDOUT;
	if (rte_eal_alarm_set(1, eal_errand_run, NULL))
		status = ETIMEDOUT;
	while (eal_errand.act && !status)
		status = pthread_cond_timedwait(&eal_errand.done, &eal_errand.mutex, &until);
	status = eal_errand.status;
	pthread_mutex_unlock(&eal_errand.mutex);
	return status;
}

bool nsc_dpdk_built(void)
{
	return true;
}

uint32_t nsc_dpdk_threads(void)
{
	return eal_started;
}
