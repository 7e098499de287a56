"""Child processes that can be found again after their parent was killed."""

import asyncio
import json
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

import psutil
from pydantic import BaseModel, TypeAdapter, ValidationError

from runtime.private_file import write_private
from runtime.settings import child_environment

STOP_WITHIN = 15.0
_GLANCE = 0.05
# The kernel's boot time, from which start times are reckoned, may be corrected by a moment.
_SAME_START = 1.0


class PortTaken(Exception):
    """Another program listens where one of ours should."""


class Entry(BaseModel):
    """One process of ours, recognisable even when its number has been given to another."""

    name: str
    pid: int
    create_time: float

    def process(self) -> psutil.Process | None:
        """The process, if it still is the one that was entered."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.create_time) < _SAME_START
        except psutil.NoSuchProcess:
            return None
        return process if same else None


_ENTRIES = TypeAdapter(list[Entry])


class Ledger:
    """The processes started from one home folder, on disk."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def enter(self, name: str, pid: int) -> None:
        """Remember a process just started."""
        entry = Entry(name=name, pid=pid, create_time=psutil.Process(pid).create_time())
        self._write([*self.entries(), entry])

    def strike(self, pid: int) -> None:
        """Forget a process that has ended."""
        self._write([entry for entry in self.entries() if entry.pid != pid])

    def entries(self) -> list[Entry]:
        """What is remembered; nothing when the file is missing or was damaged."""
        try:
            return _ENTRIES.validate_json(self._path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return []

    async def stop_leftovers(self, within: float = STOP_WITHIN) -> list[str]:
        """End what an earlier, killed run left behind; gives the names of what was stopped."""
        left = [(entry, process) for entry in self.entries() if (process := entry.process())]
        await asyncio.gather(*(_end(process, within) for _, process in left))
        self._write([])
        return [entry.name for entry, _ in left]

    def _write(self, entries: list[Entry]) -> None:
        write_private(self._path, json.dumps([entry.model_dump() for entry in entries], indent=1))


class Child:
    """A process in a session of its own: a Ctrl-C at the terminal does not reach it, only we do."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], ledger: Ledger | None) -> None:
        self.name = name
        self._process = process
        self._ledger = ledger

    @classmethod
    def spawn(
        cls,
        name: str,
        argv: Sequence[str],
        log: Path,
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        ledger: Ledger | None = None,
    ) -> Self:
        """Start a command with its output appended to a log file. Raises OSError."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603 - a list of words, no shell
                list(argv),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=child_environment(env or {}),
                cwd=cwd,
                start_new_session=True,
            )
        if ledger:
            ledger.enter(name, process.pid)
        return cls(name, process, ledger)

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended, or None while it runs."""
        return self._process.poll()

    def alive(self) -> bool:
        """Whether it still runs."""
        return self.exit_code is None

    def kill(self) -> None:
        """End it and everything it started, at once."""
        _signal_group(self.pid, signal.SIGKILL)
        self._process.wait()
        self._forget()

    async def stop(self, within: float = STOP_WITHIN) -> None:
        """Ask it to end, and end it when the time is up."""
        if self.alive():
            self._process.terminate()
        await until(lambda: not self.alive(), within)
        self.kill()

    def _forget(self) -> None:
        if self._ledger:
            self._ledger.strike(self.pid)


def free_port_or_say(port: int, what: str, host: str = "127.0.0.1") -> None:
    """Raises PortTaken, naming the setting: "Temporal UI" is HANDSLAG_TEMPORAL_UI_PORT."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Connections of a server just stopped may linger; they do not stop the next one.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            name = f"HANDSLAG_{what.upper().replace(' ', '_')}_PORT"
            raise PortTaken(f"Port {port} ({what}) is taken; set {name} to another.") from None


def runs(process: psutil.Process) -> bool:
    """Whether a process is at work: there, and not only waiting to be buried."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def _end(process: psutil.Process, within: float) -> None:
    group = process.pid
    try:
        process.terminate()
    except psutil.NoSuchProcess:
        return
    await until(lambda: not runs(process), within)
    if runs(process) or _leads_a_group(group):
        _signal_group(group, signal.SIGKILL)
    await until(lambda: not runs(process), within)


def _leads_a_group(pid: int) -> bool:
    # While a group has members its number is not given to another process.
    return any(_group_of(process.pid) == pid for process in psutil.process_iter())


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None


def _signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return  # nobody is left in it, which is what was wanted


def free_port(host: str = "127.0.0.1") -> int:
    """A port that is free at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        number: int = probe.getsockname()[1]
        return number


async def until(done: Callable[[], bool], within: float) -> bool:
    """Wait for a condition; says whether it came true in time."""
    give_up_at = asyncio.get_running_loop().time() + within
    while not done():
        if asyncio.get_running_loop().time() >= give_up_at:
            return False
        await asyncio.sleep(_GLANCE)
    return True
