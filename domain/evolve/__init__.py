"""`evolve`: what an event does to the state. Nothing is decided here and nothing can fail."""

from collections.abc import Iterable

from domain import event as ev
from domain.event import Event
from domain.evolve import care, handover, journey, migration, stay, units
from domain.evolve.change import Apply
from domain.journey import Journey

_CHANGES: dict[type, Apply] = {
    **journey.CHANGES,
    **handover.CHANGES,
    **care.CHANGES,
    **stay.CHANGES,
    **units.CHANGES,
    **migration.CHANGES,
}


def fold(events: Iterable[Event], state: Journey | None = None) -> Journey | None:
    """The state after all events, in order."""
    for event in events:
        state = evolve(state, event)
    return state


def evolve(state: Journey | None, event: Event) -> Journey:
    """The state after one event. Only `JourneyStarted` may meet no state."""
    what = event.what
    if isinstance(what, ev.JourneyStarted):
        return journey.begin(what, event)
    assert state is not None, "the first event of a journey is its start"
    change = _CHANGES[type(what)](state, what, event)
    return state.model_copy(update={"seq": event.seq, **change})
