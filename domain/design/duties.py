"""What each actor of a simulation does next: who, when, and by which command."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import chain
from typing import NamedTuple

from domain import command as cmd
from domain.calendar import DAY, Budget, Calendar, advance, plain
from domain.clock import ClockKind
from domain.design import contents
from domain.design.case import COMMAND, Case, Habit
from domain.handover import DeclineReason, Handover, HandoverState, Now, OnDischarge
from domain.journey import Journey, Step, StepState
from domain.opening import opens_at
from domain.pathway import HandoverStep, Obligation, Purpose, StepDefinition, UntilDischarge
from domain.rules.begin import deadline_now, is_ready
from domain.rules.receiver import deadlines, may_hold
from domain.unit import INPATIENT, Unit
from domain.value import HsaId

SOON = timedelta(hours=1)
# Of its time, before anybody is reminded; no share at which a ladder has a rung.
SHARE = 0.41


class Duty(NamedTuple):
    """Something that somebody is going to do; `key` says which, so that it is done once."""

    at: datetime
    key: str
    by: HsaId
    command: cmd.Command


class Stage(NamedTuple):
    """What duties are made from: the case, the units as they are in it, and how often decided.

    `made` keeps what has been made already.
    """

    case: Case
    units: Mapping[HsaId, Unit]
    calendar: Calendar
    decided: int
    sent: int
    made: dict[tuple[object, ...], Sequence[Duty]]


def duties(state: Journey, stage: Stage) -> Iterator[Duty]:
    """Everything that anybody would do by and by, as things stand; each within opening hours."""
    for step in state.steps.values():
        if step.period == state.period:
            yield from _kept(state, step, stage)
    others = (_extras(state, stage), _departure(state, stage), _handovers(state, stage))
    for duty in chain(*others):
        yield from _within_hours(duty, stage)


def _kept(state: Journey, step: Step, stage: Stage) -> Sequence[Duty]:
    """What follows from the step alone is made once; hundreds may be open at a time."""
    alone = step.kind not in ("handover", "follow_up") and step.state is StepState.OPEN
    limit = state.clock(ClockKind.LIMIT, step.id)
    until = limit.due_at if limit else None
    name = (step.id, step.opened_at, state.holder(step.part), until) if alone else None
    if name is not None and name in stage.made:
        return stage.made[name]
    found = [d for duty in _of_step(state, step, stage) for d in _within_hours(duty, stage)]
    if name is not None:
        stage.made[name] = found
    return found


def _within_hours(duty: Duty, stage: Stage) -> Iterator[Duty]:
    unit = stage.units.get(duty.by)
    at = opens_at(unit, duty.at, stage.calendar) if unit else duty.at
    if at is not None:
        yield duty._replace(at=at if at == duty.at else at + _coffee(duty.key))


def _coffee(key: str) -> timedelta:
    """Nobody answers at the very minute of opening, nor all at the same after it."""
    return timedelta(minutes=10 + sum(map(ord, key)) % 50)


def _handovers(state: Journey, stage: Stage) -> Iterator[Duty]:
    for handover in state.handovers.values():
        yield from _of_handover(state, handover, stage)


def _extras(state: Journey, stage: Stage) -> Iterator[Duty]:
    for place, extra in enumerate(stage.case.extras):
        at = _later(state.started_at, extra.after, stage)
        wanted = COMMAND.validate_python(extra.command)
        yield Duty(at, f"extra {place}", extra.by or state.started_by, wanted)


def _departure(state: Journey, stage: Stage) -> Iterator[Duty]:
    """The patient goes home from the ward, once in each period."""
    at = leaves_at(state, stage.case)
    if at is not None and state.departure is None:
        wanted = cmd.RecordDeparture(at=at, to="home")
        yield Duty(at, f"leaves {state.period}", state.started_by, wanted)


def leaves_at(state: Journey, case: Case) -> datetime | None:
    """When the patient leaves; None for who is at home already.

    In a later period only a pathway that waits for it has the patient back on a ward.
    """
    ward = state.units[state.started_by].kind in INPATIENT and state.period == 1
    waits = any(isinstance(d.waits, UntilDischarge) for d in state.definition.steps)
    if case.leaves_after is None or not (ward or waits):
        return None
    first = state.current(state.definition.steps[0].key)
    begun = first.ended_at if first and first.ended_at else state.started_at
    return begun + case.leaves_after * DAY + 4 * SOON


def _of_step(state: Journey, step: Step, stage: Stage) -> Iterator[Duty]:
    definition = state.step_definition(step.key)
    if definition is None or ((pace := stage.case.pace.get(step.key)) and pace.never):
        return
    if step.state is StepState.WAITING and step.key in stage.case.early:
        yield from _early(state, step, definition, stage)
    if step.state is not StepState.OPEN or step.opened_at is None:
        return
    if isinstance(definition, HandoverStep):
        yield from _send(state, step, definition, stage)
        return
    if step.kind == "intervention":
        yield from _visits(state, step, definition, stage)
    yield from _complete(state, step, definition, stage)


def _complete(
    state: Journey, step: Step, definition: StepDefinition, stage: Stage
) -> Iterator[Duty]:
    assert step.opened_at is not None
    at = _done_at(step.opened_at, step, definition, stage)
    if step.kind == "follow_up" and _under_way(state):
        return
    given = contents.content(state, definition, stage.case, at, stage.decided)
    if given is not None:
        wanted = cmd.CompleteStep(step=step.key, content=given, professions=definition.professions)
        yield Duty(at, f"complete {step.id} {step.opened_at}", state.holder(step.part), wanted)


def _under_way(state: Journey) -> bool:
    """Nobody ends a journey while an answer or a start is owed."""
    return any(h.open and h.stage is not HandoverState.TAKEN_OVER for h in state.handovers.values())


def _done_at(begun: datetime, step: Step, definition: StepDefinition, stage: Stage) -> datetime:
    pace = stage.case.pace.get(step.key)
    if pace and pace.after:
        return _later(begun, pace.after, stage)
    budget = deadline_now(definition, step).budget
    return advance(begun, budget.span * SHARE, plain(budget), stage.calendar)


def _early(state: Journey, step: Step, definition: StepDefinition, stage: Stage) -> Iterator[Duty]:
    if not is_ready(state, definition):
        return
    before = (state.current(key) for key in definition.after)
    begun = max((s.ended_at for s in before if s and s.ended_at), default=state.started_at) + SOON
    given = contents.content(state, definition, stage.case, begun, stage.decided)
    if given is not None:
        wanted = cmd.CompleteStep(
            step=step.key,
            content=given,
            professions=definition.professions,
            early_reason=stage.case.early[step.key],
        )
        yield Duty(begun, f"early {step.id}", state.holder(step.part), wanted)


def _visits(state: Journey, step: Step, definition: StepDefinition, stage: Stage) -> Iterator[Duty]:
    """None past the limit of the step: somebody would have to extend it first."""
    assert step.opened_at is not None
    limit = state.clock(ClockKind.LIMIT, step.id)
    for number in range(stage.case.visits):
        at = step.opened_at + number * stage.case.visit_every * DAY + SOON
        if limit is not None and limit.running and limit.due_at <= at:
            return
        wanted = cmd.RecordVisit(step=step.key, visit=contents.visit(at, definition))
        name = f"visit {step.id} {step.opened_at} {number}"
        yield Duty(at, name, state.holder(step.part), wanted)


def _send(state: Journey, step: Step, definition: HandoverStep, stage: Stage) -> Iterator[Duty]:
    """To the first receiver that fits and has not said no, once the part can be handed over."""
    asked = [h for h in state.handovers.values() if (h.period, h.step) == (step.period, step.key)]
    moving = definition.purpose.moves and state.pending(definition.hands) is not None
    if moving or any(h.open for h in asked) or step.opened_at is None:
        return
    declined = {h.to_unit for h in asked}
    to = receiver_of(state, definition, stage, declined)
    if _is_moot(state, step, definition, stage):
        yield from _leave_out(state, step, definition)
        return
    if to is None:
        return
    since = max((h.declined_at for h in asked if h.declined_at), default=step.opened_at)
    pace = stage.case.pace.get(step.key)
    at = _later(since, pace.after, stage) if pace and pace.after else since + SOON
    leaves = leaves_at(state, stage.case) if state.departure is None else None
    estimate = leaves if leaves is not None and leaves > at else None
    wanted = cmd.Send(
        handover_id=f"h-{stage.sent + 1}",
        part=definition.hands,
        purpose=definition.purpose,
        step=step.key,
        to=to,
        content=contents.handover_content(definition, stage.case, estimate),
        stand_ins=_stand_ins(to, stage),
    )
    yield Duty(at, f"send {step.id} {len(asked)}", state.holder(definition.part), wanted)


def _is_moot(state: Journey, step: Step, definition: HandoverStep, stage: Stage) -> bool:
    """Whether somebody has the part since an earlier period, or nobody but the sender fits."""
    part, sender = state.parts.get(definition.hands), state.holder(definition.part)
    if step.period > 1 and part is not None and part.holder != sender:
        return True
    alone = [u.hsa_id for u in _fitting(state, definition, stage)]
    return alone == [sender]


def _leave_out(state: Journey, step: Step, definition: HandoverStep) -> Iterator[Duty]:
    """With a reason, where the pathway lets one do so."""
    if definition.obligation is not Obligation.MANDATORY and step.opened_at is not None:
        wanted = cmd.SkipStep(step=step.key, reason=contents.MADE_UP)
        holder = state.holder(definition.part)
        yield Duty(step.opened_at + SOON, f"leave out {step.id}", holder, wanted)


def _stand_ins(unit: Unit, stage: Stage) -> tuple[Unit, ...]:
    """Who covers for the receiver or stands in for a function of it."""
    ids = [c.covered_by for c in unit.closures] + [s.unit for s in unit.substitutes]
    ids.append(unit.proxy_owner)
    named = dict.fromkeys(i for i in ids if i is not None and i in stage.units)
    return tuple(stage.units[i] for i in named)


def receiver_of(
    state: Journey, definition: HandoverStep, stage: Stage, not_these: set[HsaId]
) -> Unit | None:
    """Who is asked: the case's own choice, else the first that fits, in the patient's area."""
    named = stage.case.receivers.get(definition.key)
    if named is not None and named not in not_these:
        return stage.units.get(named)
    sender = state.holder(definition.part)
    fits = _fitting(state, definition, stage)
    able = [u for u in fits if u.hsa_id != sender and u.hsa_id not in not_these]
    here = [u for u in able if stage.case.municipality in (u.municipality, *u.area)]
    if definition.same_municipality:
        able = here
    return next(iter([u for u in here if u.connected] or here or able), None)


def _fitting(state: Journey, definition: HandoverStep, stage: Stage) -> list[Unit]:
    """Units of a wanted kind, in the order of the kinds, that may hold the part and answer now."""
    step, pathway = state.current(definition.key), state.definition
    opened = step.opened_at if step and step.opened_at else state.started_at
    return [
        unit
        for kind in definition.to
        for unit in stage.units.values()
        if unit.kind is kind and can_answer(unit, opened.date())
        if not definition.purpose.moves or may_hold(pathway, unit, definition.hands)
    ]


def can_answer(unit: Unit, day: date) -> bool:
    """Whether a unit can be sent something that day: reached, in its own name, by agreement."""
    agreed = unit.agreement_until is None or unit.agreement_until > day
    return bool(unit.contacts) and unit.successor is None and agreed


def _of_handover(state: Journey, handover: Handover, stage: Stage) -> Iterator[Duty]:
    if not handover.open or handover.sent_at is None:
        return
    habit = habit_of(handover, stage)
    if habit.does == "silent" and handover.taken_over_at is None:
        return
    if handover.taken_over_at is not None:
        yield from _after_take_over(state, handover, habit, stage)
        return
    at = _answers_at(state, handover, habit, stage)
    read = handover.sent_at + (at - handover.sent_at) / 2
    if handover.acknowledged_at is None and habit.acknowledges:
        wanted = cmd.Acknowledge(handover_id=handover.id)
        yield Duty(read, f"read {handover.id}", handover.to_unit, wanted)
    if handover.accepted_at is None and handover.purpose is not Purpose.INFORM:
        yield Duty(at, f"answer {handover.id}", handover.to_unit, _answer(state, handover, habit))


def _answer(state: Journey, handover: Handover, habit: Habit) -> cmd.Accept | cmd.Decline:
    if habit.does == "declines":
        return cmd.Decline(handover_id=handover.id, reason=DeclineReason.WRONG_UNIT)
    waits = handover.estimated_discharge_at is not None and state.departure is None
    return cmd.Accept(handover_id=handover.id, takes_over=OnDischarge() if waits else Now())


def _answers_at(state: Journey, handover: Handover, habit: Habit, stage: Stage) -> datetime:
    assert handover.sent_at is not None
    if habit.after is not None:
        return _later(handover.sent_at, habit.after, stage)
    wanted = deadlines(state, handover.step)
    inform = handover.purpose is Purpose.INFORM
    budget = (wanted.acknowledge if inform else wanted.accept).budget
    return advance(handover.sent_at, budget.span * SHARE, plain(budget), stage.calendar)


def _after_take_over(
    state: Journey, handover: Handover, habit: Habit, stage: Stage
) -> Iterator[Duty]:
    assert handover.taken_over_at is not None
    if not habit.first_contact:
        return
    budget = deadlines(state, handover.step).first_contact.budget
    met = advance(handover.taken_over_at, budget.span * SHARE, plain(budget), stage.calendar)
    if handover.first_contact_at is None:
        wanted = cmd.ReportFirstContact(handover_id=handover.id, at=met)
        yield Duty(met, f"meet {handover.id}", handover.to_unit, wanted)


def habit_of(handover: Handover, stage: Stage) -> Habit:
    """The first habit that fits the receiver; without one it says yes."""
    unit = stage.units.get(handover.to_unit)
    for habit in stage.case.habits:
        who = habit.who
        if who.step not in (None, handover.step) or who.unit not in (None, handover.to_unit):
            continue
        if who.kind is None or (unit is not None and unit.kind is who.kind):
            return habit
    return Habit()


def _later(since: datetime, budget: Budget, stage: Stage) -> datetime:
    return advance(since, budget.span, plain(budget), stage.calendar)
