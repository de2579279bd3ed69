-- SPDX-License-Identifier: MIT
-- Tables and views for `netscope ship`, for current versions of ClickHouse; made by `make docs`.

CREATE TABLE IF NOT EXISTS flows (
    sensor LowCardinality(String),
    boot UInt64,
    worker UInt16,
    spooled DateTime,
    protocol LowCardinality(String),
    endpoint_a_ip IPv6,
    endpoint_a_port UInt16,
    endpoint_b_ip IPv6,
    endpoint_b_port UInt16,
    first_seen DateTime64(9, 'UTC'),
    last_seen DateTime64(9, 'UTC'),
    duration_ns UInt64,
    packets_a_to_b UInt64,
    packets_b_to_a UInt64,
    bytes_a_to_b UInt64,
    bytes_b_to_a UInt64,
    packets_total UInt64,
    bytes_total UInt64,
    tcp_state LowCardinality(String),
    client LowCardinality(String),
    retransmissions UInt32,
    out_of_order UInt32,
    rtt_last_ns UInt64,
    rtt_min_ns UInt64,
    rtt_ewma_ns UInt64,
    rtt_samples UInt32,
    end_reason LowCardinality(String),
    lost_segments UInt32,
    zero_windows UInt32,
    rtt_handshake_ns UInt64,
    tcp_flags_a_to_b LowCardinality(String),
    tcp_flags_b_to_a LowCardinality(String),
    ttl_min_a_to_b UInt8,
    ttl_min_b_to_a UInt8,
    dscp_a_to_b UInt8,
    dscp_b_to_a UInt8,
    vlan LowCardinality(String),
    tunnel LowCardinality(String),
    interface LowCardinality(String),
    fragments UInt32,
    fragment_bytes UInt64,
    community_id String,
    flow_id UInt64,
    part UInt32,
    app LowCardinality(String),
    app_source LowCardinality(String),
    name String,
    alpn LowCardinality(String),
    ja4 LowCardinality(String),
    country_a LowCardinality(String),
    asn_a UInt32,
    as_org_a LowCardinality(String),
    country_b LowCardinality(String),
    asn_b UInt32,
    as_org_b LowCardinality(String),
    service LowCardinality(String),
    duration_secs Float64 ALIAS duration_ns / 1000000000,
    avg_bps Float64 ALIAS if(duration_ns = 0, 0, bytes_total * 8000000000 / duration_ns),
    rtt_last_ms Float64 ALIAS rtt_last_ns / 1000000,
    rtt_min_ms Float64 ALIAS rtt_min_ns / 1000000,
    rtt_ewma_ms Float64 ALIAS rtt_ewma_ns / 1000000,
    rtt_handshake_ms Float64 ALIAS rtt_handshake_ns / 1000000,
    started DateTime ALIAS toDateTime(first_seen),
    ended DateTime ALIAS toDateTime(last_seen)
)
ENGINE = MergeTree() PARTITION BY toYYYYMM(spooled) ORDER BY (first_seen, sensor)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS ledger (
    sensor LowCardinality(String),
    boot UInt64,
    spooled DateTime,
    row_id UInt64,
    minute DateTime,
    counter LowCardinality(String),
    value UInt64,
    added Int64
)
ENGINE = MergeTree() PARTITION BY toYYYYMM(spooled) ORDER BY (sensor, boot, counter, row_id)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS alerts (
    sensor LowCardinality(String),
    boot UInt64,
    spooled DateTime,
    row_id UInt64,
    ts DateTime64(9, 'UTC'),
    kind LowCardinality(String),
    state LowCardinality(String),
    severity LowCardinality(String),
    alert_id UInt64,
    ip_version UInt8,
    source_ip Nullable(IPv6),
    target_ip Nullable(IPv6),
    target_port Nullable(UInt16),
    description String,
    packets UInt64,
    duration_ns UInt64,
    window_ns UInt64,
    observed_syns Nullable(UInt64),
    observed_sources Nullable(UInt64),
    observed_handshakes Nullable(UInt64),
    observed_ports Nullable(UInt64),
    observed_hosts Nullable(UInt64),
    observed_udp_packets Nullable(UInt64),
    observed_icmp_packets Nullable(UInt64),
    observed_ms_packets Nullable(UInt64),
    observed_ms_bytes Nullable(UInt64),
    threshold_syns Nullable(UInt64),
    threshold_sources Nullable(UInt64),
    threshold_handshakes Nullable(UInt64),
    threshold_ports Nullable(UInt64),
    threshold_hosts Nullable(UInt64),
    threshold_udp_packets Nullable(UInt64),
    threshold_icmp_packets Nullable(UInt64),
    threshold_ms_packets Nullable(UInt64),
    threshold_ms_bytes Nullable(UInt64),
    duration_secs Float64 ALIAS duration_ns / 1000000000,
    window_secs Float64 ALIAS window_ns / 1000000000
)
ENGINE = MergeTree() PARTITION BY toYYYYMM(spooled) ORDER BY (ts, sensor)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE VIEW IF NOT EXISTS top_talkers AS
SELECT address, sum(packets) AS packets, sum(bytes) AS bytes, count() AS flows
FROM (
    SELECT endpoint_a_ip AS address, packets_total AS packets, bytes_total AS bytes FROM flows
    UNION ALL
    SELECT endpoint_b_ip AS address, packets_total AS packets, bytes_total AS bytes FROM flows
)
GROUP BY address ORDER BY bytes DESC;

