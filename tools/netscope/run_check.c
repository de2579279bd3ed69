/* SPDX-License-Identifier: MIT
 *
 * netscope --check: the steps of a start, each of them even when an earlier one failed, and no packet.
 */
#include "tools/netscope/run_parts.h"

#include "backends/sources/feed.h"
#include "netscope/geo.h"
#include "netscope/services.h"
#include "tools/netscope/privileges.h"
#include "tools/netscope/say.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/* Who opens a pipe or a connection takes its first bytes, or waits for them. */
static bool input_is_pipe(const char *path)
{
	struct stat found;

	return !strcmp(path, "-") || nsc_feed_is(path) || (!stat(path, &found) && S_ISFIFO(found.st_mode));
}

static bool inputs_can_be_opened(const struct nsc_settings *settings)
{
	for (const char *path = settings->read_pcap; *path; path = nsc_path_next(path))
		if (input_is_pipe(path))
			return false;
	return true;
}

static void check_tables(const struct nsc_settings *settings, struct nsc_problems *problems)
{
	struct nsc_error error;

	if (settings->services)
		nsc_problems_add(problems, nsc_services_open(&error), &error);
	for (const char *path = settings->geoip; *path; path = nsc_path_next(path))
		nsc_problems_add(problems, nsc_geo_open(path, &error), &error);
}

/* Takes its port for a moment. */
static void check_dashboard(struct nsc_run *run, struct nsc_problems *problems)
{
	const struct nsc_dashboard_source source = {
		.name = "check",
		.live = nsc_source_is_live(run->settings),
		.tick_ns = NSC_NS_PER_SEC,
	};
	struct nsc_error error;
	int status = nsc_dashboard_check(run->settings, &error);

	if (!status)
		status = nsc_dashboard_open(&run->dashboard, run->settings, &source, &error);
	nsc_problems_add(problems, status, &error);
}

/* While there is every privilege. True: there is a source. */
static bool check_edges(struct nsc_run *run, struct nsc_problems *problems)
{
	const struct nsc_settings *settings = run->settings;
	struct nsc_error error;
	int status = -EAGAIN;

	if (inputs_can_be_opened(settings)) {
		status = nsc_sources_open(&run->sources, settings, &error);
		nsc_problems_add(problems, status, &error);
	}
	check_tables(settings, problems);
	nsc_problems_add(problems, nsc_profiling_open(&run->profiling, settings, &error), &error);
	check_dashboard(run, problems);
	return !status;
}

static void check_steps_of_start(struct nsc_run *run, struct nsc_problems *problems)
{
	const struct nsc_settings *settings = run->settings;
	bool confined = nsc_privileges_wanted(settings, nsc_source_is_exposed(settings) || settings->web.enabled);
	bool source = check_edges(run, problems);
	struct nsc_error error;
	uint32_t before;

	if (confined)
		nsc_problems_add(problems, nsc_privileges_drop(settings, &error), &error);
	before = problems->n;
	nsc_outputs_probe(settings, nsc_privileges_explain, problems);
	confined = confined && problems->n == before; /* a folder that cannot be had is told once */
	if (source)
		nsc_problems_add(problems, nsc_run_open_engine(run, &error), &error);
	if (confined)
		nsc_problems_add(problems, nsc_privileges_confine(settings, &error), &error);
}

static void check_close(struct nsc_run *run)
{
	nsc_dashboard_close(&run->dashboard);
	if (run->engine)
		nsc_engine_close(run->engine);
	nsc_profiling_close(&run->profiling);
	nsc_tracing_close(run->tracing);
	nsc_packet_filter_close(run->recorded);
	nsc_sources_close(&run->sources);
	nsc_geo_close();
	nsc_services_close();
}

enum nsc_exit nsc_run_check(const struct nsc_settings *settings, struct nsc_problems *problems)
{
	struct nsc_run run = { .settings = settings };

	nsc_run_say_without_use(settings);
	nsc_outputs_check_all(settings, problems);
	check_steps_of_start(&run, problems);
	check_close(&run);
	for (uint32_t i = 0; i < problems->n; i++)
		nsc_say_failure(&problems->said[i]);
	if (problems->more)
		nsc_tell(stderr, "and %u more", problems->more);
	return problems->n ? NSC_EXIT_USAGE : NSC_EXIT_OK;
}
