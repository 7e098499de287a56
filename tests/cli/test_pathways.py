"""Pathways on a terminal: files on this machine, and drafts and migrations through the API."""

import json
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from api.drafts import OpenGap, Retired, Standing
from api.migrations import Shown
from api.pathways import Judged
from cli.load import PATHWAYS
from cli.pathway_migration import VERDICTS, WAITS
from cli.pathway_words import TEXTS
from domain.calendar import Budget, Counting
from domain.clock import ClockKind
from domain.design.check import check
from domain.design.coverage import Gap, Why
from domain.design.digest import digest
from domain.design.moving import Moving, MovingState, Outcome, Result
from domain.design.promised import About, Promised
from domain.design.publication import Approval, Draft, Scope
from domain.effect import Effect, NewStep, Shift
from tests.cli.conftest import Handslag
from tests.cli.stub import Api, Asked, refusal
from tests.samples import ALICE, BOB, MONDAY, hours, local, pathway

STROKE = PATHWAYS / "stroke-rehab" / "v1.yaml"
ADDITION = PATHWAYS / "stroke-rehab" / "additions" / "vastmanland" / "v1.yaml"
DRAFT = "6f1f7a3e-0000-4000-8000-000000000001"
MOVING = "6f1f7a3e-0000-4000-8000-000000000002"
BAD = """\
language: 1
extends: stroke-rehab@1
key: bad
version: 1
label: {sv: Fel, en: Faulty}
owned_by: Testförvaltningen (demo)
operations:
  - op: tighten
    step: handover_rehab
    what: acknowledge
    to:
      budget: {amount: 48, counting: hours}
      source: chosen
  - op: leave_out
    step: asessment
    because: Ett stavfel.
  - op: require_fields
    step: assessment
    feilds: [summary]
    fields: [summary]
"""
SMALL = """\
language: 1
extends: {base}
key: {key}
version: 1
label: {{sv: Litet tillägg, en: Small addition}}
owned_by: Testförvaltningen (demo)
operations:
  # Egen anmärkning.
  - op: tighten
    because: Vi hinner.
    step: {step}
    what: {what}
    to:
      budget: {{amount: {amount}, counting: {counting}}}
      source: chosen
"""


def small(key: str = "liten", base: str = "stroke-rehab@1", **given: str) -> str:
    """An addition of one operation."""
    usual = {"step": "handover_rehab", "what": "acknowledge", "amount": "12", "counting": "hours"}
    return SMALL.format(**usual | given, key=key, base=base)


def put(path: Path, text: str) -> str:
    """A file with a text, by name."""
    path.write_text(text, encoding="utf-8")
    return str(path)


def changed(path: Path, text: str, *words: tuple[str, str]) -> str:
    """A file with a text in which some words are others, by name."""
    for old, new in words:
        assert old in text
        text = text.replace(old, new)
    return put(path, text)


def stroke(path: Path, *words: tuple[str, str]) -> str:
    """The shipped stroke pathway with some words changed, as a file."""
    return changed(path, STROKE.read_text("utf-8"), *words)


def cells(out: str) -> list[str]:
    """The lines of what was printed, with single spaces."""
    return [" ".join(line.split()) for line in out.splitlines()]


