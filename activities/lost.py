"""Looks after deliveries that were begun and have not ended: does anybody make them still?"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError

from domain.delivery import UnderWay

log = structlog.get_logger()

EVERY_SECONDS = 60.0
PAGE = 100
# Most deliveries end within seconds; what was begun just now is left alone.
ASKED_AFTER = timedelta(minutes=10)
# Longer than any delivery is tried for.
BURIED_AFTER = timedelta(days=4)


class Letters(Protocol):
    """Where it stands what was begun and has not ended."""

    async def page(self, after: int, age: timedelta, limit: int) -> Sequence[UnderWay]:
        """Deliveries begun so long ago, behind a place."""
        ...

    async def put_back(self, found: UnderWay, age: timedelta) -> int:
        """Let it be started anew; how many notices."""
        ...

    async def bury(self, age: timedelta) -> int:
        """Make dead letters of what was begun so long ago; how many."""
        ...


class LostAndFound:
    """A page each minute; `is_lost` asks the engine for the delivery's workflow."""

    def __init__(self, letters: Letters, is_lost: Callable[[str, int], Awaitable[bool]]) -> None:
        self._letters = letters
        self._is_lost = is_lost
        self._after = 0

    async def run(self) -> None:
        """Until cancelled. Store or engine being away is said, and tried again."""
        while True:
            try:
                await self.look()
            except (SQLAlchemyError, RPCError, OSError) as error:
                log.warning("lost_letters_wait", error=type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS)

    async def look(self) -> None:
        """Look through the next page; what is older than any delivery becomes a dead letter."""
        if buried := await self._letters.bury(BURIED_AFTER):
            log.error("deliveries_lost", notices=buried)
        page = await self._letters.page(self._after, ASKED_AFTER, PAGE)
        for found in {(u.notice_id, u.resent): u for u in page}.values():
            if await self._is_lost(found.notice_id, found.resent):
                notices = await self._letters.put_back(found, ASKED_AFTER)
                log.warning("delivery_put_back", notices=notices)
        self._after = page[-1].ordinal if len(page) == PAGE else 0
