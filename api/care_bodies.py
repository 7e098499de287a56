"""What callers send about plans, meetings, the SIP and the thread: closed bodies."""

from typing import Annotated, Any

from pydantic import Field

from api.bodies import UNIT, example
from domain.meeting import MeetingOutcome, Summons
from domain.plan import Plan
from domain.value import Instant, LongText, ShortText, Value

STROKE_UNIT = "SE0000000000-TESTRVMSTROKE1"
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]

_PLAN: dict[str, Any] = {
    "kind": "plan",
    "summary_assessment": "Nedsatt balans och kraft i höger sida.",
    "goals": [
        {
            "own_words": "Gå till brevlådan.",
            "baseline": "Går tio meter med stöd.",
            "target": "Går trehundra meter själv.",
            "target_date": "2030-03-01",
            "icf": "d450",
        }
    ],
    "measures": [{"text": "Gångträning", "profession": "FT", "frequency": "tre gånger i veckan"}],
    "follow_up_on": "2030-03-15",
    "participation": {"patient": "took_part", "close_person": "offered_declined"},
    "author_profession": "FT",
}
_SIP: dict[str, Any] = {
    "items": [
        {
            "need": "Hjälp på morgonen.",
            "goal_own_words": "Klä mig själv.",
            "goal_professional": "Självständig påklädning.",
            "effort": "Träning vid påklädning varje morgon.",
            "responsible": UNIT,
        }
    ],
    "main_responsibility": "municipality",
    "plan_owner": UNIT,
    "follow_up_on": "2030-03-15",
}


class DraftPlanBody(Value):
    """Write a version that does not hold yet; `follows` is the version that it builds on."""

    model_config = example({"content": _PLAN, "follows": 1})
    content: Plan
    follows: Number | None = None


class ActivatePlanBody(Value):
    """Let a draft hold, with its last words."""

    model_config = example({"content": _PLAN})
    content: Plan


class ClosePlanBody(Value):
    """End a version."""

    model_config = example({"reason": "Målen är nådda."})
    reason: LongText


class MeetingBody(Summons):
    """Call units to a meeting: when, how, for how long, and which units; never persons."""

    model_config = example(
        {
            "kind": "goal",
            "starts_at": "2027-02-01T13:15:00+01:00",
            "minutes": 60,
            "mode": "in_person",
            "place": "Samtalsrum 2, plan 3",
            "units": [STROKE_UNIT, UNIT],
        }
    )


class CancelMeetingBody(Value):
    """The meeting will not be held."""

    model_config = example({"reason": "Patienten är förkyld."})
    reason: ShortText


class HoldMeetingBody(Value):
    """The meeting was held; a SIP meeting, and no other, has the plan's content."""

    model_config = example(
        {
            "at": "2026-11-20T13:15:00+01:00",
            "outcome": {
                "participants": [STROKE_UNIT, UNIT],
                "participation": {"patient": "took_part"},
                "decisions": "Hem på fredag, första besök på måndag.",
                "sip": _SIP,
            },
        }
    )
    at: Instant
    outcome: MeetingOutcome


class SipNeedBody(Value):
    """Whether a coordinated individual plan is needed."""

    model_config = example(
        {"needed": True, "reason": "Insatser behövs från både region och kommun."}
    )
    needed: bool
    reason: LongText


class SipConsentBody(Value):
    """What the patient says to a coordinated individual plan."""

    model_config = example({"given": True, "at": "2026-11-20T10:30:00+01:00"})
    given: bool
    at: Instant


class SipCloseBody(Value):
    """End the coordinated individual plan."""

    model_config = example({"reason": "Uppföljd; insatserna är klara."})
    reason: LongText


class MessageBody(Value):
    """Write to the other holders."""

    model_config = example({"text": "Nyckeln hämtas hos grannen. Ring gärna dagen innan."})
    text: LongText


class ReadBody(Value):
    """The unit has read up to and with this message."""

    model_config = example({"up_to": 3})
    up_to: Number
