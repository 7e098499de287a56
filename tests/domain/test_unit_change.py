"""What may become of a unit, who may do it, and what it brings with it."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.journey import Actor, Role
from domain.refusal import Refused
from domain.unit import Closure, Contact, Function, Standing, Substitute, Unit, UnitKind
from domain.unit_change import (
    ChangeKind,
    Holds,
    Remark,
    UnitChange,
    check,
    check_succession,
    may_administer,
    must_administer,
    succeeded,
    telling,
    warnings,
    with_closure,
    without_closure,
)
from tests.samples import (
    ALICE,
    BOB,
    BOBS_HOME_HELP,
    BOBS_NURSES,
    BOBS_TEAM,
    CHARLIE,
    HEALTH_CENTRE,
    MONDAY,
    UNCONNECTED,
    calendar,
    day,
    unit,
    units,
)

TODAY = day("2026-10-05")
NOTHING = Holds()
HOLDING = (Holds(parts=1), Holds(open_handovers=1), Holds(parts=3, open_handovers=2))
NEW = "SE0000000000-TESTK1980NEW"
STANDING = Standing(part="rehab", organisation="rvm", takes_over="on_discharge")


def closure(
    cover: str | None = BOBS_TEAM, first: str = "2026-12-21", last: str = "2027-01-03"
) -> Closure:
    """A closure that lies ahead."""
    return Closure(first=day(first), last=day(last), covered_by=cover)


def plain(hsa_id: str = BOB, **change: Any) -> Unit:
    """A shipped unit without what other tests say of it."""
    nothing = {"closures": (), "standing": (), "proxy_owner": None, "protected_group": ()}
    return unit(hsa_id, **{**nothing, **change})


def fresh(**change: Any) -> Unit:
    """A unit that does not exist yet."""
    return plain().model_copy(update={"hsa_id": NEW, **change})


def refused(
    new: Unit, old: Unit | None = None, holds: Holds = NOTHING, **known: Unit
) -> tuple[str, dict[str, str]]:
    """The code, and the rule of each field, of a change that is refused."""
    all_known = units() | {u.hsa_id: u for u in known.values()}
    with pytest.raises(Refused) as error:
        check(old or plain(), new, holds, all_known, TODAY)
    refusal = error.value.refusal
    return refusal.code, {f.field: f.rule for f in refusal.fields}


def accepted(new: Unit, old: Unit | None = None, holds: Holds = NOTHING, **known: Unit) -> None:
    """A change that is not refused."""
    check(old or plain(), new, holds, units() | {u.hsa_id: u for u in known.values()}, TODAY)


class TestIdentity:
    @pytest.mark.parametrize("holds", [NOTHING, *HOLDING])
    def test_a_change_of_what_may_change_is_allowed(self, holds: Holds) -> None:
        accepted(plain(name="Kommunrehab Öst (demo)", assignment="Rehab i hemmet."), holds=holds)

    @pytest.mark.parametrize(
        ("field", "value"),
        [("hsa_id", BOBS_TEAM), ("organisation", "k1981"), ("principal", "region")],
    )
    def test_identity_organisation_and_principal_never_change(self, field: str, value: str) -> None:
        found = refused(plain().model_copy(update={field: value}))

        assert found == ("unit_change_invalid", {field: "never_changes"})

    def test_a_new_unit_is_allowed(self) -> None:
        check(None, fresh(), NOTHING, units(), TODAY)

    def test_a_new_unit_has_the_principal_of_its_organisation(self) -> None:
        with pytest.raises(Refused) as error:
            check(None, fresh(principal="region"), NOTHING, units(), TODAY)

        assert error.value.refusal.fields[0].field == "principal"

    def test_a_unit_never_becomes_of_another_sector(self) -> None:
        new = plain(kind=UnitKind.HOME_HELP)

        for holds in (*HOLDING, NOTHING):
            assert refused(new, holds=holds)[1] == {"kind": "sector_changes"}

    def test_a_succeeded_unit_takes_no_further_change(self) -> None:
        old = succeeded(plain(), plain(BOBS_TEAM))

        assert refused(plain(name="Annat (demo)"), old) == ("unit_succeeded", {})

    def test_a_successor_comes_by_succession_alone(self) -> None:
        assert refused(plain(successor=BOBS_TEAM))[1] == {"successor": "by_succession_only"}
        with pytest.raises(Refused):
            check(None, fresh(successor=BOB), NOTHING, units(), TODAY)


class TestReach:
    @pytest.mark.parametrize("contacts", [(), (Contact(function=Function.INBOX),)])
    def test_a_unit_without_a_contact_route_cannot_be_active(
        self, contacts: tuple[Contact, ...]
    ) -> None:
        assert refused(plain(contacts=contacts))[1] == {"contacts": "no_route"}

    @pytest.mark.parametrize("how", [{"phone": "010-000 00 00"}, {"mail": "a@example.invalid"}])
    def test_one_telephone_or_mail_is_a_route(self, how: dict[str, str]) -> None:
        accepted(plain(contacts=(Contact(function=Function.COORDINATOR, **how),)))

    def test_a_function_stands_once(self) -> None:
        inbox = Contact(function=Function.INBOX, phone="010-000 00 00")

        assert refused(plain(contacts=(inbox, inbox)))[1] == {"contacts": "function_twice"}


class TestClosure:
    @pytest.mark.parametrize("holds", HOLDING)
    def test_a_closure_while_holding_names_who_covers(self, holds: Holds) -> None:
        found = refused(plain(closures=(closure(None),)), holds=holds)

        assert found == ("closure_needs_cover", {"closures.0.covered_by": "missing"})

    def test_a_closure_with_a_cover_is_allowed(self) -> None:
        accepted(plain(closures=(closure(),)), holds=HOLDING[0])

    def test_a_unit_that_holds_nothing_may_close_alone(self) -> None:
        accepted(plain(closures=(closure(None),)))

    @pytest.mark.parametrize(
        ("cover", "rule"),
        [
            (BOB, "itself"),
            ("SE0000000000-TESTNOBODY", "unknown"),
            (BOBS_HOME_HELP, "other_sector"),
            (CHARLIE, "has_not_agreed"),
        ],
    )
    def test_a_cover_exists_is_another_of_the_same_sector_and_connected(
        self, cover: str, rule: str
    ) -> None:
        found = refused(plain(closures=(closure(cover),)), holds=HOLDING[0])

        assert found == ("closure_needs_cover", {"closures.0.covered_by": rule})

    def test_a_succeeded_unit_covers_nobody(self) -> None:
        gone = plain(BOBS_TEAM, successor=BOBS_NURSES)

        found = refused(plain(closures=(closure(),)), holds=HOLDING[0], cover=gone)

        assert found[1] == {"closures.0.covered_by": "unknown"}

    @pytest.mark.parametrize(
        ("first", "last", "clash"),
        [
            ("2026-12-01", "2026-12-20", False),
            ("2026-12-01", "2026-12-21", True),
            ("2027-01-03", "2027-01-03", True),
            ("2027-01-04", "2027-01-10", False),
        ],
    )
    def test_a_cover_is_not_closed_in_the_same_days(
        self, first: str, last: str, clash: bool
    ) -> None:
        away = plain(BOBS_TEAM, closures=(closure(BOBS_NURSES, first, last),))
        new = plain(closures=(closure(),))

        if clash:
            found = refused(new, holds=HOLDING[0], cover=away)
            assert found[1] == {"closures.0.covered_by": "closed_too"}
        else:
            accepted(new, holds=HOLDING[0], cover=away)

    def test_a_closure_that_is_over_needs_no_cover(self) -> None:
        over = closure(None, "2026-10-01", "2026-10-04")

        accepted(plain(closures=(over,)), holds=HOLDING[0])
        assert refused(
            plain(closures=(closure(None, "2026-10-01", "2026-10-05"),)), holds=HOLDING[0]
        )[1] == {"closures.0.covered_by": "missing"}

    def test_a_closure_that_stood_there_before_does_not_stop_other_changes(self) -> None:
        old = plain(closures=(closure(None),))

        accepted(plain(closures=(closure(None),), name="Ny (demo)"), old, HOLDING[0])

    def test_the_closure_that_is_wrong_is_named(self) -> None:
        both = (closure(), closure(None, "2027-06-01", "2027-06-10"))

        found = refused(plain(closures=both), holds=HOLDING[0])

        assert found[1] == {"closures.1.covered_by": "missing"}

    def test_a_closure_is_put_in_its_place_and_taken_away_again(self) -> None:
        summer = closure(first="2026-11-01", last="2026-11-02")
        later = with_closure(plain(), closure())

        both = with_closure(later, summer)

        assert both.closures == (summer, closure())
        assert without_closure(both, summer.first) == later
        assert without_closure(both, day("2030-01-01")) == both
        replaced = closure(BOBS_NURSES, "2026-11-01", "2026-11-09")
        assert with_closure(both, replaced).closures == (replaced, closure())


class TestProxy:
    def test_a_unit_without_a_system_has_a_connected_proxy_owner(self) -> None:
        old = plain(UNCONNECTED)

        agreed = plain(ALICE, stands_in_for=(UNCONNECTED,))

        accepted(plain(UNCONNECTED, proxy_owner=ALICE), old, cover=agreed)
        assert refused(plain(UNCONNECTED, proxy_owner=ALICE), old)[1] == {
            "proxy_owner": "has_not_agreed"
        }

    @pytest.mark.parametrize(
        ("owner", "rule"),
        [(UNCONNECTED, "itself"), ("SE0000000000-TESTNOBODY", "unknown")],
    )
    def test_a_proxy_owner_is_another_unit_that_exists(self, owner: str, rule: str) -> None:
        found = refused(plain(UNCONNECTED, proxy_owner=owner), plain(UNCONNECTED))

        assert found[1] == {"proxy_owner": rule}

    def test_a_proxy_owner_is_connected(self) -> None:
        off = plain(ALICE, connected=False)

        found = refused(plain(UNCONNECTED, proxy_owner=ALICE), plain(UNCONNECTED), owner=off)

        assert found[1] == {"proxy_owner": "not_connected"}

    def test_a_connected_unit_has_no_proxy_owner(self) -> None:
        assert refused(plain(proxy_owner=ALICE))[1] == {"proxy_owner": "unit_is_connected"}


class TestProtection:
    @pytest.mark.parametrize("group", [("u-1",), ("u-1", "u-1")])
    def test_one_person_alone_is_no_group(self, group: tuple[str, ...]) -> None:
        assert refused(plain(protected_group=group))[1] == {"protected_group": "at_least_two"}

    @pytest.mark.parametrize("group", [(), ("u-1", "u-2")])
    def test_nobody_or_two_are_allowed(self, group: tuple[str, ...]) -> None:
        accepted(plain(protected_group=group))


class TestStanding:
    def test_a_yes_to_a_known_organisation_is_allowed(self) -> None:
        accepted(plain(standing=(STANDING,)))

    def test_a_yes_to_an_unknown_organisation_is_refused(self) -> None:
        other = STANDING.model_copy(update={"organisation": "k9999"})

        assert refused(plain(standing=(other,)))[1] == {"standing.0.organisation": "unknown"}

    def test_a_yes_is_given_once(self) -> None:
        again = STANDING.model_copy(update={"takes_over": "now"})

        assert refused(plain(standing=(STANDING, again)))[1] == {"standing.1": "twice"}

    def test_a_yes_that_is_over_is_not_given_but_may_stay(self) -> None:
        over = STANDING.model_copy(update={"until": day("2026-10-04")})
        new = plain(standing=(over,))

        assert refused(new)[1] == {"standing.0.until": "already_over"}
        accepted(new, new, before=new)


class TestSubstitutes:
    def substitute(self, **change: Any) -> Substitute:
        given: dict[str, Any] = {
            "function": Function.MANAGER,
            "by": Function.COORDINATOR,
            "first": TODAY,
            "last": day("2026-11-01"),
        }
        return Substitute(**{**given, **change})

    def test_another_function_here_or_at_a_sister_unit_is_allowed(self) -> None:
        there = self.substitute(unit=BOBS_TEAM, by=Function.MANAGER)

        accepted(plain(substitutes=(self.substitute(), self.substitute(unit=BOB), there)))

    @pytest.mark.parametrize("unit_", [CHARLIE, ALICE, "SE0000000000-TESTNOBODY"])
    def test_a_unit_of_others_or_none_substitutes_nobody(self, unit_: str) -> None:
        found = refused(plain(substitutes=(self.substitute(unit=unit_),)))

        assert found == ("unit_change_invalid", {"substitutes.0.unit": "unknown"})

    def test_nor_does_one_that_has_been_succeeded(self) -> None:
        gone = plain(BOBS_TEAM, successor=BOBS_NURSES)

        found = refused(plain(substitutes=(self.substitute(unit=BOBS_TEAM),)), gone=gone)

        assert found[1] == {"substitutes.0.unit": "unknown"}

    def test_a_function_that_cannot_be_told_substitutes_nobody(self) -> None:
        without = tuple(c for c in plain().contacts if c.function is not Function.COORDINATOR)

        found = refused(plain(contacts=without, substitutes=(self.substitute(),)))

        assert found[1] == {"substitutes.0.by": "no_route"}

    def test_one_whose_days_are_over_holds_no_change_back(self) -> None:
        over = self.substitute(unit=CHARLIE, first=day("2026-01-01"), last=day("2026-10-04"))

        accepted(plain(substitutes=(over,)))

    @pytest.mark.parametrize(
        "change", [{"by": Function.MANAGER}, {"last": day("2026-10-04")}, {"unit": "x"}]
    )
    def test_nobody_substitutes_himself_or_for_no_days(self, change: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            self.substitute(**change)

    def test_journeys_are_told_of_the_unit_that_substitutes(self) -> None:
        facts = plain(substitutes=(self.substitute(unit=BOBS_TEAM), self.substitute()))
        told = telling(TestTelling().change(facts), units() | {BOB: facts}, calendar())

        assert [u.hsa_id for u in told.stand_ins] == [BOBS_TEAM]


class TestWarnings:
    def remarks(self, new: Unit, holds: Holds = NOTHING, **known: Unit) -> tuple[Remark, ...]:
        all_known = units() | {u.hsa_id: u for u in known.values()}
        return warnings(new, holds, all_known, TODAY)

    def test_a_whole_unit_has_none(self) -> None:
        assert self.remarks(plain(closures=(closure(),))) == ()

    def test_an_ended_agreement_is_allowed_and_said_while_it_holds(self) -> None:
        ended = plain(agreement_until=day("2026-10-04"))

        accepted(ended, holds=HOLDING[0])
        assert self.remarks(ended, HOLDING[0]) == (Remark.AGREEMENT_ENDED,)
        assert self.remarks(ended) == ()
        assert self.remarks(plain(agreement_until=TODAY), HOLDING[0]) == ()

    def test_a_closure_without_cover_is_said(self) -> None:
        assert self.remarks(plain(closures=(closure(None),))) == (Remark.CLOSURE_WITHOUT_COVER,)

    def test_closing_while_covering_another_is_said(self) -> None:
        other = plain(BOBS_TEAM, closures=(closure(BOB),))

        assert self.remarks(plain(closures=(closure(BOBS_NURSES),)), other=other) == (
            Remark.COVERS_ANOTHER,
        )

    def test_a_unit_reached_by_telephone_alone_is_said(self) -> None:
        phone = Contact(function=Function.COORDINATOR, phone="010-000 00 00")

        found = self.remarks(plain(UNCONNECTED, contacts=(phone,)))

        assert found == (Remark.NO_PERSON_TO_TELL,)


class TestSuccession:
    def test_a_sister_unit_takes_over(self) -> None:
        old, to = plain(), plain(BOBS_TEAM)

        check_succession(old, to)

        assert succeeded(old, to) == old.model_copy(
            update={"successor": BOBS_TEAM, "version": old.version + 1}
        )

    def test_a_unit_of_another_organisation_that_has_agreed_takes_over(self) -> None:
        private = plain("SE0000000000-TESTPRIVVC1", stands_in_for=(HEALTH_CENTRE,))

        check_succession(plain(HEALTH_CENTRE), private)

    @pytest.mark.parametrize(
        ("to", "change", "rule"),
        [
            (BOB, {}, "itself"),
            (BOBS_TEAM, {"successor": BOBS_NURSES}, "succeeded"),
            (BOBS_HOME_HELP, {}, "other_sector"),
            (CHARLIE, {}, "has_not_agreed"),
            (BOBS_TEAM, {"connected": False}, "not_connected"),
            (BOBS_TEAM, {"contacts": ()}, "no_route"),
        ],
    )
    def test_not_every_unit_can_take_over(self, to: str, change: dict[str, Any], rule: str) -> None:
        with pytest.raises(Refused) as error:
            check_succession(plain(), plain(to, **change))

        (field,) = error.value.refusal.fields
        assert (error.value.refusal.code, field.field, field.rule) == (
            "unit_change_invalid",
            "successor",
            rule,
        )

    def test_a_unit_is_succeeded_once(self) -> None:
        old = succeeded(plain(), plain(BOBS_TEAM))

        with pytest.raises(Refused, match="unit_succeeded"):
            check_succession(old, plain(BOBS_NURSES))

    def test_a_succeeded_unit_that_others_count_on_is_said(self) -> None:
        other = plain(BOBS_NURSES, closures=(closure(BOB),))
        gone = succeeded(plain(), plain(BOBS_TEAM))
        known = units() | {BOBS_NURSES: other}

        assert warnings(gone, NOTHING, known, TODAY) == (Remark.COVERS_ANOTHER,)
        assert warnings(gone, NOTHING, units(), TODAY) == ()


class TestTelling:
    def change(self, facts: Unit, kind: ChangeKind = ChangeKind.PUT) -> UnitChange:
        return UnitChange(
            id="c-1",
            hsa_id=facts.hsa_id,
            version=facts.version,
            kind=kind,
            at=MONDAY,
            by_subject="u-1",
            by_unit=facts.hsa_id,
            facts=facts,
        )

    def test_new_facts_are_told_with_who_stands_in(self) -> None:
        facts = plain(closures=(closure(), closure(BOBS_TEAM, "2027-06-01", "2027-06-02")))
        known = units() | {BOB: facts}

        told = telling(self.change(facts), known, calendar())

        assert [u.hsa_id for u in told.stand_ins] == [BOBS_TEAM]
        assert (told.now, told.successor, told.concerns) == (facts, None, (BOB,))

    def test_new_facts_concern_those_for_whom_the_unit_stands_in_too(self) -> None:
        known = units() | {
            BOBS_TEAM: plain(BOBS_TEAM, closures=(closure(BOB),)),
            UNCONNECTED: plain(UNCONNECTED, proxy_owner=BOB),
        }

        told = telling(self.change(plain()), known, calendar())

        assert set(told.concerns) == {BOB, BOBS_TEAM, UNCONNECTED}
        assert told.concerns[0] == BOB

    def test_a_succession_is_told_with_the_successor_and_its_own_stand_ins(self) -> None:
        to = plain(BOBS_TEAM, closures=(closure(BOBS_NURSES),))
        known = units() | {BOBS_TEAM: to, UNCONNECTED: plain(UNCONNECTED, proxy_owner=BOB)}
        facts = succeeded(plain(), to)

        told = telling(self.change(facts, ChangeKind.SUCCEED), known | {BOB: facts}, calendar())

        assert (told.successor, told.concerns) == (to, (BOB, UNCONNECTED))
        assert [u.hsa_id for u in told.stand_ins] == [BOBS_NURSES]


class TestShipped:
    @pytest.mark.parametrize("hsa_id", sorted(units()))
    def test_every_shipped_unit_may_stay_as_it_is(self, hsa_id: str) -> None:
        known = unit(hsa_id)

        check(known, known, HOLDING[2], units(), TODAY)

    def test_every_shipped_unit_says_what_it_does_for_whom_and_by_whom(self) -> None:
        for known in units().values():
            assert known.assignment and known.target_groups and known.professions, known.name

    def test_wards_and_home_health_care_never_close(self) -> None:
        always = {UnitKind.STROKE_UNIT, UnitKind.INPATIENT_WARD, UnitKind.HOME_HEALTH_CARE}

        assert all(not known.hours for known in units().values() if known.kind in always)
        assert {h.day for h in unit(BOB).hours} == set(range(5))

    def test_municipal_rehab_says_who_takes_the_call_at_night(self) -> None:
        for known in units().values():
            by_night = known.contact(Function.OUT_OF_HOURS)
            assert (by_night is not None) is (known.kind is UnitKind.MUNICIPAL_REHAB), known.name

    def test_who_has_no_system_has_a_proxy_owner(self) -> None:
        owned = {u.hsa_id for u in units().values() if u.proxy_owner}

        assert owned == {u.hsa_id for u in units().values() if not u.connected}


class TestWho:
    @pytest.mark.parametrize(
        ("at", "role", "code"),
        [
            (BOB, Role.CATALOGUE, None),
            (BOBS_TEAM, Role.CATALOGUE, None),
            (CHARLIE, Role.CATALOGUE, "not_your_unit"),
            ("SE0000000000-TESTNOBODY", Role.CATALOGUE, "not_your_unit"),
            (BOB, Role.COORDINATOR, "role_not_enough"),
            (BOB, Role.UNIT_MANAGER, "role_not_enough"),
            (BOB, Role.REGIONAL, "role_not_enough"),
        ],
    )
    def test_an_organisations_own_catalogue_keeper_changes_its_units(
        self, at: str, role: Role, code: str | None
    ) -> None:
        actor = Actor(subject="u-1", unit=at, roles=(role,))

        assert may_administer(actor, "k1980", units()) is (code is None)
        if code is None:
            must_administer(actor, "k1980", units())
        else:
            with pytest.raises(Refused, match=code):
                must_administer(actor, "k1980", units())
