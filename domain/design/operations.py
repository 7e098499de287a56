"""What each operation of an addition does to a step, and the rules that it may not break."""

from collections.abc import Callable
from typing import Any, NamedTuple

from pydantic import ValidationError

from domain.calendar import Budget, Counting
from domain.clock_words import budget_words
from domain.design import addition as op
from domain.design.problem import START, code_and_words, problem
from domain.handover_faults import least, most
from domain.instrument import INSTRUMENTS
from domain.step_definition import (
    ChecklistItem,
    Deadline,
    Guidance,
    HandoverStep,
    InterventionStep,
    MeetingStep,
    Obligation,
    PlanStep,
    StepDefinition,
    UntilDischarge,
    UntilVisits,
)


class NotAllowed(Exception):
    """An operation that breaks a rule: which, where in the operation, and both texts."""

    def __init__(self, rule: str, sv: str, en: str, *at: str | int) -> None:
        super().__init__(en)
        self.rule, self.sv, self.en, self.at = rule, sv, en, at


class Changed(NamedTuple):
    """The step as it became, and what was changed in it."""

    step: StepDefinition
    what: str


def change(step: StepDefinition, operation: Any) -> Changed:
    """The step with one operation done to it. Raises `NotAllowed`."""
    done = _HOW[type(operation)](step, operation)
    # A copy is not validated; what is wrong in it is said here, and not by a warning.
    whole = done.step.model_dump(mode="json", warnings=False)
    try:
        type(step).model_validate(whole)
    except ValidationError as error:
        raise _not_taken(step, operation, error, whole) from None
    return done


def _not_taken(
    step: StepDefinition, operation: Any, error: ValidationError, whole: dict[str, Any]
) -> NotAllowed:
    """What the step cannot have, in the operation's own field."""
    first = error.errors()[0]
    name, *place = first["loc"]
    code, words = code_and_words(first, first["loc"], whole, ())
    said = problem(code, (), START, **words).message
    given = next(n for n in type(operation).model_fields if n not in ("because", "op", "step"))
    listed = getattr(operation, given)
    at = [listed.index(whole[str(name)][n]) for n in place[:1] if isinstance(n, int)]
    return NotAllowed(
        "composed_invalid",
        f"steget {step.key}, {name}: {_inner(said.sv)}",
        f"step {step.key}, {name}: {_inner(said.en)}",
        given,
        *at,
    )


def _inner(sentence: str) -> str:
    """A sentence as a part of another."""
    return f"{sentence[:1].lower()}{sentence[1:]}".rstrip(".")


def tightened(now: Deadline | None, operation: op.Tighten) -> Deadline:
    """The shorter time. Raises `NotAllowed("deadline_longer")` unless it surely is."""
    if now is None:
        raise NotAllowed(
            "no_such_time",
            f"tiden {operation.what} finns inte där",
            f"there is no {operation.what} there",
            "what",
        )
    if not _shorter(now.budget, operation.to.budget):
        was, then = (budget_words(b.amount, b.counting) for b in (now.budget, operation.to.budget))
        raise NotAllowed(
            "deadline_longer",
            f"tiden {operation.what} blir inte kortare: {was.sv} till {then.sv}",
            f"the time {operation.what} does not get shorter: {was.en} to {then.en}",
            "to",
        )
    return operation.to


def _shorter(was: Budget, then: Budget) -> bool:
    """Whether a time surely is no longer than it was, whenever it begins."""
    both = (was.counting, then.counting)
    if was.counting is then.counting or both == (Counting.WORKING_DAYS, Counting.CALENDAR_DAYS):
        return then.amount <= was.amount
    # No file knows how seldom a unit is open.
    if then.counting is Counting.OPENING_HOURS:
        return then.amount == 0
    return most(then) <= least(was)


def _tighten(step: StepDefinition, operation: op.Tighten) -> Changed:
    what = operation.what
    if what == "limit" and step.limit is not None:
        inner = step.limit.model_copy(update={"due": tightened(step.limit.due, operation)})
        return Changed(step.model_copy(update={"limit": inner}), what)
    if what == "every" and step.repeat is not None:
        again = step.repeat.model_copy(update={"every": tightened(step.repeat.every, operation)})
        return Changed(step.model_copy(update={"repeat": again}), what)
    if what == "at_most" and isinstance(step.waits, UntilDischarge | UntilVisits):
        waits = step.waits.model_copy(update={"at_most": tightened(step.waits.at_most, operation)})
        return Changed(step.model_copy(update={"waits": waits}), what)
    found = getattr(step, what, None)
    now = found if isinstance(found, Deadline) else None
    return Changed(step.model_copy(update={what: tightened(now, operation)}), what)


def _require(name: str, given: str) -> Callable[[StepDefinition, Any], Changed]:
    """More of what a step asks for already; nothing that it asked for goes."""

    def put(step: StepDefinition, operation: Any) -> Changed:
        if not hasattr(step, name):
            raise NotAllowed(
                "not_of_this_kind",
                f"ett steg av slaget {step.kind} har inga {name}",
                f"a step of kind {step.kind} has no {name}",
                "step",
            )
        _known(given, getattr(operation, given))
        both = dict.fromkeys((*getattr(step, name), *getattr(operation, given)))
        return Changed(step.model_copy(update={name: tuple(both)}), name)

    return put


