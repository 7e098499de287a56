"""Handovers: read one, and answer it."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse

from api.bodies import (
    AcceptBody,
    AnswerBody,
    AskBody,
    DeclineBody,
    FirstContactBody,
    RedirectBody,
    WithdrawBody,
)
from api.house import Caller, CallerDep, Key, KeyDep, etag
from api.paging import OPAQUE
from api.submission import given_to, respond, submit
from domain import command as cmd
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


class WholeHandover(HandoverView):
    """A handover with its patient, content, thread, both sides' contacts, and who was told."""

    patient: dict[str, str]
    content: dict[str, Any]
    thread: tuple[dict[str, str], ...]
    sender: dict[str, Any]
    receiver: dict[str, Any]
    told: tuple[Told, ...]


@router.get("/{handover_id}", response_model=WholeHandover)
async def read(handover_id: HandoverId, caller: CallerDep) -> JSONResponse:
    """A whole handover; the reading is logged."""
    async with caller.patients() as connection:
        found = await handovers.find(connection, handover_id, caller.sight.patients)
        if found is None or not caller.sight.covers(found.handover):
            raise Refused("handover_unknown")
        line = found.known.summary
        view = handover_view(found.known, found.handover, caller.actor.unit)
        whole = view.model_dump(mode="json") | {
            "patient": await journeys.patient(connection, line.id),
            "content": found.content,
            "thread": [_message(m) for m in await handovers.thread(connection, handover_id)],
            "sender": _contacts(caller.catalogue.units.get(found.handover.from_unit)),
            "receiver": _contacts(caller.catalogue.units.get(found.handover.to_unit)),
            "told": [_told(n) for n in await handovers.told(connection, line.id, handover_id)],
        }
        await caller.note_reading(connection, line.id, line.patient_id, "handover")
    return JSONResponse(whole, headers={"ETag": etag(found.known.seq)})


@router.post("/{handover_id}/acknowledge", response_model=HandoverView)
async def acknowledge(handover_id: HandoverId, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """A person at the receiving unit has read it."""
    return await _submit(caller, key, cmd.Acknowledge(handover_id=handover_id))


@router.post("/{handover_id}/accept", response_model=HandoverView)
async def accept(
    handover_id: HandoverId, body: AcceptBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Promise to take over: now, at an instant, or on discharge."""
    return await _submit(
        caller, key, cmd.Accept(handover_id=handover_id, takes_over=body.takes_over)
    )


@router.post("/{handover_id}/decline", response_model=HandoverView)
async def decline(
    handover_id: HandoverId, body: DeclineBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Send it back with a coded reason, perhaps proposing another unit."""
    if body.proposes:
        caller.catalogue.unit(body.proposes, "proposes")
    return await _submit(caller, key, cmd.Decline(handover_id=handover_id, **body.model_dump()))


@router.post("/{handover_id}/redirect", response_model=HandoverView)
async def redirect(
    handover_id: HandoverId, body: RedirectBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Pass it on inside the organisation; the due time does not move later."""
    to = caller.catalogue.unit(body.to, "to")
    command = cmd.Redirect(handover_id=handover_id, to=to, reason=body.reason)
    return await _submit(caller, key, command)


@router.post("/{handover_id}/ask", response_model=HandoverView)
async def ask(
    handover_id: HandoverId, body: AskBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Ask the sender; the receiver's clock stands still until the answer."""
    return await _submit(caller, key, cmd.Ask(handover_id=handover_id, question=body.question))


@router.post("/{handover_id}/answer", response_model=HandoverView)
async def answer(
    handover_id: HandoverId, body: AnswerBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Answer the receiver's question."""
    return await _submit(caller, key, cmd.Answer(handover_id=handover_id, answer=body.answer))


@router.post("/{handover_id}/withdraw", response_model=HandoverView)
async def withdraw(
    handover_id: HandoverId, body: WithdrawBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Take it back before the take-over."""
    return await _submit(caller, key, cmd.Withdraw(handover_id=handover_id, **body.model_dump()))


@router.post("/{handover_id}/first-contact", response_model=HandoverView)
async def report_first_contact(
    handover_id: HandoverId, body: FirstContactBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """When the new holder first met or spoke to the patient."""
    command = cmd.ReportFirstContact(handover_id=handover_id, at=body.at)
    return await _submit(caller, key, command)


async def _submit(caller: Caller, key: Key, command: cmd.HandoverCommand) -> JSONResponse:
    """Only who may see a handover learns that it exists; a repeated call gets its answer."""
    async with caller.patients() as connection:
        journey_id = await handovers.journey_of(
            connection, command.handover_id, caller.sight.patients
        )
    if journey_id is not None:
        return await submit(caller, key, journey_id, command)
    earlier = await given_to(caller, key.value, key.body_hash)
    if earlier is None:
        raise Refused("handover_unknown")
    return respond(earlier)


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
    }
