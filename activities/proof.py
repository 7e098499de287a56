"""The nightly proof: whether every ladder still reaches somebody, and telling owners if not."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

import structlog
from temporalio import activity

from domain.design.coverage import Coverage, Gap, new_gaps, unaccepted
from domain.design.proof import InForce, coverage_of
from domain.design.publication import Published
from domain.design.simulation import World
from domain.notice import TransportFailed
from domain.value import Value

log = structlog.get_logger()


class ProofBook(Protocol):
    """What is in force and how it was proved, and where the new proof is kept."""

    async def in_force(self) -> tuple[World, list[InForce]]:
        """The world as it is published, and every version that new journeys go by."""
        ...

    async def keep(self, published: Published, coverage: Coverage, at: datetime) -> None:
        """The newest proof of a version."""
        ...


class TellOwner(Protocol):
    """The way to the owner of a pathway."""

    async def __call__(
        self, at: datetime, pathway: str, mails: Sequence[str], gaps: Sequence[Gap]
    ) -> None:
        """Tell of new gaps. Raises `TransportFailed`."""
        ...


class Proved(Value):
    """How many versions were proved, and how many gaps are new since last time."""

    versions: int = 0
    new_gaps: int = 0
    untold: int = 0


class ProofActivities:
    """Proves everything anew; safe to repeat: what was told once is known the next time."""

    def __init__(self, book: ProofBook, tell: TellOwner) -> None:
        self._book = book
        self._tell = tell

    @activity.defn(name="prove_again")
    async def prove_again(self) -> Proved:
        """Every version in force, for a year from now; a new gap is told to its owner."""
        world, versions = await self._book.in_force()
        at, found, untold = datetime.now(UTC), 0, 0
        for owned in versions:
            one = owned.published
            coverage = await asyncio.to_thread(coverage_of, one.definition, world, one.scope, at)
            fresh = _fresh(owned, coverage)
            if fresh and not await self._told(at, owned, fresh):
                untold += 1
                continue
            await self._book.keep(one, coverage, at)
            found += len(fresh)
        log.info("coverage_proved", versions=len(versions), new_gaps=found, untold=untold)
        return Proved(versions=len(versions), new_gaps=found, untold=untold)

    async def _told(self, at: datetime, owned: InForce, fresh: Sequence[Gap]) -> bool:
        """Whether the owner knows; what could not be told is new again tomorrow."""
        name = owned.published.definition.name
        log.error("coverage_gap", pathway=name, gaps=len(fresh))
        if not owned.mails:
            return True
        try:
            await self._tell(at, name, owned.mails, fresh)
        except TransportFailed as failure:
            log.error("owner_not_told", pathway=name, code=failure.code)
            return False
        return True


def _fresh(owned: InForce, coverage: Coverage) -> tuple[Gap, ...]:
    """Gaps that the last proof did not have, and that nobody has accepted."""
    left = unaccepted(coverage, owned.accepted)
    if owned.before is None:
        return left
    new = {gap.key for gap in new_gaps(owned.before, coverage)}
    return tuple(gap for gap in left if gap.key in new)
