"""Empties the outbox: one delivery of its own for each notice, started exactly once."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError

log = structlog.get_logger()

BATCH = 50
IDLE_SECONDS = 0.5
AWAY_SECONDS = 2.0


class Outbox(Protocol):
    """Where notices wait."""

    async def dispatch(self, limit: int, start: Callable[..., Awaitable[Any]]) -> int:
        """Start what is due of up to `limit` that wait; how many there were."""
        ...


class Relay:
    """Polls the outbox; a full batch is followed at once by the next."""

    def __init__(self, outbox: Outbox, start: Callable[..., Awaitable[Any]]) -> None:
        self._outbox = outbox
        self._start = start

    async def run(self) -> None:
        """Until cancelled. Store or engine being away is said, and tried again."""
        pause = 0.0
        while True:
            await asyncio.sleep(pause)
            pause = await self._pause_after_batch()

    async def _pause_after_batch(self) -> float:
        try:
            dispatched = await self._outbox.dispatch(BATCH, self._start)
        except (SQLAlchemyError, RPCError, OSError) as error:
            log.warning("outbox_waits", error=type(error).__name__)
            return AWAY_SECONDS
        return 0.0 if dispatched >= BATCH else IDLE_SECONDS
