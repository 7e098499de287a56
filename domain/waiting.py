"""Who waits, for what, on whom, and why: read from the state, so that any past date can be asked.

Three things are waited for: an answer to a handover, the first contact after a take-over, and the
first intervention after an assessed need (E1.2, E1.3).
"""

from collections.abc import Iterator
from enum import StrEnum

from domain.handover import Handover, HandoverState
from domain.journey import Journey
from domain.part import COORDINATION
from domain.pathway import Purpose
from domain.value import HsaId, Instant, Value


class WaitKind(StrEnum):
    """What is waited for."""

    ANSWER = "answer"
    FIRST_CONTACT = "first_contact"
    INTERVENTION = "intervention"


class Wait(Value):
    """A patient waits: for what, on which unit, since when in all, and why just now."""

    kind: WaitKind
    subject: str
    unit: HsaId
    since: Instant
    why: str


def waits(state: Journey | None) -> dict[str, Wait]:
    """Everything that is waited for now, by kind and subject."""
    if state is None or not state.open or state.deceased_at:
        return {}
    found = [*_on_handovers(state), *_for_intervention(state)]
    return {f"{wait.kind}:{wait.subject}": wait for wait in found}


def _on_handovers(state: Journey) -> Iterator[Wait]:
    for handover in state.handovers.values():
        if handover.sent_at is None or handover.purpose is Purpose.INFORM:
            continue
        if handover.unanswered:
            yield _wait(state, handover, WaitKind.ANSWER, handover.sent_at)
        elif handover.stage is HandoverState.TAKEN_OVER and handover.open:
            assert handover.taken_over_at is not None
            yield _wait(state, handover, WaitKind.FIRST_CONTACT, handover.taken_over_at)


def _wait(state: Journey, handover: Handover, kind: WaitKind, since: Instant) -> Wait:
    asked = handover.stage in (HandoverState.QUESTION_OPEN, HandoverState.PROPOSED)
    on = handover.from_unit if asked else handover.to_unit
    return Wait(kind=kind, subject=handover.id, unit=on, since=since, why=_why(state, handover))


def _why(state: Journey, handover: Handover) -> str:
    """The first that applies: the patient, the hospital, a coded delay, or how far it has come."""
    if state.waiting:
        return state.waiting.why
    if handover.held_since:
        return "admitted"
    delay = state.delays.get(handover.id)
    if delay:
        return delay.reason
    if handover.disputed_since and handover.unanswered:
        return "disputed"
    reasons = {
        HandoverState.QUESTION_OPEN: "question_open",
        HandoverState.PROPOSED: "proposal_open",
        HandoverState.ACKNOWLEDGED: "read_not_answered",
        HandoverState.TAKEN_OVER: "not_met",
    }
    return reasons.get(handover.stage, "not_read")


def _for_intervention(state: Journey) -> Iterator[Wait]:
    if not state.need or state.need_since is None or state.visited_at is not None:
        return
    holder = state.parts.get("rehab") or state.parts[COORDINATION]
    coded = next((d for subject, d in state.delays.items() if subject in state.steps), None)
    why = "not_begun"
    if state.waiting:
        why = state.waiting.why
    elif state.admitted:
        why = "admitted"
    elif coded:
        why = coded.reason
    yield Wait(
        kind=WaitKind.INTERVENTION,
        subject=f"period-{state.period}",
        unit=holder.holder,
        since=state.need_since,
        why=why,
    )
