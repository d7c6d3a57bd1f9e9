"""Settings: defaults that work, and one clear line for a wrong value."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from miitti.foundation import settings


def load(folder: Path, **given: str) -> settings.Settings:
    return settings.load({"MIITTI_DATA": str(folder / "data"), "MIITTI_MEDIA": str(folder / "media"), **given})


def test_nothing_needs_to_be_set(tmp_path: Path) -> None:
    made = load(tmp_path)
    assert made.database_url == f"sqlite:///{tmp_path}/data/miitti.sqlite3"
    assert made.base_url == "http://127.0.0.1:8000"
    assert made.async_mode == "eventlet"


def test_the_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first, second = load(tmp_path), load(tmp_path)
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) >= 32
    assert (tmp_path / "data/secret_key").stat().st_mode & 0o777 == 0o600


def test_of_many_first_starts_at_once_every_one_gets_the_same_whole_key(tmp_path: Path) -> None:
    for round_ in range(10):
        folder = tmp_path / str(round_)
        with ThreadPoolExecutor(8) as starts:
            keys = {made.secret_key for made in starts.map(lambda _n, at=folder: load(at), range(8))}
        assert len(keys) == 1
        assert [path.name for path in (folder / "data").iterdir()] == ["secret_key"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MIITTI_ASYNC_MODE", "threads"),
        ("MIITTI_BASE_URL", "miitti.example.fi"),
        ("MIITTI_BASE_URL", "https://miitti.example.fi/path"),
        ("MIITTI_DATABASE_URL", "mysql://x"),
        ("MIITTI_RTMP_PORT", "0"),
        ("MIITTI_RTMP_PORT", "rtmp"),
        ("MIITTI_STAGE_PORT", "70000"),
        ("MIITTI_SMTP_URL", "mail.example.fi:25"),
        ("MIITTI_SMTP_URL", "smtp://host:notaport"),
        ("MIITTI_MAIL_FROM", "nobody"),
        ("MIITTI_MAIL_FROM", "a@b.fi\r\nBcc: c@d.fi"),
        ("MIITTI_SECRET_KEY", "short"),
        ("MIITTI_FFMPEG", "/nowhere/ffmpeg"),
        ("MIITTI_TRUSTED_PROXIES", "-1"),
        ("MIITTI_REDIS_URL", "http://x"),
        ("MIITTI_S3_URL", "https://bucket"),
        ("MIITTI_TYPO", "1"),
        ("MIITTI_LEADS_DAYS", "0"),
        ("MIITTI_EMPLOYER_MONTHS", "a year"),
        ("MIITTI_REMINDERS_DAYS", "-1"),
        ("MIITTI_IDENTITIES_DAYS", "99999"),
        ("MIITTI_WEBHOOK_NETWORKS", "10.1.0.0/16, intranet"),
    ],
)
def test_a_wrong_value_is_refused_in_one_line_that_names_it(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(settings.SettingError) as caught:
        load(tmp_path, **{name: value})
    said = str(caught.value)
    assert name in said
    assert "\n" not in said


def test_a_file_where_a_folder_is_needed(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(settings.SettingError, match="MIITTI_DATA"):
        load(tmp_path)


def test_a_damaged_key_file_is_named(tmp_path: Path) -> None:
    load(tmp_path)
    (tmp_path / "data/secret_key").write_text("")
    with pytest.raises(settings.SettingError, match="MIITTI_SECRET_KEY"):
        load(tmp_path)
