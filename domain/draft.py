"""A decision in the making: the state so far, and the events that lead there."""

from datetime import datetime

from domain.event import Event, Happening
from domain.evolve import evolve
from domain.journey import Actor, Journey


class Draft:
    """Collects events and shows the state after each, so that later rules see earlier ones."""

    def __init__(self, state: Journey | None, now: datetime, actor: Actor | None) -> None:
        self._state = state
        self.now = now
        self.actor = actor
        self.events: list[Event] = []

    @property
    def state(self) -> Journey:
        """The state after the events so far."""
        assert self._state is not None, "a draft has no state before the journey's start"
        return self._state

    def add(self, what: Happening, effective_at: datetime | None = None) -> None:
        """Append an event that is true from `effective_at`, or from now."""
        event = Event(
            seq=(self._state.seq if self._state else 0) + 1,
            effective_at=effective_at or self.now,
            decided_at=self.now,
            actor=self.actor,
            what=what,
        )
        self._state = evolve(self._state, event)
        self.events.append(event)
