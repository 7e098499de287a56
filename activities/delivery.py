"""Telling somebody: one attempt at one notice through one channel."""

from collections.abc import Mapping
from typing import Protocol

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from domain.notice import Notice, TransportFailed
from domain.unit import ChannelKind

log = structlog.get_logger()


class Channel(Protocol):
    """A way to tell somebody."""

    async def send(self, notice: Notice) -> None:
        """Deliver. Raises `TransportFailed`."""
        ...


class NoticeBook(Protocol):
    """Where notices stand, and where it is noted what became of them."""

    async def begin_attempt(self, notice_id: str) -> Notice | None:
        """Note the attempt before sending; None when there is nothing left to do."""
        ...

    async def delivered(self, notice_id: str) -> None:
        """The channel took it."""
        ...

    async def failed(self, notice_id: str, error: str) -> None:
        """An attempt failed, with this code."""
        ...

    async def buried(self, notice_id: str, error: str) -> None:
        """Nobody will try again by itself."""
        ...


class DeliveryActivities:
    """Delivers notices and notes what became of them."""

    def __init__(self, book: NoticeBook, channels: Mapping[ChannelKind, Channel]) -> None:
        self._book = book
        self._channels = channels

    @activity.defn(name="deliver")
    async def deliver(self, notice_id: str) -> None:
        """One attempt. Raises `ApplicationError`, final when trying again cannot help."""
        notice = await self._book.begin_attempt(notice_id)
        if notice is None:
            return
        try:
            await self._channels[notice.channel].send(notice)
        except TransportFailed as failure:
            await self._book.failed(notice_id, failure.code)
            log.warning("delivery_failed", channel=notice.channel, error=failure.code)
            raise ApplicationError(
                failure.code, type="TransportFailed", non_retryable=failure.permanent
            ) from failure
        await self._book.delivered(notice_id)

    @activity.defn(name="bury")
    async def bury(self, notice_id: str) -> None:
        """Mark as a dead letter: no attempt is left."""
        await self._book.buried(notice_id, "gave_up")
        log.error("delivery_gave_up", notice_id=notice_id)
