/* SPDX-License-Identifier: MIT
 *
 * The summary as JSON, and what it and the printed summary both compute.
 *
 * Thread: any. Blocks: never.
 */
#ifndef NETSCOPE_TEXT_SUMMARY_H
#define NETSCOPE_TEXT_SUMMARY_H

#include "netscope/summary.h"

/* The document of --summary-json, on lines of its own (`lines`) or without blanks. To be freed by the caller; NULL when
 * there is no memory. Allocates: the text, and the tree that it is made from. */
char *nsc_summary_json(const struct nsc_summary *summary, bool lines);

/* Cycles of all stages, and those that threads waited for others. Allocates: never. */
uint64_t nsc_summary_busy_cycles(const struct nsc_counters *counters);
uint64_t nsc_summary_waited_cycles(const struct nsc_counters *counters);

/* DNS of the whole run as a row. Allocates: never. */
void nsc_summary_dns_total(const struct nsc_dns_view *dns, struct nsc_dns_row *row);

/* Its member `dns` alone, "null" without DNS. To be freed by the caller; NULL when there is no memory. Allocates. */
char *nsc_summary_dns_json(const struct nsc_view *view);

enum { NSC_SUMMARY_HINT = 1024 };

/* When a filter refused everything, what may be wrong with it: one sentence or two. False: there is nothing to say.
 * Allocates: never. */
bool nsc_summary_hint(const struct nsc_summary *summary, char text[NSC_SUMMARY_HINT]);

/* value * scale / over, rounded half up, at most 2^64 - 1; 0 when over is 0. Allocates: never. */
uint64_t nsc_summary_ratio(uint64_t value, uint64_t scale, uint64_t over);

#endif
