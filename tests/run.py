#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs test programs, three at a time (and four that wait), long ones first, and sums up what they report.

    tests/run.py PROGRAM...

A program reports by Check's summary line or by lines `ok - name`, `not ok - name: why`, `skip - name: why` on its
standard output. One that reports nothing, fails without saying where, crashes or takes more than 900 seconds is one
failure. At the end stand a table of the slowest programs and, once more, what failed and was skipped. The last line is
`netscope: N passed, N failed, N skipped`; the status is 1 when anything failed. Programs that judge rates and load run last and alone.
`nofork:PROGRAM` runs a Check program in one process, `fuzz:PROGRAM` a libFuzzer target for FUZZ_SECONDS (30) from its corpus
tests/fuzz/corpus/<name>, on a copy that is thrown away.

The programs run in the root of the repository and find in their environment: NETSCOPE, PKTGEN (release), NETSCOPE_ASAN,
NETSCOPE_TSAN (those that are built), BUILD_DIR, TEST_TMP (a fresh directory, removed afterwards) and NETSCOPE_SHARED
(`../shared`, when it exists: more captures and the oracle).
"""
import contextlib
import os
import pathlib
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("BUILD_DIR", "build")).absolute()
PARALLEL = 3
PARALLEL_WAITING = 4
HELPING = 1  # of these, with those that compute, when nothing waits any more
TIMEOUT_SECONDS = 900  # a program that hangs: none takes a tenth of it alone, and a busy machine may be ten times as slow
FUZZ_SECONDS = int(os.environ.get("FUZZ_SECONDS") or 30)
TAIL_LINES = 40
SLOWEST = 20
# Those begin first, in this order, so that no long one is left for the end. The table at the end says when this is stale.
LONG = ["tests/property/same_answer", "tests/property/alerts", "tests/check/tidy", "tests/web/limits", "tests/golden/pcap-out",
        "tests/web/day", "asan/tests/property/dissection", "tests/property/packet_lines",
        "tests/golden/alerts", "tests/golden/names", "tests/property/scans", "asan/tests/property/flow_model", "tests/cli/odd_clocks",
        "asan/tests/unit/backends/sources/test_file_decompress", "tests/golden/fields", "asan/tests/property/truncations",
        "tests/cli/bench-smoke", "tests/golden/headers", "tests/golden/parquet"]
CHECK_LINE = re.compile(r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)")
# Those mostly wait, for time-outs, delays and a browser: they run beside the three that compute, in this order.
WAITING = ["tests/browser/memory.mjs", "tests/browser/wire.mjs", "tests/cli/alerts_out", "tests/live/stalled", "tests/live/ipfix",
           "tests/browser/axe.mjs",
           "tests/web/stall", "tests/web/access", "tests/browser/use.mjs", "tests/browser/views.mjs", "tests/live/full_disk",
           "tests/browser/states.mjs", "tests/live/accounted", "tests/browser/program.mjs", "tests/live/bench", "tests/live/spool",
           "tests/cli/ship_service", "tests/live/restart", "tests/cli/ship", "tests/live/privileges", "tests/live/reload",
           "tests/live/alerts_out", "tests/web/protocol", "tests/live/notify", "tests/live/tags", "tests/live/freeze",
           "tests/live/recorder", "tests/live/link", "tests/live/parquet_log", "tests/live/intruder", "tests/cli/feeds",
           "tests/browser/time.mjs", "tests/browser/who.mjs", "tests/browser/attacks.mjs", "tests/browser/timeline.mjs", "tests/browser/flame.mjs",
           "tests/web/history", "tests/web/peers", "tests/web/top", "tests/cli/units", "tests/cli/ship_ipfix",
           "tests/live/top", "tests/cli/signals", "tests/cli/full_disk", "tests/live/offload", "tests/live/rig_itself"]
# Those judge rates, CPU time and memory of a sensor or a browser that has the machine.
ALONE = ["tests/live/exact", "tests/live/idle", "tests/live/slope", "tests/browser/cpu.mjs"]


class Result:
    def __init__(self, name):
        self.name = name
        self.passed = self.failed = self.skipped = 0
        self.seconds = self.cpu_seconds = 0.0  # wall; user and system, with all that the program waited for
        self.reasons = []  # skips and failures, a line each
        self.tail = ""


def environment():
    env = dict(os.environ, BUILD_DIR=str(BUILD), CK_DEFAULT_TIMEOUT="60", LC_ALL="C.UTF-8")
    # A race in a library that was built without the sanitizer (liburcu) is not ours to judge.
    env.setdefault("TSAN_OPTIONS", "ignore_noninstrumented_modules=1 halt_on_error=1")
    env.setdefault("UBSAN_OPTIONS", "print_stacktrace=1")
    programs = {"NETSCOPE": "release/netscope", "PKTGEN": "release/pktgen",
                "NETSCOPE_ASAN": "asan/netscope", "NETSCOPE_TSAN": "tsan/netscope"}
    for key, path in programs.items():
        if (BUILD / path).exists():
            env.setdefault(key, str(BUILD / path))
    shared = ROOT.parent / "shared"
    if shared.is_dir():
        env.setdefault("NETSCOPE_SHARED", str(shared))
    return env


def randomization_prefix():
    """The sanitizers of gcc 12 cannot map their shadow when the kernel randomizes more than 28 bits."""
    try:
        bits = int(pathlib.Path("/proc/sys/vm/mmap_rnd_bits").read_text())
    except (OSError, ValueError):
        bits = 0
    if bits <= 28 or subprocess.run(["setarch", "-R", "true"], capture_output=True).returncode != 0:
        return []
    return ["setarch", "-R"]


def count(result, text):
    for line in text.splitlines():
        check = CHECK_LINE.match(line)
        if check:
            checks, failures, errors = map(int, check.groups())
            result.passed += checks - failures - errors
            result.failed += failures + errors
        elif line.startswith("ok - "):
            result.passed += 1
        elif line.startswith("not ok - "):
            result.failed += 1
            result.reasons.append(line)
        elif line.startswith("skip - "):
            result.skipped += 1
            result.reasons.append(line)


def blame(result, why):
    result.failed += 1
    result.reasons.append("not ok - " + why)


def judge(result, status, text):
    count(result, text)
    if status is None:
        blame(result, f"took more than {TIMEOUT_SECONDS} s")
    elif status < 0:
        blame(result, f"killed by {signal.Signals(-status).name}")
    elif status != 0 and not result.failed:
        blame(result, f"exit status {status}, yet no failure reported")
    elif not result.passed + result.failed + result.skipped:
        blame(result, "reported nothing")


def kill_session(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def wait(process):
    """The exit status, or None when the time was up, and the CPU time. Nothing of the program's session stays behind."""
    late = threading.Event()
    timer = threading.Timer(TIMEOUT_SECONDS, lambda: (late.set(), kill_session(process)))
    timer.start()
    # wait4 and not Popen.wait: it tells the CPU time. WNOWAIT keeps the process id ours while its session is killed.
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    timer.cancel()
    kill_session(process)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return None if late.is_set() else process.returncode, used.ru_utime + used.ru_stime


