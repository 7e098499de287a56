"""Starting, pausing, moving and stopping clocks, and telling people when they run out."""

from datetime import datetime, timedelta

from domain import clock as clocks
from domain.calendar import Budget, Counting
from domain.clock import Clock, ClockKind, Promise
from domain.draft import Draft
from domain.event import ClockMoved, ClockStarted, ClockStopped, RungFired, Told
from domain.journey import Journey
from domain.ladder import Audience, Ladder, Party, Rung

ON_TIME = timedelta(seconds=10)
AT_ONCE = Budget(amount=0, counting=Counting.HOURS)


def start(draft: Draft, promise: Promise) -> None:
    """A promise begins to run now."""
    ladder = draft.state.ladders.get(promise.ladder)
    clock = clocks.start(promise, ladder, draft.state.calendar, draft.now)
    draft.add(ClockStarted(clock=clock))


def stop(draft: Draft, kind: ClockKind, subject: str, *, kept: bool = True) -> None:
    """End a promise if it was open, running or paused."""
    clock = draft.state.clock(kind, subject)
    if clock is not None and clock.stopped_at is None:
        draft.add(ClockStopped(clock_id=clock.id, because="kept" if kept else "fell_away"))


def pause(draft: Draft, kind: ClockKind, subject: str) -> None:
    """Let a running clock stand still while somebody else has the ball."""
    clock = draft.state.clock(kind, subject)
    if clock is not None and clock.running:
        still = clocks.pause(clock, draft.state.calendar_of(clock), draft.now)
        draft.add(ClockMoved(because="question", clock=still))


def resume(draft: Draft, kind: ClockKind, subject: str) -> None:
    """Let a paused clock go on."""
    clock = draft.state.clock(kind, subject)
    if clock is not None and clock.running_since is None and clock.stopped_at is None:
        ladder = draft.state.ladders.get(clock.ladder)
        going = clocks.resume(clock, ladder, draft.state.calendar_of(clock), draft.now)
        draft.add(ClockMoved(because="answer", clock=going))


def fire_until(draft: Draft, until: datetime) -> None:
    """Fire every rung that was due by an instant, in the order in which they became due."""
    while clock := first_due(draft.state, until):
        _fire(draft, clock, until)


def _fire(draft: Draft, clock: Clock, until: datetime) -> None:
    """Fire the next rung of a due clock.

    1. The rung is the next one; its due instant is anchored to the clock, not to now.
    2. Missed repetitions of the last rung are folded into one firing, and counted.
    3. Everyone on the rung is told; a function that nobody holds is named as not reached.
    4. The next rung's instant follows from the clock.
    """
    state, ladder = draft.state, draft.state.ladders.get(clock.ladder)
    number = _latest_repeat(clock, ladder, state, until)
    told = tuple(dict.fromkeys(_tell(state, clock, a) for a in _rung(clock, ladder).tell))
    draft.add(
        RungFired(
            clock_id=clock.id,
            number=number,
            rung=_rung(clock, ladder).key,
            due_at=clock.next_at,
            fired_at=draft.now,
            cause="on_time" if draft.now - clock.next_at <= ON_TIME else "outage",
            folded=number - clock.next_rung,
            alarm=_rung(clock, ladder).alarm,
            told=told,
            outcome="told" if any(t.reached for t in told) else "nobody_to_tell",
            next_rung=number + 1,
            next_at=clocks.rung_at(clock, ladder, number + 1, state.calendar_of(clock)),
        )
    )


def first_due(state: Journey, until: datetime, *, acting: bool = False) -> Clock | None:
    """The clock whose moment came first, if one has come: of those that tell, or those that act."""
    due = [
        clock
        for clock in state.running()
        if clock.next_at <= until and acting != bool(state.ladders.get(clock.ladder).rungs)
    ]
    return min(due, key=lambda clock: (clock.next_at, clock.id), default=None)


def stop_all(draft: Draft) -> None:
    """Every promise that is still open falls away."""
    for clock in tuple(draft.state.clocks.values()):
        stop(draft, clock.kind, clock.subject, kept=False)


def _rung(clock: Clock, ladder: Ladder) -> Rung:
    return ladder.place(clock.next_rung, clock.span).rung


def _latest_repeat(clock: Clock, ladder: Ladder, state: Journey, until: datetime) -> int:
    number, last = clock.next_rung, len(ladder.rungs) - 1
    while (
        number >= last
        and clocks.rung_at(clock, ladder, number + 1, state.calendar_of(clock)) <= until
    ):
        number += 1
    return number


def _tell(state: Journey, clock: Clock, audience: Audience) -> Told:
    hsa_id = clock.owner if audience.party is Party.OWNER else clock.counterpart
    reached = bool(state.units[hsa_id].routes(audience.function))
    return Told(unit=hsa_id, function=audience.function, reached=reached)
