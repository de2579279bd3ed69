/* SPDX-License-Identifier: MIT
 *
 * Packets that nobody should send, through a whole engine: a source that makes them from bytes (any time, length, link
 * type, nesting, segments of TCP), and a run with every sink, which must end, balance, and do no more rounds than the
 * packets ask for. tests/fuzz/fuzz_engine.c lets libFuzzer write the bytes, tests/property/hostile.c a seed.
 *
 * A packet is an operation of a few bytes; bytes that are missing are 0, so that any bytes are some packets:
 *
 *   operation  template (3 bits), time (3 bits), nesting (1 bit), link type (1 bit)
 *   time       0..8 bytes: see hostile_time
 *   link type  1 byte
 *   nesting    how many headers, which
 *   template   see hostile_frame
 */
#ifndef NETSCOPE_TESTS_HOSTILE_H
#define NETSCOPE_TESTS_HOSTILE_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "netscope/engine.h"
#include "netscope/out.h"
#include "netscope/steady.h"
#if NSC_DASHBOARD
#include "dashboard/server/history.h"
#endif

enum {
	HOSTILE_FRAME = 2048,
	HOSTILE_LOANS = 4,
	HOSTILE_PACKETS = 4096,     /* of one input, at most */
	HOSTILE_SERVER = 200,       /* the last byte of its address */
	HOSTILE_CPU_SECONDS = 20,   /* for one run, sanitizers and all: a thousand times what it takes */
	HOSTILE_WALL_SECONDS = 200, /* the same for threads that wait for each other */
};

#define HOSTILE_SEED                                                                                                   \
	{                                                                                                              \
		{                                                                                                      \
			0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f, 0x165667b19e3779f9, 0xd6e8feb86659fd93                 \
		}                                                                                                      \
	}

static inline void hostile_require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "hostile: %s\n", what);
	abort();
}

/* --- bytes ------------------------------------------------------------------------------------ */

struct hostile_bytes {
	const uint8_t *at, *end;
};

static inline uint64_t hostile_take(struct hostile_bytes *from, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value = value << 8 | (from->at < from->end ? *from->at++ : 0);
	return value;
}

/* --- frames ----------------------------------------------------------------------------------- */

struct hostile_frame {
	uint8_t *bytes;
	uint32_t n;
};

static inline void hostile_put(struct hostile_frame *frame, const void *bytes, uint32_t n)
{
	if (n > HOSTILE_FRAME - frame->n)
		n = HOSTILE_FRAME - frame->n;
	memcpy(frame->bytes + frame->n, bytes, n);
	frame->n += n;
}

#define HOSTILE_PUT(frame, literal) hostile_put(frame, literal, sizeof(literal) - 1)

/* Headers that hold another packet, one inside the other. */
static inline void hostile_nest(struct hostile_frame *frame, unsigned kind, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		switch (kind % 6) {
		case 0: /* VLAN tags behind an Ethernet header */
			HOSTILE_PUT(frame, "\x81\x00\x00\x05");
			break;
		case 1: /* GRE that carries Ethernet */
			HOSTILE_PUT(frame, "\x08\x00\x45\0\1\0\0\1\0\0\x40\x2f\0\0\x0a\0\0\1\x0a\0\0\2\0\0\x65\x58\2\0"
					   "\0\0\0\1\2\0\0\0\0\2");
			break;
		case 2: /* VXLAN */
			HOSTILE_PUT(
				frame,
				"\x08\x00\x45\0\1\0\0\1\0\0\x40\x11\0\0\x0a\0\0\1\x0a\0\0\2\x12\xb5\x12\xb5\0\xec\0\0"
				"\x08\0\0\0\0\0\5\0\2\0\0\0\0\1\2\0\0\0\0\2");
			break;
		case 3: /* MPLS labels */
			HOSTILE_PUT(frame, "\x88\x47\0\0\x10\x40");
			break;
		case 4: /* IPv6 with an extension header, and IPv6 in it */
			HOSTILE_PUT(frame, "\x86\xdd\x60\0\0\0\1\0\0\x40\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\xfd\0\0\0\0"
					   "\0\0\0\0\0\0\0\0\0\0\2"
					   "\x29\0\1\4\0\0\0\0");
			break;
		default: /* provider backbone: Ethernet in Ethernet */
			HOSTILE_PUT(frame, "\x88\xe7\0\0\0\5\2\0\0\0\0\1\2\0\0\0\0\2");
		}
}

