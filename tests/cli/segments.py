# SPDX-License-Identifier: MIT
"""Reads the segments of a spool, without the program: heads, sums, ledgers, gaps in numbers of rows."""
import csv
import struct

HEAD = 512


def head(path):
    words = path.read_bytes()[:HEAD].decode().split()
    return dict([("kind", words[2])] + [word.split("=") for word in words[3:]])


def segments(folder, kind="flows"):
    return [(path, head(path)) for path in sorted(folder.glob(f"*.{kind}"))]


def ledger(folder):
    """Of each counter: (its last value, the sum of what was added)."""
    found = {}
    for path, said in segments(folder, "ledger"):
        body, at = path.read_bytes()[HEAD:], 0
        for number in range(int(said["first"]), int(said["last"]) + 1):
            at += 1 + body[at]
            boot, _, row, _ = struct.unpack_from("<QIQI", body, at)
            at += 24
            name = body[at + 1:at + 1 + body[at]].decode()
            at += 1 + body[at]
            value, added = struct.unpack_from("<Qq", body, at)
            at += 16
            found[name] = value, found.get(name, (0, 0))[1] + added
            assert row == number and f"{boot:016x}" == said["boot"], (row, number)
        assert at == len(body)
    return found


def sums(found):
    """[rows, packets, bytes]"""
    rows = sum(int(h["last"]) - int(h["first"]) + 1 for _, h in found)
    return [rows, sum(int(h["packets"]) for _, h in found), sum(int(h["bytes"]) for _, h in found)]


def csv_sums(path):
    with path.open(newline="") as text:
        lines = csv.reader(text)
        names = next(lines)
        packets, size = names.index("packets_total"), names.index("bytes_total")
        total = [0, 0, 0]
        for row in lines:
            total[0] += 1
            total[1] += int(row[packets])
            total[2] += int(row[size])
    return total


def gaps(found):
    """Numbers of each worker's rows that no segment has, below its last one."""
    after, missing = {}, 0
    for _, said in found:
        missing += int(said["first"]) - after.get(said["worker"], 1)
        after[said["worker"]] = int(said["last"]) + 1
    return missing
