/* SPDX-License-Identifier: MIT
 *
 * The option table. A default is a text that goes through the same setter as everything a person writes. The order is
 * that of the configuration file: the keys of a section stand together, subsections follow their section. One table is
 * easier to search than several, so this file is longer than others.
 */
#include "tools/netscope/options.h"

#include "backends/sources/gen.h"

#if NSC_DASHBOARD
#define WEB_PART NSC_PART_HERE
#else
#define WEB_PART NSC_PART_WEB
#endif

#define FIELD(member)                                                                                                  \
	.offset = offsetof(struct nsc_settings, member), .size = sizeof(((struct nsc_settings *)NULL)->member)
#define BOOL(member, text) .type = NSC_OPTION_BOOL, FIELD(member), .initial = text
#define UINT(member, from, to, text) .type = NSC_OPTION_UINT, FIELD(member), .min = from, .max = to, .initial = text
#define FLOAT(member, from, to, text) .type = NSC_OPTION_FLOAT, FIELD(member), .low = from, .high = to, .initial = text
#define RELOADED .reload = NSC_RELOAD_ANY
#define RELOADED_DOWN .reload = NSC_RELOAD_AT_MOST
#define RELOADED_UP .reload = NSC_RELOAD_AT_LEAST
#define SHARE(member, text) FLOAT(member, 0, 1, text), .metavar = "SHARE"
#define PATH(member) .type = NSC_OPTION_PATH, FIELD(member), .initial = "", .metavar = "PATH"
#define PATHS(member) .type = NSC_OPTION_PATHS, FIELD(member), .initial = "", .metavar = "PATH"
#define STRING(member, text) .type = NSC_OPTION_STRING, FIELD(member), .initial = text
#define TEXTS(member) .type = NSC_OPTION_TEXTS, FIELD(member), .initial = ""
#define LIST(member) .type = NSC_OPTION_LIST, FIELD(member), .initial = ""
#define WORDS(member, words, text) .type = NSC_OPTION_LIST, FIELD(member), .choices = words, .initial = text
#define CHOICE(member, words, text) .type = NSC_OPTION_CHOICE, FIELD(member), .choices = words, .initial = text

/* In the order of enum nsc_backend, enum nsc_poll_mode and enum nsc_sandbox. */
static const char *const backends[] = { "auto", "file", "pcap", "tpacket", "synth", "dpdk", NULL };
static const char *const stamps[] = { "auto", "software", "hardware", NULL }; /* enum nsc_stamps */
static const char *const payloads[] = { "on", "off", NULL };                  /* enum nsc_payload_choice */
static const char *const directs[] = { "auto", "on", "off", NULL };           /* enum nsc_direct_choice */
static const char *const fragments[] = { "count", "apart", NULL };            /* enum nsc_fragments_choice */
static const char *const tracks[] = { "icmp", "sctp", NULL };
static const char *const names[] = { "off", "apps", "full", NULL }; /* enum nsc_names */
static const char *const flow_keys[] = { "5tuple", "vlan", "tunnel", NULL };
static const char *const latencies[] = { "balanced", "low", "throughput", NULL }; /* enum nsc_latency */
static const char *const scan_counts[] = { "unanswered", "all", NULL };           /* enum nsc_scan_count */
static const char *const poll_modes[] = { "adaptive", "busy", "block", NULL };
static const char *const attacks[] = {
#define NSC_X(name, text) text,
	NSC_SYNTH_ATTACKS(NSC_X)
#undef NSC_X
		NULL
};
/* In the order of tools/bench/traffic.c. */
static const char *const traffics[] = { "elephants", "million", "mix", "flood", NULL };
static const char *const sandboxes[] = { "auto", "always", "never", NULL };
/* In the order of the table in main.c; the first is the default, nothing. */
static const char *const generated[] = {
	"",           "man",       "bash",      "zsh",          "cli.md", "configuration.md", "example.toml",
	"metrics.md", "probes.md", "flows.sql", "flows-18.sql", NULL
};

const char *const nsc_part_names[NSC_PART_COUNT] = {
	[NSC_PART_WEB] = "dashboard",
};

const char *const nsc_option_group_titles[NSC_GROUP_COUNT] = {
	[NSC_GROUP_INPUT] = "Input",
	[NSC_GROUP_OUTPUT] = "Output",
	[NSC_GROUP_FLOWS] = "Flows",
	[NSC_GROUP_STATS] = "Statistics",
	[NSC_GROUP_WORKERS] = "Workers",
	[NSC_GROUP_ALERTS] = "Alerts",
	[NSC_GROUP_RECORDER] = "Flight recorder",
	[NSC_GROUP_WEB] = "Dashboard",
	[NSC_GROUP_TOP] = "Terminal (netscope top)",
	[NSC_GROUP_BENCH] = "Measuring (netscope bench)",
	[NSC_GROUP_SHIP] = "Flows into a database (--spool, netscope ship)",
	[NSC_GROUP_EXTRACT] = "Packets out of capture files (netscope extract)",
	[NSC_GROUP_PRIVILEGES] = "Privileges",
	[NSC_GROUP_SYNTH] = "Synthetic traffic (--backend synth)",
	[NSC_GROUP_GENERAL] = "General",
};

