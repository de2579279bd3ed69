/* SPDX-License-Identifier: MIT
 *
 * `netscope ship`: sends the segments of a spool to ClickHouse, each until the server has exactly its rows, and removes
 * them. It may be killed at any moment.
 *
 * Thread: control, and one for each server. Allocates.
 */
#ifndef TOOLS_SHIP_SHIP_H
#define TOOLS_SHIP_SHIP_H

#include "tools/netscope/settings.h"

#include <stdio.h>

enum { NSC_SHIP_SERVERS = 8 };

/* Does what was asked for: --init, --check, --status, --once (until nothing waits), or sends for ever. 0; -EINVAL and
 * one sentence for options that make no sense; -errno and one sentence. */
int nsc_ship(FILE *out, const struct nsc_settings *settings, struct nsc_error *error);

#endif
