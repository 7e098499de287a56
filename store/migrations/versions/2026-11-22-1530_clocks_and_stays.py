"""The rules of time as data, and the choice that a change of a unit's hours brings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "clocks_and_stays"
down_revision = "sweeps"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The rulebook, read by everybody and written by nobody but the loader; and a column."""
    op.create_table(
        "rulebook",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_rulebook")),
    )
    op.execute("GRANT SELECT ON rulebook TO handslag_api, handslag_worker")
    op.add_column(
        "unit_change",
        sa.Column("reproject", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )


def downgrade() -> None:
    """Back to where it was."""
    op.drop_column("unit_change", "reproject")
    op.drop_table("rulebook")
