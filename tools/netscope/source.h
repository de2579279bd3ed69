/* SPDX-License-Identifier: MIT
 *
 * The source that the settings name.
 */
#ifndef TOOLS_NETSCOPE_SOURCE_H
#define TOOLS_NETSCOPE_SOURCE_H

#include "tools/netscope/settings.h"

/* How many workers the settings mean: 1 without the pipeline, else 1..NSC_WORKERS_MAX. Thread: control. */
uint32_t nsc_workers_wanted(const struct nsc_settings *settings);

/* Opens it. 0 or -errno and one sentence. Thread: control. */
int nsc_source_open(struct nsc_rx **rx, const struct nsc_settings *settings, struct nsc_error *error);

#endif
