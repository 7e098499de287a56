"""One clock: where it stands, why it is due when it is, and hearing nothing of it for a while."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple

import structlog
from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from api import clock_bodies as bodies
from api.house import Caller, CallerDep, KeyDep, etag
from api.submission import answered
from domain import command as cmd
from domain.clock import Clock
from domain.clock_view import ClockView
from domain.event import Event
from domain.evolve import fold
from domain.explanation import Explanation, explain
from domain.explanation_words import Known, deadline_of, sentences
from domain.refusal import Refused
from store import clocks, handovers, journeys

router = APIRouter(prefix="/api/v1/clocks", tags=["clocks"])
log = structlog.get_logger()

# The journey, and in it what is promised and about what.
REF = r"^[A-Za-z0-9-]{1,40}:[a-z_]{1,40}:[A-Za-z0-9._-]{1,120}$"
ClockRef = Annotated[str, Path(pattern=REF)]


class Found(NamedTuple):
    """A clock that the caller may read; `whole`: the caller's units are part of its journey."""

    journey_id: str
    patient_id: str
    clock: Clock
    whole: bool


@router.get("/{ref}", response_model=bodies.ClockPage)
async def read(ref: ClockRef, caller: CallerDep) -> JSONResponse:
    """A clock with its next rung, who was told, and the three ledgers; the reading is logged."""
    seen = await _seen(caller, ref)
    owner = caller.catalogue.units.get(seen.clock.owner)
    page = bodies.page(seen, owner, datetime.now(UTC))
    return JSONResponse(page.model_dump(mode="json"))


@router.get("/{ref}/explanation", response_model=bodies.ClockExplanation)
async def read_explanation(ref: ClockRef, caller: CallerDep) -> JSONResponse:
    """Why it is due when it is, reckoned anew from the log: as data and as sentences."""
    seen = await _seen(caller, ref)
    whole = _explained(caller, ref, seen, reckoned(seen))
    return JSONResponse(whole.model_dump(mode="json"))


@router.post("/{ref}/snooze", response_model=ClockView)
async def snooze(
    ref: ClockRef, body: bodies.SnoozeBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """The caller's side hears nothing of it for a while; its due and the other side stay."""
    async with caller.patients() as connection:
        found = await _find(caller, connection, ref)
    command = cmd.SnoozeClock(clock_id=found.clock.id, until=body.until, reason=body.reason)
    answer = await answered(caller, key.envelope(caller, command), found.journey_id)
    # The journey was asked, and not all of it is for everybody who may snooze one of its clocks.
    shown = next(c for c in answer["view"]["clocks"] if c["id"] == found.clock.id)
    return JSONResponse(shown, headers={"ETag": etag(answer["seq"])})


def reckoned(seen: bodies.Seen) -> Explanation:
    """The reckoning; one that does not come to the stored instant is an error of ours."""
    told = explain(seen.events, seen.clock.id)
    assert told is not None, "a clock that is there was started"
    if not told.agrees:
        log.error("clock_disagrees", journey_id=seen.state.id, clock_id=seen.clock.id)
    return told


async def _seen(caller: Caller, ref: str) -> bodies.Seen:
    """The clock with the log that it follows from; the reading is noted."""
    async with caller.patients() as connection:
        found = await _find(caller, connection, ref)
        who = await journeys.patient(connection, found.journey_id)
        events: Sequence[Event] = await clocks.log(
            connection, found.journey_id, found.clock.subject, whole=found.whole
        )
        await caller.note_reading(connection, found.journey_id, found.patient_id, "clock")
    state = fold(events)
    assert state is not None, "a journey that is there was started"
    return bodies.Seen(found.clock, state, events, caller.sees(who.protection))


async def _find(caller: Caller, connection: AsyncConnection, ref: str) -> Found:
    """The clock of a handover for who may read that; any other for who is part of the journey.

    Social services and schools read those that they owe or wait for (R-118). Whoever may not
    read it is told what is told of one that does not exist. Raises `Refused("clock_unknown")`.
    """
    journey_id, _, clock_id = ref.partition(":")
    units = caller.sight.patients
    clock = await clocks.find(connection, journey_id, clock_id)
    line = await journeys.line(connection, journey_id, units)
    about = await handovers.find(connection, clock.subject, units) if clock else None
    if clock and about and about.known.summary.id == journey_id:
        if caller.sight.covers(about.handover):
            patient = about.known.summary.patient_id
            return Found(journey_id, patient, clock, line is not None)
    elif clock and line and (caller.sight.records or {clock.owner, clock.counterpart} & set(units)):
        return Found(journey_id, line.patient_id, clock, True)
    raise Refused("clock_unknown")


def _explained(
    caller: Caller, ref: str, seen: bodies.Seen, told: Explanation
) -> bodies.ClockExplanation:
    names = {hsa_id: unit.name for hsa_id, unit in caller.catalogue.units.items()}
    deadline = deadline_of(seen.state, seen.clock)
    said = sentences(told, Known(deadline, names, masked=not seen.unmasked))
    shown: dict[str, Any] = {} if seen.unmasked else {"agreement": None}
    return bodies.ClockExplanation(
        **told.model_dump() | shown,
        ref=ref,
        deadline=deadline,
        sv=tuple(line.sv for line in said),
        en=tuple(line.en for line in said),
    )
