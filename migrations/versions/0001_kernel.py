"""The journal, its side table and checkpoints; files; series of numbers."""

import sqlalchemy as sa
from alembic import op

from registers.kernel.triggers import protect, unprotect

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

PROTECTED = {
    "entry_values": ("key", "content"),
    "entry": (),
    "checkpoint": (),
    "stored_file": (),
}


def upgrade():
    op.create_table(
        "series",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_series"),
    )
    op.create_table(
        "entry_values",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.LargeBinary()),
        sa.Column("content", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_entry_values"),
    )
    op.create_table(
        "entry",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("within", sa.Text()),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("commitment", sa.Text()),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("values_id", sa.Uuid()),
        sa.PrimaryKeyConstraint("number", name="pk_entry"),
        sa.ForeignKeyConstraint(["values_id"], ["entry_values.id"], name="fk_entry_values_id"),
    )
    op.create_table(
        "checkpoint",
        sa.Column("size", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_checkpoint"),
    )
    op.create_table(
        "stored_file",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_stored_file"),
    )
    for columns in (["about", "number"], ["within", "number"], ["kind", "number"]):
        op.create_index(f"ix_entry_{'_'.join(columns)}", "entry", columns)
    protect(op.get_bind(), PROTECTED)


def downgrade():
    for name in ("stored_file", "checkpoint", "entry", "entry_values"):
        op.drop_table(name)
    unprotect(op.get_bind(), PROTECTED)
    op.drop_table("series")
