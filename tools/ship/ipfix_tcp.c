/* SPDX-License-Identifier: MIT
 *
 * A collector of IPFIX by TCP (RFC 7011): rows of flows are read back and sent as messages, templates first. A
 * connection is one stream, of one run of a sensor: another run has another observation domain, and a connection of its
 * own.
 *
 * A segment is sent when the collector's machine has acknowledged all of it; IPFIX has no answer of the collector
 * itself. After a connection that broke it is sent again whole, and what went before is counted as repeated.
 */
#include "tools/ship/destination.h"

#include "backends/sinks/ipfix_peer.h"
#include "netscope/clock.h"
#include "tools/ship/flow_row.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	MESSAGE_MAX = 16384, /* bytes; a message has at most 65535 */
	ADDRESSES_MAX = 8,
	CONNECT_MS = 5000,
	STALL_MS = 30000, /* a collector that takes nothing for so long */
	ASK_MS = 5,       /* between two questions whether all was acknowledged */
	STATE_ESTABLISHED = 1,
	STATE_CLOSE_WAIT = 8, /* of tcpi_state: netinet/tcp.h names them, and does not go with linux/tcp.h */
};

struct ipfix_tcp {
	struct nsc_destination destination;
	uint32_t addresses;
	struct ipfix_tcp_address {
		struct sockaddr_storage address;
		socklen_t length;
	} address[ADDRESSES_MAX];
	uint32_t domain;           /* what was asked for; 0 = of the sensor's run */
	int fd;                    /* -1: not connected */
	struct nsc_segment stream; /* whose rows the connection has */
	uint64_t rows;             /* of the segment, which the kernel has taken */
	struct nsc_ipfix writer;
	uint8_t message[MESSAGE_MAX];
};

/* --- open ------------------------------------------------------------------------------------- */

static int ipfix_tcp_resolve(struct ipfix_tcp *c, const struct nsc_peer *peer, struct nsc_error *error)
{
	const struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	char port[8];
	int status;

	snprintf(port, sizeof(port), "%u", peer->port);
	status = getaddrinfo(peer->host, port, &hints, &found);
	if (status)
		return nsc_fail(error, -EHOSTUNREACH, "--to: the host %.100s is not known: %s", peer->host,
				status == EAI_SYSTEM ? strerror(errno) : gai_strerror(status));
	for (const struct addrinfo *at = found; at && c->addresses < ADDRESSES_MAX; at = at->ai_next) {
		struct ipfix_tcp_address *address = &c->address[c->addresses++];

		memcpy(&address->address, at->ai_addr, at->ai_addrlen);
		address->length = at->ai_addrlen;
	}
	freeaddrinfo(found);
	return 0;
}

static int ipfix_tcp_open(struct nsc_destination **opened, const char *url, const struct nsc_settings *settings,
			  struct nsc_error *error)
{
	struct nsc_peer peer;
	struct ipfix_tcp *c;
	bool v6;

	if (nsc_ipfix_peer_parse(&peer, strstr(url, "://") + 3, error))
		return nsc_fail(error, -EINVAL, "--to: wanted %s; found \"%.100s\"", nsc_destination_ipfix_tcp.example,
				url);
	c = calloc(1, sizeof(*c));
	if (!c)
		return nsc_fail(error, -ENOMEM, "no memory for the connection to a collector");
	*opened = &c->destination;
	v6 = strchr(peer.host, ':');
	c->destination = (struct nsc_destination){ .ops = &nsc_destination_ipfix_tcp, .port = peer.port };
	snprintf(c->destination.url, sizeof(c->destination.url), "ipfix+tcp://%s%s%s:%u", v6 ? "[" : "", peer.host,
		 v6 ? "]" : "", peer.port);
	c->fd = -1;
	c->domain = settings->out.ipfix_domain;
	c->writer.uniflow = settings->out.ipfix_uniflow;
	return ipfix_tcp_resolve(c, &peer, error);
}

