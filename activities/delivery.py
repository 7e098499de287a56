"""Telling somebody: one attempt at one notice, or at a digest, through one channel."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from domain.delivery import Attempt
from domain.notice import Notice, TransportFailed
from domain.unit import ChannelKind

log = structlog.get_logger()


class Channel(Protocol):
    """A way to tell somebody."""

    async def send(self, notice: Notice) -> None:
        """Deliver. Raises `TransportFailed`."""
        ...


class DigestChannel(Protocol):
    """A way to tell somebody several things at once."""

    async def send_digest(self, notices: Sequence[Notice]) -> None:
        """Deliver notices to one address as one. Raises `TransportFailed`."""
        ...


class NoticeBook(Protocol):
    """Where notices stand, and where it is noted what became of them.

    `resent` says which sending is meant: what an earlier one still wants to note is not heeded.
    """

    async def begin_attempt(self, notice_id: str, resent: int) -> Attempt | None:
        """Note the attempt before sending; None when there is nothing left to do."""
        ...

    async def delivered(self, attempt: Attempt) -> None:
        """The channel took it."""
        ...

    async def failed(self, attempt: Attempt, error: str) -> None:
        """An attempt failed, with this code."""
        ...

    async def buried(self, notice_id: str, resent: int, error: str) -> None:
        """Nobody will try again by itself; `error` where no attempt has left a code."""
        ...


class DeliveryActivities:
    """Delivers notices and notes what became of them."""

    def __init__(
        self,
        book: NoticeBook,
        channels: Mapping[ChannelKind, Channel],
        digests: Mapping[ChannelKind, DigestChannel] | None = None,
    ) -> None:
        self._book = book
        self._channels = channels
        self._digests = digests or {}

    @activity.defn(name="deliver")
    async def deliver(self, notice_id: str, resent: int = 0) -> None:
        """One attempt. Raises `ApplicationError`, final when trying again cannot help."""
        attempt = await self._book.begin_attempt(notice_id, resent)
        if attempt is None:
            return
        try:
            await self._send(attempt.notices)
        except TransportFailed as failure:
            await self._book.failed(attempt, failure.code)
            channel = attempt.notices[0].channel
            log.warning("delivery_failed", channel=channel, error=failure.code)
            raise ApplicationError(
                failure.code, type="TransportFailed", non_retryable=failure.permanent
            ) from failure
        await self._book.delivered(attempt)

    @activity.defn(name="bury")
    async def bury(self, notice_id: str, resent: int = 0) -> None:
        """Mark as a dead letter: no attempt is left."""
        await self._book.buried(notice_id, resent, "gave_up")
        log.error("delivery_gave_up", notice_id=notice_id)

    async def _send(self, notices: Sequence[Notice]) -> None:
        first = notices[0]
        if len(notices) == 1:
            await self._channels[first.channel].send(first)
        else:
            await self._digests[first.channel].send_digest(notices)
