"""Journeys: start one or many, list, read, and work on them."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from api import batch, mask, reading
from api.bodies import BatchBody, CloseBody, MergeBody, PeriodBody, PersonAnswerBody, StartBody
from api.handovers import Opening, opening
from api.house import Caller, CallerDep, Key, KeyDep, etag
from api.paging import OPAQUE, AfterQuery, CursorQuery, LimitQuery, cursor, place
from api.starting import refuse_impossible, start_command, started
from api.submission import answered, given_to, respond, submit, submit_to
from domain import command as cmd
from domain.evolve import fold
from domain.refusal import FieldProblem, Refused
from domain.value import Value
from domain.view import JourneyView, journey_view
from store import journeys

router = APIRouter(prefix="/api/v1/journeys", tags=["journeys"])

JourneyId = Annotated[str, Path(pattern=OPAQUE)]


class JourneyLine(Value):
    """A journey in a list."""

    id: str
    pathway: str
    started_by: str
    started_at: str
    period: int
    need: bool | None
    coordinator: str | None
    resting_until: str | None
    deceased_at: str | None
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
    other_journeys: tuple[dict[str, Any], ...]


@router.post("", status_code=201, response_model=JourneyView)
async def start(body: StartBody, caller: CallerDep, key: KeyDep) -> JSONResponse:
    """Start a journey for a patient on the newest valid version of a pathway, or a named one."""
    command = await start_command(caller, body, key.value)
    answer = await started(caller, key.envelope(caller, command), command.journey_id)
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
        who = await journeys.patient(connection, journey_id)
        view = journey_view(mask.protected(known, who), caller.seer).model_dump(mode="json")
        view["patient"] = mask.person(caller, who)
        view |= await _records(caller, connection, journey_id)
        await caller.note_reading(connection, journey_id, known.summary.patient_id, "journey")
    shown = mask.journey(caller, who, view)
    return JSONResponse(shown, headers={"ETag": etag(known.seq)})


@router.get("/{journey_id}/events")
async def read_log(
    journey_id: JourneyId, caller: CallerDep, after: AfterQuery = 0, limit: LimitQuery = 100
) -> dict[str, Any]:
    """A stretch of the journey's log; the reading is logged.

    What a plan says is not told here: `/plans` knows whose it is.
    """
    async with caller.patients() as connection:
        known = await journeys.line(connection, journey_id, caller.sight.patients)
        if known is None:
            raise Refused("journey_unknown")
        if not caller.sight.records:
            raise Refused("record_not_yours")
        who = await journeys.patient(connection, journey_id)
        if not caller.sees(who.protection):
            raise Refused("patient_protected")
        rows = await journeys.log(connection, journey_id, after, limit)
        await caller.note_reading(connection, journey_id, known.patient_id, "events")
    items = [_event(row) for row in rows]
    return {"items": items, "next": rows[-1].seq if len(rows) == limit else None}


@router.post("/{journey_id}/close", response_model=JourneyView)
async def close(
    journey_id: JourneyId, body: CloseBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Close the journey with a coded reason."""
    command = cmd.Close(reason=body.reason, profession=body.profession)
    return await submit_to(caller, key, journey_id, command)


