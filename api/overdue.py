"""What is late now, for the manager of a unit, a branch or the region. No patients here.

Late because nobody answered, and late because we were down, are two things: `store/overdue.py`.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.grouping import names
from api.house import CallerDep
from api.paging import CursorQuery, LimitQuery, cursor, place
from domain.clock_view import clock_ref
from domain.lateness import OURS, minutes_lost, whole_minutes
from domain.value import Value
from store import overdue
from store.overdue import Because

router = APIRouter(prefix="/api/v1", tags=["overdue"])


class Late(Value):
    """A broken promise: what, whose, since when and why, who was told last, and everyone before.

    `down_minutes` are those of `late_minutes` in which people had not been told through us. Each
    telling has `due`, the instant `at` which it came, and the `cause` if that was late.
    """

    journey_id: str
    clock: str
    ref: str
    kind: str
    subject: str
    pathway: str
    owner: str
    owner_name: str | None
    waiting: str
    since: str
    because: Because
    late_minutes: int
    down_minutes: int
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
    because: Because | None = None,
    limit: LimitQuery = 50,
    next: CursorQuery = None,
) -> Overdue:
    """Late promises that the caller's units owe or wait for; `because` chooses by reason."""
    now, by = datetime.now(UTC), names(group_by, overdue.COLUMNS)
    after = place(next, 3)
    units = caller.sight.boards
    async with caller.boards() as connection:
        groups = await overdue.groups(connection, units, now, by, because=because)
        rows = await overdue.page(
            connection,
            units,
            now,
            after=(after[0], *after[1]) if after else None,  # type: ignore[arg-type]
            limit=limit,
            because=because,
        )
    last = rows[-1] if len(rows) == limit else None
    return Overdue(
        as_of=now.isoformat(),
        groups=tuple(g | {"since": g["since"].isoformat()} for g in groups),
        items=tuple(_late(row, now) for row in rows),
        next=cursor(last.due_at, last.journey_id, last.id) if last else None,
    )


def _late(row: Any, now: datetime) -> Late:
    return Late(
        journey_id=row.journey_id,
        clock=row.id,
        ref=clock_ref(row.journey_id, row.id),
        kind=row.kind,
        subject=row.subject,
        pathway=f"{row.pathway_key}@{row.pathway_version}",
        owner=row.owner,
        owner_name=row.owner_name,
        waiting=row.counterpart,
        since=row.due_at.isoformat(),
        because=row.because,
        late_minutes=whole_minutes(now - row.due_at),
        down_minutes=minutes_lost(row.due_at, now, _missed(row, now)),
        last_told_at=row.fired_at.isoformat() if row.fired_at else None,
        last_rung=row.rung,
        last_outcome=row.outcome,
        told=tuple(row.told or ()),
        tellings=tuple(row.tellings or ()),
    )


def _missed(row: Any, now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """From when to when a telling was missing through us; until now when it still is."""
    for told in row.tellings or ():
        if told["cause"] in OURS:
            yield datetime.fromisoformat(told["due"]), datetime.fromisoformat(told["at"])
    if row.stands_still:
        yield row.next_at, now
