"""What callers send about handovers: closed bodies, whose names are the commands' own."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from api.bodies import UNIT, example
from domain.call import CallOutcome, PaperAnswer, PhoneCall
from domain.delay import Delay
from domain.handover import DeclineReason, TakesOver, WithdrawReason
from domain.pathway import Purpose
from domain.template import HandoverContent, LegalBasis
from domain.value import HsaId, Instant, Key, LongText, ShortText, Value

CALL: dict[str, Any] = {
    "name": "Demo Sjuksköterska 1",
    "function": "Sjuksköterska i tjänst",
    "number": "010-000 00 00",
    "at": datetime(2026, 11, 20, 10, 30, tzinfo=UTC).isoformat(),
}
CONTENT: dict[str, Any] = {
    "what_matters": "Att klara trappan hemma.",
    "patient_goals": "Gå till brevlådan utan hjälp.",
    "reason": "Fortsatt rehabilitering i hemmet efter stroke.",
    "summary_evaluation": "Tränat förflyttning i två veckor med god effekt.",
    "current_function": "Går med rollator, behöver tillsyn i trappa.",
    "risks": "Fallrisk.",
    "requested": "Första hembesök inom en vardag.",
    "professions": ["FT", "AT"],
    "measurements": [
        {"instrument": "katz", "score": "C"},
        {"instrument": "berg", "score": 38},
        {"instrument": "mrs", "score": 3},
    ],
    "sip": "not_needed",
    "legal_basis": "consent",
    "consent_ref": "Muntligt samtycke",
    "estimated_discharge_at": "2026-12-04T11:00:00+01:00",
}


class SendBody(Value):
    """Send one part of the journey to a unit function.

    `pre_notice` names a pre-notice that becomes this handover.
    """

    model_config = example(
        {
            "part": "rehab",
            "purpose": "take_part",
            "step": "handover_rehab",
            "to": UNIT,
            "content": CONTENT,
        }
    )
    part: Key
    purpose: Purpose
    step: Key | None = None
    to: HsaId
    content: HandoverContent
    pre_notice: Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")] | None = None


class BundleItem(Value):
    """One part of a bundle; its own content stands before the shared one."""

    part: Key
    purpose: Purpose
    step: Key | None = None
    to: HsaId
    content: HandoverContent | None = None


class BundleBody(Value):
    """Several parts to several receivers in one sending; each gets what its profile may hold."""

    model_config = example(
        {
            "content": CONTENT,
            "items": [
                {"part": "rehab", "purpose": "take_part", "to": UNIT},
                {
                    "part": "home_help",
                    "purpose": "take_part",
                    "to": "SE0000000000-TESTK1980HTJ",
                },
            ],
        }
    )
    content: HandoverContent
    items: Annotated[tuple[BundleItem, ...], Field(min_length=2, max_length=10)]


def _which(body: object) -> str:
    """A bundle has items; anything else is one handover."""
    return MANY if isinstance(body, dict) and "items" in body else ONE


ONE, MANY = "one", "many"
OneOrMany = Annotated[
    Annotated[SendBody, Tag(ONE)] | Annotated[BundleBody, Tag(MANY)], Discriminator(_which)
]


class PreNoticeBody(Value):
    """Tell a unit beforehand that a handover comes."""

    model_config = example(
        {
            "part": "rehab",
            "purpose": "take_part",
            "to": UNIT,
            "estimated_at": "2026-12-04T11:00:00+01:00",
            "requested": "Träning i hemmet, första besök inom en vardag.",
            "legal_basis": "lag_2017_612",
        }
    )
    part: Key
    purpose: Purpose
    to: HsaId
    estimated_at: Instant
    requested: LongText
    legal_basis: LegalBasis
    consent_ref: ShortText | None = None


class ResendBody(Value):
    """Send a declined handover to another unit, with what was sent before.

    Without `to` it goes to the unit that the receiver proposed.
    """

    model_config = example({"to": "SE0000000000-TESTK1980IHR"})
    to: HsaId | None = None
    content: HandoverContent | None = None


class EstimateBody(Value):
    """The discharge is expected at another time."""

    model_config = example({"estimated_at": "2026-12-06T11:00:00+01:00", "reason": "Ny infektion"})
    estimated_at: Instant
    reason: ShortText | None = None


class _Answer(Value):
    """Where an answer was given that is written down here: by telephone, or on paper."""

    call: PhoneCall | None = None
    paper: PaperAnswer | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.call and self.paper:
            raise ValueError("call_and_paper")
        return self


class AcknowledgeBody(_Answer):
    """Nothing; or who read it over the telephone, or on paper while the system was away."""

    model_config = example({"call": CALL})


class AcknowledgeManyBody(Value):
    """Handovers that somebody has read; each is judged alone."""

    model_config = example({"handovers": ["00000000-0000-4000-8000-000000000001"]})
    handovers: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[0-9a-f-]{36}$")], ...],
        Field(min_length=1, max_length=200),
    ]


class AcceptBody(_Answer):
    """Promise to take over, and say when; if it comes late, why."""

    model_config = example(
        {
            "takes_over": {"when": "on_discharge"},
            "delay": {"reason": "no_capacity", "profession": "FT"},
        }
    )
    takes_over: TakesOver
    delay: Delay | None = None


class DeclineBody(_Answer):
    """Send it back with a coded reason."""

    model_config = example({"reason": "wrong_unit", "proposes": "SE0000000000-TESTK1980IHR"})
    reason: DeclineReason
    text: LongText | None = None
    proposes: HsaId | None = None
    delay: Delay | None = None


class RedirectBody(Value):
    """Pass it on inside the organisation."""

    model_config = example({"to": "SE0000000000-TESTK1980IHR", "reason": "Tar hemrehab."})
    to: HsaId
    reason: ShortText


class AskBody(Value):
    """Ask the sender."""

    model_config = example({"question": "Finns det hiss i huset?"})
    question: LongText


class AnswerBody(Value):
    """Answer the receiver."""

    model_config = example({"answer": "Ja, men inte ända ner till porten."})
    answer: LongText


class ProposeBody(Value):
    """Offer to take over on other terms."""

    model_config = example(
        {
            "takes_over": {"when": "at", "at": "2026-12-07T08:00:00+01:00"},
            "text": "Vi kan från måndag.",
        }
    )
    takes_over: TakesOver
    text: LongText | None = None


class ReasonBody(Value):
    """Why."""

    model_config = example({"reason": "Patienten stannar på avdelningen."})
    reason: LongText


class WithdrawBody(Value):
    """Take it back."""

    model_config = example({"reason": "wrong_receiver"})
    reason: WithdrawReason
    text: LongText | None = None


class AnswerCancellationBody(Value):
    """Let it go, or hold on to what was agreed."""

    model_config = example({"agree": True})
    agree: bool
    text: LongText | None = None
    call: PhoneCall | None = None


class AssignBody(Value):
    """Who at the unit sees to it, by pseudonym."""

    model_config = example({"to": "demo-at-1"})
    to: ShortText


class FirstContactBody(Value):
    """When the new holder first met or spoke to the patient."""

    model_config = example({"at": "2026-12-07T09:00:00+01:00"})
    at: Instant
    call: PhoneCall | None = None


class CompleteHandoverBody(Value):
    """The outcome, for the sender."""

    model_config = example({"outcome": "Går till brevlådan med käpp.", "goals": "met"})
    outcome: LongText
    goals: Literal["met", "partly_met", "not_met", "not_set"]
    call: PhoneCall | None = None


class CallBody(Value):
    """A call to a unit without a system."""

    model_config = example({"outcome": "no_answer", "at": CALL["at"]})
    outcome: CallOutcome
    at: Instant
    note: ShortText | None = None


class ResumeBody(Value):
    """Let it go on, perhaps with a new estimate."""

    model_config = example({"estimated_at": "2026-12-09T11:00:00+01:00"})
    estimated_at: Instant | None = None
