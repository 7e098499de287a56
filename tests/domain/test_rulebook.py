"""Rules of time as data: which version holds, and what may not stand in a book."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain import command as cmd
from domain.calendar import Budget, Counting
from domain.clock import ClockKind
from domain.content import Figures, Initiator, Referral
from domain.explanation import explanations
from domain.pathway import Source
from domain.rulebook import Agreement, Began, CareForm, Cutoff, Ends, Rule, Rulebook, untold
from domain.stay import Effort
from domain.value import Labels
from tests.domain.golden import agreed, changed_from
from tests.samples import (
    ALICE,
    BOB,
    Case,
    calendar_days,
    day,
    hours,
    ladders,
    local,
    rules,
    start,
    unit,
    working_days,
)

NOTICE = "admission_notice"


def rule(key: str = "base", version: int = 1, **change: Any) -> Rule:
    """A rule that nobody has made."""
    given: dict[str, Any] = {
        "key": key,
        "version": version,
        "label": Labels(sv="Regel", en="Rule"),
        "begins": (Began.ADMISSION,),
        "budget": hours(24),
        "ladder": "statutory",
        "source": Source.CHOSEN,
        "valid_from": day("2020-01-01"),
    }
    return Rule(**{**given, **change})


def target(**change: Any) -> Rule:
    """A local target beside it."""
    return rule("target", **{"stricter_than": "base", "budget": hours(12), **change})


def book(*found: Rule, agreements: tuple[Agreement, ...] = ()) -> Rulebook:
    """A book of these."""
    return Rulebook(version="rules-00009", rules=found, agreements=agreements)


def shipped(*agreements: Agreement) -> Rulebook:
    """The shipped rules with agreements."""
    return book(*rules().rules, agreements=agreements)


def problems(*found: Rule, agreements: tuple[Agreement, ...] = ()) -> str:
    """What is wrong with a book of these."""
    with pytest.raises(ValidationError) as refused:
        book(*found, agreements=agreements)
    return str(refused.value)


class TestWhichHolds:
    @pytest.mark.parametrize(
        ("day_of", "form", "version"),
        [
            ("2018-01-02", CareForm.SOMATIC, 1),
            ("2018-01-02", CareForm.PSYCHIATRIC, 2),
            ("2018-12-31", CareForm.COMPULSORY, 2),
            ("2019-01-01", CareForm.PSYCHIATRIC, 1),
            ("2019-01-01", CareForm.COMPULSORY, 1),
            ("2026-12-07", CareForm.SOMATIC, 1),
        ],
    )
    def test_the_payment_goes_by_day_and_form(
        self, day_of: str, form: CareForm, version: int
    ) -> None:
        found = rules().rule("payment_start", day(day_of), form)

        assert found is not None and found.version == version

    def test_before_the_act_there_is_no_rule(self) -> None:
        assert rules().rule("payment_start", day("2018-01-01")) is None
        assert rules().rule(NOTICE, day("2017-12-31")) is None

    def test_before_open_compulsory_care_there_is_no_summons(self) -> None:
        found = [rules().rule("sip_summons", day("2026-12-07"), form) for form in CareForm]

        assert [bool(one) for one in found] == [True, True, False]

    def test_the_newest_that_holds_is_the_one(self) -> None:
        old, new = rule(), rule(version=2, valid_from=day("2027-01-01"), budget=hours(12))
        both = book(new, old)

        found = [both.rule("base", day(d)) for d in ("2026-12-31", "2027-01-01")]

        assert found == [old, new]
        assert both.version_of("base", 1) == old
        assert both.version_of("base", 3) is None

    def test_an_older_version_holds_again_when_a_newer_one_has_ended(self) -> None:
        old = rule()
        spring = rule(
            version=2, valid_from=day("2027-01-01"), valid_until=day("2027-03-31"), budget=hours(6)
        )

        found = [book(old, spring).rule("base", day(d)) for d in ("2027-03-31", "2027-04-01")]

        assert found == [spring, old]

    def test_an_agreement_holds_for_its_municipality_and_its_days(self) -> None:
        first = agreed(budget=calendar_days(5), valid_from="2027-01-01", valid_until="2027-12-31")
        later = agreed(budget=calendar_days(7), valid_from="2027-07-01", key="later")
        known = shipped(first, later)

        def asked(where: str | None, when: str) -> Agreement | None:
            return known.agreement("payment_start", where, day(when))

        assert asked("1980", "2026-12-31") is None
        assert asked("1980", "2027-06-30") == first
        assert asked("1980", "2027-07-01") == later
        assert asked("1981", "2027-06-30") is None
        assert asked(None, "2027-06-30") is None
        assert known.agreed("later") == later


class TestProblems:
    @pytest.mark.parametrize(
        ("second", "said"),
        [
            ({"version": 1, "valid_from": day("2021-01-01")}, "base@1: stands there twice"),
            ({"version": 2}, "base@1 and base@2: hold from the same day"),
        ],
    )
    def test_versions_can_be_told_apart(self, second: dict[str, Any], said: str) -> None:
        assert said in problems(rule(), rule(**second))

    def test_two_special_rules_for_one_form_of_care_cannot(self) -> None:
        one = rule(care_forms=(CareForm.PSYCHIATRIC, CareForm.COMPULSORY))
        other = rule(version=2, care_forms=(CareForm.COMPULSORY,))

        assert "hold from the same day" in problems(one, other)

    def test_a_special_rule_stands_beside_a_general_one(self) -> None:
        special = rule(version=2, care_forms=(CareForm.PSYCHIATRIC,))

        assert (
            book(rule(), special).rule("base", day("2026-01-01"), CareForm.PSYCHIATRIC) == special
        )

    def test_what_ends_before_it_begins_never_holds(self) -> None:
        assert "ends before it begins" in problems(rule(valid_until=day("2019-12-31")))

    @pytest.mark.parametrize("counting", [Counting.HOURS, Counting.OPENING_HOURS])
    def test_a_cutoff_adds_days_to_days_alone(self, counting: Counting) -> None:
        noon = Cutoff(at=local("2026-01-01T12:00").time())
        budget = Budget(amount=72, counting=counting)
        known = rule(cutoff=noon, budget=budget, begins=(Began.DECISION,))

        assert "the budget is not in days" in problems(known)

    def test_a_stay_has_no_opening_hours(self) -> None:
        nobodys = Budget(amount=8, counting=Counting.OPENING_HOURS)

        assert "nobody's opening hours" in problems(rule(budget=nobodys))
        assert book(rule(budget=nobodys, begins=(Began.DECISION,)))

    def test_everything_is_said_at_once(self) -> None:
        said = problems(rule(), rule(), target(stricter_than="none"))

        assert "base@1: stands there twice" in said
        assert "none, which does not exist" in said


class TestStricter:
    @pytest.mark.parametrize(
        ("base", "beside"),
        [
            ({}, {"budget": hours(24)}),
            ({"budget": working_days(2)}, {"budget": working_days(1)}),
            ({"budget": calendar_days(3)}, {"budget": hours(71)}),
            ({"budget": calendar_days(30)}, {"budget": working_days(4)}),
        ],
        ids=["the_same", "working_days", "hours_beside_days", "the_longest_holiday"],
    )
    def test_a_target_may_ask_for_more(self, base: dict[str, Any], beside: dict[str, Any]) -> None:
        known = book(rule(**base), target(**beside))

        assert [r.key for r in known.beside("base", day("2026-01-01"), CareForm.SOMATIC)] == [
            "target"
        ]

    @pytest.mark.parametrize(
        ("base", "beside"),
        [
            ({}, {"budget": hours(25)}),
            ({}, {"budget": calendar_days(1)}),
            ({}, {"budget": working_days(1)}),
            ({"budget": calendar_days(3)}, {"budget": hours(72)}),
            ({"budget": working_days(1)}, {"budget": working_days(2)}),
            ({"budget": calendar_days(1)}, {"ends": Ends.DAY_ENDS, "budget": calendar_days(0)}),
            ({}, {"begins": (Began.JUDGEMENT,)}),
        ],
        ids=[
            "more_hours",
            "a_day_of_25_hours",
            "a_weekend",
            "a_day_of_23_hours",
            "more_days",
            "other_end",
            "other_beginning",
        ],
    )
    def test_it_may_not_ask_for_less(self, base: dict[str, Any], beside: dict[str, Any]) -> None:
        assert "target@1: weaker than base@1" in problems(rule(**base), target(**beside))

    def test_it_is_never_the_law(self) -> None:
        assert "is a local choice" in problems(rule(), target(source=Source.LAW))

    def test_only_while_it_holds(self) -> None:
        known = book(rule(), target(valid_from=day("2027-01-01")))

        assert known.beside("base", day("2026-12-31"), CareForm.SOMATIC) == ()


class TestAgreements:
    def test_the_payment_may_be_agreed_on(self) -> None:
        known = agreed(budget=calendar_days(5), at="13:00", amount_sek=8200, late_counts=True)

        assert shipped(known).agreements == (known,)

    @pytest.mark.parametrize("key", [r.key for r in rules().rules if not r.agreement_on])
    def test_nothing_else_may(self, key: str) -> None:
        with pytest.raises(ValidationError, match="allows no agreement on start"):
            shipped(agreed(rule=key, budget=calendar_days(5)))

    def test_an_amount_is_no_start(self) -> None:
        known = rule(agreement_on=("amount",), budget=calendar_days(3))
        start_too = agreed(rule="base", budget=calendar_days(5), amount_sek=8200)

        said = problems(known, agreements=(start_too,))

        assert "allows no agreement on start" in said
        assert "agreement on amount" not in said

    @pytest.mark.parametrize(
        ("begins", "ends", "allowed"),
        [
            ("2026-01-01", "2026-12-31", True),
            ("2026-01-01", None, False),
            ("2027-01-01", None, False),
        ],
    )
    def test_each_version_that_it_changes_has_to_allow_it(
        self, begins: str, ends: str | None, allowed: bool
    ) -> None:
        old = rule(agreement_on=("start",), budget=calendar_days(3))
        new = rule(version=2, valid_from=day("2027-01-01"), budget=calendar_days(3))
        known = agreed(rule="base", budget=calendar_days(5), valid_from=begins, valid_until=ends)

        if allowed:
            assert book(old, new, agreements=(known,))
        else:
            assert "base@2 allows no agreement" in problems(old, new, agreements=(known,))

    def test_a_version_that_is_no_more_does_not_have_to(self) -> None:
        old = rule(budget=calendar_days(3))
        new = rule(
            version=2,
            valid_from=day("2027-01-01"),
            budget=calendar_days(3),
            agreement_on=("start",),
        )
        known = agreed(rule="base", budget=calendar_days(5), valid_from="2027-01-01")

        assert book(old, new, agreements=(known,))

    @pytest.mark.parametrize(
        ("found", "said"),
        [
            ((agreed(rule="none", budget=calendar_days(5)),), "rule none does not exist"),
            ((agreed(budget=hours(72)),), "the budget is not in days"),
            ((agreed(at="13:00"), agreed(at="14:00")), "agreed: stands there twice"),
            ((agreed(at="13:00"), agreed(at="14:00", key="b")), "hold from the same day"),
            ((agreed(at="13:00", valid_until="2017-12-31"),), "ends before it begins"),
        ],
    )
    def test_what_cannot_be_meant_is_said(self, found: tuple[Agreement, ...], said: str) -> None:
        with pytest.raises(ValidationError, match=said):
            shipped(*found)


# Home help alone asks for no SIP: nothing but the notice stands between ready and payment.
HOME_HELP = (Effort.SOCIAL_SERVICES,)


def admitted(now: str, book_of_rules: Rulebook) -> Case:
    """A stay that the units have been told of."""
    referral = Referral(
        reason="Stroke.", initiator=Initiator.HOSPITAL, figures=Figures(municipality="1980")
    )
    case = Case.of(start(rules=book_of_rules, referral=referral), ALICE, local(now))
    case.do(cmd.RecordAdmission(at=case.now, efforts=HOME_HELP), ALICE)
    estimated = local("2027-02-01T10:00")
    case.do(cmd.SendAdmissionNotice(to=(unit(BOB),), estimated_at=estimated), ALICE)
    return case


class TestChange:
    """A rule that changes on a date touches only clocks that begin from then (promise 6)."""

    CHANGES = day("2027-01-01")

    def test_a_clock_of_the_day_before_goes_by_the_old_rule_to_its_end(self) -> None:
        case = admitted("2026-12-28T08:00", changed_from(self.CHANGES))
        case.wait_until(local("2026-12-31T10:00"))
        case.do(cmd.RecordReady(at=case.now), ALICE)
        before = case.clock(ClockKind.PAYMENT, "stay.1")

        case.wait_until(local("2027-01-02T09:00"))

        paying = case.clock(ClockKind.PAYMENT, "stay.1")
        assert paying.rule and paying.rule.version == 1
        assert paying.due_at == before.due_at == local("2027-01-03T00:00")

    def test_a_clock_that_begins_anew_goes_by_the_new_one(self) -> None:
        case = admitted("2026-12-28T08:00", changed_from(self.CHANGES))
        case.wait_until(local("2026-12-31T10:00"))
        case.do(cmd.RecordReady(at=case.now), ALICE)
        case.wait_until(local("2027-01-01T08:00"))
        case.do(cmd.WithdrawReady(at=case.now, reason="Feber"), ALICE)
        case.do(cmd.RecordReady(at=case.now), ALICE)

        paying = case.clock(ClockKind.PAYMENT, "stay.1")
        assert paying.rule and paying.rule.version == 3
        assert paying.due_at == local("2027-01-06T00:00")

    def test_a_new_book_moves_no_clock_that_runs(self) -> None:
        case = admitted("2026-12-07T08:00", rules())
        case.do(cmd.RecordReady(at=case.now), ALICE)
        before = dict(case.state.clocks)
        newer = changed_from(day("2026-01-01"), amount=9)

        case.do(cmd.StartPlanning(), BOB, rules_version=newer.version, rules=newer)

        assert case.state.rules == newer
        assert case.state.clocks == before
        assert case.clock(ClockKind.PAYMENT, "stay.1").due_at == local("2026-12-10T00:00")

    def test_what_happened_before_the_change_and_is_written_down_after_goes_by_the_old(
        self,
    ) -> None:
        case = admitted("2026-12-28T08:00", changed_from(self.CHANGES))
        case.wait_until(local("2027-01-01T09:00"))
        told = local("2026-12-31T11:00")
        case.do(cmd.RecordReady(at=told, told_by_hand=True), ALICE)

        paying = case.clock(ClockKind.PAYMENT, "stay.1")
        assert paying.rule and paying.rule.version == 1


def test_agreed_working_days_begin_on_the_day_of_the_ledger() -> None:
    case = admitted("2026-12-09T08:00", shipped(agreed(budget=working_days(3))))
    case.wait_until(local("2026-12-09T10:00"))

    case.do(cmd.RecordReady(at=case.now), ALICE)

    paying = case.clock(ClockKind.PAYMENT, "stay.1")
    assert paying.due_at == local("2026-12-14T00:00")
    assert explanations(case.log)[paying.id].agrees


class TestUntold:
    """A rule's clock tells somebody: its ladder is there, and has rungs."""

    def test_a_ladder_that_does_not_exist_is_named(self) -> None:
        (problem,) = untold((rule(ladder="none"),), ladders())

        assert problem == "rule base@1: ladder none does not exist"

    def test_a_ladder_that_acts_by_itself_is_named(self) -> None:
        found = list(untold((rule(), rule("other", ladder="take_over")), ladders()))

        assert found == ["rule other@1: ladder take_over has no rungs"]

    def test_every_shipped_rule_tells_somebody(self) -> None:
        assert list(untold(rules().rules, ladders())) == []
