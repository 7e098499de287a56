"""A clock: a budget, a kind of time, a ladder, and how much has been spent.

Due and rungs follow from the facts: position p of the ladder falls at
`advance(running_since, p - spent)`. A pause adds to `spent`; nothing else moves a due instant.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from domain.calendar import Budget, Calendar, advance, elapsed
from domain.ladder import Ladder
from domain.value import HsaId, Instant, Value


class ClockKind(StrEnum):
    """What a clock promises."""

    STEP = "step"
    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    ACCEPTED = "accepted"
    ANSWER = "answer"
    TAKE_OVER = "take_over"
    FIRST_CONTACT = "first_contact"
    ALARM = "alarm"
    PRE_NOTICE = "pre_notice"
    PROPOSAL = "proposal"
    CANCELLATION = "cancellation"
    DISPUTE = "dispute"
    CONFIRMATION = "confirmation"
    HOLD = "hold"
    SAFETY_NET = "safety_net"
    MOVE = "move"
    CLOSING = "closing"
    PERSON_ANSWER = "person_answer"
    PLAN_FOLLOW_UP = "plan_follow_up"
    SIP = "sip"
    MEETING = "meeting"


class Clock(Value):
    """A promise with an owner, a due instant and the next instant at which somebody is told."""

    id: str
    kind: ClockKind
    subject: str
    part: str
    owner: HsaId
    counterpart: HsaId
    budget: Budget
    span: timedelta
    ladder: str
    calendar_version: str
    started_at: Instant
    due_at: Instant
    next_at: Instant
    next_rung: int = 0
    spent: timedelta = timedelta()
    running_since: Instant | None
    stopped_at: Instant | None = None

    @property
    def running(self) -> bool:
        """Neither paused nor stopped."""
        return self.running_since is not None and self.stopped_at is None

    @property
    def owed(self) -> bool:
        """Running, or paused after it was due: a question does not hide what is late."""
        return self.running or (self.stopped_at is None and self.spent >= self.span)

    def late(self, now: datetime) -> bool:
        """Whether the promise is broken; computed, never stored."""
        return self.owed and self.due_at <= now


class Promise(Value):
    """What a clock is started for; `span` shortens the budget where an older due binds."""

    id: str
    kind: ClockKind
    subject: str
    part: str
    owner: HsaId
    counterpart: HsaId
    budget: Budget
    ladder: str
    span: timedelta | None = None


def start(promise: Promise, ladder: Ladder, calendar: Calendar, now: datetime) -> Clock:
    """A running clock from `now`."""
    counting = promise.budget.counting
    span = promise.budget.span if promise.span is None else promise.span
    due = advance(now, span, counting, calendar)
    first = ladder.place(0, span).position if ladder.rungs else span
    return Clock(
        **promise.model_dump(exclude={"span"}),
        span=span,
        calendar_version=calendar.version,
        started_at=now,
        due_at=due,
        next_at=advance(now, first, counting, calendar),
        running_since=now,
    )


def pause(clock: Clock, calendar: Calendar, now: datetime) -> Clock:
    """Stand still; what has been spent is kept."""
    assert clock.running_since is not None
    gone = elapsed(clock.running_since, now, clock.budget.counting, calendar)
    return clock.model_copy(update={"spent": clock.spent + gone, "running_since": None})


def resume(clock: Clock, ladder: Ladder, calendar: Calendar, now: datetime) -> Clock:
    """Go on; due and the next rung move by exactly the time that stood still.

    A due instant that had passed before the pause stays where it was: late is late.
    """
    going = clock.model_copy(update={"running_since": now})
    was_late = clock.spent >= clock.span
    return going.model_copy(
        update={
            "due_at": clock.due_at if was_late else _falls(going, going.span, calendar),
            "next_at": rung_at(going, ladder, going.next_rung, calendar),
        }
    )


def extend(
    clock: Clock, until: datetime, ladder: Ladder, calendar: Calendar, now: datetime
) -> Clock:
    """The same promise with a later due; rungs that lie behind are not told again."""
    assert clock.running_since is not None
    ahead = elapsed(clock.running_since, until, clock.budget.counting, calendar)
    longer = clock.model_copy(update={"span": clock.spent + ahead, "due_at": until})
    rung = 0
    while rung < len(ladder.rungs) - 1 and rung_at(longer, ladder, rung, calendar) <= now:
        rung += 1
    next_at = rung_at(longer, ladder, rung, calendar)
    return longer.model_copy(update={"next_rung": rung, "next_at": next_at})


def rung_at(clock: Clock, ladder: Ladder, index: int, calendar: Calendar) -> datetime:
    """The instant of the index-th firing of a running clock."""
    position = ladder.place(index, clock.span).position if ladder.rungs else clock.span
    return _falls(clock, position, calendar)


def _falls(clock: Clock, position: timedelta, calendar: Calendar) -> datetime:
    """Where a position falls; one that was passed before the pause falls at the resumption."""
    assert clock.running_since is not None
    left = max(position - clock.spent, timedelta())
    return advance(clock.running_since, left, clock.budget.counting, calendar)
