/* SPDX-License-Identifier: MIT
 *
 * One flow record as text: a CSV row, or the members of a JSON object. The export, the log of expired flows and the
 * dashboard share them, so that their fields never drift apart.
 *
 * Thread: any. Allocates: never. Blocks: never.
 */
#ifndef NETSCOPE_TEXT_ROW_H
#define NETSCOPE_TEXT_ROW_H

#include "engine/text/community.h"
#include "netscope/columns.h"

/* Room that a row needs, whatever the record holds: of the key, of each column with its name, and what a formatter may
 * scribble over behind its text. */
enum {
	NSC_ROW_SCRIBBLE = 32,
#define NSC_X(form, room, ...) NSC_ROW_ROOM_##form = (room),
	NSC_COLUMN_FORMS(NSC_X)
#undef NSC_X
#define NSC_X(name, form, ...) +1 + NSC_ROW_ROOM_##form
		NSC_ROW_CSV_MAX = 120 + NSC_ROW_SCRIBBLE NSC_FLOW_COLUMNS(NSC_X),
#undef NSC_X
#define NSC_X(name, form, ...) +sizeof(",\"" #name "\":") + NSC_ROW_ROOM_##form
	NSC_ROW_JSON_MAX = 200 + NSC_ROW_SCRIBBLE NSC_FLOW_COLUMNS(NSC_X),
#undef NSC_X
};

/* The columns in order, without a line end. */
extern const char nsc_row_csv_columns[];
extern const size_t nsc_row_csv_columns_length;

/* The columns' values separated by commas, null as nothing, without a line end. `id` is the row's number in its output,
 * 0 when it has none. `community` is nsc_community_ids' of the record: whoever writes many rows makes them in bursts.
 * Room: NSC_ROW_CSV_MAX. */
char *nsc_row_csv(char *at, const struct nsc_flow_record *record, const struct nsc_community_id *community,
		  uint64_t id);

/* From `"protocol":` to the value of the last member, without braces, no NUL; returns the end. Room: NSC_ROW_JSON_MAX.
 */
char *nsc_row_json(char *at, const struct nsc_flow_record *record, const struct nsc_community_id *community,
		   uint64_t id);

/* The row as ClickHouse's RowBinary, the same bytes for all its versions: numbers little endian, a text behind its
 * length (LEB128), addresses of 16 bytes with IPv4 as ::ffff:a.b.c.d, times and durations as UInt64 ns. Columns are
 * those of the CSV, in its order, without avg_bps, which follows from others; a value that is null there is 0 or ""
 * here. `id` is the row's flow_id. Room: NSC_ROW_BINARY_MAX. Returns the end. */
enum { NSC_ROW_BINARY_MAX = NSC_ROW_CSV_MAX };
char *nsc_row_binary(char *at, const struct nsc_flow_record *record, const struct nsc_community_id *community,
		     uint64_t id);

/* What stands before these columns, and rows of other tables, are written with: a number of 1, 2, 4 or 8 bytes; a text
 * of at most 16383 bytes, with two bytes of room beside it; an address, 16 bytes. Return the end. */
char *nsc_row_binary_number(char *at, uint64_t value, size_t bytes);
char *nsc_row_binary_text(char *at, const char *text, size_t length);
char *nsc_row_binary_ip(char *at, const uint8_t addr[16], unsigned ip_version);

/* --- columns ---------------------------------------------------------------------------------- */

enum nsc_cell { /* what a cell of nsc_row_cells holds */
		NSC_CELL_NUMBER,
		NSC_CELL_TIME,    /* ns since 1970 */
		NSC_CELL_WORD,    /* the number of a word: nsc_row_word */
		NSC_CELL_ADDRESS, /* nothing: see `address` */
		NSC_CELL_TEXT,    /* its length; see `text` */
};

/* The columns of nsc_row_binary in order, as tables have them: name and type, in current versions and in 18.16; and
 * the cell that it is in nsc_row_cells. */
enum { NSC_SCHEMA_MAX = 64 };
struct nsc_schema_column {
	char name[40];
	const char *type, *old;
	enum nsc_cell kind;
	uint8_t cell;  /* its place there */
	uint8_t bytes; /* of a NUMBER or TIME: 1, 2, 4 or 8 */
	uint8_t words; /* of a WORD: which words */
};
/* Fills column[0..return). */
uint32_t nsc_schema_flows(struct nsc_schema_column column[NSC_SCHEMA_MAX]);

/* The same behind `ts` and `reason`, as the logs of ended flows have them: when the record ended, and why. */
uint32_t nsc_schema_ended(struct nsc_schema_column column[NSC_SCHEMA_MAX]);

/* A row as values, for who makes texts of them for many rows together. */
struct nsc_row_cells {
	uint64_t known; /* bit i: cell i has a value; without one its column is null */
	uint64_t cell[NSC_SCHEMA_MAX];
	const char *text[NSC_SCHEMA_MAX];        /* in `room`, which goes on behind them */
	uint8_t address[NSC_SCHEMA_MAX / 8][16]; /* by cell; network order, IPv4 as ::ffff:a.b.c.d */
	char room[NSC_ROW_BINARY_MAX + NSC_ROW_SCRIBBLE];
};

/* The cells of nsc_schema_ended, and so those of nsc_schema_flows. `community` may be NULL: its cell has no value. */
void nsc_row_cells(struct nsc_row_cells *cells, const struct nsc_flow_record *record,
		   const struct nsc_community_id *community, uint64_t id);

/* The text of the word number `value`, below 256, of such a column; no NUL. Returns its length. */
enum { NSC_ROW_WORD_MAX = 16 };
size_t nsc_row_word(const struct nsc_schema_column *column, uint64_t value, char text[NSC_ROW_WORD_MAX]);

#endif
