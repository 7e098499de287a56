"""Promise 2: who leaves in need, and is not taken over, is an alarm; and nobody else is called."""

from datetime import timedelta

from domain import command as cmd
from domain import event as ev
from domain.clock import ClockKind
from domain.content import CloseReason, NewPeriod
from domain.event import Event
from domain.handover import DeclineReason, Now, WithdrawReason
from domain.notice import NoticeKind, notices
from tests import samples
from tests.samples import ALICE, BOB, BOBS_TEAM, Case, things


def left(case: Case, hours: int = 0) -> tuple[Event, ...]:
    """The patient has left Alice's ward, some hours ago."""
    at = case.now - timedelta(hours=hours)
    return case.do(cmd.RecordDeparture(at=at, to="Hemmet"), ALICE)


def in_need() -> Case:
    """A journey with assessed need and a plan."""
    case = Case()
    case.complete("assessment")
    case.complete("plan")
    return case


def test_a_need_that_is_written_down_after_the_departure_rings_at_once() -> None:
    case = Case()
    left(case, hours=2)

    events = case.complete("assessment")

    rung = {r.clock_id for r in things(events, ev.RungFired) if r.alarm}
    assert rung == {"alarm:coordination", "alarm:rehab"}


def test_a_new_period_silences_what_rang() -> None:
    case = Case(key="generic-rehab")
    for step in ("assessment", "plan", "intervention"):
        case.complete(step)
    case.do(cmd.SkipStep(step="handover", reason="Stannar hos oss"), ALICE)
    left(case)

    again = cmd.CompleteStep(step="follow_up", content=samples.follow_up(NewPeriod()))
    case.do(again, ALICE)

    assert case.clock(ClockKind.ALARM, "rehab").stopped_at is not None


def test_leaving_again_is_an_alarm_again() -> None:
    case = in_need()
    left(case)
    case.wait(timedelta(days=3))

    events = left(case)

    first = [r for r in things(events, ev.RungFired) if r.number == 0]
    assert {r.clock_id for r in first} == {"alarm:coordination", "alarm:rehab"}


def test_the_same_departure_twice_is_refused() -> None:
    case = in_need()
    left(case)

    refusal = case.refusal(cmd.RecordDeparture(at=case.now, to="Hemmet"), ALICE)

    assert refusal.code == "already_left"


def test_a_receiver_that_is_out_of_it_is_not_called_any_more() -> None:
    for out_of_it, by in (
        (cmd.Decline(handover_id="h-1", reason=DeclineReason.WRONG_UNIT), BOB),
        (cmd.Withdraw(handover_id="h-1", reason=WithdrawReason.WRONG_PATIENT), ALICE),
    ):
        case = in_need()
        case.send()
        left(case)
        assert case.clock(ClockKind.ALARM, "rehab").counterpart == BOB

        case.do(out_of_it, by)

        assert case.clock(ClockKind.ALARM, "rehab").counterpart == ALICE


def test_a_part_that_goes_on_releases_who_held_it_from_first_contact() -> None:
    case = in_need()
    case.send()
    case.accept()

    case.send(BOBS_TEAM, by=BOB, handover_id="h-2")
    case.do(cmd.Accept(handover_id="h-2", takes_over=Now()), BOBS_TEAM)

    assert not case.handover("h-1").open
    assert case.clock(ClockKind.FIRST_CONTACT, "h-1").stopped_at is not None
    assert case.clock(ClockKind.FIRST_CONTACT, "h-2").running


def test_who_holds_a_part_is_told_that_the_journey_is_closed() -> None:
    case = in_need()
    case.send()
    case.accept()

    events = case.do(cmd.Close(reason=CloseReason.MOVED), ALICE)

    told = [(n.kind, n.unit) for n in notices(events, case.state)]
    assert (NoticeKind.JOURNEY_CLOSED, BOB) in told
    assert not [h for h in case.state.handovers.values() if h.open]


def test_a_newer_calendar_moves_no_clock_that_runs() -> None:
    case = in_need()
    case.send()
    clock = case.clock(ClockKind.ACCEPTED, "h-1")
    newer = samples.calendar("2026-2")
    newer = newer.model_copy(update={"days_off": (*newer.days_off, clock.due_at.date())})
    ask = cmd.Ask(handover_id="h-1", question="Vilken dag?")

    case.do(ask, BOB, calendar=newer, calendar_version=newer.version)
    case.do(cmd.Answer(handover_id="h-1", answer="Fredag."), ALICE, calendar_version=newer.version)

    assert case.state.calendar == newer
    assert case.clock(ClockKind.ACCEPTED, "h-1").due_at == clock.due_at
