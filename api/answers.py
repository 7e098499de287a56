"""Answering a handover, and working with it."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse

from api import handover_bodies as bodies
from api.house import Caller, CallerDep, Key, KeyDep
from api.paging import OPAQUE
from api.submission import given_to, respond, submit
from domain import command as cmd
from domain.refusal import Refused
from domain.rules.access import must_work_with_patients
from domain.unit_change import stand_ins
from domain.view import HandoverView
from store import handovers

router = APIRouter(prefix="/api/v1/handovers/{handover_id}", tags=["handovers"])

HandoverId = Annotated[str, Path(pattern=OPAQUE)]


@router.post("/acknowledge", response_model=HandoverView)
async def acknowledge(
    handover_id: HandoverId,
    caller: CallerDep,
    key: KeyDep,
    body: bodies.AcknowledgeBody | None = None,
) -> JSONResponse:
    """A person at the receiving unit has read it."""
    given = body.model_dump() if body else {}
    return await answer_to(caller, key, cmd.Acknowledge(handover_id=handover_id, **given))


@router.post("/accept", response_model=HandoverView)
async def accept(
    handover_id: HandoverId, body: bodies.AcceptBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Promise to take over: now, at an instant, or on discharge."""
    return await answer_to(caller, key, cmd.Accept(handover_id=handover_id, **body.model_dump()))


