"""How a running journey goes over to another version of its pathway, and back.

What was promised stays promised: a running clock keeps its due unless whoever migrates has chosen
that very clock. Steps that are done stay done. A new step whose time has passed is left out, unless
it was chosen to begin now, or as if it had always been there.
"""

from datetime import datetime

from domain import clock as clocks
from domain.calendar import Budget, advance, plain
from domain.clock import Clock, ClockKind
from domain.command.migration import LateStep, Migrate, UndoMigration
from domain.draft import Draft
from domain.effect import OF_HANDOVERS, effect, name_of
from domain.event import (
    ClockMoved,
    MigrationUndone,
    PathwayMigrated,
    StepNeeded,
    StepNotNeeded,
)
from domain.journey import Journey, Step, StepState
from domain.pathway import Definition, HandoverStep, StepDefinition
from domain.refusal import FieldProblem, Refused
from domain.rules import begin, clock
from domain.rules.begin import ENDED


def migrate(draft: Draft, command: Migrate) -> None:
    """Go over to another version of the same pathway.

    Raises `Refused`: pathway_differs, version_already, step_under_way, part_held,
    migration_differs.
    """
    before = draft.state
    old, new = before.definition, command.definition
    if new.family != old.family:
        raise Refused("pathway_differs")
    if new.name == old.name:
        raise Refused("version_already")
    _must_fit(draft.state, new)
    gone = [s for s in old.steps if new.step(s.key) is None]
    kept = tuple(s for s in gone if _is_ended(draft.state, s.key))
    draft.add(PathwayMigrated(migration=command.migration, definition=new, was=old.name, kept=kept))
    for definition in gone:
        _let_go(draft, definition.key)
    for chosen in command.choices.recompute:
        _recompute(draft, chosen)
    _place_new_steps(draft, old, command)
    begin.open_ready(draft)
    clock.fire_until(draft, draft.now, "late_recorded")
    if command.effect is not None and command.effect != effect(before, draft.state).hash:
        raise Refused("migration_differs")


def _must_fit(state: Journey, new: Definition) -> None:
    """What goes on now goes on by the new version, too; the patient's own steps come along."""
    own = {definition.key: definition for definition in state.added}
    problems = [
        FieldProblem(field=step.key, rule=step.state)
        for step in state.steps.values()
        if step.period == state.period
        and not _fits(state, step, new.step(step.key) or own.get(step.key))
    ]
    if problems:
        raise Refused("step_under_way", *problems)
    held = [p for p in state.parts if new.part(p) is None]
    if held:
        raise Refused("part_held", *(FieldProblem(field="parts", rule=p) for p in held))


def _fits(state: Journey, step: Step, wanted: StepDefinition | None) -> bool:
    """A step that has not begun may change or go; one that goes on is still the same work."""
    asked = [h for h in state.handovers.values() if (h.period, h.step) == (step.period, step.key)]
    under_way = step.state is StepState.OPEN or any(h.open for h in asked)
    if wanted is None:
        return not under_way
    same = (wanted.kind, wanted.part) == (step.kind, step.part)
    if isinstance(wanted, HandoverStep) and asked:
        same = same and all((h.part, h.purpose) == (wanted.hands, wanted.purpose) for h in asked)
    return same or step.state is StepState.WAITING


def _is_ended(state: Journey, key: str) -> bool:
    step = state.current(key)
    return step is not None and step.state in ENDED


def _let_go(draft: Draft, key: str) -> None:
    step = draft.state.current(key)
    if step is not None and step.state is StepState.WAITING:
        draft.add(StepNotNeeded(step=step.id))
        begin.stop_clocks(draft, step, kept=False)


def _place_new_steps(draft: Draft, old: Definition, command: Migrate) -> None:
    """A new step that would have begun already goes by the choice, if its window has passed."""
    for definition in command.definition.steps:
        step = draft.state.current(definition.key)
        if old.step(definition.key) or step is None or step.state is not StepState.WAITING:
            continue
        origin = _origin(draft.state, definition)
        if origin is None or not _has_passed(draft, definition, origin):
            continue
        match command.choices.late_steps.get(definition.key, LateStep.LEAVE_OUT):
            case LateStep.LEAVE_OUT:
                begin.fall_away(draft, step)
            case LateStep.FROM_ORIGIN:
                with draft.as_of(origin):
                    begin.open_step(draft, step, definition.due.budget)
            case LateStep.AT_MIGRATION:
                begin.open_step(draft, step, definition.due.budget)


def _origin(state: Journey, definition: StepDefinition) -> datetime | None:
    """When the step would have begun; None while something before it goes on."""
    if not begin.is_ready(state, definition):
        return None
    before = (state.current(key) for key in definition.after)
    return max((s.ended_at for s in before if s and s.ended_at), default=state.started_at)


def _has_passed(draft: Draft, definition: StepDefinition, origin: datetime) -> bool:
    """Its due would have passed, or something that now stands after it has begun without it."""
    if begin.is_deferred(draft, definition):
        return False
    budget = definition.due.budget
    due = advance(origin, budget.span, plain(budget), draft.state.calendar)
    after = (s for s in draft.state.definition.steps if definition.key in s.after)
    begun = any(_has_begun(draft.state, s.key) for s in after)
    return due <= draft.now or begun


