/* SPDX-License-Identifier: MIT
 *
 * Samples of the kernel become numbers as soon as they are taken: a stack is a list of names of functions and stands
 * once in a table, a sample is 16 bytes in a ring. One mutex is over all of it; no thread of the packet path takes it.
 */
#include "engine/base/profile_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "netscope/clock.h"

enum { TAKE_EVERY_NS = 100 * 1000 * 1000 };

/* --- threads ---------------------------------------------------------------------------------- */

static void thread_ask_name(struct nsc_profile_thread *thread)
{
	char path[64];
	int fd;
	ssize_t n;

	if (thread->tid == (uint32_t)getpid()) {
		memcpy(thread->name, "control", sizeof("control"));
		return;
	}
	snprintf(path, sizeof(path), "/proc/self/task/%u/comm", thread->tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, thread->name, sizeof(thread->name) - 1);
	if (fd >= 0)
		close(fd);
	thread->name[NSC_MAX(n, (ssize_t)0)] = '\0';
	thread->name[strcspn(thread->name, "\n")] = '\0';
	if (!thread->name[0])
		snprintf(thread->name, sizeof(thread->name), "%u", thread->tid);
}

static uint16_t profile_thread(struct nsc_profile *p, uint32_t tid)
{
	uint32_t i;

	for (i = 0; i < p->n_threads; i++)
		if (p->thread[i].tid == tid)
			return (uint16_t)i;
	if (p->n_threads == NSC_PROFILE_THREADS)
		return NSC_PROFILE_THREADS - 1;
	p->thread[i] = (struct nsc_profile_thread){ .tid = tid };
	p->n_threads++;
	if (p->n_threads == NSC_PROFILE_THREADS)
		snprintf(p->thread[i].name, sizeof(p->thread[i].name), "further ones");
	else
		thread_ask_name(&p->thread[i]);
	return (uint16_t)i;
}

/* A thread that has ended by now has told its name before. */
void nsc_profile_put_name(struct nsc_profile *p, uint32_t pid, uint32_t tid, const char *name)
{
	if (pid == p->pid && tid != pid) {
		struct nsc_profile_thread *thread = &p->thread[profile_thread(p, tid)];

		if (thread->tid == tid)
			snprintf(thread->name, sizeof(thread->name), "%s", name);
	}
}

/* --- stacks ----------------------------------------------------------------------------------- */

static uint32_t stack_hash(const uint32_t *frame, uint32_t n)
{
	uint64_t hash = n;

	for (uint32_t i = 0; i < n; i++)
		hash = (hash ^ frame[i]) * 0x9e3779b97f4a7c15ull;
	return (uint32_t)(hash >> 32);
}

/* The stack's number: the place of its length in `frames`. */
static uint32_t profile_intern(struct nsc_profile *p, const uint32_t *frame, uint32_t n)
{
	uint32_t at = stack_hash(frame, n) & (STACK_SLOTS - 1), *stack;

	for (; p->slot[at]; at = (at + 1) & (STACK_SLOTS - 1)) {
		stack = &p->frames[p->slot[at]];
		if (stack[0] == n && !memcmp(stack + 1, frame, n * sizeof(*frame)))
			return p->slot[at];
	}
	if (p->stacks == STACKS_MAX || n + 1 > STACK_FRAMES - p->frames_used)
		return STACK_FURTHER;
	stack = &p->frames[p->frames_used];
	stack[0] = n;
	memcpy(stack + 1, frame, n * sizeof(*frame));
	p->slot[at] = p->frames_used;
	p->frames_used += n + 1;
	p->stacks++;
	return p->slot[at];
}

/* --- samples ---------------------------------------------------------------------------------- */

