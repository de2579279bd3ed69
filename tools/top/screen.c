/* SPDX-License-Identifier: MIT
 *
 * Texts into cells.
 */
#include "tools/top/screen.h"

#include "engine/text/escape.h"

#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

enum { SAYS = 1024 };

struct shaped { /* a text as it will be on the terminal */
	char text[NSC_SCREEN_BYTES];
	unsigned bytes, cells;
};

void nsc_screen_init(struct nsc_screen *screen, unsigned columns, unsigned rows)
{
	screen->columns = NSC_MIN(NSC_MAX(columns, 1u), (unsigned)NSC_SCREEN_COLUMNS);
	screen->rows = NSC_MIN(NSC_MAX(rows, 1u), (unsigned)NSC_SCREEN_ROWS);
	screen->used = 0;
}

struct nsc_screen_line *nsc_screen_next(struct nsc_screen *screen)
{
	struct nsc_screen_line *line;

	if (screen->used == screen->rows)
		return NULL;
	line = &screen->line[screen->used++];
	line->text[0] = '\0';
	line->bytes = line->cells = line->runs = 0;
	return line;
}

/* --- one character ---------------------------------------------------------------------------- */

static wchar_t screen_code(const uint8_t *at, size_t n)
{
	uint32_t code = n == 1 ? at[0] : n == 2 ? at[0] & 0x1fu : n == 3 ? at[0] & 0x0fu : at[0] & 0x07u;

	for (size_t i = 1; i < n; i++)
		code = code << 6 | (at[i] & 0x3fu);
	return (wchar_t)code;
}

/* Cells of the well-formed character of n bytes; 0 when it must be escaped. */
static unsigned screen_cells(const uint8_t *at, size_t n)
{
	char out[NSC_ESCAPE_CHARACTER];
	int cells;

	if (n > 1 && strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		return 0;
	if (nsc_escape(NSC_ESCAPE_TERMINAL, at, n, out, sizeof(out)) != n)
		return 0;
	cells = n == 1 ? 1 : wcwidth(screen_code(at, n));
	return cells > 0 ? (unsigned)cells : 0;
}

/* Writes the character at `at`, which ends before `end`, and moves there; returns the cells that it takes. */
static unsigned screen_character(const uint8_t **at, const uint8_t *end, char out[NSC_ESCAPE_CHARACTER], size_t *bytes)
{
	size_t n = nsc_utf8_length(*at, (size_t)(end - *at));
	unsigned cells = n ? screen_cells(*at, n) : 0;
	const uint8_t *from = *at;

	n = n ? n : 1;
	*at += n;
	if (cells) {
		memcpy(out, from, n);
		*bytes = n;
		return cells;
	}
	*bytes = nsc_escape(NSC_ESCAPE_WIRE, from, n, out, NSC_ESCAPE_CHARACTER);
	return (unsigned)*bytes;
}

/* --- a text ----------------------------------------------------------------------------------- */

/* What fits into `room` cells. */
static void screen_shape(struct shaped *shaped, const char *text, unsigned room)
{
	const uint8_t *at = (const uint8_t *)text, *end = at + strlen(text);
	unsigned kept_bytes = 0, kept_cells = 0; /* as far as a '~' fits behind */
	char one[NSC_ESCAPE_CHARACTER];
	size_t bytes;

	shaped->bytes = shaped->cells = 0;
	while (at < end) {
		unsigned cells = screen_character(&at, end, one, &bytes);

		if (shaped->cells + cells > room) {
			shaped->bytes = kept_bytes;
			shaped->cells = kept_cells;
			if (room)
				shaped->text[shaped->bytes++] = '~', shaped->cells++;
			break;
		}
		memcpy(shaped->text + shaped->bytes, one, bytes);
		shaped->bytes += (unsigned)bytes;
		shaped->cells += cells;
		if (shaped->cells < room) {
			kept_bytes = shaped->bytes;
			kept_cells = shaped->cells;
		}
	}
}

static void screen_append(struct nsc_screen_line *line, enum nsc_tone tone, const char *text, unsigned bytes,
			  unsigned cells)
{
	if (!bytes)
		return;
	if (!line->runs || line->run[line->runs - 1].tone != tone) {
		if (line->runs < NSC_SCREEN_RUNS) {
			line->run[line->runs].bytes = 0;
			line->run[line->runs++].tone = tone;
		}
	}
	memcpy(line->text + line->bytes, text, bytes);
	line->bytes += bytes;
	line->cells += cells;
	line->run[line->runs - 1].bytes += bytes;
	line->text[line->bytes] = '\0';
}

void nsc_screen_put(struct nsc_screen *screen, struct nsc_screen_line *line, enum nsc_tone tone, const char *text)
{
	struct shaped shaped;

	if (!line)
		return;
	screen_shape(&shaped, text, screen->columns - line->cells);
	screen_append(line, tone, shaped.text, shaped.bytes, shaped.cells);
}

void nsc_screen_say(struct nsc_screen *screen, struct nsc_screen_line *line, enum nsc_tone tone, const char *format,
		    ...)
{
	char text[SAYS];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	nsc_screen_put(screen, line, tone, text);
}

void nsc_screen_fill(struct nsc_screen *screen, struct nsc_screen_line *line, enum nsc_tone tone, unsigned column,
		     char with)
{
	char filling[NSC_SCREEN_COLUMNS];
	unsigned n;

	if (!line)
		return;
	column = NSC_MIN(column, screen->columns);
	n = column > line->cells ? column - line->cells : 0;
	memset(filling, with, n);
	screen_append(line, tone, filling, n, n);
}

void nsc_screen_cell(struct nsc_screen *screen, struct nsc_screen_line *line, enum nsc_tone tone, const char *text,
		     unsigned width, bool right)
{
	enum nsc_tone around = tone == NSC_TONE_BAR ? tone : NSC_TONE_PLAIN;
	struct shaped shaped;
	unsigned end;

	if (!line)
		return;
	width = NSC_MIN(width, screen->columns - line->cells);
	end = line->cells + width;
	screen_shape(&shaped, text, width);
	if (right)
		nsc_screen_fill(screen, line, around, end - shaped.cells, ' ');
	screen_append(line, tone, shaped.text, shaped.bytes, shaped.cells);
	nsc_screen_fill(screen, line, around, end, ' ');
}

void nsc_screen_dim(struct nsc_screen *screen, unsigned from_line)
{
	for (unsigned i = from_line; i < screen->used; i++)
		for (unsigned r = 0; r < screen->line[i].runs; r++)
			screen->line[i].run[r].tone = NSC_TONE_DIM;
}