class TestCheck:
    def test_a_sound_file_is_said_with_its_hash(self, handslag: Handslag) -> None:
        ran = handslag("pathway", "check", str(STROKE), str(ADDITION))

        first, second = ran.out.splitlines()
        assert first == f"{STROKE}: inga fel · stroke-rehab@1 {digest(pathway())}"
        assert second.startswith(f"{ADDITION}: inga fel · stroke-rehab-vastmanland@1 ")
        assert ran.code == 0

    def test_everything_that_is_wrong_comes_at_once_with_its_place(
        self, handslag: Handslag, tmp_path: Path
    ) -> None:
        name = put(tmp_path / "bad.yaml", BAD)

        ran = handslag("pathway", "check", name)

        assert ran.out.splitlines() == [
            f"{name}:12:7: Tiden acknowledge blir inte kortare: 24 timmar dygnet runt till "
            "48 timmar dygnet runt. [deadline_longer]",
            f"{name}:15:11: Okänt steg asessment. [step_unknown]",
            f"{name}:19:5: Okänt fält: feilds. [unknown_field]",
        ]
        assert (ran.code, ran.err) == (1, "")

    def test_it_is_said_in_english_too(self, handslag: Handslag, tmp_path: Path) -> None:
        name = put(tmp_path / "bad.yaml", BAD)

        bad = handslag("pathway", "check", name, "--lang", "en")
        good = handslag("pathway", "check", str(STROKE), "--lang", "en")

        assert f"{name}:19:5: Unknown field: feilds. [unknown_field]" in bad.out
        assert f"{STROKE}: no problems · stroke-rehab@1" in good.out

    def test_files_that_cannot_be_read_are_said_and_the_others_are_checked(
        self, handslag: Handslag, tmp_path: Path
    ) -> None:
        latin = tmp_path / "latin.yaml"
        latin.write_bytes("language: 1\nkey: på\n".encode("latin-1"))

        ran = handslag("pathway", "check", str(latin), str(tmp_path), "nowhere.yaml", str(STROKE))

        utf8, folder, nowhere, sound = ran.out.splitlines()
        said = "Filen är inte text i UTF-8; spara den om som UTF-8. [not_utf8]"
        assert utf8 == f"{latin}:2:7: {said}"
        assert folder == f"{tmp_path}: det är en mapp"
        assert nowhere == "nowhere.yaml: filen finns inte"
        assert "inga fel" in sound
        assert ran.code == 1

    def test_additions_stand_on_named_files_in_any_order(
        self, handslag: Handslag, tmp_path: Path
    ) -> None:
        one = put(tmp_path / "one.yaml", small("one"))
        two = put(tmp_path / "two.yaml", small("two", "one@1", amount="10"))
        three = put(tmp_path / "three.yaml", small("three", "two@1", amount="8"))

        alone = handslag("pathway", "check", three)
        based = handslag("pathway", "check", three, "--base", two, "--base", one)
        listed = handslag("pathway", "check", one, two, three)

        assert (alone.code, "[base_unknown]" in alone.out) == (1, True)
        assert based.code == 0
        assert (listed.code, listed.out.count("inga fel")) == (0, 3)

    def test_a_base_with_faults_is_refused_with_its_lines(
        self, handslag: Handslag, tmp_path: Path
    ) -> None:
        bad = put(tmp_path / "bad.yaml", BAD)

        ran = handslag("pathway", "check", str(STROKE), "--base", bad)

        assert (ran.code, ran.out) == (1, "")
        assert f"{bad}:15:11: Okänt steg asessment. [step_unknown]" in ran.err

    def test_a_pathway_that_nobody_can_receive_in_other_units_is_refused(
        self, handslag: Handslag, tmp_path: Path
    ) -> None:
        shipped = yaml.safe_load((PATHWAYS.parent / "catalogue/units.yaml").read_text("utf-8"))
        few = [u for u in shipped["units"] if u["hsa_id"] == ALICE]
        units = put(tmp_path / "units.yaml", yaml.safe_dump({"units": few}, allow_unicode=True))

        ran = handslag("pathway", "check", str(STROKE), "--units", units)

        assert (ran.code, ran.out.count("[receiver_missing]")) == (1, 3)

    def test_a_trial_beside_the_file_must_come_out_as_it_was_kept(
        self, handslag: Handslag, tmp_path: Path
    ) -> None:
        (tmp_path / "trials").mkdir()
        kept = tmp_path / "trials" / "usual.yaml"
        handslag("pathway", "simulate", str(STROKE), "--save", str(kept))
        same = stroke(tmp_path / "same.yaml")
        other = stroke(tmp_path / "other.yaml", ("amount: 3, counting", "amount: 2, counting"))

        sound = handslag("pathway", "check", same)
        failed = handslag("pathway", "check", other)

        assert sound.code == 0
        assert failed.code == 1
        assert failed.out.startswith(f"{kept}: prov usual: ")
        assert failed.out.endswith("[trial_fails]\n")


class TestShow:
    def test_steps_stand_in_order_with_times_receivers_and_sources(
        self, handslag: Handslag
    ) -> None:
        out = handslag("pathway", "show", "stroke-rehab@1").out

        lines = cells(out)
        labels = [f"{n}. {s.label.sv} ({s.key})" for n, s in enumerate(pathway().steps, start=1)]
        assert [line for line in lines if line in labels] == labels
        assert "tid: 3 kalenderdagar [lokalt val]" in lines
        assert "mottagare: home help, care assessment, special housing" in lines
        assert "tillägg" not in out and "ändrat" not in out

    def test_what_an_addition_brought_is_apart(self, handslag: Handslag) -> None:
        lines = cells(handslag("pathway", "show", str(ADDITION)).out)

        assert "+ 6. Rehabiliterande hembesök (home_visit) + tillägg" in lines
        assert "+ tid: 5 vardagar [lokalt val]" in lines
        now, was = "12 timmar dygnet runt [lokalt val]", "24 timmar dygnet runt [lokalt val]"
        assert f"~ kvittens: {now} ~ ändrat (var {was})" in lines
        assert "1. Remiss (referral)" in lines

    def test_a_tighter_time_for_other_handovers_is_marked(
        self, handslag: Handslag, tmp_path: Path
    ) -> None:
        text = small(what="received", amount="0")
        name = changed(tmp_path / "other.yaml", text, ("    step: handover_rehab\n", ""))

        out = handslag("pathway", "show", name, "--lang", "en").out

        assert "~ received: at once [local choice]  ~ changed (was 1 hour" in out

    @pytest.mark.parametrize("form", ["text", "markdown", "svg", "bpmn", "json"])
    def test_it_is_written_in_every_form(
        self, handslag: Handslag, tmp_path: Path, form: str
    ) -> None:
        out = tmp_path / f"shown.{form}"

        ran = handslag("pathway", "show", str(ADDITION), "--as", form, "--out", str(out))

        text = out.read_text("utf-8")
        assert (ran.code, ran.out.strip()) == (0, str(out))
        assert "home_visit" in text
        if form in ("svg", "bpmn"):
            assert ElementTree.fromstring(text) is not None
        if form == "json":
            assert json.loads(text)["layers"][0]["on"] == "stroke-rehab@1"

    def test_neither_a_file_nor_a_pathway_is_one_line(self, handslag: Handslag) -> None:
        ran = handslag("pathway", "show", "nothing@1")

        assert (ran.code, ran.err.count("\n")) == (1, 1)
        assert "nothing@1: varken en fil eller ett levererat förlopp (finns: " in ran.err

    def test_a_place_that_cannot_be_written_is_one_line(
        self, handslag: Handslag, tmp_path: Path
    ) -> None:
        ran = handslag("pathway", "show", str(STROKE), "--out", str(tmp_path))

        assert (ran.code, f"{tmp_path}: kan inte skrivas" in ran.err) == (1, True)


