/* SPDX-License-Identifier: MIT
 *
 * The outputs that the settings name: checked against each other and the input, opened, closed.
 *
 * Thread: control.
 */
#ifndef TOOLS_NETSCOPE_OUTPUTS_H
#define TOOLS_NETSCOPE_OUTPUTS_H

#include "netscope/engine.h"
#include "netscope/out.h"
#include "tools/netscope/problems.h"
#include "tools/netscope/settings.h"

#include <stdio.h>

#define NSC_X(name) NSC_SINK_##name,
enum nsc_sink_place { NSC_SINKS(NSC_X) NSC_SINK_COUNT };
#undef NSC_X

enum { NSC_OUTPUTS_MAX = NSC_SINK_COUNT + 5 }; /* terminal, messages, the summary's, and two that are added */
enum { NSC_OUTPUTS_FILES = 16 };               /* options that name an output, at most */

struct nsc_outputs {
	struct nsc_sink *opened[NSC_SINK_COUNT]; /* by place; NULL = off */
	struct nsc_outfile *summary;             /* --summary-json; NULL = off */
	struct nsc_outfile *timeline, *profile; /* --timeline-out, --profile-out; NULL = off, or not opened again yet */
	uint32_t timelines, profiles;           /* that this run has written */
	struct nsc_sink *summary_watch;         /* live; NULL = none */
	struct nsc_sink *terminal,
		*messages; /* live, with a reader: `human`, standard error; NULL = none, or the same */
	struct nsc_sink *sinks[NSC_OUTPUTS_MAX]; /* those that are on, in the order in which they are called */
	uint32_t n_sinks;
	struct nsc_out_lock *lock[NSC_OUTPUTS_FILES]; /* of their names */
	uint32_t n_locks;
	bool files;  /* an output goes to a file: the run goes on when standard output is closed */
	FILE *human; /* where people read: standard output, or standard error when an output took that */
};

/* No two outputs, and no output and the input, may be one file. Opens nothing. 0 or -EINVAL and one sentence. */
int nsc_outputs_check(const struct nsc_settings *settings, struct nsc_error *error);

/* The same, with each of them that is wrong. */
void nsc_outputs_check_all(const struct nsc_settings *settings, struct nsc_problems *problems);

/* Whether a run could open each of them, as the user that this process is now. Changes none of them and leaves nothing
 * behind. A pipe is not opened, and its reader not waited for. `explain`: adds to a sentence about permissions. */
void nsc_outputs_probe(const struct nsc_settings *settings, void (*explain)(struct nsc_error *error),
		       struct nsc_problems *problems);

/* Opens them all, or none: 0 or -errno and one sentence. No file is touched before all names are this run's. */
int nsc_outputs_open(struct nsc_outputs *outputs, const struct nsc_settings *settings, const struct nsc_rx *source,
		     uint64_t record_memory, struct nsc_error *error);

/* Where sentences go while and after a live run goes: NULL = to standard error itself. */
struct nsc_sink *nsc_outputs_messages(const struct nsc_outputs *outputs);

/* Colours on `out`: it is a terminal, and NO_COLOR does not say otherwise. */
bool nsc_outputs_color(FILE *out);

/* One more sink, which takes no records; the run goes on when standard output is closed. */
void nsc_outputs_add(struct nsc_outputs *outputs, struct nsc_sink *sink);

/* The exports hold flow chunks of this engine. Before its start. */
void nsc_outputs_attach(struct nsc_outputs *outputs, struct nsc_engine *engine);

/* Writes the timeline, while the run goes on or (`ended`) after it. One that this run wrote before is kept under a
 * number. 0; 1 and a sentence about what was kept or not written; -errno and one sentence. The engine keeps growth
 * ready meanwhile. */
int nsc_outputs_write_timeline(struct nsc_outputs *outputs, const struct nsc_settings *settings,
			       struct nsc_engine *engine, bool ended, struct nsc_error *error);

/* The same for the profile. */
int nsc_outputs_write_profile(struct nsc_outputs *outputs, const struct nsc_settings *settings,
			      struct nsc_profile *profile, bool ended, struct nsc_error *error);

/* Removes what was not finished. */
void nsc_outputs_close(struct nsc_outputs *outputs);

/* Whether any of those that are open takes flow records. */
bool nsc_outputs_want_records(const struct nsc_outputs *outputs);

/* Calls `visit` for the folder of each output that is a file, or will be one, and for that of files for sorting; a
 * folder may come twice. 0, or the first status of `visit` that is not. */
int nsc_outputs_each_folder(const struct nsc_settings *settings,
			    int (*visit)(void *context, const char *folder, struct nsc_error *error), void *context,
			    struct nsc_error *error);

/* The paths of all files that a run writes, as "a, b"; "" when there is none. */
void nsc_outputs_names(const struct nsc_settings *settings, char *text, size_t size);

#endif
