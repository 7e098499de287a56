"""Three kinds of time, and one way to walk along each of them.

Hours run round the clock in UTC. Calendar days and working days run along the local wall clock,
where a day is a day also when it has 23 or 25 hours; working days leave out days off.
"""

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from domain.value import Value

STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAY = timedelta(days=1)


class Counting(StrEnum):
    """Which time a budget is counted in; never just "days"."""

    HOURS = "hours"
    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"


class Budget(Value):
    """A promise's length: whole hours, calendar days or working days."""

    amount: int = Field(ge=0, le=3660)
    counting: Counting

    @property
    def span(self) -> timedelta:
        """The length along the budget's own kind of time."""
        unit = timedelta(hours=1) if self.counting is Counting.HOURS else DAY
        return self.amount * unit


class Calendar(Value):
    """Days off that fall on a weekday, as data with a version (Swedish public and de facto)."""

    version: str
    days_off: tuple[date, ...]

    @field_validator("days_off")
    @classmethod
    def _sorted(cls, days: tuple[date, ...]) -> tuple[date, ...]:
        return tuple(sorted(set(days)))

    def is_working(self, day: date) -> bool:
        """Monday to Friday, and not a day off."""
        if day.weekday() >= 5:
            return False
        at = bisect_left(self.days_off, day)
        return at == len(self.days_off) or self.days_off[at] != day


def advance(start: datetime, span: timedelta, counting: Counting, calendar: Calendar) -> datetime:
    """The instant (UTC) when `span` of the given kind of time has passed since `start`."""
    if counting is Counting.HOURS:
        return start.astimezone(UTC) + span
    if counting is Counting.CALENDAR_DAYS:
        end = _instant(_wall(start) + span)
    else:
        end = _instant(_walk_working(_wall(start), span, calendar))
    return max(start.astimezone(UTC), end)  # the hour that comes twice must not run backwards


def _walk_working(wall: datetime, span: timedelta, calendar: Calendar) -> datetime:
    while True:
        end = _midnight_after(wall)
        if not calendar.is_working(wall.date()):
            wall = end
            continue
        if wall + span <= end:
            return wall + span
        span -= end - wall
        wall = end


def elapsed(start: datetime, end: datetime, counting: Counting, calendar: Calendar) -> timedelta:
    """How much of the given kind of time lies between two instants; the inverse of `advance`."""
    if counting is Counting.HOURS:
        return end - start
    wall, until = _wall(start), _wall(end)
    if counting is Counting.CALENDAR_DAYS:
        return max(until - wall, timedelta())
    total = timedelta()
    while wall < until:
        stop = min(_midnight_after(wall), until)
        if calendar.is_working(wall.date()):
            total += stop - wall
        wall = stop
    return total


def local_midnight(day: date) -> datetime:
    """The instant (UTC) when a local day begins."""
    return _instant(datetime.combine(day, time()))


def _wall(instant: datetime) -> datetime:
    return instant.astimezone(STOCKHOLM).replace(tzinfo=None)


def _instant(wall: datetime) -> datetime:
    """The hour that is skipped in spring falls at its end, so that later never comes earlier."""
    instant = wall.replace(tzinfo=STOCKHOLM).astimezone(UTC)
    skipped = _wall(instant) != wall
    return instant.replace(minute=0, second=0, microsecond=0) if skipped else instant


def _midnight_after(wall: datetime) -> datetime:
    return datetime.combine(wall.date() + DAY, time())
