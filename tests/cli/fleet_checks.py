# SPDX-License-Identifier: MIT
"""What the views of a fleet, and the dashboard that asks them, should say of three sensors: computed from the CSV, the summary and the
packets of each one. `server.ask` and `server.row` answer SQL."""
import collections
import csv
import itertools
import json
import re
import struct

from harness import ROOT, run

BOARD = ROOT / "tools/package/grafana/netscope-fleet.json"
QUIET = ["--quiet", "--no-progress"]
SYNTH = ["--backend", "synth", *QUIET, "--synth-rate-pps", 500, "--synth-loss", 0.02]


class Sensor:
    """A run of a capture file, with its CSV and summary; its segments are delivered."""

    def __init__(self, tmp, deliver, name, *words):
        out, summary, folder = tmp / f"{name}.csv", tmp / f"{name}.json", tmp / name
        result = run(*words, *QUIET, "--flow-timeout-s", 2, "--workers", 2, "--sensor", name, "--spool", folder, "--export-csv", out, "--summary-json", summary)
        assert result.returncode == 0, result.stderr
        with out.open(newline="") as text:
            self.rows = list(csv.DictReader(text))
        self.name, self.counters = name, json.loads(summary.read_text())["counters"]
        deliver(folder)


def packets_of(path):
    """(time in nanoseconds, offset of the record) of each packet of a pcap."""
    data, at = path.read_bytes(), 24
    unit = 1 if struct.unpack_from("<I", data)[0] == 0xA1B23C4D else 1000
    while at < len(data):
        seconds, rest, length = struct.unpack_from("<III", data, at)
        yield seconds * 10 ** 9 + rest * unit, at
        at += 16 + length


def delayed(path, to, seconds):
    """The same packets, seen later: at another place, by another clock."""
    data = bytearray(path.read_bytes())
    for _, at in packets_of(path):
        struct.pack_into("<I", data, at, struct.unpack_from("<I", data, at)[0] + seconds)
    to.write_bytes(data)


def total(row, *columns):
    return tuple(int(row[column]) for column in columns)


def seconds(text):
    return int(text.split(".")[0])