CREATE VIEW IF NOT EXISTS top_names AS
SELECT name, app, count() AS flows, sum(packets_total) AS packets, sum(bytes_total) AS bytes
FROM flows WHERE name != '' GROUP BY name, app ORDER BY bytes DESC;

CREATE VIEW IF NOT EXISTS top_services AS
SELECT protocol, if(client = 'b_to_a', endpoint_a_port, endpoint_b_port) AS port, app,
    count() AS flows, sum(packets_total) AS packets, sum(bytes_total) AS bytes
FROM flows GROUP BY protocol, port, app ORDER BY bytes DESC;

CREATE VIEW IF NOT EXISTS tcp_health AS
SELECT sensor, count() AS flows, sum(packets_total) AS packets, sum(retransmissions) AS retransmissions,
    sum(out_of_order) AS out_of_order, sum(lost_segments) AS lost_segments,
    sum(zero_windows) AS zero_windows, countIf(tcp_state = 'reset') AS resets,
    countIf(rtt_handshake_ns > 0) AS handshakes,
    avgIf(rtt_handshake_ns, rtt_handshake_ns > 0) / 1000000 AS rtt_handshake_ms,
    avgIf(rtt_ewma_ns, rtt_samples > 0) / 1000000 AS rtt_ms
FROM flows WHERE protocol = 'tcp' GROUP BY sensor;

CREATE VIEW IF NOT EXISTS flow_observations AS
SELECT day, community_id, any(protocol) AS protocol, any(a_ip) AS endpoint_a_ip,
    any(a_port) AS endpoint_a_port, any(b_ip) AS endpoint_b_ip, any(b_port) AS endpoint_b_port,
    any(app) AS app, any(name) AS name,
    toDateTime(min(first_second)) AS started, toDateTime(max(last_second)) AS ended,
    arrayReverseSort(groupArray(tuple(packets_a_to_b, bytes_a_to_b, sensor)))[1] AS a_to_b,
    arrayReverseSort(groupArray(tuple(packets_b_to_a, bytes_b_to_a, sensor)))[1] AS b_to_a,
    a_to_b.3 AS sensor_a_to_b, b_to_a.3 AS sensor_b_to_a, arraySort(groupArray(sensor)) AS sensors,
    a_to_b.1 + b_to_a.1 AS packets, a_to_b.2 + b_to_a.2 AS bytes,
    sum(packets_a_to_b + packets_b_to_a) AS packets_seen,
    sum(bytes_a_to_b + bytes_b_to_a) AS bytes_seen
