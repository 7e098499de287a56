"""Telling those who own a pathway, by mail: which ladders would reach nobody, and when."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from domain.calendar import STOCKHOLM
from domain.design.coverage import Gap

MOST_LINES = 50


class OwnerMail:
    """Mail to the owner's unit, through the transport that notices take too."""

    def __init__(self, post: Callable[[EmailMessage], Awaitable[None]], sender: str) -> None:
        self._post = post
        self._sender = sender

    async def __call__(
        self, at: datetime, pathway: str, mails: Sequence[str], gaps: Sequence[Gap]
    ) -> None:
        """Tell of new gaps. Raises `TransportFailed`."""
        await self._post(self.compose(at, pathway, mails, gaps))

    def compose(
        self, at: datetime, pathway: str, mails: Sequence[str], gaps: Sequence[Gap]
    ) -> EmailMessage:
        """The message."""
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = ", ".join(mails)
        message["Subject"] = f"Handslag: nya luckor i {pathway} / new gaps in {pathway}"
        message["Date"] = format_datetime(at)
        message["Message-ID"] = make_msgid(domain="handslag.invalid")
        more = len(gaps) - MOST_LINES
        message.set_content(
            "\n".join(
                (
                    "Under de närmaste tolv månaderna når en stege ingen i tid:",
                    "During the next twelve months a ladder reaches nobody in time:",
                    "",
                    *(_line(gap) for gap in gaps[:MOST_LINES]),
                    *([f"… och {more} till / and {more} more"] if more > 0 else []),
                    "",
                    "Ändra öppettider, täckning eller ersättare, eller godta luckan med skäl.",
                    "Change hours, cover or substitutes, or accept the gap with a reason.",
                    "Inga patientuppgifter. No patient data.",
                )
            )
        )
        return message


def _line(gap: Gap) -> str:
    first, last = (i.astimezone(STOCKHOLM) for i in (gap.first, gap.last))
    promised = gap.promised
    return (
        f"{first:%Y-%m-%d %H:%M}–{last:%Y-%m-%d %H:%M} {promised.ladder}: "
        f"{promised.owner} → {promised.counterpart} ({gap.why})"
    )
