/* SPDX-License-Identifier: MIT
 *
 * `netscope index FILE...`: writes the indices of capture files (docs/pcap-index.md).
 */
#ifndef TOOLS_NETSCOPE_INDEX_H
#define TOOLS_NETSCOPE_INDEX_H

#include "netscope/error.h"
#include "tools/netscope/settings.h"

#include <stdio.h>

/* A line on `out` for each file that has an index now. 0; -EINVAL and one sentence for wrong usage: nothing was opened;
 * or another -errno: a file has none, or is damaged, which was said of each on standard error. Thread: control. */
int nsc_index_files(FILE *out, const struct nsc_settings *settings, struct nsc_error *error);

#endif
