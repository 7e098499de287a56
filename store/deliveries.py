"""What became of notices: lists of deliveries, one handover's timeline, dead letters put back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.delivery import Delivery, Outcome, Standing
from store import tables as t

_N, _A = t.notice.c, t.delivery_attempt.c
_OPEN = and_(_N.delivered_at.is_(None), _N.silenced_at.is_(None))
STANDS: dict[Standing, ColumnElement[bool]] = {
    Standing.DELIVERED: _N.delivered_at.is_not(None),
    Standing.SILENCED: and_(_N.delivered_at.is_(None), _N.silenced_at.is_not(None)),
    Standing.DEAD: and_(_OPEN, _N.dead_at.is_not(None)),
    Standing.WAITING: and_(_OPEN, _N.dead_at.is_(None)),
}


class Letter(NamedTuple):
    """A notice as it must be known to send it again; `hushed`: nobody is to be told any more."""

    id: str
    unit: str
    resent: int
    dead: bool
    hushed: bool


class Resend(NamedTuple):
    """That a person has had a dead letter put back, for the `number`-th time."""

    id: str
    notice_id: str
    number: int
    at: datetime
    by_subject: str
    by_unit: str
    body_hash: str


async def page(
    connection: AsyncConnection,
    units: Sequence[str],
    state: Standing,
    before: tuple[datetime, int] | None,
    limit: int,
) -> list[Delivery]:
    """A page of the deliveries to units, newest first."""
    wanted = (
        _WHOLE.where(_N.unit.in_(units), STANDS[state])
        .order_by(_N.at.desc(), _N.ordinal.desc())
        .limit(limit)
    )
    if before is not None:
        wanted = wanted.where(tuple_(_N.at, _N.ordinal) < before)
    return await _read(connection, wanted)


async def of_subject(connection: AsyncConnection, journey_id: str, subject: str) -> list[Delivery]:
    """Everything that anybody was told about a handover or step, in the order it was told."""
    wanted = _WHOLE.where(_N.journey_id == journey_id, _N.subject == subject)
    return await _read(connection, wanted.order_by(_N.ordinal))


async def letter(
    connection: AsyncConnection, delivery_id: str, units: Sequence[str]
) -> Letter | None:
    """A notice to the units to send again, held against others until the transaction ends."""
    number = int(delivery_id)
    await connection.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"resend:{number}", 0)))
    )
    wanted = select(
        _N.id,
        _N.unit,
        _N.resent,
        STANDS[Standing.DEAD].label("dead"),
        func.handslag_hushed(_N.id).label("hushed"),
    ).where(_N.ordinal == number, _N.unit.in_(units))
    row = (await connection.execute(wanted)).first()
    return Letter(*row) if row else None


async def resent(connection: AsyncConnection, resend_id: str) -> Resend | None:
    """A resend that stands, by its id."""
    wanted = select(*(t.resend.c[name] for name in Resend._fields)).where(
        t.resend.c.id == resend_id
    )
    row = (await connection.execute(wanted)).first()
    return Resend(*row) if row else None


async def put_back(connection: AsyncConnection, resend: Resend) -> None:
    """Put a dead letter back; a trigger does it, since the doors may write no notice."""
    await connection.execute(insert(t.resend).values(**resend._asdict()))


def _state() -> ColumnElement[Any]:
    return case(*((true, literal(state.value)) for state, true in STANDS.items()))


def _waits_until() -> ColumnElement[Any]:
    """When it will first be tried; nothing once it is on its way, or due now."""
    until = func.greatest(_N.not_before, _N.held_until)
    held = and_(STANDS[Standing.WAITING], _N.dispatched_at.is_(None), until > func.now())
    return case((held, until), else_=null())


def _in_digest() -> ColumnElement[bool]:
    other = t.notice.alias("other")
    return or_(_N.digest_of.is_not(None), exists().where(other.c.digest_of == _N.id))


def _attempts() -> ColumnElement[Any]:
    """All attempts of a notice, as one value."""
    shown = func.jsonb_build_object(
        "number", _A.number, "at", _A.at,
        "outcome", func.coalesce(_A.outcome, Outcome.UNKNOWN.value), "error", _A.error,
    )  # fmt: skip
    found = func.jsonb_agg(aggregate_order_by(shown, _A.number))
    none = cast(literal("[]", String), JSONB)
    return select(func.coalesce(found, none)).where(_A.notice_id == _N.id).scalar_subquery()


_WHOLE: Select[Any] = select(
    cast(_N.ordinal, String).label("id"),
    *(
        _N[name]
        for name in Delivery.model_fields
        if name not in ("id", "state", "waits_until", "in_digest", "attempts")
    ),
    _state().label("state"),
    _waits_until().label("waits_until"),
    _in_digest().label("in_digest"),
    _attempts().label("attempts"),
)


async def _read(connection: AsyncConnection, wanted: Select[Any]) -> list[Delivery]:
    rows = (await connection.execute(wanted)).mappings()
    return [Delivery.model_validate(dict(row)) for row in rows]
