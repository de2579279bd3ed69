/* SPDX-License-Identifier: MIT
 *
 * Merging, loans, sleep and the end of several sources.
 */
#include "several.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "netscope/steady.h"

enum { SEVERAL_LENT_SLEEP_NS = 200 * 1000, SEVERAL_STOPPING_SLEEP_NS = 2 * 1000 * 1000 };

struct several_member {
	struct nsc_rx *rx;
	int fd;
	uint32_t state;    /* enum nsc_rx_state of its last poll */
	uint32_t at;       /* next packet of its burst: below burst.n, or it has none at hand */
	uint64_t key_ns;   /* our steady time of that packet; without one: everything older has come */
	uint64_t shift_ns; /* our steady time minus its own, modulo 2^64, of this burst */
	bool lent;         /* packets of it are with the engine */
	struct nsc_burst burst;
};

struct several_loan {
	uint64_t first[NSC_LIVE_INTERFACES_MAX]; /* the member's loan of its first packet; 0: it has none */
};

struct nsc_several {
	struct nsc_rx rx;
	uint32_t n;
	uint32_t leader; /* whose clock is ours */
	bool stopping;
	bool ended_well; /* a member ended, and did not fail */
	uint32_t *alive; /* NULL: there are no others */
	uint32_t end;    /* enum nsc_rx_state that is the end; 0: it has not come */
	uint64_t now_ns, offset_ns;
	uint64_t seq, released;    /* loans: of the last burst, from 1; up to this one they have ended */
	struct several_loan *loan; /* [NSC_SEVERAL_LOANS] */
	struct several_member member[];
};

static bool member_has_packet(const struct several_member *m)
{
	return m->at < m->burst.n;
}

static bool member_has_ended(const struct several_member *m)
{
	return m->state >= NSC_RX_END;
}

/* --- members ---------------------------------------------------------------------------------- */

/* Clocks that the same hand has set differ by what they saw of it; more means that one of them has not seen it yet. */
static uint64_t several_shift(const struct nsc_several *s, const struct several_member *m)
{
	int64_t apart = (int64_t)(m->burst.offset_ns - s->offset_ns);

	return apart <= (int64_t)NSC_STEADY_SLACK_NS && apart >= -(int64_t)NSC_STEADY_SLACK_NS ? (uint64_t)apart : 0;
}

static void member_set_key(struct several_member *m)
{
	m->key_ns = m->burst.pkt[m->at].clock_ns + m->shift_ns;
}

static void several_note_end(struct nsc_several *s, struct several_member *m)
{
	if (m->state == NSC_RX_END)
		s->ended_well = true;
	else
		s->rx.error = m->rx->error;
	if (&s->member[s->leader] == m)
		for (uint32_t i = 0; i < s->n; i++)
			if (!member_has_ended(&s->member[i])) {
				s->leader = i;
				return;
			}
}

/* What the kernel holds back can be older than the clock of a member that was not emptied. */
static void several_refill(struct nsc_several *s, struct several_member *m)
{
	nsc_rx_poll(m->rx, &m->burst);
	m->at = 0;
	m->state = m->burst.state;
	if (m == &s->member[s->leader])
		s->offset_ns = m->burst.offset_ns;
	m->shift_ns = several_shift(s, m);
	if (m->burst.n)
		member_set_key(m);
	else if (m->state != NSC_RX_MORE)
		m->key_ns = NSC_MAX(m->key_ns, m->burst.clock_ns + m->shift_ns);
	if (nsc_unlikely(member_has_ended(m)))
		several_note_end(s, m);
}

static void several_refill_all(struct nsc_several *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (!member_has_packet(&s->member[i]) && !member_has_ended(&s->member[i]))
			several_refill(s, &s->member[i]);
}

/* --- merging ---------------------------------------------------------------------------------- */

/* The member with the oldest packet at hand, and up to which time its packets may go; NULL when none may. */
static struct several_member *several_next(struct nsc_several *s, uint64_t *until_ns)
{
	struct several_member *best = NULL;

	*until_ns = UINT64_MAX;
	for (uint32_t i = 0; i < s->n; i++) {
		struct several_member *m = &s->member[i];

		if (member_has_packet(m) && (!best || m->key_ns < best->key_ns)) {
			*until_ns = best ? NSC_MIN(*until_ns, best->key_ns) : *until_ns;
			best = m;
		} else if (member_has_packet(m) || !member_has_ended(m)) {
			*until_ns = NSC_MIN(*until_ns, m->key_ns);
		}
	}
	return best && best->key_ns <= *until_ns ? best : NULL;
}

