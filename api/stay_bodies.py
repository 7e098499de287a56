"""What callers send about a hospital stay: closed bodies."""

from typing import Annotated

from pydantic import Field

from api.bodies import UNIT, example
from domain.call import Number
from domain.profession import Profession
from domain.rulebook import CareForm
from domain.stay import Effort, Given, InformationTo, RegionCare
from domain.value import HsaId, Instant, ShortText, Value

AT = "2026-11-20T10:30:00+01:00"
HEALTH_CENTRE = "SE0000000000-TESTRVMVCVAS"
EFFORTS = ["social_services", "municipal_health_care"]


class AdmissionBody(Value):
    """When the patient was admitted, to which form of care, and what may be needed afterwards."""

    model_config = example({"at": AT, "form": "somatic", "efforts": EFFORTS})
    at: Instant
    form: CareForm = CareForm.SOMATIC
    efforts: Annotated[tuple[Effort, ...], Field(max_length=3)] = ()


class JudgementBody(Value):
    """The physician judges that these efforts may be needed after the stay."""

    model_config = example({"at": AT, "efforts": EFFORTS})
    at: Instant
    efforts: Annotated[tuple[Effort, ...], Field(min_length=1, max_length=3)]


class NoticeBody(Value):
    """The units that will be needed, and when the patient is expected to leave.

    `by_hand`: a person has told them, as must be for a protected patient.
    """

    model_config = example({"to": [UNIT, HEALTH_CENTRE], "estimated_at": "2030-03-01T13:00:00Z"})
    to: Annotated[tuple[HsaId, ...], Field(min_length=1, max_length=8)]
    estimated_at: Instant
    by_hand: bool = False


class DischargeEstimateBody(Value):
    """When the patient is expected to leave now."""

    model_config = example({"estimated_at": "2030-03-04T13:00:00Z", "reason": "Ny infektion."})
    estimated_at: Instant
    reason: ShortText | None = None


class WithdrawReadyBody(Value):
    """Since when, and why, the patient is not ready any more."""

    model_config = example({"at": AT, "reason": "Feber i natt."})
    at: Instant
    reason: ShortText


class InformationBody(Value):
    """What was handed over to the units, or to the patient."""

    model_config = example({"at": AT, "to": "patient", "given": ["summary", "care_contact"]})
    at: Instant
    to: InformationTo
    given: Annotated[tuple[Given, ...], Field(max_length=4)] = ()


class RegionCareBody(Value):
    """Whether the region's open care is there for the patient; if not, why."""

    model_config = example({"region_care": "missing", "reason": "Läkarkontakt saknas."})
    region_care: RegionCare
    reason: ShortText | None = None


class CareContactBody(Value):
    """The permanent care contact: a function and a telephone, never a name."""

    model_config = example(
        {"function": "Fast vårdkontakt", "profession": "SSK", "phone": "010-000 00 00"}
    )
    function: ShortText
    profession: Profession | None = None
    phone: Number
