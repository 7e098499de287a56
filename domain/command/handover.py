"""Commands on a handover: sending it, answering it, working with it."""

from typing import Annotated, Literal

from pydantic import Field

from domain.call import CallOutcome, Entry, PaperAnswer, PhoneCall
from domain.delay import Delay
from domain.handover import DeclineReason, TakesOver, WithdrawReason
from domain.pathway import Purpose
from domain.template import HandoverContent, LegalBasis
from domain.unit import Unit
from domain.value import HsaId, Instant, Key, LongText, ShortText, Value


class Send(Value):
    """Send a handover of one part to a unit function.

    When it was `announced`, the id is that of its pre-notice; `resends` names one that was
    declined. `stand_ins` are the units that cover for the receiver or call on its behalf.
    """

    type: Literal["send"] = "send"
    handover_id: str
    part: Key
    purpose: Purpose
    step: Key | None = None
    to: Unit
    content: HandoverContent
    announced: bool = False
    resends: str | None = None
    stand_ins: tuple[Unit, ...] = ()


class SendBundle(Value):
    """Send several handovers at once: all of them, or none."""

    type: Literal["send_bundle"] = "send_bundle"
    bundle_id: str
    sends: Annotated[tuple[Send, ...], Field(min_length=2, max_length=10)]


class Announce(Value):
    """Tell a unit beforehand that a handover comes, with the estimated time."""

    type: Literal["announce"] = "announce"
    handover_id: str
    part: Key
    purpose: Purpose
    to: Unit
    estimated_at: Instant
    requested: LongText
    legal_basis: LegalBasis
    consent_ref: ShortText | None = None
    stand_ins: tuple[Unit, ...] = ()


class ChangeEstimate(Value):
    """The patient is discharged at another time than was thought (lag 2017:612 2:4)."""

    type: Literal["change_estimate"] = "change_estimate"
    handover_id: str
    estimated_at: Instant
    reason: ShortText | None = None


class Acknowledge(Value):
    """A person at the receiving unit has read the handover."""

    type: Literal["acknowledge"] = "acknowledge"
    handover_id: str
    call: PhoneCall | None = None
    paper: PaperAnswer | None = None

    @property
    def entered(self) -> Entry | None:
        """Where the answer was given, if that was not here."""
        return self.call or self.paper


class Accept(Value):
    """The receiving unit promises to take over, and says when."""

    type: Literal["accept"] = "accept"
    handover_id: str
    takes_over: TakesOver
    delay: Delay | None = None
    call: PhoneCall | None = None
    paper: PaperAnswer | None = None

    @property
    def entered(self) -> Entry | None:
        """Where the answer was given, if that was not here."""
        return self.call or self.paper


class Decline(Value):
    """The receiving unit says no, with a coded reason, perhaps proposing another unit."""

    type: Literal["decline"] = "decline"
    handover_id: str
    reason: DeclineReason
    text: LongText | None = None
    proposes: HsaId | None = None
    delay: Delay | None = None
    call: PhoneCall | None = None
    paper: PaperAnswer | None = None

    @property
    def entered(self) -> Entry | None:
        """Where the answer was given, if that was not here."""
        return self.call or self.paper


class Redirect(Value):
    """Pass the handover on inside the organisation."""

    type: Literal["redirect"] = "redirect"
    handover_id: str
    to: Unit
    reason: ShortText
    stand_ins: tuple[Unit, ...] = ()


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


class Propose(Value):
    """Offer to take over on other terms; the sender's clock runs until it says yes or no."""

    type: Literal["propose"] = "propose"
    handover_id: str
    takes_over: TakesOver
    text: LongText | None = None


class TakeProposal(Value):
    """Say yes to the receiver's terms: the handover is accepted on them."""

    type: Literal["take_proposal"] = "take_proposal"
    handover_id: str


class RefuseProposal(Value):
    """Say no to the receiver's terms: its own clock goes on."""

    type: Literal["refuse_proposal"] = "refuse_proposal"
    handover_id: str
    reason: LongText


class Withdraw(Value):
    """Take the handover back; what reached the wrong receiver or is on the wrong patient, always.

    When it has been accepted for any other reason, ask for a cancellation instead.
    """

    type: Literal["withdraw"] = "withdraw"
    handover_id: str
    reason: WithdrawReason
    text: LongText | None = None


class RequestCancellation(Value):
    """Ask the receiver to let an accepted handover go."""

    type: Literal["request_cancellation"] = "request_cancellation"
    handover_id: str
    reason: LongText


class AnswerCancellation(Value):
    """Let it go, or hold on to what was agreed."""

    type: Literal["answer_cancellation"] = "answer_cancellation"
    handover_id: str
    agree: bool
    text: LongText | None = None
    call: PhoneCall | None = None


class Dispute(Value):
    """Say that it is not our responsibility, or that the other side's no is wrong."""

    type: Literal["dispute"] = "dispute"
    handover_id: str
    reason: LongText


class Assign(Value):
    """Say who at the receiving unit sees to it, by pseudonym; the unit still answers (R-005)."""

    type: Literal["assign"] = "assign"
    handover_id: str
    to: ShortText


class Release(Value):
    """Nobody in particular sees to it any more."""

    type: Literal["release"] = "release"
    handover_id: str


class ReportFirstContact(Value):
    """The new holder has met or spoken to the patient."""

    type: Literal["report_first_contact"] = "report_first_contact"
    handover_id: str
    at: Instant
    call: PhoneCall | None = None


class CompleteHandover(Value):
    """What was asked for is done; the outcome goes to the sender."""

    type: Literal["complete_handover"] = "complete_handover"
    handover_id: str
    outcome: LongText
    goals: Literal["met", "partly_met", "not_met", "not_set"]
    call: PhoneCall | None = None


class RecordCall(Value):
    """A call to a unit without a system: *no answer* is an outcome too."""

    type: Literal["record_call"] = "record_call"
    handover_id: str
    outcome: CallOutcome
    at: Instant
    note: ShortText | None = None


class ConfirmAnswer(Value):
    """Confirm an answer that was entered late: by the receiver, or by a second person."""

    type: Literal["confirm_answer"] = "confirm_answer"
    handover_id: str


class Resume(Value):
    """Let a handover that was on hold go on, perhaps with a new estimate."""

    type: Literal["resume"] = "resume"
    handover_id: str
    estimated_at: Instant | None = None


SenderCommand = (
    ChangeEstimate
    | Answer
    | TakeProposal
    | RefuseProposal
    | Withdraw
    | RequestCancellation
    | Resume
)
ReceiverCommand = (
    Acknowledge
    | Accept
    | Decline
    | Redirect
    | Ask
    | Propose
    | AnswerCancellation
    | Assign
    | Release
    | ReportFirstContact
    | CompleteHandover
)
HandoverCommand = SenderCommand | ReceiverCommand | Dispute | RecordCall | ConfirmAnswer
SendingCommand = Send | SendBundle | Announce
