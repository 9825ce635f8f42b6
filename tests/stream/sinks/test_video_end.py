"""How a recording ends: complete under its name, or not there at all."""

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests.media import Clip, read_duration, read_flashes, read_number, read_rgb, read_times, scene
from u2cam.core.errors import SinkLost
from u2cam.core.frame import Picture
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.video import FileSink
from u2cam.stream.sources.video import FileSource

ROOT = Path(__file__).resolve().parents[3]
SIZE_WH = (64, 48)
MS = Fraction(1, 1000)
LOSSLESS = OutputSettings(crf=0, preset="ultrafast")
QUICK = OutputSettings(preset="ultrafast")


def picture_format() -> PictureFormat:
    return PictureFormat(SIZE_WH, Fraction(25), MS)


def left_behind(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_nothing_has_the_final_name_before_the_end(tmp_path: Path) -> None:
    sink = FileSink(tmp_path / "a.mp4", QUICK)
    sink.open(picture_format())
    sink.write(Picture(scene(0, SIZE_WH), 0, MS, 0.0))
    assert not (tmp_path / "a.mp4").exists()
    sink.close(failed=False)
    assert left_behind(tmp_path) == ["a.mp4"]


def test_an_older_file_survives_a_failed_run(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("precious")
    sink = FileSink(tmp_path / "a.mp4", QUICK)
    sink.open(picture_format())
    sink.write(Picture(scene(0, SIZE_WH), 0, MS, 0.0))
    sink.close(failed=True)
    assert (tmp_path / "a.mp4").read_text() == "precious"
    assert left_behind(tmp_path) == ["a.mp4"]


def test_a_run_without_pictures_leaves_nothing(tmp_path: Path) -> None:
    sink = FileSink(tmp_path / "a.mp4", QUICK)
    sink.open(picture_format())
    sink.close(failed=False)
    assert left_behind(tmp_path) == []


def test_a_run_cut_short_plays(tmp_path: Path) -> None:
    before = Clip(frames=50).write(tmp_path / "a.mp4")
    with FileSource(str(before)) as source:
        info = source.info
        sink = FileSink(tmp_path / "b.mp4", QUICK)
        sink.open(PictureFormat(info.size_wh, info.rate, info.time_base, "rgb", info))
        for _ in range(7):
            frame = source.read()
            sink.write(Picture(frame.image, frame.pts, frame.time_base, 0.0))
        sink.close(failed=False)
    assert len(read_flashes(tmp_path / "b.mp4")) == 0
    assert len(read_times(tmp_path / "b.mp4")) == 7
    assert read_duration(tmp_path / "b.mp4") == Fraction(7, 25)


DISK_FULL = """
import resource, signal, sys
import numpy as np
from fractions import Fraction
from pathlib import Path
from u2cam.core.frame import Picture
from u2cam.stream.settings import OutputSettings
from u2cam.core.errors import SinkError
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.video import FileSink
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
sink = FileSink(Path(sys.argv[1]), OutputSettings(crf=0, preset="ultrafast"))
sink.open(PictureFormat((320, 240), Fraction(25), Fraction(1, 25)))
noise = np.random.default_rng(0)
try:
    for pts in range(200):
        image = noise.integers(0, 255, (240, 320, 3), dtype=np.uint8)
        sink.write(Picture(image, pts, Fraction(1, 25), 0.0))
    sink.close(failed=False)
except SinkError as error:
    sink.close(failed=True)
    print(f"SinkError: {error}")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file size are POSIX")
@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path, ending: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", DISK_FULL, str(tmp_path / f"a.{ending}")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert run.stdout.startswith(f"SinkError: a.{ending}: cannot be")
    assert run.stdout.count("\n") == 1
    assert left_behind(tmp_path) == []


class RefusesOnce:
    """An encoder that refuses one picture."""

    def __init__(self, stream: object, number: int) -> None:
        self._stream = stream
        self._left = number

    def encode(self, frame: object) -> list[object]:
        self._left -= 1
        if self._left == -1:
            raise av.error.MemoryError(12, "Cannot allocate memory")
        return self._stream.encode(frame)  # type: ignore[attr-defined,no-any-return]


def test_a_picture_that_the_encoder_refuses_is_left_out_and_the_file_goes_on(
    tmp_path: Path,
) -> None:
    sink = FileSink(tmp_path / "a.mkv", LOSSLESS)
    sink.open(picture_format())
    assert sink._writing is not None
    sink._writing.stream = RefusesOnce(sink._writing.stream, 3)  # type: ignore[assignment]
    lost = 0
    for number in range(10):
        try:
            sink.write(Picture(scene(number, SIZE_WH), number * 40, MS, 0.0))
        except SinkLost as error:
            lost += 1
            assert str(error) == "a.mkv: not encoded (Cannot allocate memory)"
    sink.close(failed=False)
    assert lost == 1
    numbers = [read_number(image) for image in read_rgb(tmp_path / "a.mkv")]
    assert numbers == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    assert read_times(tmp_path / "a.mkv") == [Fraction(n * 40, 1000) for n in numbers]
