/* SPDX-License-Identifier: MIT
 *
 * The log of expired flows as Parquet. A file of it can be read when it has its end, so each is written without a name,
 * and ended now and then: at a size, at an age, at SIGHUP. It is called as the other logs are: the last one has the
 * name that was given, those before it have numbers.
 *
 * A disk that is full takes the row group that did not fit; what stood before it becomes a file.
 */
#include "backends/sinks/ended.h"
#include "backends/sinks/outfile_place.h"
#include "backends/sinks/parquet.h"
#include "netscope/clock.h"
#include "netscope/out.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct expired_parquet {
	struct nsc_sink sink;
	struct nsc_outfile *file; /* NULL: none could be begun or written, see `why` */
	struct nsc_parquet *parquet;
	struct nsc_row_cells cells;
	char *path;
	bool live, community;
	bool gone;                      /* its folder was removed, when it was looked for last */
	uint64_t limit_bytes, limit_ns; /* of a file; 0 = none */
	uint64_t rows;                  /* of the run: a file that begins anew goes on counting */
	uint64_t bytes;                 /* of the file, when it was looked at last */
	uint64_t begun_ns;              /* its first row; 0 = it has none */
	uint32_t files;                 /* that were ended */
	int failed;
	struct nsc_error why;
};

/* --- one file --------------------------------------------------------------------------------- */

static int log_begin(struct expired_parquet *e, struct nsc_error *error)
{
	int status = nsc_outfile_open(&e->file, e->path, NSC_OUTFILE_REPLACE, NSC_OUTFILE_BUFFER, error);

	if (status)
		return status;
	nsc_parquet_begin(e->parquet, e->file);
	e->bytes = nsc_parquet_bytes(e->parquet);
	e->begun_ns = 0;
	return 0;
}

/* The last row group did not reach the disk: the file ends before it. */
static void log_take_back(struct expired_parquet *e)
{
	uint64_t rows = nsc_parquet_rows(e->parquet);

	(void)nsc_outfile_cut(e->file, nsc_parquet_take_back(e->parquet));
	e->sink.lost += rows - nsc_parquet_rows(e->parquet);
}

/* Of a file that has no row group: 0. */
static int log_end_file(struct expired_parquet *e, struct nsc_error *error)
{
	struct nsc_error why;
	int first = 0, status;

	do {
		status = nsc_parquet_finish(e->parquet, &why);
		if (!status)
			status = nsc_outfile_flush(e->file, &why);
		if (status && !first)
			nsc_fail(error, first = status, "%s", why.text);
		if (status && nsc_parquet_rows(e->parquet))
			log_take_back(e);
	} while (status && status != -ENOMEM && nsc_parquet_rows(e->parquet));
	return first;
}

/* Gives it its name. What has that name is kept: the file before it, or what came there in a live run. */
static int log_name_file(struct expired_parquet *e, struct nsc_error *error)
{
	int status = e->live || e->files ? nsc_out_set_aside(e->path, false, error) : 0;

	if (status >= 0)
		status = nsc_outfile_finish(e->file, error);
	e->files += !status;
	return status;
}

/* Ends the file; `last`: also one without a row, for there is a log of every run. e->file is NULL then. */
static int log_close_file(struct expired_parquet *e, bool last, struct nsc_error *error)
{
	int status = log_end_file(e, error), named = 0;

	if (status != -ENOMEM && (nsc_parquet_rows(e->parquet) || (last && !status)))
		named = log_name_file(e, status ? NULL : error);
	if (status == -ENOMEM || named)
		e->sink.lost += nsc_parquet_rows(e->parquet);
	nsc_outfile_close(e->file);
	e->file = NULL;
	return status ? status : named;
}

static int log_fail(struct expired_parquet *e, int status, const struct nsc_error *error)
{
	e->failed = status;
	e->why = *error;
	return status;
}

/* The next file; the one before it becomes a.000000.parquet, or the first number that is free. */
static int log_rotate(struct expired_parquet *e, struct nsc_error *error)
{
	int status;

	if (!e->file || !e->begun_ns)
		return 0;
	status = log_close_file(e, false, error);
	if (!status)
		status = nsc_out_set_aside(e->path, false, error);
	if (status >= 0)
		status = log_begin(e, error);
	return status ? log_fail(e, status, error) : 0;
}

/* --- rows ------------------------------------------------------------------------------------- */

static void log_put(struct expired_parquet *e, const struct nsc_flow_record *const record[],
		    const struct nsc_community_id community[], uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		e->rows++;
		if (nsc_unlikely(!e->file || e->failed)) {
			e->sink.lost++;
			continue;
		}
		nsc_row_cells(&e->cells, record[i], e->community ? &community[i] : NULL, e->rows);
		if (nsc_unlikely(!nsc_parquet_add(e->parquet, &e->cells))) {
			e->sink.lost += nsc_parquet_pending(e->parquet);
			e->failed = nsc_fail(&e->why, -ENOMEM, "%s: no memory for flows as Parquet", e->path);
		}
	}
	if (!e->begun_ns)
		e->begun_ns = nsc_monotonic_ns();
}

