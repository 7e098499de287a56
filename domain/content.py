"""Typed content of each step kind; what a pathway version requires is checked on top."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from domain.instrument import Measurement
from domain.participation import Participation
from domain.plan import Plan
from domain.profession import Profession
from domain.value import Day, Instant, Key, LongText, ShortText, Value


class Initiator(StrEnum):
    """Who started the referral (R-101)."""

    PATIENT = "patient"
    CLOSE_PERSON = "close_person"
    HOME_HELP = "home_help"
    CARE_ASSESSOR = "care_assessor"
    HOSPITAL = "hospital"
    LICENSED_STAFF = "licensed_staff"
    OTHER_PROVIDER = "other_provider"


class Figures(Value):
    """Captured once for later figures; never used to decide anything."""

    sex: Literal["female", "male"] | None = None
    age: Annotated[int, Field(ge=0, le=120)] | None = None
    municipality: Annotated[str, Field(pattern=r"^\d{4}$")] | None = None
    diagnosis_group: ShortText | None = None
    operated_by: Literal["own", "agreement", "national_rates"] | None = None


class Referral(Value):
    """Why rehabilitation is asked for; a diagnosis code is optional (R-002)."""

    kind: Literal["referral"] = "referral"
    reason: LongText
    initiator: Initiator
    what_matters: LongText | None = None
    diagnosis_code: Annotated[str, Field(pattern=r"^[A-Z]\d{2}[A-Z0-9.]{0,5}$")] | None = None
    figures: Figures = Figures()


class NeedLevel(StrEnum):
    """Level of need, independent of diagnosis (R-020)."""

    NONE = "none"
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


class Assessment(Value):
    """Assessment of the need for rehabilitation; *no need* leads straight to follow-up."""

    kind: Literal["assessment"] = "assessment"
    rehab_need: bool
    need_level: NeedLevel
    participation: Participation
    psychosocial_support: ShortText | None = None
    comorbidity: ShortText | None = None
    motivation: ShortText | None = None
    measurements: Annotated[tuple[Measurement, ...], Field(max_length=30)] = ()
    summary: LongText | None = None

    @model_validator(mode="after")
    def _level_fits_need(self) -> Self:
        if self.rehab_need == (self.need_level is NeedLevel.NONE):
            raise ValueError("need_level_contradicts_need")
        return self


class Intervention(Value):
    """How the intervention ended."""

    kind: Literal["intervention"] = "intervention"
    result: LongText
    ended_because: Literal["goals_met", "goals_partly_met", "planned_end", "patient_declines"]
    measurements: Annotated[tuple[Measurement, ...], Field(max_length=30)] = ()


class CloseReason(StrEnum):
    """Why a journey is closed."""

    GOALS_MET = "goals_met"
    GOALS_PARTLY_MET = "goals_partly_met"
    NEED_CEASED = "need_ceased"
    PATIENT_DECLINES = "patient_declines"
    MOVED = "moved"
    DECEASED = "deceased"
    OTHER_PLAN = "other_plan"
    REGISTERED_IN_ERROR = "registered_in_error"
    MERGED = "merged"


class CloseDecision(Value):
    """The journey ends here."""

    decision: Literal["close"] = "close"
    reason: CloseReason


class NewPeriod(Value):
    """The need is back: a new period with its own clocks, in the same journey (R-120)."""

    decision: Literal["new_period"] = "new_period"


class RestUntil(Value):
    """The journey rests with its holder until a date, when follow-up comes again."""

    decision: Literal["rest"] = "rest"
    until: Day


class GoalAttainment(Value):
    """Goal by its place in the plan (first is 1), and how far it came (GAS, -2 to +2)."""

    goal: Annotated[int, Field(ge=1, le=20)]
    attained: Annotated[int, Field(ge=-2, le=2)]


class PatientAnswers(Value):
    """The patient's own answers, 1 (not at all) to 5 (fully)."""

    participation: Annotated[int, Field(ge=1, le=5)] | None = None
    continuity: Annotated[int, Field(ge=1, le=5)] | None = None


class GoOn(Value):
    """The journey goes on as the pathway has it: there is more to come."""

    decision: Literal["go_on"] = "go_on"


class FollowUp(Value):
    """Outcome, attainment, the patient's answers, and what happens now."""

    kind: Literal["follow_up"] = "follow_up"
    measurements: Annotated[tuple[Measurement, ...], Field(max_length=30)] = ()
    attainment: Annotated[tuple[GoalAttainment, ...], Field(max_length=20)] = ()
    answers: PatientAnswers = PatientAnswers()
    participation: Participation
    next: Annotated[CloseDecision | NewPeriod | RestUntil | GoOn, Field(discriminator="decision")]


class TeamMeeting(Value):
    """A meeting that was held: what had been prepared, what was decided, and how one took part."""

    kind: Literal["meeting"] = "meeting"
    prepared: Annotated[tuple[Key, ...], Field(max_length=30)] = ()
    decisions: LongText
    participation: Participation


class Place(StrEnum):
    """Where a visit takes place."""

    HOME = "home"
    SPECIAL_HOUSING = "special_housing"
    CLINIC = "clinic"
    WARD = "ward"
    SCHOOL = "school"
    DIGITAL = "digital"


class Visit(Value):
    """A performed visit: when, where, how, by which professions, how long.

    `support` is what those close were given (R-117).
    """

    at: Instant
    minutes: Annotated[int, Field(ge=1, le=600)]
    place: Place
    mode: Literal["in_person", "video", "phone"] = "in_person"
    professions: Annotated[tuple[Profession, ...], Field(min_length=1, max_length=10)]
    units: Annotated[tuple[ShortText, ...], Field(max_length=10)] = ()
    staff: ShortText | None = None
    participation: Participation | None = None
    support: Annotated[
        tuple[Literal["informative", "instrumental", "emotional"], ...], Field(max_length=3)
    ] = ()


# Who asks without being the care's own staff: the unit asked holds on from registration.
OUTSIDE = (Initiator.PATIENT, Initiator.CLOSE_PERSON, Initiator.HOME_HELP)
StepContent = Annotated[
    Assessment | Plan | Intervention | TeamMeeting | FollowUp, Field(discriminator="kind")
]
