"""What a migration does to the state: another definition, and its steps."""

from domain import event as ev
from domain.event import Event
from domain.evolve.change import Apply, Change
from domain.evolve.journey import new_step
from domain.journey import Journey, Step, StepState
from domain.migrated import Migrated
from domain.pathway import Definition


def _migrated(state: Journey, what: ev.PathwayMigrated, event: Event) -> Change:
    before = Migrated(
        migration=what.migration,
        definition=state.definition,
        at=event.effective_at,
        clocks={clock.id: clock for clock in state.running()},
        visits=state.visits,
    )
    return {
        "definition": what.definition,
        "steps": _steps(state, what.definition),
        "added": (*state.added, *what.kept),
        "migrated": before,
    }


def _undone(state: Journey, what: ev.MigrationUndone, _: Event) -> Change:
    """Steps that the version before does not have are gone; they had not begun."""
    own = {d.key for d in (*what.definition.steps, *state.added)}
    left = {i: s for i, s in state.steps.items() if s.key in own}
    kept = tuple(d for d in state.added if what.definition.step(d.key) is None)
    steps = _steps(state.model_copy(update={"steps": left}), what.definition)
    return {"definition": what.definition, "steps": steps, "added": kept, "migrated": None}


def _steps(state: Journey, definition: Definition) -> dict[str, Step]:
    """The steps as they stand, in their new places, with those of this period that are new."""
    steps = dict(state.steps)
    for place, wanted in enumerate(definition.steps):
        known = state.current(wanted.key)
        if known is None:
            fresh = new_step(wanted, state.period, place)
            steps[fresh.id] = fresh
        elif known.state is StepState.WAITING:
            moved = {"place": place, "kind": wanted.kind, "part": wanted.part}
            steps[known.id] = known.model_copy(update=moved)
        else:
            steps[known.id] = known.model_copy(update={"place": place})
    return steps


CHANGES: dict[type, Apply] = {
    ev.PathwayMigrated: _migrated,
    ev.MigrationUndone: _undone,
}