def _has_begun(state: Journey, key: str) -> bool:
    step = state.current(key)
    return step is not None and step.state in (StepState.OPEN, StepState.DONE, StepState.SKIPPED)


def _recompute(draft: Draft, chosen: str) -> None:
    """Count a chosen clock anew from its own beginning, with the time of the new version.

    What has been told and lies behind is not told again. A paused clock keeps what it has spent;
    one that was paused and would now be counted in another kind of time keeps its due, and so does
    one that a person has given more time.
    """
    for running in tuple(draft.state.running()):
        if name_of(draft.state, running) != chosen:
            continue
        budget = _new_budget(draft.state, running)
        if budget is None or budget == running.budget:
            continue
        if not _may_be_recounted(running, budget):
            continue
        draft.add(ClockMoved(because="migration", clock=_anew(draft, running, budget)))


def _may_be_recounted(running: Clock, budget: Budget) -> bool:
    """What a person has given more time, or was late before a pause, stays as it is."""
    extended = running.span != running.budget.span
    late = running.spent >= running.span
    other_time = running.spent and budget.counting is not running.budget.counting
    return not (extended or late or other_time)


def _anew(draft: Draft, running: Clock, budget: Budget) -> Clock:
    ladder, calendar = draft.state.ladders.get(running.ladder), draft.state.calendar_of(running)
    assert running.running_since is not None
    left = max(budget.span - running.spent, budget.span * 0)
    due = advance(running.running_since, left, budget.counting, calendar)
    anew = running.model_copy(update={"budget": budget, "span": budget.span, "due_at": due})
    rung, last = 0, len(ladder.rungs) - 1
    while rung < min(running.next_rung, last):
        if clocks.rung_at(anew, ladder, rung, calendar) > draft.now:
            break
        rung += 1
    next_at = clocks.rung_at(anew, ladder, rung, calendar)
    if running.next_rung > last >= 0 and rung == last:
        next_at = max(next_at, running.next_at)
        rung = running.next_rung
    return anew.model_copy(update={"next_rung": rung, "next_at": next_at})


def _new_budget(state: Journey, running: Clock) -> Budget | None:
    """What the version that holds now says of a clock's length."""
    if running.kind in OF_HANDOVERS:
        handover = state.handovers[running.subject]
        asked = state.definition.step(handover.step) if handover.step else None
        wanted = asked if isinstance(asked, HandoverStep) else state.definition.handovers
        budget: Budget = getattr(wanted, OF_HANDOVERS[running.kind]).budget
        return budget
    step = state.steps[running.subject]
    definition = state.definition.step(step.key)
    if definition is None or running.rule is not None:
        return None
    if running.kind is ClockKind.LIMIT:
        return definition.limit.due.budget if definition.limit else None
    return begin.deadline_now(definition, step).budget


def undo(draft: Draft, command: UndoMigration) -> None:
    """Back to the version before: its steps, and the clocks as they stood.

    Raises `Refused`: not_migrated, migration_begun.
    """
    state, before = draft.state, draft.state.migrated
    if before is None or before.migration != command.migration:
        raise Refused("not_migrated")
    new = [s for s in state.definition.steps if before.definition.step(s.key) is None]
    begun = [s.key for s in new if _is_worked_on(state, s.key)]
    if begun:
        raise Refused("migration_begun", *(FieldProblem(field="steps", rule=k) for k in begun))
    for definition in new:
        step = state.current(definition.key)
        if step is not None and step.state not in ENDED:
            begin.fall_away(draft, step)
    draft.add(MigrationUndone(migration=command.migration, definition=before.definition))
    for step in _dropped(state):
        draft.add(StepNeeded(step=step.id))
    for known in before.clocks.values():
        _put_back(draft, known)
    begin.open_ready(draft)


def _dropped(state: Journey) -> list[Step]:
    """Steps of the version before that waited, and that the migration let go."""
    before = state.migrated
    assert before is not None
    gone = [s.key for s in before.definition.steps if state.definition.step(s.key) is None]
    steps = (state.current(key) for key in gone)
    return [s for s in steps if s and s.state is StepState.NOT_NEEDED and s.ended_at == before.at]


def _is_worked_on(state: Journey, key: str) -> bool:
    """Whether somebody has done something with a step of the new version."""
    step, before = state.current(key), state.migrated
    if step is None or step.state in (StepState.WAITING, StepState.NOT_NEEDED):
        return False
    if step.state is not StepState.OPEN or step.round > 1:
        return True
    assert before is not None
    asked = any((h.period, h.step) == (step.period, key) for h in state.handovers.values())
    visited = step.kind == "intervention" and state.visits > before.visits
    later = step.opened_at is not None and step.opened_at > before.at
    return asked or visited or later


def _put_back(draft: Draft, known: Clock) -> None:
    """A clock that the migration moved, and that runs still, is due when it was due before."""
    now = draft.state.clocks.get(known.id)
    if now is None or not now.running or now.budget == known.budget:
        return
    if now.span != now.budget.span:
        return  # a person has given it more time since
    moved = now.model_copy(
        update={
            "budget": known.budget,
            "span": known.span,
            "due_at": known.due_at,
            "next_rung": known.next_rung,
            "next_at": known.next_at,
        }
    )
    draft.add(ClockMoved(because="migration", clock=moved))
