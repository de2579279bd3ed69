/* SPDX-License-Identifier: MIT
 *
 * netscope: the command line, then the run, or what was asked for instead of one.
 */
#include "engine/base/streams.h"
#include "tools/bench/bench.h"
#include "tools/extract/extract.h"
#include "tools/netscope/doctor.h"
#include "tools/netscope/extcap.h"
#include "tools/netscope/generate.h"
#include "tools/netscope/index.h"
#include "tools/netscope/interface_names.h"
#include "tools/netscope/interfaces.h"
#include "tools/netscope/options.h"
#include "tools/netscope/outputs.h"
#include "tools/netscope/privileges.h"
#include "tools/netscope/recorder.h"
#include "tools/netscope/run.h"
#include "tools/netscope/say.h"
#include "tools/netscope/signals.h"
#include "tools/netscope/version.h"
#include "tools/ship/schema.h"
#include "tools/ship/ship.h"
#include "tools/top/top.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static enum nsc_exit main_refuse(const struct nsc_error *error, enum nsc_exit status)
{
	nsc_say_failure(error);
	return status;
}

/* `netscope --help | head` is no failure; a full disk is. */
static bool reader_is_gone(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&out, 1, 0) == 1 && out.revents & POLLERR;
}

static enum nsc_exit printed(void)
{
	bool failed = fflush(stdout) || ferror(stdout);
	struct nsc_error error;

	if (!failed || reader_is_gone())
		return NSC_EXIT_OK;
	nsc_fail(&error, -EIO, "standard output could not be written");
	return main_refuse(&error, NSC_EXIT_FAILED);
}

static enum nsc_exit print_config(const struct nsc_settings *settings)
{
	struct nsc_error error;

	if (nsc_settings_toml_check(settings, &error))
		return main_refuse(&error, NSC_EXIT_USAGE);
	nsc_settings_toml(stdout, settings, false);
	return printed();
}

static enum nsc_exit list_interfaces(void)
{
	struct nsc_error error;

	return nsc_interfaces_print(stdout, &error) ? main_refuse(&error, NSC_EXIT_FAILED) : printed();
}

static enum nsc_exit see_doctor(const struct nsc_settings *settings)
{
	struct nsc_interface_names names = { .n = 0 };
	struct nsc_doctor doctor;
	struct nsc_error error;
	char *json;

	if (settings->interface[0] && nsc_interface_names(&names, settings->interface, &error))
		return main_refuse(&error, NSC_EXIT_FAILED);
	nsc_doctor_look(&doctor, &nsc_doctor_here, NULL, NULL);
	for (uint32_t i = 0; i < names.n; i++)
		if (nsc_doctor_look_also(&doctor, &nsc_doctor_here, names.name[i], &error))
			return main_refuse(&error, NSC_EXIT_FAILED);
	if (nsc_doctor_is_blind(&nsc_doctor_here, &error))
		nsc_say(&error);
	if (!settings->json) {
		nsc_doctor_print(stdout, &doctor, nsc_outputs_color(stdout));
		return printed();
	}
	json = nsc_doctor_json(&doctor);
	if (!json) {
		nsc_fail(&error, -ENOMEM, "no memory for the findings");
		return main_refuse(&error, NSC_EXIT_FAILED);
	}
	puts(json);
	free(json);
	return printed();
}

static enum nsc_exit look_at_sensor(const struct nsc_settings *settings)
{
	struct nsc_error error;
	int status = nsc_fail(&error, -ENOSYS, "this build has no dashboard"); /* the parser has refused it */

	if (NSC_DASHBOARD && settings->once)
		status = nsc_top_once(stdout, settings, &error);
	else if (NSC_DASHBOARD)
		status = nsc_top_run(settings, &error);
	if (!status)
		return printed();
	return main_refuse(&error, status == -EINVAL || status == -ENOTTY ? NSC_EXIT_USAGE : NSC_EXIT_FAILED);
}

/* Its exit status has meanings of its own (tools/bench/bench.h). */
static enum nsc_exit measure_here(const struct nsc_settings *settings)
{
	struct nsc_error error;
	enum nsc_exit told;
	int status = nsc_bench(stdout, settings, &error);

	if (status < 0)
		return main_refuse(&error, status == -EINVAL ? NSC_EXIT_USAGE : (enum nsc_exit)NSC_BENCH_FAILED);
	told = printed();
	return told ? (enum nsc_exit)NSC_BENCH_FAILED : (enum nsc_exit)status;
}

static enum nsc_exit index_files(const struct nsc_settings *settings)
{
	struct nsc_error error;
	int status = nsc_index_files(stdout, settings, &error);
	enum nsc_exit told = printed();

	if (!status)
		return told;
	if (error.text[0]) /* what is wrong with a file was said */
		nsc_say_failure(&error);
	return status == -EINVAL && error.text[0] ? NSC_EXIT_USAGE : NSC_EXIT_FAILED;
}

static enum nsc_exit ship_segments(const struct nsc_settings *settings)
{
	struct nsc_error error;
	int status = nsc_fail(&error, -ENOSYS, "this build has no netscope ship"); /* the parser has refused it */

	if (NSC_DASHBOARD)
		status = nsc_ship(stdout, settings, &error);
	if (!status)
		return printed();
	return main_refuse(&error, status == -EINVAL ? NSC_EXIT_USAGE : NSC_EXIT_FAILED);
}

