"""Why a clock is due when it is: reckoned anew from the log alone, step by step.

Nothing that the clock has stored is trusted but its own words: start event, budget, rule, calendar.
The result is compared with the instant that it carries.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from domain import event as ev
from domain.calendar import Budget, Calendar, Opening, advance, elapsed
from domain.clock import Clock, RuleName
from domain.event import Event
from domain.evolve import evolve
from domain.journey import Journey
from domain.reckoning import Reckoned, reckon
from domain.rulebook import Agreement, Rule
from domain.value import Instant, Value

NO_TIME = timedelta()


class StepKind(StrEnum):
    """What a line of the arithmetic does."""

    STARTED = "started"
    COUNTS_FROM = "counts_from"
    CUTOFF = "cutoff"
    BUDGET = "budget"
    SHORTENED = "shortened"
    BEFORE = "before"
    PAUSED = "paused"
    RESUMED = "resumed"
    EXTENDED = "extended"
    REPROJECTED = "reprojected"
    MIGRATED = "migrated"
    DUE = "due"


class Line(Value):
    """One line: what was done, at which instant, and where the due instant stood after it."""

    kind: StepKind
    at: Instant
    seq: int
    because: str | None = None
    amount: int | None = None
    counting: str | None = None
    seconds: int | None = None
    due_at: Instant | None = None


class Explanation(Value):
    """The whole reckoning of one clock. `agrees` says that it comes to the stored instant."""

    clock_id: str
    kind: str
    owner: str
    counterpart: str
    started_at: Instant
    start_event: int
    budget: Budget
    rule: Rule | None
    agreement: Agreement | None
    pathway: str
    calendar_version: str
    opening: Opening | None
    lines: tuple[Line, ...]
    due_at: Instant
    stored_due_at: Instant
    agrees: bool


def explain(events: Iterable[Event], clock_id: str) -> Explanation | None:
    """The reckoning of the newest clock of that id; None when there never was one."""
    return explanations(events).get(clock_id)


def explanations(events: Iterable[Event]) -> dict[str, Explanation]:
    """The reckoning of every clock of a journey, in one walk along its log."""
    state: Journey | None = None
    found = dict[str, _Reckoning]()
    for event in events:
        state = evolve(state, event)
        what = event.what
        if isinstance(what, ev.ClockStarted):
            found[what.clock.id] = _Reckoning(state, what.clock, event)
        elif isinstance(what, ev.ClockMoved):
            found[what.clock.id].move(what, event)
    if state is None:
        return {}
    return {clock_id: one.told(state, state.clocks[clock_id]) for clock_id, one in found.items()}


class _Reckoning:
    """Follows one clock through the log with nothing but the calendar in its hand."""

    def __init__(self, state: Journey, clock: Clock, event: Event) -> None:
        self._clock, self._event = clock, event
        self._days_off = state.calendars[clock.calendar_version]
        self._opening = clock.opening
        self._rule, self._agreement = _rule_of(state, clock.rule)
        self._spent = timedelta()
        self._running_since: datetime | None = clock.started_at
        self._lines: list[Line] = []
        self._due = self._begin(clock)
        self._span = elapsed(clock.started_at, self._due, clock.budget.counting, self._calendar)

    @property
    def _calendar(self) -> Calendar:
        return self._days_off.of(self._opening)

    def move(self, what: ev.ClockMoved, event: Event) -> None:
        """A pause, a resumption, more time or other hours; a new owner changes no instant."""
        at, moved = event.effective_at, what.clock
        if what.because == "opening":
            self._reproject(moved, at, event.seq)
        elif what.because == "migration":
            self._migrate(moved, at, event.seq)
        elif what.because == "extend":
            self._extend(moved, at, event.seq)
        elif moved.running_since is None and self._running_since is not None:
            self._pause(at, event.seq, what.because)
        elif moved.running_since is not None and self._running_since is None:
            self._resume(at, event.seq, what.because)

    def told(self, state: Journey, clock: Clock) -> Explanation:
        """What was found, beside what is stored."""
        self._line(StepKind.DUE, self._due, self._event.seq, due_at=self._due)
        definition = state.definition
        return Explanation(
            clock_id=clock.id,
            kind=clock.kind,
            owner=clock.owner,
            counterpart=clock.counterpart,
            started_at=self._clock.started_at,
            start_event=self._event.seq,
            budget=self._clock.budget,
            rule=self._rule,
            agreement=self._agreement,
            pathway=f"{definition.key}@{definition.version}",
            calendar_version=self._clock.calendar_version,
            opening=self._opening,
            lines=tuple(self._lines),
            due_at=self._due,
            stored_due_at=clock.due_at,
            agrees=self._due == clock.due_at,
        )

    def _begin(self, clock: Clock) -> datetime:
        """By the rule, from the instant that it counts from, or from the start."""
        self._line(StepKind.STARTED, clock.started_at, self._event.seq)
        whole = clock.budget.span
        if self._rule is not None and _goes_by(self._rule):
            return self._by_rule(clock, self._rule)
        if clock.counts_from is not None:
            self._line(StepKind.COUNTS_FROM, clock.counts_from, self._event.seq)
            return self._budget(clock, clock.counts_from, whole)
        if clock.span != whole:
            due = self._walk(clock, clock.started_at, clock.span)
            self._line(StepKind.SHORTENED, clock.started_at, self._event.seq, due_at=due)
            return due
        return self._budget(clock, clock.started_at, whole)

    def _by_rule(self, clock: Clock, rule: Rule) -> datetime:
        found = reckon(
            rule,
            clock.started_at,
            self._calendar,
            agreement=self._agreement,
            event_at=clock.counts_from,
        )
        self._say_rule(rule, found, clock)
        return found.due_at

    def _say_rule(self, rule: Rule, found: Reckoned, clock: Clock) -> None:
        seq = self._event.seq
        if rule.before is not None and clock.counts_from is not None:
            self._line(
                StepKind.BEFORE, clock.counts_from, seq, because=rule.before, due_at=found.due_at
            )
            return
        if found.later and found.cutoff:
            self._line(StepKind.CUTOFF, clock.started_at, seq, amount=found.cutoff.days)
        self._line(
            StepKind.BUDGET,
            clock.started_at,
            seq,
            because=rule.ends,
            amount=found.amount,
            counting=found.budget.counting,
            due_at=found.due_at,
        )

    def _budget(self, clock: Clock, since: datetime, span: timedelta) -> datetime:
        due = self._walk(clock, since, span)
        self._line(
            StepKind.BUDGET,
            since,
            self._event.seq,
            amount=clock.budget.amount,
            counting=clock.budget.counting,
            due_at=due,
        )
        return due

    def _pause(self, at: datetime, seq: int, because: str) -> None:
        assert self._running_since is not None, "only what runs is paused"
        counting = self._clock.budget.counting
        self._spent += elapsed(self._running_since, at, counting, self._calendar)
        self._running_since = None
        spent = round(self._spent.total_seconds())
        self._line(StepKind.PAUSED, at, seq, because=because, seconds=spent)

    def _resume(self, at: datetime, seq: int, because: str) -> None:
        """What had passed before the pause stays where it was: late is late."""
        self._running_since = at
        if self._spent < self._span:
            self._due = self._walk(self._clock, at, self._span - self._spent)
        self._line(StepKind.RESUMED, at, seq, because=because, due_at=self._due)

    def _extend(self, moved: Clock, at: datetime, seq: int) -> None:
        """More time until an instant that a person chose: that is its own reason."""
        counting = self._clock.budget.counting
        assert self._running_since is not None, "only what runs gets more time"
        ahead = elapsed(self._running_since, moved.due_at, counting, self._calendar)
        self._span, self._due = self._spent + ahead, moved.due_at
        self._line(StepKind.EXTENDED, at, seq, due_at=self._due)

    def _migrate(self, moved: Clock, at: datetime, seq: int) -> None:
        """From its own beginning, with the time of another version of the pathway."""
        assert self._running_since is not None, "only what runs is counted anew"
        self._clock, self._span = moved, moved.span
        self._due = self._walk(moved, self._running_since, max(moved.span - self._spent, NO_TIME))
        amount, counting = moved.budget.amount, moved.budget.counting
        self._line(StepKind.MIGRATED, at, seq, amount=amount, counting=counting, due_at=self._due)

    def _reproject(self, moved: Clock, at: datetime, seq: int) -> None:
        running = self._running_since
        if running is not None:
            counting = self._clock.budget.counting
            self._spent += elapsed(running, at, counting, self._calendar)
            self._running_since = at
        self._opening = moved.opening
        if running is not None and self._spent < self._span:
            self._due = self._walk(self._clock, at, self._span - self._spent)
        self._line(StepKind.REPROJECTED, at, seq, due_at=self._due)

    def _walk(self, clock: Clock, since: datetime, span: timedelta) -> datetime:
        return advance(since, span, clock.budget.counting, self._calendar)

    def _line(self, kind: StepKind, at: datetime, seq: int, **more: object) -> None:
        self._lines.append(Line.model_validate({"kind": kind, "at": at, "seq": seq, **more}))


def _goes_by(rule: Rule) -> bool:
    """Whether the rule itself gives the instant; a chosen length counts from where it is used."""
    return rule.begins != ("decision",)


def _rule_of(state: Journey, name: RuleName | None) -> tuple[Rule | None, Agreement | None]:
    if name is None or state.rules is None:
        return None, None
    agreed = state.rules.agreed(name.agreement) if name.agreement else None
    return state.rules.version_of(name.key, name.version), agreed
