"""Legal duties, what can be erased of instructions and commitments, archives made by workers."""

import sqlalchemy as sa
from alembic import op

from registers.kernel.triggers import lift, protect, unprotect

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

SORT_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)

PROTECTED = {
    "legal_duty": ("data", "recipient", "ground"),
    "legal_duty_contract": (),
    "legal_duty_step": ("says",),
}

ERASABLE = {
    "instruction": ("says", "by_name", "by_function"),
    "instruction_step": ("says", "by_name", "by_function"),
    "assistance_document": ("title",),
    "commitment": ("title", "note"),
}
"""Ledgers until now: what they say of persons can be erased from now on."""


def upgrade():
    op.create_table(
        "legal_duty",
        sa.Column("code", SORT_KEY, nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("origin", sa.String(40), nullable=False),
        sa.Column("provision", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("known_on", sa.Date(), nullable=False),
        sa.Column("data", sa.Text()),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text()),
        sa.Column("planned_on", sa.Date()),
        sa.Column("prohibited", sa.Boolean(), nullable=False),
        sa.Column("ground", sa.Text()),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_legal_duty"),
        sa.UniqueConstraint("code", name="uq_legal_duty_code"),
    )
    op.create_table(
        "legal_duty_contract",
        sa.Column("duty_id", sa.Uuid(), nullable=False),
        sa.Column("controller_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["duty_id"], ["legal_duty.id"], name="fk_legal_duty_contract_duty_id"
        ),
        sa.ForeignKeyConstraint(
            ["controller_id"], ["controller.id"], name="fk_legal_duty_contract_controller_id"
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name="fk_legal_duty_contract_contract_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_legal_duty_contract"),
        sa.UniqueConstraint(
            "duty_id", "contract_id", name="uq_legal_duty_contract_duty_id_contract_id"
        ),
    )
    op.create_index(
        "ix_legal_duty_contract_controller_id", "legal_duty_contract", ["controller_id"]
    )
    op.create_index("ix_legal_duty_contract_contract_id", "legal_duty_contract", ["contract_id"])
    op.create_table(
        "legal_duty_step",
        sa.Column("duty_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(40), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("happened_at", MOMENT),
        sa.Column("says", sa.Text()),
        sa.Column("proof_sha256", sa.Text()),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["duty_id"], ["legal_duty.id"], name="fk_legal_duty_step_duty_id"),
        sa.PrimaryKeyConstraint("id", name="pk_legal_duty_step"),
        sa.UniqueConstraint("duty_id", "number", name="uq_legal_duty_step_duty_id_number"),
    )
    op.create_table(
        "bundle",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("made_at", MOMENT),
        sa.Column("size", sa.BigInteger()),
        sa.Column("sha256", sa.Text()),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_bundle"),
    )
    op.create_index("ix_bundle_about", "bundle", ["about"])
    op.create_table(
        "bundle_part",
        sa.Column("bundle_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["bundle_id"], ["bundle.id"], name="fk_bundle_part_bundle_id"),
        sa.PrimaryKeyConstraint("bundle_id", "number", name="pk_bundle_part"),
    )
    lift(op.get_bind(), ERASABLE)
    allow_nothing(nullable=True)
    protect(op.get_bind(), {**PROTECTED, **ERASABLE})


def downgrade():
    op.drop_table("bundle_part")
    op.drop_table("bundle")
    op.drop_table("legal_duty_step")
    op.drop_table("legal_duty_contract")
    op.drop_table("legal_duty")
    unprotect(op.get_bind(), PROTECTED)
    lift(op.get_bind(), ERASABLE)
    for table, columns in ERASABLE.items():
        for name in columns:
            empty = sa.table(table, sa.column(name, sa.Text()))
            op.execute(sa.update(empty).where(empty.c[name].is_(None)).values({name: ""}))
    allow_nothing(nullable=False)
    protect(op.get_bind(), dict.fromkeys(ERASABLE, ()))


def allow_nothing(*, nullable):
    for table, columns in ERASABLE.items():
        with op.batch_alter_table(table) as batch:
            for name in columns:
                batch.alter_column(name, existing_type=sa.Text(), nullable=nullable)
