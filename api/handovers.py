"""Handovers: read one, who has opened it, and what a new one could hold."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse

from api import mask
from api.house import CallerDep, etag
from api.paging import OPAQUE
from domain.refusal import Refused
from domain.unit import Unit
from domain.value import Value
from domain.view import HandoverView, handover_view
from store import handovers, journeys

router = APIRouter(prefix="/api/v1/handovers", tags=["handovers"])

HandoverId = Annotated[str, Path(pattern=OPAQUE)]


class Told(Value):
    """One notice: who, about what, by what, and whether it was delivered."""

    at: str
    kind: str
    unit: str
    function: str
    channel: str
    rung: str | None
    delivered_at: str | None
    attempts: int
    error: str | None
    silenced_at: str | None


class WholeHandover(HandoverView):
    """A handover with its patient, content, thread, both sides' contacts, and who was told."""

    patient: dict[str, str]
    content: dict[str, Any]
    thread: tuple[dict[str, str], ...]
    sender: dict[str, Any]
    receiver: dict[str, Any]
    told: tuple[Told, ...]


class Opening(Value):
    """Somebody read something: when, at which unit, by which pseudonym."""

    at: str
    unit: str
    subject: str
    action: str


class OpeningSince(Opening):
    """The same since a handover began; `receiver`: the unit is, or was, one of its receivers."""

    receiver: bool


@router.get("/{handover_id}", response_model=WholeHandover)
async def read(handover_id: HandoverId, caller: CallerDep) -> JSONResponse:
    """A whole handover; the reading is logged. A protected patient is shown by a mask."""
    async with caller.patients() as connection:
        found = await handovers.find(connection, handover_id, caller.sight.patients)
        if found is None or not caller.sight.covers(found.handover):
            raise Refused("handover_unknown")
        line = found.known.summary
        who = await journeys.patient(connection, line.id)
        view = handover_view(found.known, found.handover, caller.seer)
        whole = view.model_dump(mode="json") | {
            "patient": mask.person(caller, who),
            "content": found.content,
            "thread": [_message(m) for m in await handovers.thread(connection, handover_id)],
            "sender": _contacts(caller.catalogue.units.get(found.handover.from_unit)),
            "receiver": _contacts(caller.catalogue.units.get(found.handover.to_unit)),
            "told": [_told(n) for n in await handovers.told(connection, line.id, handover_id)],
        }
        await caller.note_reading(connection, line.id, line.patient_id, "handover")
    shown = mask.handover(caller, who, whole)
    return JSONResponse(shown, headers={"ETag": etag(found.known.seq)})


@router.get("/{handover_id}/openings")
async def openings(handover_id: HandoverId, caller: CallerDep) -> list[OpeningSince]:
    """What others have opened since a handover began: for the sender, when it went wrong.

    Who covers for a receiver, calls for it or has succeeded it reads under a name of its own.
    """
    async with caller.patients() as connection:
        found = await handovers.find(connection, handover_id, caller.sight.patients)
        if found is None or not caller.sight.covers(found.handover):
            raise Refused("handover_unknown")
        handover = found.handover
        if handover.from_unit not in caller.sight.patients:
            raise Refused("not_sender")
        got_it = {handover.to_unit, *handover.earlier_receivers}
        rows = await journeys.openings(connection, found.known.summary.id)
    by_others = (row for row in rows if row.unit != handover.from_unit)
    return [
        OpeningSince(**opening(row).model_dump(), receiver=row.unit in got_it)
        for row in by_others
        if row.at >= handover.began_at
    ]


def opening(row: Any) -> Opening:
    """A line of the access log."""
    return Opening(at=row.at.isoformat(), unit=row.unit, subject=row.subject, action=row.action)


def _message(row: Any) -> dict[str, str]:
    return {"kind": row.kind, "text": row.text, "at": row.at.isoformat()}


def _contacts(unit: Unit | None) -> dict[str, Any]:
    """How to reach a side of the handover (R-012)."""
    if unit is None:
        return {}
    contacts = [c.model_dump(mode="json") for c in unit.contacts]
    return {"hsa_id": unit.hsa_id, "name": unit.name, "contacts": contacts}


def _told(row: Any) -> dict[str, Any]:
    return {
        "at": row.at.isoformat(),
        "kind": row.kind,
        "unit": row.unit,
        "function": row.function,
        "channel": row.channel,
        "rung": row.rung,
        "delivered_at": row.delivered_at.isoformat() if row.delivered_at else None,
        "attempts": row.attempts,
        "error": row.error,
        "silenced_at": row.silenced_at.isoformat() if row.silenced_at else None,
    }
