"""What the probe says of files in pieces."""

import subprocess
from pathlib import Path

import pytest

from miitti.foundation import ffmpeg, probe


def boxes(data: bytes) -> list[tuple[bytes, bytes]]:
    """The outermost boxes of an MP4: kind and bytes."""
    found = []
    while data:
        size = int.from_bytes(data[:4], "big")
        found.append((data[4:8], data[:size]))
        data = data[size:]
    return found


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """A beginning and six fragments of a second; the sound sets in a third of a second late, as from OBS."""
    path = tmp_path_factory.mktemp("pieces") / "whole.mp4"
    argv = [ffmpeg.binary(), "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25"]
    argv += ["-itsoffset", "0.34", "-f", "lavfi", "-i", "sine=sample_rate=48000", "-t", "6"]
    argv += ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    argv += ["-movflags", "frag_keyframe+empty_moov+default_base_moof+skip_trailer", str(path)]
    subprocess.run(argv, check=True, timeout=60)
    found = boxes(path.read_bytes())
    assert [kind for kind, _ in found[:2]] == [b"ftyp", b"moov"]
    rest = [data for _, data in found[2:]]
    return [found[0][1] + found[1][1], *(a + b for a, b in zip(rest[::2], rest[1::2], strict=True))]


@pytest.mark.parametrize(("first", "last"), [(0, 6), (2, 6), (0, 4), (3, 5)])
def test_a_piece_of_a_recording_is_as_long_as_what_is_in_it(
    pieces: list[bytes], tmp_path: Path, first: int, last: int
) -> None:
    path = tmp_path / "cut.mp4"
    path.write_bytes(pieces[0] + b"".join(pieces[1:][first:last]))
    found = probe.look(path)
    assert found.picture.duration == pytest.approx(last - first, abs=0.05)
    assert found.duration == pytest.approx(last - first, abs=0.4)
    assert found.picture.keyframes == pytest.approx([float(second) for second in range(last - first)], abs=0.05)
    assert found.picture.keyframe_gap == pytest.approx(1, abs=0.05)