static enum nsc_exit extract_packets(const struct nsc_settings *settings)
{
	struct nsc_error error;
	int status = nsc_extract(settings, &error);

	if (!status)
		return NSC_EXIT_OK;
	return main_refuse(&error, status == -EINVAL    ? NSC_EXIT_USAGE
				   : status == -ENODATA ? NSC_EXIT_NOTHING
							: NSC_EXIT_FAILED);
}

static enum nsc_exit ask_recorder(const struct nsc_settings *settings)
{
	struct nsc_error error;
	int status = nsc_recorder_ask(settings, &error);

	return status ? main_refuse(&error, status == -EINVAL ? NSC_EXIT_USAGE : NSC_EXIT_FAILED) : NSC_EXIT_OK;
}

static void generate_schema(FILE *out)
{
	if (NSC_DASHBOARD)
		nsc_ship_schema_new(out);
}

static void generate_old_schema(FILE *out)
{
	if (NSC_DASHBOARD)
		nsc_ship_schema_old(out);
}

/* In the order of the words of --generate in options.c, of which the first means nothing. */
static void (*const printers[])(FILE *) = {
	NULL,
	nsc_generate_man,
	nsc_generate_bash,
	nsc_generate_zsh,
	nsc_generate_cli_page,
	nsc_generate_config_page,
	nsc_settings_example,
	nsc_generate_metrics_page,
	nsc_generate_probes_page,
	generate_schema,
	generate_old_schema,
};

/* Nothing else than a run was asked for, or its check. */
static bool wants_run(const struct nsc_settings *settings)
{
	return !settings->help && !settings->version && !settings->generate && !settings->print_config &&
	       !settings->doctor && !settings->top && !settings->ships && !settings->bench && !settings->extracts &&
	       !settings->indexes && !settings->asks_recorder && !settings->list_interfaces;
}

static enum nsc_exit act(struct nsc_settings *settings)
{
	if (wants_run(settings))
		return nsc_run(settings);
	if (settings->extracts && !settings->help && !settings->version && !settings->generate)
		return extract_packets(settings);
	nsc_signals_restore();
	if (settings->help)
		nsc_options_help(stdout);
	else if (settings->version)
		printf("netscope %s\n", NSC_VERSION);
	else if (settings->generate)
		printers[settings->generate](stdout);
	else if (settings->print_config)
		return print_config(settings);
	else if (settings->doctor)
		return see_doctor(settings);
	else if (settings->top)
		return look_at_sensor(settings);
	else if (settings->ships)
		return ship_segments(settings);
	else if (settings->indexes)
		return index_files(settings);
	else if (settings->bench)
		return measure_here(settings);
	else if (settings->asks_recorder)
		return ask_recorder(settings);
	else
		return list_interfaces();
	return printed();
}

/* What is wrong with the command line comes first. Standard output says that all is well. */
static enum nsc_exit check_start(const struct nsc_settings *settings, struct nsc_problems *problems)
{
	enum nsc_exit status;

	nsc_signals_restore();
	status = nsc_run_check(settings, problems);
	if (status)
		return status;
	puts("netscope: no problem found: a run would start");
	return printed();
}

/* A configuration file that is a pipe may keep it waiting. */
static enum nsc_exit refuse_settings(struct nsc_error *error)
{
	if (!nsc_signals_received())
		return main_refuse(error, NSC_EXIT_USAGE);
	nsc_fail(error, 0, "interrupted by %s before the first packet: no output was written", nsc_signals_received());
	return main_refuse(error, NSC_EXIT_OK);
}

/* A question, which is answered, or a capture: then run->argc is not 0. */
static enum nsc_exit speak_with_wireshark(struct nsc_extcap_run *run, int argc, char *const *argv)
{
	struct nsc_error error;
	int status = nsc_extcap(run, argc, argv, stdout, &error);

	if (status)
		nsc_extcap_close(run);
	if (status == -EINTR)
		return NSC_EXIT_OK;
	if (status)
		return main_refuse(&error, status == -EINVAL ? NSC_EXIT_USAGE : NSC_EXIT_FAILED);
	return printed();
}

int main(int argc, char **argv)
{
	static struct nsc_settings settings;
	static struct nsc_problems problems;
	struct nsc_extcap_run extcap = { .argc = 0 };
	struct nsc_error error;
	enum nsc_exit status;

	if (nsc_streams_open(&error))
		return main_refuse(&error, NSC_EXIT_FAILED);
	nsc_say_open();
	nsc_signals_install();
	signal(SIGPIPE, SIG_IGN); /* a closed pipe is the failed write of whoever wrote */
	signal(SIGXFSZ, SIG_IGN); /* and so is a file that may not grow */
	nsc_privileges_raise();
	nsc_settings_init(&settings);
	settings.extcap = nsc_extcap_is(argc, argv);
	if (settings.extcap) {
		status = speak_with_wireshark(&extcap, argc, argv);
		if (!extcap.argc)
			return status;
		argc = extcap.argc;
		argv = extcap.argv;
	}
	nsc_settings_parse_all(&settings, argc, argv, &problems);
	if (settings.check && wants_run(&settings))
		status = check_start(&settings, &problems);
	else
		status = problems.n ? refuse_settings(&problems.said[0]) : act(&settings);
	nsc_settings_fini(&settings);
	nsc_extcap_close(&extcap);
	return status;
}
