"""Events: how one takes part, being moved and called off, a preview; speakers; booths found good.

Number 0009.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WORDS = {"attendance": 40, "address": 200, "languages": 20, "reason_fi": 600, "reason_sv": 600, "reason_en": 600}
FIRST = {"attendance": "online", "languages": "fi"}


def upgrade() -> None:
    for name, length in WORDS.items():
        column = sa.Column(name, sa.String(length), nullable=False, server_default=FIRST.get(name, ""))
        op.add_column("event", column)
    op.add_column("event", sa.Column("moved_from", sa.DateTime(timezone=True), nullable=True))
    op.add_column("event", sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("event", sa.Column("preview", sa.String(64), nullable=True))
    op.add_column("programme_item", sa.Column("speakers", sa.String(200), nullable=False, server_default=""))
    op.add_column("booth", sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("booth", "approved_at")
    op.drop_column("programme_item", "speakers")
    for name in ("preview", "cancelled_at", "moved_from", *reversed(WORDS)):
        op.drop_column("event", name)
