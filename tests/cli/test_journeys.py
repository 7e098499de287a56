"""Starting from a file, listing and showing, against an API that remembers what it was asked."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from api.bodies import BatchItem
from api.problems import problem
from cli.referrals import COLUMNS
from domain.refusal import FieldProblem, Refusal
from domain.view import Seer, journey_view, known
from tests.cli.conftest import TOKEN, Handslag
from tests.cli.stub import Api, Asked, refusal
from tests.samples import ALICE, Case, visit

ROOT = Path(__file__).resolve().parents[2]
NUMBER = "194408139089"
WARD = "Strokeenhet Västerås (demo)"
REHAB = "Kommunrehab Västerås (demo)"


@pytest.fixture
def file(tmp_path: Path) -> Callable[[int], str]:
    """A file with so many referrals."""

    def write(number: int) -> str:
        rows = [
            f"r-{n},{NUMBER},Testpatient 01,stroke-rehab,{ALICE},Stroke,hospital,,,,,"
            for n in range(1, number + 1)
        ]
        path = tmp_path / "referrals.csv"
        path.write_text("\n".join([",".join(COLUMNS), *rows]))
        return str(path)

    return write


def judge(asked: Asked) -> dict[str, Any]:
    """The batch door: r-2 is refused, r-3 was started before."""
    refused = Refusal(code="patient_invalid", fields=(FieldProblem(field="person", rule="format"),))
    items = []
    for index, item in enumerate(asked.body["items"]):
        ref = BatchItem.model_validate(item).ref
        outcome = {"r-2": "refused", "r-3": "already_started"}.get(ref, "started")
        started = outcome != "refused"
        items.append(
            {
                "index": index,
                "ref": ref,
                "outcome": outcome,
                "journey_id": f"j-of-{ref}" if started else None,
                "problem": None if started else problem(refused).model_dump(mode="json"),
            }
        )
    return {"items": items, "started": 0, "already_started": 0, "refused": 0}


def test_every_row_gets_its_line_outcome_and_reason(
    api: Api, handslag: Handslag, file: Callable[[int], str]
) -> None:
    api.answers["POST", "/journeys/batch"] = judge
    ran = handslag("journeys", "start", "--from", file(45))
    assert [len(a.body["items"]) for a in api.posted("/journeys/batch")] == [20, 20, 5]
    assert {a.token for a in api.asked} == {f"Bearer {TOKEN}"}
    lines = {line.split()[1]: line for line in ran.out.splitlines() if " r-" in line}
    assert lines["r-1"].split() == ["2", "r-1", "started", "j-of-r-1"]
    assert lines["r-3"].split() == ["4", "r-3", "already", "started", "j-of-r-3"]
    assert "Personidentiteten är inte giltig. / The person identifier" in lines["r-2"]
    assert "(person: format)" in lines["r-2"]
    assert lines["r-45"].split()[0] == "46"
    assert "43 started, 1 already started, 1 refused." in ran.out
    assert "45/45" in ran.err
    assert ran.code == 3
    assert NUMBER not in ran.out + ran.err


def test_nothing_refused_is_exit_code_nought(
    api: Api, handslag: Handslag, file: Callable[[int], str]
) -> None:
    api.answers["POST", "/journeys/batch"] = judge
    ran = handslag("journeys", "start", "--from", file(1))
    assert ran.code == 0
    assert "1 started, 0 already started, 0 refused." in ran.out


def test_machines_get_json_alone(api: Api, handslag: Handslag, file: Callable[[int], str]) -> None:
    api.answers["POST", "/journeys/batch"] = judge
    ran = handslag("journeys", "start", "--from", file(21), "--json")
    assert ran.code == 3
    assert ran.err == ""
    assert {name: ran.json[name] for name in ("started", "already_started", "refused")} == {
        "started": 19,
        "already_started": 1,
        "refused": 1,
    }
    assert [item["line"] for item in ran.json["items"]] == list(range(2, 23))
    assert ran.json["items"][1]["problem"]["code"] == "patient_invalid"


def test_what_was_answered_before_a_failure_is_told(
    api: Api, handslag: Handslag, file: Callable[[int], str]
) -> None:
    def once(asked: Asked) -> Any:
        first = len(api.posted("/journeys/batch")) == 1
        return judge(asked) if first else refusal("store_unavailable")

    api.answers["POST", "/journeys/batch"] = once
    ran = handslag("journeys", "start", "--from", file(45))
    assert ran.code == 1
    assert "18 started, 1 already started, 1 refused." in ran.out
    told = ran.err.splitlines()[-2:]
    assert "store_unavailable: Databasen svarar inte" in " ".join(told)
    assert "20 of 45 rows were answered; it is safe to run the file again." in " ".join(told)


def test_a_refused_call_is_one_line(
    api: Api, handslag: Handslag, file: Callable[[int], str]
) -> None:
    api.answers["POST", "/journeys/batch"] = refusal("token_expired")
    ran = handslag("journeys", "start", "--from", file(1), "--json")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "token_expired: Inloggningen har gått ut. / The token has expired.\n"


def test_a_file_that_is_not_there_is_one_line_and_nobody_is_asked(
    api: Api, handslag: Handslag
) -> None:
    ran = handslag("journeys", "start", "--from", "nowhere.csv")
    assert (ran.code, ran.out, api.asked) == (1, "", [])
    assert ran.err == "nowhere.csv cannot be read: No such file or directory.\n"


def test_a_server_that_is_away_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDSLAG_PUBLIC_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("HANDSLAG_TOKEN", TOKEN)
    monkeypatch.setenv("COLUMNS", "200")
    command = [sys.executable, "-m", "cli.main", "journeys", "list"]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("No answer from http://127.0.0.1:1/: ConnectError.")
    assert len(ran.stderr.splitlines()) == 1


def lines_of(api: Api, number: int) -> None:
    """Let the API have so many journeys, two to a page."""

    def page(asked: Asked) -> dict[str, Any]:
        first = int(asked.query.get("next", "0"))
        last = min(first + min(int(asked.query["limit"]), 2), number)
        more = str(last) if last < number else None
        return {"items": [line(n) for n in range(first, last)], "next": more}

    def line(number: int) -> dict[str, Any]:
        return {
            "id": f"j-{number}",
            "pathway": "stroke-rehab@1",
            "started_by": ALICE,
            "started_at": "2026-10-05T07:00:00+00:00",
            "period": 1,
            "need": None,
            "closed_at": None,
            "seq": 1,
        }

    api.answers["GET", "/journeys"] = page


def test_a_list_is_put_together_from_its_pages(api: Api, handslag: Handslag) -> None:
    lines_of(api, 5)
    ran = handslag("journeys", "list")
    assert ran.code == 0
    assert [f"j-{n}" in ran.out for n in range(6)] == [True] * 5 + [False]
    assert "2026-10-05 09:00" in ran.out
    assert [a.query["open"] for a in api.asked] == ["true"] * 3
    assert "there are more" not in ran.out


def test_a_list_that_is_cut_says_so(api: Api, handslag: Handslag) -> None:
    lines_of(api, 5)
    assert "there are more: --limit" in handslag("journeys", "list", "--limit", "3").out
    ran = handslag("journeys", "list", "--limit", "3", "--all", "--json")
    assert [item["id"] for item in ran.json["items"]] == ["j-0", "j-1", "j-2"]
    assert ran.json["next"] == "3"
    assert api.asked[-1].query["open"] == "false"


def test_no_journeys_is_said(api: Api, handslag: Handslag) -> None:
    lines_of(api, 0)
    assert handslag("journeys", "list").out.strip() == "No open journeys."


def whole(name: str = "Testpatient 01") -> dict[str, Any]:
    """A journey under way, as the API shows it to the ward."""
    case = Case()
    case.complete("assessment")
    case.complete("plan")
    case.send()
    case.wait(timedelta(hours=1))
    view = journey_view(known(case.state), Seer(unit=ALICE)).model_dump(mode="json")
    recorded = {"number": 1, "step": "1.intervention"} | visit(case.now).model_dump(mode="json")
    return view | {
        "patient": {"system": "personnummer", "value": NUMBER, "name": name},
        "contents": {},
        "recorded_visits": [recorded],
    }


def test_a_journey_is_shown_with_all_that_hangs_on_it(api: Api, handslag: Handslag) -> None:
    api.answers["GET", "/journeys/j-1"] = whole()
    ran = handslag("journeys", "show", "j-1")
    assert ran.code == 0
    assert "Testpatient 01 · stroke-rehab@1" in ran.out
    assert "waiting for answer" in ran.out
    assert f"started 2026-10-05 09:00 by {WARD}" in ran.out
    titles = [line for line in ran.out.splitlines() if line.rstrip().isalpha()]
    assert [t.strip() for t in titles] == ["Parts", "Steps", "Clocks", "Handovers", "Visits"]
    rows = [line.split() for line in ran.out.splitlines()]
    assert ["coordination", *WARD.split(), "2026-10-05", "09:00"] in rows
    assert ["h-1", "rehab", "received", *REHAB.split()] in rows
    assert ["2026-10-05", "10:00", "1.intervention", "60", "min", "home", "FT"] in rows
    assert any("handover of rehab" in line and REHAB in line for line in ran.out.splitlines())


def test_the_person_number_is_shown_only_when_asked_for(api: Api, handslag: Handslag) -> None:
    api.answers["GET", "/journeys/j-1"] = whole()
    for option in ((), ("--json",)):
        assert NUMBER not in handslag("journeys", "show", "j-1", *option).out
        assert NUMBER in handslag("journeys", "show", "j-1", "--patient", *option).out


def test_text_from_others_is_only_text(api: Api, handslag: Handslag) -> None:
    api.answers["GET", "/journeys/j-1"] = whole("[red]Test\x1b[31mpatient\u202e[/]")
    assert "[red]Test [31mpatient [/] · stroke" in handslag("journeys", "show", "j-1").out


def test_an_id_is_never_a_path(api: Api, handslag: Handslag) -> None:
    ran = handslag("journeys", "show", "../units?x=1")
    assert ran.code == 1
    assert ran.err.startswith("page_unknown: ")
    assert [a.path for a in api.asked] == ["/journeys/..%2Funits%3Fx%3D1"]
