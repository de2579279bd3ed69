/* SPDX-License-Identifier: MIT
 *
 * Held chunks and spilled runs. Spilled runs have a level: those of one level are merged into one of the next, so that
 * a record is written a logarithmic number of times however long the run of the program.
 */
#include "backends/sinks/flow_store.h"

#include "backends/sinks/chunk_sort.h"
#include "backends/sinks/run_merge.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SPILL_BURST = 16 }; /* records */

struct spilled {
	uint64_t offset, records;
	uint32_t level;
};

struct nsc_flow_store {
	struct nsc_flow_store_options options;
	uint32_t n_held, n_spilled;
	struct nsc_flow_chunk **held;   /* [chunks]; sorted, but for `filling` */
	struct nsc_flow_chunk *filling; /* one of the held, with room for more records; or NULL */
	struct spilled *spilled;        /* [fan_in] */
	uint64_t file_end;              /* bytes */
	struct nsc_run *run;            /* [chunks + fan_in + workers] */
	struct nsc_run_top *top;
	struct nsc_flow_record *window; /* [fan_in + workers][window_records] */
	struct nsc_flow_record *out;    /* [spill_records] */
	uint32_t n_out;
	struct nsc_chunk_sort *sort;
	struct nsc_run_merge merge;
};

int nsc_flow_store_open(struct nsc_flow_store **store, const struct nsc_flow_store_options *o, struct nsc_error *error)
{
	struct nsc_flow_store *s = calloc(1, sizeof(*s));
	size_t runs = (size_t)o->chunks + o->fan_in + NSC_WORKERS_MAX;

	if (!s) {
		close(o->scratch_fd);
		return nsc_fail(error, -ENOMEM, "no memory for sorting flow records");
	}
	s->options = *o;
	s->held = calloc(o->chunks, sizeof(*s->held));
	s->spilled = calloc(o->fan_in, sizeof(*s->spilled));
	s->run = calloc(runs, sizeof(*s->run));
	s->top = calloc(runs, sizeof(*s->top));
	s->window = calloc(((size_t)o->fan_in + NSC_WORKERS_MAX) * o->window_records, sizeof(*s->window));
	s->out = calloc(o->spill_records, sizeof(*s->out));
	s->sort = malloc(sizeof(*s->sort));
	if (!s->held || !s->spilled || !s->run || !s->top || !s->window || !s->out || !s->sort) {
		nsc_flow_store_close(s);
		return nsc_fail(error, -ENOMEM, "no memory for sorting flow records");
	}
	*store = s;
	return 0;
}

void nsc_flow_store_close(struct nsc_flow_store *s)
{
	if (!s)
		return;
	close(s->options.scratch_fd);
	free(s->held);
	free(s->spilled);
	free(s->run);
	free(s->top);
	free(s->window);
	free(s->out);
	free(s->sort);
	free(s);
}

/* --- held chunks ------------------------------------------------------------------------------ */

static void store_seal(struct nsc_flow_store *s, struct nsc_flow_chunk *chunk)
{
	nsc_chunk_sort(chunk->record, chunk->n, s->sort);
}

static void store_append(struct nsc_flow_chunk *to, const struct nsc_flow_chunk *from)
{
	memcpy(&to->record[to->n], from->record, from->n * sizeof(from->record[0]));
	to->n += from->n;
}

/* Takes the records of `chunk`, by copy (returns false) or by holding it. There is room for one more. */
static bool store_hold(struct nsc_flow_store *s, struct nsc_flow_chunk *chunk)
{
	struct nsc_flow_chunk *fuller = chunk;

	if (s->filling && s->filling->n + chunk->n <= NSC_FLOW_CHUNK_RECORDS) {
		store_append(s->filling, chunk);
		return false;
	}
	s->held[s->n_held++] = chunk;
	if (!s->filling || s->filling->n > chunk->n) {
		fuller = s->filling;
		s->filling = chunk;
	}
	if (fuller)
		store_seal(s, fuller);
	return true;
}

static void release_all_but(struct nsc_flow_store *s, const struct nsc_flow_chunk *kept_out)
{
	for (uint32_t i = 0; i < s->n_held; i++)
		if (s->held[i] != kept_out)
			s->options.give_back(s->options.context, s->held[i]);
	s->n_held = 0;
	s->filling = NULL;
}

void nsc_flow_store_release(struct nsc_flow_store *s)
{
	release_all_but(s, NULL);
}

/* --- spilled runs ----------------------------------------------------------------------------- */

static int fail_spill(struct nsc_error *error, int reason)
{
	return nsc_fail(error, -reason,
			"sorting flow records: writing to the temporary file beside the export failed: %s",
			strerror(reason));
}

static int write_spill(struct nsc_flow_store *s, struct nsc_error *error)
{
	const char *from = (const char *)s->out, *end = (const char *)(s->out + s->n_out);

	while (from < end) {
		ssize_t n = pwrite(s->options.scratch_fd, from, (size_t)(end - from), (off_t)s->file_end);

		if (n > 0) {
			from += n;
			s->file_end += (uint64_t)n;
		} else if (n == 0 || errno != EINTR) {
			return fail_spill(error, n ? errno : EIO);
		}
	}
	s->n_out = 0;
	return 0;
}

