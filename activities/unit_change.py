"""Telling running journeys that a unit has changed, or that another unit took it over."""

from collections import Counter
from typing import Protocol

import structlog
from pydantic import Field
from temporalio import activity

from domain.command import AdoptUnit, Envelope, Idempotency, Succeed
from domain.journey import Actor, Role
from domain.refusal import Refusal
from domain.unit_change import PRINCIPAL, ChangeKind, Telling
from domain.value import Value

log = structlog.get_logger()

PAGE = 50
TOLD, OUTDATED = "told", "outdated"
# A journey that has ended, has never met the unit, or knows it as it became needs no telling.
NO_NEWS = frozenset(
    {
        TOLD,
        OUTDATED,
        "journey_closed",
        "unit_not_here",
        "unit_version_stale",
        "already_succeeded",
    }
)


class ChangeBook(Protocol):
    """Where changes stand, which journeys have not been told, and that all have been."""

    async def telling(self, change_id: str) -> Telling:
        """What a change says."""
        ...

    async def untold(self, telling: Telling, after: str, limit: int) -> list[str]:
        """A page of the open journeys that it concerns and that are not told, by id."""
        ...

    async def told(self, change_id: str) -> None:
        """Note that running journeys have been told."""
        ...


class Submit(Protocol):
    """The way to a journey's workflow."""

    async def __call__(self, journey_id: str, envelope: Envelope) -> Refusal | None:
        """None when it is recorded. Raises what the engine raises when it is away."""
        ...


class Page(Value):
    """Which change, and after which journey the page begins."""

    change_id: str
    after: str = ""


class PageTold(Value):
    """The last journey of the page, None when it was the last page, and how each one ended."""

    last: str | None = None
    counts: dict[str, int] = Field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """Whether a journey said no that should not have: something waits for a fix."""
        return any(code not in NO_NEWS for code in self.counts)


class UnitChangeActivities:
    """Tells journeys, a page at a time; safe to repeat, since each journey is told once."""

    def __init__(self, book: ChangeBook, submit: Submit) -> None:
        self._book = book
        self._submit = submit

    @activity.defn(name="tell_journeys")
    async def tell_journeys(self, page: Page) -> PageTold:
        """Tell one page. A change with a newer one behind it is left to that one's telling.

        One with a choice for running clocks is told all the same: the newer one made its own.
        """
        telling = await self._book.telling(page.change_id)
        change = telling.change
        if telling.now.version > change.version and not change.reproject:
            return PageTold(counts={OUTDATED: 1})
        ids = await self._book.untold(telling, page.after, PAGE)
        counts = Counter[str]()
        for journey_id in ids:
            counts[await self._tell(journey_id, telling)] += 1
        return PageTold(last=ids[-1] if len(ids) == PAGE else None, counts=dict(counts))

    @activity.defn(name="note_told")
    async def note_told(self, change_id: str) -> None:
        """Note that running journeys have been told."""
        await self._book.told(change_id)
        log.info("unit_change_told", change_id=change_id)

    async def _tell(self, journey_id: str, telling: Telling) -> str:
        """How one journey ended: told, or the code of its no. Earlier choices go first."""
        for earlier in telling.earlier:
            code = await self._tell(journey_id, earlier)
            if code not in NO_NEWS:
                return code
        refusal = await self._submit(journey_id, envelope(telling))
        if refusal is None:
            return TOLD
        if refusal.code not in NO_NEWS:
            log.error("unit_change_refused", journey_id=journey_id, code=refusal.code)
        return refusal.code


def envelope(telling: Telling) -> Envelope:
    """The command on its way to a journey: the same change, the same key, whenever it is sent."""
    change = telling.change
    return Envelope(
        command=_command(telling),
        actor=Actor(subject=change.by_subject, unit=change.hsa_id, roles=(Role.CATALOGUE,)),
        idempotency=Idempotency(principal=PRINCIPAL, key=change.id, body_hash=change.id),
        correlation_id=change.id,
        calendar_version=telling.calendar.version,
        calendar=telling.calendar,
    )


def _command(telling: Telling) -> AdoptUnit | Succeed:
    change = telling.change
    if change.kind is ChangeKind.PUT:
        return AdoptUnit(unit=change.facts, stand_ins=telling.stand_ins, reproject=change.reproject)
    assert telling.successor is not None, "a succession names a unit that exists"
    return Succeed(old=change.hsa_id, to=telling.successor, stand_ins=telling.stand_ins)
