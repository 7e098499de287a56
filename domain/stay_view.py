"""What a hospital stay looks like to the ward, and to the units that were told of it."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from domain.clock import Clock, ClockKind
from domain.facts import Protection
from domain.meeting import Sip
from domain.rulebook import CareForm
from domain.stay import (
    CareContact,
    Effort,
    Episode,
    Given,
    Planning,
    ReadyNotice,
    RegionCare,
    needs_sip,
)
from domain.stay_actions import on_stay
from domain.unit import Contact, Unit
from domain.value import HsaId, Instant, Labels, Value

# The notice names the registered address too (2 kap. 2 §).
ADDRESS = Labels(
    sv="Folkbokföringsadressen finns inte här: fråga avdelningen.",
    en="The registered address is not held here: ask the ward.",
)


class Ward(Value):
    """Where the patient is, and how that unit is reached."""

    hsa_id: HsaId
    name: str
    contacts: tuple[Contact, ...]


class StayClock(Value):
    """A promise about the stay that is still open."""

    id: str
    kind: ClockKind
    owner: HsaId
    due_at: Instant


class StayView(Value):
    """A stay with its messages, its clocks, and what may be done; nothing else of the journey.

    `address` says where the registered address is to be had. Actions that begin with `stay/` are
    paths below the journey's, the others below the stay's own.
    """

    journey_id: str
    seq: int
    number: int
    ward: Ward
    admitted_at: Instant
    form: CareForm
    efforts: tuple[Effort, ...]
    judged_at: Instant | None
    municipality: str | None
    address: Labels
    protection: Protection
    notice_at: Instant | None
    notified: tuple[HsaId, ...]
    estimated_at: Instant | None
    planning: tuple[Planning, ...]
    care_contact: CareContact | None
    ready: tuple[ReadyNotice, ...]
    sip_needed: bool
    called_at: Instant | None
    region_care: RegionCare
    region_care_reason: str | None
    units_informed_at: Instant | None
    patient_informed_at: Instant | None
    given: tuple[Given, ...]
    left_at: Instant | None
    deceased_at: Instant | None
    clocks: tuple[StayClock, ...]
    available_actions: tuple[str, ...]


class Around(NamedTuple):
    """A stay, and what of its journey belongs to it; `clocks` may hold others."""

    journey_id: str
    seq: int
    stay: Episode
    newest: bool
    municipality: str | None
    protection: Protection
    sip: Sip | None
    deceased_at: Instant | None
    closed: bool
    clocks: Iterable[Clock]


def stay_view(around: Around, units: Mapping[HsaId, Unit], acts: Iterable[HsaId]) -> StayView:
    """The stay as a unit sees it that acts for others too."""
    stay = around.stay
    plain = stay.model_dump(include=set(StayView.model_fields) & set(Episode.model_fields))
    over = around.closed or around.deceased_at is not None or not around.newest
    return StayView(
        **plain,
        journey_id=around.journey_id,
        seq=around.seq,
        ward=_ward(units[stay.unit]),
        municipality=around.municipality,
        address=ADDRESS,
        protection=around.protection,
        sip_needed=needs_sip(stay, around.sip),
        deceased_at=around.deceased_at,
        clocks=tuple(_clocks(stay, around.clocks)),
        available_actions=() if over else tuple(on_stay(stay, units, tuple(acts))),
    )


def masked(view: Mapping[str, Any]) -> dict[str, Any]:
    """The view of a protected patient's stay: without the municipality and without free text."""
    ready = [notice | {"reason": None} for notice in view["ready"]]
    return {**view, "municipality": None, "region_care_reason": None, "ready": ready}


def _ward(unit: Unit) -> Ward:
    return Ward(hsa_id=unit.hsa_id, name=unit.name, contacts=unit.contacts)


def _clocks(stay: Episode, clocks: Iterable[Clock]) -> Iterable[StayClock]:
    for clock in clocks:
        about = clock.subject == stay.subject or clock.subject.startswith(f"{stay.subject}.")
        if about and clock.stopped_at is None:
            yield StayClock(id=clock.id, kind=clock.kind, owner=clock.owner, due_at=clock.due_at)
