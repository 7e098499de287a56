"""Telling those who run the house, by mail: counts, and random ids of journeys."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from domain.sweep import Sweep, Trouble

WORDS = {
    Trouble.LOST: ("öppna förlopp utan körning", "open journeys without a run"),
    Trouble.ORPHANED: ("körningar utan öppet förlopp", "runs without an open journey"),
    Trouble.STUCK: ("klockor som inte gått", "clocks that did not go"),
    Trouble.UNTIMED: ("löften utan larm", "promises without a timer"),
    Trouble.WAITING_FOR_FIX: ("förlopp som väntar på en rättning", "journeys waiting for a fix"),
}


class OperatorMail:
    """Mail to one address, through the transport that notices take too."""

    def __init__(
        self, post: Callable[[EmailMessage], Awaitable[None]], sender: str, address: str
    ) -> None:
        self._post = post
        self._sender = sender
        self._address = address

    async def __call__(self, at: datetime, sweep: Sweep) -> None:
        """Tell what a sweep found. Raises `TransportFailed`."""
        await self._post(self.compose(at, sweep))

    def compose(self, at: datetime, sweep: Sweep) -> EmailMessage:
        """The message."""
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = self._address
        message["Subject"] = "Handslag: vakthunden fann något / the watchdog found something"
        message["Date"] = format_datetime(at)
        message["Message-ID"] = make_msgid(domain="handslag.invalid")
        lines = [f"{sv} / {en}: {sweep.counts[trouble]}" for trouble, (sv, en) in WORDS.items()]
        named = [
            f"{f.journey_id} {f.trouble}{' (lagat / repaired)' if f.repaired else ''}"
            for f in sweep.found
        ]
        message.set_content(
            "\n".join(
                (
                    *lines,
                    f"lagat / repaired: {sweep.repaired}",
                    "",
                    *named,
                    "",
                    "Vad som ska göras: docs/operations.md. What to do: docs/operations.md.",
                    "Inga patientuppgifter. No patient data.",
                )
            )
        )
        return message
