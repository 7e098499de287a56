"""Reading handovers: one with its content and thread, a unit's inbox, who was told."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, exists, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.clock import Clock
from domain.handover import Handover
from domain.journey import Part
from domain.summary import Summary
from domain.view import Known
from store import journeys
from store import tables as t


class Found(NamedTuple):
    """A handover, its content, and what its view needs of the journey around it."""

    known: Known
    handover: Handover
    content: dict[str, Any]


async def find(connection: AsyncConnection, handover_id: str, units: Sequence[str]) -> Found | None:
    """One handover for its sender, its receiver while it may see it, and the journey's units."""
    wanted = (
        select(t.handover.c.body, t.handover.c.content, t.journey)
        .join(t.journey, t.journey.c.id == t.handover.c.journey_id)
        .where(t.handover.c.id == handover_id, visible(units))
    )
    row = (await connection.execute(wanted)).first()
    if row is None:
        return None
    handover = Handover.model_validate(row.body)
    known = Known(
        seq=row.seq,
        summary=Summary.model_validate({n: getattr(row, n) for n in journeys.SUMMARY}),
        parts=tuple(await _part(connection, row.id, handover.part)),
        handovers=(handover,),
        clocks=tuple(await journeys.clocks_of(connection, row.id, handover.id)),
    )
    return Found(known, handover, row.content or {})


async def journey_of(
    connection: AsyncConnection, handover_id: str, units: Sequence[str]
) -> str | None:
    """The journey that a handover belongs to, if the units may see the handover."""
    wanted = select(t.handover.c.journey_id).where(t.handover.c.id == handover_id, visible(units))
    return (await connection.execute(wanted)).scalar_one_or_none()


async def journey_of_no(connection: AsyncConnection, handover_id: str) -> str | None:
    """The journey of a no that one of the caller's units gave, entered late and not confirmed.

    A function of the owner's answers: what has been sent back is out of their sight otherwise.
    """
    wanted = select(func.handslag_unconfirmed_no(handover_id))
    found: str | None = await connection.scalar(wanted)
    return found


async def by_reference(
    connection: AsyncConnection, reference: str, units: Sequence[str]
) -> list[str]:
    """Handovers to or from the units whose id begins with these letters and digits; two at most."""
    h = t.handover.c
    plain = func.upper(func.replace(h.id, "-", ""))
    mine = or_(h.from_unit.in_(units), h.to_unit.in_(units))
    wanted = select(h.id).where(func.left(plain, len(reference)) == reference, mine, visible(units))
    return list((await connection.execute(wanted.order_by(h.id).limit(2))).scalars())


async def thread(connection: AsyncConnection, handover_id: str) -> list[Row[Any]]:
    """Questions and answers, in order."""
    wanted = select(t.message.c.kind, t.message.c.text, t.message.c.at).where(
        t.message.c.handover_id == handover_id
    )
    return list(await connection.execute(wanted.order_by(t.message.c.seq)))


async def told(connection: AsyncConnection, journey_id: str, subject: str) -> list[Row[Any]]:
    """Who was told about a handover or step, by what, and whether it was delivered."""
    wanted = (
        select(t.notice)
        .where(t.notice.c.journey_id == journey_id, t.notice.c.subject == subject)
        .order_by(t.notice.c.seq, t.notice.c.id)
    )
    return list(await connection.execute(wanted))


async def latest_content(
    connection: AsyncConnection, journey_id: str, part: str
) -> dict[str, Any] | None:
    """What the latest handover of a part said, or else the latest of any part."""
    same_part = t.handover.c.body["part"].as_string() == part
    wanted = (
        select(t.handover.c.content)
        .where(t.handover.c.journey_id == journey_id, t.handover.c.content.is_not(None))
        .order_by(same_part.desc(), t.handover.c.sent_at.desc())
        .limit(1)
    )
    found: dict[str, Any] | None = await connection.scalar(wanted)
    return found


