"""Which changes of a unit are allowed, and what a change brings with it. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from domain.calendar import Calendar
from domain.journey import Actor, Role
from domain.refusal import FieldProblem, Refused
from domain.succession import heir
from domain.unit import Closure, Unit
from domain.value import HsaId, Instant, ShortText, Value


class ChangeKind(StrEnum):
    """What sort of change: facts were put, or another unit took everything over."""

    PUT = "put"
    SUCCEED = "succeed"


class Remark(StrEnum):
    """A warning: what is allowed and should be looked at all the same."""

    AGREEMENT_ENDED = "agreement_ended"
    CLOSURE_WITHOUT_COVER = "closure_without_cover"
    COVERS_ANOTHER = "covers_another"
    NO_PERSON_TO_TELL = "no_person_to_tell"


class Holds(Value):
    """How much rests on a unit now: parts that it holds, open handovers sent to it."""

    parts: int = 0
    open_handovers: int = 0

    @property
    def anything(self) -> bool:
        """Whether a patient depends on the unit now."""
        return self.parts + self.open_handovers > 0


class UnitChange(Value):
    """One change of one unit: the facts as they became, who did it and why.

    `reproject` is the choice that running clocks in the unit's hours are counted anew.
    """

    id: str
    hsa_id: HsaId
    version: int
    kind: ChangeKind
    at: Instant
    by_subject: ShortText
    by_unit: HsaId
    reason: ShortText | None = None
    facts: Unit
    warnings: tuple[Remark, ...] = ()
    reproject: bool = False
    told_at: Instant | None = None


class Telling(NamedTuple):
    """What running journeys are told of: a change, and the catalogue around it as it is now.

    `concerns` are the units whose journeys are told; `stand_ins` those that cover or call for the
    unit, or for its successor. `earlier` is told first: choices that not everybody knows of yet.
    """

    change: UnitChange
    now: Unit
    successor: Unit | None
    stand_ins: tuple[Unit, ...]
    concerns: tuple[str, ...]
    calendar: Calendar
    earlier: tuple["Telling", ...] = ()


# As whom changes are submitted to journeys; by these answers it is known who has been told.
PRINCIPAL = "unit_change"
NEVER_CHANGES = ("hsa_id", "organisation", "principal")


def may_administer(actor: Actor, organisation: str, units: Mapping[str, Unit]) -> bool:
    """Whether the caller keeps the catalogue of that organisation."""
    own = units.get(actor.unit)
    return Role.CATALOGUE in actor.roles and own is not None and own.organisation == organisation


def must_administer(actor: Actor, organisation: str, units: Mapping[str, Unit]) -> None:
    """Raises `Refused`: role_not_enough, or not_your_unit for another organisation's."""
    if Role.CATALOGUE not in actor.roles:
        raise Refused("role_not_enough")
    if not may_administer(actor, organisation, units):
        raise Refused("not_your_unit")


def check(
    old: Unit | None, new: Unit, holds: Holds, known: Mapping[str, Unit], today: date
) -> None:
    """Whether `old` may become `new`; `known` are all units by HSA id.

    Raises `Refused`: unit_succeeded, unit_change_invalid and closure_needs_cover, with fields.
    """
    if old is not None and old.successor is not None:
        raise Refused("unit_succeeded")
    found = [*_identity(old, new, known), *_reach(new), *_standing(new, known, today)]
    found += [*_proxy(new, known), *_protection(new), *_substitutes(new, known, today)]
    if old is not None and old.sector is not new.sector:
        found.append(FieldProblem(field="kind", rule="sector_changes"))
    if found:
        raise Refused("unit_change_invalid", *found)
    _check_cover(old, new, holds, known, today)


def check_succession(old: Unit, to: Unit) -> None:
    """Whether `to` may take over everything that `old` holds.

    Raises `Refused`: unit_succeeded, and unit_change_invalid with the field `successor`.
    """
    if old.successor is not None:
        raise Refused("unit_succeeded")
    rule = next(_unfit_successor(old, to), None)
    if rule is not None:
        raise Refused("unit_change_invalid", FieldProblem(field="successor", rule=rule))


def succeeded(old: Unit, to: Unit) -> Unit:
    """The facts of a unit that another has taken over; the last that it ever gets."""
    return old.model_copy(update={"successor": to.hsa_id, "version": old.version + 1})


