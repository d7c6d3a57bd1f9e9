"""What a video gains beside its renditions: a chosen poster, a sheet for seeking, chapters, a successor.

Number 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("video") as batch:
        batch.add_column(sa.Column("replaces", sa.String(32), nullable=True))
        batch.add_column(sa.Column("poster", sa.String(32), nullable=False, server_default="poster"))
        batch.add_column(sa.Column("board", sa.JSON(), nullable=True))
        batch.add_column(sa.Column("chapters", sa.JSON(), nullable=True))
        batch.add_column(sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True))
        batch.create_foreign_key(op.f("fk_video_replaces_video"), "video", ["replaces"], ["id"], ondelete="CASCADE")
        batch.create_index(op.f("ix_video_replaces"), ["replaces"], unique=False)
    with op.batch_alter_table("upload") as batch:
        batch.add_column(sa.Column("replaces", sa.String(32), nullable=True))
        batch.create_foreign_key(op.f("fk_upload_replaces_video"), "video", ["replaces"], ["id"], ondelete="SET NULL")
    op.add_column("caption", sa.Column("draft", sa.Boolean(), nullable=False, server_default=sa.false()))
