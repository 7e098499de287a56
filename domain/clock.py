"""A clock: a budget, a kind of time, a ladder, and how much has been spent.

Due and rungs follow from the facts: position p of the ladder falls at
`advance(running_since, p - spent)`. A pause adds to `spent`; nothing else moves a due instant.
"""

from bisect import bisect_right
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
    LIMIT = "limit"
    OPENS = "opens"


class RuleName(Value):
    """The version of a rule that a clock goes by, and the agreement that changed it."""

    key: Key
    version: int = Field(ge=1)
    agreement: Key | None = None


class Snooze(Value):
    """One side wants to hear nothing for a while, and says why; the other side is told as ever.

    `in_a_row` counts the snoozes of that side since it last listened for a longer time.
    """

    unit: HsaId
    until: Instant
    reason: ShortText
    in_a_row: int = Field(default=1, ge=1)


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
    going = Clock(
        **promise.model_dump(exclude={"span"}),
        span=span,
        calendar_version=calendar.version,
        opening=calendar.opening,
        started_at=now,
        due_at=due,
        next_at=due,
        running_since=now,
    )
    return going.model_copy(update={"next_at": rung_at(going, ladder, 0, calendar)})


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
    if clock.spent < clock.span:
        due = _falls(going, going.span, calendar)
        going = going.model_copy(update={"due_at": due})
    next_at = rung_at(going, ladder, going.next_rung, calendar)
    if 0 < len(ladder.rungs) <= going.next_rung:
        next_at = min(next_at, after(going, ladder, now, calendar))
    return going.model_copy(update={"next_at": next_at})


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

    No rung comes before the one below it.
    """
    if not ladder.rungs:
        return _falls(clock, clock.span, calendar)
    if ladder.one_kind:
        return _rung_falls(clock, ladder, index, calendar)
    lower = range(min(index, len(ladder.rungs) - 1))
    return max(_rung_falls(clock, ladder, place, calendar) for place in (*lower, index))


def latest(
    clock: Clock, ladder: Ladder, until: datetime, calendar: Calendar
) -> tuple[int, datetime]:
    """Of the next firing and its missed repetitions the last by `until`; and when another comes.

    A last rung that was brought forward repeats from where it came, and not from its place.
    """
    number, last = clock.next_rung, len(ladder.rungs) - 1

    def at(index: int) -> datetime:
        return rung_at(clock, ladder, index, calendar)

    if number < last:
        return number, at(number + 1)
    if clock.next_at < at(number):
        return _repeated(clock, ladder, until, calendar)
    # A clock may be years late: leap, and look closer only between the last two leaps.
    leap = 1
    while at(number + leap) <= until:
        leap *= 2
    between = range(number + leap // 2 + 1, number + leap)
    number += leap // 2 + bisect_right(between, until, key=at)
    return number, at(number + 1)


def _repeated(
    clock: Clock, ladder: Ladder, until: datetime, calendar: Calendar
) -> tuple[int, datetime]:
    number, then = clock.next_rung, after(clock, ladder, clock.next_at, calendar)
    while then <= until:
        number, then = number + 1, after(clock, ladder, then, calendar)
    return number, then


def after(clock: Clock, ladder: Ladder, at: datetime, calendar: Calendar) -> datetime:
    """When the last rung comes again after an instant at which it came."""
    assert ladder.every is not None, "a ladder with rungs repeats its last one"
    counting = ladder.rungs[-1].counting or clock.budget.counting
    return advance(at, ladder.every, counting, calendar)


def _rung_falls(clock: Clock, ladder: Ladder, index: int, calendar: Calendar) -> datetime:
    """An offset in a kind of time of its own is counted from due.

    A pause before due moves it with due. A pause after it adds nothing, as it does not to due:
    what would have come meanwhile comes at the resumption.
    """
    place = ladder.place(index, clock.span)
    if place.rung.counting is None:
        return _falls(clock, place.position, calendar)
    assert clock.running_since is not None
    falls = advance(clock.due_at, place.offset, place.rung.counting, calendar)
    return max(clock.running_since, falls)


def _falls(clock: Clock, position: timedelta, calendar: Calendar) -> datetime:
    """Where a position falls; one that was passed before the pause falls at the resumption."""
    assert clock.running_since is not None
    left = max(position - clock.spent, timedelta())
    return advance(clock.running_since, left, clock.budget.counting, calendar)