def warnings(new: Unit, holds: Holds, known: Mapping[str, Unit], today: date) -> tuple[Remark, ...]:
    """What a change that is allowed brings with it, in a fixed order."""
    ahead = [c for c in new.closures if c.last >= today]
    ended = new.agreement_until is not None and new.agreement_until < today
    others = [u for u in known.values() if u.hsa_id != new.hsa_id]
    covers = any(_overlap(c, o) for c in ahead for o in _covered_for(new, others))
    named = new.successor is not None and bool(stands_in_for(new.hsa_id, known))
    found = {
        Remark.AGREEMENT_ENDED: ended and holds.anything,
        Remark.CLOSURE_WITHOUT_COVER: any(c.covered_by is None for c in ahead),
        Remark.COVERS_ANOTHER: covers or named,
        Remark.NO_PERSON_TO_TELL: not any(new.routes(c.function) for c in new.contacts),
    }
    return tuple(warning for warning, true in found.items() if true)


def stand_ins(unit: Unit, known: Mapping[str, Unit]) -> tuple[Unit, ...]:
    """The units that cover for a unit in its closures, or call on its behalf."""
    cover = (c.covered_by for c in unit.closures)
    named = (*cover, *(s.unit for s in unit.substitutes), unit.proxy_owner)
    ids = dict.fromkeys(hsa_id for hsa_id in named if hsa_id is not None)
    return tuple(known[hsa_id] for hsa_id in ids if hsa_id in known)


def stands_in_for(hsa_id: str, known: Mapping[str, Unit]) -> tuple[str, ...]:
    """The units that name this one as their cover or proxy owner."""
    return tuple(
        other.hsa_id
        for other in known.values()
        if hsa_id in {u.hsa_id for u in stand_ins(other, known)}
    )


def telling(change: UnitChange, known: Mapping[str, Unit], calendar: Calendar) -> Telling:
    """A succession concerns the unit's own journeys; new facts also those where it stands in.

    A successor that has been succeeded itself meanwhile is passed by for the one that lives.
    """
    named = change.facts.successor
    successor = known.get(heir(known, named)) if named else None
    others = stands_in_for(change.hsa_id, known)
    return Telling(
        change=change,
        now=known[change.hsa_id],
        successor=successor,
        stand_ins=stand_ins(successor or change.facts, known),
        concerns=(change.hsa_id, *others),
        calendar=calendar,
    )


def with_closure(unit: Unit, closure: Closure) -> Unit:
    """The unit with one more closure, in order; one that begins the same day is replaced."""
    kept = (c for c in unit.closures if c.first != closure.first)
    closures = tuple(sorted((*kept, closure), key=lambda c: c.first))
    return unit.model_copy(update={"closures": closures})


def without_closure(unit: Unit, first: date) -> Unit:
    """The unit without the closure that begins that day; as it was when there is none."""
    kept = tuple(c for c in unit.closures if c.first != first)
    return unit.model_copy(update={"closures": kept})


def _identity(old: Unit | None, new: Unit, known: Mapping[str, Unit]) -> Iterator[FieldProblem]:
    if old is None:
        sisters = [u for u in known.values() if u.organisation == new.organisation]
        if any(u.principal != new.principal for u in sisters):
            yield FieldProblem(field="principal", rule="not_the_organisations")
        if new.successor is not None:
            yield FieldProblem(field="successor", rule="by_succession_only")
        return
    for name in NEVER_CHANGES:
        if getattr(old, name) != getattr(new, name):
            yield FieldProblem(field=name, rule="never_changes")
    if new.successor is not None:
        yield FieldProblem(field="successor", rule="by_succession_only")


def _reach(new: Unit) -> Iterator[FieldProblem]:
    """R-012: a unit without a contact route cannot be active."""
    if not any(contact.mail or contact.phone for contact in new.contacts):
        yield FieldProblem(field="contacts", rule="no_route")
    functions = [contact.function for contact in new.contacts]
    if len(set(functions)) != len(functions):
        yield FieldProblem(field="contacts", rule="function_twice")


def _standing(new: Unit, known: Mapping[str, Unit], today: date) -> Iterator[FieldProblem]:
    """A yes given beforehand is to an organisation that exists, once, and not already over."""
    organisations = {u.organisation for u in known.values()} | {new.organisation}
    seen = set[tuple[str, str]]()
    for number, standing in enumerate(new.standing):
        if standing.organisation not in organisations:
            yield FieldProblem(field=f"standing.{number}.organisation", rule="unknown")
        if (standing.part, standing.organisation) in seen:
            yield FieldProblem(field=f"standing.{number}", rule="twice")
        if standing.until is not None and standing.until < today and not _kept(new, number, known):
            yield FieldProblem(field=f"standing.{number}.until", rule="already_over")
        seen.add((standing.part, standing.organisation))


