"""Units on a terminal, against an API that remembers what it was asked."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.problems import problem
from domain.refusal import FieldProblem, Refusal
from domain.unit import Closure, Function, Substitute
from domain.unit_change import ChangeKind, UnitChange
from tests.cli.conftest import Handslag
from tests.cli.stub import Api, Asked, No, _Door, refusal
from tests.samples import ALICE, BOB, BOBS_TEAM, MONDAY, UNCONNECTED, day, unit, units

REHAB, TEAM = "Kommunrehab Västerås (demo)", "IHR-team Västerås (demo)"
NEW = "SE0000000000-TESTK1980NEW"
CLOSURE = Closure(first=day("2030-12-21"), last=day("2031-01-03"), covered_by=BOBS_TEAM)
SUBSTITUTE = Substitute(
    function=Function.MANAGER,
    by=Function.COORDINATOR,
    unit=BOBS_TEAM,
    first=day("2030-07-01"),
    last=day("2030-07-28"),
)
NO_CLOCKS: dict[str, Any] = {"running_clocks": "keep", "clocks": {"count": 0, "shifts": []}}
Json = dict[str, Any]


class PutDoor(_Door):
    """A door that takes whole facts too, and notes their version."""

    def do_PUT(self) -> None:
        assert isinstance(self.server, UnitApi)
        self.server.versions.append(self.headers["If-Match"])
        self.do_POST()


class UnitApi(Api):
    """An API that remembers under which version something was put."""

    def __init__(self) -> None:
        super().__init__()
        self.RequestHandlerClass = PutDoor
        self.versions: list[str | None] = []

    def put(self) -> list[Asked]:
        """Every unit that was put."""
        return [asked for asked in self.asked if asked.method == "PUT"]


@pytest.fixture
def api() -> Iterator[UnitApi]:
    with UnitApi() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        shown = [one.model_dump(mode="json") for one in units().values()]
        server.answers["GET", "/units"] = shown
        for one in shown:
            server.answers["GET", f"/units/{one['hsa_id']}/facts"] = one
            server.answers["PUT", f"/units/{one['hsa_id']}"] = changed
        server.answers["PUT", f"/units/{NEW}"] = changed
        yield server
        server.shutdown()
        thread.join()


def changed(asked: Asked) -> Json:
    """The door that takes every change."""
    facts = {k: v for k, v in asked.body.items() if k != "reason"}
    unit_ = facts | {"version": 2}
    return {"change_id": "c-1", "kind": "put", "unit": unit_, "warnings": [], **NO_CLOCKS}


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., str]:
    """A file with so many units."""

    def write(*found: Json) -> str:
        path = tmp_path / "units.yaml"
        path.write_text(yaml.safe_dump({"units": list(found)}, allow_unicode=True), "utf-8")
        return str(path)

    return write


def facts(hsa_id: str = BOB, **change: Any) -> Json:
    """What a file says of a unit."""
    return unit(hsa_id).model_dump(mode="json", exclude={"version", "closures"}) | change


class TestReading:
    def test_units_are_listed_by_kind_and_organisation(
        self, api: UnitApi, handslag: Handslag
    ) -> None:
        ran = handslag("units", "list", "--kind", "municipal_rehab", "--organisation", "k1980")

        assert api.asked[0].query == {"kind": "municipal_rehab"}
        assert REHAB in ran.out and TEAM in ran.out
        assert "Kommunrehab Sala" not in ran.out

    def test_no_unit_is_said(self, handslag: Handslag) -> None:
        ran = handslag("units", "list", "--organisation", "k9999")

        assert ran.out.strip() == "No unit is like that."

    def test_machines_get_the_list(self, handslag: Handslag) -> None:
        found = handslag("units", "list", "--organisation", "k1904", "--json").json

        assert {one["organisation"] for one in found} == {"k1904"}

    def test_a_unit_is_shown_whole(self, api: UnitApi, handslag: Handslag) -> None:
        closed = unit(BOB, closures=(CLOSURE,), assignment="Rehab i hemmet.")
        api.answers["GET", f"/units/{BOB}/facts"] = closed.model_dump(mode="json")

        out = handslag("units", "show", BOB).out

        assert f"{REHAB} · municipal rehab · {BOB}" in out
        assert "assignment: Rehab i hemmet." in out
        assert "2030-12-21" in out and TEAM in out
        assert "010-000 00 00" in out

    def test_who_stands_in_for_a_function_is_shown(self, api: UnitApi, handslag: Handslag) -> None:
        away = unit(BOB, substitutes=(SUBSTITUTE,)).model_dump(mode="json")
        api.answers["GET", f"/units/{BOB}/facts"] = away

        lines = [line.split() for line in handslag("units", "show", BOB).out.splitlines()]

        name = TEAM.split()
        assert ["manager", "coordinator", *name, "2030-07-01", "2030-07-28"] in lines

    def test_a_unit_without_a_system_names_who_answers_for_it(
        self, api: UnitApi, handslag: Handslag
    ) -> None:
        proxied = unit(UNCONNECTED, proxy_owner=ALICE).model_dump(mode="json")
        api.answers["GET", f"/units/{UNCONNECTED}/facts"] = proxied

        out = handslag("units", "show", UNCONNECTED).out

        assert "not connected" in out
        assert "answers are recorded by Strokeenhet Västerås (demo)" in out

    def test_an_unknown_unit_is_one_line(self, handslag: Handslag) -> None:
        ran = handslag("units", "show", "SE0000000000-TESTNOBODY")

        assert (ran.code, ran.err.partition(":")[0]) == (1, "page_unknown")

    def test_history_says_when_who_and_why(self, api: UnitApi, handslag: Handslag) -> None:
        change = UnitChange(
            id="c-1",
            hsa_id=BOB,
            version=2,
            kind=ChangeKind.PUT,
            at=MONDAY,
            by_subject="vasteras-catalogue",
            by_unit=BOB,
            reason="Nya öppettider",
            facts=unit(BOB),
            reproject=True,
        )
        page = {"items": [change.model_dump(mode="json")], "next": None}
        api.answers["GET", f"/units/{BOB}/history"] = page

        out = handslag("units", "history", BOB).out

        row = ["2", "2026-10-05", "09:00", "put", "vasteras-catalogue", "Nya", "öppettider"]
        assert [*row, "recompute", "–"] in [line.split() for line in out.splitlines()]

    def test_a_unit_without_history_is_said(self, api: UnitApi, handslag: Handslag) -> None:
        api.answers["GET", f"/units/{BOB}/history"] = {"items": [], "next": None}

        assert "Nothing has changed" in handslag("units", "history", BOB).out


class TestPut:
    def test_each_unit_is_created_changed_or_left_alone(
        self, api: UnitApi, handslag: Handslag, file: Callable[..., str]
    ) -> None:
        new = facts() | {"hsa_id": NEW, "name": "Ny (demo)", "reason": "Ny enhet"}
        other = facts(BOBS_TEAM, name="IHR Öst (demo)")

        ran = handslag("units", "put", file(new, other, facts(ALICE)), "--json")

        assert [(r["unit"], r["outcome"]) for r in ran.json] == [
            (NEW, "created"),
            (BOBS_TEAM, "changed"),
            (ALICE, "unchanged"),
        ]
        assert ran.code == 0
        assert [(a.path, v) for a, v in zip(api.put(), api.versions, strict=True)] == [
            (f"/units/{NEW}", None),
            (f"/units/{BOBS_TEAM}", '"1"'),
        ]
        assert api.put()[0].body["reason"] == "Ny enhet"
        assert all(asked.key for asked in api.put())

    def test_what_is_refused_is_named_and_the_rest_goes_on(
        self, api: UnitApi, handslag: Handslag, file: Callable[..., str]
    ) -> None:
        wrong = FieldProblem(field="contacts", rule="no_route")
        shown = problem(Refusal(code="unit_change_invalid", fields=(wrong,)))
        api.answers["PUT", f"/units/{BOB}"] = No(422, shown.model_dump(mode="json"))
        odd = facts(ALICE, hours=[{"day": 9, "opens": "08:00", "closes": "16:00"}])

        ran = handslag(
            "units", "put", file(facts(contacts=[]), odd, facts(BOBS_TEAM, name="X (demo)"))
        )

        assert ran.code == 3
        assert "unit_change_invalid" in ran.out and "contacts: no_route" in ran.out
        assert "hours.0.day: less_than_equal" in ran.out
        assert [a.path for a in api.put()] == [f"/units/{BOB}", f"/units/{BOBS_TEAM}"]

    def test_closures_that_the_file_does_not_mention_stay(
        self, api: UnitApi, handslag: Handslag, file: Callable[..., str]
    ) -> None:
        closed = unit(BOB, closures=(CLOSURE,), version=4).model_dump(mode="json")
        api.answers["GET", f"/units/{BOB}/facts"] = closed

        handslag("units", "put", file(facts(name="Ny (demo)")))
        handslag("units", "put", file(facts(closures=[])))

        first, second = api.put()
        assert first.body["closures"] == closed["closures"]
        assert second.body["closures"] == []
        assert api.versions == ['"4"', '"4"']

    def test_substitutes_stay_too_and_a_file_may_name_them(
        self, api: UnitApi, handslag: Handslag, file: Callable[..., str]
    ) -> None:
        substitute = SUBSTITUTE.model_dump(mode="json")
        away = unit(BOB, substitutes=(SUBSTITUTE,)).model_dump(mode="json")
        api.answers["GET", f"/units/{BOB}/facts"] = away
        said = {k: v for k, v in facts(name="Ny (demo)").items() if k != "substitutes"}

        handslag("units", "put", file(said))
        handslag("units", "put", file(facts(BOBS_TEAM, substitutes=[substitute | {"unit": BOB}])))

        first, second = api.put()
        assert first.body["substitutes"] == [substitute]
        assert second.body["substitutes"] == [substitute | {"unit": BOB}]

    def test_a_file_says_what_becomes_of_running_clocks(
        self, api: UnitApi, handslag: Handslag, file: Callable[..., str]
    ) -> None:
        ran = handslag("units", "put", file(facts(name="Ny (demo)", running_clocks="recompute")))
        odd = handslag("units", "put", file(facts(name="Ny (demo)", running_clocks="perhaps")))

        (put,) = api.put()
        assert (ran.code, put.body["running_clocks"]) == (0, "recompute")
        assert (odd.code, "running_clocks: keep or recompute" in odd.out) == (3, True)

    def test_the_version_in_the_file_is_the_one_that_was_read(
        self, api: UnitApi, handslag: Handslag, file: Callable[..., str]
    ) -> None:
        api.answers["PUT", f"/units/{BOB}"] = refusal("unit_version_stale")

        ran = handslag("units", "put", file(facts(name="Ny (demo)", version=7)))

        assert api.versions == ['"7"']
        assert (ran.code, "unit_version_stale" in ran.out) == (3, True)

    def test_hours_and_codes_are_read_as_people_write_them(
        self, api: UnitApi, handslag: Handslag, tmp_path: Path
    ) -> None:
        path = tmp_path / "one.yaml"
        head = yaml.safe_dump(facts(hours=[], municipality=None), allow_unicode=True)
        words = head.replace("municipality: null", "municipality: 1980").replace(
            "hours: []", "hours: [{day: 0, opens: 08:00, closes: 16:30}]"
        )
        path.write_text(words, "utf-8")

        ran = handslag("units", "put", str(path))

        assert ran.code == 0
        (put,) = api.put()
        assert put.body["hours"] == [{"day": 0, "opens": "08:00:00", "closes": "16:30:00"}]
        assert put.body["municipality"] == "1980"

    def test_when_the_api_falls_silent_what_was_done_is_said(
        self, api: UnitApi, handslag: Handslag, file: Callable[..., str]
    ) -> None:
        api.answers["PUT", f"/units/{BOB}"] = refusal("store_unavailable")

        ran = handslag("units", "put", file(facts(ALICE), facts(name="Ny (demo)")))

        assert ran.code == 1
        assert "unchanged" in ran.out
        assert "1 of 2 units were answered" in ran.err

    @pytest.mark.parametrize("content", ["", "just words", "units: []", "a: [", "units: [1]"])
    def test_a_file_without_units_is_one_line(
        self, handslag: Handslag, tmp_path: Path, content: str
    ) -> None:
        path = tmp_path / "units.yaml"
        path.write_text(content, "utf-8")

        ran = handslag("units", "put", str(path))

        assert (ran.code, ran.err.count("\n")) == (1, 1)

    def test_the_shipped_catalogue_is_such_a_file(self, handslag: Handslag) -> None:
        shipped = Path(__file__).resolve().parents[2] / "catalogue" / "units.yaml"

        ran = handslag("units", "put", str(shipped), "--json")

        assert {result["outcome"] for result in ran.json} == {"unchanged"}


class TestChange:
    def answer(self, **change: Any) -> Json:
        shown = unit(BOB, version=2, **change).model_dump(mode="json")
        head = {"change_id": "c-1", "kind": "put", "unit": shown, "warnings": ["covers_another"]}
        return head | NO_CLOCKS

    def test_a_unit_is_closed(self, api: UnitApi, handslag: Handslag) -> None:
        path = f"/units/{BOB}/closures"
        api.answers["POST", path] = self.answer()
        days = ("--first", "2030-12-21", "--last", "2031-01-03")

        ran = handslag(
            "units", "close", BOB, *days, "--covered-by", BOBS_TEAM, "--reason", "Jul", "--key", "k"
        )

        (asked,) = api.posted(path)
        assert asked.key == "k"
        said = {"reason": "Jul", "running_clocks": "keep"}
        assert asked.body == CLOSURE.model_dump(mode="json") | said
        assert f"{REHAB} is at version 2" in ran.out
        assert "look at this: covers another" in ran.out

    @pytest.mark.parametrize("choice", ["keep", "recompute"])
    def test_a_closure_says_what_becomes_of_running_clocks(
        self, api: UnitApi, handslag: Handslag, choice: str
    ) -> None:
        shift = {
            "ref": "1A2B-3C4D-5E6F",
            "kind": "accepted",
            "due_now": "2030-12-20T15:00:00Z",
            "due_then": "2031-01-07T15:00:00Z",
        }
        clocks = {"running_clocks": choice, "clocks": {"count": 3, "shifts": [shift]}}
        api.answers["POST", f"/units/{BOB}/closures"] = self.answer() | clocks
        days = ("--first", "2030-12-21", "--last", "2031-01-03", "--reason", "Jul")

        ran = handslag("units", "close", BOB, *days, "--running-clocks", choice)

        assert api.posted(f"/units/{BOB}/closures")[0].body["running_clocks"] == choice
        if choice == "keep":
            assert "3 running clocks count these hours; each stays due as it was." in ran.out
            assert "1A2B" not in ran.out
        else:
            row = ["1A2B-3C4D-5E6F", "accepted", "2030-12-20", "16:00", "2031-01-07", "16:00"]
            assert "3 running clocks are counted anew in these hours." in ran.out
            assert row in [line.split() for line in ran.out.splitlines()]

    def test_a_unit_is_succeeded(self, api: UnitApi, handslag: Handslag) -> None:
        path = f"/units/{BOB}/succession"
        api.answers["POST", path] = self.answer(successor=BOBS_TEAM)

        ran = handslag("units", "succeed", BOB, BOBS_TEAM, "--reason", "Slås samman")

        assert ran.code == 0
        assert api.posted(path)[0].body == {"successor": BOBS_TEAM, "reason": "Slås samman"}

    def test_a_refusal_is_one_line_with_its_fields(self, api: UnitApi, handslag: Handslag) -> None:
        no = FieldProblem(field="closures.0.covered_by", rule="missing")
        shown = problem(Refusal(code="closure_needs_cover", fields=(no,)))
        api.answers["POST", f"/units/{BOB}/closures"] = No(409, shown.model_dump(mode="json"))
        days = ("--first", "2030-12-21", "--last", "2031-01-03")

        ran = handslag("units", "close", BOB, *days, "--reason", "Jul")

        assert ran.code == 1
        assert ran.err.startswith("closure_needs_cover: ")
        assert ran.err.endswith("(closures.0.covered_by: missing)\n")

    def test_an_answer_that_did_not_come_says_how_to_repeat_it(
        self, api: UnitApi, handslag: Handslag
    ) -> None:
        api.answers["POST", f"/units/{BOB}/succession"] = refusal("store_unavailable")

        ran = handslag("units", "succeed", BOB, BOBS_TEAM, "--reason", "x", "--key", "k-9")

        assert (ran.code, "--key k-9" in ran.err) == (1, True)
