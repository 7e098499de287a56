"""The coverage of a whole publication: every unit that may begin, and every promise it makes."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from domain.design.coverage import Acceptance, Coverage, prove, year_from
from domain.design.promised import Ground, Region, promises
from domain.design.publication import Published, Scope
from domain.design.simulation import World, can_start
from domain.pathway import Definition


class InForce(NamedTuple):
    """A version in force, the proof of last time, what has been accepted, and who is told."""

    published: Published
    before: Coverage | None
    accepted: Sequence[Acceptance]
    mails: Sequence[str]


# More beginners than these say nothing new: each promise is proved once.
MOST_REGIONS = 200


def coverage_of(definition: Definition, world: World, scope: Scope, at: datetime) -> Coverage:
    """A year from an instant, for everybody whom the scope lets begin, in each municipality."""
    ground = Ground(definition, world.ladders, world.units, world.calendar)
    regions = _regions(definition, world, scope)[:MOST_REGIONS]
    return prove(ground, promises(ground, *regions), year_from(at))


def _regions(definition: Definition, world: World, scope: Scope) -> list[Region]:
    beginners = [
        unit
        for unit in world.units.values()
        if scope.holds_for(unit) and can_start(definition, unit)
    ]
    own = {u.municipality for u in world.units.values() if u.municipality}
    everywhere = scope.municipalities or tuple(sorted(own))
    return [
        Region(unit.hsa_id, municipality)
        for unit in beginners
        for municipality in ((unit.municipality,) if unit.municipality else everywhere)
    ]
