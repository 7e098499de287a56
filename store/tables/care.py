"""Plans, meetings, and the thread between holders."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from store.tables.base import INSTANT, Json, json, json_or_nothing


class PlanRow(SQLModel, table=True):
    """A version of a plan; `body` is the whole `domain.plan.PlanVersion`."""

    __tablename__ = "plan"
    journey_id: str = Field(primary_key=True, foreign_key="journey.id")
    number: int = Field(primary_key=True)
    organisation: str
    body: Json = json()
    content: Json | None = json_or_nothing()


class MeetingRow(SQLModel, table=True):
    """A meeting, the units that are called to it, and its outcome."""

    __tablename__ = "meeting"
    __table_args__ = (sa.Index("ix_meeting_units", "units", postgresql_using="gin"),)
    journey_id: str = Field(primary_key=True, foreign_key="journey.id")
    id: str = Field(primary_key=True)
    starts_at: datetime = Field(sa_type=INSTANT)
    units: list[str] = Field(sa_column=sa.Column(JSONB, nullable=False))
    body: Json = json()
    outcome: Json | None = json_or_nothing()


class PostRow(SQLModel, table=True):
    """A message in the thread between holders."""

    __tablename__ = "post"
    journey_id: str = Field(primary_key=True, foreign_key="journey.id")
    number: int = Field(primary_key=True)
    unit: str
    text: str = Field(sa_column=sa.Column(sa.Text, nullable=False))
    at: datetime = Field(sa_type=INSTANT)
