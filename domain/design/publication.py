"""From a draft to a published version: who must have said yes, and for which units it holds.

The region has no mandate over municipalities: a pathway that gives a principal's units work, or
less time, is published when somebody of that principal has said yes, and never by its author alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from domain.handover_faults import least, most
from domain.journey import Actor, Role
from domain.pathway import Definition
from domain.refusal import FieldProblem, Refused
from domain.rules.receiver import may_hold
from domain.step_definition import Deadline, HandoverStep, StepDefinition
from domain.unit import Municipality, Unit
from domain.value import HsaId, Instant, Key, ShortText, Value

TIMES = ("due", "acknowledge", "accept", "first_contact")
APPROVERS = (Role.DESIGNER, Role.OPERATIONS_MANAGER)


class Scope(Value):
    """For whom a version holds: units, organisations, municipalities; empty is everybody."""

    units: Annotated[tuple[HsaId, ...], Field(max_length=500)] = ()
    organisations: Annotated[tuple[Key, ...], Field(max_length=100)] = ()
    municipalities: Annotated[tuple[Municipality, ...], Field(max_length=300)] = ()

    @property
    def everybody(self) -> bool:
        """Whether it is limited in no way."""
        return not (self.units or self.organisations or self.municipalities)

    def holds_for(self, unit: Unit) -> bool:
        """Whether journeys that a unit starts go by it."""
        return (
            self.everybody
            or unit.hsa_id in self.units
            or unit.organisation in self.organisations
            or (unit.municipality is not None and unit.municipality in self.municipalities)
        )


class Approval(Value):
    """Somebody's yes, for one principal."""

    principal: Key
    by: ShortText
    unit: HsaId
    at: Instant


class Draft(Value):
    """A checked draft: its own text, what it comes to, whose it is, and who has said yes."""

    id: ShortText
    kind: Literal["definition", "addition"]
    text: str
    definition: Definition
    by: ShortText
    unit: HsaId
    at: Instant
    valid_from: date
    scope: Scope = Scope()
    concerns: tuple[Key, ...] = ()
    approvals: tuple[Approval, ...] = ()
    trials: tuple[dict[str, object], ...] = ()
    published_at: Instant | None = None
    withdrawn_at: Instant | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """Principals of which nobody has said yes yet."""
        given = {a.principal for a in self.approvals}
        return tuple(p for p in self.concerns if p not in given)

    @property
    def second_person(self) -> bool:
        """Whether somebody else than the author has said yes at all."""
        return any(a.by != self.by for a in self.approvals)


class Published(Value):
    """A version as new journeys meet it."""

    definition: Definition
    valid_from: date
    scope: Scope = Scope()
    retired_on: date | None = None

    def holds(self, unit: Unit, day: date) -> bool:
        """Whether a journey that the unit starts on a day may go by it."""
        retired = self.retired_on is not None and self.retired_on <= day
        return self.valid_from <= day and not retired and self.scope.holds_for(unit)


def newest(versions: Iterable[Published], name: str, unit: Unit, day: date) -> Published:
    """What a journey goes by that asks for `key` or `key@version` at a unit on a day.

    Asked for by its family's key, an addition that holds for the unit goes before its base; the
    newest valid version before older ones.
    Raises `Refused`: pathway_unknown, pathway_retired.
    """
    key, _, version = name.partition("@")
    known = [v for v in versions if key in (v.definition.key, v.definition.family)]
    if version:
        known = [
            v for v in known if v.definition.key == key and str(v.definition.version) == version
        ]
    valid = [v for v in known if v.holds(unit, day)]
    if not valid:
        retired = known and all(v.retired_on and v.retired_on <= day for v in known)
        code = "pathway_retired" if retired else "pathway_unknown"
        raise Refused(code, FieldProblem(field="pathway", rule="unknown"))
    return max(
        valid,
        key=lambda v: (len(v.definition.layers), v.valid_from, v.definition.version),
    )


def concerned(
    definition: Definition,
    before: Definition | None,
    units: Mapping[HsaId, Unit],
    scope: Scope,
) -> tuple[str, ...]:
    """Principals whose units get work, or less time than before, in order."""
    found = list[str]()
    for step in definition.steps:
        known = before.step(step.key) if before else None
        if known is not None and not _asks_more(step, known):
            continue
        for unit in units.values():
            if _concerns(definition, step, unit, scope):
                found.append(unit.principal)
    return tuple(sorted(dict.fromkeys(found)))


def _asks_more(step: StepDefinition, before: StepDefinition) -> bool:
    """Less time, or something that was not asked for."""
    for name in TIMES:
        now, was = getattr(step, name, None), getattr(before, name, None)
        if isinstance(now, Deadline) and isinstance(was, Deadline) and _less(now, was):
            return True
    more = ("fields", "instruments", "professions", "preparation", "to")
    return any(set(getattr(step, name, ())) - set(getattr(before, name, ())) for name in more)


def _less(now: Deadline, was: Deadline) -> bool:
    if now.budget.counting is was.budget.counting:
        return now.budget.amount < was.budget.amount
    return least(now.budget) < most(was.budget)


def _concerns(definition: Definition, step: StepDefinition, unit: Unit, scope: Scope) -> bool:
    """Whether a unit would do the step, or answer its handover."""
    if unit.successor is not None:
        return False
    if isinstance(step, HandoverStep) and unit.kind in step.to:
        return _in_area(unit, scope)
    does = may_hold(definition, unit, step.part)
    return does and step.part != "coordination" and scope.holds_for(unit)


def _in_area(unit: Unit, scope: Scope) -> bool:
    """Receivers are those of the municipalities, where the scope names some."""
    if not scope.municipalities:
        return True
    return unit.municipality is None or unit.municipality in scope.municipalities


def approve(draft: Draft, actor: Actor, principal: str) -> None:
    """Whether somebody may say yes for a principal. Raises `Refused`: own_draft, not_approver, …"""
    _must_be_open(draft)
    if actor.subject == draft.by:
        raise Refused("own_draft")
    if not set(APPROVERS) & set(actor.roles):
        raise Refused("not_approver")
    if principal not in draft.concerns:
        raise Refused("not_approver", FieldProblem(field="principal", rule="not_concerned"))


def must_be_ready(draft: Draft, failed: Sequence[str], gaps: Sequence[str]) -> None:
    """Whether a draft may be published now.

    Raises `Refused`: draft_ended, approval_missing, trial_fails, coverage_gap.
    """
    _must_be_open(draft)
    if draft.missing:
        raise Refused(
            "approval_missing",
            *(FieldProblem(field="principal", rule=p) for p in draft.missing),
        )
    if not draft.second_person:
        raise Refused("approval_missing", FieldProblem(field="by", rule="second_person"))
    if failed:
        raise Refused("trial_fails", *(FieldProblem(field="trials", rule=f) for f in failed))
    if gaps:
        raise Refused("coverage_gap", *(FieldProblem(field="gap", rule=g) for g in gaps[:50]))


def _must_be_open(draft: Draft) -> None:
    if draft.published_at is not None or draft.withdrawn_at is not None:
        raise Refused("draft_ended")


def may_design(actor: Actor) -> None:
    """Only designers write pathways. Raises `Refused("role_not_enough")`."""
    if Role.DESIGNER not in actor.roles:
        raise Refused("role_not_enough")
