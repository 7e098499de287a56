"""What a caller gets for a command that was recorded."""

from typing import Any

from domain.command import Envelope, Send
from domain.journey import Journey
from domain.view import handover_view, journey_view, known


def answer(state: Journey, envelope: Envelope) -> dict[str, Any]:
    """The handover that the command was about, or else the journey; and the body's hash.

    The hash lets the door refuse the same key with another body when the engine itself
    repeats the first answer.
    """
    command, unit = envelope.command, envelope.actor.unit
    handover_id = getattr(command, "handover_id", None)
    values = known(state)
    view = (
        handover_view(values, state.handovers[handover_id], unit)
        if handover_id
        else journey_view(values, unit)
    )
    return {
        "view": view.model_dump(mode="json"),
        "seq": state.seq,
        "created": isinstance(command, Send),
        "body_hash": envelope.idempotency.body_hash,
    }
