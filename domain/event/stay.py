"""Events of a hospital stay; `stay` is its number in the journey."""

from typing import Literal

from domain.stay import CareContact, Effort, Given, InformationTo, RegionCare
from domain.unit import Unit
from domain.value import HsaId, Instant, ShortText, Value


class AftercareJudged(Value):
    """The physician has judged that efforts may be needed after the stay."""

    type: Literal["aftercare_judged"] = "aftercare_judged"
    stay: int
    at: Instant
    efforts: tuple[Effort, ...]


class AdmissionNoticeSent(Value):
    """The units that will be needed have been told; `by_hand` by a person."""

    type: Literal["admission_notice_sent"] = "admission_notice_sent"
    stay: int
    to: tuple[Unit, ...]
    estimated_at: Instant
    by_hand: bool = False


class DischargeEstimated(Value):
    """The discharge is expected at another time."""

    type: Literal["discharge_estimated"] = "discharge_estimated"
    stay: int
    estimated_at: Instant
    reason: ShortText | None


class PlanningStarted(Value):
    """A unit has begun to plan."""

    type: Literal["planning_started"] = "planning_started"
    stay: int
    unit: HsaId


class CareContactNamed(Value):
    """The patient has a permanent care contact."""

    type: Literal["care_contact_named"] = "care_contact_named"
    stay: int
    care_contact: CareContact


class ReadyWithdrawn(Value):
    """The patient is not ready for discharge any more."""

    type: Literal["ready_withdrawn"] = "ready_withdrawn"
    stay: int
    at: Instant
    reason: ShortText


class RegionCareStated(Value):
    """Whether the region's open care is there for the patient."""

    type: Literal["region_care_stated"] = "region_care_stated"
    stay: int
    region_care: RegionCare
    reason: ShortText | None


class InformationGiven(Value):
    """What units need, or what the patient gets, was handed over."""

    type: Literal["information_given"] = "information_given"
    stay: int
    at: Instant
    to: InformationTo
    given: tuple[Given, ...]


StayHappening = (
    AftercareJudged
    | AdmissionNoticeSent
    | DischargeEstimated
    | PlanningStarted
    | CareContactNamed
    | ReadyWithdrawn
    | RegionCareStated
    | InformationGiven
)