static void ipfix_tcp_hang_up(struct ipfix_tcp *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

static void ipfix_tcp_close(struct nsc_destination *destination)
{
	ipfix_tcp_hang_up((struct ipfix_tcp *)destination);
	free(destination);
}

/* --- bytes ------------------------------------------------------------------------------------ */

static int ipfix_tcp_fail(const struct ipfix_tcp *c, int reason, struct nsc_error *error)
{
	return nsc_fail(error, -reason, "%.200s: %s", c->destination.url,
			reason == EAGAIN ? "it has taken nothing for 30 s" : strerror(reason));
}

/* 0 or errno. */
static int ipfix_tcp_poll(int fd, int ms)
{
	struct pollfd room = { .fd = fd, .events = POLLOUT };
	int n;

	do
		n = poll(&room, 1, ms);
	while (n < 0 && errno == EINTR);
	return n > 0 ? 0 : n ? errno : EAGAIN;
}

static int ipfix_tcp_transmit(struct ipfix_tcp *c, uint32_t bytes, struct nsc_error *error)
{
	for (uint32_t done = 0; done < bytes;) {
		ssize_t n = send(c->fd, c->message + done, bytes - done, MSG_NOSIGNAL);
		int reason = n < 0 ? errno : 0;

		if (n >= 0)
			done += (uint32_t)n;
		else if (reason == EAGAIN)
			reason = ipfix_tcp_poll(c->fd, STALL_MS);
		else if (reason == EINTR)
			reason = 0;
		if (reason)
			return ipfix_tcp_fail(c, reason, error);
	}
	nsc_destination_moved(&c->destination);
	return 0;
}

/* Until the other machine has acknowledged all of it. */
static int ipfix_tcp_settle(struct ipfix_tcp *c, struct nsc_error *error)
{
	const struct timespec pause = { .tv_nsec = ASK_MS * 1000000l };
	uint64_t left = UINT64_MAX;

	for (unsigned waited_ms = 0; waited_ms < STALL_MS; waited_ms += ASK_MS) {
		struct tcp_info info = { 0 };
		socklen_t size = sizeof(info);
		uint64_t now;

		if (getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &size))
			return ipfix_tcp_fail(c, errno, error);
		now = info.tcpi_notsent_bytes + (uint64_t)info.tcpi_unacked * info.tcpi_snd_mss;
		if (info.tcpi_state != STATE_ESTABLISHED && info.tcpi_state != STATE_CLOSE_WAIT)
			return ipfix_tcp_fail(c, ECONNRESET, error);
		if (!now)
			return 0;
		if (now < left) {
			nsc_destination_moved(&c->destination);
			waited_ms = 0;
		}
		left = NSC_MIN(left, now);
		nanosleep(&pause, NULL);
	}
	return ipfix_tcp_fail(c, EAGAIN, error);
}

static int ipfix_tcp_flush(struct ipfix_tcp *c, struct nsc_error *error)
{
	uint32_t flows = c->writer.flows, bytes = nsc_ipfix_end(&c->writer, (uint32_t)time(NULL));
	int status = bytes ? ipfix_tcp_transmit(c, bytes, error) : 0;

	if (!status)
		c->rows += flows;
	nsc_ipfix_begin(&c->writer, c->message, sizeof(c->message));
	return status;
}

/* --- connection ------------------------------------------------------------------------------- */

/* A descriptor, or -errno. */
static int ipfix_tcp_dial(const struct ipfix_tcp_address *to)
{
	int fd = socket(to->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), reason = 0;
	unsigned stall_ms = STALL_MS;
	socklen_t size = sizeof(reason);

	if (fd < 0)
		return -errno;
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &stall_ms, sizeof(stall_ms));
	if (connect(fd, (const struct sockaddr *)&to->address, to->length))
		reason = errno == EINPROGRESS ? ipfix_tcp_poll(fd, CONNECT_MS) : errno;
	if (!reason)
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &reason, &size);
	if (!reason)
		return fd;
	close(fd);
	return -(reason == EAGAIN ? ETIMEDOUT : reason);
}

static int ipfix_tcp_connect(struct ipfix_tcp *c, struct nsc_error *error)
{
	c->fd = -EADDRNOTAVAIL;
	for (uint32_t i = 0; i < c->addresses && c->fd < 0; i++)
		c->fd = ipfix_tcp_dial(&c->address[i]);
	if (c->fd >= 0)
		return 0;
	ipfix_tcp_fail(c, -c->fd, error);
	c->fd = -1;
	return -EIO;
}

/* The same for the same run of a sensor: FNV-1a. */
static uint32_t ipfix_tcp_domain(const struct nsc_segment *segment)
{
	uint32_t hash = 2166136261u;

	for (const char *at = segment->sensor; *at; at++)
		hash = (hash ^ (uint8_t)*at) * 16777619u;
	for (unsigned i = 0; i < 64; i += 8)
		hash = (hash ^ (uint8_t)(segment->boot >> i)) * 16777619u;
	return hash ? hash : 1;
}

