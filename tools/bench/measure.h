/* SPDX-License-Identifier: MIT
 *
 * Runs of this program on one input beside floors, round after round: what a table, a saved result and a comparison
 * are made of.
 *
 * Thread: owner. Allocates: the result, when it is opened. Blocks: for the processes that it starts.
 */
#ifndef TOOLS_BENCH_MEASURE_H
#define TOOLS_BENCH_MEASURE_H

#include "netscope/error.h"
#include "perf/child.h"
#include "perf/stats.h"

/* --- input.c: what is read -------------------------------------------------------------------- */

enum { NSC_BENCH_PATH = 4096 };

struct nsc_bench_input {
	char name[64];             /* "mix"; the last part of a file's path */
	char path[NSC_BENCH_PATH]; /* good for other processes that this one starts */
	int fd;                    /* of traffic in memory; -1 = a file */
	uint64_t file_bytes;
	uint64_t packets, bytes; /* as floor_walk counts; 0 packets: it cannot be walked, and has no floor */
};

/* Makes the traffic of this name, a profile of the generator, in memory that goes away with the process. `packets`,
 * `flows`: 0 = as the profile says. 0, or -errno and one sentence; -ENOMEM when less than a quarter of what the machine
 * has left would do. */
int nsc_bench_input_make(struct nsc_bench_input *input, const char *profile, uint64_t packets, uint64_t flows,
			 struct nsc_error *error);

/* A capture file; what is no plain pcap or pcapng has no floor. Reads it once, so that it is in the page cache. */
int nsc_bench_input_file(struct nsc_bench_input *input, const char *path, struct nsc_error *error);

void nsc_bench_input_close(struct nsc_bench_input *input);

/* --- account.c: what a run says of itself ----------------------------------------------------- */

enum { NSC_BENCH_STAGES = 24 };

struct nsc_bench_account { /* NAN = not told */
	double packets, flows, elapsed_ns, tsc_hz;
	double cycles, waited; /* a packet */
	uint32_t n_stages;
	struct {
		char name[24];
		double cycles; /* a packet */
	} stage[NSC_BENCH_STAGES];
	double p50_ns, p99_ns, p9999_ns, max_ns; /* rounds of the workers */
	double flow_bytes;                       /* laid out for each flow */
	bool balanced;
};

/* Of the JSON of --summary-json, `length` bytes that nobody vouches for. 0, or -EINVAL and one sentence. */
int nsc_bench_account_read(struct nsc_bench_account *account, const char *text, size_t length, struct nsc_error *error);

#define NSC_BENCH_LOOKED_FOR 0.03 /* the least difference that is told from none */

/* --- measure.c -------------------------------------------------------------------------------- */

enum nsc_bench_kind {
	NSC_BENCH_WALK,    /* read and walk: the floor of the input */
	NSC_BENCH_LIBPCAP, /* pcap_next_ex */
	NSC_BENCH_READERS, /* netscope, `threads` that read and analyse; 1 = one thread does everything */
	NSC_BENCH_LANES,   /* netscope, one thread that reads, threads - 1 workers behind lanes */
};

enum { NSC_BENCH_WAYS = 24, NSC_BENCH_ROUNDS = STATS_SAMPLES_MAX };

struct nsc_bench_way {
	enum nsc_bench_kind kind;
	unsigned threads;
	char name[32];
	double cpu_ns[NSC_BENCH_ROUNDS], wall_ns[NSC_BENCH_ROUNDS]; /* a packet, from start to end of the process */
	double run_ns[NSC_BENCH_ROUNDS];    /* a packet, from the first packet to the last; NAN for floors */
	double energy_nj[NSC_BENCH_ROUNDS]; /* a packet, of the whole machine; NAN where it cannot be read */
	double max_rss;                     /* bytes, the most of all rounds */
	struct nsc_bench_account account;   /* of the round that took least CPU */
};

struct nsc_bench_result {
	struct nsc_bench_input input;
	uint32_t rounds, n;
	struct nsc_bench_way way[NSC_BENCH_WAYS];
};

struct nsc_bench_plan {
	unsigned threads;  /* the most */
	double seconds;    /* for all rounds */
	unsigned rounds;   /* at least, however long they take; 1 to NSC_BENCH_ROUNDS */
	bool until_stable; /* go on until nsc_bench_is_stable, four times as long at most */
};

/* Measures result->input, which is open. 0, or -errno and one sentence. */
int nsc_bench_measure(struct nsc_bench_result *result, const struct nsc_bench_plan *plan, struct nsc_error *error);

/* Whether what one thread takes is certain within 2 %: its ratio to the floor, by the means of the faster halves and
 * their 95 % interval. */
bool nsc_bench_is_stable(const struct nsc_bench_result *result);

/* The way's CPU over that of the floor, round by round; n is 0 without a floor. */
void nsc_bench_over_floor(struct stats_ratio *ratio, const struct nsc_bench_result *result,
			  const struct nsc_bench_way *way);

/* The last line of a file, of what a process said; "" when there is none. */
enum { NSC_BENCH_LAST_LINE = 256 };
void nsc_bench_last_line(char line[NSC_BENCH_LAST_LINE], int fd);

/* NULL when there is none. */
const struct nsc_bench_way *nsc_bench_way_of(const struct nsc_bench_result *result, enum nsc_bench_kind kind,
					     unsigned threads);

/* --- energy.c --------------------------------------------------------------------------------- */

/* What all processor packages have used so far, in uJ; false where the machine does not tell (RAPL; root only). It
 * begins anew at `*range`. `root`: "" for the system's own files. */
bool nsc_bench_energy(const char *root, double *used_uj, double *range_uj);

#endif
