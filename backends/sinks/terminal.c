/* SPDX-License-Identifier: MIT
 *
 * See terminal.h.
 */
#include "backends/sinks/terminal.h"

#include "backends/sinks/pump.h"
#include "netscope/out.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_MAX = 1024 * 1024 }; /* bytes that are written at once, at most */

/* --- a reader that is waited for -------------------------------------------------------------- */

/* A terminal that somebody else has made non-blocking is full: wait for it. */
static bool try_again(int fd)
{
	struct pollfd wait = { .fd = fd, .events = POLLOUT };

	if (errno == EAGAIN)
		poll(&wait, 1, -1);
	return errno == EINTR || errno == EAGAIN;
}

static int terminal_write_now(int fd, const char *from, const char *end)
{
	int status = 0;

	flockfile(stdout);
	while (from < end && !status) {
		ssize_t n = write(fd, from, (size_t)(end - from));

		if (n >= 0)
			from += n;
		else if (!try_again(fd))
			status = -errno;
	}
	funlockfile(stdout);
	return status;
}

/* --- either ----------------------------------------------------------------------------------- */

int nsc_terminal_write(const struct nsc_terminal *t, const char *from, const char *end, const char *what,
		       struct nsc_error *error)
{
	int status = t->pump ? nsc_pump_put(t->pump, from, (size_t)(end - from)) : terminal_write_now(t->fd, from, end);

	if (!status || status == -EAGAIN)
		return status;
	return nsc_fail(error, status, "%s failed: %s", what, strerror(-status));
}

bool nsc_terminal_has_room(const struct nsc_terminal *t, size_t bytes)
{
	return !t->pump || nsc_pump_has_room(t->pump, bytes);
}

/* --- the output ------------------------------------------------------------------------------- */

struct terminal_sink {
	struct nsc_sink sink;
	const char *name;
	struct nsc_pump *pump;
};

static int terminal_check(struct nsc_sink *sink, struct nsc_error *error)
{
	struct terminal_sink *t = (struct terminal_sink *)sink;
	int found = nsc_pump_look(t->pump);

	if (found < 0)
		return nsc_fail(error, found, "%s: its reader does not keep up: lines are lost", t->name);
	return found ? nsc_fail(error, found, "%s: its reader keeps up again", t->name) : 0;
}

/* Whoever wrote has counted what found no room; this is what found some. */
static void terminal_count_lost(struct terminal_sink *t)
{
	char *text = malloc(TEXT_MAX);
	size_t bytes, reached;

	while (text && (bytes = nsc_pump_take_back(t->pump, text, TEXT_MAX, &reached, NULL)))
		for (const char *at = text + reached; (at = memchr(at, '\n', (size_t)(text + bytes - at))); at++)
			t->sink.lost++;
	free(text);
}

static int terminal_finish(struct nsc_sink *sink, const struct nsc_remaining *remaining, struct nsc_error *error)
{
	struct terminal_sink *t = (struct terminal_sink *)sink;
	int status = nsc_pump_wait(t->pump, 0);

	if (!status || status == -EPIPE)
		return status;
	terminal_count_lost(t);
	if (status == -ETIMEDOUT)
		return nsc_fail(error, status,
				"%s: its reader took nothing at the end of the run; the last %" PRIu64
				" lines were lost",
				t->name, t->sink.lost);
	return nsc_fail(error, status, "%s: writing failed: %s", t->name, strerror(-status));
}

static const struct nsc_sink_ops terminal_ops = {
	.name = "terminal",
	.check = terminal_check,
	.finish = terminal_finish,
};

static const char *terminal_name(int fd)
{
	return fd == STDERR_FILENO ? "standard error" : "standard output";
}

int nsc_terminal_open(struct nsc_sink **sink, int fd, size_t bytes, struct nsc_error *error)
{
	struct terminal_sink *t;
	int status;

	if (!nsc_pump_is_wanted(fd))
		return 0;
	t = calloc(1, sizeof(*t));
	if (!t)
		return nsc_fail(error, -ENOMEM, "no memory for the terminal");
	t->sink.ops = &terminal_ops;
	t->name = terminal_name(fd);
	status = nsc_pump_open(&t->pump, fd, t->name, bytes, error);
	if (status)
		free(t);
	else
		*sink = &t->sink;
	return status;
}

struct nsc_pump *nsc_terminal_pump(const struct nsc_sink *sink)
{
	return sink ? ((const struct terminal_sink *)sink)->pump : NULL;
}

void nsc_terminal_close(struct nsc_sink *sink)
{
	if (sink)
		nsc_pump_close(((struct terminal_sink *)sink)->pump);
	free(sink);
}

int nsc_terminal_print(const struct nsc_sink *sink, int fd, const char *text, struct nsc_error *error)
{
	const struct nsc_terminal t = { .fd = fd, .pump = nsc_terminal_pump(sink) };
	size_t length = strlen(text);
	int status = t.pump ? nsc_pump_wait(t.pump, length) : 0;

	if (!status)
		status = nsc_terminal_write(&t, text, text + length, terminal_name(fd), error);
	if (!status && t.pump)
		status = nsc_pump_wait(t.pump, 0);
	return status ? nsc_fail(error, status, "%s",
				 status == -ETIMEDOUT ? "its reader took nothing at the end of the run"
						      : strerror(-status))
		      : 0;
}
