/* SPDX-License-Identifier: MIT
 *
 * Flows as IPFIX messages over UDP, as they end; those that are alive at the end of the run come last. The socket was
 * connected before the run. Nothing here waits for a collector: a message that the kernel does not take is lost, and
 * counted.
 *
 * The kernel tells of a message that did not arrive at the next call, which sends nothing then: so it is made again.
 */
#include "engine/text/ipfix.h"
#include "backends/sinks/ipfix_peer.h"
#include "netscope/clock.h"
#include "netscope/out.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	MESSAGE_MAX = 1400,      /* bytes: fits in 1500 with IPv6, and with a tunnel around it */
	TEMPLATE_MESSAGES = 250, /* templates come again after so many messages, */
	TEMPLATE_SECONDS = 30,   /* and after so long */
	ROOM_MS = 20,            /* how long the kernel may take to have room again */
	TRIES = 3,
	PACE_FILES = 50000, /* records a second */
	PACE_LIVE = 250000,
	PACE_STEP_NS = 2000000,    /* the shortest sleep, */
	PACE_SLEEP_NS = 100000000, /* and the longest */
	LAST_ERROR_MS = 20,        /* how long a refusal of the last message is waited for */
};

struct ipfix {
	struct nsc_sink sink;
	int fd;
	bool live;
	uint64_t rate;            /* records a second, now; 0 = as fast as it goes */
	uint64_t end_rate;        /* for those that remain */
	uint64_t due_ns;          /* when the next message may go */
	uint64_t templates_ns;    /* when templates were sent last; 0 = never */
	uint32_t since_templates; /* messages */
	uint32_t in_flight;       /* flows of the message before: whose they are that a refusal tells of */
	uint64_t lost_messages, messages;
	int last_error; /* errno of the last refusal or failure */
	bool behind;    /* messages are lost, as far as is known */
	bool probed;    /* while behind: something was sent since */
	char name[NSC_PEER_HOST_MAX + 16];
	struct nsc_ipfix writer;
	uint8_t message[MESSAGE_MAX];
};

/* --- one message ------------------------------------------------------------------------------ */

static void ipfix_lose(struct ipfix *s, enum nsc_counter counter, uint32_t flows, int reason)
{
	nsc_sink_count(&s->sink, counter, 1);
	s->sink.lost += flows;
	s->lost_messages++;
	s->last_error = reason;
	s->behind = true;
	s->probed = false;
}

/* Of a message before: the one that is sent now did not go. */
static bool ipfix_tells_of_others(int reason)
{
	return reason == ECONNREFUSED || reason == EHOSTUNREACH || reason == ENETUNREACH || reason == EMSGSIZE ||
	       reason == EHOSTDOWN || reason == ENOPROTOOPT || reason == EPROTO;
}

static void ipfix_refused(struct ipfix *s, int reason)
{
	ipfix_lose(s, NSC_C_IPFIX_REFUSED, s->in_flight, reason);
	s->in_flight = 0;
}

static bool ipfix_wait_for_room(const struct ipfix *s)
{
	struct pollfd room = { .fd = s->fd, .events = POLLOUT };

	return poll(&room, 1, ROOM_MS) > 0;
}

static void ipfix_transmit(struct ipfix *s, uint32_t bytes, uint32_t flows)
{
	int reason = EIO;

	for (unsigned i = 0; i < TRIES; i++) {
		if (write(s->fd, s->message, bytes) >= 0) {
			nsc_sink_count(&s->sink, NSC_C_IPFIX_MESSAGES, 1);
			nsc_sink_count(&s->sink, NSC_C_IPFIX_ROWS, flows);
			s->messages++;
			s->in_flight = flows;
			s->probed = true;
			return;
		}
		reason = errno;
		if (ipfix_tells_of_others(reason) && i + 1 < TRIES)
			ipfix_refused(s, reason);
		else if ((reason != EAGAIN && reason != ENOBUFS && reason != EINTR) || !ipfix_wait_for_room(s))
			break;
	}
	ipfix_lose(s, NSC_C_IPFIX_FAILED, flows, reason);
}

/* --- pace ------------------------------------------------------------------------------------- */

/* Who waits for the end of the program waits for no slow pace. */
static void ipfix_hurry(struct ipfix *s, uint64_t now_ns)
{
	if (s->rate >= PACE_LIVE || !nsc_out_is_hurried())
		return;
	s->rate = PACE_LIVE;
	s->due_ns = now_ns;
}

