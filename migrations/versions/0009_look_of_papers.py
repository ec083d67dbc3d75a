"""The look of papers, and the standard that each keeps to."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "paper_style",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("accent", sa.Text(), nullable=False),
        sa.Column("footer", sa.Text(), nullable=False),
        sa.Column("logo", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_paper_style_organisation_id"
        ),
        sa.PrimaryKeyConstraint("organisation_id", name="pk_paper_style"),
    )
    op.add_column("annex", sa.Column("conformance", sa.Text()))
    op.create_index("ix_annex_conformance_kind", "annex", ["conformance", "kind"], unique=False)


def downgrade():
    op.drop_index("ix_annex_conformance_kind", "annex")
    op.drop_column("annex", "conformance")
    op.drop_table("paper_style")
