"""More of the live questions: pinning, joining and taking back, reports, mutes, word lists, letters, and who is there.

Number 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("question") as table:
        table.add_column(sa.Column("pinned", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("before", sa.JSON(), nullable=True))
        table.create_index(op.f("ix_question_merged_into"), ["merged_into"], unique=False)
    op.create_table(
        "question_report",
        sa.Column("question_id", sa.String(40), nullable=False),
        sa.Column("visitor", sa.String(80), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_question_report_question_id_question"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("question_id", "visitor", name=op.f("pk_question_report")),
    )
    op.create_table(
        "question_mute",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("visitor", sa.String(80), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_question_mute_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "visitor", name=op.f("pk_question_mute")),
    )
    op.create_table(
        "question_words",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_question_words_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_question_words")),
    )
    op.create_table(
        "question_address",
        sa.Column("question_id", sa.String(40), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_question_address_question_id_question"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("question_id", name=op.f("pk_question_address")),
    )
    op.create_index(op.f("ix_question_address_at"), "question_address", ["at"], unique=False)
    op.create_table(
        "presence_heartbeat",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(90), nullable=False),
        sa.Column("who", sa.String(24), nullable=False),
        sa.Column("hosting", sa.Boolean(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_presence_heartbeat_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", "place", "who", name=op.f("pk_presence_heartbeat")),
    )
    op.create_index(op.f("ix_presence_heartbeat_last_at"), "presence_heartbeat", ["last_at"], unique=False)
    op.create_table(
        "screen_key",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_screen_key_event_id_event"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_screen_key")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_screen_key_token_hash")),
    )


def downgrade() -> None:
    for table in (
        "screen_key",
        "presence_heartbeat",
        "question_address",
        "question_words",
        "question_mute",
        "question_report",
    ):
        op.drop_table(table)
    with op.batch_alter_table("question") as table:
        table.drop_index(op.f("ix_question_merged_into"))
        table.drop_column("before")
        table.drop_column("pinned")
