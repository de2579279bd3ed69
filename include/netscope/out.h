/* SPDX-License-Identifier: MIT
 *
 * The outputs: sinks for the engine, and what is printed or written once when a run ends. A path is never NULL or
 * empty unless it says so. Files are made with mode 0600 and never through a symbolic link; a target that cannot be
 * written is refused at open, before the run starts. SIGPIPE must be ignored: a closed pipe is then -EPIPE, with which
 * a program should end quietly.
 *
 * Each sink is opened and closed by control; its calls come from the threads that struct nsc_sink_ops names.
 */
#ifndef NETSCOPE_OUT_H
#define NETSCOPE_OUT_H

#include "netscope/engine.h"
#include "netscope/profile.h"
#include "netscope/summary.h"

#include <stdio.h>

/* The descriptor that "-", /dev/stdout, /dev/stderr, /dev/fd/N or /proc/self/fd/N name, or -1. */
int nsc_out_descriptor(const char *path);

/* 1 when writing both names would write one file (or the second name reads what the first writes), else 0. "-" is
 * standard output, so do not ask about an input of that name. Character devices are shared without harm: 0. */
int nsc_out_same_file(const char *a, const char *b);

/* --- whose a name is, and what has it --------------------------------------------------------- */

struct nsc_out_lock;

/* Takes the name of an output for this process, until it is closed or the process ends: whatever the file under it is,
 * or will be. *lock is NULL for what is no file of a folder (standard output, pipes, devices), and where the folder
 * cannot be opened, which the sink tells. Before the name is used for anything. 0; -EBUSY and one sentence when another
 * process has it; -errno and one sentence when the lock file, ".NAME.netscope-lock" beside it, is somebody else's.
 * Thread: control. Allocates. */
int nsc_out_lock_open(struct nsc_out_lock **lock, const char *path, struct nsc_error *error);

/* Takes the lock file away. NULL is allowed. */
void nsc_out_lock_close(struct nsc_out_lock *lock);

/* What has the name already is kept under another one, "a.000000.pcap" for "a.pcap" or the first number above that is
 * free; `stays`: it keeps its name beside that, for a sink that gives the name to a whole file at its end. Only a file
 * that is not empty, never what a link leads to. 0: there is nothing to keep, or it is kept already; 1: kept, and the
 * sentence says as what; -errno and one sentence when it cannot be. Thread: control, which has the lock. Allocates. */
int nsc_out_set_aside(const char *path, bool stays, struct nsc_error *said);

/* Whether a run could open this output, without changing it, and without leaving anything behind. `anew`: it begins a
 * new file there, now or later; else an old one is written into. A named pipe and a device are not opened. 0 or -errno
 * and one sentence. Thread: control. Allocates. */
int nsc_out_probe(const char *path, bool anew, struct nsc_error *error);

/* The end of the run has become urgent: readers of outputs that take nothing are waited for no longer than
 * NSC_PUMP_PATIENCE_NS together (backends/sinks/pump.h). Async-signal-safe. */
void nsc_out_hurry(void);
bool nsc_out_is_hurried(void); /* Thread: any */

/* --- the files and the sinks ------------------------------------------------------------------ */

/* Files that an option names: member, long name, help. The key in the configuration file is "output.<member>". Another
 * row is another option: it is parsed, checked against the other files, allowed by the sandbox, and documented. */
