/* SPDX-License-Identifier: MIT
 *
 * The engine: build it from options and an open source, start it, watch it, stop it.
 */
#ifndef NETSCOPE_ENGINE_H
#define NETSCOPE_ENGINE_H

#include <sched.h>

#include "netscope/alert.h"
#include "netscope/decode.h"
#include "netscope/query.h"
#include "netscope/rx.h"
#include "netscope/sample.h"
#include "netscope/timeline.h"
#include "netscope/trace.h"
#include "netscope/view.h"

enum nsc_poll_mode { NSC_POLL_ADAPTIVE, NSC_POLL_BUSY, NSC_POLL_BLOCK };

/* Room around the bytes of a packet for the sink that asks for it (nsc_sink): packets lie side by side with it, as the
 * sink's file will have them, so that they are written as they lie. */
struct nsc_packet_frame {
	uint8_t head; /* bytes before the packet's */
	uint8_t mask; /* 0, 1, 3 or 7: the packet's bytes are padded to a multiple of this and one */
	uint8_t tail; /* bytes behind the padding */
};

#define NSC_PACKET_FRAME_MAX 64u /* bytes: head, padding and tail */

/* A sink: one const table each. Calls for one kind come from one thread and never overlap; a NULL entry is not called.
 * A failing sink returns -errno and fills error; the engine then calls it no more (live: see `check`), keeps running,
 * and the run's status says so. -EAGAIN, of a live sink with `check`: it loses something, because its reader does not
 * keep up; that is told, and does not touch the status. Sinks may block (disk); they never touch the packet path. */
struct nsc_sink {
	const struct nsc_sink_ops *ops;
	uint64_t lost; /* packets, or rows, that were to be written and never are; only grows. Thread: that of its
			  calls. */
	struct nsc_packet_frame frame; /* read before the start; of several sinks one gets its own */
	struct nsc_counters *counters; /* of all sinks: nsc_sink_count. Set by the engine before the first call */
};

/* Adds to a counter that the sink itself looks after. Thread: any of the sink's. Allocates, blocks: never. */
nsc_always_inline void nsc_sink_count(const struct nsc_sink *sink, enum nsc_counter counter, uint64_t n)
{
	if (sink->counters && n)
		__atomic_fetch_add(&sink->counters->value[counter], n, __ATOMIC_RELAXED);
}

/* The flows that were alive when the input ended. They lie in the workers' tables and are taken from there, so that an
 * export needs no second copy of them. Can be read once. Thread: writer. Allocates, blocks: never. */
struct nsc_remaining {
	uint32_t workers;
	/* The next records of one worker in export order, `max` at most; 0 = that was all. */
	uint32_t (*next)(const struct nsc_remaining *, uint32_t worker, struct nsc_flow_record *out, uint32_t max);
	void *context;
};

/* --- copies of packets, for sinks that keep capture order ------------------------------------- */

#define NSC_PACKET_BYTES_MAX 262144u /* no source delivers more of one packet */
#define NSC_PACKET_LINE 1u           /* in place of a number: what the packet's line depends on, see dissect.h */

struct nsc_packet_record { /* one packet of a chunk, or of whoever keeps it with its bytes */
	uint64_t number;   /* among the delivered packets, from 1; one that was dropped (live) leaves a gap */
	uint64_t ts_ns;
	uint64_t clock_ns; /* steady time (steady.h); of several sources each has its own */
	uint32_t cap_len;  /* bytes that the source delivered, 0..NSC_PACKET_BYTES_MAX */
	uint32_t wire_len;
	uint32_t len;     /* bytes to read: cap_len, or as many as the sinks of the run want; the rest was not copied */
	int32_t bytes_at; /* where they are: so many bytes behind the begin of this record */
	uint16_t linktype; /* LINKTYPE_* number on disk */
	uint8_t link;      /* enum nsc_link */
	uint8_t fate;      /* enum nsc_fate */
	uint8_t interface; /* number of its name, 0 = none (interfaces.h) */
};

static_assert(sizeof(struct nsc_packet_record) == 48, "no field is a part of a word: each is written, none read");

/* `n` packets: bytes and frames from the begin of data[] on, records from its end down. */
struct nsc_packet_chunk {
	alignas(NSC_CACHE_LINE) uint32_t n;
	uint32_t bytes; /* taken from the begin on */
	uint32_t room;  /* of data[], a multiple of 8 */
	struct nsc_packet_frame frame;
	alignas(NSC_CACHE_LINE) uint8_t data[];
};