FROM (
    SELECT day, community_id, row.1 AS episode, row.5 AS sensor,
        any(protocol) AS protocol, any(a_ip) AS a_ip, any(a_port) AS a_port, any(b_ip) AS b_ip,
        any(b_port) AS b_port, any(app) AS app, any(name) AS name,
        min(row.2) AS first_second, max(row.4) AS last_second,
        sum(row.6) AS packets_a_to_b, sum(row.7) AS packets_b_to_a,
        sum(row.8) AS bytes_a_to_b, sum(row.9) AS bytes_b_to_a
    FROM (
        SELECT toDate(started) AS day, community_id, any(flows.protocol) AS protocol,
            any(endpoint_a_ip) AS a_ip, any(endpoint_a_port) AS a_port,
            any(endpoint_b_ip) AS b_ip, any(endpoint_b_port) AS b_port,
            max(flows.app) AS app, max(flows.name) AS name,
            groupArray(tuple(toUInt64(started), toUInt8(0), toUInt64(ended), toString(sensor),
                packets_a_to_b, packets_b_to_a, bytes_a_to_b, bytes_b_to_a)) AS begins,
            arrayMap(b -> tuple(toUInt64(greatest(b.1, b.3) + 1), toUInt8(1),
                b.3, b.4, b.5, b.6, b.7, b.8), begins) AS ends,
            arraySort(arrayConcat(begins, ends)) AS events,
            arrayCumSum(arrayMap(e -> if(e.2 = 0, 1, -1), events)) AS seen_now,
            arrayCumSum(arrayMap(n -> n = 0, seen_now)) AS gone_before,
            arrayMap((n, e) -> tuple(n, e.1, e.2, e.3, e.4, e.5, e.6, e.7, e.8),
                gone_before, events) AS placed,
            arrayJoin(arrayFilter(p -> p.3 = 0, placed)) AS row
        FROM flows GROUP BY day, community_id
    )
    GROUP BY day, community_id, episode, sensor
)
GROUP BY day, community_id, episode;

CREATE VIEW IF NOT EXISTS traffic_once AS
SELECT day, toStartOfMinute(started) AS minute, protocol, app, count() AS flows,
    sum(packets) AS packets, sum(bytes) AS bytes, sum(packets_seen) AS packets_seen,
    sum(bytes_seen) AS bytes_seen
FROM flow_observations GROUP BY day, minute, protocol, app;

CREATE VIEW IF NOT EXISTS flow_gaps AS
SELECT sensor, boot, worker, count() AS rows_here, uniqExact(flow_id) AS rows_once,
    max(flow_id) AS last_row, max(flow_id) - uniqExact(flow_id) AS rows_missing,
    count() - uniqExact(flow_id) AS rows_twice
FROM flows GROUP BY sensor, boot, worker;

CREATE VIEW IF NOT EXISTS flow_gap_minutes AS
SELECT sensor, boot, worker, step.2 AS minute, step.1 AS first_row, step.3 AS last_row,
    step.4 AS rows_here, toInt64(step.3 - step.5) - toInt64(step.4) AS rows_missing
FROM (
    SELECT sensor, boot, worker,
        arraySort(groupArray(tuple(first_row, minute, last_row, rows_here))) AS m,
        arrayPushFront(arrayPopBack(arrayMap(s -> s.3, m)), toUInt64(0)) AS before,
        arrayJoin(arrayMap((s, b) -> tuple(s.1, s.2, s.3, s.4, b), m, before)) AS step
    FROM (
        SELECT sensor, boot, worker, toStartOfMinute(spooled) AS minute, min(flow_id) AS first_row,
            max(flow_id) AS last_row, count() AS rows_here
        FROM flows GROUP BY sensor, boot, worker, minute
    )
    GROUP BY sensor, boot, worker
);

CREATE VIEW IF NOT EXISTS fleet_ledger AS
SELECT sensor, boot, sum(received) AS received, sum(nic_drops) AS nic_drops,
    sum(stack_drops) AS stack_drops, sum(kernel_drops) AS kernel_drops, sum(lane_drops) AS lane_drops,
    sum(flow_packets) AS flow_packets,
    sum(flows_skipped) AS flows_skipped, sum(rows_spooled) AS rows_spooled,
    sum(rows_dropped) AS rows_dropped, sum(rows_here) AS rows_here,
    sum(packets_here) AS packets_here, sum(bytes_here) AS bytes_here,
    toInt64(rows_spooled) - toInt64(rows_dropped) - toInt64(rows_here) AS rows_missing
