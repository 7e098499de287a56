"""Units without a system: calls to make on their behalf, and answers by telephone (R-093)."""

from collections.abc import Iterable

from domain import command as cmd
from domain import event as ev
from domain.calendar import STOCKHOLM
from domain.call import CallTask, Entry, PaperAnswer, PhoneCall
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


def must_be_credible(draft: Draft, handover: Handover, entered: Entry | None) -> None:
    """Who answers for a unit without a system has called it, between the sending and now.

    What stands on paper is written in by the receiver itself.
    Raises `Refused`: call_missing, paper_not_yours, instant_in_future, call_before_sending,
    paper_before_sending.
    """
    receives = access.acts(draft, handover.to_unit)
    if entered is None:
        if not receives:
            raise Refused("call_missing")
        return
    field = "call.at" if isinstance(entered, PhoneCall) else "paper.at"
    if isinstance(entered, PaperAnswer) and not receives:
        raise Refused("paper_not_yours")
    instants.must_have_been(draft, entered.at, field)
    # Nobody has answered what had not come to them yet.
    here_since = handover.redirected_at or handover.began_at
    # A slip answers what was sent; a call may have been about what was announced.
    if isinstance(entered, PaperAnswer):
        if entered.at < max(handover.sent_at or handover.began_at, here_since):
            raise Refused("paper_before_sending", FieldProblem(field=field, rule="before_sending"))
    elif entered.at < max(handover.began_at, here_since):
        raise Refused("call_before_sending", FieldProblem(field=field, rule="before_sending"))


def is_late(draft: Draft, entered: Entry | None) -> bool:
    """Whether it is provisional: a call written down on a later day, and anything on paper."""
    if entered is None:
        return False
    if isinstance(entered, PaperAnswer):
        return True
    return entered.at.astimezone(STOCKHOLM).date() != draft.now.astimezone(STOCKHOLM).date()


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
