"""Migrations of running journeys: what was asked, what was shown of each, and what came of it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, Select, cast, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.calendar import Calendar
from domain.design.moving import Moving, MovingState, Outcome, Result
from domain.effect import Effect
from domain.event import Event
from domain.evolve import fold
from domain.journey import Journey
from domain.pathway import Definition
from store import catalogue
from store import tables as t
from store.record import read_event


async def put(connection: AsyncConnection, moving: Moving) -> None:
    """Keep a migration that somebody asks for; the same again changes nothing."""
    row = {
        "id": moving.id,
        "body": moving.model_dump(mode="json", exclude={"state"}),
        "state": moving.state,
        "at": moving.at,
    }
    await connection.execute(upsert(t.migration).values(**row).on_conflict_do_nothing())


async def find(connection: AsyncConnection, migration_id: str) -> Moving | None:
    """A migration, and how far it is."""
    wanted = select(t.migration).where(t.migration.c.id == migration_id)
    row = (await connection.execute(wanted)).first()
    return Moving.model_validate(row.body | {"state": row.state}) if row else None


async def counts(connection: AsyncConnection, migration_id: str) -> dict[str, int]:
    """How many journeys there are of each verdict, and of each outcome."""
    verdict = t.migration_result.c.effect["verdict"].as_string()
    mine = t.migration_result.c.migration_id == migration_id
    found = dict[str, int]()
    for column in (verdict, t.migration_result.c.outcome):
        wanted = select(column, func.count()).where(mine).group_by(column)
        found |= {row[0]: row[1] for row in await connection.execute(wanted)}
    return found


async def results(
    connection: AsyncConnection, migration_id: str, after: str, limit: int
) -> list[Result]:
    """A page of journeys, by id."""
    wanted = (
        select(t.migration_result)
        .where(
            t.migration_result.c.migration_id == migration_id,
            t.migration_result.c.journey_id > after,
        )
        .order_by(t.migration_result.c.journey_id)
        .limit(limit)
    )
    return [_result(row) for row in await connection.execute(wanted)]


def _result(row: Row[Any]) -> Result:
    return Result(
        journey_id=row.journey_id,
        effect=Effect.model_validate(row.effect),
        chosen=row.chosen,
        outcome=Outcome(row.outcome),
        refused=(row.done or {}).get("refused"),
    )


async def choose(connection: AsyncConnection, migration_id: str, journeys: Sequence[str]) -> int:
    """Only these journeys are to move; how many of them there are."""
    mine = t.migration_result.c.migration_id == migration_id
    chosen = t.migration_result.c.journey_id.in_(journeys)
    await connection.execute(update(t.migration_result).where(mine).values(chosen=chosen))
    wanted = select(func.count()).where(mine, t.migration_result.c.chosen)
    return (await connection.execute(wanted)).scalar_one()


async def set_state(connection: AsyncConnection, migration_id: str, state: MovingState) -> None:
    """How far it is now."""
    await connection.execute(
        update(t.migration).where(t.migration.c.id == migration_id).values(state=state)
    )


class Movings:
    """Migrations as the worker needs them: whom they concern, what was shown, what came of it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def asked(self, migration_id: str) -> tuple[Moving, Definition, Calendar]:
        """What was asked for. Raises `LookupError` when it is not there."""
        async with self._engine.connect() as connection:
            moving = await find(connection, migration_id)
            calendar = await catalogue.newest_calendar(connection)
            body = await connection.scalar(
                select(t.pathway.c.definition).where(
                    t.pathway.c.key == (moving.key if moving else ""),
                    t.pathway.c.version == (moving.version if moving else 0),
                )
            )
        if moving is None or calendar is None or body is None:
            raise LookupError(migration_id)
        return moving, Definition.model_validate(body), calendar

    async def running(
        self, moving: Moving, family: Sequence[str], after: str, limit: int
    ) -> list[tuple[str, Journey]]:
        """A page of open journeys that go by another version of the family, as they stand."""
        async with self._engine.connect() as connection:
            wanted = _concerned(moving, family, after, limit)
            ids = [str(i) for i in (await connection.execute(wanted)).scalars()]
            logs = await _logs(connection, ids)
        folded = ((i, fold(logs[i])) for i in ids)
        return [(i, state) for i, state in folded if state is not None]

    async def family(self, target: Definition) -> list[str]:
        """Keys of every pathway that stands on the same base."""
        wanted = select(t.pathway.c.key, t.pathway.c.definition)
        async with self._engine.connect() as connection:
            rows = (await connection.execute(wanted)).all()
        found = {r.key: Definition.model_validate(r.definition).family for r in rows}
        return sorted(key for key, family in found.items() if family == target.family)

    async def show(self, migration_id: str, shown: Sequence[tuple[str, Effect]]) -> None:
        """Keep what would become of each; what is known already stays."""
        if not shown:
            return
        rows = [
            {
                "migration_id": migration_id,
                "journey_id": journey_id,
                "effect": effect.model_dump(mode="json"),
                "hash": effect.hash,
                "outcome": Outcome.SHOWN,
                "at": datetime.now(UTC),
            }
            for journey_id, effect in shown
        ]
        async with self._engine.begin() as connection:
            put = upsert(t.migration_result).on_conflict_do_nothing()
            await connection.execute(put, rows)

    async def chosen(
        self, migration_id: str, outcome: Outcome, after: str, limit: int
    ) -> list[Result]:
        """A page of the chosen journeys that stand at an outcome, by id."""
        wanted = (
            select(t.migration_result)
            .where(
                t.migration_result.c.migration_id == migration_id,
                t.migration_result.c.chosen,
                t.migration_result.c.outcome == outcome,
                t.migration_result.c.journey_id > after,
            )
            .order_by(t.migration_result.c.journey_id)
            .limit(limit)
        )
        async with self._engine.connect() as connection:
            return [_result(row) for row in await connection.execute(wanted)]

    async def note(
        self, migration_id: str, journey_id: str, outcome: Outcome, refused: str | None = None
    ) -> None:
        """What came of one journey."""
        done = {"refused": refused} if refused else None
        async with self._engine.begin() as connection:
            await connection.execute(
                update(t.migration_result)
                .where(
                    t.migration_result.c.migration_id == migration_id,
                    t.migration_result.c.journey_id == journey_id,
                )
                .values(outcome=outcome, done=done, at=datetime.now(UTC))
            )

    async def set_state(self, migration_id: str, state: MovingState) -> None:
        """How far the migration is now."""
        async with self._engine.begin() as connection:
            await set_state(connection, migration_id, state)


def _concerned(moving: Moving, family: Sequence[str], after: str, limit: int) -> Select[tuple[str]]:
    number = cast(t.journey.c.pathway_version, t.journey.c.id.type)
    name = t.journey.c.pathway_key + "@" + number
    wanted = (
        select(t.journey.c.id)
        .where(
            t.journey.c.pathway_key.in_(family),
            t.journey.c.closed_at.is_(None),
            t.journey.c.id > after,
            name != f"{moving.key}@{moving.version}",
        )
        .order_by(t.journey.c.id)
        .limit(limit)
    )
    return wanted.where(name.in_(moving.from_versions)) if moving.from_versions else wanted


async def _logs(connection: AsyncConnection, ids: Sequence[str]) -> dict[str, list[Event]]:
    """The whole logs of some journeys, in one reading."""
    wanted = (
        select(t.event)
        .where(t.event.c.journey_id.in_(ids))
        .order_by(t.event.c.journey_id, t.event.c.seq)
    )
    found = dict[str, list[Event]]({i: [] for i in ids})
    for row in await connection.execute(wanted):
        found[row.journey_id].append(read_event(row))
    return found
