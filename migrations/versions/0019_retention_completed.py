"""What ended names its row; requests for return say how they came, and who sees to them."""

import sqlalchemy as sa
from alembic import op

from registers.kernel.triggers import lift, protect

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("ending", sa.Column("about", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_ending_about", "ending", ["about"], unique=False)
    op.add_column("erasure", sa.Column("told_at", sa.DateTime(timezone=True)))
    lift(op.get_bind(), ["return_request", "returned"])
    op.add_column("return_request", sa.Column("came", sa.String(40)))
    op.add_column("return_request", sa.Column("sees_to", sa.Text()))
    whole = sa.Column("whole", sa.Boolean(), nullable=False, server_default=sa.true())
    op.add_column("returned", whole)
    tables = {"return_request": ("by_name", "sees_to"), "returned": ("to_name",)}
    protect(op.get_bind(), tables)


def downgrade():
    lift(op.get_bind(), ["return_request", "returned"])
    op.drop_column("returned", "whole")
    op.drop_column("return_request", "sees_to")
    op.drop_column("return_request", "came")
    protect(op.get_bind(), {"return_request": ("by_name",), "returned": ("to_name",)})
    op.drop_column("erasure", "told_at")
    op.drop_index("ix_ending_about", "ending")
    op.drop_column("ending", "about")