nsc_always_inline const struct nsc_packet_record *nsc_packet_first(const struct nsc_packet_chunk *chunk)
{
	return (const struct nsc_packet_record *)(const void *)(chunk->data + chunk->room) - 1;
}

nsc_always_inline const uint8_t *nsc_packet_bytes(const struct nsc_packet_record *record)
{
	return (const uint8_t *)record + record->bytes_at;
}

/* The packet behind this one: only while there is one, see `n`. */
nsc_always_inline const struct nsc_packet_record *nsc_packet_next(const struct nsc_packet_record *record)
{
	return record - 1;
}

/* The bytes again, for the sink whose frame they have: it may write the frame. */
nsc_always_inline uint8_t *nsc_packet_framed(const struct nsc_packet_record *record)
{
	return (uint8_t *)(uintptr_t)nsc_packet_bytes(record);
}

/* The source's half of a descriptor again: what dissection wants. Its cap_len is `len`: only what was copied may be
 * read. What was captured was on the wire, even where wire_len says less. */
nsc_always_inline struct nsc_packet nsc_packet_of(const struct nsc_packet_record *record)
{
	return (struct nsc_packet){
		.data = nsc_packet_bytes(record),
		.ts_ns = record->ts_ns,
		.cap_len = record->len,
		.wire_len = NSC_MAX(record->wire_len, record->cap_len),
		.link = record->link,
	};
}

struct nsc_sink_ops {
	const char *name;
	bool wants_remaining;  /* finish reads the remaining flows; at most one sink of a run does */
	uint32_t packet_bytes; /* how many bytes of each packet `packets` wants at least: NSC_PACKET_LINE, or 2.. up to
				* NSC_PACKET_BYTES_MAX = all */
	/* Every tick, in order, each exactly once when offline. Thread: publisher. */
	int (*tick)(struct nsc_sink *, const struct nsc_view *, struct nsc_error *);
	/* Finished flow records, the chunk still owned by the engine: copy what you keep, unless `keep` is offered:
	 * set *keep = true to hold the chunk; give it back with nsc_engine_chunk_return (sink thread). Thread: writer.
	 * `urgent` tells that free chunks have run out: give back what you can (spill) before returning. */
	int (*records)(struct nsc_sink *, struct nsc_flow_chunk *, bool urgent, bool *keep, struct nsc_error *);
	/* Packets in capture order, whatever the number of workers: offline all that the source delivered. The chunk is
	 * the engine's again when the call returns. Comes at least once a second of a slow source. Thread: writer. */
	int (*packets)(struct nsc_sink *, const struct nsc_packet_chunk *, struct nsc_error *);
	/* Alerts in order (time, kind, key), 1 or more of them; the array is the engine's again when the call returns.
	 * Only with nsc_engine_options.detect. Thread: writer. */
	int (*alerts)(struct nsc_sink *, const struct nsc_alert *, uint32_t n, struct nsc_error *);
	/* Begins its files anew, for whoever rotates logs; one that cannot goes on with the old ones and says why: the
	 * run's status tells, and the sink is called on. Thread: writer. */
	int (*rotate)(struct nsc_sink *, struct nsc_error *);
	/* Looks after its files, about once a second of a live run: whether they can be written, also before anything
	 * is to be; one that failed begins anew when it can. A live sink that has this function is called on after a
	 * failure, and counts itself what it loses (nsc_sink.lost). 0 = all is well, 1 = begun anew, and the sentence
	 * says so, else -errno. NULL: a failure is for good. Thread: writer. */
	int (*check)(struct nsc_sink *, struct nsc_error *);
	/* Flows that were alive when the input ended, 1 or more of one worker, in export order within it, each once: as
	 * the sink with `wants_remaining` takes them, which reads the table, or one after the other when there is none.
	 * All before its own finish. Thread: writer. */
	int (*remaining)(struct nsc_sink *, uint32_t worker, const struct nsc_flow_record *, uint32_t n,
			 struct nsc_error *);
	/* The run has ended, all ended records, packets and alerts were given. Thread: writer. */
	int (*finish)(struct nsc_sink *, const struct nsc_remaining *, struct nsc_error *);
};

#define NSC_RECORDER_BYTES_MIN (2ull << 20) /* of one worker's ring: some of the longest packets */
#define NSC_CUTOFF_MAX (1ull << 31)

