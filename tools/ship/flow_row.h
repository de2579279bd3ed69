/* SPDX-License-Identifier: MIT
 *
 * Rows of a segment of flows, read back: for destinations that take no RowBinary. A row holds what an IPFIX record
 * says of a flow, and no more.
 *
 * Thread: any, one owner. Allocates, blocks: never.
 */
#ifndef TOOLS_SHIP_FLOW_ROW_H
#define TOOLS_SHIP_FLOW_ROW_H

#include "engine/text/ipfix.h"
#include "tools/ship/schema.h"

struct nsc_flow_row {
	struct nsc_flow_record record; /* the rest of it is 0: analyses, round trip times, tunnels, names */
	struct nsc_ipfix_words words;  /* in the data that is read */
	bool said;                     /* the flow's own bytes said what the application is */
};

struct nsc_flow_rows {
	const char *at, *end;
	uint32_t n; /* columns */
	struct {
		size_t width;                                                         /* bytes; 0 = a text */
		void (*set)(struct nsc_flow_row *row, const char *at, size_t length); /* NULL: it is passed over */
	} column[NSC_SHIP_COLUMNS];
};

/* Begins with the first row of data[0..bytes), which stays the caller's. */
void nsc_flow_rows_begin(struct nsc_flow_rows *rows, const char *data, size_t bytes);

/* The next row. 1; 0: there is none; -EBADMSG: it is not whole, or holds a word that no row has. */
int nsc_flow_rows_next(struct nsc_flow_rows *rows, struct nsc_flow_row *row);

#endif
