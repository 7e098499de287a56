"""Units and their changes: read, put under a version, and told to the journeys concerned."""

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, exists, func, insert, or_, select, union, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.unit import Unit
from domain.unit_change import PRINCIPAL, Holds, Telling, UnitChange, telling
from domain.unit_clocks import Affected
from store import catalogue
from store import tables as t

# A change whose workflow has been lost is begun again after so long.
BEGIN_AGAIN_SECONDS = 60.0
NO_CLOCKS = Affected()


class Written(NamedTuple):
    """A change that stands, the hash of the body that it was asked for with, and its clocks."""

    change: UnitChange
    body_hash: str
    clocks: Affected


async def lock(connection: AsyncConnection, hsa_id: str) -> Unit | None:
    """The unit as it stands, held until the transaction ends; None when there is none."""
    return await _unit(connection, hsa_id, lock=True)


async def find(connection: AsyncConnection, hsa_id: str) -> Unit | None:
    """The unit as it stands, newer than any shelf; None when there is none."""
    return await _unit(connection, hsa_id, lock=False)


async def put(
    connection: AsyncConnection, change: UnitChange, body_hash: str, clocks: Affected = NO_CLOCKS
) -> bool:
    """Write the facts and the change; False when the unit is not at the version before."""
    if not await _put_facts(connection, change.facts):
        return False
    row = change.model_dump(mode="json", exclude={"at", "told_at"})
    row |= {"at": change.at, "body_hash": body_hash}
    said = clocks.model_dump(mode="json") if clocks.count else None
    await connection.execute(insert(t.unit_change).values(**row, clocks=said))
    return True


async def written(connection: AsyncConnection, change_id: str) -> Written | None:
    """A change by its id."""
    wanted = select(t.unit_change).where(t.unit_change.c.id == change_id)
    row = (await connection.execute(wanted)).first()
    if row is None:
        return None
    return Written(_change(row), row.body_hash, Affected.model_validate(row.clocks or {}))


async def history(
    connection: AsyncConnection, hsa_id: str, before: int | None, limit: int
) -> list[UnitChange]:
    """The changes of a unit, newest first; the shipped or first facts are in none of them."""
    wanted = (
        select(t.unit_change)
        .where(t.unit_change.c.hsa_id == hsa_id)
        .order_by(t.unit_change.c.version.desc())
        .limit(limit)
    )
    if before is not None:
        wanted = wanted.where(t.unit_change.c.version < before)
    return [_change(row) for row in await connection.execute(wanted)]


async def holds(connection: AsyncConnection, hsa_id: str) -> Holds:
    """How much rests on a unit now; the API must read for that very unit to see its rows."""
    parts = (
        select(func.count())
        .select_from(t.part.join(t.journey, t.journey.c.id == t.part.c.journey_id))
        .where(t.part.c.holder == hsa_id, t.journey.c.closed_at.is_(None))
    )
    handovers = (
        select(func.count())
        .select_from(t.handover)
        .where(t.handover.c.to_unit == hsa_id, t.handover.c.open)
    )
    wanted = select(parts.scalar_subquery(), handovers.scalar_subquery())
    found = (await connection.execute(wanted)).one()
    return Holds(parts=found[0], open_handovers=found[1])


async def journeys(
    connection: AsyncConnection,
    units: Sequence[str],
    *,
    after: str = "",
    limit: int,
    untold_of: str | None = None,
) -> list[str]:
    """A page of the open journeys that units concern, by id; perhaps only those not yet told."""
    wanted = _concerned(units).where(t.journey.c.id > after).order_by(t.journey.c.id).limit(limit)
    if untold_of is not None:
        told = exists().where(
            t.answer.c.principal == PRINCIPAL,
            t.answer.c.key == untold_of,
            t.answer.c.journey_id == t.journey.c.id,
        )
        wanted = wanted.where(~told)
    return list((await connection.execute(wanted)).scalars())


async def count_journeys(connection: AsyncConnection, units: Sequence[str]) -> int:
    """How many open journeys units concern."""
    wanted = select(func.count()).select_from(_concerned(units).subquery())
    return (await connection.execute(wanted)).scalar_one()


