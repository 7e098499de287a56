"""The manager's board: which promises are broken now, by whom, since when, who was told.

Why a promise is broken is told apart here, since groups and filters need it of all of them:
*we were down* while those who should have kept it have not yet had the time that we took.

1. The rung at due came late through us, or has not come at all though its moment has passed.
2. Nobody has been told on time since.
3. Since they were told, less time has passed than was lost.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import LateralFromClause

from domain.lateness import ON_TIME, OURS
from store import tables as t

COLUMNS = {
    "unit": t.clock.c.owner,
    "pathway": t.journey.c.pathway_key,
    "step": t.clock.c.kind,
}
Because = Literal["nobody_answered", "we_were_down"]
Cursor = tuple[datetime, str, str]


async def page(
    connection: AsyncConnection,
    units: Sequence[str],
    now: datetime,
    *,
    after: Cursor | None,
    limit: int,
    because: Because | None = None,
) -> list[Row[Any]]:
    """Broken promises that the units owe or wait for, latest due last, with who was told."""
    at_due, last, tellings = _at_due(), _last(), _tellings()
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
            _because(at_due, now).label("because"),
            _stands_still(now).label("stands_still"),
        )
        .select_from(t.clock)
        .join(t.journey, t.journey.c.id == t.clock.c.journey_id)
        .outerjoin(t.unit, t.unit.c.hsa_id == t.clock.c.owner)
        .outerjoin(at_due, literal_column("true"))
        .outerjoin(last, literal_column("true"))
        .outerjoin(tellings, literal_column("true"))
        .where(_late(units, now), *_only(because, at_due, now))
        .order_by(t.clock.c.due_at, t.clock.c.journey_id, t.clock.c.id)
        .limit(limit)
    )
    if after:
        key = tuple_(t.clock.c.due_at, t.clock.c.journey_id, t.clock.c.id)
        wanted = wanted.where(key > after)
    return list(await connection.execute(wanted))


async def groups(
    connection: AsyncConnection,
    units: Sequence[str],
    now: datetime,
    by: Sequence[str],
    *,
    because: Because | None = None,
) -> list[dict[str, Any]]:
    """How many are late, how many of them through us, and since when, per combination."""
    columns, at_due = [COLUMNS[name].label(name) for name in by], _at_due()
    ours = func.count().filter(_because(at_due, now) == "we_were_down")
    wanted = (
        select(
            *columns,
            func.count().label("count"),
            ours.label("we_were_down"),
            func.min(t.clock.c.due_at).label("since"),
        )
        .select_from(t.clock)
        .join(t.journey, t.journey.c.id == t.clock.c.journey_id)
        .outerjoin(at_due, literal_column("true"))
        .where(_late(units, now), *_only(because, at_due, now))
        .group_by(*columns)
        .order_by(func.count().desc(), *columns)
    )
    return [dict(row._mapping) for row in await connection.execute(wanted)]


def _late(units: Sequence[str], now: datetime) -> Any:
    mine = or_(t.clock.c.owner.in_(units), t.clock.c.counterpart.in_(units))
    return t.clock.c.owed & (t.clock.c.due_at <= now) & mine


def _only(
    because: Because | None, at_due: LateralFromClause, now: datetime
) -> list[ColumnElement[bool]]:
    return [] if because is None else [_because(at_due, now) == because]


def _because(at_due: LateralFromClause, now: datetime) -> ColumnElement[str]:
    lost = at_due.c.fired_at - at_due.c.due_at
    too_little_time = and_(
        at_due.c.cause.in_(OURS), ~at_due.c.told_since, at_due.c.fired_at + lost > now
    )
    not_told_yet = at_due.c.cause.is_(None) & _stands_still(now)
    return case((too_little_time | not_told_yet, "we_were_down"), else_="nobody_answered")


def _stands_still(now: datetime) -> ColumnElement[bool]:
    """Whether the next telling should have come and has not: right now we are down."""
    running = t.clock.c.body["running_since"].astext.is_not(None)
    return and_(running, t.clock.c.next_at < literal(now - ON_TIME))


def _of_the_clock(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .where(t.firing.c.journey_id == t.clock.c.journey_id)
        .where(t.firing.c.clock_id == t.clock.c.id)
    )


def _at_due() -> LateralFromClause:
    """The first rung at or after due, and whether one after it came on time."""
    later = t.firing.alias("later")
    told_since = (
        select(later.c.seq)
        .where(later.c.journey_id == t.firing.c.journey_id)
        .where(later.c.clock_id == t.firing.c.clock_id)
        .where(later.c.seq > t.firing.c.seq, later.c.cause == "on_time")
        .exists()
    )
    columns = (t.firing.c.due_at, t.firing.c.fired_at, t.firing.c.cause)
    return (
        _of_the_clock(*columns, told_since.label("told_since"))
        .where(t.firing.c.due_at >= t.clock.c.due_at)
        .order_by(t.firing.c.seq)
        .limit(1)
        .lateral("at_due")
    )


def _last() -> LateralFromClause:
    """The rung that fired last."""
    columns = (t.firing.c.fired_at, t.firing.c.rung, t.firing.c.told, t.firing.c.outcome)
    return _of_the_clock(*columns).order_by(t.firing.c.seq.desc()).limit(1).lateral("last")


def _tellings() -> LateralFromClause:
    """Every rung that has fired, in order: when it was due, why it came late, who was told."""
    telling = func.jsonb_build_object(
        *("at", t.firing.c.fired_at, "rung", t.firing.c.rung),
        *("due", t.firing.c.due_at, "cause", t.firing.c.cause),
        *("outcome", t.firing.c.outcome, "told", t.firing.c.told),
    )
    everyone = func.jsonb_agg(aggregate_order_by(telling, t.firing.c.seq)).label("tellings")
    return _of_the_clock(everyone).lateral("everyone")
