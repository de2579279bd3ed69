/* SPDX-License-Identifier: MIT
 *
 * `netscope extract`: packets out of capture files, by flow, host, port, name and time.
 */
#ifndef TOOLS_EXTRACT_EXTRACT_H
#define TOOLS_EXTRACT_EXTRACT_H

#include "netscope/error.h"
#include "tools/netscope/settings.h"

/* Says on standard error what it did. 0; -ENODATA and one sentence: no packet matches; -EINVAL and one sentence for
 * wrong usage: nothing was opened; another -errno and one sentence: what could be had is written. Thread: control. */
int nsc_extract(const struct nsc_settings *settings, struct nsc_error *error);

#endif
