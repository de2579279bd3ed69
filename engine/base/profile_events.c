/* SPDX-License-Identifier: MIT
 *
 * perf_event_open(2): libc has no wrapper. An event that threads inherit has one ring for each core.
 */
#include "engine/base/profile_events.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* A ring holds what is sampled while nobody takes it: half a second of full stacks, within what the kernel lets a user
 * without rights lock (perf_event_mlock_kb). */
enum { SAMPLE_BYTES = 32 + 8 * (NSC_PROFILE_DEPTH + 2), RING_LEAST = 32 << 10, RING_MOST = 512 << 10 };

static int event_open(struct perf_event_attr *attr, int core)
{
	return (int)syscall(SYS_perf_event_open, attr, 0, core, -1, PERF_FLAG_FD_CLOEXEC);
}

static struct perf_event_attr event_attributes(uint32_t hz, bool running)
{
	return (struct perf_event_attr){
		.size = sizeof(struct perf_event_attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.freq = 1,
		.sample_freq = hz,
		.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CALLCHAIN,
		.sample_max_stack = NSC_PROFILE_DEPTH,
		.inherit = 1,
		.disabled = !running,
		.exclude_hv = 1,
		.exclude_callchain_kernel = 1,
		.comm = 1,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
	};
}

static long setting_of_kernel(const char *path)
{
	FILE *file = fopen(path, "re");
	long value = -2;

	if (file && fscanf(file, "%ld", &value) != 1)
		value = -2;
	if (file)
		fclose(file);
	return value;
}

static int explain_refusal(int status, uint32_t hz, struct nsc_error *error)
{
	long paranoid = setting_of_kernel("/proc/sys/kernel/perf_event_paranoid");
	long most = setting_of_kernel("/proc/sys/kernel/perf_event_max_sample_rate");

	if (status == -EACCES || status == -EPERM) {
		if (paranoid > 2)
			return nsc_fail(error, status,
					"kernel.perf_event_paranoid = %ld keeps performance events from this user: set "
					"it to 2, or give the program CAP_PERFMON",
					paranoid);
		return nsc_fail(
			error, status,
			"perf_event_open is refused here: a container needs a seccomp profile that allows it, or "
			"CAP_PERFMON");
	}
	if (status == -EINVAL && most >= 0 && hz > (unsigned long)most)
		return nsc_fail(error, status,
				"%u samples a second are more than kernel.perf_event_max_sample_rate = %ld allows", hz,
				most);
	if (status == -ENOBUFS)
		return nsc_fail(error, status,
				"the rings of performance events cannot be locked in memory: see ulimit -l and "
				"kernel.perf_event_mlock_kb");
	if (status == -ENOSYS || status == -ENOENT)
		return nsc_fail(error, status, "this kernel has no performance events");
	return nsc_fail(error, status, "performance events cannot be opened: %s", strerror(-status));
}

/* -ENOBUFS: the user may not lock so much memory. */
static int ring_map(struct nsc_profile_events *events, struct nsc_profile_core *core)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *ring = mmap(NULL, page + events->ring_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, core->fd, 0);

	core->ring = ring == MAP_FAILED ? NULL : ring;
	return core->ring ? 0 : errno == EPERM ? -ENOBUFS : -errno;
}

static void core_close(const struct nsc_profile_events *events, const struct nsc_profile_core *core)
{
	if (core->ring)
		munmap(core->ring, (size_t)sysconf(_SC_PAGESIZE) + events->ring_bytes);
	close(core->fd);
}

/* 0, or -errno of the first core that refuses; one that is not there is left out. */
static int events_open_all(struct nsc_profile_events *events, struct perf_event_attr *attr, uint32_t cores)
{
	int status = 0;

	for (uint32_t i = 0; i < cores && !status; i++) {
		struct nsc_profile_core *core = &events->core[events->n];

		*core = (struct nsc_profile_core){ .core = i, .fd = event_open(attr, (int)i) };
		if (core->fd < 0 && (errno == ENODEV || errno == ENXIO))
			continue;
		if (core->fd < 0) {
			status = -errno;
			break;
		}
		events->n++;
		status = ring_map(events, core);
	}
	if (!status)
		return events->n ? 0 : -ENODEV;
	while (events->n)
		core_close(events, &events->core[--events->n]);
	return status;
}

