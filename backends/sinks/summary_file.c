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
