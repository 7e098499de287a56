"""Events that are facts about the patient."""

from typing import Literal

from domain.facts import Closing, Guardian, Protection, SafetyNet
from domain.rulebook import CareForm
from domain.stay import Effort
from domain.value import HsaId, Instant, ShortText, Value


class PatientLeft(Value):
    """The patient left a unit."""

    type: Literal["patient_left"] = "patient_left"
    from_unit: HsaId
    at: Instant
    to: ShortText


class SafetyNetRecorded(Value):
    """Who calls the patient who has left, and when."""

    type: Literal["safety_net_recorded"] = "safety_net_recorded"
    safety_net: SafetyNet


class SafetyCallMade(Value):
    """The patient who has left was called."""

    type: Literal["safety_call_made"] = "safety_call_made"
    at: Instant
    outcome: Literal["well", "needs_help", "no_answer"]
    next_call_at: Instant | None


class PatientAdmitted(Value):
    """The patient is in hospital."""

    type: Literal["patient_admitted"] = "patient_admitted"
    unit: HsaId
    at: Instant
    form: CareForm = CareForm.SOMATIC
    efforts: tuple[Effort, ...] = ()


class PatientReady(Value):
    """The patient is ready for discharge."""

    type: Literal["patient_ready"] = "patient_ready"
    unit: HsaId
    at: Instant
    told_by_hand: bool = False


class PatientDied(Value):
    """The patient has died; nobody is told anything more but that."""

    type: Literal["patient_died"] = "patient_died"
    at: Instant


class DeathUndone(Value):
    """The death was recorded by mistake."""

    type: Literal["death_undone"] = "death_undone"
    reason: str


class ClosingConfirmed(Value):
    """What remained after a death has been seen to."""

    type: Literal["closing_confirmed"] = "closing_confirmed"
    done: tuple[Closing, ...]
    note: str | None


class PatientMoved(Value):
    """The patient lives in another municipality."""

    type: Literal["patient_moved"] = "patient_moved"
    at: Instant
    municipality: str


class ProtectionChanged(Value):
    """The patient's personal data are protected, or no longer."""

    type: Literal["protection_changed"] = "protection_changed"
    at: Instant
    protection: Protection


class PatientIdentified(Value):
    """The patient has got a personal identity number; the number itself is not in the log."""

    type: Literal["patient_identified"] = "patient_identified"
    patient_id: str
    system: str


class GuardiansRecorded(Value):
    """The guardians of a child, and what they have said."""

    type: Literal["guardians_recorded"] = "guardians_recorded"
    guardians: tuple[Guardian, ...]


class FactReported(Value):
    """Another journey of the same patient has recorded a fact; nothing changes by that here."""

    type: Literal["fact_reported"] = "fact_reported"
    fact: ShortText
    by: HsaId


FactHappening = (
    PatientLeft
    | SafetyNetRecorded
    | SafetyCallMade
    | PatientAdmitted
    | PatientReady
    | PatientDied
    | DeathUndone
    | ClosingConfirmed
    | PatientMoved
    | ProtectionChanged
    | PatientIdentified
    | GuardiansRecorded
    | FactReported
)
