"""What must be right before a handover may go to a unit."""

from domain import instrument, profile
from domain.calendar import STOCKHOLM
from domain.command import Send
from domain.draft import Draft
from domain.journey import Journey, StepState
from domain.part import COORDINATION
from domain.pathway import (
    Definition,
    HandoverDeadlines,
    HandoverStep,
    Purpose,
    StepDefinition,
)
from domain.plan import PlanState
from domain.profile import PROFILE_OF, Profile
from domain.refusal import FieldProblem, Refused
from domain.rules import access
from domain.rules.allowed import NO_ACCESS_LEFT
from domain.rules.instants import FARTHEST
from domain.template import HandoverContent, LegalBasis
from domain.unit import Sector, Unit


def deadlines(state: Journey, step_key: str | None) -> HandoverStep | HandoverDeadlines:
    """Deadlines of the step that asked for the handover, or else the pathway's own."""
    step = state.step_definition(step_key) if step_key else None
    return step if isinstance(step, HandoverStep) else state.definition.handovers


def check_part(draft: Draft, part: str, purpose: Purpose, handover_id: str) -> str:
    """The part exists, fits the purpose, is the sender's, and is not under way.

    Returns the unit that sends: the part's holder, for whom the caller acts.
    """
    state = draft.state
    if state.definition.part(part) is None:
        raise Refused("part_unknown")
    if purpose.moves and (purpose is Purpose.TAKE_OVER) != (part == COORDINATION):
        raise Refused("part_purpose_mismatch")
    if part in state.parts:
        access.must_hold(draft, part)
        sender = state.parts[part].holder
    else:
        sender = access.must_hold_something(draft)
    pending = state.pending(part)
    if purpose.moves and pending and pending.id != handover_id:
        raise Refused("part_in_handover")
    return sender


def with_step(draft: Draft, command: Send) -> Send:
    """The command with the one open step that asks for just this, when the caller named none."""
    if command.step is not None:
        return command
    asked = [d for d in draft.state.definition.steps if _asks_for(draft.state, d, command)]
    return command.model_copy(update={"step": asked[0].key}) if len(asked) == 1 else command


def _asks_for(state: Journey, definition: StepDefinition, command: Send) -> bool:
    step = state.current(definition.key)
    return (
        isinstance(definition, HandoverStep)
        and step is not None
        and step.state is StepState.OPEN
        and (definition.hands, definition.purpose) == (command.part, command.purpose)
        and command.to.kind in definition.to
    )


def check_step(draft: Draft, command: Send) -> None:
    """A handover for a step: the step is open, the sender's, and asks for just this."""
    if command.step is None:
        return
    definition, step = draft.state.definition.step(command.step), draft.state.current(command.step)
    if step is None or not isinstance(definition, HandoverStep):
        raise Refused("step_unknown")
    access.must_hold(draft, definition.part)
    if step.state is not StepState.OPEN:
        raise Refused("step_not_open")
    if (definition.hands, definition.purpose) != (command.part, command.purpose):
        raise Refused("part_purpose_mismatch")
    check_kind(draft.state, command.to, command.step)


def check_kind(state: Journey, unit: Unit, step_key: str | None) -> None:
    """The step that asked for the handover names the kinds of units that it may go to."""
    wanted = deadlines(state, step_key)
    if isinstance(wanted, HandoverStep) and unit.kind not in wanted.to:
        raise Refused("receiver_kind_mismatch", FieldProblem(field="to", rule="kind"))


def check_unit(draft: Draft, unit: Unit, part: str, purpose: Purpose, sender: str) -> None:
    """The unit may hold the part, can be reached, and has an agreement that still holds."""
    if unit.hsa_id == sender:
        raise Refused("receiver_is_sender")
    if purpose.moves and not may_hold(draft.state.definition, unit, part):
        raise Refused("receiver_kind_mismatch", FieldProblem(field="to", rule="kind"))
    known = draft.state.units.get(unit.hsa_id, unit)
    if unit.successor or known.successor:
        raise Refused("receiver_succeeded")
    if not unit.contacts:
        raise Refused("receiver_without_contact")
    if unit.agreement_until and unit.agreement_until < draft.now.astimezone(STOCKHOLM).date():
        raise Refused("receiver_agreement_expired")


