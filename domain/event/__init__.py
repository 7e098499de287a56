"""What has happened: a closed union of events, in order, never changed."""

from typing import Annotated

from pydantic import Field

from domain.event.care import (
    CareHappening,
    MeetingCalled,
    MeetingCancelled,
    MeetingHeld,
    MessagePosted,
    MessagesRead,
    PlanActivated,
    PlanClosed,
    PlanDrafted,
    SipClosed,
    SipConsentRecorded,
    SipDecided,
)
from domain.event.clock import (
    ClockHappening,
    ClockMoved,
    ClockStarted,
    ClockStopped,
    RungFired,
    Told,
)
from domain.event.facts import (
    ClosingConfirmed,
    DeathUndone,
    FactHappening,
    FactReported,
    GuardiansRecorded,
    PatientAdmitted,
    PatientDied,
    PatientIdentified,
    PatientLeft,
    PatientMoved,
    PatientReady,
    ProtectionChanged,
    SafetyCallMade,
    SafetyNetRecorded,
)
from domain.event.handover import (
    AnswerConfirmed,
    AssignmentEnded,
    CallMade,
    CallTaskOpened,
    CancellationRefused,
    CancellationRequested,
    EstimateChanged,
    FirstContactReported,
    HandoverAccepted,
    HandoverAcknowledged,
    HandoverAnnounced,
    HandoverAssigned,
    HandoverCeased,
    HandoverCompleted,
    HandoverDeclined,
    HandoverDisputed,
    HandoverHappening,
    HandoverHeld,
    HandoverProposed,
    HandoverReceived,
    HandoverRedirected,
    HandoverReleased,
    HandoverResumed,
    HandoverSent,
    HandoverTakenOver,
    HandoverWithdrawn,
    PartReturned,
    ProposalRefused,
    QuestionAnswered,
    QuestionAsked,
    RedirectStopped,
)
from domain.event.journey import (
    CalendarAdopted,
    DelayRecorded,
    GuidanceOpened,
    JourneyAbsorbed,
    JourneyClosed,
    JourneyHappening,
    JourneyStarted,
    PartStarted,
    PeriodStarted,
    PersonAnswered,
    StepAdded,
    StepCompleted,
    StepDoneBefore,
    StepExtended,
    StepNeeded,
    StepNotNeeded,
    StepOpened,
    StepReopened,
    StepSkipped,
    VisitRecorded,
    WaitingBegan,
    WaitingEnded,
)
from domain.event.units import (
    UnitAdopted,
    UnitHappening,
    UnitSucceeded,
)
from domain.journey import Actor
from domain.value import Instant, Value

__all__ = [
    "AnswerConfirmed",
    "AssignmentEnded",
    "CalendarAdopted",
    "CallMade",
    "CallTaskOpened",
    "CancellationRefused",
    "CancellationRequested",
    "CareHappening",
    "ClockHappening",
    "ClockMoved",
    "ClockStarted",
    "ClockStopped",
    "ClosingConfirmed",
    "DeathUndone",
    "DelayRecorded",
    "EstimateChanged",
    "Event",
    "FactHappening",
    "FactReported",
    "FirstContactReported",
    "GuardiansRecorded",
    "GuidanceOpened",
    "HandoverAccepted",
    "HandoverAcknowledged",
    "HandoverAnnounced",
    "HandoverAssigned",
    "HandoverCeased",
    "HandoverCompleted",
    "HandoverDeclined",
    "HandoverDisputed",
    "HandoverHappening",
    "HandoverHeld",
    "HandoverProposed",
    "HandoverReceived",
    "HandoverRedirected",
    "HandoverReleased",
    "HandoverResumed",
    "HandoverSent",
    "HandoverTakenOver",
    "HandoverWithdrawn",
    "Happening",
    "JourneyAbsorbed",
    "JourneyClosed",
    "JourneyHappening",
    "JourneyStarted",
    "MeetingCalled",
    "MeetingCancelled",
    "MeetingHeld",
    "MessagePosted",
    "MessagesRead",
    "PartReturned",
    "PartStarted",
    "PatientAdmitted",
    "PatientDied",
    "PatientIdentified",
    "PatientLeft",
    "PatientMoved",
    "PatientReady",
    "PeriodStarted",
    "PersonAnswered",
    "PlanActivated",
    "PlanClosed",
    "PlanDrafted",
    "ProposalRefused",
    "ProtectionChanged",
    "QuestionAnswered",
    "QuestionAsked",
    "RedirectStopped",
    "RungFired",
    "SafetyCallMade",
    "SafetyNetRecorded",
    "SipClosed",
    "SipConsentRecorded",
    "SipDecided",
    "StepAdded",
    "StepCompleted",
    "StepDoneBefore",
    "StepExtended",
    "StepNeeded",
    "StepNotNeeded",
    "StepOpened",
    "StepReopened",
    "StepSkipped",
    "Told",
    "UnitAdopted",
    "UnitHappening",
    "UnitSucceeded",
    "VisitRecorded",
    "WaitingBegan",
    "WaitingEnded",
]

Happening = Annotated[
    JourneyHappening
    | HandoverHappening
    | FactHappening
    | CareHappening
    | UnitHappening
    | ClockHappening,
    Field(discriminator="type"),
]


class Event(Value):
    """One line of a journey's log: what happened, its number, when it became true, by whom.

    `effective_at` is when it was true, `decided_at` when the journey decided it; the store adds
    `recorded_at` and the hash chain.
    """

    seq: Annotated[int, Field(ge=1)]
    effective_at: Instant
    decided_at: Instant
    actor: Actor | None
    what: Happening
