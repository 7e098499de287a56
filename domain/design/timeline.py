"""What a simulation comes to, line by line: who did what, who was told, and what became overdue."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from domain import event as ev
from domain.clock import Clock
from domain.clock_words import KINDS
from domain.design.simulation import Simulation
from domain.event import Event
from domain.evolve import evolve
from domain.journey import Journey
from domain.opening import is_open
from domain.value import HsaId, Instant, Labels, Value

What = Literal["did", "refused", "opened", "fell_away", "told", "not_reached", "overdue", "ended"]


class Line(Value):
    """One line: when, what kind of thing, at which unit, and in words.

    `shut` says that the unit was closed just then.
    """

    at: Instant
    what: What
    subject: str
    unit: HsaId | None = None
    shut: bool = False
    words: Labels


def timeline(simulation: Simulation) -> tuple[Line, ...]:
    """Everything in the order in which it came."""
    found = [*_refusals(simulation), *_events(simulation)]
    found.append(_end(simulation))
    return tuple(sorted(found, key=lambda line: line.at))


def _refusals(simulation: Simulation) -> Iterator[Line]:
    for move in simulation.moves:
        if move.refused:
            sv = f"{move.command.type} avvisades: {move.refused}"
            en = f"{move.command.type} was refused: {move.refused}"
            words = Labels(sv=sv, en=en)
            yield Line(at=move.at, what="refused", subject=move.refused, unit=move.by, words=words)


def _events(simulation: Simulation) -> Iterator[Line]:
    state: Journey | None = None
    late = dict[str, datetime]()
    for event in simulation.log:
        if state is not None:
            yield from _overdue(state, event.decided_at, late, simulation)
        state = evolve(state, event)
        yield from _lines(event, state, simulation)


def _overdue(
    state: Journey, until: datetime, late: dict[str, datetime], simulation: Simulation
) -> Iterator[Line]:
    """Promises that ran out before the next thing happened, each once for each due."""
    for clock in sorted(state.running(), key=lambda c: c.due_at):
        acts = not state.ladders.get(clock.ladder).rungs
        if acts or clock.due_at > until or late.get(clock.id) == clock.due_at:
            continue
        late[clock.id] = clock.due_at
        name = about(clock, state)
        sv, en = f"{name.sv} är försenad", f"{name.en} is overdue"
        yield _at(clock.due_at, "overdue", clock.id, clock.owner, (sv, en), simulation)


def _lines(event: Event, state: Journey, simulation: Simulation) -> Iterator[Line]:
    what, at = event.what, event.effective_at
    match what:
        case ev.RungFired():
            yield from _told(what, state, at, simulation)
        case ev.StepOpened(step=step):
            label = label_of(state, step)
            unit = state.holder(state.steps[step].part)
            said = f"{label.sv} öppnas", f"{label.en} opens"
            yield _at(at, "opened", step, unit, said, simulation)
        case ev.StepNotNeeded(step=step) | ev.RepetitionEnded(step=step):
            label = label_of(state, step)
            said = f"{label.sv} behövs inte (längre)", f"{label.en} is not needed (any more)"
            yield _at(at, "fell_away", step, None, said, simulation)
        case _ if event.actor is not None:
            if words := _done(what, state):
                yield _at(at, "did", what.type, event.actor.unit, words, simulation)
        case ev.HandoverTakenOver():
            said = "överlämningen övertas vid utskrivning", "the handover is taken over"
            yield _at(at, "did", what.handover_id, None, said, simulation)
        case _:
            pass


def _told(
    what: ev.RungFired, state: Journey, at: datetime, simulation: Simulation
) -> Iterator[Line]:
    clock = state.clocks[what.clock_id]
    last = len(state.ladders.get(clock.ladder).rungs) - 1
    if what.number > last:
        return  # it is told again and again until somebody acts; once is said here
    name = about(clock, state)
    for told in what.told:
        reached: What = "told" if told.reached and not told.quiet else "not_reached"
        verb = ("får veta", "is told") if reached == "told" else ("nås inte", "is not reached")
        waits = f" ({told.not_before:%Y-%m-%d %H:%M} UTC)" if told.not_before else ""
        sv = f"{told.function} {verb[0]}: {name.sv}, {what.rung}{waits}"
        en = f"{told.function} {verb[1]}: {name.en}, {what.rung}{waits}"
        yield _at(at, reached, what.clock_id, told.unit, (sv, en), simulation)


def _done(what: object, state: Journey) -> tuple[str, str] | None:
    match what:
        case ev.JourneyStarted():
            return "förloppet startas", "the journey starts"
        case ev.StepCompleted(step=step):
            label = label_of(state, step)
            return f"{label.sv} görs klar", f"{label.en} is completed"
        case ev.StepSkipped(step=step):
            label = label_of(state, step)
            return f"{label.sv} hoppas över", f"{label.en} is skipped"
        case ev.VisitRecorded(number=number):
            return f"besök {number}", f"visit {number}"
        case ev.HandoverSent(handover_id=found, to=to):
            return f"överlämning {found} skickas till {to.name}", f"handover {found} to {to.name}"
        case ev.PatientLeft():
            return "patienten lämnar avdelningen", "the patient leaves the ward"
        case ev.PeriodStarted(period=period):
            return f"period {period} börjar", f"period {period} begins"
        case ev.JourneyClosed(reason=reason):
            return f"förloppet avslutas: {reason}", f"the journey is closed: {reason}"
        case _:
            return _of_handover(what)


_SAID: dict[type, tuple[str, str]] = {
    ev.HandoverAcknowledged: ("kvitteras", "is acknowledged"),
    ev.HandoverAccepted: ("accepteras", "is accepted"),
    ev.HandoverDeclined: ("återsänds", "is declined"),
    ev.HandoverTakenOver: ("övertas", "is taken over"),
    ev.FirstContactReported: ("första kontakt", "first contact"),
}


def _of_handover(what: object) -> tuple[str, str] | None:
    said = _SAID.get(type(what))
    if said is None:
        return None
    found = getattr(what, "handover_id", "")
    return f"överlämning {found}: {said[0]}", f"handover {found}: {said[1]}"


def label_of(state: Journey, step_id: str) -> Labels:
    """What a step is called."""
    step = state.steps[step_id]
    definition = state.step_definition(step.key)
    return definition.label if definition else Labels(sv=step.key, en=step.key)


def about(clock: Clock, state: Journey) -> Labels:
    """A promise and what it is about, in words."""
    kind = KINDS[clock.kind]
    if clock.subject in state.steps:
        label = label_of(state, clock.subject)
        return Labels(sv=f"{kind.sv}: {label.sv}", en=f"{kind.en}: {label.en}")
    return Labels(sv=f"{kind.sv} {clock.subject}", en=f"{kind.en} {clock.subject}")


def _at(
    at: datetime,
    what: What,
    subject: str,
    unit: HsaId | None,
    words: tuple[str, str],
    simulation: Simulation,
) -> Line:
    known = simulation.units.get(unit) if unit else None
    shut = known is not None and not is_open(known, at, simulation.state.calendar)
    said = Labels(sv=words[0], en=words[1])
    return Line(at=at, what=what, subject=subject, unit=unit, shut=shut, words=said)


def _end(simulation: Simulation) -> Line:
    said = {
        "closed": Labels(sv="slut: avslutat", en="end: closed"),
        "time_up": Labels(sv="slut: tiden är ute", en="end: time is up"),
        "stands_still": Labels(
            sv="slut: står still, ingen gör något och ingen klocka går",
            en="end: stands still, nobody acts and no clock runs",
        ),
    }[simulation.ended]
    at = simulation.log[-1].decided_at
    return Line(at=at, what="ended", subject=simulation.ended, words=said)


def overdue(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """What became overdue."""
    return tuple(line for line in lines if line.what == "overdue")
