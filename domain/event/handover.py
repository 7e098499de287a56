"""Events of a handover: from the pre-notice to the outcome."""

from typing import Literal

from domain.call import CallOutcome, CallTask, PaperAnswer, PhoneCall
from domain.delay import Delay
from domain.handover import DeclineReason, TakesOver, WithdrawReason
from domain.pathway import Purpose
from domain.profile import Profile
from domain.template import HandoverContent, LegalBasis
from domain.unit import Unit
from domain.value import HsaId, Instant, Key, ShortText, Value


class HandoverSent(Value):
    """A handover was sent; the part stays with the sender."""

    type: Literal["handover_sent"] = "handover_sent"
    handover_id: str
    part: Key
    purpose: Purpose
    step: Key | None
    from_unit: HsaId
    to: Unit
    content: HandoverContent
    bundle: str | None = None
    resends: str | None = None
    profile: Profile = Profile.HEALTH_CARE
    withheld: tuple[str, ...] = ()
    plan_version: int | None = None
    stand_ins: tuple[Unit, ...] = ()


class HandoverReceived(Value):
    """A machine at the receiver has it; stops nothing but its own clock (promise 3)."""

    type: Literal["handover_received"] = "handover_received"
    handover_id: str


class HandoverAcknowledged(Value):
    """A person at the receiver has read it."""

    type: Literal["handover_acknowledged"] = "handover_acknowledged"
    handover_id: str
    call: PhoneCall | None = None
    paper: PaperAnswer | None = None
    provisional: bool = False


class HandoverAccepted(Value):
    """The receiver has promised to take over; the holder has not changed yet."""

    type: Literal["handover_accepted"] = "handover_accepted"
    handover_id: str
    takes_over: TakesOver
    delay: Delay | None = None
    standing: bool = False
    call: PhoneCall | None = None
    paper: PaperAnswer | None = None
    provisional: bool = False


class HandoverTakenOver(Value):
    """The take-over instant: the part changes hands (promise 1)."""

    type: Literal["handover_taken_over"] = "handover_taken_over"
    handover_id: str


class HandoverReleased(Value):
    """The part has gone on, or the journey has ended; no first contact is owed any more."""

    type: Literal["handover_released"] = "handover_released"
    handover_id: str


class HandoverDeclined(Value):
    """The receiver said no; the part is where it was."""

    type: Literal["handover_declined"] = "handover_declined"
    handover_id: str
    reason: DeclineReason
    text: str | None
    proposes: HsaId | None
    delay: Delay | None = None
    call: PhoneCall | None = None
    paper: PaperAnswer | None = None
    provisional: bool = False


class HandoverRedirected(Value):
    """Passed on inside the organisation; due did not move later (promise 4)."""

    type: Literal["handover_redirected"] = "handover_redirected"
    handover_id: str
    to: Unit
    reason: ShortText
    stand_ins: tuple[Unit, ...] = ()


class RedirectStopped(Value):
    """A loop or too many hops: it stays where it is, and a named function is told (promise 4)."""

    type: Literal["redirect_stopped"] = "redirect_stopped"
    handover_id: str
    to: HsaId
    because: Literal["loop", "too_many_hops"]


class QuestionAsked(Value):
    """The receiver asked the sender."""

    type: Literal["question_asked"] = "question_asked"
    handover_id: str
    question: str


class QuestionAnswered(Value):
    """The sender answered."""

    type: Literal["question_answered"] = "question_answered"
    handover_id: str
    answer: str


class HandoverWithdrawn(Value):
    """The sender took it back; the receiver's access ends."""

    type: Literal["handover_withdrawn"] = "handover_withdrawn"
    handover_id: str
    reason: WithdrawReason
    text: str | None


class FirstContactReported(Value):
    """The new holder has met the patient."""

    type: Literal["first_contact_reported"] = "first_contact_reported"
    handover_id: str
    at: Instant
    call: PhoneCall | None = None
    provisional: bool = False


class HandoverAnnounced(Value):
    """A unit was told beforehand that a handover comes."""

    type: Literal["handover_announced"] = "handover_announced"
    handover_id: str
    part: Key
    purpose: Purpose
    from_unit: HsaId
    to: Unit
    estimated_at: Instant
    requested: str
    legal_basis: LegalBasis
    profile: Profile
    stand_ins: tuple[Unit, ...] = ()


