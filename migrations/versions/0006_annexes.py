"""Sealed papers."""

import sqlalchemy as sa
from alembic import op

from registers.kernel.triggers import protect, unprotect

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PROTECTED = {"annex": ()}


def upgrade():
    op.create_table(
        "annex",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("controller_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("snapshot_sha256", sa.Text(), nullable=False),
        sa.Column("paper_sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("identity_kind", sa.Text(), nullable=False),
        sa.Column("identity_name", sa.Text(), nullable=False),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("checkpoint", sa.Integer(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid()),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["controller_id"], ["controller.id"], name="fk_annex_controller_id"
        ),
        sa.ForeignKeyConstraint(["supersedes_id"], ["annex.id"], name="fk_annex_supersedes_id"),
        sa.PrimaryKeyConstraint("id", name="pk_annex"),
        sa.UniqueConstraint(
            "kind",
            "controller_id",
            "language",
            "snapshot_sha256",
            name="uq_annex_kind_controller_id_language_snapshot_sha256",
        ),
        sa.UniqueConstraint("number", name="uq_annex_number"),
    )
    op.create_index(
        "ix_annex_controller_id_number", "annex", ["controller_id", "number"], unique=False
    )
    op.create_index("ix_annex_supersedes_id", "annex", ["supersedes_id"], unique=False)
    protect(op.get_bind(), PROTECTED)


def downgrade():
    op.drop_index("ix_annex_supersedes_id", table_name="annex")
    op.drop_index("ix_annex_controller_id_number", table_name="annex")
    op.drop_table("annex")
    unprotect(op.get_bind(), PROTECTED)
