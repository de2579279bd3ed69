/* SPDX-License-Identifier: MIT
 *
 * Collects every finished record and writes all files in one pass over the sorted stream when the run has ended.
 */
#include "backends/sinks/flow_store.h"
#include "backends/sinks/outfile.h"
#include "backends/sinks/parquet.h"
#include "engine/text/ipfix.h"
#include "engine/text/number.h"
#include "engine/text/row.h"
#include "netscope/out.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	FAN_IN = 256,
	WINDOW_RECORDS = 512, /* 52 KiB for each spilled run that is merged */
	SPILL_RECORDS = 2048,
	IPFIX_MESSAGE = 32 * 1024,
	FILES = 4,
};

struct export
{
	struct nsc_sink sink;
	struct nsc_outfile *json, *csv, *packed, *ipfix; /* NULL = off */
	struct nsc_parquet *parquet;                     /* into `packed` */
	struct nsc_row_cells cells;                      /* of one row of it */
	bool community;                                  /* Community IDs are written */
	struct nsc_ipfix message;                        /* the one that is being written, in the buffer of the file */
	struct nsc_flow_store *store;
	uint64_t rows;
	bool gone;  /* a folder was removed, when it was looked for last */
	int failed; /* 0, or -errno: records are missing, and no file is put in place */
	struct nsc_error why;
	void (*give_back)(void *context, struct nsc_flow_chunk *);
	void *context;
};

static void give_chunk_back(void *context, struct nsc_flow_chunk *chunk)
{
	struct export *e = context;

	e->give_back(e->context, chunk);
}

static int export_records(struct nsc_sink *sink, struct nsc_flow_chunk *chunk, bool urgent, bool *keep,
			  struct nsc_error *error)
{
	struct export *e = (struct export *)sink;

	if (!e->failed)
		e->failed = nsc_flow_store_add(e->store, chunk, urgent, keep, &e->why);
	if (!e->failed)
		return 0;
	sink->lost += chunk->n;
	return nsc_fail(error, e->failed, "%s", e->why.text);
}

/* The same call for all files. When several fail, one sentence names them. */
static int export_all(struct export *e, int (*call)(struct nsc_outfile *, struct nsc_error *), struct nsc_error *error)
{
	struct nsc_outfile *const files[FILES] = { e->json, e->csv, e->packed, e->ipfix };
	struct nsc_error why;
	char all[sizeof(error->text)] = "";
	size_t used = 0;
	int first = 0;

	for (unsigned i = 0; i < FILES; i++) {
		int status = files[i] ? call(files[i], &why) : 0;

		if (!status)
			continue;
		if (used < sizeof(all))
			used += (size_t)snprintf(all + used, sizeof(all) - used, "%s%.250s", first ? "; " : "",
						 why.text);
		first = first ? first : status;
	}
	return first ? nsc_fail(error, first, "%s", all) : 0;
}

/* Told while something can still be done about it: at the end it would be too late. */
static int export_check(struct nsc_sink *sink, struct nsc_error *error)
{
	struct export *e = (struct export *)sink;
	int status = export_all(e, nsc_outfile_check, error);
	bool was_gone = e->gone;

	if (e->failed)
		return nsc_fail(error, e->failed, "%s", e->why.text);
	e->gone = status < 0;
	if (status || !was_gone)
		return status;
	nsc_fail(error, 0, "the folder of the flow exports is there again: they are written at the end");
	return 1;
}

/* Each writer returns false when its file has failed; the other file goes on. */
static bool export_write_csv_header(struct nsc_outfile *file)
{
	char *at = nsc_outfile_reserve(file, nsc_row_csv_columns_length + 1);

	if (!at)
		return false;
	at = (char *)memcpy(at, nsc_row_csv_columns, nsc_row_csv_columns_length) + nsc_row_csv_columns_length;
	*at++ = '\n';
	nsc_outfile_commit(file, at);
	return true;
}

/* Records that come out of the store one behind the other, and what their rows have in common work. */
struct export_burst {
	const struct nsc_flow_record *record[NSC_COMMUNITY_BURST];
	struct nsc_community_id community[NSC_COMMUNITY_BURST];
	uint32_t n;
	uint64_t id; /* of the first */
};

