"""Journeys: start one or many, list, read, and work on them."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from api import batch
from api.bodies import (
    BatchBody,
    CloseBody,
    CompleteBody,
    DepartureBody,
    SendBody,
    SkipBody,
    StartBody,
    VisitBody,
)
from api.house import Caller, CallerDep, KeyDep, etag
from api.paging import OPAQUE, AfterQuery, CursorQuery, LimitQuery, cursor, place
from api.starting import refuse_impossible, start_command
from api.submission import answered, respond, submit
from domain import command as cmd
from domain.content import Visit
from domain.refusal import Refused
from domain.value import Value
from domain.view import HandoverView, JourneyView, journey_view
from store import journeys

router = APIRouter(prefix="/api/v1/journeys", tags=["journeys"])

JourneyId = Annotated[str, Path(pattern=OPAQUE)]
StepKey = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


class JourneyLine(Value):
    """A journey in a list."""

    id: str
    pathway: str
    started_by: str
    started_at: str
    period: int
    need: bool | None
    closed_at: str | None
    seq: int


class JourneyPage(Value):
    """A page of journeys, newest first."""

    items: tuple[JourneyLine, ...]
    next: str | None


class WholeJourney(JourneyView):
    """A journey with its patient, what the steps were completed with, and the visits."""

    patient: dict[str, str]
    contents: dict[str, Any]
    recorded_visits: tuple[dict[str, Any], ...]


@router.post("", status_code=201, response_model=JourneyView)
async def start(body: StartBody, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """Start a journey for a patient on the newest valid version of a pathway, or a named one."""
    command = start_command(caller, body, key.value)
    refuse_impossible(key.envelope(caller, command), datetime.now(UTC))
    answer = await answered(caller, key.envelope(caller, command), command.journey_id)
    return respond(answer | {"created": True})


@router.post("/batch", response_model=batch.BatchResult)
async def start_many(body: BatchBody, caller: CallerDep) -> batch.BatchResult:
    """Start many; each item succeeds or is refused alone. `ref` is each item's key."""
    return await batch.start_many(caller, body, datetime.now(UTC))


@router.get("", response_model=JourneyPage)
async def list_journeys(
    caller: CallerDep, limit: LimitQuery = 50, next: CursorQuery = None, open: bool = True
) -> JourneyPage:
    """Journeys that the caller's unit has started or held a part of, newest first."""
    before = place(next, 2)
    async with caller.patients() as connection:
        rows = await journeys.page(
            connection,
            caller.sight.patients,
            before=(before[0], before[1][0]) if before else None,
            limit=limit,
            open_only=open,
        )
    more = cursor(rows[-1].started_at, rows[-1].id) if len(rows) == limit else None
    return JourneyPage(items=tuple(_line(row) for row in rows), next=more)


@router.get("/{journey_id}", response_model=WholeJourney)
async def read(journey_id: JourneyId, caller: CallerDep) -> JSONResponse:
    """A whole journey; the reading is logged."""
    async with caller.patients() as connection:
        known = await journeys.known(connection, journey_id, caller.sight.patients)
        if known is None:
            raise Refused("journey_unknown")
        patient_id = known.summary.patient_id
        mine = tuple(h for h in known.handovers if caller.sight.covers(h))
        known = known.model_copy(update={"handovers": mine})
        view = journey_view(known, caller.actor.unit).model_dump(mode="json")
        view["patient"] = await journeys.patient(connection, journey_id)
        view |= await _records(caller, connection, journey_id)
        await caller.note_reading(connection, journey_id, patient_id, "journey")
    return JSONResponse(view, headers={"ETag": etag(known.seq)})


@router.get("/{journey_id}/events")
async def read_log(
    journey_id: JourneyId, caller: CallerDep, after: AfterQuery = 0, limit: LimitQuery = 100
) -> dict[str, Any]:
    """A stretch of the journey's log; the reading is logged."""
    async with caller.patients() as connection:
        known = await journeys.line(connection, journey_id, caller.sight.patients)
        if known is None:
            raise Refused("journey_unknown")
        if not caller.sight.records:
            raise Refused("record_not_yours")
        rows = await journeys.log(connection, journey_id, after, limit)
        await caller.note_reading(connection, journey_id, known.patient_id, "events")
    items = [_event(row) for row in rows]
    return {"items": items, "next": rows[-1].seq if len(rows) == limit else None}


