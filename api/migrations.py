"""Moving running journeys to another version: shown first, done when somebody says so."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from api import pathways
from api.design_bodies import GoOnBody, MigrationBody
from api.house import Caller, CallerDep, KeyDep
from api.paging import LimitQuery
from domain.design import publication
from domain.design.moving import Moving, MovingState, Result
from domain.refusal import Refused
from domain.value import Value
from store import database, moving

router = APIRouter(prefix="/api/v1/pathways/migrations", tags=["pathways"])

MigrationId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
After = Annotated[str, Query(pattern=r"^[0-9a-f-]{0,36}$")]
Word = Literal["move", "pause", "resume", "undo", "abandon"]
# From which states each word may be said, and what is then wanted.
WORDS: dict[Word, tuple[tuple[MovingState, ...], MovingState]] = {
    "move": ((MovingState.SHOWN,), MovingState.MOVING),
    "pause": ((MovingState.MOVING, MovingState.COMPARING), MovingState.PAUSED),
    "resume": ((MovingState.PAUSED,), MovingState.MOVING),
    "undo": ((MovingState.MOVED, MovingState.MOVING, MovingState.PAUSED), MovingState.UNDOING),
    "abandon": ((MovingState.SHOWN,), MovingState.ABANDONED),
}


class Shown(Value):
    """A migration: how far it is, how many journeys of each kind, and a page of them."""

    migration: Moving
    counts: dict[str, int]
    items: tuple[Result, ...]
    next: str | None


@router.post("", status_code=201)
async def ask(body: MigrationBody, caller: CallerDep, key: KeyDep) -> Shown:
    """Begin to compare: what would become of each running journey. Nothing is done to them.

    Raises `Refused`: role_not_enough, pathway_unknown, engine_unavailable.
    """
    publication.may_design(caller.actor)
    target = pathways.published(caller, body.to)
    asked = Moving(
        id=str(caller.house.ids.uuid("migration", caller.principal, key.value)),
        key=target.key,
        version=target.version,
        from_versions=body.from_versions,
        choices=body.choices,
        by=caller.actor.subject,
        unit=caller.actor.unit,
        at=datetime.now(UTC),
    )
    async with caller.house.store.begin() as connection:
        await moving.put(connection, asked)
    await caller.house.engine.begin_migration(asked.id)
    return await _shown(caller, asked.id, "", 50)


@router.get("/{migration_id}")
async def read(
    migration_id: MigrationId, caller: CallerDep, after: After = "", limit: LimitQuery = 50
) -> Shown:
    """The fleet diff, and what has come of it: a page of journeys, in the order of their ids."""
    publication.may_design(caller.actor)
    return await _shown(caller, migration_id, after, limit)


@router.post("/{migration_id}/go-on")
async def go_on(migration_id: MigrationId, body: GoOnBody, caller: CallerDep, key: KeyDep) -> Shown:
    """Say what happens next: move (all, or only some), pause, resume, undo, abandon.

    Raises `Refused`: role_not_enough, migration_unknown, migration_not_there, migration_ended,
    engine_unavailable.
    """
    publication.may_design(caller.actor)
    states, wanted = WORDS[body.to]
    async with caller.house.store.begin() as connection:
        found = await moving.find(connection, migration_id)
        if found is None:
            raise Refused("migration_unknown")
        if found.state not in states:
            raise Refused("migration_not_there")
        if body.journeys is not None:
            await moving.choose(connection, migration_id, body.journeys)
    await caller.house.engine.want(migration_id, wanted)
    return await _shown(caller, migration_id, "", 50)


async def _shown(caller: Caller, migration_id: str, after: str, limit: int) -> Shown:
    async with database.reading(caller.house.store, ()) as connection:
        found = await moving.find(connection, migration_id)
        if found is None:
            raise Refused("migration_unknown")
        items = await moving.results(connection, migration_id, after, limit)
        counts = await moving.counts(connection, migration_id)
    more = items[-1].journey_id if len(items) == limit else None
    return Shown(migration=found, counts=counts, items=tuple(items), next=more)
