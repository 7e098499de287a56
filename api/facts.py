"""Facts about the patient: one call each, for every open journey of the patient."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse

from api import fact_bodies as bodies
from api import relay
from api.house import Caller, CallerDep, Key, KeyDep
from api.paging import OPAQUE
from api.starting import protection_of
from api.stay_bodies import AdmissionBody
from api.submission import submit_to
from domain import command as cmd
from domain.patient import identify
from domain.view import JourneyView

router = APIRouter(prefix="/api/v1/journeys/{journey_id}", tags=["facts"])

JourneyId = Annotated[str, Path(pattern=OPAQUE)]


@router.post("/facts/left", response_model=JourneyView)
async def left(
    journey_id: JourneyId, body: bodies.DepartureBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """The patient has left the unit; a part that nobody has taken over raises an alarm."""
    command = cmd.RecordDeparture(at=body.at, to=body.to, safety_net=body.safety_net)
    return await submit_to(caller, key, journey_id, command)


@router.post("/facts/safety-net", response_model=JourneyView)
async def safety_net(
    journey_id: JourneyId, body: bodies.SafetyNetBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Who calls the patient who has left, and when."""
    command = cmd.RecordSafetyNet(safety_net=body.safety_net)
    return await submit_to(caller, key, journey_id, command)


@router.post("/facts/safety-call", response_model=JourneyView)
async def safety_call(
    journey_id: JourneyId, body: bodies.SafetyCallBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """The call to the patient who has left: how it went."""
    command = cmd.RecordSafetyCall(at=body.at, outcome=body.outcome, next_call_at=body.next_call_at)
    return await submit_to(caller, key, journey_id, command)


@router.post("/facts/admitted", response_model=JourneyView)
async def admitted(
    journey_id: JourneyId, body: AdmissionBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """The patient is in hospital: open handovers wait; a need that is judged owes a notice."""
    command = cmd.RecordAdmission(at=body.at, form=body.form, efforts=body.efforts)
    return await _everywhere(caller, key, journey_id, command)


@router.post("/facts/ready", response_model=JourneyView)
async def ready(
    journey_id: JourneyId, body: bodies.ReadyBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Ready for discharge: each waiting handover is resumed, changed or withdrawn."""
    return await _everywhere(caller, key, journey_id, cmd.RecordReady(**body.model_dump()))


@router.post("/facts/deceased", response_model=JourneyView)
async def deceased(
    journey_id: JourneyId, body: bodies.AtBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """The patient has died: every clock and notice falls silent at once."""
    return await _everywhere(caller, key, journey_id, cmd.RecordDeath(at=body.at))


@router.post("/facts/undo-death", response_model=JourneyView)
async def undo_death(
    journey_id: JourneyId, body: bodies.UndoBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """The death was recorded by mistake: everything runs again."""
    return await _everywhere(caller, key, journey_id, cmd.UndoDeath(reason=body.reason))


@router.post("/closing", response_model=JourneyView)
async def confirm_closing(
    journey_id: JourneyId, body: bodies.ClosingBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """What remained after a death has been seen to; the journey closes."""
    command = cmd.ConfirmClosing(done=body.done, note=body.note)
    return await submit_to(caller, key, journey_id, command)


@router.post("/facts/moved", response_model=JourneyView)
async def moved(
    journey_id: JourneyId, body: bodies.MoveBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Another municipality: who holds goes on until a unit there has taken over."""
    command = cmd.RecordMove(at=body.at, municipality=body.municipality)
    return await _everywhere(caller, key, journey_id, command)


@router.post("/facts/protected-changed", response_model=JourneyView)
async def protected_changed(
    journey_id: JourneyId, body: bodies.ProtectionBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Protected personal data: masked from now on, the past included."""
    command = cmd.ChangeProtection(at=body.at, protection=body.protection)
    return await _everywhere(caller, key, journey_id, command)


@router.post("/facts/identified", response_model=JourneyView)
async def identified(
    journey_id: JourneyId, body: bodies.IdentityBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """From a reserve number to a personal identity number."""
    patient = identify(body.patient.number, body.patient.name)
    patient_id = str(caller.house.ids.uuid("patient", patient.system, patient.value))
    command = cmd.Identify(
        patient_id=patient_id,
        patient=patient,
        protection=await protection_of(caller, patient_id),
        overlap_reason=body.overlap_reason,
    )
    return await _everywhere(caller, key, journey_id, command)


@router.post("/facts/guardians", response_model=JourneyView)
async def guardians(
    journey_id: JourneyId, body: bodies.GuardiansBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """The guardians of a child, by order and never by name, and what each has said."""
    return await submit_to(caller, key, journey_id, cmd.RecordGuardians(guardians=body.guardians))


async def _everywhere(
    caller: Caller, key: Key, journey_id: str, command: cmd.FactCommand
) -> JSONResponse:
    """Here first: that answer is the caller's. Then the patient's other open journeys hear it."""
    others = await relay.others(caller, journey_id)
    response = await submit_to(caller, key, journey_id, command)
    await relay.tell(caller, key, others, command)
    return response
