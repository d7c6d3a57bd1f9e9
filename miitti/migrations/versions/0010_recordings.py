"""What hosts decide about recordings, and their captions.

Number 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "recording",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("take", sa.String(60), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("starts_s", sa.Double(), nullable=False),
        sa.Column("ends_s", sa.Double(), nullable=True),
        sa.Column("timeline", sa.JSON(), nullable=False),
        sa.Column("edition", sa.String(32), nullable=False),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("fault", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_recording_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_recording")),
    )
    op.create_table(
        "recording_caption",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("vtt", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_recording_caption_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "language", name=op.f("pk_recording_caption")),
    )


def downgrade() -> None:
    op.drop_table("recording_caption")
    op.drop_table("recording")
