"""What callers send: closed bodies, whose names are the commands' own."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from domain.content import CloseReason, HandoverContent, Referral, StepContent, Visit
from domain.handover import DeclineReason, TakesOver, WithdrawReason
from domain.pathway import Purpose
from domain.value import HsaId, Instant, Key, LongText, ShortText, Value

UNIT = "SE0000000000-TESTK1980REH"
Ref = Annotated[ShortText, Field(max_length=100)]


def _example(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"examples": [example]},
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

    model_config = _example(_START)
    patient: PatientBody
    pathway: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}(@\d{1,5})?$")]
    unit: HsaId
    referral: Referral
    overlap_reason: ShortText | None = None


class BatchItem(StartBody):
    """One start among many; `ref` is its idempotency key among the caller's own."""

    ref: Ref


class BatchBody(Value):
    """Many starts at once; each is judged alone."""

    model_config = _example({"items": [_START | {"ref": "rad-1"}]})
    items: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=200)]


class CompleteBody(Value):
    """Complete a step with the typed content of its kind."""

    model_config = _example(
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


class SkipBody(Value):
    """Leave a step out for this patient."""

    model_config = _example({"reason": "Patienten har redan en plan."})
    reason: LongText


class VisitBody(Visit):
    """Record a performed visit in an open intervention."""

    model_config = _example(
        {
            "step": "intervention",
            "at": "2026-11-20T10:30:00+01:00",
            "minutes": 60,
            "place": "home",
            "professions": ["FT", "AT"],
        }
    )
    step: Key


class DepartureBody(Value):
    """The patient has left the unit."""

    model_config = _example({"at": "2026-11-20T10:30:00+01:00", "to": "Ordinärt boende"})
    at: Instant
    to: ShortText


class CloseBody(Value):
    """Close the journey."""

    model_config = _example({"reason": "goals_met"})
    reason: CloseReason


class SendBody(Value):
    """Send one part of the journey to a unit function."""

    model_config = _example(
        {
            "part": "rehab",
            "purpose": "take_part",
            "step": "handover_rehab",
            "to": UNIT,
            "content": {
                "what_matters": "Att klara trappan hemma.",
                "patient_goals": "Gå till brevlådan utan hjälp.",
                "reason": "Fortsatt rehabilitering i hemmet efter stroke.",
                "summary_evaluation": "Tränat förflyttning i två veckor med god effekt.",
                "current_function": "Går med rollator, behöver tillsyn i trappa.",
                "risks": "Fallrisk.",
                "requested": "Första hembesök inom en vardag.",
                "measurements": [
                    {"instrument": "katz", "score": "C"},
                    {"instrument": "berg", "score": 38},
                    {"instrument": "mrs", "score": 3},
                ],
                "sip": "not_needed",
                "legal_basis": "consent",
                "consent_ref": "Muntligt samtycke",
                "estimated_discharge_at": "2026-12-04T11:00:00+01:00",
            },
        }
    )
    part: Key
    purpose: Purpose
    step: Key | None = None
    to: HsaId
    content: HandoverContent


class AcceptBody(Value):
    """Promise to take over, and say when."""

    model_config = _example({"takes_over": {"when": "on_discharge"}})
    takes_over: TakesOver


class DeclineBody(Value):
    """Send it back with a coded reason."""

    model_config = _example({"reason": "wrong_unit", "proposes": "SE0000000000-TESTK1980IHR"})
    reason: DeclineReason
    text: LongText | None = None
    proposes: HsaId | None = None


class RedirectBody(Value):
    """Pass it on inside the organisation."""

    model_config = _example({"to": "SE0000000000-TESTK1980IHR", "reason": "Tar hemrehab."})
    to: HsaId
    reason: ShortText


class AskBody(Value):
    """Ask the sender."""

    model_config = _example({"question": "Finns det hiss i huset?"})
    question: LongText


class AnswerBody(Value):
    """Answer the receiver."""

    model_config = _example({"answer": "Ja, men inte ända ner till porten."})
    answer: LongText


class WithdrawBody(Value):
    """Take it back."""

    model_config = _example({"reason": "wrong_receiver"})
    reason: WithdrawReason
    text: LongText | None = None


class FirstContactBody(Value):
    """When the new holder first met or spoke to the patient."""

    model_config = _example({"at": "2026-12-07T09:00:00+01:00"})
    at: Instant