/* A piece of a datagram: its place in units of 8 bytes, whether more follow, one of few identifications. */
static inline void hostile_fragment(uint8_t *ip4, struct hostile_bytes *from)
{
	unsigned how = (unsigned)hostile_take(from, 1);

	ip4[5] = how >> 6;
	ip4[6] = how & 0x20;
	ip4[7] = how & 0x1f;
}

static inline void hostile_ip(struct hostile_frame *frame, struct hostile_bytes *from, uint8_t proto, unsigned version)
{
	uint8_t flow = (uint8_t)hostile_take(from, 1), back = flow & 0x80, client = flow & 0x3f,
		server = HOSTILE_SERVER;
	uint8_t ip4[20] = { 0x45, 0, 5, 0, 0, 1, 0, 0, 64, proto, 0, 0, 10, 0, 0, 0, 10, 0, 0, 0 };
	uint8_t ip6[40] = { 0x60, 0, 0, 0, 4, 0, proto, 64, 0xfd };

	ip4[15] = back ? server : client;
	ip4[19] = back ? client : server;
	ip6[24] = 0xfd;
	ip6[23] = ip4[15];
	ip6[39] = ip4[19];
	if (version == 4 && flow & 0x40)
		hostile_fragment(ip4, from);
	if (version == 4)
		hostile_put(frame, ip4, sizeof(ip4));
	else
		hostile_put(frame, ip6, sizeof(ip6));
}

/* Numbers that are near each other, and the edge of 2^32 in their middle. */
static inline uint32_t hostile_number(struct hostile_bytes *from)
{
	uint32_t value = (uint32_t)hostile_take(from, 2);

	return (value & 0xfff) * 16 - 0x8000 + (value >> 12);
}

