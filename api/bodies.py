"""What callers send: closed bodies, whose names are the commands' own."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from domain.calendar import Budget
from domain.command import Prior
from domain.content import CloseReason, Referral, StepContent, Visit
from domain.delay import Delay, Pause
from domain.profession import Profession
from domain.value import HsaId, Instant, Key, LongText, ShortText, Value

UNIT = "SE0000000000-TESTK1980REH"
Ref = Annotated[ShortText, Field(max_length=100)]


def example(given: dict[str, Any]) -> ConfigDict:
    """The configuration of a closed body with one example for its readers."""
    return ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"examples": [given]},
    )


_START: dict[str, Any] = {
    "patient": {"number": "194408139089", "name": "Testpatient 01"},
    "pathway": "stroke-rehab",
    "unit": "SE0000000000-TESTRVMSTROKE1",
    "referral": {
        "reason": "Stroke med högersidig svaghet.",
        "initiator": "hospital",
        "what_matters": "Att klara trappan hemma.",
    },
}


class PatientBody(Value):
    """Who the journey is about: any Swedish person identifier, and a name."""

    number: ShortText
    name: ShortText


class StartBody(Value):
    """Start a journey."""

    model_config = example(_START)
    patient: PatientBody
    pathway: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}(@\d{1,5})?$")]
    unit: HsaId
    referral: Referral
    prior: Annotated[tuple[Prior, ...], Field(max_length=30)] = ()
    came_from: ShortText | None = None
    overlap_reason: ShortText | None = None


class BatchItem(StartBody):
    """One start among many; `ref` is its idempotency key among the caller's own."""

    ref: Ref


class BatchBody(Value):
    """Many starts at once; each is judged alone."""

    model_config = example({"items": [_START | {"ref": "rad-1"}]})
    items: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=200)]


class CompleteBody(Value):
    """Complete a step with the typed content of its kind."""

    model_config = example(
        {
            "content": {
                "kind": "assessment",
                "rehab_need": True,
                "need_level": "high",
                "participation": {"patient": "took_part"},
                "psychosocial_support": "Maka i hemmet",
                "comorbidity": "Hypertoni",
                "motivation": "God",
                "summary": "Behöver hjälp vid förflyttning och påklädning.",
                "measurements": [
                    {"instrument": "nihss", "score": 6},
                    {"instrument": "katz", "score": "D"},
                    {"instrument": "mrs", "score": 4},
                    {"instrument": "berg", "not_possible": "Patienten för trött"},
                ],
            }
        }
    )
    content: StepContent
    professions: Annotated[tuple[Profession, ...], Field(max_length=11)] = ()
    early_reason: LongText | None = None


class SkipBody(Value):
    """Leave a step out for this patient."""

    model_config = example({"reason": "Patienten har redan en plan."})
    reason: LongText


class VisitBody(Visit):
    """Record a performed visit in an open intervention."""

    model_config = example(
        {
            "step": "intervention",
            "at": "2026-11-20T10:30:00+01:00",
            "minutes": 60,
            "place": "home",
            "professions": ["FT", "AT"],
        }
    )
    step: Key


class CloseBody(Value):
    """Close the journey; lack of staff names the profession."""

    model_config = example({"reason": "goals_met"})
    reason: CloseReason
    profession: Profession | None = None


class ExtendBody(Value):
    """More time for an open step, to the end of a day."""

    model_config = example({"until": "2026-12-18", "reason": "Långsam återhämtning."})
    until: date
    reason: LongText
    delay: Delay | None = None


class LabelBody(Value):
    """What a step is called."""

    sv: ShortText
    en: ShortText


class AddStepBody(Value):
    """One step more for this patient."""

    model_config = example(
        {
            "key": "home_visit",
            "kind": "assessment",
            "label": {"sv": "Hembesök", "en": "Home visit"},
            "part": "rehab",
            "due": {"amount": 5, "counting": "working_days"},
            "reason": "Trappan behöver ses.",
        }
    )
    key: Key
    kind: Literal["assessment", "intervention"]
    label: LabelBody
    part: Key
    due: Budget
    reason: LongText


class DelayBody(Value):
    """Why a step, by its key, or a handover, by its id, comes late."""

    model_config = example(
        {"subject": "assessment", "delay": {"reason": "no_capacity", "profession": "AT"}}
    )
    subject: ShortText
    delay: Delay


class BeginWaitingBody(Value):
    """Waiting that the patient chose, or that is medical."""

    model_config = example({"why": "patient_choice", "since": "2026-11-20T10:30:00+01:00"})
    why: Pause
    since: Instant


class EndWaitingBody(Value):
    """When that waiting was over."""

    model_config = example({"at": "2026-11-20T10:30:00+01:00"})
    at: Instant


class PeriodBody(Value):
    """Why the pathway is entered again."""

    model_config = example({"reason": "Behovet är tillbaka efter ett fall."})
    reason: LongText


class PersonAnswerBody(Value):
    """What the person who asked was told, and how."""

    model_config = example(
        {
            "at": "2026-11-20T10:30:00+01:00",
            "by": "phone",
            "answer": "Du får en tid för bedömning nästa vecka.",
        }
    )
    at: Instant
    by: Literal["letter", "phone", "meeting", "digital"]
    answer: LongText


class MergeBody(Value):
    """The journey that goes on, and why this one is a duplicate."""

    model_config = example(
        {"into": "00000000-0000-4000-8000-000000000001", "reason": "Dubblerad remiss."}
    )
    into: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")]
    reason: LongText