def _kept(new: Unit, number: int, known: Mapping[str, Unit]) -> bool:
    """Whether a standing acceptance was there before: that it has run out is no new fault."""
    before = known.get(new.hsa_id)
    return before is not None and new.standing[number] in before.standing


def _proxy(new: Unit, known: Mapping[str, Unit]) -> Iterator[FieldProblem]:
    if new.proxy_owner is None:
        return
    owner = known.get(new.proxy_owner)
    if new.connected:
        yield FieldProblem(field="proxy_owner", rule="unit_is_connected")
    elif new.proxy_owner == new.hsa_id:
        yield FieldProblem(field="proxy_owner", rule="itself")
    elif owner is None or owner.successor is not None:
        yield FieldProblem(field="proxy_owner", rule="unknown")
    elif not owner.connected:
        yield FieldProblem(field="proxy_owner", rule="not_connected")
    elif owner.sector is not new.sector:
        yield FieldProblem(field="proxy_owner", rule="other_sector")
    elif not _has_agreed(owner, new):
        yield FieldProblem(field="proxy_owner", rule="has_not_agreed")


def _substitutes(new: Unit, known: Mapping[str, Unit], today: date) -> Iterator[FieldProblem]:
    """A substitute can be told something; at another unit it is of the same organisation.

    One whose days are over is of no matter any more.
    """
    for number, found in enumerate(new.substitutes):
        if found.last < today:
            continue
        unit = known.get(found.unit) if found.unit not in (None, new.hsa_id) else new
        if unit is None or unit.organisation != new.organisation or unit.successor:
            yield FieldProblem(field=f"substitutes.{number}.unit", rule="unknown")
        elif not unit.routes(found.by):
            yield FieldProblem(field=f"substitutes.{number}.by", rule="no_route")


def _protection(new: Unit) -> Iterator[FieldProblem]:
    """One person alone would be absent some day, and then nobody sees the patient."""
    if len(set(new.protected_group)) == 1:
        yield FieldProblem(field="protected_group", rule="at_least_two")


def _check_cover(
    old: Unit | None, new: Unit, holds: Holds, known: Mapping[str, Unit], today: date
) -> None:
    """Each closure ahead that this change brings names a unit that can cover, if any is needed.

    One that stood there before is not judged anew: a wrong telephone can be put right meanwhile.
    """
    before = old.closures if old is not None else ()
    found = [
        FieldProblem(field=f"closures.{number}.covered_by", rule=rule)
        for number, closure in enumerate(new.closures)
        if closure.last >= today and closure not in before
        if closure.covered_by is not None or holds.anything
        for rule in _unfit_cover(new, closure, known)
    ]
    if found:
        raise Refused("closure_needs_cover", *found)


def _unfit_cover(new: Unit, closure: Closure, known: Mapping[str, Unit]) -> Iterator[str]:
    """Why the named unit cannot cover; the first reason is enough."""
    if closure.covered_by is None:
        yield "missing"
        return
    cover = known.get(closure.covered_by)
    if closure.covered_by == new.hsa_id:
        yield "itself"
    elif cover is None or cover.successor is not None:
        yield "unknown"
    elif cover.sector is not new.sector:
        yield "other_sector"
    elif not _has_agreed(cover, new):
        yield "has_not_agreed"
    elif not cover.connected:
        yield "not_connected"
    elif any(_overlap(closure, theirs) for theirs in cover.closures):
        yield "closed_too"


def _has_agreed(other: Unit, unit: Unit) -> bool:
    """Within an organisation that is its own matter; across, the other side says so itself."""
    return other.organisation == unit.organisation or unit.hsa_id in other.stands_in_for


def _unfit_successor(old: Unit, to: Unit) -> Iterator[str]:
    if to.hsa_id == old.hsa_id:
        yield "itself"
    if to.successor is not None:
        yield "succeeded"
    if to.sector is not old.sector:
        yield "other_sector"
    if not _has_agreed(to, old):
        yield "has_not_agreed"
    if not to.connected:
        yield "not_connected"
    if not any(contact.mail or contact.phone for contact in to.contacts):
        yield "no_route"


def _covered_for(new: Unit, others: Iterable[Unit]) -> Iterator[Closure]:
    """Closures of other units in which this one has promised to cover."""
    for other in others:
        yield from (c for c in other.closures if c.covered_by == new.hsa_id)


def _overlap(one: Closure, other: Closure) -> bool:
    return one.first <= other.last and other.first <= one.last
