"""A backup puts back what was, and nothing that had to go."""

import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from miitti import backups
from miitti.accounts import actions as accounts
from miitti.accounts import queries as people
from miitti.events import queries as events
from miitti.foundation import backup, db, journal, settings
from miitti.leads import actions as leads
from tests.conftest import Client
from tests.leads.conftest import DETAILS, Applicant, applicant, latest, make_applicant
from tests.world import World

__all__ = ["applicant", "make_applicant"]  # fixtures

As = Callable[[str], Client]


def keep(target: Path) -> list[str]:
    db.session().rollback()
    return list(backups.keep(settings.current(), target))


def put_back(source: Path) -> list[str]:
    db.session().rollback()
    db.extension.session.remove()
    return list(backups.put_back(settings.current(), source))


def rename(world: World, title: str) -> None:
    @db.writing
    def act() -> None:
        event = events.by_id(world.event_id)
        assert event is not None
        event.title_fi = title

    act()


def title(world: World) -> str:
    db.session().rollback()
    event = events.by_id(world.event_id)
    assert event is not None
    return event.title_fi


def test_what_was_comes_back_and_nobody_else_can_read_the_file(app: Flask, world: World, tmp_path: Path) -> None:
    file = tmp_path / "kept.zip"
    said = keep(file)
    assert "schema" in said[0]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    rename(world, "Vahingossa muutettu")
    said = put_back(file)
    assert title(world) == "Metallialan Miitti"
    [spare] = tmp_path.glob("before-restore-*.zip")
    assert str(spare) in said[0]
    assert stat.S_IMODE(spare.stat().st_mode) == 0o600
    put_back(spare)
    assert title(world) == "Vahingossa muutettu", "a wrong restore can be taken back"
    assert not list(tmp_path.glob(".backup-*")) + list(tmp_path.glob(".restore-*")), "nothing is left lying about"


def test_a_contact_erased_since_is_erased_again(app: Flask, world: World, applicant: Applicant, tmp_path: Path) -> None:
    applicant.send(**DETAILS)
    keep(tmp_path / "kept.zip")
    leads.withdraw(receipt=latest().lead.receipt)
    said = put_back(tmp_path / "kept.zip")
    assert latest().lead.name == ""
    assert any("1 contacts" in line for line in said)
    for file in tmp_path.glob("miitti.sqlite3*"):
        assert b"Aino Hakija" not in file.read_bytes(), file.name


def test_sign_ins_ended_since_stay_ended_and_the_others_hold(as_: As, world: World, tmp_path: Path) -> None:
    ended, still = as_("owner"), as_("organiser")
    invitation = accounts.link(person_id=world.people["teammate"])
    used = accounts.link(person_id=world.people["stranger"])
    keep(tmp_path / "kept.zip")
    accounts.sign_out_everywhere(person_id=world.people["owner"])
    assert accounts.sign_in(token=used) is not None
    put_back(tmp_path / "kept.zip")
    assert ended.get("/desk").status_code == 303
    assert still.get("/desk").status_code == 200
    assert people.usable_link(invitation) is not None
    assert people.usable_link(used) is None


def test_followers_of_live_pages_begin_anew(world: World, tmp_path: Path) -> None:
    def streams() -> dict[str, str]:
        db.session().rollback()
        return {row.name: row.epoch for row in db.session().query(journal.JournalStream)}

    journal.opened("qa:1:pub")
    journal.opened(journal.INSTALLATION)
    before = streams()
    keep(tmp_path / "kept.zip")
    put_back(tmp_path / "kept.zip")
    after = streams()
    assert before.keys() == after.keys()
    assert not {name for name in before if before[name] == after[name]}


def test_another_machine_gets_the_key_and_what_was_erased(
    app: Flask, world: World, applicant: Applicant, tmp_path: Path
) -> None:
    here = settings.current()
    (here.data / "secret_key").write_text(here.secret_key)
    applicant.send(**DETAILS)
    keep(tmp_path / "early.zip")
    leads.withdraw(receipt=latest().lead.receipt)
    keep(tmp_path / "late.zip")
    # the early rows with the late log: what was erased between the two must go
    both = tmp_path / "both.zip"
    with (
        zipfile.ZipFile(tmp_path / "early.zip") as early,
        zipfile.ZipFile(tmp_path / "late.zip") as late,
        zipfile.ZipFile(both, "w") as made,
    ):
        for name in early.namelist():
            made.writestr(name, early.read(name))
        made.writestr("kept/erasures.log", late.read("kept/erasures.log"))
    away = settings.load({"MIITTI_DATA": str(tmp_path / "away"), "MIITTI_MEDIA": str(tmp_path / "away/media")})
    assert away.secret_key != here.secret_key
    said = list(backups.put_back(away, both))
    assert (away.data / "secret_key").read_text() == here.secret_key
    assert any("1 contacts" in line for line in said)
    assert b"Aino Hakija" not in (away.data / "miitti.sqlite3").read_bytes()


