"""A local addition when its base has moved: merged three ways, with conflicts naming both edits."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from domain.design.addition import Addition, AddStep, LeaveOut, Operation, Tighten
from domain.design.compose import Work, put_on, traced
from domain.design.diff import Difference, differences
from domain.pathway import Definition
from domain.value import Labels, Value

# Which fields of a step an operation writes, so that an edit of the base to the same is seen.
WRITES: dict[str, tuple[str, ...]] = {
    "require_fields": ("fields",),
    "require_instruments": ("instruments",),
    "require_professions": ("professions",),
    "require_preparation": ("preparation",),
    "set_receivers": ("to", "same_municipality"),
    "set_goals": ("goals_min", "goals_max", "goals_from"),
    "set_visits": ("visits_per_week", "visits_from"),
    "add_guidance": ("guidance",),
    "make_mandatory": ("obligation",),
    "set_ladder": ("ladder",),
}
# Times that stand within something else.
WITHIN = {"every": "repeat", "at_most": "waits"}
# Where a figure comes from is not what it says.
CITED = ("source", "note", "goals_from", "visits_from")


class Merged(Value):
    """What became of one operation.

    `kept` as it was; `absorbed`: the base says it itself now; `both`: both changed the same, and
    the addition's still holds; `conflict`: it does not, and a person chooses.
    """

    place: int
    outcome: Literal["kept", "absorbed", "both", "conflict"]
    addition_says: str
    base_says: tuple[Difference, ...] = ()
    why: Labels | None = None


class Rebased(NamedTuple):
    """The addition on its new base, without what was absorbed; conflicts are still in it."""

    addition: Addition
    merged: tuple[Merged, ...]

    @property
    def conflicts(self) -> tuple[Merged, ...]:
        """What a person must choose."""
        return tuple(m for m in self.merged if m.outcome == "conflict")


def rebase(old: Definition, new: Definition, addition: Addition) -> Rebased:
    """Put an addition to `old` on `new`. The version counts one up."""
    moved, work = differences(old, new), Work(new)
    merged = list[Merged]()
    for place, operation in enumerate(addition.operations):
        merged.append(_merge(work, place, operation, moved))
    for fault in traced(work):
        place = int(fault.path[1])
        conflict = {"outcome": "conflict", "why": Labels(sv=fault.sv, en=fault.en)}
        merged[place] = merged[place].model_copy(update=conflict)
    merged = _with_both_edits(merged, addition.operations, moved)
    kept = (addition.operations[m.place] for m in merged if m.outcome != "absorbed")
    renamed = {"extends": new.name, "version": addition.version + 1, "operations": tuple(kept)}
    return Rebased(addition.model_copy(update=renamed), tuple(merged))


def _merge(work: Work, place: int, operation: Operation, moved: tuple[Difference, ...]) -> Merged:
    before, known = _said(work, operation), len(work.faults)
    theirs = tuple(d for d in moved if _touches(operation, d))
    merged = Merged(
        place=place,
        outcome="both" if theirs else "kept",
        addition_says=describe(operation),
        base_says=theirs,
    )
    put_on(work, place, operation)
    if len(work.faults) > known:
        fault = work.faults[-1]
        outcome = "absorbed" if theirs and _says_the_same(work, operation) else "conflict"
        why = Labels(sv=fault.sv, en=fault.en)
        return merged.model_copy(update={"outcome": outcome, "why": why})
    came = isinstance(operation, AddStep | LeaveOut)
    if theirs and not came and _said(work, operation) == before:
        return merged.model_copy(update={"outcome": "absorbed"})
    return merged


def _said(work: Work, operation: Any) -> Any:
    """What is said of the step, or of other handovers; not where its figures come from."""
    if isinstance(operation, AddStep):
        return None
    if operation.step is None:
        return _figures(work.handovers.model_dump(mode="json"))
    at = work.place(operation.step)
    return None if at is None else _figures(work.steps[at].model_dump(mode="json"))


def _figures(said: Any) -> Any:
    if isinstance(said, Mapping):
        return {name: _figures(value) for name, value in said.items() if name not in CITED}
    return said


def _with_both_edits(
    merged: list[Merged], operations: tuple[Operation, ...], moved: tuple[Difference, ...]
) -> list[Merged]:
    """For a conflict further off: the edit that an added step met, or what became of the steps."""
    stuck, found = dict[str, tuple[Difference, ...]](), list[Merged]()
    for one, operation in zip(merged, operations, strict=True):
        if one.outcome == "conflict":
            theirs = one.base_says or _further_off(operation, stuck, moved)
            one = one.model_copy(update={"base_says": theirs})
            if isinstance(operation, AddStep):
                stuck[operation.step.key] = theirs
        found.append(one)
    return found


def _further_off(
    operation: Operation,
    stuck: Mapping[str, tuple[Difference, ...]],
    moved: tuple[Difference, ...],
) -> tuple[Difference, ...]:
    near = _near(operation)
    of_added = next((stuck[key] for key in near if key in stuck), ())
    of_steps = tuple(d for d in moved if d.step in near or d.field == "steps")
    came_or_went = tuple(d for d in moved if d.field == "")
    return of_added or of_steps or came_or_went or moved


def _near(operation: Any) -> tuple[str, ...]:
    """The steps that an operation names."""
    if not isinstance(operation, AddStep):
        return (operation.step,) if operation.step else ()
    step = operation.step
    others = (operation.before, step.repeat.until if step.repeat else None)
    return (step.key, *operation.required_by, *step.after, *(k for k in others if k))


def _says_the_same(work: Work, operation: Operation) -> bool:
    """A step that the base itself has added now, word by word; or has itself left out."""
    if isinstance(operation, AddStep):
        key, waiting = operation.step.key, operation.required_by
        wait = all(key in s.after for s in work.steps if s.key in waiting)
        return operation.step in work.steps and wait
    return isinstance(operation, LeaveOut) and work.place(operation.step) is None


def _touches(operation: Operation, difference: Difference) -> bool:
    """Whether the base's edit is to what the operation writes."""
    if isinstance(operation, AddStep):
        came_or_went = difference.field == "" and difference.what in ("added", "removed")
        return difference.step in _near(operation) and came_or_went
    if difference.step != operation.step:
        return False
    first, *inner = difference.field.split(".")
    if isinstance(operation, Tighten):
        if operation.step is None:
            return first == "handovers" and inner[:1] == [operation.what]
        return first in ("", WITHIN.get(operation.what, operation.what))
    return isinstance(operation, LeaveOut) or first in ("", *WRITES[operation.op])


def describe(operation: Operation) -> str:
    """An operation in a line, as it stands in the file."""
    said: dict[str, Any] = operation.model_dump(mode="json", exclude_none=True)
    name = said.pop("op")
    if isinstance(operation, AddStep):
        return f"{name} {operation.step.key} ({operation.step.kind})"
    step = said.pop("step", "")
    said = {k: v for k, v in said.items() if k not in ("because", *CITED) and v is not False}
    rest = ", ".join(f"{k}: {_short(_plainly(v))}" for k, v in said.items())
    return " ".join(f"{name} {step} {rest}".split())


def _plainly(value: Any) -> str:
    """A value of an operation: a time, a text, a key, or several of them."""
    match value:
        case list():
            return ", ".join(map(_plainly, value))
        case {"budget": {"amount": amount, "counting": counting}}:
            return f"{amount} {counting}"
        case {"key": said} | {"sv": said}:
            return str(said)
        case bool():
            return str(value).lower()
    return str(value)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
