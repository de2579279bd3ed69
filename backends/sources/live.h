/* SPDX-License-Identifier: MIT
 *
 * What the two live sources have in common: the capture that several rings belong to, and what one of them counts,
 * knows of time, and does to end exactly.
 *
 * The kernel counts what it had for a socket, its drops included. When nothing is under way any more,
 *
 *      kernel_seen = received + kernel_drops + left
 *
 * holds to the packet: that is how a source knows, after it has shut its filter, that it has read everything.
 */
#ifndef NETSCOPE_SOURCES_LIVE_H
#define NETSCOPE_SOURCES_LIVE_H

#include <pcap/pcap.h>

#include "interface.h"
#include "live_filter.h"
#include "netscope/clock.h"
#include "netscope/rx.h"
#include "nic.h"

#define NSC_LIVE_LOOK_NS 100000000ull  /* how often the kernel is asked for its counts and for trouble */
#define NSC_LIVE_MARGIN_NS 10000000ull /* how late the kernel may be with a block: its timers count in jiffies */
#define NSC_LIVE_REACH_MS 1000u        /* for so long the kernel's blocks are to last at a low rate, nobody reading */
#define NSC_LIVE_PATIENCE_NS 500000000ull /* for an end whose numbers do not come out: then the ledger tells */

struct nsc_live;

struct nsc_live_group { /* captures of one run, one for each interface: what they have in common */
	struct nsc_live *live[NSC_LIVE_INTERFACES_MAX];
	uint32_t n;
	uint32_t users; /* captures, and who opens several */
	uint64_t count; /* packets wanted; UINT64_MAX = all */
	uint32_t alive; /* sources that have not failed, where each interface has its own (several.h) */
	/* with a count only: every ring takes from these */
	alignas(NSC_CACHE_LINE) uint64_t claimed; /* packets that a ring has taken in hand */
	alignas(NSC_CACHE_LINE) uint64_t done;    /* packets delivered */
};

struct nsc_live { /* one capture; its rings share it */
	struct nsc_interface interface;
	struct nsc_live_group *group;
	struct nsc_live_filter *filter; /* the last one; of what it was compiled for: */
	struct nsc_live_filter_options compiled;
	struct nsc_live_filter *before; /* still used by a ring; NULL: by none */
	uint32_t filters;               /* that came after the first: release, partner of a ring's look */
	int refused;                    /* -errno, if the kernel refused it at a ring; relaxed */
	struct nsc_nic *nic;            /* NULL: not known */
	uint64_t count;                 /* the group's */
	uint32_t users;
	uint32_t ports;
	struct nsc_live_port *port[NSC_RINGS_MAX]; /* the first reports for the interface that all share */
};

enum nsc_live_draining {
	NSC_LIVE_DRAINED,
	NSC_LIVE_EXCHANGED, /* and the kernel may still run the program of before somewhere */
	NSC_LIVE_DRAINS,
	NSC_LIVE_WIDE, /* for good: the kernel has refused the program */
};

struct nsc_live_port { /* one socket of it; the first member of a live source */
	struct nsc_rx rx;
	struct nsc_live *live;
	/* Asks the kernel for its counts (own.kernel_*), and for what is wrong with the socket. */
	void (*look)(struct nsc_live_port *);
	const struct bpf_insn *recheck[2]; /* [has a tag], see live_filter.h */
	const struct nsc_live_filter *filter;
	uint32_t filters;      /* of its capture when it took this one: release, partner of control's look */
	uint32_t draining;     /* packets of the filter before may come: enum nsc_live_draining */
	uint64_t drained_at;   /* of received + left: then no more of them do; with DRAINS */
	uint64_t exchanged_ns; /* CLOCK_BOOTTIME at which it took this one */
	int fd;
	uint32_t state; /* enum nsc_rx_state: MORE, END, FAILED; release, partner of control's look */
	struct nsc_steady clock;
	uint64_t last_ns;    /* time of the packet before */
	uint64_t arrived_ns; /* CLOCK_BOOTTIME at which it was found; kept for a clock that is not the kernel's */
	uint64_t then_ns;    /* packet time of the clock then; the same */
	uint64_t wall_ns;    /* CLOCK_REALTIME minus CLOCK_BOOTTIME, modulo 2^64, as the stamps seen so far have it */
	uint64_t set_ns;     /* CLOCK_BOOTTIME at which the two were found to differ in another way; 0 = they do not */
	uint64_t lag_ns;     /* everything older than this has been delivered when nothing is there */
	uint64_t look_ns;    /* CLOCK_BOOTTIME at which to look at the kernel's counts again */
	uint64_t stopped_ns; /* CLOCK_MONOTONIC at which the filter was shut; 0 = it is open */
	uint8_t interface;   /* number of its name */
	bool own_clock;      /* stamps are not of the kernel's clock */
	bool discards;       /* what comes now is `left` */
	bool suspect;        /* the socket had an error: the interface is looked at until it is up again */
	bool gone;           /* the interface was removed */
	struct nsc_rx_counters own;
	alignas(NSC_CACHE_LINE) struct nsc_rx_counters shared; /* read by other threads */
};

