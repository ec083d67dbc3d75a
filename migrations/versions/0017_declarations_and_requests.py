"""Declarations of DPOs, copies to former addresses, requests of data subjects."""

import sqlalchemy as sa
from alembic import op

from registers.kernel.triggers import protect, unprotect

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

SORT_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)

PROTECTED = {
    "declaration_version": ("facts",),
    "subject_request_version": ("facts",),
    "request_step": ("note", "content"),
}


def versions(table, of):
    op.create_table(
        table,
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("taken_over", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.Text()),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], [f"{of}.id"], name=f"fk_{table}_subject_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("subject_id", "number", name=f"uq_{table}_subject_id_number"),
    )


def upgrade():
    op.add_column(
        "dispatch", sa.Column("copy", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "former_address",
        sa.Column("controller_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["controller_id"], ["controller.id"], name="fk_former_address_controller_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_former_address"),
    )
    op.create_index(
        "ix_former_address_controller_id_until", "former_address", ["controller_id", "until"]
    )
    op.create_table(
        "declaration",
        sa.Column("controller_id", sa.Uuid(), nullable=False),
        sa.Column("none", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["controller_id"], ["controller.id"], name="fk_declaration_controller_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_declaration"),
        sa.UniqueConstraint("controller_id", name="uq_declaration_controller_id"),
    )
    versions("declaration_version", "declaration")
    op.create_table(
        "declaration_form",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("controller_id", sa.Uuid(), nullable=False),
        sa.Column("phase", sa.String(40), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("way", sa.String(40)),
        sa.Column("returned_at", MOMENT),
        sa.Column("returned_by", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("by_function", sa.Text(), nullable=False),
        sa.Column("code_to", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text()),
        sa.Column("found", sa.Text()),
        sa.Column("asked_id", sa.Uuid()),
        sa.Column("confirmation", sa.String(40)),
        sa.Column("settled_at", MOMENT),
        sa.Column("settled_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date()),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["controller_id"], ["controller.id"], name="fk_declaration_form_controller_id"
        ),
        sa.ForeignKeyConstraint(["asked_id"], ["notice.id"], name="fk_declaration_form_asked_id"),
        sa.PrimaryKeyConstraint("id", name="pk_declaration_form"),
        sa.UniqueConstraint("number", name="uq_declaration_form_number"),
    )
    op.create_index("ix_declaration_form_controller_id", "declaration_form", ["controller_id"])
    op.create_index("ix_declaration_form_phase", "declaration_form", ["phase", "number"])
    op.create_table(
        "subject_request",
        sa.Column("code", SORT_KEY, nullable=False),
        sa.Column("phase", sa.String(40), nullable=False),
        sa.Column("rights", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("repeats_id", sa.Uuid()),
        sa.Column("acknowledge_by", sa.String(40), nullable=False),
        sa.Column("acknowledged_at", MOMENT),
        sa.Column("closed_at", MOMENT),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("erase_after", sa.Date()),
        sa.Column("erased_at", MOMENT),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["repeats_id"], ["subject_request.id"], name="fk_subject_request_repeats_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_subject_request"),
        sa.UniqueConstraint("code", name="uq_subject_request_code"),
    )
    op.create_index(
        "ix_subject_request_phase_received_on", "subject_request", ["phase", "received_on"]
    )
    versions("subject_request_version", "subject_request")
    op.create_table(
        "request_concern",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("controller_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("passed_at", MOMENT, nullable=False),
        sa.Column("left_at", MOMENT),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("extended_due", sa.Date(), nullable=False),
        sa.Column("extension", sa.Text(), nullable=False),
        sa.Column("extended_on", sa.Date()),
        sa.Column("outcome", sa.String(40)),
        sa.Column("ended_on", sa.Date()),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["subject_request.id"], name="fk_request_concern_request_id"
        ),
        sa.ForeignKeyConstraint(
            ["controller_id"], ["controller.id"], name="fk_request_concern_controller_id"
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name="fk_request_concern_notice_id"),
        sa.PrimaryKeyConstraint("id", name="pk_request_concern"),
        sa.UniqueConstraint(
            "request_id", "controller_id", name="uq_request_concern_request_id_controller_id"
        ),
    )
    op.create_index("ix_request_concern_controller_id", "request_concern", ["controller_id"])
    op.create_index("ix_request_concern_notice_id", "request_concern", ["notice_id"])
    op.create_table(
        "request_step",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("concern_id", sa.Uuid()),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["subject_request.id"], name="fk_request_step_request_id"
        ),
        sa.ForeignKeyConstraint(
            ["concern_id"], ["request_concern.id"], name="fk_request_step_concern_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_request_step"),
    )
    op.create_index("ix_request_step_request_id", "request_step", ["request_id"])
    protect(op.get_bind(), PROTECTED)


def downgrade():
    for table in (
        "request_step",
        "request_concern",
        "subject_request_version",
        "subject_request",
        "declaration_form",
        "declaration_version",
        "declaration",
        "former_address",
    ):
        op.drop_table(table)
    unprotect(op.get_bind(), PROTECTED)
    op.execute("DELETE FROM sending WHERE dispatch_id IN (SELECT id FROM dispatch WHERE copy)")
    op.execute("DELETE FROM dispatch WHERE copy")
    op.drop_column("dispatch", "copy")
