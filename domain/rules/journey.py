"""The journey's edges: its start, its end, other journeys of the same patient, passing time."""

from datetime import date

from domain import command as cmd
from domain import event as ev
from domain.clock import ClockKind
from domain.content import OUTSIDE, CloseReason
from domain.draft import Draft
from domain.facts import Closing
from domain.lateness import Cause
from domain.part import COORDINATION
from domain.pathway import UntilAge
from domain.patient import RESERVE
from domain.refusal import FieldProblem, Refused
from domain.rules import access, alarm, begin, clock, instants, promise, receiver, step, take_over


def start(draft: Draft, command: cmd.Start) -> None:
    """Begin: the starting unit holds coordination and every part that exists from the start.

    What a patient, a close person or home help asks for is held by the intake from its
    registration, and the person is owed an answer.
    Raises `Refused`: not_your_unit, role_not_enough, no_intake, receiver_succeeded,
    receiver_kind_mismatch, step_unknown, step_not_skippable.
    """
    assert draft.actor is not None
    access.must_start(draft.actor, command.unit, command.referral.initiator)
    if command.unit.successor:
        raise Refused("receiver_succeeded", FieldProblem(field="unit", rule="succeeded"))
    draft.add(
        ev.JourneyStarted(
            journey_id=command.journey_id,
            patient_id=command.patient_id,
            definition=command.definition,
            calendar=command.calendar,
            ladders=command.ladders,
            rules=command.rules,
            unit=command.unit,
            referral=command.referral,
            stand_ins=command.stand_ins,
            reserve_number=command.patient.system in RESERVE,
            protection=command.protection,
            came_from=command.came_from,
            born=_born(command),
            overlap_reason=command.overlap_reason,
        )
    )
    _start_parts(draft, command)
    referral = draft.state.current(command.definition.steps[0].key)
    assert referral is not None
    draft.add(ev.StepOpened(step=referral.id))
    draft.add(ev.StepCompleted(step=referral.id))
    step.record_prior(draft, command.prior)
    begin.open_ready(draft)
    if command.referral.initiator in OUTSIDE:
        _owe_answer(draft, command.unit.hsa_id)


def _born(command: cmd.Start) -> date | None:
    """The day of birth, only where the pathway has a step that waits for an age."""
    if any(isinstance(d.waits, UntilAge) for d in command.definition.steps):
        return command.patient.born
    return None


def _start_parts(draft: Draft, command: cmd.Start) -> None:
    for part in (COORDINATION, *(p.key for p in command.definition.parts if p.from_start)):
        if not receiver.may_hold(command.definition, command.unit, part):
            raise Refused("receiver_kind_mismatch", FieldProblem(field="unit", rule=part))
        draft.add(ev.PartStarted(part=part, holder=command.unit.hsa_id))


def _owe_answer(draft: Draft, intake: str) -> None:
    owed = promise.of(draft, ClockKind.PERSON_ANSWER, COORDINATION, COORDINATION, intake, intake)
    clock.start(draft, owed)


def answer_person(draft: Draft, command: cmd.AnswerPerson) -> None:
    """The person who asked knows what comes of it. Raises `Refused`: no_answer_owed, …"""
    access.must_hold(draft, COORDINATION)
    owed = draft.state.clock(ClockKind.PERSON_ANSWER, COORDINATION)
    if owed is None or owed.stopped_at:
        raise Refused("no_answer_owed")
    instants.must_have_been(draft, command.at)
    draft.add(
        ev.PersonAnswered(at=command.at, by=command.by, answer=command.answer),
        effective_at=command.at,
    )
    clock.stop(draft, ClockKind.PERSON_ANSWER, COORDINATION)


def start_period(draft: Draft, command: cmd.StartPeriod) -> None:
    """The need is back: enter the pathway again (R-120). Raises `Refused("handovers_open")`."""
    access.must_hold(draft, COORDINATION)
    step.begin_period(draft)
    begin.open_ready(draft)


def close(draft: Draft, command: cmd.Close) -> None:
    """Close by decision of the coordination's holder.

    Raises `Refused`: not_holder, handovers_open, content_invalid.
    """
    access.must_hold(draft, COORDINATION)
    if command.reason is CloseReason.MERGED:
        raise Refused("content_invalid", FieldProblem(field="reason", rule="use_merge"))
    step.close(draft, command.reason, profession=command.profession)


def absorb(draft: Draft, command: cmd.Absorb) -> None:
    """This journey goes on for a duplicate, whose log stays where it is."""
    access.must_be_part_of(draft)
    if command.duplicate == draft.state.id:
        raise Refused("merge_with_itself")
    draft.add(ev.JourneyAbsorbed(duplicate=command.duplicate, reason=command.reason))


def merge(draft: Draft, command: cmd.Merge) -> None:
    """End this duplicate. Every part of it must be in somebody's hands in the one that goes on.

    Raises `Refused`: not_holder, merge_with_itself, merge_loses_part, handovers_open.
    """
    access.must_hold(draft, COORDINATION)
    if command.into == draft.state.id:
        raise Refused("merge_with_itself")
    lost = [key for key in draft.state.parts if key not in command.holders]
    if lost:
        raise Refused("merge_loses_part", *(FieldProblem(field="parts", rule=k) for k in lost))
    step.close(draft, CloseReason.MERGED, merged_into=command.into)


