"""The template of a handover: what one care provider tells the next about a patient."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from domain.instrument import Measurement
from domain.profession import Profession
from domain.value import Instant, LongText, ShortText, Value


class LegalBasis(StrEnum):
    """On which ground the content is disclosed."""

    CONSENT = "consent"
    LAG_2017_612 = "lag_2017_612"
    HARM_TEST = "harm_test"
    COHESIVE_RECORDS = "lag_2022_913"
    SAME_PROVIDER = "same_provider"


class HandoverContent(Value):
    """What is handed over; it starts with the patient (R-031).

    Fields after SOSFS 2005:27 as amended by HSLF-FS 2017:23, items 1 to 7, and the sources'
    own demands. An empty answer to what matters or to the goals needs a reason. Which of the
    other fields a receiver must or may get is its profile's to say.
    """

    what_matters: LongText | None = None
    patient_goals: LongText | None = None
    no_own_words_reason: ShortText | None = None
    reason: LongText
    responsible_so_far: LongText | None = None
    summary_evaluation: LongText | None = None
    current_function: LongText | None = None
    risks: LongText | None = None
    requested: LongText
    professions: Annotated[tuple[Profession, ...], Field(max_length=10)] = ()
    measurements: Annotated[tuple[Measurement, ...], Field(max_length=30)] = ()
    self_rated_health: ShortText | None = None
    work_capacity: ShortText | None = None
    plan_version: Annotated[int, Field(ge=1)] | None = None
    maintenance_advice: LongText | None = None
    aids: LongText | None = None
    medication_note: ShortText | None = None
    close_persons: LongText | None = None
    interpreter: ShortText | None = None
    communication_aid: ShortText | None = None
    decision_capacity: ShortText | None = None
    representative: ShortText | None = None
    guardians: ShortText | None = None
    housing: LongText | None = None
    home_access: LongText | None = None
    weight_bearing: ShortText | None = None
    diet_and_swallowing: ShortText | None = None
    infection: ShortText | None = None
    destination: ShortText | None = None
    attachments: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")], ...], Field(max_length=20)
    ] = ()
    sip: Literal["needed", "called", "held", "not_needed"]
    legal_basis: LegalBasis
    consent_ref: ShortText | None = None
    estimated_discharge_at: Instant | None = None

    @model_validator(mode="after")
    def _own_words_or_reason(self) -> Self:
        if not (self.what_matters and self.patient_goals) and not self.no_own_words_reason:
            raise ValueError("own_words_or_reason")
        if self.legal_basis is LegalBasis.CONSENT and not self.consent_ref:
            raise ValueError("consent_ref_missing")
        return self
