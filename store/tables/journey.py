"""A journey, its log, and the read tables that follow from it."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from store.tables.base import INSTANT, Json, json, json_or_nothing


class PatientRow(SQLModel, table=True):
    """Who a journey is about; the only place with a person identifier."""

    __tablename__ = "patient"
    __table_args__ = (sa.Index("uq_patient_identifier", "system", "value", unique=True),)
    id: str = Field(primary_key=True)
    system: str
    value: str
    protection: str = "none"


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
        sa.Index("ix_journey_open", "id", postgresql_where=sa.text("closed_at IS NULL")),
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
    initiator: str = "licensed_staff"
    municipality: str | None = None
    deviations: int = 0
    protection: str = "none"
    deceased_at: datetime | None = Field(default=None, sa_type=INSTANT)
    resting_until: date | None = None
    merged_into: str | None = None
    coordinator: str | None = None
    care: Json = json()


class EventRow(SQLModel, table=True):
    """The log: append-only, in order, without gaps, chained by hash."""

    __tablename__ = "event"
    journey_id: str = Field(primary_key=True, foreign_key="journey.id")
    seq: int = Field(primary_key=True)
    type: str
    what: Json = json()
    actor: Json | None = json_or_nothing()
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
    body: Json = json()
    content: Json | None = json_or_nothing()


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
    body: Json = json()


class FiringRow(SQLModel, table=True):
    """A rung that fired: due, fired, cause, who was told and with what outcome."""

    __tablename__ = "firing"
    __table_args__ = (
        sa.Index("ix_firing_clock", "journey_id", "clock_id", "seq"),
        sa.Index("ix_firing_lateness", "cause", "due_at", "fired_at"),
    )
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
    body: Json = json()


class WaitRow(SQLModel, table=True):
    """For how long somebody waited for one reason; open while `until_at` is NULL."""

    __tablename__ = "wait"
    __table_args__ = (
        sa.Index("ix_wait_period", "from_at", "until_at"),
        sa.Index("ix_wait_open", "journey_id", postgresql_where=sa.text("until_at IS NULL")),
    )
    id: int | None = Field(
        default=None,
        sa_column=sa.Column(sa.BigInteger, sa.Identity(always=True), primary_key=True),
    )
    journey_id: str = Field(foreign_key="journey.id")
    kind: str
    subject: str
    unit: str
    why: str
    since: datetime = Field(sa_type=INSTANT)
    from_at: datetime = Field(sa_type=INSTANT)
    until_at: datetime | None = Field(default=None, sa_type=INSTANT)
