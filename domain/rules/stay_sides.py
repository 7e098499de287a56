"""Who is who in a hospital stay: the units that were told, and whether a SIP is called for."""

from datetime import datetime

from domain.journey import Journey
from domain.refusal import FieldProblem, Refused
from domain.stay import MUNICIPAL, Effort, Episode
from domain.unit import Sector, Unit
from domain.value import HsaId


def check_receivers(state: Journey, stay: Episode, to: tuple[Unit, ...]) -> None:
    """Municipal efforts need the municipality; its health care the region's open care too (2:1)."""
    ward = state.units[stay.unit]
    everyone = {u.hsa_id: u for u in (*to, *(state.units[n] for n in stay.notified))}
    region = [u for u in everyone.values() if u.principal == ward.principal]
    wanted = set(stay.efforts)
    found = []
    if wanted & MUNICIPAL and len(region) == len(everyone):
        found.append(FieldProblem(field="to", rule="municipality_missing"))
    if Effort.MUNICIPAL_HEALTH_CARE in wanted and not _open_care(state, region, ward):
        found.append(FieldProblem(field="to", rule="region_open_care_missing"))
    if any(u.hsa_id == stay.unit or u.sector is Sector.SCHOOL or u.successor for u in to):
        found.append(FieldProblem(field="to", rule="cannot_receive"))
    if found:
        raise Refused("content_invalid", *found)


def needs_sip(state: Journey, stay: Episode) -> bool:
    """Both sides have something to do, and the patient has not said no (4:1, 4:2)."""
    said_no = state.sip is not None and state.sip.consent is False
    decided = state.sip is not None and state.sip.needed and state.sip.closed_at is None
    return not said_no and (stay.needs_both or decided)


def needed_since(state: Journey, stay: Episode) -> datetime:
    """Since the judgement, when that says so; else since somebody decided it."""
    if stay.needs_both and stay.judged_at:
        return stay.judged_at
    return state.sip.decided_at if state.sip else stay.admitted_at


def open_care_unit(state: Journey, stay: Episode) -> HsaId | None:
    """The first unit of the ward's own principal that was told."""
    ward = state.units[stay.unit]
    told = [state.units[u] for u in stay.notified]
    found = _open_care(state, [u for u in told if u.principal == ward.principal], ward)
    return found[0].hsa_id if found else None


def _open_care(state: Journey, units: list[Unit], ward: Unit) -> list[Unit]:
    return [u for u in units if u.hsa_id != ward.hsa_id and u.sector is Sector.HEALTH]


def municipal_unit(state: Journey, stay: Episode) -> HsaId | None:
    """The first unit of another principal that was told."""
    ward = state.units[stay.unit]
    told = (state.units[u] for u in stay.notified)
    return next((u.hsa_id for u in told if u.principal != ward.principal), None)
