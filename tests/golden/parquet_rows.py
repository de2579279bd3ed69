# SPDX-License-Identifier: MIT
"""Rows of Parquet files by hyparquet, a reader that is not ours, and of CSVs of the same run as they must be there."""
import csv
import json
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "dashboard/page"
UNITS = {"_secs": 10 ** 9, "_ms": 10 ** 6}


def readable():
    return (PAGE / "node_modules/hyparquet").exists()


def parquet_of(path):
    """(what the file says of itself, rows)"""
    done = subprocess.run(["node", ROOT / "tests/golden/parquet.mjs", PAGE, path], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-500:])
    lines = done.stdout.splitlines()
    return json.loads(lines[0]), [json.loads(line) for line in lines[1:]]


def nanoseconds(text, unit):
    whole, _, rest = text.partition(".")
    return str(int(whole) * unit + (int(rest) * unit // 10 ** len(rest) if rest else 0))


def cell(column, text):
    """The value of a CSV cell as Parquet has it: null, nanoseconds, text without what keeps formulas away."""
    if text == "":
        return None
    if column in ("ts", "first_seen", "last_seen"):
        ns = int(nanoseconds(text, 10 ** 9))
        return str(ns if ns < 2 ** 63 else ns - 2 ** 64 * 1000)  # pcapng counts microseconds: before 1970 they wrap
    for end, unit in UNITS.items():
        if column.endswith(end):
            return nanoseconds(text, unit)
    return re.sub(r"^\\x(3d|2b|2d|40)", lambda found: chr(int(found[1], 16)), text)


def csv_of(path, omit=()):
    """(names, rows), both as Parquet has them, but for columns that are left out"""
    with path.open(newline="") as file:
        reader = csv.reader(file)
        header = next(reader)
        keep = [i for i, name in enumerate(header) if name not in ("avg_bps", *omit)]
        rows = [[cell(header[i], row[i]) for i in keep] for row in reader]
    return [re.sub("_(secs|ms)$", "_ns", header[i]) for i in keep], rows


def differences(names, rows, wanted_names, wanted):
    faults = [] if names == wanted_names else [f"columns {names}, wanted {wanted_names}"]
    faults += [] if len(rows) == len(wanted) else [f"{len(rows)} rows, wanted {len(wanted)}"]
    for number, (have, want) in enumerate(zip(rows, wanted)):
        if have != want:
            faults += [f"row {number}, {name}: {a!r}, wanted {b!r}" for name, a, b in zip(names, have, want) if a != b]
    return faults[:5]


def log_of(folder, stem="e"):
    """(names, rows of all files in their order, how many files)"""
    files = [*sorted(folder.glob(f"{stem}.??????.parquet")), folder / f"{stem}.parquet"]
    found = [parquet_of(path) for path in files if path.exists()]
    return found[0][0]["names"], [row for _, rows in found for row in rows], len(found)
