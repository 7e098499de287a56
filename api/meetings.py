"""Meetings between units: call, call anew, cancel, hold; and what those called to one may read."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from api import care_bodies as bodies
from api import reading
from api.house import Caller, CallerDep, Key, KeyDep
from api.paging import OPAQUE
from api.submission import submit_to
from domain import command as cmd
from domain.meeting import MeetingKind, MeetingOutcome, MeetingState, Summons
from domain.refusal import Refused
from domain.unit import Contact
from domain.value import HsaId, Instant, Value
from domain.view import JourneyView
from store import care
from store.care import FoundInvitation, FoundMeeting
from web.calendar_file import as_ics

router = APIRouter(prefix="/api/v1", tags=["meetings"])

JourneyId = Annotated[str, Path(pattern=OPAQUE)]
MeetingId = Annotated[str, Path(pattern=OPAQUE)]
CALENDAR: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A calendar file (RFC 5545) that says nothing about anybody.",
        "content": {"text/calendar": {"schema": {"type": "string"}}},
    }
}
FILE = {
    "Content-Disposition": 'attachment; filename="mote.ics"',
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class MeetingView(Value):
    """A meeting of a journey; `outcome` is what came of it, for those who may read that."""

    id: str
    kind: MeetingKind
    state: MeetingState
    starts_at: Instant
    minutes: int
    mode: Literal["in_person", "video", "phone"]
    place: str | None
    units: tuple[HsaId, ...]
    called_by: HsaId
    called_at: Instant
    revision: int
    ended_at: Instant | None
    outcome: MeetingOutcome | None


class MeetingList(Value):
    """The meetings of a journey, first to last."""

    items: tuple[MeetingView, ...]


class CallingUnit(Value):
    """Who called, and how that unit is reached."""

    hsa_id: HsaId
    name: str
    contacts: tuple[Contact, ...]


class Invitation(Value):
    """What a called unit may read of a meeting: nothing about the patient."""

    id: str
    kind: MeetingKind
    state: MeetingState
    starts_at: Instant
    minutes: int
    mode: Literal["in_person", "video", "phone"]
    place: str | None
    revision: int
    called_by: CallingUnit


@router.get("/journeys/{journey_id}/meetings", response_model=MeetingList)
async def of_journey(journey_id: JourneyId, caller: CallerDep) -> MeetingList:
    """The meetings of a journey; the reading is logged. Of a protected patient without place."""
    async with caller.patients() as connection:
        line = await reading.part_of(caller, connection, journey_id)
        whole = await reading.may_see_whole(caller, connection, journey_id)
        found = await care.meetings(connection, journey_id, caller.sight.patients)
        await caller.note_reading(connection, journey_id, line.patient_id, "meetings")
    return MeetingList(items=tuple(_view(caller, meeting, whole=whole) for meeting in found))


@router.post("/journeys/{journey_id}/meetings", status_code=201, response_model=JourneyView)
async def call(
    journey_id: JourneyId, body: bodies.MeetingBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Call units to a meeting; `Location` says where it can be read."""
    meeting_id = str(caller.house.ids.uuid("meeting", caller.principal, journey_id, key.value))
    response = await _call(caller, key, journey_id, meeting_id, body)
    response.status_code = 201
    response.headers["Location"] = f"/api/v1/meetings/{meeting_id}"
    return response


@router.put("/journeys/{journey_id}/meetings/{meeting_id}", response_model=JourneyView)
async def call_anew(
    journey_id: JourneyId,
    meeting_id: MeetingId,
    body: bodies.MeetingBody,
    caller: CallerDep,
    key: KeyDep,
) -> JSONResponse:
    """Call the units anew to a meeting that has changed; its revision is one higher."""
    async with caller.patients() as connection:
        await reading.part_of(caller, connection, journey_id)
        await _must_be_known(caller, connection, journey_id, meeting_id)
    return await _call(caller, key, journey_id, meeting_id, body)


