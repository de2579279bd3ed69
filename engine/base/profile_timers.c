/* SPDX-License-Identifier: MIT
 *
 * timer_create(2) on CLOCK_THREAD_CPUTIME_ID with SIGEV_THREAD_ID. A handler finds its ring by a pointer of its own
 * thread, never by what the signal carries: anybody of the same user could have sent it.
 */
#include "engine/base/profile_timers.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "netscope/clock.h"
#include "netscope/profile.h"

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

#ifdef __clang__
#define UNCHECKED __attribute__((no_sanitize("address", "thread", "memory")))
#else
#define UNCHECKED __attribute__((no_sanitize("address"), no_sanitize("thread")))
#endif

enum { SIGNAL_AFTER_MIN = 5, HEAD_WORDS = 2, SAMPLE_WORDS = HEAD_WORDS + NSC_PROFILE_DEPTH };
enum { ABOUT_WEIGHT = 8, ABOUT_KERNEL = 16, ABOUT_CORE = 32 }; /* bits of a sample's second word, behind its frames */

/* A thread that is sampled. `tid` is stored last; 0: it has no timer. */
struct profile_own {
	struct nsc_profile_ring ring;
	uint64_t top; /* where its stack ends */
	uint32_t tid;
	bool armable; /* its timer is there; under the mutex */
	bool told;    /* its name; by who takes samples */
	timer_t timer;
	char name[16];
};

static struct {
	pthread_mutex_t mutex; /* over all but `open` and what belongs to a ring; no handler takes it */
	bool open, running;
	uint32_t hz, n, missing;
	struct profile_own *own; /* [NSC_PROFILE_THREADS], until the process ends: a signal may be on its way */
} timers = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static _Thread_local struct profile_own *own_place;

/* --- rings ------------------------------------------------------------------------------------ */

static uint64_t *ring_word(struct nsc_profile_ring *ring, uint64_t at)
{
	return &ring->word[at % NSC_PROFILE_RING];
}

/* Code without frame pointers leaves anything in the register: only what lies further out on the stack is followed. */
UNCHECKED static uint32_t ring_walk(struct nsc_profile_ring *ring, uint64_t at,
				    const struct nsc_profile_registers *registers, uint64_t top)
{
	uint64_t frame = registers->frame, least = registers->stack;
	uint32_t n = 1;

	*ring_word(ring, at) = registers->instruction;
	while (n < NSC_PROFILE_DEPTH && frame >= least && !(frame & 7) && top >= 16 && frame <= top - 16) {
		const uint64_t *saved = (const uint64_t *)(uintptr_t)frame;

		if (!saved[1])
			break;
		*ring_word(ring, at + n++) = saved[1];
		least = frame + 16;
		frame = saved[0];
	}
	return n;
}

void nsc_profile_ring_put(struct nsc_profile_ring *ring, const struct nsc_profile_registers *registers, uint64_t top,
			  const struct nsc_profile_sample *head, uint32_t weight)
{
	uint64_t at = ring->head, used = at - __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE), n;

	if (NSC_PROFILE_RING - used < SAMPLE_WORDS) {
		__atomic_store_n(&ring->lost, ring->lost + weight, __ATOMIC_RELAXED);
		return;
	}
	n = ring_walk(ring, at + HEAD_WORDS, registers, top);
	*ring_word(ring, at) = head->time_ns;
	*ring_word(ring, at + 1) = n | (uint64_t)weight << ABOUT_WEIGHT | (uint64_t)head->in_kernel << ABOUT_KERNEL |
				   (uint64_t)head->core << ABOUT_CORE;
	__atomic_store_n(&ring->head, at + HEAD_WORDS + n, __ATOMIC_RELEASE);
}

void nsc_profile_ring_drain(struct nsc_profile_ring *ring, uint32_t tid, const struct nsc_profile_visitor *visitor)
{
	uint64_t head = __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE), at = ring->tail;
	uint64_t lost = __atomic_load_n(&ring->lost, __ATOMIC_RELAXED);
	struct nsc_profile_sample sample = { .pid = (uint32_t)getpid(), .tid = tid };

	while (at < head) {
		uint64_t about = *ring_word(ring, at + 1);

		sample.time_ns = *ring_word(ring, at);
		sample.core = (uint32_t)(about >> ABOUT_CORE);
		sample.in_kernel = about >> ABOUT_KERNEL & 1;
		sample.n = (uint32_t)(about & 0xff);
		for (uint32_t i = 0; i < sample.n; i++)
			sample.address[i] = *ring_word(ring, at + HEAD_WORDS + i);
		for (uint32_t weight = (uint32_t)(about >> ABOUT_WEIGHT & 0xff); weight; weight--)
			visitor->sample(visitor->context, &sample);
		at += HEAD_WORDS + sample.n;
	}
	__atomic_store_n(&ring->tail, at, __ATOMIC_RELEASE);
	if (lost != ring->lost_told)
		visitor->lost(visitor->context, lost - ring->lost_told);
	ring->lost_told = lost;
}

