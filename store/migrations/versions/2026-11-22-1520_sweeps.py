"""What the watchdog found."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "sweeps"
down_revision = "pulses"
branch_labels = None
depends_on = None

COUNTS = ("journeys", "lost", "stuck", "untimed", "orphaned", "waiting_for_fix", "repaired")
# Whoever watches counts promises of all units, and learns nothing of any journey.
NOT_KEPT = """
CREATE FUNCTION handslag_promises_not_kept(grace interval)
RETURNS TABLE (promises bigint, oldest timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT count(*), min(c.next_at) FROM clock c JOIN journey j ON j.id = c.journey_id
    WHERE c.owed AND c.next_at < now() - grace AND j.closed_at IS NULL
    AND c.body->>'running_since' IS NOT NULL
$$
"""
LAST = """
CREATE FUNCTION handslag_last_sweep()
RETURNS TABLE (started_at timestamptz, ended_at timestamptz, journeys int, lost int, stuck int,
    untimed int, orphaned int, waiting_for_fix int, repaired int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT s.started_at, s.ended_at, s.journeys, s.lost, s.stuck, s.untimed, s.orphaned,
        s.waiting_for_fix, s.repaired
    FROM sweep s ORDER BY s.ended_at DESC LIMIT 1
$$
"""
# The worker may remove nothing by itself; this removes what is old, and nothing else.
FORGET = """
CREATE FUNCTION handslag_forget_sweeps() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    DELETE FROM sweep WHERE ended_at < now() - interval '30 days'
$$
"""
FUNCTIONS = {
    "handslag_promises_not_kept(interval)": (NOT_KEPT, "handslag_api, handslag_worker"),
    "handslag_last_sweep()": (LAST, "handslag_api, handslag_worker"),
    "handslag_forget_sweeps()": (FORGET, "handslag_worker"),
}


def upgrade() -> None:
    """The table, which the API does not read, and the functions by which it is told."""
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "sweep",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("started_at", instant, nullable=False),
        sa.Column("ended_at", instant, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.Column("found", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweep")),
    )
    op.create_index("ix_sweep_ended_at", "sweep", ["ended_at"])
    op.execute("GRANT SELECT, INSERT ON sweep TO handslag_worker")
    for name, (body, roles) in FUNCTIONS.items():
        op.execute(body)
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO {roles}")


def downgrade() -> None:
    """Back to where it was; rights go with what they are on."""
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}")
    op.drop_index("ix_sweep_ended_at", table_name="sweep")
    op.drop_table("sweep")
