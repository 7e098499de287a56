"""What became of a unit: itself, or the last of those that have succeeded it."""

from collections.abc import Mapping

from domain.unit import Unit
from domain.value import HsaId

LONGEST_CHAIN = 20


def heir(known: Mapping[HsaId, Unit], hsa_id: HsaId) -> HsaId:
    """Follow the successors as far as they are known."""
    for _ in range(LONGEST_CHAIN):
        unit = known.get(hsa_id)
        if unit is None or unit.successor is None:
            return hsa_id
        hsa_id = unit.successor
    return hsa_id
