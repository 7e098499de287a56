"""The journey's own line: everything about it that is not a part, step, handover or clock."""

from datetime import date

from pydantic import Field

from domain.content import CloseReason, Initiator
from domain.delay import Delay, Waiting
from domain.facts import Departure, Guardian, Protection, SafetyNet
from domain.journey import Journey
from domain.meeting import Meeting, Sip
from domain.part import COORDINATION
from domain.plan import PlanVersion
from domain.stay import Episode
from domain.value import HsaId, Instant, Value


class Care(Value):
    """What goes on around the patient: plans, meetings, stays, messages."""

    plans: tuple[PlanVersion, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    sip: Sip | None = None
    episodes: tuple[Episode, ...] = ()
    departure: Departure | None = None
    safety_net: SafetyNet | None = None
    guardians: tuple[Guardian, ...] = ()
    waiting: Waiting | None = None
    delays: dict[str, Delay] = Field(default_factory=dict)
    messages: int = 0
    read: dict[HsaId, int] = Field(default_factory=dict)


class Summary(Value):
    """A journey in one line, as the lists show it."""

    id: str
    patient_id: str
    pathway_key: str
    pathway_version: int
    started_by: HsaId
    started_at: Instant
    initiator: Initiator = Initiator.LICENSED_STAFF
    municipality: str | None = None
    period: int
    need: bool | None
    visits: int
    deviations: int = 0
    protection: Protection = Protection.NONE
    deceased_at: Instant | None = None
    resting_until: date | None = None
    left_at: Instant | None
    closed_at: Instant | None
    close_reason: CloseReason | None
    merged_into: str | None = None
    overlap_reason: str | None = None
    coordinator: HsaId | None = None
    care: Care = Care()


def summary(state: Journey, overlap_reason: str | None = None) -> Summary:
    """The journey's own line."""
    coordination = state.parts.get(COORDINATION)
    return Summary(
        id=state.id,
        patient_id=state.patient_id,
        pathway_key=state.definition.key,
        pathway_version=state.definition.version,
        started_by=state.started_by,
        started_at=state.started_at,
        initiator=state.initiator,
        municipality=state.municipality,
        period=state.period,
        need=state.need,
        visits=state.visits,
        deviations=state.deviations,
        protection=state.protection,
        deceased_at=state.deceased_at,
        resting_until=state.resting_until,
        left_at=state.departure.at if state.departure else None,
        closed_at=state.closed_at,
        close_reason=state.close_reason,
        merged_into=state.merged_into,
        overlap_reason=overlap_reason,
        coordinator=coordination.holder if coordination else None,
        care=care(state),
    )


def care(state: Journey) -> Care:
    """What goes on around the patient."""
    return Care(
        plans=state.plans,
        meetings=tuple(state.meetings.values()),
        sip=state.sip,
        episodes=state.episodes,
        departure=state.departure,
        safety_net=state.safety_net,
        guardians=state.guardians,
        waiting=state.waiting,
        delays=state.delays,
        messages=state.messages,
        read=state.read,
    )
