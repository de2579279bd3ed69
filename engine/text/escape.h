/* SPDX-License-Identifier: MIT
 *
 * Text that came from outside (packets, paths, interface names, sentences that quote them), made harmless for where it
 * goes. What is escaped, by target:
 *
 *   target    as it is                         escaped
 *   WIRE      printable ASCII                  \\ for a backslash, \xNN for every other byte
 *   TERMINAL  printable ASCII, UTF-8           \xNN for control bytes, for bytes that are not UTF-8, and for each
 *                                              byte of a character that steers a terminal or the direction of text
 *   JSON      the same without " and \         \" \\ \b \f \n \r \t, else \uNNNN; what is not UTF-8 becomes U+FFFD
 *   HTML      JSON's without < > & '           the same: JSON that may stand inside HTML
 *
 * Characters that steer: U+0080..9F (C1 controls), U+061C, U+200E, U+200F (marks of direction), U+2028, U+2029 (line
 * separators), U+202A..202E, U+2066..2069 (embeddings, overrides, isolates).
 *
 * Thread: any. Allocates: never. Blocks: never.
 */
#ifndef NETSCOPE_TEXT_ESCAPE_H
#define NETSCOPE_TEXT_ESCAPE_H

#include "netscope/base.h"

enum nsc_escape {
	NSC_ESCAPE_WIRE,
	NSC_ESCAPE_TERMINAL,
	NSC_ESCAPE_JSON,
	NSC_ESCAPE_HTML,
	NSC_ESCAPE_TARGETS,
};

enum {
	NSC_ESCAPE_GROWTH = 6,     /* bytes written for each byte read, at most */
	NSC_ESCAPE_CHARACTER = 16, /* bytes written for one character, at most */
};

/* Writes text[0..length) for `target` into out[0..room), without quotes and without NUL; returns the bytes written, 0
 * to room. It ends before the first character that does not fit: never inside an escape or a character. Room for all:
 * NSC_ESCAPE_GROWTH * length. */
size_t nsc_escape(enum nsc_escape target, const void *text, size_t length, char *out, size_t room);

/* The same for [*text, end), and *text moves to the first character that did not fit, or to end. */
size_t nsc_escape_part(enum nsc_escape target, const uint8_t **text, const uint8_t *end, char *out, size_t room);

/* The whole of `text` for a terminal, cut to room - 1 bytes, with a NUL; returns out. room >= 1. */
const char *nsc_escape_terminal(const char *text, char *out, size_t room);

/* Bytes of the well-formed UTF-8 character at text[0..length), 1 to 4, length >= 1; 0 when it is not well-formed
 * (overlong, surrogate, above U+10FFFF, cut). */
size_t nsc_utf8_length(const void *text, size_t length);

/* True for length 0. */
bool nsc_is_utf8(const void *text, size_t length);

#endif
