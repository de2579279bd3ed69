/* SPDX-License-Identifier: MIT
 *
 * Regular files past the page cache (O_DIRECT), block by block into the caller's memory, several blocks at once: the
 * disk works while packets are analysed, and the kernel copies nothing. Blocks are in flight through io_uring; where
 * there is none, those asked for are read by one call.
 *
 * Only whole blocks are read that way. From the block on that is not whole (the end of the file, a disk that fails),
 * the file is read through the page cache: so a file that grows, or is truncated, gives the bytes that read() would
 * give.
 */
#ifndef NETSCOPE_SOURCES_FILE_DIRECT_H
#define NETSCOPE_SOURCES_FILE_DIRECT_H

#include <sys/types.h>

#include "netscope/error.h"

#define NSC_DIRECT_DEPTH 4u    /* blocks in flight */
#define NSC_DIRECT_ALIGN 4096u /* of offsets, memory and blocks: no disk wants more */

struct nsc_file_direct;

/* NULL when this open file, which nobody else has, can be read past the page cache as far as its file system says
 * beforehand, or why not: half a sentence. Thread: control. Allocates: never. */
const char *nsc_file_direct_refuses(int fd);

/* Whether less than half of the file's first `size` bytes are in the page cache; false when the kernel does not tell.
 */
bool nsc_file_direct_is_cold(int fd, uint64_t size);

/* For the `n` (>= 1) files `fds`, of which those below 0 are not read here; they stay the caller's. `block` is a
 * multiple of NSC_DIRECT_ALIGN, at most 2^30. 0 or -ENOMEM and a sentence. Thread: control. Allocates: all it will ever
 * need. */
int nsc_file_direct_open(struct nsc_file_direct **direct, const int *fds, uint32_t n, uint32_t block,
			 struct nsc_error *error);

/* Whether blocks are in flight through io_uring. */
bool nsc_file_direct_in_flight(const struct nsc_file_direct *direct);

/* From `offset` of file `k` on; what was asked for before is forgotten. Thread: the poller. Blocks: for reads under
 * way.
 */
void nsc_file_direct_begin(struct nsc_file_direct *direct, uint32_t k, uint64_t offset);

/* Whether the next block is still read here. */
bool nsc_file_direct_goes_on(const struct nsc_file_direct *direct);

/* The block after those asked for so far will be wanted at `to`, aligned, which may be written from now on until it was
 * read. Nothing happens when it was asked for, when NSC_DIRECT_DEPTH are, and when the file does not go on here.
 * Thread: the poller. Allocates: never. Blocks: never for long. */
void nsc_file_direct_ahead(struct nsc_file_direct *direct, uint8_t *to);

/* The next block to `to`, aligned: that of the oldest `ahead` not read yet, else any. Returns its bytes; fewer than a
 * block, 0 or another -errno than -EINTR: the file does not go on here, and its offset stands behind these bytes for
 * read(). -EINTR after a signal. Thread: the poller. Allocates: never. Blocks: on the disk. */
ssize_t nsc_file_direct_read(struct nsc_file_direct *direct, uint8_t *to);

/* Waits for reads under way. NULL is allowed. */
void nsc_file_direct_close(struct nsc_file_direct *direct);

#endif