static bool export_write_csv(struct nsc_outfile *file, const struct export_burst *burst)
{
	for (uint32_t i = 0; i < burst->n; i++) {
		char *at = nsc_outfile_reserve(file, NSC_ROW_CSV_MAX + 1);

		if (nsc_unlikely(!at))
			return false;
		at = nsc_row_csv(at, burst->record[i], &burst->community[i], burst->id + i);
		*at++ = '\n';
		nsc_outfile_commit(file, at);
	}
	return true;
}

static bool write_json(struct nsc_outfile *file, const struct export_burst *burst)
{
	for (uint32_t i = 0; i < burst->n; i++) {
		char *at = nsc_outfile_reserve(file, NSC_ROW_JSON_MAX + 4);

		if (nsc_unlikely(!at))
			return false;
		*at++ = burst->id + i == 1 ? '[' : ',';
		at = nsc_format_literal(at, "\n{");
		at = nsc_row_json(at, burst->record[i], &burst->community[i], burst->id + i);
		*at++ = '}';
		nsc_outfile_commit(file, at);
	}
	return true;
}

static void write_json_end(struct nsc_outfile *file, bool empty)
{
	char *at = nsc_outfile_reserve(file, 4);

	if (at)
		nsc_outfile_commit(file, empty ? nsc_format_literal(at, "[]\n") : nsc_format_literal(at, "\n]\n"));
}

/* --- IPFIX ------------------------------------------------------------------------------------ */

/* A message is written where it will lie in the file. */
static bool export_begin_message(struct export *e)
{
	char *at = nsc_outfile_reserve(e->ipfix, IPFIX_MESSAGE);

	if (at)
		nsc_ipfix_begin(&e->message, at, IPFIX_MESSAGE);
	return at;
}

/* Nothing but packet time: the same flows make the same bytes. */
static void export_end_message(struct export *e)
{
	uint32_t bytes = nsc_ipfix_end(&e->message, (uint32_t)(e->message.latest_ns / NSC_NS_PER_SEC));

	nsc_outfile_commit(e->ipfix, (char *)e->message.message + bytes);
}

/* The templates stand in front of the first flows. */
static bool export_begin_ipfix(struct export *e)
{
	if (!export_begin_message(e))
		return false;
	for (unsigned i = 0; i < NSC_IPFIX_TEMPLATES; i++)
		nsc_ipfix_put_template(&e->message, i);
	return true;
}

static bool export_write_ipfix(struct export *e, const struct export_burst *burst)
{
	for (uint32_t i = 0; i < burst->n; i++) {
		if (nsc_likely(nsc_ipfix_put(&e->message, burst->record[i])))
			continue;
		export_end_message(e);
		if (!export_begin_message(e))
			return false;
		nsc_ipfix_put(&e->message, burst->record[i]);
	}
	return true;
}

static bool export_write_parquet(struct export *e, const struct export_burst *burst)
{
	for (uint32_t i = 0; i < burst->n; i++) {
		nsc_row_cells(&e->cells, burst->record[i], e->community ? &burst->community[i] : NULL, burst->id + i);
		if (nsc_unlikely(!nsc_parquet_add(e->parquet, &e->cells)))
			return false;
	}
	return true;
}

/* --- all of them ------------------------------------------------------------------------------ */

static int write_rows(struct export *e, const struct nsc_remaining *remaining, struct nsc_error *error)
{
	struct nsc_outfile *json = e->json, *csv = e->csv;
	bool parquet = e->parquet, ipfix = e->ipfix && export_begin_ipfix(e);
	struct export_burst burst = { .id = 1 };
	int status = nsc_flow_store_begin(e->store, remaining, error);

	if (csv && !export_write_csv_header(csv))
		csv = NULL;
	for (; !status && (json || csv || parquet || ipfix); burst.id += burst.n, e->rows += burst.n) {
		status = nsc_flow_store_next(e->store, burst.record, NSC_COMMUNITY_BURST, &burst.n, error);
		if (status || !burst.n)
			break;
		if (e->community)
			nsc_community_ids(burst.community, burst.record, burst.n);
		if (json && nsc_unlikely(!write_json(json, &burst)))
			json = NULL;
		if (csv && nsc_unlikely(!export_write_csv(csv, &burst)))
			csv = NULL;
		parquet = parquet && export_write_parquet(e, &burst);
		ipfix = ipfix && export_write_ipfix(e, &burst);
	}
	if (ipfix)
		export_end_message(e);
	if (json)
		write_json_end(json, !e->rows);
	return status || !e->parquet ? status : nsc_parquet_finish(e->parquet, error);
}