class UnitChanges:
    """The changes as the worker needs them: which wait, what they say, that they are told."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._begun = dict[str, float]()

    async def dispatch(self, limit: int, start: Callable[[str], Awaitable[None]]) -> int:
        """Start the telling of up to `limit` changes that are not told; how many there were.

        A change stays untold while its workflow runs, so each is started anew only now and then.
        """
        async with self._engine.connect() as connection:
            waiting = set((await connection.execute(_UNTOLD)).scalars())
        self._begun = {i: at for i, at in self._begun.items() if i in waiting and _recent(at)}
        fresh = sorted(waiting - set(self._begun))[:limit]
        for change_id in fresh:
            await start(change_id)
            self._begun[change_id] = time.monotonic()
        return len(fresh)

    async def telling(self, change_id: str) -> Telling:
        """What a change says. Raises `LookupError` when there is no such change, or no calendar."""
        async with self._engine.connect() as connection:
            found = await written(connection, change_id)
            earlier = await _choices_before(connection, found.change) if found else []
            calendar = await catalogue.newest_calendar(connection)
            known = {u.hsa_id: u for u in await catalogue.units(connection)}
        if found is None or calendar is None:
            raise LookupError(change_id)
        first = tuple(telling(change, known, calendar) for change in earlier)
        return telling(found.change, known, calendar)._replace(earlier=first)

    async def untold(self, telling: Telling, after: str, limit: int) -> list[str]:
        """A page of the open journeys that the change concerns and that are not told yet."""
        async with self._engine.connect() as connection:
            return await journeys(
                connection,
                telling.concerns,
                after=after,
                limit=limit,
                untold_of=telling.change.id,
            )

    async def told(self, change_id: str) -> None:
        """Note that running journeys have been told; twice is once."""
        async with self._engine.begin() as connection:
            await connection.execute(
                update(t.unit_change)
                .where(t.unit_change.c.id == change_id, t.unit_change.c.told_at.is_(None))
                .values(told_at=func.now())
            )


async def _choices_before(connection: AsyncConnection, change: UnitChange) -> list[UnitChange]:
    """Choices to count clocks anew that came before a change and may not have reached everybody."""
    c = t.unit_change.c
    wanted = (
        select(t.unit_change)
        .where(c.hsa_id == change.hsa_id, c.version < change.version)
        .where(c.reproject, c.told_at.is_(None))
        .order_by(c.version)
    )
    return [_change(row) for row in await connection.execute(wanted)]


_UNTOLD = select(t.unit_change.c.id).where(t.unit_change.c.told_at.is_(None))


def _recent(begun_at: float) -> bool:
    return time.monotonic() - begun_at < BEGIN_AGAIN_SECONDS


async def _unit(connection: AsyncConnection, hsa_id: str, *, lock: bool) -> Unit | None:
    wanted = select(t.unit.c.facts, t.unit.c.version).where(t.unit.c.hsa_id == hsa_id)
    row = (await connection.execute(wanted.with_for_update() if lock else wanted)).first()
    return Unit.model_validate(row.facts | {"version": row.version}) if row else None


async def _put_facts(connection: AsyncConnection, unit: Unit) -> bool:
    """The first version is inserted, a later one replaces the one before it and no other."""
    columns = {"name": unit.name, "kind": unit.kind, "facts": unit.model_dump(mode="json")}
    if unit.version == 1:
        row = columns | {"hsa_id": unit.hsa_id, "organisation": unit.organisation, "version": 1}
        begin = upsert(t.unit).values(**row).on_conflict_do_nothing().returning(t.unit.c.hsa_id)
        return (await connection.execute(begin)).first() is not None
    move = (
        update(t.unit)
        .where(t.unit.c.hsa_id == unit.hsa_id, t.unit.c.version == unit.version - 1)
        .values(**columns, version=unit.version)
        .returning(t.unit.c.hsa_id)
    )
    return (await connection.execute(move)).first() is not None


def _change(row: Any) -> UnitChange:
    return UnitChange.model_validate({n: getattr(row, n) for n in UnitChange.model_fields})


def _concerned(units: Sequence[str]) -> Select[Any]:
    """One holds a part, sends or receives an open handover, or owes or awaits a promise."""
    handover, clock = t.handover.c, t.clock.c
    near = union(
        select(t.part.c.journey_id).where(t.part.c.holder.in_(units)),
        select(handover.journey_id).where(
            handover.open, or_(handover.to_unit.in_(units), handover.from_unit.in_(units))
        ),
        select(clock.journey_id).where(
            clock.owed, or_(clock.owner.in_(units), clock.counterpart.in_(units))
        ),
    )
    return select(t.journey.c.id).where(t.journey.c.closed_at.is_(None), t.journey.c.id.in_(near))