#define NSC_OUT_FILES(X)                                                                                               \
	X(export_json, "export-json", "Write every flow of the run as JSON, at its end")                               \
	X(export_csv, "export-csv", "Write every flow of the run as CSV, at its end")                                  \
	X(export_parquet, "export-parquet", "Write every flow of the run as Parquet, at its end")                      \
	X(ipfix_file, "ipfix-file", "Write every flow of the run as IPFIX messages, at its end")                       \
	X(expired_flows_jsonl, "expired-flows-jsonl", "Write each flow as it ends, as JSON lines")                     \
	X(expired_flows_csv, "expired-flows-csv", "Write each flow as it ends, as CSV")                                \
	X(expired_flows_parquet, "expired-flows-parquet", "Write each flow as it ends, as Parquet")                    \
	X(summary_json, "summary-json", "Write the final summary as JSON")                                             \
	X(timeline_out, "timeline-out",                                                                                \
	  "Write what each thread did last, and the longest round of each minute, as a Chrome trace: at the end, and " \
	  "at SIGUSR1")                                                                                                \
	X(profile_out, "profile-out",                                                                                  \
	  "Write the profile at the end, and at SIGUSR1: folded stacks if the name ends in .folded, speedscope's if "  \
	  "in "                                                                                                        \
	  ".json, pprof's if in .pb.gz or .pprof")

struct nsc_out_asked {                 /* what the options of the outputs say; a path that is NULL or "" is off */
	const char *write_pcap;        /* a name that ends in .pcapng makes pcapng, every other one pcap */
	uint32_t write_pcap_max_files; /* of segments, those of earlier runs included; the oldest go; 0 = keep all */
	uint64_t write_pcap_limit_mb; /* MiB of all segments; the oldest go, and none is larger than half of it; 0 = any
				       */
	bool write_pcap_index;        /* beside each segment an index of it */
	bool hex_dump;                /* the first bytes of each packet under its line */
	bool quiet;                   /* no packet lines */
	const char *alerts_jsonl;
	const char *spool;       /* a folder, for `netscope ship` */
	uint64_t spool_limit_mb; /* MiB of all segments, >= 1 */
	const char *sensor;      /* name of this sensor in spool and IPFIX; "" = the host's */
	bool ipfix_uniflow;      /* IPFIX with a record for each direction, not for both */
	const char *ipfix;       /* HOST:PORT of a collector; NULL or "" = none */
	uint64_t ipfix_rate;     /* records a second that the collector is sent; 0 = 50,000 for files, and live as many
				  * as flows end, but 250,000 at the end of the run */
	uint32_t ipfix_domain;   /* number of the observation domain; 0 = of the run's own choice, in a file 0 */

	const char *parquet_omit;           /* columns that Parquet files have not, "a,b"; NULL or "" = none */
	uint64_t expired_parquet_rotate_mb; /* MiB of a file of expired flows as Parquet; 0 = any */
	uint64_t expired_parquet_rotate_s;  /* and its age, live; 0 = any */
#define NSC_X(member, name, help) const char *member;
	NSC_OUT_FILES(NSC_X)
#undef NSC_X
};

struct nsc_out { /* what the sinks are told at open; each reads what concerns it, and copies what it keeps */
	struct nsc_out_asked asked;
	int fd;                /* where people read; stays the caller's; -1 = nowhere, for alerts only */
	struct nsc_pump *pump; /* nsc_terminal_pump; NULL = the reader of fd is waited for */
	bool color;            /* ANSI colours there */
	bool journal;          /* the journal is there: lines of alerts have their level before them */
	unsigned verbose;      /* 2: packet lines with the fields of every layer; 3: and what NetScope made of it */
	bool stats, alerts;    /* --stats, --anomalies */
	bool stats_later;      /* --stats may come while the run goes on */
	uint32_t top_flows;    /* at most so many under each line of statistics; a view may have more */
	uint32_t top_names;    /* the same for names */
	bool live;             /* false: nothing can be lost, so unknown drops are 0, and readers are waited for */
	uint64_t rotate_bytes; /* of the capture file; 0 = any; else segments path.000000.ext, ..., none larger (but for
				* one packet) */
	uint64_t rotate_ns;    /* the same of its time: segments end at multiples of it; 0 = any */
	bool decap;            /* what the engine was told; `tunnels`: names of ports, as text */
	const char *tunnels;
	uint32_t snaplen;            /* what the source was told, for the header of a capture file; 0 = no limit */
	uint64_t record_memory;      /* as in nsc_engine_options: bounds the chunks that the export holds */
	const struct nsc_rx *source; /* tells about time and links */
	void (*tell)(const struct nsc_error *said); /* a sentence about what is no failure; NULL = nobody listens */
	const char *inputs; /* what it reads, so that it is never removed: paths, each ended by NUL, and an empty one;
			     * NULL = none, "-" = no file */
};

