"""Files that follow handovers, sealed before they come here."""

import sqlalchemy as sa
from alembic import op

revision = "attachments"
down_revision = "the_whole_handover"
branch_labels = None
depends_on = None

MINE = "ANY (handslag_units())"
INVOLVED = f"""EXISTS (SELECT 1 FROM involved i
    WHERE i.journey_id = attachment.journey_id AND i.unit = {MINE})"""
# The handover's own policy decides which handovers are found here.
NAMED = """EXISTS (SELECT 1 FROM handover h
    WHERE h.journey_id = attachment.journey_id AND h.content->'attachments' ? attachment.id)"""


def upgrade() -> None:
    """The table, its append-only triggers, and who may read and add rows."""
    op.create_table(
        "attachment",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("journey_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("legal_basis", sa.String(), nullable=False),
        sa.Column("uploaded_by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["journey_id"], ["journey.id"], name=op.f("fk_attachment_journey_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index(op.f("ix_attachment_journey_id"), "attachment", ["journey_id"], unique=False)
    _only_append()
    _fence()


def downgrade() -> None:
    """Back to where it was; triggers, policies and rights go with the table."""
    op.drop_index(op.f("ix_attachment_journey_id"), table_name="attachment")
    op.drop_table("attachment")


def _only_append() -> None:
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON attachment "
        "FOR EACH ROW EXECUTE FUNCTION handslag_append_only()"
    )
    op.execute(
        "CREATE TRIGGER never_emptied BEFORE TRUNCATE ON attachment "
        "FOR EACH STATEMENT EXECUTE FUNCTION handslag_append_only()"
    )


def _fence() -> None:
    op.execute("GRANT SELECT ON attachment TO handslag_worker")
    op.execute("GRANT SELECT, INSERT ON attachment TO handslag_api")
    op.execute("ALTER TABLE attachment ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY worker ON attachment FOR SELECT TO handslag_worker USING (true)")
    op.execute(
        "CREATE POLICY reader ON attachment FOR SELECT TO handslag_api "
        f"USING ({INVOLVED} OR {NAMED})"
    )
    op.execute(
        "CREATE POLICY uploader ON attachment FOR INSERT TO handslag_api "
        f"WITH CHECK (owner = {MINE} AND {INVOLVED})"
    )
