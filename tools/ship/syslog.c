/* SPDX-License-Identifier: MIT
 *
 * Alerts to a syslog receiver, RFC 5424: datagrams over UDP or to a socket of this machine, or one connection of TCP
 * with a length before each message (RFC 6587). Nobody answers in this protocol. So a segment is done when TCP has an
 * acknowledgement of its last byte, or when no refusal came for its last datagram; before that all of it is sent again.
 *
 * Datagram sockets are made before the sandbox; afterwards they are written, and the local one is connected again when
 * its receiver has begun anew.
 */
#include "tools/netscope/sandbox.h"
#include "tools/ship/alerts.h"
#include "tools/ship/syslog_text.h"

#include "netscope/clock.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	TIMEOUT_MS = 5000,
	REFUSAL_MS = 20, /* a refusal of a datagram comes within that, or is not waited for */
	ACKNOWLEDGED_MS = 10,
	ADDRESSES_MAX = 4,
};

struct syslog {
	struct nsc_destination destination;
	struct nsc_ship_alerts alerts;
	int kind, fd;            /* SOCK_STREAM or SOCK_DGRAM; -1 = none now */
	bool connected, pending; /* pending: messages were written that have perhaps not arrived */
	uint32_t pen, n;
	socklen_t length[ADDRESSES_MAX];
	struct sockaddr_storage address[ADDRESSES_MAX];
};

static int syslog_fail(const struct syslog *s, const char *what, struct nsc_error *error)
{
	int status = errno ? -errno : -EIO;

	return nsc_fail(error, status, "%.200s: %s: %s", s->destination.url, what, strerror(-status));
}

/* --- connections ------------------------------------------------------------------------------ */

static bool syslog_is_local(const struct syslog *s)
{
	return s->address[0].ss_family == AF_UNIX;
}

/* A socket of UDP has no connection that could end, and the sandbox lets it make no other one. */
static void syslog_disconnect(struct syslog *s)
{
	s->connected = s->connected && s->kind == SOCK_DGRAM && !syslog_is_local(s);
	s->pending = false;
	if (s->kind == SOCK_STREAM && s->fd >= 0) {
		close(s->fd);
		s->fd = -1;
	}
}

/* The other end sends nothing: what there is to read is the end of the connection. */
static bool syslog_is_closed(const struct syslog *s, int wait_ms)
{
	struct pollfd fd = { .fd = s->fd, .events = POLLRDHUP };

	return poll(&fd, 1, wait_ms) > 0 && fd.revents & (POLLERR | POLLHUP | POLLRDHUP);
}

/* A receiver that takes nothing is waited for no longer than TIMEOUT_MS in one call. */
static int syslog_socket(struct syslog *s, int family)
{
	const struct timeval limit = { TIMEOUT_MS / 1000, 0 };
	int fd = socket(family, s->kind | SOCK_CLOEXEC, 0);

	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	return fd;
}

static int syslog_connect(struct syslog *s, struct nsc_error *error)
{
	for (uint32_t i = 0; i < s->n && !s->connected; i++) {
		if (s->fd < 0)
			s->fd = syslog_socket(s, s->address[i].ss_family);
		s->connected = s->fd >= 0 && !connect(s->fd, (struct sockaddr *)&s->address[i], s->length[i]);
		if (!s->connected) {
			syslog_fail(s, "no connection", error);
			syslog_disconnect(s);
		}
	}
	return s->connected ? 0 : -EIO;
}

/* --- messages --------------------------------------------------------------------------------- */

