"""The shipped reference data holds together: it validates, refers only to what exists, and is safe.

Safe means that no number, name, mail or telephone in it can belong to a real person.
"""

import csv
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.referrals import COLUMNS
from domain.calendar import Counting
from domain.clock import ClockKind
from domain.content import Figures, Initiator, Referral
from domain.journey import Role
from domain.ladder import Ladders
from domain.pathway import Deadline, Definition, HandoverStep, PlanStep, Source
from domain.patient import IdentifierSystem, identify
from domain.refusal import Refused
from domain.rulebook import Agreement, Began, Rule, Rulebook
from domain.rules.promise import CHOSEN
from domain.unit import SOCIAL_KINDS, Function, Unit, UnitKind

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "catalogue"
DEFINITIONS = sorted((ROOT / "pathways").glob("*/v*.yaml"))
REFERRALS = CATALOGUE / "demo" / "referrals.csv"
REFERRALS_WITH_ERRORS = CATALOGUE / "demo" / "referrals-with-errors.csv"
STROKE_UNIT = "SE0000000000-TESTRVMSTROKE1"

MUNICIPALITIES = frozenset(
    ["1904", "1907", "1960", "1961", "1962", "1980", "1981", "1982", "1983", "1984"]
)
LADDERS = frozenset(
    [
        "handover",
        "acknowledge",
        "received",
        "answer",
        "take_over",
        "discharge",
        "first_contact",
        "step",
        "alarm",
    ]
)

# Test numbers that third parties list as Skatteverket's, or that are test persons in the Swedish
# FHIR base profiles.
SAFE_NUMBERS = frozenset(
    [
        "194408139089",
        "193012299263",
        "194001079120",
        "195312242083",
        "195712302842",
        "196108283166",
        "198705212382",
        "199107172380",
        "199610202385",
        "200001052380",
        "200304302383",
        "200510162381",
        "194502024732",
        "194504118359",
        "195102031753",
        "195711212893",
        "196107293059",
        "196109072972",
        "197912309296",
        "199006022397",
        "199312162390",
        "200001022391",
        "200512312398",
        "196109732393",
    ]
)
COORDINATION_NUMBER = "196109732393"


