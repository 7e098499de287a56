"""What a caller sees of journeys and handovers, built from the same values everywhere."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from domain.actions import Standing, on_journey
from domain.call import CallTask
from domain.clock import Clock
from domain.clock_view import ClockView, clock_views
from domain.delay import Delay
from domain.facts import Protection
from domain.handover import Handover, HandoverState
from domain.journey import Actor, Journey, Part, Step, StepState
from domain.pathway import Purpose
from domain.profile import Profile
from domain.rules import access, allowed
from domain.rules.allowed import Scene
from domain.succession import heir
from domain.summary import Care, Summary, summary
from domain.unit import Sector, Unit
from domain.value import HsaId, Instant, Labels, Value
from domain.words import bundle_words, state_words


class Seer(Value):
    """Who looks: the unit, and the units that it stands in for or calls on behalf of now."""

    unit: HsaId
    stands_in_for: tuple[HsaId, ...] = ()
    calls_for: tuple[HsaId, ...] = ()
    unconnected: tuple[HsaId, ...] = ()
    records: bool = True
    unmasked: bool = True

    def is_side(self, handover: Handover) -> bool:
        """Whether it sends or receives a handover, itself or for another."""
        sides = {handover.from_unit, handover.to_unit}
        return bool(sides & {self.unit, *self.stands_in_for, *self.calls_for})

    def scene(self, handover: Handover) -> Scene:
        """In which capacities it stands before a handover."""
        acts = (self.unit, *self.stands_in_for)
        sends = handover.from_unit in acts
        calls = handover.to_unit in self.calls_for
        silent = handover.to_unit in self.unconnected
        return Scene(
            handover=handover,
            receives=handover.to_unit in acts,
            sends=sends,
            calls=calls or (handover.from_unit == self.unit and silent),
        )


class HandoverView(Value):
    """A handover with its state, the holder of its part, its clocks, and what may be done."""

    id: str
    journey_id: str
    seq: int
    part: str
    purpose: Purpose
    step: str | None
    bundle: str | None
    resends: str | None
    profile: Profile
    plan_version: int | None
    state: HandoverState
    label: Labels
    holder: HsaId | None
    from_unit: HsaId
    to_unit: HsaId
    announced_at: Instant | None
    sent_at: Instant | None
    received_at: Instant | None
    acknowledged_at: Instant | None
    assigned_to: str | None
    accepted_at: Instant | None
    standing: bool
    proxied: bool
    on_paper: bool
    reading_recorded_at: Instant | None
    answer_recorded_at: Instant | None
    provisional_since: Instant | None
    calls: int
    call_task: CallTask | None
    takes_over: dict[str, object] | None
    proposal: dict[str, object] | None
    delay: Delay | None
    disputed_by: HsaId | None
    taken_over_at: Instant | None
    first_contact_at: Instant | None
    completed_at: Instant | None
    declined_at: Instant | None
    decline_reason: str | None
    proposed_unit: HsaId | None
    withdrawn_at: Instant | None
    estimated_discharge_at: Instant | None
    hops: int
    clocks: tuple[ClockView, ...]
    available_actions: tuple[str, ...]


class BundleView(Value):
    """How a bundle stands: how many parts of it have been taken over."""

    id: str
    handovers: tuple[str, ...]
    taken_over: int
    declined: int
    waiting: int
    label: Labels


class JourneyView(Value):
    """A journey with parts and holders, steps and clocks."""

    id: str
    seq: int
    pathway: str
    started_by: HsaId
    started_at: Instant
    initiator: str
    municipality: str | None
    period: int
    need: bool | None
    state: str
    protection: Protection
    deceased_at: Instant | None
    resting_until: date | None
    left_at: Instant | None
    closed_at: Instant | None
    close_reason: str | None
    merged_into: str | None
    visits: int
    deviations: int
    care: Care
    parts: tuple[Part, ...]
    steps: tuple[Step, ...]
    handovers: tuple[HandoverView, ...]
    bundles: tuple[BundleView, ...]
    clocks: tuple[ClockView, ...]
    available_actions: tuple[str, ...]


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


def seer(actor: Actor, units: Mapping[HsaId, Unit], now: datetime) -> Seer:
    """Who looks, from the facts of the units around.

    Social services and schools see their own handovers, not what health care has written
    besides (R-118); a protected patient is unmasked for the unit's named group alone.
    """
    unit, own = actor.unit, units.get(actor.unit)
    silent = [k for k, u in units.items() if not u.connected]
    return Seer(
        unit=unit,
        stands_in_for=tuple(
            k for k in units if k != unit and access.stands_in(units, k, unit, now)
        ),
        calls_for=tuple(k for k in silent if _calls_for(units, units[k], unit)),
        unconnected=tuple(silent),
        records=own is None or own.sector is Sector.HEALTH,
        unmasked=own is not None and actor.subject in own.protected_group,
    )


def _calls_for(units: Mapping[HsaId, Unit], silent: Unit, unit: str) -> bool:
    return silent.proxy_owner is not None and heir(units, silent.proxy_owner) == unit


def handover_view(known: Known, handover: Handover, seer: Seer) -> HandoverView:
    """A handover as somebody sees it."""
    part = next((p for p in known.parts if p.key == handover.part), None)
    plain = handover.model_dump(include=set(HandoverView.model_fields) & set(Handover.model_fields))
    return HandoverView(
        **{
            **plain,
            "journey_id": known.summary.id,
            "seq": known.seq,
            "state": handover.state,
            "label": state_words(handover.state, handover.profile),
            "holder": part.holder if part else None,
            "takes_over": _plain(handover.takes_over),
            "delay": None if _is_masked(known.summary, seer) else plain["delay"],
            "proposal": _plain(handover.proposal),
            "hops": len(handover.earlier_receivers),
            "clocks": clock_views(
                known.summary.id, (c for c in known.clocks if c.subject == handover.id)
            ),
            "available_actions": _handover_actions(known, handover, seer),
        }
    )


def journey_view(known: Known, seer: Seer) -> JourneyView:
    """A journey as somebody sees it."""
    line = _shown(known.summary, seer)
    mine = tuple(h for h in known.handovers if seer.records or seer.is_side(h))
    plain = line.model_dump(include=set(JourneyView.model_fields) & set(Summary.model_fields))
    return JourneyView(
        **{
            **plain,
            "seq": known.seq,
            "pathway": f"{line.pathway_key}@{line.pathway_version}",
            "state": _state(known),
            "parts": known.parts,
            "steps": sorted(_steps(known, seer), key=lambda s: (s.period, s.place)),
            "handovers": tuple(handover_view(known, h, seer) for h in mine),
            "bundles": bundles(mine),
            "clocks": clock_views(line.id, _own_clocks(known, mine, seer)),
            "available_actions": tuple(_journey_actions(known, seer)),
        }
    )


# Where the patient is, and who is close, is in none of these.
MASKED: dict[str, object] = {"municipality": None}
NOT_THEIRS: dict[str, object] = {"need": None, "visits": 0, "deviations": 0}
COMMON = ("meetings", "sip", "messages", "read")


def _shown(line: Summary, seer: Seer) -> Summary:
    """The line as somebody may see it: what goes on around the patient is health care's own."""
    masked = _is_masked(line, seer)
    if seer.records and not masked:
        return line
    common = ("messages", "read") if masked else COMMON
    care = Care.model_validate(line.care.model_dump(include=set(common)))
    hidden = (MASKED if masked else {}) | ({} if seer.records else NOT_THEIRS)
    return line.model_copy(update={"care": care} | hidden)


