"""The command as it is typed: clear answers, one line for what is wrong, never a traceback."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from miitti.foundation import settings

MIITTI = Path(sys.executable).with_name("miitti")
COMMANDS = ("serve", "web", "worker", "migrate", "organiser", "demo", "doctor", "backup", "restore", "media-key")


def _run(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MIITTI_")}
    return subprocess.run(
        [MIITTI, *arguments], cwd=folder, env={**kept, **environ}, capture_output=True, text=True, timeout=90
    )


def _one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


def test_help_names_every_command(tmp_path: Path) -> None:
    done = _run(tmp_path, "--help")
    assert done.returncode == 0
    for word in COMMANDS:
        assert re.search(rf"^  {word} ", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("name", "value"),
    [("MIITTI_ASYNC_MODE", "asyncio"), ("MIITTI_DATABASE_URL", "mysql://x"), ("MIITTI_NO_SUCH_THING", "1")],
)
def test_a_wrong_setting_is_named(tmp_path: Path, command: str, name: str, value: str) -> None:
    needed = {"organiser": ["aino@example.fi"], "backup": ["kept.zip"], "restore": ["kept.zip"]}
    arguments = [command, *needed.get(command, [])]
    assert name in _one_line(_run(tmp_path, *arguments, **{name: value}))


def test_a_database_that_cannot_be_reached_is_said(tmp_path: Path) -> None:
    away = "postgresql+psycopg://miitti@127.0.0.1:1/miitti"
    assert "MIITTI_DATABASE_URL" in _one_line(_run(tmp_path, "migrate", MIITTI_DATABASE_URL=away))


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "instance").mkdir()
    (tmp_path / "instance/miitti.sqlite3").write_bytes(b"no database at all" * 500)
    assert "MIITTI_DATABASE_URL" in _one_line(_run(tmp_path, "migrate"))


def test_a_database_of_a_newer_miitti_is_left_alone(tmp_path: Path) -> None:
    import sqlite3

    assert _run(tmp_path, "migrate").returncode == 0
    with sqlite3.connect(tmp_path / "instance/miitti.sqlite3") as rows:
        rows.execute("UPDATE alembic_version SET version_num = '9999'")
    rows.close()
    assert "newer" in _one_line(_run(tmp_path, "migrate"))


def test_what_cannot_be_kept_or_put_back_is_one_line(tmp_path: Path) -> None:
    assert "nothing to keep" in _one_line(_run(tmp_path, "backup", "kept.zip"))
    assert "no file" in _one_line(_run(tmp_path, "restore", "kept.zip"))


def test_migrations_started_at_once_do_not_collide(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MIITTI_")}
    running = [
        subprocess.Popen([MIITTI, "migrate"], cwd=tmp_path, env=kept, stdout=subprocess.DEVNULL) for _ in range(3)
    ]
    assert [process.wait(60) for process in running] == [0, 0, 0]


def test_the_dot_env_file_counts(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MIITTI_DATA=elsewhere\nMIITTI_BASE_URL=https://miitti.example.fi\n")
    done = _run(tmp_path, "organiser", "aino@example.fi")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("https://miitti.example.fi/sign-in/")
    assert (tmp_path / "elsewhere/miitti.sqlite3").exists()
    assert not (tmp_path / "instance").exists()


def test_an_organiser_gets_an_address_once_each_time(tmp_path: Path) -> None:
    first = _run(tmp_path, "organiser", "Aino@Example.fi", "--name", "Aino")
    again = _run(tmp_path, "organiser", "aino@example.fi")
    for done in (first, again):
        assert done.returncode == 0, done.stderr
        assert re.fullmatch(r"http://127\.0\.0\.1:8000/sign-in/\S+\n", done.stdout)
    assert first.stdout != again.stdout


def test_an_organisers_address_must_be_one(tmp_path: Path) -> None:
    assert "e-mail address" in _one_line(_run(tmp_path, "organiser", "aino"))


def test_the_secret_key_is_kept_for_its_owner_only(tmp_path: Path) -> None:
    assert _run(tmp_path, "migrate").returncode == 0
    key = tmp_path / "instance/secret_key"
    assert key.stat().st_mode & 0o077 == 0
    kept = key.read_text()
    assert _run(tmp_path, "migrate").returncode == 0
    assert key.read_text() == kept


def test_doctor_says_a_line_each_and_fails_without_a_mail_server(tmp_path: Path) -> None:
    done = _run(tmp_path, "doctor")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert [line.split()[1].rstrip(":") for line in lines] == [
        "database", "disk", "ffmpeg", "uploads", "mail", "ports", "stage", "keys",
    ]  # fmt: skip
    assert [line.split()[0] for line in lines if line.split()[1] == "mail:"] == ["wrong"]
    assert settings.load({"MIITTI_DATA": str(tmp_path / "x"), "MIITTI_MEDIA": str(tmp_path / "y")}).secret_key
    assert done.stderr == ""
