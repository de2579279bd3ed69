/* SPDX-License-Identifier: MIT
 *
 * A segment is one part: the partition depends on what all its rows have in common, so that a time of 2096 in a capture
 * makes no partition of its own, and an insert is stored whole or not at all.
 */
#include "tools/ship/schema.h"

#include "engine/text/alert_row.h"

#include <stdlib.h>
#include <string.h>

/* --- columns ---------------------------------------------------------------------------------- */

static const struct nsc_schema_column origin[] = {
	{ .name = "sensor", .type = "LowCardinality(String)", .old = "String" },
	{ .name = "boot", .type = "UInt64", .old = "UInt64" },
	{ .name = "worker", .type = "UInt16", .old = "UInt16" },
	{ .name = "spooled", .type = "DateTime", .old = "DateTime" },
};

static const struct nsc_schema_column numbered[] = {
	{ .name = "sensor", .type = "LowCardinality(String)", .old = "String" },
	{ .name = "boot", .type = "UInt64", .old = "UInt64" },
	{ .name = "spooled", .type = "DateTime", .old = "DateTime" },
	{ .name = "row_id", .type = "UInt64", .old = "UInt64" },
};

static const struct nsc_schema_column ledger[] = {
	{ .name = "minute", .type = "DateTime", .old = "DateTime" },
	{ .name = "counter", .type = "LowCardinality(String)", .old = "String" },
	{ .name = "value", .type = "UInt64", .old = "UInt64" },
	{ .name = "added", .type = "Int64", .old = "Int64" },
};

uint32_t nsc_ship_columns(struct nsc_schema_column column[NSC_SHIP_COLUMNS], enum nsc_segment_kind kind)
{
	if (kind == NSC_SEGMENT_FLOWS) {
		memcpy(column, origin, sizeof(origin));
		return NSC_ARRAY_LEN(origin) + nsc_schema_flows(column + NSC_ARRAY_LEN(origin));
	}
	memcpy(column, numbered, sizeof(numbered));
	if (kind == NSC_SEGMENT_ALERTS)
		return NSC_ARRAY_LEN(numbered) + nsc_schema_alerts(column + NSC_ARRAY_LEN(numbered));
	memcpy(column + NSC_ARRAY_LEN(numbered), ledger, sizeof(ledger));
	return NSC_ARRAY_LEN(numbered) + NSC_ARRAY_LEN(ledger);
}

static bool column_is_nullable(const struct nsc_schema_column *column)
{
	return !strncmp(column->old, "Nullable(", strlen("Nullable("));
}

size_t nsc_ship_column_width(const struct nsc_schema_column *column)
{
	const char *type = column->old + (column_is_nullable(column) ? strlen("Nullable(") : 0);

	if (strstr(type, "Fixed"))
		return 16;
	if (strstr(type, "String"))
		return 0;
	return strcmp(type, "DateTime") ? (size_t)atoi(strstr(type, "Int") + strlen("Int")) / 8 : 4;
}

size_t nsc_ship_rows_bytes(enum nsc_segment_kind kind, const char *data, size_t bytes, uint64_t rows)
{
	struct nsc_schema_column column[NSC_SHIP_COLUMNS];
	size_t width[NSC_SHIP_COLUMNS], at = 0;
	bool nullable[NSC_SHIP_COLUMNS];
	uint32_t n = nsc_ship_columns(column, kind);

	for (uint32_t i = 0; i < n; i++) {
		width[i] = nsc_ship_column_width(&column[i]);
		nullable[i] = column_is_nullable(&column[i]);
	}
	for (; rows; rows--) {
		for (uint32_t i = 0; i < n; i++) {
			size_t length = width[i], shift = 0, byte = 128;

			if (nullable[i]) {
				if (at == bytes)
					return 0;
				if (data[at++])
					continue;
			}
			for (; !width[i] && byte & 128 && at < bytes && shift < 28; shift += 7) {
				byte = (uint8_t)data[at++];
				length |= (byte & 127) << shift;
			}
			if ((!width[i] && byte & 128) || length > bytes - at)
				return 0;
			at += length;
		}
	}
	return at;
}

/* --- statements ------------------------------------------------------------------------------- */

