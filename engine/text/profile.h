/* SPDX-License-Identifier: MIT
 *
 * A profile as text: a tree for the dashboard's page, folded stacks, speedscope's JSON, and pprof's packed protocol
 * buffer.
 *
 * Thread: any, one owner. Allocates: the buffer that it writes into, and tables as large as the report. Blocks: never.
 */
#ifndef NETSCOPE_TEXT_PROFILE_H
#define NETSCOPE_TEXT_PROFILE_H

#include "engine/text/json.h"
#include "netscope/profile.h"

enum nsc_profile_format { NSC_PROFILE_TREE, NSC_PROFILE_FOLDED, NSC_PROFILE_SPEEDSCOPE, NSC_PROFILE_PPROF };

/* Whether a format tells cores apart: nsc_profile_choice.together is the opposite. */
bool nsc_profile_format_has_cores(enum nsc_profile_format format);

/* The format that a file's name asks for: .folded, .json (speedscope), .pb.gz or .pprof. False: none of these. */
bool nsc_profile_format_of(const char *path, enum nsc_profile_format *format);

/* Members of an open object: what GET /api/v1/profile?format=tree has (docs/web-api.md). Stacks beyond `most` bytes are
 * left out, those with the fewest samples, and counted. */
void nsc_profile_tree(struct nsc_json *json, const struct nsc_profile_report *report, size_t most);

/* A line for each stack, with the thread as its outermost frame: "nsc-worker-0;run_worker;... 123". */
void nsc_profile_folded(struct nsc_buffer *out, const struct nsc_profile_report *report);

/* A whole document of https://www.speedscope.app/file-format-schema.json: one sampled profile for each thread, the
 * weights in nanoseconds of CPU time. */
void nsc_profile_speedscope(struct nsc_json *json, const struct nsc_profile_report *report);

/* profile.proto of pprof, compressed with gzip: samples and CPU nanoseconds, with the labels "thread" and "core". Full
 * when there is no memory. */
void nsc_profile_pprof(struct nsc_buffer *out, const struct nsc_profile_report *report);

/* Any of them, as a whole document. */
void nsc_profile_write(struct nsc_json *out, const struct nsc_profile_report *report, enum nsc_profile_format format);

#endif
