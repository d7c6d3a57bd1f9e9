"""The vendored browser libraries are exactly the ones the manifest names."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (ROOT / "static" / "vendor", ROOT / "tests" / "vendor")
MANIFEST = ROOT / "static" / "vendor" / "manifest.json"
ENTRIES: list[dict[str, Any]] = json.loads(MANIFEST.read_text(encoding="utf-8"))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: str(entry["file"]))
def test_file_is_what_was_pinned(entry: dict[str, Any]) -> None:
    content = (ROOT / entry["file"]).read_bytes()
    assert len(content) == entry["bytes"]
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert entry["version"]
    assert entry["licence"]
    assert entry["integrity"].startswith("sha512-")


def test_nothing_else_is_there() -> None:
    found = {path.relative_to(ROOT).as_posix() for folder in FOLDERS for path in folder.rglob("*") if path.is_file()}
    assert found == {entry["file"] for entry in ENTRIES} | {MANIFEST.relative_to(ROOT).as_posix()}


def test_every_package_brings_its_licence() -> None:
    with_licence = {entry["name"] for entry in ENTRIES if Path(entry["file"]).name.startswith("LICEN")}
    assert with_licence == {entry["name"] for entry in ENTRIES}