const struct nsc_option nsc_option_table[] = {
#define IN(long_name, short_name, toml)                                                                                \
	.name = long_name, .letter = short_name, .key = "capture." toml, .group = NSC_GROUP_INPUT
	{ IN("read-pcap", 'r', "read_pcap"), PATHS(read_pcap),
	  .help = "Read a capture file: pcap or pcapng, plain or compressed (gzip, zstd, xz, bzip2, lz4); - is "
		  "standard input; several are read in the order given, and a PATH needs no -r; tcp://HOST:PORT is "
		  "what another host sends" },
	{ IN("direct", 0, "direct"), CHOICE(direct, directs, "auto"), .metavar = "WORD", .implied = "on",
	  .help = "Read files past the page cache (O_DIRECT); --direct alone is on, auto is on for files that are not "
		  "in "
		  "it and together are larger than free memory" },
	{ IN("backend", 0, "backend"), CHOICE(backend, backends, "auto"), .metavar = "NAME",
	  .help = "Where packets come from; auto: the file, or else tpacket where it is permitted, or else pcap" },
	{ IN("dpdk-port", 0, "dpdk_port"), STRING(dpdk_port, ""), .metavar = "PORT",
	  .help = "Port of --backend dpdk: the address of a PCI device, e.g. 0000:01:00.0, or a virtual one, "
		  "vdev=net_pcap0,rx_pcap=FILE" },
	{ IN("dpdk-queues", 0, "dpdk_queues"), UINT(dpdk_queues, 0, NSC_WORKERS_MAX, "0"), .unit = "queues",
	  .metavar = "N",
	  .help = "Queues of that port, one for each worker, where it keeps flows together by itself; 0 = as many as "
		  "it can share addresses out to, or one" },
	{ IN("interface", 'i', "interface"), TEXTS(interface), .metavar = "INTERFACE",
	  .help = "Capture from this network interface, e.g. \"eth0\"; several, up to 16: -i eth0 -i eth1, "
		  "-i eth0,eth1, -i 'eth*'; without -i and -r: the first that is up" },
	{ IN("promiscuous", 'p', "promiscuous"), BOOL(promiscuous, "true"),
	  .help = "Capture packets for other machines too" },
	{ IN("filter", 'f', "filter"), STRING(filter, ""), .metavar = "FILTER", RELOADED,
	  .help = "BPF filter expression, e.g. \"tcp port 80\"" },
	{ IN("snaplen", 's', "snaplen"), UINT(snaplen, 0, 262144, "65535"), .unit = "bytes", .metavar = "BYTES",
	  .help = "Bytes captured of each packet; 0 = all" },
	{ IN("timeout-ms", 't', "timeout_ms"), UINT(timeout_ms, 1, 60000, "100"), .unit = "ms", .metavar = "MS",
	  .help = "Longest time that the kernel may hold packets back; tpacket uses --latency unless this is given" },
	{ IN("latency", 0, "latency"), CHOICE(latency, latencies, "balanced"), .metavar = "WORD",
	  .help = "Longest time in words, for tpacket: low is 1 ms, balanced 8 ms, throughput 60 ms; longer where many "
		  "rings "
		  "share little memory" },
	{ IN("timestamps", 0, "timestamps"), CHOICE(timestamps, stamps, "auto"), .metavar = "CLOCK",
	  .help = "Source of time stamps: software is the kernel, hardware the interface; auto is software" },
	{ IN(NULL, 0, "buffer_size_mb"), UINT(buffer_size_mb, 0, 4096, "0"), .unit = "MiB",
	  .help = "Buffer between kernel and program, of all rings together; 0 = 64 MiB for tpacket (125 MiB with a "
		  "timer of 1 ms), "
		  "16 MiB for pcap" },
	{ IN(NULL, 0, "immediate_mode"), BOOL(immediate_mode, "false"), .help = "Deliver each packet at once" },
	{ IN("dedup", 0, "dedup_ms"), FLOAT(dedup_ms, 0, 10000, "0"), .unit = "ms", .metavar = "MS", .implied = "5",
	  .help = "Count a packet that is seen twice within this time once; 0 = off, --dedup alone is 5 ms" },
	{ .name = "count",
	  .letter = 'c',
	  .key = "run.count",
	  .group = NSC_GROUP_INPUT,
	  UINT(count, 0, INT64_MAX, "0"),
	  .unit = "packets",
	  .metavar = "N",
	  .help = "Stop after N packets; 0 = unlimited" },
#undef IN
#define OUTPUT(long_name, toml) .name = long_name, .key = toml, .group = NSC_GROUP_OUTPUT
	{ OUTPUT("write-pcap", "output.write_pcap"), PATH(out.write_pcap),
	  .help = "Write the packets to a capture file: pcapng if the name ends in .pcapng, else pcap; with .zst "
		  "behind "
		  "it compressed" },
	{ OUTPUT("write-pcap-rotate-mb", "output.write_pcap_rotate_mb"), UINT(write_pcap_rotate_mb, 0, 1048576, "0"),
	  .unit = "MiB", .metavar = "N",
	  .help = "Begin a new capture file before one exceeds this size; 0 = one file" },
	{ OUTPUT("write-pcap-rotate-s", "output.write_pcap_rotate_secs"), UINT(write_pcap_rotate_s, 0, 1000000000, "0"),
	  .unit = "s", .metavar = "SECS",
	  .help = "Begin a new capture file at each multiple of this time; 0 = at none" },
	{ OUTPUT("write-pcap-limit-mb", "output.write_pcap_limit_mb"),
	  UINT(out.write_pcap_limit_mb, 0, 1073741824, "0"), .unit = "MiB", .metavar = "N",
	  .help = "Keep all capture files of a rotation, with their indices, below this size, without the oldest; "
		  "0 = all" },
	{ OUTPUT("write-pcap-index", "output.write_pcap_index"), BOOL(out.write_pcap_index, "true"),
	  .help = "Write an index beside each capture file of a rotation, which finds packets in it" },
	{ OUTPUT("write-pcap-max-files", "output.write_pcap_max_files"),
	  UINT(out.write_pcap_max_files, 0, 1000000, "0"), .unit = "files", .metavar = "N",
	  .help = "Keep only the newest N capture files of a rotation; 0 = all" },
	{ OUTPUT("write-pcap-cutoff-kb", "output.write_pcap_cutoff_kb"), UINT(write_pcap_cutoff_kb, 0, 2097152, "0"),
	  .unit = "KiB", .metavar = "N",
	  .help = "Write only the first N KiB of each flow and direction to the capture file, with --quiet; 0 = all" },
	{ OUTPUT("hex-dump", "output.hex_dump"), BOOL(out.hex_dump, "false"), RELOADED_DOWN,
	  .help = "Show the first 256 bytes of each packet under its line" },
	{ OUTPUT("quiet", "output.quiet"), BOOL(out.quiet, "false"), RELOADED_UP, .help = "Print no packet lines" },
	{ .name = "verbose",
	  .letter = 'v',
	  .key = "output.verbose",
	  .group = NSC_GROUP_GENERAL,
	  .type = NSC_OPTION_COUNT,
	  FIELD(verbose),
	  .max = 3,
	  .initial = "0",
	  RELOADED_DOWN,
	  .help = "Print more on standard error: memory of the run, flows exported" },
#define NSC_X(member, long_name, text) { OUTPUT(long_name, "output." #member), PATH(out.member), .help = text },
	NSC_OUT_FILES(NSC_X)
#undef NSC_X
		{ OUTPUT("timeline", "output.timeline"), BOOL(timeline, "true"),
		  .help = "Keep what each thread did last, for --timeline-out and the dashboard" },
	{ OUTPUT("expired-flows-parquet-rotate-mb", "output.expired_flows_parquet_rotate_mb"),
	  UINT(out.expired_parquet_rotate_mb, 0, 1048576, "0"), .unit = "MiB", .metavar = "N",
	  .help = "Begin a new Parquet file of expired flows when one has this size; 0 = no size" },
	{ OUTPUT("expired-flows-parquet-rotate-s", "output.expired_flows_parquet_rotate_secs"),
	  UINT(out.expired_parquet_rotate_s, 0, 1000000000, "3600"), .unit = "s", .metavar = "SECS",
	  .help = "Begin a new Parquet file of expired flows this long after the first row of one, in live capture; 0 "
		  "= "
		  "never" },
	{ OUTPUT("parquet-omit", "output.parquet_omit"), .type = NSC_OPTION_LIST, FIELD(out.parquet_omit),
	  .initial = "community_id", .metavar = "COLUMNS",
	  .help = "Leave these columns out of Parquet files; an empty list leaves none out" },
	{ OUTPUT("geoip", "output.geoip"), PATHS(geoip),
	  .help = "Tell country and autonomous system of addresses in flow outputs and on the dashboard, from "
		  "this MaxMind DB file (MMDB); may be given several times" },
	{ OUTPUT("services", "output.services"), BOOL(services, "false"),
	  .help = "Tell what this machine's table of services (/etc/services) calls the server's port, in flow outputs "
		  "and on the dashboard" },
	{ OUTPUT("progress", "output.progress"), BOOL(progress, "true"),
	  .help = "Show progress while a file is read, if standard error is a terminal" },
	{ OUTPUT("ipfix", "ipfix.collector"), STRING(out.ipfix, ""), .metavar = "HOST:PORT",
	  .help = "Send each flow as it ends, and at the end those that remain, to an IPFIX collector (UDP)" },
	{ OUTPUT("ipfix-rate", "ipfix.rate"), UINT(out.ipfix_rate, 0, 100000000, "0"), .unit = "records/s",
	  .metavar = "N",
	  .help = "Send at most so many IPFIX records a second, of files and at the end of a live run; 0 = 50000 for "
		  "files, 250000 live" },
	{ OUTPUT("ipfix-uniflow", "ipfix.uniflow"), BOOL(out.ipfix_uniflow, "false"),
	  .help = "Write an IPFIX record for each direction of a flow, for collectors that know nothing of "
		  "flows with two" },
	{ OUTPUT("ipfix-domain", "ipfix.domain"), UINT(out.ipfix_domain, 0, 4294967295, "0"), .metavar = "N",
	  .help = "Observation domain of IPFIX messages; 0 = one for each sensor and run" },
#define FLOWS(long_name, toml) .name = long_name, .key = toml, .group = NSC_GROUP_FLOWS
	{ FLOWS("flow-timeout-s", "flow.timeout_secs"), FLOAT(flow_timeout_s, 0, 1e9, "60"), .unit = "s",
	  .metavar = "SECS", .help = "A flow ends after this long without a packet; 0 = never" },
	{ FLOWS("active-timeout-s", "flow.active_timeout_secs"), FLOAT(active_timeout_s, 0, 1e9, "0"), .unit = "s",
	  .metavar = "SECS",
	  .help = "Write a row for each part of this length of a flow that lasts longer; 0 = one row for a flow" },
	{ FLOWS("max-flows", "flow.max_flows"), UINT(max_flows, 0, 1000000000, "100000"), .unit = "flows",
	  .metavar = "N",
	  .help = "Hold at most N flows; when full, evict one that was silent for long; 0 = unlimited" },
	{ FLOWS("decap", "flow.decap"), BOOL(decap, "false"),
	  .help = "Open tunnels: the innermost headers make the flow, not the outermost" },
	{ FLOWS("decap-port", "flow.decap_ports"), LIST(decap_ports), .metavar = "TUNNEL=PORT",
	  .help = "UDP ports of tunnels beyond the registered ones, e.g. \"vxlan=9000,gtp-u=2153\"; opens tunnels as "
		  "--decap does" },
	{ FLOWS("track", "flow.track"), WORDS(track, tracks, ""), .metavar = "LIST",
	  .help = "Protocols that make flows beside TCP and UDP: icmp, sctp" },
	{ FLOWS("track-sctp", "flow.track_sctp"), BOOL(track_sctp, "false"), .help = "The same as --track sctp" },
	{ FLOWS("flow-key", "flow.key"), WORDS(flow_key, flow_keys, "5tuple"), .metavar = "LIST",
	  .help = "What keeps flows apart beside protocol, addresses and ports: VLAN tags, tunnel ids under --decap, "
		  "both" },
	{ FLOWS("names", "flow.names"), CHOICE(names, names, "full"), .metavar = "WORD", RELOADED_DOWN,
	  .help = "What flows say of themselves when they begin: full keeps applications, host names and fingerprints, "
		  "apps no host name, off nothing" },
	{ FLOWS("names-memory-mb", "flow.names_memory_mb"), UINT(names_memory_mb, 0, 65536, "0"), .unit = "MiB",
	  .metavar = "MB", .help = "Memory for names; 0 = 64 MiB live, 128 MiB for files" },
	{ FLOWS("dns", "flow.dns"), BOOL(dns, "true"),
	  .help = "Count queries, answers and latencies of DNS by server and by name; not with --names off, and not by "
		  "name with --names apps" },
	{ FLOWS("fragments", "flow.fragments"), CHOICE(fragments, fragments, "count"), .metavar = "WORD",
	  .help = "Later IP fragments: count adds them to the flow of their first one, apart leaves them out" },
#undef FLOWS
#define STATS(long_name, toml) .name = long_name, .key = toml, .group = NSC_GROUP_STATS
	{ STATS("trace", "stats.trace"), STRING(trace, ""), .metavar = "FILTER",
	  .help = "Follow the first packets that match this BPF filter through all stages: what each did, cycles, "
		  "cores; "
		  "below the summary, and in --summary-json" },
	{ STATS("trace-count", "stats.trace_count"), UINT(trace_count, 1, NSC_TRACE_MAX, "10"), .unit = "packets",
	  .metavar = "N", .help = "How many packets --trace follows" },
	{ STATS("stats", "stats.enabled"), BOOL(stats, "false"), RELOADED,
	  .help = "Print throughput lines; a file's lines use packet time" },
	{ STATS("stats-interval-ms", "stats.interval_ms"), UINT(stats_interval_ms, 1, 86400000, "1000"), .unit = "ms",
	  .metavar = "MS", RELOADED_UP, .help = "Time between two throughput lines" },
	{ STATS("top-flows", "stats.top_flows"), UINT(top_flows, 0, NSC_TOP_MAX, "0"), .unit = "flows", .metavar = "N",
	  RELOADED_DOWN, .help = "Top flows under each throughput line; 0 = none" },
	{ STATS("top-names", "stats.top_names"), UINT(top_names, 0, NSC_TOP_NAMES_MAX, "0"), .unit = "names",
	  .metavar = "N", RELOADED_DOWN,
	  .help = "Names with most bytes under each throughput line, by what names of one owner end with; 0 = none" },
	{ STATS("profile", "profile.hz"), UINT(profile_hz, 0, NSC_PROFILE_HZ_MAX, "0"), .unit = "Hz", .metavar = "HZ",
	  .implied = "99",
	  .help = "Sample the stacks of the program's own threads so often in a second of CPU time, for --profile-out "
		  "and the dashboard; 0 = off, --profile alone is 99" },
#undef STATS
#define WORKERS(long_name, toml) .name = long_name, .key = toml, .group = NSC_GROUP_WORKERS
	{ WORKERS("pipeline", "pipeline.enabled"), BOOL(pipeline, "false"),
	  .help = "One thread reads and steers, and workers analyse; without it one thread does everything" },
	{ WORKERS("workers", "pipeline.workers"), UINT(workers, 0, NSC_WORKERS_MAX, "0"), .unit = "workers",
	  .metavar = "N",
	  .help = "Number of workers; turns the pipeline on; 0 = automatic: half of the cores, 1 to 8" },
	{ WORKERS("readers", "pipeline.readers"), UINT(readers, 0, NSC_WORKERS_MAX, "0"), .unit = "threads",
	  .metavar = "N",
	  .help = "Threads that read plain capture files together, and analyse; 1 = one reads; 0 = automatic: "
		  "half of 4 or more cores, up to 8, for files of 64 MiB or more with --max-flows 0; else one" },
	{ WORKERS("channel-capacity", "pipeline.channel_capacity"), UINT(channel_capacity, 1, 1048576, "4096"),
	  .unit = "packets", .metavar = "PACKETS",
	  .help = "Packets that may wait for one worker, rounded to bursts of 64" },
	{ WORKERS("cores", "pipeline.cores"), .type = NSC_OPTION_CORES, FIELD(cores), .initial = "", .metavar = "LIST",
	  .help = "Pin threads to cores, e.g. 2-5,8: workers first, then the reading thread; auto chooses those near "
		  "the interface, one thread for each physical core; the other threads run anywhere; "
		  "eth0:2-5,eth1:6-9 gives each interface workers of its own" },
	{ WORKERS("management-cores", "pipeline.management_cores"), .type = NSC_OPTION_CORES, FIELD(management_cores),
	  .initial = "", .metavar = "LIST",
	  .help = "Run all other threads on these cores: writer, publisher, dashboard; without: anywhere" },
	{ WORKERS("poll", "pipeline.poll"), CHOICE(poll, poll_modes, "adaptive"), .metavar = "MODE",
	  .help = "What an idle thread does: adaptive spins, then sleeps; busy only spins; block only sleeps" },
	{ WORKERS("record-memory-mb", "pipeline.record_memory_mb"), UINT(record_memory_mb, 1, 65536, "256"),
	  .unit = "MiB", .metavar = "MIB", .help = "Memory for ended flows that wait to be written" },
#undef WORKERS
#define ANALYSIS(toml) .key = "analysis." toml, .group = NSC_GROUP_FLOWS
#define ALERTS(toml) .key = "analysis." toml, .group = NSC_GROUP_ALERTS
#define FLOOD(toml) ALERTS("anomalies.syn_flood." toml)
#define SCAN(toml) ALERTS("anomalies.port_scan." toml)
#define MICROBURST(toml) ALERTS("anomalies.microburst." toml)
#define PACKETS(toml) ALERTS("anomalies.udp_icmp_flood." toml)
#define SECONDS(member, from, to, text) FLOAT(member, from, to, text), .unit = "s"
	{ ANALYSIS("rtt"), BOOL(rtt, "true"), .help = "Measure TCP round trip times" },
	{ ANALYSIS("retrans"), BOOL(retrans, "true"), .help = "Count TCP retransmissions" },
	{ ANALYSIS("out_of_order"), BOOL(out_of_order, "true"), .help = "Count TCP segments out of order" },
	{ OUTPUT("alerts-jsonl", "analysis.alerts_jsonl"), PATH(out.alerts_jsonl),
	  .help = "Write each alert as a JSON line; needs --anomalies" },
	{ .name = "anomalies",
	  ALERTS("anomalies.enabled"),
	  BOOL(anomalies, "false"),
	  RELOADED_DOWN,
	  .help = "Look for floods and port scans" },
	{ ALERTS("anomalies.memory_mb"), UINT(anomalies_memory_mb, 16, 65536, "256"), .unit = "MiB",
	  .help = "Memory limit for targets and sources; only what is needed is used" },
	{ ALERTS("anomalies.ignore_sources"), LIST(ignored[NSC_ALERT_KIND_COUNT].sources), RELOADED,
	  .help = "Networks whose packets no detector counts, e.g. of a vulnerability scanner: \"10.0.0.0/8\"" },
	{ ALERTS("anomalies.ignore_targets"), LIST(ignored[NSC_ALERT_KIND_COUNT].targets), RELOADED,
	  .help = "Networks to which no detector counts packets" },
	{ FLOOD("enabled"), BOOL(syn_flood.enabled, "true"), RELOADED_DOWN,
	  .help = "Look for SYN floods, if anomalies are on" },
	{ FLOOD("window_secs"), SECONDS(syn_flood.window_secs, 0.1, 3600, "5"), .help = "Length of the window" },
	{ FLOOD("syn_threshold"), UINT(syn_flood.threshold, 1, 1000000, "200"), .unit = "SYNs", RELOADED,
	  .help = "Alert from this many SYNs to one address and port on" },
	{ FLOOD("unique_src_threshold"), UINT(syn_flood.unique_threshold, 1, 1000000, "50"), .unit = "sources",
	  RELOADED, .help = "and from this many sources on" },
	{ FLOOD("few_sources"), BOOL(few_sources, "false"), RELOADED_DOWN,
	  .help = "Report a flood from fewer sources too, if nobody completes a handshake with the target" },
	{ FLOOD("ignore_sources"), LIST(ignored[NSC_ALERT_SYN_FLOOD].sources), RELOADED,
	  .help = "Networks whose SYNs are not counted" },
	{ FLOOD("ignore_targets"), LIST(ignored[NSC_ALERT_SYN_FLOOD].targets), RELOADED,
	  .help = "Networks whose floods are not reported" },
	{ FLOOD("cooldown_secs"), SECONDS(syn_flood.cooldown_secs, 0, 86400, "10"), RELOADED,
	  .help = "No second alert for the same target within this time" },
	{ SCAN("enabled"), BOOL(port_scan.enabled, "true"), RELOADED_DOWN,
	  .help = "Look for port scans, if anomalies are on" },
	{ SCAN("count"), CHOICE(scan_count, scan_counts, "unanswered"),
	  .help = "What a port scan is counted by: connections and packets that were not answered, or all" },
	{ SCAN("window_secs"), SECONDS(port_scan.window_secs, 0.1, 3600, "10"), .help = "Length of the window" },
	{ SCAN("unique_ports_threshold"), UINT(port_scan.threshold, 1, 1000000, "25"), .unit = "ports", RELOADED,
	  .help = "Alert from this many ports of one source on" },
	{ SCAN("unique_hosts_threshold"), UINT(port_scan.unique_threshold, 1, 1000000, "10"), .unit = "hosts", RELOADED,
	  .help = "or from this many hosts on" },
	{ SCAN("arp_hosts_threshold"), UINT(scan_arp_threshold, 1, 1000000, "20"), .unit = "hosts", RELOADED,
	  .help = "or from this many hosts on that were asked for by ARP and did not answer" },
	{ SCAN("ignore_sources"), LIST(ignored[NSC_ALERT_PORT_SCAN].sources), RELOADED,
	  .help = "Networks whose scans are not reported" },
	{ SCAN("ignore_targets"), LIST(ignored[NSC_ALERT_PORT_SCAN].targets), RELOADED,
	  .help = "Networks that a scan is not counted by" },
	{ SCAN("cooldown_secs"), SECONDS(port_scan.cooldown_secs, 0, 86400, "30"), RELOADED,
	  .help = "No second alert for the same source within this time" },
	{ PACKETS("enabled"), BOOL(udp_icmp_flood.enabled, "true"), RELOADED_DOWN,
	  .help = "Look for floods of UDP and ICMP, if anomalies are on and port_scan.count is not \"all\"" },
	{ PACKETS("window_secs"), SECONDS(udp_icmp_flood.window_secs, 0.1, 3600, "10"),
	  .help = "Length of the window" },
	{ PACKETS("udp_threshold"), UINT(udp_icmp_flood.threshold, 1, 1000000000, "10000"), .unit = "packets", RELOADED,
	  .help = "Alert from this many UDP packets to one address on that were not answered" },
	{ PACKETS("icmp_threshold"), UINT(udp_icmp_flood.unique_threshold, 1, 1000000000, "1000"), .unit = "packets",
	  RELOADED, .help = "or from this many ICMP messages on that are no replies to its own" },
	{ PACKETS("ignore_sources"), LIST(ignored[NSC_ALERT_UDP_ICMP_FLOOD].sources), RELOADED,
	  .help = "Networks whose packets are not counted" },
	{ PACKETS("ignore_targets"), LIST(ignored[NSC_ALERT_UDP_ICMP_FLOOD].targets), RELOADED,
	  .help = "Networks whose floods are not reported" },
	{ PACKETS("cooldown_secs"), SECONDS(udp_icmp_flood.cooldown_secs, 0, 86400, "10"), RELOADED,
	  .help = "No second alert for the same target within this time" },
	{ MICROBURST("enabled"), BOOL(microburst.enabled, "false"), RELOADED_DOWN,
	  .help = "Show the fullest millisecond of each tick, if anomalies are on" },
	{ MICROBURST("link_mbps"), UINT(microburst.link_mbps, 0, 1000000, "0"), .unit = "Mbit/s", RELOADED,
	  .help = "Speed of the link, for alerts; 0 = no alerts" },
	{ MICROBURST("share"), FLOAT(microburst.share, 0.01, 1, "0.9"), RELOADED,
	  .help = "Alert from this share of what the link carries in a millisecond on" },
	{ MICROBURST("cooldown_secs"), SECONDS(microburst.cooldown_secs, 0, 86400, "10"), RELOADED,
	  .help = "No second alert within this time" },
#undef OUTPUT
#undef ANALYSIS
#undef ALERTS
#define RECORDER(long_name, toml) .name = long_name, .key = "recorder." toml, .group = NSC_GROUP_RECORDER
	{ RECORDER("recorder-mb", "memory_mb"), UINT(recorder_mb, 0, 1048576, "0"), .unit = "MiB", .metavar = "N",
	  .help = "Keep the latest packets in N MiB of memory, 2 for each worker at least; 0 = none" },
	{ RECORDER("recorder-snaplen", "snaplen"), UINT(recorder_snaplen, 0, 262144, "0"), .unit = "bytes",
	  .metavar = "N", .help = "Keep at most N bytes of each of these packets; 0 = all" },
	{ RECORDER("recorder-cutoff-kb", "cutoff_kb"), UINT(recorder_cutoff_kb, 0, 2097152, "0"), .unit = "KiB",
	  .metavar = "N", .help = "Keep only the first N KiB of each flow and direction; 0 = all" },
	{ RECORDER("recorder-filter", "filter"), STRING(recorder_filter, ""), .metavar = "FILTER",
	  .help = "Keep only packets that match this BPF filter" },
	{ RECORDER("recorder-payload", "payload"), CHOICE(recorder_payload, payloads, "on"), .metavar = "WORD",
	  .help = "off keeps headers only: nothing behind that of TCP, UDP, SCTP or ICMP" },
	{ RECORDER("record-alerts", "alerts_folder"), .type = NSC_OPTION_PATH, FIELD(recordings.alerts), .initial = "",
	  .metavar = "FOLDER",
	  .help = "Write the packets around each alert's begin into this folder, a capture file each, and at SIGUSR2 "
		  "all "
		  "that are kept" },
	{ RECORDER("record-alerts-before-s", "alerts_before_secs"), FLOAT(recordings.before_s, 0, 1e9, "30"),
	  .unit = "s", .metavar = "SECS", .help = "How long before an alert its packets are written from" },
	{ RECORDER("record-alerts-after-s", "alerts_after_secs"), FLOAT(recordings.after_s, 0, 1e9, "10"), .unit = "s",
	  .metavar = "SECS", .help = "And how long after it" },
	{ RECORDER("record-alerts-limit-mb", "alerts_limit_mb"), UINT(recordings.limit_mb, 1, 1u << 30, "1024"),
	  .unit = "MiB", .metavar = "N", .help = "Keep all of these files below this size, without the oldest" },
	{ RECORDER("record-alerts-per-hour", "alerts_per_hour"), UINT(recordings.per_hour, 0, 100000, "120"),
	  .unit = "files", .metavar = "N", .help = "Begin at most so many of them in an hour; 0 = any number" },
	{ RECORDER("control-socket", "control_socket"), .type = NSC_OPTION_PATH, FIELD(recordings.control_socket),
	  .initial = "", .metavar = "PATH",
	  .help = "Answer netscope recorder through this socket, which root and the user of the run may use" },
#undef RECORDER
	{ .name = "last",
	  .group = NSC_GROUP_RECORDER,
	  STRING(recordings.last, ""),
	  .metavar = "TIME",
	  .help = "netscope recorder: packets of this long before the newest, as in 30s, 500ms, 2m" },
#undef FLOOD
#undef SCAN
#undef PACKETS
#undef MICROBURST
#undef SECONDS
#define WEB(long_name, toml) .name = long_name, .key = "web." toml, .group = NSC_GROUP_WEB, .part = WEB_PART
	{ WEB("web", "enabled"), BOOL(web.enabled, "false"), .help = "Serve the dashboard" },
	{ WEB("web-bind", "bind"), STRING(web.bind, "127.0.0.1"), .metavar = "ADDR",
	  .help = "Address of the dashboard; any other than loopback needs TLS and authentication" },
	{ WEB("web-port", "port"), UINT(web.port, 1, 65535, "8080"), .metavar = "PORT",
	  .help = "TCP port of the dashboard" },
	{ WEB(NULL, "tick_ms"), UINT(web.tick_ms, 20, 60000, "1000"), .unit = "ms", .help = "Time between two frames" },
	{ WEB(NULL, "top_n"), UINT(web.top_n, 0, NSC_TOP_MAX, "10"), .unit = "flows",
	  .help = "Top flows in each frame" },
	{ WEB(NULL, "ended_flows"), UINT(web.ended_flows, 0, 1000000, "10000"), .unit = "flows",
	  .help = "Flows that have ended and can still be searched" },
	{ WEB(NULL, "packet_buffer"), UINT(web.packet_buffer, 0, 1000000, "2000"), .unit = "packets",
	  .help = "Packets kept for the inspector" },
	{ WEB(NULL, "sample_rate"), UINT(web.sample_rate, 0, UINT32_MAX, "1"),
	  .help = "Sample one packet of this many; 0 = none" },
	{ WEB(NULL, "payload_bytes"), UINT(web.payload_bytes, 0, 65535, "256"), .unit = "bytes",
	  .help = "Bytes kept of each packet for the inspector" },
	{ WEB("web-history", "history"), PATH(web.history),
	  .help = "Keep the dashboard's history in this file, at most 16 MiB, over restarts" },
	{ WEB(NULL, "allowed_hosts"), LIST(web.allowed_hosts),
	  .help = "Other names of this server that requests may use" },
	{ WEB(NULL, "allowed_origins"), LIST(web.allowed_origins), .help = "Other origins whose pages may connect" },
	{ WEB("web-link", "links"), TEXTS(web.links), .metavar = "NAME=URL",
	  .help = "Links to other tools on pages of flows, hosts and alerts, each time another one, or as a,b: "
		  "NAME=URL with {host}, "
		  "{peer}, {port}, {protocol}, {app}, {name}, {key}, {from_ms}, {to_ms}" },
	{ WEB("web-peers", "peers"), LIST(web.peers), .metavar = "LIST",
	  .help = "Other sensors that the dashboard shows in one table, several as a,b: their dashboards, as in "
		  "http://127.0.0.1:8081 or https://rack7:8080" },
	{ WEB("web-peers-pass-file", "peers_password_file"), PATH(web.peers_password_file),
	  .help = "File with names and passwords of other sensors: URL NAME PASSWORD in each line, * for all others" },
	{ WEB("web-peers-ca", "peers_ca_path"), PATH(web.peers_certificates),
	  .help = "Certificates of other sensors that are trusted, PEM; without: those that this system trusts" },
	{ WEB("web-tls", "tls.enabled"), BOOL(web.tls.enabled, "false"), .help = "Serve the dashboard over TLS" },
	{ WEB("web-tls-cert", "tls.cert_path"), PATH(web.tls.cert_path), .help = "Certificate chain, PEM" },
	{ WEB("web-tls-key", "tls.key_path"), PATH(web.tls.key_path), .help = "Private key, PEM" },
	{ WEB("web-auth", "auth.enabled"), BOOL(web.auth.enabled, "false"),
	  .help = "Require a user name and a password" },
	{ WEB("web-auth-user", "auth.username"), STRING(web.auth.username, ""), .metavar = "NAME",
	  .help = "User name" },
	{ WEB("web-auth-pass-file", "auth.password_file"), PATH(web.auth.password_file),
	  .help = "File that holds the password" },
#undef WEB
#define TOP(long_name) .name = long_name, .group = NSC_GROUP_TOP, .part = WEB_PART
	{ TOP("url"), STRING(url, ""), .metavar = "URL",
	  .help = "Address of the dashboard whose numbers are shown; without: where --web-bind, --web-port and "
		  "--web-tls say" },
	{ TOP("interval-s"), FLOAT(interval_s, 0.1, 3600, "1"), .unit = "s", .metavar = "SECS",
	  .help = "Time between two updates" },
	{ TOP("once"), .type = NSC_OPTION_ACTION, FIELD(once), .initial = "false",
	  .help = "Print one screen as plain text and exit; netscope ship: exit when nothing waits" },
#undef TOP
#define BENCH(long_name) .name = long_name, .group = NSC_GROUP_BENCH
	{ BENCH("traffic"), WORDS(traffic, traffics, ""), .metavar = "LIST",
	  .help = "What is made in memory and measured: elephants, million, mix, flood; without: all four, with "
		  "--against mix" },
	{ BENCH("seconds"), FLOAT(seconds, 0, 86400, "0"), .unit = "s", .metavar = "SECS",
	  .help = "How long to measure, making the traffic aside; 0 = 12, with --against at most 80, with --send as "
		  "long as it takes" },
	{ BENCH("send"), STRING(send, ""), .metavar = "INTERFACE",
	  .help = "Send test frames through this interface to that of -i, and find the highest rate at which nothing "
		  "is "
		  "lost; needs root" },
	{ BENCH("send-anyway"), .type = NSC_OPTION_ACTION, FIELD(send_anyway), .initial = "false",
	  .help = "Send also through an interface that is in use: with an address, the default route, of a bridge" },
	{ BENCH("send-core"), .type = NSC_OPTION_CORES, FIELD(send_core), .initial = "", .metavar = "CORE",
	  .help = "Core of the sender; without: one that --cores leaves" },
	{ BENCH("frame-sizes"), .type = NSC_OPTION_LIST, FIELD(frame_sizes), .initial = "64,1518", .unit = "bytes",
	  .metavar = "LIST", .help = "Sizes of the frames sent, 64 to 9018, with the check sequence" },
	{ BENCH("flow-counts"), .type = NSC_OPTION_LIST, FIELD(flow_counts), .initial = "1000", .unit = "flows",
	  .metavar = "LIST", .help = "Flows that the frames belong to, 1 to 10000000" },
	{ BENCH("trial-s"), FLOAT(trial_s, 0.1, 600, "2"), .unit = "s", .metavar = "SECS",
	  .help = "How long to send at each rate that is tried" },
	{ BENCH("repeats"), UINT(repeats, 1, 20, "3"), .unit = "trials", .metavar = "N",
	  .help = "Trials without a loss until a rate is believed" },
	{ BENCH("save"), PATH(save), .help = "Write everything that was measured, with the machine, as JSON" },
	{ BENCH("baseline"), PATH(baseline),
	  .help = "Compare with what --save wrote on this machine: only ratios to the floor of each session" },
	{ BENCH("against"), .type = NSC_OPTION_PATH, FIELD(against), .initial = "", .metavar = "PROGRAM",
	  .help = "Compare with another build of netscope, in turn: faster, slower, or no difference of 3 % or more" },
	{ BENCH("until-stable"), .type = NSC_OPTION_ACTION, FIELD(until_stable), .initial = "false",
	  .help = "Measure until the figures are certain within 2 %, four times as long at most; else say what "
		  "disturbs the machine" },
#undef BENCH
#define SPOOL(long_name, toml) .name = long_name, .key = "spool." toml, .group = NSC_GROUP_SHIP
	{ SPOOL("spool", "folder"), .type = NSC_OPTION_PATH, FIELD(out.spool), .initial = "", .metavar = "FOLDER",
	  .help = "Write flows as they end, and the counters of each minute, as segments into this folder, for "
		  "netscope "
		  "ship" },
	{ SPOOL("spool-limit-mb", "limit_mb"), UINT(out.spool_limit_mb, 1, 1u << 30, "1024"), .unit = "MiB",
	  .metavar = "N",
	  .help = "Size of the spool: live the oldest segments are dropped when it is full, and counted; a file "
		  "waits" },
	{ SPOOL("sensor", "sensor"), STRING(out.sensor, ""), .metavar = "NAME",
	  .help = "Name of this sensor in the spool and the database; empty: the host name" },
#undef SPOOL
#define SHIP(long_name, toml) .name = long_name, .key = "ship." toml, .group = NSC_GROUP_SHIP, .part = WEB_PART
	{ .name = "to",
	  .key = "ship.to",
	  .group = NSC_GROUP_SHIP,
	  LIST(ship.to),
	  .metavar = "LIST",
	  .help = "Where netscope ship sends, several as a,b: ClickHouse servers as http://127.0.0.1:8123, which share "
		  "the segments; ipfix+tcp://HOST:4739; for alerts webhook+https://HOST/PATH, "
		  "alertmanager+http://HOST:9093, syslog+udp://HOST:514, syslog+tcp://HOST:514, "
		  "syslog+unix:///dev/log" },
	{ SHIP("to-database", "database"), STRING(ship.database, "default"), .metavar = "NAME",
	  .help = "Database of the tables" },
	{ SHIP("to-user", "user"), STRING(ship.user, ""), .metavar = "NAME", .help = "User name at the servers" },
	{ SHIP("to-pass-file", "password_file"), PATH(ship.password_file), .help = "File that holds the password" },
	{ SHIP("to-ca", "ca_path"), PATH(ship.certificates),
	  .help = "Certificates that are trusted, PEM; without: those that this system trusts" },
	{ SHIP("ship-metrics", "metrics"), STRING(ship.metrics, ""), .metavar = "ADDR:PORT",
	  .help = "Serve what netscope ship does as Prometheus text, under /metrics of this address; empty: nowhere" },
	{ SHIP("to-webhook-token", "webhook_token_file"), PATH(ship.webhook_token_file),
	  .help = "File that holds a bearer token for the webhooks of --to" },
	{ SHIP("to-alertmanager-token", "alertmanager_token_file"), PATH(ship.alertmanager_token_file),
	  .help = "File that holds a bearer token for the Alertmanagers of --to" },
	{ SHIP("to-alertmanager-resend-s", "alertmanager_resend_s"), UINT(ship.alertmanager_resend_s, 1, 3600, "60"),
	  .unit = "s", .metavar = "SECS",
	  .help = "How often Alertmanager is told of attacks that go on; it forgets them after four times that" },
	{ SHIP("to-alerts-max-age-s", "alerts_max_age_s"), UINT(ship.alerts_max_age_s, 0, 31536000, "3600"),
	  .unit = "s", .metavar = "SECS",
	  .help = "Alerts that have waited longer go into databases only, and are counted; 0 = none is too old" },
	{ SHIP("to-syslog-pen", "syslog_pen"), UINT(ship.syslog_pen, 0, UINT32_MAX, "0"), .metavar = "N",
	  .help = "Private enterprise number in the names of syslog's structured data; 0 = nobody's" },
#undef SHIP
#define SHIP(long_name) .name = long_name, .group = NSC_GROUP_SHIP, .part = WEB_PART
	{ SHIP("init"), .type = NSC_OPTION_ACTION, FIELD(ship.init), .initial = "false",
	  .help = "Make tables and views on the servers of --to; without --to: print the statements" },
	{ SHIP("status"), .type = NSC_OPTION_ACTION, FIELD(ship.status), .initial = "false",
	  .help = "Print what waits in the spool, and what netscope ship did last" },
#undef SHIP
#define EXTRACT(long_name, text) .name = long_name, .group = NSC_GROUP_EXTRACT, .metavar = text
	{ EXTRACT("flow", "FLOW"), STRING(extract.flow, ""),
	  .help = "Packets between two ends, as A:PORT-B:PORT, or as A-B whatever the ports, with /tcp or another "
		  "protocol behind it or without" },
	{ EXTRACT("host", "LIST"), STRING(extract.host, ""),
	  .help = "Packets from or to these addresses or networks, e.g. \"10.0.0.1,2001:db8::/32\"" },
	{ EXTRACT("port", "N"), UINT(extract.port, 0, 65535, "0"),
	  .help = "Packets from or to this port of TCP, UDP or SCTP; 0 = any" },
	{ EXTRACT("community-id", "ID"), STRING(extract.community_id, ""),
	  .help = "Packets of the flow of this Community ID, e.g. \"1:wCb3OG7yAFWelaUydu0D+125CLM=\"" },
	{ EXTRACT("name", "NAME"), STRING(extract.name, ""),
	  .help = "Packets of flows whose host name is this one or ends with it behind a point; reads all files "
		  "twice" },
	{ EXTRACT("from", "TIME"), STRING(extract.from, ""),
	  .help = "Packets from this time on, up to that of --to: seconds since 1970, or a date with a time of day "
		  "and a zone, without a zone UTC" },
	{ EXTRACT("output", "PATH"), .letter = 'o', .type = NSC_OPTION_PATH, FIELD(extract.output), .initial = "",
	  .help = "Write the packets to this capture file: pcapng if the name ends in .pcapng, else pcap; - is "
		  "standard output" },
#undef EXTRACT
#define PRIVILEGES(long_name, toml) .name = long_name, .key = "privileges." toml, .group = NSC_GROUP_PRIVILEGES
	{ PRIVILEGES("user", "user"), STRING(user, ""), .metavar = "NAME",
	  .help = "As root, become this user once sources are open; empty: the user who called sudo, else nobody" },
	{ PRIVILEGES("sandbox", "sandbox"), CHOICE(sandbox, sandboxes, "auto"), .metavar = "WHEN",
	  .help = "Give up privileges before the first packet; auto: in live capture, for -r tcp://, with the "
		  "dashboard, and with --user" },
	{ PRIVILEGES("sandbox-off", "sandbox_off"), LIST(sandbox_off), .metavar = "LIST",
	  .help = "Steps of the sandbox to leave out: user, no-new-privs, no-dump, landlock, seccomp" },
#undef PRIVILEGES
#define SYNTH(suffix) .name = "synth-" suffix, .group = NSC_GROUP_SYNTH
	{ SYNTH("packets"), .key = "synth.packets", UINT(synth.packets, 0, INT64_MAX, "0"), .unit = "packets",
	  .metavar = "N", .help = "Packets to make; 0 = without end" },
	{ SYNTH("flows"), .key = "synth.flows", UINT(synth.flows, 1, NSC_GEN_FLOWS_MAX, "1000"), .unit = "flows",
	  .metavar = "N", .help = "Concurrent flows" },
	{ SYNTH("seed"), .key = "synth.seed", UINT(synth.seed, 0, INT64_MAX, "1"), .metavar = "N",
	  .help = "The same seed makes the same packets on every machine" },
	{ SYNTH("rate-pps"), .key = "synth.rate_pps", FLOAT(synth.rate_pps, 1, 1e9, "1000000"), .unit = "packets/s",
	  .metavar = "RATE", .help = "Packets per second of packet time" },
	{ SYNTH("paced"), .key = "synth.paced", BOOL(synth.paced, "false"),
	  .help = "Make packets in real time, from now on" },
	{ SYNTH("start-ns"), .key = "synth.start_ns",
	  UINT(synth.start_ns, 0, 9000000000000000000, "1700000000000000000"), .unit = "ns", .metavar = "NS",
	  .help = "Time of the first packet, since 1970" },
	{ SYNTH("payload-min"), .key = "synth.payload_min", UINT(synth.payload_min, 0, NSC_GEN_PAYLOAD_MAX, "0"),
	  .unit = "bytes", .metavar = "BYTES", .help = "Smallest payload of a data packet" },
	{ SYNTH("payload-max"), .key = "synth.payload_max", UINT(synth.payload_max, 0, NSC_GEN_PAYLOAD_MAX, "1400"),
	  .unit = "bytes", .metavar = "BYTES", .help = "Largest payload of a data packet" },
	{ SYNTH("tcp-share"), .key = "synth.tcp_share", SHARE(synth.tcp_share, "0.8"),
	  .help = "Share of flows that are TCP; the rest is UDP" },
	{ SYNTH("ipv6-share"), .key = "synth.ipv6_share", SHARE(synth.ipv6_share, "0.1"),
	  .help = "Share of flows over IPv6" },
	{ SYNTH("vlan-share"), .key = "synth.vlan_share", SHARE(synth.vlan_share, "0.05"),
	  .help = "Share of flows with a VLAN tag" },
	{ SYNTH("fragment-share"), .key = "synth.fragment_share", SHARE(synth.fragment_share, "0"),
	  .help = "Share of UDP datagrams sent as two fragments" },
	{ SYNTH("dns-share"), .key = "synth.dns_share", SHARE(synth.dns_share, "0.3"),
	  .help = "Share of UDP flows that are DNS queries and answers" },
	{ SYNTH("tls-share"), .key = "synth.tls_share", SHARE(synth.tls_share, "0"),
	  .help = "Share of TCP flows that begin with a TLS hello and its answer" },
	{ SYNTH("http-share"), .key = "synth.http_share", SHARE(synth.http_share, "0"),
	  .help = "Share of TCP flows that begin with a request of HTTP/1 and its answer" },
	{ SYNTH("quic-share"), .key = "synth.quic_share", SHARE(synth.quic_share, "0"),
	  .help = "Share of UDP flows that begin with a QUIC hello and its answer" },
	{ SYNTH("server-names"), .key = "synth.server_names", UINT(synth.server_names, 1, NSC_GEN_NAMES_MAX, "10000"),
	  .unit = "names", .metavar = "N", .help = "Different names that hellos, requests and DNS ask for" },
	{ SYNTH("loss"), .key = "synth.loss", SHARE(synth.loss, "0"),
	  .help = "Share of TCP segments lost before the capture point and sent again" },
	{ SYNTH("reorder"), .key = "synth.reorder", SHARE(synth.reorder, "0"),
	  .help = "Share of TCP segments that swap places with the next" },
	{ SYNTH("flow-packets"), .key = "synth.flow_packets", UINT(synth.flow_packets, 0, UINT32_MAX, "0"),
	  .unit = "packets", .metavar = "N", .help = "Mean length of a flow; 0 = flows never end" },
	{ SYNTH("handshake"), .key = "synth.handshake", BOOL(synth.handshake, "true"),
	  .help = "TCP flows begin with a handshake and end with FINs" },
	{ SYNTH("rtt-us"), .key = "synth.rtt_us", UINT(synth.rtt_us, 1, 10000000, "1000"), .unit = "us",
	  .metavar = "US", .help = "Round trip time at the capture point" },
	{ SYNTH("elephant-share"), .key = "synth.elephant_share", SHARE(synth.elephant_share, "0"),
	  .help = "Share of packets that belong to the first 1 % of flows; 0 = all flows equal" },
	{ SYNTH("attack"), .key = "synth.attack", CHOICE(synth.attack, attacks, "off"), .metavar = "KIND",
	  .help = "Mix an attack into the traffic; flood: spoofed sources to one address; spread: to many; "
		  "scan: one source, every port" },
	{ SYNTH("attack-share"), .key = "synth.attack_share", SHARE(synth.attack_share, "0.5"),
	  .help = "Share of packets that belong to the attack, while it lasts" },
	{ SYNTH("attack-sources"), .key = "synth.attack_sources",
	  UINT(synth.attack_sources, 1, NSC_GEN_ATTACK_SOURCES_MAX, "1000000"), .unit = "addresses", .metavar = "N",
	  .help = "Spoofed sources of flood and spread" },
	{ SYNTH("attack-targets"), .key = "synth.attack_targets",
	  UINT(synth.attack_targets, 1, NSC_GEN_ATTACK_TARGETS_MAX, "65536"), .unit = "addresses", .metavar = "N",
	  .help = "Targets of spread" },
	{ SYNTH("attack-every-s"), .key = "synth.attack_every_s", FLOAT(synth.attack_every_s, 0, 1e6, "0"), .unit = "s",
	  .metavar = "SECS", .help = "Time from the begin of one attack to the next; 0 = no pause" },
	{ SYNTH("attack-for-s"), .key = "synth.attack_for_s", FLOAT(synth.attack_for_s, 0, 1e6, "1"), .unit = "s",
	  .metavar = "SECS", .help = "Length of each attack, at the end of its period" },
#undef SYNTH
#define GENERAL(long_name, short_name) .name = long_name, .letter = short_name, .group = NSC_GROUP_GENERAL
	{ GENERAL("config", 0), PATH(config), .help = "Read a TOML configuration file; the command line overrides it" },
	{ GENERAL("check", 'T'), .type = NSC_OPTION_ACTION, FIELD(check), .initial = "false",
	  .help = "Do all that a start would do, short of the first packet, print every problem and exit: 0 = none, "
		  "2 = some; no output is changed" },
	{ GENERAL("print-config", 0), .type = NSC_OPTION_ACTION, FIELD(print_config), .initial = "false",
	  .help = "Print the effective configuration as TOML and exit" },
	{ GENERAL("list-interfaces", 'l'), .type = NSC_OPTION_ACTION, FIELD(list_interfaces), .initial = "false",
	  .help = "List the network interfaces and exit" },
	{ GENERAL("json", 0), .type = NSC_OPTION_ACTION, FIELD(json), .initial = "false",
	  .help = "Print what netscope doctor or netscope bench found as JSON" },
	{ GENERAL("generate", 0), CHOICE(generate, generated, ""), .metavar = "WHAT",
	  .help = "Print a page or a completion script made from this table, and exit" },
	{ GENERAL("help", 'h'), .type = NSC_OPTION_ACTION, FIELD(help), .initial = "false", .help = "Print this help" },
	{ GENERAL("version", 'V'), .type = NSC_OPTION_ACTION, FIELD(version), .initial = "false",
	  .help = "Print the version" },
#undef GENERAL
};