static inline void hostile_put_number(uint8_t *at, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static inline void hostile_tcp(struct hostile_frame *frame, struct hostile_bytes *from, unsigned version, bool scan)
{
	uint8_t tcp[20] = { 4, 0xd2, 0, 80, [12] = 0x50, [14] = 1 };

	hostile_ip(frame, from, NSC_PROTO_TCP, version);
	if (scan) { /* a SYN to a port of the input's choice */
		tcp[2] = (uint8_t)hostile_take(from, 1);
		tcp[3] = (uint8_t)hostile_take(from, 1);
		tcp[13] = NSC_TCP_SYN;
	} else {
		hostile_put_number(tcp + 4, hostile_number(from));
		hostile_put_number(tcp + 8, hostile_number(from));
		tcp[13] = (uint8_t)hostile_take(from, 1);
		tcp[14] = (uint8_t)hostile_take(from, 1);
	}
	hostile_put(frame, tcp, sizeof(tcp));
}

static inline void hostile_raw(struct hostile_frame *frame, struct hostile_bytes *from)
{
	uint32_t n = (uint32_t)hostile_take(from, 1),
		 here = (uint32_t)NSC_MIN((size_t)n, (size_t)(from->end - from->at));

	hostile_put(frame, from->at, here);
	from->at += here;
}

/* ARP, ICMP for IPv4 and IPv6, SCTP. */
static inline void hostile_other(struct hostile_frame *frame, struct hostile_bytes *from)
{
	static const uint8_t protos[] = { NSC_PROTO_ICMP, NSC_PROTO_ICMPV6, NSC_PROTO_SCTP };
	unsigned what = (unsigned)hostile_take(from, 1) % 4;

	if (!what) {
		HOSTILE_PUT(frame, "\x08\x06");
		return;
	}
	if (what == 2)
		HOSTILE_PUT(frame, "\x86\xdd");
	else
		HOSTILE_PUT(frame, "\x08\x00");
	hostile_ip(frame, from, protos[what - 1], what == 2 ? 6 : 4);
	hostile_raw(frame, from);
}

/* The packet behind its outer headers; false for a template that is none: the burst ends there. */
static inline bool hostile_inner(struct hostile_frame *frame, struct hostile_bytes *from, unsigned template)
{
	switch (template) {
	case 0:
		hostile_raw(frame, from);
		return true;
	case 1:
	case 2:
		HOSTILE_PUT(frame, "\x08\x00");
		hostile_tcp(frame, from, 4, template == 2);
		return true;
	case 3:
		HOSTILE_PUT(frame, "\x86\xdd");
		hostile_tcp(frame, from, 6, false);
		return true;
	case 4:
	case 5:
		if (template == 4)
			HOSTILE_PUT(frame, "\x08\x00");
		else
			HOSTILE_PUT(frame, "\x86\xdd");
		hostile_ip(frame, from, NSC_PROTO_UDP, template == 4 ? 4 : 6);
		if (frame->bytes[frame->n - (template == 4 ? 5 : 17)] == HOSTILE_SERVER)
			HOSTILE_PUT(frame, "\0\x35\x04\xd2\0\x40\0\0");
		else
			HOSTILE_PUT(frame, "\x04\xd2\0\x35\0\x40\0\0");
		hostile_raw(frame, from);
		return true;
	case 6:
		hostile_other(frame, from);
		return true;
	default:
		return false;
	}
}

/* Small steps, steps of any size, and every end of time: any u64. */
static inline uint64_t hostile_time(uint64_t ts_ns, struct hostile_bytes *from, unsigned kind)
{
	uint64_t b = kind && kind != 3 ? hostile_take(from, 1) : 0;

	switch (kind) {
	case 0:
		return ts_ns;
	case 1:
		return ts_ns + b * b * 10000;
	case 2:
		return ts_ns + (1ull << (b & 63));
	case 3:
		return hostile_take(from, 8);
	case 4:
		return UINT64_MAX - b;
	case 5:
		return b;
	case 6:
		return ts_ns - (1ull << (b & 63));
	default:
		return NSC_TIME_MAX - 128 + b;
	}
}

/* --- the source ------------------------------------------------------------------------------- */

struct hostile_source {
	struct nsc_rx rx;
	struct hostile_bytes from;
	uint32_t burst; /* packets in a burst */
	uint32_t snaplen;
	uint64_t ts_ns, last_ns;
	struct nsc_steady clock;
	uint64_t lent, released, delivered, bytes, backwards, snapped;
	uint8_t (*frames)[NSC_BURST_MAX][HOSTILE_FRAME]; /* [HOSTILE_LOANS], overwritten when a loan ends */
	uint32_t used[HOSTILE_LOANS][NSC_BURST_MAX];
};

static inline bool hostile_packet(struct hostile_source *s, uint8_t *bytes, struct nsc_packet *pkt)
{
	unsigned operation = (unsigned)hostile_take(&s->from, 1);
	struct hostile_frame frame = { .bytes = bytes };
	uint8_t link = NSC_LINK_ETHERNET;

	s->ts_ns = hostile_time(s->ts_ns, &s->from, operation >> 3 & 7);
	if (operation & 0x80)
		link = (uint8_t)(hostile_take(&s->from, 1) % NSC_LINK_COUNT);
	else
		HOSTILE_PUT(&frame, "\2\0\0\0\0\1\2\0\0\0\0\2");
	if (operation & 0x40) {
		unsigned how = (unsigned)hostile_take(&s->from, 1);

		hostile_nest(&frame, how >> 5, how & 31);
	}
	if (!hostile_inner(&frame, &s->from, operation & 7))
		return false;
	*pkt = (struct nsc_packet){
		.data = bytes,
		.ts_ns = s->ts_ns,
		.cap_len = NSC_MIN(frame.n, s->snaplen),
		.wire_len = frame.n,
		.link = link,
	};
	return true;
}

/* False: the packet belongs to the next burst, for time steps before it. */
static inline bool hostile_clock(struct hostile_source *s, struct nsc_packet *pkt, bool begins)
{
	const struct nsc_steady_context context = { .begins = begins };

	if (!nsc_steady_follow(&s->clock.hand, pkt->ts_ns) &&
	    nsc_steady_look(&s->clock, pkt->ts_ns, &context) != NSC_STEADY_TAKEN)
		return false;
	pkt->clock_ns = s->clock.hand.now_ns;
	return true;
}

static inline void hostile_count(struct hostile_source *s, const struct nsc_packet *pkt)
{
	s->backwards += pkt->ts_ns < s->last_ns;
	s->snapped += pkt->cap_len < pkt->wire_len;
	s->bytes += pkt->wire_len;
	s->last_ns = pkt->ts_ns;
	__atomic_store_n(&s->delivered, s->delivered + 1, __ATOMIC_RELAXED);
}

static inline void hostile_poll(struct nsc_rx *rx, struct nsc_burst *burst)
{
	struct hostile_source *s = (struct hostile_source *)rx;
	uint32_t slot = (uint32_t)(s->lent % HOSTILE_LOANS);

	burst->n = 0;
	if (s->lent - s->released < HOSTILE_LOANS) {
		while (burst->n < s->burst && s->from.at < s->from.end && s->delivered < HOSTILE_PACKETS) {
			struct nsc_packet *pkt = &burst->pkt[burst->n];
			struct hostile_bytes here = s->from;
			uint64_t ts_ns = s->ts_ns;

			if (!hostile_packet(s, s->frames[slot][burst->n], pkt))
				break;
			if (!hostile_clock(s, pkt, !burst->n)) {
				s->from = here;
				s->ts_ns = ts_ns;
				break;
			}
			s->used[slot][burst->n++] = pkt->cap_len;
			hostile_count(s, pkt);
		}
		s->lent++;
	}
	burst->state = burst->n ? NSC_RX_MORE : NSC_RX_IDLE;
	if (s->from.at == s->from.end || s->delivered >= HOSTILE_PACKETS)
		burst->state = NSC_RX_END;
	burst->clock_ns = s->clock.hand.now_ns;
	burst->offset_ns = s->clock.hand.offset_ns;
	burst->loan = s->lent;
}

static inline void hostile_release(struct nsc_rx *rx, uint64_t loan)
{
	struct hostile_source *s = (struct hostile_source *)rx;

	for (; s->released < loan && s->released < s->lent; s->released++) {
		uint32_t slot = (uint32_t)(s->released % HOSTILE_LOANS);

		for (uint32_t i = 0; i < NSC_BURST_MAX; i++) {
			memset(s->frames[slot][i], 0xdd, s->used[slot][i]);
			s->used[slot][i] = 0;
		}
	}
}

static inline void hostile_counters(const struct nsc_rx *rx, struct nsc_rx_counters *counters)
{
	const struct hostile_source *s = (const struct hostile_source *)rx;
	uint64_t delivered = __atomic_load_n(&s->delivered, __ATOMIC_RELAXED);

	*counters = (struct nsc_rx_counters){
		.received = delivered,
		.delivered = delivered,
		.kernel_drops = NSC_UNKNOWN,
		.nic_drops = NSC_UNKNOWN,
		.kernel_seen = NSC_UNKNOWN,
	};
}

static inline void hostile_close(struct nsc_rx *rx)
{
	struct hostile_source *s = (struct hostile_source *)rx;

	free(s->frames);
	free(s);
}

/* The same bytes make the same packets. `live`: nobody waits for a full queue. */
static inline struct nsc_rx *hostile_open(const uint8_t *bytes, size_t n, uint32_t burst, uint32_t snaplen, bool live)
{
	static const struct nsc_rx_ops ops = {
		.name = "hostile",
		.poll = hostile_poll,
		.release = hostile_release,
		.counters = hostile_counters,
		.close = hostile_close,
	};
	struct hostile_source *s = calloc(1, sizeof(*s));

	hostile_require(s && (s->frames = malloc(HOSTILE_LOANS * sizeof(*s->frames))), "no memory");
	s->rx = (struct nsc_rx){
		.ops = &ops, .live = live, .nanoseconds = true, .linktype = { [NSC_LINK_ETHERNET] = 1 }
	};
	s->from = (struct hostile_bytes){ bytes, bytes + n };
	s->burst = NSC_MIN(NSC_MAX(burst, 1u), NSC_BURST_MAX);
	s->snaplen = snaplen ? snaplen : UINT32_MAX;
	return &s->rx;
}

/* --- a run ------------------------------------------------------------------------------------ */

struct hostile_way {
	uint32_t workers;          /* behind lanes; 0 = one, inline */
	bool detect, decap, shown; /* detectors; tunnels opened; packet lines and a capture file */
	bool join, dedup, track;   /* fragments joined; copies dropped; ICMP and SCTP have flows */
	bool unanswered;           /* scans are counted by what was not answered */
	uint8_t key;               /* NSC_KEY_* */
	uint64_t part_ns;          /* longest part of a flow; 0 = one part */
	uint64_t tick_ns, timeout_ns;
	uint64_t max_flows; /* 0 = grows */
};

struct hostile_result { /* `text` is the caller's to free */
	char *text;     /* the export as CSV, and what DNS says */
	size_t length;
	bool exact; /* no limit was hit: the same for any number of workers */
	uint64_t ticks;
	struct nsc_counters totals;
};

struct hostile_look { /* a sink that checks what views promise, and keeps the dashboard's history */
	struct nsc_sink sink;
	uint64_t ticks, end_ns;
	bool final;
	struct nsc_dns_view dns; /* of the last view */
#if NSC_DASHBOARD
	struct nsc_history history;
	struct nsc_history_rings rings;
#endif
};

static inline int hostile_tick(struct nsc_sink *sink, const struct nsc_view *view, struct nsc_error *error)
{
	struct hostile_look *look = (struct hostile_look *)sink;

	hostile_require(view->start_ns < view->end_ns, "a tick ends after it began");
	hostile_require(!look->ticks || view->final || view->start_ns >= look->end_ns,
			"ticks come one after the other");
	hostile_require(!look->final, "the final view is the last");
	look->end_ns = view->end_ns;
	look->final = view->final;
	if (view->final)
		look->dns = view->dns;
	look->ticks++;
#if NSC_DASHBOARD
	nsc_history_add(&look->history, view, view->tick_drops, false);
#endif
	return 0;
}

static const struct nsc_sink_ops hostile_look_ops = { .name = "look", .tick = hostile_tick };

static inline double hostile_seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static inline void hostile_wait(struct nsc_engine *engine)
{
	double cpu = hostile_seconds(CLOCK_PROCESS_CPUTIME_ID), wall = hostile_seconds(CLOCK_MONOTONIC);

	while (!nsc_engine_wait(engine, 100)) {
		hostile_require(hostile_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu < HOSTILE_CPU_SECONDS,
				"a run without an end");
		hostile_require(hostile_seconds(CLOCK_MONOTONIC) - wall < HOSTILE_WALL_SECONDS,
				"a run that waits for ever");
	}
}

static inline bool hostile_ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n >= m && !strcmp(name + n - m, end);
}