def _is_masked(line: Summary, seer: Seer) -> bool:
    return line.protection is not Protection.NONE and not seer.unmasked


def _steps(known: Known, seer: Seer) -> Iterable[Step]:
    """All steps for health care; for others those of the parts that they hold."""
    acts = (seer.unit, *seer.stands_in_for)
    held = [p.key for p in known.parts if p.holder in acts]
    return (s for s in known.steps if seer.records or s.part in held)


def _own_clocks(known: Known, mine: Sequence[Handover], seer: Seer) -> Iterable[Clock]:
    """All clocks for health care; for others those that they owe or wait for."""
    if seer.records:
        return known.clocks
    acts, subjects = (seer.unit, *seer.stands_in_for), {h.id for h in mine}
    return (
        c for c in known.clocks if c.subject in subjects or c.owner in acts or c.counterpart in acts
    )


def bundles(handovers: Iterable[Handover]) -> tuple[BundleView, ...]:
    """Each bundle with how far it has come."""
    grouped: dict[str, list[Handover]] = {}
    for handover in handovers:
        if handover.bundle:
            grouped.setdefault(handover.bundle, []).append(handover)
    return tuple(_bundle(key, sent) for key, sent in grouped.items())


def _bundle(key: str, sent: list[Handover]) -> BundleView:
    """By part: what was sent anew after a no stands in the place of what was declined."""
    latest = {h.id: h for h in sent if h.id not in {other.resends for other in sent}}
    taken = sum(1 for h in latest.values() if h.taken_over_at and not h.withdrawn_at)
    return BundleView(
        id=key,
        handovers=tuple(h.id for h in sent),
        taken_over=taken,
        declined=sum(1 for h in latest.values() if h.declined_at),
        waiting=sum(1 for h in latest.values() if h.open and not h.taken_over_at),
        label=bundle_words(taken, len(latest)),
    )


def _handover_actions(known: Known, handover: Handover, seer: Seer) -> tuple[str, ...]:
    line = known.summary
    if line.closed_at or line.deceased_at:
        only = ("withdraw",) if line.deceased_at and not line.closed_at else ()
        return tuple(a for a in allowed.actions(seer.scene(handover)) if a in only)
    return tuple(allowed.actions(seer.scene(handover)))


def _journey_actions(known: Known, seer: Seer) -> Iterable[str]:
    acts = (seer.unit, *seer.stands_in_for)
    mine = [p.key for p in known.parts if p.holder in acts]
    standing = Standing(known.summary, known.steps, known.handovers, mine, seer.records, acts)
    return on_journey(standing)


def _plain(terms: Value | None) -> dict[str, object] | None:
    return terms.model_dump(mode="json") if terms else None


def _state(known: Known) -> str:
    """The journey's status in one word; computed from the facts."""
    if known.summary.closed_at:
        return "closed"
    if known.summary.deceased_at:
        return "deceased"
    if any(h.unanswered for h in known.handovers):
        return "waiting_for_answer"
    if known.summary.resting_until:
        return "resting"
    kinds = {s.kind for s in known.steps if s.state is StepState.OPEN}
    return "waiting_for_follow_up" if kinds == {"follow_up"} else "active"
