"""Boards show rows of notices and nothing else; what runs as the owner looks in no other schema."""

import sqlalchemy as sa
from alembic import op

revision = "doors_shut"
down_revision = "log_of_a_clock"
branch_labels = None
depends_on = None

UNDER_WAY = (
    "dispatched_at IS NOT NULL AND delivered_at IS NULL AND dead_at IS NULL AND silenced_at IS NULL"
)
INDEXES = {
    "ix_notice_dead": ("dead_at", "dead_at IS NOT NULL"),
    "ix_notice_under_way": ("ordinal", UNDER_WAY),
}
# A board counts what its units have sent back or passed on. A row policy for that would show the
# journey, the patient, the plan and the messages too, for they follow from the handover.
COUNTED = "to_unit = ANY (handslag_boards()) OR body->'earlier_receivers' ?| handslag_boards()"
FLOWS = """
CREATE FUNCTION handslag_flows(since timestamptz, until timestamptz)
RETURNS TABLE (from_unit text, to_unit text, sent_at timestamptz, proxied boolean, body jsonb,
    pathway_key text, delay_reason text, due_at timestamptz, clock jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT h.from_unit, h.to_unit, h.sent_at, h.proxied,
        (SELECT jsonb_object_agg(f.key, f.value) FROM jsonb_each(h.body) f WHERE f.key IN (
            'sent_at', 'purpose', 'earlier_receivers', 'accepted_at', 'declined_at',
            'decline_reason', 'withdrawn_at', 'ceased_at', 'disputed_by')),
        j.pathway_key, j.care->'delays'->h.id->>'reason', c.due_at,
        (SELECT jsonb_object_agg(f.key, f.value) FROM jsonb_each(c.body) f WHERE f.key IN (
            'stopped_at', 'running_since', 'spent', 'span'))
    FROM handover h JOIN journey j ON j.id = h.journey_id
    LEFT JOIN clock c ON c.journey_id = h.journey_id AND c.id = 'accepted:' || h.id
    WHERE h.sent_at >= since AND h.sent_at < until AND (
        h.from_unit = ANY (handslag_boards()) OR h.to_unit = ANY (handslag_boards())
        OR h.body->'earlier_receivers' ?| handslag_boards())
$$
"""
# Who has sent a handover back sees it no more, but confirms a no that was entered late.
UNCONFIRMED = """
CREATE FUNCTION handslag_unconfirmed_no(handover_id text)
RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT h.journey_id FROM handover h
    WHERE h.id = handover_id AND h.to_unit = ANY (handslag_units()) AND h.state = 'declined'
        AND h.body->>'provisional_since' IS NOT NULL
$$
"""
# Whoever may make temporary tables could put one before a table that such a function reads:
# without a mention, the schema of temporary tables comes first.
EACH_DEFINER = """
DO $$
DECLARE
    found regprocedure;
BEGIN
    FOR found IN SELECT p.oid::regprocedure FROM pg_proc p
        WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = {path}', found);
    END LOOP;
END
$$
"""
TEMPORARY = """
DO $$
BEGIN
    EXECUTE format('{change}', current_database());
END
$$
"""


def upgrade() -> None:
    """Indexes for what is counted and looked after each minute; then the doors."""
    for name, (column, where) in INDEXES.items():
        op.create_index(name, "notice", [column], postgresql_where=sa.text(where))
    op.execute(FLOWS)
    op.execute("REVOKE ALL ON FUNCTION handslag_flows(timestamptz, timestamptz) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION handslag_flows(timestamptz, timestamptz) TO handslag_api")
    op.execute(UNCONFIRMED)
    op.execute("REVOKE ALL ON FUNCTION handslag_unconfirmed_no(text) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION handslag_unconfirmed_no(text) TO handslag_api")
    op.execute("DROP POLICY board ON handover")
    op.execute(EACH_DEFINER.format(path="public, pg_temp"))
    op.execute(TEMPORARY.format(change="REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC"))


def downgrade() -> None:
    """Back to where it was."""
    op.execute(TEMPORARY.format(change="GRANT TEMPORARY ON DATABASE %I TO PUBLIC"))
    op.execute(EACH_DEFINER.format(path="public"))
    op.execute(f"CREATE POLICY board ON handover FOR SELECT TO handslag_api USING ({COUNTED})")
    op.execute("DROP FUNCTION handslag_unconfirmed_no(text)")
    op.execute("DROP FUNCTION handslag_flows(timestamptz, timestamptz)")
    for name in INDEXES:
        op.drop_index(name, table_name="notice")