/* The columns of CSV and JSON lines whose units or values a table has in another form. */
static void schema_alias(FILE *out, enum nsc_segment_kind kind, const char *name)
{
	size_t length = strlen(name) - NSC_MIN(strlen(name), strlen("_ns"));

	if (strcmp(name + length, "_ns"))
		return;
	if (kind == NSC_SEGMENT_ALERTS)
		fprintf(out, ",\n    %.*s_secs Float64 ALIAS %s / 1000000000", (int)length, name, name);
	else if (!strcmp(name, "duration_ns"))
		fprintf(out,
			",\n    duration_secs Float64 ALIAS duration_ns / 1000000000"
			",\n    avg_bps Float64 ALIAS if(duration_ns = 0, 0, bytes_total * 8000000000 / duration_ns)");
	else
		fprintf(out, ",\n    %.*s_ms Float64 ALIAS %s / 1000000", (int)length, name, name);
}

/* Whole seconds, under one name for all versions. */
static void schema_seconds(FILE *out, const char *name, const char *of, bool old)
{
	if (old)
		fprintf(out, ",\n    %s DateTime ALIAS toDateTime(intDiv(%s, 1000000000))", name, of);
	else
		fprintf(out, ",\n    %s DateTime ALIAS toDateTime(%s)", name, of);
}

static void schema_table(FILE *out, enum nsc_segment_kind kind, const char *order, bool old)
{
	struct nsc_schema_column column[NSC_SHIP_COLUMNS];
	uint32_t n = nsc_ship_columns(column, kind);

	fprintf(out, "CREATE TABLE IF NOT EXISTS %s (", nsc_segment_kind_names[kind]);
	for (uint32_t i = 0; i < n; i++)
		fprintf(out, "%s\n    %s %s", i ? "," : "", column[i].name, old ? column[i].old : column[i].type);
	for (uint32_t i = 0; i < n; i++)
		schema_alias(out, kind, column[i].name);
	if (kind == NSC_SEGMENT_FLOWS) {
		schema_seconds(out, "started", "first_seen", old);
		schema_seconds(out, "ended", "last_seen", old);
	}
	fprintf(out, "\n)\nENGINE = MergeTree() PARTITION BY toYYYYMM(spooled) ORDER BY %s", order);
	if (!old)
		fprintf(out, "\nSETTINGS non_replicated_deduplication_window = 1000");
	fprintf(out, ";\n\n");
}

