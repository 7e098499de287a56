"""Everything up in order, kept up, and everything down again, from one terminal."""

import asyncio
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import structlog
from filelock import FileLock, Timeout

from runtime.embedded.processes import Ledger, free_port_or_say
from runtime.embedded.services import Service

Stage = Literal["starting", "ready", "failed", "restarting", "stopping", "stopped"]
Progress = Callable[[str, Stage, str], None]

_GLANCE = 0.3
_STOP_WITHIN = 30.0
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_STEADY_AFTER = 60.0

log = structlog.get_logger(__name__)


class AlreadyRunning(Exception):
    """Another run holds this home folder."""


class Supervisor:
    """Starts services in order, restarts those that die, stops them in reverse.

    1. Take the home folder's lock. 2. Stop what a killed run left. 3. Look whether the ports are
    free. 4. Start each service when the one before is ready. 5. Watch, until a signal comes.
    6. Stop all, the last one first.
    """

    def __init__(
        self,
        home: Path,
        services: Sequence[Service],
        on_progress: Progress,
        *,
        ledger: Ledger | None = None,
        ports: Mapping[str, int] | None = None,
    ) -> None:
        """``ports`` are looked at before anything starts: {"API": 8000, "Temporal UI": 8233}."""
        self._home = home
        self._services = services
        self._say = on_progress
        self._ledger = ledger or ledger_of(home)
        self._ports = ports or {}
        self._started: list[Service] = []
        self._asked_to_stop = asyncio.Event()

    async def run(self) -> int:
        """Run until SIGINT or SIGTERM; 0 then, 1 when a service could not be started.

        Raises AlreadyRunning and PortTaken before anything is started.
        """
        self._home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._home / "run.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise AlreadyRunning(f"{self._home} is in use by another run; stop it first") from None
        try:
            return await self._run_alone()
        finally:
            lock.release()

    def stop(self) -> None:
        """Do what a signal does."""
        self._asked_to_stop.set()

    async def _run_alone(self) -> int:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop)
        try:
            for name in await self._ledger.stop_leftovers():
                self._say(name, "stopped", "left over from an earlier run")
            for what, port in self._ports.items():
                free_port_or_say(port, what)
            return await self._up_and_down()
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    async def _up_and_down(self) -> int:
        work = asyncio.create_task(self._start_all_and_watch())
        asked = asyncio.create_task(self._asked_to_stop.wait())
        try:
            await asyncio.wait({work, asked}, return_when=asyncio.FIRST_COMPLETED)
            return 0 if self._asked_to_stop.is_set() else await work
        finally:
            await _cancel(work)
            await _cancel(asked)
            await self._stop_all()

    async def _start_all_and_watch(self) -> int:
        for service in self._services:
            # Entered first, so that one that fails half-way is stopped too.
            self._started.append(service)
            self._say(service.name, "starting", "")
            fault = await _fault_of(service)
            if fault is not None:
                self._say(service.name, "failed", fault)
                return 1
            self._say(service.name, "ready", "")
        async with asyncio.TaskGroup() as watch:
            for service in self._services:
                watch.create_task(self._watch(service))
        return 0

    async def _watch(self, service: Service) -> None:
        clock, pause = asyncio.get_running_loop().time, _FIRST_PAUSE
        up_since = clock()
        while True:
            await asyncio.sleep(_GLANCE)
            if service.alive():
                continue
            pause = _FIRST_PAUSE if clock() - up_since > _STEADY_AFTER else pause
            self._say(service.name, "restarting", f"it ended; again in {pause:g} s")
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            await self._restart(service)
            up_since = clock()

    async def _restart(self, service: Service) -> None:
        await service.stop()
        fault = await _fault_of(service)
        if fault is None:
            self._say(service.name, "ready", "")
            return
        self._say(service.name, "failed", fault)
        await service.stop()

    async def _stop_all(self) -> None:
        for service in reversed(self._started):
            self._say(service.name, "stopping", "")
            detail = await _stopped(service)
            self._say(service.name, "stopped", detail)


def ledger_of(home: Path) -> Ledger:
    """The home folder's ledger, to hand to the services and the supervisor alike."""
    return Ledger(home / "processes.json")


async def _fault_of(service: Service) -> str | None:
    try:
        await service.start()
    # A service is foreign code: whatever stops it is told in one line, and the rest comes down.
    except Exception as error:
        log.error("service_failed", service=service.name, exc_info=error)
        return " ".join(str(error).split()) or type(error).__name__
    return None


async def _stopped(service: Service) -> str:
    try:
        async with asyncio.timeout(_STOP_WITHIN):
            await service.stop()
    # One that cannot be stopped must not keep the others from being stopped.
    except Exception as error:
        log.error("service_not_stopped", service=service.name, exc_info=error)
        return f"not cleanly: {type(error).__name__}"
    return ""


async def _cancel(task: asyncio.Task[int] | asyncio.Task[bool]) -> None:
    task.cancel()
    await asyncio.wait({task})
