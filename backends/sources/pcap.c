/* SPDX-License-Identifier: MIT
 *
 * The libpcap source. libpcap lends one frame, until the next is asked for, and a burst wants 64 at once: so frames are
 * copied, one behind the other, into slots. A burst lies in one slot and is a loan of its own; with no loan out, the
 * first slot is used again, so that a worker that polls inline stays in its cache.
 *
 * The filter is not libpcap's but that of live_filter.h, on libpcap's own socket: so that a filter means
 * the same as on a ring and in a file, and so that the kernel's counts begin and end to the packet. libpcap itself puts
 * the outer VLAN tag back.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <pcap/pcap.h>

#include "linktype.h"
#include "live.h"
#include "netscope/engine.h"

#define BUFFER_DEFAULT (16ull << 20) /* libpcap's own 2 MiB hold 32 packets of 64 KiB in immediate mode */
#define BLOCK_BYTES (256u << 10)     /* of libpcap's ring */

enum { SLOTS = 64, ERRORS_MAX = 20 /* with the interface up */, SLOT_MIN = 256 * 1024, TAG_AT = 12, POPULATED = 2 };

struct live_pcap {
	struct nsc_live_port port;
	pcap_t *pcap;
	uint64_t seq, oldest;         /* loans: of the last burst, from 1; the first that has not ended */
	uint32_t next;                /* slot of the next burst */
	uint32_t slot_bytes, longest; /* longest: bytes of a frame, at most */
	uint8_t *slots;
	uint32_t last_seen, last_drops; /* as libpcap counts, in 32 bits */
	uint32_t errors;                /* of libpcap, one behind the other */
	uint8_t link;
	bool ethernet;
};

/* --- packets ---------------------------------------------------------------------------------- */

static bool has_tag(const struct live_pcap *p, const uint8_t *frame, uint32_t cap)
{
	uint32_t type = cap >= TAG_AT + 2 ? (uint32_t)frame[TAG_AT] << 8 | frame[TAG_AT + 1] : 0;

	return p->ethernet && (type == 0x8100 || type == 0x88a8);
}

/* One frame at most; 1 when there was one, 0 when there is none, below 0 libpcap's error. */
static int pcap_take(struct live_pcap *p, struct nsc_packet *pkt, uint8_t *slot, uint32_t *n)
{
	struct pcap_pkthdr *h;
	const u_char *frame;
	uint64_t ts_ns;
	uint32_t cap;
	int got = pcap_next_ex(p->pcap, &h, &frame);

	if (got != 1)
		return got;
	if (p->port.discards) {
		p->port.own.left++;
		return 1;
	}
	p->port.own.received++;
	p->port.own.received_bytes += h->len;
	if (nsc_live_refused(&p->port, frame, h->len, h->caplen, has_tag(p, frame, h->caplen))) {
		p->port.own.filtered++;
		return 1;
	}
	ts_ns = (uint64_t)h->ts.tv_sec * NSC_NS_PER_SEC + (uint64_t)h->ts.tv_usec * (p->port.rx.nanoseconds ? 1 : 1000);
	cap = NSC_MIN(h->caplen, p->longest);
	memcpy(slot, frame, cap);
	nsc_live_describe(&p->port, pkt, slot, ts_ns, cap, h->len, p->link);
	++*n;
	return 1;
}

static uint32_t pcap_fill(struct live_pcap *p, struct nsc_packet *pkt, uint32_t want)
{
	uint8_t *slot = p->slots + (size_t)p->next * p->slot_bytes, *end = slot + p->slot_bytes - p->longest;
	uint32_t n = 0, before = 0;
	int got = 1;

	/* As many looks as packets are wanted: what is refused must not keep the worker from its other duties. */
	for (uint32_t looks = 0; looks < NSC_BURST_MAX && n < want && slot <= end && got == 1; looks++, before = n) {
		got = pcap_take(p, &pkt[n], slot, &n);
		if (n > before)
			slot += (pkt[before].cap_len + NSC_CACHE_LINE - 1) & ~(NSC_CACHE_LINE - 1);
	}
	p->port.suspect |= got < 0;
	p->errors = got < 0 ? p->errors + 1 : 0;
	return n;
}

/* --- the kernel's counts, and trouble --------------------------------------------------------- */

/* Totals since the capture began in 32 bits; ps_recv includes the drops. */
static void look(struct nsc_live_port *port)
{
	struct live_pcap *p = (struct live_pcap *)port;
	struct pcap_stat stats;

	if (!pcap_stats(p->pcap, &stats)) {
		port->own.kernel_seen += (uint32_t)(stats.ps_recv - p->last_seen);
		port->own.kernel_drops += (uint32_t)(stats.ps_drop - p->last_drops);
		p->last_seen = stats.ps_recv;
		p->last_drops = stats.ps_drop;
	}
	nsc_live_check(port);
	if (nsc_unlikely(p->errors > ERRORS_MAX && !port->suspect)) {
		nsc_fail(&port->rx.error, 0, "capturing on '%s' through libpcap failed: %s", port->live->interface.name,
			 pcap_geterr(p->pcap));
		nsc_live_end(port, true);
	}
}

