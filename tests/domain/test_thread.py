"""The thread between holders: who may write and read, and what a receipt says."""

import pytest

from domain import command as cmd
from domain import event as ev
from domain.refusal import Kind
from tests.samples import ALICE, BOB, CHARLIE, Case


def post(text: str = "Kommer hem på fredag.") -> cmd.PostMessage:
    return cmd.PostMessage(text=text)


def shared() -> Case:
    """Alice holds the coordination, Bob the rehab."""
    case = Case()
    case.complete("assessment")
    case.complete("plan")
    case.send()
    case.accept()
    return case


def test_messages_are_numbered_in_order_and_say_which_unit_wrote() -> None:
    case = shared()

    case.do(post("Kommer hem på fredag."), ALICE)
    case.do(post("Vi möter upp."), BOB)

    posted = [(p.number, p.by, p.text) for p in case.happened(ev.MessagePosted)]
    assert posted == [(1, ALICE, "Kommer hem på fredag."), (2, BOB, "Vi möter upp.")]
    assert case.state.messages == 2


def test_a_message_moves_no_part_and_no_clock() -> None:
    case = shared()
    parts, clocks = case.state.parts, case.state.clocks

    case.do(post(), BOB)

    assert (case.state.parts, case.state.clocks) == (parts, clocks)


def test_a_receipt_says_how_far_a_unit_has_read() -> None:
    case = shared()
    case.do(post(), ALICE)
    case.do(post(), ALICE)

    case.do(cmd.ReadMessages(up_to=1), BOB)

    assert case.state.read == {ALICE: 2, BOB: 1}


def test_who_writes_has_not_read_what_came_before() -> None:
    case = shared()
    case.do(post(), ALICE)

    case.do(post("Ett svar på något annat."), BOB)

    assert case.state.read == {ALICE: 1}


@pytest.mark.parametrize("up_to", [1, 2])
def test_a_receipt_is_never_taken_back_or_given_twice(up_to: int) -> None:
    case = shared()
    case.do(post(), ALICE)
    case.do(post(), ALICE)
    case.do(cmd.ReadMessages(up_to=2), BOB)

    refusal = case.refusal(cmd.ReadMessages(up_to=up_to), BOB)

    assert refusal.code == "already_read"
    assert case.state.read[BOB] == 2


@pytest.mark.parametrize("written", [0, 1])
def test_nobody_has_read_what_is_not_written(written: int) -> None:
    case = shared()
    for _ in range(written):
        case.do(post(), ALICE)

    refusal = case.refusal(cmd.ReadMessages(up_to=written + 1), BOB)

    assert refusal.code == "message_unknown"
    assert refusal.text.kind is Kind.INVALID
    assert [(f.field, f.rule) for f in refusal.fields] == [("up_to", "unknown")]


@pytest.mark.parametrize("command", [post(), cmd.ReadMessages(up_to=1)])
def test_only_holders_write_and_read(command: cmd.PostMessage | cmd.ReadMessages) -> None:
    case = Case()
    case.do(post(), ALICE)

    outsider, receiver = case.refusal(command, CHARLIE), case.refusal(command, BOB)

    assert outsider.code == receiver.code == "not_holder"