static int syslog_write(struct syslog *s, const char *text, size_t length)
{
	size_t done = 0;

	while (done < length) {
		ssize_t n = write(s->fd, text + done, length - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		done += (size_t)n;
	}
	return 0;
}

static enum nsc_ship_verdict syslog_send_alert(struct nsc_destination *to, const struct nsc_ship_alert *alert,
					       struct nsc_error *error)
{
	struct syslog *s = (struct syslog *)to;
	char text[NSC_SYSLOG_MAX + 16];
	const size_t before = 8, length = nsc_syslog_text(text + before, alert, s->pen);
	int head = 0;

	if (s->kind == SOCK_STREAM && s->connected && !s->pending && syslog_is_closed(s, 0))
		syslog_disconnect(s); /* it was idle for long */
	if (!s->connected && syslog_connect(s, error))
		return NSC_SHIP_AGAIN;
	if (s->kind == SOCK_STREAM) {
		char octets[16];

		head = snprintf(octets, sizeof(octets), "%zu ", length);
		memcpy(text + before - head, octets, (size_t)head);
	}
	errno = 0;
	s->pending = true;
	if (!syslog_write(s, text + before - head, length + (size_t)head))
		return NSC_SHIP_DONE;
	syslog_fail(s, "a message was not taken", error);
	syslog_disconnect(s);
	return NSC_SHIP_AGAIN;
}

/* --- whether it arrived ----------------------------------------------------------------------- */

static bool syslog_is_acknowledged(const struct syslog *s, const struct tcp_info *info)
{
	return s->kind != SOCK_STREAM || (!info->tcpi_unacked && !info->tcpi_notsent_bytes);
}

static enum nsc_ship_verdict syslog_settle(struct nsc_destination *to, struct nsc_error *error)
{
	struct syslog *s = (struct syslog *)to;
	const int wait_ms = s->kind == SOCK_STREAM ? ACKNOWLEDGED_MS : syslog_is_local(s) ? 0 : REFUSAL_MS;

	for (int waited_ms = 0; waited_ms < TIMEOUT_MS; waited_ms += wait_ms) {
		struct tcp_info info = { 0 };
		socklen_t length = sizeof(info);
		bool closed = syslog_is_closed(s, waited_ms || s->kind != SOCK_STREAM ? wait_ms : 0);

		if (closed) {
			length = sizeof(errno);
			getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &errno, &length);
			errno = errno ? errno : ECONNRESET;
			break;
		}
		if (s->kind == SOCK_STREAM)
			getsockopt(s->fd, IPPROTO_TCP, TCP_INFO, &info, &length);
		if (syslog_is_acknowledged(s, &info)) {
			s->pending = false;
			return NSC_SHIP_DONE;
		}
		errno = ETIMEDOUT;
	}
	syslog_fail(s, "messages did not arrive", error);
	syslog_disconnect(s);
	return NSC_SHIP_AGAIN;
}

/* --- open ------------------------------------------------------------------------------------- */

static const char before_udp[] = "syslog+udp://", before_tcp[] = "syslog+tcp://", before_unix[] = "syslog+unix://";

static int syslog_bad_url(const char *url, struct nsc_error *error)
{
	return nsc_fail(error, -EINVAL,
			"--to: wanted syslog+udp://HOST:514, syslog+tcp://HOST:514 or syslog+unix:///dev/log; found "
			"\"%.200s\"",
			url);
}

static int syslog_read_path(struct syslog *s, const char *url, struct nsc_error *error)
{
	struct sockaddr_un *address = (struct sockaddr_un *)&s->address[0];
	const char *path = url + strlen(before_unix);

	if (path[0] != '/' || strlen(path) >= sizeof(address->sun_path))
		return syslog_bad_url(url, error);
	address->sun_family = AF_UNIX;
	strcpy(address->sun_path, path);
	s->length[0] = sizeof(*address);
	s->n = 1;
	return 0;
}

static int syslog_resolve(struct syslog *s, const char *host, const char *port, struct nsc_error *error)
{
	const struct addrinfo hints = { .ai_socktype = s->kind, .ai_flags = AI_NUMERICSERV };
	struct addrinfo *all = NULL;
	int status = getaddrinfo(host, port, &hints, &all);

	if (status)
		return nsc_fail(error, -EHOSTUNREACH, "--to: the host %.100s is not known: %s", host,
				gai_strerror(status));
	for (struct addrinfo *at = all; at && s->n < ADDRESSES_MAX; at = at->ai_next) {
		memcpy(&s->address[s->n], at->ai_addr, at->ai_addrlen);
		s->length[s->n++] = at->ai_addrlen;
	}
	freeaddrinfo(all);
	return 0;
}

