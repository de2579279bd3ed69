/* SPDX-License-Identifier: MIT
 *
 * `netscope top`: a running sensor, or a file that is on show, in a terminal.
 *
 * Thread: that of main; there is no other one.
 */
#ifndef TOOLS_TOP_TOP_H
#define TOOLS_TOP_TOP_H

#include "netscope/error.h"
#include "tools/netscope/settings.h"

#include <stdio.h>

/* Until the person or a signal ends it. 0, or -errno and one sentence. */
int nsc_top_run(const struct nsc_settings *settings, struct nsc_error *error);

/* One screen as text without escape sequences. 0, or -errno and one sentence. */
int nsc_top_once(FILE *out, const struct nsc_settings *settings, struct nsc_error *error);

#endif
