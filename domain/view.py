"""What a caller sees of journeys and handovers, built from the same values everywhere."""

from collections.abc import Iterable

from domain.clock import Clock, ClockKind
from domain.handover import Handover, HandoverState
from domain.journey import Journey, Part, Step, StepState
from domain.pathway import Purpose
from domain.summary import Summary, summary
from domain.value import HsaId, Instant, Value


class ClockView(Value):
    """A running or paused clock."""

    id: str
    kind: ClockKind
    subject: str
    part: str
    owner: HsaId
    due_at: Instant
    next_at: Instant
    paused: bool


class HandoverView(Value):
    """A handover with its state, the holder of its part, its clocks, and what may be done."""

    id: str
    journey_id: str
    seq: int
    part: str
    purpose: Purpose
    step: str | None
    state: HandoverState
    holder: HsaId | None
    from_unit: HsaId
    to_unit: HsaId
    sent_at: Instant
    received_at: Instant | None
    acknowledged_at: Instant | None
    accepted_at: Instant | None
    takes_over: dict[str, object] | None
    taken_over_at: Instant | None
    first_contact_at: Instant | None
    declined_at: Instant | None
    decline_reason: str | None
    proposed_unit: HsaId | None
    withdrawn_at: Instant | None
    estimated_discharge_at: Instant | None
    hops: int
    clocks: tuple[ClockView, ...]
    available_actions: tuple[str, ...]


class JourneyView(Value):
    """A journey with parts and holders, steps and clocks."""

    id: str
    seq: int
    pathway: str
    started_by: HsaId
    started_at: Instant
    period: int
    need: bool | None
    state: str
    left_at: Instant | None
    closed_at: Instant | None
    close_reason: str | None
    visits: int
    parts: tuple[Part, ...]
    steps: tuple[Step, ...]
    handovers: tuple[HandoverView, ...]
    clocks: tuple[ClockView, ...]


class Known(Value):
    """The values that views are made of, from a state or from the store."""

    seq: int
    summary: Summary
    parts: tuple[Part, ...]
    steps: tuple[Step, ...] = ()
    handovers: tuple[Handover, ...]
    clocks: tuple[Clock, ...]


def known(state: Journey) -> Known:
    """The values of a state."""
    return Known(
        seq=state.seq,
        summary=summary(state),
        parts=tuple(state.parts.values()),
        steps=tuple(state.steps.values()),
        handovers=tuple(state.handovers.values()),
        clocks=tuple(state.clocks.values()),
    )


def handover_view(known: Known, handover: Handover, unit: str) -> HandoverView:
    """A handover as the given unit sees it."""
    part = next((p for p in known.parts if p.key == handover.part), None)
    plain = handover.model_dump(include=set(HandoverView.model_fields) & set(Handover.model_fields))
    takes_over = handover.takes_over.model_dump(mode="json") if handover.takes_over else None
    return HandoverView(
        **{
            **plain,
            "journey_id": known.summary.id,
            "seq": known.seq,
            "state": handover.state,
            "holder": part.holder if part else None,
            "takes_over": takes_over,
            "hops": len(handover.earlier_receivers),
            "clocks": _clocks(c for c in known.clocks if c.subject == handover.id),
            "available_actions": actions(handover, unit),
        }
    )


def journey_view(known: Known, unit: str) -> JourneyView:
    """A journey as the given unit sees it."""
    line = known.summary
    plain = line.model_dump(include=set(JourneyView.model_fields) & set(Summary.model_fields))
    return JourneyView(
        **{
            **plain,
            "seq": known.seq,
            "pathway": f"{line.pathway_key}@{line.pathway_version}",
            "state": _state(known),
            "parts": known.parts,
            "steps": sorted(known.steps, key=lambda s: (s.period, s.place)),
            "handovers": tuple(handover_view(known, h, unit) for h in known.handovers),
            "clocks": _clocks(known.clocks),
        }
    )


def actions(handover: Handover, unit: str) -> tuple[str, ...]:
    """What the unit may do with the handover now."""
    if unit == handover.to_unit:
        return tuple(_receiver_actions(handover))
    if unit == handover.from_unit:
        return tuple(_sender_actions(handover))
    return ()


def _receiver_actions(handover: Handover) -> Iterable[str]:
    if handover.unanswered and handover.acknowledged_at is None:
        yield "acknowledge"
    if handover.unanswered and handover.purpose is not Purpose.INFORM:
        yield "accept"
        yield "decline"
        if handover.question_since is None:
            yield "redirect"
            yield "ask"
    if handover.state is HandoverState.TAKEN_OVER and handover.open:
        yield "first-contact"


def _sender_actions(handover: Handover) -> Iterable[str]:
    if handover.state is HandoverState.QUESTION_OPEN:
        yield "answer"
    if handover.unanswered or handover.state is HandoverState.ACCEPTED:
        yield "withdraw"


def _clocks(clocks: Iterable[Clock]) -> tuple[ClockView, ...]:
    return tuple(
        ClockView(
            **clock.model_dump(include=set(ClockView.model_fields)),
            paused=clock.running_since is None,
        )
        for clock in clocks
        if clock.stopped_at is None
    )


def _state(known: Known) -> str:
    """The journey's status in one word; computed from the facts."""
    if known.summary.closed_at:
        return "closed"
    if any(h.unanswered for h in known.handovers):
        return "waiting_for_answer"
    kinds = {s.kind for s in known.steps if s.state is StepState.OPEN}
    return "waiting_for_follow_up" if kinds == {"follow_up"} else "active"
