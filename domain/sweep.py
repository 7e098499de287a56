"""What a look at all promises at once finds: journeys that nobody would have woken."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from domain.value import Value

MOST_NAMED = 50


class Trouble(StrEnum):
    """What is wrong with a journey, seen from outside.

    `lost`: open, and no run. `orphaned`: a run, and no open journey. `stuck`: its next moment has
    passed. `untimed`: no timer for its next moment. `waiting_for_fix`: its run does not answer.
    """

    LOST = "lost"
    ORPHANED = "orphaned"
    STUCK = "stuck"
    UNTIMED = "untimed"
    WAITING_FOR_FIX = "waiting_for_fix"


def trouble_with(
    moment: datetime, alarm_at: datetime | None, now: datetime, grace: timedelta
) -> Trouble | None:
    """What is wrong with a run that answers: its next moment is long past, or has no timer.

    A moment that has just come is on its way; the next sweep sees what became of it.
    """
    if moment < now - grace:
        return Trouble.STUCK
    timed = alarm_at is not None and alarm_at <= moment
    return None if timed or moment <= now else Trouble.UNTIMED


class Finding(Value):
    """One journey in trouble, and whether it was seen to be out of it afterwards."""

    journey_id: str
    trouble: Trouble
    repaired: bool = False


class Sweep(Value):
    """What was looked at, what was found, and the first of those by id."""

    journeys: int = 0
    lost: int = 0
    orphaned: int = 0
    stuck: int = 0
    untimed: int = 0
    waiting_for_fix: int = 0
    repaired: int = 0
    found: tuple[Finding, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Every number by its name."""
        return self.model_dump(exclude={"found"})

    @property
    def clean(self) -> bool:
        """Nothing was found."""
        return not any(self.counts[trouble] for trouble in Trouble)

    def plus(self, other: Self) -> Self:
        """Both together; no more are named than fit on a page."""
        sums = {name: count + other.counts[name] for name, count in self.counts.items()}
        found = (*self.found, *other.found)[:MOST_NAMED]
        return self.model_copy(update={**sums, "found": found})


def swept(journeys: int, findings: tuple[Finding, ...]) -> Sweep:
    """The sums of what was found among so many journeys."""
    troubles = [f.trouble for f in findings]
    return Sweep(
        journeys=journeys,
        **{trouble: troubles.count(trouble) for trouble in Trouble},
        repaired=sum(f.repaired for f in findings),
        found=findings[:MOST_NAMED],
    )