static inline bool hostile_is_exact(const struct nsc_counters *totals)
{
	static const char *const limits[] = { "_full", "_evicted", "_skipped", "_dropped", "_forgotten" };

	for (unsigned i = 0; i < NSC_C_COUNT; i++)
		for (unsigned k = 0; k < NSC_ARRAY_LEN(limits); k++)
			if (totals->value[i] && hostile_ends_with(nsc_counter_table[i].name, limits[k]))
				return false;
	return true;
}

static inline void hostile_read(const char *path, struct hostile_result *result)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;

	hostile_require(fd >= 0 && !fstat(fd, &status), "the export is a file");
	result->length = (size_t)status.st_size;
	result->text = malloc(result->length + 1);
	hostile_require(result->text && read(fd, result->text, result->length) == (ssize_t)result->length,
			"it can be read");
	close(fd);
}

static inline void hostile_add(struct hostile_result *result, const void *bytes, size_t n)
{
	result->text = realloc(result->text, result->length + n + 1);
	hostile_require(result->text, "there is memory");
	memcpy(result->text + result->length, bytes, n);
	result->length += n;
}

static inline void hostile_add_dns(struct hostile_result *result, const struct nsc_dns_view *dns)
{
	hostile_require(dns->on, "somebody counts DNS");
	hostile_add(result, &dns->total, sizeof(dns->total));
	hostile_add(result, &dns->latency, sizeof(dns->latency));
	for (uint32_t i = 0; i < dns->n_servers; i++) {
		hostile_add(result, &dns->server[i].row, sizeof(dns->server[i].row));
		hostile_add(result, dns->server[i].addr, sizeof(dns->server[i].addr));
	}
	for (uint32_t i = 0; i < dns->n_names; i++) {
		hostile_add(result, &dns->name[i].row, sizeof(dns->name[i].row));
		hostile_add(result, dns->name[i].name, dns->name[i].length);
	}
}

