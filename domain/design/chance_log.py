"""What a journey's log says of lateness and load: read from the clocks, once, in order.

A step or an answer is late when its clock was late at any instant before it stopped; what was
written down afterwards is judged by the instant when it was done.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from domain import event as ev
from domain.calendar import STOCKHOLM
from domain.clock import Clock, ClockKind
from domain.event import Event
from domain.ladder import Ladders
from domain.pathway import Purpose
from domain.unit import UnitKind
from domain.value import HsaId


class Round:
    """A step, once: when it opened, when it was done, and whether it was ever late."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.opened_at: datetime | None = None
        self.holder: HsaId | None = None
        self.done_at: datetime | None = None
        self.late = False
        self.ended = False


class Asked:
    """A handover that was sent: to whom, what came of it, when, and whether that was late."""

    def __init__(self, sent: ev.HandoverSent, at: datetime) -> None:
        self.step = sent.step
        self.unit: HsaId = sent.to.hsa_id
        self.kind: UnitKind = sent.to.kind
        self.inform = sent.purpose is Purpose.INFORM
        self.sent_at = at
        self.answered_at: datetime | None = None
        self.declined = False
        self.late = False


class _Stretch(NamedTuple):
    """A clock as it stood since an instant."""

    clock: Clock
    since: datetime


class Reading:
    """One log, read until an instant; without it, until the last thing that happened."""

    def __init__(self, log: Sequence[Event], until: datetime | None = None) -> None:
        first = log[0].what
        assert isinstance(first, ev.JourneyStarted), "a log begins with the start"
        self.began_at = log[0].effective_at
        self.closed_at: datetime | None = None
        self.rounds = list[Round]()
        self.asked = dict[str, Asked]()
        self.held = dict[HsaId, timedelta]()
        self.reminders = dict[HsaId, int]()
        self._ladders: Ladders = first.ladders
        self._running = dict[str, _Stretch]()
        self._now = dict[str, Round]()
        for event in log:
            self._read(event)
        self.ends_at = until or log[-1].decided_at
        for stretch in self._running.values():
            self._leave(stretch, self.ends_at)

    def _read(self, event: Event) -> None:
        what, at = event.what, event.effective_at
        match what:
            case ev.ClockStarted(clock=clock) | ev.ClockMoved(clock=clock):
                self._stands(clock, at)
            case ev.ClockStopped(clock_id=clock_id):
                self._stops(clock_id, at)
            case ev.RungFired():
                self._remind(what)
            case ev.JourneyClosed():
                self.closed_at = at
            case _:
                self._of_step(what, at)
                self._of_handover(what, at)

    def _of_step(self, what: ev.Happening, at: datetime) -> None:
        match what:
            case ev.StepOpened(step=step) | ev.StepReopened(step=step):
                now = self._now.get(step)
                waited = now is not None and not now.ended and now.opened_at is None
                found = now if now and waited else self._begin(step)
                found.opened_at = at
            case ev.StepCompleted(step=step) if step in self._now:
                self._now[step].done_at = at
                self._now[step].ended = True
            case _:
                pass

    def _of_handover(self, what: ev.Happening, at: datetime) -> None:
        match what:
            case ev.HandoverSent(handover_id=found):
                self.asked[found] = Asked(what, at)
            case ev.HandoverAcknowledged(handover_id=found):
                if found in self.asked and self.asked[found].inform:
                    self.asked[found].answered_at = at
            case ev.HandoverAccepted(handover_id=found) | ev.HandoverDeclined(handover_id=found):
                if found in self.asked:
                    self.asked[found].answered_at = at
                    self.asked[found].declined = isinstance(what, ev.HandoverDeclined)
            case _:
                pass

    def _begin(self, step: str) -> Round:
        begun = Round(step.partition(".")[2])
        self._now[step] = begun
        self.rounds.append(begun)
        return begun

    def _stands(self, clock: Clock, at: datetime) -> None:
        was = self._running.get(clock.id)
        if was is not None:
            self._leave(was, at)
        self._running[clock.id] = _Stretch(clock, at)
        if clock.kind is ClockKind.STEP:
            now = self._now.get(clock.subject)
            now = now if now and not now.ended else self._begin(clock.subject)
            now.holder = now.holder or clock.owner

    def _stops(self, clock_id: str, at: datetime) -> None:
        stretch = self._running.pop(clock_id, None)
        if stretch is None:
            return
        self._leave(stretch, at)
        if stretch.clock.kind is ClockKind.STEP and stretch.clock.subject in self._now:
            self._now[stretch.clock.subject].ended = True

    def _leave(self, stretch: _Stretch, at: datetime) -> None:
        clock, late = stretch.clock, stretch.clock.late(at)
        if clock.kind is ClockKind.STEP and (now := self._now.get(clock.subject)):
            now.late = now.late or late
            if now.opened_at is not None:
                gone = max(at - max(stretch.since, now.opened_at), timedelta())
                self.held[clock.owner] = self.held.get(clock.owner, timedelta()) + gone
        asked = self.asked.get(clock.subject)
        if asked is not None and clock.kind is _owed(asked):
            asked.late = asked.late or late

    def _remind(self, fired: ev.RungFired) -> None:
        """Each rung once: a last rung that comes again and again says nothing new."""
        stretch = self._running.get(fired.clock_id)
        if stretch is None or fired.number >= len(self._ladders.get(stretch.clock.ladder).rungs):
            return
        for told in fired.told:
            if told.reached and not told.quiet:
                self.reminders[told.unit] = self.reminders.get(told.unit, 0) + 1

    def weeks(self) -> list[tuple[HsaId, str]]:
        """Who held each step when it opened, and the week of it."""
        return [(r.holder, _week(r.opened_at)) for r in self.rounds if r.holder and r.opened_at]

    def sent_at(self, one: Round) -> datetime | None:
        """When the handover of a step was first sent in a round."""
        opened = one.opened_at
        sent = [a.sent_at for a in self.asked.values() if a.step == one.key]
        return min((at for at in sent if opened and at >= opened), default=None)


def _owed(asked: Asked) -> ClockKind:
    """The clock of the answer; who is only informed owes no more than the reading."""
    return ClockKind.ACKNOWLEDGED if asked.inform else ClockKind.ACCEPTED


def _week(at: datetime) -> str:
    year, week, _ = at.astimezone(STOCKHOLM).isocalendar()
    return f"{year}-W{week:02d}"
