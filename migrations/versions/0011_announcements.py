"""Notices with their receipts; announcements of sub-processors, windows and objections."""

import sqlalchemy as sa
from alembic import op

from registers.kernel.triggers import protect, unprotect

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SORT_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

PROTECTED = {
    "receipt": (),
    "confirmation": (),
    "posted": (),
    "announcement_version": ("facts",),
    "announced_change": (),
    "objection_window": (),
    "objection": (),
    "objection_answer": (),
}


def upgrade():
    op.create_table(
        "notice",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("annex_id", sa.Uuid()),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["annex_id"], ["annex.id"], name="fk_notice_annex_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
        sa.UniqueConstraint("number", name="uq_notice_number"),
        sa.UniqueConstraint("cause", "recipient", name="uq_notice_cause_recipient"),
    )
    op.create_table(
        "matter",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("controller_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid()),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("good_friday", sa.Boolean(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("sent_on", sa.Date()),
        sa.Column("informed_at", sa.DateTime(timezone=True)),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["controller_id"], ["controller.id"], name="fk_matter_controller_id"
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name="fk_matter_notice_id"),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name="fk_matter_contract_id"),
        sa.PrimaryKeyConstraint("id", name="pk_matter"),
        sa.UniqueConstraint("notice_id", "contract_id", name="uq_matter_notice_id_contract_id"),
    )
    op.create_index("ix_matter_contract_id", "matter", ["contract_id"])
    op.create_index("ix_matter_controller_id", "matter", ["controller_id"])
    op.create_table(
        "receipt",
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("evidence", sa.String(40), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("by_function", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("proof_sha256", sa.Text()),
        sa.Column("two_persons", sa.Boolean(), nullable=False),
        sa.Column("corrects_id", sa.Uuid()),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["corrects_id"], ["receipt.id"], name="fk_receipt_corrects_id"),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name="fk_receipt_matter_id"),
        sa.PrimaryKeyConstraint("id", name="pk_receipt"),
    )
    op.create_index("ix_receipt_matter_id", "receipt", ["matter_id"])
    op.create_table(
        "confirmation",
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.id"], name="fk_confirmation_receipt_id"),
        sa.PrimaryKeyConstraint("id", name="pk_confirmation"),
        sa.UniqueConstraint("receipt_id", name="uq_confirmation_receipt_id"),
    )
    op.create_table(
        "dispatch",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("controller_id", sa.Uuid()),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("annex_id", sa.Uuid()),
        sa.Column("message_sha256", sa.Text()),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name="fk_dispatch_notice_id"),
        sa.ForeignKeyConstraint(["annex_id"], ["annex.id"], name="fk_dispatch_annex_id"),
        sa.ForeignKeyConstraint(
            ["controller_id"], ["controller.id"], name="fk_dispatch_controller_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_dispatch"),
        sa.UniqueConstraint(
            "notice_id",
            "channel",
            "controller_id",
            "address",
            name="uq_dispatch_notice_id_channel_controller_id_address",
        ),
    )
    op.create_index("ix_dispatch_state_channel", "dispatch", ["state", "channel"])
    op.create_table(
        "posted",
        sa.Column("dispatch_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("proof_sha256", sa.Text()),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["dispatch_id"], ["dispatch.id"], name="fk_posted_dispatch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_posted"),
    )
    op.create_index("ix_posted_dispatch_id", "posted", ["dispatch_id"])
    op.create_table(
        "sending",
        sa.Column("dispatch_id", sa.Uuid(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["dispatch_id"], ["dispatch.id"], name="fk_sending_dispatch_id"),
        sa.PrimaryKeyConstraint("dispatch_id", name="pk_sending"),
    )
    op.create_table(
        "portal_link",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name="fk_portal_link_notice_id"),
        sa.PrimaryKeyConstraint("id", name="pk_portal_link"),
        sa.UniqueConstraint("digest", name="uq_portal_link_digest"),
    )
    op.create_index("ix_portal_link_notice_id", "portal_link", ["notice_id"])
    op.create_table(
        "portal_visit",
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code_at", sa.DateTime(timezone=True)),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["link_id"], ["portal_link.id"], name="fk_portal_visit_link_id"),
        sa.PrimaryKeyConstraint("id", name="pk_portal_visit"),
        sa.UniqueConstraint("digest", name="uq_portal_visit_digest"),
    )
    op.create_table(
        "announcement",
        sa.Column("code", SORT_KEY, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("phase", sa.String(40), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("planned_on", sa.Date()),
        sa.Column("announced_at", sa.DateTime(timezone=True)),
        sa.Column("announced_by", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("revises_id", sa.Uuid()),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["revises_id"], ["announcement.id"], name="fk_announcement_revises_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_announcement"),
        sa.UniqueConstraint("code", name="uq_announcement_code"),
    )
    op.create_table(
        "announcement_version",
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
            ["subject_id"], ["announcement.id"], name="fk_announcement_version_subject_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_announcement_version"),
        sa.UniqueConstraint(
            "subject_id", "number", name="uq_announcement_version_subject_id_number"
        ),
    )
    op.create_table(
        "announced_change",
        sa.Column("announcement_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subprocessor_id", sa.Uuid(), nullable=False),
        sa.Column("replaces_id", sa.Uuid()),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["subprocessor.id"], name="fk_announced_change_replaces_id"
        ),
        sa.ForeignKeyConstraint(
            ["subprocessor_id"], ["subprocessor.id"], name="fk_announced_change_subprocessor_id"
        ),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcement.id"], name="fk_announced_change_announcement_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_announced_change"),
        sa.UniqueConstraint(
            "announcement_id", "position", name="uq_announced_change_announcement_id_position"
        ),
    )
    op.create_index("ix_announced_change_subprocessor_id", "announced_change", ["subprocessor_id"])
    op.create_table(
        "announced_case",
        sa.Column("announcement_id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("effect", sa.String(40), nullable=False),
        sa.Column("known", sa.Text(), nullable=False),
        sa.Column("told_on", sa.Date()),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"], ["announcement.id"], name="fk_announced_case_announcement_id"
        ),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name="fk_announced_case_matter_id"),
        sa.ForeignKeyConstraint(
            ["change_id"], ["announced_change.id"], name="fk_announced_case_change_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_announced_case"),
        sa.UniqueConstraint("change_id", "matter_id", name="uq_announced_case_change_id_matter_id"),
    )
    op.create_index(
        "ix_announced_case_announcement_id_known", "announced_case", ["announcement_id", "known"]
    )
    op.create_index("ix_announced_case_matter_id", "announced_case", ["matter_id"])
    op.create_table(
        "objection_window",
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("receipt_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("free_on", sa.Date(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name="fk_objection_window_matter_id"),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipt.id"], name="fk_objection_window_receipt_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_objection_window"),
    )
    op.create_index("ix_objection_window_matter_id", "objection_window", ["matter_id"])
    op.create_table(
        "objection",
        sa.Column("matter_id", sa.Uuid(), nullable=False),
        sa.Column("change_id", sa.Uuid()),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("posted_on", sa.Date()),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("by_function", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("proof_sha256", sa.Text()),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["matter_id"], ["matter.id"], name="fk_objection_matter_id"),
        sa.ForeignKeyConstraint(
            ["change_id"], ["announced_change.id"], name="fk_objection_change_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_objection"),
    )
    op.create_index("ix_objection_matter_id", "objection", ["matter_id"])
    op.create_table(
        "objection_answer",
        sa.Column("objection_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("proof_sha256", sa.Text()),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["objection_id"], ["objection.id"], name="fk_objection_answer_objection_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_objection_answer"),
    )
    op.create_index("ix_objection_answer_objection_id", "objection_answer", ["objection_id"])
    protect(op.get_bind(), PROTECTED)


def downgrade():
    op.drop_table("objection_answer")
    op.drop_table("objection")
    op.drop_table("objection_window")
    op.drop_table("announced_case")
    op.drop_table("announced_change")
    op.drop_table("announcement_version")
    op.drop_table("announcement")
    op.drop_table("portal_visit")
    op.drop_table("portal_link")
    op.drop_table("sending")
    op.drop_table("posted")
    op.drop_table("dispatch")
    op.drop_table("confirmation")
    op.drop_table("receipt")
    op.drop_table("matter")
    op.drop_table("notice")
    unprotect(op.get_bind(), PROTECTED)