def test_missing_and_changed_media_are_named(world: World, tmp_path: Path) -> None:
    folder = settings.current().media / "v1"
    folder.mkdir(parents=True)
    (folder / "a.mp4").write_bytes(b"a" * 100)
    (folder / "b.mp4").write_bytes(b"b" * 100)
    (folder / ".half").write_bytes(b"unfinished")
    keep(tmp_path / "kept.zip")
    with zipfile.ZipFile(tmp_path / "kept.zip") as archive:
        names = [json.loads(line)["path"] for line in archive.read("media.jsonl").splitlines()]
    assert names == ["v1/a.mp4", "v1/b.mp4"]
    assert put_back(tmp_path / "kept.zip")[-1] == "All 2 media files are there."
    (folder / "a.mp4").unlink()
    (folder / "b.mp4").write_bytes(b"B" * 100)
    said = "\n".join(put_back(tmp_path / "kept.zip"))
    assert "1 of 2 media files are not in" in said
    assert "v1/a.mp4" in said
    assert "not as they were" in said
    assert "v1/b.mp4" in said


def test_a_broken_database_gives_way(app: Flask, world: World, tmp_path: Path) -> None:
    keep(tmp_path / "kept.zip")
    db.extension.session.remove()
    db.extension.engine.dispose()
    (tmp_path / "miitti.sqlite3").write_bytes(b"scratched " * 5000)
    put_back(tmp_path / "kept.zip")
    assert title(world) == "Metallialan Miitti"
    [broken] = tmp_path.glob("miitti.sqlite3.broken-*")
    assert broken.read_bytes().startswith(b"scratched")


def _archive(path: Path, **parts: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("_", "."), content)
    return path


ABOUT = {"format": 1, "taken_at": "", "database": "sqlite", "schema": "0001", "files": 0, "bytes": 0}


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path,
        lambda path: (path.write_bytes(b""), path)[1],
        lambda path: (path.write_bytes(b"PK\x03\x04 and no more"), path)[1],
        lambda path: _archive(path, readme=b"something else"),
        lambda path: _archive(path, about_json=b"{}"),
        lambda path: _archive(path, about_json=b'"a text"'),
        lambda path: _archive(path, about_json=json.dumps({**ABOUT, "format": 2}).encode()),
        lambda path: _archive(path, about_json=json.dumps({**ABOUT, "schema": "9999"}).encode()),
        lambda path: _archive(path, about_json=json.dumps({**ABOUT, "database": "postgresql"}).encode()),
        lambda path: _archive(path, about_json=json.dumps(ABOUT).encode()),
        lambda path: _archive(path, about_json=json.dumps(ABOUT).encode(), database_sqlite3=b"no database" * 99),
    ],
    ids=["none", "empty", "cut", "other", "void", "text", "format", "schema", "kind", "no-rows", "bad-rows"],
)
def test_what_is_no_backup_changes_nothing(world: World, tmp_path: Path, make: Callable[[Path], Path]) -> None:
    with pytest.raises(backup.BackupError) as refused:
        put_back(make(tmp_path / "given.zip"))
    assert "\n" not in str(refused.value)
    assert title(world) == "Metallialan Miitti"


def test_a_backup_cut_short_is_refused(world: World, tmp_path: Path) -> None:
    keep(tmp_path / "kept.zip")
    whole = (tmp_path / "kept.zip").read_bytes()
    middle = len(whole) // 3
    (tmp_path / "kept.zip").write_bytes(whole[:middle] + bytes(64) + whole[middle + 64 :])
    with pytest.raises(backup.BackupError, match="damaged"):
        put_back(tmp_path / "kept.zip")


def test_a_folder_that_is_not_there_is_said(world: World, tmp_path: Path) -> None:
    with pytest.raises(backup.BackupError, match="No such file"):
        keep(tmp_path / "nowhere/kept.zip")
