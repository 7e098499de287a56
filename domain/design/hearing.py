"""Whom a rung tells between two units, from one change to the next."""

from bisect import bisect_right
from collections.abc import Iterator, Set
from datetime import UTC, date, datetime, timedelta

from domain.calendar import (
    DAY,
    HORIZON,
    HOUR,
    STOCKHOLM,
    Calendar,
    Counting,
    local_midnight,
    open_spans,
)
from domain.clock import Clock
from domain.design.promised import Ground, Promised
from domain.event import Told
from domain.journey import Journey
from domain.ladder import Ladder, Rung
from domain.opening import opening
from domain.rules import telling
from domain.succession import heir
from domain.unit import Unit
from domain.value import HsaId

# So many changes at once are not looked through.
MANY = 40

Edges = tuple[datetime, ...]


class Pair:
    """Two sides of promises, and whom their rungs tell at any instant of some years."""

    def __init__(self, state: Journey, clock: Clock, days: Edges, hours: Edges) -> None:
        self._state, self._clock = state, clock
        self._days, self._hours = days, hours
        self._told = dict[tuple[str, int, int], tuple[Told, ...]]()
        self._always = dict[tuple[str, int], bool]()

    def always(self, ladder: Ladder, index: int) -> bool:
        """Whether a rung reaches somebody at once whenever it fires, open or not."""
        known = ladder.key, index
        if known not in self._always:
            rung = ladder.rungs[index].model_copy(update={"alarm": False})
            pieces = (self._clock.started_at, *self._days)
            told = (telling.everyone(self._state, self._clock, rung, at) for at in pieces)
            reached = (any(t.reached for t in all_told) for all_told in told)
            self._always[known] = not rung.wait_for_opening and all(reached)
        return self._always[known]

    def told(self, ladder: Ladder, index: int, at: datetime) -> tuple[Told, ...]:
        """Whom a rung tells when it fires then; looked up once from one change to the next."""
        rung = ladder.rungs[index]
        known = ladder.key, index, bisect_right(self._edges(rung), at)
        found = self._told.get(known)
        if found is None:
            found = telling.everyone(self._state, self._clock, rung, at)
            self._told[known] = found
        return found

    def pieces(self, rung: Rung, lo: datetime, hi: datetime) -> tuple[datetime, ...]:
        """The instants within limits, ends included, from which a rung may tell somebody else."""
        edges = self._edges(rung)
        return lo, *edges[bisect_right(edges, lo) : bisect_right(edges, hi)]

    def _edges(self, rung: Rung) -> Edges:
        """Whether a unit is open matters only to what waits for it, and to an alarm."""
        return self._hours if rung.wait_for_opening or rung.alarm else self._days


class World:
    """Units in one proof, each looked at once."""

    def __init__(self, ground: Ground, begins: datetime) -> None:
        self.ground = ground
        self.begins = begins.astimezone(UTC).replace(second=0, microsecond=0)
        self._state = ground.journey(self.begins)
        self._pairs = dict[tuple[HsaId, HsaId, int], Pair]()
        self._hours = dict[tuple[HsaId, int], Edges]()
        self._paces = dict[tuple[str, int], Edges]()
        self._twice = dict[int, Edges]()
        self._alike = dict[HsaId, str]()

    def pair(self, promised: Promised, until: datetime) -> Pair:
        """The two sides of a promise, known for a year after `until` and more."""
        year = until.year + 2
        sides = promised.owner, promised.counterpart, year
        if sides not in self._pairs:
            self._pairs[sides] = self._pair(promised, year)
        return self._pairs[sides]

    def _pair(self, promised: Promised, year: int) -> Pair:
        clock = self.ground.clock(promised, self.calendar(promised), self.begins)
        units = _who_may_be_told(self.ground, (clock.owner, clock.counterpart))
        days = set(_edges_of_periods(units))
        hours = (at for unit in units for at in self._hours_of(unit, year))
        return Pair(self._state, clock, tuple(sorted(days)), tuple(sorted({*days, *hours})))

    def likeness(self, promised: Promised) -> tuple[object, ...]:
        """What the telling of a promise depends on, whatever the names of its sides."""
        owner, counterpart = promised.owner, promised.counterpart
        sides = self._like(owner), self._like(counterpart), owner == counterpart
        return promised.ladder, promised.budget, promised.bound, *sides

    def _like(self, side: HsaId) -> str:
        known = self.ground.units.get(side)
        if side not in self._alike:
            self._alike[side] = side if known is None else _without_names(known)
        return self._alike[side]

    def _hours_of(self, unit: Unit, year: int) -> Edges:
        known = unit.hsa_id, year
        if known not in self._hours:
            days = self._first, date(year, 1, 1)
            self._hours[known] = tuple(_edges_of_hours(unit, self.ground.calendar, *days))
        return self._hours[known]

    def paces(self, promised: Promised, until: datetime) -> Edges:
        """Where the kinds of time of a promise and its bound begin or cease to run."""
        countings = {b.counting for b in (promised.budget, promised.bound) if b}
        hours = promised.owner if Counting.OPENING_HOURS in countings else ""
        key = "/".join((*sorted(countings), hours)), until.year
        if key not in self._paces:
            days = self._first, date(until.year + 1, 1, 1)
            self._paces[key] = tuple(sorted(set(_paces(countings, self.calendar(promised), *days))))
        return self._paces[key]

    def twice(self, until: datetime) -> Edges:
        """Where an hour begins that comes twice."""
        if until.year not in self._twice:
            moves = _moves_of_the_clock(self._first, date(until.year + 1, 1, 1))
            self._twice[until.year] = tuple(at for at, by in moves if by < timedelta())
        return self._twice[until.year]

    @property
    def _first(self) -> date:
        return self.begins.astimezone(STOCKHOLM).date()

    def calendar(self, promised: Promised) -> Calendar:
        """Days off, with the hours of who owes what is counted in them."""
        counted = [promised.budget, *([promised.bound] if promised.bound else [])]
        if not any(b.counting is Counting.OPENING_HOURS for b in counted):
            return self.ground.calendar
        return self.ground.calendar.of(opening(self.ground.units[promised.owner]))


