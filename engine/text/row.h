/* SPDX-License-Identifier: MIT
 *
 * One flow record as text: a CSV row, or the members of a JSON object. The export, the log of expired flows and the
 * dashboard share them, so that their fields never drift apart.
 *
 * Thread: any. Allocates: never. Blocks: never.
 */
#ifndef NETSCOPE_TEXT_ROW_H
#define NETSCOPE_TEXT_ROW_H

#include "netscope/flow.h"

enum { NSC_ROW_CSV_MAX = 512, NSC_ROW_JSON_MAX = 1024 }; /* room that a row needs, whatever the record holds */

/* The columns in order, without a line end. */
extern const char nsc_row_csv_columns[];
extern const size_t nsc_row_csv_columns_length;

/* The columns' values separated by commas, null as nothing, without a line end. Room: NSC_ROW_CSV_MAX. */
char *nsc_row_csv(char *at, const struct nsc_flow_record *record);

/* From `"protocol":` to the value of the last member, without braces, no NUL; returns the end. Room: NSC_ROW_JSON_MAX.
 */
char *nsc_row_json(char *at, const struct nsc_flow_record *record);

#endif
