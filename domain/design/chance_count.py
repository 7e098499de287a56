"""What many played journeys come to: shares with their intervals, and the load of each unit."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from math import ceil, sqrt

from domain.calendar import DAY
from domain.design.chance_log import Asked, Reading, Round
from domain.pathway import Definition, HandoverStep
from domain.unit import Unit
from domain.value import HsaId, Key, Value

# 95 per cent of a normal distribution lie within so many standard deviations of its middle.
Z = 1.959964


class Share(Value):
    """So many of so many, and the interval that holds the true share 19 times out of 20.

    Nothing is known of a share of nothing.
    """

    count: int
    of: int
    share: float | None
    low: float
    high: float


class StepChance(Value):
    """A step over all runs: of the times that it opened, how many became overdue.

    The rounds of a repeated step hang together, so its interval is narrower than it should be.
    """

    step: Key
    overdue: Share


class HandoverChance(Value):
    """The handovers of a step over all runs: how many got no answer in time, and how many a no."""

    step: Key
    unanswered: Share
    declined: Share


class UnitLoad(Value):
    """What one patient means for a unit, on average.

    `open_steps` are those held at any one time while the journey lasts. `busiest` is how many
    steps open there in `busiest_week`. Of `reminders` each rung counts once, and no repetition.
    """

    unit: HsaId
    name: str
    handovers: float
    open_steps: float
    busiest_week: str | None
    busiest: float
    reminders: float


class Expected(Value):
    """What can be expected of a pathway; the days are from start to end of those that closed."""

    runs: int
    steps: tuple[StepChance, ...]
    handovers: tuple[HandoverChance, ...]
    closed: Share
    days_median: float | None
    days_p90: float | None
    units: tuple[UnitLoad, ...]


def count(
    definition: Definition, units: Mapping[HsaId, Unit], readings: Sequence[Reading]
) -> Expected:
    """Count over the runs; steps as the pathway has them, and units as the world has them."""
    rounds = [r for reading in readings for r in reading.rounds]
    asked = [a for reading in readings for a in reading.asked.values()]
    days = sorted((r.closed_at - r.began_at) / DAY for r in readings if r.closed_at)
    steps = definition.steps
    return Expected(
        runs=len(readings),
        steps=tuple(_of_step(s.key, rounds) for s in steps),
        handovers=tuple(_of_handover(s.key, asked) for s in steps if isinstance(s, HandoverStep)),
        closed=share_of(len(days), len(readings)),
        days_median=_quantile(days, 0.5),
        days_p90=_quantile(days, 0.9),
        units=tuple(_loads(units, readings)),
    )


def share_of(count: int, of: int) -> Share:
    """A share and its score interval at 95 per cent.

    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association 22(158), 209–212.
    """
    if of == 0:
        return Share(count=0, of=0, share=None, low=0.0, high=1.0)
    share = count / of
    middle = share + Z * Z / (2 * of)
    away = Z * sqrt(share * (1 - share) / of + Z * Z / (4 * of * of))
    whole = 1 + Z * Z / of
    low = 0.0 if count == 0 else (middle - away) / whole
    high = 1.0 if count == of else (middle + away) / whole
    return Share(count=count, of=of, share=share, low=low, high=high)


def _of_step(key: Key, rounds: Iterable[Round]) -> StepChance:
    """A step that waited too long to open is overdue, too."""
    mine = [r for r in rounds if r.key == key and (r.opened_at or r.late)]
    return StepChance(step=key, overdue=share_of(sum(r.late for r in mine), len(mine)))


def _of_handover(key: Key, asked: Iterable[Asked]) -> HandoverChance:
    mine = [a for a in asked if a.step == key]
    return HandoverChance(
        step=key,
        unanswered=share_of(sum(a.late for a in mine), len(mine)),
        declined=share_of(sum(a.declined for a in mine), len(mine)),
    )


def _quantile(ordered: Sequence[float], share: float) -> float | None:
    """The smallest that at least this share does not exceed."""
    return ordered[max(ceil(share * len(ordered)) - 1, 0)] if ordered else None


def _loads(units: Mapping[HsaId, Unit], readings: Sequence[Reading]) -> Iterable[UnitLoad]:
    runs = len(readings)
    sent, told = Counter[HsaId](), Counter[HsaId]()
    held = dict[HsaId, timedelta]()
    weeks = dict[HsaId, Counter[str]]()
    for reading in readings:
        sent.update(a.unit for a in reading.asked.values())
        told.update(reading.reminders)
        for holder, gone in reading.held.items():
            held[holder] = held.get(holder, timedelta()) + gone
        for holder, opened in reading.weeks():
            weeks.setdefault(holder, Counter())[opened] += 1
    lasted = sum((r.ends_at - r.began_at for r in readings), timedelta())
    for key, unit in units.items():
        if not (sent[key] or told[key] or key in held or key in weeks):
            continue
        week, most = _busiest(weeks.get(key, Counter()))
        yield UnitLoad(
            unit=key,
            name=unit.name,
            handovers=sent[key] / runs,
            open_steps=held.get(key, timedelta()) / lasted if lasted else 0.0,
            busiest_week=week,
            busiest=most / runs,
            reminders=told[key] / runs,
        )


def _busiest(weeks: Counter[str]) -> tuple[str | None, int]:
    """The week with the most, and of equals the first."""
    week = min(weeks, key=lambda w: (-weeks[w], w), default=None)
    return week, weeks[week] if week else 0
