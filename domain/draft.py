"""A decision in the making: the state so far, and the events that lead there."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from domain.event import Event, Happening
from domain.evolve import evolve
from domain.journey import Actor, Journey


class Draft:
    """Collects events and shows the state after each, so that later rules see earlier ones."""

    def __init__(
        self, state: Journey | None, now: datetime, actor: Actor | None, *, relayed: bool = False
    ) -> None:
        self._state = state
        self.decided_at = now
        self.now = now
        self.actor = actor
        self.relayed = relayed
        self.events: list[Event] = []

    @property
    def state(self) -> Journey:
        """The state after the events so far."""
        assert self._state is not None, "a draft has no state before the journey's start"
        return self._state

    @contextmanager
    def as_of(self, instant: datetime) -> Iterator[None]:
        """What is added meanwhile has been true since an earlier instant; clocks run from it."""
        self.now = instant
        try:
            yield
        finally:
            self.now = self.decided_at

    def add(self, what: Happening, effective_at: datetime | None = None) -> None:
        """Append an event that is true from `effective_at`, or from now."""
        event = Event(
            seq=(self._state.seq if self._state else 0) + 1,
            effective_at=effective_at or self.now,
            decided_at=self.decided_at,
            actor=self.actor,
            what=what,
        )
        self._state = evolve(self._state, event)
        self.events.append(event)
