/* SPDX-License-Identifier: MIT
 *
 * The log of flows that ended before the input did. Each chunk is written out whole before the call returns, so a
 * kill loses nothing that was handed over.
 */
#include "backends/sinks/outfile.h"
#include "engine/text/row.h"
#include "engine/text/time.h"
#include "netscope/out.h"

#include <errno.h>
#include <stdlib.h>

enum { CSV_MAX = NSC_ROW_CSV_MAX + 64, JSONL_MAX = NSC_ROW_JSON_MAX + 64 }; /* with ts and reason */

struct expired {
	struct nsc_sink sink;
	struct nsc_outfile *jsonl, *csv; /* NULL = off */
	uint64_t rows;                   /* of the run: a file that begins anew goes on counting */
};

static void expired_write_csv_header(struct nsc_outfile *file)
{
	char *at = nsc_outfile_reserve(file, nsc_row_csv_columns_length + 16);

	if (!at)
		return;
	at = nsc_format_text(at, "ts,reason,");
	at = nsc_format_text(at, nsc_row_csv_columns);
	*at++ = '\n';
	nsc_outfile_commit(file, at);
}

/* A file that has failed takes no more; the flush at the end of the chunk says why. */
static void expired_write_csv(struct nsc_outfile *file, const struct nsc_flow_record *record, uint64_t id)
{
	char *at = nsc_outfile_reserve(file, CSV_MAX);

	if (!at)
		return;
	at = nsc_format_timestamp(at, record->ended_ns);
	*at++ = ',';
	at = nsc_format_text(at, nsc_end_reason_name(record->end_reason));
	*at++ = ',';
	at = nsc_row_csv(at, record, id);
	*at++ = '\n';
	nsc_outfile_commit(file, at);
}

static void write_jsonl(struct nsc_outfile *file, const struct nsc_flow_record *record, uint64_t id)
{
	char *at = nsc_outfile_reserve(file, JSONL_MAX);

	if (!at)
		return;
	at = nsc_format_text(at, "{\"ts\":");
	at = nsc_format_timestamp(at, record->ended_ns);
	at = nsc_format_text(at, ",\"reason\":\"");
	at = nsc_format_text(at, nsc_end_reason_name(record->end_reason));
	at = nsc_format_text(at, "\",");
	at = nsc_row_json(at, record, id);
	at = nsc_format_text(at, "}\n");
	nsc_outfile_commit(file, at);
}

/* Both are tried; the first failure is the one that is told. */
static int for_both(struct expired *e, int (*call)(struct nsc_outfile *, struct nsc_error *), struct nsc_error *error)
{
	int jsonl = e->jsonl ? call(e->jsonl, error) : 0;
	int csv = e->csv ? call(e->csv, jsonl ? NULL : error) : 0;

	return jsonl ? jsonl : csv;
}

/* Rows, of both files. */
static uint64_t expired_lost(const struct expired *e)
{
	return (e->jsonl ? nsc_outfile_lost(e->jsonl) : 0) + (e->csv ? nsc_outfile_lost(e->csv) : 0);
}

static int expired_records(struct nsc_sink *sink, struct nsc_flow_chunk *chunk, bool urgent, bool *keep,
			   struct nsc_error *error)
{
	struct expired *e = (struct expired *)sink;
	int status;

	for (uint32_t i = 0; i < chunk->n; i++) {
		if (chunk->record[i].end_reason == NSC_END_ACTIVE)
			continue;
		e->rows++;
		if (e->jsonl)
			write_jsonl(e->jsonl, &chunk->record[i], e->rows);
		if (e->csv)
			expired_write_csv(e->csv, &chunk->record[i], e->rows);
	}
	status = for_both(e, nsc_outfile_flush, error);
	sink->lost = expired_lost(e);
	return status;
}

static int expired_rotate(struct nsc_sink *sink, struct nsc_error *error)
{
	struct expired *e = (struct expired *)sink;
	bool rotated = false;
	int jsonl = e->jsonl ? nsc_outfile_rotate(e->jsonl, &rotated, error) : 0;
	int csv = e->csv ? nsc_outfile_rotate(e->csv, &rotated, jsonl ? NULL : error) : 0;

	if (!csv && e->csv && rotated) {
		expired_write_csv_header(e->csv);
		csv = nsc_outfile_flush(e->csv, jsonl ? NULL : error);
	}
	return jsonl ? jsonl : csv;
}

/* A new CSV needs its header; when that fails there is no new file. */
static int expired_check_csv(struct nsc_outfile *csv, struct nsc_error *error)
{
	struct nsc_error again;
	int status = nsc_outfile_check(csv, &again), failed;

	if (status <= 0) {
		*error = again;
		return status;
	}
	expired_write_csv_header(csv);
	failed = nsc_outfile_flush(csv, error);
	if (!failed)
		*error = again;
	return failed ? failed : status;
}

/* One that cannot be written is told before one that can be again. */
static int expired_check(struct nsc_sink *sink, struct nsc_error *error)
{
	struct expired *e = (struct expired *)sink;
	struct nsc_error of_csv = { .text = "" };
	int jsonl = e->jsonl ? nsc_outfile_check(e->jsonl, error) : 0;
	int csv = e->csv ? expired_check_csv(e->csv, &of_csv) : 0;

	if (csv && jsonl >= 0 && (csv < 0 || !jsonl)) {
		*error = of_csv;
		return csv;
	}
	return jsonl;
}

static int expired_finish(struct nsc_sink *sink, const struct nsc_remaining *remaining, struct nsc_error *error)
{
	return for_both((struct expired *)sink, nsc_outfile_finish, error);
}

static const struct nsc_sink_ops expired_ops = {
	.name = "expired flows",
	.records = expired_records,
	.rotate = expired_rotate,
	.check = expired_check,
	.finish = expired_finish,
};

int nsc_expired_open(struct nsc_sink **sink, const struct nsc_out *out, struct nsc_error *error)
{
	const char *jsonl = out->asked.expired_flows_jsonl, *csv = out->asked.expired_flows_csv;
	struct expired *e;
	int status;

	if (!nsc_outfile_wanted(jsonl) && !nsc_outfile_wanted(csv))
		return 0;
	e = calloc(1, sizeof(*e));
	if (!e)
		return nsc_fail(error, -ENOMEM, "no memory for the log of expired flows");
	e->sink.ops = &expired_ops;
	status = nsc_outfile_open(&e->jsonl, jsonl, NSC_OUTFILE_LOG, NSC_OUTFILE_BUFFER, error);
	if (!status)
		status = nsc_outfile_open(&e->csv, csv, NSC_OUTFILE_LOG, NSC_OUTFILE_BUFFER, error);
	if (!status && e->csv) {
		expired_write_csv_header(e->csv);
		status = nsc_outfile_flush(e->csv, error);
	}
	if (status) {
		nsc_expired_close(&e->sink);
		return status;
	}
	*sink = &e->sink;
	return 0;
}

void nsc_expired_close(struct nsc_sink *sink)
{
	struct expired *e = (struct expired *)sink;

	if (!e)
		return;
	nsc_outfile_close(e->jsonl);
	nsc_outfile_close(e->csv);
	free(e);
}
