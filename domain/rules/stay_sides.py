"""Who is who in a hospital stay: the units that were told, and for what."""

from collections.abc import Iterable
from datetime import datetime

from domain.calendar import STOCKHOLM
from domain.command import RecordAdmission, SendAdmissionNotice
from domain.draft import Draft
from domain.journey import Journey
from domain.refusal import FieldProblem, Refused
from domain.rules import access, room
from domain.stay import Episode
from domain.stay_actions import is_municipal, is_open_care, missing_sides
from domain.unit import INPATIENT, Function, Sector, Unit
from domain.value import HsaId


def check_receivers(draft: Draft, stay: Episode, command: SendAdmissionNotice) -> None:
    """Municipal efforts need the municipality; its health care the region's open care too (2:1).

    Whom no notice can reach is told by hand. Raises `Refused("content_invalid")`.
    """
    state = draft.state
    to = [_newer(state, unit) for unit in command.to]
    ward = state.units[stay.unit]
    everyone = [*to, *(state.units[unit] for unit in stay.notified)]
    rules = list(missing_sides(stay, everyone, ward, state.municipality))
    if any(_cannot_receive(draft, unit, ward) for unit in to):
        rules.append("cannot_receive")
    if not command.by_hand and any(not unit.routes(Function.INBOX) for unit in to):
        rules.append("nobody_to_tell")
    if rules:
        raise Refused("content_invalid", *(FieldProblem(field="to", rule=r) for r in rules))


def _newer(state: Journey, unit: Unit) -> Unit:
    """The unit as the journey knows it, if it knows a newer version."""
    known = state.units.get(unit.hsa_id)
    return known if known and known.version >= unit.version else unit


def _cannot_receive(draft: Draft, unit: Unit, ward: Unit) -> bool:
    """The ward itself, a school, a unit that has gone up in another or has no agreement left."""
    today = draft.now.astimezone(STOCKHOLM).date()
    expired = unit.agreement_until is not None and unit.agreement_until < today
    gone = unit.successor is not None or expired or not unit.contacts
    return gone or unit.hsa_id == ward.hsa_id or unit.sector is Sector.SCHOOL


def open_care_units(state: Journey, stay: Episode) -> list[HsaId]:
    """The units of the ward's own principal that were told."""
    told = [state.units[unit] for unit in stay.notified]
    return _open_care(told, state.units[stay.unit])


def open_care_unit(state: Journey, stay: Episode) -> HsaId | None:
    """The first of them."""
    return next(iter(open_care_units(state, stay)), None)


def _open_care(units: Iterable[Unit], ward: Unit) -> list[HsaId]:
    return [unit.hsa_id for unit in units if is_open_care(unit, ward)]


def municipal_unit(state: Journey, stay: Episode) -> HsaId | None:
    """The first unit of the patient's municipality that was told."""
    ward = state.units[stay.unit]
    told = (state.units[u] for u in stay.notified)
    mine = (u.hsa_id for u in told if is_municipal(u, ward, state.municipality))
    return next(mine, None)


def newest(draft: Draft, number: int | None = None) -> Episode:
    """The newest stay, also after its end; if another one was meant, that is over.

    Raises `Refused`: not_admitted, stay_followed.
    """
    if not draft.state.episodes:
        raise Refused("not_admitted")
    newest = draft.state.episodes[-1]
    if number is not None and number != newest.number:
        raise Refused("stay_followed")
    return newest


def of_ward(draft: Draft) -> Episode:
    """The stay that goes on now, for the ward's own messages.

    Raises `Refused`: not_admitted, not_the_ward.
    """
    stay = draft.state.admitted
    if stay is None:
        raise Refused("not_admitted")
    must_be_ward(draft, stay)
    return stay


def must_be_ward(draft: Draft, stay: Episode) -> None:
    """Raises `Refused("not_the_ward")`."""
    if not access.acts(draft, stay.unit):
        raise Refused("not_the_ward")


def notified(draft: Draft, stay: Episode) -> list[HsaId]:
    """The units that were told for which the caller acts. Raises `Refused("not_notified")`."""
    found = [unit for unit in stay.notified if access.acts(draft, unit)]
    if not found:
        raise Refused("not_notified")
    return found


def check_admission(draft: Draft, command: RecordAdmission) -> None:
    """The ward itself says what the act asks for; another unit only that the patient is there.

    A ward takes over from a unit that is none. Raises `Refused`: already_admitted, not_the_ward.
    """
    here = draft.state.units.get(access.acting_unit(draft))
    by_ward = here is not None and here.kind in INPATIENT
    going_on = draft.state.admitted
    if command.efforts and not by_ward:
        raise Refused("not_the_ward")
    if going_on and not (by_ward and draft.state.units[going_on.unit].kind not in INPATIENT):
        raise Refused("already_admitted")


def check_ready(draft: Draft, at: datetime) -> None:
    """A notice is sent during the stay, and after the one before it was taken back.

    Raises `Refused`: not_admitted, before_admission, not_ready.
    """
    stay = draft.state.admitted
    if stay is None:
        raise Refused("not_admitted")
    if at < stay.admitted_at:
        raise Refused("before_admission", FieldProblem(field="at", rule="before_admission"))
    if stay.judged_at is not None:
        must_be_ward(draft, stay)
    if len(stay.ready) >= room.READY:
        raise Refused("journey_full")
    withdrawn = stay.ready[-1].withdrawn_at if stay.ready else None
    if withdrawn and at < withdrawn:
        raise Refused("not_ready", FieldProblem(field="at", rule="before_withdrawal"))
