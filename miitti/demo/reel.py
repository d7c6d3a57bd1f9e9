"""All the films of the demo: which there are, and drawing those that are missing, a few at a time.

`python -m miitti.demo.reel SLUG FILE FFMPEG` draws one; drawing holds the interpreter, so several at once need
several processes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from miitti.demo.film import FilmFailed, Scene, shoot
from miitti.demo.scenes import bending, blades, harvester, sawmill, welding, windows
from miitti.foundation.settings import ROOT

SCENES: dict[str, Scene] = {
    scene.slug: scene
    for scene in (
        welding.SCENE,
        sawmill.SCENE,
        bending.SCENE,
        windows.SCENE,
        blades.SCENE,
        harvester.SCENE,
    )
}
"""The film of each booth, by the booth's slug."""


def draw(slugs: Sequence[str], folder: Path, ffmpeg: str, begun: Callable[[int], None]) -> Iterator[tuple[str, Path]]:
    """Draw the films of these booths into `folder`, unless they lie there, and give each in the order asked.

    `begun` hears the number of each film (from 1) when its turn comes. Raises FilmFailed.
    """
    folder.mkdir(parents=True, exist_ok=True)

    def one(number: int, slug: str) -> Path:
        path = folder / f"{slug}.mp4"
        if path.exists():  # whole, from a start that was broken off later
            return path
        begun(number)
        command = [sys.executable, "-m", __name__, slug, str(path), ffmpeg]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as child:
            assert child.stderr is not None
            said = child.stderr.read()  # to its end: the child's standard input stays open all the while
        if child.returncode != 0:
            raise FilmFailed(said.decode(errors="replace").strip()[-400:])
        return path

    crew = ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1))
    try:
        made = [crew.submit(one, number, slug) for number, slug in enumerate(slugs, 1)]
        for slug, path in zip(slugs, made, strict=True):
            yield slug, path.result()
    finally:
        crew.shutdown(cancel_futures=True)


def main() -> None:
    """Draw one film, as the command line says, unless whoever asked for it ends."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    slug, path, ffmpeg = sys.argv[1:4]
    shoot(SCENES[slug], Path(path), ffmpeg)


def _end_with_parent() -> None:
    """The parent holds the other end of our standard input: when it closes, nobody wants the film any more."""
    while os.read(0, 1):  # not the buffered stream: its lock would break the interpreter's own ending
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
