"""A death silences everything at once; a mistake is undone; the closing is seen to."""

from datetime import timedelta

from domain import command as cmd
from domain import event as ev
from domain.clock import ClockKind
from domain.content import CloseReason
from domain.facts import Closing
from domain.handover import At, HandoverState, WithdrawReason
from domain.journey import Role
from domain.notice import NoticeKind, notices
from domain.record import entry
from domain.waiting import waits
from tests import samples
from tests.samples import ALICE, BOB, HEALTH_CENTRE, Case, things, unit

DIED = "Fel person."


def case_of_death() -> Case:
    """A handover is under way, and the patient has died."""
    case = Case()
    case.send()
    case.do(cmd.RecordDeath(at=case.now), ALICE)
    return case


def test_a_death_leaves_the_closing_clock_alone_running() -> None:
    case = case_of_death()

    running = [c.kind for c in case.state.running()]

    assert running == [ClockKind.CLOSING]
    assert case.state.holder("rehab") == ALICE
    assert waits(case.state) == {}


def test_a_death_silences_what_was_not_delivered() -> None:
    case = Case()
    before, command = case.state, cmd.RecordDeath(at=case.now)

    events = case.do(command, ALICE)

    assert entry(before, events, samples.envelope(command, ALICE)).silences


def test_nothing_but_the_closing_is_done_after_a_death() -> None:
    case = case_of_death()

    refused = case.refusal(cmd.Acknowledge(handover_id="h-1"), BOB)

    assert refused.code == "patient_deceased"


def test_an_undone_death_lets_every_clock_go_on_with_its_due() -> None:
    case = Case()
    case.send()
    due = case.clock(ClockKind.ACCEPTED, "h-1").due_at
    case.do(cmd.RecordDeath(at=case.now), ALICE)
    case.wait(timedelta(days=1))

    case.do(cmd.UndoDeath(reason=DIED), ALICE)

    clock = case.clock(ClockKind.ACCEPTED, "h-1")
    assert clock.running and clock.due_at == due
    assert case.clock(ClockKind.CLOSING, "coordination").stopped_at is not None


def test_what_was_missed_is_told_when_a_death_is_undone() -> None:
    case = case_of_death()
    case.wait(timedelta(days=20))

    events = case.do(cmd.UndoDeath(reason=DIED), ALICE)

    causes = {r.cause for r in things(events, ev.RungFired)}
    assert causes == {"late_recorded"}


def test_a_take_over_that_came_due_meanwhile_happens_when_a_death_is_undone() -> None:
    case = Case()
    case.send()
    case.accept(At(at=case.now + timedelta(hours=5)))
    case.do(cmd.RecordDeath(at=case.now), ALICE)
    case.wait(timedelta(days=1))

    case.do(cmd.UndoDeath(reason=DIED), ALICE)

    assert case.state.holder("rehab") == BOB


def test_what_was_withdrawn_after_a_death_stays_silent_when_it_is_undone() -> None:
    case = case_of_death()
    case.do(cmd.Withdraw(handover_id="h-1", reason=WithdrawReason.NO_LONGER_NEEDED), ALICE)

    case.do(cmd.UndoDeath(reason=DIED), ALICE)

    assert case.handover().state is HandoverState.WITHDRAWN
    assert not [c for c in case.state.running() if c.subject == "h-1"]


def test_a_part_that_returns_after_a_death_raises_no_alarm() -> None:
    case = Case()
    case.complete("assessment")
    case.send()
    case.accept()
    case.do(cmd.RecordDeparture(at=case.now, to="hemmet"), ALICE)
    case.do(cmd.RecordDeath(at=case.now), ALICE)

    case.do(cmd.Withdraw(handover_id="h-1", reason=WithdrawReason.WRONG_PATIENT), ALICE)

    assert case.state.holder("rehab") == ALICE
    assert [c.kind for c in case.state.running()] == [ClockKind.CLOSING]


def test_a_succession_after_a_death_holds_when_the_death_is_undone() -> None:
    case = case_of_death()
    heir = cmd.Succeed(old=ALICE, to=unit(HEALTH_CENTRE))
    case.do(heir, ALICE, roles=(Role.CATALOGUE,))

    case.do(cmd.UndoDeath(reason=DIED), HEALTH_CENTRE)

    sides = {u for c in case.state.running() for u in (c.owner, c.counterpart)}
    assert ALICE not in sides


def test_the_closing_list_ends_the_journey_and_what_was_open() -> None:
    case = case_of_death()

    case.do(cmd.ConfirmClosing(done=tuple(Closing)), ALICE)

    assert case.state.close_reason is CloseReason.DECEASED
    assert case.handover().state is HandoverState.CEASED
    assert not list(case.state.running())


def test_the_closing_list_asks_for_what_must_be_done() -> None:
    case = case_of_death()

    refused = case.refusal(cmd.ConfirmClosing(done=(Closing.AIDS_RETURNED,)), ALICE)

    assert [f.rule for f in refused.fields] == [
        "missing:units_informed",
        "missing:visits_cancelled",
    ]


def test_every_unit_that_takes_part_is_told_of_a_death_once() -> None:
    case = Case()
    case.send()

    events = case.do(cmd.RecordDeath(at=case.now), ALICE)

    told = [(n.unit, n.kind) for n in notices(events, case.state) if n.channel == "inbox"]
    assert told == [(BOB, NoticeKind.PATIENT_DECEASED)]
