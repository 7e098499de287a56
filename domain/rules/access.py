"""Who may do what, and who may see what: the one place that decides (promise 9)."""

from collections.abc import Iterable
from typing import NamedTuple

from domain.draft import Draft
from domain.handover import Handover
from domain.journey import Actor, Role
from domain.refusal import Refused
from domain.unit import Sector, Unit


class Sight(NamedTuple):
    """Units whose patients a caller may read, units whose boards, and whether whole records.

    Social services and schools read their own handovers, not what health care has written
    besides (R-118).
    """

    patients: tuple[str, ...]
    boards: tuple[str, ...]
    records: bool

    def covers(self, handover: Handover) -> bool:
        """Whether a handover may be read, of a journey that the units are part of."""
        return self.records or bool({handover.from_unit, handover.to_unit} & set(self.patients))


WORKS_WITH_PATIENTS = frozenset({Role.COORDINATOR, Role.CLINICIAN, Role.UNIT_MANAGER})


def must_work_with_patients(actor: Actor) -> None:
    """Raises `Refused("role_not_enough")` for roles that only watch, design or operate."""
    if not WORKS_WITH_PATIENTS & set(actor.roles):
        raise Refused("role_not_enough")


def must_start(actor: Actor, unit: str) -> None:
    """A coordinator starts journeys at the own unit."""
    if actor.unit != unit:
        raise Refused("not_your_unit")
    if Role.COORDINATOR not in actor.roles:
        raise Refused("role_not_enough")


def must_hold(draft: Draft, part: str) -> None:
    """Only the holder of a part works on it."""
    holding = draft.state.parts.get(part)
    if holding is None or holding.holder != acting_unit(draft):
        raise Refused("not_holder")


def must_hold_something(draft: Draft) -> None:
    """Only a unit that holds some part may begin another."""
    if acting_unit(draft) not in [p.holder for p in draft.state.parts.values()]:
        raise Refused("not_holder")


def must_be_part_of(draft: Draft) -> None:
    """Facts about the patient come from a unit that holds a part, or that started the journey."""
    if acting_unit(draft) != draft.state.started_by:
        must_hold_something(draft)


def must_receive(draft: Draft, handover: Handover) -> None:
    """Only the receiving unit answers."""
    if handover.to_unit != acting_unit(draft):
        raise Refused("not_receiver")


def must_send(draft: Draft, handover: Handover) -> None:
    """Only the sending unit answers questions and withdraws."""
    if handover.from_unit != acting_unit(draft):
        raise Refused("not_sender")


def sight(actor: Actor, units: Iterable[Unit]) -> Sight:
    """What a caller may see: patients of the own unit; late promises of the own branch.

    PDL 4:1: only who takes part in the care. Managers of a branch see what is late there, without
    patients (R-040); the regional rehab function sees that for the whole region.
    """
    known = {u.hsa_id: u for u in units}
    unit = known.get(actor.unit)
    own: tuple[str, ...] = (actor.unit,) if WORKS_WITH_PATIENTS & set(actor.roles) else ()
    boards = own
    if Role.REGIONAL in actor.roles:
        boards = tuple(known)
    elif Role.OPERATIONS_MANAGER in actor.roles and unit:
        boards = tuple(k for k, u in known.items() if u.organisation == unit.organisation)
    return Sight(own, boards, unit is not None and unit.sector is Sector.HEALTH)


def acting_unit(draft: Draft) -> str:
    """The unit that the caller acts for; the loop itself acts for none."""
    assert draft.actor is not None, "only a caller's command asks for the acting unit"
    return draft.actor.unit
