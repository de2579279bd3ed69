/* SPDX-License-Identifier: MIT
 *
 * Alerts in words and as JSON.
 */
#include "netscope/alert.h"

#include "tests/unit/engine/check_main.h"

#include <cjson/cJSON.h>
#include <string.h>

static struct nsc_alert blank(enum nsc_alert_kind kind, uint8_t ip_version)
{
	struct nsc_alert alert = {
		.ts_ns = 1700000005200000000, .window_ns = 5000000000, .kind = kind, .ip_version = ip_version
	};

	memset(alert.observed, 0xff, sizeof(alert.observed));
	memset(alert.thresholds, 0xff, sizeof(alert.thresholds));
	return alert;
}

static struct nsc_alert flood(void)
{
	struct nsc_alert alert = blank(NSC_ALERT_SYN_FLOOD, 4);

	memcpy(alert.target, (uint8_t[]){ 10, 0, 0, 1 }, 4);
	alert.target_port = 80;
	alert.has_target = true;
	alert.observed[NSC_ALERT_SYNS] = 201;
	alert.observed[NSC_ALERT_SOURCES] = 57;
	alert.thresholds[NSC_ALERT_SYNS] = 200;
	alert.thresholds[NSC_ALERT_SOURCES] = 50;
	return alert;
}

static struct nsc_alert scan6(void)
{
	struct nsc_alert alert = blank(NSC_ALERT_PORT_SCAN, 6);

	memcpy(alert.source, (uint8_t[]){ 0x20, 0x01, 0x0d, 0xb8, [15] = 7 }, 16);
	alert.has_source = true;
	alert.window_ns = 300000000;
	alert.observed[NSC_ALERT_PORTS] = 1000;
	alert.observed[NSC_ALERT_HOSTS] = 1;
	alert.thresholds[NSC_ALERT_PORTS] = 25;
	alert.thresholds[NSC_ALERT_HOSTS] = 10;
	return alert;
}

static struct nsc_alert packets(uint64_t udp, uint64_t icmp)
{
	struct nsc_alert alert = blank(NSC_ALERT_UDP_ICMP_FLOOD, 4);

	memcpy(alert.target, (uint8_t[]){ 10, 0, 0, 1 }, 4);
	alert.has_target = true;
	alert.observed[NSC_ALERT_UDP_PACKETS] = udp;
	alert.observed[NSC_ALERT_ICMP_PACKETS] = icmp;
	alert.observed[NSC_ALERT_SOURCES] = 3;
	alert.thresholds[NSC_ALERT_UDP_PACKETS] = 10000;
	alert.thresholds[NSC_ALERT_ICMP_PACKETS] = 1000;
	return alert;
}

static const char *text_of(const struct nsc_alert *alert)
{
	static char text[NSC_ALERT_TEXT_MAX + 1];

	*nsc_alert_text(text, alert) = '\0';
	return text;
}

static const char *json_of(const struct nsc_alert *alert)
{
	static char text[NSC_ALERT_JSON_MAX + 1];

	*nsc_alert_json(text, alert) = '\0';
	return text;
}

START_TEST(says_who_and_how_much)
{
	struct nsc_alert alert = flood();

	ck_assert_str_eq(text_of(&alert), "SYN flood suspected: 201 syns, 57 sources to 10.0.0.1:80");
	alert.observed[NSC_ALERT_HANDSHAKES] = 0;
	ck_assert_str_eq(text_of(&alert),
			 "SYN flood suspected: 201 syns, 57 sources to 10.0.0.1:80, 0 handshakes completed");
	alert = scan6();
	ck_assert_str_eq(text_of(&alert), "Port scan suspected: 1000 ports, 1 hosts from 2001:db8::7");
}
END_TEST

START_TEST(brackets_only_where_a_port_follows)
{
	struct nsc_alert alert = flood();

	alert.ip_version = 6;
	memcpy(alert.target, (uint8_t[]){ 0x20, 0x01, 0x0d, 0xb8, [15] = 1 }, 16);
	ck_assert_str_eq(text_of(&alert), "SYN flood suspected: 201 syns, 57 sources to [2001:db8::1]:80");
}
END_TEST

START_TEST(json_of_a_flood)
{
	struct nsc_alert alert = flood();

	alert.id = 7;
	alert.state = NSC_ALERT_UPDATE;
	alert.packets = 900;
	alert.duration_ns = 10500000000;
	ck_assert_str_eq(
		json_of(&alert),
		"{\"ts\":1700000005.200000000,\"kind\":\"syn_flood\",\"severity\":\"warning\",\"description\":\"SYN "
		"flood suspected: 201 syns, "
		"57 sources to 10.0.0.1:80\",\"source_ip\":null,\"target_ip\":\"10.0.0.1\",\"target_port\":80,"
		"\"window_secs\":5.0,\"observed\":{\"syns\":201,\"sources\":57,\"handshakes\":null,\"ports\":null,"
		"\"hosts\":null},\"thresholds\":{\"syns\":200,\"sources\":50,\"handshakes\":null,\"ports\":null,"
		"\"hosts\":null},\"alert_id\":7,\"state\":\"update\",\"packets\":900,\"duration_secs\":10.5}");
}
END_TEST

