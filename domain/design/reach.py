"""When a promise first reaches somebody, from any one start: as the clocks would tell it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from domain import clock as clocks
from domain.calendar import HORIZON, advance
from domain.clock import Clock
from domain.design.hearing import World
from domain.design.promised import Promised
from domain.event import Told
from domain.ladder import Rung
from domain.unit import Function
from domain.value import HsaId, Instant, Key, Value

YEAR = timedelta(days=HORIZON)


class Reach(Value):
    """Somebody is reached: when, by which rung, and who."""

    at: Instant
    rung: Key
    unit: HsaId
    function: Function


class Fired(NamedTuple):
    """A rung that fires at an instant, and whom it tells."""

    number: int
    at: datetime
    rung: Rung
    told: tuple[Told, ...]

    @property
    def somebody(self) -> bool:
        """Whether anybody it tells can be told."""
        return any(t.reached for t in self.told)

    @property
    def reach(self) -> Reach | None:
        """The first who hears it; a closed unit that it waits for hears it when it opens."""
        heard = [(t.not_before or self.at, t) for t in self.told if t.reached]
        if not heard:
            return None
        at, who = min(heard, key=lambda pair: pair[0])
        return Reach(at=at, rung=self.rung.key, unit=who.unit, function=who.function)


class Reaching:
    """One promise in one world, begun at any instant until `ends`."""

    def __init__(self, world: World, promised: Promised, ends: datetime) -> None:
        self.promised, self.ladder = promised, world.ground.ladders.get(promised.ladder)
        self.top = len(self.ladder.rungs) - 1
        self.calendar = world.calendar(promised)
        self._clock: Clock = world.ground.clock(promised, self.calendar, world.begins)
        self._places = dict[tuple[int, datetime], datetime]()
        self.until = max(self.bound(ends), self.place(self.top, ends))
        self.pair = world.pair(promised, self.until)

    def bound(self, start: datetime) -> datetime:
        """By when somebody must be reached of what begins then."""
        bound = self.promised.bound
        if bound is None:
            return self.place(self.top, start)
        return advance(start, bound.span, bound.counting, self.calendar)

    def due(self, start: datetime) -> datetime:
        """When the promise is due."""
        budget = self.promised.budget
        return advance(start, budget.span, budget.counting, self.calendar)

    def place(self, number: int, start: datetime) -> datetime:
        """Where the number-th firing stands in a clock that begins then."""
        found = self._places.get((number, start))
        if found is None:
            due = start if self.ladder.one_kind else self.due(start)
            began = {"started_at": start, "running_since": start, "due_at": due}
            clock = self._clock.model_copy(update=began)
            found = clocks.rung_at(clock, self.ladder, number, self.calendar)
            self._places[number, start] = found
        return found

    def again(self, at: datetime) -> datetime:
        """When a last rung that was brought forward comes again."""
        return clocks.after(self._clock, self.ladder, at, self.calendar)

    def told(self, rung: int, at: datetime) -> tuple[Told, ...]:
        """Whom a rung tells when it fires then."""
        return self.pair.told(self.ladder, rung, at)

    def firings(self, start: datetime) -> Iterator[Fired]:
        """Every firing of what begins then and nobody keeps; the last rung repeats for ever.

        Repetitions that fall together are one.
        """
        at, number, early = self.place(0, start), 0, False
        while True:
            index = min(number, self.top)
            fired = Fired(number, at, self.ladder.rungs[index], self.told(index, at))
            yield fired
            number += 1
            if number > self.top and early:
                at = self.again(at)
                continue
            while number > self.top and self.place(number, start) <= at:
                number += 1
            own = self.place(number, start)
            skips = self.ladder.skips and number <= self.top and not fired.somebody
            at = at if skips else own
            early = at < own

    def first(self, start: datetime) -> Reach | None:
        """Who is reached first of what begins then; None when nobody is within a year."""
        found: Reach | None = None
        for fired in self.firings(start):
            if fired.at > (found.at if found else start + YEAR):
                break
            if fired.number == self.top and self._in_vain(fired.at, start + YEAR):
                break
            here = fired.reach
            found = here if here and (found is None or here.at < found.at) else found
        return found

    def _in_vain(self, at: datetime, until: datetime) -> bool:
        """Whether the last rung reaches nobody from then on, however long it repeats."""
        pieces = self.pair.pieces(self.ladder.rungs[self.top], at, max(at, until))
        return not any(t.reached for piece in pieces for t in self.told(self.top, piece))
