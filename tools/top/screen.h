/* SPDX-License-Identifier: MIT
 *
 * A screen before it is on a terminal: lines of text that are harmless there, and the tone of each part. Every text
 * that is put is escaped (engine/text/escape.h), and takes as many cells as a terminal gives it: what a terminal would
 * give none, and in a locale other than UTF-8 all that is not ASCII, is escaped too. What does not fit ends with '~'.
 *
 * Thread: any, one owner. Allocates: never. Blocks: never.
 */
#ifndef TOOLS_TOP_SCREEN_H
#define TOOLS_TOP_SCREEN_H

#include "netscope/base.h"

enum {
	NSC_SCREEN_COLUMNS = 400, /* a larger terminal stays empty beyond them */
	NSC_SCREEN_ROWS = 200,
	NSC_SCREEN_BYTES = 4 * NSC_SCREEN_COLUMNS + 1, /* a character of 4 bytes in each cell */
	NSC_SCREEN_RUNS = 64,
};

/* A tone is never alone in what it says: a text that is WARN or BAD begins with "!". */
enum nsc_tone {
	NSC_TONE_PLAIN,
	NSC_TONE_DIM,    /* old, or less important */
	NSC_TONE_STRONG, /* a heading */
	NSC_TONE_BAR,    /* the first and the last line */
	NSC_TONE_WARN,
	NSC_TONE_BAD,
	NSC_TONES
};

struct nsc_screen_line {
	char text[NSC_SCREEN_BYTES];
	unsigned bytes, cells;
	unsigned runs;
	struct {
		unsigned bytes;
		enum nsc_tone tone;
	} run[NSC_SCREEN_RUNS];
};

struct nsc_screen {
	unsigned columns, rows;
	unsigned used; /* lines that nsc_screen_next gave */
	struct nsc_screen_line line[NSC_SCREEN_ROWS];
};

/* columns and rows: 1 and more; beyond the limits above they count as these. */
void nsc_screen_init(struct nsc_screen *screen, unsigned columns, unsigned rows);

/* The next empty line; NULL when all are used. */
struct nsc_screen_line *nsc_screen_next(struct nsc_screen *screen);

/* At the end of the line, which may be NULL: then nothing happens. */
void nsc_screen_put(struct nsc_screen *screen, struct nsc_screen_line *line, enum nsc_tone tone, const char *text);
void nsc_screen_say(struct nsc_screen *screen, struct nsc_screen_line *line, enum nsc_tone tone, const char *format,
		    ...) nsc_printf(4, 5);

/* A column of `width` cells, >= 1: cut or filled, to the left of the text when `right`. */
void nsc_screen_cell(struct nsc_screen *screen, struct nsc_screen_line *line, enum nsc_tone tone, const char *text,
		     unsigned width, bool right);

/* Fills the line up to `column`. */
void nsc_screen_fill(struct nsc_screen *screen, struct nsc_screen_line *line, enum nsc_tone tone, unsigned column,
		     char with);

/* Everything so far looks old. */
void nsc_screen_dim(struct nsc_screen *screen, unsigned from_line);

#endif
