"""What a change of the state is made of."""

from collections.abc import Callable, Iterable
from typing import Any

from domain.event import Event
from domain.journey import Journey
from domain.stay import Episode
from domain.stay_actions import missing_sides
from domain.unit import Unit
from domain.value import HsaId

Change = dict[str, Any]
Apply = Callable[[Journey, Any, Event], Change]


def knowing(state: Journey, units: Iterable[Unit]) -> dict[HsaId, Unit]:
    """The units of the journey with these; what it knows in a newer version stays."""
    known = dict(state.units)
    for unit in units:
        before = known.get(unit.hsa_id)
        if before is None or before.version < unit.version:
            known[unit.hsa_id] = unit
    return known


def of_step(journey: Journey, key: str, **change: object) -> Change:
    """One step is different."""
    step = journey.steps[key].model_copy(update=change)
    return {"steps": {**journey.steps, key: step}}


def of_handover(state: Journey, key: str, **change: object) -> Change:
    """One handover is different."""
    handover = state.handovers[key].model_copy(update=change)
    return {"handovers": {**state.handovers, key: handover}}


def of_clock(state: Journey, key: str, **change: object) -> Change:
    """One clock is different."""
    clock = state.clocks[key].model_copy(update=change)
    return {"clocks": {**state.clocks, key: clock}}


def not_all_told(state: Journey, stay: Episode, municipality: str | None) -> bool:
    """Whether the notice of a stay has to go to somebody who has not got it."""
    told = [state.units[unit] for unit in stay.notified]
    return any(missing_sides(stay, told, state.units[stay.unit], municipality))


def of_stay(state: Journey, *, ended: bool = False, **change: object) -> Change:
    """The stay that goes on now is different, or the newest one if it may have `ended`.

    A patient who was never admitted has none.
    """
    if not state.episodes or (state.admitted is None and not ended):
        return {}
    *earlier, newest = state.episodes
    return {"episodes": (*earlier, newest.model_copy(update=change))}
