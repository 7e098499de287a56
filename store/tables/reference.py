"""The catalogue: organisations, units and what is published."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from store.tables.base import INSTANT, Json, json, json_or_nothing


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
    facts: Json = json()
    version: int = Field(default=1, sa_column_kwargs={"server_default": sa.text("1")})


class UnitChangeRow(SQLModel, table=True):
    """A change of a unit; append-only, except that journeys have been told of it."""

    __tablename__ = "unit_change"
    __table_args__ = (
        sa.Index("uq_unit_change_version", "hsa_id", "version", unique=True),
        sa.Index("ix_unit_change_untold", "at", postgresql_where=sa.text("told_at IS NULL")),
    )
    id: str = Field(primary_key=True)
    hsa_id: str = Field(foreign_key="unit.hsa_id")
    version: int
    kind: str
    at: datetime = Field(sa_type=INSTANT)
    by_subject: str
    by_unit: str
    reason: str | None = None
    facts: Json = json()
    warnings: list[str] = json()
    reproject: bool = Field(default=False, sa_column_kwargs={"server_default": sa.text("false")})
    clocks: Json | None = json_or_nothing()
    body_hash: str
    told_at: datetime | None = Field(default=None, sa_type=INSTANT)


class PathwayRow(SQLModel, table=True):
    """A published pathway version; never updated."""

    __tablename__ = "pathway"
    key: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    hash: str
    valid_from: date
    definition: Json = json()


class LaddersRow(SQLModel, table=True):
    """A published set of ladders; never updated."""

    __tablename__ = "ladders"
    version: str = Field(primary_key=True)
    body: Json = json()


class RulebookRow(SQLModel, table=True):
    """A revision of the rules of time; the newest holds for new clocks."""

    __tablename__ = "rulebook"
    version: str = Field(primary_key=True)
    body: Json = json()


class CalendarRow(SQLModel, table=True):
    """A revision of the days off; the newest holds for new clocks."""

    __tablename__ = "calendar"
    version: str = Field(primary_key=True)
    body: Json = json()
