"""What is open at a unit, for paper: as many statements for forty handovers as for one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.clock import Clock, ClockKind
from domain.handover import Handover
from domain.journey import Part, Step, StepState
from domain.summary import Summary
from domain.view import Known
from store import journeys
from store import tables as t
from store.journeys import Person

Grouped = dict[str, list[Row[Any]]]


class Found(NamedTuple):
    """A journey with something open at the unit; its handovers are the unit's own, open ones.

    `requested` is what each handover asks for, by its id; `added` are the labels of steps that
    the pathway does not know, by key.
    """

    known: Known
    who: Person
    requested: Mapping[str, str]
    added: Mapping[str, str]


async def open_at(
    connection: AsyncConnection, unit: str, calls_for: Sequence[str]
) -> tuple[Found, ...]:
    """Every journey in which the unit owes or awaits something, holds a part, or has to call.

    `calls_for` are units without a system that the unit calls on behalf of.
    """
    mine = _sides(unit, calls_for)
    lines = list(await connection.execute(_lines(unit, mine)))
    ids = [line.id for line in lines]
    handovers = await _grouped(
        connection,
        select(t.handover.c.journey_id, t.handover.c.body, _requested()).where(mine),
        t.handover.c.journey_id.in_(ids),
    )
    parts = await _grouped(connection, select(t.part), t.part.c.journey_id.in_(ids))
    clocks = await _grouped(
        connection,
        select(t.clock.c.journey_id, t.clock.c.body),
        t.clock.c.journey_id.in_(ids) & t.clock.c.body["stopped_at"].as_string().is_(None),
    )
    steps = await _grouped(connection, _open_steps(), t.step.c.journey_id.in_(ids))
    added = await _grouped(connection, _added(), t.event.c.journey_id.in_(ids))
    return tuple(_found(line, handovers, parts, clocks, steps, added) for line in lines)


async def note(
    connection: AsyncConnection,
    read: Iterable[Summary],
    *,
    subject: str,
    unit: str,
    correlation_id: str,
) -> None:
    """A line of the access log for each journey, in the reading's own transaction.

    One statement: the rows are sealed one after the other, each with the hash before it.
    """
    rows = [
        {
            "subject": subject,
            "unit": unit,
            "journey_id": line.id,
            "patient_id": line.patient_id,
            "action": "downtime_pack",
            "correlation_id": correlation_id,
        }
        for line in read
    ]
    if rows:
        await connection.execute(insert(t.access_log).inline().values(rows))


def _sides(unit: str, calls_for: Sequence[str]) -> Any:
    """Open handovers to the unit, from it, or with a call that it is to make."""
    h = t.handover.c
    calls = h.call_open & h.to_unit.in_(calls_for)
    return h.open & or_(h.to_unit == unit, h.from_unit == unit, calls)


def _lines(unit: str, mine: Any) -> Select[Any]:
    """The journeys with their patients; one that is closed holds no part any more."""
    c = t.clock.c
    sent = select(t.handover.c.journey_id).where(mine)
    held = select(t.part.c.journey_id).where(t.part.c.holder == unit)
    rings = (c.kind == ClockKind.ALARM) & (c.counterpart == unit)
    owed = select(c.journey_id).where(c.owed, or_(c.owner == unit, rings))
    j = t.journey.c
    return (
        select(t.journey, t.patient.c.system, t.patient.c.value)
        .add_columns(t.patient.c.protection.label("grade"))
        .join(t.patient, t.patient.c.id == j.patient_id)
        .where(or_(j.id.in_(sent), j.id.in_(owed), j.id.in_(held) & j.closed_at.is_(None)))
        .order_by(j.started_at, j.id)
    )


def _requested() -> Any:
    return t.handover.c.content["requested"].as_string().label("requested")


def _open_steps() -> Select[Any]:
    is_open = t.step.c.body["state"].as_string() == StepState.OPEN
    return select(t.step.c.journey_id, t.step.c.body).where(is_open)


def _added() -> Select[Any]:
    definition = t.event.c.what["definition"]
    return select(
        t.event.c.journey_id,
        definition["key"].as_string().label("step"),
        definition["label"]["sv"].as_string().label("said"),
    ).where(t.event.c.type == "step_added")


async def _grouped(connection: AsyncConnection, wanted: Select[Any], where: Any) -> Grouped:
    """Rows by journey, in one statement."""
    found: Grouped = {}
    for row in await connection.execute(wanted.where(where)):
        found.setdefault(row.journey_id, []).append(row)
    return found


def _found(
    line: Row[Any],
    handovers: Grouped,
    parts: Grouped,
    clocks: Grouped,
    steps: Grouped,
    added: Grouped,
) -> Found:
    mine = [(Handover.model_validate(r.body), r.requested) for r in handovers.get(line.id, ())]
    known = Known(
        seq=line.seq,
        summary=Summary.model_validate({n: getattr(line, n) for n in journeys.SUMMARY}),
        parts=tuple(
            Part(key=r.key, holder=r.holder, since=r.since) for r in parts.get(line.id, ())
        ),
        steps=tuple(Step.model_validate(r.body) for r in steps.get(line.id, ())),
        handovers=tuple(handover for handover, _ in mine),
        clocks=tuple(Clock.model_validate(r.body) for r in clocks.get(line.id, ())),
    )
    return Found(
        known=known,
        who=Person(line.system, line.value, line.patient_name, line.grade),
        requested={handover.id: text or "" for handover, text in mine},
        added={r.step: r.said for r in added.get(line.id, ())},
    )
