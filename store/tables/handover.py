"""Handovers, what is said about them, and the files that follow them."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from store.tables.base import INSTANT, Json, json, json_or_nothing


class HandoverRow(SQLModel, table=True):
    """A handover; `body` is the whole `domain.handover.Handover`."""

    __tablename__ = "handover"
    __table_args__ = (
        sa.Index("ix_handover_to_unit", "to_unit", "sent_at", "id"),
        sa.Index("ix_handover_from_unit", "from_unit", "sent_at", "id"),
        sa.Index("ix_handover_to_call", "to_unit", postgresql_where=sa.text("call_open")),
    )
    id: str = Field(primary_key=True)
    journey_id: str = Field(foreign_key="journey.id", index=True)
    from_unit: str
    to_unit: str
    state: str
    open: bool
    sent_at: datetime = Field(sa_type=INSTANT)
    call_open: bool = False
    proxied: bool = False
    body: Json = json()
    content: Json | None = json_or_nothing()


class MessageRow(SQLModel, table=True):
    """A question or an answer on a handover."""

    __tablename__ = "message"
    journey_id: str = Field(primary_key=True, foreign_key="journey.id")
    seq: int = Field(primary_key=True)
    handover_id: str = Field(foreign_key="handover.id", index=True)
    kind: str
    text: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    at: datetime = Field(sa_type=INSTANT)


class AttachmentRow(SQLModel, table=True):
    """A file that follows handovers; `sealed` opens with the key named `key_id`; append-only."""

    __tablename__ = "attachment"
    id: str = Field(primary_key=True)
    journey_id: str = Field(foreign_key="journey.id", index=True)
    kind: str
    media_type: str
    size: int
    sha256: str
    owner: str
    legal_basis: str
    uploaded_by: str
    at: datetime = Field(sa_type=INSTANT)
    key_id: str
    sealed: bytes
