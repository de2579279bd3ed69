/* SPDX-License-Identifier: MIT
 *
 * The flow table of one worker: single owner, no locks, no allocation. A burst is looked up in groups of packets:
 * buckets prefetched, tags compared and records prefetched, then updated in packet order.
 *
 * Layout. A record is split into arrays with one index: `hot` (one cache line: what a packet of a known IPv4 flow
 * touches), `cold` (first_seen), `tail` (the rest of an IPv6 key), and for TCP `tcp` (one cache line: sequence
 * analysis) and `rtt`, when they are wanted. The index is a linear-hashed array of 64-byte buckets (10 slots of 16-bit
 * tag + 32-bit record number, and a chain for the few that overflow). Growth splits one bucket at a time, from the tags
 * alone, without touching a record.
 *
 * What depends on a packet is decided at look-up from the packet's own clock, never from when the sweep came by.
 */
#ifndef NETSCOPE_FLOW_TABLE_H
#define NETSCOPE_FLOW_TABLE_H

#include "engine/base/arena.h"
#include "netscope/counters.h"
#include "netscope/decode.h"
#include "netscope/flow.h"
#include "netscope/query.h"
#include "netscope/sample.h"

struct nsc_flow_table;
struct nsc_naming;

/* Where ended records go. `full` is called when the chunk has no room: it sends it on and returns the next chunk, or
 * NULL when there is none and the record must be dropped (live). It may wait (offline). No chunk at all (chunk NULL
 * and full NULL): nobody wants records. */
struct nsc_flow_output {
	struct nsc_flow_chunk *chunk;
	struct nsc_flow_chunk *(*full)(struct nsc_flow_output *);
	void *context;
};

struct nsc_flow_table_options {
	uint64_t max_flows; /* records held at most by this table, 1..2^31 */
	bool grow;          /* true: begin small and grow by increments up to max_flows; false: all laid out at start */
	bool ahead; /* of a table that does not grow: memory is made ready as records are taken, not at the start */
	uint64_t timeout_ns;      /* silence longer than this ends a flow; 0 = never */
	uint64_t active_ns;       /* a part of a flow that has lasted longer is handed out; 0 = a flow is one part */
	uint64_t tick_ns;         /* length of a tick; bounds the window of "active"; 0 = one tick without end */
	uint32_t top_flows;       /* 0..NSC_TOP_MAX */
	uint8_t analyses;         /* NSC_ANALYSIS_* of TCP; what is off costs neither time nor memory */
	bool rtts;                /* round trip times of all flows are added up, if they are measured */
	bool decap;               /* packets were decoded so: a flow notes its tunnels */
	bool openers, unanswered; /* what nsc_flow_table_burst returns: one of them at most */
	uint8_t key;              /* NSC_KEY_*, as packets were decoded: 8 bytes more a flow */
	bool names;               /* flows are named: 16 bytes more a flow, and `naming` says how, from open on */
	struct nsc_naming *naming;
	bool top_names;      /* with names: bytes of a tick are added up by the end of names; 4 bytes more a flow */
	bool recent;         /* bytes of the last minute are known; 32 bytes more a flow */
	uint32_t ended_kept; /* 0..2^24: the newest so many flows that have ended stay for questions; 208 bytes each, 40
				more with `recent` */
	struct nsc_hash_seed seed;
};

/* Takes all its memory from `arena`. 0 or -errno and one sentence. Thread: control. */
int nsc_flow_table_open(struct nsc_flow_table **table, const struct nsc_flow_table_options *options,
			struct nsc_arena *arena, struct nsc_error *error);

/* Bytes that a table of these options takes from its arena at start, and per flow once full. */
uint64_t nsc_flow_table_bytes(const struct nsc_flow_table_options *options);
double nsc_flow_table_bytes_per_flow(const struct nsc_flow_table_options *options);
/* Segments and holes of all flows together that it remembers beyond the two newest segments of each; 0 without
 * analyses. */
uint64_t nsc_flow_table_outstanding(const struct nsc_flow_table_options *options);

/* Counts pkt[0..n) (descriptors with another fate than FLOW are passed over) into their flows, in order.
 * The caller cuts bursts at ticks: all packets lie in the current tick. Returns a bit for each packet, for detectors:
 * with `openers` bit i is set when pkt[i] is UDP and was sent by the side that opened its flow; with `unanswered`, when
 * the other side of its flow has sent nothing (what a port scan is counted by); with neither it returns 0.
 * n <= NSC_BURST_MAX. Thread: owner. Allocates: never. Blocks: only in output->full. */
