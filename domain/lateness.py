"""Why somebody was told late: from the spans in which our own parts were alive."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple, Self, get_args

from domain.value import Instant, Value

# A moment that is passed within this time has come on time.
ON_TIME = timedelta(seconds=10)

# "outage" stands in logs from before the reasons were told apart.
Cause = Literal[
    "on_time",
    "late_recorded",
    "worker_down",
    "engine_down",
    "store_down",
    "busy",
    "outage",
]
CAUSES: tuple[Cause, ...] = get_args(Cause)
# What is our own fault, and nobody's in care.
OURS: tuple[Cause, ...] = ("worker_down", "engine_down", "store_down", "busy", "outage")

# Shorter than this, nothing was late because of it.
NOTICEABLE = timedelta(seconds=1)
NOTHING = timedelta()


class Source(StrEnum):
    """A part of ours that has to be alive for a moment to be passed."""

    WORKER = "worker"
    ENGINE = "engine"
    STORE = "store"


class Span(Value):
    """A time without a break in which a worker ran, or in which a part answered that worker."""

    source: Source
    worker: str
    from_at: Instant
    until_at: Instant


class Stretch(NamedTuple):
    """From one instant to another."""

    begin: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """Nothing when it ends before it begins."""
        return max(self.end - self.begin, NOTHING)

    def within(self, other: Self) -> "Stretch":
        """What both have in common; perhaps nothing."""
        return Stretch(max(self.begin, other.begin), min(self.end, other.end))


def cause(due: datetime, now: datetime, spans: Iterable[Span]) -> Cause:
    """Why what was due comes first now: what was away longest meanwhile.

    1. Without a worker nobody knows how the others were: that time is the worker's.
    2. When engine and store were away together it is the store's; the engine may stand on it.
    3. All were alive, and still it is late: there was too much to do.
    """
    known, whole = tuple(spans), Stretch(due, now)
    worked = _alive(Source.WORKER, known, whole)
    stored = _overlap(worked, _alive(Source.STORE, known, whole))
    served = _overlap(stored, _alive(Source.ENGINE, known, whole))
    away: tuple[tuple[timedelta, Cause], ...] = (
        (whole.length - _total(worked), "worker_down"),
        (_total(worked) - _total(stored), "store_down"),
        (_total(stored) - _total(served), "engine_down"),
    )
    longest, reason = max(away, key=lambda pair: pair[0])
    return reason if longest >= NOTICEABLE else "busy"


def minutes_lost(due: datetime, now: datetime, late: Iterable[tuple[datetime, datetime]]) -> int:
    """Whole minutes since due in which people had not been told, through a fault of ours.

    `late` are the due and fired instants of what came late; what overlaps counts once.
    """
    missed = (Stretch(*pair).within(Stretch(due, now)) for pair in late)
    return whole_minutes(_total(_joined(missed)))


def whole_minutes(span: timedelta) -> int:
    """Minutes that have gone by whole; never fewer than none."""
    return max(span, NOTHING) // timedelta(minutes=1)


def _alive(source: Source, spans: Sequence[Span], whole: Stretch) -> list[Stretch]:
    of_it = (Stretch(s.from_at, s.until_at) for s in spans if s.source is source)
    return _joined(stretch.within(whole) for stretch in of_it)


def _joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same time in order, with nothing counted twice."""
    joined = list[Stretch]()
    for stretch in sorted(s for s in stretches if s.length):
        if joined and stretch.begin <= joined[-1].end:
            joined[-1] = Stretch(joined[-1].begin, max(joined[-1].end, stretch.end))
        else:
            joined.append(stretch)
    return joined


def _overlap(some: list[Stretch], others: list[Stretch]) -> list[Stretch]:
    return [both for one in some for other in others if (both := one.within(other)).length]


def _total(stretches: Iterable[Stretch]) -> timedelta:
    return sum((s.length for s in stretches), NOTHING)