/* Templates, and what enterprise elements are. */
static int ipfix_tcp_introduce(struct ipfix_tcp *c, struct nsc_error *error)
{
	int status = 0;

	nsc_ipfix_begin(&c->writer, c->message, sizeof(c->message));
	for (unsigned i = 0; i < NSC_IPFIX_TEMPLATES && !status; i++)
		if (!nsc_ipfix_put_template(&c->writer, i)) {
			status = ipfix_tcp_flush(c, error);
			nsc_ipfix_put_template(&c->writer, i);
		}
	if (!status && !nsc_ipfix_put_types(&c->writer)) {
		status = ipfix_tcp_flush(c, error);
		nsc_ipfix_put_types(&c->writer);
	}
	return status ? status : ipfix_tcp_flush(c, error);
}

/* What the other end has closed is not written to again. */
static bool ipfix_tcp_is_up(const struct ipfix_tcp *c)
{
	char byte;
	ssize_t n = c->fd < 0 ? 0 : recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static int ipfix_tcp_begin(struct ipfix_tcp *c, const struct nsc_segment *segment, struct nsc_error *error)
{
	bool same = c->stream.boot == segment->boot && !strcmp(c->stream.sensor, segment->sensor);
	int status;

	if (same && ipfix_tcp_is_up(c))
		return 0;
	ipfix_tcp_hang_up(c);
	status = ipfix_tcp_connect(c, error);
	if (status)
		return status;
	c->stream = *segment;
	c->writer.domain = c->domain ? c->domain : ipfix_tcp_domain(segment);
	c->writer.sequence = 0;
	return ipfix_tcp_introduce(c, error);
}

/* --- segments --------------------------------------------------------------------------------- */

/* 0; -EBADMSG: rows that nobody can read; -errno. */
static int ipfix_tcp_send_rows(struct ipfix_tcp *c, const char *data, size_t bytes, const char *name,
			       struct nsc_error *error)
{
	struct nsc_flow_rows rows;
	struct nsc_flow_row row;
	int status, more;

	nsc_flow_rows_begin(&rows, data, bytes);
	while ((more = nsc_flow_rows_next(&rows, &row)) > 0) {
		if (nsc_ipfix_put_words(&c->writer, &row.record, &row.words))
			continue;
		status = ipfix_tcp_flush(c, error);
		if (status)
			return status;
		nsc_ipfix_put_words(&c->writer, &row.record, &row.words);
	}
	status = ipfix_tcp_flush(c, error);
	if (more && !status)
		return nsc_fail(error, -EBADMSG, "%.190s: its rows cannot be read, and the segment is kept as .refused",
				name);
	return status ? status : ipfix_tcp_settle(c, error);
}

static enum nsc_ship_verdict ipfix_tcp_send(struct nsc_destination *destination, const struct nsc_queue_segment *s,
					    struct nsc_error *error)
{
	struct ipfix_tcp *c = (struct ipfix_tcp *)destination;
	char *data = malloc(s->bytes);
	int status = 0;

	c->rows = 0;
	if (!data || pread(s->fd, data, s->bytes, NSC_SEGMENT_HEAD) != (ssize_t)s->bytes)
		status = nsc_fail(error, -EIO, "%.190s: cannot be read", s->name);
	if (!status)
		status = ipfix_tcp_begin(c, &s->head, error);
	if (!status)
		status = ipfix_tcp_send_rows(c, data, s->bytes, s->name, error);
	free(data);
	if (!status)
		return NSC_SHIP_DONE;
	if (status == -EBADMSG)
		return NSC_SHIP_NEVER;
	ipfix_tcp_hang_up(c);
	nsc_destination_repeats(destination, c->rows);
	return NSC_SHIP_AGAIN;
}

static int ipfix_tcp_check(FILE *out, struct nsc_destination *destination, struct nsc_error *error)
{
	struct ipfix_tcp *c = (struct ipfix_tcp *)destination;
	int status = ipfix_tcp_connect(c, error);

	if (!status && out)
		fprintf(out, "%s: takes connections\n", destination->url);
	ipfix_tcp_hang_up(c);
	return status;
}

const struct nsc_destination_ops nsc_destination_ipfix_tcp = {
	.name = "IPFIX",
	.schemes = " ipfix+tcp ",
	.example = "ipfix+tcp://collector:4739",
	.takes = 1u << NSC_SEGMENT_FLOWS,
	.open = ipfix_tcp_open,
	.close = ipfix_tcp_close,
	.check = ipfix_tcp_check,
	.send = ipfix_tcp_send,
};
