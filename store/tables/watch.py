"""What the house notes about itself; nothing here is about a patient."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from store.tables.base import INSTANT

Found = list[dict[str, Any]]


class SweepRow(SQLModel, table=True):
    """One sweep of the watchdog; `found` names at most 50 journeys by their random ids."""

    __tablename__ = "sweep"
    __table_args__ = (sa.Index("ix_sweep_ended_at", "ended_at"),)
    id: str = Field(primary_key=True)
    started_at: datetime = Field(sa_type=INSTANT)
    ended_at: datetime = Field(sa_type=INSTANT)
    journeys: int
    lost: int
    stuck: int
    untimed: int
    orphaned: int
    waiting_for_fix: int
    repaired: int
    found: Found = Field(sa_column=sa.Column(JSONB, nullable=False))


class PulseRow(SQLModel, table=True):
    """A span in which a worker ran, or in which a part of the house answered it."""

    __tablename__ = "pulse"
    __table_args__ = (sa.Index("ix_pulse_until_at", "until_at"),)
    worker: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    from_at: datetime = Field(sa_column=sa.Column(INSTANT, primary_key=True))
    until_at: datetime = Field(sa_type=INSTANT)
