/* SPDX-License-Identifier: MIT
 *
 * Compressed formats, one row each: by which bytes a format is recognised, and its library behind four calls.
 */
#ifndef NETSCOPE_SOURCES_FILE_DECOMPRESS_H
#define NETSCOPE_SOURCES_FILE_DECOMPRESS_H

#include "netscope/error.h"

#define NSC_DECOMPRESS_MAGIC 6u /* bytes by which all formats are recognised */

/* Compressed bytes, and where in them the decompressor is. */
struct nsc_compressed {
	const uint8_t *at;
	uint32_t pos, len; /* at[pos..len): not used yet */
	bool between;      /* streams (members, frames): the input may end here */
};

struct nsc_decompressor {
	const char *name;
	const char *magic;
	uint8_t magic_len; /* 2..NSC_DECOMPRESS_MAGIC */
	/* Makes the state with all memory that it will ever need. 0, or -errno and a sentence. Thread: control. */
	int (*open)(void **state, struct nsc_error *error);
	/* Before the first byte of each stream. 0, or -errno and a sentence. Allocates: never. */
	int (*begin)(void *state, struct nsc_error *error);
	/* Adds to *made, which is 0, the bytes that it put to to[0..size), size >= 1. Sets in->between. 0, also when it
	 * made nothing and wants more input; -EBADMSG and the damage, or another -errno and a sentence. Allocates:
	 * never. */
	int (*step)(void *state, struct nsc_compressed *in, uint8_t *to, size_t size, size_t *made,
		    struct nsc_error *error);
	void (*close)(void *state);
};

enum { NSC_DECOMPRESSORS = 5 };
extern const struct nsc_decompressor nsc_decompressors[NSC_DECOMPRESSORS];

/* The row of a file that begins with at[0..n), or NULL. */
const struct nsc_decompressor *nsc_decompressor_find(const uint8_t *at, size_t n);

/* A step of `how`. Between two streams it passes over zeros, which pad the end of a tape, and begins the next one.
 * Results as of `step`; for damage the sentence is "the <name> stream is damaged: <why>". */
int nsc_decompress(const struct nsc_decompressor *how, void *state, struct nsc_compressed *in, uint8_t *to, size_t size,
		   size_t *made, struct nsc_error *error);

#endif
