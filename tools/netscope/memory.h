/* SPDX-License-Identifier: MIT
 *
 * How much memory this process has, asked of the kernel.
 */
#ifndef TOOLS_NETSCOPE_MEMORY_H
#define TOOLS_NETSCOPE_MEMORY_H

#include "netscope/base.h"

/* Bytes of address space, the upper bound of what it can touch; 0 when /proc does not tell.
 * Thread: control. Allocates: never. */
uint64_t nsc_memory_mapped(void);

#endif
