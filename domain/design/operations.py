"""What each operation of an addition does to a step, and the rules that it may not break."""

from collections.abc import Callable
from typing import Any, NamedTuple

from domain.design import addition as op
from domain.handover_faults import least, most
from domain.step_definition import (
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

    def __init__(self, rule: str, sv: str, en: str, *at: str) -> None:
        super().__init__(en)
        self.rule, self.sv, self.en, self.at = rule, sv, en, at


class Changed(NamedTuple):
    """The step as it became, and what was changed in it."""

    step: StepDefinition
    what: str


def change(step: StepDefinition, operation: Any) -> Changed:
    """The step with one operation done to it. Raises `NotAllowed`."""
    return _HOW[type(operation)](step, operation)


def tightened(now: Deadline | None, operation: op.Tighten) -> Deadline:
    """The shorter time. Raises `NotAllowed("deadline_longer")` unless it surely is."""
    if now is None:
        raise NotAllowed(
            "no_such_time",
            f"{operation.what} finns inte där",
            f"there is no {operation.what} there",
            "what",
        )
    was, then = now.budget, operation.to.budget
    same = was.counting is then.counting
    shorter = then.amount <= was.amount if same else most(then) <= least(was)
    if not shorter:
        raise NotAllowed(
            "deadline_longer",
            f"{operation.what} blir inte kortare: {was.amount} {was.counting} till "
            f"{then.amount} {then.counting}",
            f"{operation.what} does not get shorter: {was.amount} {was.counting} to "
            f"{then.amount} {then.counting}",
            "to",
        )
    return operation.to


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
        both = dict.fromkeys((*getattr(step, name), *getattr(operation, given)))
        return Changed(step.model_copy(update={name: tuple(both)}), name)

    return put


def _prepare(step: StepDefinition, operation: op.RequirePreparation) -> Changed:
    if not isinstance(step, MeetingStep):
        raise _kind(step, "meeting")
    known = {item.key for item in step.preparation}
    more = tuple(item for item in operation.items if item.key not in known)
    return Changed(
        step.model_copy(update={"preparation": (*step.preparation, *more)}), "preparation"
    )


def _receivers(step: StepDefinition, operation: op.SetReceivers) -> Changed:
    if not isinstance(step, HandoverStep):
        raise _kind(step, "handover")
    wider = [kind for kind in operation.to if kind not in step.to]
    looser = step.same_municipality and not operation.same_municipality
    if wider or looser:
        raise NotAllowed(
            "receivers_widened",
            f"mottagare som grundförloppet inte har: {', '.join(wider) or 'andra kommuner'}",
            f"receivers that the base does not have: {', '.join(wider) or 'other municipalities'}",
            "to",
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
            "goals_min",
        )
    goals = {"goals_min": low, "goals_max": high, "goals_from": operation.goals_from}
    return Changed(step.model_copy(update=goals), "goals")


def _visits(step: StepDefinition, operation: op.SetVisits) -> Changed:
    if not isinstance(step, InterventionStep):
        raise _kind(step, "intervention")
    (low, high), within = operation.visits_per_week, step.visits_per_week
    if not 0 <= low <= high or (within and not within[0] <= low <= high <= within[1]):
        raise NotAllowed(
            "visits_widened",
            f"besök per vecka måste ligga inom {within}",
            f"visits per week must lie within {within}",
            "visits_per_week",
        )
    visits = {"visits_per_week": (low, high), "visits_from": operation.visits_from}
    return Changed(step.model_copy(update=visits), "visits_per_week")


def _guide(step: StepDefinition, operation: op.AddGuidance) -> Changed:
    more, known = operation.guidance, step.guidance
    if known is not None:
        more = Guidance(
            sv=f"{known.sv}\n\n{more.sv}",
            en=f"{known.en}\n\n{more.en}",
            link=more.link or known.link,
        )
    return Changed(step.model_copy(update={"guidance": more}), "guidance")


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
