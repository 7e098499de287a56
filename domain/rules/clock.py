"""Starting, pausing, moving and stopping clocks, and telling people when they run out."""

from datetime import datetime, timedelta
from typing import Literal

from domain import clock as clocks
from domain.calendar import elapsed
from domain.clock import Clock, ClockKind, Promise
from domain.draft import Draft
from domain.event import ClockMoved, ClockStarted, ClockStopped, RungFired
from domain.journey import Journey
from domain.ladder import Ladder, Rung
from domain.rules import proxy, telling

ON_TIME = timedelta(seconds=10)
Why = Literal["question", "answer", "proposal", "hold", "resume", "undo_death"]
Cause = Literal["on_time", "outage", "late_recorded"]


def start(draft: Draft, promise: Promise) -> None:
    """A promise begins to run now."""
    ladder = draft.state.ladders.get(promise.ladder)
    clock = clocks.start(promise, ladder, draft.state.calendar, draft.now)
    draft.add(ClockStarted(clock=clock))


def start_until(draft: Draft, promise: Promise, at: datetime) -> None:
    """A promise begins to run now, and is due at an instant and the promise's own length."""
    until = max(draft.now, at)
    counting = promise.budget.counting
    ahead = elapsed(draft.now, until, counting, draft.state.calendar)
    span = ahead + promise.budget.span
    start(draft, promise.model_copy(update={"span": span}))


def stop(draft: Draft, kind: ClockKind, subject: str, *, kept: bool = True) -> None:
    """End a promise if it was open, running or paused; or silent with a death, for good."""
    clock = draft.state.clock(kind, subject)
    if clock is not None and (clock.stopped_at is None or clock.id in draft.state.silenced):
        draft.add(ClockStopped(clock_id=clock.id, because="kept" if kept else "fell_away"))


def stop_about(draft: Draft, subject: str) -> None:
    """Every promise about a handover falls away."""
    for clock in tuple(draft.state.clocks.values()):
        if clock.subject == subject:
            stop(draft, clock.kind, subject, kept=False)


def pause(draft: Draft, kind: ClockKind, subject: str, because: Why = "question") -> None:
    """Let a running clock stand still while somebody else has the ball."""
    clock = draft.state.clock(kind, subject)
    if clock is not None and clock.running:
        still = clocks.pause(clock, draft.state.calendar_of(clock), draft.now)
        draft.add(ClockMoved(because=because, clock=still))


def resume(draft: Draft, kind: ClockKind, subject: str, because: Why = "answer") -> None:
    """Let a paused clock go on."""
    clock = draft.state.clock(kind, subject)
    if clock is not None and clock.running_since is None and clock.stopped_at is None:
        ladder = draft.state.ladders.get(clock.ladder)
        going = clocks.resume(clock, ladder, draft.state.calendar_of(clock), draft.now)
        draft.add(ClockMoved(because=because, clock=going))


def fire_until(draft: Draft, until: datetime, late: Cause = "outage") -> None:
    """Fire every rung that was due by an instant, in the order in which they became due."""
    while clock := first_due(draft.state, until):
        _fire(draft, clock, until, late)


def _fire(draft: Draft, clock: Clock, until: datetime, late: Cause) -> None:
    """Fire the next rung of a due clock.

    1. The rung is the next one; its due instant is anchored to the clock, not to now.
    2. Missed repetitions of the last rung are folded into one firing, and counted.
    3. Everyone on the rung is told; a function that nobody holds is named as not reached.
    4. The next rung's instant follows from the clock.
    5. Who cannot be reached but by telephone becomes a call task.
    """
    state, ladder = draft.state, draft.state.ladders.get(clock.ladder)
    number = _latest_repeat(clock, ladder, state, until)
    rung = _rung(clock, ladder)
    told = telling.everyone(state, clock, rung, draft.now)
    draft.add(
        RungFired(
            clock_id=clock.id,
            number=number,
            rung=rung.key,
            due_at=clock.next_at,
            fired_at=draft.now,
            cause="on_time" if draft.now - clock.next_at <= ON_TIME else late,
            folded=number - clock.next_rung,
            alarm=rung.alarm,
            told=told,
            outcome="told" if any(t.reached for t in told) else "nobody_to_tell",
            next_rung=number + 1,
            next_at=clocks.rung_at(clock, ladder, number + 1, state.calendar_of(clock)),
        )
    )
    proxy.ask_for_call(draft, clock.subject, rung.key, told)


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
        if clock.stopped_at is None:
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
