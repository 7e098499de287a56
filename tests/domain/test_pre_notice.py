"""A pre-notice: a unit knows beforehand, and the sender owes the real handover by the estimate."""

from datetime import timedelta

import pytest

from domain import command as cmd
from domain.clock import ClockKind
from domain.event import Event, RungFired
from domain.handover import HandoverState
from domain.notice import NoticeKind, notices
from domain.pathway import Purpose
from domain.template import LegalBasis
from tests import samples
from tests.samples import ALICE, BOB, BOBS_TEAM, MONDAY, Case, offered, things, unit

FRIDAY = MONDAY + timedelta(days=4)


def announce(**change: object) -> cmd.Announce:
    """The rehab part is to come on Friday."""
    given: dict[str, object] = {
        "handover_id": "h-1",
        "part": "rehab",
        "purpose": Purpose.TAKE_PART,
        "to": unit(BOB),
        "estimated_at": FRIDAY,
        "requested": "Träning i hemmet.",
        "legal_basis": LegalBasis.LAG_2017_612,
    }
    return cmd.Announce.model_validate(given | change)


def for_real(**change: object) -> cmd.Send:
    """The handover that was announced."""
    sent = samples.send(BOB, estimated_discharge_at=FRIDAY)
    return sent.model_copy(update={"announced": True} | change)


@pytest.fixture
def case() -> Case:
    """A journey with a pre-notice."""
    journey = Case()
    journey.do(announce(), ALICE)
    return journey


def test_the_receiver_is_told_and_the_sender_owes_the_handover(case: Case) -> None:
    handover = case.handover()
    owed = case.clock(ClockKind.PRE_NOTICE, "h-1")

    assert (handover.state, handover.sent_at) == (HandoverState.PRE_NOTICE, None)
    assert (owed.owner, owed.due_at) == (ALICE, FRIDAY)
    assert [n.kind for n in notices(tuple(case.log), case.state) if n.unit == BOB] == [
        NoticeKind.HANDOVER_ANNOUNCED,
        NoticeKind.HANDOVER_ANNOUNCED,
    ], "by the inbox and by mail"
    assert case.state.holder("rehab") == ALICE


def test_nothing_can_be_answered_before_it_has_been_sent(case: Case) -> None:
    refused = case.refusal(cmd.Acknowledge(handover_id="h-1"), BOB)

    assert refused.code == "handover_not_open"
    assert offered(case.handover(), BOB) == ("assign",)
    assert "send" in offered(case.handover(), ALICE)


def test_it_becomes_the_real_handover_with_its_clocks(case: Case) -> None:
    case.wait(timedelta(days=1))

    case.do(for_real(), ALICE)

    handover = case.handover()
    assert handover.state is HandoverState.RECEIVED
    assert (handover.announced_at, handover.sent_at) == (MONDAY, case.now)
    assert case.clock(ClockKind.PRE_NOTICE, "h-1").stopped_at == case.now
    assert case.clock(ClockKind.ACCEPTED, "h-1").running
    assert case.refusal(for_real(), ALICE).code == "handover_exists"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"handover_id": "h-9"}, "handover_unknown"),
        ({"to": unit(BOBS_TEAM)}, "pre_notice_differs"),
        ({"part": "aids"}, "pre_notice_differs"),
        ({"announced": False}, "handover_exists"),
    ],
)
def test_only_what_was_announced_is_sent_under_its_id(
    case: Case, change: dict[str, object], code: str
) -> None:
    assert case.refusal(for_real(**change), ALICE).code == code


def test_another_estimate_moves_the_senders_clock_and_a_missed_one_is_told(case: Case) -> None:
    later = FRIDAY + timedelta(days=2)
    case.do(cmd.ChangeEstimate(handover_id="h-1", estimated_at=later), ALICE)

    owed = case.clock(ClockKind.PRE_NOTICE, "h-1")
    silent = case.wait_until(FRIDAY + timedelta(hours=1))
    told = case.wait_until(later + timedelta(minutes=1))

    def about(events: tuple[Event, ...]) -> list[str]:
        return [f.rung for f in things(events, RungFired) if f.clock_id == owed.id]

    assert owed.due_at == later
    assert (about(silent), about(told)) == ([], ["due"])


def test_a_part_that_is_announced_is_under_way(case: Case) -> None:
    other = samples.send(BOBS_TEAM, handover_id="h-2")

    assert case.refusal(other, ALICE).code == "part_in_handover"
    assert case.refusal(announce(handover_id="h-3"), ALICE).code == "part_in_handover"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"estimated_at": MONDAY - timedelta(minutes=1)}, "instant_in_past"),
        ({"estimated_at": MONDAY + timedelta(days=400)}, "instant_too_far"),
        ({"to": unit(ALICE)}, "receiver_is_sender"),
        ({"part": "no_such_part"}, "part_unknown"),
        ({"part": "home_help"}, "receiver_kind_mismatch"),
    ],
)
def test_what_cannot_be_announced_is_refused(change: dict[str, object], code: str) -> None:
    assert Case().refusal(announce(**change), ALICE).code == code
