"""When a unit is open, who covers while it is closed, and when it opens again."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from domain.calendar import STOCKHOLM, Calendar, Counting, advance
from domain.unit import Closure, Unit
from domain.value import HsaId

# A unit that does not open within this many days has no opening that anybody could wait for.
HORIZON = 366


def closure_on(unit: Unit, day: date) -> Closure | None:
    """The closure that a local day falls in."""
    return next((c for c in unit.closures if c.first <= day <= c.last), None)


def covered_by(unit: Unit, at: datetime) -> HsaId | None:
    """The unit that covers now, while this one is closed for a period."""
    closure = closure_on(unit, at.astimezone(STOCKHOLM).date())
    return closure.covered_by if closure else None


def is_open(unit: Unit, at: datetime, calendar: Calendar) -> bool:
    """Whether somebody is there now: not closed for a period, and within the hours."""
    day = at.astimezone(STOCKHOLM).date()
    return any(opens <= at < closes for opens, closes in _spans(unit, day, calendar))


def opens_at(unit: Unit, after: datetime, calendar: Calendar) -> datetime | None:
    """The first instant (UTC), not before `after`, when the unit is open; None within a year."""
    today = after.astimezone(STOCKHOLM).date()
    for ahead in range(HORIZON):
        for opens, closes in _spans(unit, today + timedelta(days=ahead), calendar):
            if opens < closes and after < closes:
                return max(opens, after.astimezone(UTC))
    return None


def _spans(unit: Unit, day: date, calendar: Calendar) -> list[tuple[datetime, datetime]]:
    """The stretches (UTC) of a local day when the unit is open, in order."""
    if closure_on(unit, day) or _is_holiday(unit, day, calendar):
        return []
    midnight = datetime.combine(day, time(), STOCKHOLM)
    walls = _walls(unit, day.weekday()) if unit.hours else [(timedelta(), timedelta(days=1))]
    return sorted(
        (_on(midnight, opens, calendar), _on(midnight, closes, calendar)) for opens, closes in walls
    )


def _is_holiday(unit: Unit, day: date, calendar: Calendar) -> bool:
    """Hours on weekdays do not hold on days off; a unit without hours has none to lose."""
    return bool(unit.hours) and day.weekday() < 5 and not calendar.is_working(day)


def _walls(unit: Unit, weekday: int) -> Iterator[tuple[timedelta, timedelta]]:
    for hours in unit.hours:
        if hours.day == weekday:
            yield _since_midnight(hours.opens), _since_midnight(hours.closes)


def _since_midnight(wall: time) -> timedelta:
    return timedelta(hours=wall.hour, minutes=wall.minute, seconds=wall.second)


def _on(midnight: datetime, wall: timedelta, calendar: Calendar) -> datetime:
    """The instant when the wall clock shows it: instants can be compared, wall clocks cannot."""
    return advance(midnight, wall, Counting.CALENDAR_DAYS, calendar)
