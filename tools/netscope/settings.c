/* SPDX-License-Identifier: MIT
 *
 * Rules between options.
 */
#include "tools/netscope/options.h"
#include "tools/netscope/privileges.h"
#include "tools/netscope/source.h"

#include "backends/sinks/parquet.h"
#include "backends/sources/dpdk.h"
#include "backends/sources/feed.h"
#include "backends/sources/file_filter.h"
#include "backends/sources/gen.h"
#include "engine/detect/networks.h"
#include "engine/text/profile.h"

#include "netscope/decode.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file on the command line stands over an interface in the configuration file, and the other way round. */
static int check_file_or_interface(struct nsc_settings *settings, struct nsc_error *error)
{
	enum nsc_origin file = nsc_settings_origin(settings, "read-pcap");
	enum nsc_origin interface = nsc_settings_origin(settings, "interface");

	if (!settings->read_pcap[0] || !settings->interface[0])
		return 0;
	if (file == interface)
		return nsc_fail(error, -EINVAL, "-i reads an interface and -r a capture file: leave one of them out");
	if (file > interface)
		settings->interface = "";
	else
		settings->read_pcap = "";
	return 0;
}

static int check_interfaces(struct nsc_settings *settings, struct nsc_error *error)
{
	bool several = settings->interface[0] && (nsc_path_next(settings->interface)[0] ||
						  settings->interface[strcspn(settings->interface, ",*?[")]);

	if (several && settings->bench)
		return nsc_fail(error, -EINVAL, "netscope bench measures one interface at a time: name it with -i");
	return nsc_interface_names_check(settings->interface, error);
}

static int check_stdin(struct nsc_settings *settings, struct nsc_error *error)
{
	unsigned n = 0;

	for (const char *path = settings->read_pcap; *path; path = nsc_path_next(path))
		n += !strcmp(path, "-");
	return n < 2 ? 0 : nsc_fail(error, -EINVAL, "standard input, -, can be read only once");
}

/* Nothing that stands behind a feed would ever be read: it has no end. */
static int check_feed(struct nsc_settings *settings, struct nsc_error *error)
{
	uint16_t port;
	int status = 0;

	for (const char *path = settings->read_pcap; *path && !status; path = nsc_path_next(path)) {
		if (!nsc_feed_is(path))
			continue;
		status = nsc_feed_check(path, &port, error);
		if (!status && (path != settings->read_pcap || nsc_path_next(path)[0]))
			status = nsc_fail(error, -EINVAL, "\"%.200s\" is read alone: leave the other inputs out", path);
	}
	return status;
}

/* What was recorded is read whole, unless somebody asks for less; only a live capture must bound it. */
static int choose_snaplen(struct nsc_settings *settings, struct nsc_error *error)
{
	const struct nsc_option *snaplen = nsc_option_find("snaplen");

	if (settings->read_pcap[0] && nsc_option_is_default(settings, snaplen) &&
	    nsc_settings_origin(settings, "snaplen") != NSC_ORIGIN_COMMAND_LINE)
		settings->snaplen = 0;
	return 0;
}

static int check_dpdk(const struct nsc_settings *settings, struct nsc_error *error)
{
	struct nsc_dpdk_port port;

	if (settings->read_pcap[0] || settings->interface[0])
		return nsc_fail(error, -EINVAL, "--backend dpdk captures from --dpdk-port: leave -r and -i out");
	if (!settings->dpdk_port[0])
		return nsc_fail(error, -EINVAL,
				"--backend dpdk needs a port: --dpdk-port 0000:01:00.0, or "
				"--dpdk-port vdev=net_pcap0,rx_pcap=FILE");
	return nsc_dpdk_port_parse(&port, settings->dpdk_port, error);
}

