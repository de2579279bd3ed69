/* SPDX-License-Identifier: MIT
 *
 * Header fields of HTTP/2 as they stand in a block (RFC 7541), without the table that grows with a connection: of a
 * connection's first block all names and values are there, but for what the static table says, and for what the block
 * says twice.
 *
 * Input is hostile: a field is taken only when all of it lies within the block, and the work is bounded by its length.
 * Thread: any. Allocates: never.
 */
#ifndef NETSCOPE_NAMES_HPACK_H
#define NETSCOPE_NAMES_HPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {                    /* places in the static table, RFC 7541 appendix A */
       HPACK_LITERAL = 0, /* none: the name stands in the block */
       HPACK_AUTHORITY = 1,
       HPACK_HOST = 38,
};

struct hpack_string { /* as it stands in the block */
	const uint8_t *p;
	uint32_t n; /* bytes */
	bool huffman;
};

struct hpack_field {
	uint32_t index;           /* of the name in the tables, or HPACK_LITERAL */
	struct hpack_string name; /* of HPACK_LITERAL */
	struct hpack_string value;
	bool has_value; /* false: the tables say it, too */
};

struct hpack_block { /* what is left of it */
	const uint8_t *at, *end;
};

/* Takes the next field out of the block; false at its end, and when what follows is cut or no field. O(1) */
bool hpack_next(struct hpack_block *block, struct hpack_field *field);

/* Is the string `plain`, or, coded, `coded`? A text has one code. Neither holds a zero byte. O(1) */
bool hpack_is(const struct hpack_string *s, const char *plain, const char *coded);

/* Writes the string's characters to text[0..max); how many, 0 when they are more or badly coded, and when the string
 * stands in more than max bytes: who codes does so to save some. O(min(n, max)), 8 steps a byte. */
uint32_t hpack_text(const struct hpack_string *s, uint8_t *text, uint32_t max);

#endif
