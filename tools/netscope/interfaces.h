/* SPDX-License-Identifier: MIT
 *
 * --list-interfaces.
 */
#ifndef TOOLS_NETSCOPE_INTERFACES_H
#define TOOLS_NETSCOPE_INTERFACES_H

#include "netscope/error.h"

#include <stdio.h>

/* A table, sorted by name. What this process may not ask is "?", and a line under the table says why. 0 or -errno and
 * one sentence. Thread: control. */
int nsc_interfaces_print(FILE *out, struct nsc_error *error);

#endif
