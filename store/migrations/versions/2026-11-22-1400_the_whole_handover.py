"""What the whole handover needs beside the main job: waits, plans, messages, calls, protection."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "the_whole_handover"
down_revision = "no_truncation"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
JSONB = postgresql.JSONB(astext_type=sa.Text())
MINE = "ANY (handslag_units())"
INVOLVED = f"""EXISTS (SELECT 1 FROM involved i
    WHERE i.journey_id = {{table}}.journey_id AND i.unit = {MINE})"""
NEAR = "EXISTS (SELECT 1 FROM journey j WHERE j.id = {table}.journey_id)"
# A version of the plan goes to who is part of the journey, or got it with a handover.
DISCLOSED = """EXISTS (SELECT 1 FROM handover h WHERE h.journey_id = plan.journey_id
    AND (h.body->>'plan_version')::int = plan.number)"""
CALLED = "units ?| handslag_units()"
NEW = {
    "plan": ("SELECT, INSERT, UPDATE", f"{INVOLVED} OR {DISCLOSED}"),
    "meeting": ("SELECT, INSERT, UPDATE", f"{INVOLVED} OR {CALLED}"),
    "post": ("SELECT, INSERT, UPDATE", INVOLVED),
    "wait": ("SELECT, INSERT, UPDATE", NEAR),
}
HANDOVER_SEEN = f"""from_unit = {MINE}
    OR (to_unit = {MINE} AND state NOT IN ({{ended}}))
    OR EXISTS (SELECT 1 FROM involved i
        WHERE i.journey_id = handover.journey_id AND i.unit = {MINE})"""
OPENINGS = """
CREATE FUNCTION handslag_openings(wanted text)
RETURNS TABLE (at timestamptz, unit text, subject text, action text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT a.at, a.unit, a.subject, a.action FROM access_log a
    WHERE a.journey_id = wanted AND EXISTS (
        SELECT 1 FROM involved i WHERE i.journey_id = wanted AND i.unit = ANY (handslag_units()))
    ORDER BY a.id
$$
"""
# Two journeys of one patient are shown to each other, and hear the same facts.
OTHERS = """
CREATE FUNCTION handslag_others(wanted text)
RETURNS TABLE (id text, pathway_key text, pathway_version int, coordinator text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT o.id, o.pathway_key, o.pathway_version, o.coordinator
    FROM journey j JOIN journey o ON o.patient_id = j.patient_id AND o.id <> j.id
    WHERE j.id = wanted AND o.closed_at IS NULL AND EXISTS (
        SELECT 1 FROM involved i WHERE i.journey_id = wanted AND i.unit = ANY (handslag_units()))
    ORDER BY o.started_at, o.id
$$
"""
# A board counts what its units have sent back or passed on; their staff no longer sees it.
BOARDS = """
CREATE FUNCTION handslag_boards() RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT string_to_array(coalesce(current_setting('handslag.boards', true), ''), ',')
$$
"""
COUNTED = "to_unit = ANY (handslag_boards()) OR body->'earlier_receivers' ?| handslag_boards()"
# Whoever starts a journey must know that the patient is protected, and nothing else of others.
PROTECTION = """
CREATE FUNCTION handslag_protection(wanted text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT protection FROM patient WHERE id = wanted
$$
"""
FUNCTIONS = {
    "handslag_openings": OPENINGS,
    "handslag_others": OTHERS,
    "handslag_protection": PROTECTION,
}


def upgrade() -> None:
    """Columns with defaults first, so that the release before this one can go on writing."""
    _widen()
    _create()
    for table, (rights, seen) in NEW.items():
        _fence(table, rights, seen.format(table=table))
    op.execute("GRANT USAGE ON SEQUENCE wait_id_seq TO handslag_worker")
    op.execute("GRANT DELETE ON involved TO handslag_worker")
    ended = "'withdrawn', 'declined', 'ceased'"
    op.execute(f"ALTER POLICY reader ON handover USING ({HANDOVER_SEEN.format(ended=ended)})")
    op.execute(BOARDS)
    op.execute(f"CREATE POLICY board ON handover FOR SELECT TO handslag_api USING ({COUNTED})")
    for name, body in FUNCTIONS.items():
        op.execute(body)
        op.execute(f"REVOKE ALL ON FUNCTION {name}(text) FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name}(text) TO handslag_api")


def downgrade() -> None:
    """Back to where it was."""
    op.execute("DROP POLICY board ON handover")
    op.execute("DROP FUNCTION handslag_boards()")
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}(text)")
    ended = "'withdrawn', 'declined'"
    op.execute(f"ALTER POLICY reader ON handover USING ({HANDOVER_SEEN.format(ended=ended)})")
    op.execute("REVOKE DELETE ON involved FROM handslag_worker")
    for table in NEW:
        op.drop_table(table)
    op.drop_index("ix_handover_to_call", table_name="handover")
    for column in ("call_open", "proxied"):
        op.drop_column("handover", column)
    op.execute("UPDATE handover SET content = '{}' WHERE content IS NULL")
    op.alter_column("handover", "content", nullable=False)
    op.drop_column("notice", "silenced_at")
    op.drop_column("patient", "protection")
    for journey_column in _journey_columns():
        op.drop_column("journey", journey_column.name)


def _journey_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("initiator", sa.String(), nullable=False, server_default="licensed_staff"),
        sa.Column("municipality", sa.String(), nullable=True),
        sa.Column("deviations", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("protection", sa.String(), nullable=False, server_default="none"),
        sa.Column("deceased_at", INSTANT, nullable=True),
        sa.Column("resting_until", sa.Date(), nullable=True),
        sa.Column("merged_into", sa.String(), nullable=True),
        sa.Column("coordinator", sa.String(), nullable=True),
        sa.Column("care", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
    )


def _widen() -> None:
    for column in _journey_columns():
        op.add_column("journey", column)
    op.add_column(
        "patient", sa.Column("protection", sa.String(), nullable=False, server_default="none")
    )
    op.add_column("notice", sa.Column("silenced_at", INSTANT, nullable=True))
    op.alter_column("handover", "content", nullable=True)
    for name in ("call_open", "proxied"):
        op.add_column(
            "handover",
            sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.text("false")),
        )
    op.create_index(
        "ix_handover_to_call", "handover", ["to_unit"], postgresql_where=sa.text("call_open")
    )


def _create() -> None:
    op.create_table(
        "plan",
        *_of_journey(),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("body", JSONB, nullable=False),
        sa.Column("content", JSONB, nullable=True),
        *_keyed("plan", "journey_id", "number"),
    )
    op.create_table(
        "meeting",
        *_of_journey(),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("units", JSONB, nullable=False),
        sa.Column("body", JSONB, nullable=False),
        sa.Column("outcome", JSONB, nullable=True),
        *_keyed("meeting", "journey_id", "id"),
    )
    op.create_index("ix_meeting_units", "meeting", ["units"], postgresql_using="gin")
    op.create_table(
        "post",
        *_of_journey(),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        *_keyed("post", "journey_id", "number"),
    )
    _create_wait()


def _create_wait() -> None:
    op.create_table(
        "wait",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *_of_journey(),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("from_at", INSTANT, nullable=False),
        sa.Column("until_at", INSTANT, nullable=True),
        *_keyed("wait", "id"),
    )
    op.create_index("ix_wait_period", "wait", ["from_at", "until_at"])
    op.create_index(
        "ix_wait_open", "wait", ["journey_id"], postgresql_where=sa.text("until_at IS NULL")
    )


def _of_journey() -> tuple[sa.Column[str]]:
    return (sa.Column("journey_id", sa.String(), nullable=False),)


def _keyed(table: str, *columns: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(
            ["journey_id"], ["journey.id"], name=op.f(f"fk_{table}_journey_id")
        ),
        sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}")),
    )


def _fence(table: str, rights: str, seen: str) -> None:
    op.execute(f"GRANT {rights} ON {table} TO handslag_worker")
    op.execute(f"GRANT SELECT ON {table} TO handslag_api")
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY worker ON {table} TO handslag_worker USING (true) WITH CHECK (true)")
    op.execute(f"CREATE POLICY reader ON {table} FOR SELECT TO handslag_api USING ({seen})")
