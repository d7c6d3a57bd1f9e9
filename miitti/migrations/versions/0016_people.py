"""The people a company names on its booth.

Number 0016.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("booth", sa.Column("people", sa.String(1000), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("booth", "people")
