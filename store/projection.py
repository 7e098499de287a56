"""Read rows from domain values: what changed is replaced, what happened is added."""

from collections.abc import Iterator, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from domain import event as ev
from domain.clock import Clock
from domain.event import Event
from domain.handover import Handover
from domain.record import Changes
from store import tables as t
from store.projection_of_care import meetings, plans, posts, stays
from store.rows import Ends, Row, Rows, write


async def take_over(
    connection: AsyncConnection, journey_id: str, events: Sequence[Event], changes: Changes
) -> None:
    """Bring the read tables to where the state is; used alone, it rebuilds them."""
    await write(connection, read_rows(journey_id, events, changes))


def read_rows(journey_id: str, events: Sequence[Event], changes: Changes) -> list[Rows | Ends]:
    """The rows of one decision, parents before children."""
    key = {"journey_id": journey_id}
    involved = dict.fromkeys((changes.summary.started_by, *(p.holder for p in changes.parts)))
    moved = [key | {"unit": unit} for unit in involved] if changes.parts else []
    return [
        Rows(t.part, [key | p.model_dump() for p in changes.parts], ("holder", "since")),
        Rows(t.involved, moved),
        Rows(t.step, _steps(key, events, changes), ("body",), ("content",)),
        Rows(t.handover, _handovers(key, events, changes), HANDOVER_MOVES, ("content",)),
        Rows(t.clock, [key | clock_row(c) for c in changes.clocks], CLOCK_MOVES),
        plans(key, events, changes),
        meetings(key, events, changes),
        posts(key, events),
        stays(key, changes),
        *_waits(key, changes),
        *_happenings(key, events),
    ]


HANDOVER_MOVES = (
    "from_unit",
    "to_unit",
    "state",
    "open",
    "sent_at",
    "call_open",
    "proxied",
    "body",
)
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
        "sent_at": handover.sent_at or handover.began_at,
        "call_open": handover.call_task is not None and handover.open,
        "proxied": handover.proxied,
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
    contents: dict[str, Row] = {}
    for event in events:
        match event.what:
            case ev.HandoverSent() as sent:
                contents[sent.handover_id] = sent.content.model_dump(mode="json")
            case ev.HandoverAnnounced() as told:
                wanted = {"requested", "legal_basis", "estimated_at"}
                contents[told.handover_id] = told.model_dump(mode="json", include=wanted)
            case _:
                pass
    return [key | handover_row(h) | {"content": contents.get(h.id)} for h in changes.handovers]


def _waits(key: Row, changes: Changes) -> list[Rows | Ends]:
    """What was waited for and is over ends before what is waited for now begins."""
    ended = [
        key | {"kind": c.wait.kind, "subject": c.wait.subject, "until_at": c.at}
        for c in changes.waits
        if not c.began
    ]
    begun = [key | c.wait.model_dump() | {"from_at": c.at} for c in changes.waits if c.began]
    return [
        Ends(t.wait, ended, ("journey_id", "kind", "subject"), "until_at"),
        Rows(t.wait, begun, fresh=True),
    ]


def _happenings(key: Row, events: Sequence[Event]) -> list[Rows | Ends]:
    firings, messages, visits = list[Row](), list[Row](), list[Row]()
    for event in events:
        match event.what:
            case ev.RungFired() as fired:
                firings.append(key | {"seq": event.seq} | _firing(fired))
            case ev.VisitRecorded() as recorded:
                visits.append(key | _visit(recorded))
            case _:
                messages += [key | said for said in _said(event)]
    return [Rows(t.firing, firings), Rows(t.message, messages), Rows(t.visit, visits)]


# What the two sides of a handover write to each other, and the field that holds the words.
SAYS: dict[type, str] = {
    ev.QuestionAsked: "question",
    ev.QuestionAnswered: "answer",
    ev.HandoverDeclined: "text",
    ev.HandoverProposed: "text",
    ev.ProposalRefused: "reason",
    ev.CancellationRequested: "reason",
    ev.CancellationRefused: "text",
    ev.HandoverDisputed: "reason",
    ev.HandoverCompleted: "outcome",
}


def _said(event: Event) -> Iterator[Row]:
    """A line of the handover's thread, if something was said."""
    what = event.what
    field = SAYS.get(type(what))
    text = getattr(what, field) if field else None
    if text and isinstance(what, ev.HandoverHappening):
        yield _message(event, what.handover_id, text)


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
