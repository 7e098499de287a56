"""`handslag clock`: where a clock stands, and why it is due when it is."""

from typing import Any

from tests.cli.conftest import Handslag
from tests.cli.stub import Api, refusal
from tests.samples import ALICE, BOB, unit

REF = "j-1:accepted:h-1"
PAGE: dict[str, Any] = {
    "ref": REF,
    "label": {"sv": "Svar på överlämningen", "en": "Answer to the handover"},
    "state": "running",
    "late": True,
    "due_at": "2026-10-06T07:00:00Z",
    "owner": BOB,
    "counterpart": ALICE,
    "owner_now": {"open_now": False, "opens_at": "2026-10-07T05:30:00Z"},
    "next": {
        "at": "2026-10-07T07:00:00Z",
        "rung": "one_day_late",
        "tells": [{"unit": BOB, "function": "operations", "reached": False, "quiet": False}],
    },
    "snoozes": [{"unit": BOB, "until": "2026-10-08T07:00:00Z", "reason": "Väntar."}],
    "firings": [
        {
            "due_at": "2026-10-05T19:00:00Z",
            "fired_at": "2026-10-05T22:00:00Z",
            "rung": "half",
            "cause": "worker_down",
            "told": [{"unit": BOB, "function": "inbox", "reached": True, "quiet": False}],
        }
    ],
    "ledgers": {
        "receiver": {"seconds": 7200, "counted_seconds": 7200},
        "sender": {"seconds": 3600, "counted_seconds": 1800},
        "patient": {"seconds": 10800, "counted_seconds": 9000},
        "intervals": [
            {
                "side": "receiver",
                "because": "sent",
                "since": "2026-10-05T07:00:00Z",
                "until": "2026-10-05T09:00:00Z",
            }
        ],
    },
}


def test_a_clock_says_where_it_stands_who_was_told_and_whose_time_it_was(
    api: Api, handslag: Handslag
) -> None:
    api.answers["GET", f"/clocks/{REF}"] = PAGE

    ran = handslag("clock", REF)

    assert ran.code == 0, ran.err
    for part in (
        "Svar på överlämningen · Answer to the handover",
        "running · late · due 2026-10-06 09:00",
        f"owed by {unit(BOB).name}",
        "the owner is closed now, opens 2026-10-07 07:30",
        "next 2026-10-07 09:00: one day late, operations (not reached)",
        "hears nothing until 2026-10-08 09:00 · Väntar.",
        "worker down",
        "3 h 0 min",
    ):
        assert part in ran.out, ran.out


def test_why_is_told_in_both_languages(api: Api, handslag: Handslag) -> None:
    told = {"sv": ["Börjar.", "Klar."], "en": ["Begins.", "Due."]}
    api.answers["GET", f"/clocks/{REF}/explanation"] = told

    ran = handslag("clock", REF, "--why")

    assert [line.strip() for line in ran.out.split("\n") if line] == [
        "Börjar.",
        "Begins.",
        "Klar.",
        "Due.",
    ]


def test_for_machines_it_is_the_answer_itself(api: Api, handslag: Handslag) -> None:
    api.answers["GET", f"/clocks/{REF}"] = PAGE

    assert handslag("clock", REF, "--json").json == PAGE


def test_a_clock_that_is_not_there_is_one_clear_line(api: Api, handslag: Handslag) -> None:
    api.answers["GET", f"/clocks/{REF}"] = refusal("clock_unknown")

    ran = handslag("clock", REF)

    assert ran.code == 1
    assert "clock_unknown: Klockan finns inte." in ran.err
