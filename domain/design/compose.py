"""From a base and an addition to one definition, with everything that is wrong said at once.

Each operation is put on in its turn. One that would weaken the base is refused by the name of the
rule that it breaks, and the others are tried all the same.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from domain.design.addition import Addition, AddStep, LeaveOut, Operation, Tighten
from domain.design.digest import digest
from domain.design.operations import Changed, NotAllowed, change, tightened
from domain.fault import Fault, Path
from domain.pathway import Definition, HandoverDeadlines, Layer
from domain.pathway_faults import WANTED
from domain.step_definition import Obligation, StepDefinition

DEEPEST = 100


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

    def place(self, key: str) -> int | None:
        """Where a step stands now."""
        return next((n for n, s in enumerate(self.steps) if s.key == key), None)


def compose(base: Definition, addition: Addition) -> Composed:
    """Put an addition on a base. The base may itself be composed, up to a hundred deep."""
    work = Work(base)
    if len(base.layers) >= DEEPEST:
        return Composed(None, (_too_deep(),))
    if addition.extends != base.name:
        return Composed(None, (_other_base(addition, base),))
    for place, operation in enumerate(addition.operations):
        put_on(work, place, operation)
    if work.faults:
        return Composed(None, tuple(work.faults))
    return _built(work, addition)


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
            case _:
                _change(work, operation)
    except NotAllowed as no:
        at: Path = ("operations", place, *no.at)
        work.faults.append(Fault(no.rule, at, no.sv, no.en))


def _change(work: Work, operation: Any) -> None:
    at = work.place(operation.step)
    if at is None:
        raise _unknown(operation.step)
    done: Changed = change(work.steps[at], operation)
    work.steps[at] = done.step
    if operation.step not in work.added:
        work.changed[operation.step] = (*work.changed.get(operation.step, ()), done.what)


def _add_step(work: Work, place: int, operation: AddStep) -> None:
    key = operation.step.key
    if work.place(key) is not None:
        raise NotAllowed("key_twice", f"steget {key} finns redan", f"step {key} exists", "step")
    before = len(work.steps) if operation.before is None else work.place(operation.before)
    if before is None:
        raise _unknown(operation.before or "", "before")
    work.steps.insert(before, operation.step)
    work.added[key] = place
    for waiting in operation.required_by:
        at = work.place(waiting)
        if at is None:
            raise _unknown(waiting, "required_by")
        after = (*work.steps[at].after, key)
        work.steps[at] = work.steps[at].model_copy(update={"after": after})
        work.changed[waiting] = (*work.changed.get(waiting, ()), "after")


def _leave_out(work: Work, operation: LeaveOut) -> None:
    at = work.place(operation.step)
    if at is None:
        raise _unknown(operation.step)
    step = work.steps[at]
    others = [s for s in work.steps if s.kind == step.kind]
    if step.obligation is Obligation.MANDATORY or (step.kind in WANTED and len(others) == 1):
        raise NotAllowed(
            "mandatory_left_out",
            f"steget {step.key} är obligatoriskt i grundförloppet och kan inte tas bort",
            f"step {step.key} is mandatory in the base and cannot be left out",
            "step",
        )
    del work.steps[at]
    work.left_out.append(step.key)
    work.steps = [_without(s, step) for s in work.steps]


def _without(step: StepDefinition, gone: StepDefinition) -> StepDefinition:
    """What waited for the step waits for what it waited for."""
    if gone.key not in step.after:
        return step
    instead = (k for key in step.after for k in (gone.after if key == gone.key else (key,)))
    return step.model_copy(update={"after": tuple(dict.fromkeys(instead))})


def _built(work: Work, addition: Addition) -> Composed:
    base = work.base
    layer = Layer(
        name=addition.name,
        label=addition.label,
        owned_by=addition.owned_by,
        hash=digest(addition),
        on=base.name,
        on_hash=digest(base),
        added=tuple(work.added),
        changed=work.changed,
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
    return _validated(whole, work)


def _validated(whole: Mapping[str, Any], work: Work) -> Composed:
    try:
        return Composed(Definition.model_validate(whole), ())
    except ValidationError as error:
        said = "; ".join(str(e["msg"]).removeprefix("Value error, ") for e in error.errors())
        sv, en = f"helheten hänger inte ihop: {said}", f"the whole does not hang together: {said}"
        at = min(work.added.values(), default=0)
        return Composed(None, (Fault("composed_invalid", ("operations", at), sv, en),))


def _unknown(key: str, field: str = "step") -> NotAllowed:
    return NotAllowed("step_unknown", f"okänt steg {key}", f"unknown step {key}", field)


def _too_deep() -> Fault:
    sv, en = f"fler än {DEEPEST} tillägg på varandra", f"more than {DEEPEST} additions deep"
    return Fault("additions_too_deep", ("extends",), sv, en)


def _other_base(addition: Addition, base: Definition) -> Fault:
    return Fault(
        "base_unknown",
        ("extends",),
        f"tillägget bygger på {addition.extends}, inte på {base.name}",
        f"the addition extends {addition.extends}, and not {base.name}",
    )
