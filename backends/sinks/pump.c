/* SPDX-License-Identifier: MIT
 *
 * A ring of bytes, and the ends of the texts in it. Room is made when a text is written whole, so that a text that was
 * not can be had back. Positions count bytes from the start and never wrap.
 */
#include "backends/sinks/pump.h"

#include "netscope/clock.h"
#include "netscope/out.h"
#include "netscope/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	TEXTS_MAX = 4096, /* on their way at a time */
	PIECE = 64 * 1024,
	STACK_BYTES = 256 * 1024,
	WAIT_MS = 100,              /* for a reader, before the thread looks whether the pump was closed */
	LOOK_NS = 20 * 1000 * 1000, /* a signal handler rings no bell */
};

struct nsc_pump {
	pthread_mutex_t mutex; /* over everything below */
	pthread_cond_t changed;
	int fd;
	bool own_fd;  /* closed with the pump */
	bool started; /* the thread runs, and frees the pump when that is closed */
	bool closed, given_up;
	bool behind, refused; /* something was refused: since the reader kept up, since the look before */
	int failed;           /* 0 or -errno of writing */
	size_t size, piece;
	uint64_t put, done, tail; /* taken; written; begin of the oldest text that is not written whole */
	uint64_t base;            /* position of the first byte of the ring, when it was empty last */
	uint64_t first, n;        /* texts: `first` counts them from the start */
	uint64_t end[TEXTS_MAX];
	char ring[];
};

/* --- how long a reader is waited for ---------------------------------------------------------- */

static uint64_t hurried_ns;                         /* 0, or when the end became urgent */
static uint64_t patience_ns = NSC_PUMP_PATIENCE_NS; /* what is left for readers that take nothing */