static int check_source(struct nsc_settings *settings, struct nsc_error *error)
{
	const char *backend = settings->backend == NSC_BACKEND_PCAP ? "pcap" : "tpacket";
	bool file = settings->read_pcap[0], interface = settings->interface[0];

	if (settings->print_config || settings->list_interfaces || settings->generate || settings->doctor ||
	    settings->top || settings->ships || settings->bench || settings->extracts || settings->indexes ||
	    settings->asks_recorder)
		return 0;
	switch ((enum nsc_backend)settings->backend) {
	case NSC_BACKEND_AUTO:
		return 0;
	case NSC_BACKEND_FILE:
		return file ? 0 : nsc_fail(error, -EINVAL, "--backend file reads a capture file: name it with -r PATH");
	case NSC_BACKEND_SYNTH:
		return file || interface ? nsc_fail(error, -EINVAL,
						    "--backend synth makes its own packets: leave -r and -i out")
					 : 0;
	case NSC_BACKEND_DPDK:
		return check_dpdk(settings, error);
	case NSC_BACKEND_PCAP:
	case NSC_BACKEND_TPACKET:
		return file ? nsc_fail(error, -EINVAL, "--backend %s captures from an interface: leave -r out", backend)
			    : 0;
	}
	return nsc_fail(error, -EINVAL, "--backend: no such source: this is a bug in netscope");
}

static int check_synth(struct nsc_settings *settings, struct nsc_error *error)
{
	struct nsc_gen_options options = { .traffic = settings->synth };

	if (settings->backend != NSC_BACKEND_SYNTH)
		return 0;
	if (settings->filter[0])
		return nsc_fail(error, -EINVAL, "--filter works on a capture file, not on --backend synth");
	return nsc_gen_check(&options, error);
}

/* Compiled here for every link type that there is, so that a misspelt filter is found before anything is opened.
 * The link types of the files decide when they are known. */
static int check_expression(const char *expression, bool live, struct nsc_error *error)
{
	struct nsc_file_filter *filter;
	int status;

	if (!expression[0])
		return 0;
	status = nsc_file_filter_open(&filter, expression, -1, live, error);
	if (!status)
		nsc_file_filter_close(filter);
	return status;
}

/* Packets to trace or to record are looked at in the program: nothing is asked of the kernel, live neither. */
static int check_filter(struct nsc_settings *settings, struct nsc_error *error)
{
	int status = check_expression(settings->filter, nsc_source_is_live(settings), error);

	if (!status)
		status = check_expression(settings->trace, false, error);
	return status ? status : check_expression(settings->recorder_filter, false, error);
}

/* How many workers there are by default is known later, and then asked again. */
static int check_recorder(struct nsc_settings *settings, struct nsc_error *error)
{
	uint64_t workers = NSC_MAX(NSC_MAX(settings->workers, settings->readers), 1u);

	if (!settings->recorder_mb || settings->recorder_mb << 20 >= workers * NSC_RECORDER_BYTES_MIN)
		return 0;
	return nsc_fail(error, -EINVAL,
			"--recorder-mb wants at least %llu for each of %" PRIu64 " workers; found %" PRIu64,
			NSC_RECORDER_BYTES_MIN >> 20, workers, settings->recorder_mb);
}

static int check_recordings(struct nsc_settings *settings, struct nsc_error *error)
{
	if (settings->recordings.last[0] && !settings->asks_recorder)
		return nsc_fail(error, -EINVAL, "--last belongs to `netscope recorder`");
	if (settings->asks_recorder || !settings->recordings.alerts[0] || settings->recorder_mb)
		return 0;
	return nsc_fail(error, -EINVAL,
			"--record-alerts writes packets that were kept in memory: --recorder-mb N says in how much");
}

/* Lines and files come from the same copies. */
static int check_cutoff(struct nsc_settings *settings, struct nsc_error *error)
{
	if (!settings->write_pcap_cutoff_kb || !settings->out.write_pcap[0] || settings->out.quiet)
		return 0;
	return nsc_fail(error, -EINVAL,
			"--write-pcap-cutoff-kb leaves packets out, which packet lines show: give --quiet, too");
}

