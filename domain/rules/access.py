"""Who may do what, and who may see what: the one place that decides (promise 9)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from domain.content import OUTSIDE
from domain.draft import Draft
from domain.handover import Handover
from domain.journey import Actor, Journey, Role
from domain.opening import covered_by
from domain.refusal import Refused
from domain.succession import heir
from domain.unit import Sector, Unit
from domain.value import HsaId


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


def must_keep_catalogue(actor: Actor) -> None:
    """Changes in the catalogue reach journeys in the name of its administrator."""
    if Role.CATALOGUE not in actor.roles:
        raise Refused("role_not_enough")


def must_start(actor: Actor, unit: Unit, initiator: str) -> None:
    """A coordinator starts journeys at the own unit.

    What a patient, a close person or home help asks for goes to a unit that takes such
    referrals, by whoever writes it down (R-101).
    """
    if actor.unit == unit.hsa_id:
        if Role.COORDINATOR not in actor.roles:
            raise Refused("role_not_enough")
        return
    if initiator not in OUTSIDE:
        raise Refused("not_your_unit")
    if not unit.takes_self_referrals:
        raise Refused("no_intake")


def stands_in(known: Mapping[HsaId, Unit], unit: str, actor_unit: str, now: datetime) -> bool:
    """Whether a unit acts for another now: it covers its closure, or has succeeded it."""
    facts = known.get(unit)
    if facts is None:
        return False
    cover = covered_by(facts, now)
    covers = cover is not None and heir(known, cover) == actor_unit
    return covers or (facts.successor is not None and heir(known, unit) == actor_unit)


def acts_for(state: Journey, unit: str, actor_unit: str, now: datetime) -> bool:
    """Whether a unit is the one that is meant, or stands in for it."""
    return actor_unit == unit or stands_in(state.units, unit, actor_unit, now)


def may_call_for(state: Journey, handover: Handover, actor_unit: str) -> bool:
    """Whether a unit may write down by telephone what a receiver without a system answers."""
    receiver = state.units[handover.to_unit]
    owner = heir(state.units, receiver.proxy_owner) if receiver.proxy_owner else None
    return not receiver.connected and actor_unit in (handover.from_unit, owner)


def acts(draft: Draft, unit: str) -> bool:
    """Whether the caller acts for a unit now."""
    return acts_for(draft.state, unit, acting_unit(draft), draft.now)


def must_hold(draft: Draft, part: str) -> None:
    """Only the holder of a part works on it."""
    holding = draft.state.parts.get(part)
    if holding is None or not acts(draft, holding.holder):
        raise Refused("not_holder")


def must_hold_something(draft: Draft) -> HsaId:
    """Only a unit that holds some part; which unit the caller acts for."""
    for part in draft.state.parts.values():
        if acts(draft, part.holder):
            return part.holder
    raise Refused("not_holder")


def must_be_part_of(draft: Draft) -> None:
    """Facts about the patient come from a unit that holds a part, or that started the journey."""
    if acting_unit(draft) != draft.state.started_by:
        must_hold_something(draft)


def must_be_in_group(draft: Draft) -> None:
    """Only the named group of a unit sees a protected patient whole, and lifts the mask."""
    assert draft.actor is not None, "only a caller's command lifts a mask"
    own = draft.state.units.get(draft.actor.unit)
    if own is None or draft.actor.subject not in own.protected_group:
        raise Refused("protection_group_only")


def sight(actor: Actor, units: Iterable[Unit], now: datetime) -> Sight:
    """What a caller may see: patients of the own unit; late promises of the own branch.

    PDL 4:1: only who takes part in the care. Managers of a branch see what is late there, without
    patients (R-040); the regional rehab function sees that for the whole region. Who covers for a
    unit, has succeeded it, or calls on its behalf, sees what it would see.
    """
    known = {u.hsa_id: u for u in units}
    unit = known.get(actor.unit)
    own: tuple[str, ...] = ()
    if WORKS_WITH_PATIENTS & set(actor.roles):
        own = (actor.unit, *(k for k, u in known.items() if _speaks_for(known, u, actor.unit, now)))
    boards = own
    if Role.REGIONAL in actor.roles:
        boards = tuple(known)
    elif Role.OPERATIONS_MANAGER in actor.roles and unit:
        boards = tuple(k for k, u in known.items() if u.organisation == unit.organisation)
    return Sight(own, boards, unit is not None and unit.sector is Sector.HEALTH)


def _speaks_for(known: Mapping[HsaId, Unit], unit: Unit, actor_unit: str, now: datetime) -> bool:
    if actor_unit == unit.hsa_id:
        return False
    owner = unit.proxy_owner if not unit.connected else None
    calls = owner is not None and heir(known, owner) == actor_unit
    return calls or stands_in(known, unit.hsa_id, actor_unit, now)


def acting_unit(draft: Draft) -> str:
    """The unit that the caller acts for; the loop itself acts for none."""
    assert draft.actor is not None, "only a caller's command asks for the acting unit"
    return draft.actor.unit