class TestDiff:
    def test_each_field_that_differs_has_a_line(self, handslag: Handslag, tmp_path: Path) -> None:
        new = stroke(tmp_path / "new.yaml", ("amount: 3, counting", "amount: 2, counting"))

        ran = handslag("pathway", "diff", str(STROKE), new)

        said = "steget assessment: due.budget ändrat: 3 calendar_days → 2 calendar_days"
        assert (ran.code, said in ran.out.splitlines()) == (0, True)

    def test_shipped_names_do_as_well_and_nothing_is_said_too(self, handslag: Handslag) -> None:
        same = handslag("pathway", "diff", "stroke-rehab@1", str(STROKE))
        later = handslag("pathway", "diff", "stroke-rehab@1", "stroke-rehab@2", "--json")

        assert same.out == "Ingen skillnad.\n"
        answered = [d for d in later.json if d["field"] == "accept.budget"]
        assert [(d["step"], d["was"]["amount"], d["now"]["amount"]) for d in answered] == [
            ("handover_coordination", 2, 1)
        ]


class TestRebase:
    def test_what_still_holds_is_written_as_the_next_version(
        self, handslag: Handslag, tmp_path: Path
    ) -> None:
        out = tmp_path / "v2.yaml"
        old = yaml.safe_load(ADDITION.read_text("utf-8"))

        ran = handslag(
            "pathway", "rebase", str(ADDITION), "--onto", "stroke-rehab@2", "--out", str(out)
        )

        new = yaml.safe_load(out.read_text("utf-8"))
        assert ran.code == 0
        said = "operations.1: kvar: tighten handover_rehab what: acknowledge, to: 12 hours"
        assert said in ran.out
        assert new == old | {"extends": "stroke-rehab@2", "version": 2}
        assert list(new) == list(old)
        assert handslag("pathway", "check", str(out)).code == 0

    def test_without_a_place_nothing_is_written(self, handslag: Handslag) -> None:
        ran = handslag("pathway", "rebase", str(ADDITION), "--onto", "stroke-rehab@2")

        assert (ran.code, ran.out.splitlines()[-1]) == (0, "Inget är skrivet: --out FIL.")

    def test_a_conflict_names_both_edits_and_nothing_is_written(
        self, handslag: Handslag, tmp_path: Path
    ) -> None:
        text = small(step="handover_coordination", what="accept", amount="30")
        mine, out = put(tmp_path / "mine.yaml", text), tmp_path / "v2.yaml"

        ran = handslag("pathway", "rebase", mine, "--onto", "stroke-rehab@2", "--out", str(out))

        first, *edits = ran.out.splitlines()
        said = "tighten handover_coordination what: accept, to: 30 hours"
        assert first == f"operations.0: KONFLIKT: {said}"
        theirs = "accept.budget ändrat: 2 working_days → 1 working_days"
        assert f"    grunden säger nu: steget handover_coordination: {theirs}" in edits
        assert "    tiden accept blir inte kortare: 1 vardag till 30 timmar dygnet runt" in edits
        assert (ran.code, out.exists()) == (2, False)

    def test_conflicts_are_written_when_one_says_so(
        self, handslag: Handslag, tmp_path: Path
    ) -> None:
        text = small(step="handover_coordination", what="accept", amount="30")
        mine, out = put(tmp_path / "mine.yaml", text), tmp_path / "v2.yaml"
        onto = ("--onto", "stroke-rehab@2", "--out", str(out), "--keep-conflicts")

        ran = handslag("pathway", "rebase", mine, *onto)

        assert ran.code == 2
        assert yaml.safe_load(out.read_text("utf-8"))["operations"][0]["to"]["budget"] == {
            "amount": 30,
            "counting": "hours",
        }

    def test_an_addition_of_which_nothing_is_left_is_said(
        self, handslag: Handslag, tmp_path: Path
    ) -> None:
        base = stroke(
            tmp_path / "base.yaml",
            ("version: 1\n", "version: 9\n"),
            ("[nihss, katz, berg, mrs]", "[nihss, katz, berg, mrs, moca]"),
        )
        head, _, _ = small().partition("  #")
        more = "  - {op: require_instruments, step: assessment, instruments: [moca]}\n"
        mine, out = put(tmp_path / "mine.yaml", head + more), tmp_path / "v2.yaml"

        ran = handslag("pathway", "rebase", mine, "--onto", base, "--out", str(out))

        absorbed, *_, end = ran.out.splitlines()
        assert absorbed.startswith("operations.0: finns nu i grunden: require_instruments")
        assert end.startswith("Inget blir kvar av tillägget")
        assert (ran.code, out.exists()) == (0, False)

    def test_a_file_that_is_there_is_never_written_over(
        self, handslag: Handslag, tmp_path: Path
    ) -> None:
        mine = put(tmp_path / "mine.yaml", small())

        ran = handslag("pathway", "rebase", mine, "--onto", "stroke-rehab@2", "--out", mine)

        assert (ran.code, "finns redan" in ran.err) == (1, True)
        assert "# Egen anmärkning." in Path(mine).read_text("utf-8")

    def test_a_pathway_that_is_no_addition_is_refused(self, handslag: Handslag) -> None:
        ran = handslag("pathway", "rebase", str(STROKE), "--onto", "stroke-rehab@2")

        assert (ran.code, "filen är inget tillägg" in ran.err) == (1, True)


