/* SPDX-License-Identifier: MIT
 *
 * Text that grows: in the caller's memory, or on the heap up to a limit. A piece that does not fit is cut (on the heap
 * it may be missing as a whole), `full` says so, and nothing more is written: there is no hole in the text. Whoever
 * made the buffer looks at `full` once, at the end.
 *
 * Thread: any, one owner. Allocates: only a buffer of nsc_buffer_open. Blocks: never.
 */
#ifndef NETSCOPE_TEXT_BUFFER_H
#define NETSCOPE_TEXT_BUFFER_H

#include "engine/text/escape.h"

struct nsc_buffer {
	char *data; /* no NUL behind it; NULL on the heap before the first piece */
	size_t length, room;
	size_t limit; /* of a buffer that grows; 0 = the caller's memory */
	bool full;
};

/* Writes into out[0..room). */
nsc_always_inline struct nsc_buffer nsc_buffer_on(char *out, size_t room)
{
	return (struct nsc_buffer){ .data = out, .room = room };
}

/* Grows on the heap, to `limit` bytes at most, 1 to SIZE_MAX / 2; allocates nothing before the first piece. */
nsc_always_inline struct nsc_buffer nsc_buffer_open(size_t limit)
{
	return (struct nsc_buffer){ .limit = limit };
}

/* Frees what grew. Twice is allowed. */
void nsc_buffer_close(struct nsc_buffer *b);

/* Room for `n` bytes at the end, or NULL, and the buffer is full. What was written there, at most n bytes, is taken in
 * by nsc_buffer_claim. For writers at a bare pointer. */
char *nsc_buffer_room(struct nsc_buffer *b, size_t n);
void nsc_buffer_claim(struct nsc_buffer *b, size_t n);

void nsc_buffer_bytes(struct nsc_buffer *b, const void *bytes, size_t n);
void nsc_buffer_text(struct nsc_buffer *b, const char *text);
void nsc_buffer_char(struct nsc_buffer *b, char c);
void nsc_buffer_spaces(struct nsc_buffer *b, unsigned n);
void nsc_buffer_u64(struct nsc_buffer *b, uint64_t value);
void nsc_buffer_hex(struct nsc_buffer *b, uint64_t value, unsigned digits); /* "0x" first; digits: 1 to 16 */

/* Never cut inside an escape or a character. */
void nsc_buffer_escaped(struct nsc_buffer *b, enum nsc_escape target, const void *text, size_t n);

#endif
