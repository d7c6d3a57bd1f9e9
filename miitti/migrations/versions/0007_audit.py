"""The audit can be added to and nothing else, in the database too.

A trigger refuses every change and every deletion, except while a row stands in `audit_opening`: erasing a person
blanks her address in what was noted, and old entries are forgotten, and both put such a row there and take it away
within their transaction. A later step that makes the table anew (batch mode on SQLite does) has to make the triggers
anew.

Number 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEPT = ("id", "at", "person_id", "for_organisation_id", "event_id", "verb", "object_kind", "object_id")
SAYS = "the audit is append-only"


def upgrade() -> None:
    op.create_table(
        "audit_opening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_opening")),
    )
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql()
    else:
        _on_sqlite()


def _on_sqlite() -> None:
    same = " AND ".join(f'NEW."{column}" IS OLD."{column}"' for column in KEPT)
    open_ = "EXISTS (SELECT 1 FROM audit_opening)"
    op.execute(
        f"CREATE TRIGGER audit_entry_stays BEFORE UPDATE ON audit_entry WHEN NOT ({open_} AND {same}) "
        f"BEGIN SELECT RAISE(ABORT, '{SAYS}'); END"
    )
    op.execute(
        f"CREATE TRIGGER audit_entry_is_kept BEFORE DELETE ON audit_entry WHEN NOT {open_} "
        f"BEGIN SELECT RAISE(ABORT, '{SAYS}'); END"
    )


def _on_postgresql() -> None:
    old = ", ".join(f'OLD."{column}"' for column in KEPT)
    new = ", ".join(f'NEW."{column}"' for column in KEPT)
    op.execute(
        f"""
        CREATE FUNCTION audit_entry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'TRUNCATE' OR NOT EXISTS (SELECT 1 FROM audit_opening) THEN
                RAISE EXCEPTION '{SAYS}';
            END IF;
            IF TG_OP = 'DELETE' THEN
                RETURN OLD;
            END IF;
            IF ROW({new}) IS DISTINCT FROM ROW({old}) THEN
                RAISE EXCEPTION '{SAYS}';
            END IF;
            RETURN NEW;
        END $$
        """  # noqa: S608 - column names and a sentence of ours
    )
    op.execute(
        "CREATE TRIGGER audit_entry_stays BEFORE UPDATE OR DELETE ON audit_entry "
        "FOR EACH ROW EXECUTE FUNCTION audit_entry_stays()"
    )
    op.execute(
        "CREATE TRIGGER audit_entry_is_kept BEFORE TRUNCATE ON audit_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_stays()"
    )
