"""Plans: their readable history, the commands on them, and the patient's own copy."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from api import care_bodies as bodies
from api import reading
from api.house import Caller, CallerDep, KeyDep
from api.paging import OPAQUE
from api.patient_copy import Found, patient_copy
from api.submission import submit_to
from domain import command as cmd
from domain.facts import Protection
from domain.patient_copy import PatientCopy
from domain.plan import Plan, PlanState, PlanVersion
from domain.plan_history import PlanChanges, plan_changes
from domain.profession import Profession
from domain.refusal import Refused
from domain.value import HsaId, Instant, Value
from domain.view import JourneyView
from store import care, journeys
from store.care import FoundPlan
from web.patient_copy import as_html, as_pdf

router = APIRouter(prefix="/api/v1/journeys/{journey_id}/plans", tags=["plans"])

JourneyId = Annotated[str, Path(pattern=OPAQUE)]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
COPY: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A page, or a document to print.",
        "content": {
            "text/html": {"schema": {"type": "string"}},
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
# The page has a style of its own, no script, and asks nobody for anything.
PAGE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
FILE = PAGE | {"Content-Disposition": 'attachment; filename="min-plan.pdf"'}


class PlanView(Value):
    """A version of the plan. What it says, and who wrote it, is for those whose it is.

    `changes` is against the version that it follows, for those who may see both.
    """

    number: int
    state: PlanState
    organisation: str
    at: Instant
    activated_at: Instant | None
    ended_at: Instant | None
    unit: HsaId | None = None
    profession: Profession | None = None
    follows: int | None = None
    content: Plan | None = None
    changes: PlanChanges | None = None


class PlanHistory(Value):
    """Every version that the caller may know of, in order."""

    items: tuple[PlanView, ...]


@router.get("", response_model=PlanHistory)
async def history(journey_id: JourneyId, caller: CallerDep) -> PlanHistory:
    """The versions of the plan, and what each changed; the reading is logged."""
    async with caller.patients() as connection:
        line = await care.plan_reader(connection, journey_id, caller.sight.patients)
        if line is None:
            raise Refused("journey_unknown")
        _must_be_health_care(caller)
        await reading.seen_whole(caller, connection, journey_id)
        found = await care.plans(connection, journey_id, caller.sight.patients)
        await caller.note_reading(connection, journey_id, line.patient_id, "plans")
    contents = {plan.version.number: plan.content for plan in found}
    return PlanHistory(items=tuple(_view(plan, contents) for plan in found))


@router.get("/patient-copy", response_class=Response, responses=COPY)
async def read_copy(
    journey_id: JourneyId, caller: CallerDep, format: Literal["html", "pdf"] = "html"
) -> Response:
    """The patient's own copy of the plan, to read or to print; the reading is logged."""
    now = datetime.now(UTC)
    async with caller.patients() as connection:
        line = await reading.part_of(caller, connection, journey_id)
        _must_be_health_care(caller)
        copy = patient_copy(await _found(caller, connection, journey_id), caller.catalogue, now)
        await caller.note_reading(connection, journey_id, line.patient_id, "patient_copy")
    return await _drawn(copy, format)


@router.post("", response_model=JourneyView)
async def draft(
    journey_id: JourneyId, body: bodies.DraftPlanBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Write a version that does not hold yet; goals may still lack their date."""
    command = cmd.DraftPlan(content=body.content, follows=body.follows)
    return await submit_to(caller, key, journey_id, command)


@router.post("/{number}/activate", response_model=JourneyView)
async def activate(
    journey_id: JourneyId,
    number: Number,
    body: bodies.ActivatePlanBody,
    caller: CallerDep,
    key: KeyDep,
) -> JSONResponse:
    """Let a draft hold; the own provider's earlier version is revised."""
    command = cmd.ActivatePlan(number=number, content=body.content)
    return await submit_to(caller, key, journey_id, command)


@router.post("/{number}/close", response_model=JourneyView)
async def close(
    journey_id: JourneyId,
    number: Number,
    body: bodies.ClosePlanBody,
    caller: CallerDep,
    key: KeyDep,
) -> JSONResponse:
    """End a version; it stays readable."""
    command = cmd.ClosePlan(number=number, reason=body.reason)
    return await submit_to(caller, key, journey_id, command)


def _must_be_health_care(caller: Caller) -> None:
    if not caller.sight.records:
        raise Refused("record_not_yours")


def _view(found: FoundPlan, contents: dict[int, Plan | None]) -> PlanView:
    version = found.version
    shown = set(PlanView.model_fields) & set(PlanVersion.model_fields)
    if found.content is None:
        shown -= {"unit", "profession", "follows"}
        return PlanView(**version.model_dump(include=shown))
    before = contents.get(version.follows) if version.follows else None
    return PlanView(
        **version.model_dump(include=shown),
        content=found.content,
        changes=plan_changes(before, found.content) if before else None,
    )


async def _found(caller: Caller, connection: AsyncConnection, journey_id: str) -> Found:
    units = caller.sight.patients
    who = await reading.seen_whole(caller, connection, journey_id)
    known = await journeys.known(connection, journey_id, units)
    if known is None:
        raise Refused("journey_unknown")
    meetings = await care.meetings(connection, journey_id, units)
    return Found(
        known=known,
        name=who.name,
        protected=who.protection != Protection.NONE,
        plans=tuple(await care.plans(connection, journey_id, units)),
        meetings=tuple(m.meeting for m in meetings),
        what_matters=await care.what_matters(connection, journey_id, units),
        added=await care.added_labels(connection, journey_id, units),
    )


async def _drawn(copy: PatientCopy, format: Literal["html", "pdf"]) -> Response:
    """Typesetting takes some tens of milliseconds of processor: not in the loop that answers."""
    if format == "pdf":
        document = await run_in_threadpool(as_pdf, copy)
        return Response(document, media_type="application/pdf", headers=FILE)
    page = await run_in_threadpool(as_html, copy)
    return Response(page, media_type="text/html", headers=PAGE)
