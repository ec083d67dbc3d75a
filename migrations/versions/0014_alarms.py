"""Who is on call, and how alarms reached them."""

import sqlalchemy as sa
from alembic import op

from registers.kernel.triggers import protect, unprotect

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

PROTECTED = {"breach_by_hand": (), "emergency_pack": ()}


def upgrade():
    op.create_table(
        "on_call",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("emails", sa.Text(), nullable=False),
        sa.Column("webhook", sa.Text(), nullable=False),
        sa.Column("webhook_key", sa.Text(), nullable=False),
        sa.Column("drill_emails", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("pack_by_email", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_on_call"),
    )
    op.create_table(
        "alarm_call",
        sa.Column("breach_id", sa.Uuid()),
        sa.Column("occasion", sa.String(40), nullable=False),
        sa.Column("way", sa.String(40), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("drill", sa.Boolean(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["breach_id"], ["breach.id"], name="fk_alarm_call_breach_id"),
        sa.PrimaryKeyConstraint("id", name="pk_alarm_call"),
    )
    op.create_index("ix_alarm_call_breach_id", "alarm_call", ["breach_id"])
    op.create_index("ix_alarm_call_created_at", "alarm_call", ["created_at"])
    op.create_table(
        "emergency_pack",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("controllers", sa.Integer(), nullable=False),
        sa.Column("running", sa.Integer(), nullable=False),
        sa.Column("places", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_emergency_pack"),
    )
    op.create_index("ix_emergency_pack_at", "emergency_pack", ["at"])
    op.create_table(
        "breach_by_hand",
        sa.Column("breach_id", sa.Uuid(), nullable=False),
        sa.Column("affected_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(40), nullable=False),
        sa.Column("whom", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True)),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("minimum", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("proof_sha256", sa.Text()),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("corrects_id", sa.Uuid()),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["breach_id"], ["breach.id"], name="fk_breach_by_hand_breach_id"),
        sa.ForeignKeyConstraint(
            ["affected_id"], ["breach_affected.id"], name="fk_breach_by_hand_affected_id"
        ),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["breach_by_hand.id"], name="fk_breach_by_hand_corrects_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_breach_by_hand"),
        sa.UniqueConstraint("corrects_id", name="uq_breach_by_hand_corrects_id"),
    )
    op.create_index("ix_breach_by_hand_breach_id", "breach_by_hand", ["breach_id"])
    op.create_index("ix_breach_by_hand_affected_id", "breach_by_hand", ["affected_id"])
    protect(op.get_bind(), PROTECTED)


def downgrade():
    op.drop_table("breach_by_hand")
    op.drop_table("emergency_pack")
    unprotect(op.get_bind(), PROTECTED)
    op.drop_table("alarm_call")
    op.drop_table("on_call")
