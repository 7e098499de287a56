"""The coordinated individual plan (SIP): needed, consent, what it says, closed."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse

from api import care_bodies as bodies
from api import reading
from api.house import CallerDep, KeyDep
from api.paging import OPAQUE
from api.submission import submit_to
from domain import command as cmd
from domain.meeting import MeetingKind, MeetingState, Sip, SipContent
from domain.value import Value
from domain.view import JourneyView
from store import care
from store.care import FoundMeeting

router = APIRouter(prefix="/api/v1/journeys/{journey_id}/sip", tags=["sip"])

JourneyId = Annotated[str, Path(pattern=OPAQUE)]


class SipView(Value):
    """How far the SIP has come, and what it says since the newest meeting about it was held."""

    sip: Sip | None
    content: SipContent | None


@router.get("", response_model=SipView)
async def read(journey_id: JourneyId, caller: CallerDep) -> SipView:
    """The SIP, for all units of the journey: it is made together; the reading is logged."""
    async with caller.patients() as connection:
        line = await reading.part_of(caller, connection, journey_id)
        await reading.seen_whole(caller, connection, journey_id)
        found = await care.meetings(connection, journey_id, caller.sight.patients)
        await caller.note_reading(connection, journey_id, line.patient_id, "sip")
    known = line.care.sip
    return SipView(sip=known, content=_newest(found) if known and known.held_at else None)


@router.post("/need", response_model=JourneyView)
async def decide(
    journey_id: JourneyId, body: bodies.SipNeedBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Whether it is needed; one side's judgement is enough for yes."""
    command = cmd.DecideSip(needed=body.needed, reason=body.reason)
    return await submit_to(caller, key, journey_id, command)


@router.post("/consent", response_model=JourneyView)
async def record_consent(
    journey_id: JourneyId, body: bodies.SipConsentBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """What the patient says; without a yes there is no SIP."""
    command = cmd.RecordSipConsent(given=body.given, at=body.at)
    return await submit_to(caller, key, journey_id, command)


@router.post("/close", response_model=JourneyView)
async def close(
    journey_id: JourneyId, body: bodies.SipCloseBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """It has been followed up, or will not be made."""
    return await submit_to(caller, key, journey_id, cmd.CloseSip(reason=body.reason))


def _newest(meetings: list[FoundMeeting]) -> SipContent | None:
    held = [
        m
        for m in meetings
        if m.meeting.summons.kind is MeetingKind.SIP and m.meeting.state is MeetingState.HELD
    ]
    newest = max(held, key=lambda m: (m.meeting.ended_at, m.meeting.id), default=None)
    return newest.outcome.sip if newest and newest.outcome else None