/* A reader does not have the packets in order while it looks at them. */
static int check_trace(struct nsc_settings *settings, struct nsc_error *error)
{
	if (!settings->trace[0] || settings->readers < 2)
		return 0;
	return nsc_fail(error, -EINVAL, "--trace and --readers %u: packets are traced where one thread reads",
			settings->readers);
}

/* Who names a file for it wants a profile. */
static int check_profile(struct nsc_settings *settings, struct nsc_error *error)
{
	enum nsc_profile_format format;

	if (!settings->out.profile_out[0])
		return 0;
	if (!nsc_profile_format_of(settings->out.profile_out, &format))
		return nsc_fail(
			error, -EINVAL,
			"--profile-out takes a name that ends in .folded, .json, .pb.gz or .pprof, not '%.300s'",
			settings->out.profile_out);
	if (nsc_settings_origin(settings, "profile") == NSC_ORIGIN_DEFAULT)
		settings->profile_hz = NSC_PROFILE_HZ;
	return 0;
}

/* Readers are the workers. */
static int check_readers(struct nsc_settings *settings, struct nsc_error *error)
{
	bool counted = nsc_settings_origin(settings, "workers") == NSC_ORIGIN_COMMAND_LINE && settings->workers;

	if (settings->readers < 2 || !counted || settings->workers == settings->readers)
		return 0;
	return nsc_fail(error, -EINVAL,
			"--readers %u and --workers %u: each reader is a worker, so leave --workers out",
			settings->readers, settings->workers);
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

/* A queue for each worker, or one for all of them. */
static int check_dpdk_queues(struct nsc_settings *settings, struct nsc_error *error)
{
	uint32_t queues = settings->dpdk_queues, workers = nsc_workers_wanted(settings);

	if (settings->backend != NSC_BACKEND_DPDK || queues < 2)
		return 0;
	if (settings->decap)
		return nsc_fail(error, -EINVAL, "--dpdk-queues %u and --decap: the port knows the outer headers only",
				queues);
	if (queues == workers)
		return 0;
	return nsc_fail(error, -EINVAL,
			"--dpdk-queues %u and %u worker%s: wanted a queue for each worker, or one for all", queues,
			workers, workers == 1 ? "" : "s");
}

static int networks_read(struct nsc_networks *networks, const char *list, const char *key, unsigned kind,
			 struct nsc_error *error)
{
	bool one = kind < NSC_ALERT_KIND_COUNT;
	struct nsc_error why;
	int status = nsc_networks_read(networks, list ? list : "", &why); /* a detector without addresses has none */

	if (!status)
		return 0;
	return nsc_fail(error, status, "analysis.anomalies.%s%s%s: %s", one ? nsc_alert_kind_name(kind) : "",
			one ? "." : "", key, why.text);
}

int nsc_settings_ignored(struct nsc_ignored ignored[NSC_ALERT_KIND_COUNT + 1], const struct nsc_settings *settings,
			 struct nsc_error *error)
{
	int status = 0;

	for (unsigned i = 0; i <= NSC_ALERT_KIND_COUNT && !status; i++) {
		status = networks_read(&ignored[i].sources, settings->ignored[i].sources, "ignore_sources", i, error);
		if (!status)
			status = networks_read(&ignored[i].targets, settings->ignored[i].targets, "ignore_targets", i,
					       error);
	}
	return status;
}

static int check_ignored(struct nsc_settings *settings, struct nsc_error *error)
{
	struct nsc_ignored ignored[NSC_ALERT_KIND_COUNT + 1];

	return nsc_settings_ignored(ignored, settings, error);
}

static int check_top_names(struct nsc_settings *settings, struct nsc_error *error)
{
	if (!settings->top_names || settings->names == NSC_NAMES_FULL)
		return 0;
	return nsc_fail(error, -EINVAL, "--top-names adds up host names, which --names %s does not keep",
			settings->names == NSC_NAMES_APPS ? "apps" : "off");
}

/* One "vxlan=8472" of --decap-port. */
static int name_port(const struct nsc_settings *settings, const char *item, size_t length, struct nsc_error *error)
{
	size_t name = strcspn(item, "=,");
	const char *digits = item + name + 1;
	char tunnel[16], *end = NULL;
	unsigned long port = 0;
	int status = -EINVAL;

	if (name < length && name < sizeof(tunnel) && isdigit((unsigned char)*digits))
		port = strtoul(digits, &end, 10);
	if (end == item + length && port >= 1 && port <= UINT16_MAX) {
		snprintf(tunnel, sizeof(tunnel), "%.*s", (int)name, item);
		if (!settings->reloads)
			status = nsc_decode_name_port(tunnel, (uint16_t)port);
		else if (nsc_decode_knows_tunnel(tunnel))
			status = 0;
	}
	if (status == -ENOSPC)
		return nsc_fail(error, status, "--decap-port names more than %d ports", NSC_NAMED_PORTS_MAX);
	if (status)
		nsc_fail(error, status, "--decap-port wants TUNNEL=PORT, where TUNNEL is one of %s; found \"%.*s\"",
			 nsc_decode_tunnels, (int)NSC_MIN(length, (size_t)100), item);
	return status;
}

/* Who names a port on the command line wants it opened. */
static int check_decap_ports(struct nsc_settings *settings, struct nsc_error *error)
{
	int status = 0;

	for (const char *at = settings->decap_ports; *at && !status;) {
		size_t length = strcspn(at, ",");

		status = name_port(settings, at, length, error);
		at += length + (at[length] == ',');
	}
	if (nsc_settings_origin(settings, "decap-port") == NSC_ORIGIN_COMMAND_LINE &&
	    nsc_settings_origin(settings, "decap") != NSC_ORIGIN_COMMAND_LINE)
		settings->decap = true;
	return status;
}

/* Rows that leave this machine are not kept back until a connection of days has ended. */
static int check_spool(struct nsc_settings *settings, struct nsc_error *error)
{
	enum { SHIPPED_PART_S = 300 };

	if (settings->ships)
		return 0;
	if (settings->out.sensor[0] && !settings->out.spool[0] && !settings->out.ipfix[0])
		return nsc_fail(
			error, -EINVAL,
			"--sensor names who writes into --spool FOLDER or sends to --ipfix HOST: name that, too");
	if (!settings->out.spool[0])
		return 0;
	if (nsc_source_is_live(settings) && nsc_settings_origin(settings, "active-timeout-s") == NSC_ORIGIN_DEFAULT)
		settings->active_timeout_s = SHIPPED_PART_S;
	return 0;
}

static int check_parquet(struct nsc_settings *settings, struct nsc_error *error)
{
	struct nsc_error why;
	int status = nsc_parquet_check_omitted(settings->out.parquet_omit, &why);

	return status ? nsc_fail(error, status, "--parquet-omit %s", why.text) : 0;
}

static int check_rotation(struct nsc_settings *settings, struct nsc_error *error)
{
	if (!settings->out.write_pcap_limit_mb || nsc_settings_rotate(settings))
		return 0;
	return nsc_fail(error, -EINVAL,
			"--write-pcap-limit-mb removes the oldest files of a rotation: --write-pcap-rotate-mb or "
			"--write-pcap-rotate-s makes one");
}

static int check_top(struct nsc_settings *settings, struct nsc_error *error)
{
	static const char *const names[] = { "url", "interval-s", "once" };

	for (size_t i = 0; i < NSC_ARRAY_LEN(names) && !settings->top; i++)
		if (nsc_settings_origin(settings, names[i]) != NSC_ORIGIN_DEFAULT &&
		    !(settings->ships && !strcmp(names[i], "once")))
			return nsc_fail(error, -EINVAL, "--%s belongs to `netscope top`", names[i]);
	if (!settings->ships && (settings->ship.init || settings->ship.status))
		return nsc_fail(error, -EINVAL, "--init and --status belong to `netscope ship`");
	if (settings->top && settings->read_pcap[0])
		return nsc_fail(error, -EINVAL,
				"netscope top reads no file: run netscope -r PATH --quiet --web beside it");
	return 0;
}

static int check_bench(struct nsc_settings *settings, struct nsc_error *error)
{
	static const char *const names[] = { "traffic",      "seconds", "save",        "baseline",  "against",
					     "until-stable", "send",    "send-anyway", "send-core", "frame-sizes",
					     "flow-counts",  "trial-s", "repeats" };

	for (size_t i = 0; i < NSC_ARRAY_LEN(names) && !settings->bench; i++)
		if (nsc_settings_origin(settings, names[i]) != NSC_ORIGIN_DEFAULT)
			return nsc_fail(error, -EINVAL, "--%s belongs to `netscope bench`", names[i]);
	if (settings->against[0] && (settings->baseline[0] || settings->until_stable))
		return nsc_fail(error, -EINVAL,
				"--against measures until it has a verdict, and compares with a program: leave "
				"--baseline and --until-stable out");
	if (settings->traffic[0] && settings->read_pcap[0])
		return nsc_fail(error, -EINVAL,
				"-r reads a capture file and --traffic makes one: leave one of them out");
	if (settings->bench && settings->interface[0] && !settings->send[0])
		return nsc_fail(error, -EINVAL,
				"netscope bench -i %s needs an interface that sends to it: --send INTERFACE",
				settings->interface);
	if (settings->send[0] && !settings->interface[0])
		return nsc_fail(error, -EINVAL, "--send sends test frames to the interface of -i: name that one, too");
	if (settings->send[0] && (settings->read_pcap[0] || settings->traffic[0] || settings->against[0] ||
				  settings->baseline[0] || settings->until_stable || settings->count))
		return nsc_fail(error, -EINVAL,
				"--send makes its own frames for as long as --trial-s says: leave -r, --traffic, "
				"--against, --baseline, --until-stable and -c out");
	if (settings->send_core.n > 1)
		return nsc_fail(error, -EINVAL, "--send-core: wanted one core, found %u", settings->send_core.n);
	if (settings->bench && settings->read_pcap[0] && nsc_path_next(settings->read_pcap)[0])
		return nsc_fail(error, -EINVAL, "netscope bench measures one capture file at a time");
	if (settings->bench && nsc_feed_is(settings->read_pcap))
		return nsc_fail(error, -EINVAL, "netscope bench measures a capture file, which has an end");
	if (settings->bench && settings->read_pcap[0] && settings->count)
		return nsc_fail(error, -EINVAL, "netscope bench reads a capture file whole: leave -c out");
	return 0;
}

/* --to is where netscope ship sends, too. The recorder is asked in fewer words. */
static int check_extract(struct nsc_settings *settings, struct nsc_error *error)
{
	static const char *const names[] = { "flow", "host", "from", "output", "port", "community-id", "name" };
	const size_t both = 4;

	for (size_t i = settings->asks_recorder ? both : 0; i < NSC_ARRAY_LEN(names) && !settings->extracts; i++)
		if (nsc_settings_origin(settings, names[i]) != NSC_ORIGIN_DEFAULT)
			return nsc_fail(error, -EINVAL, "--%s belongs to `netscope extract`", names[i]);
	if ((settings->extracts || settings->asks_recorder) &&
	    nsc_settings_origin(settings, "to") != NSC_ORIGIN_COMMAND_LINE)
		settings->ship.to = "";
	return 0;
}

/* A core that works for two has time for neither. */
static int check_cores(struct nsc_settings *settings, struct nsc_error *error)
{
	const struct nsc_core_list *workers = &settings->cores, *others = &settings->management_cores;

	if (others->automatic || settings->send_core.automatic)
		return nsc_fail(error, -EINVAL, "auto belongs to --cores: --%s wants a list of cores like 2-5,8",
				others->automatic ? "management-cores" : "send-core");
	if (others->parts || settings->send_core.parts)
		return nsc_fail(error, -EINVAL, "cores of an interface belong to --cores: --%s wants a list like 2-5,8",
				others->parts ? "management-cores" : "send-core");
	for (uint32_t i = 0; i < workers->n; i++)
		for (uint32_t j = 0; j < others->n; j++)
			if (workers->core[i] == others->core[j])
				return nsc_fail(error, -EINVAL,
						"core %d is in --cores and in --management-cores: leave it out of one",
						workers->core[i]);
	return 0;
}

/* Workers of its own for each interface: what would bring packets of two together is refused. */
static int check_core_parts(struct nsc_settings *settings, struct nsc_error *error)
{
	const struct nsc_core_list *cores = &settings->cores;

	if (!cores->parts || settings->doctor || settings->print_config)
		return 0;
	if (!settings->interface[0] || settings->read_pcap[0] || settings->bench)
		return nsc_fail(
			error, -EINVAL,
			"--cores %s:... gives an interface workers of its own: name the interfaces with -i, too",
			cores->part[0].interface);
	if (settings->backend != NSC_BACKEND_AUTO && settings->backend != NSC_BACKEND_TPACKET)
		return nsc_fail(error, -EINVAL, "--cores of an interface need its rings: leave --backend out");
	if (settings->decap)
		return nsc_fail(error, -EINVAL,
				"--decap has one ring for all workers: give --cores without names of interfaces");
	if (cores->n > NSC_WORKERS_MAX || (settings->workers && settings->workers != cores->n))
		return nsc_fail(
			error, -EINVAL,
			"--cores names a core for each of %u workers, at most %d: leave --workers out, or say the same",
			cores->n, (int)NSC_WORKERS_MAX);
	return 0;
}

static int check_extcap(struct nsc_settings *settings, struct nsc_error *error)
{
	return settings->extcap_late ? nsc_fail(error, -EINVAL, "netscope extcap: that word comes first") : 0;
}

static int check_json(struct nsc_settings *settings, struct nsc_error *error)
{
	if (!settings->json || settings->doctor || settings->bench)
		return 0;
	return nsc_fail(error, -EINVAL,
			"--json belongs to `netscope doctor` and `netscope bench`; a run writes JSON with "
			"--export-json and --summary-json");
}

static int check_steps(struct nsc_settings *settings, struct nsc_error *error)
{
	return nsc_privileges_check(settings->sandbox_off, error);
}

/* In the order in which they look, for some change what others look at. */
static int (*const settings_rules[])(struct nsc_settings *settings, struct nsc_error *error) = {
	check_file_or_interface,
	check_interfaces,
	check_source,
	check_stdin,
	check_feed,
	check_extcap,
	check_cores,
	check_core_parts,
	choose_snaplen,
	check_json,
	check_top,
	check_bench,
	check_extract,
	check_spool,
	check_parquet,
	check_rotation,
	check_synth,
	check_filter,
	check_ignored,
	check_pipeline,
	check_dpdk_queues,
	check_readers,
	check_trace,
	check_recorder,
	check_recordings,
	check_cutoff,
	check_decap_ports,
	check_profile,
	check_top_names,
	check_steps,
};

void nsc_settings_check(struct nsc_settings *settings, struct nsc_problems *problems)
{
	struct nsc_error error;

	for (size_t i = 0; i < NSC_ARRAY_LEN(settings_rules); i++)
		nsc_problems_add(problems, settings_rules[i](settings, &error), &error);
}
