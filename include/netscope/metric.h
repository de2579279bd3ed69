/* SPDX-License-Identifier: MIT
 *
 * The names of Prometheus metrics, made from the registry of counters by Prometheus' own rules: what is counted and
 * its unit in the plural, once; _total behind a counter; base units (bytes, seconds). /metrics and docs/metrics.md
 * are both made from this file.
 */
#ifndef NETSCOPE_METRIC_H
#define NETSCOPE_METRIC_H

#include "netscope/counters.h"

enum { NSC_METRIC_NAME_MAX = 64 }; /* the NUL and "netscope_" included */

/* The metric of a counter. Counters of the class FATE share one metric, those of CYCLES and of WAITED another, and a
 * label tells them apart. */
struct nsc_metric {
	char name[NSC_METRIC_NAME_MAX]; /* "netscope_flow_created_total" */
	const char *type;               /* "counter" or "gauge" */
	const char *help;
	const char *label, *value; /* fate="arp"; both NULL where a metric is of one counter */
};

/* Range: counter < NSC_C_COUNT. Thread: any. Allocates: never. */
void nsc_metric_of(struct nsc_metric *metric, unsigned counter);

/* X(ID, name, type, labels, help): what /metrics tells beside the registry */
#define NSC_METRICS(X)                                                                                                 \
	X(UP, "netscope_up", "gauge", "", "1 while packets can arrive, as /healthz says")                              \
	X(STALLED, "netscope_stalled", "gauge", "",                                                                    \
	  "1 while packets arrive and no tick ends: every other number is old")                                        \
	X(INFO, "netscope_info", "gauge", "version, source, input", "always 1: the program and its source")            \
	X(LOGINS_FAILED, "netscope_dashboard_logins_failed_total", "counter", "",                                      \
	  "requests to the dashboard with a wrong name or password")                                                   \
	X(INTERFACE_UP, "netscope_interface_up", "gauge", "interface", "1 while packets can arrive over it")           \
	X(INTERFACE_OUTAGES, "netscope_interface_outages_total", "counter", "interface",                               \
	  "times that it was no longer up")                                                                            \
	X(INTERFACE_PACKETS, "netscope_interface_received_packets_total", "counter", "interface",                      \
	  "packets that came over it")                                                                                 \
	X(INTERFACE_BYTES, "netscope_interface_received_bytes_total", "counter", "interface",                          \
	  "their bytes on the wire")                                                                                   \
	X(INTERFACE_LOST, "netscope_interface_lost_packets_total", "counter", "interface, place",                      \
	  "packets of it that were lost, by place as in the registry")                                                 \
	X(LEDGER_BALANCED, "netscope_ledger_balanced", "gauge", "", "1 while every packet has exactly one fate")       \
	X(CYCLE_HERTZ, "netscope_cycle_hertz", "gauge", "", "cycles of the time stamp counter in a second")            \
	X(BY_WORKER_PACKETS, "netscope_by_worker_packets_total", "counter", "worker", "packets that each worker took") \
	X(BY_WORKER_CYCLES, "netscope_by_worker_cycles_total", "counter", "worker, stage",                             \
	  "cycles of each worker by stage")                                                                            \
	X(BY_WORKER_WAITED, "netscope_by_worker_waited_cycles_total", "counter", "worker, for",                        \
	  "cycles that each worker waited for other threads, by what for")                                             \
	X(ROUND_SECONDS, "netscope_round_seconds", "gauge", "worker, percentile",                                      \
	  "time of a worker's round with packets, by percentile, since the start")                                     \
	X(ROUND_DURATION, "netscope_round_duration_seconds", "histogram", "worker, le",                                \
	  "time of a worker's round with packets")                                                                     \
	X(PACKET_AGE, "netscope_packet_age_seconds", "histogram", "worker, le",                                        \
	  "live: from the time stamp of a burst's oldest packet until it was counted")                                 \
	X(LANE_QUEUE, "netscope_lane_queue_seconds", "histogram", "worker, le",                                        \
	  "from when a burst was sent into a lane until its worker took it")                                           \
	X(RECORDER_HELD, "netscope_recorder_held_seconds", "gauge", "worker",                                          \
	  "how far back the packets go that each worker's recorder holds")                                             \
	X(RECORDER_OLDEST, "netscope_recorder_oldest_timestamp_seconds", "gauge", "worker",                            \
	  "packet time at which they begin")                                                                           \
	X(DNS_ANSWERS, "netscope_dns_answers_total", "counter", "code", "first answers to DNS queries, by their code") \
	X(DNS_LATENCY, "netscope_dns_latency_seconds", "histogram", "le", "time from a DNS query to its first answer") \
	X(DNS_SERVER_QUERIES, "netscope_dns_server_queries_total", "counter", "server",                                \
	  "queries to each of the ten DNS servers with the most")                                                      \
	X(DNS_SERVER_ANSWERS, "netscope_dns_server_answers_total", "counter", "server, code",                          \
	  "their first answers, by code")                                                                              \
	X(DNS_SERVER_UNANSWERED, "netscope_dns_server_unanswered_total", "counter", "server",                          \
	  "queries to them without an answer in time")                                                                 \
	X(DNS_SERVER_LATENCY, "netscope_dns_server_latency_seconds", "gauge", "server, percentile",                    \
	  "time to their answers, by percentile, since the start")

enum nsc_metric_id {
#define NSC_X(id, name, type, labels, help) NSC_METRIC_##id,
	NSC_METRICS(NSC_X)
#undef NSC_X
		NSC_METRIC_COUNT
};

struct nsc_metric_info {
	const char *name, *type, *labels, *help;
};

extern const struct nsc_metric_info nsc_metric_table[NSC_METRIC_COUNT];

#endif