static void add_run_in_memory(struct nsc_flow_store *s, const struct nsc_flow_chunk *chunk)
{
	s->run[s->merge.n++] = (struct nsc_run){ .next = chunk->record, .end = chunk->record + chunk->n };
}

static void add_run_in_file(struct nsc_flow_store *s, uint32_t i)
{
	s->run[s->merge.n++] = (struct nsc_run){
		.window = s->window + (size_t)i * s->options.window_records,
		.offset = s->spilled[i].offset,
		.left = s->spilled[i].records,
	};
}

static void merge_reset(struct nsc_flow_store *s)
{
	s->merge = (struct nsc_run_merge){
		.fd = s->options.scratch_fd, .window_records = s->options.window_records, .top = s->top, .run = s->run
	};
}

/* Writes the merge of the runs that were added as a new run at the end of the file. */
static int spill_merged(struct nsc_flow_store *s, uint32_t level, struct spilled *made, struct nsc_error *error)
{
	const struct nsc_flow_record *record[SPILL_BURST];
	int status = nsc_run_merge_begin(&s->merge, error);
	uint32_t n;

	*made = (struct spilled){ .offset = s->file_end, .level = level };
	for (; !status; made->records += n) {
		status = nsc_run_merge_next(&s->merge, record, SPILL_BURST, &n, error);
		if (status || !n)
			break;
		for (uint32_t i = 0; i < n && !status; i++) {
			s->out[s->n_out++] = *record[i];
			if (s->n_out == s->options.spill_records)
				status = write_spill(s, error);
		}
	}
	return status ? status : write_spill(s, error);
}

/* Makes room in the list of runs: the last runs of one level become one of the next level. */
static int store_compact(struct nsc_flow_store *s, struct nsc_error *error)
{
	uint32_t first = s->n_spilled - 1, level = s->spilled[first].level;
	struct spilled made;
	int status;

	while (first > 0 && s->spilled[first - 1].level == level)
		first--;
	if (first == s->n_spilled - 1)
		first = 0;
	merge_reset(s);
	for (uint32_t i = first; i < s->n_spilled; i++)
		add_run_in_file(s, i);
	status = spill_merged(s, level + 1, &made, error);
	if (status)
		return status;
	/* Their room on the disk may be used again; a file system that cannot do it only needs more of it. */
	for (uint32_t i = first; i < s->n_spilled; i++)
		(void)fallocate(s->options.scratch_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				(off_t)s->spilled[i].offset,
				(off_t)(s->spilled[i].records * sizeof(struct nsc_flow_record)));
	s->spilled[first] = made;
	s->n_spilled = first + 1;
	return 0;
}

/* Writes all that is held as one run. */
static int spill_held(struct nsc_flow_store *s, struct nsc_error *error)
{
	int status = s->n_spilled == s->options.fan_in ? store_compact(s, error) : 0;

	if (status)
		return status;
	if (s->filling)
		store_seal(s, s->filling);
	merge_reset(s);
	for (uint32_t i = 0; i < s->n_held; i++)
		add_run_in_memory(s, s->held[i]);
	status = spill_merged(s, 0, &s->spilled[s->n_spilled], error);
	s->n_spilled += !status;
	return status;
}

/* --- adding and reading ----------------------------------------------------------------------- */

int nsc_flow_store_add(struct nsc_flow_store *s, struct nsc_flow_chunk *chunk, bool urgent, bool *keep,
		       struct nsc_error *error)
{
	bool holding = chunk->n && store_hold(s, chunk);
	bool spill = s->n_held && (urgent || !keep || s->n_held == s->options.chunks);
	int status = 0;

	if (spill) {
		status = spill_held(s, error);
		release_all_but(s, holding ? chunk : NULL);
	}
	if (keep)
		*keep = holding && !spill;
	return status;
}

static void add_runs_in_tables(struct nsc_flow_store *s, const struct nsc_remaining *remaining)
{
	for (uint32_t i = 0; remaining && i < remaining->workers; i++) {
		s->run[s->merge.n++] = (struct nsc_run){
			.window = s->window + (size_t)(s->options.fan_in + i) * s->options.window_records,
			.remaining = remaining,
			.worker = i,
		};
	}
}

int nsc_flow_store_begin(struct nsc_flow_store *s, const struct nsc_remaining *remaining, struct nsc_error *error)
{
	if (s->filling)
		store_seal(s, s->filling);
	s->filling = NULL;
	merge_reset(s);
	for (uint32_t i = 0; i < s->n_held; i++)
		add_run_in_memory(s, s->held[i]);
	for (uint32_t i = 0; i < s->n_spilled; i++)
		add_run_in_file(s, i);
	add_runs_in_tables(s, remaining);
	return nsc_run_merge_begin(&s->merge, error);
}

int nsc_flow_store_next(struct nsc_flow_store *s, const struct nsc_flow_record **record, uint32_t max, uint32_t *n,
			struct nsc_error *error)
{
	return nsc_run_merge_next(&s->merge, record, max, n, error);
}
