"""When workers, engine and store were alive, and the figures that anybody may scrape."""

import sqlalchemy as sa
from alembic import op

revision = "pulses"
down_revision = "channels"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
# Whoever scrapes counts rungs of all units, and learns nothing of any journey.
# A bound belongs to the bucket below it; half a microsecond is less than any instant has.
LATENESS = """
CREATE FUNCTION handslag_rung_lateness(bounds double precision[])
RETURNS TABLE (cause text, bucket int, rungs bigint, seconds double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT l.cause, width_bucket(l.late - 0.0000005, bounds), count(*), sum(l.late)
    FROM (SELECT f.cause, extract(epoch FROM f.fired_at - f.due_at)::double precision AS late
        FROM firing f) l
    GROUP BY 1, 2 ORDER BY 1, 2
$$
"""
FIGURES = """
CREATE FUNCTION handslag_figures()
RETURNS TABLE (open_journeys bigint, notices_dead bigint, outbox_waiting bigint,
    worker_seen timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT (SELECT count(*) FROM journey WHERE closed_at IS NULL),
        (SELECT count(*) FROM notice WHERE dead_at IS NOT NULL),
        (SELECT count(*) FROM notice WHERE dispatched_at IS NULL),
        (SELECT max(until_at) FROM pulse WHERE source = 'worker')
$$
"""
# The worker may remove nothing by itself; this removes what is old, and nothing else.
FORGET = """
CREATE FUNCTION handslag_forget_pulses(before timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    DELETE FROM pulse WHERE until_at < least(before, now() - interval '30 days')
$$
"""
FUNCTIONS = {
    "handslag_rung_lateness(double precision[])": (LATENESS, "handslag_api"),
    "handslag_figures()": (FIGURES, "handslag_api"),
    "handslag_forget_pulses(timestamptz)": (FORGET, "handslag_worker"),
}


def upgrade() -> None:
    """The table, which the API does not read, and what is counted without reading a row."""
    op.create_table(
        "pulse",
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("from_at", INSTANT, nullable=False),
        sa.Column("until_at", INSTANT, nullable=False),
        sa.CheckConstraint("source IN ('worker', 'engine', 'store')", name=op.f("ck_pulse_source")),
        sa.PrimaryKeyConstraint("worker", "source", "from_at", name=op.f("pk_pulse")),
    )
    op.create_index("ix_pulse_until_at", "pulse", ["until_at"])
    op.execute("GRANT SELECT, INSERT, UPDATE (until_at) ON pulse TO handslag_worker")
    op.create_index("ix_firing_lateness", "firing", ["cause", "due_at", "fired_at"])
    op.create_index(
        "ix_journey_open", "journey", ["id"], postgresql_where=sa.text("closed_at IS NULL")
    )
    for name, (body, roles) in FUNCTIONS.items():
        op.execute(body)
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO {roles}")


def downgrade() -> None:
    """Back to where it was; rights go with what they are on."""
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}")
    op.drop_index("ix_journey_open", table_name="journey")
    op.drop_index("ix_firing_lateness", table_name="firing")
    op.drop_index("ix_pulse_until_at", table_name="pulse")
    op.drop_table("pulse")
