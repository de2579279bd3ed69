/* SPDX-License-Identifier: MIT
 *
 * The effective configuration of one run: one member for each option of the table in options.c, which also holds
 * ranges and defaults. Texts are borrowed from whoever set them (argv, or `texts`) and are never NULL: "" means off.
 */
#ifndef TOOLS_NETSCOPE_SETTINGS_H
#define TOOLS_NETSCOPE_SETTINGS_H

#include "netscope/alert.h"
#include "netscope/out.h"
#include "netscope/rx.h"

#include <net/if.h>
#include <string.h>

#define NSC_CORES_MAX 128u /* workers, capture thread, and room */
#define NSC_OPTIONS_MAX 256u

enum nsc_backend {
	NSC_BACKEND_AUTO,
	NSC_BACKEND_FILE,
	NSC_BACKEND_PCAP,
	NSC_BACKEND_TPACKET,
	NSC_BACKEND_SYNTH,
	NSC_BACKEND_DPDK
};

enum nsc_fragments_choice { NSC_FRAGMENTS_COUNT, NSC_FRAGMENTS_APART };

enum nsc_latency { NSC_LATENCY_BALANCED, NSC_LATENCY_LOW, NSC_LATENCY_THROUGHPUT };

enum nsc_direct_choice { NSC_DIRECT_CHOICE_AUTO, NSC_DIRECT_CHOICE_ON, NSC_DIRECT_CHOICE_OFF };

enum nsc_payload_choice { NSC_PAYLOAD_ON, NSC_PAYLOAD_OFF };

enum nsc_sandbox { NSC_SANDBOX_AUTO, NSC_SANDBOX_ALWAYS, NSC_SANDBOX_NEVER };

/* Who said it last: a later one wins. */
enum nsc_origin { NSC_ORIGIN_DEFAULT, NSC_ORIGIN_FILE, NSC_ORIGIN_COMMAND_LINE };

struct nsc_core_list {
	uint32_t n;
	bool automatic;          /* none is named: they are chosen when the run knows what it needs */
	int core[NSC_CORES_MAX]; /* in the order in which they were named, each once */
	uint32_t parts;          /* "eth0:2-5,eth1:6-9": interfaces that have cores of their own; 0: none is named */
	struct {
		char interface[IF_NAMESIZE];
		uint32_t n; /* cores, behind those of the parts before */
	} part[NSC_LIVE_INTERFACES_MAX];
};

struct nsc_detector_settings {
	bool enabled;
	double window_secs, cooldown_secs;
	uint32_t threshold;        /* SYNs; ports; UDP packets */
	uint32_t unique_threshold; /* sources; hosts; ICMP messages */
};

struct nsc_web_settings {
	bool enabled;
	const char *bind;
	uint32_t port;
	uint32_t tick_ms, top_n, ended_flows, packet_buffer, sample_rate, payload_bytes;
	const char *history;                         /* file; "" = none */
	const char *allowed_hosts, *allowed_origins; /* "a,b" */
	const char *links;                           /* "Name=https://...,...": see nsc_path_next; "" = none */
	struct {
		bool enabled;
		const char *cert_path, *key_path;
	} tls;
	struct {
		bool enabled;
		const char *username, *password_file;
	} auth;
	const char *peers; /* "a,b": other sensors; "" = none */
	const char *peers_password_file, *peers_certificates;
};

enum nsc_scan_count { NSC_SCAN_UNANSWERED, NSC_SCAN_ALL };

struct nsc_settings {
	uint8_t origin[NSC_OPTIONS_MAX]; /* enum nsc_origin, by place in the table */
	char *texts[NSC_OPTIONS_MAX];    /* owned: those that came from the configuration file, and lists of paths */

	int argc; /* the command line: a reload reads it again, too */
	char **argv;
	bool reloads; /* these are for a run that goes on: checks change nothing outside */

	const char *interface; /* names, lists of names, patterns: see nsc_path_next, interface_names.h */
	bool promiscuous;
	const char *read_pcap; /* paths, see nsc_path_next; "-" is standard input */
	unsigned backend;      /* enum nsc_backend */
	const char *dpdk_port; /* as nsc_dpdk_port_parse takes it; "" = none */
	uint32_t dpdk_queues;  /* 0 = automatic */
	const char *filter;
	uint64_t recorder_mb; /* 0 = no recorder */
	uint32_t recorder_snaplen;
	uint32_t recorder_cutoff_kb, write_pcap_cutoff_kb;
	const char *recorder_filter;
	unsigned recorder_payload; /* enum nsc_payload_choice */
	const char *trace;         /* filter of packets whose way is noted; "" = none */
	uint32_t trace_count;
	uint64_t count;
	uint32_t snaplen;
	uint32_t timeout_ms;
	uint64_t buffer_size_mb;
	bool immediate_mode;
	double dedup_ms;     /* 0 = off */
	unsigned latency;    /* enum nsc_latency */
	unsigned timestamps; /* enum nsc_stamps */
	unsigned direct;     /* enum nsc_direct_choice */

