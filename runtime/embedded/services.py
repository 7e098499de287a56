"""What a supervisor can start: commands, servers with a blocking interface, and one-shot steps."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from runtime.embedded.processes import STOP_WITHIN, Child, Ledger

_GLANCE = 0.1


class ServiceFailed(Exception):
    """A service could not be started. One line, meant to be shown."""


class Service(Protocol):
    """Something that is started, watched and stopped."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    async def start(self) -> None:
        """Start it and return when it is ready."""
        ...

    async def stop(self) -> None:
        """Stop it; nothing happens when it does not run."""
        ...

    def alive(self) -> bool:
        """Whether it still runs; cheap."""
        ...


class BlockingServer(Protocol):
    """A server whose methods wait in place."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    def start(self) -> None:
        """Start it and return when it is ready."""
        ...

    def stop(self) -> None:
        """Stop it."""
        ...

    def alive(self) -> bool:
        """Whether it still runs."""
        ...


class Blocking:
    """A blocking server as a service: it waits in a thread."""

    def __init__(self, server: BlockingServer) -> None:
        self.name = server.name
        self._server = server
        self._starting: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start it and return when it is ready."""
        self._starting = asyncio.create_task(asyncio.to_thread(self._server.start))
        await asyncio.shield(self._starting)

    async def stop(self) -> None:
        """Stop it."""
        # A thread cannot be cancelled: what it is starting would come up after the stop.
        if self._starting and not self._starting.done():
            await asyncio.wait({self._starting})
        await asyncio.to_thread(self._server.stop)

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._server.alive()


class Step:
    """Work done once on the way up, such as a migration; from then on it counts as alive."""

    def __init__(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        self.name = name
        self._run = run

    async def start(self) -> None:
        """Do it. Raises what the work raises."""
        await self._run()

    async def stop(self) -> None:
        """Nothing is left to stop."""

    def alive(self) -> bool:
        """A step that is done does not die."""
        return True


class CommandService:
    """A command that runs until it is stopped."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        log: Path,
        ready: Callable[[], Awaitable[bool]],
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        ledger: Ledger | None = None,
        ready_within: float = 60.0,
        stop_within: float = STOP_WITHIN,
    ) -> None:
        """``ready`` is asked again and again until it says yes; ``env`` adds to our environment."""
        self.name = name
        self._argv = argv
        self._log = log
        self._ready = ready
        self._env = env
        self._cwd = cwd
        self._ledger = ledger
        self._ready_within = ready_within
        self._stop_within = stop_within
        self._child: Child | None = None

    async def start(self) -> None:
        """Start the command and return when it is ready. Raises ServiceFailed."""
        self._child = self._spawn()
        try:
            async with asyncio.timeout(self._ready_within):
                while not await self._ready():
                    self._still_there(self._child)
                    await asyncio.sleep(_GLANCE)
        except TimeoutError:
            raise ServiceFailed(f"not ready in {self._ready_within:g} s; see {self._log}") from None
        # Another program may have answered in its place.
        self._still_there(self._child)

    async def stop(self) -> None:
        """Ask it to end, and end it when it does not."""
        if self._child:
            await self._child.stop(self._stop_within)
            self._child = None

    def alive(self) -> bool:
        """Whether the command runs."""
        return self._child is not None and self._child.alive()

    def _spawn(self) -> Child:
        try:
            return Child.spawn(
                self.name, self._argv, self._log, env=self._env, cwd=self._cwd, ledger=self._ledger
            )
        except OSError as error:
            raise ServiceFailed(f"cannot run {self._argv[0]}: {error.strerror}") from None

    def _still_there(self, child: Child) -> None:
        if not child.alive():
            raise ServiceFailed(f"ended with code {child.exit_code}; see {self._log}")
