"""What one decision asks the store to write, whole or not at all; and what the store answers."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from domain.answer import answer
from domain.clock import Clock
from domain.command import Envelope, Idempotency, Identify, Start
from domain.event import Event, HandoverWithdrawn, PatientDied, ProtectionChanged
from domain.evolve import fold
from domain.facts import Protection
from domain.handover import WRONG, Handover
from domain.journey import Journey, Part, Step
from domain.notice import Notice, notices
from domain.patient import Patient
from domain.stay import Episode
from domain.succession import heir
from domain.summary import Summary, summary
from domain.value import HsaId, Instant, Value
from domain.waiting import Wait, waits


class Silence(StrEnum):
    """Which notices that wait are not told any more: all of them, or all but the inbox's."""

    ALL = "all"
    OUTSIDE = "outside"


class WaitChange(Value):
    """A wait that began at an instant, or whose present reason ended then."""

    wait: Wait
    began: bool
    at: Instant


class Changes(Value):
    """What a decision changed, as the state shows it afterwards; the read tables take it over."""

    summary: Summary
    parts: tuple[Part, ...] = ()
    steps: tuple[Step, ...] = ()
    handovers: tuple[Handover, ...] = ()
    clocks: tuple[Clock, ...] = ()
    waits: tuple[WaitChange, ...] = ()
    stays: tuple[Episode, ...] = ()


class Record(Value):
    """One fenced write: it counts only if the journey's sequence is still `expected_seq`.

    What it `silences` are notices of the journey that have not been delivered yet; units that it
    `leaves` out have no access from now on.
    """

    journey_id: str
    expected_seq: int
    events: tuple[Event, ...]
    changes: Changes
    notices: tuple[Notice, ...]
    silences: Silence | None = None
    leaves: tuple[HsaId, ...] = ()
    patient: Patient | None = None
    idempotency: Idempotency | None = None
    answer: dict[str, Any] | None = None
    correlation_id: str = ""


class Verdict(StrEnum):
    """What became of a record."""

    RECORDED = "recorded"
    KNOWN = "known"
    BEHIND = "behind"
    KEY_REUSED = "key_reused"
    OVERLAPS = "overlaps"


class Outcome(Value):
    """The store's answer: the verdict, and the events that the state is to take over.

    When recorded, these are the record's own: history then holds what was written, and a replay
    under changed rules takes over the past as it was instead of deciding it anew.
    """

    verdict: Verdict
    events: tuple[Event, ...] = ()
    answer: dict[str, Any] | None = None


class StoreKnowsLess(Exception):
    """The store was restored to an earlier day; the journey waits for somebody to look."""


def adopted(state: Journey | None, outcome: Outcome) -> Journey | None:
    """The state after what PostgreSQL holds. Raises `StoreKnowsLess`."""
    if outcome.verdict is Verdict.BEHIND and not outcome.events:
        raise StoreKnowsLess
    return fold(outcome.events, state)


def entry(before: Journey | None, events: tuple[Event, ...], envelope: Envelope | None) -> Record:
    """The record of a decision on a command, or of passed time when there is no envelope."""
    after = fold(events, before)
    assert after is not None
    command = envelope.command if envelope else None
    reason = command.overlap_reason if isinstance(command, Start | Identify) else None
    return Record(
        journey_id=after.id,
        expected_seq=before.seq if before else 0,
        events=events,
        changes=changes(before, after, events[-1].decided_at, reason),
        notices=tuple(notices(events, after)),
        silences=_silence(events),
        leaves=_leaves(events, after),
        patient=command.patient if isinstance(command, Start | Identify) else None,
        idempotency=envelope.idempotency if envelope else None,
        answer=answer(after, envelope, events[-1].decided_at) if envelope else None,
        correlation_id=envelope.correlation_id if envelope else "",
    )


def _silence(events: tuple[Event, ...]) -> Silence | None:
    """After a death nobody is told; of a patient protected from now on, nobody outside."""
    found = [e.what for e in events]
    if any(isinstance(what, PatientDied) for what in found):
        return Silence.ALL
    protects = (what for what in found if isinstance(what, ProtectionChanged))
    if any(what.protection is not Protection.NONE for what in protects):
        return Silence.OUTSIDE
    return None


def _leaves(events: tuple[Event, ...], after: Journey) -> tuple[HsaId, ...]:
    """Whoever got what was not meant for them, and holds nothing in its own right."""
    held = {part.holder for part in after.parts.values()} | {after.started_by}
    found = dict[HsaId, None]()
    for event in events:
        if isinstance(event.what, HandoverWithdrawn) and event.what.reason in WRONG:
            handover = after.handovers[event.what.handover_id]
            got_it = (handover.to_unit, *handover.earlier_receivers)
            found |= dict.fromkeys(u for g in got_it for u in (g, heir(after.units, g)))
    return tuple(unit for unit in found if unit not in held)


def changes(
    before: Journey | None, after: Journey, at: Instant, overlap_reason: str | None = None
) -> Changes:
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
        waits=tuple(_wait_changes(before, after, at)),
        stays=tuple(_stay_changes(before, after)),
    )


def _stay_changes(before: Journey | None, after: Journey) -> Iterator[Episode]:
    old = {stay.number: stay for stay in before.episodes} if before else {}
    return (stay for stay in after.episodes if old.get(stay.number) is not stay)


def _wait_changes(before: Journey | None, after: Journey, at: Instant) -> Iterator[WaitChange]:
    """What was waited for and no longer is, or is for another reason, ends; what is new begins."""
    old, new = waits(before), waits(after)
    for key, wait in old.items():
        if new.get(key) != wait:
            yield WaitChange(wait=wait, began=False, at=at)
    for key, wait in new.items():
        if old.get(key) != wait:
            yield WaitChange(wait=wait, began=True, at=at)
