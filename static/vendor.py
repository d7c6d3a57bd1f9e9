"""Fetch the pinned browser libraries anew and write down what they are.

Run by `make vendor`, on a machine with npm. Nothing else in the project needs Node: the files this script
writes are committed, and `tests/house/test_vendor.py` checks them against the manifest.
To move to another version change `PACKAGES`, run the script, read the diff of the manifest, commit.
"""

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).resolve().parent
ROOT = STATIC.parent
VENDOR = STATIC / "vendor"
TEST_VENDOR = ROOT / "tests" / "vendor"


@dataclass(frozen=True)
class Package:
    """One npm package: its exact version, where its copy goes, and which of its files we use."""

    name: str
    version: str
    files: tuple[str, ...]
    folder: Path


PACKAGES = (
    Package("socket.io-client", "4.8.4", ("dist/socket.io.esm.min.js",), VENDOR / "socket.io-client"),
    Package("hls.js", "1.5.20", ("dist/hls.light.min.js", "dist/hls.worker.js"), VENDOR / "hls.js"),
    Package("tus-js-client", "4.3.1", ("dist/tus.min.js",), VENDOR / "tus-js-client"),
    Package(
        "@fontsource-variable/figtree",
        "5.3.0",
        ("files/figtree-latin-wght-normal.woff2", "files/figtree-latin-ext-wght-normal.woff2"),
        VENDOR / "figtree",
    ),
    Package("axe-core", "4.14.1", ("axe.min.js",), TEST_VENDOR / "axe-core"),
)


def pack(package: Package, into: Path) -> tuple[Path, str]:
    """Let npm download one package; return the archive and the integrity string npm reported for it."""
    done = subprocess.run(
        ["npm", "pack", "--json", "--pack-destination", str(into), f"{package.name}@{package.version}"],
        check=True,
        capture_output=True,
        text=True,
        cwd=into,
    )
    [said] = json.loads(done.stdout)
    if said["version"] != package.version:
        sys.exit(f"{package.name}: asked for {package.version}, got {said['version']}")
    archive = into / said["filename"]
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if said["integrity"] != f"sha512-{digest}":
        sys.exit(f"{package.name}: the archive does not match what npm promised")
    return archive, said["integrity"]


def unpack(package: Package, archive: Path, integrity: str) -> list[dict[str, object]]:
    """Copy the wanted files and the licence out of the archive; return their manifest entries."""
    package.folder.mkdir(parents=True, exist_ok=True)
    entries: list[dict[str, object]] = []
    with tarfile.open(archive) as tar:
        inside = {member.name.removeprefix("package/"): member for member in tar.getmembers() if member.isfile()}
        described = tar.extractfile(inside["package.json"])
        assert described is not None
        licence = str(json.load(described)["license"])
        licences = sorted(name for name in inside if "/" not in name and name.upper().startswith("LICEN"))
        for name in (*package.files, *licences):
            source = tar.extractfile(inside[name])
            assert source is not None
            content = source.read()
            target = package.folder / Path(name).name
            target.write_bytes(content)
            entries.append(
                {
                    "name": package.name,
                    "version": package.version,
                    "licence": licence,
                    "integrity": integrity,
                    "file": target.relative_to(ROOT).as_posix(),
                    "sha256": hashlib.sha256(content).hexdigest(),
                    "bytes": len(content),
                }
            )
    return entries


def main() -> None:
    """Replace both vendor folders by fresh copies and rewrite the manifest."""
    entries: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as scratch:
        fetched = [(package, *pack(package, Path(scratch))) for package in PACKAGES]
        for folder in (VENDOR, TEST_VENDOR):
            shutil.rmtree(folder, ignore_errors=True)
        for package, archive, integrity in fetched:
            entries += unpack(package, archive, integrity)
    manifest = VENDOR / "manifest.json"
    manifest.write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")
    for entry in entries:
        print(f"{entry['bytes']:>8} {entry['file']} ({entry['name']} {entry['version']}, {entry['licence']})")


if __name__ == "__main__":
    main()
