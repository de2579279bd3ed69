/* SPDX-License-Identifier: MIT
 *
 * Signal handlers: all that they touch is prepared before, and everything that they call is async-signal-safe.
 */
#include "tools/netscope/signals.h"

#include "netscope/out.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct nsc_engine *watched; /* atomic: written by control, read by the handler on the same thread */
static volatile sig_atomic_t received, dump_wanted, record_wanted, hangup;
static char shutdown_text[1024] = "netscope: interrupted twice\n";
static volatile sig_atomic_t shutdown_length = sizeof("netscope: interrupted twice\n") - 1;

static void signal_leave(int signum)
{
	struct pollfd out = { .fd = STDERR_FILENO, .events = POLLOUT };
	ssize_t written = poll(&out, 1, 0) == 1 ? write(STDERR_FILENO, shutdown_text, (size_t)shutdown_length) : 0;

	(void)written; /* nothing is left to do about it */
	_exit(128 + signum);
}

static void on_signal(int signum)
{
	int saved = errno;
	struct nsc_engine *engine = __atomic_load_n(&watched, __ATOMIC_ACQUIRE);

	if (received)
		signal_leave(signum);
	received = signum;
	nsc_out_hurry();
	if (engine)
		nsc_engine_stop(engine);
	errno = saved;
}

/* The engine is asked from the handler itself: nothing waits for control to wake up. */
static void on_hangup(int signum)
{
	int saved = errno;
	struct nsc_engine *engine = __atomic_load_n(&watched, __ATOMIC_ACQUIRE);

	if (engine)
		nsc_engine_rotate(engine);
	hangup = 1;
	errno = saved;
}

static void on_user(int signum)
{
	if (signum == SIGUSR1)
		dump_wanted = 1;
	else
		record_wanted = 1;
}

static void all(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGUSR1);
	sigaddset(set, SIGUSR2);
}

void nsc_signals_install(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	all(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	action.sa_handler = on_user;
	action.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);
}

void nsc_signals_restore(void)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGUSR1, SIG_DFL);
	signal(SIGUSR2, SIG_DFL);
	if (received)
		raise(received);
}

void nsc_signals_rotate(void)
{
	struct sigaction action = { .sa_handler = on_hangup, .sa_flags = SA_RESTART };

	all(&action.sa_mask);
	sigaction(SIGHUP, &action, NULL);
}

bool nsc_signals_take_dump(void)
{
	bool wanted = dump_wanted;

	dump_wanted = 0;
	return wanted;
}

bool nsc_signals_take_record(void)
{
	bool wanted = record_wanted;

	record_wanted = 0;
	return wanted;
}

bool nsc_signals_take_hangup(void)
{
	bool came = hangup;

	hangup = 0;
	return came;
}

void nsc_signals_shutdown_text(const char *text)
{
	shutdown_length = 0;
	shutdown_length = snprintf(shutdown_text, sizeof(shutdown_text), "%s", text);
	shutdown_length = NSC_MIN(shutdown_length, (sig_atomic_t)sizeof(shutdown_text) - 1);
}

void nsc_signals_watch(struct nsc_engine *engine)
{
	__atomic_store_n(&watched, engine, __ATOMIC_RELEASE);
	if (engine && received)
		nsc_engine_stop(engine);
}

void nsc_signals_block(bool blocked)
{
	sigset_t set;

	all(&set);
	sigprocmask(blocked ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

const char *nsc_signals_received(void)
{
	return received == SIGINT ? "SIGINT" : received == SIGTERM ? "SIGTERM" : NULL;
}
