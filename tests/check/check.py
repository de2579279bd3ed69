# SPDX-License-Identifier: MIT
"""What the checks of the sources share: the files that git knows, the report, and commands over many files at once."""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/cli"))
from harness import Report  # noqa: E402,F401


def tree():
    """Every file of the sources: as git lists them (new ones too), or all outside of what builds make."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        return [str(path.relative_to(ROOT)) for path in ROOT.rglob("*")
                if not {"build", "node_modules", "__pycache__"} & set(path.relative_to(ROOT).parts)]
    command = ["git", "ls-files", "-z", "-c", "-o", "--exclude-standard"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")


def files(*suffixes):
    return sorted(name for name in set(tree()) if name and name.endswith(suffixes) and (ROOT / name).is_file())


def interpreter(name):
    """The program that a file's first line names: `bash`, `python3`, or nothing."""
    with open(ROOT / name, "rb") as file:
        found = re.match(rb"#!\s*(?:\S*/env\s+)?(\S+)", file.readline(200))
    return os.path.basename(found[1].decode()) if found else ""


def scripts(*interpreters):
    return [name for name in files("") if interpreter(name) in interpreters]


def need(report, tool, name):
    """True when a tool is installed; else one skip line."""
    if not shutil.which(tool):
        report.skip(name, f"{tool} is not installed (tools/setup installs it)")
    return bool(shutil.which(tool))


def run_over(command, names, each=8, cwd=ROOT):
    """Runs a command over files, some at a time, as many as there are cores. The lines of those that fail."""
    groups = [names[i:i + each] for i in range(0, len(names), each)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        ran = list(pool.map(lambda group: subprocess.run([*command(group)], cwd=cwd, capture_output=True, text=True), groups))
    return [line.replace(f"{ROOT}/", "") for one in ran if one.returncode for line in
            (one.stdout + one.stderr).splitlines() or [f"exit status {one.returncode}"]]
