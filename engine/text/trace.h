/* SPDX-License-Identifier: MIT
 *
 * Traced packets (netscope/trace.h) in words: each with its stages, and the distinct ways with how many took them.
 *
 * A way is what stages said and which counters moved, without cycles, cores, places of the index and waits: it is the
 * same for any number of workers.
 */
#ifndef NETSCOPE_TEXT_TRACE_H
#define NETSCOPE_TEXT_TRACE_H

#include <cjson/cJSON.h>
#include <stdio.h>

#include "netscope/trace.h"

enum { NSC_TRACE_WAY_MAX = 768 };

/* "decode fast path > flow new, name_looks > detect detect_contacts": written at `way`, cut at its end; returns it.
 * Thread: any. Allocates: never. */
const char *nsc_trace_way(char way[NSC_TRACE_WAY_MAX], const struct nsc_trace_packet *packet);

/* Thread: control. Allocates: for the list of ways; without memory for it that list is left out. */
void nsc_trace_print(FILE *out, const struct nsc_trace_report *report);
/* Returns the object, to which the caller adds `filter`. */
cJSON *nsc_trace_add_json(cJSON *to, const struct nsc_trace_report *report);

#endif