def record_death(draft: Draft, command: cmd.RecordDeath) -> None:
    """Everything falls silent at once; the holder of coordination owes a closing list."""
    access.must_be_part_of(draft)
    instants.must_have_been(draft, command.at)
    draft.add(ev.PatientDied(at=command.at), effective_at=command.at)
    for clock_id in draft.state.silenced:
        draft.add(ev.ClockStopped(clock_id=clock_id, because="died"))
    holder = draft.state.holder(COORDINATION)
    clock.start(
        draft, promise.of(draft, ClockKind.CLOSING, COORDINATION, COORDINATION, holder, holder)
    )


def undo_death(draft: Draft, command: cmd.UndoDeath) -> None:
    """A mistake: every clock runs again with the due it had, and what was missed is told now."""
    access.must_be_part_of(draft)
    silenced = draft.state.silenced
    draft.add(ev.DeathUndone(reason=command.reason))
    clock.stop(draft, ClockKind.CLOSING, COORDINATION, kept=False)
    for clock_id in silenced:
        running = draft.state.clocks[clock_id].model_copy(update={"stopped_at": None})
        draft.add(ev.ClockMoved(because="undo_death", clock=running))
    take_over.move_step_clocks(draft)
    alarm.point_anew(draft)
    _catch_up(draft, "late_recorded")
    departure = draft.state.departure
    if draft.state.need and departure:
        alarm.raise_missing(draft, departure.from_unit)


MUST_BE_DONE = (Closing.UNITS_INFORMED, Closing.VISITS_CANCELLED)


def confirm_closing(draft: Draft, command: cmd.ConfirmClosing) -> None:
    """What remained has been seen to; whatever was open ceases, and the journey ends."""
    access.must_hold(draft, COORDINATION)
    left = [item for item in MUST_BE_DONE if item not in command.done]
    if left:
        problems = (FieldProblem(field="done", rule=f"missing:{item}") for item in left)
        raise Refused("content_invalid", *problems)
    draft.add(ev.ClosingConfirmed(done=command.done, note=command.note))
    clock.stop(draft, ClockKind.CLOSING, COORDINATION)
    for handover in tuple(draft.state.handovers.values()):
        if handover.open:
            draft.add(ev.HandoverCeased(handover_id=handover.id))
    step.close(draft, CloseReason.DECEASED)


def record_delay(draft: Draft, command: cmd.RecordDelay) -> None:
    """Why something comes late, from whoever owes it or waits for it (R-010)."""
    handover = draft.state.handovers.get(command.subject)
    if handover is not None:
        if not (access.acts(draft, handover.to_unit) or access.acts(draft, handover.from_unit)):
            raise Refused("not_holder")
        subject = handover.id
    else:
        subject = step.open_step_of(draft, command.subject).id
    draft.add(ev.DelayRecorded(subject=subject, delay=command.delay))


def begin_waiting(draft: Draft, command: cmd.BeginWaiting) -> None:
    """Waiting that the patient chose, or that is medical: an interval of its own (E1.2)."""
    access.must_hold_something(draft)
    if draft.state.waiting:
        raise Refused("already_waiting")
    instants.must_have_been(draft, command.since, "since")
    draft.add(ev.WaitingBegan(why=command.why, since=command.since), effective_at=command.since)


def end_waiting(draft: Draft, command: cmd.EndWaiting) -> None:
    """That waiting is over. Raises `Refused`: not_waiting, instant_in_future, …"""
    access.must_hold_something(draft)
    waiting = draft.state.waiting
    if waiting is None:
        raise Refused("not_waiting")
    instants.must_have_been(draft, command.at)
    if command.at < waiting.since:
        raise Refused("content_invalid", FieldProblem(field="at", rule="before_since"))
    draft.add(ev.WaitingEnded(at=command.at), effective_at=command.at)


def open_guidance(draft: Draft, command: cmd.OpenGuidance) -> None:
    """Somebody opened the guidance of a step; nothing is decided by it (E2.3)."""
    access.must_hold_something(draft)
    definition = draft.state.step_definition(command.step)
    found = draft.state.current(command.step)
    if definition is None or found is None:
        raise Refused("step_unknown")
    if definition.guidance is None:
        raise Refused("no_guidance")
    draft.add(ev.GuidanceOpened(step=found.id))


def pass_time(draft: Draft, late: Cause) -> None:
    """Do what is due, in the order in which it became due, each once.

    A take-over counts from its instant, however late it is done (promise 5): the rungs up to it
    are fired before it, and what it starts runs from it.
    """
    _catch_up(draft, late)


def _catch_up(draft: Draft, late: Cause) -> None:
    while due := clock.first_due(draft.state, draft.now, acting=True):
        clock.fire_until(draft, due.due_at, late)
        with draft.as_of(due.due_at):
            if due.kind is ClockKind.OPENS:
                begin.open_due(draft, due.subject)
            else:
                take_over.take_over(draft, draft.state.handovers[due.subject])
    clock.fire_until(draft, draft.now, late)
