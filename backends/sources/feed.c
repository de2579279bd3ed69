/* SPDX-License-Identifier: MIT
 *
 * One TCP connection at a time, over sockets that are used again.
 */
#include "feed.h"

#include <errno.h>
#include <inttypes.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netscope/clock.h"
#include "netscope/peer.h"

enum {
	WAIT_MS = 50,   /* of a read, as of a pipe */
	ANSWER_S = 5,   /* for an address */
	ADDRESSES = 16, /* of the host; further ones are left out */
	SAID = 8,       /* sentences kept for who tells them */
	PAUSE_MS = 100, /* the first one */
	DOUBLINGS = 7,  /* 12.8 s */
	LONGEST_S = 10,
	SILENT_S = 30,   /* then the other end is asked whether it is there ... */
	ASKS = 3,        /* ... so often ... */
	ASK_EVERY_S = 10 /* ... and the connection ends when it does not say so */
};

static_assert((SAID & (SAID - 1)) == 0, "a power of two");

struct feed_address {
	struct sockaddr_storage at;
	socklen_t length;
};

struct nsc_feed {
	char *path;
	struct feed_address address[ADDRESSES];
	uint32_t n, next;             /* how many there are; which one is tried next */
	int socket[NSC_FEED_SOCKETS]; /* of IPv4 and IPv6; -1: no address of that kind */
	int fd;                       /* the one that is connected, or is about to be */
	bool up, trying;
	uint64_t until_ns; /* a pause, or the time for an answer */
	uint64_t down_ns;  /* since when there is no connection */
	uint32_t failures; /* connections, and rounds over all addresses, without a packet */
	uint32_t chance;
	bool told_failure; /* since the connection ended */
	/* for whoever tells what happens */
	pthread_mutex_t mutex;
	uint32_t n_said;
	struct {
		bool broken;
		struct nsc_error text;
	} said[SAID];
};

/* --- names ------------------------------------------------------------------------------------ */

bool nsc_feed_is(const char *path)
{
	return !strncmp(path, NSC_FEED_PREFIX, strlen(NSC_FEED_PREFIX));
}

static int feed_parse(struct nsc_peer *peer, const char *path, struct nsc_error *error)
{
	if (nsc_feed_is(path) && !nsc_peer_parse(peer, path + strlen(NSC_FEED_PREFIX), 0))
		return 0;
	return nsc_fail(error, -EINVAL,
			"a capture from another host is named tcp://HOST:PORT or tcp://[ADDRESS]:PORT, not \"%.200s\"",
			path);
}

int nsc_feed_check(const char *path, uint16_t *port, struct nsc_error *error)
{
	struct nsc_peer peer;
	int status = feed_parse(&peer, path, error);

	*port = status ? 0 : peer.port;
	return status;
}

static int feed_look_up(struct nsc_feed *feed, struct nsc_error *error)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	struct nsc_peer peer;
	char port[8];
	int status = feed_parse(&peer, feed->path, error);

	if (status)
		return status;
	snprintf(port, sizeof(port), "%u", peer.port);
	status = getaddrinfo(peer.host, port, &hints, &found);
	if (status)
		return nsc_fail(error, -EADDRNOTAVAIL, "no connection to '%s': its host is not found: %s", feed->path,
				status == EAI_SYSTEM ? strerror(errno) : gai_strerror(status));
	for (const struct addrinfo *a = found; a && feed->n < ADDRESSES; a = a->ai_next) {
		if ((a->ai_family != AF_INET && a->ai_family != AF_INET6) || a->ai_addrlen > sizeof(feed->address->at))
			continue;
		memcpy(&feed->address[feed->n].at, a->ai_addr, a->ai_addrlen);
		feed->address[feed->n++].length = a->ai_addrlen;
	}
	freeaddrinfo(found);
	return feed->n ? 0
		       : nsc_fail(error, -EADDRNOTAVAIL, "no connection to '%s': its host has no address", feed->path);
}

/* --- sockets ---------------------------------------------------------------------------------- */

static int *feed_socket(struct nsc_feed *feed, const struct feed_address *address)
{
	return &feed->socket[address->at.ss_family == AF_INET6];
}

static void set_option(int fd, int level, int name, int value)
{
	(void)setsockopt(fd, level, name, &value, sizeof(value));
}

/* A peer that is gone without a word is noticed within a minute. */
static void feed_ask_peer(int fd)
{
	set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, SILENT_S);
	set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, ASK_EVERY_S);
	set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, ASKS);
}