def _known(given: str, keys: tuple[str, ...]) -> None:
    """Raises `NotAllowed` for an instrument that nobody knows."""
    for place, key in enumerate(keys if given == "instruments" else ()):
        if key not in INSTRUMENTS:
            sv, en = f"okänt instrument {key}", f"unknown instrument {key}"
            raise NotAllowed("composed_invalid", sv, en, given, place)


def _prepare(step: StepDefinition, operation: op.RequirePreparation) -> Changed:
    if not isinstance(step, MeetingStep):
        raise _kind(step, "meeting")
    items = {item.key: item for item in step.preparation}
    for place, item in enumerate(operation.items):
        if items.setdefault(item.key, item) != item:
            raise _other_item(item, place)
    had = {item.key for item in step.preparation}
    more = (item for item in items.values() if item.key not in had)
    both = (*step.preparation, *more)
    return Changed(step.model_copy(update={"preparation": both}), "preparation")


def _other_item(item: ChecklistItem, place: int) -> NotAllowed:
    return NotAllowed(
        "key_twice",
        f"punkten {item.key} finns redan med en annan text",
        f"item {item.key} exists with another text",
        "items",
        place,
        "key",
    )


def _receivers(step: StepDefinition, operation: op.SetReceivers) -> Changed:
    if not isinstance(step, HandoverStep):
        raise _kind(step, "handover")
    wider = [kind for kind in operation.to if kind not in step.to]
    looser = step.same_municipality and not operation.same_municipality
    if wider or looser:
        sv = ", ".join((*wider, *(["andra kommuner"] if looser else ())))
        en = ", ".join((*wider, *(["other municipalities"] if looser else ())))
        raise NotAllowed(
            "receivers_widened",
            f"mottagare som grundförloppet inte har: {sv}",
            f"receivers that the base does not have: {en}",
            "to" if wider else "same_municipality",
        )
    receivers = {"to": operation.to, "same_municipality": operation.same_municipality}
    return Changed(step.model_copy(update=receivers), "to")


def _goals(step: StepDefinition, operation: op.SetGoals) -> Changed:
    if not isinstance(step, PlanStep):
        raise _kind(step, "plan")
    low, high = operation.goals_min, operation.goals_max
    if not step.goals_min <= low <= high <= step.goals_max:
        raise NotAllowed(
            "goals_widened",
            f"antalet mål måste ligga inom {step.goals_min}–{step.goals_max}",
            f"the number of goals must lie within {step.goals_min}–{step.goals_max}",
            "goals_min" if not step.goals_min <= low <= step.goals_max else "goals_max",
        )
    goals = {"goals_min": low, "goals_max": high, "goals_from": operation.goals_from}
    return Changed(step.model_copy(update=goals), "goals")


def _visits(step: StepDefinition, operation: op.SetVisits) -> Changed:
    if not isinstance(step, InterventionStep):
        raise _kind(step, "intervention")
    (low, high), within = operation.visits_per_week, step.visits_per_week or (0, None)
    if not within[0] <= low <= high or (within[1] is not None and high > within[1]):
        least_and_most = f"{within[0]}–{'' if within[1] is None else within[1]}"
        raise NotAllowed(
            "visits_widened",
            f"besök per vecka går från lägst till högst, inom {least_and_most}",
            f"visits per week run from low to high, within {least_and_most}",
            "visits_per_week",
        )
    visits = {"visits_per_week": (low, high), "visits_from": operation.visits_from}
    return Changed(step.model_copy(update=visits), "visits_per_week")


def _guide(step: StepDefinition, operation: op.AddGuidance) -> Changed:
    more, known = operation.guidance, step.guidance
    if known is not None:
        more = _after(known, more)
    return Changed(step.model_copy(update={"guidance": more}), "guidance")


def _after(known: Guidance, more: Guidance) -> Guidance:
    """Both texts, once. There is room for one link: the base keeps its own."""
    own = more.link if known.link and more.link != known.link else None
    sv, en = (f"{text} {own}" if own else text for text in (more.sv, more.en))
    if sv in known.sv and en in known.en:
        return known
    return Guidance(
        sv=f"{known.sv}\n\n{sv}", en=f"{known.en}\n\n{en}", link=known.link or more.link
    )


def _mandatory(step: StepDefinition, _: op.MakeMandatory) -> Changed:
    return Changed(step.model_copy(update={"obligation": Obligation.MANDATORY}), "obligation")


def _ladder(step: StepDefinition, operation: op.SetLadder) -> Changed:
    if step.obligation is Obligation.MANDATORY:
        raise NotAllowed(
            "mandatory_ladder",
            f"steget {step.key} är obligatoriskt; dess stege byts inte",
            f"step {step.key} is mandatory; its ladder is not exchanged",
            "ladder",
        )
    return Changed(step.model_copy(update={"ladder": operation.ladder}), "ladder")


def _kind(step: StepDefinition, wanted: str) -> NotAllowed:
    return NotAllowed(
        "not_of_this_kind",
        f"steget {step.key} är inte av slaget {wanted}",
        f"step {step.key} is not of kind {wanted}",
        "step",
    )


_HOW: dict[type, Callable[[StepDefinition, Any], Changed]] = {
    op.Tighten: _tighten,
    op.RequireFields: _require("fields", "fields"),
    op.RequireInstruments: _require("instruments", "instruments"),
    op.RequireProfessions: _require("professions", "professions"),
    op.RequirePreparation: _prepare,
    op.SetReceivers: _receivers,
    op.SetGoals: _goals,
    op.SetVisits: _visits,
    op.AddGuidance: _guide,
    op.MakeMandatory: _mandatory,
    op.SetLadder: _ladder,
}