def fuzz_arguments(kind, program, temporary):
    if kind != "fuzz":
        return []
    corpus = ROOT / "tests/fuzz/corpus" / program.name.removeprefix("fuzz_")
    found = pathlib.Path(temporary) / "found"
    found.mkdir()
    return [f"-max_total_time={FUZZ_SECONDS}", f"-artifact_prefix={temporary}/", str(found), *([str(corpus)] if corpus.is_dir() else [])]


def name_of(path):
    """A program's path from the build folder or the root."""
    program = pathlib.Path(path).absolute()
    return os.path.relpath(program, BUILD if program.is_relative_to(BUILD) else ROOT)


def turn(argument):
    name = name_of(argument.rpartition(":")[2])
    order = WAITING if name in WAITING else LONG
    return order.index(name) if name in order else len(order)


def run(argument, env, prefix):
    kind, _, path = argument.rpartition(":")
    program = pathlib.Path(path).absolute()
    name = name_of(path) + {"nofork": " (no fork)", "fuzz": f" ({FUZZ_SECONDS} s)"}.get(kind, "")
    result = Result(name)
    temporary = tempfile.mkdtemp(prefix="netscope-test.")
    env = dict(env, TEST_TMP=temporary, **({"CK_FORK": "no"} if kind == "nofork" else {}))
    start = time.monotonic()
    try:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            status, result.cpu_seconds, why = run_program([*prefix, str(program), *fuzz_arguments(kind, program, temporary)], env, out, err)
            out.seek(0), err.seek(0)
            text, errors = out.read().decode(errors="replace"), err.read().decode(errors="replace")
            if why:
                blame(result, why)
            else:
                judge(result, status, "ok - " + name if kind == "fuzz" and status == 0 else text)
            result.tail = "\n".join((text + errors).splitlines()[-TAIL_LINES:])
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    result.seconds = time.monotonic() - start
    return result


