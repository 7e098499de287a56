"""Who waits at an instant: for what, on which unit, since when in all, and why just then."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, func, literal_column, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from store import tables as t

# Where a patient with protected identity lives is told by nobody; a literal, since PostgreSQL
# groups by an expression only when it is the same to the letter.
_NONE: ColumnElement[str] = literal_column("'none'")
_of_patient = (
    select(t.patient.c.protection)
    .where(t.patient.c.id == t.journey.c.patient_id)
    .correlate(t.journey)
    .scalar_subquery()
)
_open_about_it = (t.journey.c.protection == _NONE) & (_of_patient == _NONE)
_municipality = case((_open_about_it, t.journey.c.municipality)).label("municipality")
COLUMNS = {
    "kind": t.wait.c.kind,
    "why": t.wait.c.why,
    "unit": t.wait.c.unit,
    "pathway": t.journey.c.pathway_key,
    "municipality": _municipality,
}
# Within a journey nothing is waited for twice at the same instant.
ORDER = (t.wait.c.since, t.wait.c.journey_id, t.wait.c.kind, t.wait.c.subject)
Cursor = tuple[datetime, str, str, str]


async def page(
    connection: AsyncConnection,
    units: Sequence[str],
    as_of: datetime,
    *,
    kind: str | None = None,
    after: Cursor | None,
    limit: int,
) -> list[Row[Any]]:
    """What was waited for at `as_of` by or on the units, longest waiting first."""
    columns = (
        t.wait,
        t.journey.c.pathway_key,
        t.journey.c.pathway_version,
        _municipality,
        t.unit.c.name.label("unit_name"),
        t.unit.c.kind.label("unit_kind"),
    )
    wanted = _open(columns, units, as_of, kind).order_by(*ORDER).limit(limit)
    if after:
        wanted = wanted.where(tuple_(*ORDER) > after)
    return list(await connection.execute(wanted))


async def groups(
    connection: AsyncConnection,
    units: Sequence[str],
    as_of: datetime,
    by: Sequence[str],
    kind: str | None = None,
) -> list[dict[str, Any]]:
    """How many waited at `as_of`, and since when the longest, per combination of columns."""
    columns = [COLUMNS[name].label(name) for name in by]
    figures = (func.count().label("count"), func.min(t.wait.c.since).label("since"))
    wanted = (
        _open((*columns, *figures), units, as_of, kind)
        .group_by(*columns)
        .order_by(func.count().desc(), *columns)
    )
    return [dict(row._mapping) for row in await connection.execute(wanted)]


def _open(
    columns: Sequence[Any], units: Sequence[str], as_of: datetime, kind: str | None
) -> Select[Any]:
    until = or_(t.wait.c.until_at.is_(None), t.wait.c.until_at > as_of)
    wanted = (
        select(*columns)
        .select_from(t.wait)
        .join(t.journey, t.journey.c.id == t.wait.c.journey_id)
        .outerjoin(t.handover, t.handover.c.id == t.wait.c.subject)
        .outerjoin(t.unit, t.unit.c.hsa_id == t.wait.c.unit)
        .where(t.wait.c.from_at <= as_of, until, _mine(units))
    )
    return wanted if kind is None else wanted.where(t.wait.c.kind == kind)


def _mine(units: Sequence[str]) -> Any:
    """The unit that is waited on, both sides of the handover, and who coordinates."""
    sides = (t.wait.c.unit, t.handover.c.from_unit, t.handover.c.to_unit, t.journey.c.coordinator)
    return or_(*(side.in_(units) for side in sides))
