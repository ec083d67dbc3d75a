"""Breaches, the contracts they touch with their clocks, alarms."""

import sqlalchemy as sa
from alembic import op

from registers.kernel.triggers import protect, unprotect

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SORT_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

PROTECTED = {
    "breach_version": ("facts",),
}


def upgrade():
    with op.batch_alter_table("matter") as batch:
        batch.alter_column("contract_id", existing_type=sa.Uuid(), nullable=True)
    op.create_table(
        "breach",
        sa.Column("code", SORT_KEY, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("phase", sa.String(40), nullable=False),
        sa.Column("drill", sa.Boolean(), nullable=False),
        sa.Column("aware_at", sa.DateTime(timezone=True)),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_breach"),
        sa.UniqueConstraint("code", name="uq_breach_code"),
    )
    op.create_table(
        "breach_version",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("taken_over", sa.Boolean(), nullable=False),
        sa.Column("facts", sa.Text()),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["breach.id"], name="fk_breach_version_subject_id"),
        sa.PrimaryKeyConstraint("id", name="pk_breach_version"),
        sa.UniqueConstraint("subject_id", "number", name="uq_breach_version_subject_id_number"),
    )
    op.create_table(
        "breach_affected",
        sa.Column("breach_id", sa.Uuid(), nullable=False),
        sa.Column("controller_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid()),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("channels", sa.Text(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True)),
        sa.Column("starts_at", sa.DateTime(timezone=True)),
        sa.Column("ends_at", sa.DateTime(timezone=True)),
        sa.Column("persons", sa.Integer()),
        sa.Column("records", sa.Integer()),
        sa.Column("informed_at", sa.DateTime(timezone=True)),
        sa.Column("complete_at", sa.DateTime(timezone=True)),
        sa.Column("late_reason", sa.Text(), nullable=False),
        sa.Column("tell_late", sa.Boolean(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        sa.Column("removed_reason", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["breach_id"], ["breach.id"], name="fk_breach_affected_breach_id"),
        sa.ForeignKeyConstraint(
            ["controller_id"], ["controller.id"], name="fk_breach_affected_controller_id"
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name="fk_breach_affected_contract_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_breach_affected"),
        sa.UniqueConstraint(
            "breach_id",
            "controller_id",
            "contract_id",
            name="uq_breach_affected_breach_id_controller_id_contract_id",
        ),
    )
    op.create_index(
        "ix_breach_affected_breach_id_ends_at", "breach_affected", ["breach_id", "ends_at"]
    )
    op.create_index("ix_breach_affected_controller_id", "breach_affected", ["controller_id"])
    op.create_table(
        "breach_alarm",
        sa.Column("breach_id", sa.Uuid(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("threshold", sa.String(40), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True)),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["breach_id"], ["breach.id"], name="fk_breach_alarm_breach_id"),
        sa.PrimaryKeyConstraint("id", name="pk_breach_alarm"),
        sa.UniqueConstraint(
            "breach_id", "ends_at", "threshold", name="uq_breach_alarm_breach_id_ends_at_threshold"
        ),
    )
    op.create_index("ix_breach_alarm_due_at", "breach_alarm", ["due_at"])
    protect(op.get_bind(), PROTECTED)


def downgrade():
    op.drop_table("breach_alarm")
    op.drop_table("breach_affected")
    op.drop_table("breach_version")
    op.drop_table("breach")
    unprotect(op.get_bind(), PROTECTED)
    op.execute("DELETE FROM matter WHERE contract_id IS NULL")
    with op.batch_alter_table("matter") as batch:
        batch.alter_column("contract_id", existing_type=sa.Uuid(), nullable=False)