	struct nsc_out_asked out;
	uint64_t write_pcap_rotate_mb; /* 0 = any size */
	uint64_t write_pcap_rotate_s;  /* 0 = any time */
	bool timeline;
	bool progress;
	const char *geoip; /* paths, see nsc_path_next */
	bool services;

	double flow_timeout_s, active_timeout_s;
	uint64_t max_flows;
	bool decap;
	const char *decap_ports;  /* "a,b": "vxlan=8472" */
	const char *track;        /* "a,b" */
	bool track_sctp;          /* the same as "sctp" */
	unsigned fragments;       /* enum nsc_fragments_choice */
	const char *flow_key;     /* "a,b" */
	unsigned names;           /* enum nsc_names */
	uint64_t names_memory_mb; /* 0 = automatic */
	bool dns;

	bool stats;
	uint64_t stats_interval_ms;
	uint32_t top_flows, top_names;
	uint32_t profile_hz; /* 0 = off */

	bool pipeline;
	uint32_t workers; /* as given: 0 = automatic */
	uint32_t readers; /* as given: 0 = automatic */
	uint32_t channel_capacity;
	struct nsc_core_list cores;
	struct nsc_core_list
		management_cores; /* of all threads beside workers and the capture thread; none: anywhere */
	unsigned poll;            /* enum nsc_poll_mode */
	uint64_t record_memory_mb;

	bool rtt, retrans, out_of_order;
	bool anomalies;
	uint64_t anomalies_memory_mb;
	struct nsc_detector_settings syn_flood, port_scan, udp_icmp_flood;
	struct {
		bool enabled;
		uint32_t link_mbps; /* 0: unknown */
		double share;       /* 0.01..1 */
		double cooldown_secs;
	} microburst;
	bool few_sources;
	unsigned scan_count; /* enum nsc_scan_count */
	uint32_t scan_arp_threshold;
	struct {
		const char *sources, *targets; /* "10.0.0.0/8,2001:db8::/32" */
	} ignored[NSC_ALERT_KIND_COUNT + 1];   /* by kind; the last one holds for all */
	struct nsc_web_settings web;

	const char *user;        /* "" = whoever called sudo, else nobody */
	unsigned sandbox;        /* enum nsc_sandbox */
	const char *sandbox_off; /* "a,b": steps */

	struct nsc_synth_options synth; /* its snaplen is not used: `snaplen` speaks for every source */

	const char *config;
	bool print_config;
	bool check;
	bool list_interfaces;
	unsigned generate; /* by place in the words of --generate; 0 = nothing */
	unsigned verbose;
	bool help, version;
	bool doctor;  /* `netscope doctor` */
	bool indexes; /* it is `netscope index` */
	bool json;
	bool bench;          /* `netscope bench` */
	const char *traffic; /* "a,b"; "" = what fits */
	double seconds;      /* 0 = what fits */
	const char *save, *baseline, *against;
	bool until_stable;
	const char *send;                      /* interface; "" = none */
	bool send_anyway;                      /* though it is in use */
	struct nsc_core_list send_core;        /* one, or none */
	const char *frame_sizes, *flow_counts; /* "a,b" */
	double trial_s;
	uint32_t repeats;
	bool extcap;      /* a capture for Wireshark: nothing is printed that is no fault */
	bool extcap_late; /* the word, somewhere behind the first one */
	bool top;         /* `netscope top` */
	const char *url;  /* "" = of the dashboard of this configuration */
	double interval_s;
	bool once;
	struct {                           /* `netscope ship` */
		const char *to, *database; /* "a,b" */
		const char *user, *password_file, *certificates;
		const char *metrics; /* "ADDRESS:PORT"; "" = nobody may ask */
		const char *webhook_token_file, *alertmanager_token_file;
		uint32_t alertmanager_resend_s, alerts_max_age_s, syslog_pen; /* max_age: 0 = any */
		bool init, status;
		uint16_t port[8]; /* to which it connects: known once it has read the URLs */
		uint32_t ports;
	} ship;
	bool ships;                 /* it is `netscope ship` */
	struct {                    /* packets out of the flight recorder */
		const char *alerts; /* folder of recordings; "" = none */
		double before_s, after_s;
		uint64_t limit_mb;
		uint32_t per_hour; /* 0 = any number */
		const char *control_socket;
		const char *last;
	} recordings;
	bool asks_recorder; /* `netscope recorder`; which packets, and where to, are extract's */
	bool extracts;      /* `netscope extract`; its other end of time is ship.to */
	struct {            /* which packets, as a person writes it */
		const char *flow, *host, *community_id, *from, *name;
		uint32_t port; /* 0 = any */
		const char *output;
	} extract;
	uint16_t top_port; /* to which `netscope top` connects: known once it has read the URL */
};

/* Whether captured packets go to segments. */
nsc_always_inline bool nsc_settings_rotate(const struct nsc_settings *settings)
{
	return settings->write_pcap_rotate_mb || settings->write_pcap_rotate_s;
}

#endif
