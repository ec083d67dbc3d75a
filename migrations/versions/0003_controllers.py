"""The organisation, controllers, contacts, contracts, terms, successions."""

import sqlalchemy as sa
from alembic import op

from registers.kernel.triggers import protect, unprotect

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PROTECTED = {
    "contact_version": ("facts",),
    "controller_version": ("facts",),
    "organisation_version": ("facts",),
    "terms_model_version": ("facts",),
    "contract_version": ("facts",),
    "succession": (),
}

SORT_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade():
    op.create_table(
        "contact",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sorted", SORT_KEY, nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contact"),
    )
    op.create_index("ix_contact_email", "contact", ["email"], unique=False)
    op.create_index("ix_contact_sorted_id", "contact", ["sorted", "id"], unique=False)
    op.create_table(
        "controller",
        sa.Column("code", SORT_KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sorted", SORT_KEY, nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("public_body", sa.Boolean(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("ended_on", sa.Date()),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_controller"),
        sa.UniqueConstraint("code", name="uq_controller_code"),
    )
    op.create_index("ix_controller_sorted_id", "controller", ["sorted", "id"], unique=False)
    op.create_table(
        "organisation",
        sa.Column("one", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("one", name="ck_organisation_one"),
        sa.PrimaryKeyConstraint("id", name="pk_organisation"),
        sa.UniqueConstraint("one", name="uq_organisation_one"),
    )
    op.create_table(
        "terms_model",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_terms_model"),
        sa.UniqueConstraint("code", name="uq_terms_model_code"),
    )
    op.create_table(
        "contact_version",
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
            ["subject_id"], ["contact.id"], name="fk_contact_version_subject_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_contact_version"),
        sa.UniqueConstraint("subject_id", "number", name="uq_contact_version_subject_id_number"),
    )
    op.create_table(
        "contract",
        sa.Column("controller_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("sorted", SORT_KEY, nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date()),
        sa.Column("ends_on", sa.Date()),
        sa.Column("ended_on", sa.Date()),
        sa.Column("findings", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("latest", sa.Integer(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["controller_id"], ["controller.id"], name="fk_contract_controller_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_contract"),
        sa.UniqueConstraint(
            "controller_id", "reference", name="uq_contract_controller_id_reference"
        ),
    )
    op.create_index("ix_contract_sorted_id", "contract", ["sorted", "id"], unique=False)
    op.create_table(
        "controller_contact",
        sa.Column("controller_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name="fk_controller_contact_contact_id"
        ),
        sa.ForeignKeyConstraint(
            ["controller_id"], ["controller.id"], name="fk_controller_contact_controller_id"
        ),
        sa.PrimaryKeyConstraint(
            "controller_id", "role", "contact_id", name="pk_controller_contact"
        ),
    )
    op.create_index(
        "ix_controller_contact_contact_id", "controller_contact", ["contact_id"], unique=False
    )
    op.create_table(
        "controller_version",
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
            ["subject_id"], ["controller.id"], name="fk_controller_version_subject_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_controller_version"),
        sa.UniqueConstraint("subject_id", "number", name="uq_controller_version_subject_id_number"),
    )
    op.create_table(
        "organisation_version",
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
            ["subject_id"], ["organisation.id"], name="fk_organisation_version_subject_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_organisation_version"),
        sa.UniqueConstraint(
            "subject_id", "number", name="uq_organisation_version_subject_id_number"
        ),
    )
    op.create_table(
        "terms_model_version",
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
            ["subject_id"], ["terms_model.id"], name="fk_terms_model_version_subject_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_terms_model_version"),
        sa.UniqueConstraint(
            "subject_id", "number", name="uq_terms_model_version_subject_id_number"
        ),
    )
    op.create_table(
        "contract_service",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name="fk_contract_service_contract_id"
        ),
        sa.PrimaryKeyConstraint("contract_id", "code", name="pk_contract_service"),
    )
    op.create_index("ix_contract_service_code", "contract_service", ["code"], unique=False)
    op.create_table(
        "contract_version",
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
            ["subject_id"], ["contract.id"], name="fk_contract_version_subject_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_contract_version"),
        sa.UniqueConstraint("subject_id", "number", name="uq_contract_version_subject_id_number"),
    )
    op.create_table(
        "succession",
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid()),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name="fk_succession_contract_id"),
        sa.ForeignKeyConstraint(["from_id"], ["controller.id"], name="fk_succession_from_id"),
        sa.ForeignKeyConstraint(["to_id"], ["controller.id"], name="fk_succession_to_id"),
        sa.PrimaryKeyConstraint("id", name="pk_succession"),
    )
    op.create_index("ix_succession_from_id", "succession", ["from_id"], unique=False)
    op.create_index("ix_succession_to_id", "succession", ["to_id"], unique=False)
    protect(op.get_bind(), PROTECTED)


def downgrade():
    op.drop_index("ix_succession_to_id", table_name="succession")
    op.drop_index("ix_succession_from_id", table_name="succession")
    op.drop_table("succession")
    op.drop_table("contract_version")
    op.drop_index("ix_contract_service_code", table_name="contract_service")
    op.drop_table("contract_service")
    op.drop_table("terms_model_version")
    op.drop_table("organisation_version")
    op.drop_table("controller_version")
    op.drop_index("ix_controller_contact_contact_id", table_name="controller_contact")
    op.drop_table("controller_contact")
    op.drop_index("ix_contract_sorted_id", table_name="contract")
    op.drop_table("contract")
    op.drop_table("contact_version")
    op.drop_table("terms_model")
    op.drop_table("organisation")
    op.drop_index("ix_controller_sorted_id", table_name="controller")
    op.drop_table("controller")
    op.drop_index("ix_contact_sorted_id", table_name="contact")
    op.drop_index("ix_contact_email", table_name="contact")
    op.drop_table("contact")
    unprotect(op.get_bind(), PROTECTED)
