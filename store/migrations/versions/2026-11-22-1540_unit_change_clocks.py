"""What a change of a unit's hours was said to do to running clocks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "unit_change_clocks"
down_revision = "stays"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A column: a repeated call gets the same answer when the clocks have moved since."""
    op.add_column(
        "unit_change",
        sa.Column("clocks", postgresql.JSONB(none_as_null=True, astext_type=sa.Text())),
    )


def downgrade() -> None:
    """Back to where it was."""
    op.drop_column("unit_change", "clocks")
