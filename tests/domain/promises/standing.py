"""Promises about how a journey stands, looked at after each step."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from domain.clock import Clock, ClockKind
from domain.decide import next_moment
from domain.event import Event
from domain.explanation import explanations
from domain.handover import Handover, HandoverState
from domain.journey import Journey, StepState
from domain.ledger import ledgers
from domain.part import COORDINATION
from domain.pathway import Purpose
from domain.rules.answering import MAX_HOPS
from domain.waiting import WaitKind, waits
from tests.samples import CHARLIE

ASKED = (HandoverState.QUESTION_OPEN, HandoverState.PROPOSED)


def each_part_is_in_one_pair_of_hands(state: Journey, hands: dict[str, str]) -> None:
    """Promise 1."""
    assert {key: part.holder for key, part in state.parts.items()} == hands
    assert COORDINATION in hands
    assert CHARLIE not in hands.values()


def no_promise_is_silent(state: Journey, now: datetime) -> None:
    """Promise 2: what is open has a clock, and each clock has a next moment."""
    moment = next_moment(state)
    if not state.open:
        assert moment is None
        assert all(clock.stopped_at for clock in state.clocks.values())
        return
    assert moment is not None and moment >= now
    for clock in state.running():
        assert clock.owner in state.units and clock.counterpart in state.units
    if state.deceased_at:
        assert [c.kind for c in state.running()] == [ClockKind.CLOSING]
        return
    assert not any(c.kind is ClockKind.CLOSING for c in state.running())
    _steps_have_clocks(state)
    for handover in state.handovers.values():
        _handover_has_clocks(state, handover)


def _steps_have_clocks(state: Journey) -> None:
    for step in state.steps.values():
        clock = state.clock(ClockKind.STEP, step.id)
        if step.state is not StepState.OPEN:
            assert clock is None or clock.stopped_at
            continue
        assert step.period == state.period, "nobody can act on a step of an earlier period"
        assert clock is not None and clock.running
        assert clock.owner == state.holder(step.part)


def _handover_has_clocks(state: Journey, handover: Handover) -> None:
    mine = [c for c in state.clocks.values() if c.subject == handover.id and not c.stopped_at]
    running = {c.kind for c in mine if c.running}
    paused = {c.kind for c in mine if not c.running}
    if not handover.open:
        assert not paused
        # Only what was entered late still waits: for its confirmation.
        assert running <= {ClockKind.CONFIRMATION}, (handover.state, running)
        return
    assert running, handover.state
    if handover.held_since:
        # What the sender still answers meanwhile may run; nothing that the receiver owes does.
        assert ClockKind.HOLD in running
        meanwhile = {ClockKind.CANCELLATION, ClockKind.DISPUTE, ClockKind.CONFIRMATION}
        assert running <= {ClockKind.HOLD, *meanwhile}, running
    elif paused:
        assert paused == {ClockKind.ACCEPTED}
        assert handover.stage in ASKED
    if not handover.held_since:
        assert ClockKind.HOLD not in running


def each_receipt_has_its_own_clock(state: Journey) -> None:
    """Promise 3: three states, three clocks; acceptance closes all of them."""
    if not state.open or state.deceased_at:
        return
    for handover in state.handovers.values():
        _has_its_clocks(state, handover)


def _has_its_clocks(state: Journey, handover: Handover) -> None:
    opened = {c.kind for c in _open_clocks(state, handover)}
    disputed = handover.disputed_since is not None
    unread = handover.acknowledged_at is None
    early = handover.stage is HandoverState.PRE_NOTICE
    owes_reading = handover.unanswered or (handover.standing and handover.open)
    held, late = bool(handover.held_since), bool(handover.provisional_since)
    if not (disputed and handover.unanswered):
        assert (ClockKind.ACKNOWLEDGED in opened) == (owes_reading and unread)
        owes_answer = handover.unanswered and handover.purpose is not Purpose.INFORM
        assert (ClockKind.ACCEPTED in opened) == owes_answer
        has_not = handover.received_at is None
        assert (ClockKind.RECEIVED in opened) == (owes_reading and unread and has_not)
    waits_for_instant = handover.stage is HandoverState.ACCEPTED and not (held or late)
    assert (ClockKind.TAKE_OVER in opened) == waits_for_instant
    taken = handover.stage is HandoverState.TAKEN_OVER
    assert (ClockKind.FIRST_CONTACT in opened) == (taken and handover.open)
    assert (ClockKind.ANSWER in opened) == (handover.stage is HandoverState.QUESTION_OPEN)
    assert (ClockKind.PROPOSAL in opened) == (handover.stage is HandoverState.PROPOSED)
    assert (ClockKind.PRE_NOTICE in opened) == (early and not held)
    assert (ClockKind.DISPUTE in opened) == (disputed and handover.unanswered)
    assert (ClockKind.CANCELLATION in opened) == (
        handover.cancellation_since is not None and handover.awaits_take_over
    )
    assert (ClockKind.HOLD in opened) == (held and handover.open)
    if handover.awaits_take_over and not held:
        assert (ClockKind.CONFIRMATION in opened) == late


def the_ball_is_in_one_court(state: Journey) -> None:
    """A question or other terms stop the receiver's clock and run the sender's, only that."""
    if not state.open or state.deceased_at:
        return
    for handover in state.handovers.values():
        if handover.stage not in ASKED or handover.held_since:
            continue
        asked = handover.stage is HandoverState.QUESTION_OPEN
        kind = ClockKind.ANSWER if asked else ClockKind.PROPOSAL
        sender, receiver = (
            state.clock(kind, handover.id),
            state.clock(ClockKind.ACCEPTED, handover.id),
        )
        assert sender is not None and sender.running and sender.owner == handover.from_unit
        assert receiver is None or not receiver.running
    for clock in state.clocks.values():
        if clock.kind in (ClockKind.ALARM, ClockKind.STEP, ClockKind.SAFETY_NET):
            assert clock.running or clock.stopped_at, "the patient's time never stands still"


def redirects_are_bounded(state: Journey) -> None:
    """Promise 4."""
    for handover in state.handovers.values():
        assert len(handover.earlier_receivers) <= MAX_HOPS


def everybody_waited_for_is_named_once(state: Journey) -> None:
    """Nobody waits in what is over; each answer that is owed is waited for, once."""
    found = waits(state)
    if not state.open or state.deceased_at:
        assert found == {}
        return
    owed = [
        h.id for h in state.handovers.values() if h.unanswered and h.purpose is not Purpose.INFORM
    ]
    waited = [w.subject for w in found.values() if w.kind is WaitKind.ANSWER]
    assert sorted(waited) == sorted(owed)
    assert all(w.unit in state.units for w in found.values())


def who_was_succeeded_is_out_of_it(state: Journey) -> None:
    """The old unit holds nothing, owes nothing, and awaits nothing."""
    gone = [k for k, u in state.units.items() if u.successor]
    for unit in gone:
        assert unit not in [p.holder for p in state.parts.values()]
        silenced = [state.clocks[c] for c in state.silenced]
        for clock in (*state.running(), *silenced):
            assert unit not in (clock.owner, clock.counterpart), clock.id
        for handover in state.handovers.values():
            assert not (handover.open and unit in (handover.from_unit, handover.to_unit))
        assert state.departure is None or state.departure.from_unit != unit


def _open_clocks(state: Journey, handover: Handover) -> Iterator[Clock]:
    return (c for c in state.clocks.values() if c.subject == handover.id and c.stopped_at is None)


def each_due_follows_from_the_log(state: Journey, log: list[Event]) -> None:
    """Promise 5: every due instant can be reckoned anew from the events alone."""
    found = explanations(log)
    assert set(found) == set(state.clocks)
    for known in found.values():
        assert known.agrees, f"{known.clock_id}: {known.due_at} is not {known.stored_due_at}"


def receiver_and_sender_make_the_patients_time(
    state: Journey, log: list[Event], now: datetime
) -> None:
    """Every instant of waiting belongs to one side; none is lost, none counts twice."""
    for handover_id in state.handovers:
        clock = state.clock(ClockKind.ACCEPTED, handover_id)
        if clock is None:
            continue
        counting, calendar = clock.budget.counting, state.calendar_of(clock)
        found = ledgers(log, handover_id, now, counting, calendar)
        assert found is not None
        sides = (found.receiver, found.sender)
        assert sum(s.seconds for s in sides) == found.patient.seconds
        assert sum(s.counted_seconds for s in sides) == found.patient.counted_seconds
        spent = sum(((i.until - i.since) for i in found.intervals), timedelta())
        assert abs(spent.total_seconds() - found.patient.seconds) <= 1
        for earlier, later in pairwise(found.intervals):
            assert earlier.until <= later.since, "no instant belongs to both"
