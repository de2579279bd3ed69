/* SPDX-License-Identifier: MIT
 *
 * The names of metrics follow Prometheus' rules, whatever the registry holds.
 */
#include "netscope/metric.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/engine/check_main.h"

static const char *name_of(unsigned counter)
{
	static struct nsc_metric metric;

	nsc_metric_of(&metric, counter);
	return metric.name;
}

START_TEST(a_unit_stands_once)
{
	ck_assert_str_eq(name_of(NSC_C_RX_RECEIVED), "netscope_rx_received_packets_total");
	ck_assert_str_eq(name_of(NSC_C_RX_BYTES), "netscope_rx_bytes_total");
	ck_assert_str_eq(name_of(NSC_C_FLOW_CREATED), "netscope_flow_created_total");
	ck_assert_str_eq(name_of(NSC_C_QUERY_ANSWERED), "netscope_query_answered_total");
	ck_assert_str_eq(name_of(NSC_C_LANE_FULL), "netscope_lane_full_packets_total");
	ck_assert_str_eq(name_of(NSC_C_ALERT), "netscope_alert_syn_flood_total");
}
END_TEST

START_TEST(gauges_have_no_total)
{
	struct nsc_metric metric;

	nsc_metric_of(&metric, NSC_C_LANE_WAITING);
	ck_assert_str_eq(metric.name, "netscope_lane_waiting_bursts");
	ck_assert_str_eq(metric.type, "gauge");
	ck_assert_str_eq(name_of(NSC_C_FLOW_ACTIVE), "netscope_flow_active");
	ck_assert_str_eq(name_of(NSC_C_TAPS), "netscope_taps");
}
END_TEST

START_TEST(fates_and_cycles_share_a_metric)
{
	struct nsc_metric metric;

	nsc_metric_of(&metric, NSC_C_FATE + NSC_FATE_ARP);
	ck_assert_str_eq(metric.name, "netscope_fate_packets_total");
	ck_assert_str_eq(metric.label, "fate");
	ck_assert_str_eq(metric.value, "arp");
	nsc_metric_of(&metric, NSC_C_CYCLES_IDLE);
	ck_assert_str_eq(metric.name, "netscope_cycles_total");
	ck_assert_str_eq(metric.value, "idle");
	nsc_metric_of(&metric, NSC_C_WAITED_RECORDS);
	ck_assert_str_eq(metric.name, "netscope_waited_cycles_total");
	ck_assert_str_eq(metric.label, "for");
	ck_assert_str_eq(metric.value, "records");
}
END_TEST

static bool is_name(const char *name)
{
	return strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789") == strlen(name) &&
	       !strncmp(name, "netscope_", sizeof("netscope_") - 1) && !strstr(name, "__");
}

static bool is_total(const char *name)
{
	size_t n = strlen(name), end = sizeof("_total") - 1;

	return n > end && !strcmp(name + n - end, "_total");
}

/* _total says that it is a counter; counters of one metric follow one another, as Prometheus' text wants them. */
START_TEST(every_metric_keeps_the_rules)
{
	struct nsc_metric metric[NSC_C_COUNT];

	for (unsigned i = 0; i < NSC_C_COUNT; i++) {
		nsc_metric_of(&metric[i], i);
		ck_assert_msg(is_name(metric[i].name), "%s", metric[i].name);
		ck_assert_msg(strlen(metric[i].name) < NSC_METRIC_NAME_MAX - 1, "%s is cut", metric[i].name);
		ck_assert_msg(is_total(metric[i].name) == !strcmp(metric[i].type, "counter"), "%s", metric[i].name);
		for (unsigned j = 0; j < i; j++)
			ck_assert_msg(strcmp(metric[i].name, metric[j].name) ||
					      !strcmp(metric[i].name, metric[i - 1].name),
				      "%s is two metrics", metric[i].name);
		for (unsigned j = 0; j < NSC_METRIC_COUNT; j++)
			ck_assert_str_ne(metric[i].name, nsc_metric_table[j].name);
	}
	for (unsigned i = 0; i < NSC_METRIC_COUNT; i++)
		ck_assert_msg(is_name(nsc_metric_table[i].name) && is_total(nsc_metric_table[i].name) ==
									   !strcmp(nsc_metric_table[i].type, "counter"),
			      "%s", nsc_metric_table[i].name);
}
END_TEST

CHECK_MAIN("metric", a_unit_stands_once, gauges_have_no_total, fates_and_cycles_share_a_metric,
	   every_metric_keeps_the_rules)
