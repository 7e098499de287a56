"""What a side of a handover may read of the log: why its own clocks are due when they are."""

from alembic import op

revision = "log_of_a_clock"
down_revision = "unit_change_clocks"
branch_labels = None
depends_on = None

# A receiver is no part of the journey before it has taken over, and its row policy shows it no
# event. This shows what the clocks of one handover follow from: that handover and its clocks, the
# units, the calendars and the rules; why the patient was referred, and where from, is left out.
_LOG = """
CREATE FUNCTION handslag_clock_log(wanted text, about text)
RETURNS TABLE (seq int, what jsonb, effective_at timestamptz, decided_at timestamptz, actor jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT e.seq,
        CASE WHEN e.type = 'journey_started'
            THEN e.what - 'came_from' - 'overlap_reason' || jsonb_build_object('referral',
                jsonb_build_object('reason', '-', 'initiator', e.what->'referral'->'initiator'))
            ELSE e.what END,
        e.effective_at, e.decided_at, e.actor
    FROM event e
    WHERE e.journey_id = wanted AND EXISTS (
        SELECT 1 FROM handover h WHERE h.journey_id = wanted AND h.id = about AND (
            h.from_unit = ANY (handslag_units()) OR (h.to_unit = ANY (handslag_units())
                AND h.state NOT IN ('withdrawn', 'declined', 'ceased'))))
    AND (e.type IN ('journey_started', 'calendar_adopted', 'rules_adopted', 'unit_adopted',
            'unit_succeeded', 'part_started', 'patient_died', 'death_undone')
        OR e.what->>'handover_id' = about
        OR e.what->'clock'->>'subject' = about
        OR split_part(e.what->>'clock_id', ':', 2) = about)
    ORDER BY e.seq
$$
"""


def upgrade() -> None:
    """A function for the doors, and for nobody else."""
    op.execute(_LOG)
    op.execute("REVOKE ALL ON FUNCTION handslag_clock_log(text, text) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION handslag_clock_log(text, text) TO handslag_api")


def downgrade() -> None:
    """Back to where it was."""
    op.execute("DROP FUNCTION handslag_clock_log(text, text)")
