"""Where the patient lives, and who owes a handover to a unit there."""

from domain.clock import ClockKind
from domain.draft import Draft
from domain.part import COORDINATION
from domain.rules import clock, promise
from domain.unit import Unit


def owe_move(draft: Draft, part: str) -> None:
    """A part in the hands of another municipality is owed to a unit where the patient lives.

    Whoever holds it owes that; the region's units serve all municipalities.
    """
    holder = draft.state.holder(part)
    clock.stop(draft, ClockKind.MOVE, part, kept=False)
    if _is_elsewhere(draft.state.units[holder], draft.state.municipality):
        coordinator = draft.state.holder(COORDINATION)
        clock.start(draft, promise.of(draft, ClockKind.MOVE, part, part, holder, coordinator))


def heed_move(draft: Draft, part: str) -> None:
    """After a move, another pair of hands: either it is where the patient lives, or still owed."""
    since = draft.state.clock(ClockKind.MOVE, part)
    if since is None:
        return
    if _is_elsewhere(draft.state.units[draft.state.holder(part)], draft.state.municipality):
        owe_move(draft, part)
    else:
        clock.stop(draft, ClockKind.MOVE, part)


def _is_elsewhere(unit: Unit, municipality: str | None) -> bool:
    municipal = unit.principal != "region" and unit.municipality is not None
    return municipal and municipality is not None and unit.municipality != municipality