/* Every frame but the innermost is known by where it goes on, which may be the first byte behind its end. */
void nsc_profile_put(struct nsc_profile *p, const struct nsc_profile_sample *sample)
{
	uint32_t frame[NSC_PROFILE_DEPTH + 1], n = 0;

	if (sample->pid != p->pid) /* a child that looks at something for us */
		return;
	for (uint32_t i = sample->n; i; i--)
		frame[n++] = nsc_symbols_find(p->symbols, sample->address[i - 1] - (i > 1));
	if (sample->in_kernel || !n)
		frame[n++] = p->name_kernel;
	if (p->next >= p->samples)
		nsc_count(&p->counters, NSC_C_PROFILE_OVERWRITTEN, 1);
	p->ring[p->next++ & (p->samples - 1)] = (struct profile_sample){
		.time_ns = sample->time_ns - NSC_MIN(sample->time_ns, p->began_monotonic_ns),
		.stack = profile_intern(p, frame, n),
		.thread = profile_thread(p, sample->tid),
		.core = (uint16_t)sample->core,
	};
	nsc_count(&p->counters, NSC_C_PROFILE_SAMPLES, 1);
}

static void profile_take_sample(void *context, const struct nsc_profile_sample *sample)
{
	nsc_profile_put(context, sample);
}

static void profile_take_name(void *context, uint32_t pid, uint32_t tid, const char *name)
{
	nsc_profile_put_name(context, pid, tid, name);
}

static void profile_lost(void *context, uint64_t samples)
{
	struct nsc_profile *p = context;

	nsc_count(&p->counters, NSC_C_PROFILE_LOST, samples);
}

/* Under the mutex. */
static void profile_take(struct nsc_profile *p)
{
	const struct nsc_profile_visitor visitor = {
		.context = p, .sample = profile_take_sample, .named = profile_take_name, .lost = profile_lost
	};

	if (p->timers)
		nsc_profile_timers_take(&visitor);
	else
		nsc_profile_events_take(&p->events, &visitor);
}

void nsc_profile_settle(struct nsc_profile *p)
{
	pthread_mutex_lock(&p->mutex);
	profile_take(p);
	pthread_mutex_unlock(&p->mutex);
}

/* --- the thread ------------------------------------------------------------------------------- */

static void *profile_thread_run(void *context)
{
	struct nsc_profile *p = context;
	struct timespec due;

	pthread_setname_np(pthread_self(), "nsc-profile");
	nsc_profile_thread();
	pthread_mutex_lock(&p->mutex);
	while (!p->stop) {
		if (!p->running) {
			pthread_cond_wait(&p->changed, &p->mutex);
			continue;
		}
		clock_gettime(CLOCK_MONOTONIC, &due);
		due.tv_nsec += TAKE_EVERY_NS;
		due.tv_sec += due.tv_nsec / (long)NSC_NS_PER_SEC;
		due.tv_nsec %= (long)NSC_NS_PER_SEC;
		pthread_cond_timedwait(&p->changed, &p->mutex, &due);
		profile_take(p);
	}
	pthread_mutex_unlock(&p->mutex);
	return NULL;
}

int nsc_profile_start(struct nsc_profile *p, struct nsc_error *error)
{
	int status = pthread_create(&p->taker, NULL, profile_thread_run, p);

	if (status)
		return nsc_fail(error, -status, "cannot start the profile's thread: %s", strerror(status));
	p->started = true;
	return 0;
}

void nsc_profile_run(struct nsc_profile *p, bool running)
{
	pthread_mutex_lock(&p->mutex);
	if (p->running != running && p->timers)
		nsc_profile_timers_run(running);
	else if (p->running != running)
		nsc_profile_events_run(&p->events, running);
	p->running = running;
	profile_take(p);
	pthread_cond_signal(&p->changed);
	pthread_mutex_unlock(&p->mutex);
}

const char *nsc_profile_note(const struct nsc_profile *p)
{
	return p->note.text;
}

uint32_t nsc_profile_missing(const struct nsc_profile *p)
{
	return p->timers ? nsc_profile_timers_missing() : 0;
}

const struct nsc_counters *nsc_profile_counters(const struct nsc_profile *p)
{
	return &p->counters;
}

