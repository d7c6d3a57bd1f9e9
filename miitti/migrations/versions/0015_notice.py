"""What the host has to say to everybody.

Number 0015.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stage", sa.Column("notice", sa.String(200), nullable=False, server_default=""))
    op.add_column("stage", sa.Column("notice_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("stage", "notice_at")
    op.drop_column("stage", "notice")
