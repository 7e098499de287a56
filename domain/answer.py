"""What a caller gets for a command that was recorded."""

from datetime import datetime
from typing import Any

from domain.command import Announce, Command, Envelope, Send, SendBundle, StayCommand
from domain.forecast import forecast
from domain.journey import Journey
from domain.stay_view import Around, masked, stay_view
from domain.value import Value
from domain.view import Known, Seer, bundles, handover_view, journey_view, known, seer


class BundleAnswer(Value):
    """A bundle as it was sent: its handovers in the order of the call."""

    id: str
    journey_id: str
    seq: int
    label: dict[str, str]
    handovers: tuple[dict[str, Any], ...]


def answer(state: Journey, envelope: Envelope, now: datetime) -> dict[str, Any]:
    """The handover, bundle or stay that the command was about, or else the journey.

    The body's hash lets the door refuse the same key with another body when the engine itself
    repeats the first answer. What was sent says what can be expected now. Who speaks from another
    journey of the patient is shown nothing of this one.
    """
    looks = seer(envelope.actor, state.units, now)
    return {
        "view": {} if envelope.relayed else _view(state, envelope.command, looks, now),
        "seq": state.seq,
        "created": isinstance(envelope.command, Send | SendBundle | Announce),
        "body_hash": envelope.idempotency.body_hash,
    }


def _view(state: Journey, command: Command, looks: Seer, now: datetime) -> dict[str, Any]:
    values = known(state)
    if isinstance(command, SendBundle):
        return _bundle(state, values, command, looks, now)
    if isinstance(command, StayCommand):
        return _stay(state, looks)
    handover_id = getattr(command, "handover_id", None)
    if handover_id is None:
        return journey_view(values, looks).model_dump(mode="json")
    view = handover_view(values, state.handovers[handover_id], looks).model_dump(mode="json")
    if isinstance(command, Send):
        view["forecast"] = forecast(state, handover_id, now).model_dump(mode="json")
    return view


def _stay(state: Journey, looks: Seer) -> dict[str, Any]:
    """Who was told of the stay sees that, and nothing else of the journey."""
    around = Around(
        journey_id=state.id,
        seq=state.seq,
        stay=state.episodes[-1],
        newest=True,
        municipality=state.municipality,
        protection=state.protection,
        sip=state.sip,
        deceased_at=state.deceased_at,
        closed=not state.open,
        clocks=tuple(state.clocks.values()),
    )
    view = stay_view(around, state.units, (looks.unit, *looks.stands_in_for))
    shown = view.model_dump(mode="json")
    return masked(shown) if state.protected and not looks.unmasked else shown


def _bundle(
    state: Journey, values: Known, command: SendBundle, looks: Seer, now: datetime
) -> dict[str, Any]:
    bundle = next(b for b in bundles(values.handovers) if b.id == command.bundle_id)
    sent = (_view(state, one, looks, now) for one in command.sends)
    return BundleAnswer(
        id=bundle.id,
        journey_id=state.id,
        seq=state.seq,
        label=bundle.label.model_dump(),
        handovers=tuple(sent),
    ).model_dump(mode="json")
