/* SPDX-License-Identifier: MIT
 *
 * Text for people, written whole: packet lines, statistics and alerts come from two threads and share one terminal.
 */
#ifndef NETSCOPE_SINKS_TERMINAL_H
#define NETSCOPE_SINKS_TERMINAL_H

#include "netscope/error.h"

/* Writes [from, end) to fd, under stdio's lock, so that no other output of the program stands in the middle of it. A
 * descriptor that would block is waited for. 0, or -errno and a sentence that begins with `what`; -EPIPE when the
 * reader has gone. Thread: any. Allocates: never. Blocks: as long as the terminal does. */
int nsc_terminal_write(int fd, const char *from, const char *end, const char *what, struct nsc_error *error);

#endif