/* HOST:PORT, or [ADDRESS]:PORT. */
static int syslog_read_host(struct syslog *s, const char *url, struct nsc_error *error)
{
	char host[256];
	const char *at = strstr(url, "://") + 3, *colon = strrchr(at, ':');
	const bool brackets = at[0] == '[' && colon && colon[-1] == ']';
	size_t length = colon ? (size_t)(colon - at) - 2 * brackets : 0;
	char *end = NULL;
	unsigned long port = colon ? strtoul(colon + 1, &end, 10) : 0;

	if (!length || length >= sizeof(host) || !port || port > UINT16_MAX || *end)
		return syslog_bad_url(url, error);
	memcpy(host, at + brackets, length);
	host[length] = '\0';
	if (!brackets && strpbrk(host, ":/"))
		return syslog_bad_url(url, error);
	s->destination.port = s->kind == SOCK_STREAM ? (uint16_t)port : 0;
	return syslog_resolve(s, host, colon + 1, error);
}

/* A receiver of datagrams that is not there yet is connected to later. One address: the socket has its family. */
static int syslog_make_socket(struct syslog *s, struct nsc_error *error)
{
	if (s->kind == SOCK_STREAM)
		return 0;
	s->n = 1;
	s->fd = syslog_socket(s, s->address[0].ss_family);
	if (s->fd < 0)
		return syslog_fail(s, "no socket", error);
	if (syslog_is_local(s))
		nsc_sandbox_reconnects(s->fd);
	else
		nsc_sandbox_speaks(s->fd);
	s->connected = !connect(s->fd, (struct sockaddr *)&s->address[0], s->length[0]);
	return s->connected || syslog_is_local(s) ? 0 : syslog_fail(s, "no way to it", error);
}

static int syslog_open(struct nsc_destination **opened, const char *url, const struct nsc_settings *settings,
		       struct nsc_error *error)
{
	struct syslog *s = calloc(1, sizeof(*s));
	int status;

	if (!s)
		return nsc_fail(error, -ENOMEM, "no memory for a syslog receiver");
	s->destination.ops = &nsc_destination_syslog;
	*opened = &s->destination;
	snprintf(s->destination.url, sizeof(s->destination.url), "%s", url);
	s->fd = -1;
	s->kind = strncmp(url, before_tcp, strlen(before_tcp)) ? SOCK_DGRAM : SOCK_STREAM;
	s->pen = settings->ship.syslog_pen;
	s->alerts.max_age_s = settings->ship.alerts_max_age_s;
	s->alerts.send = syslog_send_alert;
	s->alerts.settle = syslog_settle;
	s->alerts.to = &s->destination;
	if (!strncmp(url, before_unix, strlen(before_unix)))
		status = syslog_read_path(s, url, error);
	else if (s->kind == SOCK_STREAM || !strncmp(url, before_udp, strlen(before_udp)))
		status = syslog_read_host(s, url, error);
	else
		status = syslog_bad_url(url, error);
	return status ? status : syslog_make_socket(s, error);
}

static void syslog_close(struct nsc_destination *destination)
{
	struct syslog *s = (struct syslog *)destination;

	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

static enum nsc_ship_verdict syslog_send(struct nsc_destination *destination, const struct nsc_queue_segment *segment,
					 struct nsc_error *error)
{
	struct syslog *s = (struct syslog *)destination;

	return nsc_ship_alerts_send(&s->alerts, segment, nsc_clock_ns(CLOCK_REALTIME) / NSC_NS_PER_SEC, error);
}

/* Nobody answers a datagram. */
static int syslog_check(FILE *out, struct nsc_destination *destination, struct nsc_error *error)
{
	struct syslog *s = (struct syslog *)destination;
	int status = s->connected ? 0 : syslog_connect(s, error);

	if (!status && out)
		fprintf(out, "%s: %s\n", destination->url,
			s->kind == SOCK_STREAM || syslog_is_local(s) ? "is there" : "is not asked: there is no answer");
	return status;
}

const struct nsc_destination_ops nsc_destination_syslog = {
	.name = "syslog",
	.schemes = " syslog+udp syslog+tcp syslog+unix ",
	.example = "syslog+udp://127.0.0.1:514",
	.takes = 1u << NSC_SEGMENT_ALERTS,
	.open = syslog_open,
	.close = syslog_close,
	.check = syslog_check,
	.send = syslog_send,
};
