"""The manager's board: which promises are broken now, by whom, since when, who was told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, literal_column, or_, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import LateralFromClause

from store import tables as t

COLUMNS = {
    "unit": t.clock.c.owner,
    "pathway": t.journey.c.pathway_key,
    "step": t.clock.c.kind,
}
Cursor = tuple[datetime, str, str]


async def page(
    connection: AsyncConnection,
    units: Sequence[str],
    now: datetime,
    *,
    after: Cursor | None,
    limit: int,
) -> list[Row[Any]]:
    """Broken promises that the units owe or wait for, latest due last, with who was told."""
    last, tellings = _last(), _tellings()
    wanted = (
        select(
            t.clock,
            t.journey.c.pathway_key,
            t.journey.c.pathway_version,
            t.unit.c.name.label("owner_name"),
            last.c.fired_at,
            last.c.rung,
            last.c.told,
            last.c.outcome,
            tellings.c.tellings,
        )
        .select_from(t.clock)
        .join(t.journey, t.journey.c.id == t.clock.c.journey_id)
        .outerjoin(t.unit, t.unit.c.hsa_id == t.clock.c.owner)
        .outerjoin(last, literal_column("true"))
        .outerjoin(tellings, literal_column("true"))
        .where(_late(units, now))
        .order_by(t.clock.c.due_at, t.clock.c.journey_id, t.clock.c.id)
        .limit(limit)
    )
    if after:
        key = tuple_(t.clock.c.due_at, t.clock.c.journey_id, t.clock.c.id)
        wanted = wanted.where(key > after)
    return list(await connection.execute(wanted))


async def groups(
    connection: AsyncConnection, units: Sequence[str], now: datetime, by: Sequence[str]
) -> list[dict[str, Any]]:
    """How many are late and since when, per combination of unit, pathway and step."""
    columns = [COLUMNS[name].label(name) for name in by]
    wanted = (
        select(*columns, func.count().label("count"), func.min(t.clock.c.due_at).label("since"))
        .select_from(t.clock)
        .join(t.journey, t.journey.c.id == t.clock.c.journey_id)
        .where(_late(units, now))
        .group_by(*columns)
        .order_by(func.count().desc(), *columns)
    )
    return [dict(row._mapping) for row in await connection.execute(wanted)]


def _late(units: Sequence[str], now: datetime) -> Any:
    mine = or_(t.clock.c.owner.in_(units), t.clock.c.counterpart.in_(units))
    return t.clock.c.owed & (t.clock.c.due_at <= now) & mine


def _of_the_clock(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .where(t.firing.c.journey_id == t.clock.c.journey_id)
        .where(t.firing.c.clock_id == t.clock.c.id)
    )


def _last() -> LateralFromClause:
    """The rung that fired last."""
    columns = (t.firing.c.fired_at, t.firing.c.rung, t.firing.c.told, t.firing.c.outcome)
    return _of_the_clock(*columns).order_by(t.firing.c.seq.desc()).limit(1).lateral("last")


def _tellings() -> LateralFromClause:
    """Every rung that has fired, in order, with who was told."""
    telling = func.jsonb_build_object(
        *("at", t.firing.c.fired_at, "rung", t.firing.c.rung),
        *("outcome", t.firing.c.outcome, "told", t.firing.c.told),
    )
    everyone = func.jsonb_agg(aggregate_order_by(telling, t.firing.c.seq)).label("tellings")
    return _of_the_clock(everyone).lateral("everyone")