@router.post("/{journey_id}/steps/{step}/complete", response_model=JourneyView)
async def complete(
    journey_id: JourneyId, step: StepKey, body: CompleteBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Complete an open step with the typed content of its kind."""
    command = cmd.CompleteStep(step=step, content=body.content)
    return await _submit(caller, key, journey_id, command)


@router.post("/{journey_id}/steps/{step}/skip", response_model=JourneyView)
async def skip(
    journey_id: JourneyId, step: StepKey, body: SkipBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Leave an open step out for this patient, with a reason."""
    return await _submit(caller, key, journey_id, cmd.SkipStep(step=step, reason=body.reason))


@router.post("/{journey_id}/visits", response_model=JourneyView)
async def record_visit(
    journey_id: JourneyId, body: VisitBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Record a performed visit in an open intervention."""
    visit = Visit.model_validate(body.model_dump(exclude={"step"}))
    return await _submit(caller, key, journey_id, cmd.RecordVisit(step=body.step, visit=visit))


@router.post("/{journey_id}/facts/left", response_model=JourneyView)
async def record_departure(
    journey_id: JourneyId, body: DepartureBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """The patient has left the unit; a part that nobody has taken over raises an alarm."""
    return await _submit(caller, key, journey_id, cmd.RecordDeparture(at=body.at, to=body.to))


@router.post("/{journey_id}/close", response_model=JourneyView)
async def close(
    journey_id: JourneyId, body: CloseBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Close the journey with a coded reason."""
    return await _submit(caller, key, journey_id, cmd.Close(reason=body.reason))


@router.post("/{journey_id}/handovers", status_code=201, response_model=HandoverView)
async def send(
    journey_id: JourneyId, body: SendBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Send one part to a unit function; until it is taken over, the sender holds on."""
    handover_id = caller.house.ids.uuid("handover", caller.principal, journey_id, key.value)
    command = cmd.Send(
        handover_id=str(handover_id),
        part=body.part,
        purpose=body.purpose,
        step=body.step,
        to=caller.catalogue.unit(body.to, "to"),
        content=body.content,
    )
    return await _submit(caller, key, journey_id, command)


async def _submit(
    caller: Caller, key: KeyDep, journey_id: str, command: cmd.Command
) -> JSONResponse:
    """Only units that are or were part of a journey learn that it exists."""
    async with caller.patients() as connection:
        if await journeys.line(connection, journey_id, caller.sight.patients) is None:
            raise Refused("journey_unknown")
    return await submit(caller, key, journey_id, command)


async def _records(caller: Caller, connection: AsyncConnection, journey_id: str) -> dict[str, Any]:
    """What health care has written: for units of health care."""
    if not caller.sight.records:
        return {"contents": {}, "recorded_visits": []}
    return {
        "contents": await journeys.contents(connection, journey_id),
        "recorded_visits": await journeys.visits(connection, journey_id),
    }


def _line(row: Any) -> JourneyLine:
    return JourneyLine(
        id=row.id,
        pathway=f"{row.pathway_key}@{row.pathway_version}",
        started_by=row.started_by,
        started_at=row.started_at.isoformat(),
        period=row.period,
        need=row.need,
        closed_at=row.closed_at.isoformat() if row.closed_at else None,
        seq=row.seq,
    )


def _event(row: Any) -> dict[str, Any]:
    return {
        "seq": row.seq,
        "type": row.type,
        "effective_at": row.effective_at.isoformat(),
        "decided_at": row.decided_at.isoformat(),
        "recorded_at": row.recorded_at.isoformat(),
        "by": row.actor["unit"] if row.actor else None,
        "what": {k: v for k, v in row.what.items() if k not in HEAVY},
        "hash": row.hash,
    }


HEAVY = ("type", "definition", "calendar", "ladders")
