"""Animations with clear parts, read back by Pillow."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.media import read_number, scene
from tests.pictures import icc_profile
from u2cam.core.errors import SinkError
from u2cam.core.frame import Picture
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.containers import check_output
from u2cam.stream.sinks.images import ImageSink
from u2cam.stream.sinks.video import FileSink
from u2cam.stream.sources.animation import AnimationSource
from u2cam.stream.sources.base import SourceInfo

SIZE_WH = (96, 64)
MS = Fraction(1, 1000)
PTS = [0, 40, 240]


def picture(number: int) -> NDArray[np.uint8]:
    """Return RGBA: the scene, clear on the right, and more so from picture to picture."""
    alpha = np.full((64, 96), 255, np.uint8)
    alpha[:, 80 - 10 * number :] = 0
    return np.dstack([scene(number, SIZE_WH), alpha])


def write(
    path: Path,
    count: int = 3,
    channels: int = 4,
    end_s: float = 0.31,
    icc: bytes | None = None,
    failed: bool = False,
) -> None:
    info = SourceInfo("a", SIZE_WH, Fraction(25), False, MS, duration_s=end_s, icc=icc)
    sink = (FileSink if path.suffix == ".gif" else ImageSink)(path, OutputSettings())
    kind = "rgba" if channels == 4 else "rgb"
    sink.open(PictureFormat(SIZE_WH, Fraction(25), MS, kind, info))  # type: ignore[arg-type]
    for number in range(count):
        image = np.ascontiguousarray(picture(number)[..., :channels])
        sink.write(Picture(image, PTS[number], MS, 0.0))
    sink.close(failed=failed)


def read(path: Path) -> tuple[list[NDArray[np.uint8]], list[int]]:
    images, durations = [], []
    with Image.open(path) as opened:
        for number in range(getattr(opened, "n_frames", 1)):
            opened.seek(number)
            images.append(np.asarray(opened.convert("RGBA")))
            durations.append(opened.info["duration"])
    return images, durations


@pytest.mark.parametrize("ending", [".webp", ".gif"])
def test_frames_times_and_clear_parts_come_through(tmp_path: Path, ending: str) -> None:
    write(tmp_path / f"a{ending}")
    images, durations = read(tmp_path / f"a{ending}")
    assert durations == [40, 200, 70]
    assert [read_number(image[..., :3]) for image in images] == [0, 1, 2]
    for number, image in enumerate(images):
        wanted = picture(number)
        assert np.array_equal(image[..., 3], wanted[..., 3])
        opaque = wanted[..., 3] == 255
        assert np.abs(image.astype(int) - wanted)[opaque].mean() < 8


def test_a_webp_without_alpha_is_opaque(tmp_path: Path) -> None:
    write(tmp_path / "a.webp", channels=3)
    with Image.open(tmp_path / "a.webp") as opened:
        assert opened.mode == "RGB"
        assert opened.n_frames == 3


def test_one_picture_is_a_still_webp(tmp_path: Path) -> None:
    write(tmp_path / "a.webp", count=1)
    with Image.open(tmp_path / "a.webp") as opened:
        assert not opened.is_animated
        assert np.array_equal(np.asarray(opened)[..., 3], picture(0)[..., 3])
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.webp"]


def test_numbered_webps_are_stills(tmp_path: Path) -> None:
    write(tmp_path / "%d.webp")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["1.webp", "2.webp", "3.webp"]


def test_the_profile_goes_with_an_animation(tmp_path: Path) -> None:
    write(tmp_path / "a.webp", icc=icc_profile("smpte432"))
    with Image.open(tmp_path / "a.webp") as opened:
        assert opened.info["icc_profile"] == icc_profile("smpte432")
    with AnimationSource(tmp_path / "a.webp") as source:
        seen = source.read().image
    assert np.abs(seen[:, :70].astype(int) - picture(0)[:, :70, :3]).mean() < 8


def test_a_failed_run_leaves_nothing(tmp_path: Path) -> None:
    write(tmp_path / "a.webp", failed=True)
    assert not list(tmp_path.iterdir())


def test_alpha_in_gif_and_webp_is_taken(tmp_path: Path) -> None:
    check_output(tmp_path / "a.gif", "rgba")
    check_output(tmp_path / "a.webp", "rgba")


def test_other_single_pictures_still_take_only_one(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="holds one picture"):
        write(tmp_path / "a.png", count=2)
