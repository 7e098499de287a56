"""Who waits, for what and why, now or at any past instant; for managers. No patients here."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.grouping import GroupQuery, names
from api.house import CallerDep
from api.paging import CursorQuery, LimitQuery, cursor, place
from domain.refusal import FieldProblem, Refused
from domain.value import Instant, Labels, Value
from domain.waiting import WaitKind
from domain.waiting_words import KINDS, WHYS
from store import waiting

router = APIRouter(prefix="/api/v1", tags=["waiting"])

HOUR = timedelta(hours=1)
AsOf = Annotated[Instant | None, Query(description="A past instant with offset; without it, now.")]


class Waiting(Value):
    """Somebody waits: for what, on which unit, since when in all, and for this reason since when.

    `waited_hours` are whole hours from `since` to `as_of`. `municipality` is the journey's today,
    and is left out of a patient with protected identity.
    """

    journey_id: str
    kind: WaitKind
    subject: str
    unit: str
    unit_name: str | None
    unit_kind: str | None
    pathway: str
    municipality: str | None
    why: str
    since: str
    why_since: str
    waited_hours: int


class Words(Value):
    """What the codes mean, in Swedish and English."""

    kind: Mapping[str, Labels] = KINDS
    why: Mapping[str, Labels] = WHYS


class WaitingBoard(Value):
    """Groups with counts, and the list; longest waiting first."""

    as_of: str
    groups: tuple[dict[str, Any], ...]
    items: tuple[Waiting, ...]
    next: str | None
    words: Words = Words()


def _described() -> str:
    """What every code means, from the same words as the answers."""
    return "\n".join(
        [
            "Who waits by or on the caller's units, as it was known at `as_of`: on an answer to a",
            "handover, on the first contact after a take-over, on the first intervention after an",
            "assessed need. The pages that `next` names are of the same instant as the first.",
            *("", "| `kind` | svenska | English |", "|---|---|---|", *_rows(KINDS)),
            *("", "| `why` | svenska | English |", "|---|---|---|", *_rows(WHYS)),
        ]
    )


def _rows(words: Mapping[str, Labels]) -> Iterable[str]:
    return (f"| `{code}` | {said.sv} | {said.en} |" for code, said in words.items())


@router.get("/waiting", description=_described())
async def read(
    caller: CallerDep,
    as_of: AsOf = None,
    group_by: GroupQuery = "unit,kind,why",
    kind: WaitKind | None = None,
    limit: LimitQuery = 50,
    next: CursorQuery = None,
) -> WaitingBoard:
    """Who waits, counted and one by one.

    Raises `Refused`: instant_in_future, cursor_invalid, request_invalid.
    """
    by = names(group_by, waiting.COLUMNS)
    at, after = _place(as_of, next, datetime.now(UTC))
    units = caller.sight.boards
    async with caller.boards() as connection:
        groups = await waiting.groups(connection, units, at, by, kind)
        rows = await waiting.page(connection, units, at, kind=kind, after=after, limit=limit)
    return WaitingBoard(
        as_of=at.isoformat(),
        groups=tuple(g | {"since": g["since"].isoformat()} for g in groups),
        items=tuple(_waiting(row, at) for row in rows),
        next=_next(at, rows[-1]) if len(rows) == limit else None,
    )


def _place(
    as_of: datetime | None, given: str | None, now: datetime
) -> tuple[datetime, waiting.Cursor | None]:
    """The instant that is asked about, and where its list goes on; a cursor keeps its instant."""
    found = place(given, 5)
    at = as_of or (found[0] if found else now)
    if at > now:
        raise Refused("instant_in_future", FieldProblem(field="as_of", rule="in_future"))
    if found is None:
        return at, None
    _, (since, journey, kind, subject) = found
    try:
        after = (datetime.fromisoformat(since), journey, kind, subject)
    except ValueError:
        raise Refused("cursor_invalid") from None
    if found[0] != at or after[0].tzinfo is None:
        raise Refused("cursor_invalid")
    return at, after


def _next(at: datetime, last: Any) -> str:
    return cursor(at, last.since.isoformat(), last.journey_id, last.kind, last.subject)


def _waiting(row: Any, at: datetime) -> Waiting:
    return Waiting(
        journey_id=row.journey_id,
        kind=row.kind,
        subject=row.subject,
        unit=row.unit,
        unit_name=row.unit_name,
        unit_kind=row.unit_kind,
        pathway=f"{row.pathway_key}@{row.pathway_version}",
        municipality=row.municipality,
        why=row.why,
        since=row.since.isoformat(),
        why_since=row.from_at.isoformat(),
        waited_hours=max(at - row.since, timedelta()) // HOUR,
    )