/* --- memory ----------------------------------------------------------------------------------- */

static void *profile_map(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

static void profile_unmap(void *memory, size_t bytes)
{
	if (memory)
		munmap(memory, bytes);
}

static int profile_lay_out(struct nsc_profile *p, struct nsc_error *error)
{
	uint32_t further = nsc_symbols_add(p->symbols, "[further stacks]");

	p->name_kernel = nsc_symbols_add(p->symbols, "[kernel]");
	p->ring = profile_map(p->samples * sizeof(*p->ring));
	p->frames = profile_map(STACK_FRAMES * sizeof(*p->frames));
	p->slot = profile_map(STACK_SLOTS * sizeof(*p->slot));
	if (!p->ring || !p->frames || !p->slot)
		return nsc_fail(error, -ENOMEM, "no memory for %u samples of a profile", p->samples);
	p->frames_used = STACK_FURTHER; /* 0 would be a free place */
	profile_intern(p, &further, 1);
	return 0;
}

int nsc_profile_new(struct nsc_profile **profile, const struct nsc_profile_options *options, struct nsc_error *error)
{
	struct nsc_profile *p = aligned_alloc(NSC_CACHE_LINE, sizeof(*p));
	pthread_condattr_t attr;
	int status;

	*profile = NULL;
	if (!p)
		return nsc_fail(error, -ENOMEM, "no memory for a profile");
	memset(p, 0, sizeof(*p));
	p->hz = options->hz;
	p->samples = options->samples;
	p->running = options->running;
	p->pid = (uint32_t)getpid();
	p->began_ns = nsc_clock_ns(CLOCK_REALTIME);
	p->began_monotonic_ns = nsc_monotonic_ns();
	pthread_mutex_init(&p->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&p->changed, &attr);
	pthread_condattr_destroy(&attr);
	status = nsc_symbols_open(&p->symbols, error);
	if (!status)
		status = profile_lay_out(p, error);
	if (status) {
		nsc_profile_close(p);
		return status;
	}
	*profile = p;
	return 0;
}

int nsc_profile_use_timers(struct nsc_profile *p, bool running, const char *why, struct nsc_error *error)
{
	struct nsc_error refused;
	int status = nsc_profile_timers_open(&p->hz, running, &refused);

	if (status)
		return nsc_fail(error, status, "%.300s; %.150s", why, refused.text);
	p->timers = true;
	return nsc_fail(
		&p->note, 0,
		"timers sample the threads, %u times a second, and see no time in the kernel but that of system "
		"calls: %.360s",
		p->hz, why);
}

/* More samples than the kernel allows is a wish that the timers fulfil still less. */
int nsc_profile_open(struct nsc_profile **profile, const struct nsc_profile_options *options, struct nsc_error *error)
{
	int status = nsc_profile_new(profile, options, error);

	if (!status)
		status = nsc_profile_events_open(&(*profile)->events, options->hz, options->running, error);
	if (status && status != -EINVAL && *profile) {
		struct nsc_error why = *error;

		status = nsc_profile_use_timers(*profile, options->running, why.text, error);
	}
	if (status) {
		nsc_profile_close(*profile);
		*profile = NULL;
	}
	return status;
}

void nsc_profile_close(struct nsc_profile *p)
{
	if (!p)
		return;
	if (p->started) {
		pthread_mutex_lock(&p->mutex);
		p->stop = true;
		pthread_cond_signal(&p->changed);
		pthread_mutex_unlock(&p->mutex);
		pthread_join(p->taker, NULL);
	}
	if (p->timers)
		nsc_profile_timers_close();
	nsc_profile_events_close(&p->events);
	nsc_symbols_close(p->symbols);
	profile_unmap(p->ring, p->samples * sizeof(*p->ring));
	profile_unmap(p->frames, STACK_FRAMES * sizeof(*p->frames));
	profile_unmap(p->slot, STACK_SLOTS * sizeof(*p->slot));
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->mutex);
	free(p);
}
