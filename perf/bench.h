/* SPDX-License-Identifier: MIT
 *
 * What the benchmarks share: their settings, the interleaved rounds, and the table of rows.
 *
 * A row compares ours with a floor (the least that any program would need) or a peer (another program), measured in the
 * same rounds, so that what disturbs the machine disturbs all of them; the order is drawn anew for each round, so that
 * nobody always comes after the same one. Two figures are given, which err in different ways (stats.h): the median of
 * the ratios of single rounds, and the ratio of the lower quartiles.
 */
#ifndef NETSCOPE_PERF_BENCH_H
#define NETSCOPE_PERF_BENCH_H

#include <math.h>

#include "netscope/error.h"

#define BENCH_ROUNDS_MAX 32u
#define BENCH_WAYS_MAX 32u

struct bench_settings {
	unsigned rounds;               /* 0 = as the section likes */
	bool quick;                    /* sizes for a look and for tests: figures mean little */
	bool peers;                    /* run other programs too */
	uint64_t peer_packets;         /* give them (and us, beside them) only so many packets of a file; 0 = all */
	unsigned peer_seconds;         /* and stop them after this long */
	const char *netscope, *pktgen; /* programs */
	const char *folder;            /* for captures and exports; made when needed */
};

extern struct bench_settings bench_settings;

/* --- rounds ----------------------------------------------------------------------------------- */

struct bench_way { /* one way to do the work */
	const char *name;
	double (*run)(void *context); /* does it once; cost in the row's unit, NAN when it failed */
	void *context;
	bool follows; /* tells another figure of the way before it: stays right behind that one */
	bool once;    /* not after the round in which it says so: it is slow */
	double sample[BENCH_ROUNDS_MAX];
};

/* Runs all ways (1 to BENCH_WAYS_MAX) in each round; returns the number of rounds. `rounds` is what the section likes.
 */
unsigned bench_run(struct bench_way *ways, size_t n, unsigned rounds);

/* --- rows ------------------------------------------------------------------------------------- */

/* Adds a row: `budget` names a line of the table in rows.c, or is NULL; `peer` may be NULL. A row without a name goes
 * on with the row before: the same ours, another peer. */
void bench_row(const char *section, const char *name, const char *unit, const struct bench_way *ours,
	       const struct bench_way *peer, unsigned rounds, const char *budget);
void bench_rows_print(void);
/* 0 or -errno. `path` "-" is standard output. */
int bench_rows_json(const char *path, struct nsc_error *error);

/* --- machine ---------------------------------------------------------------------------------- */

struct bench_machine {
	char cpu[96], kernel[96], governor[32], thp[64], compiler[64], flags[512];
	long cores;
	double load; /* running processes, averaged over a minute, at the start */
};

extern struct bench_machine bench_machine; /* as it was before the first section */

void bench_machine_read(struct bench_machine *machine);

/* --- sections: each file bench_*.c has some --------------------------------------------------- */

struct bench_section {
	const char *name, *help;
	void (*run)(void);
};

void bench_account(void);
void bench_fanout(void);
void bench_decode(void);
void bench_dpdk(void) __attribute__((weak)); /* in a build with DPDK */
void bench_flow(void);
void bench_insert(void);
void bench_memory(void);
void bench_lanes(void);
void bench_pause(void);
void bench_worst(void);
void bench_cliffs(void);
void bench_detect(void);
void bench_names(void);
void bench_recorder(void);
void bench_sample(void);
void bench_files(void);
void bench_write(void);

/* --- clocks ----------------------------------------------------------------------------------- */

/* User and system time of this process or of the calling thread, ns. */
double bench_cpu_ns(void);
double bench_thread_cpu_ns(void);

/* A full size, or the small one of --quick. */
static inline uint64_t bench_size(uint64_t full, uint64_t quick)
{
	return bench_settings.quick ? quick : full;
}

/* The value goes nowhere, but the compiler must compute it. */
#define bench_keep(value) __asm__ volatile("" : : "r"(value) : "memory")

/* What could not be measured; 1 is for what is slower than it was. */
enum { BENCH_FAILED = 2 };

/* One sentence on standard error, and exit BENCH_FAILED. */
void bench_die(const char *format, ...) nsc_printf(1, 2) __attribute__((noreturn));

#endif