/* --- the table of operations ------------------------------------------------------------------ */

static bool has_slot(struct live_pcap *p)
{
	if (p->oldest > p->seq)
		p->next = 0;
	return p->seq + 1 - p->oldest < SLOTS;
}

static void live_pcap_poll(struct nsc_rx *rx, struct nsc_burst *burst)
{
	struct live_pcap *p = (struct live_pcap *)rx;
	bool room = has_slot(p);
	uint64_t before = p->port.own.received + p->port.own.left;
	uint32_t want = room ? nsc_live_claim(&p->port, NSC_BURST_MAX) : 0, n = 0;

	if (want || p->port.discards)
		n = pcap_fill(p, burst->pkt, p->port.discards ? NSC_BURST_MAX : want);
	nsc_live_delivered(&p->port, want, n);
	if (n) {
		p->seq++;
		p->next = (p->next + 1) % SLOTS;
		p->port.own.delivered += n;
	}
	nsc_live_end_poll(&p->port, burst, n, p->port.own.received + p->port.own.left != before, p->seq);
}

static void live_pcap_release(struct nsc_rx *rx, uint64_t loan)
{
	struct live_pcap *p = (struct live_pcap *)rx;

	p->oldest = NSC_MAX(p->oldest, NSC_MIN(loan, p->seq) + 1);
}

/* libpcap takes the trouble off the socket itself, the next time that it looks. */
static void live_pcap_wait(struct nsc_rx *rx, uint64_t timeout_ns)
{
	struct live_pcap *p = (struct live_pcap *)rx;

	p->port.suspect |= !nsc_live_sleep(&p->port, timeout_ns, !has_slot(p));
}

static void live_pcap_close(struct nsc_rx *rx)
{
	struct live_pcap *p = (struct live_pcap *)rx;

	if (p->pcap)
		pcap_close(p->pcap);
	if (p->slots)
		munmap(p->slots, (size_t)SLOTS * p->slot_bytes);
	nsc_live_release(p->port.live);
	free(p);
}

static const struct nsc_rx_ops live_pcap_ops = {
	.name = "pcap",
	.poll = live_pcap_poll,
	.release = live_pcap_release,
	.counters = nsc_live_counters,
	.close = live_pcap_close,
	.stop = nsc_live_stop,
	.wait = live_pcap_wait,
};

/* --- open ------------------------------------------------------------------------------------- */

static int pcap_refuse(const struct live_pcap *p, const struct nsc_live_options *o, int status, struct nsc_error *error)
{
	const char *why = pcap_geterr(p->pcap);

	if (status == PCAP_ERROR_PERM_DENIED || status == PCAP_ERROR_PROMISC_PERM_DENIED)
		return nsc_interface_denied(o->interface, error);
	return nsc_fail(error, status == PCAP_ERROR_IFACE_NOT_UP ? -ENETDOWN : -EIO,
			"capturing on '%s' through libpcap failed: %s%s%s", o->interface, pcap_statustostr(status),
			*why ? ": " : "", why);
}

static int pcap_set_stamps(struct live_pcap *p, const struct nsc_live_options *o, struct nsc_error *error)
{
	if (p->port.own_clock && pcap_set_tstamp_type(p->pcap, PCAP_TSTAMP_ADAPTER_UNSYNCED))
		return nsc_fail(error, -EOPNOTSUPP,
				"'%s' does not stamp the packets it receives: leave --timestamps hardware out",
				o->interface);
	if (pcap_set_tstamp_precision(p->pcap, PCAP_TSTAMP_PRECISION_NANO))
		p->port.rx.nanoseconds = false;
	return 0;
}

static uint64_t pcap_buffer(const struct nsc_live_options *o)
{
	return NSC_MIN(o->buffer_bytes ? o->buffer_bytes : BUFFER_DEFAULT, (uint64_t)INT32_MAX);
}

/* Immediate mode has no blocks, and no timer. */
static uint32_t pcap_hold_ms(const struct nsc_live_options *o)
{
	uint32_t blocks = (uint32_t)(pcap_buffer(o) / BLOCK_BYTES);

	return o->immediate ? o->hold_ms : nsc_live_hold_ms(o, NSC_MAX(blocks, 1u));
}

