"""How a change in the catalogue takes effect in a running journey: explicit, and recorded.

From the change on, who is told, who covers and who calls follow the new facts. What was promised
was promised under the old ones: no clock moves, unless whoever made the change chose that clocks
in the unit's own hours are counted anew.
"""

from domain import command as cmd
from domain import event as ev
from domain.clock import ClockKind
from domain.draft import Draft
from domain.journey import Journey
from domain.opening import opening
from domain.refusal import FieldProblem, Refused
from domain.rules import clock, take_over
from domain.unit import Unit


def adopt(draft: Draft, command: cmd.AdoptUnit) -> None:
    """Know a unit as it is now.

    A journey may have met these facts by a sending; what was chosen for its clocks holds still.
    Raises `Refused`: unit_not_here, already_succeeded, unit_version_stale.
    """
    known = draft.state.units.get(command.unit.hsa_id)
    if known is None:
        raise Refused("unit_not_here")
    if known.successor:
        raise Refused("already_succeeded")
    hours = opening(command.unit)
    lags = command.reproject and clock.lag(draft, hours)
    if command.unit.version <= known.version and not lags:
        raise Refused("unit_version_stale")
    if command.unit.version > known.version:
        draft.add(ev.UnitAdopted(unit=command.unit, stand_ins=_others(draft, command.stand_ins)))
    if lags:
        clock.reproject(draft, hours)
    if command.unit.connected and not known.connected:
        _deliver_to_inbox(draft, command.unit.hsa_id)


def _deliver_to_inbox(draft: Draft, unit: str) -> None:
    """It has got a system: what waited for a telephone call stands in its inbox."""
    for handover in tuple(draft.state.handovers.values()):
        arrives = handover.to_unit == unit and handover.open and handover.sent_at
        if arrives and handover.received_at is None:
            draft.add(ev.HandoverReceived(handover_id=handover.id))
            clock.stop(draft, ClockKind.RECEIVED, handover.id)


def succeed(draft: Draft, command: cmd.Succeed) -> None:
    """Everything that the old unit held, owed and awaited is the successor's, without a gap.

    A handover between the two has nobody to go to any more, and ceases.
    Raises `Refused`: unit_not_here, already_succeeded, unit_change_invalid.
    """
    old = draft.state.units.get(command.old)
    if old is None:
        raise Refused("unit_not_here")
    if old.successor and not _rests_on(draft.state, command.old):
        raise Refused("already_succeeded")
    _must_live(draft, command)
    draft.add(
        ev.UnitSucceeded(
            old=command.old, to=command.to, stand_ins=_others(draft, command.stand_ins)
        )
    )
    for handover in tuple(draft.state.handovers.values()):
        if handover.open and handover.from_unit == handover.to_unit:
            draft.add(ev.HandoverCeased(handover_id=handover.id))
            clock.stop_about(draft, handover.id)
    take_over.move_step_clocks(draft)


def _rests_on(state: Journey, unit: str) -> bool:
    """Whether it holds, sends, receives, owes or awaits anything still.

    A journey may know of the succession before it is told: a unit that another one named as its
    cover came along with that, as it was by then.
    """
    held = [p.holder for p in state.parts.values()]
    sides = [side for h in state.handovers.values() if h.open for side in (h.from_unit, h.to_unit)]
    open_clocks = [c for c in state.clocks.values() if c.stopped_at is None]
    return unit in (*held, *sides, *(s for c in open_clocks for s in (c.owner, c.counterpart)))


def _must_live(draft: Draft, command: cmd.Succeed) -> None:
    """The heir is another unit, and has not gone up in one itself."""
    known = draft.state.units.get(command.to.hsa_id, command.to)
    if command.old == command.to.hsa_id:
        raise Refused("unit_change_invalid", FieldProblem(field="to", rule="itself"))
    if command.to.successor or known.successor:
        raise Refused("unit_change_invalid", FieldProblem(field="to", rule="succeeded"))


def _others(draft: Draft, units: tuple[Unit, ...]) -> tuple[Unit, ...]:
    """Those that the journey does not know yet, or knows in an older version."""
    known = draft.state.units
    return tuple(u for u in units if u.hsa_id not in known or known[u.hsa_id].version < u.version)
