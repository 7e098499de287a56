"""Running clocks in a unit's opening hours: which they are, and what new hours do to them. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from domain import clock as clocks
from domain.calendar import Calendar, Opening
from domain.clock import Clock, ClockKind
from domain.ladder import Ladder
from domain.value import Instant, Key, ShortText, Value

SHOWN = 100
# Where a clock falls due does not depend on who is told on the way.
_NO_LADDER = Ladder(key="none", rungs=())


class RunningClocks(StrEnum):
    """What a change of a unit's hours does to clocks that run: nothing, or counted anew."""

    KEEP = "keep"
    RECOMPUTE = "recompute"


class Shift(Value):
    """One clock: its reference, its kind, when it is due, and when it would be if recomputed."""

    ref: ShortText
    kind: ClockKind
    due_now: Instant
    due_then: Instant


class Affected(Value):
    """How many running clocks count the unit's hours, and the first of them, longest move first."""

    count: int = 0
    shifts: tuple[Shift, ...] = ()


class Found(Value):
    """A clock with the reference that a person knows it by."""

    ref: ShortText
    clock: Clock


def counts(clock: Clock, unit: str) -> bool:
    """Whether an open clock counts the hours of a unit that still owes it.

    What has been passed on keeps the due that it had, whatever the first receiver does later.
    """
    opening = clock.opening
    owes = clock.stopped_at is None and clock.owner == unit
    return owes and opening is not None and opening.unit == unit


def lags(clock: Clock, new: Opening) -> bool:
    """Whether a clock counts the unit's hours as they were before, and they were others."""
    old = clock.opening
    if old is None or not counts(clock, new.unit):
        return False
    same = (old.hours, old.closures) == (new.hours, new.closures)
    return old.version < new.version and not same


def affected(
    found: Iterable[Found], calendars: Mapping[Key, Calendar], new: Opening, now: datetime
) -> Affected:
    """Where running clocks would fall due in other hours; `calendars` by version."""
    running = (one for one in found if one.clock.running and counts(one.clock, new.unit))
    shifts = [_shift(one, calendars, new, now) for one in running]
    shifts.sort(key=lambda s: (-abs(s.due_then - s.due_now), s.due_now, s.ref, s.kind))
    return Affected(count=len(shifts), shifts=tuple(shifts[:SHOWN]))


def _shift(found: Found, calendars: Mapping[Key, Calendar], new: Opening, now: datetime) -> Shift:
    clock = found.clock
    calendar = calendars[clock.calendar_version].of(clock.opening)
    then = clock
    if lags(clock, new):
        then = clocks.reproject(clock, _NO_LADDER, calendar, new, now)
    return Shift(ref=found.ref, kind=clock.kind, due_now=clock.due_at, due_then=then.due_at)