START_TEST(a_flood_is_told_by_its_protocol)
{
	struct nsc_alert alert = packets(10001, 7);
	cJSON *json;

	ck_assert_str_eq(text_of(&alert), "UDP flood suspected: 10001 packets, 3 sources to 10.0.0.1");
	alert = packets(9999, 1000);
	ck_assert_str_eq(text_of(&alert), "ICMP flood suspected: 1000 packets, 3 sources to 10.0.0.1");
	json = cJSON_Parse(json_of(&alert));
	ck_assert_ptr_nonnull(json);
	ck_assert(cJSON_IsNull(cJSON_GetObjectItem(json, "target_port")));
	ck_assert_int_eq(cJSON_GetObjectItem(cJSON_GetObjectItem(json, "observed"), "udp_packets")->valueint, 9999);
	ck_assert_int_eq(cJSON_GetObjectItem(cJSON_GetObjectItem(json, "thresholds"), "icmp_packets")->valueint, 1000);
	cJSON_Delete(json);
}
END_TEST

START_TEST(a_microburst_has_no_address)
{
	struct nsc_alert alert = blank(NSC_ALERT_MICROBURST, 0);

	alert.window_ns = 1000000;
	alert.observed[NSC_ALERT_MS_PACKETS] = 81;
	alert.observed[NSC_ALERT_MS_BYTES] = 122634;
	alert.thresholds[NSC_ALERT_MS_BYTES] = 112500;
	ck_assert_str_eq(text_of(&alert), "Microburst suspected: 81 packets, 122634 bytes in a millisecond");
	ck_assert_ptr_nonnull(strstr(json_of(&alert), "\"source_ip\":null,\"target_ip\":null,\"target_port\":null,"
						      "\"window_secs\":0.001,"));
	ck_assert_ptr_nonnull(strstr(json_of(&alert), "\"ms_packets\":81,\"ms_bytes\":122634}"));
	ck_assert_ptr_nonnull(strstr(json_of(&alert), "\"ms_packets\":null,\"ms_bytes\":112500}"));
}
END_TEST

START_TEST(json_of_a_scan_parses)
{
	struct nsc_alert alert = scan6();
	cJSON *json = cJSON_Parse(json_of(&alert));

	ck_assert_ptr_nonnull(json);
	ck_assert_str_eq(cJSON_GetObjectItem(json, "source_ip")->valuestring, "2001:db8::7");
	ck_assert(cJSON_IsNull(cJSON_GetObjectItem(json, "target_ip")));
	ck_assert(cJSON_IsNull(cJSON_GetObjectItem(json, "target_port")));
	ck_assert(cJSON_GetObjectItem(json, "window_secs")->valuedouble == 0.3);
	ck_assert_int_eq(cJSON_GetObjectItem(cJSON_GetObjectItem(json, "observed"), "ports")->valueint, 1000);
	ck_assert_int_eq(cJSON_GetObjectItem(cJSON_GetObjectItem(json, "thresholds"), "hosts")->valueint, 10);
	ck_assert(cJSON_IsNull(cJSON_GetObjectItem(cJSON_GetObjectItem(json, "thresholds"), "syns")));
	cJSON_Delete(json);
}
END_TEST

/* The widest of everything fits into the rooms that the header names. */
START_TEST(widest_fits)
{
	struct nsc_alert alert = blank(NSC_ALERT_SYN_FLOOD, 6);

	memset(alert.source, 0xff, 16);
	memset(alert.target, 0xff, 16);
	alert.ts_ns = alert.window_ns = alert.id = alert.packets = alert.duration_ns = UINT64_MAX;
	alert.state = NSC_ALERT_UPDATE;
	alert.target_port = 65535;
	alert.has_source = alert.has_target = true;
	for (unsigned i = 0; i < NSC_ALERT_VALUE_COUNT; i++)
		alert.observed[i] = alert.thresholds[i] = UINT64_MAX - 1;
	ck_assert_uint_le(strlen(text_of(&alert)) + 48, NSC_ALERT_TEXT_MAX);
	ck_assert_uint_le(strlen(json_of(&alert)) + 48, NSC_ALERT_JSON_MAX);
	alert.kind = NSC_ALERT_PORT_SCAN;
	ck_assert_uint_le(strlen(json_of(&alert)) + 48, NSC_ALERT_JSON_MAX);
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(nsc_alert_kind_name(NSC_ALERT_PORT_SCAN), "port_scan");
	ck_assert_str_eq(nsc_alert_kind_name(NSC_ALERT_KIND_COUNT), "?");
}
END_TEST

CHECK_MAIN("alert_text", says_who_and_how_much, brackets_only_where_a_port_follows, json_of_a_flood,
	   a_flood_is_told_by_its_protocol, a_microburst_has_no_address, json_of_a_scan_parses, widest_fits, names)
