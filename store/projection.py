"""Read rows from domain values: upserts of what changed, inserts of what was added."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain import event as ev
from domain.clock import Clock
from domain.event import Event
from domain.handover import Handover
from domain.record import Changes
from store import tables as t

Row = dict[str, Any]


async def take_over(
    connection: AsyncConnection, journey_id: str, events: Sequence[Event], changes: Changes
) -> None:
    """Bring the read tables to where the state is."""
    contents = {
        e.what.handover_id: e.what.content.model_dump(mode="json")
        for e in events
        if isinstance(e.what, ev.HandoverSent)
    }
    key = {"journey_id": journey_id}
    involved = {changes.summary.started_by, *(p.holder for p in changes.parts)}
    if changes.parts:
        await _put(connection, t.part, [key | p.model_dump() for p in changes.parts])
        await _put(connection, t.involved, [key | {"unit": u} for u in sorted(involved)])
    steps = [key | {"id": s.id, "body": s.model_dump(mode="json")} for s in changes.steps]
    await _put(connection, t.step, steps, ("body",))
    handovers = [
        key | handover_row(h) | {"content": contents.get(h.id, {})} for h in changes.handovers
    ]
    kept = ("from_unit", "to_unit", "state", "open", "sent_at", "body")
    await _put(connection, t.handover, handovers, kept)
    await _put(connection, t.clock, [key | clock_row(c) for c in changes.clocks])
    await _add_happenings(connection, key, events)


def handover_row(handover: Handover) -> Row:
    """A handover's columns, without its content."""
    return {
        "id": handover.id,
        "from_unit": handover.from_unit,
        "to_unit": handover.to_unit,
        "state": handover.state,
        "open": handover.open,
        "sent_at": handover.sent_at,
        "body": handover.model_dump(mode="json"),
    }


def clock_row(clock: Clock) -> Row:
    """A clock's columns."""
    return {
        "id": clock.id,
        "kind": clock.kind,
        "subject": clock.subject,
        "owner": clock.owner,
        "counterpart": clock.counterpart,
        "due_at": clock.due_at,
        "next_at": clock.next_at,
        "running": clock.running,
        "body": clock.model_dump(mode="json"),
    }


async def _add_happenings(connection: AsyncConnection, key: Row, events: Sequence[Event]) -> None:
    firings, messages, visits = [], [], []
    for event in events:
        match event.what:
            case ev.RungFired() as fired:
                firings.append(key | {"seq": event.seq} | _firing(fired))
            case ev.QuestionAsked() as asked:
                messages.append(key | _message(event, asked.handover_id, asked.question))
            case ev.QuestionAnswered() as answered:
                messages.append(key | _message(event, answered.handover_id, answered.answer))
            case ev.VisitRecorded() as visit:
                visits.append(key | _visit(visit))
            case ev.StepCompleted() as done if done.content is not None:
                await _keep_content(connection, key["journey_id"], done)
            case ev.JourneyStarted() as started:
                await _keep_referral(connection, key["journey_id"], started)
            case _:
                pass
    await _put(connection, t.firing, firings)
    await _put(connection, t.message, messages)
    await _put(connection, t.visit, visits)


def _firing(fired: ev.RungFired) -> Row:
    row = fired.model_dump(exclude={"type", "told", "next_rung", "next_at"})
    return row | {"told": [t.model_dump(mode="json") for t in fired.told]}


def _message(event: Event, handover_id: str, text: str) -> Row:
    return {
        "seq": event.seq,
        "handover_id": handover_id,
        "kind": event.what.type,
        "text": text,
        "at": event.effective_at,
    }


def _visit(recorded: ev.VisitRecorded) -> Row:
    return {
        "number": recorded.number,
        "step": recorded.step,
        "at": recorded.visit.at,
        "minutes": recorded.visit.minutes,
        "body": recorded.visit.model_dump(mode="json"),
    }


async def _keep_content(
    connection: AsyncConnection, journey_id: str, done: ev.StepCompleted
) -> None:
    assert done.content is not None
    await _set_content(connection, journey_id, done.step, done.content.model_dump(mode="json"))


async def _keep_referral(
    connection: AsyncConnection, journey_id: str, started: ev.JourneyStarted
) -> None:
    step = f"1.{started.definition.steps[0].key}"
    await _set_content(connection, journey_id, step, started.referral.model_dump(mode="json"))


async def _set_content(
    connection: AsyncConnection, journey_id: str, step: str, content: Row
) -> None:
    await connection.execute(
        update(t.step)
        .where(t.step.c.journey_id == journey_id, t.step.c.id == step)
        .values(content=content)
    )


async def _put(
    connection: AsyncConnection,
    table: Table,
    rows: list[Row],
    replaced: Sequence[str] | None = None,
) -> None:
    """Insert, or replace the columns of `replaced` (all but the key when not named)."""
    if not rows:
        return
    keys = [c.name for c in table.primary_key]
    names = [n for n in (replaced or rows[0]) if n not in keys]
    statement = upsert(table)
    if names:
        taken = {name: statement.excluded[name] for name in names}
        statement = statement.on_conflict_do_update(index_elements=keys, set_=taken)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    await connection.execute(statement, rows)
