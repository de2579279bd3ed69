/* SPDX-License-Identifier: MIT
 *
 * The life of a run, in the order in which it happens.
 */
#include "tools/netscope/run_parts.h"

#include "netscope/clock.h"
#include "netscope/geo.h"
#include "netscope/kept.h"
#include "netscope/services.h"
#include "tools/netscope/doctor.h"
#include "tools/netscope/options.h"
#include "tools/netscope/privileges.h"
#include "tools/netscope/say.h"
#include "tools/netscope/signals.h"
#include "tools/netscope/version.h"
#include "tools/netscope/web_history.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { WAIT_MS = 50 };

/* Keeps the largest status, prints the sentence. */
static enum nsc_exit run_fail(struct nsc_run *run, enum nsc_exit status, const struct nsc_error *error)
{
	if (status)
		nsc_say_failure(error);
	else
		nsc_say(error);
	run->exit = NSC_MAX(run->exit, status);
	return status;
}

/* --- before the first packet ------------------------------------------------------------------ */

/* "netscope: interrupted twice", and what follows from it. */
static void prepare_shutdown_text(const char *why, const char *names)
{
	char text[1024];

	snprintf(text, sizeof(text), "%snetscope: interrupted twice%s%s\n", nsc_say_level(NSC_LEVEL_ERROR), why, names);
	nsc_signals_shutdown_text(text);
}

static void prepare_shutdown_names(const struct nsc_settings *settings)
{
	char names[900];

	nsc_outputs_names(settings, names, sizeof(names));
	prepare_shutdown_text(names[0] ? ": not complete: " : "", names);
}

/* The machine as it was at the start, while it still may be looked at. An interface that went away meanwhile is for the
 * source to tell. */
static void look_at_machine(struct nsc_run *run)
{
	const struct nsc_interface_names *names = &run->sources.interfaces;
	struct nsc_doctor doctor;

	if (!run->settings->out.summary_json[0] && !run->settings->web.enabled)
		return;
	nsc_doctor_look(&doctor, &nsc_doctor_here, NULL, NULL);
	for (uint32_t i = 0; i < names->n; i++)
		nsc_doctor_look_also(&doctor, &nsc_doctor_here, names->name[i], NULL);
	run->doctor = nsc_doctor_json(&doctor);
}

static const char *input_of(struct nsc_run *run)
{
	const char *first = run->settings->read_pcap;
	unsigned more = 0;

	if (run->sources.interface[0])
		return run->sources.interface;
	if (!*first)
		return NULL;
	for (const char *path = nsc_path_next(first); *path; path = nsc_path_next(path))
		more++;
	if (!more)
		return first;
	snprintf(run->input, sizeof(run->input), "%.4096s and %u more", first, more);
	return run->input;
}

/* Of a source that is no file: none. */
static struct nsc_rx_file_report files_of(const struct nsc_run *run)
{
	bool others = run->sources.interface[0] || run->settings->backend == NSC_BACKEND_SYNTH;

	return others ? (struct nsc_rx_file_report){ .n = 0 } : nsc_rx_file_report(run->sources.rx[0]);
}

/* With all privileges that there are: its port may be a low one, its key for root's eyes. */
static int open_dashboard(struct nsc_run *run, struct nsc_error *error)
{
	struct nsc_dashboard_source source = {
		.name = run->sources.rx[0]->ops->name,
		.input = input_of(run),
		.clock = run->sources.rx[0]->clock,
		.files = files_of(run),
		.interfaces = run->sources.interfaces.n ? nsc_run_interfaces_show : NULL,
		.interfaces_context = run,
		.live = run->sources.rx[0]->live,
		.doctor_json = run->doctor,
		.tick_ns = nsc_run_tick_ns(run, run->settings),
		.profile = run->profiling.profile,
		.profile_why = run->profiling.why.text,
	};

	return nsc_dashboard_open(&run->dashboard, run->settings, &source, error);
}

/* Before privileges are given up, and files can be opened no more. */
static int open_tables(const struct nsc_settings *settings, struct nsc_error *error)
{
	int status = settings->services ? nsc_services_open(error) : 0;

	for (const char *path = settings->geoip; *path && !status; path = nsc_path_next(path))
		status = nsc_geo_open(path, error);
	return status;
}

