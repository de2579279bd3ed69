/* SPDX-License-Identifier: MIT
 *
 * The file of --summary-json.
 */
#include "backends/sinks/outfile.h"
#include "engine/text/summary.h"
#include "netscope/out.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int nsc_summary_json_open(struct nsc_outfile **file, const char *path, struct nsc_error *error)
{
	return nsc_outfile_open(file, path, NSC_OUTFILE_REPLACE, NSC_OUTFILE_BUFFER, error);
}

/* --- while the run goes on -------------------------------------------------------------------- */

struct summary_watch {
	struct nsc_sink sink;
	struct nsc_outfile *file;
	bool gone; /* its folder, when it was looked for last */
};

static int summary_check(struct nsc_sink *sink, struct nsc_error *error)
{
	struct summary_watch *watch = (struct summary_watch *)sink;
	bool was_gone = watch->gone;
	int status = nsc_outfile_check(watch->file, error);

	watch->gone = status < 0;
	if (status || !was_gone)
		return status;
	return nsc_fail(error, 1, "the folder of the summary is there again: it is written at the end");
}

static const struct nsc_sink_ops summary_ops = {
	.name = "summary",
	.check = summary_check,
};

int nsc_summary_json_watch(struct nsc_sink **sink, struct nsc_outfile *file, struct nsc_error *error)
{
	struct summary_watch *watch = file ? calloc(1, sizeof(*watch)) : NULL;

	if (!watch)
		return file ? nsc_fail(error, -ENOMEM, "no memory for the summary") : 0;
	watch->sink.ops = &summary_ops;
	watch->file = file;
	*sink = &watch->sink;
	return nsc_outfile_do_not_wait(file, 2 * NSC_OUTFILE_BUFFER, error);
}

void nsc_summary_json_watch_close(struct nsc_sink *sink)
{
	free(sink);
}

/* --- at its end ------------------------------------------------------------------------------- */

int nsc_summary_json_write(struct nsc_outfile *file, const struct nsc_summary *summary, struct nsc_error *error)
{
	char *text = nsc_summary_json(summary, true);

	if (!text)
		return nsc_fail(error, -ENOMEM, "no memory for the summary");
	nsc_outfile_append(file, text, strlen(text));
	nsc_outfile_append(file, "\n", 1);
	free(text);
	return nsc_outfile_finish(file, error);
}

void nsc_summary_json_close(struct nsc_outfile *file)
{
	nsc_outfile_close(file);
}
