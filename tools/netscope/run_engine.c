/* SPDX-License-Identifier: MIT
 *
 * Settings to engine options.
 */
#include "tools/netscope/run_parts.h"

#include "engine/names/quic.h"
#include "tools/netscope/options.h"
#include "tools/netscope/say.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/random.h>

enum { RECORD_MEMORY_LEAST = 16 << 20, DETECT_MEMORY_LEAST = 16 << 20, NAME_MEMORY_LEAST = 4 << 20 };
enum { NAME_MEMORY_LIVE = 64 << 20, NAME_MEMORY_FILES = 128 << 20 };

/* A configuration file that states the default says nothing. */
static bool asked_for(const struct nsc_settings *settings, const struct nsc_option *option)
{
	return !nsc_option_is_default(settings, option) ||
	       (option->name && nsc_settings_origin(settings, option->name) == NSC_ORIGIN_COMMAND_LINE);
}

/* The flows of a small table need little room to wait in, unless somebody says otherwise. */
uint64_t nsc_run_record_memory(const struct nsc_settings *settings)
{
	bool said = asked_for(settings, nsc_option_find("record-memory-mb"));
	const uint64_t least = RECORD_MEMORY_LEAST, tables = 8;
	uint64_t bytes = settings->record_memory_mb << 20;

	if (!said && settings->max_flows)
		bytes = NSC_MIN(bytes, NSC_MAX(least, settings->max_flows * tables * sizeof(struct nsc_flow_record)));
	return bytes;
}

static int seed_draw(void *seed, size_t size, const char *what, struct nsc_error *error)
{
	if (getrandom(seed, size, 0) == (ssize_t)size)
		return 0;
	return nsc_fail(error, -errno, "no random numbers for %s: %s", what, strerror(errno));
}

static uint8_t analyses(const struct nsc_settings *settings)
{
	return (uint8_t)((settings->rtt ? NSC_ANALYSIS_RTT : 0) | (settings->retrans ? NSC_ANALYSIS_RETRANS : 0) |
			 (settings->out_of_order ? NSC_ANALYSIS_OUT_OF_ORDER : 0));
}

static struct nsc_detector_options detector_options(const struct nsc_settings *settings,
						    const struct nsc_detector_settings *detector)
{
	return (struct nsc_detector_options){
		.enabled = settings->anomalies && detector->enabled,
		.window_ns = (uint64_t)llround(detector->window_secs * 1e9),
		.cooldown_ns = (uint64_t)llround(detector->cooldown_secs * 1e9),
		.threshold = detector->threshold,
		.unique_threshold = detector->unique_threshold,
	};
}

/* Bytes of layer 2 that the link carries in a millisecond, as many of them as are an alert. */
static struct nsc_microburst_options microburst_options(const struct nsc_settings *settings)
{
	return (struct nsc_microburst_options){
		.enabled = settings->anomalies && settings->microburst.enabled,
		.limit_bytes = (uint64_t)ceil(settings->microburst.link_mbps * 125.0 * settings->microburst.share),
		.cooldown_ns = (uint64_t)llround(settings->microburst.cooldown_secs * 1e9),
	};
}

int nsc_run_detect_options(struct nsc_detect_options *options, const struct nsc_settings *settings,
			   struct nsc_error *error)
{
	*options = (struct nsc_detect_options){
		.syn_flood = detector_options(settings, &settings->syn_flood),
		.port_scan = detector_options(settings, &settings->port_scan),
		.udp_icmp_flood = detector_options(settings, &settings->udp_icmp_flood),
		.microburst = microburst_options(settings),
		.few_sources = settings->few_sources,
		.scan_all = settings->scan_count == NSC_SCAN_ALL,
		.scan_arp_threshold = settings->scan_arp_threshold,
		.memory = settings->anomalies_memory_mb << 20,
		.seed = { 0x243f6a8885a308d3, 0x13198a2e03707344 }, /* digits of pi */
	};
	return nsc_settings_ignored(options->ignored, settings, error);
}