@router.post("/journeys/{journey_id}/meetings/{meeting_id}/cancel", response_model=JourneyView)
async def cancel(
    journey_id: JourneyId,
    meeting_id: MeetingId,
    body: bodies.CancelMeetingBody,
    caller: CallerDep,
    key: KeyDep,
) -> JSONResponse:
    """The meeting will not be held."""
    command = cmd.CancelMeeting(meeting_id=meeting_id, reason=body.reason)
    return await submit_to(caller, key, journey_id, command)


@router.post("/journeys/{journey_id}/meetings/{meeting_id}/hold", response_model=JourneyView)
async def hold(
    journey_id: JourneyId,
    meeting_id: MeetingId,
    body: bodies.HoldMeetingBody,
    caller: CallerDep,
    key: KeyDep,
) -> JSONResponse:
    """The meeting was held: which units took part, and what was decided."""
    for place, unit in enumerate(body.outcome.participants):
        caller.catalogue.unit(unit, f"outcome.participants.{place}")
    command = cmd.HoldMeeting(meeting_id=meeting_id, at=body.at, outcome=body.outcome)
    return await submit_to(caller, key, journey_id, command)


@router.get("/meetings/{meeting_id}", response_model=Invitation)
async def read(meeting_id: MeetingId, caller: CallerDep) -> Invitation:
    """A meeting as those called to it may read it; no patient is read, so nothing is logged."""
    meeting, protection = await _found(caller, meeting_id)
    when = _when(meeting.summons)
    if protection is not None and not caller.sees(protection):
        when |= {"place": None}
    by = caller.catalogue.units[meeting.called_by]
    return Invitation(
        id=meeting.id,
        state=meeting.state,
        revision=meeting.revision,
        called_by=CallingUnit(hsa_id=by.hsa_id, name=by.name, contacts=by.contacts),
        **when,
    )


@router.get("/meetings/{meeting_id}/calendar.ics", response_class=Response, responses=CALENDAR)
async def calendar_file(meeting_id: MeetingId, caller: CallerDep) -> Response:
    """The same for a calendar; a newer file replaces an older one."""
    meeting, _ = await _found(caller, meeting_id)
    written = as_ics(
        uid=meeting.id,
        starts_at=meeting.summons.starts_at,
        minutes=meeting.summons.minutes,
        mode=meeting.summons.mode,
        sequence=meeting.revision,
        cancelled=meeting.state is MeetingState.CANCELLED,
        stamp=meeting.ended_at or meeting.called_at,
    )
    return Response(written, media_type="text/calendar", headers=FILE)


async def _call(
    caller: Caller, key: Key, journey_id: str, meeting_id: str, body: bodies.MeetingBody
) -> JSONResponse:
    units = tuple(caller.catalogue.unit(u, f"units.{i}") for i, u in enumerate(body.units))
    summons = Summons.model_validate(body.model_dump())
    command = cmd.CallMeeting(meeting_id=meeting_id, summons=summons, units=units)
    return await submit_to(caller, key, journey_id, command)


async def _must_be_known(
    caller: Caller, connection: AsyncConnection, journey_id: str, meeting_id: str
) -> None:
    """The engine would take any id for a new meeting's."""
    found = await care.meetings(connection, journey_id, caller.sight.patients)
    if meeting_id not in (m.meeting.id for m in found):
        raise Refused("meeting_unknown")


async def _found(caller: Caller, meeting_id: str) -> FoundInvitation:
    async with caller.patients() as connection:
        found = await care.meeting(connection, meeting_id, caller.sight.patients)
    if found is None:
        raise Refused("meeting_unknown")
    return found


def _view(caller: Caller, found: FoundMeeting, *, whole: bool) -> MeetingView:
    """Social services and schools read what came of the meetings that they were called to."""
    meeting = found.meeting
    took_part = {meeting.called_by, *meeting.summons.units} & set(caller.sight.patients)
    readable = whole and (caller.sight.records or bool(took_part))
    when = _when(meeting.summons)
    return MeetingView(
        **meeting.model_dump(exclude={"summons"}),
        **(when if whole else when | {"place": None}),
        units=meeting.summons.units,
        outcome=found.outcome if readable else None,
    )


def _when(summons: Summons) -> dict[str, Any]:
    return summons.model_dump(exclude={"units"})
