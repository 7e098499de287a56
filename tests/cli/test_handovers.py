"""The inbox, a handover, and answers to it, against an API that remembers what it was asked."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest

from api.handover_bodies import AcceptBody, DeclineBody, RedirectBody
from domain import command as cmd
from domain.value import Value
from domain.view import Seer, handover_view, known
from tests.cli.conftest import Handslag
from tests.cli.stub import Api, refusal
from tests.samples import BOB, BOBS_TEAM, CHARLIE, Case, handover_content, unit

NUMBER = "194408139089"
PATIENT = {"system": "personnummer", "value": NUMBER, "name": "Testpatient 01"}
WARD = "Strokeenhet Västerås (demo)"
REHAB = "Kommunrehab Västerås (demo)"


@pytest.fixture
def case() -> Case:
    """A handover from the ward to rehab in Västerås."""
    case = Case()
    case.complete("assessment")
    case.send()
    return case


def view(case: Case) -> dict[str, Any]:
    """The handover as its receiver sees it."""
    return handover_view(known(case.state), case.handover(), Seer(unit=BOB)).model_dump(mode="json")


def inbox_of(api: Api, hsa_id: str, *items: dict[str, Any]) -> None:
    api.answers["GET", f"/units/{hsa_id}/inbox"] = {"items": list(items), "next": None}


def item(case: Case) -> dict[str, Any]:
    content = handover_content()
    more = {"patient": PATIENT, "reason": content.reason, "requested": content.requested}
    return view(case) | more


def test_the_inbox_is_that_of_the_tokens_unit(api: Api, handslag: Handslag, case: Case) -> None:
    inbox_of(api, BOB, item(case))
    ran = handslag("handovers", "list")
    assert ran.code == 0
    rows = [line.split() for line in ran.out.splitlines()]
    first = next(row for row in rows if row[:2] == ["Testpatient", "01"])
    assert first[2:4] == ["rehab,", "received"]
    assert ["h-1", "from", *WARD.split()] in rows
    assert api.asked[0].query == {"limit": "50", "open": "true"}


def test_another_inbox_is_asked_for_by_name(api: Api, handslag: Handslag) -> None:
    inbox_of(api, BOBS_TEAM)
    ran = handslag("handovers", "list", "--unit", BOBS_TEAM, "--all")
    assert ran.out.strip() == "The inbox is empty."
    assert api.asked[0].query["open"] == "false"


def test_a_token_without_a_unit_is_one_line(
    api: Api, handslag: Handslag, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobodys = jwt.encode({"sub": "x"}, "a key that nobody checks, of 32 bytes or more")
    for token in ("no token at all", nobodys):
        monkeypatch.setenv("HANDSLAG_TOKEN", token)
        ran = handslag("handovers", "list")
        assert (ran.code, ran.err) == (1, "The token names no unit; say which: --unit HSA\n")
    assert not api.asked


def test_the_person_number_is_shown_only_when_asked_for(
    api: Api, handslag: Handslag, case: Case
) -> None:
    inbox_of(api, BOB, item(case))
    for option in ((), ("--json",)):
        assert NUMBER not in handslag("handovers", "list", *option).out
        assert NUMBER in handslag("handovers", "list", "--patient", *option).out


def whole(case: Case) -> dict[str, Any]:
    """The handover with all that the API tells its receiver."""
    told = {
        "at": "2026-10-05T07:00:00+00:00",
        "kind": "handover_sent",
        "unit": BOB,
        "function": "inbox",
        "channel": "mail",
        "rung": None,
        "delivered_at": None,
        "attempts": 3,
        "error": "ConnectionRefusedError",
    }
    asked = {"kind": "question_asked", "text": "Vilken våning?", "at": told["at"]}
    sides = {"sender": case.handover().from_unit, "receiver": case.handover().to_unit}
    return view(case) | {
        "patient": PATIENT,
        "content": handover_content().model_dump(mode="json"),
        "thread": [asked],
        **{side: unit(hsa_id).model_dump(mode="json") for side, hsa_id in sides.items()},
        "told": [told],
    }


def test_a_handover_is_shown_with_all_that_hangs_on_it(
    api: Api, handslag: Handslag, case: Case
) -> None:
    api.answers["GET", "/handovers/h-1"] = whole(case)
    ran = handslag("handovers", "show", "h-1")
    assert ran.code == 0
    assert f"from {WARD} to {REHAB}" in ran.out
    assert f"received · take part · held by {WARD}" in ran.out
    for text in ("Gå till bryggan.", "berg: Orkar inte stå.", "Vilken våning?", "010-000 00 00"):
        assert text in ran.out
    assert "ConnectionRefusedError" in ran.out
    assert "may be done now: acknowledge, accept, decline, redirect, ask" in ran.out
    assert NUMBER not in ran.out


ANSWERS: list[tuple[list[str], dict[str, Any]]] = [
    (["acknowledge"], {}),
    (["accept", "--now"], {"takes_over": {"when": "now"}}),
    (["accept", "--on-discharge"], {"takes_over": {"when": "on_discharge"}}),
    (
        ["accept", "--at", "2026-12-04T11:00"],
        {"takes_over": {"when": "at", "at": "2026-12-04T11:00:00+01:00"}},
    ),
    (
        ["accept", "--at", "2026-10-25T02:30+02:00"],
        {"takes_over": {"when": "at", "at": "2026-10-25T02:30:00+02:00"}},
    ),
    (["decline", "--reason", "no_capacity"], {"reason": "no_capacity"}),
    (
        ["decline", "--reason", "other", "--text", "Flyttad", "--proposes", CHARLIE],
        {"reason": "other", "text": "Flyttad", "proposes": CHARLIE},
    ),
    (["redirect", "--to", BOBS_TEAM, "--reason", "IHR"], {"to": BOBS_TEAM, "reason": "IHR"}),
]
BODIES: dict[str, type[Value]] = {
    "accept": AcceptBody,
    "decline": DeclineBody,
    "redirect": RedirectBody,
}


@pytest.mark.parametrize(("answer", "body"), ANSWERS, ids=[" ".join(a) for a, _ in ANSWERS])
def test_an_answer_is_sent_as_the_api_takes_it(
    api: Api, handslag: Handslag, case: Case, answer: list[str], body: dict[str, Any]
) -> None:
    action, *options = answer
    api.answers["POST", f"/handovers/h-1/{action}"] = view(case)
    assert handslag("handovers", action, "h-1", *options, "--key", "k-1").code == 0
    (sent,) = api.posted(f"/handovers/h-1/{action}")
    assert (sent.body, sent.key) == (body, "k-1")
    if action in BODIES:
        BODIES[action].model_validate(sent.body)


def test_every_answer_has_a_key_of_its_own(api: Api, handslag: Handslag, case: Case) -> None:
    api.answers["POST", "/handovers/h-1/acknowledge"] = view(case)
    for _ in range(2):
        handslag("handovers", "acknowledge", "h-1", "--json")
    first, second = (UUID(sent.key) for sent in api.posted("/handovers/h-1/acknowledge"))
    assert first != second


def test_the_result_says_state_holder_and_what_is_due_next(
    api: Api, handslag: Handslag, case: Case
) -> None:
    case.wait(timedelta(hours=1))
    case.do(cmd.Acknowledge(handover_id="h-1"), BOB)
    api.answers["POST", "/handovers/h-1/acknowledge"] = view(case)
    state, due = handslag("handovers", "acknowledge", "h-1").out.splitlines()
    assert state == f"acknowledged · rehab is held by {WARD}"
    assert due.startswith("next due 2026-10-")
    assert due.endswith(f": accepted, by {REHAB}")


def test_the_result_of_a_decline_has_no_clock(api: Api, handslag: Handslag, case: Case) -> None:
    case.do(cmd.Decline(handover_id="h-1", reason="no_capacity"), BOB)
    api.answers["POST", "/handovers/h-1/decline"] = view(case)
    ran = handslag("handovers", "decline", "h-1", "--reason", "no_capacity")
    assert ran.out.splitlines() == [f"declined · rehab is held by {WARD}", "no clock runs"]


def test_machines_get_the_view(api: Api, handslag: Handslag, case: Case) -> None:
    api.answers["POST", "/handovers/h-1/acknowledge"] = view(case)
    assert handslag("handovers", "acknowledge", "h-1", "--json").json == view(case)


def test_a_refusal_is_one_line(api: Api, handslag: Handslag) -> None:
    api.answers["POST", "/handovers/h-1/accept"] = refusal("instant_in_past", at="past")
    ran = handslag("handovers", "accept", "h-1", "--at", "2020-01-01T00:00Z")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "instant_in_past: Tidpunkten har redan passerat. / "
        "The instant has already passed. (at: past)\n"
    )


def test_when_nobody_knows_whether_it_was_done_the_key_is_told(
    api: Api, handslag: Handslag
) -> None:
    api.answers["POST", "/handovers/h-1/accept"] = refusal("engine_unavailable")
    ran = handslag("handovers", "accept", "h-1", "--now", "--key", "k-7")
    assert ran.code == 1
    assert ran.err.startswith("engine_unavailable: ")
    assert ran.err.endswith("To repeat it safely: --key k-7\n")


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ([], "say when, once"),
        (["--now", "--on-discharge"], "say when, once"),
        (["--at", "tomorrow"], "no ISO 8601 time"),
        (["--at", "2026-10-25T02:30"], "say the offset"),
        (["--at", "2027-03-28T02:30"], "say the offset"),
    ],
)
def test_when_must_be_said_once_and_clearly(
    api: Api, handslag: Handslag, options: list[str], hint: str
) -> None:
    ran = handslag("handovers", "accept", "h-1", *options)
    assert ran.code == 2
    assert hint in ran.err
    assert not api.asked