static int open_outputs(struct nsc_run *run, struct nsc_error *error)
{
	int status = nsc_outputs_open(&run->outputs, run->settings, run->sources.rx[0],
				      nsc_run_record_memory(run->settings), error);

	if (!status && run->dashboard.web)
		nsc_outputs_add(&run->outputs, nsc_dashboard_sink(&run->dashboard));
	if (!status)
		status = nsc_web_history_open(&run->dashboard, run->settings, error);
	if (status == -EACCES || status == -EPERM)
		nsc_privileges_explain(error);
	return status;
}

static int open_edges(struct nsc_run *run, struct nsc_error *error)
{
	struct nsc_memory_use before = nsc_memory_use(), now;
	int status = nsc_sources_open(&run->sources, run->settings, error);

	if (!status)
		status = open_tables(run->settings, error);
	if (!status) {
		look_at_machine(run);
		status = nsc_profiling_open(&run->profiling, run->settings, error);
	}
	if (!status)
		status = open_dashboard(run, error);
	if (!status) {
		nsc_run_feed_open(run);
		run->confined = nsc_privileges_wanted(run->settings, nsc_source_is_exposed(run->settings) ||
									     run->settings->web.enabled);
		status = run->confined ? nsc_privileges_drop(run->settings, error) : 0;
	}
	if (!status)
		status = open_outputs(run, error);
	if (!status)
		status = nsc_run_recordings_open(run, error);
	now = nsc_memory_use();
	run->memory = (struct nsc_memory){
		.program = before.mapped,
		.edges = now.mapped - before.mapped,
		.to_come = now.mapped - before.mapped -
			   NSC_MIN(now.resident - before.resident, now.mapped - before.mapped),
	};
	return status;
}

static const char *says_how_to_record(const struct nsc_settings *settings)
{
	if (settings->recorder_filter[0])
		return "filter";
	if (settings->recorder_payload == NSC_PAYLOAD_OFF)
		return "payload";
	return settings->recorder_snaplen ? "snaplen" : settings->recorder_cutoff_kb ? "cutoff-kb" : NULL;
}

/* Nothing will ever come: better said at once than looked for later. */
void nsc_run_say_without_use(const struct nsc_settings *settings)
{
	struct nsc_error error;

	if (settings->out.alerts_jsonl[0] && !settings->anomalies)
		nsc_fail(&error, 0,
			 "--alerts-jsonl without --anomalies: there will be no alerts, and %.300s is not touched",
			 settings->out.alerts_jsonl);
	else if (settings->anomalies && !settings->syn_flood.enabled && !settings->port_scan.enabled &&
		 !settings->udp_icmp_flood.enabled && !settings->microburst.enabled)
		nsc_fail(&error, 0, "--anomalies with every detector switched off: there will be no alerts");
	else if (settings->out.timeline_out[0] && !settings->timeline)
		nsc_fail(&error, 0, "--timeline-out with --no-timeline: nothing is kept, and %.300s is not touched",
			 settings->out.timeline_out);
	else if (settings->out.profile_out[0] && !settings->profile_hz)
		nsc_fail(&error, 0, "--profile-out with --profile 0: nothing is sampled, and %.300s is not touched",
			 settings->out.profile_out);
	else if (settings->web.history[0] && !settings->web.enabled)
		nsc_fail(&error, 0, "--web-history without --web: no history is kept, and %.300s is not touched",
			 settings->web.history);
	else if (settings->recordings.alerts[0] && !settings->anomalies)
		nsc_fail(&error, 0,
			 "--record-alerts without --anomalies: there will be no alerts, only SIGUSR2 records");
	else if (!settings->recorder_mb && says_how_to_record(settings))
		nsc_fail(&error, 0, "--recorder-%s without --recorder-mb: no packets are recorded",
			 says_how_to_record(settings));
	else if (settings->direct == NSC_DIRECT_CHOICE_ON && !settings->read_pcap[0])
		nsc_fail(&error, 0, "--direct on without a capture file: nothing is read from a disk");
	else if (settings->readers > 1 && nsc_source_is_live(settings))
		nsc_fail(&error, 0, "--readers %u without a capture file: --workers says how many threads capture",
			 settings->readers);
	else
		return;
	nsc_say(&error);
}

/* The same for what only rows of flows have. */
static void say_tables_without_use(const struct nsc_run *run)
{
	const struct nsc_settings *settings = run->settings;
	struct nsc_error error;

	if (!(settings->geoip[0] || settings->services) || run->dashboard.web ||
	    nsc_outputs_want_records(&run->outputs))
		return;
	nsc_fail(&error, 0, "--%s without an output of flows and without the dashboard: nothing will show it",
		 settings->geoip[0] ? "geoip" : "services");
	nsc_say(&error);
}

