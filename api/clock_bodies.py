"""What callers send and get about one clock."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from api.bodies import example
from domain import event as ev
from domain.calendar import Budget
from domain.clock import Clock, ClockKind
from domain.clock_view import clock_ref
from domain.clock_words import KINDS
from domain.event import Event, RungFired, Told
from domain.explanation import Explanation
from domain.journey import Journey
from domain.ledger import Account, Ledgers, ledgers
from domain.opening import covered_by, is_open, opens_at
from domain.pathway import Deadline
from domain.rules import telling
from domain.unit import Unit
from domain.value import HsaId, Instant, Labels, ShortText, Value

Standing = Literal["running", "paused", "kept", "fell_away", "died"]

_SNOOZE: dict[str, Any] = {
    "until": "2030-03-04T16:00:00+01:00",
    "reason": "Väntar på besked från läkaren.",
}


class SnoozeBody(Value):
    """Hear nothing of a clock until an instant, and say why."""

    model_config = example(_SNOOZE)
    until: Instant
    reason: ShortText


class NextRung(Value):
    """Which rung is told next and when, and whom it would reach if it were told now."""

    at: Instant
    rung: str
    alarm: bool
    tells: tuple[Told, ...]


class OwnerNow(Value):
    """Whether the unit that owes is there: a closed unit is closed, which is not the same as late.

    `opens_at` is None when it does not open within a year.
    """

    unit: HsaId
    name: str | None
    open_now: bool
    opens_at: Instant | None
    covered_by: HsaId | None


class Snoozed(Value):
    """Which side hears nothing, until when; the reason is written text."""

    unit: HsaId
    until: Instant
    reason: str | None


class ClockPage(Value):
    """A clock: what it promises, where it stands, who was told, and whose time it has been.

    `state`: stopped as kept, because it fell away, or silenced by a death. `late` is computed: of
    an open one now, of one that was kept by when. The ledgers are those of a handover's clock.
    """

    ref: str
    journey_id: str
    kind: ClockKind
    label: Labels
    subject: str
    part: str
    owner: HsaId
    counterpart: HsaId
    state: Standing
    late: bool
    budget: Budget
    started_at: Instant
    due_at: Instant
    stopped_at: Instant | None
    owner_now: OwnerNow
    next: NextRung | None
    snoozes: tuple[Snoozed, ...]
    firings: tuple[RungFired, ...]
    ledgers: Ledgers | None


class ClockExplanation(Explanation):
    """The reckoning as data, the pathway's deadline with its source, and the same in sentences.

    Of a protected patient no agreement is shown to those who see a mask.
    """

    ref: str
    deadline: Deadline | None
    sv: tuple[str, ...]
    en: tuple[str, ...]


class Seen(NamedTuple):
    """A clock with its journey and the log that both follow from; `unmasked`: seen whole."""

    clock: Clock
    state: Journey
    events: Sequence[Event]
    unmasked: bool


def page(seen: Seen, owner: Unit | None, now: datetime) -> ClockPage:
    """Everything about one clock, now."""
    clock, state = seen.clock, seen.state
    standing = _standing(clock, seen.events)
    shown = set(ClockPage.model_fields) & set(Clock.model_fields) - {"snoozes"}
    return ClockPage(
        **{
            **clock.model_dump(include=shown),
            "ref": clock_ref(state.id, clock.id),
            "journey_id": state.id,
            "label": KINDS[clock.kind],
            "state": standing,
            "late": _late(clock, standing, now),
            "owner_now": _owner_now(clock, owner, state, now),
            "next": _next(clock, state, now),
            "snoozes": tuple(_snoozes(seen, now)),
            "firings": tuple(_firings(clock, seen.events)),
            "ledgers": _ledgers(seen, now),
        }
    )


def _standing(clock: Clock, events: Iterable[Event]) -> Standing:
    if clock.stopped_at is None:
        return "running" if clock.running else "paused"
    ends = (e.what for e in events if isinstance(e.what, ev.ClockStopped))
    *_, newest = (end.because for end in ends if end.clock_id == clock.id)
    return newest


def _late(clock: Clock, standing: Standing, now: datetime) -> bool:
    """What was kept is judged by when it was done, not by when that was written down."""
    if clock.stopped_at is not None:
        return standing == "kept" and clock.due_at <= clock.stopped_at
    return clock.late(now)


def _owner_now(clock: Clock, owner: Unit | None, state: Journey, now: datetime) -> OwnerNow:
    """By the hours that the unit has today, whichever the clock was counted in."""
    unit = owner or state.units[clock.owner]
    return OwnerNow(
        unit=unit.hsa_id,
        name=unit.name,
        open_now=is_open(unit, now, state.calendar),
        opens_at=opens_at(unit, now, state.calendar),
        covered_by=covered_by(unit, now),
    )


def _next(clock: Clock, state: Journey, now: datetime) -> NextRung | None:
    """None while nothing runs, and for a clock that acts by itself when it is due."""
    ladder = state.ladders.get(clock.ladder)
    if not clock.running or not ladder.rungs:
        return None
    rung = ladder.place(clock.next_rung, clock.span).rung
    tells = telling.everyone(state, clock, rung, now)
    return NextRung(at=clock.next_at, rung=rung.key, alarm=rung.alarm, tells=tells)


def _snoozes(seen: Seen, now: datetime) -> Iterator[Snoozed]:
    for one in seen.clock.snoozes:
        if now < one.until:
            reason = one.reason if seen.unmasked else None
            yield Snoozed(unit=one.unit, until=one.until, reason=reason)


def _firings(clock: Clock, events: Iterable[Event]) -> Iterator[RungFired]:
    """Every firing of the clock, of the one before it under the same id too."""
    fired = (e.what for e in events if isinstance(e.what, ev.RungFired))
    return (what for what in fired if what.clock_id == clock.id)


def _ledgers(seen: Seen, now: datetime) -> Ledgers | None:
    """In the clock's own kind of time; the patient's seconds are the sides' together."""
    clock = seen.clock
    if clock.subject not in seen.state.handovers:
        return None
    calendar = seen.state.calendar_of(clock)
    found = ledgers(seen.events, clock.subject, now, clock.budget.counting, calendar)
    if found is None:
        return None
    both = found.receiver, found.sender
    patient = Account(
        seconds=sum(one.seconds for one in both),
        counted_seconds=sum(one.counted_seconds for one in both),
    )
    return found.model_copy(update={"patient": patient})
