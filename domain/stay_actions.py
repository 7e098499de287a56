"""What a unit may do about a hospital stay now: the ward, and the units that were told of it.

Names of the ward's are paths below the journey's, the others below the stay's own.
"""

from collections.abc import Iterable, Mapping, Sequence

from domain.stay import MUNICIPAL, Effort, Episode
from domain.unit import Sector, Unit
from domain.value import HsaId

# Efforts that the region's open care is told of: its own, and municipal health care (2:1).
OPEN_CARE = frozenset({Effort.REGION_OPEN_CARE, Effort.MUNICIPAL_HEALTH_CARE})


def of_ward(stay: Episode, acts: Sequence[HsaId]) -> Iterable[str]:
    """The messages of the ward; whether region care is there is said by those told as well."""
    if stay.unit in acts:
        yield "stay/information"
        if stay.left_at is None:
            yield "stay/judgement"
            yield from (["stay/notice"] if stay.judged_at else [])
            yield from (["stay/estimate"] if stay.notice_at else [])
            yield from (["stay/ready/withdraw"] if stay.standing else [])
    if {stay.unit, *stay.notified} & set(acts):
        yield "stay/region-care"


def on_stay(stay: Episode, units: Mapping[HsaId, Unit], acts: Sequence[HsaId]) -> Iterable[str]:
    """Every action, of the ward and of those who were told."""
    if stay.unit in acts:
        yield from of_ward(stay, acts)
    mine = [unit for unit in stay.notified if unit in acts]
    if any(unit not in [p.unit for p in stay.planning] for unit in mine):
        yield "planning"
    if any(is_open_care(units[unit], units[stay.unit]) for unit in mine):
        yield "care-contact"
    if mine:
        yield "region-care"


def missing_sides(
    stay: Episode, told: Iterable[Unit], ward: Unit, municipality: str | None
) -> Iterable[str]:
    """Who has to be told and is not: the patient's municipality, the region's open care (2:1)."""
    everyone, wanted = list(told), set(stay.efforts)
    if wanted & MUNICIPAL and not any(is_municipal(u, ward, municipality) for u in everyone):
        yield "municipality_missing"
    if wanted & OPEN_CARE and not any(is_open_care(u, ward) for u in everyone):
        yield "region_open_care_missing"


def is_municipal(unit: Unit, ward: Unit, municipality: str | None) -> bool:
    """A unit of another principal, of the patient's municipality where both are known."""
    here = municipality is None or unit.municipality in (None, municipality)
    return unit.principal != ward.principal and here


def is_open_care(unit: Unit, ward: Unit) -> bool:
    """Health care of the ward's own principal, that is not the ward."""
    region = unit.principal == ward.principal and unit.sector is Sector.HEALTH
    return region and unit.hsa_id != ward.hsa_id
