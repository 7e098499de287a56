"""Individual deviation from the pathway: more time, once more, one step more; with a reason."""

from datetime import datetime

from domain import clock as clocks
from domain import command as cmd
from domain import event as ev
from domain.calendar import DAY, local_midnight
from domain.clock import Clock, ClockKind
from domain.draft import Draft
from domain.journey import Step, StepState
from domain.pathway import AssessmentStep, Deadline, InterventionStep, Source, StepDefinition
from domain.refusal import FieldProblem, Refused
from domain.rules import access, begin, room, step
from domain.rules.instants import FARTHEST


def extend(draft: Draft, command: cmd.ExtendStep) -> None:
    """More time for an open step: it is due at the end of the given day.

    Raises `Refused`: step_unknown, not_holder, step_not_open, instant_in_past, instant_too_far,
    limit_is_hard.
    """
    found = step.open_step_of(draft, command.step)
    running = draft.state.clock(ClockKind.STEP, found.id)
    assert running is not None, "an open step has a clock"
    until = local_midnight(command.until + DAY)
    if until <= max(running.due_at, draft.now):
        raise Refused("instant_in_past", FieldProblem(field="until", rule="not_later"))
    if until > draft.now + FARTHEST:
        raise Refused("instant_too_far", FieldProblem(field="until", rule="too_far"))
    limit = _limit(draft, found, until)
    draft.add(
        ev.StepExtended(
            step=found.id, until=command.until, reason=command.reason, delay=command.delay
        )
    )
    ladder, calendar = draft.state.ladders.get(running.ladder), draft.state.calendar_of(running)
    later = clocks.extend(running, until, ladder, calendar, draft.now)
    draft.add(ev.ClockMoved(because="extend", clock=later))
    if limit is not None:
        ladder, calendar = draft.state.ladders.get(limit.ladder), draft.state.calendar_of(limit)
        farther = clocks.extend(limit, until, ladder, calendar, draft.now)
        draft.add(ev.ClockMoved(because="extend", clock=farther))


def _limit(draft: Draft, found: Step, until: datetime) -> Clock | None:
    """The farthest limit of a step, where the new day lies past it. Raises `limit_is_hard`."""
    limit = draft.state.clock(ClockKind.LIMIT, found.id)
    if limit is None or not limit.running or until <= limit.due_at:
        return None
    definition = draft.state.step_definition(found.key)
    if definition is not None and definition.limit is not None and definition.limit.hard:
        raise Refused("limit_is_hard", FieldProblem(field="until", rule="past_limit"))
    return limit


def reopen(draft: Draft, command: cmd.ReopenStep) -> None:
    """Once more: a step of this period that was done or skipped opens again.

    Raises `Refused`: step_unknown, not_holder, step_not_ended, step_not_reopenable.
    """
    found = _step_of(draft, command.step)
    if found.kind in ("referral", "handover", "follow_up"):
        raise Refused("step_not_reopenable")
    if found.state not in (StepState.DONE, StepState.SKIPPED):
        raise Refused("step_not_ended")
    definition = draft.state.step_definition(found.key)
    assert definition is not None, "every step has its definition"
    draft.add(ev.StepReopened(step=found.id, reason=command.reason))
    begin.open_step(draft, draft.state.steps[found.id], definition.due.budget)


def add(draft: Draft, command: cmd.AddStep) -> None:
    """One step more, for this patient alone; it opens at once.

    Raises `Refused`: not_holder, part_unknown, step_exists.
    """
    access.must_hold(draft, command.part)
    room.must_have(draft, "added")
    if draft.state.step_definition(command.key):
        raise Refused("step_exists")
    definition = _definition(command)
    draft.add(ev.StepAdded(definition=definition, reason=command.reason))
    added = draft.state.current(command.key)
    assert added is not None
    begin.open_step(draft, added, command.due)


def _definition(command: cmd.AddStep) -> StepDefinition:
    due = Deadline(budget=command.due, source=Source.CHOSEN, note=None)
    if command.kind == "assessment":
        return AssessmentStep(
            key=command.key, label=command.label, part=command.part, due=due, kind="assessment"
        )
    return InterventionStep(
        key=command.key, label=command.label, part=command.part, due=due, kind="intervention"
    )


def _step_of(draft: Draft, key: str) -> Step:
    found = draft.state.current(key)
    if found is None:
        raise Refused("step_unknown")
    access.must_hold(draft, found.part)
    return found
