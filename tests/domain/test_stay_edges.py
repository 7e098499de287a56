"""Hospital stays where something changes under way: nobody is forgotten, and nobody pays for it."""

from datetime import timedelta
from uuid import uuid4

from domain import command as cmd
from domain import event as ev
from domain.call import PaperAnswer
from domain.clock import ClockKind
from domain.content import CloseReason
from domain.facts import Protection
from domain.handover import Now
from domain.liability import Basis, Liability, WhyNot, liability
from domain.meeting import MeetingKind, Summons
from domain.stay import Effort, RegionCare
from tests.domain.test_stay import (
    BOTH,
    DAY,
    HOME_HELP,
    HOUR,
    admitted,
    begun,
    clock,
    left,
    notice,
    ready,
    running,
    stay,
    told,
)
from tests.samples import ALICE, BOB, HEALTH_CENTRE, Case, local, things, unit

SALA = "SE0000000000-TESTK1981REH"


def ledger(case: Case) -> Liability:
    """What the municipality owes now."""
    state = case.state
    basis = Basis(stay(case), state.sip, state.municipality, state.rules, state.calendar)
    return liability(basis, case.now)


def sip_meeting(case: Case, *, place: str | None = None) -> str:
    """A call to the planning."""
    meeting = str(uuid4())
    summons = Summons(
        kind=MeetingKind.SIP,
        starts_at=case.now + 90 * DAY,
        minutes=60,
        mode="in_person",
        place=place,
        units=(BOB,),
    )
    case.do(cmd.CallMeeting(meeting_id=meeting, summons=summons, units=(unit(BOB),)), ALICE)
    return meeting


def rungs(case: Case, kind: ClockKind) -> list[str]:
    fired = things(tuple(case.log), ev.RungFired)
    return [r.rung for r in fired if r.clock_id == f"{kind}:stay.1"]


class TestJudgedAnew:
    def test_who_is_needed_after_all_is_told_within_24_hours_and_pays_only_then(self) -> None:
        case = admitted((Effort.REGION_OPEN_CARE,))
        case.do(notice(case, HEALTH_CENTRE), ALICE)
        case.wait(DAY)

        case.do(cmd.JudgeAftercare(at=case.now, efforts=HOME_HELP), ALICE)
        case.do(cmd.RecordReady(at=case.now), ALICE)

        assert clock(case, ClockKind.ADMISSION_NOTICE).due_at == case.now + DAY
        assert WhyNot.ADMISSION_NOTICE_MISSING in ledger(case).reasons
        assert ClockKind.PAYMENT not in running(case)
        case.do(notice(case, BOB), ALICE)
        assert clock(case, ClockKind.PAYMENT).owner == BOB

    def test_a_second_notice_with_another_estimate_tells_those_told_before(self) -> None:
        case = told(HOME_HELP)

        events = case.do(notice(case, HEALTH_CENTRE, estimated_at=case.now + DAY), ALICE)

        assert [e.estimated_at for e in things(events, ev.DischargeEstimated)] == [case.now + DAY]


class TestMove:
    def test_the_new_municipality_has_to_be_told_before_it_pays(self) -> None:
        case = ready(HOME_HELP)
        assert clock(case, ClockKind.PAYMENT).owner == BOB

        case.do(cmd.RecordMove(at=case.now, municipality="1981"), ALICE)

        assert ClockKind.PAYMENT not in running(case)
        assert ledger(case).reasons == (WhyNot.ADMISSION_NOTICE_MISSING,)
        assert ClockKind.ADMISSION_NOTICE in running(case)
        case.do(notice(case, SALA), ALICE)
        assert clock(case, ClockKind.PAYMENT).owner == SALA


