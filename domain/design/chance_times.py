"""How long something takes, as a distribution: a table, what was recorded, or a curve of a shape.

A draw is a number from 0 up to 1: the share of cases that take no longer. Lengths are whole hours
or days, rounded to the nearest; whoever wants a finer one gives hours.
"""

from collections.abc import Iterator
from itertools import pairwise
from math import exp, log
from statistics import NormalDist
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, field_validator, model_validator

from domain.calendar import Budget, Counting
from domain.design.case import Case, Who
from domain.value import Key, Value

Part = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
HOURS_IN_A_DAY = 24
# The longest that a budget can be, in its own hours or days.
LONGEST = 3660
MOST_RECORDED = 10_000
P90 = NormalDist().inv_cdf(0.9)
# No curve has an end; a draw does not come nearer to it than this.
EDGE = 1e-9


class Quantile(Value):
    """So large a share takes no longer than this."""

    share: Part
    length: Budget


class Table(Value):
    """Shares in order; the last is 1. Between two of them the longer length holds."""

    shape: Literal["table"] = "table"
    shares: Annotated[tuple[Quantile, ...], Field(min_length=1, max_length=1000)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if any(low.share >= high.share for low, high in pairwise(self.shares)):
            raise ValueError("shares stand in order, each larger than the one before")
        if self.shares[-1].share != 1:
            raise ValueError("the last share is 1: everything takes some time")
        return self

    def at(self, draw: float) -> Budget:
        """The length of a draw."""
        return next(q.length for q in self.shares if draw < q.share or q.share == 1)


class Recorded(Value):
    """What was measured, in hours round the clock; each is as likely as the others."""

    shape: Literal["recorded"] = "recorded"
    hours: Annotated[
        tuple[Annotated[int, Field(ge=0)], ...],
        Field(min_length=1, max_length=MOST_RECORDED),
    ]

    @field_validator("hours")
    @classmethod
    def _sorted(cls, hours: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(hours))

    def at(self, draw: float) -> Budget:
        """The length of a draw."""
        return _length(self.hours[int(draw * len(self.hours))], Counting.HOURS)


class Lognormal(Value):
    """Most are quick and some very slow: half within the median, nine of ten within `p90`."""

    shape: Literal["lognormal"] = "lognormal"
    median: Budget
    p90: Budget

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.median.counting is not self.p90.counting:
            raise ValueError("the median and the 90th percentile are in the same kind of time")
        if not 0 < self.median.amount <= self.p90.amount:
            raise ValueError("the median is not nothing, nor above the 90th percentile")
        return self

    def at(self, draw: float) -> Budget:
        """The length of a draw."""
        spread = log(self.p90.amount / self.median.amount) / P90
        away = NormalDist().inv_cdf(min(max(draw, EDGE), 1 - EDGE))
        return _length(self.median.amount * exp(spread * away), self.p90.counting)


class Exponential(Value):
    """As likely to end in the next hour as in any other; `mean` is how long it takes on average."""

    shape: Literal["exponential"] = "exponential"
    mean: Budget

    def at(self, draw: float) -> Budget:
        """The length of a draw."""
        return _length(-self.mean.amount * log(1 - min(draw, 1 - EDGE)), self.mean.counting)


Shape = Annotated[Table | Recorded | Lognormal | Exponential, Field(discriminator="shape")]


class Drawn(NamedTuple):
    """One outcome: what is done, and after how long; None: in the time that a simulation has."""

    does: Literal["accepts", "declines", "silent"]
    after: Budget | None


class Times(Value):
    """How long an answer or a step takes, the share that never comes, and the share that is a no.

    A no takes as long as a yes. Without `takes` it comes well in time.
    """

    takes: Shape | None = None
    never: Part = 0
    declines: Part = 0

    @model_validator(mode="after")
    def _no_more_than_all(self) -> Self:
        if self.never + self.declines > 1 + EDGE:
            raise ValueError("never and declines are no more than all together")
        return self

    def draw(self, draws: Iterator[float]) -> Drawn:
        """One outcome, of two draws: what, and how long."""
        what, long = next(draws), next(draws)
        after = self.takes.at(long) if self.takes else None
        if what < self.never:
            return Drawn("silent", None)
        return Drawn("declines" if what < self.never + self.declines else "accepts", after)


class Answering(Value):
    """How long some receivers take to answer, and how many say no, or nothing."""

    who: Who = Who()
    times: Times


class Doing(Value):
    """How long a step takes once it is open; of a handover step, until it is sent."""

    step: Key
    times: Times

    @model_validator(mode="after")
    def _is_not_declined(self) -> Self:
        if self.times.declines:
            raise ValueError("a step is done or not done; nobody declines it")
        return self


class Chances(Value):
    """What varies from run to run, how many runs there are, and the case that varies.

    Of answers and of steps, the first that fits holds. What the case says itself goes before.
    """

    answers: Annotated[tuple[Answering, ...], Field(max_length=1000)] = ()
    steps: Annotated[tuple[Doing, ...], Field(max_length=1000)] = ()
    runs: Annotated[int, Field(ge=1, le=5000)] = 200
    case: Case = Case()


def _length(amount: float, counting: Counting) -> Budget:
    """The nearest whole length; hours that are too many for it become days."""
    if amount > LONGEST and counting is Counting.HOURS:
        amount, counting = amount / HOURS_IN_A_DAY, Counting.CALENDAR_DAYS
    return Budget(amount=min(round(amount), LONGEST), counting=counting)