/* The source comes first: an input that cannot be read must not cost anybody an old output. Then the user changes, who
 * opens the outputs. */
static enum nsc_exit run_open_all(struct nsc_run *run)
{
	struct nsc_error error;
	int status;

	if (nsc_outputs_check(run->settings, &error) || nsc_dashboard_check(run->settings, &error) ||
	    nsc_web_history_check(run->settings, &error))
		return run_fail(run, NSC_EXIT_USAGE, &error);
	nsc_run_say_without_use(run->settings);
	prepare_shutdown_names(run->settings);
	nsc_run_notify_open(run);
	status = open_edges(run, &error);
	if (status == -EINTR && nsc_signals_received()) {
		nsc_fail(&error, 0, "interrupted by %s before the first packet: no output was written",
			 nsc_signals_received());
		run_fail(run, NSC_EXIT_OK, &error);
		return NSC_EXIT_FAILED; /* nothing to run, but no failure to report */
	}
	if (!status) {
		say_tables_without_use(run);
		nsc_run_place_choose(run);
		status = nsc_run_open_engine(run, &error);
	}
	if (!status) /* has sockets of its own to ask with: none is made once the run is confined */
		nsc_run_interfaces_open(run);
	if (!status && run->confined)
		status = nsc_privileges_confine(run->settings, &error);
	if (!status)
		status = nsc_run_place_take(run, &error);
	if (!status) /* these threads are confined, too */
		status = nsc_profiling_start(&run->profiling, run->settings, &error);
	if (!status)
		status = nsc_run_recordings_start(run, &error);
	if (!status)
		status = nsc_dashboard_start(&run->dashboard, run->engine, &error);
	if (status)
		return run_fail(run, status == -ENOEXEC ? NSC_EXIT_USAGE : NSC_EXIT_FAILED, &error);
	if (run->sources.rx[0]->live)
		nsc_signals_rotate();
	if (run->sources.note.text[0] && (run->settings->verbose || run->sources.fell_back))
		nsc_tell_at(run->sources.fell_back ? NSC_LEVEL_WARNING : NSC_LEVEL_INFO, stderr, "%s",
			    run->sources.note.text);
	nsc_engine_budget(run->engine, &run->budget);
	if (run->settings->verbose)
		nsc_memory_print(stderr, &run->memory, &run->budget, run->settings->max_flows == 0);
	nsc_tell_through(nsc_terminal_pump(nsc_outputs_messages(&run->outputs))); /* a thread, confined as all others */
	return NSC_EXIT_OK;
}

/* --- the run ---------------------------------------------------------------------------------- */

/* Lines of packets or statistics on the same terminal would tear the bar, and they show that it goes on. */
static struct nsc_progress *open_progress(const struct nsc_run *run)
{
	struct nsc_rx_counters counters;

	bool printing = run->settings->stats || !run->settings->out.quiet;

	if (!run->settings->progress || run->sources.rx[0]->live || (printing && isatty(fileno(run->outputs.human))))
		return NULL;
	run->sources.rx[0]->ops->counters(run->sources.rx[0], &counters);
	return nsc_progress_open(STDERR_FILENO, counters.file_size);
}

/* What failed is told at once, not when the run ends: by then hours may be missing. */
static void tell_outputs(struct nsc_run *run)
{
	char failing[sizeof(run->dashboard.output_failed)];
	struct nsc_error error;
	enum nsc_output_news news;
	bool any = false;

	for (; (news = nsc_engine_output_news(run->engine, &error)); any = true)
		nsc_tell_at(news == NSC_OUTPUT_FAILS ? NSC_LEVEL_ERROR : NSC_LEVEL_NOTICE, stderr, "%s", error.text);
	if (!any)
		return;
	nsc_engine_outputs_failing(run->engine, failing, sizeof(failing));
	nsc_dashboard_outputs(&run->dashboard, failing);
}

/* Once a second; more often would only write to a full disk. */
static void look_at_outputs(struct nsc_run *run, uint64_t now_ns)
{
	if (now_ns >= run->outputs_look_ns) {
		run->outputs_look_ns = now_ns + NSC_NS_PER_SEC;
		nsc_engine_check_outputs(run->engine);
	}
	tell_outputs(run);
}

