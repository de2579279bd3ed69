/* SPDX-License-Identifier: MIT
 *
 * What must not be lost gets a number: "a.log" becomes "a.000000.log", or the first number above that is free.
 *
 * Thread: any, one for a folder. Allocates: never.
 */
#ifndef NETSCOPE_SINKS_SET_ASIDE_H
#define NETSCOPE_SINKS_SET_ASIDE_H

#include <limits.h>

#include "netscope/base.h"

/* Renames `name` in the open folder `dir`; nothing that is there is overwritten. `stays`: it keeps its name beside the
 * number (where the file system can do that, and its owner may), for one that will take the name in one step; one that
 * has a number already gets no second. The other name is in `other` then, else it is "". 0 or -errno. */
int nsc_set_aside(int dir, const char *name, bool stays, char other[NAME_MAX + 1]);

#endif