struct nsc_recorder_options {           /* the flight recorder, see recorder.h */
	uint64_t bytes;                 /* of all rings, each at least NSC_RECORDER_BYTES_MIN; 0 = no recorder */
	uint32_t snaplen;               /* of each packet, at most; 0 = all */
	uint64_t cutoff;                /* a packet is kept when its flow had fewer bytes in its direction before;
					 * 0 = no cut-off, at most NSC_CUTOFF_MAX */
	bool headers_only;              /* nothing behind the header of TCP, UDP, SCTP or ICMP */
	nsc_packet_matches_fn *matches; /* which packets are recorded; NULL = all */
	const void *context;
};

struct nsc_engine_options {
	struct nsc_rx *rx; /* one source; the engine polls it, the caller closes it after nsc_engine_close */
	struct nsc_rx *const *sources; /* or one for each worker, without lanes: [workers]; NULL = only rx */
	uint32_t workers;              /* 1..NSC_WORKERS_MAX */
	bool lanes;            /* a capture thread steers to workers; false: one worker polls the source itself */
	bool readers;          /* all workers read the source too, in blocks: it has `blocks` (rx.h), and no lanes */
	uint32_t lane_packets; /* capacity of one lane in packets (channel_capacity), >= 64 */
	const int *cores;      /* cores to pin to: workers in order, then the capture thread; NULL = do not pin */
	uint32_t n_cores;
	const int *nodes; /* near each of these cores: the memory of a worker is taken there; -1: anywhere, NULL: all */
	const cpu_set_t *elsewhere; /* where workers and the capture thread run that have no core; NULL: as control */
	enum nsc_poll_mode poll;
	struct nsc_decode_options decode; /* `fragments`, `duplicates`, `mixed` and `counters` are the engine's own */
	bool join_fragments;              /* later fragments are counted in the flow of their first one */
	bool watch_tenants;               /* count when flows of several tenants are taken for one */
	uint64_t dedup_ns;                /* longest time between a packet and its copy; 0 = no copies are looked for */
	uint64_t max_flows;               /* over all workers; 0 = grow up to flow_reserve */
	uint64_t flow_reserve; /* with max_flows = 0: how many flows the address space is laid out for; 0 = from RAM */
	uint8_t analyses;      /* NSC_ANALYSIS_* of TCP, see flow.h */
	uint64_t flow_timeout_ns;   /* 0 = flows never time out */
	uint64_t active_timeout_ns; /* longest part of a flow, 0 = one part */
	uint64_t tick_ns;       /* length of a tick in packet time (offline) or wall time (live), >= 1 ms; the last one:
				   view.h */
	uint32_t top_flows;     /* 0..NSC_TOP_MAX top flows a tick */
	uint32_t top_names;     /* 0..NSC_TOP_NAMES_MAX names a tick; with names FULL only */
	enum nsc_names names;   /* who flows talk to: names.h */
	uint64_t name_memory;   /* bytes for what they say, over all workers; with names at least 1 MiB for each */
	bool dns;               /* what DNS servers are asked, and how they answer: dns.h; not without names */
	uint64_t record_memory; /* bytes of flow chunks, over all workers; 0 = no record sinks */
	uint64_t
		edge_memory; /* bytes that source and outputs have mapped and not touched: the run must fit with them */
	const struct nsc_detect_options *detect; /* NULL: no detectors, no alerts; copied at open */
	uint32_t sample_every;          /* each worker copies one packet of so many for the dashboard; 0 = none */
	uint32_t sample_bytes;          /* of each, at most; 0..NSC_PACKET_BYTES_MAX */
	bool questions;                 /* somebody asks about flows: nsc_engine_question */
	bool rtts;                      /* views have round trip times, if the analyses measure them */
	uint32_t ended_flows;           /* with questions: so many that have ended are kept for them; 0..2^24 */
	bool timeline;                  /* each thread writes down what it does: nsc_engine_timelines */
	uint32_t guests;                /* threads beside the engine's that do so too, at most: nsc_engine_guest */
	struct nsc_trace_options trace; /* packets whose way is noted; not with readers */
	struct nsc_recorder_options recorder; /* packets of the last seconds */
	const struct nsc_counters *profile;   /* of a profile of this process, for the totals; NULL = there is none */
	struct nsc_sink **sinks;
	uint32_t n_sinks;       /* 0..64 */
	uint64_t packet_cutoff; /* sinks get a packet when its flow had fewer bytes in its direction before it: as
				 * nsc_recorder_options.cutoff */
	bool ends_unread;       /* the run ends when the reader of a sink goes away */
};