/* Finds the interface and compiles the filter for a row of linktype.h; `cooked` as in live_filter.h. 0 or -errno and
 * one sentence. */
int nsc_live_open(struct nsc_live **live, const struct nsc_live_options *options, struct nsc_error *error);
int nsc_live_compile(struct nsc_live *live, const struct nsc_live_options *options, unsigned row, bool cooked,
		     struct nsc_error *error);
void nsc_live_release(struct nsc_live *live); /* the last user frees it; NULL is allowed */

/* Captures that share a count (0 = all packets). Released by whoever opened it, and by every capture: the last one
 * frees it. NULL: no memory. */
struct nsc_live_group *nsc_live_group_open(uint64_t count);
void nsc_live_group_release(struct nsc_live_group *group);

/* The block timer for so many blocks, >= 1: what is asked for, or longer, up to hold_most_ms, where the blocks would
 * not last for NSC_LIVE_REACH_MS. */
uint32_t nsc_live_hold_ms(const struct nsc_live_options *options, uint32_t blocks);

/* The port that a live source is; of several, the first one's. Thread: any. */
struct nsc_live_port *nsc_live_port_of(struct nsc_rx *rx);

/* Before the first poll; the block timer is hold_ms; `look` as above. */
void nsc_live_port_init(struct nsc_live_port *port, struct nsc_live *live, const struct nsc_live_options *options,
			uint32_t hold_ms, const struct nsc_rx_ops *ops, void (*look)(struct nsc_live_port *));

/* Opens the filter of a bound socket: what was counted before does not count. 0 or -errno and one sentence. */
int nsc_live_attach(struct nsc_live_port *port, struct nsc_error *error);

/* Takes over the capture's last filter, if this port has another one. Part of each look, whose time is boot_ns. Until
 * nothing that the one before let pass is in the ring, `whole` decides about every packet. Thread: owner. */
void nsc_live_follow_filter(struct nsc_live_port *port, uint64_t boot_ns);

/* Up to `want` packets that may be delivered, 0 when the count is reached. Of those, `n` were. Thread: owner. */
uint32_t nsc_live_claim(struct nsc_live_port *port, uint32_t want);
void nsc_live_delivered(struct nsc_live_port *port, uint32_t claimed, uint32_t n);

/* Whether the filter refuses a frame about which the kernel could not decide. */
nsc_always_inline bool nsc_live_refused(const struct nsc_live_port *port, const uint8_t *frame, uint32_t wire,
					uint32_t cap, bool tagged)
{
	const struct bpf_insn *program = port->recheck[tagged];

	return nsc_unlikely(program) && !bpf_filter(program, frame, wire, cap);
}

/* Of a packet that is not in order. Out of line. Thread: owner. */
void nsc_live_look_at_time(struct nsc_live_port *port, uint64_t ts_ns);

/* Writes one descriptor and counts what it tells. */
nsc_always_inline void nsc_live_describe(struct nsc_live_port *port, struct nsc_packet *pkt, const uint8_t *frame,
					 uint64_t ts_ns, uint32_t cap, uint32_t wire, uint8_t link)
{
	port->own.ts_backwards += ts_ns < port->last_ns;
	port->last_ns = ts_ns;
	if (nsc_unlikely(!nsc_steady_follow(&port->clock.hand, ts_ns)))
		nsc_live_look_at_time(port, ts_ns);
	port->own.snapped += cap < wire;
	*pkt = (struct nsc_packet){
		.data = frame,
		.ts_ns = ts_ns,
		.clock_ns = port->clock.hand.now_ns,
		.cap_len = cap,
		.wire_len = wire,
		.link = link,
		.interface = port->interface,
	};
}

/* Ends a poll that found n packets; `more`: the next may find some. Now and then it looks; when nothing came, the clock
 * goes on, and the end is looked for. Thread: owner. */
void nsc_live_end_poll(struct nsc_live_port *port, struct nsc_burst *burst, uint32_t n, bool more, uint64_t loan);

/* Nothing more will come; `failed`: rx.error says why. Thread: owner. */
void nsc_live_end(struct nsc_live_port *port, bool failed);

/* A socket had an error. A link that is down is a state, and the kernel goes on with the socket when it is up again; an
 * interface that was removed shuts the filter, and the end will be a failure. Part of each look. Thread: owner. */
void nsc_live_check(struct nsc_live_port *port);

/* Sleeps until the socket has something, trouble included, or the time is over. False: trouble. Thread: owner. */
bool nsc_live_sleep(struct nsc_live_port *port, uint64_t timeout_ns, bool lent);

/* For the table of operations. */
void nsc_live_stop(struct nsc_rx *rx);
void nsc_live_counters(const struct nsc_rx *rx, struct nsc_rx_counters *counters);

#endif
