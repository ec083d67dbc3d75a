"""Sub-processors, activities with their validations, measures."""

import sqlalchemy as sa
from alembic import op

from registers.kernel.triggers import protect, unprotect

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

PROTECTED = {
    "activity_version": ("facts",),
    "measure_version": ("facts",),
    "subprocessor_version": ("facts",),
    "activity_validation": (),
}

SORT_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade():
    op.create_table(
        "activity",
        sa.Column("code", SORT_KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sorted", SORT_KEY, nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("review_on", sa.Date()),
        sa.Column("ended_on", sa.Date()),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("validated", sa.Integer(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_activity"),
        sa.UniqueConstraint("code", name="uq_activity_code"),
    )
    op.create_index("ix_activity_sorted_id", "activity", ["sorted", "id"], unique=False)
    op.create_table(
        "measure",
        sa.Column("code", SORT_KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sorted", SORT_KEY, nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("family", sa.String(40), nullable=False),
        sa.Column("ended_on", sa.Date()),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_measure"),
        sa.UniqueConstraint("code", name="uq_measure_code"),
    )
    op.create_index("ix_measure_sorted_id", "measure", ["sorted", "id"], unique=False)
    op.create_table(
        "subprocessor",
        sa.Column("code", SORT_KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sorted", SORT_KEY, nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("engaged_on", sa.Date()),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subprocessor"),
        sa.UniqueConstraint("code", name="uq_subprocessor_code"),
    )
    op.create_index("ix_subprocessor_sorted_id", "subprocessor", ["sorted", "id"], unique=False)
    op.create_table(
        "activity_version",
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
            ["subject_id"], ["activity.id"], name="fk_activity_version_subject_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_activity_version"),
        sa.UniqueConstraint("subject_id", "number", name="uq_activity_version_subject_id_number"),
    )
    op.create_table(
        "measure_version",
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
            ["subject_id"], ["measure.id"], name="fk_measure_version_subject_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_measure_version"),
        sa.UniqueConstraint("subject_id", "number", name="uq_measure_version_subject_id_number"),
    )
    op.create_table(
        "subprocessor_version",
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
            ["subject_id"], ["subprocessor.id"], name="fk_subprocessor_version_subject_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_subprocessor_version"),
        sa.UniqueConstraint(
            "subject_id", "number", name="uq_subprocessor_version_subject_id_number"
        ),
    )
    op.create_table(
        "activity_validation",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("validated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["activity_version.id"], name="fk_activity_validation_version_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_activity_validation"),
        sa.UniqueConstraint("version_id", name="uq_activity_validation_version_id"),
    )
    protect(op.get_bind(), PROTECTED)


def downgrade():
    op.drop_table("activity_validation")
    op.drop_table("subprocessor_version")
    op.drop_table("measure_version")
    op.drop_table("activity_version")
    op.drop_index("ix_subprocessor_sorted_id", table_name="subprocessor")
    op.drop_table("subprocessor")
    op.drop_index("ix_measure_sorted_id", table_name="measure")
    op.drop_table("measure")
    op.drop_index("ix_activity_sorted_id", table_name="activity")
    op.drop_table("activity")
    unprotect(op.get_bind(), PROTECTED)
