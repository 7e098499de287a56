"""Hospital stays for the units that were told of them, and who pays for how long."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from api import mask, reading
from api import stay_bodies as bodies
from api.house import Caller, CallerDep, Key, KeyDep, etag
from api.paging import OPAQUE, CursorQuery, LimitQuery, cursor, place
from api.submission import answered, respond
from domain import command as cmd
from domain.liability import Basis, liability
from domain.liability_words import Shown, shown
from domain.meeting import Sip
from domain.refusal import Refused
from domain.stay import Episode
from domain.stay_view import StayView, stay_view
from domain.value import Value
from store import stays
from store.stays import Found

router = APIRouter(prefix="/api/v1", tags=["stays"])

JourneyId = Annotated[str, Path(pattern=OPAQUE)]
StayNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]
UnitId = Annotated[str, Path(max_length=31)]


class WholeStay(StayView):
    """A stay with its patient, as the notice names them."""

    patient: dict[str, str]


class StayPage(Value):
    """A page of the stays that a unit was told of, newest first."""

    items: tuple[WholeStay, ...]
    next: str | None


class PaymentLiability(Value):
    """The ledger of each stay, first to last."""

    items: tuple[Shown, ...]


@router.get("/units/{hsa_id}/stays")
async def told_of(
    hsa_id: UnitId, caller: CallerDep, limit: LimitQuery = 50, next: CursorQuery = None
) -> StayPage:
    """The stays that the caller's unit was sent a notice of; each reading is logged."""
    if hsa_id not in caller.sight.patients:
        raise Refused("not_your_unit")
    before = place(next, 2)
    async with caller.patients() as connection:
        found = await stays.told_of(
            connection,
            hsa_id,
            before=(before[0], before[1][0]) if before else None,
            limit=limit,
        )
        read = [(one.around.journey_id, one.patient_id) for one in found]
        await caller.note_readings(connection, read, "stays")
    last = found[-1].around if len(found) == limit else None
    more = cursor(last.stay.admitted_at, stays.place(last)) if last else None
    return StayPage(items=tuple(WholeStay(**_whole(caller, f)) for f in found), next=more)


@router.get("/stays/{journey_id}/{number}", response_model=WholeStay)
async def read(journey_id: JourneyId, number: StayNumber, caller: CallerDep) -> JSONResponse:
    """A stay, for the ward, the journey's units and those that were told; the reading is logged."""
    async with caller.patients() as connection:
        found = await _seen(caller, connection, journey_id, number)
        await caller.note_reading(connection, journey_id, found.patient_id, "stay")
    return JSONResponse(_whole(caller, found), headers={"ETag": etag(found.around.seq)})


@router.post("/stays/{journey_id}/{number}/planning", response_model=StayView)
async def plan(
    journey_id: JourneyId, number: StayNumber, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """The unit has begun to plan."""
    return await _submit(caller, key, journey_id, number, cmd.StartPlanning(stay=number))


@router.post("/stays/{journey_id}/{number}/care-contact", response_model=StayView)
async def name_contact(
    journey_id: JourneyId,
    number: StayNumber,
    body: bodies.CareContactBody,
    caller: CallerDep,
    key: KeyDep,
) -> JSONResponse:
    """The region's open care names the permanent care contact (fast vårdkontakt)."""
    command = cmd.NameCareContact(stay=number, **dict(body))
    return await _submit(caller, key, journey_id, number, command)


@router.post("/stays/{journey_id}/{number}/region-care", response_model=StayView)
async def state_region_care(
    journey_id: JourneyId,
    number: StayNumber,
    body: bodies.RegionCareBody,
    caller: CallerDep,
    key: KeyDep,
) -> JSONResponse:
    """Whether the region's open care is there; while it is not, the municipality does not pay."""
    command = cmd.StateRegionCare(stay=number, **dict(body))
    return await _submit(caller, key, journey_id, number, command)


@router.get("/stays/{journey_id}/{number}/payment-liability", response_model=Shown)
async def liability_of_stay(journey_id: JourneyId, number: StayNumber, caller: CallerDep) -> Shown:
    """Since when the municipality pays for a stay, or every reason why not; logged."""
    async with caller.patients() as connection:
        found = await _seen(caller, connection, journey_id, number)
        await caller.note_reading(connection, journey_id, found.patient_id, "payment_liability")
    around = found.around
    ledger = _ledger(caller, around.stay, around.sip, around.municipality, around.deceased_at)
    return ledger if caller.sees(found.who.protection) else _without_home(ledger)


@router.get("/journeys/{journey_id}/payment-liability", response_model=PaymentLiability)
async def liability_of_journey(journey_id: JourneyId, caller: CallerDep) -> PaymentLiability:
    """The same for every stay of a journey, for its units; the reading is logged."""
    async with caller.patients() as connection:
        line = await reading.part_of(caller, connection, journey_id)
        masked = not await reading.may_see_whole(caller, connection, journey_id)
        await caller.note_reading(connection, journey_id, line.patient_id, "payment_liability")
    ledgers = [
        _ledger(caller, stay, line.care.sip, line.municipality, line.deceased_at)
        for stay in line.care.episodes
    ]
    return PaymentLiability(items=tuple(map(_without_home, ledgers) if masked else ledgers))


def _ledger(
    caller: Caller,
    stay: Episode,
    sip: Sip | None,
    municipality: str | None,
    deceased_at: datetime | None,
) -> Shown:
    """What is known of a stay, judged by the rules and the calendar as they stand today."""
    known = caller.catalogue
    basis = Basis(stay, sip, municipality, known.rules, known.calendar, deceased_at)
    return shown(liability(basis, datetime.now(UTC)))


def _without_home(ledger: Shown) -> Shown:
    """An agreement is a municipality's: it tells where a protected patient lives."""
    return ledger.model_copy(update={"agreement": None, "amount_sek": None})


async def _seen(caller: Caller, connection: AsyncConnection, journey_id: str, number: int) -> Found:
    """Social services and schools see the stays that they were told of, and no others."""
    found = await stays.find(connection, journey_id, number, caller.sight.patients)
    if found is None:
        raise Refused("stay_unknown")
    if not caller.sight.records and not set(found.around.stay.notified) & set(
        caller.sight.patients
    ):
        raise Refused("stay_unknown")
    return found


async def _submit(
    caller: Caller, key: Key, journey_id: str, number: int, command: cmd.StayCommand
) -> JSONResponse:
    """A command on a journey that the caller may not see, about a stay that it may."""
    async with caller.patients() as connection:
        found = await _seen(caller, connection, journey_id, number)
    try:
        answer = await answered(caller, key.envelope(caller, command), journey_id)
    except Refused as refused:
        # Whoever does not see the journey cannot tell one that is closed from one that is lost.
        if refused.refusal.code == "journey_closed" and not found.around.closed:
            raise Refused("engine_unavailable") from None
        raise
    shown = mask.answer(caller, found.who.protection, answer["view"])
    return respond(answer | {"view": shown})


def _whole(caller: Caller, found: Found) -> dict[str, Any]:
    around = found.around
    acts = (caller.actor.unit, *caller.seer.stands_in_for)
    view = stay_view(around, caller.catalogue.units, acts).model_dump(mode="json")
    return mask.stay(caller, found.who, view) | {"patient": mask.person(caller, found.who)}