def observations(sensors):
    """What flow_observations should say, with loops instead of arrays."""
    flows = collections.defaultdict(list)
    for sensor in sensors:
        for row in sensor.rows:
            flows[seconds(row["first_seen"]) // 86400, row["community_id"]].append((seconds(row["first_seen"]), seconds(row["last_seen"]), sensor.name, row))
    found = set()
    for (_, community), rows in flows.items():
        rows.sort(key=lambda one: one[:3])
        groups, end = [], -1
        for row in rows:
            if row[0] > end + 1:
                groups.append([])
            end = max(end, row[1]) if len(groups[-1]) else row[1]
            groups[-1].append(row)
        found.update(observation(community, group) for group in groups)
    return found


def observation(community, rows):
    seen = collections.defaultdict(lambda: [0, 0, 0, 0])
    for _, _, name, row in rows:
        for i, value in enumerate(total(row, "packets_a_to_b", "bytes_a_to_b", "packets_b_to_a", "bytes_b_to_a")):
            seen[name][i] += value
    there, back = (max((*seen[name][i:i + 2], name) for name in seen) for i in (0, 2))
    all_seen = [sum(column) for column in zip(*seen.values())]
    return (community, min(row[0] for row in rows), ",".join(sorted(seen)), there[2], back[2], there[0] + back[0], there[1] + back[1],
            all_seen[0] + all_seen[2], all_seen[1] + all_seen[3])


def doubles(report, server, sensors):
    want = observations(sensors)
    sql = ("SELECT community_id, toUInt32(started), arrayStringConcat(sensors, ','), sensor_a_to_b, sensor_b_to_a, packets, bytes, packets_seen, bytes_seen "
           "FROM flow_observations")
    have = [tuple(int(w) if w.isdigit() else w for w in line.split("\t")) for line in server.ask(sql).splitlines()]
    several = sum("," in one[2] for one in want)
    again = sum(n > 1 for n in collections.Counter(one[0] for one in want).values())
    mixed = sum(one[3] != one[4] for one in want)
    faults = [] if several > 100 and again > 100 and mixed > 10 else [f"too few cases: {several} seen by several, {again} again, {mixed} from two points"]
    faults += [f"only the view: {one}" for one in sorted(set(have) - want)[:2]] + [f"not in the view: {one}" for one in sorted(want - set(have))[:2]]
    report.check(f"flow_observations: {len(want)}, of {several} several sensors, {mixed} from two points",
                 faults + ([] if len(have) == len(want) else [f"{len(have)} rows, wanted {len(want)}"]))
    have = server.row("SELECT sum(flows), sum(packets), sum(bytes), sum(packets_seen) FROM traffic_once")
    wanted = [len(want), sum(one[5] for one in want), sum(one[6] for one in want), sum(s.counters["fate_flow"] for s in sensors)]
    report.check("traffic_once", [] if have == wanted else [f"{have}, wanted {wanted}"])


def ordered(table, n=10):
    """Lines of the largest sums of bytes."""
    return sorted(([*key, *sums] for key, sums in table.items()), key=lambda one: -one[-1])[:n]


def tops(report, server, sensors):
    """[key, flows, packets, bytes] of the three tops, and health by sensor."""
    rows = [row for sensor in sensors for row in sensor.rows]
    tables = {name: collections.defaultdict(lambda: [0, 0, 0]) for name in ("talkers", "names", "services")}
    for row in rows:
        sums = (1, *total(row, "packets_total", "bytes_total"))
        keys = [("talkers", (row["endpoint_a_ip"],)), ("talkers", (row["endpoint_b_ip"],)),
                ("services", (row["protocol"], row["endpoint_a_port" if row["client"] == "b_to_a" else "endpoint_b_port"], row["app"]))]
        keys += [("names", (row["name"], row["app"]))] if row["name"] else []
        for table, key in keys:
            tables[table][key] = [a + b for a, b in zip(tables[table][key], sums)]
    columns = {"talkers": "replaceOne(IPv6NumToString(address), '::ffff:', '')", "names": "name, app", "services": "protocol, port, app"}
    for name, key in columns.items():
        have = [line.split("\t") for line in server.ask(f"SELECT {key}, flows, packets, bytes FROM top_{name} LIMIT 10").splitlines()]
        want = [[str(word) for word in one] for one in ordered(tables[name])]
        same = sorted(have) == sorted(want) or [one[-1] for one in have] == [one[-1] for one in want] and all(
            one[:-3] and [int(w) for w in one[-3:]] == tables[name][tuple(one[:-3])] for one in have)
        report.check(f"top_{name}: {len(want)} lines", [] if same and len(want) > 1 else [f"{have}, wanted {want}"])
    have = [line.split("\t") for line in server.ask("SELECT sensor, flows, packets, retransmissions, out_of_order, lost_segments, zero_windows, resets, "
                                                    "handshakes, round(rtt_handshake_ms, 2) FROM tcp_health ORDER BY sensor").splitlines()]
    want = [health(sensor) for sensor in sensors]
    report.check("tcp_health", [] if have == want else [f"{have}, wanted {want}"])


def health(sensor):
    tcp = [row for row in sensor.rows if row["protocol"] == "tcp"]
    sums = [sum(int(row[name] or 0) for row in tcp) for name in ("packets_total", "retransmissions", "out_of_order", "lost_segments", "zero_windows")]
    times = [float(row["rtt_handshake_ms"]) for row in tcp if row["rtt_handshake_ms"]]
    mean = f"{sum(times) / len(times):.2f}".rstrip("0").rstrip(".")
    return [str(word) for word in (sensor.name, len(tcp), *sums, sum(row["tcp_state"] == "reset" for row in tcp), len(times), mean)]


def minutes(report, server, sensor, path):
    counted = collections.Counter(time // (60 * 10 ** 9) * 60 for time, _ in packets_of(path))
    have = server.row(f"SELECT toUInt32(minute), added FROM ledger_minutes WHERE sensor = '{sensor.name}' AND counter = 'fate_flow' ORDER BY minute")
    want = [word for pair in sorted(counted.items()) for word in pair]
    report.check(f"ledger_minutes: packets of {len(counted)} minutes", [] if have == want and len(counted) > 2 else [f"{have}, wanted {want}"])
    lines = server.ask(f"SELECT counter, sum(added), max(total) FROM ledger_minutes WHERE sensor = '{sensor.name}' GROUP BY counter").splitlines()
    said = {name: (int(added), int(value)) for name, added, value in (line.split("\t") for line in lines)}
    names = [name for name, value in sensor.counters.items() if value and name.startswith(("rx_", "fate_", "spool_", "ship_"))]
    faults = [f"{name}: {said.get(name)}, the summary has {sensor.counters[name]}" for name in names
              if name != "spool_segments" and said.get(name) != (sensor.counters[name],) * 2]  # the last ledger's own is not in it
    report.check(f"ledger_minutes: {len(names)} counters", faults[:3] if len(names) > 8 else [f"only {names}"])
    have = server.row(f"SELECT sum(received), sum(flow_packets), sum(rows_spooled), sum(rows_dropped), sum(rows_here), sum(rows_missing) FROM fleet_minutes "
                      f"WHERE sensor = '{sensor.name}'")
    want = [sensor.counters["rx_received"], sensor.counters["fate_flow"], len(sensor.rows), 0, len(sensor.rows), 0]
    report.check("fleet_minutes", [] if have == want else [f"{have}, wanted {want}"])


def a_gap(report, tmp, server, deliver):
    """A segment that somebody removed is missing in every view, and no other row."""
    folder = tmp / "gap"
    result = run(*SYNTH, "--synth-packets", 60000, "--synth-flow-packets", 12, "--flow-timeout-s", 0.5, "--workers", 1, "--sensor", "gap", "--spool", folder,
                 "--spool-limit-mb", 8)
    assert result.returncode == 0, result.stderr
    segments = sorted(folder.glob("*.flows"))
    first, last = (int(word) for word in segments[1].stem.split("-")[-2:])
    segments[1].unlink()
    deliver(folder)
    lost = last - first + 1
    have = [server.row(f"SELECT sum(rows_missing) FROM {view} WHERE sensor = 'gap'")[0] for view in ("fleet_ledger", "flow_gaps", "flow_gap_minutes", "fleet_minutes")]
    report.check(f"{lost} rows of {len(segments)} segments are missing", [] if have == [lost] * 4 and len(segments) > 2 else [f"{have}"])


def expand(sql):
    """As the data source does it, for all times and sensors, by intervals of a minute."""
    sql = re.sub(r"\$__timeFilter\((\w+)\)", r"\1 >= toDateTime(0) AND \1 <= toDateTime(4294967295)", sql)
    sql = re.sub(r"\$__dateFilter\((\w+)\)", r"\1 >= toDate('1970-01-02') AND \1 <= toDate('2105-12-31')", sql)
    return sql.replace("$__interval_s", "60").replace("${sensor:singlequote}", "'a','b','c','d','gap'")


def dashboard(report, server):
    """Every query of it finds something in these tables, and a time series begins with a time."""
    server.ask("INSERT INTO ledger VALUES ('a', 1, 1700000000, 1, 1700000000, 'rx_kernel_drops', 5, 5)")  # which no file has
    board = json.loads(BOARD.read_text())
    panels = [panel for panel in board["panels"] if panel["type"] != "row"]
    faults = []
    for panel in panels:
        for target in panel["targets"]:
            sql = expand(target["rawSql"])
            try:
                answer = server.ask(f"{sql} FORMAT JSON")
            except RuntimeError as error:
                faults.append(f"{panel['title']}: {str(error)[:300]}")
                continue
            answer = json.loads(answer)
            names = [(column["name"], column["type"]) for column in answer["meta"]]
            series = panel["type"] == "timeseries"
            faults += [f"{panel['title']}: no row"] if not answer["rows"] else []
            faults += [f"{panel['title']}: begins with {names[0]}"] if series and names[0] != ("time", "DateTime") else []
            faults += [f"{panel['title']}: $ is left in {sql}"] if "$" in sql else []
            faults += [f"{panel['title']}: {target['queryType']}, {target['format']}"] if (target["queryType"], target["format"]) != (
                ("timeseries", 0) if series else ("table", 1)) else []
    faults += [f"no panel may lie over another: {a['title']}, {b['title']}" for a, b in itertools.combinations(board["panels"], 2) if over(a["gridPos"], b["gridPos"])]
    sensors = [one["query"] for one in board["templating"]["list"] if one["name"] == "sensor"]
    faults += [] if server.ask(sensors[0]).split() == ["a", "b", "c", "d", "gap"] else [server.ask(sensors[0])]
    report.check(f"{BOARD.name}: {len(panels)} panels", faults if len(panels) > 15 else [f"only {len(panels)} panels"])


def over(a, b):
    return a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"] and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"]


def check_all(report, tmp, server, deliver):
    """All of them, on a server that has empty tables; `deliver` brings it the segments of a folder."""
    made = run(*SYNTH, "--synth-packets", 80000, "--synth-flows", 1500, "--synth-flow-packets", 30, "--synth-tls-share", 0.3, "--write-pcap", tmp / "a.pcap")
    assert made.returncode == 0, made.stderr
    delayed(tmp / "a.pcap", tmp / "c.pcap", 1)
    sensors = [Sensor(tmp, deliver, "a", "-r", tmp / "a.pcap", "--filter", "ip[15] & 3 != 0 or ip6"),  # not what every fourth host sends
               Sensor(tmp, deliver, "b", "-r", tmp / "a.pcap", "--filter", "tcp and ip[15] & 1 == 0"),
               Sensor(tmp, deliver, "c", "-r", tmp / "c.pcap", "--filter", "udp or ip[19] & 7 == 0")]
    doubles(report, server, sensors)
    tops(report, server, sensors)
    minutes(report, server, Sensor(tmp, deliver, "d", "-r", tmp / "a.pcap"), tmp / "a.pcap")
    a_gap(report, tmp, server, deliver)
    dashboard(report, server)
