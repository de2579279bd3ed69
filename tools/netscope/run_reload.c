/* SPDX-License-Identifier: MIT
 *
 * SIGHUP, beside the outputs that begin anew: the configuration file is read again. Either all of it is right, and what
 * a run can take over is handed to the threads that use it; or nothing changes. The service manager hears that the
 * reload is over when every thread has what was handed to it.
 */
#include "tools/netscope/run_parts.h"

#include "tools/netscope/options.h"
#include "tools/netscope/privileges.h"
#include "tools/netscope/sandbox.h"
#include "tools/netscope/say.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LISTED_MAX = 1500 }; /* bytes of a sentence about what changed */

static const char names_text[] =
	"a run that is confined does not look up names of hosts: write addresses into capture.filter, or restart";

void nsc_run_reload_open(struct nsc_run *run, struct nsc_settings *settings)
{
	run->reload.settings = settings;
	run->reload.start = *settings;
}

/* --- what is said ----------------------------------------------------------------------------- */

static void reload_print(struct nsc_buffer *text, const struct nsc_option *option, const struct nsc_settings *settings)
{
	nsc_buffer_text(text, option->key);
	nsc_buffer_text(text, " = ");
	nsc_option_print(text, option, settings);
}

/* "capture.snaplen = 96 needs a restart: it stays 65535" */
static void reload_tell_restart(const struct nsc_settings *now, const struct nsc_settings *next,
				const struct nsc_option *option)
{
	char was[LISTED_MAX / 2], wanted[LISTED_MAX / 2];
	struct nsc_buffer old = nsc_buffer_on(was, sizeof(was)), new = nsc_buffer_on(wanted, sizeof(wanted));

	nsc_option_print(&old, option, now);
	reload_print(&new, option, next);
	nsc_tell_at(NSC_LEVEL_WARNING, stderr, "%.*s needs a restart: it stays %.*s", (int)new.length, wanted,
		    (int)old.length, was);
}

/* "a.toml was read again: analysis.anomalies.syn_flood.syn_threshold = 50, capture.filter = "tcp"" */
static void reload_tell_taken(const struct nsc_settings *now, const struct nsc_reload_change *change, uint32_t n)
{
	char listed[LISTED_MAX];
	struct nsc_buffer text = nsc_buffer_on(listed, sizeof(listed));

	for (uint32_t i = 0; i < n; i++) {
		if (!change[i].taken)
			continue;
		nsc_buffer_text(&text, text.length ? ", " : "");
		reload_print(&text, change[i].option, now);
	}
	nsc_tell(stderr, "%.300s was read again: %.*s%s", now->config, (int)text.length, listed,
		 text.full     ? " ..."
		 : text.length ? ""
			       : "nothing that a run takes over has changed");
}

