"""The tables. Classes have no methods and never leave this room."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Json = dict[str, Any]
INSTANT: Any = sa.DateTime(timezone=True)


def _json() -> Any:
    return Field(sa_column=sa.Column(JSONB, nullable=False))


class OrganisationRow(SQLModel, table=True):
    """An organisation of the catalogue."""

    __tablename__ = "organisation"
    key: str = Field(primary_key=True)
    name: str
    kind: str
    municipality: str | None = None


class UnitRow(SQLModel, table=True):
    """A unit of the catalogue; `facts` is the whole `domain.unit.Unit`."""

    __tablename__ = "unit"
    hsa_id: str = Field(primary_key=True)
    organisation: str = Field(foreign_key="organisation.key", index=True)
    name: str
    kind: str
    facts: Json = _json()


class PathwayRow(SQLModel, table=True):
    """A published pathway version; never updated."""

    __tablename__ = "pathway"
    key: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    hash: str
    valid_from: date
    definition: Json = _json()


class LaddersRow(SQLModel, table=True):
    """A published set of ladders; never updated."""

    __tablename__ = "ladders"
    version: str = Field(primary_key=True)
    body: Json = _json()


class CalendarRow(SQLModel, table=True):
    """A revision of the days off; the newest holds for new clocks."""

    __tablename__ = "calendar"
    version: str = Field(primary_key=True)
    body: Json = _json()


class PatientRow(SQLModel, table=True):
    """Who a journey is about; the only place with a person identifier."""

    __tablename__ = "patient"
    __table_args__ = (sa.Index("uq_patient_identifier", "system", "value", unique=True),)
    id: str = Field(primary_key=True)
    system: str
    value: str


class JourneyRow(SQLModel, table=True):
    """A journey's line; `seq` is the fence."""

    __tablename__ = "journey"
    __table_args__ = (
        sa.Index(
            "uq_journey_overlap",
            "patient_id",
            "pathway_key",
            unique=True,
            postgresql_where=sa.text("closed_at IS NULL AND overlap_reason IS NULL"),
        ),
        sa.Index("ix_journey_started_at", "started_at", "id"),
    )
    id: str = Field(primary_key=True)
    patient_id: str = Field(foreign_key="patient.id")
    patient_name: str
    pathway_key: str
    pathway_version: int
    started_by: str
    started_at: datetime = Field(sa_type=INSTANT)
    seq: int
    period: int
    need: bool | None = None
    visits: int = 0
    left_at: datetime | None = Field(default=None, sa_type=INSTANT)
    closed_at: datetime | None = Field(default=None, sa_type=INSTANT)
    close_reason: str | None = None
    overlap_reason: str | None = None


class EventRow(SQLModel, table=True):
    """The log: append-only, in order, without gaps, chained by hash."""

    __tablename__ = "event"
    journey_id: str = Field(primary_key=True, foreign_key="journey.id")
    seq: int = Field(primary_key=True)
    type: str
    what: Json = _json()
    actor: Json | None = Field(default=None, sa_column=sa.Column(JSONB(none_as_null=True)))
    effective_at: datetime = Field(sa_type=INSTANT)
    decided_at: datetime = Field(sa_type=INSTANT)
    recorded_at: datetime = Field(sa_type=INSTANT)
    previous_hash: str
    hash: str


class InvolvedRow(SQLModel, table=True):
    """A unit that has started, or has held a part of, a journey; what it may see hangs on it."""

    __tablename__ = "involved"
    journey_id: str = Field(primary_key=True, foreign_key="journey.id")
    unit: str = Field(primary_key=True, index=True)


class PartRow(SQLModel, table=True):
    """A part and its holder."""

    __tablename__ = "part"
    journey_id: str = Field(primary_key=True, foreign_key="journey.id")
    key: str = Field(primary_key=True)
    holder: str = Field(index=True)
    since: datetime = Field(sa_type=INSTANT)


class StepRow(SQLModel, table=True):
    """A step; `content` is what it was completed with."""

    __tablename__ = "step"
    journey_id: str = Field(primary_key=True, foreign_key="journey.id")
    id: str = Field(primary_key=True)
    body: Json = _json()
    content: Json | None = Field(default=None, sa_column=sa.Column(JSONB(none_as_null=True)))


class HandoverRow(SQLModel, table=True):
    """A handover; `body` is the whole `domain.handover.Handover`."""

    __tablename__ = "handover"
    __table_args__ = (
        sa.Index("ix_handover_to_unit", "to_unit", "sent_at", "id"),
        sa.Index("ix_handover_from_unit", "from_unit", "sent_at", "id"),
    )
    id: str = Field(primary_key=True)
    journey_id: str = Field(foreign_key="journey.id", index=True)
    from_unit: str
    to_unit: str
    state: str
    open: bool
    sent_at: datetime = Field(sa_type=INSTANT)
    body: Json = _json()
    content: Json = _json()


class MessageRow(SQLModel, table=True):
    """A question or an answer on a handover."""

    __tablename__ = "message"
    journey_id: str = Field(primary_key=True, foreign_key="journey.id")
    seq: int = Field(primary_key=True)
    handover_id: str = Field(foreign_key="handover.id", index=True)
    kind: str
    text: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    at: datetime = Field(sa_type=INSTANT)


