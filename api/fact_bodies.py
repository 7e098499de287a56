"""What callers send about the patient: facts that change what everybody owes."""

from typing import Annotated, Literal

from pydantic import Field

from api.bodies import PatientBody, example
from domain.facts import Closing, Guardian, Protection, SafetyNet
from domain.unit import Municipality
from domain.value import Instant, LongText, ShortText, Value

AT = "2026-11-20T10:30:00+01:00"
NET = {
    "caller": "Samordnare strokeenheten",
    "call_at": "2026-11-21T09:00:00+01:00",
    "number": "010-000 00 00",
}


class DepartureBody(Value):
    """The patient has left the unit, perhaps with somebody who will call."""

    model_config = example({"at": AT, "to": "Ordinärt boende", "safety_net": NET})
    at: Instant
    to: ShortText
    safety_net: SafetyNet | None = None


class SafetyNetBody(Value):
    """Who calls the patient who has left, when, and the number that was given."""

    model_config = example({"safety_net": NET})
    safety_net: SafetyNet


class SafetyCallBody(Value):
    """How the call went; unless the patient is well, when the next one is made."""

    model_config = example({"at": AT, "outcome": "well"})
    at: Instant
    outcome: Literal["well", "needs_help", "no_answer"]
    next_call_at: Instant | None = None


class AtBody(Value):
    """When it happened."""

    model_config = example({"at": AT})
    at: Instant


class ReadyBody(Value):
    """Since when; `told_by_hand` when those concerned were told at that instant by a person."""

    model_config = example({"at": AT, "told_by_hand": False})
    at: Instant
    told_by_hand: bool = False


class UndoBody(Value):
    """Why it was a mistake."""

    model_config = example({"reason": "Förväxling vid registreringen."})
    reason: LongText


class ClosingBody(Value):
    """What has been seen to after a death."""

    model_config = example({"done": ["units_informed", "visits_cancelled", "aids_returned"]})
    done: Annotated[tuple[Closing, ...], Field(min_length=1, max_length=10)]
    note: LongText | None = None


class MoveBody(Value):
    """The municipality where the patient lives now."""

    model_config = example({"at": AT, "municipality": "1983"})
    at: Instant
    municipality: Municipality


class ProtectionBody(Value):
    """The grade of protection from now on."""

    model_config = example({"at": AT, "protection": "secrecy_marking"})
    at: Instant
    protection: Protection


class IdentityBody(Value):
    """The personal identity number that replaces a reserve number."""

    model_config = example({"patient": {"number": "194408139089", "name": "Testpatient 01"}})
    patient: PatientBody
    overlap_reason: ShortText | None = None


class GuardiansBody(Value):
    """The guardians of a child, and what each has said."""

    model_config = example(
        {
            "guardians": [
                {"label": "Vårdnadshavare 1", "consents": True},
                {"label": "Vårdnadshavare 2", "consents": None},
            ]
        }
    )
    guardians: Annotated[tuple[Guardian, ...], Field(min_length=1, max_length=4)]
