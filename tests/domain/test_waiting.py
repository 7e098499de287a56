"""Who waits, for what, on whom, and why; as facts that any past date can be asked of."""

from datetime import timedelta

from domain import command as cmd
from domain.content import CloseReason
from domain.delay import Delay, DelayReason, Pause
from domain.handover import DeclineReason
from domain.pathway import Purpose
from domain.profession import Profession
from domain.record import changes
from domain.waiting import Wait, WaitKind, waits
from tests import samples
from tests.samples import ALICE, BOB, Case

SHORT_OF_STAFF = Delay(reason=DelayReason.NO_CAPACITY, profession=Profession.LOG)


def wait_for(case: Case, kind: WaitKind = WaitKind.ANSWER) -> Wait:
    """The one wait of a kind."""
    (found,) = (w for w in waits(case.state).values() if w.kind is kind)
    return found


def in_need() -> Case:
    """A journey with assessed need, and no visit yet."""
    case = Case()
    case.complete("assessment")
    case.complete("plan")
    return case


def test_an_unanswered_handover_is_waited_for_at_its_receiver() -> None:
    case = Case()
    case.send()

    found = wait_for(case)

    assert (found.subject, found.unit, found.since, found.why) == ("h-1", BOB, case.now, "not_read")


def test_a_question_is_waited_for_at_the_sender_since_the_sending() -> None:
    case = Case()
    case.send()
    sent = case.now
    case.wait(timedelta(hours=3))

    case.do(cmd.Ask(handover_id="h-1", question="Finns hiss?"), BOB)

    found = wait_for(case)
    assert (found.unit, found.since, found.why) == (ALICE, sent, "question_open")


def test_nobody_waits_for_what_is_only_to_be_read() -> None:
    case = Case()

    case.send(purpose=Purpose.INFORM)

    assert waits(case.state) == {}


def test_a_pre_notice_is_no_wait_and_a_no_ends_one() -> None:
    case = Case()
    case.send()

    case.do(cmd.Decline(handover_id="h-1", reason=DeclineReason.NO_CAPACITY), BOB)

    assert waits(case.state) == {}


def test_a_first_contact_is_waited_for_from_the_take_over() -> None:
    case = Case()
    case.send()
    case.accept()

    found = wait_for(case, WaitKind.FIRST_CONTACT)
    case.do(cmd.ReportFirstContact(handover_id="h-1", at=case.now), BOB)

    assert (found.unit, found.why) == (BOB, "not_met")
    assert waits(case.state) == {}


def test_an_intervention_is_waited_for_from_the_need_to_the_first_visit() -> None:
    case = in_need()
    case.do(cmd.SkipStep(step="handover_rehab", reason="Stannar hos oss."), ALICE)

    found = wait_for(case, WaitKind.INTERVENTION)
    case.do(cmd.RecordVisit(step="intervention", visit=samples.visit(case.now)), ALICE)

    assert (found.unit, found.why) == (ALICE, "not_begun")
    assert waits(case.state) == {}


def test_a_delay_says_why() -> None:
    case = Case()
    case.send()

    case.do(cmd.RecordDelay(subject="h-1", delay=SHORT_OF_STAFF), BOB)

    assert wait_for(case).why == "no_capacity"


def test_the_patients_own_choice_comes_before_every_other_reason() -> None:
    case = Case()
    case.send()
    case.do(cmd.RecordDelay(subject="h-1", delay=SHORT_OF_STAFF), BOB)

    case.do(cmd.BeginWaiting(why=Pause.PATIENT_CHOICE, since=case.now), ALICE)

    assert wait_for(case).why == "patient_choice"
    case.do(cmd.EndWaiting(at=case.now), ALICE)
    assert wait_for(case).why == "no_capacity"


def test_one_waiting_at_a_time_with_an_end_after_its_beginning() -> None:
    case = Case()
    case.do(cmd.BeginWaiting(why=Pause.MEDICAL, since=case.now), ALICE)
    twice = cmd.BeginWaiting(why=Pause.MEDICAL, since=case.now)
    early = cmd.EndWaiting(at=case.now - timedelta(hours=1))

    codes = [case.refusal(command, ALICE).code for command in (twice, early)]

    assert codes == ["already_waiting", "content_invalid"]


def test_what_is_on_hold_waits_for_the_hospital() -> None:
    case = Case()
    case.send()

    case.do(cmd.RecordAdmission(at=case.now), ALICE)

    assert wait_for(case).why == "admitted"


def test_a_wait_whose_reason_changes_ends_and_begins() -> None:
    case = Case()
    case.send()
    before = case.state

    case.do(cmd.Acknowledge(handover_id="h-1"), BOB)

    found = changes(before, case.state, case.now).waits
    assert [(w.began, w.wait.why) for w in found] == [
        (False, "not_read"),
        (True, "read_not_answered"),
    ]


def test_nobody_waits_in_a_closed_journey() -> None:
    case = in_need()

    case.do(cmd.Close(reason=CloseReason.OTHER_PLAN), ALICE)

    assert waits(case.state) == {}
