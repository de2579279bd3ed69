/* SPDX-License-Identifier: MIT
 *
 * The bytes of capture files, one after the other: plain or compressed; files, pipes, or what another host sends
 * (feed.h). Never seeks back over what a pipe gave.
 */
#ifndef NETSCOPE_SOURCES_FILE_INPUT_H
#define NETSCOPE_SOURCES_FILE_INPUT_H

#include <sys/types.h>

#include "netscope/rx.h"

struct nsc_file_input;

struct nsc_file_input_state { /* of the file that is read */
	uint64_t taken;       /* bytes of it taken so far */
	bool compressed;      /* offsets count in the decompressed data */
};

const struct nsc_file_input_state *nsc_file_input_state(const struct nsc_file_input *input);

/* Opens all `paths` ("-" is standard input), n >= 1 of them, recognises compressed formats by their first bytes (waits
 * for these on a pipe), and begins the first. 0, or -errno and a sentence: missing, a directory, empty, not readable.
 * Thread: control. Allocates: all it will ever need. */
int nsc_file_input_open(struct nsc_file_input **input, const char *const *paths, uint32_t n, struct nsc_error *error);

/* Once, before the first read: those of the files for which `direct` says so are read past the page cache
 * (file_direct.h), `block` bytes at a time. Their open files then refuse reads that are not aligned: nobody else reads
 * from them. 0, or -ENOMEM and a sentence. Thread: control. Allocates: all it will ever need. */
int nsc_file_input_direct(struct nsc_file_input *input, enum nsc_direct direct, uint32_t block,
			  struct nsc_error *error);

/* What became of that; `why` NULL: all files are. Right from when the first bytes of all of them were read. */
struct nsc_rx_file_direct nsc_file_input_report(const struct nsc_file_input *input);

/* Whether the next read gives a whole block, and wants all of `to` for it, aligned (file_direct.h). */
bool nsc_file_input_wants_block(const struct nsc_file_input *input);

/* The block after those asked for so far will be wanted at `to` (nsc_file_direct_ahead); nothing happens where the file
 * is not read that way. */
void nsc_file_input_ahead(struct nsc_file_input *input, uint8_t *to);

/* Once, before the first read, of one file: these parts are read as if they were all of it (rx.h), `n` >= 1 of them,
 * which stay the caller's. 0, or -ESPIPE and a sentence for a pipe. Thread: control. Allocates: where the frames of a
 * zstd file are. */
int nsc_file_input_spans(struct nsc_file_input *input, const char *path, const struct nsc_rx_span *spans, uint32_t n,
			 struct nsc_error *error);

/* The byte of the file that is the `offset`th (from 0) of those read. Cost: in proportion to the spans. */
uint64_t nsc_file_input_place(const struct nsc_file_input *input, uint64_t offset);

/* Reads file `k` from its begin. Only a file that rewinds can be begun twice. Allocates: never. */
void nsc_file_input_begin(struct nsc_file_input *input, uint32_t k);
bool nsc_file_input_rewinds(const struct nsc_file_input *input, uint32_t k);

/* Bytes of file `k`, or of its spans, NSC_UNKNOWN on a pipe. */
uint64_t nsc_file_input_size(const struct nsc_file_input *input, uint32_t k);

/* Up to `size` (1..2^30) plain bytes to `to`. Returns how many (> 0); 0 at the end; -EAGAIN when a pipe had nothing for
 * 50 ms; -EINTR after a signal; another -errno for damage, with `error` saying why and nothing more (no path).
 * After 0 or damage it says the same again. Allocates: never. Blocks: on the disk, 50 ms on a pipe. */
ssize_t nsc_file_input_read(struct nsc_file_input *input, uint8_t *to, size_t size, struct nsc_error *error);

/* Whether file `k` is a regular file and not compressed. Then up to `size` (1..2^30) of its bytes from `from` on, which
 * counts from where it began, go to `to`: as nsc_file_input_read, and of any file, whichever was begun.
 * Thread: any. Allocates: never. Blocks: on the disk. */
bool nsc_file_input_is_plain(const struct nsc_file_input *input, uint32_t k);
ssize_t nsc_file_input_read_at(const struct nsc_file_input *input, uint32_t k, uint64_t from, uint8_t *to, size_t size,
			       struct nsc_error *error);

/* The feed that is read, or NULL. With one, a read gives 0 where a connection ended. */
struct nsc_feed *nsc_file_input_feed(const struct nsc_file_input *input);

/* The feed's connection is made again (nsc_feed_again): begin it, and read on. */
void nsc_file_input_again(struct nsc_file_input *input, bool fruitful, const struct nsc_error *why);

/* Frees everything; NULL is allowed. */
void nsc_file_input_close(struct nsc_file_input *input);

#endif
