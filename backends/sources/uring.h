/* SPDX-License-Identifier: MIT
 *
 * Reads of open files that the kernel works on while the program goes on (io_uring). The ring is good for nothing else:
 * before its first read the kernel is told to refuse every operation but a read of one of the files named at open, for
 * good. So system calls that the sandbox refuses cannot be made through it.
 */
#ifndef NETSCOPE_SOURCES_URING_H
#define NETSCOPE_SOURCES_URING_H

#include "netscope/base.h"

struct nsc_uring;

struct nsc_uring_done {
	uint64_t tag;
	int32_t result; /* bytes, 0 at the end of the file, or -errno */
};

/* A ring for `depth` (1..64) reads at once of the `n` (1..4096) files `fds`, of which those below 0 are left out.
 * 0, or -errno where there is none: an old kernel (before 5.10), one that forbids it (kernel.io_uring_disabled, a
 * container's seccomp), no memory. Thread: control. Allocates: all it will ever need. */
int nsc_uring_open(struct nsc_uring **ring, const int *fds, uint32_t n, uint32_t depth);

/* Starts reading `size` bytes at `offset` of file `k` to `to`, which belongs to the kernel until nsc_uring_take has
 * given `tag`. At most `depth` reads are under way. Thread: one at a time, any. Allocates: never. Blocks: never for
 * long. */
void nsc_uring_read(struct nsc_uring *ring, uint32_t k, uint64_t offset, uint8_t *to, uint32_t size, uint64_t tag);

/* A read that is done, in any order; false when none is. Thread: as above. Blocks: never. */
bool nsc_uring_take(struct nsc_uring *ring, struct nsc_uring_done *done);

/* Waits until some read is done. 0, also when none is yet; -EINTR after a signal. Blocks: on the disk. */
int nsc_uring_wait(struct nsc_uring *ring);

/* No read may be under way. NULL is allowed. */
void nsc_uring_close(struct nsc_uring *ring);

#endif