static void reload_tell_problems(const struct nsc_run *run, const struct nsc_problems *problems)
{
	for (uint32_t i = 0; i < problems->n; i++)
		nsc_say(&problems->said[i]);
	if (problems->more)
		nsc_tell_at(NSC_LEVEL_WARNING, stderr, "and %u more", problems->more);
	nsc_tell_at(NSC_LEVEL_WARNING, stderr, "%.300s was not taken over: all settings stay as they were",
		    run->settings->config);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* By its name: an editor as a rule makes a new file of it. */
static int reload_check_file(const char *path, struct nsc_error *error)
{
	struct stat found;
	int status = stat(path, &found) ? -errno : 0;

	if (!status && !S_ISREG(found.st_mode))
		return nsc_fail(error, -EINVAL, "%.300s is no file that can be read again", path);
	if (!status && access(path, R_OK))
		status = -errno;
	return status ? nsc_fail(error, status, "%.300s: the configuration file cannot be read: %s", path,
				 strerror(-status))
		      : 0;
}

/* Landlock is not asked by access(2). */
static int reload_try_file(const char *path, struct nsc_error *error)
{
	int status = reload_check_file(path, error), fd;

	if (status)
		return status;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return nsc_fail(
			error, -errno,
			"%.300s: the sandbox does not let it be read (%s): it is another file than at the start, "
			"and lies in a home, or the run stays root",
			path, strerror(errno));
	close(fd);
	return 0;
}

static void reload_read(struct nsc_run *run, struct nsc_settings *next, struct nsc_problems *problems)
{
	const char *path = run->settings->config;
	struct nsc_error error;
	int status = reload_try_file(path, &error);

	if (status == -EACCES || status == -EPERM)
		nsc_privileges_explain_reload(&error);
	if (!nsc_problems_add(problems, status, &error))
		nsc_reload_read(next, run->settings, problems);
}

/* --- taking over ------------------------------------------------------------------------------ */

static int reload_filter(struct nsc_run *run, const struct nsc_settings *merged, struct nsc_error *error)
{
	if (!strcmp(run->settings->filter, merged->filter))
		return 0;
	return nsc_rx_live_filter(run->sources.rx[0], merged->filter[0] ? merged->filter : NULL, error);
}

/* Lines of statistics are of whole ticks. */
static void reload_show(struct nsc_run *run, const struct nsc_settings *merged)
{
	uint64_t tick_ns = nsc_run_tick_ns(run, &run->reload.start), line_ns = merged->stats_interval_ms * 1000000;
	const struct nsc_lines_shown lines = { .verbose = merged->verbose,
					       .quiet = merged->out.quiet,
					       .hex_dump = merged->out.hex_dump };
	const struct nsc_stats_shown stats = { .on = merged->stats,
					       .every = (uint32_t)((line_ns + tick_ns - 1) / tick_ns),
					       .top_flows = merged->top_flows,
					       .top_names = merged->top_names };

	nsc_lines_show(run->outputs.opened[NSC_SINK_lines], &lines);
	nsc_stats_show(run->outputs.opened[NSC_SINK_stats], &stats);
}

/* To the threads that use it. What can fail comes first: then nothing has changed. */
static int reload_hand_over(struct nsc_run *run, const struct nsc_settings *merged, struct nsc_error *error)
{
	struct nsc_detect_options detect;
	int status = nsc_run_detect_options(&detect, merged, error);

	if (!status)
		status = reload_filter(run, merged, error);
	if (status)
		return status;
	nsc_engine_reload_detect(run->engine, &detect);
	reload_show(run, merged);
	if (merged->names != run->settings->names)
		nsc_engine_reload_names(run->engine, (enum nsc_names)merged->names);
	if (strcmp(run->settings->filter, merged->filter))
		nsc_dashboard_filter(&run->dashboard, merged->filter);
	nsc_run_interfaces_filtered(run, merged->filter[0]);
	return 0;
}

/* Whether every thread has what was handed to it. */
static bool reload_is_over(struct nsc_run *run)
{
	int refused;

	if (!nsc_engine_reloaded(run->engine) || !nsc_rx_live_filtered(run->sources.rx[0], &refused))
		return false;
	if (refused)
		nsc_tell_at(
			NSC_LEVEL_WARNING, stderr,
			"the kernel refused the program of capture.filter: %s; netscope looks at every packet itself",
			strerror(-refused));
	return true;
}

static void reload_take(struct nsc_run *run, struct nsc_settings *next, struct nsc_problems *problems)
{
	struct nsc_settings *now = run->reload.settings, merged;
	struct nsc_reload_change change[NSC_OPTIONS_MAX];
	uint32_t n = nsc_reload_compare(&run->reload.start, now, next, change);
	struct nsc_error error;

	nsc_reload_preview(&merged, now, next, change, n);
	if (nsc_problems_add(problems, reload_hand_over(run, &merged, &error), &error))
		return;
	for (uint32_t i = 0; i < n; i++)
		if (!change[i].taken)
			reload_tell_restart(now, next, change[i].option);
	nsc_reload_take(now, next, change, n);
	reload_tell_taken(now, change, n);
}

static void reload_begin(struct nsc_run *run)
{
	static struct nsc_settings next; /* large, and one at a time */
	static struct nsc_problems problems;
	struct nsc_error error;

	run->reload.asked = false;
	run->reload.under_way = true;
	if (!run->settings->config[0])
		return;
	problems = (struct nsc_problems){ .n = 0 };
	nsc_sandbox_forgive(true); /* filters may have names, of which libpcap asks the network */
	reload_read(run, &next, &problems);
	if (!problems.n)
		reload_take(run, &next, &problems);
	if (nsc_sandbox_forgive(false) && problems.n)
		nsc_problems_add(&problems, nsc_fail(&error, -EPERM, "%s", names_text), &error);
	if (problems.n)
		reload_tell_problems(run, &problems);
	nsc_engine_count_reload(run->engine, problems.n ? NSC_C_RELOADS_REFUSED : NSC_C_RELOADS);
	nsc_dashboard_reloaded(&run->dashboard, !problems.n);
	nsc_settings_fini(&next);
}

void nsc_run_reload(struct nsc_run *run)
{
	run->reload.asked = true;
	nsc_run_notify_reload(run);
	nsc_run_reload_look(run);
}

void nsc_run_reload_look(struct nsc_run *run)
{
	if (run->reload.asked && !run->reload.under_way)
		reload_begin(run);
	if (!run->reload.under_way || !reload_is_over(run))
		return;
	run->reload.under_way = false;
	if (!run->reload.asked && !run->stopping) /* the manager knows of its end already: it is not ready any more */
		nsc_run_notify_ready(run);
}