class EstimateChanged(Value):
    """The discharge is expected at another time."""

    type: Literal["estimate_changed"] = "estimate_changed"
    handover_id: str
    estimated_at: Instant
    reason: str | None


class HandoverProposed(Value):
    """The receiver offers other terms."""

    type: Literal["handover_proposed"] = "handover_proposed"
    handover_id: str
    takes_over: TakesOver
    text: str | None


class ProposalRefused(Value):
    """The sender keeps to its own terms."""

    type: Literal["proposal_refused"] = "proposal_refused"
    handover_id: str
    reason: str


class CancellationRequested(Value):
    """The sender asks to be let off what was agreed."""

    type: Literal["cancellation_requested"] = "cancellation_requested"
    handover_id: str
    reason: str


class CancellationRefused(Value):
    """The receiver holds on to what was agreed."""

    type: Literal["cancellation_refused"] = "cancellation_refused"
    handover_id: str
    text: str | None


class HandoverDisputed(Value):
    """The sides do not agree on whose responsibility it is; named functions are told."""

    type: Literal["handover_disputed"] = "handover_disputed"
    handover_id: str
    by: HsaId
    reason: str


class HandoverAssigned(Value):
    """Somebody at the receiving unit sees to it; the unit still answers."""

    type: Literal["handover_assigned"] = "handover_assigned"
    handover_id: str
    to: ShortText


class AssignmentEnded(Value):
    """Nobody in particular sees to it any more."""

    type: Literal["assignment_ended"] = "assignment_ended"
    handover_id: str


class HandoverCompleted(Value):
    """What was asked for is done; the sender gets the outcome."""

    type: Literal["handover_completed"] = "handover_completed"
    handover_id: str
    outcome: str
    goals: Literal["met", "partly_met", "not_met", "not_set"]
    call: PhoneCall | None = None
    provisional: bool = False


class HandoverHeld(Value):
    """The patient is in hospital: the handover waits."""

    type: Literal["handover_held"] = "handover_held"
    handover_id: str


class HandoverResumed(Value):
    """The handover goes on."""

    type: Literal["handover_resumed"] = "handover_resumed"
    handover_id: str


class HandoverCeased(Value):
    """The journey ended before it was answered or taken over."""

    type: Literal["handover_ceased"] = "handover_ceased"
    handover_id: str


class PartReturned(Value):
    """A part went back to the sender: what had been taken over was never meant for the receiver."""

    type: Literal["part_returned"] = "part_returned"
    handover_id: str
    part: Key
    to: HsaId


class CallTaskOpened(Value):
    """The receiver has no system: somebody owes it a call."""

    type: Literal["call_task_opened"] = "call_task_opened"
    handover_id: str
    task: CallTask


class CallMade(Value):
    """A call to a unit without a system, and its outcome."""

    type: Literal["call_made"] = "call_made"
    handover_id: str
    outcome: CallOutcome
    at: Instant
    note: str | None = None


class AnswerConfirmed(Value):
    """An answer that was entered late was confirmed."""

    type: Literal["answer_confirmed"] = "answer_confirmed"
    handover_id: str
    by: Literal["receiver", "second_person"]


HandoverHappening = (
    HandoverAnnounced
    | HandoverSent
    | EstimateChanged
    | HandoverReceived
    | HandoverAcknowledged
    | HandoverAccepted
    | HandoverTakenOver
    | HandoverReleased
    | HandoverDeclined
    | HandoverRedirected
    | RedirectStopped
    | QuestionAsked
    | QuestionAnswered
    | HandoverProposed
    | ProposalRefused
    | HandoverWithdrawn
    | CancellationRequested
    | CancellationRefused
    | HandoverDisputed
    | HandoverAssigned
    | AssignmentEnded
    | FirstContactReported
    | HandoverCompleted
    | HandoverHeld
    | HandoverResumed
    | HandoverCeased
    | PartReturned
    | CallTaskOpened
    | CallMade
    | AnswerConfirmed
)
