"""Hospital stays, and who was told of them."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from store.tables.base import INSTANT, Json, json


class StayRow(SQLModel, table=True):
    """A stay; `body` is the whole `domain.stay.Episode`, `notified` who may read it."""

    __tablename__ = "stay"
    __table_args__ = (sa.Index("ix_stay_notified", "notified", postgresql_using="gin"),)
    journey_id: str = Field(primary_key=True, foreign_key="journey.id")
    number: int = Field(primary_key=True)
    ward: str
    notified: list[str] = Field(sa_column=sa.Column(JSONB, nullable=False))
    admitted_at: datetime = Field(sa_type=INSTANT)
    body: Json = json()