/* A collector has a buffer of some hundred messages, and tells nobody when it is full. */
static void ipfix_pace(struct ipfix *s, uint32_t records)
{
	uint64_t now_ns = nsc_monotonic_ns();

	if (!s->rate)
		return;
	ipfix_hurry(s, now_ns);
	while (now_ns + PACE_STEP_NS <= s->due_ns) {
		nanosleep(&(struct timespec){ .tv_nsec = (long)NSC_MIN(s->due_ns - now_ns, PACE_SLEEP_NS) }, NULL);
		now_ns = nsc_monotonic_ns();
		ipfix_hurry(s, now_ns);
	}
	s->due_ns = NSC_MAX(s->due_ns, now_ns) + records * NSC_NS_PER_SEC / s->rate;
}

/* --- messages --------------------------------------------------------------------------------- */

static void ipfix_begin(struct ipfix *s)
{
	nsc_ipfix_begin(&s->writer, s->message, sizeof(s->message));
}

/* Sends the message that is being written, if there is anything in it. */
static void ipfix_send(struct ipfix *s)
{
	uint32_t flows = s->writer.flows, records = s->writer.records;
	uint32_t bytes = nsc_ipfix_end(&s->writer, (uint32_t)time(NULL));

	if (bytes) {
		ipfix_pace(s, records);
		ipfix_transmit(s, bytes, flows);
		s->since_templates++;
	}
	ipfix_begin(s);
}

/* With no message begun. */
static void ipfix_send_templates(struct ipfix *s, uint64_t now_ns)
{
	for (unsigned i = 0; i < NSC_IPFIX_TEMPLATES; i++) {
		if (nsc_ipfix_put_template(&s->writer, i))
			continue;
		ipfix_send(s);
		nsc_ipfix_put_template(&s->writer, i);
	}
	ipfix_send(s);
	s->since_templates = 0;
	s->templates_ns = now_ns;
}

static bool ipfix_wants_templates(const struct ipfix *s, uint64_t now_ns)
{
	return s->since_templates >= TEMPLATE_MESSAGES || !s->templates_ns ||
	       now_ns - s->templates_ns >= TEMPLATE_SECONDS * NSC_NS_PER_SEC;
}

static void ipfix_put(struct ipfix *s, const struct nsc_flow_record *record)
{
	if (!s->writer.flows) {
		uint64_t now_ns = nsc_monotonic_ns();

		if (nsc_unlikely(ipfix_wants_templates(s, now_ns)))
			ipfix_send_templates(s, now_ns);
	}
	if (nsc_likely(nsc_ipfix_put(&s->writer, record)))
		return;
	ipfix_send(s);
	ipfix_put(s, record);
}

/* --- calls ------------------------------------------------------------------------------------ */

static int ipfix_is_behind(const struct ipfix *s, struct nsc_error *error)
{
	return nsc_fail(error, -EAGAIN, "ipfix %s: messages do not arrive: %s; flows are lost", s->name,
			strerror(s->last_error));
}

/* Offline that is told at the end. */
static int ipfix_records(struct nsc_sink *sink, struct nsc_flow_chunk *chunk, bool urgent, bool *keep,
			 struct nsc_error *error)
{
	struct ipfix *s = (struct ipfix *)sink;

	for (uint32_t i = 0; i < chunk->n; i++)
		ipfix_put(s, &chunk->record[i]);
	ipfix_send(s);
	return s->live && s->behind ? ipfix_is_behind(s, error) : 0;
}

static void ipfix_look_for_refusal(struct ipfix *s)
{
	int reason = 0;
	socklen_t size = sizeof(reason);

	if (!getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &reason, &size) && reason)
		ipfix_refused(s, reason);
}

/* While messages are lost templates go out each second, to see whether they still are, and once more when they are not:
 * it may be a message of flows that was the first to arrive, and a collector that is there again has none yet. */
static int ipfix_check(struct nsc_sink *sink, struct nsc_error *error)
{
	struct ipfix *s = (struct ipfix *)sink;
	uint64_t now_ns = nsc_monotonic_ns();
	bool was_behind = s->behind, again;

	ipfix_look_for_refusal(s);
	again = s->behind && s->probed;
	if (again) {
		s->behind = false;
		nsc_fail(error, 0, "ipfix %s: messages arrive again, as far as is known; %llu flows were lost", s->name,
			 (unsigned long long)s->sink.lost);
	}
	if (s->behind || again || ipfix_wants_templates(s, now_ns))
		ipfix_send_templates(s, now_ns);
	if (s->behind)
		return ipfix_is_behind(s, error);
	return was_behind;
}

