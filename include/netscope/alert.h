/* SPDX-License-Identifier: MIT
 *
 * Alerts: what a detector says when a threshold was reached, how it is put into words, and what detectors are told.
 *
 * An alert carries every value that its kind of detector observes, and the thresholds that it was held against; a value
 * that does not apply is NSC_ALERT_NONE. Alerts come in the order (ts_ns, kind, key), and offline they are the same for
 * any number of workers as long as no limit was hit (docs/alerts.md).
 */
#ifndef NETSCOPE_ALERT_H
#define NETSCOPE_ALERT_H

#include "netscope/base.h"

/* X(NAME, "kind as exported", "severity", "help of its counter"): the order of kinds is the order of alerts of one
 * time. A severity is "critical", "warning" or "info". */
#define NSC_ALERT_KINDS(X)                                                                                             \
	X(SYN_FLOOD, "syn_flood", "warning", "alerts of SYN floods")                                                   \
	X(PORT_SCAN, "port_scan", "warning", "alerts of port scans")                                                   \
	X(UDP_ICMP_FLOOD, "udp_icmp_flood", "warning", "alerts of UDP and ICMP floods")                                \
	X(MICROBURST, "microburst", "info", "alerts of microbursts")

enum nsc_alert_kind {
#define NSC_X(name, ...) NSC_ALERT_##name,
	NSC_ALERT_KINDS(NSC_X)
#undef NSC_X
		NSC_ALERT_KIND_COUNT
};

/* X(NAME, "key in observed and thresholds"). Those after HOSTS are written for the kinds that have them only. */
#define NSC_ALERT_VALUES(X)                                                                                            \
	X(SYNS, "syns")               /* SYNs without ACK */                                                           \
	X(SOURCES, "sources")         /* different source addresses */                                                 \
	X(HANDSHAKES, "handshakes")   /* completed ones */                                                             \
	X(PORTS, "ports")             /* different destination ports */                                                \
	X(HOSTS, "hosts")             /* different destination addresses */                                            \
	X(UDP_PACKETS, "udp_packets") /* that were not answered */                                                     \
	X(ICMP_PACKETS, "icmp_packets")                                                                                \
	X(MS_PACKETS, "ms_packets") /* in a millisecond */                                                             \
	X(MS_BYTES, "ms_bytes")

enum nsc_alert_value {
#define NSC_X(name, text) NSC_ALERT_##name,
	NSC_ALERT_VALUES(NSC_X)
#undef NSC_X
		NSC_ALERT_VALUE_COUNT
};

/* X(NAME, "state as exported") */
#define NSC_ALERT_STATES(X)                                                                                            \
	X(BEGIN, "begin")   /* of an attack: the first alert of its target or source */                                \
	X(UPDATE, "update") /* it goes on, after a cooldown */                                                         \
	X(END, "end")       /* no threshold was reached for a cooldown and a window */

enum nsc_alert_state {
#define NSC_X(name, text) NSC_ALERT_##name,
	NSC_ALERT_STATES(NSC_X)
#undef NSC_X
		NSC_ALERT_STATE_COUNT
};

#define NSC_ALERT_NONE UINT64_MAX /* this value does not apply */

struct nsc_alert {
	uint64_t ts_ns;     /* end of the epoch in which the threshold was reached, ns since 1970 UTC */
	uint64_t window_ns; /* over which was counted: whole epochs, so at least what was asked for */
	uint64_t observed[NSC_ALERT_VALUE_COUNT];   /* over that window; above 4096 different ones, an estimate */
	uint64_t thresholds[NSC_ALERT_VALUE_COUNT]; /* what they were held against */
	uint64_t id;                                /* of the attack, from 1 on */
	uint64_t packets;     /* of the attack so far: of the window with which it began, and all that followed */
	uint64_t duration_ns; /* from its begin to ts_ns; at its end: to when a threshold was reached last */
	uint8_t source[16];   /* network order; IPv4 in the first 4, the rest 0; valid with has_source */
	uint8_t target[16];   /* the same; valid with has_target */
	uint16_t target_port; /* host order; valid with has_target, but of a UDP or ICMP flood, which has none */
	uint8_t kind;         /* enum nsc_alert_kind */
	uint8_t ip_version;   /* 4 or 6 */
	bool has_source, has_target;
	uint8_t state; /* enum nsc_alert_state; the values of an end are the largest of the attack */
	bool quiet;    /* for files only: updates and ends are no alerts of their own */
};

