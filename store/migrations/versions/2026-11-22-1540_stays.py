"""Hospital stays, which units that were told of one may read, and nothing else of the journey."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "stays"
down_revision = "clocks_and_stays"
branch_labels = None
depends_on = None

JSONB = postgresql.JSONB(astext_type=sa.Text())
SEEN = """{stay}.notified ?| handslag_units() OR EXISTS (SELECT 1 FROM involved i
    WHERE i.journey_id = {stay}.journey_id AND i.unit = ANY (handslag_units()))"""
# What a notice has told besides the stay itself (2 kap. 2 §), for those who see the stay.
AROUND = f"""
CREATE FUNCTION handslag_around_stay(wanted text, which int)
RETURNS TABLE (patient_id text, system text, value text, name text, protection text,
    municipality text, sip jsonb, deceased_at timestamptz, closed_at timestamptz, seq int,
    newest boolean, clocks jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT p.id, p.system, p.value, j.patient_name, p.protection, j.municipality,
        nullif(j.care->'sip', 'null'::jsonb), j.deceased_at, j.closed_at, j.seq,
        s.number = (SELECT max(o.number) FROM stay o WHERE o.journey_id = s.journey_id),
        (SELECT coalesce(jsonb_agg(c.body ORDER BY c.due_at, c.id), '[]'::jsonb) FROM clock c
            WHERE c.journey_id = s.journey_id AND c.body->>'stopped_at' IS NULL
            AND (c.subject = 'stay.' || s.number OR c.subject LIKE 'stay.' || s.number || '.%'))
    FROM stay s JOIN journey j ON j.id = s.journey_id JOIN patient p ON p.id = j.patient_id
    WHERE s.journey_id = wanted AND s.number = which AND ({SEEN.format(stay="s")})
$$
"""
# Stays that journeys had before they had a table of their own.
KNOWN = """
INSERT INTO stay (journey_id, number, ward, notified, admitted_at, body)
SELECT j.id, (e->>'number')::int, e->>'unit', coalesce(e->'notified', '[]'::jsonb),
    (e->>'admitted_at')::timestamptz, e
FROM journey j, jsonb_array_elements(coalesce(j.care->'episodes', '[]'::jsonb)) e
"""


def upgrade() -> None:
    """The table, who reads which rows, and what else of the journey they are told."""
    op.create_table(
        "stay",
        sa.Column("journey_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ward", sa.String(), nullable=False),
        sa.Column("notified", JSONB, nullable=False),
        sa.Column("admitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", JSONB, nullable=False),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_stay_journey_id")),
        sa.PrimaryKeyConstraint("journey_id", "number", name=op.f("pk_stay")),
    )
    op.create_index("ix_stay_notified", "stay", ["notified"], postgresql_using="gin")
    op.execute(KNOWN)
    op.execute("GRANT SELECT, INSERT, UPDATE ON stay TO handslag_worker")
    op.execute("GRANT SELECT ON stay TO handslag_api")
    op.execute("ALTER TABLE stay ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY worker ON stay TO handslag_worker USING (true) WITH CHECK (true)")
    seen = SEEN.format(stay="stay")
    op.execute(f"CREATE POLICY reader ON stay FOR SELECT TO handslag_api USING ({seen})")
    op.execute(AROUND)
    op.execute("REVOKE ALL ON FUNCTION handslag_around_stay(text, int) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION handslag_around_stay(text, int) TO handslag_api")


def downgrade() -> None:
    """Back to where it was; rights go with what they are on."""
    op.execute("DROP FUNCTION handslag_around_stay(text, int)")
    op.drop_index("ix_stay_notified", table_name="stay")
    op.drop_table("stay")