/* A file gives the same alerts at every run; on a live interface nobody may know what the hashes will be. */
static int detect_options(struct nsc_detect_options *options, const struct nsc_run *run, struct nsc_error *error)
{
	int status = nsc_run_detect_options(options, run->settings, error);

	if (status || !run->sources.rx[0]->live)
		return status;
	return seed_draw(options->seed, sizeof(options->seed), "the detectors' hashes", error);
}

/* One length serves all: the lines of --stats decide; a dashboard wants frames in the time that passes, a file's are
 * seconds of its own time. */
uint64_t nsc_run_tick_ns(const struct nsc_run *run, const struct nsc_settings *settings)
{
	bool real_time = run->sources.rx[0]->live || (settings->backend == NSC_BACKEND_SYNTH && settings->synth.paced);

	if (settings->stats)
		return settings->stats_interval_ms * 1000000;
	return settings->web.enabled && real_time ? settings->web.tick_ms * 1000000ull : NSC_NS_PER_SEC;
}

/* What nobody asked for by name gives way when the machine, or a container, has less. */
static void fit_memory(const struct nsc_settings *settings, struct nsc_engine_options *options,
		       struct nsc_detect_options *detect)
{
	struct nsc_memory_part parts[] = {
		{ .name = "records",
		  .bytes = &options->record_memory,
		  .least = RECORD_MEMORY_LEAST,
		  .asked = asked_for(settings, nsc_option_find("record-memory-mb")) },
		{ .name = "names",
		  .bytes = &options->name_memory,
		  .least = NAME_MEMORY_LEAST,
		  .asked = !settings->names || asked_for(settings, nsc_option_find("names-memory-mb")) },
		{ .name = "detectors",
		  .bytes = &detect->memory,
		  .least = DETECT_MEMORY_LEAST,
		  .asked = asked_for(settings, nsc_option_find_key("analysis.anomalies.memory_mb")) },
	};
	struct nsc_error said;

	if (nsc_memory_fit(options, parts, NSC_ARRAY_LEN(parts), &said))
		nsc_say(&said);
}

static uint8_t flow_key(const struct nsc_settings *settings)
{
	return (uint8_t)((nsc_option_list_has(settings->flow_key, "vlan") ? NSC_KEY_VLAN : 0) |
			 (nsc_option_list_has(settings->flow_key, "tunnel") ? NSC_KEY_TUNNEL : 0));
}

struct nsc_decode_options nsc_run_decode_options(const struct nsc_settings *settings)
{
	return (struct nsc_decode_options){
		.decap = settings->decap,
		.track_sctp = settings->track_sctp || nsc_option_list_has(settings->track, "sctp"),
		.track_icmp = nsc_option_list_has(settings->track, "icmp"),
		.key = flow_key(settings),
	};
}

static uint64_t name_memory(const struct nsc_run *run)
{
	if (run->settings->names_memory_mb)
		return run->settings->names_memory_mb << 20;
	return run->sources.rx[0]->live ? NAME_MEMORY_LIVE : NAME_MEMORY_FILES;
}

static int recorder_options(struct nsc_recorder_options *options, struct nsc_run *run, struct nsc_error *error)
{
	const struct nsc_settings *settings = run->settings;
	int status;

	*options = (struct nsc_recorder_options){
		.bytes = settings->recorder_mb << 20,
		.snaplen = settings->recorder_snaplen,
		.cutoff = (uint64_t)settings->recorder_cutoff_kb << 10,
		.headers_only = settings->recorder_payload == NSC_PAYLOAD_OFF,
	};
	if (!options->bytes || !settings->recorder_filter[0])
		return 0;
	status = nsc_packet_filter_open(&run->recorded, settings->recorder_filter, error);
	options->matches = nsc_packet_filter_matches;
	options->context = run->recorded;
	return status;
}

