"""Read rows from domain values: what changed is replaced, what happened is added."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from domain import event as ev
from domain.clock import Clock
from domain.event import Event
from domain.handover import Handover
from domain.record import Changes
from store import tables as t
from store.rows import Row, Rows, write


async def take_over(
    connection: AsyncConnection, journey_id: str, events: Sequence[Event], changes: Changes
) -> None:
    """Bring the read tables to where the state is; used alone, it rebuilds them."""
    await write(connection, read_rows(journey_id, events, changes))


def read_rows(journey_id: str, events: Sequence[Event], changes: Changes) -> list[Rows]:
    """The rows of one decision, parents before children."""
    key = {"journey_id": journey_id}
    involved = dict.fromkeys((changes.summary.started_by, *(p.holder for p in changes.parts)))
    moved = [key | {"unit": unit} for unit in involved] if changes.parts else []
    return [
        Rows(t.part, [key | p.model_dump() for p in changes.parts], ("holder", "since")),
        Rows(t.involved, moved),
        Rows(t.step, _steps(key, events, changes), ("body",), ("content",)),
        Rows(t.handover, _handovers(key, events, changes), HANDOVER_MOVES),
        Rows(t.clock, [key | clock_row(c) for c in changes.clocks], CLOCK_MOVES),
        *_happenings(key, events),
    ]


HANDOVER_MOVES = ("from_unit", "to_unit", "state", "open", "sent_at", "body")
CLOCK_MOVES = (
    "kind",
    "subject",
    "owner",
    "counterpart",
    "due_at",
    "next_at",
    "owed",
    "body",
)


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
        "owed": clock.owed,
        "body": clock.model_dump(mode="json"),
    }


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


def _steps(key: Row, events: Sequence[Event], changes: Changes) -> list[Row]:
    contents: dict[str, Row] = {}
    for event in events:
        match event.what:
            case ev.StepCompleted(step=step, content=content) if content is not None:
                contents[step] = content.model_dump(mode="json")
            case ev.JourneyStarted(definition=definition, referral=referral):
                contents[f"1.{definition.steps[0].key}"] = referral.model_dump(mode="json")
            case _:
                pass
    return [
        key | {"id": s.id, "body": s.model_dump(mode="json"), "content": contents.get(s.id)}
        for s in changes.steps
    ]


def _handovers(key: Row, events: Sequence[Event], changes: Changes) -> list[Row]:
    contents = {
        e.what.handover_id: e.what.content.model_dump(mode="json")
        for e in events
        if isinstance(e.what, ev.HandoverSent)
    }
    return [key | handover_row(h) | {"content": contents.get(h.id, {})} for h in changes.handovers]


def _happenings(key: Row, events: Sequence[Event]) -> list[Rows]:
    firings, messages, visits = list[Row](), list[Row](), list[Row]()
    for event in events:
        match event.what:
            case ev.RungFired() as fired:
                firings.append(key | {"seq": event.seq} | _firing(fired))
            case ev.QuestionAsked(handover_id=handover, question=text):
                messages.append(key | _message(event, handover, text))
            case ev.QuestionAnswered(handover_id=handover, answer=text):
                messages.append(key | _message(event, handover, text))
            case ev.VisitRecorded() as recorded:
                visits.append(key | _visit(recorded))
            case _:
                pass
    return [Rows(t.firing, firings), Rows(t.message, messages), Rows(t.visit, visits)]


def _firing(fired: ev.RungFired) -> Row:
    row = fired.model_dump(exclude={"type", "told", "next_rung", "next_at"})
    return row | {"told": [told.model_dump(mode="json") for told in fired.told]}


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
