"""Who is told, and when, while a clock runs; pure data with one rule for the instants."""

from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple, Self

from pydantic import Field, model_validator

from domain.calendar import Counting
from domain.unit import Function
from domain.value import Key, Value


class Party(StrEnum):
    """The two sides of a promise: who owes it, and who waits for it."""

    OWNER = "owner"
    COUNTERPART = "counterpart"


class Audience(Value):
    """A function on one of the two sides."""

    party: Party
    function: Function


class Rung(Value):
    """One step of a ladder: at a share of the budget, plus an offset.

    The offset is in the clock's kind of time, or, from due on, in the `counting` that the rung
    names. With `wait_for_opening` a unit that is closed is told when it opens; alarms never wait.
    """

    key: Key
    share: float = Field(default=1.0, ge=0, le=1)
    after: timedelta = Field(default=timedelta(), ge=timedelta())
    counting: Counting | None = None
    tell: tuple[Audience, ...]
    alarm: bool = False
    wait_for_opening: bool = False

    @model_validator(mode="after")
    def _an_alarm_never_waits(self) -> Self:
        if self.alarm and self.wait_for_opening:
            raise ValueError(f"rung {self.key}: an alarm does not wait for anybody to open")
        if self.counting is Counting.OPENING_HOURS:
            raise ValueError(f"rung {self.key}: an offset is not counted in opening hours")
        if self.counting is not None and self.share < 1:
            raise ValueError(f"rung {self.key}: another kind of time is counted from due")
        return self


class Ladder(Value):
    """Rungs in order; the last one repeats for ever, `every` span of its own kind of time.

    A ladder without rungs belongs to a clock that acts by itself when it is due. One that
    `skips` does not wait on a rung where nobody could be told: the next one comes at once.
    """

    key: Key
    rungs: tuple[Rung, ...]
    every: timedelta | None = None
    skips: bool = False

    @model_validator(mode="after")
    def _last_rung_repeats(self) -> Self:
        if self.rungs and (self.every is None or self.every < timedelta(minutes=15)):
            raise ValueError("a ladder with rungs repeats its last one, at least 15 minutes apart")
        for lower, higher in pairwise(self.rungs):
            longer = lower.counting is higher.counting and lower.after > higher.after
            if lower.share > higher.share or longer:
                raise ValueError(f"rung {higher.key} stands below the one before it")
        return self

    def place(self, index: int, budget: timedelta) -> "Place":
        """Rung and position of the index-th firing; past the end the last rung repeats."""
        last = len(self.rungs) - 1
        rung = self.rungs[min(index, last)]
        repeats = max(0, index - last) * (self.every or timedelta())
        share, offset = rung.share * budget, rung.after + repeats
        if rung.counting is None:
            return Place(rung, share + offset)
        return Place(rung, share, offset)

    @property
    def one_kind(self) -> bool:
        """Whether every offset is in the clock's own kind of time."""
        return all(rung.counting is None for rung in self.rungs)


class Place(NamedTuple):
    """A rung and where it stands, counted from the clock's start.

    `offset` is what a rung with a kind of time of its own adds to the due instant.
    """

    rung: Rung
    position: timedelta
    offset: timedelta = timedelta()


class Ladders(Value):
    """The set of ladders that a journey pins when it starts."""

    version: str
    ladders: tuple[Ladder, ...]

    def get(self, key: str) -> Ladder:
        """The ladder of that key. Raises `KeyError` when the pinned set has none."""
        for ladder in self.ladders:
            if ladder.key == key:
                return ladder
        raise KeyError(key)

    def named(self, key: str, *otherwise: str) -> str:
        """The first of these keys that the pinned set has; older sets lack the newest ladders."""
        known = {ladder.key for ladder in self.ladders}
        return next((k for k in (key, *otherwise) if k in known), key)
