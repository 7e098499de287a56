"""Whose time it is: the receiver's, the sender's, and the patient's, which is both together.

From the sending until the answer, every instant belongs to exactly one side: the one that owes the
next word. A question, a proposal or a hold makes it the sender's; the patient waits all the while.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum

from domain import event as ev
from domain.calendar import Calendar, Counting, elapsed
from domain.event import Event
from domain.pathway import Purpose
from domain.value import Instant, Value


class Side(StrEnum):
    """Who owes the next word."""

    RECEIVER = "receiver"
    SENDER = "sender"


class Interval(Value):
    """A stretch in which one side owes the next word, and what made it so."""

    side: Side
    since: Instant
    until: Instant
    because: str


class Account(Value):
    """Time spent: round the clock, and in the kind of time that the promise is counted in."""

    seconds: int
    counted_seconds: int


class Ledgers(Value):
    """Three accounts of one handover; `open` while an answer is still owed."""

    receiver: Account
    sender: Account
    patient: Account
    intervals: tuple[Interval, ...]
    open: bool


GIVES_TO_SENDER: dict[type, str] = {
    ev.QuestionAsked: "question",
    ev.HandoverProposed: "proposal",
    ev.HandoverHeld: "hold",
}
GIVES_BACK: dict[type, str] = {
    ev.QuestionAnswered: "question",
    ev.ProposalRefused: "proposal",
    ev.HandoverResumed: "hold",
}
ENDS = (ev.HandoverAccepted, ev.HandoverDeclined, ev.HandoverWithdrawn, ev.HandoverCeased)


def ledgers(
    events: Iterable[Event],
    handover_id: str,
    now: datetime,
    counting: Counting,
    calendar: Calendar,
) -> Ledgers | None:
    """The three accounts of a handover; None before it was sent."""
    about = [e for e in events if getattr(e.what, "handover_id", None) == handover_id]
    about += [e for e in events if isinstance(e.what, ev.PatientDied | ev.DeathUndone)]
    about.sort(key=lambda e: e.seq)
    walk = _Walk()
    for event in about:
        walk.take(event)
    if not walk.began:
        return None
    found = tuple(walk.until(now))
    accounts = {side: _account(_of(found, side), counting, calendar) for side in Side}
    return Ledgers(
        receiver=accounts[Side.RECEIVER],
        sender=accounts[Side.SENDER],
        patient=_together(*accounts.values()),
        intervals=found,
        open=walk.owed_since is not None,
    )


class _Walk:
    """Goes through the events of one handover and notes whose time it is."""

    def __init__(self) -> None:
        self.began = False
        self.owed_since: datetime | None = None
        self._only_informs = False
        self._reasons: list[str] = []
        self._because = "sent"
        self._found: list[Interval] = []
        self._silenced: tuple[datetime, str, list[str], list[Interval]] | None = None

    def take(self, event: Event) -> None:
        """One event; what was entered late counts from when it was."""
        kind, at = type(event.what), event.effective_at
        if isinstance(event.what, ev.HandoverSent):
            self.began = True
            self._only_informs = event.what.purpose is Purpose.INFORM
            self._turn(at, "sent")
        elif isinstance(event.what, ev.HandoverDisputed) and self.began:
            self._turn(at, "dispute")
        elif isinstance(event.what, ev.DeathUndone):
            self._go_on()
        elif self.owed_since is None:
            self._silenced = None if self._ends(event.what) else self._silenced
        elif kind in GIVES_TO_SENDER:
            self._reasons.append(GIVES_TO_SENDER[kind])
            self._turn(at, GIVES_TO_SENDER[kind])
        elif kind in GIVES_BACK:
            self._reasons = [r for r in self._reasons if r != GIVES_BACK[kind]]
            self._turn(at, self._reasons[-1] if self._reasons else "answer")
        elif self._ends(event.what) or isinstance(event.what, ev.PatientDied):
            dead = isinstance(event.what, ev.PatientDied)
            before = (self.owed_since, self._because, self._reasons, list(self._found))
            self._silenced = before if dead else None
            self._close(at)
            self._found = [_cut(i, at) for i in self._found if i.since < at]
            self.owed_since, self._reasons = None, []

    def _ends(self, what: ev.Happening) -> bool:
        """An answer, or the reading of what was only to be read."""
        read = self._only_informs and isinstance(what, ev.HandoverAcknowledged)
        return read or isinstance(what, ENDS)

    def until(self, now: datetime) -> Iterator[Interval]:
        """Every stretch, the one that goes on now included."""
        if self.owed_since is not None:
            self._close(max(now, self.owed_since))
        yield from self._found

    def _go_on(self) -> None:
        """The death was a mistake: the patient was waiting all the while."""
        if self._silenced is not None:
            self.owed_since, self._because, self._reasons, self._found = self._silenced
            self._silenced = None

    def _turn(self, at: datetime, because: str) -> None:
        if self.owed_since is not None:
            self._close(at)
        self.owed_since, self._because = at, because

    def _close(self, at: datetime) -> None:
        assert self.owed_since is not None, "a stretch that ends has begun"
        side = Side.SENDER if self._because in GIVES_TO_SENDER.values() else Side.RECEIVER
        if at > self.owed_since:
            self._found.append(
                Interval(side=side, since=self.owed_since, until=at, because=self._because)
            )


def _cut(interval: Interval, at: datetime) -> Interval:
    """What was entered late ended the waiting before it was known."""
    return interval.model_copy(update={"until": min(interval.until, at)})


def _of(intervals: Iterable[Interval], side: Side) -> Iterator[Interval]:
    return (i for i in intervals if i.side is side)


def _account(intervals: Iterable[Interval], counting: Counting, calendar: Calendar) -> Account:
    listed = list(intervals)
    spent = sum((i.until - i.since for i in listed), timedelta())
    counted = sum((elapsed(i.since, i.until, counting, calendar) for i in listed), timedelta())
    return Account(
        seconds=round(spent.total_seconds()), counted_seconds=round(counted.total_seconds())
    )


def _together(*accounts: Account) -> Account:
    """Rounded once, so that the sides add up to the second."""
    return Account(
        seconds=sum(a.seconds for a in accounts),
        counted_seconds=sum(a.counted_seconds for a in accounts),
    )
