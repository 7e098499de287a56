"""Reading journeys: lists, one whole, its log. Every read names the units it is for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Row, Select, Table, exists, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.clock import Clock
from domain.event import Event
from domain.handover import Handover
from domain.journey import Part, Step
from domain.summary import Summary
from domain.value import Value
from domain.view import Known
from store import tables as t
from store.record import events_after

V = TypeVar("V", bound=Value)
SUMMARY = tuple(Summary.model_fields)


async def known(connection: AsyncConnection, journey_id: str, units: Sequence[str]) -> Known | None:
    """A whole journey for units that are or were part of it; None for everybody else."""
    line = (await connection.execute(_involved(journey_id, units))).first()
    if line is None:
        return None
    return Known(
        seq=line.seq,
        summary=_summary(line),
        parts=tuple(await _parts(connection, journey_id)),
        steps=tuple(await _bodies(connection, t.step, Step, journey_id)),
        handovers=tuple(await _bodies(connection, t.handover, Handover, journey_id)),
        clocks=tuple(await _bodies(connection, t.clock, Clock, journey_id)),
    )


class Person(NamedTuple):
    """Who a journey is about, and whether that is protected."""

    system: str
    value: str
    name: str
    protection: str


async def patient(connection: AsyncConnection, journey_id: str) -> Person:
    """Who a journey is about."""
    return (await patients(connection, [journey_id]))[journey_id]


async def patients(connection: AsyncConnection, journey_ids: Sequence[str]) -> dict[str, Person]:
    """Who several journeys are about, by journey."""
    wanted = (
        select(
            t.journey.c.id,
            t.journey.c.patient_name,
            t.patient.c.system,
            t.patient.c.value,
            t.patient.c.protection,
        )
        .join(t.patient, t.patient.c.id == t.journey.c.patient_id)
        .where(t.journey.c.id.in_(journey_ids))
    )
    return {
        r.id: Person(r.system, r.value, r.patient_name, r.protection)
        for r in await connection.execute(wanted)
    }


async def contents(connection: AsyncConnection, journey_id: str) -> dict[str, Any]:
    """What each step was completed with, by step id."""
    wanted = select(t.step.c.id, t.step.c.content).where(
        t.step.c.journey_id == journey_id, t.step.c.content.is_not(None)
    )
    return {row.id: row.content for row in await connection.execute(wanted)}


async def visits(connection: AsyncConnection, journey_id: str) -> list[dict[str, Any]]:
    """The visits of a journey, in order."""
    wanted = (
        select(t.visit.c.number, t.visit.c.step, t.visit.c.body)
        .where(t.visit.c.journey_id == journey_id)
        .order_by(t.visit.c.number)
    )
    rows = await connection.execute(wanted)
    return [{"number": r.number, "step": r.step, **r.body} for r in rows]


async def page(
    connection: AsyncConnection,
    units: Sequence[str],
    *,
    before: tuple[datetime, str] | None,
    limit: int,
    open_only: bool,
) -> list[Row[Any]]:
    """A page of journeys that the units are or were part of, newest first."""
    wanted = (
        select(t.journey)
        .where(_is_involved(units))
        .order_by(t.journey.c.started_at.desc(), t.journey.c.id.desc())
        .limit(limit)
    )
    if before:
        wanted = wanted.where(tuple_(t.journey.c.started_at, t.journey.c.id) < before)
    if open_only:
        wanted = wanted.where(t.journey.c.closed_at.is_(None))
    return list(await connection.execute(wanted))


async def line(
    connection: AsyncConnection, journey_id: str, units: Sequence[str]
) -> Summary | None:
    """A journey's own line, for units that are or were part of it; None for everybody else."""
    row = (await connection.execute(_involved(journey_id, units))).first()
    return _summary(row) if row else None


