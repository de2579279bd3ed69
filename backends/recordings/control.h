/* SPDX-License-Identifier: MIT
 *
 * The control socket: a name in the file system whose permissions are its lock, connections, and the line that each
 * sends. What becomes of a request is the caller's.
 *
 * Thread: control opens and closes, recorder does the rest. Allocates: at open only. Blocks: never.
 */
#ifndef NETSCOPE_RECORDINGS_CONTROL_H
#define NETSCOPE_RECORDINGS_CONTROL_H

#include "netscope/recordings.h"

#include <poll.h>
#include <sys/types.h>

enum { NSC_CONTROL_PENDING = 4, NSC_CONTROL_FDS = NSC_CONTROL_PENDING + 1 };

struct nsc_control;

/* Makes the socket, mode 0600, and listens. What a run that was killed has left is taken away. 0; -EADDRINUSE: another
 * process listens there; -EEXIST: something else has the name; -errno; each with one sentence. */
int nsc_control_open(struct nsc_control **control, const char *path, struct nsc_error *error);

/* What is to be polled: *n descriptors at fds, NSC_CONTROL_FDS at most. */
void nsc_control_fds(const struct nsc_control *control, struct pollfd *fds, uint32_t *n);

/* Takes connections and what they have sent. A whole request: calls `take`, which takes the descriptor (O_NONBLOCK);
 * one that is wrong is refused with a sentence. Who sends none within 5 s is cut off. `now_ns`: monotonic. */
void nsc_control_step(struct nsc_control *control, uint64_t now_ns,
		      void (*take)(void *context, int fd, uid_t uid, const struct nsc_packet_choice *choice),
		      void *context);

/* Says why not, and closes the descriptor. */
void nsc_control_refuse(int fd, const char *sentence);

/* Closes all, and takes the name away. NULL is allowed. */
void nsc_control_close(struct nsc_control *control);

#endif
