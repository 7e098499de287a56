"""Content profiles: what a receiver of each sector must get, and what it may not (R-118)."""

from enum import StrEnum
from typing import NamedTuple

from domain.refusal import FieldProblem
from domain.template import HandoverContent
from domain.unit import Sector


class Profile(StrEnum):
    """Whom the content is for."""

    HEALTH_CARE = "health_care"
    SOCIAL_SERVICES = "social_services"
    SCHOOL = "school"
    PATIENT = "patient"


PROFILE_OF = {
    Sector.HEALTH: Profile.HEALTH_CARE,
    Sector.SOCIAL: Profile.SOCIAL_SERVICES,
    Sector.SCHOOL: Profile.SCHOOL,
}

ALWAYS = (
    "what_matters",
    "patient_goals",
    "no_own_words_reason",
    "reason",
    "requested",
    "professions",
    "current_function",
    "maintenance_advice",
    "aids",
    "interpreter",
    "communication_aid",
    "representative",
    "guardians",
    "sip",
    "legal_basis",
    "consent_ref",
)
DAILY_LIFE = (
    "risks",
    "close_persons",
    "decision_capacity",
    "housing",
    "home_access",
    "weight_bearing",
    "diet_and_swallowing",
    "infection",
    "destination",
    "estimated_discharge_at",
)
EVERYTHING = tuple(HandoverContent.model_fields)
MAY_HOLD: dict[Profile, tuple[str, ...]] = {
    Profile.HEALTH_CARE: EVERYTHING,
    Profile.SOCIAL_SERVICES: (*ALWAYS, *DAILY_LIFE),
    Profile.SCHOOL: ALWAYS,
    Profile.PATIENT: EVERYTHING,
}
MUST_HOLD: dict[Profile, tuple[str, ...]] = {
    Profile.HEALTH_CARE: ("summary_evaluation", "current_function", "risks"),
    Profile.SOCIAL_SERVICES: ("current_function", "risks"),
    Profile.SCHOOL: ("current_function",),
    Profile.PATIENT: (),
}
SHOULD_HOLD: dict[Profile, tuple[str, ...]] = {
    Profile.HEALTH_CARE: ("self_rated_health", "aids", "close_persons", "housing"),
    Profile.SOCIAL_SERVICES: ("maintenance_advice", "aids", "housing"),
    Profile.SCHOOL: ("maintenance_advice", "guardians"),
    Profile.PATIENT: (),
}
# Where a patient with protected identity is, or who is close, is told by telephone alone.
SAYS_WHERE = ("housing", "home_access", "destination", "close_persons", "guardians")


class Disclosed(NamedTuple):
    """What the receiver gets, and the names of filled-in fields that it does not."""

    content: HandoverContent
    withheld: tuple[str, ...]


def restrict(content: HandoverContent, profile: Profile, *, protected: bool) -> Disclosed:
    """Only what the profile may hold; nothing is left out in silence."""
    allowed = [f for f in MAY_HOLD[profile] if not (protected and f in SAYS_WHERE)]
    plain = HandoverContent.model_fields
    withheld = tuple(
        name
        for name, field in plain.items()
        if name not in allowed and getattr(content, name) != field.get_default()
    )
    blank = {name: plain[name].get_default() for name in withheld}
    return Disclosed(content.model_copy(update=blank), withheld)


def missing(content: HandoverContent, profile: Profile) -> list[FieldProblem]:
    """Fields that the profile demands and that are empty."""
    return [
        FieldProblem(field=f"content.{name}", rule="required")
        for name in MUST_HOLD[profile]
        if not getattr(content, name)
    ]


def recommended(content: HandoverContent, profile: Profile) -> list[str]:
    """Fields that the receiver would miss: said before sending, never refused."""
    return [name for name in SHOULD_HOLD[profile] if not getattr(content, name)]
