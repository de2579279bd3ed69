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
};

/* Bytes of address space, the upper bound of what this process can touch; 0 when /proc does not tell. */
uint64_t nsc_memory_mapped(void);

/* What to do about memory that is not there: names the option behind the largest part. `grows` as below. */
const char *nsc_memory_advice(const struct nsc_engine_budget *budget, bool grows);

/* One line: an upper bound for the whole process, part by part. `grows`: the flow tables have no cap. */
void nsc_memory_print(FILE *out, const struct nsc_memory *memory, const struct nsc_engine_budget *budget, bool grows);

#endif
