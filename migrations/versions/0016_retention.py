"""What ended, retention cases, erasures with four eyes; what of older evidence can be erased."""

import sqlalchemy as sa
from alembic import op

from registers.kernel.triggers import protect, unprotect

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SORT_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

PROTECTED = {
    "retention_hold": (),
    "retention_hold_end": (),
    "end_choice": ("by_name", "by_function"),
    "return_request": ("by_name",),
    "returned": ("to_name",),
    "chain_confirmation": (),
    "own_limits_version": ("facts",),
    "erased_file": (),
}

ERASABLE = {
    "receipt": ("by_name", "by_function", "note"),
    "confirmation": ("note",),
    "posted": ("note",),
    "objection": ("by_name", "by_function", "grounds"),
    "objection_answer": ("says",),
    "stored_file": ("content",),
}
"""Ledgers until now: what names persons in them can be erased when its time is over."""


def upgrade():
    op.create_table(
        "erased_file",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_erased_file"),
    )
    op.create_table(
        "own_erasure",
        sa.Column("store", sa.String(40), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("erased", sa.Integer()),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_own_erasure"),
    )
    op.create_table(
        "own_limits",
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_own_limits"),
    )
    op.create_table(
        "own_limits_version",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("taken_over", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.Text()),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["own_limits.id"], name="fk_own_limits_version_subject_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_own_limits_version"),
        sa.UniqueConstraint("subject_id", "number", name="uq_own_limits_version_subject_id_number"),
    )
    op.create_table(
        "ending",
        sa.Column("code", SORT_KEY, nullable=False),
        sa.Column("trigger", sa.String(40), nullable=False),
        sa.Column("controller_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid()),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("event_on", sa.Date(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name="fk_ending_contract_id"),
        sa.ForeignKeyConstraint(
            ["controller_id"], ["controller.id"], name="fk_ending_controller_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ending"),
        sa.UniqueConstraint("code", name="uq_ending_code"),
    )
    op.create_index("ix_ending_contract_id_trigger", "ending", ["contract_id", "trigger"])
    op.create_index("ix_ending_controller_id", "ending", ["controller_id"])
    op.create_table(
        "return_request",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("registered", sa.Boolean(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text()),
        sa.Column("due_on", sa.Date()),
        sa.Column("ends_at", sa.DateTime(timezone=True)),
        sa.Column("count", sa.Text(), nullable=False),
        sa.Column("proof_sha256", sa.Text()),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name="fk_return_request_contract_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_return_request"),
    )
    op.create_index("ix_return_request_contract_id", "return_request", ["contract_id"])
    op.create_table(
        "end_choice",
        sa.Column("ending_id", sa.Uuid(), nullable=False),
        sa.Column("choice", sa.String(40), nullable=False),
        sa.Column("chosen_on", sa.Date(), nullable=False),
        sa.Column("by_name", sa.Text()),
        sa.Column("by_function", sa.Text()),
        sa.Column("proof_sha256", sa.Text()),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["ending_id"], ["ending.id"], name="fk_end_choice_ending_id"),
        sa.PrimaryKeyConstraint("id", name="pk_end_choice"),
    )
    op.create_index("ix_end_choice_ending_id", "end_choice", ["ending_id"])
    op.create_table(
        "erasure",
        sa.Column("code", SORT_KEY, nullable=False),
        sa.Column("ending_id", sa.Uuid(), nullable=False),
        sa.Column("controller_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("result", sa.String(40), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("treated", sa.Text(), nullable=False),
        sa.Column("copies", sa.Text(), nullable=False),
        sa.Column("visa", sa.Text(), nullable=False),
        sa.Column("visa_sha256", sa.Text()),
        sa.Column("irregular", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["controller_id"], ["controller.id"], name="fk_erasure_controller_id"
        ),
        sa.ForeignKeyConstraint(["ending_id"], ["ending.id"], name="fk_erasure_ending_id"),
        sa.PrimaryKeyConstraint("id", name="pk_erasure"),
        sa.UniqueConstraint("code", name="uq_erasure_code"),
    )
    op.create_index("ix_erasure_ending_id", "erasure", ["ending_id"])
    op.create_table(
        "returned",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid()),
        sa.Column("returned_on", sa.Date(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("to_name", sa.Text()),
        sa.Column("proof_sha256", sa.Text()),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name="fk_returned_contract_id"),
        sa.ForeignKeyConstraint(
            ["request_id"], ["return_request.id"], name="fk_returned_request_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_returned"),
    )
    op.create_index("ix_returned_contract_id", "returned", ["contract_id"])
    op.create_table(
        "chain_confirmation",
        sa.Column("erasure_id", sa.Uuid(), nullable=False),
        sa.Column("subprocessor_id", sa.Uuid(), nullable=False),
        sa.Column("erased_on", sa.Date(), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("proof_sha256", sa.Text()),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["erasure_id"], ["erasure.id"], name="fk_chain_confirmation_erasure_id"
        ),
        sa.ForeignKeyConstraint(
            ["subprocessor_id"], ["subprocessor.id"], name="fk_chain_confirmation_subprocessor_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_chain_confirmation"),
        sa.UniqueConstraint(
            "erasure_id", "subprocessor_id", name="uq_chain_confirmation_erasure_id_subprocessor_id"
        ),
    )
    op.create_table(
        "retention_case",
        sa.Column("ending_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("controller_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("promised", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("ends_at", sa.DateTime(timezone=True)),
        sa.Column("count", sa.Text(), nullable=False),
        sa.Column("day_reason", sa.Text(), nullable=False),
        sa.Column("hosted", sa.Boolean(), nullable=False),
        sa.Column("public_body", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("erasure_id", sa.Uuid()),
        sa.Column("done_on", sa.Date()),
        sa.Column("closed_reason", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["controller_id"], ["controller.id"], name="fk_retention_case_controller_id"
        ),
        sa.ForeignKeyConstraint(["ending_id"], ["ending.id"], name="fk_retention_case_ending_id"),
        sa.ForeignKeyConstraint(
            ["erasure_id"], ["erasure.id"], name="fk_retention_case_erasure_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_retention_case"),
        sa.UniqueConstraint("ending_id", "position", name="uq_retention_case_ending_id_position"),
    )
    op.create_index("ix_retention_case_controller_id", "retention_case", ["controller_id"])
    op.create_index("ix_retention_case_erasure_id", "retention_case", ["erasure_id"])
    op.create_index("ix_retention_case_state_due_on", "retention_case", ["state", "due_on"])
    op.create_table(
        "retention_hold",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("proof_sha256", sa.Text()),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["retention_case.id"], name="fk_retention_hold_case_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_retention_hold"),
    )
    op.create_index("ix_retention_hold_case_id", "retention_hold", ["case_id"])
    op.create_table(
        "retention_hold_end",
        sa.Column("hold_id", sa.Uuid(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hold_id"], ["retention_hold.id"], name="fk_retention_hold_end_hold_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_retention_hold_end"),
        sa.UniqueConstraint("hold_id", name="uq_retention_hold_end_hold_id"),
    )
    free()
    allow_nothing(nullable=True)
    protect(op.get_bind(), {**PROTECTED, **ERASABLE})


def downgrade():
    op.drop_table("retention_hold_end")
    op.drop_table("retention_hold")
    op.drop_table("retention_case")
    op.drop_table("chain_confirmation")
    op.drop_table("returned")
    op.drop_table("erasure")
    op.drop_table("end_choice")
    op.drop_table("return_request")
    op.drop_table("ending")
    op.drop_table("own_limits_version")
    op.drop_table("own_limits")
    op.drop_table("own_erasure")
    op.drop_table("erased_file")
    unprotect(op.get_bind(), PROTECTED)
    free()
    for table, columns in ERASABLE.items():
        for name in columns:
            empty = sa.table(table, sa.column(name, kind(table)))
            nothing = b"" if table == "stored_file" else ""
            op.execute(sa.update(empty).where(empty.c[name].is_(None)).values({name: nothing}))
    allow_nothing(nullable=False)
    protect(op.get_bind(), dict.fromkeys(ERASABLE, ()))


def free():
    """Takes the protection of ledgers away, to give them another one."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for table in ERASABLE:
            for verb in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_no_{verb}")
        return
    for table in ERASABLE:
        for verb in ("update", "delete", "truncate"):
            op.execute(f"DROP TRIGGER {table}_no_{verb} ON {table}")
    unprotect(connection, ERASABLE)


def allow_nothing(*, nullable):
    for table, columns in ERASABLE.items():
        with op.batch_alter_table(table) as batch:
            for name in columns:
                batch.alter_column(name, existing_type=kind(table), nullable=nullable)


def kind(table):
    return sa.LargeBinary() if table == "stored_file" else sa.Text()
