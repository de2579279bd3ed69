/* SPDX-License-Identifier: MIT
 *
 * Rows as an Apache Parquet file (parquet-format 2.10, Thrift compact protocol), in row groups of up to 61,440 rows or
 * 8 MiB of texts: a page of each column, and one of its dictionary where one pays (parquet_pages.h). Written front to
 * back, so that a pipe will do; readers need the end of it, so that a file that was cut is none.
 *
 * Times are TIMESTAMP(NANOS) that are not adjusted to UTC: DuckDB rounds adjusted ones to microseconds. Numbers keep
 * their width, addresses are texts. The columns before first_seen are never null; the others may be.
 *
 * Thread: one at a time. Allocates: 45 MiB at open, and 3 KiB for each row group.
 */
#ifndef NETSCOPE_SINKS_PARQUET_H
#define NETSCOPE_SINKS_PARQUET_H

#include "backends/sinks/outfile.h"
#include "engine/text/row.h"

struct nsc_parquet;

/* Columns as nsc_schema_flows names them, or with `ended` as nsc_schema_ended, without those in the list `omit`
 * ("a,b"; NULL or "" = all). 0, or -ENOMEM and one sentence. */
int nsc_parquet_open(struct nsc_parquet **parquet, bool ended, const char *omit, struct nsc_error *error);

/* 0, or -EINVAL and what was wanted and found: the list names something that is no column. */
int nsc_parquet_check_omitted(const char *list, struct nsc_error *error);

/* Whether the column is written. */
bool nsc_parquet_has(const struct nsc_parquet *parquet, const char *name);

/* Begins a file; `file` stays the caller's. What was added since the last finish comes into it. */
void nsc_parquet_begin(struct nsc_parquet *parquet, struct nsc_outfile *file);

/* One row more. What becomes of the file is for nsc_outfile_finish to say. False: there is no memory, for good. */
bool nsc_parquet_add(struct nsc_parquet *parquet, const struct nsc_row_cells *row);

/* Rows that came since the last row group become one. False: as above. */
bool nsc_parquet_end_group(struct nsc_parquet *parquet);

/* Rows that came since the last row group. */
uint32_t nsc_parquet_pending(const struct nsc_parquet *parquet);

/* What was handed to the file: bytes, and rows of its row groups. */
uint64_t nsc_parquet_bytes(const struct nsc_parquet *parquet);
uint64_t nsc_parquet_rows(const struct nsc_parquet *parquet);

/* Forgets the last row group, which did not reach the file: returns where it began. The rows of a group that is being
 * filled stay. */
uint64_t nsc_parquet_take_back(struct nsc_parquet *parquet);

/* The last row group and the footer. 0, or -ENOMEM and one sentence. */
int nsc_parquet_finish(struct nsc_parquet *parquet, struct nsc_error *error);

void nsc_parquet_close(struct nsc_parquet *parquet); /* NULL is allowed */

#endif
