"""The journey's own line: everything about it that is not a part, step, handover or clock."""

from domain.content import CloseReason
from domain.journey import Journey
from domain.value import HsaId, Instant, Value


class Summary(Value):
    """A journey in one line, as the lists show it."""

    id: str
    patient_id: str
    pathway_key: str
    pathway_version: int
    started_by: HsaId
    started_at: Instant
    period: int
    need: bool | None
    visits: int
    left_at: Instant | None
    closed_at: Instant | None
    close_reason: CloseReason | None
    overlap_reason: str | None = None


def summary(state: Journey, overlap_reason: str | None = None) -> Summary:
    """The journey's own line."""
    return Summary(
        id=state.id,
        patient_id=state.patient_id,
        pathway_key=state.definition.key,
        pathway_version=state.definition.version,
        started_by=state.started_by,
        started_at=state.started_at,
        period=state.period,
        need=state.need,
        visits=state.visits,
        left_at=state.departure.at if state.departure else None,
        closed_at=state.closed_at,
        close_reason=state.close_reason,
        overlap_reason=overlap_reason,
    )