static void tell_steps(struct nsc_run *run)
{
	const struct nsc_steady_log *log = run->sources.rx[0]->clock_log;
	struct nsc_steady_step step[NSC_STEADY_STEPS_KEPT];
	uint32_t n = log ? nsc_steady_log_read(log, step) : 0;
	char text[NSC_STEADY_TEXT];

	for (; run->steps_told < n; run->steps_told++) {
		nsc_steady_step_text(text, &step[run->steps_told]);
		nsc_tell(stderr, "%s", text);
	}
}

/* What failed when the run was over already; the run's failure comes last. */
static void tell_last_outputs(struct nsc_run *run, const char *failure)
{
	struct nsc_error error;
	enum nsc_output_news news;

	while ((news = nsc_engine_output_news(run->engine, &error)))
		if (news == NSC_OUTPUT_FAILS && strcmp(error.text, failure))
			run_fail(run, NSC_EXIT_FAILED, &error);
}

static void tell_dump(struct nsc_run *run, int status, const struct nsc_error *error)
{
	if (status > 0)
		nsc_say(error);
	else if (status && status != -EPIPE)
		run_fail(run, NSC_EXIT_FAILED, error);
}

/* At the end, and whenever SIGUSR1 asks for them: what was named. */
static void write_dumps(struct nsc_run *run, bool ended)
{
	const struct nsc_out_asked *out = &run->settings->out;
	struct nsc_error error;
	int status;

	if (out->timeline_out[0] || !out->profile_out[0]) {
		status = nsc_outputs_write_timeline(&run->outputs, run->settings, run->engine, ended, &error);
		tell_dump(run, status, &error);
	}
	if (out->profile_out[0]) {
		status = nsc_outputs_write_profile(&run->outputs, run->settings, run->profiling.profile, ended, &error);
		tell_dump(run, status, &error);
	}
}

static void wait_for_end(struct nsc_run *run)
{
	struct nsc_progress *progress = open_progress(run);
	struct nsc_counters totals;

	while (!nsc_engine_wait(run->engine, WAIT_MS)) {
		bool count = nsc_run_interfaces_look(run);

		nsc_run_notify_look(run, nsc_monotonic_ns());
		tell_steps(run);
		nsc_run_feed_tell(run);
		if (nsc_signals_take_hangup())
			nsc_run_reload(run);
		nsc_run_reload_look(run);
		if (nsc_signals_take_dump())
			write_dumps(run, false);
		if (nsc_signals_take_record())
			nsc_run_recordings_record(run);
		nsc_dashboard_logins(&run->dashboard, nsc_monotonic_ns());
		nsc_web_history_look(&run->dashboard);
		if (run->sources.rx[0]->live)
			look_at_outputs(run, nsc_monotonic_ns());
		if (count)
			nsc_run_interfaces_count(run);
		if (!progress)
			continue;
		nsc_engine_totals(run->engine, &totals);
		nsc_progress_update(progress, &totals, nsc_monotonic_ns());
	}
	nsc_progress_close(progress);
	tell_steps(run);
	nsc_run_feed_tell(run);
}

static enum nsc_exit run_engine(struct nsc_run *run)
{
	struct nsc_error error;
	int status;

	nsc_outputs_attach(&run->outputs, run->engine);
	run->started_ns = nsc_monotonic_ns();
	nsc_signals_block(true); /* threads inherit it: signals come to this one only */
	status = nsc_engine_start(run->engine, &error);
	nsc_signals_block(false);
	if (status)
		return run_fail(run, NSC_EXIT_FAILED, &error);
	nsc_signals_watch(run->engine);
	nsc_dashboard_running(&run->dashboard);
	nsc_run_notify_ready(run);
	wait_for_end(run);
	if (!run->dashboard.web) /* the last outputs may take their time */
		nsc_run_notify_stopping(run);
	nsc_signals_watch(NULL);
	prepare_shutdown_text(": the summary is not complete", "");
	run->elapsed_ns = nsc_monotonic_ns() - run->started_ns;
	return NSC_EXIT_OK;
}

/* --- after the last packet -------------------------------------------------------------------- */

static int copy_view(struct nsc_run *run, struct nsc_error *error)
{
	size_t size = (nsc_engine_view_size(run->engine) + NSC_CACHE_LINE - 1) / NSC_CACHE_LINE * NSC_CACHE_LINE;

	run->view = aligned_alloc(NSC_CACHE_LINE, size);
	if (!run->view)
		return nsc_fail(error, -ENOMEM, "no memory for the summary");
	if (!nsc_engine_view_copy(run->engine, run->view))
		return nsc_fail(error, -ENODATA, "the engine published no totals: this is a bug in netscope");
	return 0;
}

