"""The manager's board on a terminal."""

from typing import Any

import pytest

from api.overdue import Overdue
from tests.cli.conftest import Handslag
from tests.cli.stub import Api, refusal
from tests.samples import ALICE, BOB, NOBODY_HOLDS_OPERATIONS

REHAB = "Kommunrehab Västerås (demo)"
WARD = "Strokeenhet Västerås (demo)"


def late(**change: Any) -> dict[str, Any]:
    """A handover that nobody has answered since Wednesday morning."""
    given = {
        "journey_id": "j-1",
        "clock": "accepted:h-1",
        "ref": "j-1:accepted:h-1",
        "kind": "accepted",
        "subject": "h-1",
        "pathway": "stroke-rehab@1",
        "owner": BOB,
        "owner_name": REHAB,
        "waiting": ALICE,
        "since": "2026-10-07T07:00:00+00:00",
        "because": "nobody_answered",
        "late_minutes": 3080,
        "down_minutes": 0,
        "last_told_at": "2026-10-07T07:00:00+00:00",
        "last_rung": "due",
        "last_outcome": "told",
        "tellings": [],
        "told": [
            {"unit": BOB, "function": "manager", "reached": True},
            {"unit": BOB, "function": "inbox", "reached": True},
            {"unit": ALICE, "function": "coordinator", "reached": False},
        ],
    }
    return given | change


@pytest.fixture
def board(api: Api) -> list[dict[str, Any]]:
    """What is late; a test adds to it before the board is read."""
    items: list[dict[str, Any]] = []

    def answer(_: object) -> Any:
        group = {"unit": BOB, "pathway": "stroke-rehab", "step": "first_contact", "count": 2}
        group |= {"we_were_down": 1}
        board = {
            "as_of": "2026-10-09T10:20:00+00:00",
            "groups": [group | {"since": "2026-10-07T07:00:00+00:00"}] if items else [],
            "items": items,
            "next": None,
        }
        return Overdue.model_validate(board).model_dump(mode="json")

    api.answers["GET", "/overdue"] = answer
    return items


def test_it_is_counted_and_then_told_one_by_one(
    handslag: Handslag, board: list[dict[str, Any]]
) -> None:
    board.append(late())
    ran = handslag("overdue")
    rows = [line.split() for line in ran.out.splitlines()]
    when = ["2026-10-07", "09:00", "2", "d", "3", "h"]
    assert [*REHAB.split(), "stroke-rehab", "first", "contact", "2", "1", *when] in rows
    assert f"2 d 3 h late · accepted, owed by {REHAB}" in ran.out
    assert f"since 2026-10-07 09:00 · stroke-rehab@1 · {WARD} waits" in ran.out
    assert f"told 2026-10-07 09:00 (due): manager, inbox at {REHAB}; " in ran.out
    assert f"coordinator (not reached) at {WARD}" in ran.out
    assert "handover h-1" in ran.out


def test_that_nobody_could_be_told_is_told(handslag: Handslag, board: list[dict[str, Any]]) -> None:
    nobody = {"unit": NOBODY_HOLDS_OPERATIONS, "function": "operations", "reached": False}
    board.append(late(last_outcome="nobody_to_tell", last_rung="operations", told=[nobody]))
    board.append(late(last_told_at=None, last_rung=None, last_outcome=None, told=[]))
    out = handslag("overdue").out
    assert (
        "nobody could be told 2026-10-07 09:00 (operations): operations (not reached) at Kommun"
        in out
    )
    assert "nobody has been told yet" in out


def test_late_steps_and_alarms_are_named(handslag: Handslag, board: list[dict[str, Any]]) -> None:
    board.append(late(kind="step", subject="1.assessment"))
    board.append(late(kind="alarm", subject="rehab", waiting=BOB))
    out = handslag("overdue").out
    assert "step 1.assessment, owed by" in out
    assert "alarm rehab, owed by" in out
    assert out.count("waits") == 1
    assert "handover" not in out


def test_nothing_late_is_good_news(handslag: Handslag, board: list[dict[str, Any]]) -> None:
    assert handslag("overdue").out.strip() == "Nothing is overdue."


def test_machines_get_the_board(api: Api, handslag: Handslag, board: list[dict[str, Any]]) -> None:
    board.append(late())
    ran = handslag("overdue", "--group-by", "unit", "--json")
    assert ran.json["items"] == board
    assert api.asked[0].query == {"group_by": "unit", "limit": "50"}


def test_an_unknown_group_is_one_line(api: Api, handslag: Handslag) -> None:
    api.answers["GET", "/overdue"] = refusal("request_invalid", group_by="unknown")
    ran = handslag("overdue", "--group-by", "ward")
    assert ran.code == 1
    assert ran.err.startswith("request_invalid: ")
    assert ran.err.endswith("(group_by: unknown)\n")


def test_it_says_when_we_were_down(
    api: Api, handslag: Handslag, board: list[dict[str, Any]]
) -> None:
    board.append(late(because="we_were_down", down_minutes=190))
    board.append(late())
    ran = handslag("overdue", "--because", "we_were_down")
    assert "we were down · we told too late: 3 h 10 min of it" in ran.out
    assert ran.out.count("nobody answered") == 1
    assert api.asked[0].query["because"] == "we_were_down"
