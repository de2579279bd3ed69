# SPDX-License-Identifier: MIT
"""tshark over many captures at once: most of its time on a small one is its start.

Captures of one interface are put behind each other, so that the interface's number tells which one a packet is of.
"""
import os
import subprocess


def run(capture, arguments, fields, aggregator=","):
    """A list of texts for each packet that tshark shows; nothing when it does not know the link type."""
    command = ["tshark", "-r", capture, *arguments, "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=" + aggregator]
    done = subprocess.run(command + [word for field in fields for word in ("-e", field)], capture_output=True)
    if b"unknown or unsupported" in done.stderr:
        return
    for line in done.stdout.decode("utf-8", "surrogateescape").split("\n")[:-1]:
        yield line.split("\t")


def has_one_interface(capture):
    done = subprocess.run(["capinfos", "-I", capture], capture_output=True, text=True)
    return done.returncode == 0 and "Number of interfaces in file: 1\n" in done.stdout


def merge(captures, tmp):
    """One file of the captures with one interface, in the folder tmp, and which these are. Of others mergecap makes nothing."""
    one, merged = [capture for capture in captures if has_one_interface(capture)], os.path.join(tmp, "merged.pcapng")
    if one and not os.path.exists(merged):
        subprocess.run(["mergecap", "-a", "-I", "none", "-F", "pcapng", "-w", merged, *one], check=True)
    return merged, one


def rows(captures, tmp, arguments, fields):
    """(capture, texts of the fields) for each packet of all captures; those of one capture in its order."""
    merged, one = merge(captures, tmp)
    for capture in captures:
        if capture not in one:
            yield from ((capture, row) for row in run(capture, arguments, fields))
    for interface, *row in run(merged, arguments, ["frame.interface_id", *fields]) if one else ():
        yield one[int(interface)], row
