"""What is tracked says nothing about one machine, and templates carry nothing a strict policy would refuse."""

import re
import subprocess
from pathlib import Path

import pytest

from miitti.foundation.settings import ROOT

HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("deb", "debian", "org"),
        ("proxy", "golang", "org"),
    )
]
"""Package registries: a lock file that names one ties everybody to it."""

FOLDERS = [f"/{first}/" for first in ("root", "home", "work", "Users", "workspace")]
"""Where somebody's own files lie; a path there means nothing on another machine."""

OURS = ("tests/vendor/", "static/vendor/", "LICENSE")
"""Copies of others' texts, left as they are."""


def tracked() -> list[Path]:
    """The files under version control or about to be, or all of them where there is no git."""
    try:
        said = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split("\0")
        found = [ROOT / name for name in said if name]
    except (OSError, subprocess.CalledProcessError):
        skip = {".git", ".venv", "instance", "media", "__pycache__", "node_modules"}
        found = [p for p in ROOT.rglob("*") if not skip & {*p.relative_to(ROOT).parts}]
    return [path for path in found if path.is_file() and not path.relative_to(ROOT).as_posix().startswith(OURS)]


def texts() -> list[tuple[str, str]]:
    """Name and content of every tracked text."""
    found = []
    for path in tracked():
        try:
            found.append((path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


@pytest.mark.parametrize("host", HOSTS)
def test_no_file_names_a_registry(host: str) -> None:
    assert [name for name, text in texts() if host in text] == []


def test_no_file_names_a_folder_of_somebodys_machine() -> None:
    pattern = re.compile("|".join(rf"(?<![\w.:/}}>$-]){re.escape(folder)}\w" for folder in FOLDERS))
    said = [f"{name}: {hit.group()}" for name, text in texts() for hit in [pattern.search(text)] if hit]
    assert said == []


def test_no_template_has_inline_script_style_or_handler() -> None:
    said = []
    for name, text in texts():
        if not name.startswith("templates/") or "/mail/" in name:
            continue
        bare = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
        said += [
            f"{name}: {hit.group()[:80]}"
            for pattern in (r"<style\b", r"<[a-z][^>]*\sstyle\s*=", r"<[a-z][^>]*\son[a-z]+\s*=")
            for hit in re.finditer(pattern, bare)
        ]
        said += [
            f"{name}: {tag}"
            for tag in re.findall(r"<script\b[^>]*>", bare)
            if not re.search(r"src=|application/(ld\+)?json", tag)
        ]
    assert said == []


def test_scripts_make_no_inline_style_either() -> None:
    for name, text in texts():
        if name.startswith("static/js/"):
            assert not re.search(r"setAttribute\(\s*[\"']style|\.innerHTML\s*=|\beval\(", text), name


def test_every_text_ends_with_a_line_end_and_has_no_tabs_in_python() -> None:
    for name, text in texts():
        if text and not name.endswith(".svg"):
            assert text.endswith("\n"), name
        if name.endswith(".py"):
            assert "\t" not in text, name
