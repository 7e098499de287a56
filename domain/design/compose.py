"""From a base and an addition to one definition, with everything that is wrong said at once.

Each operation is put on in its turn. One that would weaken the base is refused by the name of the
rule that it breaks, and the others are tried all the same. What does not hang together in the end
is said of the operation that brought it.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from domain.design.addition import Addition, AddStep, LeaveOut, Operation, Tighten
from domain.design.digest import digest
from domain.design.operations import Changed, NotAllowed, change, tightened
from domain.fault import Fault, Path, Whole
from domain.pathway import Definition, HandoverDeadlines, Layer
from domain.pathway_faults import WANTED, faults
from domain.step_definition import Obligation, StepDefinition

DEEPEST = 100
# Faults of the whole that are looked into; each may take a while to trace.
MOST_TRACED = 20


class Composed(NamedTuple):
    """What came of it: the definition unless something is wrong, and every fault."""

    definition: Definition | None
    faults: tuple[Fault, ...]


class Work:
    """A definition in the making: its steps in order, and what has been done to them."""

    def __init__(self, base: Definition) -> None:
        self.base = base
        self.steps = list(base.steps)
        self.handovers: HandoverDeadlines = base.handovers
        self.added = dict[str, int]()
        self.changed = dict[str, tuple[str, ...]]()
        self.left_out = list[str]()
        self.faults = list[Fault]()
        self.done = list[tuple[int, Operation, tuple[StepDefinition, ...]]]()

    def place(self, key: str) -> int | None:
        """Where a step stands now."""
        return next((n for n, s in enumerate(self.steps) if s.key == key), None)

    def put(self, place: int, step: StepDefinition, what: str) -> None:
        """A step as it became; what was changed in a step of the base is noted."""
        self.steps[place] = step
        if step.key not in self.added:
            self.note(step.key, what)

    def note(self, key: str, what: str) -> None:
        """What was changed, once."""
        self.changed[key] = tuple(dict.fromkeys((*self.changed.get(key, ()), what)))


def compose(base: Definition, addition: Addition) -> Composed:
    """Put an addition on a base. The base may itself be composed, up to a hundred deep."""
    work = Work(base)
    if addition.extends != base.name:
        return Composed(None, (_other_base(addition, base),))
    if len(base.layers) >= DEEPEST:
        work.faults.append(_too_deep())
    if addition.key in {base.key, *(layer.on.partition("@")[0] for layer in base.layers)}:
        work.faults.append(_key_of_base(addition))
    for place, operation in enumerate(addition.operations):
        put_on(work, place, operation)
    # A whole without what was refused says nothing of the one that was meant.
    if found := work.faults or traced(work):
        return Composed(None, tuple(found))
    return Composed(_built(work, addition), ())


def faults_of(base: Definition, operations: Iterable[tuple[int, Operation]]) -> tuple[Fault, ...]:
    """What is wrong with some of an addition's operations, each with its place."""
    work = Work(base)
    for place, operation in operations:
        put_on(work, place, operation)
    return tuple(work.faults)


def put_on(work: Work, place: int, operation: Operation) -> None:
    """One operation; what it breaks is noted, and nothing is changed then."""
    try:
        match operation:
            case AddStep():
                _add_step(work, place, operation)
            case LeaveOut():
                _leave_out(work, operation)
            case Tighten(step=None):
                now = getattr(work.handovers, operation.what, None)
                tight = tightened(now, operation)
                work.handovers = work.handovers.model_copy(update={operation.what: tight})
                work.note("handovers", operation.what)
            case _:
                _change(work, operation)
    except NotAllowed as no:
        at: Path = ("operations", place, *no.at)
        work.faults.append(Fault(no.rule, at, no.sv, no.en))
    else:
        work.done.append((place, operation, tuple(work.steps)))


def _change(work: Work, operation: Any) -> None:
    at = work.place(operation.step)
    if at is None:
        raise _unknown(operation.step)
    done: Changed = change(work.steps[at], operation)
    work.put(at, done.step, done.what)


def _add_step(work: Work, place: int, operation: AddStep) -> None:
    key = operation.step.key
    if work.place(key) is not None:
        raise NotAllowed(
            "key_twice", f"steget {key} finns redan", f"step {key} exists", "step", "key"
        )
    before = len(work.steps) if operation.before is None else work.place(operation.before)
    if before is None:
        raise _unknown(operation.before or "", "before")
    for at, waiting in enumerate(operation.required_by):
        _may_wait(work, waiting, before, key, at)
    work.steps.insert(before, operation.step)
    work.added[key] = place
    for waiting in operation.required_by:
        at = work.place(waiting) or 0
        after = tuple(dict.fromkeys((*work.steps[at].after, key)))
        work.put(at, work.steps[at].model_copy(update={"after": after}), "after")


def _may_wait(work: Work, waiting: str, before: int, key: str, at: int) -> None:
    """Raises `NotAllowed` unless a step stands after where another comes in."""
    stands = work.place(waiting)
    if stands is None:
        raise _unknown(waiting, "required_by", at)
    if stands < before:
        raise NotAllowed(
            "composed_invalid",
            f"steget {waiting} står före {key} och kan inte vänta på det; "
            f"sätt before till {waiting} eller ett steg före det",
            f"step {waiting} stands before {key} and cannot wait for it; "
            f"set before to {waiting} or a step before it",
            "required_by",
            at,
        )