/* Packets of one member in a row. */
static uint32_t several_take(struct nsc_several *s, struct several_member *m, uint64_t until_ns, struct nsc_packet *pkt,
			     uint32_t room)
{
	struct several_loan *loan = &s->loan[(s->seq + 1) % NSC_SEVERAL_LOANS];
	uint32_t i = (uint32_t)(m - s->member), n = 0;

	if (!loan->first[i])
		loan->first[i] = m->burst.loan;
	m->lent = true;
	do {
		pkt[n] = m->burst.pkt[m->at++];
		s->now_ns = NSC_MAX(s->now_ns, m->key_ns);
		pkt[n++].clock_ns = s->now_ns;
		if (!member_has_packet(m))
			break;
		member_set_key(m);
	} while (n < room && m->key_ns <= until_ns);
	return n;
}

/* A member whose burst is used up may have packets that are older than those of the others: it is asked first. */
static uint32_t several_merge(struct nsc_several *s, struct nsc_packet *pkt)
{
	struct several_member *m;
	uint64_t until_ns;
	uint32_t n = 0;

	while (n < NSC_BURST_MAX && (m = several_next(s, &until_ns))) {
		n += several_take(s, m, until_ns, pkt + n, NSC_BURST_MAX - n);
		if (!member_has_packet(m) && !member_has_ended(m) && n < NSC_BURST_MAX)
			several_refill(s, m);
	}
	return n;
}

/* --- poll ------------------------------------------------------------------------------------- */

/* Found once. */
static uint32_t several_end(struct nsc_several *s, uint32_t state)
{
	if (!s->end)
		s->end = state == NSC_RX_FAILED && s->alive && __atomic_sub_fetch(s->alive, 1, __ATOMIC_RELAXED)
				 ? (uint32_t)NSC_RX_END
				 : state;
	return s->end;
}

static uint32_t several_state(struct nsc_several *s, uint32_t n)
{
	bool more = n > 0, all_ended = true;

	for (uint32_t i = 0; i < s->n; i++) {
		more |= s->member[i].state == NSC_RX_MORE && !member_has_packet(&s->member[i]);
		all_ended &= member_has_ended(&s->member[i]) && !member_has_packet(&s->member[i]);
	}
	if (all_ended)
		return several_end(s, s->ended_well ? NSC_RX_END : NSC_RX_FAILED);
	return more ? NSC_RX_MORE : NSC_RX_IDLE;
}

/* Up to which time everything has been given: what the slowest member has at hand, or still may bring. */
static void several_advance(struct nsc_several *s)
{
	uint64_t least_ns = UINT64_MAX;

	for (uint32_t i = 0; i < s->n; i++)
		if (member_has_packet(&s->member[i]) || !member_has_ended(&s->member[i]))
			least_ns = NSC_MIN(least_ns, s->member[i].key_ns);
	if (least_ns != UINT64_MAX)
		s->now_ns = NSC_MAX(s->now_ns, least_ns);
}

/* One member needs no merging. */
static void several_pass(struct nsc_several *s, struct nsc_burst *burst)
{
	struct several_member *m = &s->member[0];

	nsc_rx_poll(m->rx, burst);
	m->state = burst->state;
	m->burst.loan = burst->loan;
	m->lent |= burst->n > 0;
	if (nsc_unlikely(member_has_ended(m))) {
		s->rx.error = m->rx->error;
		burst->state = several_end(s, m->state);
	}
}

static void several_poll(struct nsc_rx *rx, struct nsc_burst *burst)
{
	struct nsc_several *s = (struct nsc_several *)rx;
	uint32_t n = 0;

	if (s->n == 1) {
		several_pass(s, burst);
		return;
	}
	if (nsc_likely(s->seq - s->released < NSC_SEVERAL_LOANS)) {
		memset(&s->loan[(s->seq + 1) % NSC_SEVERAL_LOANS], 0, sizeof(*s->loan));
		several_refill_all(s);
		n = several_merge(s, burst->pkt);
	}
	if (n)
		s->seq++;
	else
		several_advance(s);
	burst->n = n;
	burst->state = s->seq - s->released < NSC_SEVERAL_LOANS ? several_state(s, n) : n ? NSC_RX_MORE : NSC_RX_IDLE;
	burst->clock_ns = s->now_ns;
	burst->offset_ns = s->offset_ns;
	burst->loan = s->seq;
}

/* --- loans ------------------------------------------------------------------------------------ */

