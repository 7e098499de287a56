"""Moving running journeys to another version: showing what it would do, doing it, undoing it."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

import structlog
from pydantic import Field
from temporalio import activity

from domain.calendar import Calendar
from domain.command import Envelope, UndoMigration
from domain.design.moving import (
    Moving,
    MovingState,
    Outcome,
    Result,
    envelope,
    migrate,
    shown,
)
from domain.effect import Effect
from domain.journey import Journey
from domain.pathway import Definition
from domain.refusal import Refusal
from domain.value import Value

log = structlog.get_logger()

PAGE = 50


class MigrationBook(Protocol):
    """Where migrations stand: what was asked, whom they concern, and what came of each."""

    async def asked(self, migration_id: str) -> tuple[Moving, Definition, Calendar]:
        """What was asked for."""
        ...

    async def family(self, target: Definition) -> list[str]:
        """Keys of every pathway on the same base."""
        ...

    async def running(
        self, moving: Moving, family: Sequence[str], after: str, limit: int
    ) -> list[tuple[str, Journey]]:
        """A page of the journeys that may move, as they stand."""
        ...

    async def show(self, migration_id: str, shown: Sequence[tuple[str, Effect]]) -> None:
        """Keep what would become of each."""
        ...

    async def chosen(
        self, migration_id: str, outcome: Outcome, after: str, limit: int
    ) -> list[Result]:
        """A page of the chosen journeys that stand at an outcome."""
        ...

    async def note(
        self, migration_id: str, journey_id: str, outcome: Outcome, refused: str | None = None
    ) -> None:
        """What came of one journey."""
        ...

    async def set_state(self, migration_id: str, state: MovingState) -> None:
        """How far the migration is now."""
        ...


class Submit(Protocol):
    """The way to a journey's workflow."""

    async def __call__(self, journey_id: str, envelope: Envelope) -> Refusal | None:
        """None when it is recorded. Raises what the engine raises when it is away."""
        ...


class MigrationPage(Value):
    """Which migration, and after which journey the page begins."""

    migration_id: str
    after: str = ""


class PageDone(Value):
    """The last journey of the page, None when it was the last page, and how each one ended."""

    last: str | None = None
    counts: dict[str, int] = Field(default_factory=dict)


class Stage(Value):
    """A migration, and how far it is now."""

    migration_id: str
    state: MovingState


class MigrationActivities:
    """A page at a time; safe to repeat, since each journey takes each command once."""

    def __init__(self, book: MigrationBook, submit: Submit) -> None:
        self._book = book
        self._submit = submit

    @activity.defn(name="compare_journeys")
    async def compare(self, page: MigrationPage) -> PageDone:
        """What would become of one page of journeys; nothing is done to them."""
        moving, target, _ = await self._book.asked(page.migration_id)
        family = await self._book.family(target)
        found = await self._book.running(moving, family, page.after, PAGE)
        at = datetime.now(UTC)
        effects = [(i, shown(state, moving, target, at)) for i, state in found]
        await self._book.show(moving.id, effects)
        counts = Counter(str(effect.verdict) for _, effect in effects)
        return PageDone(last=found[-1][0] if len(found) == PAGE else None, counts=dict(counts))

    @activity.defn(name="move_journeys")
    async def move(self, page: MigrationPage) -> PageDone:
        """Move one page of the chosen journeys, each just as it was shown, or not at all."""
        moving, target, calendar = await self._book.asked(page.migration_id)
        results = await self._book.chosen(moving.id, Outcome.SHOWN, page.after, PAGE)
        counts = Counter[str]()
        for result in results:
            if result.effect.verdict == "cannot_move":
                outcome, code = Outcome.REFUSED, result.effect.cannot
            else:
                command = migrate(moving, target, result.effect)
                given = envelope(moving, calendar, command)
                refusal = await self._submit(result.journey_id, given)
                outcome, code = _outcome(refusal, Outcome.MOVED)
            await self._book.note(moving.id, result.journey_id, outcome, code)
            counts[outcome] += 1
        return _page(results, counts)

    @activity.defn(name="undo_journeys")
    async def undo(self, page: MigrationPage) -> PageDone:
        """Bring one page of moved journeys back; one in which a new step has begun stays moved."""
        moving, _, calendar = await self._book.asked(page.migration_id)
        results = await self._book.chosen(moving.id, Outcome.MOVED, page.after, PAGE)
        counts = Counter[str]()
        for result in results:
            command = UndoMigration(migration=moving.id)
            given = envelope(moving, calendar, command, "undo")
            refusal = await self._submit(result.journey_id, given)
            undone, code = _outcome(refusal, Outcome.UNDONE)
            outcome = undone if refusal is None else Outcome.MOVED
            await self._book.note(moving.id, result.journey_id, outcome, code)
            counts[undone] += 1
        return _page(results, counts)

    @activity.defn(name="note_migration")
    async def note(self, stage: Stage) -> None:
        """How far the migration is now."""
        await self._book.set_state(stage.migration_id, stage.state)
        log.info("migration", migration_id=stage.migration_id, state=stage.state)


def _outcome(refusal: Refusal | None, done: Outcome) -> tuple[Outcome, str | None]:
    return (done, None) if refusal is None else (Outcome.REFUSED, refusal.code)


def _page(results: Sequence[Result], counts: Counter[str]) -> PageDone:
    last = results[-1].journey_id if len(results) == PAGE else None
    return PageDone(last=last, counts=dict(counts))
