/* SPDX-License-Identifier: MIT
 *
 * Rows as an Apache Parquet file (parquet-format 2.10, Thrift compact protocol): a column chunk of one PLAIN data page
 * each, zstd, in row groups of up to 122,880 rows or 16 MiB. Written front to back, so that a pipe will do; readers
 * need the end of it, so that a file that was cut is none.
 *
 * Times are TIMESTAMP(NANOS) that are not adjusted to UTC: DuckDB rounds adjusted ones to microseconds. Numbers keep
 * their width, addresses are texts. The first five columns are the flow's key and never null; the others may be.
 *
 * Thread: one at a time. Allocates: yes, at most 72 MiB, and 2 KiB for each row group.
 */
#ifndef NETSCOPE_SINKS_PARQUET_H
#define NETSCOPE_SINKS_PARQUET_H

#include "backends/sinks/outfile.h"
#include "engine/text/row.h"

struct nsc_parquet;

enum { NSC_PARQUET_ROW = NSC_ROW_BINARY_MAX + 64 }; /* a row, and room behind it that is read with it */

/* Columns as nsc_schema_flows names them. Begins the file; `file` stays the caller's. 0, or -ENOMEM and one sentence.
 */
int nsc_parquet_open(struct nsc_parquet **parquet, struct nsc_outfile *file, struct nsc_error *error);

/* A row as nsc_row_binary makes it, in an array of NSC_PARQUET_ROW bytes, and which of its columns have a value, as
 * nsc_row_known says. False: the file has failed, or there is no memory. */
bool nsc_parquet_row(struct nsc_parquet *parquet, const char *row, uint64_t known);

/* The last row group and the footer. 0, or -ENOMEM and one sentence; what became of the file is for
 * nsc_outfile_finish to say. */
int nsc_parquet_finish(struct nsc_parquet *parquet, struct nsc_error *error);

void nsc_parquet_close(struct nsc_parquet *parquet); /* NULL is allowed */

#endif
