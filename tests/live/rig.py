# SPDX-License-Identifier: MIT
"""The rig of the live tests: two hosts joined by a wire, both made by the test and gone with it.

A host is a network namespace of its own without a name, with a /sys of its own: it lives as long as its keeper, a `cat`
that waits for the test to close a pipe, so that nothing stays behind whatever happens to the test. The wire is a veth pair,
`tx0` in the sender's host and `rx0` in the receiver's. Neither host says a word by itself: IPv6 is off, no address is set,
unless the test asks for addresses, and then neighbours are fixed. Every process in a host dies with the test.

Sender, sensor and helpers run in a host by nsenter(1). The rig needs root; `permitted` says why it cannot work.
"""
import contextlib
import csv
import ctypes
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/cli"))
from harness import BUILD, NETSCOPE, PATIENCE, Report, is_late, run, scratch, strict_json  # noqa: E402,F401: the tests take them from here

PKTGEN = os.environ.get("PKTGEN", str(BUILD / "release/pktgen"))
SENDER_MAC, RECEIVER_MAC = "02:00:00:00:00:01", "02:00:00:00:00:02"
SENDER_IP, RECEIVER_IP = "10.9.0.1", "10.9.0.2"
MTU = 4000  # room for tags beyond what the frames of the tests have
READY = re.compile(r"netscope: capturing on ")

PR_SET_PDEATHSIG = 1
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def spawn(command, **kwargs):
    return subprocess.Popen([str(word) for word in command], preexec_fn=die_with_parent, **kwargs)


def permitted():
    """None, or why there can be no namespaces."""
    for tool in ("unshare", "nsenter", "ip"):
        if not shutil.which(tool):
            return f"{tool} is not installed"
    if os.geteuid() != 0:
        return "network namespaces need root"
    tried = subprocess.run(["unshare", "--net", "--mount", "mount", "-t", "sysfs", "nsc-live", "/sys"], capture_output=True,
                           text=True)
    return f"network namespaces are not permitted: {tried.stderr.strip()}" if tried.returncode else None


