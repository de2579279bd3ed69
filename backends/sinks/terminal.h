/* SPDX-License-Identifier: MIT
 *
 * Text for people, written whole: packet lines, statistics and alerts come from two threads and share one terminal.
 *
 * Offline a terminal that takes nothing is waited for. Live nobody waits for its reader (pump.h): what finds no room is
 * dropped whole, whoever wanted to write it counts it, and the terminal's own sink says so (out.h).
 */
#ifndef NETSCOPE_SINKS_TERMINAL_H
#define NETSCOPE_SINKS_TERMINAL_H

#include "netscope/error.h"

struct nsc_pump;

struct nsc_terminal {
	int fd;
	struct nsc_pump *pump; /* NULL: whoever writes waits */
};

/* Writes [from, end), so that no other output of the program stands in the middle of it. 0, or -errno and a sentence
 * that begins with `what`; -EAGAIN: dropped, because the reader does not keep up; -EPIPE when the reader has gone.
 * Thread: any. Allocates: never, with a pump the first time. Blocks: without a pump, as long as the terminal does. */
int nsc_terminal_write(const struct nsc_terminal *terminal, const char *from, const char *end, const char *what,
		       struct nsc_error *error);

/* Whether a text of `bytes` bytes would be taken now; when not, that counts as dropped. Thread: any. Blocks: never. */
bool nsc_terminal_has_room(const struct nsc_terminal *terminal, size_t bytes);

#endif
