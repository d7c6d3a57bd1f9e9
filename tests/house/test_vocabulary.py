"""Files have the house's names, so that a feature is found by its word; none grows into two rooms."""

import ast
from pathlib import Path

import pytest

from miitti.foundation.settings import ROOT

ROOMS = (
    "accounts", "passkeys", "organisations", "people", "oversight", "events", "booths", "vacancies", "videos",
    "intake", "presence", "questions", "moderation", "screens", "leads", "handling", "webhooks", "outcomes",
    "retention", "recordings", "stage", "teasers", "promotion",
    "statements", "dictation", "planning", "readiness", "materials",
)  # fmt: skip

VOCABULARY = {
    "__init__", "states", "news", "models", "queries", "mails", "actions", "forms",
    "web", "desk", "sockets", "jobs", "commands",
}  # fmt: skip

OWN_WORDS = {
    "teasers": {"calendars"},
    "videos": {"uploads", "arrivals", "making", "captions"},
    "questions": {"addresses"},
    "leads": {"details", "deliveries"},
    "promotion": {"lettering", "images", "sheets", "kits", "feeds"},
}
"""What one room alone has: iCalendar files in teasers; in videos the tus edge, files on their way in, the making of a
video, and the pages of captions; in questions the addresses answers go to; in leads what is typed and the
letters on their way; in promotion what is drawn and said (docs/house.md)."""

VAGUE = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc", "base", "core"}

MOST_LINES = 450
"""The house aims at 400 lines a file; past 450 a room is two rooms."""


def sources() -> list[Path]:
    """The Python files of the program, its tests and benchmarks."""
    found = [ROOT / "wsgi.py"]
    for folder in ("miitti", "tests", "bench"):
        found += sorted((ROOT / folder).rglob("*.py"))
    return [path for path in found if "__pycache__" not in path.parts]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_only_files_of_the_vocabulary(room: str) -> None:
    words = {path.stem for path in (ROOT / "miitti" / room).rglob("*.py")}
    assert words - VOCABULARY - OWN_WORDS.get(room, set()) == set()


@pytest.mark.parametrize("room", [*ROOMS, "foundation", "demo"])
def test_a_room_says_in_one_sentence_what_it_is(room: str) -> None:
    tree = ast.parse((ROOT / "miitti" / room / "__init__.py").read_text())
    said = ast.get_docstring(tree)
    assert said, f"miitti/{room}/__init__.py has no docstring"
    assert said.strip().endswith(".")
    assert len(tree.body) == 1, f"miitti/{room}/__init__.py does something"


def test_every_package_is_a_known_room() -> None:
    packages = {path.parent.name for path in (ROOT / "miitti").glob("*/__init__.py")}
    assert packages == {*ROOMS, "foundation", "demo", "migrations"}


def test_every_room_has_a_folder_of_tests_and_of_nothing_else() -> None:
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == {*ROOMS, "foundation", "demo", "house", "journeys", "faults", "vendor"}


def test_templates_styles_and_scripts_go_by_the_rooms_names() -> None:
    own = {*ROOMS, "demo", "mail", "statements"}
    folders = {path.name for path in (ROOT / "templates").iterdir() if path.is_dir()}
    assert folders <= own
    scripts = {path.name for path in (ROOT / "static/js").iterdir() if path.is_dir()}
    assert scripts <= own


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [name for name in _names() if {*Path(name).with_suffix("").parts} & VAGUE] == []


def test_no_file_is_too_long() -> None:
    lengths = {
        name: len((ROOT / name).read_text().splitlines())
        for name in _names()
        # a migration is a picture of the schema at one moment, as long as that is
        if not name.startswith("miitti/migrations/versions/")
    }
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def _names() -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in sources()]