def main(*tests):
    """Runs test functions, each with a report; or skips all of them in one line. Ends the program."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that `finally` runs
    report = Report()
    why = permitted()
    if why:
        report.skip(pathlib.Path(sys.argv[0]).name, why)
        report.end()
    wanted = sys.argv[1:]
    for test in tests:
        if not wanted or test.__name__ in wanted:
            test(report)
    report.end()


class Host:
    """A network namespace."""

    def __init__(self, name):
        self.name = name
        ready = "mount -t sysfs nsc-live /sys && echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6 " \
                "&& echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6 && ip link set lo up && echo ready && exec cat"
        self.keeper = spawn(["unshare", "--net", "--mount", "sh", "-c", ready], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)
        if self.keeper.stdout.readline() != "ready\n":
            raise RuntimeError(f"host {name}: {self.keeper.stderr.read().strip()}")

    def command(self, *words):
        return ["nsenter", f"--target={self.keeper.pid}", "--net", "--mount", f"--wdns={os.getcwd()}", "--", *words]

    def run(self, *words, check=True, timeout=PATIENCE):
        result = subprocess.run([str(w) for w in self.command(*words)], capture_output=True, text=True, timeout=timeout)
        if check and result.returncode:
            raise RuntimeError(f"{self.name}: {' '.join(map(str, words))}: {result.stderr.strip() or result.returncode}")
        return result

    def start(self, *words, **kwargs):
        return spawn(self.command(*words), **kwargs)

    def ip(self, *words):
        return self.run("ip", *words)

    def statistic(self, interface, name):
        return int(self.run("cat", f"/sys/class/net/{interface}/statistics/{name}").stdout)

    def snmp(self, protocol, name):
        """A counter of /proc/net/snmp, that of this host. /proc/net follows the process that opens it."""
        lines = [line.split() for line in self.run("cat", "/proc/net/snmp").stdout.splitlines() if line.startswith(protocol + ":")]
        return int(dict(zip(*lines))[name])

    def close(self):
        self.keeper.stdin.close()
        self.keeper.wait(PATIENCE)


class Rig:
    """Two hosts and the wire; a context manager."""

    def __init__(self, addresses=False, wires=1):
        self.addresses, self.wires = addresses, wires
        self.hosts, self.processes = [], []

    def __enter__(self):
        try:
            self.build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def build(self):
        self.sender, self.receiver = self.add("sender"), self.add("receiver")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="live-", dir=os.environ.get("TEST_TMP")))
        os.chmod(self.folder, 0o755)
        for number in range(self.wires):
            self.add_wire(number)
        if self.addresses:
            self.set_neighbours()

    def add_wire(self, number):
        tx, rx = f"tx{number}", f"rx{number}"
        self.sender.ip("link", "add", tx, "mtu", MTU, "address", SENDER_MAC, "type", "veth", "peer", "name", rx, "mtu", MTU,
                       "address", RECEIVER_MAC, "netns", self.receiver.keeper.pid)
        for host, interface in ((self.sender, tx), (self.receiver, rx)):
            if not self.addresses:
                host.ip("link", "set", interface, "arp", "off")
        if self.addresses:
            self.set_addresses()
        self.receiver.ip("link", "set", rx, "up")
        self.sender.ip("link", "set", tx, "up")
        self.wait_for_link(rx)

    def add(self, name):
        self.hosts.append(Host(name))
        return self.hosts[-1]

    def set_addresses(self):
        self.sender.ip("address", "add", f"{SENDER_IP}/24", "dev", "tx0")
        self.receiver.ip("address", "add", f"{RECEIVER_IP}/24", "dev", "rx0")

    def set_neighbours(self):
        self.sender.ip("neighbour", "replace", RECEIVER_IP, "lladdr", RECEIVER_MAC, "dev", "tx0", "nud", "permanent")
        self.receiver.ip("neighbour", "replace", SENDER_IP, "lladdr", SENDER_MAC, "dev", "rx0", "nud", "permanent")

    def wait_for_link(self, interface="rx0"):
        wait_until(lambda: self.receiver.run("cat", f"/sys/class/net/{interface}/operstate").stdout.strip() == "up", "the link is up")

    def outputs(self):
        """A fresh folder into which any user may write, for the outputs of one run."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="out-", dir=self.folder))
        os.chmod(folder, 0o777)
        open_way(folder)
        return folder

    def send(self, path, interface="tx0", **options):
        """Starts the sender: rate=, count=, seconds=. `.result()` waits for its end."""
        return self.pktgen("--from", path, *(word for key, value in options.items() for word in (f"--send-{key}", value)),
                           interface=interface)

    def pktgen(self, *words, interface="tx0"):
        """Starts pktgen, which sends."""
        process = self.sender.start(PKTGEN, "--send", interface, "--send-anyway", *words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.processes.append(process)
        return Sending(process)

    def capture(self, *options, host=None, interface="rx0", program=NETSCOPE):
        """Starts the sensor and waits until it says that it is ready."""
        host = host or self.receiver
        process = host.start(program, "-i", interface, "-v", *options, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.processes.append(process)
        sensor = Sensor(process)
        sensor.wait_ready()
        return sensor

    def __exit__(self, *_):
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait(PATIENCE)
        for host in self.hosts:
            with contextlib.suppress(OSError, ValueError):
                host.close()
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder, ignore_errors=True)


class Sending:
    def __init__(self, process):
        self.process = process

    def result(self):
        out, err = self.process.communicate(timeout=PATIENCE)
        if self.process.returncode:
            raise RuntimeError(f"the sender failed: {err.strip()}")
        return json.loads(out)

    @contextlib.contextmanager
    def paused(self, arrived):
        """Nothing is under way within: `arrived` counts frames, and stands still."""
        self.process.send_signal(signal.SIGSTOP)
        last = -1
        while last != (last := arrived()):
            time.sleep(0.05)
        yield
        self.process.send_signal(signal.SIGCONT)

    def stop(self):
        self.process.terminate()
        return self.result()


class Sensor:
    """A running netscope: its output is read all the time, so that it never waits for us."""

    def __init__(self, process):
        self.process = process
        self.lines = {"stdout": [], "stderr": []}
        self.changed = threading.Condition()
        self.readers = [threading.Thread(target=self.read, args=(name,), daemon=True) for name in self.lines]
        for reader in self.readers:
            reader.start()

    @property
    def pid(self):
        return self.process.pid  # nsenter becomes the program

    @property
    def out(self):
        return "".join(self.lines["stdout"])

    @property
    def err(self):
        return "".join(self.lines["stderr"])

    def read(self, name):
        for line in getattr(self.process, name):
            with self.changed:
                self.lines[name].append(line)
                self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    def wait_for(self, pattern, name="stderr", seconds=PATIENCE):
        """The line that matches; an error when the program ends or the time is up before."""
        end = time.monotonic() + seconds
        with self.changed:
            while True:
                for line in self.lines[name]:
                    if re.search(pattern, line):
                        return line
                left = end - time.monotonic()
                if left <= 0 or not any(reader.is_alive() for reader in self.readers):
                    raise RuntimeError(f"no line like {pattern!r} on {name}: {self.err.strip()!r}")
                self.changed.wait(min(left, 0.2))

    def wait_ready(self):
        self.wait_for(READY)

    def tell(self, signum):
        self.process.send_signal(signum)

    def stop(self, signum=signal.SIGINT, seconds=PATIENCE):
        """The signal and the end: (exit status, seconds that it took)."""
        began = time.monotonic()
        self.process.send_signal(signum)
        return self.wait(seconds), time.monotonic() - began

    def wait(self, seconds=PATIENCE):
        status = self.process.wait(seconds)
        for reader in self.readers:
            reader.join(PATIENCE)
        return status

    def threads(self):
        """What /proc/<pid>/task/*/status says: a dict for each thread."""
        return [status_of(path) for path in sorted(pathlib.Path(f"/proc/{self.pid}/task").iterdir())]

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss_kib(self):
        return int(status_of(pathlib.Path(f"/proc/{self.pid}"))["VmRSS"].split()[0])


def status_of(path):
    return dict(line.split(":\t", 1) for line in (path / "status").read_text().splitlines() if ":\t" in line)


def wait_until(condition, what, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(f"within {seconds} s it did not become true that {what}")
        time.sleep(0.02)


def open_way(folder):
    """The folders above must let an unprivileged user pass; a scratch folder of the test runner is 0700."""
    for above in folder.parents:
        mode = above.stat().st_mode
        if not mode & 0o001 and str(above).startswith(tempfile.gettempdir() + os.sep):
            os.chmod(above, mode & 0o7777 | 0o011)


def settings(folder, text):
    """A configuration file for what has no option."""
    path = folder / "netscope.toml"
    path.write_text(text)
    return path


class Disk:
    """A small file system of the receiver's."""

    def __init__(self, wire, mib):
        self.host, self.path = wire.receiver, wire.folder / f"disk{mib}"
        self.path.mkdir()
        open_way(self.path)
        self.host.run("mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=777", "nsc-live", self.path)
        self.seen = pathlib.Path(f"/proc/{self.host.keeper.pid}/root{self.path}")  # by us, who are in another namespace

    def fill(self):
        self.host.run("dd", "if=/dev/zero", f"of={self.path}/filler", "bs=64k", check=False)

    def free(self):
        (self.seen / "filler").unlink()


class Ledger:
    """What --summary-json says."""

    def __init__(self, path):
        self.summary = strict_json(pathlib.Path(path).read_text())
        self.counters = self.summary["counters"]
        self.fates = self.summary["fates"]

    def __getitem__(self, name):
        return self.counters[name]

    def lost(self):
        """Packets that have a name for where they were lost."""
        return self["rx_kernel_drops"] + self["lane_full"]

    def faults(self):
        faults = [f"failure: {self.summary['failure']}"] if self.summary["failure"] else []
        if not self.summary["ledger"]["balanced"]:
            faults += [f"{line['what']}: {line['have']} against {line['want']}" for line in self.summary["ledger"]["lines"]
                       if line["have"] != line["want"]]
        return faults


KEY = ("protocol", "endpoint_a_ip", "endpoint_a_port", "endpoint_b_ip", "endpoint_b_port")
COUNTED = ("packets_a_to_b", "packets_b_to_a", "bytes_a_to_b", "bytes_b_to_a", "packets_total", "bytes_total")
STATES = ("tcp_state", "client", "end_reason", "retransmissions", "out_of_order", "lost_segments", "zero_windows")


def flows(path):
    """Flows of a CSV export: what does not depend on when the packets came. A list for each key, sorted."""
    found = {}
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            key = tuple(value for name, value in row.items() if name in KEY)
            found.setdefault(key, []).append(tuple(row[name] for name in COUNTED + STATES if name in row))
    return {key: sorted(rows) for key, rows in found.items()}


def packets_of(path):
    with open(path, newline="") as file:
        return sum(int(row["packets_total"]) for row in csv.DictReader(file))


def frames_of(path):
    """(bytes, length on the wire) of each record of a pcap file of this machine's byte order; it must end with a whole one."""
    data, at, found = pathlib.Path(path).read_bytes(), 24, []
    while at < len(data):
        captured, wire = struct.unpack_from("<II", data, at + 8)
        frame = data[at + 16:at + 16 + captured]
        if len(frame) != captured:
            raise RuntimeError(f"{path} ends within a record")
        found.append((frame, wire))
        at += 16 + captured
    return found


def socket_in(host, *arguments):
    """A socket of this process in another host's network."""
    here, there = os.open("/proc/thread-self/ns/net", os.O_RDONLY), os.open(f"/proc/{host.keeper.pid}/ns/net", os.O_RDONLY)
    try:
        if LIBC.setns(there, CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        return socket.socket(*arguments)
    finally:
        LIBC.setns(here, CLONE_NEWNET)
        os.close(here), os.close(there)


def traffic(path, packets, **options):
    """A capture file by pktgen, without its truth file. An option that takes no value is True."""
    words = [word for key, value in options.items() for word in (f"--{key.replace('_', '-')}", value) if word is not True]
    result = run("--packets", packets, "--truth", "", *words, path, program=PKTGEN)
    if result.returncode:
        raise RuntimeError(f"pktgen: {result.stderr}")
    return path
