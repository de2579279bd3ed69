/* SPDX-License-Identifier: MIT
 *
 * Rules between options.
 */
#include "tools/netscope/options.h"

#include "backends/rx/file_filter.h"
#include "backends/rx/gen.h"

#include <errno.h>

static int check_source(const struct nsc_settings *settings, struct nsc_error *error)
{
	bool file = settings->read_pcap[0];

	switch ((enum nsc_backend)settings->backend) {
	case NSC_BACKEND_AUTO:
		return file ? 0 : nsc_fail(error, -EINVAL, "no source: name a capture file with -r PATH, or make traffic "
					   "with --backend synth; see netscope --help");
	case NSC_BACKEND_FILE:
		return file ? 0 : nsc_fail(error, -EINVAL, "--backend file reads a capture file: name it with -r PATH");
	case NSC_BACKEND_SYNTH:
		return file ? nsc_fail(error, -EINVAL, "--backend synth makes its own packets: leave -r out") : 0;
	case NSC_BACKEND_PCAP:
	case NSC_BACKEND_TPACKET:
		return nsc_fail(error, -EINVAL, "--backend %s: live capture is not available in this build, "
				"which has auto, file and synth",
				settings->backend == NSC_BACKEND_PCAP ? "pcap" : "tpacket");
	}
	return nsc_fail(error, -EINVAL, "--backend: no such source: this is a bug in netscope");
}

static int check_synth(const struct nsc_settings *settings, struct nsc_error *error)
{
	struct nsc_gen_options options = { .traffic = settings->synth };

	if (settings->backend != NSC_BACKEND_SYNTH)
		return 0;
	if (settings->filter[0])
		return nsc_fail(error, -EINVAL, "--filter works on a capture file, not on --backend synth");
	return nsc_gen_check(&options, error);
}

/* Compiled here for every link type that there is, so that a misspelt filter is found before anything is opened. */
static int check_filter(const struct nsc_settings *settings, struct nsc_error *error)
{
	struct nsc_file_filter *filter;
	int status;

	if (!settings->filter[0])
		return 0;
	status = nsc_file_filter_open(&filter, settings->filter, -1, error);
	if (!status)
		nsc_file_filter_close(filter);
	return status;
}

/* A person who asks for workers wants them; a configuration file may name a number and leave the pipeline off. */
static int check_pipeline(struct nsc_settings *settings, struct nsc_error *error)
{
	bool asked = nsc_settings_origin(settings, "workers") == NSC_ORIGIN_COMMAND_LINE;
	bool decided = nsc_settings_origin(settings, "pipeline") == NSC_ORIGIN_COMMAND_LINE;

	if (!asked)
		return 0;
	if (!decided)
		settings->pipeline = true;
	if (!settings->pipeline && settings->workers > 1)
		return nsc_fail(error, -EINVAL, "--workers %u needs the pipeline, which --no-pipeline turns off",
				settings->workers);
	return 0;
}

int nsc_settings_check(struct nsc_settings *settings, struct nsc_error *error)
{
	bool runs = !settings->print_config && !settings->list_interfaces && !settings->generate;
	int status = runs ? check_source(settings, error) : 0;

	if (!status)
		status = check_synth(settings, error);
	if (!status)
		status = check_filter(settings, error);
	if (!status)
		status = check_pipeline(settings, error);
	return status;
}
