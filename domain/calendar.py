"""Four kinds of time, and one way to walk along each of them.

Hours run round the clock in UTC. Calendar days and working days run along the local wall clock,
where a day is a day also when it has 23 or 25 hours; working days leave out days off. Opening
hours are those of one unit: they stand still while it is closed.
"""

from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from domain.unit import Closure, Hours
from domain.value import HsaId, Value

STOCKHOLM = ZoneInfo("Europe/Stockholm")
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
WEEK, WORKING_WEEK = 7 * DAY, 5 * DAY
# A unit that does not open within this many days has no opening that anybody could wait for.
HORIZON = 366


class Counting(StrEnum):
    """Which time a budget is counted in; never just "days"."""

    HOURS = "hours"
    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    OPENING_HOURS = "opening_hours"


class Budget(Value):
    """A promise's length: whole hours, calendar days, working days or hours of opening.

    24 hours, one working day and 24 opening hours are three different promises.
    """

    amount: int = Field(ge=0, le=3660)
    counting: Counting

    @property
    def span(self) -> timedelta:
        """The length along the budget's own kind of time."""
        by_day = self.counting in (Counting.CALENDAR_DAYS, Counting.WORKING_DAYS)
        return self.amount * (DAY if by_day else HOUR)


def plain(budget: Budget) -> Counting:
    """A kind of time that needs no unit: hours of opening are counted round the clock."""
    hourly = budget.counting is Counting.OPENING_HOURS
    return Counting.HOURS if hourly else budget.counting


class Opening(Value):
    """When one unit is open, as it was known when a clock was reckoned; no hours: always."""

    unit: HsaId
    version: int
    hours: tuple[Hours, ...] = ()
    closures: tuple[Closure, ...] = ()


class Calendar(Value):
    """Days off that fall on a weekday, as data with a version (Swedish public and de facto).

    `opening` is there only for a clock that counts the hours of one unit.
    """

    version: str
    days_off: tuple[date, ...]
    opening: Opening | None = None

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

    def of(self, opening: Opening | None) -> "Calendar":
        """The same days off, with the hours of one unit."""
        return self if opening == self.opening else self.model_copy(update={"opening": opening})


def advance(start: datetime, span: timedelta, counting: Counting, calendar: Calendar) -> datetime:
    """The instant (UTC) when `span` of the given kind of time has passed since `start`."""
    if counting is Counting.HOURS:
        return start.astimezone(UTC) + span
    if counting is Counting.OPENING_HOURS:
        return _walk_open(start.astimezone(UTC), span, calendar)
    if counting is Counting.CALENDAR_DAYS:
        end = _instant(_wall(start) + span)
    else:
        end = _instant(_walk_working(_wall(start), span, calendar))
    return max(start.astimezone(UTC), end)  # the hour that comes twice must not run backwards


def _walk_working(wall: datetime, span: timedelta, calendar: Calendar) -> datetime:
    while True:
        # The last day is walked as any other: it may be off.
        weeks = (span - DAY) // WORKING_WEEK
        if weeks > 0 and wall.time() == time():
            span -= _worked(wall.date(), weeks, calendar)
            wall += weeks * WEEK
        end = _midnight_after(wall)
        if not calendar.is_working(wall.date()):
            wall = end
            continue
        if wall + span <= end:
            return wall + span
        span -= end - wall
        wall = end


def _worked(first: date, weeks: int, calendar: Calendar) -> timedelta:
    """Working time in whole weeks from the beginning of a day, without looking at each."""
    days = calendar.days_off
    off = days[bisect_left(days, first) : bisect_left(days, first + weeks * WEEK)]
    return weeks * WORKING_WEEK - sum(day.weekday() < 5 for day in off) * DAY


def elapsed(start: datetime, end: datetime, counting: Counting, calendar: Calendar) -> timedelta:
    """How much of the given kind of time lies between two instants; the inverse of `advance`."""
    if counting is Counting.HOURS:
        return end - start
    if counting is Counting.OPENING_HOURS:
        return _open_between(start.astimezone(UTC), end.astimezone(UTC), calendar)
    wall, until = _wall(start), _wall(end)
    if counting is Counting.CALENDAR_DAYS:
        return max(until - wall, timedelta())
    total = timedelta()
    while wall < until:
        weeks = (until - wall) // WEEK
        if weeks > 0 and wall.time() == time():
            total += _worked(wall.date(), weeks, calendar)
            wall += weeks * WEEK
        stop = min(_midnight_after(wall), until)
        if calendar.is_working(wall.date()):
            total += stop - wall
        wall = stop
    return total


def open_spans(opening: Opening, day: date, calendar: Calendar) -> list[tuple[datetime, datetime]]:
    """The stretches (UTC) of a local day when the unit is open, in order.

    Hours on weekdays do not hold on days off; a unit without hours has none to lose. Hours that
    overlap or touch are one stretch: no minute counts twice.
    """
    if any(c.first <= day <= c.last for c in opening.closures):
        return []
    if not opening.hours:
        return [(local_midnight(day), local_midnight(day + DAY))]
    if day.weekday() < 5 and not calendar.is_working(day):
        return []
    found = (
        (_on(day, hours.opens), _on(day, hours.closes))
        for hours in opening.hours
        if hours.day == day.weekday()
    )
    return _joined(sorted(span for span in found if span[0] < span[1]))


def _joined(spans: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    joined = list[tuple[datetime, datetime]]()
    for opens, closes in spans:
        if joined and opens <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], closes)
        else:
            joined.append((opens, closes))
    return joined


def _on(day: date, wall: time) -> datetime:
    """The instant when the wall clock shows it; within a night of change it may not be skipped."""
    return _instant(datetime.combine(day, wall))


def _walk_open(start: datetime, span: timedelta, calendar: Calendar) -> datetime:
    """Where `span` of opening ends. Without any opening within a year it runs round the clock.

    A span of nothing ends where it starts, also while the unit is closed.
    """
    assert calendar.opening is not None, "opening hours are those of a unit"
    left, today = span, start.astimezone(STOCKHOLM).date()
    at, idle = start, 0
    while left > timedelta() and idle < HORIZON:
        idle += 1
        for opens, closes in open_spans(calendar.opening, today, calendar):
            begins = max(opens, start)
            if begins >= closes or left <= timedelta():
                continue
            idle, at = 0, min(closes, begins + left)
            left -= at - begins
        today += DAY
    return at + left


def _open_between(start: datetime, end: datetime, calendar: Calendar) -> timedelta:
    assert calendar.opening is not None, "opening hours are those of a unit"
    day, last = start.astimezone(STOCKHOLM).date(), end.astimezone(STOCKHOLM).date()
    total = timedelta()
    while day <= last:
        for opens, closes in open_spans(calendar.opening, day, calendar):
            total += max(min(closes, end) - max(opens, start), timedelta())
        day += DAY
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
