"""The README names every setting, and it or the operating guide every command with its options."""

import re

import click
import pytest

from miitti import cli
from miitti.foundation import settings
from miitti.foundation.settings import ROOT

README = (ROOT / "README.md").read_text()
OPERATING = (ROOT / "docs/operating.md").read_text()

SHOWN = {name: command for name, command in cli.main.commands.items() if not command.hidden}


@pytest.mark.parametrize("name", settings.NAMES)
def test_every_setting_has_a_row_in_the_readme(name: str) -> None:
    assert re.search(rf"^\| `{name}` \|", README, re.MULTILINE)


def test_the_docs_name_no_setting_that_is_not_there() -> None:
    inner = {"MIITTI_HOST", "MIITTI_PORT", "MIITTI_LIFELINE", "MIITTI_DEMO"}
    named = set(re.findall(r"\bMIITTI_[A-Z0-9_]+\b", README + OPERATING))
    assert named - inner <= set(settings.NAMES)


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_every_command_is_documented(name: str) -> None:
    assert f"miitti {name}" in README + OPERATING
    for option in SHOWN[name].params:
        if isinstance(option, click.Option):
            assert option.opts[0] in README + OPERATING, f"{name} {option.opts[0]}"


def test_the_readme_gives_the_two_commands() -> None:
    assert "make demo" in README
    assert "make test" in README


@pytest.mark.parametrize(
    "path",
    sorted(path.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]),
)
def test_links_between_documents_lead_somewhere(path: str) -> None:
    text = (ROOT / path).read_text()
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
    assert [target for target in targets if not ((ROOT / path).parent / target).exists()] == []
