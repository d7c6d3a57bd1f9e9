"""The foundation on both databases it promises to work on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from miitti.app import create_app
from miitti.foundation import db
from tests import postgres
from tests.conftest import _settings


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    """An empty PostgreSQL database on a Unix socket."""
    with postgres.cluster() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def any_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application without an app context, on SQLite and on PostgreSQL, at the newest schema and empty."""
    more = {}
    if request.param == "postgresql":
        more["MIITTI_DATABASE_URL"] = request.getfixturevalue("postgres_url")
    settings = _settings(tmp_path, **more)
    db.migrate(settings)
    app = create_app(settings)
    yield app
    with app.app_context():
        db.session().rollback()
        if request.param == "postgresql":
            tables = ", ".join(f'"{table.name}"' for table in db.Base.metadata.sorted_tables)
            with db.extension.engine.begin() as connection:
                # the audit keeps itself from being emptied; this database is thrown away
                connection.exec_driver_sql("ALTER TABLE audit_entry DISABLE TRIGGER USER")
                connection.exec_driver_sql(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
                connection.exec_driver_sql("ALTER TABLE audit_entry ENABLE TRIGGER USER")
        db.extension.session.remove()
        db.extension.engine.dispose()