def run_program(command, env, out, err):
    try:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=env, cwd=ROOT,
                                   start_new_session=True)
    except OSError as error:
        return None, 0.0, f"does not start: {error.strerror}"
    return (*wait(process), None)


def report(result):
    parts = [f"{n} {what}" for n, what in ((result.passed, "passed"), (result.failed, "failed"),
                                           (result.skipped, "skipped")) if n]
    print(f"{'FAIL' if result.failed else 'ok':4} {result.name:56} {', '.join(parts):24} {result.seconds:6.2f} s {result.cpu_seconds:6.2f} s")
    for reason in result.reasons:
        print("     " + reason)
    if result.failed and result.tail:
        print("     | " + result.tail.replace("\n", "\n     | "))
    sys.stdout.flush()


def run_all(arguments, computing, waiting, env, prefix):
    """Each thread takes from its own queue; those of programs that wait help with the others when theirs is empty."""
    todo_of = {False: queue.SimpleQueue(), True: queue.SimpleQueue()}  # by whether they wait
    done, results = queue.SimpleQueue(), []
    for argument in arguments:
        todo_of[name_of(argument.rpartition(":")[2]) in WAITING].put(argument)

    def take(*queues):
        try:
            for todo in queues:
                with contextlib.suppress(queue.Empty):
                    while True:
                        done.put(run(todo.get_nowait(), env, prefix))
        finally:
            done.put(None)

    helping = min(HELPING, waiting)
    ways = [(todo_of[False],)] * computing + [(todo_of[True],)] * (waiting - helping) + [(todo_of[True], todo_of[False])] * helping
    threads = [threading.Thread(target=take, args=queues, daemon=True) for queues in ways]
    for thread in threads:
        thread.start()
    left = len(threads)
    while left:
        result = done.get()
        if result is None:
            left -= 1
            continue
        results.append(result)
        report(result)
    if len(results) != len(arguments):
        raise RuntimeError(f"{len(arguments) - len(results)} programs have no result")
    return results


def report_slowest(results):
    print(f"slowest of {len(results)} programs:{'':45} wall      CPU")
    for result in sorted(results, key=lambda r: -r.seconds)[:SLOWEST]:
        print(f"     {result.name:56} {result.seconds:6.2f} s {result.cpu_seconds:6.2f} s")
    wall, cpu = (sum(getattr(r, key) for r in results) for key in ("seconds", "cpu_seconds"))
    print(f"     {'all':56} {wall:6.1f} s {cpu:6.1f} s")


def report_reasons(results):
    for result in results:
        for reason in result.reasons or [f"not ok - {result.failed} failed"] * bool(result.failed):
            print(f"{result.name}: {reason}")


def main(arguments):
    env, prefix = environment(), randomization_prefix()
    alone = [a for a in arguments if name_of(a.rpartition(":")[2]) in ALONE]
    results = run_all(sorted((a for a in arguments if a not in alone), key=turn), PARALLEL, PARALLEL_WAITING, env, prefix)
    results += run_all(alone, 1, 0, env, prefix)
    passed, failed, skipped = (sum(getattr(r, key) for r in results) for key in ("passed", "failed", "skipped"))
    report_slowest(results)
    report_reasons(results)
    print(f"netscope: {passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