class ClockRow(SQLModel, table=True):
    """A clock; `body` is the whole `domain.clock.Clock`."""

    __tablename__ = "clock"
    __table_args__ = (
        sa.Index("ix_clock_late", "due_at", "journey_id", "id", postgresql_where=sa.text("owed")),
        sa.Index("ix_clock_next", "next_at", postgresql_where=sa.text("owed")),
    )
    journey_id: str = Field(primary_key=True, foreign_key="journey.id")
    id: str = Field(primary_key=True)
    kind: str
    subject: str
    owner: str = Field(index=True)
    counterpart: str = Field(index=True)
    due_at: datetime = Field(sa_type=INSTANT)
    next_at: datetime = Field(sa_type=INSTANT)
    owed: bool
    body: Json = _json()


class FiringRow(SQLModel, table=True):
    """A rung that fired: due, fired, cause, who was told and with what outcome."""

    __tablename__ = "firing"
    __table_args__ = (sa.Index("ix_firing_clock", "journey_id", "clock_id", "seq"),)
    journey_id: str = Field(primary_key=True, foreign_key="journey.id")
    seq: int = Field(primary_key=True)
    clock_id: str
    number: int
    rung: str
    due_at: datetime = Field(sa_type=INSTANT)
    fired_at: datetime = Field(sa_type=INSTANT)
    cause: str
    folded: int
    alarm: bool
    outcome: str
    told: list[Json] = Field(sa_column=sa.Column(JSONB, nullable=False))


class VisitRow(SQLModel, table=True):
    """A performed visit."""

    __tablename__ = "visit"
    journey_id: str = Field(primary_key=True, foreign_key="journey.id")
    number: int = Field(primary_key=True)
    step: str
    at: datetime = Field(sa_type=INSTANT)
    minutes: int
    body: Json = _json()


class NoticeRow(SQLModel, table=True):
    """The outbox: written with the event; then what became of the delivery."""

    __tablename__ = "notice"
    __table_args__ = (
        sa.Index(
            "ix_notice_undispatched", "ordinal", postgresql_where=sa.text("dispatched_at IS NULL")
        ),
        sa.Index("ix_notice_subject", "journey_id", "subject"),
    )
    id: str = Field(primary_key=True)
    ordinal: int | None = Field(
        default=None, sa_column=sa.Column(sa.BigInteger, sa.Identity(always=True), nullable=False)
    )
    journey_id: str = Field(foreign_key="journey.id")
    seq: int
    kind: str
    unit: str
    function: str
    channel: str
    address: str | None = None
    subject: str
    clock_id: str | None = None
    rung: str | None = None
    at: datetime = Field(sa_type=INSTANT)
    dispatched_at: datetime | None = Field(default=None, sa_type=INSTANT)
    attempts: int = 0
    attempted_at: datetime | None = Field(default=None, sa_type=INSTANT)
    delivered_at: datetime | None = Field(default=None, sa_type=INSTANT)
    dead_at: datetime | None = Field(default=None, sa_type=INSTANT)
    error: str | None = None


class InboxMessageRow(SQLModel, table=True):
    """What the inbox channel has delivered to a function at a unit."""

    __tablename__ = "inbox_message"
    __table_args__ = (sa.Index("ix_inbox_message_unit", "unit", "at"),)
    notice_id: str = Field(primary_key=True, foreign_key="notice.id")
    journey_id: str = Field(foreign_key="journey.id")
    unit: str
    function: str
    kind: str
    subject: str
    at: datetime = Field(sa_type=INSTANT)


class AnswerRow(SQLModel, table=True):
    """The answer that a key got; the same for ever."""

    __tablename__ = "answer"
    principal: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    journey_id: str = Field(primary_key=True)
    body_hash: str
    answer: Json = _json()
    at: datetime = Field(sa_type=INSTANT)


class AccessLogRow(SQLModel, table=True):
    """Who read what about whom, at which unit (PDL 4:3); append-only, chained by hash."""

    __tablename__ = "access_log"
    id: int = Field(
        sa_column=sa.Column(sa.BigInteger, sa.FetchedValue(), primary_key=True, autoincrement=False)
    )
    at: datetime = Field(sa_type=INSTANT)
    subject: str
    unit: str
    journey_id: str = Field(index=True)
    patient_id: str = Field(index=True)
    action: str
    correlation_id: str
    previous_hash: str
    hash: str


def _core(model: type[SQLModel]) -> sa.Table:
    """The Core table behind a class; statements are written against these."""
    found: sa.Table = model.__dict__["__table__"]
    return found


organisation = _core(OrganisationRow)
unit = _core(UnitRow)
pathway = _core(PathwayRow)
ladders = _core(LaddersRow)
calendar = _core(CalendarRow)
patient = _core(PatientRow)
journey = _core(JourneyRow)
event = _core(EventRow)
involved = _core(InvolvedRow)
part = _core(PartRow)
step = _core(StepRow)
handover = _core(HandoverRow)
message = _core(MessageRow)
clock = _core(ClockRow)
firing = _core(FiringRow)
visit = _core(VisitRow)
notice = _core(NoticeRow)
inbox_message = _core(InboxMessageRow)
answer = _core(AnswerRow)
access_log = _core(AccessLogRow)
