"""From the reference on a slip of the downtime pack to the handover that it answers."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.house import CallerDep
from domain.refusal import Refused
from domain.value import Value
from store import handovers

router = APIRouter(prefix="/api/v1/handovers/by-slip", tags=["handovers"])

# As it is printed, in threes of four, or as somebody types it.
PRINTED = r"^[0-9A-Za-z]{4}-?[0-9A-Za-z]{4}-?[0-9A-Za-z]{4}$"
Reference = Annotated[str, Path(pattern=PRINTED)]


class Slip(Value):
    """The handover that a slip is about; nothing of the patient."""

    reference: str
    handover_id: str


@router.get("/{reference}")
async def find(reference: Reference, caller: CallerDep) -> Slip:
    """Which handover of the caller's inbox, or of what it has sent, has a reference."""
    plain = reference.replace("-", "").upper()
    async with caller.patients() as connection:
        found = await handovers.by_reference(connection, plain, caller.sight.patients)
    if not found:
        raise Refused("slip_unknown")
    if len(found) > 1:
        raise Refused("slip_ambiguous")
    return Slip(reference=reference, handover_id=found[0])
