"""What leaves in an export of journeys: listed, event type by event type; what is not stays.

Ids, keys, codes, numbers, instants and units leave. Free text, patients and staff never do, and
neither does any event of `STAYS`. That nothing listed can hold free text is tested.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

from domain import event as ev
from domain.event import Happening

AttributeType = Literal["string", "time", "integer", "float", "boolean"]


_TYPES: dict[str, AttributeType] = {kind: kind for kind in get_args(AttributeType)}


class Leaves(NamedTuple):
    """What leaves of an event type: codes by where they stand, with their types, and units."""

    codes: Mapping[str, AttributeType]
    units: tuple[str, ...]


def _say(codes: str = "", units: str = "") -> Leaves:
    """Names of fields, with dots between; what is no string names its type."""
    pairs = (code.partition(":") for code in codes.split())
    typed = {path: _TYPES[kind or "string"] for path, _, kind in pairs}
    return Leaves(typed, tuple(units.split()))


_DELAY = "delay.reason delay.profession"
LEAVES: dict[type[Happening], Leaves] = {
    ev.JourneyStarted: _say("referral.initiator", "unit"),
    ev.PersonAnswered: _say(),
    ev.StepOpened: _say(),
    ev.StepCompleted: _say(),
    ev.StepNotNeeded: _say(),
    ev.StepNeeded: _say(),
    ev.StepSkipped: _say(),
    ev.StepDoneBefore: _say(),
    ev.StepExtended: _say(_DELAY),
    ev.StepReopened: _say(),
    ev.StepAdded: _say(),
    ev.StepRepeated: _say("round:integer"),
    ev.RepetitionEnded: _say(),
    ev.VisitRecorded: _say("visit.place visit.mode number:integer"),
    ev.DelayRecorded: _say(_DELAY),
    ev.WaitingBegan: _say("why"),
    ev.WaitingEnded: _say(),
    ev.GuidanceOpened: _say(),
    ev.PeriodStarted: _say("period:integer"),
    ev.PartStarted: _say(units="holder"),
    ev.JourneyAbsorbed: _say(),
    ev.JourneyClosed: _say("reason profession"),
    ev.HandoverAnnounced: _say("purpose profile estimated_at:time", "from_unit to"),
    ev.HandoverSent: _say("purpose profile", "from_unit to"),
    ev.EstimateChanged: _say("estimated_at:time"),
    ev.HandoverReceived: _say(),
    ev.HandoverAcknowledged: _say("provisional:boolean"),
    ev.HandoverAccepted: _say(f"takes_over.when {_DELAY} standing:boolean provisional:boolean"),
    ev.HandoverTakenOver: _say(),
    ev.HandoverReleased: _say(),
    ev.HandoverDeclined: _say(f"reason {_DELAY} provisional:boolean", "proposes"),
    ev.HandoverRedirected: _say(units="to"),
    ev.RedirectStopped: _say("because", "to"),
    ev.QuestionAsked: _say(),
    ev.QuestionAnswered: _say(),
    ev.HandoverProposed: _say("takes_over.when"),
    ev.ProposalRefused: _say(),
    ev.HandoverWithdrawn: _say("reason"),
    ev.CancellationRequested: _say(),
    ev.CancellationRefused: _say(),
    ev.HandoverDisputed: _say(units="by"),
    ev.HandoverAssigned: _say(),
    ev.AssignmentEnded: _say(),
    ev.FirstContactReported: _say("provisional:boolean"),
    ev.HandoverCompleted: _say("goals provisional:boolean"),
    ev.HandoverHeld: _say(),
    ev.HandoverResumed: _say(),
    ev.HandoverCeased: _say(),
    ev.PartReturned: _say(units="to"),
    ev.CallTaskOpened: _say("task.rung task.function"),
    ev.CallMade: _say("outcome"),
    ev.AnswerConfirmed: _say("by"),
    ev.PatientLeft: _say(units="from_unit"),
    ev.SafetyNetRecorded: _say(),
    ev.SafetyCallMade: _say(),
    ev.PatientAdmitted: _say(units="unit"),
    ev.PatientReady: _say("told_by_hand:boolean", "unit"),
    ev.PatientDied: _say(),
    ev.DeathUndone: _say(),
    ev.ClosingConfirmed: _say(),
    ev.AftercareJudged: _say("stay:integer"),
    ev.AdmissionNoticeSent: _say("stay:integer by_hand:boolean", "to"),
    ev.DischargeEstimated: _say("stay:integer estimated_at:time"),
    ev.PlanningStarted: _say("stay:integer", "unit"),
    ev.CareContactNamed: _say("stay:integer", "care_contact.unit"),
    ev.ReadyWithdrawn: _say("stay:integer"),
    ev.RegionCareStated: _say("region_care stay:integer"),
    ev.InformationGiven: _say("to stay:integer"),
    ev.PlanDrafted: _say(),
    ev.PlanActivated: _say("revises:integer"),
    ev.PlanClosed: _say("number:integer"),
    ev.MeetingCalled: _say("summons.kind summons.mode because revision:integer", "by units"),
    ev.MeetingCancelled: _say(),
    ev.MeetingHeld: _say(),
    ev.SipDecided: _say("needed:boolean", "by"),
    ev.SipConsentRecorded: _say(),
    ev.SipClosed: _say(),
    ev.MessagePosted: _say("number:integer", "by"),
    ev.MessagesRead: _say("up_to:integer", "by"),
    ev.UnitSucceeded: _say(units="old to"),
    ev.PathwayMigrated: _say("definition.version:integer"),
    ev.MigrationUndone: _say(),
    ev.ClockStarted: _say("clock.due_at:time", "clock.owner clock.counterpart"),
    ev.ClockMoved: _say("because clock.due_at:time", "clock.owner clock.counterpart"),
    ev.ClockStopped: _say("because"),
    ev.ClockSnoozed: _say(units="snooze.unit"),
    ev.RungFired: _say("rung cause outcome number:integer alarm:boolean due_at:time", "told.unit"),
}
# No part of the process, or too near the person.
STAYS: tuple[type[Happening], ...] = (
    ev.CalendarAdopted,
    ev.RulesAdopted,
    ev.UnitAdopted,
    ev.PatientMoved,
    ev.ProtectionChanged,
    ev.PatientIdentified,
    ev.GuardiansRecorded,
    ev.FactReported,
)
COMMON: dict[str, AttributeType] = {
    "pathway": "string",
    "version": "integer",
    "seq": "integer",
    "decided_at": "time",
}
OF_STEP: dict[str, AttributeType] = {"step": "string", "step_kind": "string"}
OF_CLOCK: dict[str, AttributeType] = {"clock": "string", "late": "boolean"}
LATE: dict[str, AttributeType] = {"late": "boolean"}
EARLY: dict[str, AttributeType] = {"early": "boolean"}
OBJECTS: dict[str, dict[str, AttributeType]] = {
    "journey": {"pathway": "string", "version": "integer"},
    "step": {
        "key": "string",
        "kind": "string",
        "part": "string",
        "period": "integer",
        "added": "boolean",
        "due_at": "time",
    },
    "handover": {"purpose": "string", "profile": "string"},
    "part": {"key": "string"},
    "unit": {"kind": "string", "sector": "string", "organisation": "string"},
}
QUALIFIERS = {
    "from_unit": "from",
    "old": "from",
    "to": "to",
    "by": "by",
    "snooze.unit": "by",
    "unit": "at",
    "care_contact.unit": "at",
    "holder": "held by",
    "proposes": "proposed",
    "units": "called",
    "told.unit": "told",
    "clock.owner": "owed by",
    "clock.counterpart": "owed to",
}


def declared(kind: type[Happening]) -> dict[str, AttributeType]:
    """Every attribute that events of a type may have in the export."""
    found = COMMON | {path.replace(".", "_"): of for path, of in LEAVES[kind].codes.items()}
    named, about_clock = kind.model_fields, {"clock", "clock_id"} & kind.model_fields.keys()
    if about_clock or {"step", "subject"} & named.keys() or kind is ev.StepAdded:
        found |= OF_STEP
    if about_clock:
        found |= OF_CLOCK
    if "step" in named:
        found |= LATE
    return found | EARLY if kind is ev.StepCompleted else found
