/* SPDX-License-Identifier: MIT
 *
 * The tables and views of flows and alerts in ClickHouse, made from the columns that rows are written with.
 *
 * Thread: control. Allocates: stdio only.
 */
#ifndef TOOLS_SHIP_SCHEMA_H
#define TOOLS_SHIP_SCHEMA_H

#include "backends/sinks/spool_segment.h"
#include "engine/text/row.h"

#include <stdio.h>

/* All columns that a segment's rows have, in order, with those in front. Fills column[0..return). */
enum { NSC_SHIP_COLUMNS = NSC_SCHEMA_MAX + 8 };
uint32_t nsc_ship_columns(struct nsc_schema_column column[NSC_SHIP_COLUMNS], enum nsc_segment_kind kind);

/* Bytes of a column's value; 0 = a text, behind its length. */
size_t nsc_ship_column_width(const struct nsc_schema_column *column);

/* How far the first `rows` rows of a segment reach, in bytes; 0 when they are not whole. */
size_t nsc_ship_rows_bytes(enum nsc_segment_kind kind, const char *data, size_t bytes, uint64_t rows);

/* Statements, each ended by ";\n\n". `old`: for Debian's 18.16. */
void nsc_ship_schema(FILE *out, bool old);
void nsc_ship_schema_new(FILE *out); /* for --generate */
void nsc_ship_schema_old(FILE *out);

#endif
