"""When a step begins: forerunners, condition, what it waits for; and when it comes again."""

from collections.abc import Sequence
from datetime import datetime

from domain import condition
from domain.calendar import STOCKHOLM, Budget, advance, local_midnight, plain
from domain.clock import ClockKind, Promise, RuleName
from domain.draft import Draft
from domain.event import RepetitionEnded, StepNotNeeded, StepOpened, StepRepeated
from domain.journey import Journey, Step, StepState, clock_id
from domain.part import COORDINATION
from domain.rules import clock, promise
from domain.step_definition import (
    Deadline,
    Repeat,
    StepDefinition,
    UntilAge,
    UntilDischarge,
    UntilTime,
    UntilVisits,
)

ENDED = (StepState.DONE, StepState.NOT_NEEDED, StepState.SKIPPED)
ENDINGS = (StepNotNeeded, RepetitionEnded)


def open_ready(draft: Draft) -> None:
    """Let every waiting step of this period begin whose forerunners have all ended.

    One whose condition does not hold falls away; one that waits for something has a clock on who
    waits, so that nothing stands still unseen. What ends so may be what one further up in the
    file waited for: it is looked at again.
    """
    looked_at = -1
    while looked_at != (ended := sum(isinstance(e.what, ENDINGS) for e in draft.events)):
        looked_at = ended
        for definition in draft.state.definition.steps:
            step = draft.state.current(definition.key)
            if step and step.state is StepState.WAITING and is_ready(draft.state, definition):
                _let_begin(draft, step, definition)
        _end_repetitions(draft)


def _let_begin(draft: Draft, step: Step, definition: StepDefinition) -> None:
    again = definition.repeat
    over = again is not None and not comes_again(draft.state, step, again)
    if over or (definition.when is not None and not condition.holds(definition.when, draft.state)):
        fall_away(draft, step)
    elif is_deferred(draft, definition):
        _wait(draft, step, definition)
    else:
        open_step(draft, step, definition.due.budget)


def fall_away(draft: Draft, step: Step) -> None:
    """A step is not needed, and nothing about it is owed any more."""
    draft.add(StepNotNeeded(step=step.id))
    stop_clocks(draft, step, kept=False)


def stop_clocks(draft: Draft, step: Step, *, kept: bool = True) -> None:
    """Every promise about a step ends."""
    for kind in (ClockKind.STEP, ClockKind.LIMIT, ClockKind.OPENS):
        clock.stop(draft, kind, step.id, kept=kept)


def is_ready(state: Journey, definition: StepDefinition) -> bool:
    """Whether everything before a step has ended."""
    before = [state.current(key) for key in definition.after]
    return all(step is not None and step.state in ENDED for step in before)


def is_deferred(draft: Draft, definition: StepDefinition) -> bool:
    """Whether a step whose forerunners have ended still waits for something."""
    match definition.waits:
        case UntilDischarge():
            return draft.state.departure is None
        case UntilVisits(visits=wanted):
            return draft.state.visits < wanted and _visits_may_come(draft.state, definition.key)
        case UntilTime() | UntilAge():
            opens = _opens_at(draft, definition)
            return opens is not None and opens > draft.now
        case _:
            return False


def _visits_may_come(state: Journey, waiting: str) -> bool:
    """Whether an intervention goes on, or is still to begin, of which the step awaits the visits.

    One that stands behind the step never begins while the step waits. Where there is one, those
    behind another step that waits for visits do not count either: each might wait for the other.
    """
    left = [s for s in state.steps.values() if s.period == state.period and s.state not in ENDED]
    coming = [s.key for s in left if s.kind == "intervention"]
    if not coming or any(s.kind == "intervention" and s.state is StepState.OPEN for s in left):
        return bool(coming)
    known = {d.key: d for d in (*state.definition.steps, *state.added)}
    steps = [known[s.key] for s in left if s.key in known]
    mine = _behind(steps, {waiting})
    if mine.isdisjoint(coming):
        return True
    every = {d.key for d in steps if isinstance(d.waits, UntilVisits)}
    return not (mine | _behind(steps, every)).issuperset(coming)


def _behind(steps: Sequence[StepDefinition], first: set[str]) -> set[str]:
    """Some steps, and all that stand after one of them; each stands below those before it."""
    found = set(first)
    for step in steps:
        if not found.isdisjoint(step.after):
            found.add(step.key)
    return found


def _opens_at(draft: Draft, definition: StepDefinition) -> datetime | None:
    """The instant that a step waits for, if it is known."""
    state, waits = draft.state, definition.waits
    if isinstance(waits, UntilTime):
        budget = waits.at_least.budget
        return advance(_ended_at(state, definition), budget.span, plain(budget), state.calendar)
    if isinstance(waits, UntilAge) and state.born:
        # The 29th of February comes of age on the 28th: nobody is told a day late.
        day = min(state.born.day, 28) if state.born.month == 2 else state.born.day
        birthday = state.born.replace(year=state.born.year + waits.age, day=day)
        return local_midnight(birthday - waits.before.budget.span)
    return None


