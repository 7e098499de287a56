"""Clocks that go by a rule of the rulebook: from its beginning, with its agreement, and beside it
whatever stricter target has been chosen locally."""

from datetime import datetime
from typing import NamedTuple

from domain import clock as clocks
from domain.calendar import STOCKHOLM, Budget, Counting, elapsed
from domain.clock import ClockKind, Promise, RuleName
from domain.draft import Draft
from domain.event import ClockMoved
from domain.journey import Journey, clock_id
from domain.part import COORDINATION
from domain.reckoning import reckon
from domain.rulebook import CareForm, Ends, Rule
from domain.rules import clock
from domain.value import HsaId


class Owed(NamedTuple):
    """A promise by a rule: which, about what, between whom, since when.

    `event_at` is the instant before which it is to be done, for a rule that names such an event.
    """

    kind: ClockKind
    rule: str
    subject: str
    owner: HsaId
    counterpart: HsaId
    began: datetime
    form: CareForm
    event_at: datetime | None = None


def start(draft: Draft, owed: Owed) -> None:
    """Start what is owed by the version that holds on the day of the beginning, if one does.

    What was written down late runs from when it began all the same, and tells at once whom it
    would have told.
    """
    book = draft.state.rules
    day = owed.began.astimezone(STOCKHOLM).date()
    rule = book.rule(owed.rule, day, owed.form) if book else None
    if book is None or rule is None:
        return
    _start(draft, owed, rule)
    for target in book.beside(owed.rule, day, owed.form):
        beside = owed._replace(kind=ClockKind.LOCAL_TARGET, subject=f"{owed.subject}.{target.key}")
        _start(draft, beside, target)
    clock.fire_until(draft, draft.now, "late_recorded")


def stop(
    draft: Draft,
    kind: ClockKind,
    rule: str,
    subject: str,
    *,
    kept: bool = True,
    at: datetime | None = None,
) -> None:
    """End it, and every local target beside it; what was done earlier is judged by when it was."""
    clock.stop(draft, kind, subject, kept=kept, at=at)
    for target in draft.state.rules.rules if draft.state.rules else ():
        if target.stricter_than == rule:
            clock.stop(draft, ClockKind.LOCAL_TARGET, f"{subject}.{target.key}", kept=kept, at=at)


def _start(draft: Draft, owed: Owed, rule: Rule) -> None:
    state = draft.state
    day = owed.began.astimezone(STOCKHOLM).date()
    agreed = state.rules.agreement(rule.key, state.municipality, day) if state.rules else None
    found = reckon(rule, owed.began, state.calendar, agreement=agreed, event_at=owed.event_at)
    budget = _along(rule, found.budget)
    promise = Promise(
        id=clock_id(owed.kind, owed.subject),
        kind=owed.kind,
        subject=owed.subject,
        part=COORDINATION,
        owner=owed.owner,
        counterpart=owed.counterpart,
        budget=budget,
        ladder=_ladder(state, rule),
        span=elapsed(owed.began, found.due_at, budget.counting, state.calendar),
        counts_from=owed.event_at,
        rule=RuleName(key=rule.key, version=rule.version, agreement=agreed.key if agreed else None),
    )
    before = state.clocks.get(promise.id)
    with draft.as_of(owed.began):
        clock.start(draft, promise)
    if before is not None and before.started_at == owed.began:
        _tell_nothing_twice(draft, promise.id, before.next_rung)


def _tell_nothing_twice(draft: Draft, clock_id: str, told: int) -> None:
    """The same beginning with another due: rungs that lie behind and were told stay told."""
    started = draft.state.clocks[clock_id]
    ladder, calendar = draft.state.ladders.get(started.ladder), draft.state.calendar_of(started)
    rung = 0
    while rung < min(told, len(ladder.rungs) - 1):
        if clocks.rung_at(started, ladder, rung, calendar) > draft.now:
            break
        rung += 1
    if rung:
        next_at = clocks.rung_at(started, ladder, rung, calendar)
        moved = started.model_copy(update={"next_rung": rung, "next_at": next_at})
        draft.add(ClockMoved(because="again", clock=moved))


def _ladder(state: Journey, rule: Rule) -> str:
    """The rule's own, if the journey has it and it tells somebody."""
    named = state.ladders.named(rule.ladder, "step")
    return named if state.ladders.get(named).rungs else "step"


def _along(rule: Rule, budget: Budget) -> Budget:
    """What ends with a day runs along the calendar: that day may begin or end on a day off."""
    if rule.ends is Ends.EXACT or budget.counting is not Counting.WORKING_DAYS:
        return budget
    return budget.model_copy(update={"counting": Counting.CALENDAR_DAYS})
