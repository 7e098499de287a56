"""What a sender can expect: when an answer, who is on duty until then, whom which rung reaches."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain import clock as clocks
from domain.calendar import STOCKHOLM
from domain.clock import Clock, ClockKind
from domain.handover import Handover
from domain.journey import Journey
from domain.opening import covered_by, is_open, opens_at
from domain.pathway import HandoverStep
from domain.rules import telling
from domain.unit import Function, Unit
from domain.value import HsaId, Instant, Value

ANSWERS = (ClockKind.RECEIVED, ClockKind.ACKNOWLEDGED, ClockKind.ACCEPTED)
AGREEMENT_SOON = timedelta(days=30)


class OnDuty(Value):
    """Who answers for the patient until the take-over, and how the receiver is reached now."""

    holder: HsaId
    receiver: HsaId
    function: Function | None
    phone: str | None


class RungAhead(Value):
    """A rung that will fire if nobody answers: when, about what, and whom it reaches."""

    at: Instant
    clock: ClockKind
    rung: str
    tells: tuple[dict[str, str | bool], ...]


class Mismatch(Value):
    """What does not fit between patient and receiver; said, and never refused (R-006)."""

    what: str
    wanted: str


class Forecast(Value):
    """What can be expected of a handover that was, or would be, sent now.

    `answer_expected_from` is the first instant at which somebody is there to answer; None when
    the receiver does not open within a year.
    """

    open_now: bool
    answer_expected_from: Instant | None
    answer_due_at: Instant | None
    covered_by: HsaId | None
    on_duty: OnDuty
    rungs: tuple[RungAhead, ...]
    mismatches: tuple[Mismatch, ...]


def forecast(state: Journey, handover_id: str, now: datetime) -> Forecast:
    """Read from the state after the sending: nothing is promised that does not run."""
    handover = state.handovers[handover_id]
    receiver = state.units[handover.to_unit]
    cover = covered_by(receiver, now)
    there = state.units.get(cover or "", receiver)
    accepting = state.clock(ClockKind.ACCEPTED, handover.id)
    return Forecast(
        open_now=is_open(receiver, now, state.calendar),
        answer_expected_from=opens_at(there, now, state.calendar),
        answer_due_at=accepting.due_at if accepting and accepting.running else None,
        covered_by=cover,
        on_duty=_on_duty(state, handover, there, now),
        rungs=tuple(sorted(_rungs(state, handover), key=lambda r: (r.at, r.clock))),
        mismatches=tuple(mismatches(state, receiver, handover, now)),
    )


def _on_duty(state: Journey, handover: Handover, there: Unit, now: datetime) -> OnDuty:
    part = state.parts.get(handover.part)
    opened = is_open(there, now, state.calendar)
    function = Function.INBOX if opened else Function.OUT_OF_HOURS
    contact = there.contact(function)
    return OnDuty(
        holder=part.holder if part else handover.from_unit,
        receiver=there.hsa_id,
        function=contact.function if contact else None,
        phone=contact.phone if contact else None,
    )


def _rungs(state: Journey, handover: Handover) -> Iterator[RungAhead]:
    for kind in ANSWERS:
        running = state.clock(kind, handover.id)
        if running is not None and running.running:
            yield from _of_clock(state, running)


def _of_clock(state: Journey, running: Clock) -> Iterator[RungAhead]:
    """Each rung once; the last one repeats until a person acts."""
    ladder = state.ladders.get(running.ladder)
    for index, rung in enumerate(ladder.rungs):
        at = clocks.rung_at(running, ladder, index, state.calendar_of(running))
        told = telling.everyone(state, running, rung, at)
        tells = tuple(
            {"unit": t.unit, "function": str(t.function), "reached": t.reached} for t in told
        )
        yield RungAhead(at=at, clock=running.kind, rung=rung.key, tells=tells)


def _takes_age(receiver: Unit, age: int) -> bool:
    youngest = receiver.min_age or 0
    oldest = age if receiver.max_age is None else receiver.max_age
    return youngest <= age <= oldest


def mismatches(
    state: Journey, receiver: Unit, handover: Handover, now: datetime
) -> Iterator[Mismatch]:
    """Area, target group, agreement and professions that do not fit."""
    served = not receiver.area or state.municipality in receiver.area
    if state.municipality and not served and not state.protected:
        yield Mismatch(what="area", wanted=state.municipality)
    step = state.step_definition(handover.step) if handover.step else None
    local = isinstance(step, HandoverStep) and step.same_municipality and not state.protected
    if local and state.municipality and receiver.municipality not in (None, state.municipality):
        yield Mismatch(what="municipality", wanted=state.municipality)
    names = (state.definition.key, state.definition.family)
    if receiver.pathways and not any(name in receiver.pathways for name in names):
        yield Mismatch(what="target_group", wanted=state.definition.key)
    if state.age is not None and not _takes_age(receiver, state.age):
        yield Mismatch(what="age", wanted=str(state.age))
    today = now.astimezone(STOCKHOLM).date()
    if receiver.agreement_until and receiver.agreement_until < today + AGREEMENT_SOON:
        yield Mismatch(what="agreement", wanted=receiver.agreement_until.isoformat())
    if receiver.professions:
        for profession in handover.professions:
            if profession not in receiver.professions:
                yield Mismatch(what="profession", wanted=profession)
    if (
        not is_open(receiver, now, state.calendar)
        and opens_at(receiver, now, state.calendar) is None
    ):
        yield Mismatch(what="closed", wanted="open")
