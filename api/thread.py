"""The thread between holders: read it with its receipts, write in it, and give a receipt."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse

from api import care_bodies as bodies
from api import reading
from api.house import CallerDep, KeyDep
from api.paging import OPAQUE, AfterQuery, LimitQuery
from api.submission import submit_to
from domain import command as cmd
from domain.value import HsaId, Instant, Value
from domain.view import JourneyView
from store import care

router = APIRouter(prefix="/api/v1/journeys/{journey_id}/messages", tags=["thread"])

JourneyId = Annotated[str, Path(pattern=OPAQUE)]


class Message(Value):
    """A message, and which of the units that hold something now have read it."""

    number: int
    unit: HsaId
    text: str
    at: Instant
    read_by: tuple[HsaId, ...]


class Thread(Value):
    """A stretch of the thread, in order; `next` is where the following one begins."""

    items: tuple[Message, ...]
    next: int | None


@router.get("", response_model=Thread)
async def read(
    journey_id: JourneyId, caller: CallerDep, after: AfterQuery = 0, limit: LimitQuery = 100
) -> Thread:
    """Messages after a number, with receipts; the reading is logged, and gives no receipt.

    Social services and schools read what was written since they began to hold a part.
    """
    units = caller.sight.patients
    async with caller.patients() as connection:
        line = await reading.part_of(caller, connection, journey_id)
        await reading.seen_whole(caller, connection, journey_id)
        rows = await care.posts(
            connection, journey_id, units, after, limit, records=caller.sight.records
        )
        holding = await care.holders(connection, journey_id, units)
        await caller.note_reading(connection, journey_id, line.patient_id, "messages")
    receipts = {unit: line.care.read.get(unit, 0) for unit in holding}
    items = tuple(_message(row, receipts) for row in rows)
    return Thread(items=items, next=rows[-1].number if len(rows) == limit else None)


@router.post("", response_model=JourneyView)
async def post(
    journey_id: JourneyId, body: bodies.MessageBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """Write to the other holders; it replaces no command."""
    return await submit_to(caller, key, journey_id, cmd.PostMessage(text=body.text))


@router.post("/read", response_model=JourneyView)
async def give_receipt(
    journey_id: JourneyId, body: bodies.ReadBody, caller: CallerDep, key: KeyDep
) -> JSONResponse:
    """The unit has read so far; a receipt is never taken back."""
    return await submit_to(caller, key, journey_id, cmd.ReadMessages(up_to=body.up_to))


def _message(row: Any, receipts: dict[str, int]) -> Message:
    return Message(
        number=row.number,
        unit=row.unit,
        text=row.text,
        at=row.at,
        read_by=tuple(unit for unit, number in receipts.items() if number >= row.number),
    )
