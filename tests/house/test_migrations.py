"""The numbered migrations make exactly what the models say, on both databases, and lose nothing."""

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import miitti
from miitti.foundation import db, settings
from tests import postgres

for found in pkgutil.walk_packages(miitti.__path__, "miitti."):
    if found.name.endswith(".models") or found.name.startswith("miitti.foundation."):
        importlib.import_module(found.name)

STEPS = Path(miitti.__path__[0]) / "migrations"


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """A real PostgreSQL of this module's own."""
    with postgres.cluster() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def current(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[settings.Settings]:
    """Settings of an installation with an empty database of each kind."""
    environ = {"MIITTI_DATA": str(tmp_path / "data"), "MIITTI_MEDIA": str(tmp_path / "media")}
    if request.param == "postgresql":
        environ["MIITTI_DATABASE_URL"] = request.getfixturevalue("postgresql")
    made = settings.load(environ)
    yield made
    if request.param == "postgresql":
        engine = db.make_engine(made)
        with engine.begin() as connection:
            connection.execute(sa.text("DROP SCHEMA public CASCADE"))
            connection.execute(sa.text("CREATE SCHEMA public"))
        engine.dispose()


def test_from_empty_to_the_models(current: settings.Settings) -> None:
    db.migrate(current)
    engine = db.make_engine(current)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, db.Base.metadata)
    engine.dispose()
    assert differences == []


def test_running_again_changes_nothing_and_keeps_the_rows(current: settings.Settings) -> None:
    db.migrate(current)
    engine = db.make_engine(current)
    organisation = db.Base.metadata.tables["organisation"]
    with engine.begin() as connection:
        connection.execute(
            organisation.insert().values(
                kind="company",
                slug="hartolan-metalli",
                name_fi="Hartolan Metalli",
                name_sv="",
                name_en="",
                municipality="Hartola",
            )
        )
    db.migrate(current)
    with engine.connect() as connection:
        assert connection.scalar(sa.select(organisation.c.slug)) == "hartolan-metalli"
    engine.dispose()


def test_every_constraint_has_a_name(current: settings.Settings) -> None:
    db.migrate(current)
    engine = db.make_engine(current)
    looked = sa.inspect(engine)
    nameless = [
        (table, kind)
        for table in looked.get_table_names()
        if table != "alembic_version"
        for kind, found in (
            ("foreign key", looked.get_foreign_keys(table)),
            ("unique", looked.get_unique_constraints(table)),
            ("check", looked.get_check_constraints(table)),
        )
        for constraint in found
        if not constraint["name"]
    ]
    engine.dispose()
    assert nameless == []


def test_the_steps_are_one_numbered_line() -> None:
    config = Config()
    config.set_main_option("script_location", str(STEPS))
    steps = list(ScriptDirectory.from_config(config).walk_revisions())[::-1]
    assert [step.revision for step in steps] == [f"{number:04}" for number in range(1, len(steps) + 1)]
    for step in steps:
        assert Path(step.path).name.startswith(f"{step.revision}_")


@pytest.mark.parametrize("current", ["sqlite"], indirect=True)
def test_foreign_keys_are_on_again_afterwards(current: settings.Settings) -> None:
    db.migrate(current)
    engine = db.make_engine(current)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    engine.dispose()
