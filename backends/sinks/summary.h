/* SPDX-License-Identifier: MIT
 *
 * What the printed summary and the JSON summary both compute.
 */
#ifndef NETSCOPE_SINKS_SUMMARY_H
#define NETSCOPE_SINKS_SUMMARY_H

#include "netscope/out.h"

/* Cycles of all stages. */
uint64_t nsc_summary_busy_cycles(const struct nsc_counters *counters);

/* value * scale / over, rounded half up; 0 when over is 0. */
uint64_t nsc_summary_ratio(uint64_t value, uint64_t scale, uint64_t over);

#endif
