"""Webhook endpoints, digests and dead letters."""

import sqlalchemy as sa
from alembic import op

revision = "channels"
down_revision = "units_with_a_life"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
MINE = "ANY (handslag_units())"
# What was sent to a unit may be counted and sent again, though the journey is out of its sight.
BOARD = "unit = ANY (handslag_boards())"
NEAR = "EXISTS (SELECT 1 FROM notice n WHERE n.id = {table}.notice_id)"
COLUMNS = ("not_before", "held_until", "digest_of", "resent")
INDEXES: dict[str, tuple[list[str], str | None]] = {
    "ix_notice_waiting": (
        ["ordinal"],
        "dispatched_at IS NULL AND (not_before IS NOT NULL OR held_until IS NOT NULL)",
    ),
    "ix_notice_unit": (["unit", "at", "ordinal"], None),
    "ix_notice_at": (["at", "ordinal"], None),
    "ix_notice_undelivered": (["at", "ordinal"], "delivered_at IS NULL"),
    "ix_notice_mailed": (["address", "dispatched_at"], "channel = 'mail' AND digest_of IS NULL"),
    "ix_notice_digest_of": (["digest_of"], "digest_of IS NOT NULL"),
}


def upgrade() -> None:
    """Columns and tables, who may read and add rows, and the one way back for a dead letter."""
    _widen()
    _create_attempts()
    _create_resends()
    _create_webhooks()
    for table in ("resend", "webhook"):
        _only_append(table)
    _fence()
    op.execute(_HUSHED)
    op.execute("REVOKE ALL ON FUNCTION handslag_hushed(text) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION handslag_hushed(text) TO handslag_api")
    op.execute(_PUT_BACK)
    op.execute(
        "CREATE TRIGGER put_back BEFORE INSERT ON resend "
        "FOR EACH ROW EXECUTE FUNCTION handslag_put_back()"
    )


def downgrade() -> None:
    """Back to where it was; triggers, policies and rights go with the tables."""
    op.drop_table("webhook")
    op.drop_table("resend")
    op.execute("DROP FUNCTION handslag_put_back()")
    op.execute("DROP FUNCTION handslag_hushed(text)")
    op.drop_table("delivery_attempt")
    op.execute("DROP POLICY board ON notice")
    for name in (*INDEXES, "uq_notice_ordinal"):
        op.drop_index(name, table_name="notice")
    for column in COLUMNS:
        op.drop_column("notice", column)


def _widen() -> None:
    op.add_column("notice", sa.Column("not_before", INSTANT, nullable=True))
    op.add_column("notice", sa.Column("held_until", INSTANT, nullable=True))
    op.add_column("notice", sa.Column("digest_of", sa.String(), nullable=True))
    op.add_column(
        "notice", sa.Column("resent", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    op.create_foreign_key(op.f("fk_notice_digest_of"), "notice", "notice", ["digest_of"], ["id"])
    op.create_index("uq_notice_ordinal", "notice", ["ordinal"], unique=True)
    for name, (columns, where) in INDEXES.items():
        only = sa.text(where) if where else None
        op.create_index(name, "notice", columns, unique=False, postgresql_where=only)


def _create_attempts() -> None:
    op.create_table(
        "delivery_attempt",
        sa.Column("notice_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('delivered', 'failed')", name=op.f("ck_delivery_attempt_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_delivery_attempt_notice_id")
        ),
        sa.PrimaryKeyConstraint("notice_id", "number", name=op.f("pk_delivery_attempt")),
    )


def _create_resends() -> None:
    op.create_table(
        "resend",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("notice_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by_subject", sa.String(), nullable=False),
        sa.Column("by_unit", sa.String(), nullable=False),
        sa.Column("body_hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_resend_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resend")),
    )
    op.create_index("uq_resend_number", "resend", ["notice_id", "number"], unique=True)


def _create_webhooks() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("hsa_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("key_id", sa.String(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("old_key_id", sa.String(), nullable=True),
        sa.Column("old_secret", sa.LargeBinary(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by_subject", sa.String(), nullable=False),
        sa.Column("by_unit", sa.String(), nullable=False),
        sa.Column("body_hash", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('put', 'rotate', 'retire_old', 'remove')", name=op.f("ck_webhook_kind")
        ),
        sa.ForeignKeyConstraint(["hsa_id"], ["unit.hsa_id"], name=op.f("fk_webhook_hsa_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_index("uq_webhook_version", "webhook", ["hsa_id", "version"], unique=True)


def _only_append(table: str) -> None:
    op.execute(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION handslag_append_only()"
    )
    op.execute(
        f"CREATE TRIGGER never_emptied BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION handslag_append_only()"
    )


def _fence() -> None:
    op.execute(f"CREATE POLICY board ON notice FOR SELECT TO handslag_api USING ({BOARD})")
    op.execute("GRANT SELECT, INSERT, UPDATE ON delivery_attempt TO handslag_worker")
    op.execute("GRANT SELECT ON delivery_attempt TO handslag_api")
    op.execute("GRANT SELECT ON resend, webhook TO handslag_worker")
    op.execute("GRANT SELECT, INSERT ON resend, webhook TO handslag_api")
    for table in ("delivery_attempt", "resend", "webhook"):
        own = f"hsa_id = {MINE}" if table == "webhook" else NEAR.format(table=table)
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY worker ON {table} TO handslag_worker USING (true) WITH CHECK (true)"
        )
        op.execute(f"CREATE POLICY reader ON {table} FOR SELECT TO handslag_api USING ({own})")
        if table != "delivery_attempt":
            op.execute(
                f"CREATE POLICY writer ON {table} FOR INSERT TO handslag_api WITH CHECK ({own})"
            )


# A dead letter is not silenced when the patient dies or is protected: so it is asked when somebody
# will send it again. What was told after the death, and because of it, may be.
_HUSHED = """
CREATE FUNCTION handslag_hushed(wanted text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
    SELECT n.silenced_at IS NOT NULL
        OR (n.channel <> 'inbox' AND (j.protection <> 'none' OR p.protection <> 'none'))
        OR (j.deceased_at IS NOT NULL AND n.seq < (SELECT max(e.seq) FROM event e
            WHERE e.journey_id = n.journey_id AND e.type = 'patient_died'))
    FROM notice n JOIN journey j ON j.id = n.journey_id JOIN patient p ON p.id = j.patient_id
    WHERE n.id = wanted
$$
"""
# The API may write no notice; all that it can do to one is to have a dead letter put back, once.
_PUT_BACK = """
CREATE FUNCTION handslag_put_back() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public AS $$
BEGIN
    UPDATE notice SET resent = NEW.number, dead_at = NULL, dispatched_at = NULL,
        held_until = NULL, digest_of = NULL
    WHERE id = NEW.notice_id AND resent = NEW.number - 1 AND dead_at IS NOT NULL
        AND delivered_at IS NULL AND NOT handslag_hushed(id);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'only a dead letter is put back';
    END IF;
    RETURN NEW;
END
$$
"""
