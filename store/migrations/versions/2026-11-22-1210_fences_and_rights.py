"""Who may touch which table, and which rows they see."""

from alembic import op

revision = "fences_and_rights"
down_revision = "first_tables"
branch_labels = None
depends_on = None

REFERENCE = ("organisation", "unit", "pathway", "ladders", "calendar")
APPEND_ONLY = ("event", "pathway", "ladders", "calendar", "access_log")
WRITTEN = {
    "patient": "SELECT, INSERT, UPDATE",
    "journey": "SELECT, INSERT, UPDATE",
    "event": "SELECT, INSERT",
    "involved": "SELECT, INSERT",
    "part": "SELECT, INSERT, UPDATE",
    "step": "SELECT, INSERT, UPDATE",
    "handover": "SELECT, INSERT, UPDATE",
    "message": "SELECT, INSERT, UPDATE",
    "clock": "SELECT, INSERT, UPDATE",
    "firing": "SELECT, INSERT, UPDATE",
    "visit": "SELECT, INSERT, UPDATE",
    "notice": "SELECT, INSERT, UPDATE",
    "inbox_message": "SELECT, INSERT",
    "answer": "SELECT, INSERT",
}
MINE = "ANY (handslag_units())"
INVOLVED = f"""EXISTS (SELECT 1 FROM involved i
    WHERE i.journey_id = {{table}}.journey_id AND i.unit = {MINE})"""
NEAR = "EXISTS (SELECT 1 FROM journey j WHERE j.id = {table}.journey_id)"
VISIBLE = {
    "involved": f"unit = {MINE}",
    "handover": f"""from_unit = {MINE}
        OR (to_unit = {MINE} AND state NOT IN ('withdrawn', 'declined'))
        OR {INVOLVED}""",
    "journey": f"""EXISTS (SELECT 1 FROM involved i
            WHERE i.journey_id = journey.id AND i.unit = {MINE})
        OR EXISTS (SELECT 1 FROM handover h WHERE h.journey_id = journey.id)""",
    "patient": "EXISTS (SELECT 1 FROM journey j WHERE j.patient_id = patient.id)",
    "event": INVOLVED,
    "step": INVOLVED,
    "visit": INVOLVED,
    "part": NEAR,
    "clock": NEAR,
    "firing": NEAR,
    "notice": NEAR,
    "message": "EXISTS (SELECT 1 FROM handover h WHERE h.id = message.handover_id)",
    "inbox_message": f"unit = {MINE}",
    "answer": "principal = current_setting('handslag.principal', true)",
}


def upgrade() -> None:
    """Grants, row policies, append-only tables, the sealed access log."""
    op.execute(_UNITS)
    op.execute(_APPEND_ONLY)
    op.execute(_SEAL)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION handslag_append_only()"
        )
    op.execute(
        "CREATE TRIGGER seal BEFORE INSERT ON access_log "
        "FOR EACH ROW EXECUTE FUNCTION handslag_seal_access()"
    )
    op.execute("GRANT USAGE ON SCHEMA public TO handslag_worker, handslag_api")
    for table in REFERENCE:
        op.execute(f"GRANT SELECT ON {table} TO handslag_worker, handslag_api")
    op.execute("GRANT INSERT ON access_log TO handslag_api")
    for table, rights in WRITTEN.items():
        _fence(table, rights)


def downgrade() -> None:
    """Back to where it was."""
    for table in WRITTEN:
        op.execute(f"DROP POLICY worker ON {table}")
        op.execute(f"DROP POLICY reader ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        op.execute(f"REVOKE ALL ON {table} FROM handslag_worker, handslag_api")
    op.execute("DROP TRIGGER seal ON access_log")
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER append_only ON {table}")
    for table in (*REFERENCE, "access_log"):
        op.execute(f"REVOKE ALL ON {table} FROM handslag_worker, handslag_api")
    for function in ("handslag_seal_access", "handslag_append_only", "handslag_units"):
        op.execute(f"DROP FUNCTION {function}()")


def _fence(table: str, rights: str) -> None:
    visible = VISIBLE[table].format(table=table)
    op.execute(f"GRANT {rights} ON {table} TO handslag_worker")
    op.execute(f"GRANT SELECT ON {table} TO handslag_api")
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY worker ON {table} TO handslag_worker USING (true) WITH CHECK (true)")
    op.execute(f"CREATE POLICY reader ON {table} FOR SELECT TO handslag_api USING ({visible})")


_UNITS = """
CREATE FUNCTION handslag_units() RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT string_to_array(coalesce(current_setting('handslag.units', true), ''), ',')
$$
"""

_APPEND_ONLY = """
CREATE FUNCTION handslag_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$
"""

# Numbered and sealed under one lock, so that the chain has no gap and no fork.
_SEAL = """
CREATE FUNCTION handslag_seal_access() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public AS $$
DECLARE
    newest access_log%ROWTYPE;
BEGIN
    PERFORM pg_advisory_xact_lock(2017612);
    SELECT * INTO newest FROM access_log ORDER BY id DESC LIMIT 1;
    NEW.id := coalesce(newest.id, 0) + 1;
    NEW.at := clock_timestamp();
    NEW.previous_hash := coalesce(newest.hash, repeat('0', 64));
    NEW.hash := encode(sha256(convert_to(concat_ws('|', NEW.id, NEW.previous_hash,
        extract(epoch FROM NEW.at), NEW.subject, NEW.unit, NEW.journey_id, NEW.patient_id,
        NEW.action, NEW.correlation_id), 'UTF8')), 'hex');
    RETURN NEW;
END
$$
"""
