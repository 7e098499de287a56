"""A hospital stay as lag (2017:612) sees it: who was told what, when, and what stands still.

The act's clocks and the ledger of payment belong to one stay; a readmission has its own.
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from domain.call import Number
from domain.meeting import Sip
from domain.profession import Profession
from domain.rulebook import CareForm
from domain.value import HsaId, Instant, ShortText, Value


class Effort(StrEnum):
    """Whose efforts the patient may need after the stay (2 kap. 1 §)."""

    SOCIAL_SERVICES = "social_services"
    MUNICIPAL_HEALTH_CARE = "municipal_health_care"
    REGION_OPEN_CARE = "region_open_care"


MUNICIPAL = frozenset({Effort.SOCIAL_SERVICES, Effort.MUNICIPAL_HEALTH_CARE})


class CareContact(Value):
    """The permanent care contact (fast vårdkontakt): a function and a telephone, never a name."""

    unit: HsaId
    function: ShortText
    profession: Profession | None = None
    phone: Number
    named_at: Instant


class ReadyNotice(Value):
    """A notice that the patient is ready for discharge, and whether it was taken back."""

    sent_at: Instant
    withdrawn_at: Instant | None = None
    reason: ShortText | None = None


class RegionCare(StrEnum):
    """Whether the region's own open care can begin (5 kap. 5 §)."""

    AVAILABLE = "available"
    MISSING = "missing"
    UNCLEAR = "unclear"


class Given(StrEnum):
    """What a patient gets at discharge (3 kap. 3 §; patientlagen 3 kap. 2 b §)."""

    SUMMARY = "summary"
    CARE_CONTACT = "care_contact"
    SIP_TIME = "sip_time"
    PLANS = "plans"


class Planning(Value):
    """A unit that has begun to plan (2 kap. 6 §)."""

    unit: HsaId
    since: Instant


class Episode(Value):
    """One hospital stay. `judged_at` is when the physician judged that efforts may be needed."""

    number: Annotated[int, Field(ge=1)]
    unit: HsaId
    admitted_at: Instant
    form: CareForm = CareForm.SOMATIC
    judged_at: Instant | None = None
    efforts: tuple[Effort, ...] = ()
    notice_at: Instant | None = None
    notified: tuple[HsaId, ...] = ()
    estimated_at: Instant | None = None
    planning: tuple[Planning, ...] = ()
    care_contact: CareContact | None = None
    ready_at: Instant | None = None
    ready: tuple[ReadyNotice, ...] = ()
    called_at: Instant | None = None
    region_care: RegionCare = RegionCare.AVAILABLE
    region_care_reason: ShortText | None = None
    region_care_at: Instant | None = None
    units_informed_at: Instant | None = None
    patient_informed_at: Instant | None = None
    given: tuple[Given, ...] = ()
    left_at: Instant | None = None

    @property
    def subject(self) -> str:
        """What its clocks are about."""
        return f"stay.{self.number}"

    @property
    def standing(self) -> ReadyNotice | None:
        """The notice of readiness that holds now."""
        newest = self.ready[-1] if self.ready else None
        return newest if newest and newest.withdrawn_at is None else None

    @property
    def needs_both(self) -> bool:
        """Whether region and municipality both have to do something (4 kap. 1 §).

        Municipal health care brings the region's open care with it.
        """
        wanted = set(self.efforts)
        region = {Effort.REGION_OPEN_CARE, Effort.MUNICIPAL_HEALTH_CARE}
        return bool(wanted & MUNICIPAL) and bool(wanted & region)


def needs_sip(stay: Episode, sip: Sip | None) -> bool:
    """Both sides have something to do, and the patient has not said no (4 kap. 1 and 2 §)."""
    said_no = sip is not None and sip.consent is False and sip.closed_at is None
    decided = sip is not None and sip.needed and sip.closed_at is None
    return not said_no and (stay.needs_both or decided)


def sip_needed_since(stay: Episode, sip: Sip | None) -> Instant:
    """Since the judgement, when that says so; else since somebody decided it."""
    if stay.needs_both and stay.judged_at:
        return stay.judged_at
    return sip.decided_at if sip else stay.admitted_at


InformationTo = Literal["units", "patient"]
