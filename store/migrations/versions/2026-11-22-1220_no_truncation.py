"""What is append-only cannot be emptied either."""

from alembic import op

revision = "no_truncation"
down_revision = "fences_and_rights"
branch_labels = None
depends_on = None

APPEND_ONLY = ("event", "pathway", "ladders", "calendar", "access_log")


def upgrade() -> None:
    """One more trigger per table; a row's own trigger does not see TRUNCATE."""
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION handslag_append_only()"
        )


def downgrade() -> None:
    """Back to where it was."""
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER never_emptied ON {table}")
