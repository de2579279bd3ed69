/* SPDX-License-Identifier: MIT
 *
 * The names of capture interfaces, by small numbers that packets and flow records carry. One table for the process: a
 * name, once there, stays.
 */
#ifndef NETSCOPE_INTERFACES_H
#define NETSCOPE_INTERFACES_H

#include "netscope/base.h"

enum {
	NSC_INTERFACES_MAX = 255,   /* names; one too many has no number */
	NSC_INTERFACE_NAME_MAX = 63 /* bytes of a name; a longer one is cut */
};

/* The number of name[0..length), any bytes, 1..NSC_INTERFACES_MAX; the same for the same name. 0 for an empty name, and
 * when the table is full. Thread: control, and the poller of a file. Allocates, blocks: never. O(names). */
uint8_t nsc_interface_number(const char *name, size_t length);

/* NULL for 0 and for a number that was never given. Thread: any that got the number. */
const char *nsc_interface_name(unsigned number);

#endif
