"""Units without a system: calls to make on their behalf, and answers by telephone (R-093)."""

from datetime import timedelta

from domain import command as cmd
from domain import event as ev
from domain.call import PhoneCall
from domain.clock import ClockKind
from domain.event import Event
from domain.handover import DeclineReason, HandoverState, Now
from domain.journey import Actor, Role
from domain.notice import NoticeKind, notices
from tests import samples
from tests.domain.promises.offers import phone_call
from tests.samples import ALICE, BOB, UNCONNECTED, Case, things, unit

CALLER = "SE0000000000-TESTRVMVCSKI"


def sent(*, with_caller: bool = True) -> Case:
    """A handover to a unit without a system, for which another calls."""
    case = Case()
    send = samples.send(to=UNCONNECTED)
    known = (unit(CALLER),) if with_caller else ()
    case.do(send.model_copy(update={"stand_ins": known}), ALICE)
    return case


def accept(case: Case, call: PhoneCall | None, by: str = CALLER) -> tuple[Event, ...]:
    """A yes by telephone."""
    return case.do(cmd.Accept(handover_id="h-1", takes_over=Now(), call=call), by)


def test_a_sending_is_a_call_task_for_who_calls_on_its_behalf() -> None:
    case = sent()

    found = notices(tuple(case.log), case.state)

    assert case.handover().call_task is not None
    assert {n.unit for n in found if n.kind is NoticeKind.CALL_TASK} == {CALLER}


def test_the_sender_calls_when_the_journey_knows_no_other() -> None:
    case = sent(with_caller=False)

    found = notices(tuple(case.log), case.state)

    assert {n.unit for n in found if n.kind is NoticeKind.CALL_TASK} == {ALICE}


def test_an_answer_by_telephone_says_who_answered() -> None:
    case = sent()

    refused = case.refusal(cmd.Accept(handover_id="h-1", takes_over=Now()), CALLER)

    assert refused.code == "call_missing"


def test_a_yes_that_is_recorded_the_same_day_holds() -> None:
    case = sent()

    accept(case, phone_call(case.now))

    assert case.state.holder("rehab") == UNCONNECTED
    assert case.handover().proxied
    assert case.handover().provisional_since is None


def test_a_yes_that_is_recorded_later_moves_nothing_until_it_is_confirmed() -> None:
    case = sent()
    call = phone_call(case.now)
    case.wait(timedelta(days=1))

    accept(case, call)

    assert case.handover().state is HandoverState.ACCEPTED
    assert case.state.holder("rehab") == ALICE
    assert case.clock(ClockKind.CONFIRMATION, "h-1").owner == CALLER


def test_who_entered_it_late_does_not_confirm_it() -> None:
    case = sent()
    call = phone_call(case.now)
    case.wait(timedelta(days=1))
    accept(case, call)

    refused = case.refusal(cmd.ConfirmAnswer(handover_id="h-1"), CALLER)

    assert refused.code == "second_person_missing"


def test_a_second_person_or_the_receiver_confirms_it() -> None:
    second = Actor(subject="u-2", unit=CALLER, roles=(Role.COORDINATOR,))
    receiver = second.model_copy(update={"unit": UNCONNECTED, "subject": "u-1"})
    for actor in (second, receiver):
        case = sent()
        call = phone_call(case.now)
        case.wait(timedelta(days=1))
        accept(case, call)

        case.do(cmd.ConfirmAnswer(handover_id="h-1"), actor.unit, actor=actor)

        assert case.state.holder("rehab") == UNCONNECTED
        assert case.clock(ClockKind.CONFIRMATION, "h-1").stopped_at == case.now


def test_a_late_no_waits_for_its_confirmation_and_the_part_stays() -> None:
    case = sent()
    call = phone_call(case.now)
    case.wait(timedelta(days=1))

    no = cmd.Decline(handover_id="h-1", reason=DeclineReason.NO_CAPACITY, call=call)
    case.do(no, CALLER)

    assert case.handover().state is HandoverState.DECLINED
    assert case.clock(ClockKind.CONFIRMATION, "h-1").running
    assert case.state.holder("rehab") == ALICE


def test_a_receiver_that_answers_in_person_confirms_what_was_entered_late() -> None:
    case = sent()
    call = phone_call(case.now)
    case.wait(timedelta(days=1))
    case.do(cmd.Acknowledge(handover_id="h-1", call=call), CALLER)
    assert case.handover().provisional_since == case.now

    case.accept(by=UNCONNECTED)

    assert case.state.holder("rehab") == UNCONNECTED
    assert case.clock(ClockKind.CONFIRMATION, "h-1").stopped_at == case.now


def test_terms_that_are_taken_after_a_late_entry_move_the_part_once() -> None:
    case = sent()
    call = phone_call(case.now)
    case.wait(timedelta(days=1))
    case.do(cmd.Acknowledge(handover_id="h-1", call=call), CALLER)
    case.do(cmd.Propose(handover_id="h-1", takes_over=Now()), UNCONNECTED)

    case.do(cmd.TakeProposal(handover_id="h-1"), ALICE)

    assert case.state.holder("rehab") == UNCONNECTED
    assert case.refusal(cmd.ConfirmAnswer(handover_id="h-1"), ALICE).code == "nothing_provisional"


def test_a_call_lies_between_the_sending_and_now() -> None:
    case = sent()
    early = phone_call(case.now - timedelta(hours=1))
    ahead = phone_call(case.now + timedelta(hours=1))

    codes = [
        case.refusal(cmd.Acknowledge(handover_id="h-1", call=call), CALLER).code
        for call in (early, ahead)
    ]

    assert codes == ["call_before_sending", "instant_in_future"]


def test_no_answer_is_an_outcome_and_the_next_rung_asks_for_another_call() -> None:
    case = sent()
    case.do(cmd.RecordCall(handover_id="h-1", outcome="no_answer", at=case.now), CALLER)
    assert case.handover().call_task is None
    assert case.handover().calls == 1

    events = case.wait(timedelta(days=5))

    assert things(events, ev.CallTaskOpened)
    assert case.handover().call_task is not None


def test_nobody_calls_for_a_unit_with_a_system() -> None:
    case = Case()
    case.send()

    refused = case.refusal(cmd.RecordCall(handover_id="h-1", outcome="reached", at=case.now), ALICE)

    assert refused.code == "not_proxy"
    assert case.handover().to_unit == BOB