def may_hold(pathway: Definition, unit: Unit, part: str) -> bool:
    """Social services and schools hold only parts that name their kind."""
    definition = pathway.part(part)
    if definition is not None and definition.held_by:
        return unit.kind in definition.held_by
    return unit.sector is Sector.HEALTH


def check_content(draft: Draft, command: Send, content: HandoverContent, sender: Unit) -> None:
    """What the receiver's profile demands is there, and everything there is possible (R-023)."""
    measurements = content.measurements
    found = instrument.problems(measurements, "content.measurements")
    profiled = PROFILE_OF[command.to.sector]
    step = draft.state.step_definition(command.step) if command.step else None
    if isinstance(step, HandoverStep) and profiled is Profile.HEALTH_CARE:
        found += instrument.missing(measurements, step.instruments, "content.measurements")
    if isinstance(step, HandoverStep):
        found += _missing_fields(draft.state, step, content, profiled)
    found += profile.missing(content, profiled)
    found += _plan_problems(draft.state, content, sender)
    found += basis_problems(content.legal_basis, content.consent_ref, command.to, sender)
    estimate = content.estimated_discharge_at
    if estimate and estimate > draft.now + FARTHEST:
        found.append(FieldProblem(field="content.estimated_discharge_at", rule="too_far"))
    if found:
        raise Refused("content_invalid", *found)
    check_guardians(draft.state, content.legal_basis)


def _missing_fields(
    state: Journey, step: HandoverStep, content: HandoverContent, profiled: Profile
) -> list[FieldProblem]:
    """What the step asks for, as far as this receiver may hold it."""
    held = [f for f in step.fields if f in profile.MAY_HOLD[profiled]]
    wanted = [f for f in held if not (state.protected and f in profile.SAYS_WHERE)]
    return [
        FieldProblem(field=f"content.{name}", rule="required_by_pathway")
        for name in wanted
        if not getattr(content, name)
    ]


def basis_problems(
    basis: LegalBasis, consent_ref: str | None, to: Unit, sender: Unit
) -> list[FieldProblem]:
    """What the named ground for the disclosure lacks (OSL 25:1, PDL 3:11)."""
    if basis is LegalBasis.SAME_PROVIDER and to.organisation != sender.organisation:
        return [FieldProblem(field="content.legal_basis", rule="not_same_provider")]
    if basis is LegalBasis.CONSENT and not consent_ref:
        return [FieldProblem(field="content.consent_ref", rule="required")]
    return []


def _plan_problems(state: Journey, content: HandoverContent, sender: Unit) -> list[FieldProblem]:
    """The version exists, is no draft, and is the sender's own or was disclosed to it."""
    if content.plan_version is None:
        return []
    version = state.plan(content.plan_version)
    known = version is not None and (
        version.organisation == sender.organisation or was_disclosed(state, version.number, sender)
    )
    if version is None or not known:
        return [FieldProblem(field="content.plan_version", rule="unknown")]
    if version.state is PlanState.DRAFT:
        return [FieldProblem(field="content.plan_version", rule="draft")]
    return []


def was_disclosed(state: Journey, number: int, to: Unit) -> bool:
    """Whether a handover has brought this version of the plan to the unit."""
    return any(
        h.plan_version == number and h.to_unit == to.hsa_id and h.stage not in NO_ACCESS_LEFT
        for h in state.handovers.values()
    )


def check_guardians(state: Journey, basis: LegalBasis) -> None:
    """What rests on consent for a child rests on that of every guardian who has a say."""
    if basis is not LegalBasis.CONSENT:
        return
    asked = [g for g in state.guardians if not g.told_nothing]
    if any(not g.consents for g in asked):
        raise Refused("guardian_consent_missing")
