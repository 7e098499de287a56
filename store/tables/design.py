"""Pathways in the making, proofs of coverage, and migrations of running journeys."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from store.tables.base import INSTANT, Json, json, json_or_nothing


class PathwayDraftRow(SQLModel, table=True):
    """A draft with all that was said of it; it ends published or withdrawn, and stays."""

    __tablename__ = "pathway_draft"
    __table_args__ = (sa.Index("ix_pathway_draft_at", "at"),)
    id: str = Field(primary_key=True)
    key: str
    version: int
    hash: str
    body: Json = json()
    at: datetime = Field(sa_type=INSTANT)
    published_at: datetime | None = Field(default=None, sa_type=INSTANT)
    withdrawn_at: datetime | None = Field(default=None, sa_type=INSTANT)


class PathwayApprovalRow(SQLModel, table=True):
    """A yes to a draft, for one principal; append-only."""

    __tablename__ = "pathway_approval"
    draft_id: str = Field(primary_key=True, foreign_key="pathway_draft.id")
    principal: str = Field(primary_key=True)
    by_subject: str
    by_unit: str
    at: datetime = Field(sa_type=INSTANT)


class GapAcceptanceRow(SQLModel, table=True):
    """A named person's yes to a gap of coverage; append-only."""

    __tablename__ = "gap_acceptance"
    id: str = Field(primary_key=True)
    pathway: str = Field(index=True)
    body: Json = json()
    at: datetime = Field(sa_type=INSTANT)


class CoverageProofRow(SQLModel, table=True):
    """The newest proof of a version: whom its ladders reach, and when they reach nobody."""

    __tablename__ = "coverage_proof"
    key: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    body: Json = json()
    proved_at: datetime = Field(sa_type=INSTANT)


class MigrationRow(SQLModel, table=True):
    """A migration of running journeys to another version: what was chosen, and how far it is."""

    __tablename__ = "migration"
    __table_args__ = (sa.Index("ix_migration_at", "at"),)
    id: str = Field(primary_key=True)
    body: Json = json()
    state: str
    at: datetime = Field(sa_type=INSTANT)


class MigrationResultRow(SQLModel, table=True):
    """One journey of a migration: what was shown, and what came of it."""

    __tablename__ = "migration_result"
    __table_args__ = (
        sa.Index("ix_migration_result_outcome", "migration_id", "outcome", "journey_id"),
    )
    migration_id: str = Field(primary_key=True, foreign_key="migration.id")
    journey_id: str = Field(primary_key=True)
    effect: Json = json()
    hash: str
    chosen: bool = Field(default=True, sa_column_kwargs={"server_default": sa.text("true")})
    outcome: str
    done: Json | None = json_or_nothing()
    at: datetime = Field(sa_type=INSTANT)


class PathwayStandingRow(SQLModel, table=True):
    """For whom a published version holds, and until when; only the end is ever written later."""

    __tablename__ = "pathway_standing"
    key: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    scope: Json = json()
    text: str | None = None
    owner_unit: str | None = None
    retired_on: date | None = None
