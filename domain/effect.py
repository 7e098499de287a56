"""What a migration does to one journey, as data that a dry run shows and the real thing is held to.

Nothing in it depends on the minute at which it is done: what is counted from the migration is said
as a length, what is anchored in the past as an instant.
"""

import hashlib
from typing import Literal

from domain.calendar import Budget
from domain.clock import Clock, ClockKind
from domain.journey import Journey, Step, StepState
from domain.refusal import Refusal
from domain.value import HsaId, Instant, Value

OF_HANDOVERS = {
    ClockKind.ACKNOWLEDGED: "acknowledge",
    ClockKind.ACCEPTED: "accept",
    ClockKind.FIRST_CONTACT: "first_contact",
}


class NewStep(Value):
    """A step that the journey did not have: when it begins, and how long it may take."""

    step: str
    begins: Literal["at_migration", "from_origin", "later", "not_applied"]
    within: Budget | None = None
    due_at: Instant | None = None


class Shift(Value):
    """A running clock that is due at another instant."""

    clock: str
    was_due_at: Instant
    due_at: Instant


class Effect(Value):
    """What becomes of one journey; `cannot` is the code of the no, and `because` where it lies."""

    verdict: Literal["unaffected", "changed", "cannot_move"]
    cannot: str | None = None
    because: tuple[str, ...] = ()
    new_steps: tuple[NewStep, ...] = ()
    opens: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    shifts: tuple[Shift, ...] = ()
    units: tuple[HsaId, ...] = ()

    @property
    def hash(self) -> str:
        """The same effect, the same hash, byte for byte."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def refused(refusal: Refusal) -> Effect:
    """A journey that cannot move, and why."""
    because = tuple(f"{f.field}: {f.rule}" for f in refusal.fields)
    return Effect(verdict="cannot_move", cannot=refusal.code, because=because)


def effect(before: Journey, after: Journey) -> Effect:
    """What differs between the journey before and after its migration."""
    known = {d.key for d in before.definition.steps}
    new = [_new_step(after, d.key) for d in after.definition.steps if d.key not in known]
    opened = [s for s in _steps(after) if _opened(before, s)]
    shifts = tuple(_shifts(before, after))
    gone = tuple(k for k in _keys(before) if after.definition.step(k) is None)
    moved = [after.clocks[c.id].owner for c in before.running() if _is_shifted(c, after)]
    units = dict.fromkeys((*(after.holder(s.part) for s in opened), *moved))
    return Effect(
        verdict="changed" if new or opened or shifts or gone else "unaffected",
        new_steps=tuple(new),
        opens=tuple(s.key for s in opened if s.key in known),
        gone=gone,
        shifts=shifts,
        units=tuple(units),
    )


def _steps(state: Journey) -> list[Step]:
    return [s for s in state.steps.values() if s.period == state.period]


def _keys(state: Journey) -> list[str]:
    """Steps of the definition that have not ended."""
    steps = (state.current(d.key) for d in state.definition.steps)
    return [s.key for s in steps if s and s.state in (StepState.WAITING, StepState.OPEN)]


def _opened(before: Journey, step: Step) -> bool:
    known = before.steps.get(step.id)
    return step.state is StepState.OPEN and (known is None or known.state is not StepState.OPEN)


def _new_step(after: Journey, key: str) -> NewStep:
    step = after.current(key)
    if step is None or step.state is StepState.NOT_NEEDED:
        return NewStep(step=key, begins="not_applied")
    if step.state is StepState.WAITING:
        return NewStep(step=key, begins="later")
    running = after.clock(ClockKind.STEP, step.id)
    assert running is not None, "an open step has a clock"
    assert step.opened_at is not None and after.migrated is not None
    if step.opened_at < after.migrated.at:
        return NewStep(step=key, begins="from_origin", within=running.budget, due_at=running.due_at)
    return NewStep(step=key, begins="at_migration", within=running.budget)


def _is_shifted(clock: Clock, after: Journey) -> bool:
    now = after.clocks[clock.id]
    return now.running and (now.budget, now.due_at) != (clock.budget, clock.due_at)


def _shifts(before: Journey, after: Journey) -> list[Shift]:
    return [
        Shift(
            clock=name_of(before, clock) or clock.id,
            was_due_at=clock.due_at,
            due_at=after.clocks[clock.id].due_at,
        )
        for clock in before.running()
        if _is_shifted(clock, after)
    ]


def name_of(state: Journey, running: Clock) -> str | None:
    """How a clock is named in a choice: what it promises, and of which step."""
    if running.kind in (ClockKind.STEP, ClockKind.LIMIT):
        step = state.steps.get(running.subject)
        return f"{running.kind}:{step.key}" if step else None
    handover = state.handovers.get(running.subject)
    if handover is None or running.kind not in OF_HANDOVERS:
        return None
    return f"{running.kind}:{handover.step or 'other'}"
