"""Instructions, assistance, interventions, staff commitments, certificates."""

import sqlalchemy as sa
from alembic import op

from registers.kernel.triggers import protect, unprotect

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SORT_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

PROTECTED = {
    "instruction": (),
    "instruction_step": (),
    "assistance_document": (),
    "assistance_version": ("facts",),
    "intervention_version": ("facts",),
    "staff_member_version": ("facts",),
    "commitment": (),
    "certificate_version": ("facts",),
}


def upgrade():
    op.create_table(
        "instruction",
        sa.Column("code", SORT_KEY, nullable=False),
        sa.Column("controller_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(40), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("activities", sa.Text(), nullable=False),
        sa.Column("purposes", sa.Text(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("way", sa.String(40), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("by_function", sa.Text(), nullable=False),
        sa.Column("replaces_id", sa.Uuid()),
        sa.Column("proof_sha256", sa.Text()),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name="fk_instruction_contract_id"
        ),
        sa.ForeignKeyConstraint(
            ["controller_id"], ["controller.id"], name="fk_instruction_controller_id"
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["instruction.id"], name="fk_instruction_replaces_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_instruction"),
        sa.UniqueConstraint("code", name="uq_instruction_code"),
    )
    op.create_index("ix_instruction_contract_id", "instruction", ["contract_id"])
    op.create_index("ix_instruction_controller_id", "instruction", ["controller_id"])
    op.create_table(
        "instruction_step",
        sa.Column("instruction_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(40), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("provision", sa.Text(), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("by_function", sa.Text(), nullable=False),
        sa.Column("notice_id", sa.Uuid()),
        sa.Column("proof_sha256", sa.Text()),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["instruction_id"], ["instruction.id"], name="fk_instruction_step_instruction_id"
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name="fk_instruction_step_notice_id"),
        sa.PrimaryKeyConstraint("id", name="pk_instruction_step"),
        sa.UniqueConstraint(
            "instruction_id", "number", name="uq_instruction_step_instruction_id_number"
        ),
    )
    op.create_table(
        "assistance_document",
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_assistance_document"),
    )
    op.create_index("ix_assistance_document_about", "assistance_document", ["about"])
    op.create_table(
        "assistance",
        sa.Column("code", SORT_KEY, nullable=False),
        sa.Column("controller_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("asked_on", sa.Date()),
        sa.Column("planned_on", sa.Date()),
        sa.Column("held_on", sa.Date()),
        sa.Column("closed_on", sa.Date()),
        sa.Column("unsettled", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["controller_id"], ["controller.id"], name="fk_assistance_controller_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assistance"),
        sa.UniqueConstraint("code", name="uq_assistance_code"),
    )
    op.create_index("ix_assistance_controller_id", "assistance", ["controller_id"])
    op.create_table(
        "assistance_version",
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
            ["subject_id"], ["assistance.id"], name="fk_assistance_version_subject_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assistance_version"),
        sa.UniqueConstraint("subject_id", "number", name="uq_assistance_version_subject_id_number"),
    )
    op.create_table(
        "intervention",
        sa.Column("code", SORT_KEY, nullable=False),
        sa.Column("controller_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("environment", sa.String(40), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["controller_id"], ["controller.id"], name="fk_intervention_controller_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_intervention"),
        sa.UniqueConstraint("code", name="uq_intervention_code"),
    )
    op.create_index("ix_intervention_controller_id", "intervention", ["controller_id"])
    op.create_table(
        "intervention_version",
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
            ["subject_id"], ["intervention.id"], name="fk_intervention_version_subject_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_intervention_version"),
        sa.UniqueConstraint(
            "subject_id", "number", name="uq_intervention_version_subject_id_number"
        ),
    )
    op.create_table(
        "staff_member",
        sa.Column("code", SORT_KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sorted", SORT_KEY, nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("function", sa.Text(), nullable=False),
        sa.Column("joined_on", sa.Date()),
        sa.Column("left_on", sa.Date()),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff_member"),
        sa.UniqueConstraint("code", name="uq_staff_member_code"),
    )
    op.create_table(
        "staff_member_version",
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
            ["subject_id"], ["staff_member.id"], name="fk_staff_member_version_subject_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_staff_member_version"),
        sa.UniqueConstraint(
            "subject_id", "number", name="uq_staff_member_version_subject_id_number"
        ),
    )
    op.create_table(
        "commitment",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("months", sa.Integer()),
        sa.Column("again_on", sa.Date()),
        sa.Column("corrects_id", sa.Uuid()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("proof_sha256", sa.Text()),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["commitment.id"], name="fk_commitment_corrects_id"
        ),
        sa.ForeignKeyConstraint(["member_id"], ["staff_member.id"], name="fk_commitment_member_id"),
        sa.PrimaryKeyConstraint("id", name="pk_commitment"),
    )
    op.create_index("ix_commitment_member_id", "commitment", ["member_id"])
    op.create_table(
        "certificate",
        sa.Column("code", SORT_KEY, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("sorted", SORT_KEY, nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subprocessor", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date()),
        sa.Column("ends_on", sa.Date()),
        sa.Column("withheld", sa.Boolean(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_certificate"),
        sa.UniqueConstraint("code", name="uq_certificate_code"),
    )
    op.create_table(
        "certificate_version",
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
            ["subject_id"], ["certificate.id"], name="fk_certificate_version_subject_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_certificate_version"),
        sa.UniqueConstraint(
            "subject_id", "number", name="uq_certificate_version_subject_id_number"
        ),
    )
    protect(op.get_bind(), PROTECTED)


def downgrade():
    op.drop_table("certificate_version")
    op.drop_table("certificate")
    op.drop_table("commitment")
    op.drop_table("staff_member_version")
    op.drop_table("staff_member")
    op.drop_table("intervention_version")
    op.drop_table("intervention")
    op.drop_table("assistance_version")
    op.drop_table("assistance")
    op.drop_table("assistance_document")
    op.drop_table("instruction_step")
    op.drop_table("instruction")
    unprotect(op.get_bind(), PROTECTED)