const struct nsc_command nsc_command_table[] = {
	{ "doctor", "[-i INTERFACE] [--json]",
	  "check this machine, and with -i an interface, for what costs packets, "
	  "and say how to fix it; changes nothing",
	  offsetof(struct nsc_settings, doctor), NSC_PART_HERE },
	{ "bench", "[-r FILE | -i IF --send IF] [--against PROGRAM] [--baseline FILE] [--json]",
	  "measure what this machine does with traffic made in memory, or with a capture file, beside floors; "
	  "say whether another build, or an earlier day, was faster",
	  offsetof(struct nsc_settings, bench), NSC_PART_HERE },
	{ "extract", "FOLDER|FILE... [--flow FLOW] [--host LIST] [--from TIME] [--to TIME] -o PATH",
	  "write the packets of a flow, a host, a port or a time out of many capture files into one, in the order of "
	  "time; --to is the end of the time here",
	  offsetof(struct nsc_settings, extracts), NSC_PART_HERE },
	{ "extcap", "--extcap-interfaces | --extcap-interface NAME --capture --fifo PATH",
	  "offer the interfaces of this machine to Wireshark: as a link in its extcap folder, or by itself",
	  offsetof(struct nsc_settings, extcap_late), NSC_PART_HERE },
	{ "index", "FILE... [--decap]",
	  "write the index of capture files, by which packets are found in them; a recording with rotation does "
	  "so itself",
	  offsetof(struct nsc_settings, indexes), NSC_PART_HERE },
	{ "recorder", "--control-socket PATH [--host ADDRESS | --flow FLOW] [--last TIME] -o PATH",
	  "ask a running netscope for packets out of its flight recorder, and write them as pcapng; --to is the end of "
	  "the time here",
	  offsetof(struct nsc_settings, asks_recorder), NSC_PART_HERE },
	{ "ship", "--spool FOLDER --to URL[,URL] [--init | --check | --status | --once]",
	  "send the segments of a spool to ClickHouse, each exactly once, to a collector of IPFIX, and alerts to "
	  "people, and remove them",
	  offsetof(struct nsc_settings, ships), WEB_PART },
	{ "top", "[--url URL] [--interval-s SECS] [--once]",
	  "show a running sensor, or a file that is on show, in this terminal: workers, losses, cycles, flows; it "
	  "reads the dashboard of --web",
	  offsetof(struct nsc_settings, top), WEB_PART },
};

const size_t nsc_command_count = NSC_ARRAY_LEN(nsc_command_table);
const size_t nsc_option_count = NSC_ARRAY_LEN(nsc_option_table);
const struct nsc_option *const nsc_option_end = nsc_option_table + NSC_ARRAY_LEN(nsc_option_table);
static_assert(NSC_ARRAY_LEN(nsc_option_table) <= NSC_OPTIONS_MAX, "each option has a place for its origin");