void nsc_out_hurry(void)
{
	uint64_t none = 0;

	__atomic_compare_exchange_n(&hurried_ns, &none, nsc_monotonic_ns(), false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

bool nsc_out_is_hurried(void)
{
	return __atomic_load_n(&hurried_ns, __ATOMIC_RELAXED) != 0;
}

/* Whether who has taken nothing since `since_ns` is waited for no more: then the time is gone. */
static bool patience_is_over(uint64_t since_ns)
{
	uint64_t hurried = __atomic_load_n(&hurried_ns, __ATOMIC_RELAXED);
	uint64_t waited = nsc_monotonic_ns() - NSC_MAX(since_ns, hurried);

	if (!hurried || waited < __atomic_load_n(&patience_ns, __ATOMIC_RELAXED) / 2)
		return false;
	__atomic_store_n(&patience_ns, __atomic_load_n(&patience_ns, __ATOMIC_RELAXED) / 2, __ATOMIC_RELAXED);
	return true;
}

/* --- open ------------------------------------------------------------------------------------- */

static bool pump_is_pipe(int fd)
{
	struct stat found;

	return !fstat(fd, &found) && S_ISFIFO(found.st_mode);
}

bool nsc_pump_is_wanted(int fd)
{
	struct stat found;

	return !fstat(fd, &found) && (S_ISFIFO(found.st_mode) || S_ISSOCK(found.st_mode) || isatty(fd));
}

static void pump_free(struct nsc_pump *p)
{
	if (p->own_fd && p->fd >= 0)
		close(p->fd);
	pthread_cond_destroy(&p->changed);
	pthread_mutex_destroy(&p->mutex);
	free(p);
}

/* A descriptor of its own: who opened the other one closes it while the thread may still wait for it. Nobody closes
 * the standard ones. */
int nsc_pump_open(struct nsc_pump **pump, int fd, const char *path, size_t bytes, struct nsc_error *error)
{
	struct nsc_pump *p = calloc(1, sizeof(*p) + bytes);
	pthread_condattr_t clock;

	if (!p)
		return nsc_fail(error, -ENOMEM, "%s: no memory for %zu bytes on their way", path, bytes);
	p->size = bytes;
	p->piece = pump_is_pipe(fd) ? PIPE_BUF : PIECE; /* a pipe takes so many at once, or none */
	p->own_fd = fd > STDERR_FILENO;
	p->fd = p->own_fd ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : fd;
	pthread_mutex_init(&p->mutex, NULL);
	pthread_condattr_init(&clock);
	pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
	pthread_cond_init(&p->changed, &clock);
	pthread_condattr_destroy(&clock);
	if (p->fd < 0) {
		int reason = errno;

		pump_free(p);
		return nsc_fail(error, -reason, "%s: cannot be written: %s", path, strerror(reason));
	}
	*pump = p;
	return 0;
}

static size_t pump_at(const struct nsc_pump *p, uint64_t position)
{
	return (size_t)((position - p->base) % p->size);
}

/* --- the thread ------------------------------------------------------------------------------- */

static void pump_forget_written(struct nsc_pump *p)
{
	while (p->n && p->end[p->first % TEXTS_MAX] <= p->done) {
		p->tail = p->end[p->first % TEXTS_MAX];
		p->first++;
		p->n--;
	}
}

/* Whether the next write would take something. Waited for here and not in write(2): whoever gives the reader up in the
 * meantime knows what it has got. Without the mutex. */
static bool pump_is_writable(struct nsc_pump *p)
{
	struct pollfd wait = { .fd = p->fd, .events = POLLOUT };
	bool writable;

	pthread_mutex_unlock(&p->mutex);
	writable = poll(&wait, 1, WAIT_MS) > 0;
	pthread_mutex_lock(&p->mutex);
	return writable && !p->closed && !p->given_up;
}

/* Up to the end of a line, where there is one: whoever else writes there, or the end, comes between two lines. */
static size_t pump_next_piece(const struct nsc_pump *p, size_t at)
{
	size_t bytes = NSC_MIN(NSC_MIN((size_t)(p->put - p->done), p->size - at), p->piece);
	const char *line_end = memrchr(p->ring + at, '\n', bytes);

	return line_end ? (size_t)(line_end + 1 - (p->ring + at)) : bytes;
}

/* One write, without the mutex: the bytes stay where they are until `done` is behind them. */
static void pump_write(struct nsc_pump *p)
{
	size_t at = pump_at(p, p->done), bytes = pump_next_piece(p, at);
	int reason;
	ssize_t n;

	pthread_mutex_unlock(&p->mutex);
	n = write(p->fd, p->ring + at, bytes);
	reason = n < 0 ? errno : EIO;
	pthread_mutex_lock(&p->mutex);
	if (n > 0)
		p->done += (uint64_t)n;
	else if (reason != EINTR && reason != EAGAIN)
		p->failed = -reason;
	pump_forget_written(p);
	pthread_cond_broadcast(&p->changed);
}

static void *pump_run(void *context)
{
	struct nsc_pump *p = context;

	pthread_setname_np(pthread_self(), "nsc-output");
	nsc_profile_thread();
	pthread_mutex_lock(&p->mutex);
	while (!p->closed) {
		if (p->done == p->put || p->failed || p->given_up)
			pthread_cond_wait(&p->changed, &p->mutex);
		else if (pump_is_writable(p))
			pump_write(p);
	}
	pthread_mutex_unlock(&p->mutex);
	pump_free(p);
	return NULL;
}

/* Signals are for control, but for SIGSYS, which tells a thread that a call of its own was refused. */
static int pump_start(struct nsc_pump *p)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	pthread_t thread;
	int failed;

	sigfillset(&all);
	sigdelset(&all, SIGSYS);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = pthread_create(&thread, &attributes, pump_run, p);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	p->started = !failed;
	return -failed;
}

/* --- in --------------------------------------------------------------------------------------- */

static bool pump_fits(const struct nsc_pump *p, size_t bytes)
{
	return p->n < TEXTS_MAX && bytes <= p->size - (size_t)(p->put - p->tail);
}

static bool pump_takes(struct nsc_pump *p, size_t bytes)
{
	if (pump_fits(p, bytes))
		return true;
	p->behind = p->refused = true;
	return false;
}

static void pump_copy_in(struct nsc_pump *p, const char *from, size_t bytes)
{
	size_t at, before_wrap;

	if (!p->n) /* a reader that keeps up touches the front of the ring only */
		p->base = p->put;
	at = pump_at(p, p->put);
	before_wrap = NSC_MIN(bytes, p->size - at);
	memcpy(p->ring + at, from, before_wrap);
	memcpy(p->ring, from + before_wrap, bytes - before_wrap);
	p->put += bytes;
	p->end[(p->first + p->n++) % TEXTS_MAX] = p->put;
}

int nsc_pump_put(struct nsc_pump *p, const void *from, size_t bytes)
{
	int status;

	if (!bytes)
		return 0;
	pthread_mutex_lock(&p->mutex);
	status = p->failed ? p->failed : pump_takes(p, bytes) ? 0 : -EAGAIN;
	if (!status && !p->started)
		status = p->failed = pump_start(p);
	if (!status) {
		pump_copy_in(p, from, bytes);
		pthread_cond_broadcast(&p->changed);
	}
	pthread_mutex_unlock(&p->mutex);
	return status;
}

bool nsc_pump_has_room(struct nsc_pump *p, size_t bytes)
{
	bool room;

	pthread_mutex_lock(&p->mutex);
	room = p->failed || pump_takes(p, bytes);
	pthread_mutex_unlock(&p->mutex);
	return room;
}

bool nsc_pump_is_behind(struct nsc_pump *p)
{
	bool behind;

	pthread_mutex_lock(&p->mutex);
	behind = p->behind;
	pthread_mutex_unlock(&p->mutex);
	return behind;
}

int nsc_pump_look(struct nsc_pump *p)
{
	int found = 0;

	pthread_mutex_lock(&p->mutex);
	if (p->behind && !p->refused && pump_fits(p, p->size / 2)) {
		p->behind = false;
		found = 1;
	} else if (p->behind) {
		found = -EAGAIN;
	}
	p->refused = false;
	pthread_mutex_unlock(&p->mutex);
	return found;
}

/* --- at the end ------------------------------------------------------------------------------- */

static bool pump_is_done(const struct nsc_pump *p, size_t bytes)
{
	return bytes ? pump_fits(p, bytes) : p->done == p->put;
}

static void pump_sleep(struct nsc_pump *p)
{
	uint64_t at = nsc_monotonic_ns() + LOOK_NS;
	struct timespec until = { .tv_sec = (time_t)(at / NSC_NS_PER_SEC), .tv_nsec = (long)(at % NSC_NS_PER_SEC) };

	pthread_cond_timedwait(&p->changed, &p->mutex, &until);
}

int nsc_pump_wait(struct nsc_pump *p, size_t bytes)
{
	uint64_t since_ns = nsc_monotonic_ns(), done;
	int status;

	pthread_mutex_lock(&p->mutex);
	done = p->done;
	while (!p->failed && !p->given_up && !pump_is_done(p, bytes)) {
		pump_sleep(p);
		if (p->done != done)
			since_ns = nsc_monotonic_ns();
		else
			p->given_up = patience_is_over(since_ns);
		done = p->done;
	}
	status = p->failed ? p->failed : pump_is_done(p, bytes) ? 0 : -ETIMEDOUT;
	pthread_mutex_unlock(&p->mutex);
	return status;
}

size_t nsc_pump_take_back(struct nsc_pump *p, void *to, size_t size, size_t *reached, bool *is_first)
{
	size_t bytes = 0, at, before_wrap;

	pthread_mutex_lock(&p->mutex);
	if (p->n && p->end[p->first % TEXTS_MAX] - p->tail <= size) {
		bytes = (size_t)(p->end[p->first % TEXTS_MAX] - p->tail);
		*reached = p->done > p->tail ? (size_t)(p->done - p->tail) : 0;
		if (is_first)
			*is_first = !p->tail;
		at = pump_at(p, p->tail);
		before_wrap = NSC_MIN(bytes, p->size - at);
		memcpy(to, p->ring + at, before_wrap);
		memcpy((char *)to + before_wrap, p->ring, bytes - before_wrap);
		p->tail = p->end[p->first % TEXTS_MAX];
		p->first++;
		p->n--;
	}
	pthread_mutex_unlock(&p->mutex);
	return bytes;
}

void nsc_pump_close(struct nsc_pump *p)
{
	bool started;

	if (!p)
		return;
	pthread_mutex_lock(&p->mutex);
	p->closed = true;
	started = p->started;
	pthread_cond_broadcast(&p->changed);
	pthread_mutex_unlock(&p->mutex);
	if (!started)
		pump_free(p);
}