CASE = """label: Sommarfall
starts_at: 2026-07-03T15:00
habits:
  - who: {kind: municipal_rehab}
    does: silent
"""


class TestSimulate:
    def test_a_case_is_told_line_by_line_in_swedish_time(
        self, handslag: Handslag, tmp_path: Path
    ) -> None:
        case = put(tmp_path / "case.yaml", CASE)

        ran = handslag("pathway", "simulate", str(STROKE), "--case", case)

        lines = cells(ran.out)
        ward, rehab = "Sjukhusrehab Västerås (demo)", "Kommunrehab Västerås (demo)"
        assert lines[0] == "stroke-rehab@1 · Sommarfall"
        assert f"2026-07-03 15:00 {ward} gjort förloppet startas" in lines
        late = [line for line in lines if line.startswith("Försenat · ")]
        assert f"Försenat · 2026-07-10 09:46 · Kvitterad h-2 är försenad · {rehab}" in late
        assert any(line.endswith("stängd") and "får veta" in line for line in lines)
        assert lines[-1] == "slut: tiden är ute · 2027-07-03 09:46"
        assert ran.code == 0

    def test_an_empty_case_plays_to_the_end(self, handslag: Handslag) -> None:
        played = handslag("pathway", "simulate", "eskilstuna-ihr@1", "--json").json

        assert (played["pathway"], played["ended"]) == ("eskilstuna-ihr@1", "closed")
        assert played["lines"][-1]["words"]["sv"] == "slut: avslutat"

    def test_what_is_wrong_with_a_case_has_its_line_and_column(
        self, handslag: Handslag, tmp_path: Path
    ) -> None:
        text = "labl: x\nhabits: [{does: slent}]\n"
        odd = "extras: [{after: {amount: 3, counting: hours}, command: {type: nonsense}}]\n"
        case, extra = put(tmp_path / "case.yaml", text), put(tmp_path / "extra.yaml", odd)

        ran = handslag("pathway", "simulate", str(STROKE), "--case", case)
        other = handslag("pathway", "simulate", str(STROKE), "--case", extra)

        assert ran.err.splitlines() == [
            f"{case}:1:1: Okänt fält: labl. Menade du label? [unknown_field]",
            f"{case}:2:17: Värdet är inte ett av de tillåtna: accepts, declines, silent. "
            "Menade du silent? [not_one_of]",
        ]
        assert other.err.startswith(f"{extra}:1:64: Värdet är inte ett av de tillåtna: start, ")
        assert (ran.code, other.code) == (1, 1)

    def test_a_year_that_no_journey_has_is_one_line(
        self, handslag: Handslag, tmp_path: Path
    ) -> None:
        case = put(tmp_path / "case.yaml", "starts_at: 9999-12-31T00:00:00Z\n")

        ran = handslag("pathway", "simulate", str(STROKE), "--case", case)

        said = f"{case}:1:12: Regeln bryts: year out of range [rule_broken]\n"
        assert (ran.code, ran.err) == (1, said)

    def test_who_cannot_start_is_said(self, handslag: Handslag, tmp_path: Path) -> None:
        case = put(tmp_path / "case.yaml", "unit: SE0000000000-TESTNOBODY\n")

        ran = handslag("pathway", "simulate", str(STROKE), "--case", case)

        assert (ran.code, "ingen enhet kan starta förloppet: unit_unknown" in ran.err) == (1, True)

    def test_a_simulation_is_kept_whole(self, handslag: Handslag, tmp_path: Path) -> None:
        case, kept = put(tmp_path / "case.yaml", CASE), tmp_path / "summer.yaml"

        handslag("pathway", "simulate", str(STROKE), "--case", case, "--save", str(kept))

        trial = yaml.safe_load(kept.read_text("utf-8"))
        assert (trial["name"], trial["ended"]) == ("summer", "time_up")
        assert trial["case"]["starts_at"] == "2026-07-03T15:00:00+02:00"
        assert trial["case"]["days"] == 365
        assert trial["story"][0]["what"] == "journey_started"

    def test_many_runs_give_shares_and_a_picture(self, handslag: Handslag, tmp_path: Path) -> None:
        picture = tmp_path / "chance.svg"
        many = ("--runs", "6", "--seed", "3")

        ran = handslag("pathway", "simulate", "eskilstuna-ihr@1", *many, "--picture", str(picture))
        first = handslag("pathway", "simulate", "eskilstuna-ihr@1", *many, "--json")
        again = handslag("pathway", "simulate", "eskilstuna-ihr@1", *many, "--json")

        assert "PÅHITTADE antaganden" in ran.out
        assert "Inledande bedömning 0% 0%–39% 0/6" in cells(ran.out)
        assert first.json["runs"] == 6
        assert first.out == again.out
        assert ElementTree.fromstring(picture.read_text("utf-8")).tag.endswith("svg")

    def test_a_file_says_how_long_answers_take(self, handslag: Handslag, tmp_path: Path) -> None:
        nobody = put(tmp_path / "chances.yaml", "answers:\n  - times: {never: 1}\n")
        many = ("--runs", "3", "--chances", nobody)

        found = handslag("pathway", "simulate", "eskilstuna-ihr@1", *many, "--json").json
        ran = handslag("pathway", "simulate", "eskilstuna-ihr@1", *many)

        assert [h["unanswered"]["share"] for h in found["handovers"]] == [1.0]
        assert "PÅHITTADE" not in ran.out

    def test_options_of_many_runs_need_runs(self, handslag: Handslag, tmp_path: Path) -> None:
        one = handslag("pathway", "simulate", str(STROKE), "--picture", "x.svg")
        two = handslag("pathway", "simulate", str(STROKE), "--runs", "2", "--save", "x.yaml")

        assert (one.code, two.code) == (2, 2)


