"""What is too large or too long is refused before memory is spent on it."""

import struct
import tracemalloc
import zlib
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.media import Clip
from u2cam.core.errors import TooLargeError
from u2cam.stream.media.limits import check_duration, check_media, check_size
from u2cam.stream.settings import LimitsSettings
from u2cam.stream.sources import images as source_images
from u2cam.stream.sources.base import Source
from u2cam.stream.sources.images import ImageSource
from u2cam.stream.sources.video import FileSource

SMALL = LimitsSettings(max_width=100, max_height=60, max_megapixels=0.005)


def message(source: Source) -> str:
    with pytest.raises(TooLargeError) as caught, source:
        pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("size_wh", "said"),
    [
        ((101, 10), "101x10 is more than limits.max_width = 100 allows"),
        ((10, 61), "10x61 is more than limits.max_height = 60 allows"),
        ((100, 60), "more than limits.max_megapixels = 0.005 allows"),
    ],
)
def test_each_limit_names_itself(size_wh: tuple[int, int], said: str) -> None:
    with pytest.raises(TooLargeError, match=said):
        check_size("a.mp4", size_wh, SMALL)
    check_size("a.mp4", (100, 50), SMALL)


def test_a_length_that_is_not_known_passes() -> None:
    check_duration("a", None, SMALL)
    check_duration("a", 24 * 3600, SMALL)
    with pytest.raises(TooLargeError, match=r"24\.5 hours .* limits\.max_hours = 24"):
        check_duration("a", 24.5 * 3600, SMALL)


@pytest.mark.parametrize("ending", ["mp4", "mkv", "avi", "ts"])
def test_a_video_is_refused_by_its_size(tmp_path: Path, ending: str) -> None:
    path = Clip(size_wh=(128, 48), frames=3).write(tmp_path / f"a.{ending}")
    assert message(FileSource(str(path), limits=SMALL)).startswith(f"a.{ending}: 128x48")


def test_a_narrow_video_that_is_shown_wide_is_refused(tmp_path: Path) -> None:
    path = Clip(size_wh=(64, 48), frames=3, aspect=Fraction(10)).write(tmp_path / "a.mp4")
    assert "640x48" in message(FileSource(str(path), limits=SMALL))


def test_a_video_within_the_limits_is_read(tmp_path: Path) -> None:
    path = Clip(size_wh=(64, 48), frames=3).write(tmp_path / "a.mp4")
    with FileSource(str(path), limits=SMALL) as source:
        assert source.read().size_wh == (64, 48)


def test_a_video_is_refused_by_its_length_unless_a_part_is_taken(tmp_path: Path) -> None:
    path = Clip(frames=3, pts=[0, 1, 5 * 3600], time_base=Fraction(1)).write(tmp_path / "a.mkv")
    limits = LimitsSettings(max_hours=4.5)
    assert "5.0 hours" in message(FileSource(str(path), limits=limits))
    with FileSource(str(path), limits=limits, max_frames=2) as source:
        source.read()


def test_a_video_that_goes_on_beyond_what_its_header_says_ends_in_an_error(
    tmp_path: Path,
) -> None:
    stamps = [0, 1, *range(3000, 18_001, 3000)]  # a leap of more than an hour would be closed
    clip = Clip(frames=len(stamps), pts=stamps, time_base=Fraction(1))
    path, limits = clip.write(tmp_path / "a.mkv"), LimitsSettings(max_hours=4.5)
    with FileSource(str(path), limits=limits, max_frames=len(stamps)) as source:
        for _ in stamps[:-1]:
            source.read()
        with pytest.raises(TooLargeError):
            source.read()


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".webp", ".tif", ".ppm", ".jp2"])
def test_an_image_is_refused_before_it_is_decoded(
    tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"a{suffix}"
    cv2.imwrite(str(path), np.zeros((70, 90, 3), np.uint8))
    monkeypatch.setattr(
        source_images, "decode_picture", lambda _data, _check: pytest.fail("decoded")
    )
    assert "90x70" in message(ImageSource(path, limits=SMALL))


def test_a_header_of_an_absurd_size_costs_no_memory(tmp_path: Path) -> None:
    coded = bytearray(cv2.imencode(".png", np.zeros((4, 4, 3), np.uint8))[1].tobytes())
    coded[16:24] = struct.pack(">II", 16_000, 16_000)
    coded[29:33] = struct.pack(">I", zlib.crc32(bytes(coded[12:29])))
    path = tmp_path / "huge.png"
    path.write_bytes(bytes(coded))
    tracemalloc.start()
    message(ImageSource(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10e6


def test_a_file_too_large_for_any_image_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    with path.open("wb") as file:
        file.write(b"\xff\xd8")
        file.truncate(10**9)
    assert "a file of 1000 MB" in message(ImageSource(path))


def test_a_sequence_is_refused_by_its_length(tmp_path: Path) -> None:
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"{number}.png"), np.zeros((4, 4, 3), np.uint8))
    limits = LimitsSettings(max_hours=0.0005)
    assert "hours" in message(ImageSource(tmp_path, fps=1, limits=limits))


def test_backgrounds_are_looked_at_whatever_their_kind(tmp_path: Path) -> None:
    image, slides = tmp_path / "a.png", tmp_path / "slides"
    slides.mkdir()
    cv2.imwrite(str(image), np.zeros((70, 90, 3), np.uint8))
    cv2.imwrite(str(slides / "fine.png"), np.zeros((4, 4, 3), np.uint8))
    check_media(slides, SMALL)
    cv2.imwrite(str(slides / "large.png"), np.zeros((70, 90, 3), np.uint8))
    clip = Clip(size_wh=(128, 48), frames=2).write(tmp_path / "a.mp4")
    for path in (image, slides, clip):
        with pytest.raises(TooLargeError):
            check_media(path, SMALL)


def test_what_is_no_media_is_left_to_its_reader(tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text("hello")
    check_media(text, SMALL)
    check_media(tmp_path / "absent", SMALL)
