"""Pathways are drafted, approved, proved, published for somebody, retired; journeys migrate."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "pathways_in_the_making"
down_revision = "doors_shut"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(astext_type=sa.Text())
INSTANT = sa.DateTime(timezone=True)
KEPT = ("pathway_approval", "gap_acceptance")
NEW = (
    "migration_result",
    "migration",
    "coverage_proof",
    "gap_acceptance",
    "pathway_approval",
    "pathway_draft",
    "pathway_standing",
)


def upgrade() -> None:
    """The tables, and who may write them."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    _drafts()
    _proofs()
    _migrations()
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION handslag_append_only()"
        )
    _rights()


def downgrade() -> None:
    """Back to where it was."""
    op.execute("REVOKE INSERT ON pathway FROM handslag_api")
    for table in NEW:
        op.drop_table(table)


def _drafts() -> None:
    op.create_table(
        "pathway_standing",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scope", JSON, nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("owner_unit", sa.String(), nullable=True),
        sa.Column("retired_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("key", "version", name=op.f("pk_pathway_standing")),
    )
    op.create_table(
        "pathway_draft",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("published_at", INSTANT, nullable=True),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pathway_draft")),
    )
    op.create_index("ix_pathway_draft_at", "pathway_draft", ["at"])
    op.create_table(
        "pathway_approval",
        sa.Column("draft_id", sa.String(), nullable=False),
        sa.Column("principal", sa.String(), nullable=False),
        sa.Column("by_subject", sa.String(), nullable=False),
        sa.Column("by_unit", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["pathway_draft.id"], name=op.f("fk_pathway_approval_draft_id")
        ),
        sa.PrimaryKeyConstraint("draft_id", "principal", name=op.f("pk_pathway_approval")),
    )


def _proofs() -> None:
    op.create_table(
        "gap_acceptance",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("pathway", sa.String(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gap_acceptance")),
    )
    op.create_index(op.f("ix_gap_acceptance_pathway"), "gap_acceptance", ["pathway"])
    op.create_table(
        "coverage_proof",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("proved_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", "version", name=op.f("pk_coverage_proof")),
    )


def _migrations() -> None:
    op.create_table(
        "migration",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration")),
    )
    op.create_index("ix_migration_at", "migration", ["at"])
    op.create_table(
        "migration_result",
        sa.Column("migration_id", sa.String(), nullable=False),
        sa.Column("journey_id", sa.String(), nullable=False),
        sa.Column("effect", JSON, nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False, server_default=sa.text("true")),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("done", JSON, nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["migration_id"], ["migration.id"], name=op.f("fk_migration_result_migration_id")
        ),
        sa.PrimaryKeyConstraint("migration_id", "journey_id", name=op.f("pk_migration_result")),
    )
    op.create_index(
        "ix_migration_result_outcome",
        "migration_result",
        ["migration_id", "outcome", "journey_id"],
    )


def _rights() -> None:
    for table in NEW:
        op.execute(f"GRANT SELECT ON {table} TO handslag_api, handslag_worker")
    op.execute("GRANT INSERT ON pathway, pathway_standing TO handslag_api")
    op.execute("GRANT UPDATE (retired_on) ON pathway_standing TO handslag_api")
    op.execute(
        "GRANT INSERT ON pathway_draft, pathway_approval, gap_acceptance, migration TO handslag_api"
    )
    op.execute("GRANT UPDATE (published_at, withdrawn_at) ON pathway_draft TO handslag_api")
    op.execute("GRANT UPDATE (state) ON migration TO handslag_api, handslag_worker")
    op.execute("GRANT UPDATE (chosen) ON migration_result TO handslag_api")
    op.execute("GRANT INSERT, UPDATE ON migration_result, coverage_proof TO handslag_worker")