async def calls(connection: AsyncConnection, units: Sequence[str], limit: int) -> list[Found]:
    """Handovers whose receiver is to be called by one of the units, longest waiting first."""
    wanted = (
        select(t.handover.c.body, t.handover.c.content, t.journey)
        .join(t.journey, t.journey.c.id == t.handover.c.journey_id)
        .where(t.handover.c.call_open, visible(units))
        .order_by(t.handover.c.body["call_task"]["since"].as_string(), t.handover.c.id)
        .limit(limit)
    )
    return await _with_surroundings(connection, list(await connection.execute(wanted)))


async def inbox(
    connection: AsyncConnection,
    unit: str,
    *,
    open_only: bool,
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[Found]:
    """A page of the handovers sent to a unit, newest first, with what their views need."""
    wanted = (
        select(t.handover.c.body, t.handover.c.content, t.journey)
        .join(t.journey, t.journey.c.id == t.handover.c.journey_id)
        .where(t.handover.c.to_unit == unit)
        .order_by(t.handover.c.sent_at.desc(), t.handover.c.id.desc())
        .limit(limit)
    )
    if open_only:
        wanted = wanted.where(t.handover.c.open)
    if before:
        wanted = wanted.where(tuple_(t.handover.c.sent_at, t.handover.c.id) < before)
    rows = list(await connection.execute(wanted))
    return await _with_surroundings(connection, rows)


async def messages(connection: AsyncConnection, unit: str, limit: int) -> list[Row[Any]]:
    """What the inbox channel has delivered to a unit's functions, newest first."""
    wanted = (
        select(t.inbox_message)
        .where(t.inbox_message.c.unit == unit)
        .order_by(t.inbox_message.c.at.desc(), t.inbox_message.c.notice_id)
        .limit(limit)
    )
    return list(await connection.execute(wanted))


def visible(units: Sequence[str]) -> Any:
    """Sender; receiver while not withdrawn; and units that are part of the journey."""
    involved = exists().where(
        t.involved.c.journey_id == t.handover.c.journey_id,
        t.involved.c.unit.in_(units),
    )
    received = t.handover.c.to_unit.in_(units) & (
        t.handover.c.state.not_in(("withdrawn", "declined", "ceased"))
    )
    return or_(t.handover.c.from_unit.in_(units), received, involved)


async def _part(connection: AsyncConnection, journey_id: str, key: str) -> list[Part]:
    wanted = select(t.part.c.key, t.part.c.holder, t.part.c.since).where(
        t.part.c.journey_id == journey_id, t.part.c.key == key
    )
    return [
        Part(key=r.key, holder=r.holder, since=r.since) for r in await connection.execute(wanted)
    ]


async def _with_surroundings(connection: AsyncConnection, rows: list[Row[Any]]) -> list[Found]:
    """Parts and clocks of a page in two queries, not two per row."""
    ids = [row.id for row in rows]
    parts, clocks = dict[str, list[Part]](), dict[str, list[Clock]]()
    for p in await connection.execute(select(t.part).where(t.part.c.journey_id.in_(ids))):
        parts.setdefault(p.journey_id, []).append(Part(key=p.key, holder=p.holder, since=p.since))
    subjects = [row.body["id"] for row in rows]
    for c in await connection.execute(
        select(t.clock.c.subject, t.clock.c.body).where(
            t.clock.c.journey_id.in_(ids), t.clock.c.subject.in_(subjects)
        )
    ):
        clocks.setdefault(c.subject, []).append(Clock.model_validate(c.body))
    return [_found(row, parts, clocks) for row in rows]


def _found(row: Any, parts: dict[str, list[Part]], clocks: dict[str, list[Clock]]) -> Found:
    handover = Handover.model_validate(row.body)
    known = Known(
        seq=row.seq,
        summary=Summary.model_validate({n: getattr(row, n) for n in journeys.SUMMARY}),
        parts=tuple(parts.get(row.id, ())),
        handovers=(handover,),
        clocks=tuple(clocks.get(handover.id, ())),
    )
    return Found(known, handover, row.content or {})
