"""The tables. Classes have no methods and never leave this room."""

from store.tables.base import core
from store.tables.care import MeetingRow, PlanRow, PostRow
from store.tables.design import (
    CoverageProofRow,
    GapAcceptanceRow,
    MigrationResultRow,
    MigrationRow,
    PathwayApprovalRow,
    PathwayDraftRow,
    PathwayStandingRow,
)
from store.tables.handover import AttachmentRow, HandoverRow, MessageRow
from store.tables.journey import (
    ClockRow,
    EventRow,
    FiringRow,
    InvolvedRow,
    JourneyRow,
    PartRow,
    PatientRow,
    StepRow,
    VisitRow,
    WaitRow,
)
from store.tables.reference import (
    CalendarRow,
    LaddersRow,
    OrganisationRow,
    PathwayRow,
    RulebookRow,
    UnitChangeRow,
    UnitRow,
)
from store.tables.stay import StayRow
from store.tables.telling import (
    AccessLogRow,
    AnswerRow,
    DeliveryAttemptRow,
    InboxMessageRow,
    NoticeRow,
    ResendRow,
    WebhookRow,
)
from store.tables.watch import PulseRow, SweepRow

__all__ = [
    "AccessLogRow",
    "AnswerRow",
    "AttachmentRow",
    "CalendarRow",
    "ClockRow",
    "CoverageProofRow",
    "DeliveryAttemptRow",
    "EventRow",
    "FiringRow",
    "GapAcceptanceRow",
    "HandoverRow",
    "InboxMessageRow",
    "InvolvedRow",
    "JourneyRow",
    "LaddersRow",
    "MeetingRow",
    "MessageRow",
    "MigrationResultRow",
    "MigrationRow",
    "NoticeRow",
    "OrganisationRow",
    "PartRow",
    "PathwayApprovalRow",
    "PathwayDraftRow",
    "PathwayRow",
    "PathwayStandingRow",
    "PatientRow",
    "PlanRow",
    "PostRow",
    "PulseRow",
    "ResendRow",
    "RulebookRow",
    "StayRow",
    "StepRow",
    "SweepRow",
    "UnitChangeRow",
    "UnitRow",
    "VisitRow",
    "WaitRow",
    "WebhookRow",
    "access_log",
    "answer",
    "attachment",
    "calendar",
    "clock",
    "coverage_proof",
    "delivery_attempt",
    "event",
    "firing",
    "gap_acceptance",
    "handover",
    "inbox_message",
    "involved",
    "journey",
    "ladders",
    "meeting",
    "message",
    "migration",
    "migration_result",
    "notice",
    "organisation",
    "part",
    "pathway",
    "pathway_approval",
    "pathway_draft",
    "pathway_standing",
    "patient",
    "plan",
    "post",
    "pulse",
    "resend",
    "rulebook",
    "stay",
    "step",
    "sweep",
    "unit",
    "unit_change",
    "visit",
    "wait",
    "webhook",
]

organisation = core(OrganisationRow)
unit = core(UnitRow)
unit_change = core(UnitChangeRow)
pathway = core(PathwayRow)
coverage_proof = core(CoverageProofRow)
gap_acceptance = core(GapAcceptanceRow)
migration_result = core(MigrationResultRow)
migration = core(MigrationRow)
pathway_approval = core(PathwayApprovalRow)
pathway_draft = core(PathwayDraftRow)
pathway_standing = core(PathwayStandingRow)
ladders = core(LaddersRow)
calendar = core(CalendarRow)
rulebook = core(RulebookRow)
patient = core(PatientRow)
journey = core(JourneyRow)
event = core(EventRow)
involved = core(InvolvedRow)
part = core(PartRow)
step = core(StepRow)
handover = core(HandoverRow)
message = core(MessageRow)
clock = core(ClockRow)
firing = core(FiringRow)
visit = core(VisitRow)
notice = core(NoticeRow)
inbox_message = core(InboxMessageRow)
plan = core(PlanRow)
meeting = core(MeetingRow)
stay = core(StayRow)
post = core(PostRow)
wait = core(WaitRow)
answer = core(AnswerRow)
attachment = core(AttachmentRow)
delivery_attempt = core(DeliveryAttemptRow)
resend = core(ResendRow)
webhook = core(WebhookRow)
access_log = core(AccessLogRow)
pulse = core(PulseRow)
sweep = core(SweepRow)
