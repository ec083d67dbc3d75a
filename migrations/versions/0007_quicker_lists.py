"""What lists look through: narrow indexes, and whose contract names a service."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade():
    _make_anew(
        "SELECT service.contract_id, service.code, contract.controller_id"
        " FROM contract_service AS service JOIN contract ON contract.id = service.contract_id",
        sa.Column("controller_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["controller_id"], ["controller.id"], name="fk_contract_service_controller_id"
        ),
    )
    op.create_index(
        "ix_contract_service_code_controller_id", "contract_service", ["code", "controller_id"]
    )
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index("ix_controller_sorted_id", table_name="controller")
        op.create_index(
            "ix_controller_listed", "controller", ["sorted", "id", "ended_on", "search"]
        )
        op.create_index("ix_contract_search", "contract", ["search", "controller_id"])
        op.create_index("ix_contact_search", "contact", ["search", "id"])


def downgrade():
    if op.get_bind().dialect.name == "sqlite":
        op.drop_index("ix_contact_search", table_name="contact")
        op.drop_index("ix_contract_search", table_name="contract")
        op.drop_index("ix_controller_listed", table_name="controller")
        op.create_index("ix_controller_sorted_id", "controller", ["sorted", "id"])
    _make_anew("SELECT contract_id, code FROM contract_service")
    op.create_index("ix_contract_service_code", "contract_service", ["code"])


def _make_anew(rows, *more):
    # it only repeats what contracts say: simpler to fill again than to alter on SQLite
    op.execute(f"CREATE TEMPORARY TABLE kept AS {rows}")
    op.drop_table("contract_service")
    op.create_table(
        "contract_service",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        *more,
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name="fk_contract_service_contract_id"
        ),
        sa.PrimaryKeyConstraint("contract_id", "code", name="pk_contract_service"),
    )
    op.execute("INSERT INTO contract_service SELECT * FROM kept")
    op.execute("DROP TABLE kept")
