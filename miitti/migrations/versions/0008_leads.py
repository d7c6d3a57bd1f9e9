"""Leads: an index for those of a booth whose letters are on their way; privacy texts in each language.

Number 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_lead_booth_id_delivery_state", "lead", ["booth_id", "delivery_state"])
    op.drop_index("ix_lead_booth_id", "lead")
    with op.batch_alter_table("intake") as table:
        table.alter_column("privacy", new_column_name="privacy_fi")
        table.add_column(sa.Column("privacy_sv", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("privacy_en", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("intake") as table:
        table.drop_column("privacy_en")
        table.drop_column("privacy_sv")
        table.alter_column("privacy_fi", new_column_name="privacy")
    op.create_index("ix_lead_booth_id", "lead", ["booth_id"])
    op.drop_index("ix_lead_booth_id_delivery_state", "lead")
