"""A clock: a budget, a kind of time, a ladder, and how much has been spent.

Due and rungs follow from the facts: position p of the ladder falls at
`advance(running_since, p - spent)`. A pause adds to `spent`; nothing else moves a due instant.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import Field

from domain.calendar import Budget, Calendar, Opening, advance, elapsed
from domain.ladder import Ladder
from domain.value import HsaId, Instant, Key, ShortText, Value


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
    ADMISSION_NOTICE = "admission_notice"
    ESTIMATE = "estimate"
    CARE_CONTACT = "care_contact"
    DISCHARGE_INFORMATION = "discharge_information"
    PATIENT_SUMMARY = "patient_summary"
    SIP_SUMMONS = "sip_summons"
    PAYMENT = "payment"
    LOCAL_TARGET = "local_target"


class RuleName(Value):
    """The version of a rule that a clock goes by, and the agreement that changed it."""

    key: Key
    version: int = Field(ge=1)
    agreement: Key | None = None


class Snooze(Value):
    """One side wants to hear nothing for a while, and says why; the other side is told as ever."""

    unit: HsaId
    until: Instant
    reason: ShortText


class Clock(Value):
    """A promise with an owner, a due instant and the next instant at which somebody is told.

    `counts_from` is the instant from which the budget counts, where that is not the start.
    """

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
    rule: RuleName | None = None
    counts_from: Instant | None = None
    opening: Opening | None = None
    snoozes: tuple[Snooze, ...] = ()

    @property
    def running(self) -> bool:
        """Neither paused nor stopped."""
        return self.running_since is not None and self.stopped_at is None

    @property
    def owed(self) -> bool:
        """Running, or paused after it was due: a question does not hide what is late."""
        return self.running or (self.stopped_at is None and self.spent >= self.span)

    def snoozed(self, unit: str, now: datetime) -> bool:
        """Whether a unit wants to hear nothing of it now."""
        return any(s.unit == unit and now < s.until for s in self.snoozes)

    def late(self, now: datetime) -> bool:
        """Whether the promise is broken; computed, never stored."""
        return self.owed and self.due_at <= now


class Promise(Value):
    """What a clock is started for.

    `span` shortens the budget where an older due binds, or stretches it to where it counts from.
    """

    id: str
    kind: ClockKind
    subject: str
    part: str
    owner: HsaId
    counterpart: HsaId
    budget: Budget
    ladder: str
    span: timedelta | None = None
    rule: RuleName | None = None
    counts_from: Instant | None = None


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
        opening=calendar.opening,
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


def reproject(
    clock: Clock, ladder: Ladder, calendar: Calendar, new: Opening, now: datetime
) -> Clock:
    """The same promise, counted from now on in the hours as they have become.

    What has been spent is kept, and a due instant that has passed stays where it was.
    """
    if clock.running_since is None:
        return clock.model_copy(update={"opening": new})
    still = pause(clock, calendar, now).model_copy(update={"opening": new})
    return resume(still, ladder, calendar.of(new), now)


def rung_at(clock: Clock, ladder: Ladder, index: int, calendar: Calendar) -> datetime:
    """The instant of the index-th firing of a running clock.

    An offset in a kind of time of its own is counted from where the share of the budget falls;
    no rung comes before the one below it.
    """
    if not ladder.rungs:
        return _falls(clock, clock.span, calendar)
    if ladder.one_kind:
        return _rung_falls(clock, ladder, index, calendar)
    lower = range(min(index, len(ladder.rungs) - 1))
    return max(_rung_falls(clock, ladder, place, calendar) for place in (*lower, index))


def _rung_falls(clock: Clock, ladder: Ladder, index: int, calendar: Calendar) -> datetime:
    place = ladder.place(index, clock.span)
    falls = _falls(clock, place.position, calendar)
    if place.rung.counting is None:
        return falls
    return advance(falls, place.offset, place.rung.counting, calendar)


def _falls(clock: Clock, position: timedelta, calendar: Calendar) -> datetime:
    """Where a position falls; one that was passed before the pause falls at the resumption."""
    assert clock.running_since is not None
    left = max(position - clock.spent, timedelta())
    return advance(clock.running_since, left, clock.budget.counting, calendar)