/* The last loan of a member of which nothing is out: before its first packet that is. */
static uint64_t several_free_loan(const struct nsc_several *s, uint32_t i)
{
	const struct several_member *m = &s->member[i];

	for (uint64_t seq = s->released + 1; seq <= s->seq; seq++)
		if (s->loan[seq % NSC_SEVERAL_LOANS].first[i])
			return s->loan[seq % NSC_SEVERAL_LOANS].first[i] - 1;
	return member_has_packet(m) ? m->burst.loan - 1 : m->burst.loan;
}

static void several_release(struct nsc_rx *rx, uint64_t loan)
{
	struct nsc_several *s = (struct nsc_several *)rx;

	if (s->n == 1) {
		nsc_rx_release(s->member[0].rx, loan);
		s->member[0].lent &= loan < s->member[0].burst.loan;
		return;
	}
	s->released = NSC_MAX(s->released, NSC_MIN(loan, s->seq));
	for (uint32_t i = 0; i < s->n; i++) {
		struct several_member *m = &s->member[i];
		uint64_t last;

		if (!m->lent)
			continue;
		last = several_free_loan(s, i);
		nsc_rx_release(m->rx, last);
		m->lent = last < m->burst.loan;
	}
}

/* --- sleep ------------------------------------------------------------------------------------ */

/* How long the oldest packet at hand waits for the clocks of members that have none: these go on with the wall clock.
 */
static uint64_t several_patience(const struct nsc_several *s)
{
	uint64_t oldest_ns = UINT64_MAX, slowest_ns = UINT64_MAX;

	for (uint32_t i = 0; i < s->n; i++) {
		const struct several_member *m = &s->member[i];

		if (member_has_packet(m))
			oldest_ns = NSC_MIN(oldest_ns, m->key_ns);
		else if (!member_has_ended(m))
			slowest_ns = NSC_MIN(slowest_ns, m->key_ns);
	}
	if (oldest_ns == UINT64_MAX)
		return UINT64_MAX;
	return oldest_ns > slowest_ns ? oldest_ns - slowest_ns : 0;
}

/* A member with loans out is readable anyway, and one with packets at hand is not asked. */
static uint32_t several_sockets(const struct nsc_several *s, struct pollfd *socket, uint32_t *member, bool *lent)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->n; i++) {
		const struct several_member *m = &s->member[i];

		if (member_has_packet(m) || member_has_ended(m))
			continue;
		if (m->lent) {
			*lent = true;
			continue;
		}
		member[n] = i;
		socket[n++] = (struct pollfd){ .fd = m->fd, .events = POLLIN };
	}
	return n;
}

static void several_wait(struct nsc_rx *rx, uint64_t timeout_ns)
{
	struct nsc_several *s = (struct nsc_several *)rx;
	struct pollfd socket[NSC_LIVE_INTERFACES_MAX];
	uint32_t member[NSC_LIVE_INTERFACES_MAX];
	struct timespec timeout;
	bool lent = false;
	uint32_t n = several_sockets(s, socket, member, &lent);

	timeout_ns = NSC_MIN(timeout_ns, several_patience(s));
	if (s->stopping)
		timeout_ns = NSC_MIN(timeout_ns, (uint64_t)SEVERAL_STOPPING_SLEEP_NS);
	if (lent)
		timeout_ns = NSC_MIN(timeout_ns, (uint64_t)SEVERAL_LENT_SLEEP_NS);
	timeout = (struct timespec){ .tv_sec = (time_t)(timeout_ns / NSC_NS_PER_SEC),
				     .tv_nsec = (long)(timeout_ns % NSC_NS_PER_SEC) };
	if (ppoll(socket, n, &timeout, NULL) <= 0)
		return;
	for (uint32_t i = 0; i < n; i++)
		if (socket[i].revents & (POLLERR | POLLHUP | POLLNVAL))
			nsc_rx_wait(s->member[member[i]].rx, 0); /* which looks at the trouble */
}

/* --- the rest --------------------------------------------------------------------------------- */

static void several_stop(struct nsc_rx *rx)
{
	struct nsc_several *s = (struct nsc_several *)rx;

	if (s->stopping)
		return;
	s->stopping = true;
	for (uint32_t i = 0; i < s->n; i++)
		if (!member_has_ended(&s->member[i]))
			nsc_rx_stop(s->member[i].rx);
}