class TestSummons:
    def needing(self) -> Case:
        """A SIP is needed and consented to, and called before the stay."""
        case = begun("2026-10-05T09:00")
        case.do(cmd.DecideSip(needed=True, reason="Båda behövs."), ALICE)
        case.do(cmd.RecordSipConsent(at=case.now, given=True), ALICE)
        return case

    def test_a_place_that_is_hidden_is_no_call(self) -> None:
        case = self.needing()
        sip_meeting(case, place="Rum 3")
        case.do(cmd.RecordAdmission(at=case.now, efforts=BOTH), ALICE)
        case.do(notice(case), ALICE)
        case.do(cmd.RecordReady(at=case.now), ALICE)
        assert ledger(case).reasons == (WhyNot.SIP_NOT_CALLED,)

        protected = cmd.ChangeProtection(at=case.now, protection=Protection.SECRECY_MARKING)
        case.do(protected, ALICE)

        assert ledger(case).reasons == (WhyNot.SIP_NOT_CALLED,)
        assert ClockKind.SIP_SUMMONS in running(case)

    def test_a_call_that_is_taken_back_is_owed_again(self) -> None:
        case = self.needing()
        case.do(cmd.RecordAdmission(at=case.now, efforts=BOTH), ALICE)
        case.do(notice(case), ALICE)
        case.do(cmd.RecordReady(at=case.now), ALICE)
        meeting = sip_meeting(case)
        assert ledger(case).status == "counting"

        case.do(cmd.CancelMeeting(meeting_id=meeting, reason="Förhinder"), ALICE)

        assert ledger(case).reasons == (WhyNot.SIP_NOT_CALLED,)
        assert ClockKind.SIP_SUMMONS in running(case)
        assert ClockKind.PAYMENT not in running(case)

    def test_a_no_to_a_sip_that_is_closed_says_nothing_of_a_later_stay(self) -> None:
        case = begun("2026-10-05T09:00")
        case.do(cmd.DecideSip(needed=True, reason="Båda behövs."), ALICE)
        case.do(cmd.RecordSipConsent(at=case.now, given=False), ALICE)
        case.do(cmd.CloseSip(reason="Patienten vill inte."), ALICE)
        case.wait(60 * DAY)

        case.do(cmd.RecordAdmission(at=case.now, efforts=BOTH), ALICE)
        case.do(notice(case), ALICE)
        case.do(cmd.RecordReady(at=case.now), ALICE)

        assert ledger(case).reasons == (WhyNot.SIP_NOT_CALLED,)
        assert ClockKind.SIP_SUMMONS in running(case)


class TestRungs:
    def test_a_new_estimate_tells_nothing_twice(self) -> None:
        case = told()
        case.wait(3 * DAY)
        before = rungs(case, ClockKind.CARE_CONTACT)

        for _ in range(3):
            later = cmd.EstimateDischarge(estimated_at=stay(case).estimated_at or case.now)
            case.do(later, ALICE)

        assert before == ["half"]
        assert rungs(case, ClockKind.CARE_CONTACT) == before

    def test_care_that_comes_and_goes_tells_the_municipality_once(self) -> None:
        case = ready(HOME_HELP)
        case.wait(40 * HOUR)
        before = rungs(case, ClockKind.PAYMENT)

        for _ in range(3):
            missing = cmd.StateRegionCare(region_care=RegionCare.MISSING, reason="Ingen tid")
            case.do(missing, ALICE)
            case.do(cmd.StateRegionCare(region_care=RegionCare.AVAILABLE), ALICE)

        assert rungs(case, ClockKind.PAYMENT) == before == ["at_once", "half"]

    def test_a_discharge_tells_at_once_that_there_is_no_care_contact(self) -> None:
        case = told()
        case.wait(HOUR)

        left(case)

        assert rungs(case, ClockKind.CARE_CONTACT) == ["half", "four_fifths", "due"]


