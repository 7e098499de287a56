"""Which PostgreSQL processes work in a data folder: asked of the kernel, not of pid files."""

import signal
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from runtime.embedded.processes import runs

_GLANCE = 0.01


def at_work_in(data: Path) -> list[psutil.Process]:
    """Every PostgreSQL process, main one or child, whose working folder is the data folder."""
    named = (p for p in psutil.process_iter(["name"]) if p.info["name"] == "postgres")
    return [process for process in named if _working_folder(process) == str(data)]


def main_process(data: Path) -> psutil.Process | None:
    """The server's main process, if it runs."""
    # Children rename themselves to "postgres: checkpointer" and the like.
    return next((p for p in at_work_in(data) if "-D" in _command(p)), None)


def kill_all(processes: Sequence[psutil.Process], within: float = 10.0) -> None:
    """SIGKILL for all of them, and wait until they are gone."""
    for process in processes:
        signal_one(process, signal.SIGKILL)
    wait_until_gone(processes, within)


def wait_until_gone(processes: Sequence[psutil.Process], within: float) -> bool:
    """Wait for processes to end; says whether they did in time."""
    give_up_at = time.monotonic() + within
    while any(runs(process) for process in processes):
        if time.monotonic() > give_up_at:
            return False
        time.sleep(_GLANCE)
    return True


def signal_one(process: psutil.Process, number: signal.Signals) -> None:
    """Send a signal to a process, unless it has ended."""
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return  # ended by itself in the meantime


def _working_folder(process: psutil.Process) -> str | None:
    try:
        return process.cwd()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return []