def _leave_out(work: Work, operation: LeaveOut) -> None:
    at = work.place(operation.step)
    if at is None:
        raise _unknown(operation.step)
    step = work.steps[at]
    others = [s for s in work.steps if s.kind == step.kind]
    if step.obligation is Obligation.MANDATORY:
        raise _kept(step, "är obligatoriskt", "is mandatory")
    if step.kind in WANTED and len(others) == 1:
        raise _kept(step, f"är det enda av slaget {step.kind}", f"is the only one of {step.kind}")
    del work.steps[at]
    work.changed.pop(step.key, None)
    if work.added.pop(step.key, None) is None:
        work.left_out.append(step.key)
    for place, other in enumerate(work.steps):
        if step.key in other.after:
            work.put(place, _without(other, step), "after")


def _kept(step: StepDefinition, sv: str, en: str) -> NotAllowed:
    return NotAllowed(
        "mandatory_left_out",
        f"steget {step.key} {sv} och kan inte tas bort",
        f"step {step.key} {en} and cannot be left out",
        "step",
    )


def _without(step: StepDefinition, gone: StepDefinition) -> StepDefinition:
    """What waited for the step waits for what it waited for."""
    instead = (k for key in step.after for k in (gone.after if key == gone.key else (key,)))
    return step.model_copy(update={"after": tuple(dict.fromkeys(instead))})


def _built(work: Work, addition: Addition) -> Definition:
    base = work.base
    layer = Layer(
        name=addition.name,
        label=addition.label,
        owned_by=addition.owned_by,
        hash=digest(addition),
        on=base.name,
        on_hash=digest(base),
        added=tuple(work.added),
        changed={k: what for k, what in work.changed.items() if _differs(work, k)},
        left_out=tuple(work.left_out),
    )
    whole = {
        **base.model_dump(mode="json"),
        "key": addition.key,
        "version": addition.version,
        "label": addition.label.model_dump(),
        "sources": [*base.sources, *addition.sources],
        "owned_by": addition.owned_by,
        "transcribed_by": addition.transcribed_by or base.transcribed_by,
        "layers": [layer.model_dump() for layer in (*base.layers, layer)],
        "handovers": work.handovers.model_dump(mode="json"),
        "steps": [s.model_dump(mode="json") for s in work.steps],
    }
    return Definition.model_validate(whole)


def _differs(work: Work, key: str) -> bool:
    """Whether something became of what was done to a step of the base, or to other handovers."""
    place = work.place(key)
    if place is None:
        return work.handovers != work.base.handovers
    return work.steps[place] != work.base.step(key)


def traced(work: Work) -> list[Fault]:
    """What does not hang together in the end, each at the operation that brought it."""
    told = {0: dict[str, Fault]()}

    def after(count: int) -> dict[str, Fault]:
        if count not in told:
            whole = Whole(tuple(enumerate(work.done[count - 1][2])), work.base.parts)
            told[count] = {fault.en: fault for fault in faults(whole)}
        return told[count]

    found = list[Fault]()
    for said, fault in list(after(len(work.done)).items())[:MOST_TRACED]:
        without, within = 0, len(work.done)
        while within - without > 1:
            middle = (without + within) // 2
            without, within = (without, middle) if said in after(middle) else (middle, within)
        found.append(_brought(fault, work, within - 1))
    return found


def _brought(fault: Fault, work: Work, number: int) -> Fault:
    place, operation, _ = work.done[number]
    at = ("operations", place, *_within(operation, fault, tuple(work.steps)))
    sv, en = (
        f"helheten hänger inte ihop: {fault.sv}",
        f"the whole does not hang together: {fault.en}",
    )
    return Fault("composed_invalid", at, sv, en)


def _within(operation: Operation, fault: Fault, steps: tuple[StepDefinition, ...]) -> Path:
    """Where in the operation a fault of the whole stands, as far as it can be said."""
    match operation, fault.path:
        case AddStep(), ("steps", int(n), *rest) if steps[n].key == operation.step.key:
            return ("step", *rest)
        case Tighten(), _:
            return ("to",)
        case ((AddStep() | LeaveOut()), _):
            return ("step",)
    return ()


def _unknown(key: str, *at: str | int) -> NotAllowed:
    at = at or ("step",)
    return NotAllowed("step_unknown", f"okänt steg {key}", f"unknown step {key}", *at)


def _too_deep() -> Fault:
    sv, en = f"fler än {DEEPEST} tillägg på varandra", f"more than {DEEPEST} additions deep"
    return Fault("additions_too_deep", ("extends",), sv, en)


def _key_of_base(addition: Addition) -> Fault:
    """Versions of an addition are its own; those of what it stands on are another's."""
    key = addition.key
    return Fault(
        "key_of_base",
        ("key",),
        f"nyckeln {key} är ett förlopps, som tillägget bygger på; ge tillägget en egen",
        f"key {key} is of a pathway that the addition stands on; give the addition its own",
    )


def _other_base(addition: Addition, base: Definition) -> Fault:
    return Fault(
        "base_unknown",
        ("extends",),
        f"tillägget bygger på {addition.extends}, inte på {base.name}",
        f"the addition extends {addition.extends}, and not {base.name}",
    )
