"""Promises about what happens: what each event must not do, looked at one by one."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from domain import event as ev
from domain.calendar import elapsed
from domain.clock import Clock, ClockKind
from domain.decide import Events, next_moment, pass_time
from domain.event import Event
from domain.evolve import fold
from domain.journey import Journey
from tests.domain.promises.cast import MOVING
from tests.samples import things

CLOCK_CHANGE = timedelta(hours=1)
# Why a clock may be due later than it was; a redirect, a take-over or a sending never is one.
MOVES_DUE = ("answer", "proposal", "resume", "extend")


class Hands:
    """Promise 1, kept by hand beside the rules: who holds what, and who may come to hold it."""

    def __init__(self) -> None:
        self.held: dict[str, str] = {}
        self.numbers: dict[str, int] = {}
        self._receivers: dict[str, tuple[str, bool]] = {}

    def follow(self, what: ev.Happening, state: Journey | None) -> None:
        """Only a take-over that moves, a return and a succession move a part."""
        match what:
            case ev.PartStarted():
                assert what.part not in self.held, "a part begins once"
                self.held[what.part] = what.holder
            case ev.HandoverSent() | ev.HandoverAnnounced():
                self._receivers[what.handover_id] = (what.to.hsa_id, what.purpose in MOVING)
            case ev.HandoverRedirected():
                moves = self._receivers[what.handover_id][1]
                self._receivers[what.handover_id] = (what.to.hsa_id, moves)
            case ev.HandoverTakenOver() if state:
                receiver, moves = self._receivers[what.handover_id]
                if moves:
                    self.held[state.handovers[what.handover_id].part] = receiver
            case ev.PartReturned():
                self.held[what.part] = what.to
            case ev.UnitSucceeded():
                self._succeed(what.old, what.to.hsa_id)
            case _:
                pass

    def _succeed(self, old: str, new: str) -> None:
        self.held = {p: new if h == old else h for p, h in self.held.items()}
        self._receivers = {
            key: (new if to == old else to, moves) for key, (to, moves) in self._receivers.items()
        }

    def rungs_are_climbed_once(self, event: Event, before: Journey) -> None:
        """Promise 5: numbers run on without gap or repetition; due is not later than fired."""
        what = event.what
        if isinstance(what, ev.ClockStarted):
            self.numbers[what.clock.id] = 0
        if isinstance(what, ev.ClockMoved):
            moves_on = what.because in ("extend", "again", "migration")
            assert moves_on or what.clock.next_rung == self.numbers[what.clock.id]
            self.numbers[what.clock.id] = what.clock.next_rung
        if isinstance(what, ev.RungFired):
            assert what.number - what.folded == self.numbers[what.clock_id]
            assert what.due_at == before.clocks[what.clock_id].next_at
            assert what.due_at <= what.fired_at == event.decided_at
            assert what.outcome == "nobody_to_tell" or any(t.reached for t in what.told)
            self.numbers[what.clock_id] = what.next_rung


def receipts_stop_nothing(before: Journey, after: Journey, what: ev.Happening) -> None:
    """Promise 3: received and acknowledged leave the clock of the answer as it is."""
    if isinstance(what, ev.HandoverReceived | ev.HandoverAcknowledged):
        kind, subject = ClockKind.ACCEPTED, what.handover_id
        assert before.clock(kind, subject) == after.clock(kind, subject)
    if isinstance(what, ev.ClockStopped) and what.clock_id.startswith("accepted:"):
        handover = after.handovers[what.clock_id.split(":")[1]]
        assert not handover.unanswered or not after.open or after.deceased_at


def redirect_gains_no_time(before: Journey, after: Journey, what: ev.Happening) -> None:
    """Promise 4: only a pause moves the due of the answer; a stopped redirect moves nothing."""
    if isinstance(what, ev.ClockMoved) and what.because == "migration":
        old, new = before.clocks[what.clock.id], what.clock
        assert new.budget != old.budget, "chosen, by the figure of another version"
        assert (new.started_at, new.spent, new.owner) == (old.started_at, old.spent, old.owner)
    elif isinstance(what, ev.ClockMoved):
        old, new = before.clocks[what.clock.id], what.clock
        assert new.due_at == old.due_at or (
            what.because in MOVES_DUE and new.due_at > old.due_at
        ), what.because
        if what.because == "again":
            assert (new.due_at, new.span) == (old.due_at, old.span), "what was told stays told"
        elif what.because != "extend":
            assert (new.next_rung, new.span) == (old.next_rung, old.span)
    if isinstance(what, ev.HandoverRedirected):
        old_handover = before.handovers[what.handover_id]
        assert what.to.organisation == before.units[old_handover.to_unit].organisation
        assert what.to.sector is before.units[old_handover.to_unit].sector
        assert what.to.hsa_id not in (old_handover.from_unit, *old_handover.earlier_receivers)
    if isinstance(what, ev.RedirectStopped):
        assert after.handovers == before.handovers
        assert after.clocks == before.clocks


def death_silences(before: Journey, after: Journey, event: Event) -> None:
    """Nobody is told anything about a patient who has died, but by the closing clock."""
    if before.deceased_at and after.deceased_at and isinstance(event.what, ev.RungFired):
        assert event.what.clock_id.startswith(ClockKind.CLOSING)


def departure_alarms(before: Journey | None, after: Journey, events: Events, now: datetime) -> None:
    """Promise 2: who leaves in need, and is not taken over, is an alarm at that instant."""
    left = things(events, ev.PatientLeft)
    if before is None or not left or not before.need:
        return
    for part in after.parts.values():
        if part.holder == left[0].from_unit:
            alarm = after.clock(ClockKind.ALARM, part.key)
            assert alarm is not None and alarm.running
            fired = [r for r in things(events, ev.RungFired) if r.clock_id == alarm.id]
            first = [(r.due_at, r.fired_at, r.alarm) for r in fired if r.number == 0]
            assert first == [(now, now, True)]


def same_as_in_time(before: Journey, late: Events, now: datetime) -> None:
    """Promise 5: one late look finds what looking in time would have found."""
    state, in_time = before, list[Event]()
    while (moment := next_moment(state)) is not None and moment <= now:
        events = pass_time(state, moment)
        assert events, "a moment came and nothing happened"
        state = fold(events, state) or state
        in_time += events
    dues = {(r.clock_id, r.number): r.due_at for r in things(in_time, ev.RungFired)}
    climbed = set[tuple[str, int]]()
    for fired in things(late, ev.RungFired):
        first = fired.number - fired.folded
        climbed |= {(fired.clock_id, n) for n in range(first, fired.number + 1)}
        assert dues[fired.clock_id, first] == fired.due_at
    assert climbed == set(dues)
    assert _besides_rungs(late) == _besides_rungs(in_time)
    found = fold(late, before) or before
    untimed = {"seq": 0, "handovers": {}}
    assert found.model_copy(update=untimed) == state.model_copy(update=untimed)
    assert {k: _besides_calls(h) for k, h in found.handovers.items()} == {
        k: _besides_calls(h) for k, h in state.handovers.items()
    }


def _besides_calls(handover: object) -> object:
    """When the call was asked for is when somebody looked."""
    return handover.model_copy(update={"call_task": None})  # type: ignore[attr-defined]


def _besides_rungs(events: Iterable[Event]) -> list[tuple[datetime, ev.Happening]]:
    told = ev.RungFired | ev.CallTaskOpened
    return [(e.effective_at, e.what) for e in events if not isinstance(e.what, told)]


def tells_again(state: Journey, clock: Clock) -> None:
    """Promise 2: past its last rung a clock that nobody stops fires again and again."""
    ladder, counting = state.ladders.get(clock.ladder), clock.budget.counting
    last = len(ladder.rungs) - 1
    state = state.model_copy(update={"clocks": {clock.id: clock}})
    while clock.next_rung < last + 3:
        moment = clock.next_at
        events = pass_time(state, moment)
        assert {fired.due_at for fired in things(events, ev.RungFired)} == {moment}
        state = fold(events, state) or state
        clock = state.clocks[clock.id]
        assert clock.next_at > moment
        brought_forward = ladder.skips and clock.next_rung == last + 1
        if clock.next_rung > last and not brought_forward:
            assert ladder.every is not None
            calendar = state.calendar_of(clock)
            counted_in = ladder.rungs[last].counting or counting
            between = elapsed(moment, clock.next_at, counted_in, calendar)
            assert abs(between - ladder.every) <= CLOCK_CHANGE
