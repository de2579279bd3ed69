/* SPDX-License-Identifier: MIT */
#include "tools/ship/scrape.h"

#include "dashboard/server/guard.h"
#include "engine/text/buffer.h"
#include "netscope/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ANSWER_LIMIT = 1 << 20, WHERE_MAX = 64, BACKLOG = 16 };

struct scrape_connection { /* fd < 0: its place is free */
	int fd;
	uint64_t due_ns; /* when it is closed */
	size_t used, sent;
	struct nsc_buffer answer; /* empty while the request comes */
	char request[NSC_SCRAPE_REQUEST];
};

struct nsc_scrape {
	int listener;
	bool loopback;
	char url[WHERE_MAX + 16];
	struct scrape_connection connection[NSC_SCRAPE_CONNECTIONS];
};

/* --- open ------------------------------------------------------------------------------------- */

static int scrape_refuse(const char *where, struct nsc_error *error)
{
	return nsc_fail(error, -EINVAL,
			"--ship-metrics: wanted ADDRESS:PORT, as in 127.0.0.1:9117 or [::1]:9117; found \"%.100s\"",
			where);
}

static int scrape_address(const char *where, struct sockaddr_storage *address, socklen_t *length,
			  struct nsc_error *error)
{
	char host[WHERE_MAX] = "127.0.0.1";
	const char *colon = strrchr(where, ':'), *port = colon ? colon + 1 : where;
	char *end;
	unsigned long number = strtoul(port, &end, 10);

	if (*port < '0' || *port > '9' || *end || number > UINT16_MAX || strlen(where) >= WHERE_MAX)
		return scrape_refuse(where, error);
	if (colon)
		snprintf(host, sizeof(host), "%.*s", (int)(colon - where), where);
	return nsc_guard_address(host, (uint16_t)number, address, length, error) ? scrape_refuse(where, error) : 0;
}

static int scrape_listen(struct nsc_scrape *s, const char *where, struct nsc_error *error)
{
	struct sockaddr_storage address;
	socklen_t length;
	int one = 1, status = scrape_address(where, &address, &length, error);

	if (status)
		return status;
	s->loopback = nsc_guard_is_loopback((struct sockaddr *)&address);
	s->listener = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->listener < 0)
		return nsc_fail(error, -errno, "--ship-metrics: no socket: %s", strerror(errno));
	setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(s->listener, (struct sockaddr *)&address, length) || listen(s->listener, BACKLOG))
		return nsc_fail(error, -errno, "--ship-metrics: cannot listen on %.100s: %s", where, strerror(errno));
	length = sizeof(address);
	getsockname(s->listener, (struct sockaddr *)&address, &length);
	snprintf(s->url, sizeof(s->url), "http://%.*s:%u/metrics",
		 (int)(strrchr(where, ':') ? strrchr(where, ':') - where : 9),
		 strrchr(where, ':') ? where : "127.0.0.1",
		 ntohs(address.ss_family == AF_INET ? ((struct sockaddr_in *)&address)->sin_port
						    : ((struct sockaddr_in6 *)&address)->sin6_port));
	return 0;
}

int nsc_scrape_open(struct nsc_scrape **scrape, const char *where, struct nsc_error *error)
{
	struct nsc_scrape *s = calloc(1, sizeof(*s));
	int status;

	*scrape = NULL;
	if (!s)
		return nsc_fail(error, -ENOMEM, "no memory for --ship-metrics");
	s->listener = -1;
	for (uint32_t i = 0; i < NSC_SCRAPE_CONNECTIONS; i++)
		s->connection[i].fd = -1;
	status = scrape_listen(s, where, error);
	if (status) {
		nsc_scrape_close(s);
		return status;
	}
	*scrape = s;
	return 0;
}

const char *nsc_scrape_url(const struct nsc_scrape *s)
{
	return s->url;
}

static void scrape_drop(struct scrape_connection *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	nsc_buffer_close(&c->answer);
}

void nsc_scrape_close(struct nsc_scrape *s)
{
	for (uint32_t i = 0; s && i < NSC_SCRAPE_CONNECTIONS; i++)
		scrape_drop(&s->connection[i]);
	if (s && s->listener >= 0)
		close(s->listener);
	free(s);
}

/* --- answers ---------------------------------------------------------------------------------- */

static void scrape_answer(struct scrape_connection *c, const char *status, const char *type,
			  const struct nsc_buffer *body, bool head_only)
{
	char head[512];
	int n = snprintf(head, sizeof(head),
			 "HTTP/1.1 %s\r\nContent-Type: text/plain; %scharset=utf-8\r\nContent-Length: %zu\r\n"
			 "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
			 status, type, body->length);

	nsc_buffer_bytes(&c->answer, head, (size_t)n);
	if (!head_only)
		nsc_buffer_bytes(&c->answer, body->data, body->length);
}

static void scrape_say(struct scrape_connection *c, const char *status, const char *sentence)
{
	struct nsc_buffer body = { .data = (char *)sentence, .length = strlen(sentence) };

	scrape_answer(c, status, "", &body, false);
}

/* The value of Host; length 0: there is none. nsc_guard_head has seen that there is one at most. */
static struct nsc_span scrape_host(const char *request)
{
	for (const char *line = request; (line = strstr(line, "\r\n")) && line[2] != '\r'; line += 2)
		if (!strncasecmp(line + 2, "host:", 5)) {
			const char *at = line + 7 + strspn(line + 7, " \t");

			return (struct nsc_span){ at, strcspn(at, " \t\r\n") };
		}
	return (struct nsc_span){ "", 0 };
}

