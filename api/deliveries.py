"""What became of notices: dead letters and others in a list, sent again, and per handover.

Nothing here names a patient, nor the address that something was sent to.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from api.house import Caller, CallerDep, Key, KeyDep
from api.paging import OPAQUE, CursorQuery, LimitQuery, cursor, place
from domain.delivery import Delivery, Standing, deliveries_seen_by, must_resend
from domain.refusal import FieldProblem, Refused
from domain.value import HsaId, Instant, Value
from store import database, deliveries, handovers
from store.deliveries import Resend

router = APIRouter(prefix="/api/v1", tags=["deliveries"])

HandoverId = Annotated[str, Path(pattern=OPAQUE)]
DELIVERY = r"^[1-9][0-9]{0,17}$"
DeliveryId = Annotated[str, Path(pattern=DELIVERY)]


class Wanted(StrEnum):
    """Which deliveries to list."""

    DEAD = "dead"
    WAITING = "waiting"
    DELIVERED = "delivered"


class Resent(Value):
    """That a dead letter was put back: for the how manieth time, and when."""

    id: str
    resent: int
    at: Instant


class Deliveries(Value):
    """A page of deliveries, newest first."""

    items: tuple[Delivery, ...]
    next: str | None


@router.get("/deliveries")
async def read(
    caller: CallerDep,
    state: Wanted = Wanted.DEAD,
    unit: Annotated[HsaId | None, Query()] = None,
    limit: LimitQuery = 50,
    next: CursorQuery = None,
) -> Deliveries:
    """Deliveries by state: of every unit for operators, for others those of their own units."""
    units = _seen(caller)
    if unit is not None:
        if unit not in units:
            raise Refused("not_your_unit")
        units = (unit,)
    before = _before(next)
    async with _board(caller, units) as connection:
        found = await deliveries.page(connection, units, Standing(state), before, limit)
    last = found[-1] if len(found) == limit else None
    return Deliveries(items=tuple(found), next=cursor(last.at, last.id) if last else None)


@router.post("/deliveries/{delivery_id}/resend")
async def resend(delivery_id: DeliveryId, caller: CallerDep, key: KeyDep) -> Resent:
    """Have a dead letter sent again: for operators, and for who keeps the unit's catalogue.

    It waits for the relay, and has its days of attempts anew. What was silenced stays silent.
    """
    resend_id = str(caller.house.ids.uuid("resend", caller.principal, key.value))
    units = _seen(caller)
    async with _board(caller, units) as connection:
        letter = await deliveries.letter(connection, delivery_id, units)
        if letter is None:
            raise Refused("delivery_unknown")
        must_resend(caller.actor, letter.unit, caller.catalogue.units)
        made = await deliveries.resent(connection, resend_id)
        if made is None:
            made = await _put_back(connection, caller, key, resend_id, letter)
    if made.body_hash != key.body_hash:
        raise Refused("key_reused")
    return Resent(id=delivery_id, resent=made.number, at=made.at)


@router.get("/handovers/{handover_id}/notices", tags=["handovers"])
async def told(handover_id: HandoverId, caller: CallerDep) -> list[Delivery]:
    """Who was told about a handover, when, by what, and what became of it; in order."""
    async with caller.patients() as connection:
        found = await handovers.find(connection, handover_id, caller.sight.patients)
        if found is None or not caller.sight.covers(found.handover):
            raise Refused("handover_unknown")
        return await deliveries.of_subject(connection, found.known.summary.id, handover_id)


async def _put_back(
    connection: AsyncConnection,
    caller: Caller,
    key: Key,
    resend_id: str,
    letter: deliveries.Letter,
) -> Resend:
    """Raises `Refused`: delivery_silenced, delivery_not_dead."""
    if key.expected_seq is not None:
        raise Refused("if_match_invalid", FieldProblem(field="If-Match", rule="no_version"))
    if letter.hushed:
        raise Refused("delivery_silenced")
    if not letter.dead:
        raise Refused("delivery_not_dead")
    again = Resend(
        id=resend_id,
        notice_id=letter.id,
        number=letter.resent + 1,
        at=datetime.now(UTC),
        by_subject=caller.actor.subject,
        by_unit=caller.actor.unit,
        body_hash=key.body_hash,
    )
    await deliveries.put_back(connection, again)
    return again


def _seen(caller: Caller) -> tuple[HsaId, ...]:
    return deliveries_seen_by(caller.actor, caller.sight.patients, caller.catalogue.units)


@asynccontextmanager
async def _board(caller: Caller, units: tuple[HsaId, ...]) -> AsyncIterator[AsyncConnection]:
    """A transaction that sees what was sent to units, and nothing of their patients."""
    async with database.reading(
        caller.house.store, (), caller.principal, boards=units
    ) as connection:
        yield connection


def _before(given: str | None) -> tuple[datetime, int] | None:
    """The place that a cursor names. Raises `Refused("cursor_invalid")`."""
    found = place(given, 2)
    if found is None:
        return None
    at, (ordinal,) = found
    if not (ordinal.isascii() and ordinal.isdecimal() and len(ordinal) <= 18):
        raise Refused("cursor_invalid")
    return at, int(ordinal)