GAP = Gap(
    promised=Promised(
        ladder="handover",
        budget=hours(24),
        owner=BOB,
        counterpart=ALICE,
        about=(About(step="handover_rehab", kind=ClockKind.ACCEPTED),),
    ),
    first=local("2027-07-03T16:00"),
    last=local("2027-07-05T07:00"),
    why=Why.CLOSED_WITHOUT_COVER,
)
YES = Approval(principal="k1980", by="bob", unit=BOB, at=MONDAY)


def standing(
    gaps: tuple[Gap, ...] = (), failed: tuple[str, ...] = (), **change: Any
) -> dict[str, Any]:
    """A draft as the API shows it."""
    draft = Draft(
        id=DRAFT,
        kind="definition",
        text="…",
        definition=pathway(),
        by="alice",
        unit=ALICE,
        at=MONDAY,
        valid_from=date(2027, 1, 1),
        scope=Scope(municipalities=("1980",)),
        concerns=("k1980", "rvm"),
    ).model_copy(update=change)
    found = Standing(
        draft=draft,
        hash=digest(draft.definition),
        missing=draft.missing,
        failed_trials=failed,
        gaps=tuple(OpenGap(key=g.key, gap=g) for g in gaps),
    )
    return found.model_dump(mode="json")


ENGLISH = ("--lang", "en")