FROM (
    SELECT sensor, boot, maxIf(value, counter = 'rx_received') AS received,
        maxIf(value, counter = 'rx_nic_drops') AS nic_drops,
        maxIf(value, counter = 'rx_stack_drops') AS stack_drops,
        maxIf(value, counter = 'rx_kernel_drops') AS kernel_drops,
        maxIf(value, counter = 'lane_full') AS lane_drops,
        maxIf(value, counter = 'fate_flow') AS flow_packets,
        maxIf(value, counter = 'record_skipped') AS flows_skipped,
        maxIf(value, counter = 'spool_rows') AS rows_spooled,
        maxIf(value, counter = 'ship_dropped_rows') AS rows_dropped, toUInt64(0) AS rows_here,
        toUInt64(0) AS packets_here, toUInt64(0) AS bytes_here
    FROM ledger GROUP BY sensor, boot
    UNION ALL
    SELECT sensor, boot, toUInt64(0) AS received, toUInt64(0) AS nic_drops, toUInt64(0) AS stack_drops,
        toUInt64(0) AS kernel_drops, toUInt64(0) AS lane_drops, toUInt64(0) AS flow_packets,
        toUInt64(0) AS flows_skipped, toUInt64(0) AS rows_spooled, toUInt64(0) AS rows_dropped,
        count() AS rows_here, sum(packets_total) AS packets_here, sum(bytes_total) AS bytes_here
    FROM flows GROUP BY sensor, boot
)
GROUP BY sensor, boot;

CREATE VIEW IF NOT EXISTS ledger_minutes AS
SELECT sensor, boot, minute, counter, argMax(value, row_id) AS total, sum(added) AS added FROM ledger
GROUP BY sensor, boot, minute, counter ORDER BY sensor, boot, minute, counter;

CREATE VIEW IF NOT EXISTS fleet_minutes AS
SELECT sensor, minute, sum(received) AS received, sum(nic_drops) AS nic_drops,
    sum(stack_drops) AS stack_drops, sum(kernel_drops) AS kernel_drops, sum(lane_drops) AS lane_drops,
    sum(flow_packets) AS flow_packets,
    sum(flows_skipped) AS flows_skipped, sum(rows_spooled) AS rows_spooled,
    sum(rows_dropped) AS rows_dropped, sum(rows_here) AS rows_here, sum(rows_missing) AS rows_missing
FROM (
    SELECT sensor, minute, sumIf(added, counter = 'rx_received') AS received,
        sumIf(added, counter = 'rx_nic_drops') AS nic_drops,
        sumIf(added, counter = 'rx_stack_drops') AS stack_drops,
        sumIf(added, counter = 'rx_kernel_drops') AS kernel_drops,
        sumIf(added, counter = 'lane_full') AS lane_drops,
        sumIf(added, counter = 'fate_flow') AS flow_packets,
        sumIf(added, counter = 'record_skipped') AS flows_skipped,
        sumIf(added, counter = 'spool_rows') AS rows_spooled,
        sumIf(added, counter = 'ship_dropped_rows') AS rows_dropped,
        toUInt64(0) AS rows_here, toInt64(0) AS rows_missing
    FROM ledger GROUP BY sensor, minute
    UNION ALL
    SELECT sensor, minute, toInt64(0) AS received, toInt64(0) AS nic_drops, toInt64(0) AS stack_drops,
        toInt64(0) AS kernel_drops, toInt64(0) AS lane_drops, toInt64(0) AS flow_packets,
        toInt64(0) AS flows_skipped, toInt64(0) AS rows_spooled, toInt64(0) AS rows_dropped,
        sum(rows_here) AS rows_here, sum(rows_missing) AS rows_missing
    FROM flow_gap_minutes GROUP BY sensor, minute
)
GROUP BY sensor, minute ORDER BY sensor, minute;

CREATE VIEW IF NOT EXISTS attacks AS
SELECT sensor, boot, alert_id, any(kind) AS kind, any(severity) AS severity,
    argMax(state, row_id) AS state, argMax(description, row_id) AS description,
    any(source_ip) AS source_ip, any(target_ip) AS target_ip, any(target_port) AS target_port,
    min(ts) AS first_alert, max(ts) AS last_alert, max(packets) AS packets, max(duration_secs) AS duration_secs,
    count() AS alerts_here
FROM alerts GROUP BY sensor, boot, alert_id ORDER BY first_alert, sensor, alert_id;

