/* SPDX-License-Identifier: MIT
 *
 * The timelines of a run as a Chrome trace (JSON object format), piece by piece: spans are complete events, marks are
 * instant events, bursts over lanes are flows, cores are counters. Spans of one thread never overlap. Times are
 * microseconds since the engine was opened.
 *
 * Thread: any, one owner; the threads of the run go on meanwhile. Allocates: what open copies. Blocks: never.
 */
#ifndef NETSCOPE_TEXT_TIMELINE_H
#define NETSCOPE_TEXT_TIMELINE_H

#include "engine/text/json.h"
#include "netscope/error.h"
#include "netscope/timeline.h"

#define NSC_TIMELINE_PIECE 65536u /* bytes of a piece, and a little more */

struct nsc_timeline_dump;

/* Copies what all threads have done until now. 0, or -ENOMEM and one sentence. */
int nsc_timeline_dump_open(struct nsc_timeline_dump **dump, const struct nsc_timelines *timelines,
			   struct nsc_error *error);

/* Appends the next piece; false after the last one. The caller takes the text of a piece away, and leaves the rest of
 * `json` as it is. */
bool nsc_timeline_dump_next(struct nsc_timeline_dump *dump, struct nsc_json *json);

/* NULL is allowed. */
void nsc_timeline_dump_close(struct nsc_timeline_dump *dump);

#endif
