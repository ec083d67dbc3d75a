"""What comes after a breach: our own file as controller, lessons and the measures that follow."""

import sqlalchemy as sa
from alembic import op

from registers.kernel.triggers import protect, unprotect

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

PROTECTED = {
    "breach_own_version": ("facts",),
}


def upgrade():
    op.create_table(
        "breach_own",
        sa.Column("breach_id", sa.Uuid(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["breach_id"], ["breach.id"], name="fk_breach_own_breach_id"),
        sa.PrimaryKeyConstraint("id", name="pk_breach_own"),
        sa.UniqueConstraint("breach_id", name="uq_breach_own_breach_id"),
    )
    op.create_table(
        "breach_own_version",
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
            ["subject_id"], ["breach_own.id"], name="fk_breach_own_version_subject_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_breach_own_version"),
        sa.UniqueConstraint("subject_id", "number", name="uq_breach_own_version_subject_id_number"),
    )
    op.create_table(
        "breach_follow_up",
        sa.Column("breach_id", sa.Uuid(), nullable=False),
        sa.Column("lesson", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_on", sa.Date()),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["breach_id"], ["breach.id"], name="fk_breach_follow_up_breach_id"),
        sa.PrimaryKeyConstraint("id", name="pk_breach_follow_up"),
    )
    op.create_index("ix_breach_follow_up_breach_id", "breach_follow_up", ["breach_id"])
    op.create_index("ix_breach_follow_up_state_due_on", "breach_follow_up", ["state", "due_on"])
    protect(op.get_bind(), PROTECTED)


def downgrade():
    op.drop_table("breach_follow_up")
    op.drop_table("breach_own_version")
    op.drop_table("breach_own")
    unprotect(op.get_bind(), PROTECTED)
