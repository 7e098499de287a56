"""Commands that record facts about the patient; from the first day, at any state."""

from typing import Annotated, Literal

from pydantic import Field

from domain.facts import Closing, Guardian, Protection, SafetyNet
from domain.patient import Patient
from domain.rulebook import CareForm
from domain.stay import Effort
from domain.unit import Municipality
from domain.value import Instant, LongText, ShortText, Value


class RecordDeparture(Value):
    """The patient has left the unit; never blocked."""

    type: Literal["record_departure"] = "record_departure"
    at: Instant
    to: ShortText
    safety_net: SafetyNet | None = None


class RecordSafetyNet(Value):
    """Who calls the patient who has left while nobody has taken over, and when."""

    type: Literal["record_safety_net"] = "record_safety_net"
    safety_net: SafetyNet


class RecordSafetyCall(Value):
    """That call was made, or tried."""

    type: Literal["record_safety_call"] = "record_safety_call"
    at: Instant
    outcome: Literal["well", "needs_help", "no_answer"]
    next_call_at: Instant | None = None


class RecordAdmission(Value):
    """The patient is in hospital: open handovers wait.

    `efforts` are what the physician judges at once that the patient may need afterwards.
    """

    type: Literal["record_admission"] = "record_admission"
    at: Instant
    form: CareForm = CareForm.SOMATIC
    efforts: Annotated[tuple[Effort, ...], Field(max_length=3)] = ()


class RecordReady(Value):
    """Ready for discharge, and those concerned are told (lag (2017:612) 3 kap. 1 §).

    Each waiting handover is resumed, changed or withdrawn. The notice counts from now, when it is
    sent; `told_by_hand` says that a person told them `at` that instant.
    """

    type: Literal["record_ready"] = "record_ready"
    at: Instant
    told_by_hand: bool = False


class RecordDeath(Value):
    """The patient has died: everything falls silent in one transaction."""

    type: Literal["record_death"] = "record_death"
    at: Instant


class UndoDeath(Value):
    """It was a mistake: everything that fell silent runs again."""

    type: Literal["undo_death"] = "undo_death"
    reason: LongText


class ConfirmClosing(Value):
    """The holder has seen to what remains after a death; the journey closes."""

    type: Literal["confirm_closing"] = "confirm_closing"
    done: Annotated[tuple[Closing, ...], Field(min_length=1, max_length=10)]
    note: LongText | None = None


class RecordMove(Value):
    """The patient lives in another municipality now; holders stay until somebody takes over."""

    type: Literal["record_move"] = "record_move"
    at: Instant
    municipality: Municipality


class ChangeProtection(Value):
    """The patient's personal data are protected now, or no longer."""

    type: Literal["change_protection"] = "change_protection"
    at: Instant
    protection: Protection


class Identify(Value):
    """The patient with a reserve number has got a personal identity number."""

    type: Literal["identify"] = "identify"
    patient_id: str
    patient: Patient
    protection: Protection = Protection.NONE
    overlap_reason: ShortText | None = None


class RecordGuardians(Value):
    """The guardians of a child, and what they have said."""

    type: Literal["record_guardians"] = "record_guardians"
    guardians: Annotated[tuple[Guardian, ...], Field(min_length=1, max_length=4)]


class ReportFact(Value):
    """Another journey of the same patient has recorded a fact; its holder here judges it."""

    type: Literal["report_fact"] = "report_fact"
    fact: ShortText


FactCommand = (
    RecordDeparture
    | RecordSafetyNet
    | RecordSafetyCall
    | RecordAdmission
    | RecordReady
    | RecordDeath
    | UndoDeath
    | ConfirmClosing
    | RecordMove
    | ChangeProtection
    | Identify
    | RecordGuardians
    | ReportFact
)
