"""The outbox, the inbox, the answers that were given, and who read what."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from store.tables.base import INSTANT, Json, json


class NoticeRow(SQLModel, table=True):
    """The outbox: written with the event; then what became of the delivery."""

    __tablename__ = "notice"
    __table_args__ = (
        sa.Index(
            "ix_notice_undispatched", "ordinal", postgresql_where=sa.text("dispatched_at IS NULL")
        ),
        sa.Index(
            "ix_notice_waiting",
            "ordinal",
            postgresql_where=sa.text(
                "dispatched_at IS NULL AND (not_before IS NOT NULL OR held_until IS NOT NULL)"
            ),
        ),
        sa.Index("ix_notice_subject", "journey_id", "subject"),
        sa.Index("uq_notice_ordinal", "ordinal", unique=True),
        sa.Index("ix_notice_unit", "unit", "at", "ordinal"),
        sa.Index("ix_notice_at", "at", "ordinal"),
        sa.Index(
            "ix_notice_undelivered",
            "at",
            "ordinal",
            postgresql_where=sa.text("delivered_at IS NULL"),
        ),
        sa.Index(
            "ix_notice_mailed",
            "address",
            "dispatched_at",
            postgresql_where=sa.text("channel = 'mail' AND digest_of IS NULL"),
        ),
        sa.Index(
            "ix_notice_digest_of", "digest_of", postgresql_where=sa.text("digest_of IS NOT NULL")
        ),
        sa.Index("ix_notice_dead", "dead_at", postgresql_where=sa.text("dead_at IS NOT NULL")),
        sa.Index(
            "ix_notice_under_way",
            "ordinal",
            postgresql_where=sa.text(
                "dispatched_at IS NOT NULL AND delivered_at IS NULL AND dead_at IS NULL"
                " AND silenced_at IS NULL"
            ),
        ),
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
    silenced_at: datetime | None = Field(default=None, sa_type=INSTANT)
    error: str | None = None
    not_before: datetime | None = Field(default=None, sa_type=INSTANT)
    held_until: datetime | None = Field(default=None, sa_type=INSTANT)
    digest_of: str | None = Field(default=None, foreign_key="notice.id")
    resent: int = Field(default=0, sa_column_kwargs={"server_default": sa.text("0")})


class DeliveryAttemptRow(SQLModel, table=True):
    """One attempt at one notice; without an outcome it was begun, and its end is not known."""

    __tablename__ = "delivery_attempt"
    notice_id: str = Field(primary_key=True, foreign_key="notice.id")
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=INSTANT)
    outcome: str | None = None
    error: str | None = None


class ResendRow(SQLModel, table=True):
    """A person had a dead letter put back; append-only, and a trigger puts it back."""

    __tablename__ = "resend"
    __table_args__ = (sa.Index("uq_resend_number", "notice_id", "number", unique=True),)
    id: str = Field(primary_key=True)
    notice_id: str = Field(foreign_key="notice.id")
    number: int
    at: datetime = Field(sa_type=INSTANT)
    by_subject: str
    by_unit: str
    body_hash: str


class WebhookRow(SQLModel, table=True):
    """A unit's webhook endpoint by version, secrets sealed; append-only, no `url` is removed."""

    __tablename__ = "webhook"
    __table_args__ = (sa.Index("uq_webhook_version", "hsa_id", "version", unique=True),)
    id: str = Field(primary_key=True)
    hsa_id: str = Field(foreign_key="unit.hsa_id")
    version: int
    kind: str
    url: str | None = None
    key_id: str | None = None
    secret: bytes | None = None
    old_key_id: str | None = None
    old_secret: bytes | None = None
    at: datetime = Field(sa_type=INSTANT)
    by_subject: str
    by_unit: str
    body_hash: str


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
    answer: Json = json()
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