NAMES = {"hsa_id", "version", "name", "organisation", "principal", "municipality", "area"}
# What a unit does, and for whom: nothing of it says when somebody is reached.
SERVES = {"assignment", "target_groups", "pathways", "exclusions", "professions"}


def _without_names(unit: Unit) -> str:
    """When and by what a unit is reached; an address counts, and not which one it is."""
    reached = [
        (c.function, c.mail is not None, c.webhook, c.phone is not None) for c in unit.contacts
    ]
    left = unit.model_dump_json(exclude={*NAMES, *SERVES, "contacts"})
    return f"{reached} {left}"


def _who_may_be_told(ground: Ground, sides: tuple[HsaId, HsaId]) -> tuple[Unit, ...]:
    """The sides, who covers them, and whoever substitutes for a function at any of these."""
    known = ground.units
    here = [known[side] for side in sides if side in known]
    covers = [c.covered_by for unit in here for c in unit.closures if c.covered_by]
    here += [known[h] for c in covers if (h := heir(known, c)) in known]
    elsewhere = [s.unit or unit.hsa_id for unit in here for s in unit.substitutes]
    here += [known[h] for e in elsewhere if (h := heir(known, e)) in known]
    return tuple({unit.hsa_id: unit for unit in here}.values())


def _edges_of_periods(units: tuple[Unit, ...]) -> Iterator[datetime]:
    """Where closures and substitutes begin and end."""
    for unit in units:
        closed = [(c.first, c.last) for c in unit.closures]
        for first, last in closed + [(s.first, s.last) for s in unit.substitutes]:
            yield from (local_midnight(first), local_midnight(last + DAY))


def _edges_of_hours(unit: Unit, calendar: Calendar, begins: date, ends: date) -> Iterator[datetime]:
    """Where a unit opens and closes; and where a far opening comes within anybody's horizon."""
    known, shut = opening(unit), local_midnight(begins)
    for ahead in range((ends - begins).days + 1):
        day = begins + ahead * DAY
        for opens, closes in open_spans(known, day, calendar):
            if opens != shut:
                yield from (shut, opens)
            if opens - shut > (HORIZON - 2) * DAY:
                yield local_midnight(day - (HORIZON - 1) * DAY)
            shut = closes
    yield shut


def _paces(
    countings: Set[Counting], calendar: Calendar, begins: date, ends: date
) -> Iterator[datetime]:
    days = [begins + ahead * DAY for ahead in range((ends - begins).days + 1)]
    if Counting.CALENDAR_DAYS in countings or Counting.WORKING_DAYS in countings:
        yield from (at for at, _ in _moves_of_the_clock(begins, ends))
    if Counting.WORKING_DAYS in countings:
        turns = (d for d in days if calendar.is_working(d) != calendar.is_working(d - DAY))
        yield from (local_midnight(day) for day in turns)
    if Counting.OPENING_HOURS in countings and calendar.opening is not None:
        for day in days:
            yield from (at for span in open_spans(calendar.opening, day, calendar) for at in span)


def _moves_of_the_clock(begins: date, ends: date) -> Iterator[tuple[datetime, timedelta]]:
    """The instants at which the wall clock is moved, and how far."""
    for ahead in range((ends - begins).days + 1):
        midnight = local_midnight(begins + ahead * DAY)
        moved = _offset(midnight + DAY) - _offset(midnight)
        if moved:
            hours = (midnight + n * HOUR for n in range(1, 25))
            yield next(at for at in hours if _offset(at) != _offset(midnight)), moved


def _offset(at: datetime) -> timedelta:
    return at.astimezone(STOCKHOLM).utcoffset() or timedelta()
