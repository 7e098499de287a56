"""Who waits, and where handovers bounce, on a terminal."""

from typing import Any

import pytest

from api.gaps import Gaps
from api.waiting import WaitingBoard
from tests.cli.conftest import Handslag
from tests.cli.stub import Api, refusal
from tests.samples import BOB

REHAB = "Kommunrehab Västerås (demo)"


def wait(**change: Any) -> dict[str, Any]:
    """A handover that has been read, and not been answered since Wednesday."""
    given = {
        "journey_id": "j-1",
        "kind": "answer",
        "subject": "h-1",
        "unit": BOB,
        "unit_name": REHAB,
        "unit_kind": "municipal_rehab",
        "pathway": "stroke-rehab@1",
        "municipality": "1980",
        "why": "read_not_answered",
        "since": "2026-10-07T07:00:00+00:00",
        "why_since": "2026-10-08T07:00:00+00:00",
        "waited_hours": 51,
    }
    return given | change


@pytest.fixture
def board(api: Api) -> list[dict[str, Any]]:
    """Who waits; a test adds to it before the board is read."""
    items: list[dict[str, Any]] = []

    def answer(_: object) -> Any:
        group = {"unit": BOB, "kind": "answer", "why": "read_not_answered", "count": 1}
        board = {
            "as_of": "2026-10-09T10:20:00+00:00",
            "groups": [group | {"since": "2026-10-07T07:00:00+00:00"}] if items else [],
            "items": items,
            "next": None,
        }
        return WaitingBoard.model_validate(board).model_dump(mode="json")

    api.answers["GET", "/waiting"] = answer
    return items


def flow(**change: Any) -> dict[str, Any]:
    """Three handovers from the stroke unit, of which one met silence."""
    given = {
        "from_kind": "stroke_unit",
        "to_kind": "municipal_rehab",
        "pathway": "stroke-rehab",
        "sent": 3,
        "accepted": 1,
        "declined": 1,
        "passed_on": 0,
        "silent": 1,
        "withdrawn": 0,
        "proxied": 0,
        "disputed": 0,
        "median_hours": 4.0,
        "p90_hours": 24.8,
        "decline_reasons": {"no_competence": 1},
        "delay_reasons": {},
        "small": True,
    }
    return given | change


@pytest.fixture
def flows(api: Api) -> list[dict[str, Any]]:
    """Where handovers bounce; a test adds to it before the report is read."""
    items: list[dict[str, Any]] = []

    def answer(_: object) -> Any:
        days = {"first_day": "2026-07-12", "last_day": "2026-10-09"}
        report = {"as_of": "2026-10-09T10:20:00+00:00", "items": items, **days}
        return Gaps.model_validate(report).model_dump(mode="json")

    api.answers["GET", "/gaps"] = answer
    return items


def test_waiting_is_counted_and_then_told_one_by_one(
    handslag: Handslag, board: list[dict[str, Any]]
) -> None:
    board.append(wait())

    ran = handslag("waiting")

    rows = [line.split() for line in ran.out.splitlines()]
    when = ["2026-10-07", "09:00", "2", "d", "3", "h"]
    assert [*REHAB.split(), "answer", "read", "not", "answered", "1", *when] in rows
    assert f"2 d 3 h · An answer to the handover, from {REHAB}" in ran.out
    assert "Read but not answered (since 2026-10-08 09:00)" in ran.out
    assert "journey j-1" in ran.out
    assert "handover h-1" in ran.out


def test_waiting_for_an_intervention_belongs_to_no_handover(
    handslag: Handslag, board: list[dict[str, Any]]
) -> None:
    board.append(wait(kind="intervention", subject="period-1", why="not_begun", unit_name=None))

    out = handslag("waiting").out

    assert f"First intervention, from {BOB}" in out
    assert "handover" not in out


def test_that_nobody_waits_is_good_news(handslag: Handslag, board: list[dict[str, Any]]) -> None:
    assert handslag("waiting").out.strip() == "Nobody waits."


def test_machines_get_the_board_of_an_instant(
    api: Api, handslag: Handslag, board: list[dict[str, Any]]
) -> None:
    board.append(wait())
    at = "2026-10-09T12:20:00+02:00"

    ran = handslag("waiting", "--as-of", at, "--kind", "answer", "--group-by", "why", "--json")

    assert ran.json["items"] == board
    asked = {"as_of": at, "kind": "answer", "group_by": "why", "limit": "50"}
    assert api.asked[0].query == asked


def test_an_instant_ahead_is_one_line(api: Api, handslag: Handslag) -> None:
    api.answers["GET", "/waiting"] = refusal("instant_in_future", as_of="in_future")

    ran = handslag("waiting", "--as-of", "2100-01-01T00:00:00Z")

    assert ran.code == 1
    assert ran.err.startswith("instant_in_future: ")
    assert ran.err.endswith("(as_of: in_future)\n")


def test_gaps_are_a_table_with_the_reasons_under_it(
    handslag: Handslag, flows: list[dict[str, Any]]
) -> None:
    flows.append(flow())

    out = handslag("gaps").out

    rows = [line.split() for line in out.splitlines()]
    names = ["stroke", "unit", "municipal", "rehab", "stroke-rehab"]
    assert [*names, *["3", "1", "1", "0", "1", "0", "4", "h", "24.8", "h", "few"]] in rows
    assert "Handovers sent 2026-07-12 to 2026-10-09" in out
    where = "stroke unit → municipal rehab → stroke-rehab"
    assert f"{where} · declined: no competence 1" in out
    assert "delayed" not in out


def test_gaps_show_only_what_they_are_put_together_by(
    api: Api, handslag: Handslag, flows: list[dict[str, Any]]
) -> None:
    flows.append(flow(from_kind=None, pathway=None, median_hours=None, p90_hours=None, sent=9))

    ran = handslag("gaps", "--from", "2026-07-12", "--to", "2026-10-09", "--group-by", "to_kind")

    assert ["municipal", "rehab", *["9", "1", "1", "0", "1", "0", "–", "–", "few"]] in [
        line.split() for line in ran.out.splitlines()
    ]
    asked = {"from": "2026-07-12", "to": "2026-10-09", "group_by": "to_kind"}
    assert api.asked[0].query == asked


def test_no_handovers_leave_no_gaps(handslag: Handslag, flows: list[dict[str, Any]]) -> None:
    out = handslag("gaps").out.strip()

    assert out == "No handovers were sent. · 2026-07-12 to 2026-10-09"


def test_machines_get_the_gaps(handslag: Handslag, flows: list[dict[str, Any]]) -> None:
    flows.append(flow())

    assert handslag("gaps", "--json").json["items"] == flows
