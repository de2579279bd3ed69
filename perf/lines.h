/* SPDX-License-Identifier: MIT
 *
 * The floor of everything that looks things up: batched random access to cache lines, with prefetch.
 */
#ifndef NETSCOPE_PERF_LINES_H
#define NETSCOPE_PERF_LINES_H

#include "engine/base/arena.h"

struct lines;

/* Two arrays of cache lines as large as the index and the records of a table of `flows` flows, from `arena`. Exits when
 * there is no memory. */
struct lines *lines_open(struct nsc_arena *arena, uint64_t flows);
void lines_close(struct lines *lines);

/* `packets` times in bursts of 64: read one random line of the first array, it says which line of the second to change.
 * CPU ns per packet. */
double lines_update(struct lines *lines, uint64_t packets);

/* The same where a new record is written: a random line of the first array is changed, and the next 104 bytes are
 * written (sequentially), `packets` <= flows times. */
double lines_append(struct lines *lines, uint64_t packets);

#endif
