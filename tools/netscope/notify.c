/* SPDX-License-Identifier: MIT
 *
 * The protocol by hand: a library for it would bring five others, for a datagram.
 */
#include "tools/netscope/notify.h"

#include "engine/text/escape.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { FEEDS = 4, STATUS_SHOWN = 400 };

static int notify_connect(const char *path, struct nsc_error *error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = strlen(path);
	int fd, status;

	if ((path[0] != '/' && path[0] != '@') || length >= sizeof(address.sun_path))
		return nsc_fail(error, -EINVAL, "NOTIFY_SOCKET=%.200s: wanted a path, or a name behind @", path);
	memcpy(address.sun_path, path, length);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return nsc_fail(error, -errno, "NOTIFY_SOCKET=%.200s: no socket: %s", path, strerror(errno));
	if (!connect(fd, (struct sockaddr *)&address,
		     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (path[0] == '/'))))
		return fd;
	status = nsc_fail(error, -errno, "NOTIFY_SOCKET=%.200s: cannot be reached: %s", path, strerror(errno));
	close(fd);
	return status;
}

static bool number_from(const char *name, uint64_t *number)
{
	const char *text = getenv(name);
	char *end;

	errno = 0;
	*number = text ? strtoull(text, &end, 10) : 0;
	return text && *text >= '0' && *text <= '9' && !*end && !errno;
}

static uint64_t watchdog_ns(void)
{
	uint64_t usec, pid;

	if (!number_from("WATCHDOG_USEC", &usec) || usec > UINT64_MAX / 1000)
		return 0;
	return number_from("WATCHDOG_PID", &pid) && pid != (uint64_t)getpid() ? 0 : usec * 1000;
}

int nsc_notify_open(struct nsc_notify *notify, struct nsc_error *error)
{
	const char *path = getenv("NOTIFY_SOCKET");

	*notify = (struct nsc_notify){ .fd = -1 };
	if (!path || !*path)
		return 0;
	notify->fd = notify_connect(path, error);
	if (notify->fd < 0) {
		int status = notify->fd;

		notify->fd = -1;
		return status;
	}
	notify->watchdog_ns = watchdog_ns();
	return 0;
}

/* write(2): all else is refused on this socket once the run is confined. A manager that has gone is nobody's fault. */
static bool notify_send(const struct nsc_notify *notify, const char *text)
{
	return write(notify->fd, text, strlen(text)) >= 0 || (errno != EAGAIN && errno != ENOBUFS && errno != EINTR);
}

void nsc_notify_state(struct nsc_notify *notify, const char *assignments)
{
	if (notify->fd < 0)
		return;
	snprintf(notify->due, sizeof(notify->due), "%s", assignments);
	if (notify_send(notify, notify->due))
		notify->due[0] = '\0';
}

void nsc_notify_status(struct nsc_notify *notify, const char *sentence)
{
	char text[NSC_NOTIFY_TEXT] = "STATUS=";
	size_t length = strlen(text);

	if (notify->fd < 0)
		return;
	length += nsc_escape(NSC_ESCAPE_TERMINAL, sentence, strlen(sentence), text + length, STATUS_SHOWN);
	text[length] = '\0';
	notify_send(notify, text);
}

bool nsc_notify_look(struct nsc_notify *notify, uint64_t now_ns)
{
	if (notify->fd < 0)
		return false;
	if (notify->due[0] && notify_send(notify, notify->due))
		notify->due[0] = '\0';
	return notify->watchdog_ns && now_ns - notify->fed_ns >= notify->watchdog_ns / FEEDS;
}

void nsc_notify_alive(struct nsc_notify *notify, uint64_t now_ns)
{
	if (notify->fd >= 0 && notify_send(notify, "WATCHDOG=1"))
		notify->fed_ns = now_ns;
}

void nsc_notify_reloading(struct nsc_notify *notify, uint64_t now_ns)
{
	char text[64];

	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, now_ns / 1000);
	nsc_notify_state(notify, text);
}

void nsc_notify_close(struct nsc_notify *notify)
{
	if (notify->fd >= 0)
		close(notify->fd);
	notify->fd = -1;
}