/* No more rounds than packets ask for, wherever their clocks jump. */
static inline void hostile_check(const struct hostile_result *r, const struct hostile_way *way, bool live)
{
	const uint64_t *value = r->totals.value;
	uint64_t packets = value[NSC_C_WORKER_PACKETS], delivered = value[NSC_C_RX_DELIVERED];
	struct nsc_ledger ledger;

	nsc_ledger_check(&ledger, &r->totals, true, way->workers > 0);
	hostile_require(ledger.balanced, "the ledger balances");
	hostile_require(live || packets == delivered, "no packet is lost");
	hostile_require(r->ticks <= delivered + 1, "no more ticks than packets, and the last one");
	hostile_require(value[NSC_C_WORKER_BURSTS] <= delivered, "no more bursts than packets");
	hostile_require(value[NSC_C_DETECT_EPOCHS] <= 2 * delivered, "no more epochs than packets and ends of probes");
	hostile_require(value[NSC_C_LANE_BURSTS] <= delivered + way->workers * (2 * delivered + 2),
			"lanes hear of borders");
}

static inline void hostile_give_back(void *context, struct nsc_flow_chunk *chunk)
{
	nsc_engine_chunk_return(*(struct nsc_engine **)context, chunk);
}

/* To be freed. */
static inline char *hostile_path(const char *folder, const char *name)
{
	char *path = NULL;

	hostile_require(asprintf(&path, "%s/%s", folder, name) > 0, "no memory");
	return path;
}