/* --- the handler ------------------------------------------------------------------------------ */

static struct nsc_profile_registers registers_of(const void *context)
{
	const mcontext_t *machine = &((const ucontext_t *)context)->uc_mcontext;

#if defined(__x86_64__)
	return (struct nsc_profile_registers){ (uint64_t)machine->gregs[REG_RIP], (uint64_t)machine->gregs[REG_RBP],
					       (uint64_t)machine->gregs[REG_RSP] };
#elif defined(__aarch64__)
	return (struct nsc_profile_registers){ machine->pc, machine->regs[29], machine->sp };
#else
	(void)machine;
	return (struct nsc_profile_registers){ .instruction = 0 };
#endif
}

/* A signal that comes on the way back from a system call finds the thread behind the instruction that made it, or at it
 * where the call is made again: the kernel was at work when the timer expired. */
UNCHECKED static bool is_system_call(uint64_t instruction)
{
#if defined(__x86_64__)
	const uint8_t *code = (const uint8_t *)(uintptr_t)instruction;
	uint64_t in_page = instruction & 4095;

	return (in_page >= 2 && code[-2] == 0x0f && code[-1] == 0x05) ||
	       (in_page < 4095 && code[0] == 0x0f && code[1] == 0x05);
#elif defined(__aarch64__)
	const uint32_t *code = (const uint32_t *)(uintptr_t)instruction;

	return ((instruction & 4095) && code[-1] == 0xd4000001) || code[0] == 0xd4000001;
#else
	return false;
#endif
}

/* A timer that could not be looked at in time stands for the expirations that were missed, too. */
static void on_profile_timer(int signum, siginfo_t *info, void *context)
{
	struct nsc_profile_registers registers = registers_of(context);
	struct profile_own *own = own_place;
	struct nsc_profile_sample head;
	int saved = errno, core;

	if (own && info->si_code == SI_TIMER) {
		core = sched_getcpu();
		head.time_ns = nsc_monotonic_ns();
		head.core = core < 0 ? 0 : (uint32_t)core;
		head.in_kernel = is_system_call(registers.instruction);
		nsc_profile_ring_put(&own->ring, &registers, own->top, &head,
				     1 + (uint32_t)NSC_MIN(NSC_MAX(info->si_overrun, 0), NSC_PROFILE_WEIGHT_MAX - 1));
	}
	errno = saved;
}

/* --- threads ---------------------------------------------------------------------------------- */

static int timer_signal(void)
{
	return SIGRTMIN + SIGNAL_AFTER_MIN;
}

static void own_arm(const struct profile_own *own, bool running)
{
	uint64_t period_ns = running ? NSC_NS_PER_SEC / timers.hz : 0;
	const struct timespec period = { .tv_sec = (time_t)(period_ns / NSC_NS_PER_SEC),
					 .tv_nsec = (long)(period_ns % NSC_NS_PER_SEC) };
	const struct itimerspec spec = { .it_interval = period, .it_value = period };

	timer_settime(own->timer, 0, &spec, NULL);
}

/* Of the calling thread. 0 or -errno. */
static int own_stack(struct profile_own *own)
{
	pthread_attr_t attributes;
	size_t bytes;
	void *lowest;
	int status = pthread_getattr_np(pthread_self(), &attributes);

	if (!status) {
		status = pthread_attr_getstack(&attributes, &lowest, &bytes);
		own->top = (uint64_t)(uintptr_t)lowest + bytes;
		pthread_attr_destroy(&attributes);
	}
	return -status;
}

static int own_timer(struct profile_own *own)
{
	struct sigevent event = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = timer_signal() };
	sigset_t set;

	event.sigev_notify_thread_id = gettid();
	if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &own->timer))
		return -errno;
	sigemptyset(&set);
	sigaddset(&set, timer_signal());
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	return 0;
}