class TestReady:
    def held(self) -> Case:
        """A handover waits while the patient is in hospital."""
        case = begun("2026-10-05T09:00")
        case.send()
        case.do(cmd.RecordAdmission(at=case.now, efforts=HOME_HELP), ALICE)
        case.do(notice(case, BOB), ALICE)
        return case

    def test_said_again_it_moves_no_choice_and_taken_back_the_choice_waits(self) -> None:
        case = self.held()
        waiting = case.clock(ClockKind.HOLD, "h-1").due_at
        case.do(cmd.RecordReady(at=case.now), ALICE)
        due = case.clock(ClockKind.HOLD, "h-1").due_at
        case.wait(6 * HOUR)

        case.do(cmd.RecordReady(at=case.now), ALICE)

        assert case.clock(ClockKind.HOLD, "h-1").due_at == due < waiting
        case.do(cmd.WithdrawReady(at=case.now, reason="Feber"), ALICE)
        assert case.clock(ClockKind.HOLD, "h-1").due_at >= waiting

    def test_it_counts_from_when_it_is_sent_unless_a_person_told_before(self) -> None:
        case, by_hand = told(HOME_HELP), told(HOME_HELP)
        earlier = case.now
        for one in (case, by_hand):
            one.wait(2 * DAY)

        case.do(cmd.RecordReady(at=earlier), ALICE)
        by_hand.do(cmd.RecordReady(at=earlier, told_by_hand=True), ALICE)

        assert [n.sent_at for n in stay(case).ready] == [case.now]
        assert [n.sent_at for n in stay(by_hand).ready] == [earlier]

    def test_notices_that_come_and_go_have_a_limit(self) -> None:
        case = told(HOME_HELP)
        for _ in range(30):
            case.do(cmd.RecordReady(at=case.now), ALICE)
            case.do(cmd.WithdrawReady(at=case.now, reason="Feber"), ALICE)

        assert case.refusal(cmd.RecordReady(at=case.now), ALICE).code == "journey_full"


class TestWard:
    def test_who_only_hears_of_it_is_no_ward_and_the_ward_takes_over(self) -> None:
        case = begun("2026-10-05T09:00")
        case.send()
        case.accept()
        case.do(cmd.RecordAdmission(at=case.now), BOB)
        judged = cmd.RecordAdmission(at=case.now, efforts=HOME_HELP)
        assert case.refusal(judged, BOB).code == "not_the_ward"

        case.do(judged, ALICE)

        assert (stay(case).unit, stay(case).number) == (ALICE, 2)
        assert case.refusal(judged, ALICE).code == "already_admitted"

    def test_the_ward_alone_says_that_the_patient_is_ready(self) -> None:
        case = begun("2026-10-05T09:00")
        case.send()
        case.accept()
        case.do(cmd.RecordAdmission(at=case.now, efforts=HOME_HELP), ALICE)

        assert case.refusal(cmd.RecordReady(at=case.now), BOB).code == "not_the_ward"


class TestLateEntry:
    def test_what_was_done_in_time_is_in_time(self) -> None:
        case = left(ready())
        at = case.now + timedelta(minutes=5)
        case.wait(2 * DAY)

        case.do(cmd.GiveInformation(at=at, to="units"), ALICE)

        given = case.state.clocks["discharge_information:stay.1"]
        assert given.stopped_at == at
        assert at < given.due_at


class TestClosing:
    def test_a_journey_is_not_closed_while_units_wait_for_the_end_of_a_stay(self) -> None:
        case = told()
        close = cmd.Close(reason=CloseReason.GOALS_MET)

        assert case.refusal(close, ALICE).code == "stay_open"

        left(case)
        case.do(close, ALICE)
        assert not case.state.open


def test_paper_is_no_older_than_the_redirect() -> None:
    case = begun("2026-10-05T09:00")
    case.send()
    case.wait(30 * HOUR)
    team = "SE0000000000-TESTK1980IHR"
    case.do(cmd.Redirect(handover_id="h-1", to=unit(team), reason="Fel team"), BOB)
    case.wait(2 * DAY)
    early = PaperAnswer(function="Samordnare", at=local("2026-10-05T10:00"))
    no = case.refusal(cmd.Accept(handover_id="h-1", takes_over=Now(), paper=early), team)

    assert no.code == "paper_before_sending"
