"""Papers about contracts and the organisation, and papers about a period."""

import sqlalchemy as sa
from alembic import op

from registers.kernel.triggers import protect, unprotect

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PROTECTED = {"annex": ()}
KEPT = (
    *("number", "kind", "language", "on_day", "snapshot_sha256", "paper_sha256", "size"),
    *("identity_kind", "identity_name", "is_test", "level", "prepared_at", "sealed_at", "author"),
    *("checkpoint", "supersedes_id", "id", "controller_id"),
)


def upgrade():
    _make_anew(
        [*KEPT, "about"],
        [*KEPT, f"'controller:' || {_dashed('controller_id')}"],
        sa.Column("controller_id", sa.Uuid()),
        sa.Column("contract_id", sa.Uuid()),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("since", sa.Date()),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name="fk_annex_contract_id"),
        sa.UniqueConstraint(
            "kind",
            "about",
            "language",
            "snapshot_sha256",
            name="uq_annex_kind_about_language_snapshot_sha256",
        ),
    )


def downgrade():
    others = "SELECT COUNT(*) FROM annex WHERE about NOT LIKE 'controller:%'"
    if op.get_bind().execute(sa.text(others)).scalar():
        raise RuntimeError("an older version cannot hold the papers that were sealed since")
    _make_anew(
        KEPT,
        KEPT,
        sa.Column("controller_id", sa.Uuid(), nullable=False),
        sa.UniqueConstraint(
            "kind",
            "controller_id",
            "language",
            "snapshot_sha256",
            name="uq_annex_kind_controller_id_language_snapshot_sha256",
        ),
    )


def _dashed(column):
    if op.get_bind().dialect.name == "postgresql":
        return f"{column}::text"
    ends = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
    return " || '-' || ".join(f"substr({column}, {at}, {length})" for at, length in ends)


def _make_anew(columns, values, *more):
    # a sealed paper is never changed, not even here: its row is written again, as it was
    op.execute(" ".join(["CREATE TEMPORARY TABLE kept AS SELECT", ", ".join(values), "FROM annex"]))
    op.drop_table("annex")
    unprotect(op.get_bind(), PROTECTED)
    op.create_table(
        "annex",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
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
        sa.UniqueConstraint("number", name="uq_annex_number"),
        *more,
    )
    op.execute(" ".join(["INSERT INTO annex (", ", ".join(columns), ") SELECT * FROM kept"]))
    op.execute("DROP TABLE kept")
    op.create_index(
        "ix_annex_controller_id_number", "annex", ["controller_id", "number"], unique=False
    )
    op.create_index("ix_annex_supersedes_id", "annex", ["supersedes_id"], unique=False)
    protect(op.get_bind(), PROTECTED)