struct nsc_engine;

struct nsc_engine_budget {          /* bytes taken at start or set aside, for the line that is printed */
	uint64_t flow_tables;       /* touched at start (max_flows > 0, live; files: at most), or first steps of growth
				     */
	uint64_t flow_bytes_each;   /* per flow record, index included */
	uint64_t flow_limit;        /* records that fit: never more are held */
	uint64_t outstanding_limit; /* TCP segments and holes that are remembered at once, of all flows */
	uint64_t lanes, records, snapshots, taps;
	uint64_t names;     /* at most: names, blocks in which beginnings of streams are put together, DNS */
	uint64_t entry;     /* where packets enter: fragments and copies of packets */
	uint64_t detect;    /* detectors: workers' halves, epochs on their way, windows, alerts on their way */
	uint64_t dashboard; /* samples and questions on their way, and packets that are traced */
	uint64_t timelines;
	uint64_t recorder; /* rings of recorded packets, and walks over them */
	uint64_t edges;    /* nsc_engine_options.edge_memory; not in the total */
	uint64_t total;
};

/* Lays out all memory. 0 or -errno and one sentence; -EINVAL for what is out of its range. Thread: control. */
int nsc_engine_open(struct nsc_engine **engine, const struct nsc_engine_options *options, struct nsc_error *error);
void nsc_engine_budget(const struct nsc_engine *engine, struct nsc_engine_budget *budget);

/* The budget of an engine that does not exist: which part was too large for nsc_engine_open when that returned -ENOMEM.
 * Not for options that it refused with -EINVAL. Thread: control. */
void nsc_engine_measure(const struct nsc_engine_options *options, struct nsc_engine_budget *budget);

/* Starts the threads. After it returns no packet-path thread calls the allocator. Thread: control. */
int nsc_engine_start(struct nsc_engine *engine, struct nsc_error *error);

/* Asks the source's reader to stop after its current burst; everything behind it drains. Async-signal-safe. */
void nsc_engine_stop(struct nsc_engine *engine);

/* Asks every sink that has files to begin them anew, soon. Async-signal-safe. */
void nsc_engine_rotate(struct nsc_engine *engine);

/* Hands other thresholds, cooldowns and ignored networks to the detectors; they hold from the end of the epoch in
 * progress on. Detectors of the run may be off, or on again. The other options are those of the start. Nothing without
 * detectors. Only when nsc_engine_reloaded. Thread: control. Allocates, blocks: never. */
void nsc_engine_reload_detect(struct nsc_engine *engine, const struct nsc_detect_options *options);

/* What flows and DNS keep of names from now on: FULL or APPS, of an engine that was opened with FULL. What is known
 * stays. Thread: control. Allocates, blocks: never. */
void nsc_engine_reload_names(struct nsc_engine *engine, enum nsc_names names);

/* Whether what was handed over last holds everywhere. Thread: control. Blocks: never. */
bool nsc_engine_reloaded(const struct nsc_engine *engine);

/* Counts a reload: NSC_C_RELOADS or NSC_C_RELOADS_REFUSED. Thread: control. */
void nsc_engine_count_reload(struct nsc_engine *engine, enum nsc_counter counter);

/* Waits up to timeout_ms (any; 0: does not wait) for the run to end; keeps growth chunks ready meanwhile (call it in a
 * loop). Returns true when every thread has finished and the sinks were finished. Thread: control. */
bool nsc_engine_wait(struct nsc_engine *engine, unsigned timeout_ms);

/* Asks for a look at the outputs of a live run (`check`). Thread: any. Async-signal-safe. */
void nsc_engine_check_outputs(struct nsc_engine *engine);

enum nsc_output_news { NSC_OUTPUT_NO_NEWS, NSC_OUTPUT_FAILS, NSC_OUTPUT_WORKS };

/* Whether an output has failed, or works again, that was not told yet, and its sentence. Thread: control. */
enum nsc_output_news nsc_engine_output_news(struct nsc_engine *engine, struct nsc_error *error);

/* The sentences of all outputs that fail now, as "a; b", cut at `size` - 1 bytes; how many they are. Thread: control.
 */