/* A family that this machine has not is no error while there is another one. */
static int feed_make_sockets(struct nsc_feed *feed, struct nsc_error *error)
{
	int status = -EAFNOSUPPORT;

	for (uint32_t i = 0; i < feed->n; i++) {
		int *fd = feed_socket(feed, &feed->address[i]);

		if (*fd < 0) {
			*fd = socket(feed->address[i].at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
			status = *fd < 0 && status ? -errno : 0;
			if (*fd >= 0)
				feed_ask_peer(*fd);
		}
	}
	return status ? nsc_fail(error, status, "no connection to '%s': %s", feed->path, strerror(-status)) : 0;
}

/* A socket that was connected before, or tried to, is one that never was. */
static void feed_disconnect(int fd)
{
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	(void)connect(fd, &nobody, sizeof(nobody));
}

/* 0: connected; -EINPROGRESS: not yet. */
static int feed_try(struct nsc_feed *feed)
{
	const struct feed_address *address = &feed->address[feed->next];

	feed->fd = *feed_socket(feed, address);
	if (feed->fd < 0)
		return -EAFNOSUPPORT;
	feed_disconnect(feed->fd);
	return connect(feed->fd, (const struct sockaddr *)&address->at, address->length) ? -errno : 0;
}

/* 0: connected; -EAGAIN: not yet; -EINTR. */
static int feed_answer(const struct nsc_feed *feed)
{
	struct pollfd p = { .fd = feed->fd, .events = POLLOUT };
	int ready = poll(&p, 1, WAIT_MS), status = 0;
	socklen_t length = sizeof(status);

	if (ready < 0)
		return -errno;
	if (!ready)
		return nsc_monotonic_ns() < feed->until_ns ? -EAGAIN : -ETIMEDOUT;
	return getsockopt(feed->fd, SOL_SOCKET, SO_ERROR, &status, &length) ? -errno : -status;
}

static const char *feed_why(int status)
{
	return status == -ETIMEDOUT ? "it does not answer" : strerror(-status);
}

/* --- the first connection --------------------------------------------------------------------- */

static void feed_goes_up(struct nsc_feed *feed)
{
	feed->up = true;
	feed->trying = false;
}

static int feed_connect_first(struct nsc_feed *feed, struct nsc_error *error)
{
	int status = 0;

	for (feed->next = 0; feed->next < feed->n; feed->next++) {
		feed->until_ns = nsc_monotonic_ns() + ANSWER_S * NSC_NS_PER_SEC;
		status = feed_try(feed);
		while (status == -EINPROGRESS || status == -EAGAIN)
			status = feed_answer(feed);
		if (!status || status == -EINTR)
			break;
	}
	if (status == -EINTR)
		return nsc_fail(error, status, "interrupted while connecting to '%s'", feed->path);
	if (status)
		return nsc_fail(error, status, "no connection to '%s': %s", feed->path, feed_why(status));
	feed_goes_up(feed);
	return 0;
}

int nsc_feed_open(struct nsc_feed **out, const char *path, struct nsc_error *error)
{
	struct nsc_feed *feed = calloc(1, sizeof(*feed));
	int status;

	if (feed)
		feed->path = strdup(path);
	if (!feed || !feed->path) {
		free(feed);
		return nsc_fail(error, -ENOMEM, "no memory to read '%s'", path);
	}
	pthread_mutex_init(&feed->mutex, NULL);
	feed->socket[0] = feed->socket[1] = -1;
	status = feed_look_up(feed, error);
	if (!status)
		status = feed_make_sockets(feed, error);
	if (!status)
		status = feed_connect_first(feed, error);
	if (status)
		nsc_feed_close(feed);
	else
		*out = feed;
	return status;
}

void nsc_feed_close(struct nsc_feed *feed)
{
	if (!feed)
		return;
	for (unsigned i = 0; i < NSC_FEED_SOCKETS; i++)
		if (feed->socket[i] >= 0)
			close(feed->socket[i]);
	pthread_mutex_destroy(&feed->mutex);
	free(feed->path);
	free(feed);
}

void nsc_feed_sockets(const struct nsc_feed *feed, int fd[NSC_FEED_SOCKETS])
{
	memcpy(fd, feed->socket, sizeof(feed->socket));
}

/* --- what is said ----------------------------------------------------------------------------- */

static void feed_say(struct nsc_feed *feed, bool broken, const struct nsc_error *text)
{
	pthread_mutex_lock(&feed->mutex);
	feed->said[feed->n_said % SAID].broken = broken;
	feed->said[feed->n_said++ % SAID].text = *text;
	pthread_mutex_unlock(&feed->mutex);
}

bool nsc_feed_news(struct nsc_feed *feed, uint32_t *told, bool *broken, struct nsc_error *sentence)
{
	bool any;

	pthread_mutex_lock(&feed->mutex);
	if (feed->n_said - *told > SAID)
		*told = feed->n_said - SAID;
	any = *told != feed->n_said;
	if (any) {
		*broken = feed->said[*told % SAID].broken;
		*sentence = feed->said[(*told)++ % SAID].text;
	}
	pthread_mutex_unlock(&feed->mutex);
	return any;
}

/* --- again ------------------------------------------------------------------------------------ */

bool nsc_feed_is_up(const struct nsc_feed *feed)
{
	return feed->up;
}

uint64_t nsc_feed_pause_ns(uint32_t failures, uint32_t chance)
{
	uint64_t pause_ns = (uint64_t)PAUSE_MS * 1000000 << NSC_MIN(failures, (uint32_t)DOUBLINGS);

	pause_ns = NSC_MIN(pause_ns, LONGEST_S * NSC_NS_PER_SEC);
	return pause_ns / 4 * 3 + (pause_ns / 2 * (chance >> 16) >> 16);
}

static uint64_t feed_next_pause(struct nsc_feed *feed, uint64_t now_ns)
{
	feed->chance = feed->chance * 1664525u + 1013904223u + (uint32_t)(now_ns >> 8);
	return now_ns + nsc_feed_pause_ns(feed->failures, feed->chance);
}

void nsc_feed_again(struct nsc_feed *feed, bool fruitful, const struct nsc_error *why)
{
	feed_disconnect(feed->fd);
	feed->failures = fruitful ? 0 : feed->failures + 1;
	feed->up = feed->trying = feed->told_failure = false;
	feed->next = 0;
	feed->down_ns = nsc_monotonic_ns();
	feed->until_ns = feed_next_pause(feed, feed->down_ns);
	feed_say(feed, true, why);
}

static void feed_failed(struct nsc_feed *feed, int status)
{
	struct nsc_error text;

	feed->trying = false;
	feed->next = (feed->next + 1) % feed->n;
	feed->until_ns = 0;
	if (feed->next)
		return;
	feed->failures++;
	feed->until_ns = feed_next_pause(feed, nsc_monotonic_ns());
	if (feed->told_failure)
		return;
	feed->told_failure = true;
	nsc_fail(&text, 0, "no connection to '%s' yet: %s; trying on", feed->path, feed_why(status));
	feed_say(feed, true, &text);
}

static void feed_is_back(struct nsc_feed *feed)
{
	uint64_t ms = (nsc_monotonic_ns() - feed->down_ns) / 1000000;
	struct nsc_error text;

	feed_goes_up(feed);
	nsc_fail(&text, 0, "'%s' is connected again, after %" PRIu64 ".%" PRIu64 " s", feed->path, ms / 1000,
		 ms / 100 % 10);
	feed_say(feed, false, &text);
}

static void feed_rest(const struct nsc_feed *feed, uint64_t now_ns)
{
	uint64_t ms = (feed->until_ns - now_ns) / 1000000 + 1;

	(void)poll(NULL, 0, (int)NSC_MIN(ms, (uint64_t)WAIT_MS));
}

/* One step towards a connection, of 50 ms at most. */
static bool feed_comes_up(struct nsc_feed *feed)
{
	uint64_t now_ns = nsc_monotonic_ns();
	int status = -EINPROGRESS;

	if (!feed->trying && now_ns < feed->until_ns) {
		feed_rest(feed, now_ns);
		return false;
	}
	if (!feed->trying) {
		feed->trying = true;
		feed->until_ns = now_ns + ANSWER_S * NSC_NS_PER_SEC;
		status = feed_try(feed);
	}
	if (status == -EINPROGRESS)
		status = feed_answer(feed);
	if (status == -EAGAIN || status == -EINTR)
		return false;
	if (status)
		feed_failed(feed, status);
	else
		feed_is_back(feed);
	return feed->up;
}

ssize_t nsc_feed_read(struct nsc_feed *feed, uint8_t *to, size_t size, struct nsc_error *error)
{
	struct pollfd p = { .fd = feed->fd, .events = POLLIN };
	ssize_t n;

	if (nsc_unlikely(!feed->up)) {
		if (!feed_comes_up(feed))
			return -EAGAIN;
		p.fd = feed->fd;
	}
	n = read(feed->fd, to, size);
	if (n < 0 && errno == EAGAIN) {
		int ready = poll(&p, 1, WAIT_MS);

		if (ready <= 0)
			return ready ? -errno : -EAGAIN;
		n = read(feed->fd, to, size);
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return -errno;
	return n < 0 ? nsc_fail(error, -errno, "%s", strerror(errno)) : n;
}
