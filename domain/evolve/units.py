"""What a change in the catalogue does to the state."""

from collections.abc import Callable

from domain import event as ev
from domain.clock import Clock
from domain.event import Event
from domain.evolve.change import Apply, Change, knowing
from domain.handover import Handover, HandoverState
from domain.journey import Journey
from domain.stay import Episode
from domain.unit import Unit
from domain.value import HsaId


def _adopted(state: Journey, what: ev.UnitAdopted, _: Event) -> Change:
    return {"units": {**knowing(state, what.stand_ins), what.unit.hsa_id: what.unit}}


def _succeeded(state: Journey, what: ev.UnitSucceeded, event: Event) -> Change:
    """At one instant, in one event: what the old unit held, sends, receives, owes and awaits."""
    old, new = what.old, what.to.hsa_id

    def heir(hsa_id: str) -> str:
        return new if hsa_id == old else hsa_id

    parts = {
        key: p.model_copy(update={"holder": new, "since": max(event.effective_at, p.since)})
        if p.holder == old
        else p
        for key, p in state.parts.items()
    }
    left = state.departure
    return {
        "units": _with_heir(knowing(state, (*what.stand_ins, what.to)), old, new),
        "parts": parts,
        "departure": left and left.model_copy(update={"from_unit": heir(left.from_unit)}),
        "handovers": {k: _handed(h, heir) for k, h in state.handovers.items()},
        "clocks": {k: _inherited(state, c, heir) for k, c in state.clocks.items()},
        "episodes": _stays(state.episodes, heir),
    }


def _stays(stays: tuple[Episode, ...], heir: Callable[[str], str]) -> tuple[Episode, ...]:
    """The newest stay, of which something may still be owed; those before it are history."""
    if not stays:
        return ()
    *earlier, newest = stays
    contact = newest.care_contact
    planning = (p.model_copy(update={"unit": heir(p.unit)}) for p in newest.planning)
    changed = newest.model_copy(
        update={
            "unit": heir(newest.unit),
            "notified": tuple(dict.fromkeys(map(heir, newest.notified))),
            "planning": tuple(planning),
            "care_contact": contact and contact.model_copy(update={"unit": heir(contact.unit)}),
        }
    )
    return (*earlier, newest if changed == newest else changed)


def _with_heir(units: dict[HsaId, Unit], old: HsaId, new: HsaId) -> dict[HsaId, Unit]:
    """Whoever the old unit had succeeded has the same heir now: nobody asks along a chain."""
    gone = [key for key, unit in units.items() if key == old or unit.successor == old]
    return units | {key: units[key].model_copy(update={"successor": new}) for key in gone}


def _handed(handover: Handover, heir: Callable[[str], str]) -> Handover:
    """Sides of what is open or may be opened by a dispute; what has ended stays as it was."""
    sides = {"from_unit": heir(handover.from_unit), "to_unit": heir(handover.to_unit)}
    changed = (handover.from_unit, handover.to_unit) != tuple(sides.values())
    disputable = handover.stage is HandoverState.DECLINED and handover.disputed_by is None
    lives = handover.open or disputable
    return handover.model_copy(update=sides) if lives and changed else handover


def _inherited(state: Journey, clock: Clock, heir: Callable[[str], str]) -> Clock:
    """What runs, and what fell silent with a death that may be undone."""
    sides = {"owner": heir(clock.owner), "counterpart": heir(clock.counterpart)}
    changed = (clock.owner, clock.counterpart) != tuple(sides.values())
    lives = clock.stopped_at is None or clock.id in state.silenced
    return clock.model_copy(update=sides) if lives and changed else clock


CHANGES: dict[type, Apply] = {
    ev.UnitAdopted: _adopted,
    ev.UnitSucceeded: _succeeded,
}