class TestPublish:
    def test_a_file_becomes_a_draft_and_what_is_missing_is_said(
        self, api: Api, handslag: Handslag, tmp_path: Path
    ) -> None:
        kept = tmp_path / "usual.yaml"
        handslag("pathway", "simulate", str(STROKE), "--save", str(kept))
        api.answers["POST", "/pathways/drafts"] = standing(
            (GAP,), ("usual: x / y",), approvals=(YES,)
        )
        what = ("--from", "2027-01-01", "--municipality", "1980", "--trial", str(kept))

        ran = handslag(
            "pathway", "publish", str(STROKE), *what, "--unit", BOB, "--key", "k", *ENGLISH
        )

        (asked,) = api.posted("/pathways/drafts")
        assert asked.key == "k"
        assert asked.body["text"] == STROKE.read_text("utf-8")
        assert asked.body["valid_from"] == "2027-01-01"
        scope = {"units": [BOB], "organisations": [], "municipalities": ["1980"]}
        assert asked.body["scope"] == scope
        assert [t["name"] for t in asked.body["trials"]] == ["usual"]
        lines = cells(ran.out)
        assert lines[0] == "stroke-rehab@1 · from 2027-01-01 · for 1980"
        assert lines[1] == f"draft {DRAFT} · hash {digest(pathway())}"
        assert "yes from k1980 · bob · 2026-10-05 09:00" in lines
        assert "missing: a yes from principal rvm" in lines
        assert "missing: trial usual: x / y" in lines
        assert any(GAP.key in line for line in lines)
        assert "Answer to the handover" in " ".join(lines)
        assert ran.code == 0

    def test_a_draft_that_lacks_nothing_says_how_to_go_on(
        self, api: Api, handslag: Handslag
    ) -> None:
        api.answers["POST", "/pathways/drafts"] = standing(approvals=(YES,), concerns=("k1980",))

        ran = handslag("pathway", "publish", str(STROKE), "--from", "2027-01-01", *ENGLISH)

        end = f"Nothing is missing. handslag pathway publish --draft {DRAFT}"
        assert ran.out.splitlines()[-1].strip() == end

    def test_somebody_else_than_the_author_is_always_missing_first(
        self, api: Api, handslag: Handslag
    ) -> None:
        api.answers["POST", "/pathways/drafts"] = standing(concerns=())

        ran = handslag("pathway", "publish", str(STROKE), "--from", "2027-01-01", *ENGLISH)

        assert "missing: a yes from somebody else than the author" in ran.out

    def test_a_file_that_is_faulty_there_is_told_by_its_lines(
        self, api: Api, handslag: Handslag, tmp_path: Path
    ) -> None:
        name, found = put(tmp_path / "bad.yaml", BAD), check(BAD)
        api.answers["POST", "/pathways/drafts"] = refusal("definition_invalid", text="wrong")
        judged = Judged(sound=False, problems=found.problems)
        api.answers["POST", "/pathways/validate"] = judged.model_dump(mode="json")

        ran = handslag("pathway", "publish", name, "--from", "2027-01-01")

        assert (ran.code, f"{name}:19:5: Okänt fält: feilds. [unknown_field]" in ran.err) == (
            1,
            True,
        )

    def test_a_yes_is_said_for_the_own_principal(self, api: Api, handslag: Handslag) -> None:
        path = f"/pathways/drafts/{DRAFT}/approve"
        api.answers["POST", path] = standing(approvals=(YES,))

        ran = handslag("pathway", "publish", "--draft", DRAFT, "--approve", "--key", "k", *ENGLISH)

        assert [(a.key, a.body) for a in api.posted(path)] == [("k", {})]
        assert "yes from k1980" in ran.out

    def test_a_gap_is_accepted_with_a_reason(self, api: Api, handslag: Handslag) -> None:
        path = f"/pathways/drafts/{DRAFT}/gaps"
        api.answers["POST", path] = standing()
        why = ("--accept-gap", GAP.key, "--reason", "Jourtelefon")

        ran = handslag("pathway", "publish", "--draft", DRAFT, *why)

        assert ran.code == 0
        assert api.posted(path)[0].body == {"gap": GAP.key, "reason": "Jourtelefon"}

    def test_machines_get_the_keys_of_gaps(self, api: Api, handslag: Handslag) -> None:
        path = f"/pathways/drafts/{DRAFT}/approve"
        api.answers["POST", path] = standing((GAP,))

        found = handslag("pathway", "publish", "--draft", DRAFT, "--approve", "--json").json

        assert [gap["key"] for gap in found["gaps"]] == [GAP.key]

    def test_a_draft_is_published(self, api: Api, handslag: Handslag) -> None:
        path = f"/pathways/drafts/{DRAFT}/publish"
        api.answers["POST", path] = standing(published_at=MONDAY, concerns=())

        ran = handslag("pathway", "publish", "--draft", DRAFT, "--key", "k", *ENGLISH)

        assert (ran.code, api.posted(path)[0].key) == (0, "k")
        assert cells(ran.out)[0] == "stroke-rehab@1 is published · from 2027-01-01"

    def test_what_is_missing_stops_it_and_all_of_it_is_said(
        self, api: Api, handslag: Handslag
    ) -> None:
        path = f"/pathways/drafts/{DRAFT}"
        api.answers["POST", f"{path}/publish"] = refusal("approval_missing", principal="rvm")
        api.answers["GET", path] = standing((GAP,), approvals=(YES,))

        ran = handslag("pathway", "publish", "--draft", DRAFT, *ENGLISH)

        assert ran.code == 3
        assert ran.err.startswith("approval_missing: ")
        assert "missing: a yes from principal rvm" in ran.out
        assert GAP.key in ran.out

    def test_another_no_is_one_line(self, api: Api, handslag: Handslag) -> None:
        api.answers["POST", f"/pathways/drafts/{DRAFT}/publish"] = refusal("role_not_enough")

        ran = handslag("pathway", "publish", "--draft", DRAFT)

        assert (ran.code, ran.err.count("\n")) == (1, 1)
        assert ran.err.startswith("role_not_enough: ")

    def test_when_the_api_falls_silent_the_key_is_said(self, api: Api, handslag: Handslag) -> None:
        api.answers["POST", f"/pathways/drafts/{DRAFT}/publish"] = refusal("store_unavailable")

        ran = handslag("pathway", "publish", "--draft", DRAFT, "--key", "k")

        assert (ran.code, ran.err.strip().endswith("To repeat it safely: --key k")) == (1, True)

    @pytest.mark.parametrize(
        "given",
        [
            (),
            (str(STROKE),),
            (str(STROKE), "--draft", DRAFT),
            ("--draft", DRAFT, "--from", "2027-01-01"),
            ("--draft", DRAFT, "--unit", BOB),
            ("--draft", DRAFT, "--accept-gap", "x"),
            ("--draft", DRAFT, "--approve", "--accept-gap", "x", "--reason", "y"),
            (str(STROKE), "--from", "2027-01-01", "--approve"),
        ],
    )
    def test_what_does_not_go_together_is_refused_and_nothing_is_sent(
        self, api: Api, handslag: Handslag, given: tuple[str, ...]
    ) -> None:
        ran = handslag("pathway", "publish", *given)

        assert (ran.code, api.asked) == (2, [])


