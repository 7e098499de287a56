"""Events of the plan, of meetings and the SIP, and of the thread between holders."""

from typing import Literal

from domain.meeting import MeetingOutcome, Summons
from domain.plan import Plan, PlanVersion
from domain.unit import Unit
from domain.value import HsaId, Instant, Value


class PlanDrafted(Value):
    """A version that does not hold yet."""

    type: Literal["plan_drafted"] = "plan_drafted"
    version: PlanVersion
    content: Plan


class PlanActivated(Value):
    """A version holds; the own provider's earlier one is revised."""

    type: Literal["plan_activated"] = "plan_activated"
    version: PlanVersion
    content: Plan
    revises: int | None


class PlanClosed(Value):
    """A version ended."""

    type: Literal["plan_closed"] = "plan_closed"
    number: int
    reason: str


class MeetingCalled(Value):
    """Units were called to a meeting, or anew to one that changed."""

    type: Literal["meeting_called"] = "meeting_called"
    meeting_id: str
    summons: Summons
    by: HsaId
    revision: int
    because: Literal["called", "place_hidden"] = "called"
    units: tuple[Unit, ...] = ()


class MeetingCancelled(Value):
    """A meeting will not be held."""

    type: Literal["meeting_cancelled"] = "meeting_cancelled"
    meeting_id: str
    reason: str


class MeetingHeld(Value):
    """A meeting was held."""

    type: Literal["meeting_held"] = "meeting_held"
    meeting_id: str
    at: Instant
    outcome: MeetingOutcome


class SipDecided(Value):
    """Whether a SIP is needed."""

    type: Literal["sip_decided"] = "sip_decided"
    needed: bool
    by: HsaId
    reason: str


class SipConsentRecorded(Value):
    """What the patient says to a SIP."""

    type: Literal["sip_consent_recorded"] = "sip_consent_recorded"
    given: bool
    at: Instant


class SipClosed(Value):
    """The SIP has ended."""

    type: Literal["sip_closed"] = "sip_closed"
    reason: str


class MessagePosted(Value):
    """A holder wrote to the others."""

    type: Literal["message_posted"] = "message_posted"
    number: int
    by: HsaId
    text: str


class MessagesRead(Value):
    """A unit has read the thread up to here."""

    type: Literal["messages_read"] = "messages_read"
    by: HsaId
    up_to: int


CareHappening = (
    PlanDrafted
    | PlanActivated
    | PlanClosed
    | MeetingCalled
    | MeetingCancelled
    | MeetingHeld
    | SipDecided
    | SipConsentRecorded
    | SipClosed
    | MessagePosted
    | MessagesRead
)
