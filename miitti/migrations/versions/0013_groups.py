"""Groups: people who watch together before one browser.

Number 0013.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "presence_group",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(24), nullable=False),
        sa.Column("heads", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_presence_group_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "who", name=op.f("pk_presence_group")),
    )
    op.create_index(op.f("ix_presence_group_until"), "presence_group", ["until"])


def downgrade() -> None:
    op.drop_index(op.f("ix_presence_group_until"), "presence_group")
    op.drop_table("presence_group")