static void scrape_respond(const struct nsc_scrape *s, struct scrape_connection *c,
			   void (*write)(struct nsc_buffer *out, const void *context), const void *context)
{
	struct nsc_buffer body = nsc_buffer_open(ANSWER_LIMIT);
	const char *fault, *path = strchr(c->request, ' ');
	bool head = !strncmp(c->request, "HEAD ", 5);
	size_t length;

	fault = nsc_guard_head((struct nsc_span){ c->request, c->used }, &length);
	if (fault || !path)
		scrape_say(c, "400 Bad Request", fault ? fault : "that is no request\n");
	else if (s->loopback && !nsc_guard_host(scrape_host(c->request), NULL, ""))
		scrape_say(c, "403 Forbidden", "this Host is not this machine\n");
	else if (!head && strncmp(c->request, "GET ", 4))
		scrape_say(c, "405 Method Not Allowed", "GET and HEAD are all there is\n");
	else if (strcspn(path + 1, " ?\r") != strlen("/metrics") || strncmp(path + 1, "/metrics", 8))
		scrape_say(c, "404 Not Found", "there is /metrics, and nothing else\n");
	else {
		write(&body, context);
		scrape_answer(c, "200 OK", "version=0.0.4; ", &body, head);
		nsc_buffer_close(&body);
	}
}

/* False: the connection has ended. */
static bool scrape_read(const struct nsc_scrape *s, struct scrape_connection *c,
			void (*write)(struct nsc_buffer *out, const void *context), const void *context)
{
	ssize_t n = recv(c->fd, c->request + c->used, sizeof(c->request) - 1 - c->used, 0);

	if (n <= 0)
		return n && (errno == EAGAIN || errno == EINTR);
	c->used += (size_t)n;
	c->request[c->used] = '\0';
	if (memmem(c->request, c->used, "\r\n\r\n", 4))
		scrape_respond(s, c, write, context);
	else if (c->used == sizeof(c->request) - 1)
		scrape_say(c, "431 Request Header Fields Too Large", "a request has at most 4095 bytes\n");
	return true;
}

/* False: it was sent, or nobody reads it. */
static bool scrape_send(struct scrape_connection *c)
{
	ssize_t n = send(c->fd, c->answer.data + c->sent, c->answer.length - c->sent, MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	c->sent += (size_t)n;
	return c->sent < c->answer.length;
}

/* --- the loop --------------------------------------------------------------------------------- */

static void scrape_accept(struct nsc_scrape *s, uint64_t now_ns)
{
	for (uint32_t i = 0; i < NSC_SCRAPE_CONNECTIONS; i++) {
		struct scrape_connection *c = &s->connection[i];

		if (c->fd >= 0)
			continue;
		*c = (struct scrape_connection){ .due_ns = now_ns + NSC_SCRAPE_PATIENCE_S * NSC_NS_PER_SEC };
		c->answer = nsc_buffer_open(ANSWER_LIMIT + 1024);
		c->fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (c->fd < 0)
			return;
	}
}

/* Whom to wait for: the listener while there is a place, then the connections by their places. */
static uint64_t scrape_prepare(const struct nsc_scrape *s, struct pollfd poll[NSC_SCRAPE_CONNECTIONS + 1],
			       uint64_t until_ns)
{
	poll[0] = (struct pollfd){ .fd = -1, .events = POLLIN };
	for (uint32_t i = 0; s && i < NSC_SCRAPE_CONNECTIONS; i++) {
		const struct scrape_connection *c = &s->connection[i];

		poll[i + 1] = (struct pollfd){ .fd = c->fd, .events = c->answer.length ? POLLOUT : POLLIN };
		if (c->fd < 0)
			poll[0].fd = s->listener;
		else
			until_ns = NSC_MIN(until_ns, c->due_ns);
	}
	return until_ns;
}

static void scrape_round(struct nsc_scrape *s, const struct pollfd poll[NSC_SCRAPE_CONNECTIONS + 1], uint64_t now_ns,
			 void (*write)(struct nsc_buffer *out, const void *context), const void *context)
{
	for (uint32_t i = 0; i < NSC_SCRAPE_CONNECTIONS; i++) {
		struct scrape_connection *c = &s->connection[i];
		bool goes_on = now_ns < c->due_ns;

		if (c->fd < 0)
			continue;
		if (goes_on && poll[i + 1].revents)
			goes_on = c->answer.length ? scrape_send(c) : scrape_read(s, c, write, context);
		if (!goes_on)
			scrape_drop(c);
	}
	if (poll[0].revents)
		scrape_accept(s, now_ns);
}

void nsc_scrape_wait(struct nsc_scrape *s, unsigned ms, const sigset_t *mask,
		     void (*write)(struct nsc_buffer *out, const void *context), const void *context)
{
	struct pollfd poll[NSC_SCRAPE_CONNECTIONS + 1];
	uint64_t now_ns = nsc_monotonic_ns(), end_ns = now_ns + ms * 1000000ull;

	do {
		uint64_t until_ns = scrape_prepare(s, poll, end_ns), wait_ns = until_ns - NSC_MIN(until_ns, now_ns);
		const struct timespec wait = { (time_t)(wait_ns / NSC_NS_PER_SEC), (long)(wait_ns % NSC_NS_PER_SEC) };
		int n = ppoll(poll, s ? NSC_ARRAY_LEN(poll) : 0, &wait, mask);

		now_ns = nsc_monotonic_ns();
		if (n < 0)
			return; /* a signal */
		if (s)
			scrape_round(s, poll, now_ns, write, context);
	} while (now_ns < end_ns);
}
