/* SPDX-License-Identifier: MIT
 *
 * A bounded way to a reader that may stop reading: a pipe, FIFO, socket or terminal of a live run. A thread of the
 * pump's own waits for the reader, and nobody else does. Texts are taken whole or not at all, and stand in the output
 * one behind the other, whole.
 *
 * The descriptor stays as it is: O_NONBLOCK would be set for every process that shares it, such as the shell that
 * started the program.
 *
 * At the end of a run readers are waited for. Once nsc_out_hurry was called, one that takes nothing is waited for half
 * of what is left of NSC_PUMP_PATIENCE_NS, which is one for all pumps of the process.
 */
#ifndef NETSCOPE_SINKS_PUMP_H
#define NETSCOPE_SINKS_PUMP_H

#include "netscope/error.h"

#define NSC_PUMP_PATIENCE_NS (NSC_NS_PER_SEC)

/* Rooms, in bytes: what comes at once, from every worker, must fit for a reader that keeps up. */
enum {
	NSC_PUMP_PACKETS = 8 * 1024 * 1024,
	NSC_PUMP_ROWS = 8 * 1024 * 1024,
	NSC_PUMP_TERMINAL = 4 * 1024 * 1024,
	NSC_PUMP_ALERTS = 1024 * 1024,
	NSC_PUMP_MESSAGES = 256 * 1024,
};

struct nsc_pump;

/* Whether somebody reads `fd` at the other end: false for files, and for devices that take everything. */
bool nsc_pump_is_wanted(int fd);

/* A pump that holds up to `bytes` bytes on their way. `path` is for sentences. 0 or -errno and one sentence. */
int nsc_pump_open(struct nsc_pump **pump, int fd, const char *path, size_t bytes, struct nsc_error *error);

/* Takes a copy of the bytes, and starts the thread the first time. 0; -EAGAIN: there is no room, and nothing was taken;
 * or -errno of writing, now and for ever, -EPIPE when the reader has gone. Thread: any. Allocates: the first time.
 * Blocks: never. */
int nsc_pump_put(struct nsc_pump *pump, const void *from, size_t bytes);

/* Whether `bytes` bytes would be taken, or a failure told; when not, that counts as refused. Thread: any. */
bool nsc_pump_has_room(struct nsc_pump *pump, size_t bytes);

/* Whether something was refused, and nsc_pump_look has not told yet that this is over. Thread: any. */
bool nsc_pump_is_behind(struct nsc_pump *pump);

/* To be called about once a second: -EAGAIN while the reader does not keep up; 1 when it does again, which is when
 * nothing was refused since the look before and half of the room is free; 0 otherwise. Thread: one. */
int nsc_pump_look(struct nsc_pump *pump);

/* Waits until there is room for `bytes` bytes; 0 = until all is written. 0, -ETIMEDOUT when the reader took nothing for
 * too long, which stays so, or -errno of writing. Thread: any. */
int nsc_pump_wait(struct nsc_pump *pump, size_t bytes);

/* After a failure: the oldest text that was not written whole, back into `to`, of `size` bytes. Its length, of which
 * the first *reached bytes were written; 0 = that was the last one, or it does not fit. *is_first: it was the first of
 * all; may be NULL. Thread: any. */
size_t nsc_pump_take_back(struct nsc_pump *pump, void *to, size_t size, size_t *reached, bool *is_first);

/* What is on its way is given up; a thread that waits for a reader is left to itself. NULL is allowed. */
void nsc_pump_close(struct nsc_pump *pump);

#endif
