"""Working through the pathway: steps, visits, deviations, delays, guidance."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse

from api import bodies
from api.house import CallerDep, KeyDep
from api.paging import OPAQUE
from api.submission import submit_to
from domain import command as cmd
from domain.content import Visit
from domain.value import Labels
from domain.view import JourneyView

router = APIRouter(prefix="/api/v1/journeys/{journey_id}", tags=["steps"])

JourneyId = Annotated[str, Path(pattern=OPAQUE)]
StepKey = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


@router.post("/steps/{step}/complete", response_model=JourneyView)
async def complete(
    journey_id: JourneyId, step: StepKey, body: bodies.CompleteBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Complete an open step with the typed content of its kind; one that waits, with a reason."""
    command = cmd.CompleteStep(
        step=step,
        content=body.content,
        professions=body.professions,
        early_reason=body.early_reason,
    )
    return await submit_to(caller, key, journey_id, command)


@router.post("/steps/{step}/skip", response_model=JourneyView)
async def skip(
    journey_id: JourneyId, step: StepKey, body: bodies.SkipBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Leave an open step out for this patient, with a reason."""
    command = cmd.SkipStep(step=step, reason=body.reason)
    return await submit_to(caller, key, journey_id, command)


@router.post("/steps/{step}/extend", response_model=JourneyView)
async def extend(
    journey_id: JourneyId, step: StepKey, body: bodies.ExtendBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Give an open step more time for this patient, with a reason."""
    command = cmd.ExtendStep(step=step, until=body.until, reason=body.reason, delay=body.delay)
    return await submit_to(caller, key, journey_id, command)


@router.post("/steps/{step}/reopen", response_model=JourneyView)
async def reopen(
    journey_id: JourneyId, step: StepKey, body: bodies.SkipBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Open a step again that was done or skipped in this period, with a reason."""
    command = cmd.ReopenStep(step=step, reason=body.reason)
    return await submit_to(caller, key, journey_id, command)


@router.post("/steps/{step}/guidance", response_model=JourneyView)
async def open_guidance(
    journey_id: JourneyId, step: StepKey, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Somebody opened the guidance of a step; kept for later figures."""
    return await submit_to(caller, key, journey_id, cmd.OpenGuidance(step=step))


@router.post("/steps", response_model=JourneyView)
async def add(
    journey_id: JourneyId, body: bodies.AddStepBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Add an assessment or an intervention for this patient alone, with a reason."""
    command = cmd.AddStep(
        key=body.key,
        kind=body.kind,
        label=Labels(sv=body.label.sv, en=body.label.en),
        part=body.part,
        due=body.due,
        reason=body.reason,
    )
    return await submit_to(caller, key, journey_id, command)


@router.post("/visits", response_model=JourneyView)
async def record_visit(
    journey_id: JourneyId, body: bodies.VisitBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Record a performed visit in an open intervention."""
    visit = Visit.model_validate(body.model_dump(exclude={"step"}))
    command = cmd.RecordVisit(step=body.step, visit=visit)
    return await submit_to(caller, key, journey_id, command)


@router.post("/delays", response_model=JourneyView)
async def record_delay(
    journey_id: JourneyId, body: bodies.DelayBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Say why a step or a handover comes late; nothing need have been declined."""
    command = cmd.RecordDelay(subject=body.subject, delay=body.delay)
    return await submit_to(caller, key, journey_id, command)


@router.post("/waiting/begin", response_model=JourneyView)
async def begin_waiting(
    journey_id: JourneyId, body: bodies.BeginWaitingBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """The patient chose to wait, or has to for medical reasons."""
    command = cmd.BeginWaiting(why=body.why, since=body.since)
    return await submit_to(caller, key, journey_id, command)


@router.post("/waiting/end", response_model=JourneyView)
async def end_waiting(
    journey_id: JourneyId, body: bodies.EndWaitingBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """That waiting is over."""
    return await submit_to(caller, key, journey_id, cmd.EndWaiting(at=body.at))
