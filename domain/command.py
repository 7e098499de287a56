"""What somebody wants: a closed union of commands, and the envelope that carries one."""

from typing import Annotated, Literal

from pydantic import Field

from domain.calendar import Calendar
from domain.content import CloseReason, HandoverContent, Referral, StepContent, Visit
from domain.handover import DeclineReason, TakesOver, WithdrawReason
from domain.journey import Actor
from domain.ladder import Ladders
from domain.pathway import Definition, Purpose
from domain.patient import Patient
from domain.unit import Unit
from domain.value import HsaId, Instant, Key, LongText, ShortText, Value


class Start(Value):
    """Start a journey: everything that it depends on, resolved and pinned."""

    type: Literal["start"] = "start"
    journey_id: str
    patient_id: str
    patient: Patient
    definition: Definition
    calendar: Calendar
    ladders: Ladders
    unit: Unit
    referral: Referral
    overlap_reason: ShortText | None = None


class CompleteStep(Value):
    """Complete an open step with its typed content."""

    type: Literal["complete_step"] = "complete_step"
    step: Key
    content: StepContent


class SkipStep(Value):
    """Leave an open step out for this patient, with a reason (R-113)."""

    type: Literal["skip_step"] = "skip_step"
    step: Key
    reason: LongText


class RecordVisit(Value):
    """Record a performed visit in an open intervention."""

    type: Literal["record_visit"] = "record_visit"
    step: Key
    visit: Visit


class Send(Value):
    """Send a handover of one part to a unit function."""

    type: Literal["send"] = "send"
    handover_id: str
    part: Key
    purpose: Purpose
    step: Key | None = None
    to: Unit
    content: HandoverContent


class Acknowledge(Value):
    """A person at the receiving unit has read the handover."""

    type: Literal["acknowledge"] = "acknowledge"
    handover_id: str


class Accept(Value):
    """The receiving unit promises to take over, and says when."""

    type: Literal["accept"] = "accept"
    handover_id: str
    takes_over: TakesOver


class Decline(Value):
    """The receiving unit says no, with a coded reason, perhaps proposing another unit."""

    type: Literal["decline"] = "decline"
    handover_id: str
    reason: DeclineReason
    text: LongText | None = None
    proposes: HsaId | None = None


class Redirect(Value):
    """Pass the handover on inside the organisation."""

    type: Literal["redirect"] = "redirect"
    handover_id: str
    to: Unit
    reason: ShortText


class Ask(Value):
    """Ask the sender; the receiver's clock stands still until the answer."""

    type: Literal["ask"] = "ask"
    handover_id: str
    question: LongText


class Answer(Value):
    """Answer the receiver's question."""

    type: Literal["answer"] = "answer"
    handover_id: str
    answer: LongText


class Withdraw(Value):
    """Take the handover back before it has been taken over."""

    type: Literal["withdraw"] = "withdraw"
    handover_id: str
    reason: WithdrawReason
    text: LongText | None = None


class ReportFirstContact(Value):
    """The new holder has met or spoken to the patient."""

    type: Literal["report_first_contact"] = "report_first_contact"
    handover_id: str
    at: Instant


class RecordDeparture(Value):
    """The patient has left the unit; never blocked."""

    type: Literal["record_departure"] = "record_departure"
    at: Instant
    to: ShortText


class Close(Value):
    """Close the journey with a coded reason."""

    type: Literal["close"] = "close"
    reason: CloseReason


HandoverCommand = (
    Acknowledge | Accept | Decline | Redirect | Ask | Answer | Withdraw | ReportFirstContact
)
Command = Annotated[
    Start
    | CompleteStep
    | SkipStep
    | RecordVisit
    | Send
    | HandoverCommand
    | RecordDeparture
    | Close,
    Field(discriminator="type"),
]


class Idempotency(Value):
    """The caller's key and the hash of the body; one answer for ever (promise 8)."""

    principal: str
    key: str
    body_hash: str


class Envelope(Value):
    """A command with who sends it and which facts were resolved for it."""

    command: Command
    actor: Actor
    idempotency: Idempotency
    correlation_id: str
    expected_seq: int | None = None
    calendar_version: str
    calendar: Calendar | None = None