async def protection(connection: AsyncConnection, patient_id: str) -> str | None:
    """How a patient is protected, by the opaque id; None for one that nobody knows."""
    wanted = text("SELECT handslag_protection(:patient)")
    found: str | None = await connection.scalar(wanted, {"patient": patient_id})
    return found


async def others(connection: AsyncConnection, journey_id: str) -> list[Row[Any]]:
    """Other open journeys of the same patient, for units that are part of this one."""
    wanted = text("SELECT * FROM handslag_others(:journey)")
    return list(await connection.execute(wanted, {"journey": journey_id}))


async def openings(connection: AsyncConnection, journey_id: str) -> list[Row[Any]]:
    """Who has read what of a journey, in order; for units that are part of it."""
    wanted = text("SELECT * FROM handslag_openings(:journey)")
    return list(await connection.execute(wanted, {"journey": journey_id}))


async def is_open(connection: AsyncConnection, journey_id: str) -> bool:
    """Whether the store knows the journey as open."""
    wanted = select(t.journey.c.id).where(
        t.journey.c.id == journey_id, t.journey.c.closed_at.is_(None)
    )
    return (await connection.execute(wanted)).first() is not None


async def log(
    connection: AsyncConnection, journey_id: str, after: int, limit: int
) -> list[Row[Any]]:
    """A stretch of a journey's log, in order."""
    wanted = (
        select(t.event)
        .where(t.event.c.journey_id == journey_id, t.event.c.seq > after)
        .order_by(t.event.c.seq)
        .limit(limit)
    )
    return list(await connection.execute(wanted))


async def events(connection: AsyncConnection, journey_id: str) -> list[Event]:
    """The whole log of a journey, as the domain knows it."""
    return await events_after(connection, journey_id, 0)


async def answer(
    connection: AsyncConnection,
    principal: str,
    key: str,
    body_hash: str,
    journey_id: str | None = None,
) -> dict[str, Any] | None:
    """The answer that a caller's key already has, best of all the one for this very body.

    A key belongs to one journey; where that is not known, any journey's will do.
    """
    wanted = (
        select(t.answer.c.answer)
        .where(t.answer.c.principal == principal, t.answer.c.key == key)
        .order_by((t.answer.c.body_hash == body_hash).desc())
        .limit(1)
    )
    if journey_id is not None:
        wanted = wanted.where(t.answer.c.journey_id == journey_id)
    found: dict[str, Any] | None = await connection.scalar(wanted)
    return found


async def clocks_of(connection: AsyncConnection, journey_id: str, subject: str) -> list[Clock]:
    """The clocks of one step, handover or part."""
    wanted = select(t.clock.c.body).where(
        t.clock.c.journey_id == journey_id, t.clock.c.subject == subject
    )
    return [Clock.model_validate(body) for body in (await connection.execute(wanted)).scalars()]


def _involved(journey_id: str, units: Sequence[str]) -> Select[Any]:
    return select(t.journey).where(t.journey.c.id == journey_id, _is_involved(units))


def _is_involved(units: Sequence[str]) -> Any:
    return exists().where(t.involved.c.journey_id == t.journey.c.id, t.involved.c.unit.in_(units))


def _summary(line: Any) -> Summary:
    return Summary.model_validate({name: getattr(line, name) for name in SUMMARY})


async def _parts(connection: AsyncConnection, journey_id: str) -> list[Part]:
    wanted = select(t.part.c.key, t.part.c.holder, t.part.c.since).where(
        t.part.c.journey_id == journey_id
    )
    rows = await connection.execute(wanted.order_by(t.part.c.key))
    return [Part(key=r.key, holder=r.holder, since=r.since) for r in rows]


async def _bodies(
    connection: AsyncConnection, table: Table, value: type[V], journey_id: str
) -> list[V]:
    wanted = select(table.c.body).where(table.c.journey_id == journey_id).order_by(table.c.id)
    return [value.model_validate(body) for body in (await connection.execute(wanted)).scalars()]
