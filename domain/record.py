"""What one decision asks the store to write, whole or not at all; and what the store answers."""

import hashlib
from enum import StrEnum
from typing import Any

from domain.answer import answer
from domain.clock import Clock
from domain.command import Envelope, Idempotency, Start
from domain.event import Event
from domain.evolve import fold
from domain.handover import Handover
from domain.journey import Journey, Part, Step
from domain.notice import Notice, notices
from domain.patient import Patient
from domain.summary import Summary, summary
from domain.value import Value


class Changes(Value):
    """What a decision changed, as the state shows it afterwards; the read tables take it over."""

    summary: Summary
    parts: tuple[Part, ...] = ()
    steps: tuple[Step, ...] = ()
    handovers: tuple[Handover, ...] = ()
    clocks: tuple[Clock, ...] = ()


class Record(Value):
    """One fenced write: it counts only if the journey's sequence is still `expected_seq`."""

    journey_id: str
    expected_seq: int
    events: tuple[Event, ...]
    changes: Changes
    notices: tuple[Notice, ...]
    patient: Patient | None = None
    idempotency: Idempotency | None = None
    answer: dict[str, Any] | None = None
    correlation_id: str = ""
    fingerprint: str


class Verdict(StrEnum):
    """What became of a record."""

    RECORDED = "recorded"
    KNOWN = "known"
    BEHIND = "behind"
    KEY_REUSED = "key_reused"
    OVERLAPS = "overlaps"


class Outcome(Value):
    """The store's answer: the verdict, events that the journey did not know, a known answer.

    What was recorded is named by its fingerprint: history holds it, so that a replay under
    changed rules is noticed instead of quietly deciding another past.
    """

    verdict: Verdict
    events: tuple[Event, ...] = ()
    answer: dict[str, Any] | None = None
    fingerprint: str = ""


class Disagreement(Exception):
    """Workflow and store tell different stories; the journey waits for somebody to look."""


def adopted(state: Journey | None, decided: tuple[Event, ...], outcome: Outcome) -> Journey | None:
    """The state after what PostgreSQL holds: our events if they were written, else its own.

    Raises `Disagreement` when the rules no longer decide what was recorded, or when the store
    knows less than the workflow (it was restored to an earlier day).
    """
    if outcome.verdict is Verdict.RECORDED:
        if outcome.fingerprint != fingerprint(decided):
            raise Disagreement("the rules decide something else than what was recorded")
        return fold(decided, state)
    if outcome.verdict is Verdict.BEHIND and not outcome.events:
        raise Disagreement("the store knows less of the journey than the workflow does")
    return fold(outcome.events, state)


def fingerprint(events: tuple[Event, ...]) -> str:
    """A short hash of what was decided."""
    digest = hashlib.sha256()
    for event in events:
        digest.update(event.model_dump_json().encode())
    return digest.hexdigest()[:32]


def entry(before: Journey | None, events: tuple[Event, ...], envelope: Envelope | None) -> Record:
    """The record of a decision on a command, or of passed time when there is no envelope."""
    after = fold(events, before)
    assert after is not None
    starting = envelope.command if envelope and isinstance(envelope.command, Start) else None
    return Record(
        journey_id=after.id,
        expected_seq=before.seq if before else 0,
        events=events,
        changes=changes(before, after, starting.overlap_reason if starting else None),
        notices=tuple(notices(events, after)),
        patient=starting.patient if starting else None,
        idempotency=envelope.idempotency if envelope else None,
        answer=answer(after, envelope) if envelope else None,
        correlation_id=envelope.correlation_id if envelope else "",
        fingerprint=fingerprint(events),
    )


def changes(before: Journey | None, after: Journey, overlap_reason: str | None = None) -> Changes:
    """What is new or different; untouched values are the same objects, so identity tells."""

    def changed(name: str) -> tuple[Any, ...]:
        old: dict[str, Any] = getattr(before, name) if before else {}
        new: dict[str, Any] = getattr(after, name)
        return tuple(value for key, value in new.items() if old.get(key) is not value)

    return Changes(
        summary=summary(after, overlap_reason),
        parts=changed("parts"),
        steps=changed("steps"),
        handovers=changed("handovers"),
        clocks=changed("clocks"),
    )
