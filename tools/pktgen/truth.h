/* SPDX-License-Identifier: MIT
 *
 * The truth beside a generated capture: what an analyser must find in it. One JSON object: "flows", one per line in
 * the order in which they ended, then "totals". Written as flows end: memory is one record for each concurrent flow.
 */
#ifndef PKTGEN_TRUTH_H
#define PKTGEN_TRUTH_H

#include "backends/sources/gen.h"

struct truth;

/* `precision`: times are cut to a multiple of it, as the capture file does: 1 or 1000 ns. Every call: 0, or -errno and
 * a sentence; after a failure only truth_abandon may follow. */
int truth_open(struct truth **truth, const char *path, uint64_t flows, uint32_t precision, struct nsc_error *error);
/* Counts the frame that `gen` made last. */
void truth_add(struct truth *truth, const struct nsc_gen *gen, const struct nsc_gen_frame *frame);
/* Writes the flows that are still open and the totals, closes and frees. */
int truth_close(struct truth *truth, struct nsc_error *error);
/* Frees, and removes the file. */
void truth_abandon(struct truth *truth);

#endif
