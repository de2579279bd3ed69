/* SPDX-License-Identifier: MIT
 *
 * Whether an export holds what was to be measured: a program that writes nothing is fast.
 */
#ifndef NETSCOPE_PERF_EXPORT_H
#define NETSCOPE_PERF_EXPORT_H

#include "netscope/base.h"

/* Sum of the column packets_total of a CSV of flows; 0 when there is no such file or column. */
uint64_t export_csv_packets(const char *path);

#endif
