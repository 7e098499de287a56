"""The first tables."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "first_tables"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """The first tables."""
    op.create_table(
        "access_log",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("journey_id", sa.String(), nullable=False),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("correlation_id", sa.String(), nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_log")),
    )
    op.create_index(op.f("ix_access_log_journey_id"), "access_log", ["journey_id"], unique=False)
    op.create_index(op.f("ix_access_log_patient_id"), "access_log", ["patient_id"], unique=False)
    op.create_table(
        "answer",
        sa.Column("principal", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("journey_id", sa.String(), nullable=False),
        sa.Column("body_hash", sa.String(), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("principal", "key", "journey_id", name=op.f("pk_answer")),
    )
    op.create_table(
        "calendar",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_calendar")),
    )
    op.create_table(
        "ladders",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_ladders")),
    )
    op.create_table(
        "organisation",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("municipality", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_organisation")),
    )
    op.create_table(
        "pathway",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("definition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("key", "version", name=op.f("pk_pathway")),
    )
    op.create_table(
        "patient",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
    )
    op.create_index("uq_patient_identifier", "patient", ["system", "value"], unique=True)
    op.create_table(
        "journey",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("patient_id", sa.String(), nullable=False),
        sa.Column("patient_name", sa.String(), nullable=False),
        sa.Column("pathway_key", sa.String(), nullable=False),
        sa.Column("pathway_version", sa.Integer(), nullable=False),
        sa.Column("started_by", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("need", sa.Boolean(), nullable=True),
        sa.Column("visits", sa.Integer(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("close_reason", sa.String(), nullable=True),
        sa.Column("overlap_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_journey_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey")),
    )
    op.create_index("ix_journey_started_at", "journey", ["started_at", "id"], unique=False)
    op.create_index(
        "uq_journey_overlap",
        "journey",
        ["patient_id", "pathway_key"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL AND overlap_reason IS NULL"),
    )
    op.create_table(
        "unit",
        sa.Column("hsa_id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisation.key"], name=op.f("fk_unit_organisation")
        ),
        sa.PrimaryKeyConstraint("hsa_id", name=op.f("pk_unit")),
    )
    op.create_index(op.f("ix_unit_organisation"), "unit", ["organisation"], unique=False)
    op.create_table(
        "clock",
        sa.Column("journey_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("counterpart", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owed", sa.Boolean(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_clock_journey_id")),
        sa.PrimaryKeyConstraint("journey_id", "id", name=op.f("pk_clock")),
    )
    op.create_index(op.f("ix_clock_counterpart"), "clock", ["counterpart"], unique=False)
    op.create_index(
        "ix_clock_late",
        "clock",
        ["due_at", "journey_id", "id"],
        unique=False,
        postgresql_where=sa.text("owed"),
    )
    op.create_index(
        "ix_clock_next", "clock", ["next_at"], unique=False, postgresql_where=sa.text("owed")
    )
    op.create_index(op.f("ix_clock_owner"), "clock", ["owner"], unique=False)
    op.create_table(
        "event",
        sa.Column("journey_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("what", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "actor", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_event_journey_id")),
        sa.PrimaryKeyConstraint("journey_id", "seq", name=op.f("pk_event")),
    )
    op.create_table(
        "firing",
        sa.Column("journey_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("clock_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rung", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("folded", sa.Integer(), nullable=False),
        sa.Column("alarm", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("told", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_firing_journey_id")),
        sa.PrimaryKeyConstraint("journey_id", "seq", name=op.f("pk_firing")),
    )
    op.create_index("ix_firing_clock", "firing", ["journey_id", "clock_id", "seq"], unique=False)
    op.create_table(
        "handover",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("journey_id", sa.String(), nullable=False),
        sa.Column("from_unit", sa.String(), nullable=False),
        sa.Column("to_unit", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["journey_id"], ["journey.id"], name=op.f("fk_handover_journey_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    op.create_index(
        "ix_handover_from_unit", "handover", ["from_unit", "sent_at", "id"], unique=False
    )
    op.create_index(op.f("ix_handover_journey_id"), "handover", ["journey_id"], unique=False)
    op.create_index("ix_handover_to_unit", "handover", ["to_unit", "sent_at", "id"], unique=False)
    op.create_table(
        "involved",
        sa.Column("journey_id", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["journey_id"], ["journey.id"], name=op.f("fk_involved_journey_id")
        ),
        sa.PrimaryKeyConstraint("journey_id", "unit", name=op.f("pk_involved")),
    )
    op.create_index(op.f("ix_involved_unit"), "involved", ["unit"], unique=False)
    op.create_table(
        "notice",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("ordinal", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("journey_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("function", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("clock_id", sa.String(), nullable=True),
        sa.Column("rung", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dispatched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_notice_journey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_subject", "notice", ["journey_id", "subject"], unique=False)
    op.create_index(
        "ix_notice_undispatched",
        "notice",
        ["ordinal"],
        unique=False,
        postgresql_where=sa.text("dispatched_at IS NULL"),
    )
    op.create_table(
        "part",
        sa.Column("journey_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_part_journey_id")),
        sa.PrimaryKeyConstraint("journey_id", "key", name=op.f("pk_part")),
    )
    op.create_index(op.f("ix_part_holder"), "part", ["holder"], unique=False)
    op.create_table(
        "step",
        sa.Column("journey_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "content", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_step_journey_id")),
        sa.PrimaryKeyConstraint("journey_id", "id", name=op.f("pk_step")),
    )
    op.create_table(
        "visit",
        sa.Column("journey_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_visit_journey_id")),
        sa.PrimaryKeyConstraint("journey_id", "number", name=op.f("pk_visit")),
    )
    op.create_table(
        "inbox_message",
        sa.Column("notice_id", sa.String(), nullable=False),
        sa.Column("journey_id", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("function", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["journey_id"], ["journey.id"], name=op.f("fk_inbox_message_journey_id")
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_inbox_message_notice_id")
        ),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_inbox_message")),
    )
    op.create_index("ix_inbox_message_unit", "inbox_message", ["unit", "at"], unique=False)
    op.create_table(
        "message",
        sa.Column("journey_id", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("handover_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["handover_id"], ["handover.id"], name=op.f("fk_message_handover_id")
        ),
        sa.ForeignKeyConstraint(["journey_id"], ["journey.id"], name=op.f("fk_message_journey_id")),
        sa.PrimaryKeyConstraint("journey_id", "seq", name=op.f("pk_message")),
    )
    op.create_index(op.f("ix_message_handover_id"), "message", ["handover_id"], unique=False)


def downgrade() -> None:
    """Back to where it was."""
    op.drop_index(op.f("ix_message_handover_id"), table_name="message")
    op.drop_table("message")
    op.drop_index("ix_inbox_message_unit", table_name="inbox_message")
    op.drop_table("inbox_message")
    op.drop_table("visit")
    op.drop_table("step")
    op.drop_index(op.f("ix_part_holder"), table_name="part")
    op.drop_table("part")
    op.drop_index(
        "ix_notice_undispatched",
        table_name="notice",
        postgresql_where=sa.text("dispatched_at IS NULL"),
    )
    op.drop_index("ix_notice_subject", table_name="notice")
    op.drop_table("notice")
    op.drop_index(op.f("ix_involved_unit"), table_name="involved")
    op.drop_table("involved")
    op.drop_index("ix_handover_to_unit", table_name="handover")
    op.drop_index(op.f("ix_handover_journey_id"), table_name="handover")
    op.drop_index("ix_handover_from_unit", table_name="handover")
    op.drop_table("handover")
    op.drop_index("ix_firing_clock", table_name="firing")
    op.drop_table("firing")
    op.drop_table("event")
    op.drop_index(op.f("ix_clock_owner"), table_name="clock")
    op.drop_index("ix_clock_next", table_name="clock", postgresql_where=sa.text("owed"))
    op.drop_index("ix_clock_late", table_name="clock", postgresql_where=sa.text("owed"))
    op.drop_index(op.f("ix_clock_counterpart"), table_name="clock")
    op.drop_table("clock")
    op.drop_index(op.f("ix_unit_organisation"), table_name="unit")
    op.drop_table("unit")
    op.drop_index(
        "uq_journey_overlap",
        table_name="journey",
        postgresql_where=sa.text("closed_at IS NULL AND overlap_reason IS NULL"),
    )
    op.drop_index("ix_journey_started_at", table_name="journey")
    op.drop_table("journey")
    op.drop_index("uq_patient_identifier", table_name="patient")
    op.drop_table("patient")
    op.drop_table("pathway")
    op.drop_table("organisation")
    op.drop_table("ladders")
    op.drop_table("calendar")
    op.drop_table("answer")
    op.drop_index(op.f("ix_access_log_patient_id"), table_name="access_log")
    op.drop_index(op.f("ix_access_log_journey_id"), table_name="access_log")
    op.drop_table("access_log")
