"""The message thread between holders; nothing in it replaces a command."""

from domain import command as cmd
from domain import event as ev
from domain.draft import Draft
from domain.refusal import FieldProblem, Refused
from domain.rules import access


def post(draft: Draft, command: cmd.PostMessage) -> None:
    """Write to the other holders. Raises `Refused("not_holder")`."""
    by = access.must_hold_something(draft)
    number = draft.state.messages + 1
    draft.add(ev.MessagePosted(number=number, by=by, text=command.text))


def read(draft: Draft, command: cmd.ReadMessages) -> None:
    """The unit has read so far; a receipt is never taken back.

    Raises `Refused`: not_holder, message_unknown, already_read.
    """
    by = access.must_hold_something(draft)
    if command.up_to > draft.state.messages:
        raise Refused("message_unknown", FieldProblem(field="up_to", rule="unknown"))
    if command.up_to <= draft.state.read.get(by, 0):
        raise Refused("already_read")
    draft.add(ev.MessagesRead(by=by, up_to=command.up_to))