struct hostile_sinks {
	struct hostile_look look;
	struct nsc_sink *stats, *alerts, *alerts_jsonl, *expired_jsonl, *expired_csv, *lines, *pcap, *export;
	struct nsc_sink *all[10];
	uint32_t n;
};

static inline void hostile_open_sinks(struct hostile_sinks *s, const struct hostile_way *way, const char *folder,
				      int nowhere, const struct nsc_rx *rx, struct nsc_error *error)
{
	char *csv = hostile_path(folder, "flows.csv"), *pcap = hostile_path(folder, "packets.pcapng");
	struct nsc_out out = {
		.asked = { .write_pcap = pcap,
			   .hex_dump = true,
			   .alerts_jsonl = "/dev/null",
			   .export_json = "/dev/null",
			   .export_csv = csv,
			   .expired_flows_jsonl = "/dev/null",
			   .expired_flows_csv = "/dev/null" },
		.fd = nowhere,
		.verbose = 2,
		.stats = true,
		.alerts = true,
		.top_flows = 5,
		.live = rx->live,
		.record_memory = 1,
		.source = rx,
	};

	s->look.sink.ops = &hostile_look_ops;
#if NSC_DASHBOARD
	nsc_history_init(&s->look.history, &s->look.rings);
#endif
	s->all[s->n++] = &s->look.sink;
	hostile_require(!nsc_stats_open(&s->stats, &out, error), error->text);
	s->all[s->n++] = s->stats;
	hostile_require(!nsc_expired_jsonl_open(&s->expired_jsonl, &out, error), error->text);
	s->all[s->n++] = s->expired_jsonl;
	hostile_require(!nsc_expired_csv_open(&s->expired_csv, &out, error), error->text);
	s->all[s->n++] = s->expired_csv;
	if (way->detect) {
		hostile_require(!nsc_alerts_open(&s->alerts, &out, error), error->text);
		s->all[s->n++] = s->alerts;
		hostile_require(!nsc_alerts_jsonl_open(&s->alerts_jsonl, &out, error), error->text);
		s->all[s->n++] = s->alerts_jsonl;
	}
	if (way->shown) {
		hostile_require(!nsc_lines_open(&s->lines, &out, error), error->text);
		s->all[s->n++] = s->lines;
		hostile_require(!nsc_write_pcap_open(&s->pcap, &out, error), error->text);
		s->all[s->n++] = s->pcap;
	}
	hostile_require(!nsc_export_open(&s->export, &out, error), error->text);
	s->all[s->n++] = s->export; /* keeps chunks: the last */
	free(csv);
	free(pcap);
}

