"""The nightly proof: whether every ladder still reaches somebody, and telling owners if not."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
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
NICE = 10


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
        proved = Proved(versions=len(versions))
        with _apart() as prover:
            for owned in versions:
                proved = await self._one(proved, owned, world, prover)
        log.info("coverage_proved", **proved.model_dump())
        return proved

    async def _one(
        self, so_far: Proved, owned: InForce, world: World, prover: ProcessPoolExecutor
    ) -> Proved:
        """Prove one version, tell of it, and keep the proof once it is told."""
        one, at = owned.published, datetime.now(UTC)
        calculating = prover.submit(coverage_of, one.definition, world, one.scope, at)
        coverage = await asyncio.wrap_future(calculating)
        fresh = _fresh(owned, coverage)
        if fresh and not await self._told(at, owned, fresh):
            return so_far.model_copy(update={"untold": so_far.untold + 1})
        await self._book.keep(one, coverage, at)
        return so_far.model_copy(update={"new_gaps": so_far.new_gaps + len(fresh)})

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


@contextmanager
def _apart() -> Iterator[ProcessPoolExecutor]:
    """A process beside the worker's, which has journeys to answer while a year is gone through."""
    prover = ProcessPoolExecutor(1, get_context("spawn"), initializer=os.nice, initargs=(NICE,))
    try:
        yield prover
    finally:
        prover.shutdown(wait=False, cancel_futures=True)


def _fresh(owned: InForce, coverage: Coverage) -> tuple[Gap, ...]:
    """Gaps that the last proof did not have, and that nobody has accepted."""
    left = unaccepted(coverage, owned.accepted)
    if owned.before is None:
        return left
    new = {gap.key for gap in new_gaps(owned.before, coverage)}
    return tuple(gap for gap in left if gap.key in new)