@router.post("/{journey_id}/periods", response_model=JourneyView)
async def start_period(
    journey_id: JourneyId, body: PeriodBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """The need is back: enter the pathway again, in the same journey."""
    return await submit_to(caller, key, journey_id, cmd.StartPeriod(reason=body.reason))


@router.post("/{journey_id}/person-answer", response_model=JourneyView)
async def answer_person(
    journey_id: JourneyId, body: PersonAnswerBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Tell the person who asked for rehabilitation what comes of it."""
    command = cmd.AnswerPerson(at=body.at, by=body.by, answer=body.answer)
    return await submit_to(caller, key, journey_id, command)


@router.post("/{journey_id}/merge", response_model=JourneyView)
async def merge(
    journey_id: JourneyId, body: MergeBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """End this duplicate: the other journey of the same patient goes on, both logs are kept."""
    async with caller.patients() as connection:
        here = await journeys.line(connection, journey_id, caller.sight.patients)
        goes_on = await journeys.known(connection, body.into, caller.sight.patients)
    if here is None:
        raise Refused("journey_unknown")
    if goes_on is None or goes_on.summary.patient_id != here.patient_id:
        raise Refused("journey_unknown", FieldProblem(field="into", rule="other_patient"))
    holders = {part.key: part.holder for part in goes_on.parts}
    command = cmd.Merge(into=body.into, reason=body.reason, holders=holders)
    await _refuse_early(caller, key, journey_id, command)
    absorb = key.envelope(caller, cmd.Absorb(duplicate=journey_id, reason=body.reason))
    await answered(caller, absorb.model_copy(update={"expected_seq": None}), body.into)
    return await submit(caller, key, journey_id, command)


async def _refuse_early(caller: Caller, key: Key, journey_id: str, command: cmd.Merge) -> None:
    """A merger that cannot be leaves no trace in the journey that goes on. Raises `Refused`."""
    if await given_to(caller, key.value, key.body_hash, journey_id):
        return
    async with caller.patients() as connection:
        state = fold(await journeys.events(connection, journey_id))
    envelope = key.envelope(caller, command).model_copy(
        update={"calendar": caller.catalogue.calendar}
    )
    refuse_impossible(envelope, datetime.now(UTC), state)


@router.get("/{journey_id}/openings")
async def read_openings(journey_id: JourneyId, caller: CallerDep) -> list[Opening]:
    """Everybody who has read this journey: for who holds a part of it."""
    async with caller.patients() as connection:
        known = await journeys.known(connection, journey_id, caller.sight.patients)
        if known is None:
            raise Refused("journey_unknown")
        if not {p.holder for p in known.parts} & set(caller.sight.patients):
            raise Refused("not_holder")
        return [opening(row) for row in await journeys.openings(connection, journey_id)]


async def _records(caller: Caller, connection: AsyncConnection, journey_id: str) -> dict[str, Any]:
    """What health care has written, and does besides: for units of health care."""
    if not caller.sight.records:
        return mask.NO_RECORDS
    return {
        "contents": await reading.contents(caller, connection, journey_id),
        "recorded_visits": await journeys.visits(connection, journey_id),
        "other_journeys": await _others(connection, journey_id),
    }


async def _others(connection: AsyncConnection, journey_id: str) -> list[dict[str, Any]]:
    """Other open journeys of the patient: which pathway, and who coordinates."""
    return [
        {
            "pathway": f"{row.pathway_key}@{row.pathway_version}",
            "coordinator": row.coordinator,
        }
        for row in await journeys.others(connection, journey_id)
    ]


def _line(row: Any) -> JourneyLine:
    return JourneyLine(
        id=row.id,
        pathway=f"{row.pathway_key}@{row.pathway_version}",
        started_by=row.started_by,
        started_at=row.started_at.isoformat(),
        period=row.period,
        need=row.need,
        coordinator=row.coordinator,
        resting_until=row.resting_until.isoformat() if row.resting_until else None,
        deceased_at=row.deceased_at.isoformat() if row.deceased_at else None,
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
        "what": _told({k: v for k, v in _without_plan(row).items() if k not in HEAVY}),
        "hash": row.hash,
    }


HEAVY = ("type", "definition", "calendar", "ladders", "rules")
OF_PLANS = ("plan_drafted", "plan_activated")


def _without_plan(row: Any) -> dict[str, Any]:
    """What happened; a plan is its care provider's own, and who has it from a handover."""
    what: dict[str, Any] = row.what
    of_plan = row.type == "step_completed" and (what.get("content") or {}).get("kind") == "plan"
    if row.type in OF_PLANS or of_plan:
        return {k: v for k, v in what.items() if k != "content"}
    return what


def _told(value: Any) -> Any:
    """The same tree; whoever sees protected patients at a unit is no business of others."""
    match value:
        case dict():
            return {k: _told(v) for k, v in value.items() if k != "protected_group"}
        case list():
            return [_told(one) for one in value]
    return value
