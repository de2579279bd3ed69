/* SPDX-License-Identifier: MIT
 *
 * The files of --timeline-out and --profile-out: each is written as a whole, when it is asked for and at the end.
 */
#include "backends/sinks/outfile.h"
#include "engine/text/profile.h"
#include "engine/text/timeline.h"
#include "netscope/out.h"

#include <errno.h>

int nsc_dump_file_open(struct nsc_outfile **file, const char *path, bool live, struct nsc_error *error)
{
	int status = nsc_outfile_open(file, path, NSC_OUTFILE_REPLACE, NSC_OUTFILE_BUFFER, error);

	return status || !live ? status : nsc_outfile_do_not_wait(*file, 2 * NSC_OUTFILE_BUFFER, error);
}

int nsc_timeline_file_write(struct nsc_outfile *file, const struct nsc_timelines *timelines, void (*between)(void *),
			    void *context, struct nsc_error *error)
{
	struct nsc_timeline_dump *dump;
	int status = nsc_timeline_dump_open(&dump, timelines, error);
	struct nsc_json json;
	bool more;

	if (status)
		return status;
	nsc_json_init(&json, (size_t)4 * NSC_TIMELINE_PIECE);
	do {
		more = nsc_timeline_dump_next(dump, &json);
		if (json.out.full)
			status = nsc_fail(error, -ENOMEM, "no memory for the text of the timeline");
		else
			nsc_outfile_append(file, json.out.data, json.out.length);
		json.out.length = 0;
		if (between)
			between(context);
	} while (more && !status);
	nsc_outfile_append(file, "\n", 1);
	nsc_json_free(&json);
	nsc_timeline_dump_close(dump);
	return status ? status : nsc_outfile_finish(file, error);
}

enum { PROFILE_TEXT_MAX = 1 << 29 };

int nsc_profile_file_write(struct nsc_outfile *file, const char *path, struct nsc_profile *profile,
			   struct nsc_error *error)
{
	struct nsc_profile_choice all = { .to_ns = UINT64_MAX, .thread = -1, .core = -1 };
	enum nsc_profile_format format = NSC_PROFILE_FOLDED;
	struct nsc_profile_report report;
	struct nsc_json text;
	int status;

	nsc_profile_format_of(path, &format);
	all.together = !nsc_profile_format_has_cores(format);
	status = nsc_profile_report_open(&report, profile, &all, error);
	if (status)
		return status;
	nsc_json_init(&text, PROFILE_TEXT_MAX);
	nsc_profile_write(&text, &report, format);
	nsc_profile_report_close(&report);
	if (text.out.full)
		status = nsc_fail(error, -ENOMEM, "no memory for the text of the profile");
	else
		nsc_outfile_append(file, text.out.data ? text.out.data : "", text.out.length);
	nsc_json_free(&text);
	return status ? status : nsc_outfile_finish(file, error);
}

void nsc_dump_file_close(struct nsc_outfile *file)
{
	nsc_outfile_close(file);
}
