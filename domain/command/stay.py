"""Commands of a hospital stay: the messages that lag (2017:612) asks for."""

from typing import Annotated, Literal

from pydantic import Field

from domain.call import Number
from domain.profession import Profession
from domain.stay import Effort, Given, InformationTo, RegionCare
from domain.unit import Unit
from domain.value import Instant, ShortText, Value

Efforts = Annotated[tuple[Effort, ...], Field(max_length=3)]
# Who sees one stay alone says which; None is the newest.
StayNumber = Annotated[int, Field(ge=1)]


class JudgeAftercare(Value):
    """The physician judges, later than at admission, that efforts may be needed (2 kap. 1, 3 §)."""

    type: Literal["judge_aftercare"] = "judge_aftercare"
    at: Instant
    efforts: Annotated[Efforts, Field(min_length=1)]


class SendAdmissionNotice(Value):
    """Tell the units that will be needed, with an estimate of the discharge (2 kap. 1-3 §).

    For a protected patient nothing is sent by itself: `by_hand` says that a person has told them
    by a safe way.
    """

    type: Literal["send_admission_notice"] = "send_admission_notice"
    to: Annotated[tuple[Unit, ...], Field(min_length=1, max_length=8)]
    estimated_at: Instant
    by_hand: bool = False


class EstimateDischarge(Value):
    """The discharge is expected at another time (2 kap. 4 §)."""

    type: Literal["estimate_discharge"] = "estimate_discharge"
    estimated_at: Instant
    reason: ShortText | None = None


class StartPlanning(Value):
    """A unit that got the notice has begun to plan (2 kap. 6 §)."""

    type: Literal["start_planning"] = "start_planning"
    stay: StayNumber | None = None


class NameCareContact(Value):
    """The region's open care names the permanent care contact (2 kap. 5 §)."""

    type: Literal["name_care_contact"] = "name_care_contact"
    stay: StayNumber | None = None
    function: ShortText
    profession: Profession | None = None
    phone: Number


class WithdrawReady(Value):
    """The patient is not ready for discharge any more."""

    type: Literal["withdraw_ready"] = "withdraw_ready"
    at: Instant
    reason: ShortText


class StateRegionCare(Value):
    """Whether the region's open care is there for the patient; if not, nobody pays (5:5)."""

    type: Literal["state_region_care"] = "state_region_care"
    stay: StayNumber | None = None
    region_care: RegionCare
    reason: ShortText | None = None


class GiveInformation(Value):
    """What units need (3 kap. 2 §), or what the patient gets (3 kap. 3 §), was handed over."""

    type: Literal["give_information"] = "give_information"
    at: Instant
    to: InformationTo
    given: Annotated[tuple[Given, ...], Field(max_length=4)] = ()


StayCommand = (
    JudgeAftercare
    | SendAdmissionNotice
    | EstimateDischarge
    | StartPlanning
    | NameCareContact
    | WithdrawReady
    | StateRegionCare
    | GiveInformation
)