def _ended_at(state: Journey, definition: StepDefinition) -> datetime:
    """When the last of what comes before ended; the journey's start for a step after nothing."""
    before = (state.current(key) for key in definition.after)
    return max((s.ended_at for s in before if s and s.ended_at), default=state.started_at)


def _wait(draft: Draft, step: Step, definition: StepDefinition) -> None:
    """A clock opens the step by itself, or tells its holder when the waiting has become long."""
    waits, opens = definition.waits, _opens_at(draft, definition)
    if opens is not None:
        if draft.state.clock(ClockKind.OPENS, step.id) is None:
            owed = _promise(draft, step, ClockKind.OPENS, promise.AT_ONCE, "take_over")
            clock.start(draft, owed.model_copy(update={"span": opens - draft.now}))
        return
    assert isinstance(waits, UntilDischarge | UntilVisits), "what has no instant has a limit"
    if draft.state.clock(ClockKind.STEP, step.id) is None:
        owed = _promise(draft, step, ClockKind.STEP, waits.at_most.budget, "step")
        clock.start(draft, owed)


def open_due(draft: Draft, step_id: str) -> None:
    """The instant that a step waited for has come."""
    step = draft.state.steps[step_id]
    clock.stop(draft, ClockKind.OPENS, step.id)
    if step.period == draft.state.period and step.state is StepState.WAITING:
        open_ready(draft)


def open_step(draft: Draft, step: Step, budget: Budget) -> None:
    """Open one step, with a clock on the unit that holds its part (promise 2)."""
    draft.add(StepOpened(step=step.id))
    clock.stop(draft, ClockKind.OPENS, step.id)
    definition = draft.state.step_definition(step.key)
    ladder = definition.ladder if definition and definition.ladder else "step"
    named = draft.state.ladders.named(ladder, "step")
    owed = _promise(draft, step, ClockKind.STEP, budget, named)
    clock.start(draft, _by_rule(draft, owed, definition, budget))
    if definition is not None and definition.limit is not None:
        limit = definition.limit.due.budget
        clock.start(draft, _promise(draft, step, ClockKind.LIMIT, limit, "step"))


def _by_rule(
    draft: Draft, owed: Promise, definition: StepDefinition | None, budget: Budget
) -> Promise:
    """A step that names a rule goes by the version that holds today; else by its own figure."""
    book = draft.state.rules
    if book is None or definition is None or definition.rule is None:
        return owed
    if budget != definition.due.budget:
        return owed
    rule = book.rule(definition.rule, draft.now.astimezone(STOCKHOLM).date())
    if rule is None:
        return owed
    name = RuleName(key=rule.key, version=rule.version)
    return owed.model_copy(update={"budget": rule.budget, "rule": name})


def _promise(draft: Draft, step: Step, kind: ClockKind, budget: Budget, ladder: str) -> Promise:
    return Promise(
        id=clock_id(kind, step.id),
        kind=kind,
        subject=step.id,
        part=step.part,
        owner=draft.state.holder(step.part),
        counterpart=draft.state.holder(COORDINATION),
        budget=budget,
        ladder=ladder,
    )


def repeat(draft: Draft, step: Step) -> bool:
    """Let a repeated step that was done come again. Whether it does."""
    definition = draft.state.step_definition(step.key)
    again = definition.repeat if definition else None
    if again is None or not comes_again(draft.state, step, again):
        return False
    draft.add(StepRepeated(step=step.id, round=step.round + 1))
    open_step(draft, draft.state.steps[step.id], again.every.budget)
    return True


def comes_again(state: Journey, step: Step, again: Repeat) -> bool:
    """Whether there is another round after this one."""
    if again.times is not None and step.round >= again.times:
        return False
    until = state.current(again.until) if again.until else None
    return until is None or until.state not in ENDED


def _end_repetitions(draft: Draft) -> None:
    """What was to be repeated until a step had ended comes no more."""
    for definition in draft.state.definition.steps:
        step = draft.state.current(definition.key)
        if step is None or step.state is not StepState.OPEN or definition.repeat is None:
            continue
        until = draft.state.current(definition.repeat.until) if definition.repeat.until else None
        if until is not None and until.state in ENDED:
            draft.add(RepetitionEnded(step=step.id))
            stop_clocks(draft, step, kept=False)


def deadline_now(definition: StepDefinition, step: Step) -> Deadline:
    """What the pathway says of a step's time now: its due, or how often it comes."""
    if definition.repeat is not None and step.round > 1:
        return definition.repeat.every
    if step.state is StepState.WAITING and isinstance(
        definition.waits, UntilDischarge | UntilVisits
    ):
        return definition.waits.at_most
    return definition.due
