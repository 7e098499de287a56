"""Since when the municipality pays for a stay, or every reason why it does not (2017:612, 5)."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest

from domain.liability import Basis, Liability, WhyNot, liability
from domain.meeting import Sip
from domain.rulebook import Agreement, CareForm, Cutoff, Rulebook
from domain.stay import Effort, Episode, ReadyNotice, RegionCare
from tests.samples import ALICE, calendar, calendar_days, day, local, rules

SOCIAL = (Effort.SOCIAL_SERVICES,)
BOTH = (Effort.SOCIAL_SERVICES, Effort.REGION_OPEN_CARE)
ADMITTED, READY = local("2026-10-05T09:00"), local("2026-10-07T10:00")
LATER = local("2026-10-20T10:00")


def stay(**change: Any) -> Episode:
    """A stay of which every condition holds, ready on a Wednesday morning."""
    given: dict[str, Any] = {
        "number": 1,
        "unit": ALICE,
        "admitted_at": ADMITTED,
        "judged_at": ADMITTED,
        "efforts": SOCIAL,
        "notice_at": ADMITTED + timedelta(hours=2),
        "ready": (ReadyNotice(sent_at=READY),),
    }
    return Episode(**given | change)


def found(
    now: datetime = LATER,
    *,
    sip: Sip | None = None,
    municipality: str | None = "1980",
    book: Rulebook | None = None,
    deceased_at: datetime | None = None,
    **change: Any,
) -> Liability:
    """What is found of a stay now."""
    basis = Basis(stay(**change), sip, municipality, book or rules(), calendar(), deceased_at)
    return liability(basis, now)


def agreed(**change: Any) -> Rulebook:
    """The rules with an agreement of one municipality."""
    given: dict[str, Any] = {
        "key": "k1980-2026",
        "rule": "payment_start",
        "municipality": "1980",
        "reference": "Överenskommelse 2026",
        "valid_from": day("2026-01-01"),
    }
    return rules().model_copy(update={"agreements": (Agreement(**given | change),)})


def taken_back(at: str, sent_at: datetime = READY) -> ReadyNotice:
    """A notice that was taken back."""
    return ReadyNotice(sent_at=sent_at, withdrawn_at=local(at), reason="Feber.")


class TestFrom:
    @pytest.mark.parametrize(
        ("sent_at", "starts_on", "later"),
        [
            ("2026-10-07T11:59:59", "2026-10-10", False),
            ("2026-10-07T12:00:00", "2026-10-10", False),
            ("2026-10-07T12:00:01", "2026-10-11", True),
            ("2026-12-23T15:00:00", "2026-12-27", True),
        ],
    )
    def test_three_calendar_days_and_one_more_after_noon(
        self, sent_at: str, starts_on: str, later: bool
    ) -> None:
        notice = ReadyNotice(sent_at=local(sent_at))

        ledger = found(notice.sent_at, ready=(notice,))

        assert (ledger.status, ledger.starts_on) == ("counting", day(starts_on))
        assert (ledger.reasons, ledger.days) == ((), 0)
        assert [(p.later_than_cutoff, p.counts_from) for p in ledger.periods] == [
            (later, notice.sent_at)
        ]

    def test_it_names_rule_and_paragraph(self) -> None:
        ledger = found()

        assert (ledger.stay, ledger.rule) == (1, "payment_start@1")
        assert ledger.reference == "lag (2017:612) 5 kap. 4 §"
        assert (ledger.agreement, ledger.amount_sek) == (None, None)

    @pytest.mark.parametrize(
        ("now", "status", "days"),
        [
            ("2026-10-09T23:59:59", "counting", 0),
            ("2026-10-10T00:00:00", "started", 0),
            ("2026-10-10T23:59:59", "started", 0),
            ("2026-10-11T00:00:00", "started", 1),
            ("2026-10-20T10:00:00", "started", 10),
            ("2026-10-26T00:00:00", "started", 16),
        ],
    )
    def test_days_are_full_ones_in_sweden(self, now: str, status: str, days: int) -> None:
        ledger = found(local(now))

        assert (ledger.status, ledger.days) == (status, days)
        assert ledger.starts_on == day("2026-10-10")


class TestWhyNot:
    @pytest.mark.parametrize(
        ("why", "change"),
        [
            (WhyNot.MUNICIPALITY_UNKNOWN, {"municipality": None}),
            (WhyNot.AFTERCARE_NOT_JUDGED, {"judged_at": None, "efforts": ()}),
            (WhyNot.NO_MUNICIPAL_EFFORTS, {"efforts": (Effort.REGION_OPEN_CARE,)}),
            (WhyNot.ADMISSION_NOTICE_MISSING, {"notice_at": None}),
            (WhyNot.ADMISSION_NOTICE_LATE, {"notice_at": ADMITTED + timedelta(hours=25)}),
            (WhyNot.NOT_READY, {"ready": ()}),
            (WhyNot.READY_WITHDRAWN, {"ready": (taken_back("2026-10-08T09:00"),)}),
            (WhyNot.SIP_NOT_CALLED, {"efforts": BOTH}),
            (WhyNot.SIP_CALLED_LATE, {"efforts": BOTH, "called_at": local("2026-10-11T09:00")}),
            (WhyNot.REGION_CARE_MISSING, {"region_care": RegionCare.MISSING}),
            (WhyNot.REGION_CARE_UNCLEAR, {"region_care": RegionCare.UNCLEAR}),
        ],
    )
    def test_each_condition_that_is_missing_is_the_only_reason(
        self, why: WhyNot, change: dict[str, Any]
    ) -> None:
        ledger = found(**change)

        assert ledger.reasons == (why,)
        assert (ledger.status, ledger.days) == ("not_started", 0)
        assert ledger.starts_on is None

    def test_what_is_said_of_the_regions_care_after_the_beginning_undoes_no_day(self) -> None:
        said = local("2026-10-15T09:00")

        ledger = found(region_care=RegionCare.MISSING, region_care_at=said)
        before = found(region_care=RegionCare.MISSING, region_care_at=READY)

        assert (ledger.status, ledger.starts_on) == ("started", day("2026-10-10"))
        assert (ledger.reasons, ledger.doubts) == ((), (WhyNot.REGION_CARE_MISSING,))
        assert ledger.days == found().days
        assert (before.status, before.reasons) == ("not_started", (WhyNot.REGION_CARE_MISSING,))

    def test_a_journey_without_rules_says_so(self) -> None:
        basis = Basis(stay(), None, "1980", None, calendar())

        assert liability(basis, LATER).reasons == (WhyNot.RULES_MISSING,)

    def test_everything_that_is_missing_is_said_in_the_order_of_the_act(self) -> None:
        ledger = found(municipality=None, judged_at=None, ready=(), region_care=RegionCare.UNCLEAR)

        assert ledger.reasons == (
            WhyNot.MUNICIPALITY_UNKNOWN,
            WhyNot.AFTERCARE_NOT_JUDGED,
            WhyNot.NOT_READY,
            WhyNot.REGION_CARE_UNCLEAR,
        )

    def test_every_reason_is_tested_here(self) -> None:
        (parametrize,) = (
            TestWhyNot.test_each_condition_that_is_missing_is_the_only_reason.pytestmark
        )

        tested = {why for why, _ in parametrize.args[1]}
        besides = {WhyNot.RULES_MISSING, WhyNot.NO_RULE, WhyNot.ENDED_BEFORE}
        assert tested | besides == set(WhyNot)

    def test_a_day_without_a_rule_says_so(self) -> None:
        early = (ReadyNotice(sent_at=local("2017-05-04T10:00")),)

        assert WhyNot.NO_RULE in found(ready=early).reasons

    def test_a_stay_that_ends_before_the_first_day_says_so(self) -> None:
        ledger = found(left_at=READY + timedelta(hours=5))

        assert (ledger.status, ledger.reasons) == ("not_started", (WhyNot.ENDED_BEFORE,))

    @pytest.mark.parametrize(
        ("sent_at", "late"),
        [("2026-10-06T08:59:59", False), ("2026-10-06T09:00:00", True)],
    )
    def test_the_notice_has_24_hours_from_the_later_of_admission_and_judgement(
        self, sent_at: str, late: bool
    ) -> None:
        judged_later = found(
            judged_at=ADMITTED + timedelta(hours=5), notice_at=ADMITTED + timedelta(hours=28)
        )

        at_admission = found(notice_at=local(sent_at))

        assert judged_later.reasons == ()
        assert (at_admission.reasons == (WhyNot.ADMISSION_NOTICE_LATE,)) is late

    @pytest.mark.parametrize(
        ("called_at", "late"),
        [
            ("2026-10-06T10:00:00", False),
            ("2026-10-10T23:59:59", False),
            ("2026-10-11T00:00:00", True),
        ],
    )
    def test_the_summons_has_three_days_to_the_end_of_the_third(
        self, called_at: str, late: bool
    ) -> None:
        ledger = found(efforts=BOTH, called_at=local(called_at))

        assert (ledger.reasons == (WhyNot.SIP_CALLED_LATE,)) is late

    def test_a_patient_who_says_no_needs_no_plan(self) -> None:
        no = Sip(needed=True, decided_at=READY, decided_by=ALICE, consent=False)

        assert found(efforts=BOTH, sip=no).status == "started"

    def test_a_need_that_shows_later_gives_its_own_three_days(self) -> None:
        need = Sip(needed=True, decided_at=READY + timedelta(days=2), decided_by=ALICE)

        ledger = found(sip=need, called_at=local("2026-10-12T12:00"))

        assert (ledger.reasons, ledger.status) == ((), "started")

    def test_before_open_compulsory_care_there_is_no_summons(self) -> None:
        assert found(efforts=BOTH, form=CareForm.COMPULSORY).status == "started"
        assert found(efforts=BOTH, form=CareForm.PSYCHIATRIC).reasons == (WhyNot.SIP_NOT_CALLED,)


class TestUntil:
    def test_the_day_of_the_discharge_is_not_paid(self) -> None:
        ledger = found(left_at=local("2026-10-14T15:00"))

        assert (ledger.status, ledger.days) == ("ended", 4)
        assert ledger.periods[0].because == "discharged"
        assert ledger.starts_on == day("2026-10-10")

    def test_who_leaves_on_the_first_day_costs_nothing(self) -> None:
        ledger = found(left_at=local("2026-10-10T09:00"))

        assert (ledger.status, ledger.days) == ("ended", 0)

    def test_who_leaves_in_time_is_never_paid_for(self) -> None:
        ledger = found(left_at=local("2026-10-09T15:00"))

        assert (ledger.status, ledger.starts_on, ledger.days) == ("not_started", None, 0)
        assert ledger.periods[0].because == "discharged"

    def test_death_ends_it(self) -> None:
        ledger = found(deceased_at=local("2026-10-12T03:00"))

        assert (ledger.status, ledger.days) == ("ended", 2)
        assert ledger.periods[0].because == "died"

    def test_the_first_end_counts(self) -> None:
        ledger = found(left_at=local("2026-10-12T03:00"), deceased_at=local("2026-10-15T03:00"))

        assert (ledger.periods[0].because, ledger.days) == ("discharged", 2)

    def test_a_withdrawal_keeps_what_had_been_paid(self) -> None:
        ledger = found(ready=(taken_back("2026-10-13T09:00"),))

        assert (ledger.status, ledger.days) == ("ended", 3)
        assert ledger.reasons == (WhyNot.READY_WITHDRAWN,)
        assert ledger.periods[0].because == "withdrawn"

    def test_a_new_notice_begins_anew_and_the_days_add_up(self) -> None:
        again = ReadyNotice(sent_at=local("2026-10-15T10:00"))
        notices = (taken_back("2026-10-13T09:00"), again)

        ledger = found(ready=notices)
        before = found(local("2026-10-16T10:00"), ready=notices)

        assert [p.starts_on for p in ledger.periods] == [day("2026-10-10"), day("2026-10-18")]
        assert (ledger.status, ledger.days, ledger.reasons) == ("started", 5, ())
        assert (before.status, before.starts_on, before.days) == ("counting", day("2026-10-18"), 3)

    def test_who_leaves_before_the_second_time_has_paid_the_first(self) -> None:
        again = ReadyNotice(sent_at=local("2026-10-15T10:00"))
        ready = (taken_back("2026-10-13T09:00"), again)

        ledger = found(ready=ready, left_at=local("2026-10-16T10:00"))

        assert (ledger.status, ledger.days) == ("ended", 3)
        assert ledger.starts_on == day("2026-10-10")

    def test_a_new_notice_gives_the_summons_new_days(self) -> None:
        again = ReadyNotice(sent_at=local("2026-10-15T10:00"))
        ready = (taken_back("2026-10-08T09:00"), again)

        ledger = found(ready=ready, efforts=BOTH, called_at=local("2026-10-16T09:00"))

        assert (ledger.reasons, ledger.status) == ((), "started")
        assert [p.starts_on for p in ledger.periods] == [day("2026-10-18")]

    def test_what_was_never_called_in_its_time_is_not_paid_afterwards(self) -> None:
        again = ReadyNotice(sent_at=local("2026-10-15T10:00"))
        ready = (taken_back("2026-10-14T09:00"), again)

        ledger = found(ready=ready, efforts=BOTH, called_at=local("2026-10-16T09:00"))

        assert (ledger.starts_on, ledger.days) == (day("2026-10-18"), 2)


class TestAgreements:
    def test_another_start_for_the_residents_of_that_municipality(self) -> None:
        book = agreed(budget=calendar_days(5), cutoff=Cutoff(at=time(14), days=2))
        notice = (ReadyNotice(sent_at=local("2026-10-07T13:00")),)

        here = found(book=book, ready=notice)
        there = found(book=book, ready=notice, municipality="1981")

        assert (here.starts_on, here.agreement) == (day("2026-10-12"), "k1980-2026")
        assert (there.starts_on, there.agreement) == (day("2026-10-11"), None)

    @pytest.mark.parametrize("amount", [0, 8200])
    def test_another_amount_nothing_too(self, amount: int) -> None:
        base = agreed(amount_sek=amount)
        dear = tuple(r.model_copy(update={"amount_sek": 9900}) for r in base.rules)

        ledger = found(book=base.model_copy(update={"rules": dear}))

        assert ledger.amount_sek == amount

    def test_a_late_notice_counts_from_when_it_was_sent(self) -> None:
        ledger = found(notice_at=local("2026-10-08T09:00"), book=agreed(late_counts=True))

        assert (ledger.reasons, ledger.status) == ((), "started")
        assert ledger.periods[0].counts_from == local("2026-10-08T09:00")
        assert ledger.starts_on == day("2026-10-11")

    def test_a_late_summons_counts_from_when_it_was_sent(self) -> None:
        called_at = local("2026-10-12T13:00")

        ledger = found(efforts=BOTH, called_at=called_at, book=agreed(late_counts=True))

        assert ledger.periods[0].counts_from == called_at
        assert (ledger.starts_on, ledger.days) == (day("2026-10-16"), 4)

    def test_what_was_never_sent_counts_never(self) -> None:
        ledger = found(efforts=BOTH, notice_at=None, book=agreed(late_counts=True))

        assert ledger.reasons == (WhyNot.ADMISSION_NOTICE_MISSING, WhyNot.SIP_NOT_CALLED)

    def test_an_agreement_that_is_over_changes_nothing(self) -> None:
        over = agreed(budget=calendar_days(9), valid_until=day("2026-10-06"))

        assert found(book=over).starts_on == day("2026-10-10")


class TestPsychiatric:
    @pytest.mark.parametrize(
        ("sent_at", "form", "starts_on", "rule"),
        [
            ("2018-12-31T15:00", CareForm.PSYCHIATRIC, "2019-01-30", "payment_start@2"),
            ("2018-12-31T15:00", CareForm.COMPULSORY, "2019-01-30", "payment_start@2"),
            ("2018-12-31T15:00", CareForm.SOMATIC, "2019-01-04", "payment_start@1"),
            ("2019-01-01T15:00", CareForm.PSYCHIATRIC, "2019-01-05", "payment_start@1"),
        ],
    )
    def test_thirty_days_in_2018_and_no_noon(
        self, sent_at: str, form: CareForm, starts_on: str, rule: str
    ) -> None:
        at = local(sent_at)
        before = at - timedelta(days=9)

        ledger = found(
            at + timedelta(days=40),
            admitted_at=before,
            judged_at=before,
            notice_at=before,
            ready=(ReadyNotice(sent_at=at),),
            form=form,
        )

        assert (ledger.starts_on, ledger.rule) == (day(starts_on), rule)

    def test_a_notice_from_before_there_was_a_rule_is_no_period(self) -> None:
        early, again = local("2018-01-01T10:00"), local("2018-01-05T10:00")
        before = early - timedelta(days=9)

        ledger = found(
            again,
            admitted_at=before,
            judged_at=before,
            notice_at=before,
            ready=(taken_back("2018-01-03T10:00", early), ReadyNotice(sent_at=again)),
        )

        assert [p.notice_at for p in ledger.periods] == [again]
        assert ledger.starts_on == day("2018-01-08")
