/* SPDX-License-Identifier: MIT
 *
 * Recordings of a run, from the settings.
 */
#include "tools/netscope/run_parts.h"

#include "netscope/web.h"
#include "tools/netscope/privileges.h"
#include "tools/netscope/say.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>

enum { HAS_SERVER = NSC_DASHBOARD };

/* "at most 128 bytes, headers only, of the first 64 KiB of a flow's direction" */
static void say_recorded(struct nsc_run *run)
{
	const struct nsc_settings *settings = run->settings;
	char *text = run->recorded_text;
	const size_t size = sizeof(run->recorded_text);
	int n;

	if (settings->recorder_snaplen)
		n = snprintf(text, size, "at most %" PRIu32 " bytes", settings->recorder_snaplen);
	else
		n = snprintf(text, size, settings->recorder_payload == NSC_PAYLOAD_ON ? "all bytes" : "its headers");
	if (settings->recorder_snaplen && settings->recorder_payload == NSC_PAYLOAD_OFF)
		n += snprintf(text + n, size - (size_t)n, " of its headers");
	if (settings->recorder_cutoff_kb)
		snprintf(text + n, size - (size_t)n, ", within the first %" PRIu32 " KiB of a flow's direction",
			 settings->recorder_cutoff_kb);
}

int nsc_run_recordings_open(struct nsc_run *run, struct nsc_error *error)
{
	const struct nsc_settings *settings = run->settings;
	bool recorder = settings->recorder_mb;
	const struct nsc_recordings_options options = {
		.folder = recorder ? settings->recordings.alerts : "",
		.alerts = settings->anomalies,
		.before_ns = (uint64_t)llround(settings->recordings.before_s * 1e9),
		.after_ns = (uint64_t)llround(settings->recordings.after_s * 1e9),
		.limit_bytes = settings->recordings.limit_mb << 20,
		.per_hour = settings->recordings.per_hour,
		.socket = settings->recordings.control_socket,
		.about = run->recorded_text,
		.live = run->sources.rx[0]->live,
		.decode = nsc_run_decode_options(settings),
	};
	int status;

	if (!options.folder[0] && !options.socket[0] && !(recorder && run->dashboard.web))
		return 0;
	say_recorded(run);
	status = nsc_recordings_open(&run->recordings, &options, error);
	if (status == -EACCES || status == -EPERM)
		nsc_privileges_explain(error);
	if (status)
		return status;
	nsc_outputs_add(&run->outputs, nsc_recordings_sink(run->recordings));
	return 0;
}

static int record_through(void *context, const struct nsc_record_ask *ask, const char *why, int fd,
			  struct nsc_error *error)
{
	return nsc_recordings_stream(context, ask, why, fd, error);
}

int nsc_run_recordings_start(struct nsc_run *run, struct nsc_error *error)
{
	if (!run->recordings)
		return 0;
	if (HAS_SERVER && run->dashboard.web && nsc_engine_recorder(run->engine))
		nsc_web_record_through(run->dashboard.web, record_through, run->recordings);
	return nsc_recordings_start(run->recordings, run->engine, error);
}

void nsc_run_recordings_record(struct nsc_run *run)
{
	struct nsc_error error;

	if (!run->recordings || !nsc_engine_recorder(run->engine))
		nsc_tell_at(NSC_LEVEL_WARNING, stderr,
			    "SIGUSR2 without --recorder-mb and --record-alerts: nothing is recorded");
	else if (nsc_recordings_ask_all(run->recordings, "signal", "asked for by SIGUSR2", &error))
		nsc_tell_at(NSC_LEVEL_WARNING, stderr, "SIGUSR2: nothing is recorded: %s", error.text);
}
