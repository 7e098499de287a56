"""Units without a system: calls to make on their behalf, and answers by telephone (R-093)."""

from collections.abc import Iterable

from domain import command as cmd
from domain import event as ev
from domain.calendar import STOCKHOLM
from domain.call import CallTask, PhoneCall
from domain.draft import Draft
from domain.event import Told
from domain.handover import Handover
from domain.refusal import FieldProblem, Refused
from domain.rules import access, instants
from domain.unit import Function


def ask_for_call(draft: Draft, subject: str, rung: str, told: Iterable[Told]) -> None:
    """Each rung to such a receiver is a call to make; one that waits already is enough."""
    handover = draft.state.handovers.get(subject)
    if handover is None or handover.call_task or not handover.open:
        return
    if draft.state.units[handover.to_unit].connected:
        return
    to_call = [t.function for t in told if t.unit == handover.to_unit]
    if to_call:
        open_task(draft, handover, rung, to_call[0])


def open_task(draft: Draft, handover: Handover, rung: str, function: Function) -> None:
    """Somebody owes the receiver a call."""
    task = CallTask(rung=rung, function=function, since=draft.now)
    draft.add(ev.CallTaskOpened(handover_id=handover.id, task=task))


def must_be_credible(draft: Draft, handover: Handover, call: PhoneCall | None) -> None:
    """Who answers for a unit without a system has called it, between the sending and now.

    Raises `Refused`: call_missing, instant_in_future, call_before_sending.
    """
    if call is None:
        if not access.acts(draft, handover.to_unit):
            raise Refused("call_missing")
        return
    instants.must_have_been(draft, call.at, "call.at")
    if call.at < handover.began_at:
        raise Refused("call_before_sending", FieldProblem(field="call.at", rule="before_sending"))


def is_late(draft: Draft, call: PhoneCall | None) -> bool:
    """Whether a call is written down on a later day than it was made: provisional, then."""
    if call is None:
        return False
    return call.at.astimezone(STOCKHOLM).date() != draft.now.astimezone(STOCKHOLM).date()


def record_call(draft: Draft, command: cmd.RecordCall) -> None:
    """A call was made; *no answer* is an outcome, and the next rung asks for another."""
    handover = draft.state.handovers[command.handover_id]
    instants.must_have_been(draft, command.at)
    if command.at < handover.began_at:
        raise Refused("call_before_sending", FieldProblem(field="at", rule="before_sending"))
    draft.add(
        ev.CallMade(
            handover_id=handover.id, outcome=command.outcome, at=command.at, note=command.note
        ),
        effective_at=command.at,
    )
