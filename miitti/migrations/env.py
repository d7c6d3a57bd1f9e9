"""How Alembic runs a migration here: one transaction, one process at a time, nothing lost on the way.

The caller (`foundation.db.migrate`) hands over a connection that has not begun yet.
"""

from typing import Any

import sqlalchemy as sa
from alembic import context

from miitti.foundation import db

LOCK = 0x4D49495454
"""PostgreSQL advisory lock of migrations: processes that start together migrate one after the other."""


def _run() -> None:
    connection: sa.Connection = context.config.attributes["connection"]
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        # Rebuilding a table drops the old one, and with foreign keys on SQLite would delete every row that
        # points at it. The pragma has no effect inside a transaction, so it is set before one begins.
        _plain(connection, "PRAGMA foreign_keys=OFF")
        connection = connection.execution_options(miitti_writing=True)
    try:
        context.configure(
            connection=connection,
            target_metadata=db.Base.metadata,
            transactional_ddl=True,
            render_as_batch=sqlite,
            compare_type=True,
        )
        with context.begin_transaction():
            if not sqlite:
                connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            context.run_migrations()
            if sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()):
                raise RuntimeError(f"a migration would leave {len(broken)} rows pointing at nothing")
    finally:
        if sqlite:
            _plain(connection, "PRAGMA foreign_keys=ON")


def _plain(connection: sa.Connection, pragma: str) -> None:
    """Run a pragma on the driver's own connection, outside any transaction of SQLAlchemy's."""
    driver: Any = connection.connection.dbapi_connection
    driver.execute(pragma).close()


_run()