static inline void hostile_close_sinks(struct hostile_sinks *s)
{
	nsc_export_close(s->export);
	nsc_write_pcap_close(s->pcap);
	nsc_lines_close(s->lines);
	nsc_alerts_jsonl_close(s->alerts_jsonl);
	nsc_alerts_close(s->alerts);
	nsc_expired_csv_close(s->expired_csv);
	nsc_expired_jsonl_close(s->expired_jsonl);
	nsc_stats_close(s->stats);
}

/* Runs what `rx` brings, closes it, and checks all that holds for any input. `folder`: for files, which stay. */
static inline void hostile_run(struct nsc_rx *rx, const struct hostile_way *way, const char *folder,
			       struct hostile_result *result)
{
	static const struct nsc_detector_options often = { true, NSC_NS_PER_SEC, NSC_NS_PER_SEC, 3, 2 };
	const struct nsc_detect_options detect = {
		.syn_flood = often,
		.port_scan = often,
		.udp_icmp_flood = often,
		.microburst = { .enabled = true, .limit_bytes = 1, .cooldown_ns = NSC_NS_PER_SEC },
		.few_sources = true,
		.scan_all = !way->unanswered,
		.scan_arp_threshold = 3,
		.memory = 16 << 20,
		.seed = { 7, 11 },
	};
	struct hostile_sinks *sinks = calloc(1, sizeof(*sinks));
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct nsc_engine *engine = NULL;
	struct nsc_error error;
	struct nsc_engine_options options = {
		.rx = rx,
		.workers = NSC_MAX(way->workers, 1u),
		.lanes = way->workers > 0,
		.lane_packets = 128,
		.poll = NSC_POLL_BLOCK,
		.decode = { .seed = HOSTILE_SEED,
			    .decap = way->decap,
			    .track_icmp = way->track,
			    .track_sctp = way->track,
			    .key = way->key },
		.join_fragments = way->join,
		.watch_tenants = !way->key,
		.dedup_ns = way->dedup ? NSC_NS_PER_SEC / 100 : 0,
		.active_timeout_ns = way->part_ns,
		.max_flows = way->max_flows,
		.flow_reserve = 2 * HOSTILE_PACKETS * NSC_MAX(way->workers, 1u),
		.analyses = NSC_ANALYSIS_ALL,
		.flow_timeout_ns = way->timeout_ns,
		.tick_ns = way->tick_ns,
		.top_flows = 5,
		.names = NSC_NAMES_FULL,
		.dns = true,
		.record_memory = 1,
		.detect = way->detect ? &detect : NULL,
	};
	char *path = hostile_path(folder, "flows.csv");

	hostile_require(sinks && nowhere >= 0, "no memory");
	hostile_open_sinks(sinks, way, folder, nowhere, rx, &error);
	options.sinks = sinks->all;
	options.n_sinks = sinks->n;
	nsc_export_attach(sinks->export, hostile_give_back, &engine);
	hostile_require(!nsc_engine_open(&engine, &options, &error), error.text);
	hostile_require(!nsc_engine_start(engine, &error), error.text);
	hostile_wait(engine);
	nsc_engine_totals(engine, &result->totals);
	hostile_require(sinks->look.final, "the last view is final");
	result->ticks = sinks->look.ticks;
	hostile_check(result, way, rx->live);
	result->exact = hostile_is_exact(&result->totals);
	nsc_engine_close(engine);
	hostile_close_sinks(sinks);
	nsc_rx_close(rx);
	hostile_read(path, result);
	hostile_add_dns(result, &sinks->look.dns);
	free(path);
	free(sinks);
	close(nowhere);
}

/* A folder for the files of runs, removed by hostile_clean. */
static inline void hostile_folder(char *path, size_t size)
{
	const char *base = getenv("TEST_TMP");

	snprintf(path, size, "%s/netscope-hostile-XXXXXX", base && *base ? base : "/tmp");
	hostile_require(mkdtemp(path), "a folder for the files");
}

static inline void hostile_clean(const char *folder)
{
	static const char *const names[] = { "flows.csv", "packets.pcapng" };

	for (unsigned i = 0; i < NSC_ARRAY_LEN(names); i++) {
		char *path = hostile_path(folder, names[i]);

		unlink(path);
		free(path);
	}
	rmdir(folder);
}

#endif
