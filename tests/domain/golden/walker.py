"""A second opinion on working days and opening hours: slow, and written in another way.

It goes minute by minute, asks of each whether it counts, and knows nothing of spans.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta

from domain.calendar import STOCKHOLM, Opening

MINUTE = timedelta(minutes=1)
WEEKEND = ("Sat", "Sun")


def after_working_days(start: datetime, days: int, off: frozenset[str]) -> datetime:
    """When so many whole working days have passed; `start` is on a whole minute."""
    wall = start.astimezone(STOCKHOLM).replace(tzinfo=None)
    works = _works(off)
    minutes = (wall + n * MINUTE for n in _numbers())
    return _last(minutes, works, days * 24 * 60).replace(tzinfo=STOCKHOLM).astimezone(UTC)


def after_opening(start: datetime, hours: int, opening: Opening, off: frozenset[str]) -> datetime:
    """When the unit has been open so many hours; `start` is on a whole minute."""
    if hours == 0:
        return start
    works = _works(off)

    def is_open(instant: datetime) -> bool:
        local = instant.astimezone(STOCKHOLM)
        closed = any(c.first <= local.date() <= c.last for c in opening.closures)
        counts = works(local) or local.strftime("%a") in WEEKEND or not opening.hours
        return not closed and counts and _within(opening, local)

    minutes = (start.astimezone(UTC) + n * MINUTE for n in _numbers())
    return _last(minutes, is_open, hours * 60)


def _within(opening: Opening, local: datetime) -> bool:
    clock = time(local.hour, local.minute)
    if not opening.hours:
        return True
    today = (h for h in opening.hours if h.day == local.weekday())
    return any(h.opens <= clock < h.closes for h in today)


def _works(off: frozenset[str]) -> Callable[[datetime], bool]:
    return lambda wall: wall.strftime("%a") not in WEEKEND and wall.date().isoformat() not in off


def _numbers() -> Iterator[int]:
    number = 0
    while True:
        yield number
        number += 1


def _last(minutes: Iterator[datetime], counts: Callable[[datetime], bool], wanted: int) -> datetime:
    """The end of the last minute that is wanted; of none, the beginning of the first."""
    found = 0
    for minute in minutes:
        if not counts(minute):
            continue
        if wanted == 0:
            return minute
        found += 1
        if found == wanted:
            return minute + MINUTE
    raise AssertionError("time does not end")