static bool may_show_stats(const struct nsc_settings *settings)
{
	return settings->stats || nsc_reload_is_possible(settings);
}

/* A table that does not fit is answered with what would. */
static int open_or_advise(struct nsc_run *run, const struct nsc_engine_options *options, struct nsc_error *error)
{
	struct nsc_error why;
	int status = nsc_engine_open(&run->engine, options, &why);

	if (!status)
		return 0;
	nsc_engine_measure(options, &run->budget);
	return status == -ENOMEM ? nsc_fail(error, status, "%.400s: %s", why.text,
					    nsc_memory_advice(&run->budget, !run->settings->max_flows))
				 : nsc_fail(error, status, "%s", why.text);
}

int nsc_run_open_engine(struct nsc_run *run, struct nsc_error *error)
{
	const struct nsc_settings *settings = run->settings;
	struct nsc_engine_options options = {
		.rx = run->sources.rx[0],
		.sources = run->sources.n > 1 ? run->sources.rx : NULL,
		.workers = run->sources.workers,
		.lanes = run->sources.lanes,
		.readers = run->sources.readers,
		.lane_packets = (settings->channel_capacity + NSC_BURST_MAX - 1) / NSC_BURST_MAX * NSC_BURST_MAX,
		.cores = run->placing.choice.cores.n ? run->placing.choice.cores.core : NULL,
		.n_cores = run->placing.choice.cores.n,
		.nodes = run->placing.memory ? run->placing.choice.node : NULL,
		.elsewhere = settings->management_cores.n ? &run->placing.elsewhere : NULL,
		.poll = (enum nsc_poll_mode)settings->poll,
		.decode = nsc_run_decode_options(settings),
		.watch_tenants = flow_key(settings) != (NSC_KEY_VLAN | NSC_KEY_TUNNEL),
		.dedup_ns = (uint64_t)ceil(settings->dedup_ms * 1e6),
		.join_fragments = settings->fragments == NSC_FRAGMENTS_COUNT,
		.max_flows = settings->max_flows,
		.analyses = analyses(settings),
		.flow_timeout_ns = (uint64_t)ceil(settings->flow_timeout_s * 1e9),
		.active_timeout_ns = (uint64_t)ceil(settings->active_timeout_s * 1e9),
		.tick_ns = nsc_run_tick_ns(run, settings),
		.top_flows = may_show_stats(settings) ? settings->top_flows : 0,
		.top_names = may_show_stats(settings) || settings->web.enabled ? settings->top_names : 0,
		.names = (enum nsc_names)settings->names,
		.name_memory = name_memory(run),
		.dns = settings->dns,
		.timeline = settings->timeline,
		.record_memory = nsc_outputs_want_records(&run->outputs) ? nsc_run_record_memory(settings) : 0,
		.edge_memory = run->memory.to_come,
		.profile = run->profiling.profile ? nsc_profile_counters(run->profiling.profile) : NULL,
		.sinks = run->outputs.sinks,
		.n_sinks = run->outputs.n_sinks,
		.ends_unread = !run->outputs.files,
		.packet_cutoff = settings->out.write_pcap[0] ? (uint64_t)settings->write_pcap_cutoff_kb << 10 : 0,
	};
	struct nsc_detect_options detect = { .memory = 0 };
	int status = seed_draw(&options.decode.seed, sizeof(options.decode.seed), "the hash seed", error);

	if (!status && settings->anomalies)
		status = detect_options(&detect, run, error);
	if (!status)
		status = nsc_tracing_open(&run->tracing, settings, &options, error);
	if (!status)
		status = recorder_options(&options.recorder, run, error);
	if (status)
		return status;
	options.detect = settings->anomalies ? &detect : NULL;
	nsc_dashboard_ask(&run->dashboard, settings, &options);
	if (settings->names != NSC_NAMES_OFF && !settings->web.enabled)
		nsc_quic_start_alone();
	fit_memory(settings, &options, &detect);
	return open_or_advise(run, &options, error);
}
