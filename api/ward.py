"""The ward's messages about a hospital stay; each is answered with the stay as it is now."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse

from api import stay_bodies as bodies
from api.house import CallerDep, KeyDep
from api.paging import OPAQUE
from api.submission import submit_to
from domain import command as cmd
from domain.stay_view import StayView

router = APIRouter(prefix="/api/v1/journeys/{journey_id}/stay", tags=["stays"])

JourneyId = Annotated[str, Path(pattern=OPAQUE)]


@router.post("/judgement", response_model=StayView)
async def judge(
    journey_id: JourneyId, body: bodies.JudgementBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """The physician judges that efforts may be needed; the notice is due within 24 hours."""
    command = cmd.JudgeAftercare(at=body.at, efforts=body.efforts)
    return await submit_to(caller, key, journey_id, command)


@router.post("/notice", response_model=StayView)
async def notify(
    journey_id: JourneyId, body: bodies.NoticeBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """The admission notice (inskrivningsmeddelande); from now on these units read the stay."""
    to = tuple(caller.catalogue.unit(unit, f"to.{place}") for place, unit in enumerate(body.to))
    command = cmd.SendAdmissionNotice(to=to, estimated_at=body.estimated_at, by_hand=body.by_hand)
    return await submit_to(caller, key, journey_id, command)


@router.post("/estimate", response_model=StayView)
async def estimate(
    journey_id: JourneyId, body: bodies.DischargeEstimateBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """The discharge is expected at another time; the units are told."""
    command = cmd.EstimateDischarge(estimated_at=body.estimated_at, reason=body.reason)
    return await submit_to(caller, key, journey_id, command)


@router.post("/ready/withdraw", response_model=StayView)
async def withdraw_ready(
    journey_id: JourneyId, body: bodies.WithdrawReadyBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """The patient is not ready for discharge any more; a new notice counts anew."""
    command = cmd.WithdrawReady(at=body.at, reason=body.reason)
    return await submit_to(caller, key, journey_id, command)


@router.post("/information", response_model=StayView)
async def inform(
    journey_id: JourneyId, body: bodies.InformationBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """What the units need, or what the patient gets, was handed over."""
    command = cmd.GiveInformation(at=body.at, to=body.to, given=body.given)
    return await submit_to(caller, key, journey_id, command)


@router.post("/region-care", response_model=StayView)
async def state_region_care(
    journey_id: JourneyId, body: bodies.RegionCareBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Whether the region's open care is there; while it is not, the municipality does not pay."""
    command = cmd.StateRegionCare(region_care=body.region_care, reason=body.reason)
    return await submit_to(caller, key, journey_id, command)
