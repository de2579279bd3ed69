# SPDX-License-Identifier: MIT
"""What the tests share that count every frame: small frames, the sensor's options, and what a run may not say."""
APART = ("--fragments", "apart")  # a later fragment need not reach the ring of its first one
BACKENDS, WORKERS = ("tpacket", "pcap"), (1, 2)
FRAMES, RATE = 200000, 100000
SMALL = {"payload_max": 200, "rate_pps": RATE, "flow_packets": 50}  # the default ring holds nearly all of them


def options(backend, workers, out, *more):
    return ["--backend", backend, *(["--workers", workers] if workers > 1 else []), "--quiet", "--summary-json", out / "summary.json",
            "--export-csv", out / "flows.csv", *APART, *more]


def faults_of_run(sensor, status, ledger):
    faults = ledger.faults() + ([] if status == 0 else [f"exit status {status}"])
    return faults + ([] if "refused system call" not in sensor.err else [sensor.err[-300:]])


def faults_of_count(ledger, sent):
    got = ledger["rx_received"] + ledger["rx_kernel_drops"]
    return [] if got == sent else [f"sent {sent}, received {ledger['rx_received']}, dropped by the kernel {ledger['rx_kernel_drops']}"]
