"""What must be right before a handover may go to a unit."""

from datetime import timedelta

from domain import instrument
from domain.calendar import STOCKHOLM
from domain.command import Send
from domain.draft import Draft
from domain.journey import Journey, StepState
from domain.pathway import (
    COORDINATION,
    HandoverDeadlines,
    HandoverStep,
    Purpose,
    StepDefinition,
)
from domain.refusal import FieldProblem, Refused
from domain.rules import access
from domain.unit import Sector, Unit

FARTHEST = timedelta(days=366)


def deadlines(state: Journey, step_key: str | None) -> HandoverStep | HandoverDeadlines:
    """Deadlines of the step that asked for the handover, or else the pathway's own."""
    step = state.definition.step(step_key) if step_key else None
    return step if isinstance(step, HandoverStep) else state.definition.handovers


def check_part(draft: Draft, command: Send) -> None:
    """The part exists in the pathway, fits the purpose, is the sender's, and is not under way."""
    state, part = draft.state, command.part
    if part != COORDINATION and state.definition.part(part) is None:
        raise Refused("part_unknown")
    if command.purpose.moves and (command.purpose is Purpose.TAKE_OVER) != (part == COORDINATION):
        raise Refused("part_purpose_mismatch")
    if part in state.parts:
        access.must_hold(draft, part)
    else:
        access.must_hold_something(draft)
    if command.purpose.moves and state.pending(part):
        raise Refused("part_in_handover")


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


def check_unit(draft: Draft, unit: Unit, part: str, purpose: Purpose) -> None:
    """The unit may hold the part, can be reached, and has an agreement that still holds."""
    if unit.hsa_id == access.acting_unit(draft):
        raise Refused("receiver_is_sender")
    if purpose.moves and not may_hold(draft.state, unit, part):
        raise Refused("receiver_kind_mismatch", FieldProblem(field="to", rule="kind"))
    if not unit.contacts:
        raise Refused("receiver_without_contact")
    if unit.agreement_until and unit.agreement_until < draft.now.astimezone(STOCKHOLM).date():
        raise Refused("receiver_agreement_expired")


def may_hold(state: Journey, unit: Unit, part: str) -> bool:
    """Social services and schools hold only parts that name their kind."""
    definition = state.definition.part(part)
    if definition is not None and definition.held_by:
        return unit.kind in definition.held_by
    return unit.sector is Sector.HEALTH


def check_content(draft: Draft, command: Send) -> None:
    """Scores are possible, and the step's instruments are there or explained (R-023)."""
    measurements = command.content.measurements
    found = instrument.problems(measurements, "content.measurements")
    step = draft.state.definition.step(command.step) if command.step else None
    if isinstance(step, HandoverStep):
        found += instrument.missing(measurements, step.instruments, "content.measurements")
    estimate = command.content.estimated_discharge_at
    if estimate and estimate > draft.now + FARTHEST:
        found.append(FieldProblem(field="content.estimated_discharge_at", rule="too_far"))
    if found:
        raise Refused("content_invalid", *found)