uint64_t nsc_flow_table_burst(struct nsc_flow_table *table, const struct nsc_packet *pkt, uint32_t n,
			      struct nsc_counters *counters, struct nsc_flow_output *output);

/* All round trip times since the start; NULL: nobody adds them up. Thread: owner, control. */
const struct nsc_histogram *nsc_flow_table_rtts(const struct nsc_flow_table *table);

/* Buckets of the index on the way to the flow of a packet with the fate FLOW: 1 when it is in the first; 0: it has
 * none. For those that are traced. Thread: owner. */
uint32_t nsc_flow_table_depth(const struct nsc_flow_table *table, const struct nsc_packet *pkt);

/* Packet time minus clock_ns (modulo 2^64) from the next packet on; 0 at first. It tells when records ended: ended_ns
 * is packet time. Thread: owner. */
void nsc_flow_table_set_offset(struct nsc_flow_table *table, uint64_t offset_ns);

/* One step of the sweep: expires what `clock_ns` lets expire among the next few records. `idle` allows a longer step.
 * Any clock_ns; one below an earlier one does nothing. Thread: owner. O(64) records, O(256) when idle. */
void nsc_flow_table_sweep(struct nsc_flow_table *table, uint64_t clock_ns, bool idle, struct nsc_counters *counters,
			  struct nsc_flow_output *output);

/* Closes the tick: fills top[0..return) with the flows of most bytes in it (exactly: by bytes, then key), and the gauge
 * of active flows; then begins the tick that starts at next_start_ns. O(top_flows log top_flows). Thread: owner. */
uint32_t nsc_flow_table_tick(struct nsc_flow_table *table, uint64_t next_start_ns, struct nsc_counters *counters,
			     struct nsc_top_flow *top);

/* The bytes of the tick by name, as base/name_sums.h packs them, NSC_NAME_SUMS_PACKED at most; returns how many bytes
 * they take, and begins anew. With `top_names`, behind each nsc_flow_table_tick. O(names). Thread: owner. */
uint32_t nsc_flow_table_tick_names(struct nsc_flow_table *table, uint8_t *packed);

/* The end of input: ends what clock_ns lets expire (handed out), counts the rest as remaining. With `drain`, puts the
 * rest in export order for nsc_flow_table_drain. The table counts no more packets afterwards. O(records). Thread:
 * owner. */
void nsc_flow_table_settle(struct nsc_flow_table *table, uint64_t clock_ns, bool drain, struct nsc_counters *counters,
			   struct nsc_flow_output *output);

/* The next remaining records in export order, `max` at most, >= 1; 0 = that was all.
 * Thread: owner, or the one to whom the owner has handed the settled table. Allocates: never. */
uint32_t nsc_flow_table_drain(struct nsc_flow_table *table, struct nsc_flow_record *out, uint32_t max);

/* A question from the dashboard: begin notes how far its walk goes and looks for a name in the table at once; each step
 * looks at `n` more places for records, those that have ended and are kept first; 0 looks at none. True when the answer
 * is whole. A flow that lives all the while is looked at exactly once, one that ends meanwhile once at most. A name is
 * looked for among those that have ended when the table does not have it. Thread: owner. Allocates, blocks: never. O(n
 * log limit). */
void nsc_flow_table_question_begin(const struct nsc_flow_table *table, struct nsc_flow_question *question,
				   uint64_t clock_ns);
bool nsc_flow_table_question_step(const struct nsc_flow_table *table, struct nsc_flow_question *question, uint32_t n);

/* Bit i: a filter of the mode FLOWS lets the flow of pkt[i] through, which was counted; n <= NSC_BURST_MAX. Packets
 * with another fate than FLOW have none. Terms that the ends of a flow do not decide look at its record as it stands;
 * of a flow that has ended since, none lets it through. `clock_ns`: packet time, for what depends on now. Thread:
 * owner. Allocates, blocks: never. O(n * terms). */
uint64_t nsc_flow_table_samples(const struct nsc_flow_table *table, const struct nsc_sample_filter *filter,
				const struct nsc_packet *pkt, uint32_t n, uint64_t clock_ns);

/* Counts the hosts of `asked` apart from now on, and no others: a place with the number that it has already goes on,
 * with another one it begins with nothing. `asked` comes back with what each place has counted. Of a table with
 * `recent`. `counters` are those that bursts count into. Thread: owner. Allocates, blocks: never. O(places). */
void nsc_flow_table_hosts(struct nsc_flow_table *table, struct nsc_hosts *asked, const struct nsc_counters *counters);

/* Growth: makes memory ready ahead of the owner. Returns true when it did something. Thread: control only. */
bool nsc_flow_table_prepare(struct nsc_flow_table *table);

#endif
