"""What the benchmarks share: a process seen from outside, and running the demo's parts without its prints."""

import os
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True  # the sources' folders stay clean
sys.path.insert(0, str(ROOT / "tools" / "lib"))

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_ms(pid):
    """User and system milliseconds of a process, all its threads (10 ms steps)."""
    text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    fields = text[text.rindex(")") + 2:].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / TICKS


def memory_mib(pid, name):
    """VmRSS (now), VmHWM (peak), RssAnon or RssFile of a process, in MiB."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) / 1024
    raise KeyError(name)


def load():
    return f"load {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores"


def verdict(value, aim, unit):
    return f"aim <= {aim:g} {unit}: {'met' if value <= aim else 'MISSED'}"
