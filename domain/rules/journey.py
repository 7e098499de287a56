"""The journey's edges: its start, the patient's departure, its end, and passing time."""

from domain import command as cmd
from domain import event as ev
from domain.draft import Draft
from domain.handover import HandoverState, OnDischarge
from domain.pathway import COORDINATION
from domain.refusal import FieldProblem, Refused
from domain.rules import access, alarm, clock, receiver, step, take_over


def start(draft: Draft, command: cmd.Start) -> None:
    """Begin: the starting unit holds coordination and every part that exists from the start.

    Raises `Refused`: not_your_unit, role_not_enough, receiver_kind_mismatch.
    """
    assert draft.actor is not None
    access.must_start(draft.actor, command.unit.hsa_id)
    draft.add(
        ev.JourneyStarted(
            journey_id=command.journey_id,
            patient_id=command.patient_id,
            definition=command.definition,
            calendar=command.calendar,
            ladders=command.ladders,
            unit=command.unit,
            referral=command.referral,
            overlap_reason=command.overlap_reason,
        )
    )
    parts = [COORDINATION, *(p.key for p in command.definition.parts if p.from_start)]
    for part in parts:
        if not receiver.may_hold(draft.state, command.unit, part):
            raise Refused("receiver_kind_mismatch", FieldProblem(field="unit", rule=part))
        draft.add(ev.PartStarted(part=part, holder=command.unit.hsa_id))
    referral = draft.state.current(command.definition.steps[0].key)
    assert referral is not None
    draft.add(ev.StepOpened(step=referral.id))
    draft.add(ev.StepCompleted(step=referral.id))
    step.open_ready(draft)


def record_departure(draft: Draft, command: cmd.RecordDeparture) -> None:
    """The patient has left the unit (never blocked).

    1. Handovers accepted for discharge are taken over, at the instant of leaving.
    2. With assessed need, each part that is still the unit's raises an alarm, now (promise 2).

    Raises `Refused`: not_holder, already_left, instant_in_future.
    """
    access.must_be_part_of(draft)
    unit = access.acting_unit(draft)
    if command.at > draft.now:
        raise Refused("instant_in_future", FieldProblem(field="at", rule="in_future"))
    earlier = draft.state.departure
    if earlier and earlier.from_unit == unit and command.at <= earlier.at:
        raise Refused("already_left")
    draft.add(ev.PatientLeft(from_unit=unit, at=command.at, to=command.to), effective_at=command.at)
    _take_over_on_discharge(draft, command, unit)
    if draft.state.need:
        alarm.raise_for(draft, unit)


def close(draft: Draft, command: cmd.Close) -> None:
    """Close by decision of the coordination's holder."""
    access.must_hold(draft, COORDINATION)
    step.close(draft, command.reason)


def pass_time(draft: Draft) -> None:
    """Do what is due, in the order in which it became due, each once.

    A take-over counts from its instant, however late it is done (promise 5): the rungs up to it
    are fired before it, and what it starts runs from it.
    """
    while due := clock.first_due(draft.state, draft.now, acting=True):
        clock.fire_until(draft, due.due_at)
        with draft.as_of(due.due_at):
            take_over.take_over(draft, draft.state.handovers[due.subject])
    clock.fire_until(draft, draft.now)


def _take_over_on_discharge(draft: Draft, command: cmd.RecordDeparture, unit: str) -> None:
    for waiting in tuple(draft.state.handovers.values()):
        accepted = waiting.state is HandoverState.ACCEPTED and waiting.from_unit == unit
        if accepted and isinstance(waiting.takes_over, OnDischarge):
            assert waiting.accepted_at is not None
            with draft.as_of(max(command.at, waiting.accepted_at)):
                take_over.take_over(draft, waiting)
