"""Updates to new versions: announced without a sub-processor, windows opened without a receipt."""

import sqlalchemy as sa
from alembic import op

from registers.kernel.triggers import protect

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

REBUILT = {"announced_change": (), "objection_window": ()}


def upgrade():
    with op.batch_alter_table("announcement") as batch:
        batch.add_column(sa.Column("topic", sa.String(40)))
    op.execute("UPDATE announcement SET topic = 'subprocessors'")
    with op.batch_alter_table("announcement") as batch:
        batch.alter_column("topic", existing_type=sa.String(40), nullable=False)
    _ask(nullable=True)


def downgrade():
    told = op.get_bind().exec_driver_sql(
        "SELECT count(*) FROM announcement WHERE topic <> 'subprocessors'"
    )
    if told.scalar():
        raise RuntimeError("updates were drafted or announced: what was told is not removed")
    _ask(nullable=False)
    with op.batch_alter_table("announcement") as batch:
        batch.drop_column("topic")


def _ask(*, nullable):
    """Whether a change asks for its sub-processor, and a window for its receipt."""
    with op.batch_alter_table("announced_change") as batch:
        batch.alter_column("subprocessor_id", existing_type=sa.Uuid(), nullable=nullable)
    with op.batch_alter_table("objection_window") as batch:
        batch.alter_column("receipt_id", existing_type=sa.Uuid(), nullable=nullable)
    if op.get_bind().dialect.name == "sqlite":  # rebuilding a table drops its triggers there
        protect(op.get_bind(), REBUILT)