/* What is wrong at two of them could add up to nothing. */
static void check_ledger_of_each(struct nsc_run *run)
{
	struct nsc_rx_interface interface[NSC_LIVE_INTERFACES_MAX];
	uint32_t n = run->sources.interfaces.n > 1 ? nsc_rx_live_interfaces(run->sources.rx[0], interface) : 0;
	struct nsc_error error;

	for (uint32_t i = 0; i < n; i++) {
		const struct nsc_rx_counters *rx = &interface[i].counters;
		uint64_t came = rx->received + rx->kernel_drops + rx->left;

		if (rx->kernel_seen == came && rx->received == rx->filtered + rx->delivered)
			continue;
		nsc_fail(&error, 0,
			 "the ledger does not balance: %s: the kernel had %" PRIu64 " for us, and %" PRIu64
			 " were received, lost or left; of %" PRIu64 " received %" PRIu64 " were filtered or delivered",
			 interface[i].name, rx->kernel_seen, came, rx->received, rx->filtered + rx->delivered);
		run_fail(run, NSC_EXIT_LEDGER, &error);
	}
}

static void check_ledger(struct nsc_run *run)
{
	struct nsc_ledger ledger;
	struct nsc_error error;

	nsc_ledger_check(&ledger, &run->view->totals, true, run->view->lanes);
	for (uint32_t i = 0; i < ledger.n; i++) {
		const struct nsc_ledger_line *line = &ledger.line[i];

		if (line->have == line->want)
			continue;
		nsc_fail(&error, 0, "the ledger does not balance: %s: %" PRIu64 " against %" PRIu64, line->what,
			 line->have, line->want);
		run_fail(run, NSC_EXIT_LEDGER, &error);
	}
	check_ledger_of_each(run);
}

/* `sink`: of a live run, which waits for no reader; NULL = none. 0 or -errno and one sentence. */
static int print_summary(const struct nsc_summary *summary, const struct nsc_sink *sink, FILE *out,
			 struct nsc_error *error)
{
	char *text = NULL;
	size_t length;
	FILE *memory = open_memstream(&text, &length);
	int status = memory ? nsc_summary_print(memory, summary, nsc_outputs_color(out)) : -errno;

	if (memory)
		fclose(memory);
	status = status ? nsc_fail(error, status, "%s", strerror(-status))
			: nsc_terminal_print(sink, fileno(out), text, error);
	free(text);
	return status;
}

static void write_summary(struct nsc_run *run, const char *failure)
{
	struct nsc_summary_interface interface[NSC_LIVE_INTERFACES_MAX];
	struct nsc_summary_place place[NSC_CORES_MAX];
	char *config = nsc_settings_json(run->settings);
	struct nsc_rx_file_report files = files_of(run);
	struct nsc_summary summary = {
		.view = run->view,
		.elapsed_ns = run->elapsed_ns,
		.source = run->sources.rx[0]->ops->name,
		.input = input_of(run),
		.live = run->sources.rx[0]->live,
		.clock = run->sources.rx[0]->clock,
		.clock_log = run->sources.rx[0]->clock_log,
		.interface = interface,
		.interfaces = nsc_run_interfaces_ask(run, interface),
		.version = NSC_VERSION,
		.config_json = config,
		.doctor_json = run->doctor,
		.budget = &run->budget,
		.files = files.n ? &files : NULL,
		.filter = run->settings->filter[0] ? run->settings->filter : NULL,
		.trace = nsc_tracing_report(run->tracing, run->engine),
		.cores = run->placing.said[0] ? run->placing.said : NULL,
		.place = place,
		.places = nsc_run_place_list(run, place),
		.near_memory = run->placing.memory,
		.failure = failure,
	};
	struct nsc_error error, why;
	int status =
		run->settings->extcap ? 0 : print_summary(&summary, run->outputs.terminal, run->outputs.human, &why);

	if (status && status != -EPIPE) {
		if (run->outputs.human != stderr) /* the numbers of a long run are not lost */
			print_summary(&summary, run->outputs.messages, stderr, NULL);
		nsc_fail(&error, status, "the summary could not be printed: %.400s", why.text);
		run_fail(run, NSC_EXIT_FAILED, &error);
	}
	status = run->outputs.summary ? nsc_summary_json_write(run->outputs.summary, &summary, &error) : 0;
	if (status && status != -EPIPE)
		run_fail(run, NSC_EXIT_FAILED, &error);
	free(config);
}

