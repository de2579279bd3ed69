/* SPDX-License-Identifier: MIT
 *
 * The log of flows that ended before the input did. Each chunk is written out whole before the call returns, so a
 * kill loses nothing that was handed over.
 */
#include "backends/sinks/ended.h"
#include "backends/sinks/outfile.h"
#include "backends/sinks/pump.h"
#include "engine/text/row.h"
#include "engine/text/time.h"
#include "netscope/out.h"

#include <errno.h>
#include <stdlib.h>

enum { CSV_MAX = NSC_ROW_CSV_MAX + 64, JSONL_MAX = NSC_ROW_JSON_MAX + 64 }; /* with ts and reason */

struct expired {
	struct nsc_sink sink;
	struct nsc_outfile *file;
	bool csv;
	uint64_t rows; /* of the run: a file that begins anew goes on counting */
};

/* A new CSV needs its header. */
static int expired_write_header(struct expired *e, struct nsc_error *error)
{
	char *at = e->csv ? nsc_outfile_reserve(e->file, nsc_row_csv_columns_length + 16) : NULL;

	if (at) {
		at = nsc_format_text(at, "ts,reason,");
		at = nsc_format_text(at, nsc_row_csv_columns);
		*at++ = '\n';
		nsc_outfile_commit(e->file, at);
	}
	return nsc_outfile_flush(e->file, error);
}

static char *expired_put_csv(char *at, const struct nsc_flow_record *record, const struct nsc_community_id *community,
			     uint64_t id)
{
	at = nsc_format_timestamp(at, record->ended_ns);
	*at++ = ',';
	at = nsc_format_text(at, nsc_end_reason_name(record->end_reason));
	*at++ = ',';
	at = nsc_row_csv(at, record, community, id);
	*at++ = '\n';
	return at;
}

static char *expired_put_json(char *at, const struct nsc_flow_record *record, const struct nsc_community_id *community,
			      uint64_t id)
{
	at = nsc_format_text(at, "{\"ts\":");
	at = nsc_format_timestamp(at, record->ended_ns);
	at = nsc_format_text(at, ",\"reason\":\"");
	at = nsc_format_text(at, nsc_end_reason_name(record->end_reason));
	at = nsc_format_text(at, "\",");
	at = nsc_row_json(at, record, community, id);
	return nsc_format_text(at, "}\n");
}

static void expired_put_row(struct expired *e, const struct nsc_flow_record *record,
			    const struct nsc_community_id *community)
{
	char *at = nsc_outfile_reserve(e->file, e->csv ? CSV_MAX : JSONL_MAX);

	e->rows++;
	if (!at)
		return; /* counted there */
	at = e->csv ? expired_put_csv(at, record, community, e->rows)
		    : expired_put_json(at, record, community, e->rows);
	nsc_outfile_commit(e->file, at);
}

/* A file that has failed takes no more; the flush at the end of the chunk says why. */
static int expired_records(struct nsc_sink *sink, struct nsc_flow_chunk *chunk, bool urgent, bool *keep,
			   struct nsc_error *error)
{
	struct expired *e = (struct expired *)sink;
	const struct nsc_flow_record *record[NSC_COMMUNITY_BURST];
	struct nsc_community_id community[NSC_COMMUNITY_BURST];
	uint32_t at = 0, n;
	int status;

	while ((n = nsc_ended_take(chunk, &at, record))) {
		nsc_community_ids(community, record, n);
		for (uint32_t i = 0; i < n; i++)
			expired_put_row(e, record[i], &community[i]);
	}
	status = nsc_outfile_flush(e->file, error);
	sink->lost = nsc_outfile_lost(e->file);
	return status;
}

static int expired_rotate(struct nsc_sink *sink, struct nsc_error *error)
{
	struct expired *e = (struct expired *)sink;
	bool rotated = false;
	int status = nsc_outfile_rotate(e->file, &rotated, error);

	return status || !rotated ? status : expired_write_header(e, error);
}

/* When the header cannot be written there is no new file. */
static int expired_check(struct nsc_sink *sink, struct nsc_error *error)
{
	struct expired *e = (struct expired *)sink;
	struct nsc_error again;
	int status = nsc_outfile_check(e->file, &again), failed;

	failed = status && nsc_outfile_is_empty(e->file) ? expired_write_header(e, error) : 0;
	if (failed)
		return failed;
	*error = again;
	return status;
}

static int expired_finish(struct nsc_sink *sink, const struct nsc_remaining *remaining, struct nsc_error *error)
{
	struct expired *e = (struct expired *)sink;
	int status = nsc_outfile_finish(e->file, error);

	sink->lost = nsc_outfile_lost(e->file);
	return status;
}

static const struct nsc_sink_ops expired_ops = {
	.name = "expired flows",
	.records = expired_records,
	.rotate = expired_rotate,
	.check = expired_check,
	.finish = expired_finish,
};

static void expired_close(struct nsc_sink *sink)
{
	if (sink)
		nsc_outfile_close(((struct expired *)sink)->file);
	free(sink);
}

static int expired_open(struct nsc_sink **sink, const struct nsc_out *out, const char *path, bool csv,
			struct nsc_error *error)
{
	struct expired *e;
	int status;

	if (!nsc_outfile_wanted(path))
		return 0;
	e = calloc(1, sizeof(*e));
	if (!e)
		return nsc_fail(error, -ENOMEM, "no memory for the log of expired flows");
	e->sink.ops = &expired_ops;
	e->csv = csv;
	status = nsc_outfile_open(&e->file, path, NSC_OUTFILE_LOG, NSC_OUTFILE_BUFFER, error);
	if (!status)
		status = nsc_outfile_compress(e->file, error);
	if (!status)
		status = expired_write_header(e, error);
	if (!status && out->live)
		status = nsc_outfile_do_not_wait(e->file, NSC_PUMP_ROWS, error);
	if (status) {
		expired_close(&e->sink);
		return status;
	}
	*sink = &e->sink;
	return 0;
}

int nsc_expired_jsonl_open(struct nsc_sink **sink, const struct nsc_out *out, struct nsc_error *error)
{
	return expired_open(sink, out, out->asked.expired_flows_jsonl, false, error);
}

void nsc_expired_jsonl_close(struct nsc_sink *sink)
{
	expired_close(sink);
}

int nsc_expired_csv_open(struct nsc_sink **sink, const struct nsc_out *out, struct nsc_error *error)
{
	return expired_open(sink, out, out->asked.expired_flows_csv, true, error);
}

void nsc_expired_csv_close(struct nsc_sink *sink)
{
	expired_close(sink);
}