/* A file that cannot hold every flow is not put in place. */
static int export_finish(struct nsc_sink *sink, const struct nsc_remaining *remaining, struct nsc_error *error)
{
	struct export *e = (struct export *)sink;
	int status = e->failed ? nsc_fail(error, e->failed, "%s", e->why.text) : write_rows(e, remaining, error);

	nsc_flow_store_release(e->store);
	return status ? status : export_all(e, nsc_outfile_finish, error);
}

static const struct nsc_sink_ops export_ops = {
	.name = "export",
	.wants_remaining = true,
	.records = export_records,
	.check = export_check,
	.finish = export_finish,
};

static int open_store(struct export *e, uint64_t record_memory, struct nsc_error *error)
{
	uint64_t chunks = record_memory / sizeof(struct nsc_flow_chunk) + 1;
	struct nsc_flow_store_options options = {
		.chunks = (uint32_t)NSC_MIN(chunks, UINT32_MAX / 2),
		.fan_in = FAN_IN,
		.window_records = WINDOW_RECORDS,
		.spill_records = SPILL_RECORDS,
		.give_back = give_chunk_back,
		.context = e,
	};

	options.scratch_fd = nsc_outfile_scratch(e->json     ? e->json
						 : e->csv    ? e->csv
						 : e->packed ? e->packed
							     : e->ipfix,
						 error);
	return options.scratch_fd < 0 ? options.scratch_fd : nsc_flow_store_open(&e->store, &options, error);
}

static int export_open_file(struct nsc_outfile **file, const char *path, const struct nsc_out *out,
			    struct nsc_error *error)
{
	int status = nsc_outfile_open(file, path, NSC_OUTFILE_REPLACE, NSC_OUTFILE_BUFFER, error);

	if (!status)
		status = nsc_outfile_compress(*file, error);
	return status || !out->live ? status : nsc_outfile_do_not_wait(*file, 2 * NSC_OUTFILE_BUFFER, error);
}

static int export_open_parquet(struct export *e, const char *omit, struct nsc_error *error)
{
	int status = nsc_parquet_open(&e->parquet, false, omit, error);

	if (!status)
		nsc_parquet_begin(e->parquet, e->packed);
	return status;
}

int nsc_export_open(struct nsc_sink **sink, const struct nsc_out *out, struct nsc_error *error)
{
	const char *json = out->asked.export_json, *csv = out->asked.export_csv, *ipfix = out->asked.ipfix_file;
	const char *parquet = out->asked.export_parquet;
	struct export *e;
	int status;

	if (!nsc_outfile_wanted(json) && !nsc_outfile_wanted(csv) && !nsc_outfile_wanted(parquet) &&
	    !nsc_outfile_wanted(ipfix))
		return 0;
	e = calloc(1, sizeof(*e));
	if (!e)
		return nsc_fail(error, -ENOMEM, "no memory for the flow export");
	e->sink.ops = &export_ops;
	e->message.domain = out->asked.ipfix_domain;
	e->message.uniflow = out->asked.ipfix_uniflow;
	status = export_open_file(&e->json, json, out, error);
	if (!status)
		status = export_open_file(&e->csv, csv, out, error);
	if (!status)
		status = export_open_file(&e->packed, parquet, out, error);
	if (!status && e->packed)
		status = export_open_parquet(e, out->asked.parquet_omit, error);
	if (!status)
		status = export_open_file(&e->ipfix, ipfix, out, error);
	if (!status)
		status = open_store(e, out->record_memory, error);
	e->community = e->json || e->csv || (e->parquet && nsc_parquet_has(e->parquet, "community_id"));
	if (status) {
		nsc_export_close(&e->sink);
		return status;
	}
	*sink = &e->sink;
	return 0;
}

void nsc_export_attach(struct nsc_sink *sink, void (*give_back)(void *context, struct nsc_flow_chunk *), void *context)
{
	((struct export *)sink)->give_back = give_back;
	((struct export *)sink)->context = context;
}

uint64_t nsc_export_rows(const struct nsc_sink *sink)
{
	return ((const struct export *)sink)->rows;
}

void nsc_export_close(struct nsc_sink *sink)
{
	struct export *e = (struct export *)sink;

	if (!e)
		return;
	nsc_flow_store_close(e->store);
	nsc_outfile_close(e->json);
	nsc_outfile_close(e->csv);
	nsc_parquet_close(e->parquet);
	nsc_outfile_close(e->packed);
	nsc_outfile_close(e->ipfix);
	free(e);
}
