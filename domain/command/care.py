"""Commands on the plan, on meetings and the SIP, and on the thread between holders."""

from typing import Annotated, Literal

from pydantic import Field

from domain.meeting import MeetingOutcome, Summons
from domain.plan import Plan
from domain.unit import Unit
from domain.value import Instant, LongText, ShortText, Value

Number = Annotated[int, Field(ge=1)]


class DraftPlan(Value):
    """Write a version that does not hold yet; goals may still lack their date."""

    type: Literal["draft_plan"] = "draft_plan"
    content: Plan
    follows: Number | None = None


class ActivatePlan(Value):
    """Let a draft hold, with its last words; the own provider's earlier version is revised."""

    type: Literal["activate_plan"] = "activate_plan"
    number: Number
    content: Plan


class ClosePlan(Value):
    """End the version that holds."""

    type: Literal["close_plan"] = "close_plan"
    number: Number
    reason: LongText


class CallMeeting(Value):
    """Call units to a meeting, or call them anew to one that has changed.

    `units` are those called, as the catalogue has them.
    """

    type: Literal["call_meeting"] = "call_meeting"
    meeting_id: str
    summons: Summons
    units: tuple[Unit, ...]


class CancelMeeting(Value):
    """The meeting will not be held."""

    type: Literal["cancel_meeting"] = "cancel_meeting"
    meeting_id: str
    reason: ShortText


class HoldMeeting(Value):
    """The meeting was held: who took part, and what was decided."""

    type: Literal["hold_meeting"] = "hold_meeting"
    meeting_id: str
    at: Instant
    outcome: MeetingOutcome


class DecideSip(Value):
    """Whether a coordinated individual plan is needed; one side's judgement is enough."""

    type: Literal["decide_sip"] = "decide_sip"
    needed: bool
    reason: LongText


class RecordSipConsent(Value):
    """What the patient says to a SIP (lag 2017:612 4:2)."""

    type: Literal["record_sip_consent"] = "record_sip_consent"
    given: bool
    at: Instant


class CloseSip(Value):
    """The SIP has been followed up and ends."""

    type: Literal["close_sip"] = "close_sip"
    reason: LongText


class PostMessage(Value):
    """Write to the other holders; it replaces no command."""

    type: Literal["post_message"] = "post_message"
    text: LongText


class ReadMessages(Value):
    """The unit has read the thread up to here."""

    type: Literal["read_messages"] = "read_messages"
    up_to: Number


PlanCommand = DraftPlan | ActivatePlan | ClosePlan
MeetingCommand = CallMeeting | CancelMeeting | HoldMeeting | DecideSip | RecordSipConsent | CloseSip
ThreadCommand = PostMessage | ReadMessages
