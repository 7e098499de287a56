"""The alarm of promise 2: the patient has left, there is a need, and nobody has taken over."""

from domain import event as ev
from domain.clock import ClockKind, Promise
from domain.draft import Draft
from domain.handover import Handover
from domain.journey import clock_id
from domain.part import COORDINATION
from domain.rules import clock, promise


def raise_for(draft: Draft, unit: str) -> None:
    """Start an alarm, and ring it now, for each part that the unit still holds.

    One that rings already begins anew: who leaves again is an alarm again. The unit owes the
    patient a safety net: who calls, when, on which number.
    """
    held = [part for part in draft.state.parts.values() if part.holder == unit]
    for part in held:
        clock.stop(draft, ClockKind.ALARM, part.key, kept=False)
        pending = draft.state.pending(part.key)
        promised = Promise(
            id=clock_id(ClockKind.ALARM, part.key),
            kind=ClockKind.ALARM,
            subject=part.key,
            part=part.key,
            owner=unit,
            counterpart=pending.to_unit if pending else unit,
            budget=promise.AT_ONCE,
            ladder="alarm",
        )
        clock.start(draft, promised)
    if held:
        owe_safety_net(draft, unit)
    clock.fire_until(draft, draft.now)


def raise_missing(draft: Draft, unit: str) -> None:
    """A part came back to the unit while nothing could ring: then it rings now."""
    held = (part.key for part in draft.state.parts.values() if part.holder == unit)
    ringing = [draft.state.clock(ClockKind.ALARM, key) for key in held]
    if any(alarm is None or not alarm.running for alarm in ringing):
        raise_for(draft, unit)


def owe_safety_net(draft: Draft, unit: str) -> None:
    """Somebody who calls the patient; and once that is promised, the call itself."""
    clock.stop(draft, ClockKind.SAFETY_NET, COORDINATION, kept=False)
    coordinator = draft.state.holder(COORDINATION)
    owner = unit if unit in draft.state.units else coordinator
    owed = promise.of(draft, ClockKind.SAFETY_NET, COORDINATION, COORDINATION, owner, coordinator)
    net = draft.state.safety_net
    if net is None:
        clock.start(draft, owed)
        return
    at_once = owed.model_copy(update={"budget": promise.AT_ONCE, "rule": None})
    clock.start_until(draft, at_once, net.call_at)


def share_with(draft: Draft, handover: Handover) -> None:
    """Who is to take the part over shares its alarm; who is only informed does not."""
    if handover.pending:
        _point_at(draft, handover.part, handover.to_unit)


def take_back(draft: Draft, handover: Handover) -> None:
    """A receiver that is out of it is not called any more; the alarm is the holder's alone."""
    if handover.purpose.moves and handover.part in draft.state.parts:
        _point_at(draft, handover.part, draft.state.holder(handover.part))


def point_anew(draft: Draft) -> None:
    """Each alarm rings at the holder and at whoever is to take the part over now."""
    for part in tuple(draft.state.parts.values()):
        pending = draft.state.pending(part.key)
        _point_at(draft, part.key, pending.to_unit if pending else part.holder)


def end_all(draft: Draft) -> None:
    """There is no need any more, or a new period has begun: what rang falls silent."""
    for part in tuple(draft.state.parts):
        clock.stop(draft, ClockKind.ALARM, part, kept=False)
    clock.stop(draft, ClockKind.SAFETY_NET, COORDINATION, kept=False)


def _point_at(draft: Draft, part: str, unit: str) -> None:
    alarm = draft.state.clock(ClockKind.ALARM, part)
    if alarm is not None and alarm.running and alarm.counterpart != unit:
        moved = alarm.model_copy(update={"counterpart": unit})
        draft.add(ev.ClockMoved(because="send", clock=moved))