int nsc_profile_events_open(struct nsc_profile_events *events, uint32_t hz, bool running, struct nsc_error *error)
{
	struct perf_event_attr attr = event_attributes(hz, running);
	long cores = sysconf(_SC_NPROCESSORS_CONF);
	int status = -EACCES;

	*events = (struct nsc_profile_events){ .ring_bytes = RING_LEAST, .kernel = true };
	while (events->ring_bytes < (size_t)hz * SAMPLE_BYTES / 2 && events->ring_bytes < RING_MOST)
		events->ring_bytes *= 2;
	events->core = calloc((size_t)NSC_MAX(cores, 1l), sizeof(*events->core));
	if (!events->core)
		return nsc_fail(error, -ENOMEM, "no memory for the events of %ld cores", cores);
	for (;;) {
		status = events_open_all(events, &attr, (uint32_t)NSC_MAX(cores, 1l));
		if (!status)
			return 0;
		if ((status == -EACCES || status == -EPERM) && events->kernel) {
			attr.exclude_kernel = 1;
			events->kernel = false;
		} else if (status == -ENOBUFS && events->ring_bytes > RING_LEAST) {
			events->ring_bytes /= 2;
		} else {
			break;
		}
	}
	nsc_profile_events_close(events);
	return explain_refusal(status, hz, error);
}

void nsc_profile_events_run(const struct nsc_profile_events *events, bool running)
{
	for (uint32_t i = 0; i < events->n; i++)
		ioctl(events->core[i].fd, running ? PERF_EVENT_IOC_ENABLE : PERF_EVENT_IOC_DISABLE, 0);
}

void nsc_profile_events_close(struct nsc_profile_events *events)
{
	while (events->n)
		core_close(events, &events->core[--events->n]);
	free(events->core);
	events->core = NULL;
}

/* --- the ring --------------------------------------------------------------------------------- */

struct record { /* as the kernel writes it, the attributes being as they are */
	struct perf_event_header head;
	union {
		struct {
			uint32_t pid, tid;
			uint64_t time, n, address[NSC_PROFILE_DEPTH + 2]; /* marks of a context among them */
		} sample;
		struct {
			uint32_t pid, tid;
			char name[16];
		} comm;
		struct {
			uint64_t id, samples;
		} lost;
	} u;
};

/* It may go on at the begin of the ring. */
static void ring_copy(const uint8_t *data, size_t bytes, uint64_t at, void *to, size_t n)
{
	size_t begin = at & (bytes - 1), first = NSC_MIN(n, bytes - begin);

	memcpy(to, data + begin, first);
	memcpy((uint8_t *)to + first, data, n - first);
}

static void record_visit(const struct nsc_profile_core *core, const struct record *record,
			 const struct nsc_profile_visitor *visitor)
{
	struct nsc_profile_sample sample = { .core = core->core };
	uint64_t n = NSC_MIN(record->u.sample.n, (uint64_t)NSC_PROFILE_DEPTH + 2);

	if (record->head.type == PERF_RECORD_COMM) {
		visitor->named(visitor->context, record->u.comm.pid, record->u.comm.tid, record->u.comm.name);
	} else if (record->head.type == PERF_RECORD_LOST) {
		visitor->lost(visitor->context, record->u.lost.samples);
	} else if (record->head.type == PERF_RECORD_SAMPLE) {
		sample.pid = record->u.sample.pid;
		sample.tid = record->u.sample.tid;
		sample.time_ns = record->u.sample.time;
		sample.in_kernel = (record->head.misc & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_KERNEL;
		for (uint64_t i = 0; i < n && sample.n < NSC_PROFILE_DEPTH; i++)
			if (record->u.sample.address[i] < (uint64_t)PERF_CONTEXT_MAX)
				sample.address[sample.n++] = record->u.sample.address[i];
		visitor->sample(visitor->context, &sample);
	}
}

void nsc_profile_ring_take(const struct nsc_profile_core *core, size_t bytes, const struct nsc_profile_visitor *visitor)
{
	struct perf_event_mmap_page *ring = core->ring;
	const uint8_t *data = (const uint8_t *)ring + sysconf(_SC_PAGESIZE);
	uint64_t head = __atomic_load_n(&ring->data_head, __ATOMIC_ACQUIRE), tail = ring->data_tail;

	while (tail < head) {
		struct record record;

		memset(&record, 0, sizeof(record));
		ring_copy(data, bytes, tail, &record.head, sizeof(record.head));
		if (record.head.size < sizeof(record.head) || record.head.size > head - tail) {
			tail = head; /* what nobody has written like this */
			break;
		}
		ring_copy(data, bytes, tail, &record, NSC_MIN((size_t)record.head.size, sizeof(record)));
		record_visit(core, &record, visitor);
		tail += record.head.size;
	}
	__atomic_store_n(&ring->data_tail, tail, __ATOMIC_RELEASE);
}

void nsc_profile_events_take(const struct nsc_profile_events *events, const struct nsc_profile_visitor *visitor)
{
	for (uint32_t i = 0; i < events->n; i++)
		nsc_profile_ring_take(&events->core[i], events->ring_bytes, visitor);
}