@router.post("/decline", response_model=HandoverView)
async def decline(
    handover_id: HandoverId, body: bodies.DeclineBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Send it back with a coded reason, perhaps proposing another unit."""
    if body.proposes:
        caller.catalogue.unit(body.proposes, "proposes")
    return await answer_to(caller, key, cmd.Decline(handover_id=handover_id, **body.model_dump()))


@router.post("/redirect", response_model=HandoverView)
async def redirect(
    handover_id: HandoverId, body: bodies.RedirectBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Pass it on inside the organisation; the due time does not move later."""
    to = caller.catalogue.unit(body.to, "to")
    command = cmd.Redirect(
        handover_id=handover_id,
        to=to,
        reason=body.reason,
        stand_ins=stand_ins(to, caller.catalogue.units),
    )
    return await answer_to(caller, key, command)


@router.post("/ask", response_model=HandoverView)
async def ask(
    handover_id: HandoverId, body: bodies.AskBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Ask the sender; the receiver's clock stands still until the answer."""
    return await answer_to(caller, key, cmd.Ask(handover_id=handover_id, question=body.question))


@router.post("/answer", response_model=HandoverView)
async def answer(
    handover_id: HandoverId, body: bodies.AnswerBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Answer the receiver's question."""
    return await answer_to(caller, key, cmd.Answer(handover_id=handover_id, answer=body.answer))


@router.post("/propose", response_model=HandoverView)
async def propose(
    handover_id: HandoverId, body: bodies.ProposeBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Offer to take over on other terms; the sender's clock runs until it answers."""
    command = cmd.Propose(handover_id=handover_id, takes_over=body.takes_over, text=body.text)
    return await answer_to(caller, key, command)


@router.post("/take-proposal", response_model=HandoverView)
async def take_proposal(handover_id: HandoverId, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """Say yes to the receiver's terms: the handover is accepted on them."""
    return await answer_to(caller, key, cmd.TakeProposal(handover_id=handover_id))


@router.post("/refuse-proposal", response_model=HandoverView)
async def refuse_proposal(
    handover_id: HandoverId, body: bodies.ReasonBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Say no to the receiver's terms: its own clock goes on."""
    command = cmd.RefuseProposal(handover_id=handover_id, reason=body.reason)
    return await answer_to(caller, key, command)


@router.post("/withdraw", response_model=HandoverView)
async def withdraw(
    handover_id: HandoverId, body: bodies.WithdrawBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Take it back; at any state when the receiver or the patient was wrong."""
    command = cmd.Withdraw(handover_id=handover_id, reason=body.reason, text=body.text)
    return await answer_to(caller, key, command)


@router.post("/request-cancellation", response_model=HandoverView)
async def request_cancellation(
    handover_id: HandoverId, body: bodies.ReasonBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Ask the receiver to let an accepted handover go."""
    command = cmd.RequestCancellation(handover_id=handover_id, reason=body.reason)
    return await answer_to(caller, key, command)


@router.post("/answer-cancellation", response_model=HandoverView)
async def answer_cancellation(
    handover_id: HandoverId,
    body: bodies.AnswerCancellationBody,
    caller: CallerDep,
    key: KeyDep,
) -> JSONResponse:
    """Let it go, or hold on to what was agreed."""
    command = cmd.AnswerCancellation(
        handover_id=handover_id, agree=body.agree, text=body.text, call=body.call
    )
    return await answer_to(caller, key, command)


@router.post("/dispute", response_model=HandoverView)
async def dispute(
    handover_id: HandoverId, body: bodies.ReasonBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Not our responsibility; or, to a no: yes it is. Named functions of both sides are told."""
    return await answer_to(caller, key, cmd.Dispute(handover_id=handover_id, reason=body.reason))


@router.post("/assign", response_model=HandoverView)
async def assign(
    handover_id: HandoverId, body: bodies.AssignBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Who at the receiving unit sees to it; the unit still answers."""
    return await answer_to(caller, key, cmd.Assign(handover_id=handover_id, to=body.to))


@router.post("/release", response_model=HandoverView)
async def release(handover_id: HandoverId, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """Nobody in particular sees to it any more."""
    return await answer_to(caller, key, cmd.Release(handover_id=handover_id))


@router.post("/first-contact", response_model=HandoverView)
async def report_first_contact(
    handover_id: HandoverId, body: bodies.FirstContactBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """When the new holder first met or spoke to the patient."""
    command = cmd.ReportFirstContact(handover_id=handover_id, at=body.at, call=body.call)
    return await answer_to(caller, key, command)


@router.post("/complete", response_model=HandoverView)
async def complete(
    handover_id: HandoverId, body: bodies.CompleteHandoverBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """What was asked for is done; the sender gets the outcome."""
    command = cmd.CompleteHandover(handover_id=handover_id, **body.model_dump())
    return await answer_to(caller, key, command)


@router.post("/call", response_model=HandoverView)
async def record_call(
    handover_id: HandoverId, body: bodies.CallBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """A call to a unit without a system; *no answer* is an outcome too."""
    command = cmd.RecordCall(
        handover_id=handover_id, outcome=body.outcome, at=body.at, note=body.note
    )
    return await answer_to(caller, key, command)


@router.post("/confirm", response_model=HandoverView)
async def confirm(handover_id: HandoverId, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """Confirm an answer that was entered late: the receiver, or a second person.

    A no is out of the receiver's sight already; who gave it may confirm it all the same.
    """
    command = cmd.ConfirmAnswer(handover_id=handover_id)
    must_work_with_patients(caller.actor)
    async with caller.patients() as connection:
        journey_id = await handovers.journey_of_no(connection, handover_id)
    if journey_id is not None:
        return await submit(caller, key, journey_id, command)
    return await answer_to(caller, key, command)


@router.post("/change-estimate", response_model=HandoverView)
async def change_estimate(
    handover_id: HandoverId, body: bodies.EstimateBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """The discharge is expected at another time."""
    command = cmd.ChangeEstimate(
        handover_id=handover_id, estimated_at=body.estimated_at, reason=body.reason
    )
    return await answer_to(caller, key, command)


@router.post("/resume", response_model=HandoverView)
async def resume(
    handover_id: HandoverId, body: bodies.ResumeBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Let a handover that was on hold go on, perhaps with a new estimate."""
    command = cmd.Resume(handover_id=handover_id, estimated_at=body.estimated_at)
    return await answer_to(caller, key, command)


async def answer_to(caller: Caller, key: Key, command: cmd.HandoverCommand) -> JSONResponse:
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
