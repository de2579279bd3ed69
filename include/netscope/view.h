/* SPDX-License-Identifier: MIT
 *
 * The published view: the merged state of the whole engine at a tick, immutable, read under RCU by anybody.
 */
#ifndef NETSCOPE_VIEW_H
#define NETSCOPE_VIEW_H

#include "netscope/counters.h"
#include "netscope/dns.h"
#include "netscope/flow.h"

/* What to tell people about a counter of the class LOSS or LIMIT. Losses stand in the order of the counters, from the
 * wire inwards, and are never added up but for those that are not `apart`. */
struct nsc_loss_info {
	const char *name;   /* "kernel ring" */
	bool apart;         /* not a packet that the analysis missed for certain */
	const char *advice; /* one sentence without an end */
};

/* By counter; name is NULL in every other class. */
extern const struct nsc_loss_info nsc_loss_table[NSC_C_COUNT];

#define NSC_TOP_NAMES_MAX 64u

struct nsc_top_name {   /* the end of names, and the bytes of the flows that have such a name */
	uint64_t bytes; /* on the wire within the tick, both directions */
	uint8_t length; /* 1..NSC_NAME_MAX */
	char name[NSC_NAME_MAX];
};

struct nsc_microburst { /* what came in the fullest millisecond: most packets, most bytes, maybe not of the same one */
	uint64_t packets;
	uint64_t bytes; /* on the wire, layer 2 */
};

struct nsc_recorder_span {  /* what a worker's ring of recorded packets holds */
	uint64_t oldest_ns; /* packet time at which it begins; NSC_UNKNOWN: nothing */
	uint64_t newest_ns; /* and up to which all was recorded; the same */
	uint64_t held_ns;   /* how long that is: steps of packet time taken out */
	uint64_t packets;   /* how many packets */
	bool wrapped;       /* something was overwritten: this is as far back as it goes */
};

struct nsc_view_worker {
	struct nsc_counters counters;
	struct nsc_histogram duration[NSC_DURATION_COUNT];
	struct nsc_histogram rtt;          /* with nsc_view.rtts: of its own flows */
	struct nsc_microburst microburst;  /* in this tick, of its own packets; 0 when it has no snapshot of the tick */
	struct nsc_recorder_span recorder; /* when the view was made; only with nsc_view.recorder */
	int32_t core;                      /* where it is pinned; -1 = not */
};

struct nsc_view {
	uint64_t seq;  /* 1 for the first */
	uint64_t tick; /* which tick this view closes; ticks are counted from the first packet's */
	uint64_t start_ns,
		end_ns;     /* the tick, on the engine's clock: packets with start <= clock_ns < end; start < end.
			     * A tick that would end at 2^64 ns or later ends at UINT64_MAX, and that one is in it */
	uint64_t offset_ns; /* packet time minus the engine's clock when the tick began (final: at its end), modulo 2^64
			     */
	uint64_t rate_ns;   /* what rates are over: end - start, but a tenth of a tick at least: the last one may have
			     * been cut after one packet */
	uint64_t empty_ticks;  /* ticks without a packet that were passed over just before this one */
	bool final;            /* the last view of the run; its tick may be partial: end_ns is the clock + 1 then */
	bool lanes;            /* packets went through lanes */
	uint64_t tick_packets; /* in this tick: packets that workers took, and their bytes on the wire */
	uint64_t tick_bytes;
	bool recorder;                    /* packets are recorded in memory: see the workers */
	bool microbursts;                 /* somebody looks for them: here, and in the workers */
	struct nsc_microburst microburst; /* in this tick, of all workers' packets */
	/* packets lost in this tick in the kernel's ring and in lanes; NSC_UNKNOWN when unknowable */
	uint64_t tick_drops;
	uint64_t tick_loss[NSC_C_COUNT]; /* the growth of each counter of the class LOSS; NSC_UNKNOWN when unknowable */
	struct nsc_counters totals;      /* merged over source, lanes and workers */
	bool rtts;                       /* round trip times are added up: here, and in the workers */
	struct nsc_histogram rtt;        /* round trip times of TCP that were measured since the start */
	struct nsc_dns_view dns;
	uint32_t n_top;                                  /* 0..NSC_TOP_MAX */
	struct nsc_top_flow top[NSC_TOP_MAX];            /* by tick_bytes, then in export order of the key */
	uint32_t n_top_names;                            /* 0..NSC_TOP_NAMES_MAX */
	struct nsc_top_name top_name[NSC_TOP_NAMES_MAX]; /* by bytes, then text */
	double tsc_hz;                                   /* cycles per second of the cycle counters */
	uint32_t n_workers;                              /* 1..NSC_WORKERS_MAX */
	struct nsc_view_worker worker[];                 /* [n_workers] */
};

/* Packet time at the begin and the end of its tick, for printing. */
nsc_always_inline uint64_t nsc_view_start_time(const struct nsc_view *view)
{
	return view->start_ns + view->offset_ns;
}

nsc_always_inline uint64_t nsc_view_end_time(const struct nsc_view *view)
{
	uint64_t end_ns = view->end_ns + view->offset_ns;

	return end_ns < nsc_view_start_time(view) ? UINT64_MAX : end_ns; /* the tick that the end of time cuts */
}

#endif
