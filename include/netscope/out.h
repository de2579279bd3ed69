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
#include "netscope/summary.h"

#include <stdio.h>

/* 1 when writing both names would write one file (or the second name reads what the first writes), else 0. "-" is
 * standard output, so do not ask about an input of that name. Character devices are shared without harm: 0. */
int nsc_out_same_file(const char *a, const char *b);

/* --- the files ------------------------------------------------------------------------------- */

/* Files that an option names: member, long name, help. The key in the configuration file is "output.<member>". Another
 * row is another option: it is parsed, checked against the other files, allowed by the sandbox, and documented. */
#define NSC_OUT_FILES(X)                                                                                               \
	X(export_json, "export-json", "Write every flow of the run as JSON, at its end")                               \
	X(export_csv, "export-csv", "Write every flow of the run as CSV, at its end")                                  \
	X(expired_flows_jsonl, "expired-flows-jsonl", "Write each flow as it ends, as JSON lines")                     \
	X(expired_flows_csv, "expired-flows-csv", "Write each flow as it ends, as CSV")                                \
	X(summary_json, "summary-json", "Write the final summary as JSON")

struct nsc_out_asked {                 /* what the options of the outputs say; a path that is NULL or "" is off */
	const char *write_pcap;        /* a name that ends in .pcapng makes pcapng, every other one pcap */
	uint32_t write_pcap_max_files; /* of segments, those of earlier runs included; the oldest go; 0 = keep all */
	bool hex_dump;                 /* the first bytes of each packet under its line */
	bool quiet;                    /* no packet lines */
	const char *alerts_jsonl;
#define NSC_X(member, name, help) const char *member;
	NSC_OUT_FILES(NSC_X)
#undef NSC_X
};

/* --- backends/sinks/export.c: every flow of the run, sorted, as JSON and CSV ------------------ */

struct nsc_export_options {
	const char *json_path;  /* NULL or "" = off; at least one of the two is on */
	const char *csv_path;   /* NULL or "" = off */
	uint64_t record_memory; /* as in nsc_engine_options: bounds the chunks that it holds */
};

/* Holds chunks and reorders the records in them, so it comes last among the sinks that take records.
 * Where `keep` is not offered it spills at once. */
int nsc_export_open(struct nsc_sink **sink, const struct nsc_export_options *options, struct nsc_error *error);

/* How a held chunk goes home (nsc_engine_chunk_return on the engine that was opened meanwhile). Before the run. */
void nsc_export_attach(struct nsc_sink *sink, void (*give_back)(void *context, struct nsc_flow_chunk *), void *context);

/* Rows written. After finish. */
uint64_t nsc_export_rows(const struct nsc_sink *sink);

/* Removes what was not finished. NULL is allowed. */
void nsc_export_close(struct nsc_sink *sink);

/* --- backends/sinks/expired.c: flows as they end, as JSON lines and CSV ----------------------- */

struct nsc_expired_options {
	const char *jsonl_path; /* NULL or "" = off; at least one of the two is on */
	const char *csv_path;   /* NULL or "" = off */
};

/* Whole lines are in the files whenever a records call has returned. */
int nsc_expired_open(struct nsc_sink **sink, const struct nsc_expired_options *options, struct nsc_error *error);
void nsc_expired_close(struct nsc_sink *sink);

/* --- backends/sinks/alerts.c: alerts on the terminal and as JSON lines ------------------------ */

struct nsc_alerts_options {
	int fd;                 /* where "[alert] ..." lines go; stays the caller's; -1 = nowhere */
	bool color;             /* ANSI colours on those lines */
	const char *jsonl_path; /* NULL or "" = off */
};

/* Whole lines are on the terminal and in the file whenever an alerts call has returned. -EPIPE when the reader of fd
 * has gone. */
int nsc_alerts_open(struct nsc_sink **sink, const struct nsc_alerts_options *options, struct nsc_error *error);
void nsc_alerts_close(struct nsc_sink *sink); /* NULL is allowed */

/* --- backends/sinks/stats.c: the [stats] line and the top flows of every tick ----------------- */

struct nsc_stats_options {
	int fd;             /* where to; stays the caller's */
	bool live;          /* false: nothing can be lost, so unknown drops are 0 */
	uint32_t top_flows; /* at most so many under each line; a view may have more */
};

/* One write for each tick. -EPIPE when the reader has gone. */
int nsc_stats_open(struct nsc_sink **sink, const struct nsc_stats_options *options, struct nsc_error *error);
void nsc_stats_close(struct nsc_sink *sink);

/* --- backends/sinks/pcap.c: the packets of the run as pcap or pcapng -------------------------- */

struct nsc_write_pcap_options {
	const char *path;      /* a name that ends in .pcapng makes pcapng, every other one pcap */
	uint64_t rotate_bytes; /* 0 = one file; else segments path.000000.ext, ..., none larger (but for one packet) */
	uint32_t max_files;    /* of segments, those of earlier runs included; the oldest go; 0 = keep all */
	uint32_t snaplen;      /* what the source was told, for the header; 0 = no limit */
	const struct nsc_rx *source; /* tells about time and links; read at open only */
	const char *input;           /* what the source reads, so that it is never removed; NULL or "-" = no file */
};

/* Whole records are in the file whenever a packets call has returned. pcap holds one link type: another one is an error
 * that names pcapng. Rotation wants a path of its own, no pipe or device. */
int nsc_write_pcap_open(struct nsc_sink **sink, const struct nsc_write_pcap_options *options, struct nsc_error *error);
void nsc_write_pcap_close(struct nsc_sink *sink); /* NULL is allowed */

/* --- backends/sinks/lines.c: a line for each packet ------------------------------------------- */

struct nsc_lines_options {
	int fd;           /* where to; stays the caller's */
	unsigned verbose; /* 0, 1: lines; 2: and the fields of every layer; 3: and what NetScope made of the packet */
	bool hex_dump;    /* and the first bytes in hex */
	bool color;       /* ANSI colours */
};

/* One write for each chunk of packets. -EPIPE when the reader has gone. */
int nsc_lines_open(struct nsc_sink **sink, const struct nsc_lines_options *options, struct nsc_error *error);
void nsc_lines_close(struct nsc_sink *sink); /* NULL is allowed */

/* --- backends/sinks/summary.c, summary_file.c: the ledger of the whole run -------------------- */

/* Prints the summary; `color` allows ANSI colours. 0 or -errno of writing. Allocates: stdio only. */
int nsc_summary_print(FILE *out, const struct nsc_summary *summary, bool color);

struct nsc_outfile;

/* Opened before the run, written after it, renamed into place when complete. 0 or -errno and one sentence. */
int nsc_summary_json_open(struct nsc_outfile **file, const char *path, struct nsc_error *error);
int nsc_summary_json_write(struct nsc_outfile *file, const struct nsc_summary *summary, struct nsc_error *error);
void nsc_summary_json_close(struct nsc_outfile *file); /* NULL is allowed */

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
