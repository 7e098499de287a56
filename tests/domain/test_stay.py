"""The hospital stay after lag (2017:612): each message, each no, and the clocks that follow."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain import command as cmd
from domain import event as ev
from domain.clock import Clock, ClockKind, RuleName
from domain.content import Figures, Initiator, Referral
from domain.decide import decide
from domain.facts import Protection
from domain.journey import Actor, Journey, Role
from domain.notice import notices
from domain.refusal import Refusal
from domain.rulebook import CareForm
from domain.stay import Effort, Episode, Given, RegionCare
from domain.stay_view import Around, stay_view
from tests import samples
from tests.samples import (
    ALICE,
    BOB,
    BOBS_HOME_HELP,
    CHARLIE,
    EXPIRED,
    HEALTH_CENTRE,
    UNCONNECTED,
    Case,
    envelope,
    local,
    unit,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOME_HELP = (Effort.SOCIAL_SERVICES,)
BOTH = (Effort.SOCIAL_SERVICES, Effort.MUNICIPAL_HEALTH_CARE)
CONTACT = cmd.NameCareContact(function="Sjuksköterska", phone="021-12345")


def begun(now: str = "2026-10-05T23:30") -> Case:
    """A journey of a patient in Västerås."""
    figures = Figures(municipality="1980")
    referral = Referral(reason="Stroke.", initiator=Initiator.HOSPITAL, figures=figures)
    return Case.of(samples.start(referral=referral), ALICE, local(now))


def admitted(
    efforts: tuple[Effort, ...] = BOTH,
    form: CareForm = CareForm.SOMATIC,
    now: str = "2026-10-05T23:30",
) -> Case:
    case = begun(now)
    case.do(cmd.RecordAdmission(at=case.now, form=form, efforts=efforts), ALICE)
    return case


def notice(case: Case, *to: str, **change: Any) -> cmd.SendAdmissionNotice:
    units = tuple(unit(u) for u in to or (BOB, HEALTH_CENTRE))
    given: dict[str, Any] = {"to": units, "estimated_at": case.now + 5 * DAY}
    return cmd.SendAdmissionNotice(**given | change)


def told(efforts: tuple[Effort, ...] = BOTH, form: CareForm = CareForm.SOMATIC) -> Case:
    case = admitted(efforts, form)
    case.do(notice(case), ALICE)
    return case


def ready(efforts: tuple[Effort, ...] = BOTH, form: CareForm = CareForm.SOMATIC) -> Case:
    case = told(efforts, form)
    case.do(cmd.RecordReady(at=case.now), ALICE)
    return case


def left(case: Case) -> Case:
    case.do(cmd.RecordDeparture(at=case.now, to="hemmet"), ALICE)
    return case


def stay(case: Case) -> Episode:
    found = case.state.stay
    assert found is not None
    return found


def running(case: Case, number: int = 1) -> set[ClockKind]:
    return {c.kind for c in case.state.running() if c.subject == f"stay.{number}"}


def clock(case: Case, kind: ClockKind, number: int = 1) -> Clock:
    return case.clock(kind, f"stay.{number}")


class TestNotice:
    """2 kap. 1-4 §: to whom, within 24 hours, and what moves with the estimate."""

    def test_it_is_due_24_hours_after_the_admission(self) -> None:
        case = admitted()

        due = clock(case, ClockKind.ADMISSION_NOTICE).due_at

        assert due == local("2026-10-06T23:30")
        assert running(case) == {ClockKind.ADMISSION_NOTICE}

    def test_it_is_due_24_hours_after_a_later_judgement(self) -> None:
        case = admitted(efforts=())
        case.wait(30 * HOUR)
        assert running(case) == set()

        case.do(cmd.JudgeAftercare(at=case.now - HOUR, efforts=HOME_HELP), ALICE)

        assert clock(case, ClockKind.ADMISSION_NOTICE).due_at == case.now + 23 * HOUR

    def test_what_is_judged_anew_does_not_begin_the_time_anew(self) -> None:
        case = admitted(HOME_HELP)
        case.wait(20 * HOUR)

        case.do(cmd.JudgeAftercare(at=case.now, efforts=BOTH), ALICE)

        assert clock(case, ClockKind.ADMISSION_NOTICE).due_at == local("2026-10-06T23:30")
        assert stay(case).judged_at == local("2026-10-05T23:30")

    def test_what_is_written_down_late_tells_at_once_and_says_why(self) -> None:
        case = begun("2026-10-08T10:00")

        case.do(cmd.RecordAdmission(at=case.now - 30 * HOUR, efforts=BOTH), ALICE)

        fired = case.happened(ev.RungFired)
        assert [f.rung for f in fired] == ["half", "four_fifths", "due"]
        assert {f.cause for f in fired} == {"late_recorded"}
        assert fired[-1].due_at == case.now - 6 * HOUR

    def test_sent_it_stops_the_clock_and_the_units_are_known(self) -> None:
        case = told()

        assert clock(case, ClockKind.ADMISSION_NOTICE).stopped_at
        assert stay(case).notified == (BOB, HEALTH_CENTRE)
        assert {BOB, HEALTH_CENTRE} <= set(case.state.units)
        assert running(case) == {ClockKind.ESTIMATE, ClockKind.CARE_CONTACT}
        contact = clock(case, ClockKind.CARE_CONTACT)
        assert (contact.owner, contact.due_at) == (HEALTH_CENTRE, case.now + 5 * DAY)

    def test_sent_again_it_reaches_who_was_forgotten_and_the_first_one_counts(self) -> None:
        case = told()
        first = stay(case).notice_at
        case.wait(HOUR)

        events = case.do(notice(case, BOBS_HOME_HELP), ALICE)

        assert stay(case).notified == (BOB, HEALTH_CENTRE, BOBS_HOME_HELP)
        assert stay(case).notice_at == first
        heard = [n.unit for n in notices(events, case.state) if n.kind == "admission_notice"]
        assert set(heard) == {BOBS_HOME_HELP}

    def test_a_new_estimate_moves_what_is_due_before_the_discharge(self) -> None:
        case = told()

        case.do(cmd.EstimateDischarge(estimated_at=case.now + 9 * DAY), ALICE)

        assert clock(case, ClockKind.CARE_CONTACT).due_at == case.now + 9 * DAY
        assert clock(case, ClockKind.ESTIMATE).due_at == case.now + 9 * DAY

    @pytest.mark.parametrize(
        ("efforts", "to", "rule"),
        [
            (HOME_HELP, HEALTH_CENTRE, "municipality_missing"),
            (BOTH, BOB, "region_open_care_missing"),
            ((Effort.REGION_OPEN_CARE,), BOB, "region_open_care_missing"),
            (HOME_HELP, ALICE, "municipality_missing"),
        ],
    )
    def test_everybody_who_will_be_needed_is_told(
        self, efforts: tuple[Effort, ...], to: str, rule: str
    ) -> None:
        case = admitted(efforts)

        refusal = case.refusal(notice(case, to), ALICE)

        assert (refusal.code, refusal.fields[0].rule) == ("content_invalid", rule)

    @pytest.mark.parametrize("to", [ALICE, EXPIRED])
    def test_some_units_cannot_be_told(self, to: str) -> None:
        case = admitted()

        refusal = case.refusal(notice(case, BOB, HEALTH_CENTRE, to), ALICE)

        assert [f.rule for f in refusal.fields] == ["cannot_receive"]

    def test_whom_no_notice_reaches_is_told_by_hand(self) -> None:
        case = admitted(HOME_HELP)
        silent = unit(UNCONNECTED, municipality="1980")
        phone = tuple(c.model_copy(update={"mail": None}) for c in silent.contacts)
        silent = silent.model_copy(update={"contacts": phone})

        refusal = case.refusal(notice(case, to=(silent,)), ALICE)
        case.do(notice(case, to=(silent,), by_hand=True), ALICE)

        assert [f.rule for f in refusal.fields] == ["nobody_to_tell"]
        assert stay(case).notified == (UNCONNECTED,)

    def test_of_a_protected_patient_they_are_told_by_hand(self) -> None:
        case = admitted()
        protected = Protection.PROTECTED_REGISTRATION
        case.do(cmd.ChangeProtection(at=case.now, protection=protected), ALICE)

        refusal = case.refusal(notice(case), ALICE)
        events = case.do(notice(case, by_hand=True), ALICE)

        assert refusal.code == "notice_by_hand"
        assert not [n for n in notices(events, case.state) if n.kind == "admission_notice"]


class TestRefusals:
    """Who may say what, and when."""

    @pytest.mark.parametrize(
        ("command", "code"),
        [
            (lambda c: cmd.JudgeAftercare(at=c.now, efforts=BOTH), "not_admitted"),
            (notice, "not_admitted"),
            (lambda c: cmd.EstimateDischarge(estimated_at=c.now + DAY), "not_admitted"),
            (lambda c: cmd.WithdrawReady(at=c.now, reason="Feber"), "not_admitted"),
            (lambda c: cmd.RecordReady(at=c.now), "not_admitted"),
            (lambda c: cmd.GiveInformation(at=c.now, to="units"), "not_admitted"),
            (lambda c: cmd.StartPlanning(), "not_admitted"),
            (lambda c: CONTACT, "not_admitted"),
            (lambda c: cmd.StateRegionCare(region_care=RegionCare.AVAILABLE), "not_admitted"),
        ],
    )
    def test_without_a_stay_nothing_is_said_of_it(self, command: Any, code: str) -> None:
        case = begun()

        assert case.refusal(command(case), ALICE).code == code

    @pytest.mark.parametrize(
        ("command", "code"),
        [
            (lambda c: cmd.JudgeAftercare(at=c.now + HOUR, efforts=HOME_HELP), "instant_in_future"),
            (lambda c: cmd.JudgeAftercare(at=c.now, efforts=BOTH), "aftercare_already_judged"),
            (lambda c: cmd.EstimateDischarge(estimated_at=c.now), "instant_in_past"),
            (lambda c: cmd.EstimateDischarge(estimated_at=c.now + 400 * DAY), "instant_too_far"),
            (lambda c: cmd.WithdrawReady(at=c.now - HOUR, reason="Feber"), "not_ready"),
            (lambda c: cmd.WithdrawReady(at=c.now + HOUR, reason="Feber"), "instant_in_future"),
            (lambda c: cmd.RecordReady(at=c.now - DAY), "before_admission"),
            (lambda c: cmd.GiveInformation(at=c.now + HOUR, to="units"), "instant_in_future"),
            (lambda c: cmd.GiveInformation(at=c.now - DAY, to="units"), "before_admission"),
            (lambda c: cmd.StateRegionCare(region_care=RegionCare.MISSING), "reason_missing"),
            (lambda c: cmd.StartPlanning(), "not_notified"),
            (lambda c: cmd.StartPlanning(stay=2), "stay_followed"),
            (lambda c: CONTACT, "not_notified"),
        ],
    )
    def test_the_ward_is_told_why_not(self, command: Any, code: str) -> None:
        case = ready()

        assert case.refusal(command(case), ALICE).code == code

    @pytest.mark.parametrize("by", [BOB, CHARLIE])
    def test_the_wards_words_are_the_wards_alone(self, by: str) -> None:
        case = ready()
        commands: list[cmd.Command] = [
            cmd.JudgeAftercare(at=case.now, efforts=HOME_HELP),
            notice(case),
            cmd.EstimateDischarge(estimated_at=case.now + DAY),
            cmd.WithdrawReady(at=case.now, reason="Feber"),
            cmd.GiveInformation(at=case.now, to="patient"),
        ]

        assert {case.refusal(c, by).code for c in commands} == {"not_the_ward"}

    def test_nothing_is_estimated_before_the_notice_nor_sent_before_the_judgement(self) -> None:
        case = admitted(efforts=())
        estimate = cmd.EstimateDischarge(estimated_at=case.now + DAY)

        assert case.refusal(notice(case), ALICE).code == "aftercare_not_judged"
        assert case.refusal(estimate, ALICE).code == "notice_missing"

    def test_only_the_regions_open_care_names_the_contact(self) -> None:
        case = told()

        assert case.refusal(CONTACT, BOB).code == "not_region_open_care"
        assert case.refusal(CONTACT, CHARLIE).code == "not_notified"

    def test_who_plans_already_does_not_begin_again(self) -> None:
        case = told()
        case.do(cmd.StartPlanning(), BOB)

        assert case.refusal(cmd.StartPlanning(), BOB).code == "already_planning"
        assert [p.unit for p in stay(case).planning] == [BOB]

    def test_a_notice_of_readiness_follows_the_withdrawal_of_the_one_before(self) -> None:
        case = ready()
        case.wait(2 * HOUR)
        case.do(cmd.WithdrawReady(at=case.now, reason="Feber"), ALICE)

        refusal = case.refusal(cmd.RecordReady(at=case.now - HOUR), ALICE)

        assert (refusal.code, refusal.fields[0].rule) == ("not_ready", "before_withdrawal")


class TestContact:
    """2 kap. 5 §: named before the discharge."""

    def test_named_it_stops_the_clock_and_everybody_is_told(self) -> None:
        case = told()

        events = case.do(CONTACT, HEALTH_CENTRE)

        contact = stay(case).care_contact
        assert contact is not None and contact.unit == HEALTH_CENTRE
        assert ClockKind.CARE_CONTACT not in running(case)
        heard = {n.unit for n in notices(events, case.state) if n.kind == "care_contact_named"}
        assert heard == {ALICE, BOB}

    def test_not_named_it_is_late_when_the_patient_leaves(self) -> None:
        case = left(told())

        assert clock(case, ClockKind.CARE_CONTACT).due_at == case.now


class TestReady:
    """3 kap. 1 §, 4 kap. and 5 kap.: what counts from the notice."""

    def test_the_summons_is_due_at_the_end_of_the_third_day(self) -> None:
        case = ready()

        summons = clock(case, ClockKind.SIP_SUMMONS)

        assert summons.due_at == local("2026-10-09T00:00")
        assert summons.owner == HEALTH_CENTRE

    def test_it_is_the_contacts_to_call(self) -> None:
        case = told()
        case.do(CONTACT, HEALTH_CENTRE)
        case.do(cmd.RecordReady(at=case.now), ALICE)

        assert clock(case, ClockKind.SIP_SUMMONS).owner == HEALTH_CENTRE

    @pytest.mark.parametrize(
        ("at", "starts"),
        [
            ("2026-12-07T11:59:59", "2026-12-10T00:00"),
            ("2026-12-07T12:00:00", "2026-12-10T00:00"),
            ("2026-12-07T12:00:01", "2026-12-11T00:00"),
            ("2026-12-23T15:00:00", "2026-12-27T00:00"),
        ],
    )
    def test_the_municipality_hears_of_the_day(self, at: str, starts: str) -> None:
        case = admitted(HOME_HELP, now="2026-12-05T08:00")
        estimated = local("2027-01-10T08:00")
        case.do(notice(case, BOB, estimated_at=estimated), ALICE)
        case.wait_until(local(at))

        case.do(cmd.RecordReady(at=case.now), ALICE)

        paying = clock(case, ClockKind.PAYMENT)
        assert (paying.owner, paying.due_at) == (BOB, local(starts))

    def test_it_hears_nothing_while_a_condition_of_the_act_is_missing(self) -> None:
        case = admitted(HOME_HELP)
        case.do(cmd.RecordReady(at=case.now), ALICE)
        unsent = running(case)
        case.do(notice(case, BOB), ALICE)
        sent = running(case)
        unclear = cmd.StateRegionCare(region_care=RegionCare.UNCLEAR, reason="?")
        case.do(unclear, BOB)
        stopped = running(case)
        case.do(cmd.StateRegionCare(region_care=RegionCare.AVAILABLE), ALICE)

        assert ClockKind.PAYMENT not in unsent
        assert ClockKind.PAYMENT in sent and ClockKind.PAYMENT in running(case)
        assert ClockKind.PAYMENT not in stopped

    def test_a_judgement_after_the_notice_counts_from_the_notice(self) -> None:
        case = admitted((Effort.REGION_OPEN_CARE,))
        case.do(notice(case, HEALTH_CENTRE, BOB), ALICE)
        case.do(cmd.RecordReady(at=case.now), ALICE)
        before = running(case)

        case.do(cmd.JudgeAftercare(at=case.now, efforts=HOME_HELP), ALICE)

        assert ClockKind.PAYMENT not in before
        assert ClockKind.PAYMENT in running(case)

    def test_taken_back_it_stops_what_counted_and_a_new_one_counts_anew(self) -> None:
        case = ready(HOME_HELP)
        case.wait(2 * DAY)
        case.do(cmd.WithdrawReady(at=case.now, reason="Feber"), ALICE)
        between = running(case)
        case.wait(DAY)

        case.do(cmd.RecordReady(at=case.now), ALICE)

        assert ClockKind.PAYMENT not in between
        assert clock(case, ClockKind.PAYMENT).due_at == local("2026-10-12T00:00")
        assert [bool(n.withdrawn_at) for n in stay(case).ready] == [True, False]

    def test_said_twice_it_counts_from_the_first(self) -> None:
        case = ready(HOME_HELP)
        due = clock(case, ClockKind.PAYMENT).due_at
        case.wait(DAY)

        case.do(cmd.RecordReady(at=case.now), ALICE)

        assert (clock(case, ClockKind.PAYMENT).due_at, len(stay(case).ready)) == (due, 1)

    def test_who_says_no_to_a_sip_is_not_called_to_one(self) -> None:
        case = ready()
        case.do(cmd.DecideSip(needed=True, reason="Båda behövs."), ALICE)

        case.do(cmd.RecordSipConsent(given=False, at=case.now), ALICE)

        assert ClockKind.SIP_SUMMONS not in running(case)
        assert ClockKind.PAYMENT in running(case)

    def test_before_open_compulsory_care_no_sip_is_owed(self) -> None:
        case = ready(form=CareForm.COMPULSORY)

        assert running(case) >= {ClockKind.PAYMENT}
        assert ClockKind.SIP_SUMMONS not in running(case)

    def test_psychiatric_care_goes_by_the_general_rule_since_2019(self) -> None:
        case = ready(HOME_HELP, CareForm.PSYCHIATRIC)

        assert clock(case, ClockKind.PAYMENT).rule == RuleName(key="payment_start", version=1)


class TestEnd:
    """3 kap. 2-3 §: the information of the day; and what falls away."""

    def test_the_information_is_due_before_midnight(self) -> None:
        case = ready(HOME_HELP)
        case.wait_until(local("2026-10-08T14:00"))

        left(case)

        wanted = {ClockKind.DISCHARGE_INFORMATION, ClockKind.PATIENT_SUMMARY}
        assert running(case) >= wanted
        assert {clock(case, kind).due_at for kind in wanted} == {local("2026-10-09T00:00")}
        gone = {ClockKind.PAYMENT, ClockKind.ESTIMATE, ClockKind.ADMISSION_NOTICE}
        assert not gone & running(case)

    def test_given_it_is_done_also_when_it_was_given_before(self) -> None:
        case = ready(HOME_HELP)
        case.do(cmd.GiveInformation(at=case.now, to="units"), ALICE)
        left(case)
        given = (Given.SUMMARY, Given.CARE_CONTACT)
        case.do(cmd.GiveInformation(at=case.now, to="patient", given=given), ALICE)

        kinds = {ClockKind.DISCHARGE_INFORMATION, ClockKind.PATIENT_SUMMARY}
        assert not kinds & running(case)
        assert stay(case).given == given

    def test_without_a_judgement_nothing_is_owed(self) -> None:
        case = left(admitted(efforts=()))

        assert running(case) == set()

    def test_a_leaving_before_the_admission_ends_no_stay(self) -> None:
        case = admitted()
        case.wait(HOUR)

        case.do(cmd.RecordDeparture(at=case.now - 3 * HOUR, to="hemmet"), ALICE)

        assert case.state.admitted is not None
        assert running(case) == {ClockKind.ADMISSION_NOTICE}

    def test_a_readmission_has_clocks_of_its_own_and_the_old_ones_fall_away(self) -> None:
        case = left(ready())
        open_before = running(case)
        case.wait(HOUR)

        case.do(cmd.RecordAdmission(at=case.now, efforts=BOTH), ALICE)

        assert open_before and running(case) == set()
        assert running(case, 2) == {ClockKind.ADMISSION_NOTICE}
        assert [e.number for e in case.state.episodes] == [1, 2]
        assert case.state.episodes[1].notified == ()

    def test_a_death_silences_the_stay_and_tells_those_who_plan(self) -> None:
        case = ready()

        events = case.do(cmd.RecordDeath(at=case.now), ALICE)

        heard = {n.unit for n in notices(events, case.state) if n.kind == "patient_deceased"}
        assert running(case) == set()
        assert {BOB, HEALTH_CENTRE} <= heard

    def test_the_successor_of_a_ward_owes_what_the_ward_owed(self) -> None:
        case = told()
        heir = samples.unit("SE0000000000-TESTRVMGER1")
        keeper = Actor(subject="u-1", unit=ALICE, roles=(Role.CATALOGUE,))
        case.do(cmd.Succeed(old=ALICE, to=heir), ALICE, actor=keeper)

        case.do(cmd.RecordReady(at=case.now), heir.hsa_id)

        assert stay(case).unit == heir.hsa_id
        assert clock(case, ClockKind.ESTIMATE).owner == heir.hsa_id
        assert clock(case, ClockKind.SIP_SUMMONS).counterpart == heir.hsa_id


def seen(case: Case, by: str) -> tuple[str, ...]:
    state: Journey = case.state
    around = Around(
        state.id,
        state.seq,
        stay(case),
        True,
        state.municipality,
        state.protection,
        state.sip,
        state.deceased_at,
        not state.open,
        tuple(state.clocks.values()),
    )
    return stay_view(around, state.units, (by,)).available_actions


def commands(now: datetime) -> dict[str, cmd.Command]:
    """One of each, that only the stay's state can refuse."""
    return {
        "stay/judgement": cmd.JudgeAftercare(at=now, efforts=tuple(Effort)),
        "stay/notice": cmd.SendAdmissionNotice(
            to=(unit(BOB), unit(HEALTH_CENTRE)), estimated_at=now + DAY
        ),
        "stay/estimate": cmd.EstimateDischarge(estimated_at=now + DAY),
        "stay/ready/withdraw": cmd.WithdrawReady(at=now, reason="Feber."),
        "stay/information": cmd.GiveInformation(at=now, to="units"),
        "stay/region-care": cmd.StateRegionCare(region_care=RegionCare.AVAILABLE),
        "planning": cmd.StartPlanning(stay=1),
        "care-contact": CONTACT,
        "region-care": cmd.StateRegionCare(stay=1, region_care=RegionCare.AVAILABLE),
    }


@pytest.mark.parametrize("by", [ALICE, BOB, HEALTH_CENTRE, CHARLIE])
@pytest.mark.parametrize(
    "state", [lambda: admitted(efforts=()), admitted, told, ready, lambda: left(ready())]
)
def test_what_is_offered_is_taken_and_nothing_else(state: Any, by: str) -> None:
    case = state()

    taken = {
        name
        for name, command in commands(case.now).items()
        if not isinstance(decide(case.state, envelope(command, by), case.now), Refusal)
    }

    # The ward says whether region care is there by a path of its own.
    same = {"stay/region-care", "region-care"}
    assert set(seen(case, by)) - same == taken - same
    assert bool(set(seen(case, by)) & same) == bool(taken & same)
