# SPDX-License-Identifier: MIT
"""What the tests of the command line share: the program, a place for files, small captures, and the report."""
import ctypes
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("BUILD_DIR", ROOT / "build"))
NETSCOPE = os.environ.get("NETSCOPE", str(BUILD / "release/netscope"))
SAMPLE = ROOT / "tests/data/sample.pcapng"
PATIENCE = 240  # seconds for whatever should take one or two: the machine may be busy, and its memory slow

# Under sudo a live run would become the person who called it: the tests mean the default.
for name in ("SUDO_UID", "SUDO_GID", "SUDO_USER"):
    os.environ.pop(name, None)


class Report:
    """Prints a line for each check; `end` gives the exit status."""

    def __init__(self):
        self.failed = 0

    def check(self, name, faults):
        """`faults`: a list of sentences; empty is good."""
        self.failed += bool(faults)
        print(f"not ok - {name}: {'; '.join(str(f) for f in faults)}" if faults else f"ok - {name}", flush=True)

    def skip(self, name, why):
        print(f"skip - {name}: {why}", flush=True)

    def end(self):
        sys.exit(1 if self.failed else 0)


def scratch():
    """A folder of one's own; removed by the caller's `with`."""
    base = os.environ.get("TEST_TMP")
    return tempfile.TemporaryDirectory(dir=base, prefix="cli-")


def open_folder(tmp, name):
    """One that an unprivileged user finds and may write to."""
    folder = pathlib.Path(tmp) / name
    folder.mkdir()
    folder.chmod(0o777)
    for above in folder.parents:
        if any(above.is_relative_to(place) for place in (tempfile.gettempdir(), "/tmp")) and not above.stat().st_mode & 1:
            above.chmod(above.stat().st_mode & 0o7777 | 0o011)
    return folder


def reachable_scratch():
    """A folder of one's own, below /tmp where that for temporary files is one that an unprivileged user cannot reach. What the
    program itself writes to TMPDIR goes there too."""
    tmp = scratch()
    if not os.geteuid() and not tmp.name.startswith("/tmp/") and any(not above.stat().st_mode & 1 for above in pathlib.Path(tmp.name).parents):
        tmp.cleanup()
        tmp = tempfile.TemporaryDirectory(dir="/tmp", prefix="cli-")
    os.environ["TMPDIR"] = str(open_folder(tmp.name, "tmp"))
    return tmp


def cpu_seconds(process):
    """What a process has computed since it began; 0 when it is gone."""
    try:
        fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for(condition, patience=PATIENCE):
    """Until it is true; what it is at the end."""
    end = time.monotonic() + patience
    while not condition() and time.monotonic() < end:
        time.sleep(0.001)
    return condition()


def wait_busy(process, seconds=0.2):
    """Until the program is in the middle of endless traffic: it starts with a tenth of that CPU time, however busy the machine is. One
    that prints lines which nobody reads waits, and needs a minute for what is done in a fifth of a second."""
    wait_for(lambda: process.poll() is not None or cpu_seconds(process) >= seconds)


def has_signal(process, signum, key):
    """Whether a set of signals in /proc/<pid>/status holds this one."""
    try:
        text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return False
    found = re.search(rf"{key}:\s*(\w+)", text)
    return bool(found and int(found[1], 16) & 1 << (signum - 1))


def slowness():
    """How many times longer than on an idle machine something takes now: a second of one core takes so many."""
    began, used = time.monotonic(), time.process_time()
    while time.process_time() - used < 0.05:
        pass
    return (time.monotonic() - began) / 0.05


def is_late(seconds, limit):
    """Whether something took longer than it may, on a machine as busy as this one."""
    return seconds >= limit and seconds >= limit * (2 * slowness() - 1)


def run(*args, timeout=PATIENCE, program=NETSCOPE, **kwargs):
    return subprocess.run([program, *map(str, args)], capture_output=True, text=True, timeout=timeout, **kwargs)


def strict_json(text):
    """What json.loads gives; ValueError when an object names a member twice, or a number is not one of JSON."""
    def members(pairs):
        twice = sorted({name for name, _ in pairs if sum(name == other for other, _ in pairs) > 1}) if len(dict(pairs)) < len(pairs) else []
        if twice:
            raise ValueError(f"a member named twice: {', '.join(twice)}")
        return dict(pairs)

    def no_number(word):
        raise ValueError(f"{word} is no number of JSON")

    return json.loads(text, object_pairs_hook=members, parse_constant=no_number)


def udp_frame(number, payload=b"netscope"):
    """Ethernet, IPv4, UDP from 10.0.<number> to 10.255.0.1."""
    udp = struct.pack("!HHHH", 1024 + number % 60000, 53, 8 + len(payload), 0) + payload
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), number & 0xFFFF, 0, 64, 17, 0,
                     bytes([10, 0, number >> 8 & 255, number & 255]), bytes([10, 255, 0, 1]))
    return b"\x02" * 6 + b"\x04" * 6 + b"\x08\x00" + ip + udp


def pcap_header(link=1):
    return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)


def pcap_record(number, frame):
    return struct.pack("<IIII", 1700000000 + number // 1000, number % 1000 * 1000, len(frame), len(frame)) + frame


def pcap(packets, link=1):
    return pcap_header(link) + b"".join(pcap_record(i, udp_frame(i)) for i in range(packets))


def faults_of(result, status, *patterns, stdout=None, one_line=True):
    """What differs from: this exit status, one sentence from netscope on stderr that matches all patterns."""
    faults = []
    if result.returncode != status:
        faults.append(f"exit status {result.returncode}, wanted {status}")
    lines = result.stderr.splitlines()
    if one_line and (len(lines) != 1 or not lines[0].startswith("netscope: ")):
        faults.append(f"wanted one sentence from netscope, found {result.stderr!r}")
    faults += [f"stderr has no /{p}/: {result.stderr!r}" for p in patterns if not re.search(p, result.stderr)]
    if stdout is not None and result.stdout != stdout:
        faults.append(f"stdout is {result.stdout[:200]!r}")
    return faults


def refuse_events():
    """In the child: perf_event_open fails with EPERM, as in a container."""
    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]

    instructions = [(0x20, 0, 0, 0), (0x15, 0, 1, 298), (0x06, 0, 0, 0x00050001), (0x06, 0, 0, 0x7FFF0000)]  # load; is it 298; EPERM; allow
    code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *i) for i in instructions))
    program = Program(len(instructions), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(program), 0, 0):
        os._exit(99)
