"""What somebody wants: a closed union of commands, and the envelope that carries one."""

from typing import Annotated

from pydantic import Field

from domain.calendar import Calendar
from domain.command.care import (
    ActivatePlan,
    CallMeeting,
    CancelMeeting,
    ClosePlan,
    CloseSip,
    DecideSip,
    DraftPlan,
    HoldMeeting,
    MeetingCommand,
    PlanCommand,
    PostMessage,
    ReadMessages,
    RecordSipConsent,
    ThreadCommand,
)
from domain.command.clock import ClockCommand, SnoozeClock
from domain.command.facts import (
    ChangeProtection,
    ConfirmClosing,
    FactCommand,
    Identify,
    RecordAdmission,
    RecordDeath,
    RecordDeparture,
    RecordGuardians,
    RecordMove,
    RecordReady,
    RecordSafetyCall,
    RecordSafetyNet,
    ReportFact,
    UndoDeath,
)
from domain.command.handover import (
    Accept,
    Acknowledge,
    Announce,
    Answer,
    AnswerCancellation,
    Ask,
    Assign,
    ChangeEstimate,
    CompleteHandover,
    ConfirmAnswer,
    Decline,
    Dispute,
    HandoverCommand,
    Propose,
    RecordCall,
    Redirect,
    RefuseProposal,
    Release,
    ReportFirstContact,
    RequestCancellation,
    Resume,
    Send,
    SendBundle,
    SendingCommand,
    TakeProposal,
    Withdraw,
)
from domain.command.journey import (
    Absorb,
    AddStep,
    AnswerPerson,
    BeginWaiting,
    Close,
    CompleteStep,
    EndWaiting,
    ExtendStep,
    JourneyCommand,
    Merge,
    OpenGuidance,
    Prior,
    RecordDelay,
    RecordVisit,
    ReopenStep,
    SkipStep,
    Start,
    StartPeriod,
)
from domain.command.migration import Choices, LateStep, Migrate, PathwayCommand, UndoMigration
from domain.command.stay import (
    EstimateDischarge,
    GiveInformation,
    JudgeAftercare,
    NameCareContact,
    SendAdmissionNotice,
    StartPlanning,
    StateRegionCare,
    StayCommand,
    WithdrawReady,
)
from domain.command.units import AdoptUnit, Succeed, UnitCommand
from domain.journey import Actor
from domain.rulebook import Rulebook
from domain.value import Value

__all__ = [
    "Absorb",
    "Accept",
    "Acknowledge",
    "ActivatePlan",
    "AddStep",
    "AdoptUnit",
    "Announce",
    "Answer",
    "AnswerCancellation",
    "AnswerPerson",
    "Ask",
    "Assign",
    "BeginWaiting",
    "CallMeeting",
    "CancelMeeting",
    "ChangeEstimate",
    "ChangeProtection",
    "Choices",
    "ClockCommand",
    "Close",
    "ClosePlan",
    "CloseSip",
    "Command",
    "CompleteHandover",
    "CompleteStep",
    "ConfirmAnswer",
    "ConfirmClosing",
    "DecideSip",
    "Decline",
    "Dispute",
    "DraftPlan",
    "EndWaiting",
    "Envelope",
    "EstimateDischarge",
    "ExtendStep",
    "FactCommand",
    "GiveInformation",
    "HandoverCommand",
    "HoldMeeting",
    "Idempotency",
    "Identify",
    "JourneyCommand",
    "JudgeAftercare",
    "LateStep",
    "MeetingCommand",
    "Merge",
    "Migrate",
    "NameCareContact",
    "OpenGuidance",
    "PathwayCommand",
    "PlanCommand",
    "PostMessage",
    "Prior",
    "Propose",
    "ReadMessages",
    "RecordAdmission",
    "RecordCall",
    "RecordDeath",
    "RecordDelay",
    "RecordDeparture",
    "RecordGuardians",
    "RecordMove",
    "RecordReady",
    "RecordSafetyCall",
    "RecordSafetyNet",
    "RecordSipConsent",
    "RecordVisit",
    "Redirect",
    "RefuseProposal",
    "Release",
    "ReopenStep",
    "ReportFact",
    "ReportFirstContact",
    "RequestCancellation",
    "Resume",
    "Send",
    "SendAdmissionNotice",
    "SendBundle",
    "SendingCommand",
    "SkipStep",
    "SnoozeClock",
    "Start",
    "StartPeriod",
    "StartPlanning",
    "StateRegionCare",
    "StayCommand",
    "Succeed",
    "TakeProposal",
    "ThreadCommand",
    "UndoDeath",
    "UndoMigration",
    "UnitCommand",
    "Withdraw",
    "WithdrawReady",
]

Command = Annotated[
    JourneyCommand
    | SendingCommand
    | HandoverCommand
    | FactCommand
    | StayCommand
    | ClockCommand
    | PlanCommand
    | MeetingCommand
    | ThreadCommand
    | UnitCommand
    | PathwayCommand,
    Field(discriminator="type"),
]


class Idempotency(Value):
    """The caller's key and the hash of the body; one answer for ever (promise 8)."""

    principal: str
    key: str
    body_hash: str


class Envelope(Value):
    """A command with who sends it and which facts were resolved for it.

    A `relayed` fact about the patient comes from another journey of the same patient.
    """

    command: Command
    actor: Actor
    idempotency: Idempotency
    correlation_id: str
    expected_seq: int | None = None
    calendar_version: str
    calendar: Calendar | None = None
    rules_version: str | None = None
    rules: Rulebook | None = None
    relayed: bool = False