static int activate(struct live_pcap *p, const struct nsc_live_options *o, struct nsc_error *error)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	int status;

	p->pcap = pcap_create(o->interface, why);
	if (!p->pcap)
		return nsc_fail(error, -ENODEV, "capturing on '%s' through libpcap failed: %s", o->interface, why);
	pcap_set_snaplen(p->pcap, (int)p->longest);
	pcap_set_promisc(p->pcap, o->promiscuous);
	pcap_set_timeout(p->pcap, (int)pcap_hold_ms(o));
	pcap_set_immediate_mode(p->pcap, o->immediate);
	pcap_set_buffer_size(p->pcap, (int)pcap_buffer(o));
	status = pcap_set_stamps(p, o, error);
	if (status)
		return status;
	status = pcap_activate(p->pcap);
	if (status < 0)
		return pcap_refuse(p, o, status, error);
	if (pcap_setnonblock(p->pcap, 1, why))
		return nsc_fail(error, -EIO, "capturing on '%s' through libpcap failed: %s", o->interface, why);
	p->port.fd = pcap_fileno(p->pcap);
	p->port.rx.nanoseconds = pcap_get_tstamp_precision(p->pcap) == PCAP_TSTAMP_PRECISION_NANO;
	return 0;
}

/* libpcap's numbers for what Linux has are those on disk, but for a few, and raw IP. */
static int choose_link(struct live_pcap *p, const struct nsc_live_options *o, unsigned *row, struct nsc_error *error)
{
	int dlt = pcap_datalink(p->pcap);
	char text[128];

	for (*row = NSC_LINKTYPES; (*row)--;) /* the last row of a kind is what belongs into files */
		if (nsc_linktypes[*row].dlt == dlt) {
			p->link = nsc_linktypes[*row].link;
			p->ethernet = p->link == NSC_LINK_ETHERNET;
			p->port.rx.linktype[p->link] = nsc_linktypes[*row].number;
			return 0;
		}
	nsc_linktype_describe((uint32_t)dlt, text, sizeof(text));
	return nsc_fail(error, -EPROTONOSUPPORT,
			"the frames of '%s' are of link type %s, which netscope does not decode", o->interface, text);
}

static int pcap_take_slots(struct live_pcap *p, const struct nsc_live_options *o, struct nsc_error *error)
{
	uint32_t longest = o->snaplen ? NSC_MIN(o->snaplen, NSC_PACKET_BYTES_MAX) : NSC_PACKET_BYTES_MAX;

	p->longest = longest;
	p->slot_bytes = (NSC_MAX(2 * longest, (uint32_t)SLOT_MIN) + 4095) & ~4095u;
	p->slots = mmap(NULL, (size_t)SLOTS * p->slot_bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p->slots == MAP_FAILED) {
		p->slots = NULL;
		return nsc_fail(error, -ENOMEM, "no memory for %u slots of %u KiB", (unsigned)SLOTS,
				p->slot_bytes >> 10);
	}
	for (size_t at = 0; at < (size_t)POPULATED * p->slot_bytes; at += 4096)
		p->slots[at] = 0;
	return 0;
}

/* Between libpcap's bind and now the socket took everything: what came in is thrown away, to the packet, and taken off
 * the counts. */
static void pcap_empty(struct live_pcap *p)
{
	uint64_t until_ns = nsc_monotonic_ns() + p->port.lag_ns + NSC_LIVE_PATIENCE_NS, read = 0;
	struct pcap_pkthdr *h;
	const u_char *frame;

	do {
		int got;

		while ((got = pcap_next_ex(p->pcap, &h, &frame)) == 1)
			read++;
		look(&p->port);
		if (p->port.own.kernel_seen - p->port.own.kernel_drops == read || got < 0)
			break;
		nsc_live_sleep(&p->port, 1000000, true);
	} while (nsc_monotonic_ns() < until_ns);
}

static int pcap_open_all(struct live_pcap *p, struct nsc_live *live, const struct nsc_live_options *o,
			 struct nsc_error *error)
{
	unsigned row;
	int status = pcap_take_slots(p, o, error);

	if (!status)
		status = activate(p, o, error);
	if (!status)
		status = choose_link(p, o, &row, error);
	if (!status)
		status = nsc_live_compile(live, o, row, !p->ethernet, error);
	if (status)
		return status;
	status = nsc_live_filter_shut(p->port.fd);
	if (status)
		return nsc_fail(error, status, "the kernel refused the filter: %s", strerror(-status));
	pcap_empty(p);
	return nsc_live_attach(&p->port, error);
}

int nsc_rx_pcap_open(struct nsc_rx **rx, const struct nsc_live_options *o, struct nsc_error *error)
{
	struct live_pcap *p = aligned_alloc(alignof(struct live_pcap), sizeof(*p));
	struct nsc_live *live;
	int status;

	if (!p)
		return nsc_fail(error, -ENOMEM, "no memory to capture on '%s'", o->interface);
	memset(p, 0, sizeof(*p));
	status = nsc_live_open(&live, o, error);
	if (status) {
		free(p);
		return status;
	}
	nsc_live_port_init(&p->port, live, o, pcap_hold_ms(o), &live_pcap_ops, look);
	p->oldest = 1;
	status = pcap_open_all(p, live, o, error);
	if (status) {
		live_pcap_close(&p->port.rx);
		return status;
	}
	*rx = &p->port.rx;
	return 0;
}
