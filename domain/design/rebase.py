"""A local addition when its base has moved: merged three ways, with conflicts naming both edits."""

from typing import Any, Literal, NamedTuple

from domain.design.addition import Addition, AddStep, LeaveOut, Operation
from domain.design.compose import Work, put_on
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
    "set_goals": ("goals_min", "goals_max"),
    "set_visits": ("visits_per_week",),
    "add_guidance": ("guidance",),
    "make_mandatory": ("obligation",),
    "set_ladder": ("ladder",),
}


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
    merged, kept = list[Merged](), list[Operation]()
    for place, operation in enumerate(addition.operations):
        outcome = _merge(work, place, operation, moved)
        merged.append(outcome)
        if outcome.outcome != "absorbed":
            kept.append(operation)
    rebased = addition.model_copy(
        update={
            "extends": new.name,
            "version": addition.version + 1,
            "operations": tuple(kept),
        }
    )
    return Rebased(rebased, tuple(merged))


def _merge(work: Work, place: int, operation: Operation, moved: tuple[Difference, ...]) -> Merged:
    before = (tuple(work.steps), work.handovers)
    said = describe(operation)
    theirs = tuple(d for d in moved if _touches(operation, d))
    known = len(work.faults)
    put_on(work, place, operation)
    if len(work.faults) > known:
        fault = work.faults[-1]
        why = Labels(sv=fault.sv, en=fault.en)
        absorbed = _says_the_same(work, operation)
        outcome: Literal["conflict", "absorbed"] = "absorbed" if absorbed else "conflict"
        return Merged(place=place, outcome=outcome, addition_says=said, base_says=theirs, why=why)
    if (tuple(work.steps), work.handovers) == before:
        return Merged(place=place, outcome="absorbed", addition_says=said, base_says=theirs)
    return Merged(
        place=place, outcome="both" if theirs else "kept", addition_says=said, base_says=theirs
    )


def _says_the_same(work: Work, operation: Operation) -> bool:
    """A step that the base itself has added now, word by word; or has itself left out."""
    if isinstance(operation, AddStep):
        return operation.step in work.steps
    return isinstance(operation, LeaveOut) and work.place(operation.step) is None


def _touches(operation: Operation, difference: Difference) -> bool:
    """Whether the base's edit is to what the operation writes."""
    if isinstance(operation, AddStep):
        near = (operation.step.key, operation.before, *operation.required_by)
        came_or_went = difference.field == "" and difference.what in ("added", "removed")
        return difference.step in near and came_or_went
    if difference.step != operation.step:
        return False
    if isinstance(operation, LeaveOut) or difference.field == "":
        return True
    first = difference.field.split(".")
    written = WRITES.get(operation.op) or (getattr(operation, "what", ""),)
    return first[0] in written or (difference.step is None and first[-2:-1] == list(written))


def describe(operation: Operation) -> str:
    """An operation in a line, as it stands in the file."""
    said: dict[str, Any] = operation.model_dump(mode="json", exclude_none=True)
    name = said.pop("op")
    if isinstance(operation, AddStep):
        return f"{name} {operation.step.key} ({operation.step.kind})"
    step = said.pop("step", "")
    if "to" in said and isinstance(said["to"], dict):
        budget = said["to"]["budget"]
        said["to"] = f"{budget['amount']} {budget['counting']}"
    rest = ", ".join(f"{k}: {_short(v)}" for k, v in said.items() if k != "because")
    return f"{name} {step} {rest}".replace("  ", " ").strip()


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