/* A row group is on its way: did it arrive, and is the file long enough? */
static int log_look(struct expired_parquet *e, struct nsc_error *error)
{
	int status;

	if (!e->file || nsc_parquet_bytes(e->parquet) == e->bytes)
		return 0;
	e->bytes = nsc_parquet_bytes(e->parquet);
	status = nsc_outfile_flush(e->file, error);
	if (status) {
		log_take_back(e);
		log_fail(e, status, error);
		(void)log_close_file(e, false, NULL);
		return status;
	}
	return e->limit_bytes && e->bytes >= e->limit_bytes ? log_rotate(e, error) : 0;
}

static int log_records(struct nsc_sink *sink, struct nsc_flow_chunk *chunk, bool urgent, bool *keep,
		       struct nsc_error *error)
{
	struct expired_parquet *e = (struct expired_parquet *)sink;
	const struct nsc_flow_record *record[NSC_COMMUNITY_BURST];
	struct nsc_community_id community[NSC_COMMUNITY_BURST];
	uint32_t at = 0, n;
	int status = 0;

	while ((n = nsc_ended_take(chunk, &at, record))) {
		struct nsc_error why;
		int one;

		if (e->community)
			nsc_community_ids(community, record, n);
		log_put(e, record, community, n);
		one = log_look(e, &why);
		if (one && !status)
			status = nsc_fail(error, one, "%s", why.text);
	}
	return status || !e->failed ? status : nsc_fail(error, e->failed, "%s", e->why.text);
}

/* --- the sink --------------------------------------------------------------------------------- */

static int log_sighup(struct nsc_sink *sink, struct nsc_error *error)
{
	return log_rotate((struct expired_parquet *)sink, error);
}

/* After a failure: a new file, once there is room for one. */
static int log_restart(struct expired_parquet *e, struct nsc_error *error)
{
	const char *name;
	int dir = nsc_outfile_folder(e->path, &name);
	int status = dir < 0 ? dir : nsc_outfile_room(dir, e->path, NULL);

	if (dir >= 0)
		close(dir);
	if (!status)
		status = log_begin(e, NULL);
	if (status)
		return nsc_fail(error, e->failed, "%s", e->why.text);
	e->failed = 0;
	nsc_fail(error, 0, "%s: is written again, in a new file; %llu rows were lost", e->path,
		 (unsigned long long)e->sink.lost);
	return 1;
}

static int log_check(struct nsc_sink *sink, struct nsc_error *error)
{
	struct expired_parquet *e = (struct expired_parquet *)sink;
	bool was_gone = e->gone;
	int status;

	if (!e->file)
		return log_restart(e, error);
	if (e->failed)
		return nsc_fail(error, e->failed, "%s", e->why.text);
	status = nsc_outfile_check(e->file, error);
	e->gone = status < 0;
	if (status)
		return status;
	if (e->limit_ns && e->begun_ns && nsc_monotonic_ns() - e->begun_ns >= e->limit_ns)
		return log_rotate(e, error);
	if (!was_gone)
		return 0;
	nsc_fail(error, 0, "%s: its folder is there again", e->path);
	return 1;
}

static int log_finish(struct nsc_sink *sink, const struct nsc_remaining *remaining, struct nsc_error *error)
{
	struct expired_parquet *e = (struct expired_parquet *)sink;
	int status = e->file ? log_close_file(e, true, error) : 0;

	return status || !e->failed ? status : nsc_fail(error, e->failed, "%s", e->why.text);
}

static const struct nsc_sink_ops log_ops = {
	.name = "expired flows",
	.records = log_records,
	.rotate = log_sighup,
	.check = log_check,
	.finish = log_finish,
};

void nsc_expired_parquet_close(struct nsc_sink *sink)
{
	struct expired_parquet *e = (struct expired_parquet *)sink;

	if (!e)
		return;
	nsc_outfile_close(e->file);
	nsc_parquet_close(e->parquet);
	free(e->path);
	free(e);
}

/* One that is no file of a folder has no name to be given at the end. */
static int log_refuse(const char *path, struct nsc_error *error)
{
	struct stat found;

	if (nsc_out_descriptor(path) < 0 &&
	    (lstat(path, &found) || !(S_ISFIFO(found.st_mode) || S_ISCHR(found.st_mode))))
		return 0;
	return nsc_fail(error, -EINVAL, "%s: flows as they end are written as Parquet into regular files only", path);
}

int nsc_expired_parquet_open(struct nsc_sink **sink, const struct nsc_out *out, struct nsc_error *error)
{
	const char *path = out->asked.expired_flows_parquet;
	struct expired_parquet *e;
	int status;

	if (!nsc_outfile_wanted(path))
		return 0;
	status = log_refuse(path, error);
	if (status)
		return status;
	e = calloc(1, sizeof(*e));
	if (!e || !(e->path = strdup(path))) {
		free(e);
		return nsc_fail(error, -ENOMEM, "no memory for the log of expired flows");
	}
	e->sink.ops = &log_ops;
	e->live = out->live;
	e->limit_bytes = out->asked.expired_parquet_rotate_mb << 20;
	e->limit_ns = out->live ? out->asked.expired_parquet_rotate_s * NSC_NS_PER_SEC : 0;
	status = nsc_parquet_open(&e->parquet, true, out->asked.parquet_omit, error);
	if (!status) {
		e->community = nsc_parquet_has(e->parquet, "community_id");
		status = log_begin(e, error);
	}
	if (status) {
		nsc_expired_parquet_close(&e->sink);
		return status;
	}
	*sink = &e->sink;
	return 0;
}
