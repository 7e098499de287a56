"""Units with their contact routes, pathways to choose from, and a unit's inbox."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path

from api import mask
from api.house import Caller, CallerDep
from api.paging import CursorQuery, LimitQuery, cursor, place
from domain.calendar import STOCKHOLM
from domain.refusal import Refused
from domain.unit import Unit
from domain.value import Value
from domain.view import HandoverView, handover_view
from store import handovers, journeys

router = APIRouter(prefix="/api/v1", tags=["units"])

UnitId = Annotated[str, Path(max_length=31)]


class InboxItem(HandoverView):
    """A handover in the inbox, with its patient and what is asked for."""

    patient: dict[str, str]
    reason: str
    requested: str


class Inbox(Value):
    """A page of the handovers sent to a unit, newest first."""

    items: tuple[InboxItem, ...]
    next: str | None


class Message(Value):
    """Something that a function at the unit was told."""

    at: str
    kind: str
    function: str
    subject: str


@router.get("/units")
async def list_units(caller: CallerDep, kind: str | None = None) -> list[Unit]:
    """Units with kind, organisation and contact routes."""
    units = caller.catalogue.units.values()
    return [mask.unit(caller, u) for u in units if kind is None or u.kind == kind]


@router.get("/units/{hsa_id}")
async def read_unit(hsa_id: UnitId, caller: CallerDep) -> Unit:
    """One unit."""
    unit = caller.catalogue.units.get(hsa_id)
    if unit is None:
        raise Refused("page_unknown")
    return mask.unit(caller, unit)


@router.get("/units/{hsa_id}/inbox")
async def inbox(
    hsa_id: UnitId,
    caller: CallerDep,
    open: bool = True,
    limit: LimitQuery = 50,
    next: CursorQuery = None,
) -> Inbox:
    """The handovers sent to the caller's unit; each reading is logged."""
    if hsa_id not in caller.sight.patients:
        raise Refused("not_your_unit")
    before = place(next, 2)
    async with caller.patients() as connection:
        found = await handovers.inbox(
            connection,
            hsa_id,
            open_only=open,
            before=(before[0], before[1][0]) if before else None,
            limit=limit,
        )
        people = await journeys.patients(connection, [f.known.summary.id for f in found])
        for item in found:
            line = item.known.summary
            await caller.note_reading(connection, line.id, line.patient_id, "inbox")
    items = tuple(_item(caller, f, people[f.known.summary.id]) for f in found)
    last = found[-1].handover if len(found) == limit else None
    return Inbox(items=items, next=cursor(last.sent_at or last.began_at, last.id) if last else None)


@router.get("/units/{hsa_id}/calls")
async def calls(hsa_id: UnitId, caller: CallerDep, limit: LimitQuery = 50) -> list[InboxItem]:
    """Handovers to units without a system that the caller's unit is to call about."""
    if hsa_id not in caller.sight.patients:
        raise Refused("not_your_unit")
    async with caller.patients() as connection:
        found = await handovers.calls(connection, caller.sight.patients, limit)
        people = await journeys.patients(connection, [f.known.summary.id for f in found])
        for item in found:
            line = item.known.summary
            await caller.note_reading(connection, line.id, line.patient_id, "calls")
    mine = [f for f in found if "call" in _actions(caller, f)]
    return [_item(caller, f, people[f.known.summary.id]) for f in mine]


@router.get("/units/{hsa_id}/messages")
async def messages(hsa_id: UnitId, caller: CallerDep, limit: LimitQuery = 50) -> list[Message]:
    """What the functions at the caller's unit have been told, newest first."""
    if hsa_id not in caller.sight.patients:
        raise Refused("not_your_unit")
    async with caller.patients() as connection:
        rows = await handovers.messages(connection, hsa_id, limit)
    return [
        Message(at=r.at.isoformat(), kind=r.kind, function=r.function, subject=r.subject)
        for r in rows
    ]


@router.get("/pathways")
async def list_pathways(caller: CallerDep) -> list[dict[str, Any]]:
    """The pathway versions by which journeys of the caller's unit may go today."""
    unit, today = caller.catalogue.units[caller.actor.unit], datetime.now(STOCKHOLM).date()
    held = (p.definition for p in caller.catalogue.published if p.holds(unit, today))
    return [{"key": d.key, "version": d.version, "label": d.label.model_dump()} for d in held]


def _actions(caller: Caller, found: handovers.Found) -> tuple[str, ...]:
    return handover_view(found.known, found.handover, caller.seer).available_actions


def _item(caller: Caller, found: handovers.Found, who: journeys.Person) -> InboxItem:
    view = handover_view(found.known, found.handover, caller.seer)
    hidden = not caller.sees(who.protection)
    shown = view.model_dump()
    return InboxItem(
        **(mask.wordless(shown) if hidden else shown),
        patient=mask.person(caller, who),
        reason="" if hidden else found.content.get("reason", ""),
        requested="" if hidden else found.content.get("requested", ""),
    )
