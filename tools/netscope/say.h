/* SPDX-License-Identifier: MIT
 *
 * Sentences for a person, on standard error.
 */
#ifndef TOOLS_NETSCOPE_SAY_H
#define TOOLS_NETSCOPE_SAY_H

#include "netscope/error.h"

/* "netscope: " and the sentence on a line of its own. It may quote a file or a command line: what would steer a
 * terminal is shown as '?'. Thread: control. */
void nsc_say(const struct nsc_error *error);

#endif
