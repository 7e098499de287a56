"""Attachments: kept once, listed without their bytes, read one at a time, for named units."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.attachment import Attachment
from store import handovers
from store import tables as t

COLUMNS = tuple(t.attachment.c[name] for name in Attachment.model_fields)


class Kept(NamedTuple):
    """An attachment with its sealed bytes, the key they need, and whom it is about."""

    attachment: Attachment
    patient_id: str
    key_id: str
    sealed: bytes


async def put(
    connection: AsyncConnection,
    attachment: Attachment,
    *,
    uploaded_by: str,
    key_id: str,
    sealed: bytes,
) -> Attachment:
    """Keep it, unless something is already kept under its id; what is kept is returned."""
    row = attachment.model_dump(mode="json") | {
        "at": attachment.at,
        "uploaded_by": uploaded_by,
        "key_id": key_id,
        "sealed": sealed,
    }
    await connection.execute(upsert(t.attachment).values(**row).on_conflict_do_nothing())
    kept = await uploaded(connection, attachment.id, (attachment.owner,))
    assert kept is not None, "a row that was just written is there"
    return kept


async def uploaded(
    connection: AsyncConnection, attachment_id: str, units: Sequence[str]
) -> Attachment | None:
    """An attachment that the units have uploaded themselves."""
    wanted = select(*COLUMNS).where(
        t.attachment.c.id == attachment_id, t.attachment.c.owner.in_(units)
    )
    row = (await connection.execute(wanted)).first()
    return _attachment(row) if row else None


async def of_journey(
    connection: AsyncConnection, journey_id: str, units: Sequence[str], *, records: bool
) -> list[Attachment]:
    """What the units may read of a journey's attachments, in the order they came.

    Without `records`, only those named in handovers that the units send or receive themselves.
    """
    wanted = select(*COLUMNS).where(
        t.attachment.c.journey_id == journey_id, _visible(units, records)
    )
    return await _in_order(connection, wanted)


async def of_handover(
    connection: AsyncConnection, handover_id: str, units: Sequence[str], *, records: bool
) -> list[Attachment]:
    """The attachments named in one handover, if the units may read it."""
    wanted = select(*COLUMNS).where(_named(units, records, t.handover.c.id == handover_id))
    return await _in_order(connection, wanted)


async def find(
    connection: AsyncConnection,
    journey_id: str,
    attachment_id: str,
    units: Sequence[str],
    *,
    records: bool,
) -> Kept | None:
    """One attachment with its sealed bytes, if the units may read it."""
    wanted = (
        select(*COLUMNS, t.journey.c.patient_id, t.attachment.c.key_id, t.attachment.c.sealed)
        .join(t.journey, t.journey.c.id == t.attachment.c.journey_id)
        .where(
            t.attachment.c.id == attachment_id,
            t.attachment.c.journey_id == journey_id,
            _visible(units, records),
        )
    )
    row = (await connection.execute(wanted)).first()
    return Kept(_attachment(row), row.patient_id, row.key_id, row.sealed) if row else None


def _visible(units: Sequence[str], records: bool) -> Any:
    """Units that are part of the journey, and those who may read a handover that names it.

    Social services and schools have only the second (R-118).
    """
    named = _named(units, records)
    if not records:
        return named
    involved = exists().where(
        t.involved.c.journey_id == t.attachment.c.journey_id, t.involved.c.unit.in_(units)
    )
    return or_(involved, named)


def _named(units: Sequence[str], records: bool, *which: Any) -> Any:
    """Whether a handover that the units may read names the attachment, in the same journey."""
    readable = handovers.visible(units)
    if not records:
        own = or_(t.handover.c.from_unit.in_(units), t.handover.c.to_unit.in_(units))
        readable = and_(readable, own)
    return exists().where(
        t.handover.c.journey_id == t.attachment.c.journey_id,
        t.handover.c.content["attachments"].has_key(t.attachment.c.id),
        readable,
        *which,
    )


async def _in_order(connection: AsyncConnection, wanted: Select[Any]) -> list[Attachment]:
    rows = await connection.execute(wanted.order_by(t.attachment.c.at, t.attachment.c.id))
    return [_attachment(row) for row in rows]


def _attachment(row: Any) -> Attachment:
    return Attachment.model_validate({name: getattr(row, name) for name in Attachment.model_fields})
