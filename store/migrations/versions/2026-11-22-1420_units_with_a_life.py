"""Units change by version, and each change is kept and told to the journeys that it concerns."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "units_with_a_life"
down_revision = "attachments"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A version on each unit, the changes, and who may write them."""
    op.add_column(
        "unit", sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("1"))
    )
    op.create_table(
        "unit_change",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("hsa_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_subject", sa.String(), nullable=False),
        sa.Column("by_unit", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("warnings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body_hash", sa.String(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('put', 'succeed')", name=op.f("ck_unit_change_kind")),
        sa.ForeignKeyConstraint(["hsa_id"], ["unit.hsa_id"], name=op.f("fk_unit_change_hsa_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_change")),
    )
    op.create_index("uq_unit_change_version", "unit_change", ["hsa_id", "version"], unique=True)
    op.create_index(
        "ix_unit_change_untold", "unit_change", ["at"], postgresql_where=sa.text("told_at IS NULL")
    )
    _only_told()
    # Identity and organisation are in no grant: whatever the API believes, they never change.
    op.execute("GRANT INSERT, UPDATE (name, kind, facts, version) ON unit TO handslag_api")
    op.execute("GRANT SELECT, INSERT ON unit_change TO handslag_api")
    op.execute("GRANT SELECT, UPDATE (told_at) ON unit_change TO handslag_worker")


def downgrade() -> None:
    """Back to where it was."""
    op.execute("REVOKE INSERT, UPDATE (name, kind, facts, version) ON unit FROM handslag_api")
    op.drop_index("ix_unit_change_untold", table_name="unit_change")
    op.drop_index("uq_unit_change_version", table_name="unit_change")
    op.drop_table("unit_change")
    op.execute("DROP FUNCTION handslag_only_told()")
    op.drop_column("unit", "version")


def _only_told() -> None:
    op.execute(_ONLY_TOLD)
    op.execute(
        "CREATE TRIGGER only_told BEFORE UPDATE ON unit_change "
        "FOR EACH ROW EXECUTE FUNCTION handslag_only_told()"
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE DELETE ON unit_change "
        "FOR EACH ROW EXECUTE FUNCTION handslag_append_only()"
    )
    op.execute(
        "CREATE TRIGGER never_emptied BEFORE TRUNCATE ON unit_change "
        "FOR EACH STATEMENT EXECUTE FUNCTION handslag_append_only()"
    )


_ONLY_TOLD = """
CREATE FUNCTION handslag_only_told() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.told_at IS NOT NULL OR to_jsonb(NEW) - 'told_at' <> to_jsonb(OLD) - 'told_at' THEN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
    END IF;
    RETURN NEW;
END
$$
"""