/* The source failed with the sentence of the first file that could not be read to its end. */
static void tell_other_files(struct nsc_run *run, const char *told)
{
	struct nsc_rx_file_report files = files_of(run);

	for (uint32_t i = 0; i < files.n; i++)
		if (files.part[i].failure.text[0] && strcmp(files.part[i].failure.text, told))
			run_fail(run, NSC_EXIT_FAILED, &files.part[i].failure);
}

/* Only packets go through the engine: what the input had beside them is kept apart, as far as it can be. */
static void tell_missing(const struct nsc_run *run)
{
	const char *path = run->settings->out.write_pcap;
	size_t length = strlen(path);
	struct nsc_error error;

	if (length &&
	    nsc_kept_missing(length > 7 && !strcasecmp(path + length - 7, ".pcapng"), error.text, sizeof(error.text)))
		nsc_say(&error);
}

static bool has_lost_output(const struct nsc_run *run)
{
	const uint64_t *total = run->view->totals.value;

	return total[NSC_C_OUTPUT_LOST_PACKETS] || total[NSC_C_OUTPUT_LOST_ROWS];
}

/* The summary first, so that what went wrong is the last thing on the terminal. */
static void conclude(struct nsc_run *run)
{
	struct nsc_error failure, error;
	bool failed = nsc_engine_status(run->engine, &failure) != 0;

	nsc_profiling_ended(&run->profiling);
	nsc_dashboard_ended(&run->dashboard, failed ? failure.text : NULL);
	if (copy_view(run, &error)) {
		run_fail(run, NSC_EXIT_FAILED, failed ? &failure : &error);
		return;
	}
	write_summary(run, failed ? failure.text : NULL);
	write_dumps(run, true);
	tell_last_outputs(run, failed ? failure.text : "");
	if (failed)
		run_fail(run, NSC_EXIT_FAILED, &failure);
	tell_other_files(run, failed ? failure.text : "");
	tell_missing(run);
	if (run->settings->verbose && run->outputs.opened[NSC_SINK_export] && !failed)
		nsc_tell(stderr, "%" PRIu64 " flows exported", nsc_export_rows(run->outputs.opened[NSC_SINK_export]));
	check_ledger(run);
	if (nsc_privileges_refused(&error))
		run_fail(run, NSC_EXIT_FAILED, &error);
	if (nsc_signals_received() && !run->settings->extcap)
		nsc_tell(stderr, "interrupted by %s%s", nsc_signals_received(),
			 has_lost_output(run) ? "" : ": outputs hold everything that was read until then");
}

/* The last sentences reach their reader, if there is one. */
static void hear_out(struct nsc_run *run)
{
	if (nsc_outputs_messages(&run->outputs))
		nsc_terminal_print(nsc_outputs_messages(&run->outputs), STDERR_FILENO, "", NULL);
	nsc_tell_through(NULL);
}

static void run_close_all(struct nsc_run *run)
{
	hear_out(run);
	nsc_dashboard_close(&run->dashboard); /* it looks at the engine, at the profile and at recordings */
	nsc_recordings_close(run->recordings);
	nsc_outputs_close(&run->outputs); /* gives held chunks back */
	if (run->engine)
		nsc_engine_close(run->engine);
	nsc_profiling_close(&run->profiling); /* the engine looks at its counters */
	nsc_tracing_close(run->tracing);
	nsc_packet_filter_close(run->recorded);
	nsc_run_interfaces_close(run);
	nsc_notify_close(&run->notify);
	nsc_sources_close(&run->sources);
	nsc_geo_close();
	nsc_services_close();
	free(run->view);
	free(run->doctor);
}

/* What has ended stays on show, and in the recorder. */
static void linger_look(void *context)
{
	nsc_run_notify_linger(context);
	if (nsc_signals_take_record())
		nsc_run_recordings_record(context);
}

enum nsc_exit nsc_run(struct nsc_settings *settings)
{
	struct nsc_run run = { .settings = settings, .notify.fd = -1 };
	struct nsc_error error;

	nsc_run_reload_open(&run, settings);
	if (!run_open_all(&run) && !run_engine(&run)) {
		conclude(&run);
		nsc_dashboard_linger(&run.dashboard, linger_look, &run);
	}
	if (nsc_web_history_save(&run.dashboard, &error))
		run_fail(&run, NSC_EXIT_FAILED, &error);
	nsc_run_notify_stopping(&run);
	run_close_all(&run);
	return run.exit;
}
