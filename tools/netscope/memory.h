/* SPDX-License-Identifier: MIT
 *
 * The memory of a run: asked of the kernel, laid out by the engine, told to a person.
 *
 * Thread: control.
 */
#ifndef TOOLS_NETSCOPE_MEMORY_H
#define TOOLS_NETSCOPE_MEMORY_H

#include "netscope/engine.h"

#include <stdio.h>

struct nsc_memory {       /* bytes beside the engine's budget */
	uint64_t program; /* mapped before anything was opened */
	uint64_t edges;   /* mapped by source and outputs */
	uint64_t to_come; /* of the edges, not touched yet: it still has to fit */
};

struct nsc_memory_use {    /* bytes; 0 when /proc does not tell */
	uint64_t mapped;   /* address space that may be touched */
	uint64_t resident; /* present now */
};

struct nsc_memory_use nsc_memory_use(void);

struct nsc_memory_part { /* one that may give way when memory is short */
	const char *name;
	uint64_t *bytes; /* in the engine's options */
	uint64_t least;  /* it is of use down to here */
	bool asked;      /* its size was asked for by name: it stays */
	uint64_t before; /* for nsc_memory_fit */
};

/* Halves the parts that nobody asked for by name, one after the other, until the run fits into what this machine and
 * the process's cgroups leave. True: something gave way, and `said` tells what. Where it cannot fit nothing changes,
 * and the engine refuses the run. */
bool nsc_memory_fit(const struct nsc_engine_options *options, struct nsc_memory_part *parts, uint32_t n,
		    struct nsc_error *said);

/* What to do about memory that is not there: names the option behind the largest part. `grows` as below. */
const char *nsc_memory_advice(const struct nsc_engine_budget *budget, bool grows);

/* One line: an upper bound for the whole process, part by part. `grows`: the flow tables have no cap. */
void nsc_memory_print(FILE *out, const struct nsc_memory *memory, const struct nsc_engine_budget *budget, bool grows);

#endif
