"""The stage of an event and who watches it.

Number 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stage",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("turn", sa.String(40), nullable=True),
        sa.Column("turned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("playing_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("air", sa.String(40), nullable=False),
        sa.Column("item", sa.String(200), nullable=False),
        sa.Column("source", sa.JSON(), nullable=False),
        sa.Column("recording", sa.String(32), nullable=True),
        sa.Column("recording_note", sa.String(20), nullable=False),
        sa.Column("recorded", sa.JSON(), nullable=False),
        sa.Column("watched", sa.Integer(), nullable=False),
        sa.Column("watched_most", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_stage_event_id_event"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_stage")),
        sa.UniqueConstraint("key", name=op.f("uq_stage_key")),
    )
    op.create_table(
        "watcher",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("visitor", sa.String(32), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_watcher_event_id_event"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("event_id", "visitor", name=op.f("pk_watcher")),
    )
    op.create_index(op.f("ix_watcher_last_at"), "watcher", ["last_at"], unique=False)


def downgrade() -> None:
    op.drop_table("watcher")
    op.drop_table("stage")