/* The sinks, in the order in which they are opened and called. Another one is another file in backends/sinks/ and
 * another name here. The file defines two functions:
 *
 * nsc_<name>_open:  sets *sink when `out` wants this sink, and leaves it alone otherwise. 0, or -errno and a sentence.
 * nsc_<name>_close: frees, and removes what was not finished. NULL is allowed.
 *
 * A sink has one output, so that each is told of by name; only the export has three.
 *
 * lines:      a line for each packet, one write for each chunk of packets. -EPIPE when the reader has gone.
 * write_pcap: the packets as pcap or pcapng. Whole records are in the file whenever a packets call has returned. pcap
 *             holds one link type: another one is an error that names pcapng. Rotation wants a path of its own, no pipe
 *             or device.
 * stats:      the [stats] line and the top flows of every tick, one write for each. -EPIPE when the reader has gone.
 * alerts:     alerts on the terminal, -EPIPE when the reader of fd has gone; alerts_jsonl: as JSON lines. Whole
 * whenever an alerts call has returned. expired_jsonl, expired_csv: flows as they end, whole whenever a records call
 * has returned. spool: flows as they end and those that remain, and the counters of each minute, as segments in a
 * folder (backends/sinks/spool_segment.h). ipfix: flows as they end, and those that remain, to a collector, by UDP:
 * what it does not get is lost and counted. export:     every flow of the run, sorted, as JSON, CSV and IPFIX. It holds
 * chunks and reorders the records in them, so it comes last among the sinks that take records. Where `keep` is not
 * offered it spills at once. expired_parquet: flows as they end, in files that are whole when they have a name. */
#define NSC_SINKS(X)                                                                                                   \
	X(lines)                                                                                                       \
	X(write_pcap)                                                                                                  \
	X(stats)                                                                                                       \
	X(alerts)                                                                                                      \
	X(alerts_jsonl)                                                                                                \
	X(expired_jsonl)                                                                                               \
	X(expired_csv)                                                                                                 \
	X(expired_parquet)                                                                                             \
	X(spool)                                                                                                       \
	X(ipfix)                                                                                                       \
	X(export)

#define NSC_X(name)                                                                                                    \
	int nsc_##name##_open(struct nsc_sink **sink, const struct nsc_out *out, struct nsc_error *error);             \
	void nsc_##name##_close(struct nsc_sink *sink);
NSC_SINKS(NSC_X)
#undef NSC_X

/* --- what is shown, while a run goes on: Thread: control. `sink`: NULL is allowed. ------------- */

struct nsc_lines_shown {  /* from the next chunk of packets on */
	unsigned verbose; /* as nsc_out has it; of a sink that was opened for lines alone at most 1 */
	bool quiet;       /* no line at all */
	bool hex_dump;    /* the same as of `verbose`: off, for a sink that was opened without */
};

void nsc_lines_show(struct nsc_sink *sink, const struct nsc_lines_shown *shown);

struct nsc_stats_shown { /* from the next tick on */
	bool on;
	uint32_t every; /* ticks for each line; 0 as 1 */
	uint32_t top_flows, top_names;
};

void nsc_stats_show(struct nsc_sink *sink, const struct nsc_stats_shown *shown);

/* --- backends/sinks/terminal.c: where people read --------------------------------------------- */

struct nsc_pump;

/* Of a live run: `fd` is written by a thread of its own, and what finds no room in `bytes` bytes, because the reader
 * does not keep up, is lost. The sink tells of that, and of its end. *sink is left alone where nobody reads at the
 * other end. 0 or -errno and one sentence. */
int nsc_terminal_open(struct nsc_sink **sink, int fd, size_t bytes, struct nsc_error *error);
struct nsc_pump *nsc_terminal_pump(const struct nsc_sink *sink); /* NULL for NULL */
void nsc_terminal_close(struct nsc_sink *sink);                  /* NULL is allowed */