static const char views[] =
	"CREATE VIEW IF NOT EXISTS top_talkers AS\n"
	"SELECT address, sum(packets) AS packets, sum(bytes) AS bytes, count() AS flows\n"
	"FROM (\n"
	"    SELECT endpoint_a_ip AS address, packets_total AS packets, bytes_total AS bytes FROM flows\n"
	"    UNION ALL\n"
	"    SELECT endpoint_b_ip AS address, packets_total AS packets, bytes_total AS bytes FROM flows\n"
	")\n"
	"GROUP BY address ORDER BY bytes DESC;\n\n"
	"CREATE VIEW IF NOT EXISTS top_names AS\n"
	"SELECT name, app, count() AS flows, sum(packets_total) AS packets, sum(bytes_total) AS bytes\n"
	"FROM flows WHERE name != '' GROUP BY name, app ORDER BY bytes DESC;\n\n"
	"CREATE VIEW IF NOT EXISTS top_services AS\n"
	"SELECT protocol, if(client = 'b_to_a', endpoint_a_port, endpoint_b_port) AS port, app,\n"
	"    count() AS flows, sum(packets_total) AS packets, sum(bytes_total) AS bytes\n"
	"FROM flows GROUP BY protocol, port, app ORDER BY bytes DESC;\n\n"
	"CREATE VIEW IF NOT EXISTS tcp_health AS\n"
	"SELECT sensor, count() AS flows, sum(packets_total) AS packets, sum(retransmissions) AS retransmissions,\n"
	"    sum(out_of_order) AS out_of_order, sum(lost_segments) AS lost_segments,\n"
	"    sum(zero_windows) AS zero_windows, countIf(tcp_state = 'reset') AS resets,\n"
	"    countIf(rtt_handshake_ns > 0) AS handshakes,\n"
	"    avgIf(rtt_handshake_ns, rtt_handshake_ns > 0) / 1000000 AS rtt_handshake_ms,\n"
	"    avgIf(rtt_ewma_ns, rtt_samples > 0) / 1000000 AS rtt_ms\n"
	"FROM flows WHERE protocol = 'tcp' GROUP BY sensor;\n\n"
	"CREATE VIEW IF NOT EXISTS flow_observations AS\n"
	"SELECT day, community_id, any(protocol) AS protocol, any(a_ip) AS endpoint_a_ip,\n"
	"    any(a_port) AS endpoint_a_port, any(b_ip) AS endpoint_b_ip, any(b_port) AS endpoint_b_port,\n"
	"    any(app) AS app, any(name) AS name,\n"
	"    toDateTime(min(first_second)) AS started, toDateTime(max(last_second)) AS ended,\n"
	"    arrayReverseSort(groupArray(tuple(packets_a_to_b, bytes_a_to_b, sensor)))[1] AS a_to_b,\n"
	"    arrayReverseSort(groupArray(tuple(packets_b_to_a, bytes_b_to_a, sensor)))[1] AS b_to_a,\n"
	"    a_to_b.3 AS sensor_a_to_b, b_to_a.3 AS sensor_b_to_a, arraySort(groupArray(sensor)) AS sensors,\n"
	"    a_to_b.1 + b_to_a.1 AS packets, a_to_b.2 + b_to_a.2 AS bytes,\n"
	"    sum(packets_a_to_b + packets_b_to_a) AS packets_seen,\n"
	"    sum(bytes_a_to_b + bytes_b_to_a) AS bytes_seen\n"
	"FROM (\n"
	"    SELECT day, community_id, row.1 AS episode, row.5 AS sensor,\n"
	"        any(protocol) AS protocol, any(a_ip) AS a_ip, any(a_port) AS a_port, any(b_ip) AS b_ip,\n"
	"        any(b_port) AS b_port, any(app) AS app, any(name) AS name,\n"
	"        min(row.2) AS first_second, max(row.4) AS last_second,\n"
	"        sum(row.6) AS packets_a_to_b, sum(row.7) AS packets_b_to_a,\n"
	"        sum(row.8) AS bytes_a_to_b, sum(row.9) AS bytes_b_to_a\n"
	"    FROM (\n"
	"        SELECT toDate(started) AS day, community_id, any(flows.protocol) AS protocol,\n"
	"            any(endpoint_a_ip) AS a_ip, any(endpoint_a_port) AS a_port,\n"
	"            any(endpoint_b_ip) AS b_ip, any(endpoint_b_port) AS b_port,\n"
	"            max(flows.app) AS app, max(flows.name) AS name,\n"
	"            groupArray(tuple(toUInt64(started), toUInt8(0), toUInt64(ended), toString(sensor),\n"
	"                packets_a_to_b, packets_b_to_a, bytes_a_to_b, bytes_b_to_a)) AS begins,\n"
	"            arrayMap(b -> tuple(toUInt64(greatest(b.1, b.3) + 1), toUInt8(1),\n"
	"                b.3, b.4, b.5, b.6, b.7, b.8), begins) AS ends,\n"
	"            arraySort(arrayConcat(begins, ends)) AS events,\n"
	"            arrayCumSum(arrayMap(e -> if(e.2 = 0, 1, -1), events)) AS seen_now,\n"
	"            arrayCumSum(arrayMap(n -> n = 0, seen_now)) AS gone_before,\n"
	"            arrayMap((n, e) -> tuple(n, e.1, e.2, e.3, e.4, e.5, e.6, e.7, e.8),\n"
	"                gone_before, events) AS placed,\n"
	"            arrayJoin(arrayFilter(p -> p.3 = 0, placed)) AS row\n"
	"        FROM flows GROUP BY day, community_id\n"
	"    )\n"
	"    GROUP BY day, community_id, episode, sensor\n"
	")\n"
	"GROUP BY day, community_id, episode;\n\n"
	"CREATE VIEW IF NOT EXISTS traffic_once AS\n"
	"SELECT day, toStartOfMinute(started) AS minute, protocol, app, count() AS flows,\n"
	"    sum(packets) AS packets, sum(bytes) AS bytes, sum(packets_seen) AS packets_seen,\n"
	"    sum(bytes_seen) AS bytes_seen\n"
	"FROM flow_observations GROUP BY day, minute, protocol, app;\n\n"
	"CREATE VIEW IF NOT EXISTS flow_gaps AS\n"
	"SELECT sensor, boot, worker, count() AS rows_here, uniqExact(flow_id) AS rows_once,\n"
	"    max(flow_id) AS last_row, max(flow_id) - uniqExact(flow_id) AS rows_missing,\n"
	"    count() - uniqExact(flow_id) AS rows_twice\n"
	"FROM flows GROUP BY sensor, boot, worker;\n\n"
	"CREATE VIEW IF NOT EXISTS flow_gap_minutes AS\n"
	"SELECT sensor, boot, worker, step.2 AS minute, step.1 AS first_row, step.3 AS last_row,\n"
	"    step.4 AS rows_here, toInt64(step.3 - step.5) - toInt64(step.4) AS rows_missing\n"
	"FROM (\n"
	"    SELECT sensor, boot, worker,\n"
	"        arraySort(groupArray(tuple(first_row, minute, last_row, rows_here))) AS m,\n"
	"        arrayPushFront(arrayPopBack(arrayMap(s -> s.3, m)), toUInt64(0)) AS before,\n"
	"        arrayJoin(arrayMap((s, b) -> tuple(s.1, s.2, s.3, s.4, b), m, before)) AS step\n"
	"    FROM (\n"
	"        SELECT sensor, boot, worker, toStartOfMinute(spooled) AS minute, min(flow_id) AS first_row,\n"
	"            max(flow_id) AS last_row, count() AS rows_here\n"
	"        FROM flows GROUP BY sensor, boot, worker, minute\n"
	"    )\n"
	"    GROUP BY sensor, boot, worker\n"
	");\n\n"
	"CREATE VIEW IF NOT EXISTS fleet_ledger AS\n"
	"SELECT sensor, boot, sum(received) AS received, sum(nic_drops) AS nic_drops,\n"
	"    sum(stack_drops) AS stack_drops, sum(kernel_drops) AS kernel_drops, sum(lane_drops) AS lane_drops,\n"
	"    sum(flow_packets) AS flow_packets,\n"
	"    sum(flows_skipped) AS flows_skipped, sum(rows_spooled) AS rows_spooled,\n"
	"    sum(rows_dropped) AS rows_dropped, sum(rows_here) AS rows_here,\n"
	"    sum(packets_here) AS packets_here, sum(bytes_here) AS bytes_here,\n"
	"    toInt64(rows_spooled) - toInt64(rows_dropped) - toInt64(rows_here) AS rows_missing\n"
	"FROM (\n"
	"    SELECT sensor, boot, maxIf(value, counter = 'rx_received') AS received,\n"
	"        maxIf(value, counter = 'rx_nic_drops') AS nic_drops,\n"
	"        maxIf(value, counter = 'rx_stack_drops') AS stack_drops,\n"
	"        maxIf(value, counter = 'rx_kernel_drops') AS kernel_drops,\n"
	"        maxIf(value, counter = 'lane_full') AS lane_drops,\n"
	"        maxIf(value, counter = 'fate_flow') AS flow_packets,\n"
	"        maxIf(value, counter = 'record_skipped') AS flows_skipped,\n"
	"        maxIf(value, counter = 'spool_rows') AS rows_spooled,\n"
	"        maxIf(value, counter = 'ship_dropped_rows') AS rows_dropped, toUInt64(0) AS rows_here,\n"
	"        toUInt64(0) AS packets_here, toUInt64(0) AS bytes_here\n"
	"    FROM ledger GROUP BY sensor, boot\n"
	"    UNION ALL\n"
	"    SELECT sensor, boot, toUInt64(0) AS received, toUInt64(0) AS nic_drops, toUInt64(0) AS stack_drops,\n"
	"        toUInt64(0) AS kernel_drops, toUInt64(0) AS lane_drops, toUInt64(0) AS flow_packets,\n"
	"        toUInt64(0) AS flows_skipped, toUInt64(0) AS rows_spooled, toUInt64(0) AS rows_dropped,\n"
	"        count() AS rows_here, sum(packets_total) AS packets_here, sum(bytes_total) AS bytes_here\n"
	"    FROM flows GROUP BY sensor, boot\n"
	")\n"
	"GROUP BY sensor, boot;\n\n"
	"CREATE VIEW IF NOT EXISTS ledger_minutes AS\n"
	"SELECT sensor, boot, minute, counter, argMax(value, row_id) AS total, sum(added) AS added FROM ledger\n"
	"GROUP BY sensor, boot, minute, counter ORDER BY sensor, boot, minute, counter;\n\n"
	"CREATE VIEW IF NOT EXISTS fleet_minutes AS\n"
	"SELECT sensor, minute, sum(received) AS received, sum(nic_drops) AS nic_drops,\n"
	"    sum(stack_drops) AS stack_drops, sum(kernel_drops) AS kernel_drops, sum(lane_drops) AS lane_drops,\n"
	"    sum(flow_packets) AS flow_packets,\n"
	"    sum(flows_skipped) AS flows_skipped, sum(rows_spooled) AS rows_spooled,\n"
	"    sum(rows_dropped) AS rows_dropped, sum(rows_here) AS rows_here, sum(rows_missing) AS rows_missing\n"
	"FROM (\n"
	"    SELECT sensor, minute, sumIf(added, counter = 'rx_received') AS received,\n"
	"        sumIf(added, counter = 'rx_nic_drops') AS nic_drops,\n"
	"        sumIf(added, counter = 'rx_stack_drops') AS stack_drops,\n"
	"        sumIf(added, counter = 'rx_kernel_drops') AS kernel_drops,\n"
	"        sumIf(added, counter = 'lane_full') AS lane_drops,\n"
	"        sumIf(added, counter = 'fate_flow') AS flow_packets,\n"
	"        sumIf(added, counter = 'record_skipped') AS flows_skipped,\n"
	"        sumIf(added, counter = 'spool_rows') AS rows_spooled,\n"
	"        sumIf(added, counter = 'ship_dropped_rows') AS rows_dropped,\n"
	"        toUInt64(0) AS rows_here, toInt64(0) AS rows_missing\n"
	"    FROM ledger GROUP BY sensor, minute\n"
	"    UNION ALL\n"
	"    SELECT sensor, minute, toInt64(0) AS received, toInt64(0) AS nic_drops, toInt64(0) AS stack_drops,\n"
	"        toInt64(0) AS kernel_drops, toInt64(0) AS lane_drops, toInt64(0) AS flow_packets,\n"
	"        toInt64(0) AS flows_skipped, toInt64(0) AS rows_spooled, toInt64(0) AS rows_dropped,\n"
	"        sum(rows_here) AS rows_here, sum(rows_missing) AS rows_missing\n"
	"    FROM flow_gap_minutes GROUP BY sensor, minute\n"
	")\n"
	"GROUP BY sensor, minute ORDER BY sensor, minute;\n\n"
	"CREATE VIEW IF NOT EXISTS attacks AS\n"
	"SELECT sensor, boot, alert_id, any(kind) AS kind, any(severity) AS severity,\n"
	"    argMax(state, row_id) AS state, argMax(description, row_id) AS description,\n"
	"    any(source_ip) AS source_ip, any(target_ip) AS target_ip, any(target_port) AS target_port,\n"
	"    min(ts) AS first_alert, max(ts) AS last_alert, max(packets) AS packets, max(duration_secs) AS "
	"duration_secs,\n"
	"    count() AS alerts_here\n"
	"FROM alerts GROUP BY sensor, boot, alert_id ORDER BY first_alert, sensor, alert_id;\n\n";

void nsc_ship_schema(FILE *out, bool old)
{
	schema_table(out, NSC_SEGMENT_FLOWS, "(first_seen, sensor)", old);
	schema_table(out, NSC_SEGMENT_LEDGER, "(sensor, boot, counter, row_id)", old);
	schema_table(out, NSC_SEGMENT_ALERTS, "(ts, sensor)", old);
	fputs(views, out);
}

void nsc_ship_schema_new(FILE *out)
{
	fprintf(out,
		"-- SPDX-License-Identifier: MIT\n-- Tables and views for `netscope ship`, for current versions of "
		"ClickHouse; made by `make docs`.\n\n");
	nsc_ship_schema(out, false);
}

void nsc_ship_schema_old(FILE *out)
{
	fprintf(out,
		"-- SPDX-License-Identifier: MIT\n-- Tables and views for `netscope ship`, for ClickHouse 18.16 of "
		"Debian 12; made by `make docs`.\n\n");
	nsc_ship_schema(out, true);
}
