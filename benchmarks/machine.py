"""What a figure depends on beside the code: the date, the machine, the versions."""

import os
import platform
import resource
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

LIBRARIES = ("tensorflow", "keras", "torch", "optuna", "mlflow")


def described() -> str:
    """Returns a Markdown table."""
    facts = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "processor": f"{_line('/proc/cpuinfo', 'model name') or platform.machine()}, "
        f"{len(os.sched_getaffinity(0))} cores",
        "memory": _memory(),
        "Python": platform.python_version(),
        **{name: _version(name) for name in LIBRARIES},
    }
    rows = [f"| {name} | {value} |" for name, value in facts.items()]
    return "\n".join(["| | |", "|---|---|", *rows, ""])


def work_of_others() -> float:
    """Returns the processor seconds that processes other than this one and its ended children have ever used here."""
    machine, own = (
        psutil.cpu_times(),
        [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)],
    )
    ours = sum(used.ru_utime + used.ru_stime for used in own)
    return float(machine.user + machine.nice + machine.system) - ours


def _line(file: str, key: str) -> str | None:
    """Returns what stands behind a key in a file of the kernel's."""
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), None)


def _memory() -> str:
    total = _line("/proc/meminfo", "MemTotal")
    return "unknown" if total is None else f"{int(total.split()[0]) / 2**20:.0f} GB"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