class TestSwedish:
    """What nobody asks to have in English."""

    def test_a_draft_says_what_is_missing(self, api: Api, handslag: Handslag) -> None:
        path = f"/pathways/drafts/{DRAFT}/approve"
        api.answers["POST", path] = standing((GAP,), approvals=(YES,))

        lines = cells(handslag("pathway", "publish", "--draft", DRAFT, "--approve").out)

        assert lines[0] == "stroke-rehab@1 · från 2027-01-01 · för 1980"
        assert "ja från k1980 · bob · 2026-10-05 09:00" in lines
        assert "saknas: ett ja från huvudmannen rvm" in lines
        assert any(GAP.key in line for line in lines)
        assert "Svar på" in " ".join(lines)

    def test_a_comparison_says_what_becomes_of_each(self, api: Api, handslag: Handslag) -> None:
        found = shown(MovingState.SHOWN, result(1, LATER), result(2, STUCK), counts={"changed": 1})
        api.answers["GET", f"/pathways/migrations/{MOVING}"] = found

        out = handslag("pathway", "migrate", "--id", MOVING, "--journeys").out

        assert "stroke-rehab@2 · visat · 1 ändras" in cells(out)
        assert "nytt steg team_meeting: öppnar senare" in cells(out)
        assert "kan inte flyttas, för step_under_way" in out

    def test_both_languages_have_the_same_values_and_a_word_for_each_state(self) -> None:
        fields = Formatter().parse
        for key, text in TEXTS.items():
            assert {f[1] for f in fields(text.sv)} == {f[1] for f in fields(text.en)}, key
        assert {*MovingState, *Outcome, *VERDICTS, *(f"next_{s}" for s in WAITS)} <= TEXTS.keys()


class TestRetire:
    def test_a_version_takes_no_new_journeys_from_a_day(self, api: Api, handslag: Handslag) -> None:
        path = "/pathways/stroke-rehab/1/retire"
        retired = Retired(pathway="stroke-rehab@1", retired_on="2027-06-30")
        api.answers["POST", path] = retired.model_dump(mode="json")

        ran = handslag(
            "pathway", "retire", "stroke-rehab@1", "--on", "2027-06-30", "--key", "k", *ENGLISH
        )

        assert [(a.key, a.body) for a in api.posted(path)] == [("k", {"on": "2027-06-30"})]
        assert "stroke-rehab@1 takes no new journeys from 2027-06-30" in ran.out

    def test_a_name_without_a_version_is_refused(self, api: Api, handslag: Handslag) -> None:
        ran = handslag("pathway", "retire", "stroke-rehab", "--on", "2027-06-30")

        assert (ran.code, api.asked) == (2, [])


def result(number: int, effect: Effect, **change: Any) -> Result:
    """What was shown of one journey."""
    shown = {"chosen": True, "outcome": Outcome.SHOWN} | change
    return Result(journey_id=f"journey-{number}", effect=effect, **shown)


UNAFFECTED = Effect(verdict="unaffected")
LATER = Effect(
    verdict="changed",
    new_steps=(
        NewStep(
            step="home_visit",
            begins="at_migration",
            within=Budget(amount=5, counting=Counting.WORKING_DAYS),
        ),
        NewStep(step="team_meeting", begins="later"),
    ),
    shifts=(
        Shift(
            clock="step:plan",
            was_due_at=local("2026-10-09T16:00"),
            due_at=local("2026-10-07T16:00"),
        ),
    ),
)
STUCK = Effect(verdict="cannot_move", cannot="step_under_way", because=("plan: open",))


def shown(
    state: MovingState,
    *items: Result,
    counts: dict[str, int] | None = None,
    next: str | None = None,
) -> dict[str, Any]:
    """A migration as the API shows it."""
    migration = Moving(
        id=MOVING, key="stroke-rehab", version=2, by="alice", unit=ALICE, at=MONDAY, state=state
    )
    found = Shown(migration=migration, counts=counts or {}, items=items, next=next)
    return found.model_dump(mode="json")


