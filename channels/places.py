"""How many calls there may be to one host at once: one that is silent holds up its own alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from domain.notice import TransportFailed

AT_ONCE = 2
WAIT_SECONDS = 2.0


@dataclass(slots=True)
class _Host:
    """Its places, how many have or want one, and whether somebody waited for one in vain."""

    free: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    users: int = 0
    slow: bool = False


class Places:
    """Places for calls, by host, in this process."""

    def __init__(self, seconds: float = WAIT_SECONDS) -> None:
        self._seconds = seconds
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def at(self, name: str) -> AsyncIterator[None]:
        """A place, waited for a moment. Raises `TransportFailed`: webhook_busy."""
        host = self._hosts.setdefault(name, _Host())
        host.users += 1
        try:
            await self._wait(host)
            try:
                yield
                host.slow = False
            finally:
                host.free.release()
        finally:
            host.users -= 1
            if not host.users:
                del self._hosts[name]

    async def _wait(self, host: _Host) -> None:
        """Where somebody has waited in vain, nobody else does until a call has ended well."""
        if host.slow and host.free.locked():
            raise TransportFailed("webhook_busy", permanent=False)
        try:
            async with asyncio.timeout(self._seconds):
                await host.free.acquire()
        except TimeoutError as error:
            host.slow = True
            raise TransportFailed("webhook_busy", permanent=False) from error