/* There may be a million, at once. */
static int ipfix_remaining(struct nsc_sink *sink, uint32_t worker, const struct nsc_flow_record *record, uint32_t n,
			   struct nsc_error *error)
{
	struct ipfix *s = (struct ipfix *)sink;

	s->rate = s->end_rate;
	for (uint32_t i = 0; i < n; i++)
		ipfix_put(s, &record[i]);
	return 0;
}

static int ipfix_finish(struct nsc_sink *sink, const struct nsc_remaining *remaining, struct nsc_error *error)
{
	struct ipfix *s = (struct ipfix *)sink;

	ipfix_send(s);
	if (s->messages) {
		nanosleep(&(struct timespec){ .tv_nsec = LAST_ERROR_MS * 1000000l }, NULL);
		ipfix_look_for_refusal(s);
	}
	if (s->live || !s->lost_messages)
		return 0;
	return nsc_fail(error, -s->last_error, "ipfix %s: %llu messages did not arrive, with %llu flows: %s", s->name,
			(unsigned long long)s->lost_messages, (unsigned long long)s->sink.lost,
			strerror(s->last_error));
}

static const struct nsc_sink_ops ipfix_ops = {
	.name = "ipfix",
	.records = ipfix_records,
	.check = ipfix_check,
	.remaining = ipfix_remaining,
	.finish = ipfix_finish,
};

/* --- open and close --------------------------------------------------------------------------- */

/* Sequence numbers begin anew with each run, so that its messages are a stream of their own: FNV-1a of the sensor's
 * name, the time and the process. */
static uint32_t ipfix_domain(const char *sensor)
{
	struct {
		char sensor[64];
		struct timespec now;
		pid_t process;
	} of = { .process = getpid() };
	const uint8_t *at = (const uint8_t *)&of;
	uint32_t hash = 2166136261u;

	if (sensor && *sensor)
		memcpy(of.sensor, sensor, NSC_MIN(strlen(sensor), sizeof(of.sensor)));
	else
		(void)gethostname(of.sensor, sizeof(of.sensor));
	clock_gettime(CLOCK_REALTIME, &of.now);
	for (size_t i = 0; i < sizeof(of); i++)
		hash = (hash ^ at[i]) * 16777619u;
	return hash ? hash : 1;
}

int nsc_ipfix_open(struct nsc_sink **sink, const struct nsc_out *out, struct nsc_error *error)
{
	struct nsc_peer peer;
	struct ipfix *s;
	int status;

	if (!out->asked.ipfix || !*out->asked.ipfix)
		return 0;
	status = nsc_ipfix_peer_parse(&peer, out->asked.ipfix, error);
	if (status)
		return status;
	s = calloc(1, sizeof(*s));
	if (!s)
		return nsc_fail(error, -ENOMEM, "no memory for IPFIX messages");
	s->sink.ops = &ipfix_ops;
	s->live = out->live;
	s->end_rate = out->asked.ipfix_rate ? out->asked.ipfix_rate : out->live ? PACE_LIVE : PACE_FILES;
	s->rate = out->live ? 0 : s->end_rate;
	s->writer.domain = out->asked.ipfix_domain ? out->asked.ipfix_domain : ipfix_domain(out->asked.sensor);
	s->writer.uniflow = out->asked.ipfix_uniflow;
	snprintf(s->name, sizeof(s->name), "%s", out->asked.ipfix);
	ipfix_begin(s);
	s->fd = nsc_ipfix_peer_connect(&peer, error);
	if (s->fd < 0) {
		status = s->fd;
		free(s);
		return status;
	}
	*sink = &s->sink;
	return 0;
}

int nsc_ipfix_socket(const struct nsc_sink *sink)
{
	return sink ? ((const struct ipfix *)sink)->fd : -1;
}

int nsc_ipfix_check_peer(const char *text, struct nsc_error *error)
{
	struct nsc_peer peer;

	return text && *text ? nsc_ipfix_peer_parse(&peer, text, error) : 0;
}

int nsc_ipfix_probe(const char *text, struct nsc_error *error)
{
	struct nsc_peer peer;
	int fd;

	if (!text || !*text)
		return 0;
	fd = nsc_ipfix_peer_parse(&peer, text, error);
	if (!fd)
		fd = nsc_ipfix_peer_connect(&peer, error);
	if (fd >= 0)
		close(fd);
	return NSC_MIN(fd, 0);
}

void nsc_ipfix_close(struct nsc_sink *sink)
{
	if (sink)
		close(((struct ipfix *)sink)->fd);
	free(sink);
}
