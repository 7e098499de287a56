"""What is late now, for the manager of a unit, a branch or the region. No patients here."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.grouping import names
from api.house import CallerDep
from api.paging import CursorQuery, LimitQuery, cursor, place
from domain.value import Value
from store import overdue

router = APIRouter(prefix="/api/v1", tags=["overdue"])


class Late(Value):
    """A broken promise: what, whose, since when, who was told last, and everyone before."""

    journey_id: str
    clock: str
    kind: str
    subject: str
    pathway: str
    owner: str
    owner_name: str | None
    waiting: str
    since: str
    last_told_at: str | None
    last_rung: str | None
    last_outcome: str | None
    told: tuple[dict[str, Any], ...]
    tellings: tuple[dict[str, Any], ...] = ()


class Overdue(Value):
    """Groups with counts, and the list; longest late first."""

    as_of: str
    groups: tuple[dict[str, Any], ...]
    items: tuple[Late, ...]
    next: str | None


@router.get("/overdue")
async def read(
    caller: CallerDep,
    group_by: Annotated[str, Query(max_length=60)] = "unit,pathway,step",
    limit: LimitQuery = 50,
    next: CursorQuery = None,
) -> Overdue:
    """Late promises that the caller's units owe or wait for."""
    now, by = datetime.now(UTC), names(group_by, overdue.COLUMNS)
    after = place(next, 3)
    units = caller.sight.boards
    async with caller.boards() as connection:
        groups = await overdue.groups(connection, units, now, by)
        rows = await overdue.page(
            connection,
            units,
            now,
            after=(after[0], *after[1]) if after else None,  # type: ignore[arg-type]
            limit=limit,
        )
    last = rows[-1] if len(rows) == limit else None
    return Overdue(
        as_of=now.isoformat(),
        groups=tuple(g | {"since": g["since"].isoformat()} for g in groups),
        items=tuple(_late(row) for row in rows),
        next=cursor(last.due_at, last.journey_id, last.id) if last else None,
    )


def _late(row: Any) -> Late:
    return Late(
        journey_id=row.journey_id,
        clock=row.id,
        kind=row.kind,
        subject=row.subject,
        pathway=f"{row.pathway_key}@{row.pathway_version}",
        owner=row.owner,
        owner_name=row.owner_name,
        waiting=row.counterpart,
        since=row.due_at.isoformat(),
        last_told_at=row.fired_at.isoformat() if row.fired_at else None,
        last_rung=row.rung,
        last_outcome=row.outcome,
        told=tuple(row.told or ()),
        tellings=tuple(row.tellings or ()),
    )
