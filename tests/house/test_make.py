"""What a person types first: `make` lists itself, and says what is missing with the line that mends it."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from miitti.foundation.settings import ROOT

MAKE = shutil.which("make") or "/usr/bin/make"


def make(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run make in the checkout; variables of a make around this one stay out."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        [MAKE, *arguments], cwd=ROOT, env={**clean, **environ}, capture_output=True, text=True, timeout=60
    )


def program(path: Path, text: str) -> str:
    """A small shell program at `path`."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_make_alone_lists_what_can_be_made() -> None:
    said = make().stdout
    for name in ("demo", "test", "lint", "bench", "chaos", "lock", "vendor", "help"):
        assert f"  make {name} " in said


def test_a_python_without_venv_is_named_with_the_line_to_type(tmp_path: Path) -> None:
    # Debian's python3 without python3-venv: the right version, but `import ensurepip` fails
    bare = program(tmp_path / "python3", 'case "$*" in *ensurepip*) exit 1;; esac; exit 0')
    done = make("demo", f"V={tmp_path}/venv", f"PYTHON={bare}")
    assert done.returncode != 0
    assert "apt-get install python3-venv" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_an_old_python_is_named_with_its_version(tmp_path: Path) -> None:
    old = program(
        tmp_path / "python3", 'case "$*" in *version_info*) exit 1;; *python_version*) echo 3.9.2;; esac; exit 0'
    )
    done = make("demo", f"V={tmp_path}/venv", f"PYTHON={old}")
    assert done.returncode != 0
    assert "3.9.2" in done.stderr
    assert "apt-get install" in done.stderr


def test_no_python_at_all_is_told(tmp_path: Path) -> None:
    done = make("demo", f"V={tmp_path}/venv", f"PYTHON={tmp_path}/none")
    assert done.returncode != 0
    assert "apt-get install python3 python3-venv" in done.stderr


@pytest.mark.parametrize("uid", ["0", "1000"])
def test_missing_test_servers_are_installed_or_named(tmp_path: Path, uid: str) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "sed"):
        (programs / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    program(programs / "ls", "exit 2")
    program(programs / "id", f"echo {uid}")
    program(programs / "apt-get", f'echo "$*" >> {tmp_path}/asked')
    done = make(".test-servers", PATH=str(programs))
    if uid == "0":
        assert done.returncode == 0, done.stderr
        asked = (tmp_path / "asked").read_text().splitlines()
        assert asked[0].startswith("update")
        assert asked[1].endswith("chromium postgresql redis-server")
    else:
        assert done.returncode != 0
        assert "sudo apt-get install chromium postgresql redis-server" in done.stderr
