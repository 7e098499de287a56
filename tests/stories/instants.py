"""Instants that a story begins at, by the wall clock of Stockholm, and how to get there."""

from datetime import datetime, time, timedelta

from domain.calendar import STOCKHOLM, Calendar
from domain.event import RungFired
from tests.world import World

MONDAY, TUESDAY, FRIDAY, SATURDAY, SUNDAY = 0, 1, 4, 5, 6
DAY = timedelta(days=1)


def next_at(after: datetime, weekday: int, wall: time) -> datetime:
    """The next instant when it is that day of the week and the wall clock shows that time."""
    day = after.astimezone(STOCKHOLM).date()
    while day.weekday() != weekday or datetime.combine(day, wall, STOCKHOLM) <= after:
        day += DAY
    return datetime.combine(day, wall, STOCKHOLM)


def next_friday_before_days_off(after: datetime, calendar: Calendar, wall: time) -> datetime:
    """The same for a Friday that is a working day itself."""
    friday = next_at(after, FRIDAY, wall)
    while not calendar.is_working(friday.date()):
        friday = next_at(friday, FRIDAY, wall)
    return friday


async def travel(world: World, journey: str, to: datetime) -> None:
    """Move the journey's clock to an instant that lies ahead of it."""
    await world.fast_forward(journey, to - await world.now(journey))


async def rungs(world: World, journey: str, after_seq: int = 0) -> list[RungFired]:
    """The rungs that have fired after a place in the log, in order."""
    events = [e for e in await world.events(journey) if e.seq > after_seq]
    return [e.what for e in events if isinstance(e.what, RungFired)]


async def seq(world: World, journey: str) -> int:
    """How far the journey's log has come."""
    return (await world.state(journey)).seq