/* The calling thread gets a timer. Under the mutex. 0 or -errno. */
static int timers_join(void)
{
	struct profile_own *own = own_place;
	int status;

	if (!own && timers.n == NSC_PROFILE_THREADS)
		return -ENOSPC;
	if (!own)
		own = &timers.own[timers.n];
	status = own_stack(own);
	if (!status)
		status = own_timer(own);
	if (status)
		return status;
	if (pthread_getname_np(pthread_self(), own->name, sizeof(own->name)))
		own->name[0] = '\0';
	own->armable = true;
	if (!own_place)
		__atomic_store_n(&timers.n, timers.n + 1, __ATOMIC_RELEASE);
	__atomic_store_n(&own->tid, (uint32_t)gettid(), __ATOMIC_RELEASE);
	own_place = own;
	if (timers.running)
		own_arm(own, true);
	return 0;
}

void nsc_profile_thread(void)
{
	if (!__atomic_load_n(&timers.open, __ATOMIC_ACQUIRE))
		return;
	pthread_mutex_lock(&timers.mutex);
	if (timers.open && timers_join())
		timers.missing++;
	pthread_mutex_unlock(&timers.mutex);
}

uint32_t nsc_profile_timers_missing(void)
{
	uint32_t missing;

	pthread_mutex_lock(&timers.mutex);
	missing = timers.missing;
	pthread_mutex_unlock(&timers.mutex);
	return missing;
}

/* --- all of them ------------------------------------------------------------------------------ */

/* The coarse clock moves at each tick. */
static uint32_t ticks_per_second(void)
{
	struct timespec tick = { .tv_nsec = 0 };

	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	return (uint32_t)(NSC_NS_PER_SEC / (uint64_t)NSC_MAX(tick.tv_nsec, 1000 * 1000l));
}

static int timers_lay_out(void)
{
	struct sigaction action = { .sa_sigaction = on_profile_timer, .sa_flags = SA_SIGINFO | SA_RESTART };
	size_t bytes = NSC_PROFILE_THREADS * sizeof(*timers.own);

	if (!timers.own)
		timers.own =
			mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (timers.own == MAP_FAILED) {
		timers.own = NULL;
		return -ENOMEM;
	}
	sigfillset(&action.sa_mask);
	return sigaction(timer_signal(), &action, NULL) ? -errno : 0;
}

int nsc_profile_timers_open(uint32_t *hz, bool running, struct nsc_error *error)
{
	int status;

	pthread_mutex_lock(&timers.mutex);
	timers.hz = *hz = NSC_MIN(*hz, ticks_per_second());
	timers.running = running;
	timers.missing = 0;
	status = timers_lay_out();
	if (!status)
		status = timers_join();
	__atomic_store_n(&timers.open, !status, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&timers.mutex);
	return status ? nsc_fail(error, status, "timers on the CPU clock of a thread cannot be had: %s",
				 strerror(-status))
		      : 0;
}

void nsc_profile_timers_run(bool running)
{
	pthread_mutex_lock(&timers.mutex);
	timers.running = running;
	for (uint32_t i = 0; i < timers.n; i++)
		if (timers.own[i].armable)
			own_arm(&timers.own[i], running);
	pthread_mutex_unlock(&timers.mutex);
}

void nsc_profile_timers_take(const struct nsc_profile_visitor *visitor)
{
	uint32_t n = __atomic_load_n(&timers.n, __ATOMIC_ACQUIRE);

	for (uint32_t i = 0; i < n; i++) {
		struct profile_own *own = &timers.own[i];
		uint32_t tid = __atomic_load_n(&own->tid, __ATOMIC_ACQUIRE);

		if (!tid)
			continue;
		if (!own->told)
			visitor->named(visitor->context, (uint32_t)getpid(), tid, own->name);
		own->told = true;
		nsc_profile_ring_drain(&own->ring, tid, visitor);
	}
}

void nsc_profile_timers_close(void)
{
	pthread_mutex_lock(&timers.mutex);
	__atomic_store_n(&timers.open, false, __ATOMIC_RELEASE);
	timers.running = false;
	for (uint32_t i = 0; i < timers.n; i++) {
		struct profile_own *own = &timers.own[i];

		if (own->armable)
			timer_delete(own->timer);
		own->armable = own->told = false;
		__atomic_store_n(&own->tid, 0, __ATOMIC_RELEASE);
		__atomic_store_n(&own->ring.tail, __atomic_load_n(&own->ring.head, __ATOMIC_ACQUIRE), __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&timers.mutex);
}