class TestMigrate:
    PATH = f"/pathways/migrations/{MOVING}"

    def test_the_comparison_is_waited_for_and_shown_page_by_page(
        self, api: Api, handslag: Handslag
    ) -> None:
        counts = {"unaffected": 1, "changed": 1, "cannot_move": 1, "shown": 3}
        pages = {
            "": shown(
                MovingState.SHOWN,
                result(1, UNAFFECTED),
                result(2, LATER),
                counts=counts,
                next="journey-2",
            ),
            "journey-2": shown(MovingState.SHOWN, result(3, STUCK), counts=counts),
        }
        looked = list[str]()

        def look(asked: Asked) -> Any:
            looked.append(asked.query.get("after", ""))
            return shown(MovingState.COMPARING) if len(looked) == 1 else pages[looked[-1]]

        api.answers["POST", "/pathways/migrations"] = shown(MovingState.COMPARING)
        api.answers["GET", self.PATH] = look
        choices = ("--recompute", "step:plan", "--late-step", "home_visit=at_migration")

        ran = handslag(
            *("pathway", "migrate", "stroke-rehab@2", "--from", "stroke-rehab@1"),
            *(*choices, "--every", "0", "--key", "k", *ENGLISH),
        )

        (asked,) = api.posted("/pathways/migrations")
        assert asked.key == "k"
        assert asked.body == {
            "to": "stroke-rehab@2",
            "from_versions": ["stroke-rehab@1"],
            "choices": {
                "recompute": ["step:plan"],
                "late_steps": {"home_visit": "at_migration"},
            },
        }
        lines = cells(ran.out)
        assert lines[0] == f"migration {MOVING} · to stroke-rehab@2"
        assert "stroke-rehab@2 · shown · 1 unaffected · 1 changed · 1 cannot move" in lines
        assert "journey-1 unaffected shown" in lines
        new = "journey-2 new step home_visit: opens at the migration, within 5 working days shown"
        assert new in lines
        assert "new step team_meeting: opens later" in lines
        assert "due step:plan: 2026-10-09 16:00 → 2026-10-07 16:00" in lines
        assert any("journey-3 cannot move because step_under_way: " in line for line in lines)
        assert "Journeys 3–3" in lines
        assert f"handslag pathway migrate --id {MOVING} --do move, or --do abandon" in lines
        assert looked == ["", "", "journey-2"]

    def test_machines_get_every_journey(self, api: Api, handslag: Handslag) -> None:
        first = shown(MovingState.SHOWN, result(1, UNAFFECTED), next="journey-1")
        api.answers["POST", "/pathways/migrations"] = first
        api.answers["GET", self.PATH] = shown(MovingState.SHOWN, result(2, STUCK))

        found = handslag("pathway", "migrate", "stroke-rehab@2", "--json").json

        assert [item["journey_id"] for item in found["items"]] == ["journey-1", "journey-2"]

    def test_nobody_to_move_is_said(self, api: Api, handslag: Handslag) -> None:
        api.answers["POST", "/pathways/migrations"] = shown(MovingState.SHOWN)

        out = handslag("pathway", "migrate", "stroke-rehab@2", *ENGLISH).out

        assert "No running journey goes by another version." in out

    def test_only_some_are_moved(self, api: Api, handslag: Handslag, tmp_path: Path) -> None:
        ids = put(tmp_path / "ids.txt", "journey-2  # Västerås\n\n# alla andra väntar\njourney-5\n")
        api.answers["POST", f"{self.PATH}/go-on"] = shown(MovingState.MOVING)
        move = ("--id", MOVING, "--do", "move", "--only", ids, "--key", "k")

        ran = handslag("pathway", "migrate", *move, *ENGLISH)

        (asked,) = api.posted(f"{self.PATH}/go-on")
        assert asked.key == "k"
        assert asked.body == {"to": "move", "journeys": ["journey-2", "journey-5"]}
        assert cells(ran.out)[0] == "move is asked for · 2 journeys"

    @pytest.mark.parametrize("word", ["move", "pause", "resume", "undo", "abandon"])
    def test_each_word_is_passed_on(self, api: Api, handslag: Handslag, word: str) -> None:
        api.answers["POST", f"{self.PATH}/go-on"] = shown(MovingState.MOVING)

        ran = handslag("pathway", "migrate", "--id", MOVING, "--do", word)

        assert (ran.code, api.posted(f"{self.PATH}/go-on")[0].body) == (0, {"to": word})

    def test_how_far_it_is_is_counted(self, api: Api, handslag: Handslag) -> None:
        counts = {"changed": 4, "moved": 3, "refused": 1}
        refused = result(1, LATER, outcome=Outcome.REFUSED, refused="migration_differs")
        left = result(2, UNAFFECTED, chosen=False)
        api.answers["GET", self.PATH] = shown(MovingState.MOVED, refused, left, counts=counts)

        counted = handslag("pathway", "migrate", "--id", MOVING, *ENGLISH)
        each = handslag("pathway", "migrate", "--id", MOVING, "--journeys", *ENGLISH)

        first = "stroke-rehab@2 · moved · 4 changed · 3 moved · 1 refused"
        assert cells(counted.out)[0] == first
        assert "journey-1" not in counted.out
        assert "refused: migration_differs: " in each.out
        assert "journey-2 unaffected shown, not chosen" in cells(each.out)

    def test_a_list_without_ids_moves_nobody(
        self, api: Api, handslag: Handslag, tmp_path: Path
    ) -> None:
        ids = put(tmp_path / "ids.txt", "# ingen\n")

        ran = handslag("pathway", "migrate", "--id", MOVING, "--do", "move", "--only", ids)

        assert (ran.code, api.asked) == (1, [])

    @pytest.mark.parametrize(
        "given",
        [
            (),
            ("stroke-rehab",),
            ("stroke-rehab@2", "--id", MOVING),
            ("stroke-rehab@2", "--do", "move"),
            ("stroke-rehab@2", "--late-step", "home_visit=perhaps"),
            ("--id", MOVING, "--do", "pause", "--only", "ids.txt"),
            ("--id", MOVING, "--recompute", "step:plan"),
            ("--id", MOVING, "--do", "fly"),
        ],
    )
    def test_what_does_not_go_together_is_refused_and_nothing_is_sent(
        self, api: Api, handslag: Handslag, given: tuple[str, ...]
    ) -> None:
        ran = handslag("pathway", "migrate", *given)

        assert (ran.code, api.asked) == (2, [])