def load(path: Path) -> Any:
    """The YAML of a file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file with the agreed header."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        assert reader.fieldnames == list(COLUMNS)
        return list(reader)


@pytest.fixture(scope="module")
def organisations() -> dict[str, dict[str, Any]]:
    return {o["key"]: o for o in load(CATALOGUE / "organisations.yaml")["organisations"]}


@pytest.fixture(scope="module")
def units() -> dict[str, Unit]:
    found = [Unit.model_validate(u) for u in load(CATALOGUE / "units.yaml")["units"]]
    assert len({u.hsa_id for u in found}) == len(found), "an HSA id is used twice"
    return {u.hsa_id: u for u in found}


@pytest.fixture(scope="module")
def pathways() -> dict[str, Definition]:
    return {d.key: d for d in map(Definition.model_validate, map(load, DEFINITIONS))}


@pytest.fixture(scope="module")
def ladders() -> Ladders:
    return Ladders.model_validate(load(CATALOGUE / "ladders" / "v1.yaml"))


@pytest.fixture(scope="module")
def newer() -> Ladders:
    return Ladders.model_validate(load(CATALOGUE / "ladders" / "v2.yaml"))


@pytest.fixture(scope="module")
def law() -> list[Rule]:
    listed = load(CATALOGUE / "rules" / "lag-2017-612.yaml")["rules"]
    return [Rule.model_validate(rule) for rule in listed]


@pytest.fixture(scope="module")
def chosen() -> list[Rule]:
    listed = load(CATALOGUE / "rules" / "local-choices.yaml")["rules"]
    return [Rule.model_validate(rule) for rule in listed]


@pytest.fixture(scope="module")
def agreements() -> list[Agreement]:
    listed = load(CATALOGUE / "rules" / "agreements.yaml")["agreements"]
    return [Agreement.model_validate(agreement) for agreement in listed]


class TestPathways:
    @pytest.mark.parametrize("path", DEFINITIONS, ids=lambda p: f"{p.parent.name}-{p.stem}")
    def test_a_definition_stands_where_its_key_and_version_say(self, path: Path) -> None:
        definition = Definition.model_validate(load(path))

        assert path.parts[-2:] == (definition.key, f"v{definition.version}.yaml")

    def test_generic_and_stroke_are_shipped(self, pathways: dict[str, Definition]) -> None:
        assert {"generic-rehab", "stroke-rehab"} <= set(pathways)

    def test_every_figure_says_where_it_comes_from(self, pathways: dict[str, Definition]) -> None:
        for definition in pathways.values():
            for deadline in deadlines(definition):
                assert deadline.note, definition.key

    def test_every_step_has_guidance_in_both_languages(
        self, pathways: dict[str, Definition]
    ) -> None:
        for definition in pathways.values():
            for step in definition.steps:
                assert step.guidance, step.key
                assert step.guidance.sv != step.guidance.en

    def test_every_handover_step_has_somebody_to_receive_it(
        self, pathways: dict[str, Definition], units: dict[str, Unit]
    ) -> None:
        kinds = {u.kind for u in units.values() if u.agreement_until is None}
        for step in handover_steps(pathways):
            assert kinds & set(step.to), step.key

    def test_a_handover_step_sends_a_part_only_to_kinds_that_may_hold_it(
        self, pathways: dict[str, Definition]
    ) -> None:
        for definition in pathways.values():
            for step in handover_steps({definition.key: definition}):
                part = definition.part(step.hands)
                assert part is not None
                if not step.purpose.moves:
                    continue
                if part.held_by:
                    assert set(step.to) <= set(part.held_by), step.key
                else:
                    assert not set(step.to) & {*SOCIAL_KINDS, UnitKind.SCHOOL}, step.key

    def test_a_receiver_reads_before_it_accepts_and_accepts_before_the_step_is_due(
        self, pathways: dict[str, Definition]
    ) -> None:
        for step in handover_steps(pathways):
            assert step.acknowledge.budget.counting is step.accept.budget.counting
            assert step.acknowledge.budget.span <= step.accept.budget.span < step.due.budget.span

    def test_stroke_hands_rehabilitation_over_within_24_hours_round_the_clock(
        self, pathways: dict[str, Definition]
    ) -> None:
        step = pathways["stroke-rehab"].step("handover_rehab")

        assert isinstance(step, HandoverStep)
        assert step.accept.budget.span == timedelta(hours=24)
        assert step.accept.budget.counting is Counting.HOURS

    def test_stroke_asks_for_two_to_five_goals(self, pathways: dict[str, Definition]) -> None:
        step = pathways["stroke-rehab"].step("plan")

        assert isinstance(step, PlanStep)
        assert (step.goals_min, step.goals_max) == (2, 5)

    def test_an_unanswered_handover_does_not_hold_up_follow_up(
        self, pathways: dict[str, Definition]
    ) -> None:
        for definition in pathways.values():
            handovers = {s.key for s in handover_steps({definition.key: definition})}
            follow_up = definition.step("follow_up")
            assert follow_up is not None and follow_up.after
            assert not handovers & set(follow_up.after), definition.name


def deadlines(definition: Definition) -> list[Deadline]:
    """Every deadline of a definition."""
    found = [
        getattr(definition.handovers, name) for name in type(definition.handovers).model_fields
    ]
    for step in definition.steps:
        found.append(step.due)
        if isinstance(step, HandoverStep):
            found += [step.acknowledge, step.accept, step.first_contact]
    return found


def handover_steps(pathways: dict[str, Definition]) -> list[HandoverStep]:
    """The handover steps of all pathways."""
    return [s for d in pathways.values() for s in d.steps if isinstance(s, HandoverStep)]


class TestLadders:
    def test_every_clock_has_its_ladder(self, ladders: Ladders) -> None:
        assert ladders.version == "ladders-1"
        assert Counter(ladder.key for ladder in ladders.ladders) == Counter(LADDERS)

    def test_the_last_rung_repeats_and_only_take_over_has_none(self, ladders: Ladders) -> None:
        for ladder in ladders.ladders:
            assert bool(ladder.rungs) is (ladder.key != "take_over")
            assert (ladder.every is not None) is bool(ladder.rungs)

    @pytest.mark.parametrize("budget", [timedelta(), timedelta(hours=1), timedelta(days=90)])
    def test_rungs_come_in_order_whatever_the_budget(
        self, ladders: Ladders, budget: timedelta
    ) -> None:
        for ladder in filter(lambda found: found.rungs, ladders.ladders):
            positions = [ladder.place(i, budget).position for i in range(len(ladder.rungs) + 2)]
            assert positions == sorted(positions), ladder.key

    def test_every_rung_tells_somebody_and_has_a_name_of_its_own(self, ladders: Ladders) -> None:
        for ladder in ladders.ladders:
            assert all(rung.tell for rung in ladder.rungs), ladder.key
            assert len({rung.key for rung in ladder.rungs}) == len(ladder.rungs), ladder.key

    def test_the_holder_is_told_no_later_than_the_receivers_manager(self, ladders: Ladders) -> None:
        for key in ("handover", "acknowledge", "answer", "first_contact"):
            told: set[tuple[str, str]] = set()
            for rung in ladders.get(key).rungs:
                told |= {(a.party.value, a.function.value) for a in rung.tell}
                if ("owner", "manager") in told:
                    break
            assert any(party == "counterpart" for party, _ in told), key

    def test_the_alarm_sounds_at_once_and_goes_on(self, ladders: Ladders) -> None:
        alarm = ladders.get("alarm")

        assert all(rung.alarm for rung in alarm.rungs)
        assert alarm.place(0, timedelta(days=1)).position == timedelta()
        assert alarm.every == timedelta(hours=4)


class TestNewerLadders:
    """The second set has everything of the first, and wakes nobody for what can wait."""

    def test_every_ladder_of_the_first_is_in_the_second(
        self, ladders: Ladders, newer: Ladders
    ) -> None:
        keys = [ladder.key for ladder in newer.ladders]

        assert newer.version == "ladders-2"
        assert len(keys) == len(set(keys))
        assert {ladder.key for ladder in ladders.ladders} <= set(keys)

    def test_every_rung_of_the_first_tells_the_same_at_the_same_place(
        self, ladders: Ladders, newer: Ladders
    ) -> None:
        for ladder in ladders.ladders:
            known = [(r.key, r.share, r.after, r.tell) for r in ladder.rungs]
            found = [(r.key, r.share, r.after, r.tell) for r in newer.get(ladder.key).rungs]
            assert found == known, ladder.key

    def test_reminders_before_due_wait_for_the_opening_and_what_is_late_does_not(
        self, newer: Ladders
    ) -> None:
        waiting = [(k, r) for k in newer.ladders for r in k.rungs if r.wait_for_opening]

        assert waiting
        assert all(0 < rung.share < 1 and not rung.alarm for _, rung in waiting)
        assert {k.key for k, _ in waiting}.isdisjoint({"alarm", "statutory", "payment"})

    def test_all_skip_but_the_alarm_and_what_acts_by_itself(self, newer: Ladders) -> None:
        still = {ladder.key for ladder in newer.ladders if not ladder.skips}

        assert still == {"alarm", "take_over"}


class TestRules:
    def test_they_make_a_book(
        self, law: list[Rule], chosen: list[Rule], agreements: list[Agreement]
    ) -> None:
        book = Rulebook(version="rules-00001", rules=(*law, *chosen), agreements=tuple(agreements))

        assert len({rule.name for rule in book.rules}) == len(law) + len(chosen)

    def test_the_names_of_law_and_choice_are_apart(
        self, law: list[Rule], chosen: list[Rule]
    ) -> None:
        assert {rule.key for rule in law}.isdisjoint(rule.key for rule in chosen)

    def test_the_law_says_where_it_stands_written(self, law: list[Rule]) -> None:
        for rule in law:
            assert rule.source is Source.LAW or rule.note, f"{rule.name}: a choice is explained"
            assert rule.reference and "2017:612" in rule.reference, rule.name

    def test_what_the_act_leaves_open_is_said_where_it_is_chosen(self, law: list[Rule]) -> None:
        open_in_the_act = {"care_contact", "patient_summary", "sip_summons", "payment_start"}

        assert {rule.key for rule in law if rule.note} == open_in_the_act

    def test_only_the_payment_may_be_agreed_on(self, law: list[Rule], chosen: list[Rule]) -> None:
        free = {rule.key: rule.agreement_on for rule in (*law, *chosen) if rule.agreement_on}

        assert free == {"payment_start": ("start", "amount")}

    @pytest.mark.parametrize("key", ["admission_notice", "sip_summons", "care_contact", "hold"])
    def test_any_other_agreement_is_refused(
        self, law: list[Rule], chosen: list[Rule], key: str
    ) -> None:
        agreed = Agreement.model_validate(
            {
                "key": "k1980-2027",
                "rule": key,
                "municipality": "1980",
                "budget": {"amount": 5, "counting": "calendar_days"},
                "reference": "Överenskommelse 2027",
                "valid_from": "2027-01-01",
            }
        )

        with pytest.raises(ValueError, match=f"{key}@1 allows no agreement on start"):
            Rulebook(version="rules-00001", rules=(*law, *chosen), agreements=(agreed,))

    def test_every_choice_is_the_one_that_holds_without_a_book(self, chosen: list[Rule]) -> None:
        found = {rule.key: (rule.budget, rule.ladder) for rule in chosen}

        assert found == {kind.value: (c.budget, c.ladder) for kind, c in CHOSEN.items()}

    def test_a_choice_counts_from_the_decision_and_says_that_it_is_one(
        self, chosen: list[Rule]
    ) -> None:
        for rule in chosen:
            assert rule.begins == (Began.DECISION,), rule.name
            assert rule.source is Source.CHOSEN, rule.name
            assert rule.key in set(ClockKind), rule.name

    def test_every_ladder_that_is_named_is_there(
        self, law: list[Rule], chosen: list[Rule], newer: Ladders
    ) -> None:
        assert {rule.ladder for rule in (*law, *chosen)} <= {k.key for k in newer.ladders}

    def test_labels_and_notes_are_in_both_languages(
        self, law: list[Rule], chosen: list[Rule]
    ) -> None:
        for rule in (*law, *chosen):
            texts = [rule.label, *([rule.note] if rule.note else [])]
            assert all(t.sv and t.en and t.sv != t.en for t in texts), rule.name


class TestUnits:
    def test_an_organisation_is_the_region_a_municipality_or_openly_invented(
        self, organisations: dict[str, dict[str, Any]]
    ) -> None:
        public = {"rvm", *(f"k{code}" for code in MUNICIPALITIES)}
        for key, organisation in organisations.items():
            assert (key in public) is not organisation["name"].endswith("(demo)")
        assert public <= set(organisations)

    def test_every_unit_belongs_to_an_organisation_of_its_principal(
        self, organisations: dict[str, dict[str, Any]], units: dict[str, Unit]
    ) -> None:
        for unit in units.values():
            assert organisations[unit.organisation]["principal"] == unit.principal, unit.name
            assert unit.municipality is None or unit.municipality in MUNICIPALITIES

    def test_no_unit_can_be_taken_for_a_real_one(self, units: dict[str, Unit]) -> None:
        for unit in units.values():
            assert unit.hsa_id.startswith("SE0000000000-TEST")
            assert unit.name.endswith("(demo)")
        assert len({unit.name for unit in units.values()}) == len(units)

    @pytest.mark.parametrize(
        "kind", [UnitKind.MUNICIPAL_REHAB, UnitKind.HOME_HELP, UnitKind.CARE_ASSESSMENT]
    )
    def test_every_municipality_has_the_units_that_a_stroke_journey_ends_at(
        self, units: dict[str, Unit], kind: UnitKind
    ) -> None:
        assert {u.municipality for u in units.values() if u.kind is kind} == MUNICIPALITIES

    def test_every_municipality_has_rehab_at_a_health_centre(self, units: dict[str, Unit]) -> None:
        open_today = [u for u in units.values() if u.agreement_until is None]
        rehab = {u.municipality for u in open_today if u.kind is UnitKind.HEALTH_CENTRE_REHAB}

        assert rehab == MUNICIPALITIES

    def test_only_the_named_gaps_are_gaps(self, units: dict[str, Unit]) -> None:
        gaps = {
            (unit.hsa_id.split("-TEST")[1], function)
            for unit in units.values()
            for function in Function
            if function is not Function.OUT_OF_HOURS and unit.contact(function) is None
        }

        assert gaps == {("K1962REH", Function.OPERATIONS), ("K1960HTJ", Function.COORDINATOR)}

    def test_municipal_rehab_alone_names_who_answers_out_of_hours(
        self, units: dict[str, Unit]
    ) -> None:
        at_night = {u.kind for u in units.values() if u.contact(Function.OUT_OF_HOURS)}
        without = [
            u.name
            for u in units.values()
            if u.kind is UnitKind.MUNICIPAL_REHAB and not u.contact(Function.OUT_OF_HOURS)
        ]

        assert at_night == {UnitKind.MUNICIPAL_REHAB}
        assert without == []

    def test_one_unit_is_not_connected(self, units: dict[str, Unit]) -> None:
        unconnected = [u.hsa_id for u in units.values() if not u.connected]

        assert unconnected == ["SE0000000000-TESTK1904REH"]

    def test_whoever_is_not_connected_can_be_told_by_mail(self, units: dict[str, Unit]) -> None:
        for unit in units.values():
            assert unit.connected or all(contact.mail for contact in unit.contacts), unit.name

    def test_one_agreement_has_expired(self, units: dict[str, Unit]) -> None:
        ends = {u.name: u.agreement_until for u in units.values() if u.agreement_until}

        assert ends["Privat VC, rehab (demo)"] < date(2026, 1, 1)
        assert sum(end < date(2026, 1, 1) for end in ends.values()) == 1

    def test_no_mail_or_telephone_can_reach_anybody(self, units: dict[str, Unit]) -> None:
        for unit in units.values():
            for contact in unit.contacts:
                assert contact.mail is None or contact.mail.endswith("@example.invalid")
                assert contact.phone == "010-000 00 00"

    @pytest.mark.parametrize(
        "path", sorted(p for p in CATALOGUE.rglob("*") if p.is_file()), ids=lambda p: p.name
    )
    def test_no_file_holds_another_mail_address(self, path: Path) -> None:
        mails = re.findall(r"[\w.+-]+@[a-z][\w.-]*", path.read_text(encoding="utf-8"))

        assert all(mail.endswith("@example.invalid") for mail in mails)


class TestUsers:
    def test_a_user_has_a_unit_and_known_roles_and_is_no_person(
        self, units: dict[str, Unit]
    ) -> None:
        users = load(CATALOGUE / "users.yaml")["users"]

        assert len({u["username"] for u in users}) == len(users)
        for user in users:
            assert set(user) == {"username", "name", "unit", "roles"}
            assert re.fullmatch(r"Demo [A-ZÅÄÖ][a-zåäö ]+ \d", user["name"])
            assert user["unit"] in units
            assert [Role(role) for role in user["roles"]]

    def test_every_role_has_a_user(self) -> None:
        users = load(CATALOGUE / "users.yaml")["users"]

        assert {role for user in users for role in user["roles"]} == set(Role)

    def test_the_outsider_is_at_a_unit_of_its_own(self) -> None:
        users = load(CATALOGUE / "users.yaml")["users"]
        at = Counter(user["unit"] for user in users)
        (outsider,) = [u for u in users if u["username"] == "sala-rehab"]

        assert at[outsider["unit"]] == 1


class TestReferrals:
    def test_every_number_is_a_known_test_number_and_passes_the_check(self) -> None:
        for row in rows(REFERRALS):
            assert row["person"] in SAFE_NUMBERS
            patient = identify(row["person"], row["name"])
            coordination = patient.system is IdentifierSystem.SAMORDNINGSNUMMER
            assert patient.value == row["person"]
            assert coordination is (row["person"] == COORDINATION_NUMBER)

    def test_the_coordination_number_is_among_them(self) -> None:
        assert COORDINATION_NUMBER in {row["person"] for row in rows(REFERRALS)}

    def test_every_row_is_a_valid_referral(
        self, units: dict[str, Unit], pathways: dict[str, Definition]
    ) -> None:
        found = rows(REFERRALS)

        assert len({row["ref"] for row in found}) == len(found) == 20
        for row in found:
            assert wrong(row, units, pathways) == []
            assert row["unit"] == STROKE_UNIT
            assert row["municipality"] in MUNICIPALITIES

    def test_sex_and_age_fit_the_number(self) -> None:
        for row in rows(REFERRALS) + rows(REFERRALS_WITH_ERRORS):
            number = row["person"]
            month, day = int(number[4:6]), int(number[6:8]) % 60
            birthday_passed = (month, day) <= (11, 22)
            assert row["sex"] == ("male" if int(number[10]) % 2 else "female")
            assert int(row["age"]) == 2026 - int(number[:4]) - (not birthday_passed)

    def test_nobody_has_the_same_pathway_twice(self) -> None:
        pairs = Counter((row["person"], key(row)) for row in rows(REFERRALS))

        assert max(pairs.values()) == 1

    def test_both_pathways_are_in_use_with_and_without_version(self) -> None:
        assert {row["pathway"] for row in rows(REFERRALS)} == {
            "stroke-rehab",
            "stroke-rehab@1",
            "generic-rehab",
            "generic-rehab@1",
        }

    def test_patients_are_named_as_test_patients_each_with_one_name(self) -> None:
        names: dict[str, str] = {}
        for row in rows(REFERRALS) + rows(REFERRALS_WITH_ERRORS):
            assert re.fullmatch(r"Testpatient \d\d", row["name"])
            if row["person"] in SAFE_NUMBERS:
                assert names.setdefault(row["person"], row["name"]) == row["name"]
        assert len(set(names.values())) == len(names)

    def test_the_file_with_errors_has_one_of_each_and_three_good_rows(
        self, units: dict[str, Unit], pathways: dict[str, Definition]
    ) -> None:
        seen: set[tuple[str, str]] = set()
        outcome = {}
        for row in rows(REFERRALS_WITH_ERRORS):
            found = wrong(row, units, pathways)
            if (row["person"], key(row)) in seen:
                found.append("twice")
            seen.add((row["person"], key(row)))
            outcome[row["ref"]] = found

        assert outcome == {
            "fel-01": [],
            "fel-02": [],
            "fel-03": ["check_digit"],
            "fel-04": ["unit"],
            "fel-05": ["pathway"],
            "fel-06": ["reason"],
            "fel-07": [],
            "fel-08": ["twice"],
            "fel-09": ["initiator"],
        }

    def test_the_wrong_number_belongs_to_nobody(self) -> None:
        wrong_rows = [r for r in rows(REFERRALS_WITH_ERRORS) if r["person"] not in SAFE_NUMBERS]

        assert [row["ref"] for row in wrong_rows] == ["fel-03"]
        assert any(wrong_rows[0]["person"][:-1] == number[:-1] for number in SAFE_NUMBERS)

    def test_the_two_files_can_be_loaded_one_after_the_other(self) -> None:
        first = {(row["person"], key(row)) for row in rows(REFERRALS)}
        second = {(row["person"], key(row)) for row in rows(REFERRALS_WITH_ERRORS)}

        assert not first & second


def key(row: dict[str, str]) -> str:
    """The pathway of a row without its version."""
    return row["pathway"].partition("@")[0]


def wrong(
    row: dict[str, str], units: dict[str, Unit], pathways: dict[str, Definition]
) -> list[str]:
    """What a loader must find wrong with a row, seen alone."""
    found = []
    try:
        identify(row["person"], row["name"])
    except Refused as refused:
        found += [field.rule for field in refused.refusal.fields]
    if row["unit"] not in units:
        found.append("unit")
    version = row["pathway"].partition("@")[2]
    newest = pathways[key(row)].version if key(row) in pathways else 0
    if not newest or version not in ("", *map(str, range(1, newest + 1))):
        found.append("pathway")
    if row["initiator"] not in set(Initiator):
        found.append("initiator")
    if not row["reason"].strip():
        found.append("reason")
    if not found:
        Referral(
            reason=row["reason"],
            initiator=Initiator(row["initiator"]),
            what_matters=row["what_matters"] or None,
            figures=Figures.model_validate(
                {"sex": row["sex"], "age": int(row["age"]), "municipality": row["municipality"]}
            ),
        )
    return found
