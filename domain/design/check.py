"""A pathway file checked whole: form, sense, conditions, and whether it can be lived by.

Everything that is wrong is said at once, with line and column, in Swedish and English.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel, TypeAdapter, ValidationError

from domain.design.addition import Addition, Operation
from domain.design.compose import compose, faults_of
from domain.design.living import faults_of_living
from domain.design.problem import Problem, dotted, in_order, problem
from domain.design.simulation import World
from domain.design.source import Source, problems_of, read
from domain.fault import Fault, Path, Whole
from domain.part import PartDefinition
from domain.pathway import Definition
from domain.pathway_faults import faults
from domain.step_definition import StepDefinition

_STEP: TypeAdapter[StepDefinition] = TypeAdapter(StepDefinition)
_OPERATION: TypeAdapter[Operation] = TypeAdapter(Operation)
_PART: TypeAdapter[PartDefinition] = TypeAdapter(PartDefinition)


class Library(NamedTuple):
    """What a file is checked against: pathways to add to, and the world to live in, if known."""

    bases: Mapping[str, Definition] = {}
    world: World | None = None


class Checked(NamedTuple):
    """What a file comes to: a definition unless something is wrong, and all that is."""

    definition: Definition | None
    addition: Addition | None
    problems: tuple[Problem, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def check(text: str, library: Library = Library()) -> Checked:  # noqa: B008 - it is frozen
    """Read, validate, compose and try out a pathway or a local addition."""
    source, found = read(text)
    if source is None:
        return Checked(None, None, tuple(found))
    if isinstance(source.data, dict) and "extends" in source.data:
        checked = _addition(source, library)
    else:
        checked = _definition(source, library)
    problems = in_order([*found, *checked.problems])
    definition = None if found else checked.definition
    return checked._replace(definition=definition, problems=tuple(problems))


def _definition(source: Source, library: Library) -> Checked:
    try:
        definition = Definition.model_validate(source.data)
    except ValidationError as error:
        said = (*_of_form(error, source), *_of_sense(source))
        return Checked(None, None, said or tuple(problems_of(error, source, _fields(Definition))))
    found = [_placed(f, source) for f in faults_of_living(definition, library.world)]
    return Checked(None if found else definition, None, tuple(found))


def _of_form(error: ValidationError, source: Source) -> list[Problem]:
    """What the model says; what does not hang together is said with its places instead."""
    said = problems_of(error, source, _fields(Definition))
    return [p for p in said if p.code != "rule_broken" or p.path]


def _fields(model: type[BaseModel]) -> tuple[str, ...]:
    return tuple(model.model_fields)


def _of_sense(source: Source) -> Iterator[Problem]:
    """Faults among the steps and parts that can be read, unless a broken one explains them."""
    data = source.data if isinstance(source.data, dict) else {}
    steps, broken = _readable(data.get("steps"), _STEP)
    parts, _ = _readable(data.get("parts"), _PART)
    if not steps and data.get("steps") != []:
        return
    whole = Whole(tuple(steps), tuple(part for _, part in parts))
    for fault in faults(whole):
        if not (broken and _explained(fault, data, broken)):
            yield _placed(fault, source)


def _readable(listed: Any, model: TypeAdapter[Any]) -> tuple[list[tuple[int, Any]], list[Any]]:
    """Those of a list that the model takes, with their places; and the others as they stand."""
    good, bad = list[tuple[int, Any]](), list[Any]()
    for place, one in enumerate(listed if isinstance(listed, list) else []):
        try:
            good.append((place, model.validate_python(one)))
        except ValidationError:
            bad.append(one)
    return good, bad


BY_BROKEN = {"kind_missing", "referral_first", "never_begins"}


def _explained(fault: Fault, data: Mapping[str, Any], broken: list[Any]) -> bool:
    """Whether a step that could not be read may be the one that is missed."""
    if fault.code in BY_BROKEN:
        return True
    if fault.code not in ("after_unknown", "until_unknown"):
        return False
    named: Any = data
    for part in fault.path:
        named = named[part]
    return any(isinstance(b, dict) and b.get("key") == named for b in broken)


def _addition(source: Source, library: Library) -> Checked:
    try:
        addition = Addition.model_validate(source.data)
    except ValidationError as error:
        said = problems_of(error, source, _fields(Addition))
        return Checked(None, None, (*said, *_of_operations(source, library)))
    base = library.bases.get(addition.extends)
    if base is None:
        known = ", ".join(sorted(library.bases)) or "–"
        fault = Fault(
            "base_unknown",
            ("extends",),
            f"grundförloppet {addition.extends} finns inte (finns: {known})",
            f"there is no base {addition.extends} (there are: {known})",
        )
        return Checked(None, addition, (_placed(fault, source),))
    composed = compose(base, addition)
    found = [_placed(fault, source) for fault in composed.faults]
    if composed.definition is not None:
        living = faults_of_living(composed.definition, library.world)
        found = [_placed(_in_addition(f, composed.definition, addition), source) for f in living]
    return Checked(None if found else composed.definition, addition, tuple(found))


def _of_operations(source: Source, library: Library) -> Iterator[Problem]:
    """What is wrong with the operations that can be read, when others cannot."""
    base = library.bases.get(str(source.data.get("extends")))
    operations, _ = _readable(source.data.get("operations"), _OPERATION)
    if base is not None:
        yield from (_placed(fault, source) for fault in faults_of(base, operations))


def _in_addition(fault: Fault, definition: Definition, addition: Addition) -> Fault:
    """A fault of the whole, at the operation that brought the step."""
    if len(fault.path) < 2 or fault.path[0] != "steps":
        return fault._replace(path=("extends",))
    key = definition.steps[int(fault.path[1])].key
    for place, operation in enumerate(addition.operations):
        own = operation.step if isinstance(getattr(operation, "step", None), str) else None
        added = getattr(getattr(operation, "step", None), "key", None)
        if added == key:
            return fault._replace(path=("operations", place, "step", *fault.path[2:]))
        if own == key:
            return fault._replace(path=("operations", place))
    return fault._replace(path=("extends",))


def _placed(fault: Fault, source: Source) -> Problem:
    """A fault as a problem of the file, where it stands."""
    path: Path = fault.path
    place = source.place(path)
    message = problem("rule_broken", path, place, why=fault.en).message
    said = message.model_copy(update={"sv": _sentence(fault.sv), "en": _sentence(fault.en)})
    return Problem(
        code=fault.code,
        path=dotted(path),
        line=place.line,
        column=place.column + fault.offset,
        message=said,
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
