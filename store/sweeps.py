"""What the watchdog asks of PostgreSQL, and what it leaves there."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Interval, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.event import Event
from domain.evolve import fold
from domain.journey import Journey
from domain.sweep import Sweep
from store import tables as t
from store.record import events_after

# Built once: to build a statement costs more than to run it.
_OPEN = t.journey.c.closed_at.is_(None)
_SPAN = func.now() - bindparam("span", type_=Interval)
_FIRST = t.event.alias("first")
_LAST = t.event.alias("last")
# Instants in a journey may be told by callers; when its rows were written, they may not.
_OPEN_JOURNEYS = (
    select(t.journey.c.id)
    .join(_FIRST, (_FIRST.c.journey_id == t.journey.c.id) & (_FIRST.c.seq == 1))
    .where(_OPEN, t.journey.c.id > bindparam("after"), _FIRST.c.recorded_at < _SPAN)
    .order_by(t.journey.c.id)
    .limit(bindparam("most"))
)
_CLOSED = (
    select(t.journey.c.id, (~_OPEN & (_LAST.c.recorded_at < _SPAN)).label("closed"))
    .join(_LAST, (_LAST.c.journey_id == t.journey.c.id) & (_LAST.c.seq == t.journey.c.seq))
    .where(t.journey.c.id.in_(bindparam("ids", expanding=True)))
)
_MOMENT = func.min(t.clock.c.next_at).label("moment")
# Late, but paused by a question: still owed, and nothing more is told meanwhile.
_RUNNING = t.clock.c.owed & t.clock.c.body["running_since"].astext.is_not(None)
_MOMENTS = (
    select(t.clock.c.journey_id, _MOMENT)
    .join(t.journey, t.journey.c.id == t.clock.c.journey_id)
    .where(_OPEN, _RUNNING)
    .group_by(t.clock.c.journey_id)
)
_DUE = (
    _MOMENTS.where(
        t.clock.c.next_at <= bindparam("until"), t.clock.c.journey_id > bindparam("after")
    )
    .order_by(t.clock.c.journey_id)
    .limit(bindparam("most"))
)
_MOMENTS_OF = _MOMENTS.where(t.clock.c.journey_id.in_(bindparam("ids", expanding=True)))
_NOTE = upsert(t.sweep).on_conflict_do_nothing()


class Sweeps:
    """The `Book` of the sweeping activities."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def open_journeys(self, after: str, limit: int, young: timedelta) -> list[str]:
        """A page of open journeys that are no longer young, by id."""
        async with self._engine.connect() as connection:
            values = {"after": after, "most": limit, "span": young}
            return list((await connection.execute(_OPEN_JOURNEYS, values)).scalars())

    async def closed(self, ids: Sequence[str], settled: timedelta) -> dict[str, bool]:
        """For each of these that exists, whether it has been closed for so long."""
        async with self._engine.connect() as connection:
            found = await connection.execute(_CLOSED, {"ids": list(ids), "span": settled})
            return {row.id: row.closed for row in found}

    async def due(self, until: datetime, after: str, limit: int) -> list[str]:
        """A page of open journeys whose next moment falls before an instant, by id."""
        async with self._engine.connect() as connection:
            values = {"until": until, "after": after, "most": limit}
            return list((await connection.execute(_DUE, values)).scalars())

    async def moments(self, ids: Sequence[str]) -> dict[str, datetime]:
        """The next moment of those that are open and have one."""
        async with self._engine.connect() as connection:
            found = await connection.execute(_MOMENTS_OF, {"ids": list(ids)})
            return {row.journey_id: row.moment for row in found}

    async def state(self, journey_id: str) -> Journey | None:
        """The fold of all its events. Raises `ValueError` when one cannot be read."""
        return fold(await self.events_after(journey_id, 0))

    async def events_after(self, journey_id: str, seq: int) -> list[Event]:
        """Its events after a number. Raises `ValueError` when one cannot be read."""
        async with self._engine.connect() as connection:
            return await events_after(connection, journey_id, seq)

    async def note(self, name: str, started_at: datetime, sweep: Sweep) -> None:
        """Keep what was found, once for each name; sweeps of a month ago are forgotten."""
        row = {
            "id": name,
            "started_at": started_at,
            "ended_at": func.clock_timestamp(),
            **sweep.model_dump(mode="json"),
        }
        async with self._engine.begin() as connection:
            await connection.execute(_NOTE.values(**row))
            await connection.execute(text("SELECT handslag_forget_sweeps()"))


class Unkept(NamedTuple):
    """How many promises are due and not acted on, and since when the oldest is."""

    promises: int
    oldest_at: datetime | None


async def unkept(connection: AsyncConnection, grace: timedelta) -> Unkept:
    """Promises of all units whose next moment passed longer ago than `grace`."""
    asked = text("SELECT promises, oldest FROM handslag_promises_not_kept(:grace)")
    found = (await connection.execute(asked, {"grace": grace})).one()
    return Unkept(found.promises, found.oldest)


async def last_sweep(connection: AsyncConnection) -> dict[str, Any] | None:
    """The newest sweep's instants and counts; None when there has been none."""
    found = await connection.execute(text("SELECT * FROM handslag_last_sweep()"))
    row = found.mappings().first()
    return dict(row) if row else None
