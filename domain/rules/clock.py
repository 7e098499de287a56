"""Starting, pausing, moving and stopping clocks, and telling people when they run out."""

from datetime import datetime
from typing import Literal

from domain import clock as clocks
from domain import unit_clocks
from domain.calendar import DAY, Calendar, Counting, Opening, advance, elapsed
from domain.clock import Clock, ClockKind, Promise, Snooze
from domain.command import SnoozeClock
from domain.draft import Draft
from domain.event import ClockMoved, ClockSnoozed, ClockStarted, ClockStopped, RungFired, Told
from domain.journey import Journey
from domain.ladder import Ladder
from domain.lateness import ON_TIME, Cause
from domain.opening import opening
from domain.refusal import FieldProblem, Refused
from domain.rules import access, instants, proxy, telling

Why = Literal["question", "answer", "proposal", "hold", "resume", "undo_death"]
# A snooze is short, and never reaches past it.
LONGEST_SNOOZE = LISTENS = 7 * DAY
MOST_SNOOZES = 4
# A patient may be at risk now: nobody looks away.
NEVER_SNOOZED = (ClockKind.ALARM, ClockKind.SAFETY_NET)


def start(draft: Draft, promise: Promise) -> None:
    """A promise begins to run now."""
    ladder = draft.state.ladders.get(promise.ladder)
    clock = clocks.start(promise, ladder, _calendar_for(draft.state, promise), draft.now)
    draft.add(ClockStarted(clock=clock))


def falls_due(draft: Draft, promise: Promise) -> datetime:
    """When a promise that began now would be due by its own budget."""
    calendar = _calendar_for(draft.state, promise)
    return advance(draft.now, promise.budget.span, promise.budget.counting, calendar)


def _calendar_for(state: Journey, promise: Promise) -> Calendar:
    """The newest calendar; for a promise in opening hours with those of the unit that owes it."""
    if promise.budget.counting is not Counting.OPENING_HOURS:
        return state.calendar
    return state.calendar.of(opening(state.units[promise.owner]))


def start_until(draft: Draft, promise: Promise, at: datetime) -> None:
    """A promise begins to run now, and is due at an instant and the promise's own length."""
    until = max(draft.now, at)
    counting = promise.budget.counting
    ahead = elapsed(draft.now, until, counting, _calendar_for(draft.state, promise))
    span = ahead + promise.budget.span
    start(draft, promise.model_copy(update={"span": span, "counts_from": until}))


def stop(
    draft: Draft,
    kind: ClockKind,
    subject: str,
    *,
    kept: bool = True,
    at: datetime | None = None,
) -> None:
    """End a promise if it was open, running or paused; or silent with a death, for good.

    What was done `at` an earlier instant and is written down now is judged by that instant; what
    has been told meanwhile stays in the record.
    """
    clock = draft.state.clock(kind, subject)
    if clock is not None and (clock.stopped_at is None or clock.id in draft.state.silenced):
        done_at = max(at, clock.started_at) if at else None
        because: Literal["kept", "fell_away"] = "kept" if kept else "fell_away"
        draft.add(ClockStopped(clock_id=clock.id, because=because), effective_at=done_at)


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
    4. The next rung's instant follows from the clock; it comes at once when nobody could be told.
    5. Who cannot be reached but by telephone becomes a call task.
    """
    state, ladder = draft.state, draft.state.ladders.get(clock.ladder)
    number, then = clocks.latest(clock, ladder, until, state.calendar_of(clock))
    rung = ladder.place(clock.next_rung, clock.span).rung
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
            outcome=_outcome(told),
            next_rung=number + 1,
            next_at=clock.next_at if _skips(clock, ladder, state, number) else then,
        )
    )
    proxy.ask_for_call(draft, clock.subject, rung.key, told)


def _outcome(told: tuple[Told, ...]) -> Literal["told", "snoozed", "nobody_to_tell"]:
    if any(t.reached and not t.quiet for t in told):
        return "told"
    return "snoozed" if any(t.reached for t in told) else "nobody_to_tell"


def _skips(clock: Clock, ladder: Ladder, state: Journey, number: int) -> bool:
    """Whether the next rung comes at once: nobody could be told of this one when it was due."""
    if not ladder.skips or number >= len(ladder.rungs) - 1:
        return False
    rung = ladder.place(number, clock.span).rung
    return not any(t.reached for t in telling.everyone(state, clock, rung, clock.next_at))


def snooze(draft: Draft, command: SnoozeClock) -> None:
    """One side hears nothing of a clock for a while; the other side is told as ever.

    Raises `Refused`: clock_unknown, clock_not_running, not_holder, clock_not_snoozable,
    instant_in_past, snooze_too_long.
    """
    clock = draft.state.clocks.get(command.clock_id)
    if clock is None:
        raise Refused("clock_unknown")
    sides = (clock.owner, clock.counterpart)
    unit = next((u for u in sides if access.acts(draft, u)), None)
    if unit is None:
        raise Refused("not_holder")
    if not clock.running:
        raise Refused("clock_not_running")
    if clock.kind in NEVER_SNOOZED:
        raise Refused("clock_not_snoozable")
    instants.must_lie_ahead(draft, command.until, "until")
    if command.until > draft.now + LONGEST_SNOOZE:
        raise Refused("snooze_too_long", FieldProblem(field="until", rule="too_far"))
    in_a_row = 1 + _in_a_row(clock, unit, draft.now)
    if in_a_row > MOST_SNOOZES:
        raise Refused("snooze_too_long", FieldProblem(field="until", rule="too_often"))
    snoozed = Snooze(unit=unit, until=command.until, reason=command.reason, in_a_row=in_a_row)
    draft.add(ClockSnoozed(clock_id=clock.id, snooze=snoozed))


def _in_a_row(clock: Clock, unit: str, now: datetime) -> int:
    """How many snoozes a side has had without listening for as long as one may last."""
    lately = (s.in_a_row for s in clock.snoozes if s.unit == unit and now < s.until + LISTENS)
    return max(lately, default=0)


def lag(draft: Draft, new: Opening) -> bool:
    """Whether any clock still counts the unit's hours as they were before."""
    return any(unit_clocks.lags(clock, new) for clock in draft.state.clocks.values())


def reproject(draft: Draft, new: Opening) -> None:
    """Count on in a unit's hours as they have become: each clock that does moves, in an event."""
    for clock in tuple(draft.state.clocks.values()):
        if unit_clocks.lags(clock, new):
            ladder, calendar = draft.state.ladders.get(clock.ladder), draft.state.calendar_of(clock)
            moved = clocks.reproject(clock, ladder, calendar, new, draft.now)
            draft.add(ClockMoved(because="opening", clock=moved))


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
