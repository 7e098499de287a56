"""What a unit may do about a hospital stay now: the ward, and the units that were told of it.

Names of the ward's are paths below the journey's, the others below the stay's own.
"""

from collections.abc import Iterable, Mapping, Sequence

from domain.stay import Episode
from domain.unit import Sector, Unit
from domain.value import HsaId


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


def is_open_care(unit: Unit, ward: Unit) -> bool:
    """Health care of the ward's own principal, that is not the ward."""
    region = unit.principal == ward.principal and unit.sector is Sector.HEALTH
    return region and unit.hsa_id != ward.hsa_id
