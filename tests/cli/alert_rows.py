# SPDX-License-Identifier: MIT
"""Rows of alerts in segments of the spool, read and written by the tests' own code; and the JSON lines that they stand for. Times
and durations are nanoseconds."""
import ipaddress
import json
import struct

HEAD = 512
ALWAYS = ("syns", "sources", "handshakes", "ports", "hosts")
VALUES = (*ALWAYS, "udp_packets", "icmp_packets", "ms_packets", "ms_bytes")
MAPPED = bytes(10) + b"\xff\xff"


CONFIG = "".join(f"[analysis.anomalies.{kind}]\ncooldown_secs = 0.1\nwindow_secs = 1\n" for kind in ("port_scan", "syn_flood"))


def traffic(tmp, attack):
    """Options of a run with half a dozen attacks, one after the other, each with begin, updates and end."""
    (tmp / "attacks.toml").write_text(CONFIG)
    return ["--backend", "synth", "--quiet", "--synth-flow-packets", 12, "--flow-timeout-s", "0.05", "--synth-packets", 200000, "--synth-rate-pps", 10000,
            "--synth-attack", attack, "--synth-attack-share", "0.3", "--synth-attack-every-s", 3, "--synth-attack-for-s", "0.5",
            "--anomalies", "--config", tmp / "attacks.toml"]


class Reader:
    def __init__(self, body):
        self.body, self.at = body, 0

    def take(self, form):
        value, = struct.unpack_from("<" + form, self.body, self.at)
        self.at += struct.calcsize("<" + form)
        return value

    def text(self):
        length = self.take("B")
        if length & 128:
            length = length & 127 | self.take("B") << 7
        return self.take(f"{length}s").decode()

    def known(self, form):
        return None if self.take("B") else self.take(form)

    def address(self, version):
        found = self.known("16s")
        if found is None:
            return None
        assert version == 6 or found[:12] == MAPPED, found
        return str(ipaddress.ip_address(found[12:] if version == 4 else found))

    def row(self):
        row = {"sensor": self.text(), "boot": self.take("Q"), "spooled": self.take("I"), "row_id": self.take("Q"), "ts": self.take("Q"),
               "kind": self.text(), "state": self.text(), "severity": self.text(), "alert_id": self.take("Q")}
        version = self.take("B")
        row |= {"source_ip": self.address(version), "target_ip": self.address(version), "target_port": self.known("H"), "description": self.text(),
                "packets": self.take("Q"), "duration_secs": self.take("Q"), "window_secs": self.take("Q")}
        return row | {name: {value: self.known("Q") for value in VALUES} for name in ("observed", "thresholds")}


def head_of(path):
    words = path.read_bytes()[:HEAD].decode().split()
    return dict([("kind", words[2])] + [word.split("=") for word in words[3:]])


def rows_of(folder):
    """Of all segments of alerts, in order; what head and name say of them holds."""
    rows = []
    for path in sorted(folder.glob("*.alerts")):
        said, reader = head_of(path), Reader(path.read_bytes()[HEAD:])
        for number in range(int(said["first"]), int(said["last"]) + 1):
            row = reader.row()
            assert (row["row_id"], f"{row['boot']:016x}", row["sensor"]) == (number, said["boot"], said["sensor"]), row
            rows.append(row)
        assert reader.at == len(reader.body)
    return rows


def line_of(row):
    """The JSON line that a row stands for: it leaves out the last values where they do not apply."""
    line = {name: value for name, value in row.items() if name not in ("sensor", "boot", "spooled", "row_id")}
    for name in ("observed", "thresholds"):
        line[name] = {value: n for value, n in row[name].items() if value in ALWAYS or row["observed"][value] is not None}
    return line


def nanoseconds(text):
    whole, _, part = text.partition(".")
    return int(whole) * 10**9 + int(part.ljust(9, "0"))


def line(text):
    return json.loads(text, parse_float=nanoseconds)


def lines(path):
    return [line(text) for text in path.read_text().splitlines()]


def text(value):
    data = value.encode()
    return (struct.pack("B", len(data)) if len(data) < 128 else struct.pack("BB", len(data) & 127 | 128, len(data) >> 7)) + data


def known(form, value):
    return b"\x01" if value is None else b"\0" + struct.pack("<" + form, value)


def address(value):
    packed = value and ipaddress.ip_address(value).packed
    return known("16s", packed and (MAPPED + packed if len(packed) == 4 else packed))


def row(sensor, boot, spooled, number, alert):
    """The bytes of a row; `alert` has the members of a JSON line that differ from those of a port scan."""
    a = {"kind": "port_scan", "state": "begin", "severity": "warning", "alert_id": 1, "source_ip": "192.0.2.1", "target_ip": None,
         "target_port": None, "description": "", "packets": 30, "duration_secs": 0, "window_secs": 10 * 10**9, "observed": {"ports": 30, "hosts": 1},
         "thresholds": {"ports": 25, "hosts": 10}} | alert
    version = next((ipaddress.ip_address(ip).version for ip in (a["source_ip"], a["target_ip"]) if ip), 0)
    return b"".join((text(sensor), struct.pack("<QIQQ", boot, spooled, number, a["ts"]), text(a["kind"]), text(a["state"]), text(a["severity"]),
                     struct.pack("<QB", a["alert_id"], version), address(a["source_ip"]), address(a["target_ip"]), known("H", a["target_port"]),
                     text(a["description"]), struct.pack("<QQQ", a["packets"], a["duration_secs"], a["window_secs"]),
                     *(known("Q", a[name].get(value)) for name in ("observed", "thresholds") for value in VALUES)))


def write(folder, sensor, boot, first, spooled, alerts):
    """A segment as a sensor completes it: under its name at once."""
    last = first + len(alerts) - 1
    head = f"netscope-segment 1 alerts sensor={sensor} boot={boot:016x} worker=0 first={first} last={last} packets=0 bytes=0 spooled={spooled}"
    name = f"{sensor}-{boot:016x}-0-{first:012}-{last:012}.alerts"
    body = b"".join(row(sensor, boot, spooled, first + i, alert) for i, alert in enumerate(alerts))
    (folder / f".{name}.tmp").write_bytes(head.ljust(HEAD - 1).encode() + b"\n" + body)
    (folder / f".{name}.tmp").rename(folder / name)
    return name