static_assert(sizeof(struct nsc_alert) == 224, "no hidden padding: alerts are compared as bytes");

/* --- words: engine/text/alert_text.c. Thread: any. Allocates, blocks: never. ------------------ */

enum { NSC_ALERT_TEXT_MAX = 256, NSC_ALERT_JSON_MAX = 1536 };

/* Names as exported; "?" beyond the table. */
const char *nsc_alert_kind_name(unsigned kind);     /* "syn_flood" */
const char *nsc_alert_severity_name(unsigned kind); /* "warning": of all alerts of a kind, whatever their state */
const char *nsc_alert_state_name(unsigned state);   /* "begin" */
const char *nsc_alert_value_name(unsigned value);   /* "syns" */

/* Whether target_port says something. */
nsc_always_inline bool nsc_alert_has_port(const struct nsc_alert *alert)
{
	return alert->has_target && alert->kind != NSC_ALERT_UDP_ICMP_FLOOD;
}

/* "SYN flood suspected: N syns, M sources to IP:PORT", "Port scan suspected: P ports, H hosts from IP", "UDP flood
 * suspected: N packets, M sources to IP", "Microburst suspected: N packets, M bytes in a millisecond"; an IPv6 address
 * in brackets where a port follows. Writes at `at`, where NSC_ALERT_TEXT_MAX bytes must be; no NUL; returns the end. */
char *nsc_alert_text(char *at, const struct nsc_alert *alert);

/* One JSON object on one line, no newline, no NUL: ts, kind, severity, description, source_ip, target_ip, target_port,
 * window_secs, observed, thresholds, alert_id, state, packets, duration_secs; null where something does not apply.
 * Room: NSC_ALERT_JSON_MAX. Returns the end. */
char *nsc_alert_json(char *at, const struct nsc_alert *alert);

/* --- what detectors are told ------------------------------------------------------------------ */

#define NSC_EPOCH_NS 100000000ull /* packets are counted into epochs of clock_ns, which all workers number alike */

struct nsc_detector_options {
	bool enabled;
	uint64_t window_ns;        /* 1.. 3600 s; rounded up to whole epochs */
	uint64_t cooldown_ns;      /* no second alert for the same target or source within it; 0 = none */
	uint32_t threshold;        /* at least so many SYNs; ports; UDP packets */
	uint32_t unique_threshold; /* at least so many sources; hosts; ICMP messages */
};

struct nsc_microburst_options {
	bool enabled;
	uint64_t limit_bytes; /* as many in a millisecond are an alert; 0 = none is */
	uint64_t cooldown_ns; /* no second alert within it */
};

#define NSC_NETWORKS_MAX 32u

struct nsc_network {
	uint8_t addr[16]; /* network order; IPv4 in the first 4, the rest 0; bits beyond the length say nothing */
	uint8_t bits;     /* 0..32, 0..128 */
	uint8_t ip_version;
};

struct nsc_networks { /* what engine/detect/networks.h reads and asks */
	uint32_t n;   /* 0..NSC_NETWORKS_MAX */
	struct nsc_network network[NSC_NETWORKS_MAX];
};

struct nsc_ignored { /* contacts of these sources, or with these targets, are not counted */
	struct nsc_networks sources, targets;
};

struct nsc_detect_options {
	struct nsc_detector_options syn_flood; /* threshold SYNs and unique_threshold sources to one address and port */
	struct nsc_detector_options port_scan; /* threshold ports or unique_threshold hosts from one source */
	struct nsc_detector_options udp_icmp_flood; /* threshold or unique_threshold packets to one address; off with
						       scan_all */
	struct nsc_microburst_options microburst;
	bool few_sources; /* also a SYN flood from fewer sources, when no handshake was completed */
	bool scan_all;    /* a port scan is counted by whatever was tried, not only by what was not answered */
	uint32_t scan_arp_threshold; /* a port scan is also so many hosts asked for by ARP without an answer */
	struct nsc_ignored ignored[NSC_ALERT_KIND_COUNT + 1]; /* by kind; the last one holds for all */
	uint64_t memory;                                      /* bytes for what the windows hold, over all detectors */
	uint64_t seed[2]; /* of the hashes; fixed offline (reproducible), drawn live (nobody can aim) */
};

#endif
