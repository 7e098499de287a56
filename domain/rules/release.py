"""Letting a unit go from a first contact that nobody waits for any more."""

from collections.abc import Iterable

from domain import event as ev
from domain.draft import Draft
from domain.handover import Handover, HandoverState
from domain.rules import clock


def release(draft: Draft, handovers: Iterable[Handover]) -> None:
    """For handovers whose part has gone on to another unit, or whose journey has ended."""
    for handover in tuple(handovers):
        if handover.stage is not HandoverState.TAKEN_OVER or not handover.open:
            continue
        if draft.state.open and not _has_gone_on(draft, handover):
            continue
        draft.add(ev.HandoverReleased(handover_id=handover.id))
        clock.stop_about(draft, handover.id)


def _has_gone_on(draft: Draft, handover: Handover) -> bool:
    return handover.purpose.moves and draft.state.holder(handover.part) != handover.to_unit
