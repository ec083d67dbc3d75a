"""What ended names the row that ended, where a register knows it."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("ending", sa.Column("about", sa.Text(), nullable=False, server_default=""))
    op.create_index("ix_ending_about", "ending", ["about"], unique=False)


def downgrade():
    op.drop_index("ix_ending_about", "ending")
    op.drop_column("ending", "about")