uint32_t nsc_engine_outputs_failing(struct nsc_engine *engine, char *text, size_t size);

/* After the end: 0, or -errno and the first failure of source or sinks, in one sentence. */
int nsc_engine_status(const struct nsc_engine *engine, struct nsc_error *error);

/* The packets that were traced, in capture order (of several sources: of time stamps): fills packet[0..return), which
 * has room for the options' count. After the end. Thread: control. Allocates: never. */
uint32_t nsc_engine_trace(const struct nsc_engine *engine, struct nsc_trace_packet *packet);

/* The last view. Copies under RCU: the caller passes room for nsc_engine_view_size() bytes. Returns false before
 * the first tick was published. Thread: any that is registered with nsc_engine_reader_register (control is). */
void nsc_engine_reader_register(void); /* may be nested; a pair with the next */
void nsc_engine_reader_leave(void);    /* before that thread ends */
size_t nsc_engine_view_size(const struct nsc_engine *engine);
bool nsc_engine_view_copy(struct nsc_engine *engine, struct nsc_view *view);

/* Live totals of the source and of the workers' counters, relaxed reads: for a progress bar. Thread: any. */
void nsc_engine_totals(struct nsc_engine *engine, struct nsc_counters *totals);

/* Turns that the loop of each worker has made since it began: fills rounds[0..return), which has room for
 * NSC_WORKERS_MAX. A worker that lives makes one at least every few hundred milliseconds, packets or none, as long as
 * it waits for no writer (offline only) and its input has not ended. Relaxed reads. Thread: any. */
uint32_t nsc_engine_rounds(const struct nsc_engine *engine, uint64_t *rounds);

/* The timelines of all threads; n = 0 before the start, and without nsc_engine_options.timeline. Valid until close.
 * Thread: any. */
void nsc_engine_timelines(struct nsc_engine *engine, struct nsc_timelines *timelines);

/* A timeline for a thread beside the engine's, which begins with nsc_timeline_own and ends before close. `name`: up to
 * 15 letters. NULL without nsc_engine_options.timeline, and when nsc_engine_options.guests of them are taken. Thread:
 * control, before nsc_engine_start. */
struct nsc_timeline *nsc_engine_guest(struct nsc_engine *engine, const char *name);

/* Bytes that the arena of worker `i` has handed out, or, from i = workers on, what all threads share. Thread: any. */
uint64_t nsc_engine_arena_bytes(const struct nsc_engine *engine, uint32_t i);

/* --- for a dashboard: one thread, the same from the start to the end -------------------------- */

/* Samples that worker `i` took, the oldest chunk, or NULL; `number` in it counts the packets of that worker. Given back
 * when they are copied. Allocates, blocks: never. */
const struct nsc_packet_chunk *nsc_engine_samples(struct nsc_engine *engine, uint32_t i);
void nsc_engine_samples_return(struct nsc_engine *engine, uint32_t i, const struct nsc_packet_chunk *chunk);

/* Room for a filter for the samples of worker `i`, or NULL: the last one that was sent does not hold yet, or nothing is
 * sampled. What send hands over replaces the one before, between two bursts of the worker; when it holds, the room is
 * free again, and counters of the worker that were counted before are to be seen. A run that has ended takes no more.
 * Allocates, blocks: never. */
struct nsc_sample_filter *nsc_engine_sample_filter(struct nsc_engine *engine, uint32_t i);
void nsc_engine_sample_filter_send(struct nsc_engine *engine, uint32_t i, struct nsc_sample_filter *filter);

/* An empty question for worker `i`, or NULL while it has one; what send hands over comes back here as the answer, to be
 * read before the next one is written into it. Allocates, blocks: never. */
struct nsc_flow_question *nsc_engine_question(struct nsc_engine *engine, uint32_t i);
void nsc_engine_question_send(struct nsc_engine *engine, uint32_t i, struct nsc_flow_question *question);

/* Once the run has ended (nsc_engine_wait has returned true, and the caller's thread has heard of it) nobody else
 * answers: looks at the next `records` of each worker's table. True while a question is open. */
bool nsc_engine_questions_step(struct nsc_engine *engine, uint32_t records);

void nsc_engine_chunk_return(struct nsc_engine *engine, struct nsc_flow_chunk *chunk); /* Thread: writer */
void nsc_engine_close(struct nsc_engine *engine);

#endif
