/* SPDX-License-Identifier: MIT
 *
 * `netscope ship`: sends the segments of a spool to one or more destinations, each until all have it, and removes them.
 * It may be killed at any moment.
 *
 * Thread: control, and one for each destination. Allocates.
 */
#ifndef TOOLS_SHIP_SHIP_H
#define TOOLS_SHIP_SHIP_H

#include "tools/netscope/settings.h"
#include "tools/ship/queue.h"

#include <stdio.h>

enum { NSC_SHIP_SERVERS = NSC_QUEUE_TAKERS }; /* destinations */

/* Does what was asked for: --init, --check, --status, --once (until nothing waits), or sends for ever. 0; -EINVAL and
 * one sentence for options that make no sense; -errno and one sentence. */
int nsc_ship(FILE *out, const struct nsc_settings *settings, struct nsc_error *error);

#endif