/* What stands for packets on the wire is known of all members, or of none. */
static void several_counters(const struct nsc_rx *rx, struct nsc_rx_counters *sum)
{
	const struct nsc_several *s = (const struct nsc_several *)rx;
	bool told = true;

	s->member[0].rx->ops->counters(s->member[0].rx, sum);
	for (uint32_t i = 1; i < s->n; i++) {
		struct nsc_rx_counters part;

		s->member[i].rx->ops->counters(s->member[i].rx, &part);
		told &= (part.wire_packets == NSC_UNKNOWN) == (sum->wire_packets == NSC_UNKNOWN);
		nsc_rx_counters_add(sum, &part);
	}
	if (!told)
		sum->wire_packets = sum->wire_bytes = NSC_UNKNOWN;
}

static void several_close(struct nsc_rx *rx)
{
	struct nsc_several *s = (struct nsc_several *)rx;

	for (uint32_t i = 0; i < s->n; i++)
		nsc_rx_close(s->member[i].rx);
	free(s->loan);
	free(s);
}

/* One for each name, which the summary shows. */
#define SEVERAL_OPS(source)                                                                                            \
	{                                                                                                              \
		.name = source, .poll = several_poll, .release = several_release, .counters = several_counters,        \
		.close = several_close, .stop = several_stop, .wait = several_wait                                     \
	}

static const struct nsc_rx_ops several_ops[] = { SEVERAL_OPS("tpacket"), SEVERAL_OPS("pcap") };

static const struct nsc_rx_ops *several_ops_for(const struct nsc_rx *member)
{
	return &several_ops[!strcmp(member->ops->name, several_ops[1].name)];
}

void nsc_several_share(struct nsc_rx *rx, uint32_t *alive)
{
	((struct nsc_several *)rx)->alive = alive;
}

struct nsc_rx *nsc_several_first(struct nsc_rx *rx)
{
	return rx->ops->poll == several_poll ? ((struct nsc_several *)rx)->member[0].rx : rx;
}

/* --- open ------------------------------------------------------------------------------------- */

/* A packet tells its link by kind, and each kind has one number. */
static int several_check_links(const struct nsc_several *s, const struct nsc_rx *rx, struct nsc_error *error)
{
	for (unsigned link = 0; link < NSC_LINK_COUNT; link++)
		if (rx->linktype[link] && s->rx.linktype[link] && rx->linktype[link] != s->rx.linktype[link])
			return nsc_fail(error, -EPROTONOSUPPORT,
					"interfaces of link types %u and %u cannot be captured together: both are "
					"decoded as %s, and outputs could not tell them apart",
					s->rx.linktype[link], rx->linktype[link], nsc_link_name(link));
	return 0;
}

static void several_note_links(struct nsc_several *s, const struct nsc_rx *rx)
{
	for (unsigned link = 0; link < NSC_LINK_COUNT; link++)
		if (rx->linktype[link])
			s->rx.linktype[link] = rx->linktype[link];
}

static int several_take_members(struct nsc_several *s, const struct nsc_several_member *member, struct nsc_error *error)
{
	int status = 0;

	for (uint32_t i = 0; i < s->n && !status; i++) {
		s->member[i] = (struct several_member){ .rx = member[i].rx, .fd = member[i].fd, .state = NSC_RX_IDLE };
		status = several_check_links(s, member[i].rx, error);
		several_note_links(s, member[i].rx);
		s->rx.nanoseconds &= member[i].rx->nanoseconds;
	}
	return status;
}

int nsc_several_open(struct nsc_rx **rx, const struct nsc_several_member *member, uint32_t n, struct nsc_error *error)
{
	size_t bytes = sizeof(struct nsc_several) + n * sizeof(struct several_member);
	struct nsc_several *s = aligned_alloc(NSC_CACHE_LINE, (bytes + NSC_CACHE_LINE - 1) & ~(NSC_CACHE_LINE - 1));
	int status = 0;

	if (s) {
		memset(s, 0, bytes);
		s->loan = calloc(NSC_SEVERAL_LOANS, sizeof(*s->loan));
	}
	if (!s || !s->loan)
		status = nsc_fail(error, -ENOMEM, "no memory to merge the packets of %u interfaces", n);
	if (!status) {
		s->n = n;
		s->rx = (struct nsc_rx){ .ops = several_ops_for(member[0].rx),
					 .live = true,
					 .nanoseconds = true,
					 .clock = member[0].rx->clock,
					 .clock_log = member[0].rx->clock_log };
		status = several_take_members(s, member, error);
	}
	if (!status) {
		*rx = &s->rx;
		return 0;
	}
	if (s)
		free(s->loan);
	free(s);
	return status;
}