/* Text at the end of a run, at most 1 MiB, and all that is on its way; `sink` may be NULL. 0 or -errno and one
 * sentence, -EPIPE when the reader has gone. Thread: control. */
int nsc_terminal_print(const struct nsc_sink *sink, int fd, const char *text, struct nsc_error *error);

/* 0, or -EINVAL and one sentence: nsc_out_asked.ipfix cannot be read. "" and NULL can. */
int nsc_ipfix_check_peer(const char *text, struct nsc_error *error);

/* Whether a run could send there: its name is known, and there is a way to it. 0, or -errno and one sentence. */
int nsc_ipfix_probe(const char *text, struct nsc_error *error);

/* The socket through which it speaks, -1 for NULL. Stays the sink's. */
int nsc_ipfix_socket(const struct nsc_sink *sink);

/* How a chunk that the export holds goes home (nsc_engine_chunk_return on the engine that was opened meanwhile). Before
 * the run. */
void nsc_export_attach(struct nsc_sink *sink, void (*give_back)(void *context, struct nsc_flow_chunk *), void *context);

/* Rows written. After finish. */
uint64_t nsc_export_rows(const struct nsc_sink *sink);

/* --- backends/sinks/summary.c, summary_file.c: the ledger of the whole run -------------------- */

/* Prints the summary; `color` allows ANSI colours. 0 or -errno of writing. Allocates: stdio only. */
int nsc_summary_print(FILE *out, const struct nsc_summary *summary, bool color);

struct nsc_outfile;

/* Opened before the run, written after it, renamed into place when complete. 0 or -errno and one sentence. */
int nsc_summary_json_open(struct nsc_outfile **file, const char *path, struct nsc_error *error);

/* For a live run: nobody waits for its reader for ever, and a sink looks whether the file can still be written. *sink
 * is left alone without a file. 0 or -errno and one sentence. */
int nsc_summary_json_watch(struct nsc_sink **sink, struct nsc_outfile *file, struct nsc_error *error);
void nsc_summary_json_watch_close(struct nsc_sink *sink); /* NULL is allowed */
int nsc_summary_json_write(struct nsc_outfile *file, const struct nsc_summary *summary, struct nsc_error *error);
void nsc_summary_json_close(struct nsc_outfile *file); /* NULL is allowed */

/* --- backends/sinks/dump_file.c: --timeline-out, --profile-out -------------------------------- */

/* Opened before the run, or before each writing, renamed into place when complete. *file is NULL when the path is "".
 * 0 or -errno and one sentence. */
int nsc_dump_file_open(struct nsc_outfile **file, const char *path, bool live, struct nsc_error *error);
/* `between`: called every millisecond or so, for who has something else to do; NULL = nothing. */
int nsc_timeline_file_write(struct nsc_outfile *file, const struct nsc_timelines *timelines, void (*between)(void *),
			    void *context, struct nsc_error *error);
/* In the format that the path asks for; in folded stacks when it asks for none. */
int nsc_profile_file_write(struct nsc_outfile *file, const char *path, struct nsc_profile *profile,
			   struct nsc_error *error);
void nsc_dump_file_close(struct nsc_outfile *file); /* NULL is allowed */

/* --- backends/sinks/progress.c: one line on a terminal, while a file is read ------------------ */

struct nsc_progress;

/* NULL when fd is no terminal (or there is no memory): every other call allows NULL and does nothing then.
 * `input_bytes` is the size of the input, NSC_UNKNOWN on a pipe. fd stays the caller's. */
struct nsc_progress *nsc_progress_open(int fd, uint64_t input_bytes);

/* Redraws at most ten times a second. `now_ns` is any clock that does not go back. Thread: control. */
void nsc_progress_update(struct nsc_progress *progress, const struct nsc_counters *totals, uint64_t now_ns);

/* Clears the line and frees. */
void nsc_progress_close(struct nsc_progress *progress);

#endif
