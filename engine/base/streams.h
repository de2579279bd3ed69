/* SPDX-License-Identifier: MIT
 *
 * The three standard streams. A program may be started with some of them closed; the next file or socket that it opens
 * would take the number, and a sentence for a person would go into a capture file or out on the wire.
 */
#ifndef NETSCOPE_BASE_STREAMS_H
#define NETSCOPE_BASE_STREAMS_H

#include "netscope/error.h"

/* Opens /dev/null for each of the descriptors 0, 1 and 2 that is closed. The first thing that `main` does. 0, or -errno
 * and one sentence. Thread: the only one. */
int nsc_streams_open(struct nsc_error *error);

/* Whether descriptor `fd` (0 to 2) was closed when the program was started. Thread: any. */
bool nsc_streams_was_closed(int fd);

#endif
