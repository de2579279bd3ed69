/* SPDX-License-Identifier: MIT
 *
 * Sentences for a person.
 */
#ifndef TOOLS_NETSCOPE_SAY_H
#define TOOLS_NETSCOPE_SAY_H

#include "netscope/error.h"

#include <stdio.h>

/* "netscope: " and the sentence on a line of its own, in one write. It may quote a file, a name or a command line: what
 * would steer a terminal is escaped. Cut at 2047 bytes. Thread: control. */
void nsc_tell(FILE *out, const char *format, ...) nsc_printf(2, 3);

/* Sentences on standard error go through a pump from now on (NULL: no more): nobody waits for whoever reads them. One
 * that finds no room is lost, and the next one says how many were. */
struct nsc_pump;
void nsc_tell_through(struct nsc_pump *pump);

/* The same on standard error. */
void nsc_say(const struct nsc_error *error);

#endif
