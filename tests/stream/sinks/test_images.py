import errno
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.media import read_number, scene
from u2cam.core.errors import SinkError, SinkLost
from u2cam.core.frame import Picture
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.containers import check_output
from u2cam.stream.sinks.images import ImageSink

SIZE_WH = (35, 21)
MS = Fraction(1, 1000)


def write(path: Path, count: int, kind: str = "rgb", failed: bool = False) -> None:
    sink = ImageSink(path, OutputSettings())
    sink.open(PictureFormat(SIZE_WH, Fraction(25), MS, kind))  # type: ignore[arg-type]
    for number in range(count):
        image = scene(number, SIZE_WH)
        sink.write(Picture(image if kind == "rgb" else image[..., 0], 40 * number, MS, 0.0))
    sink.close(failed=failed)


def left_behind(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_one_picture_is_one_file_of_its_size(tmp_path: Path) -> None:
    write(tmp_path / "a.png", 1)
    image_bgr = cv2.imread(str(tmp_path / "a.png"), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB), scene(0, SIZE_WH))
    assert left_behind(tmp_path) == ["a.png"]


def test_a_matte_is_8_bit_gray(tmp_path: Path) -> None:
    write(tmp_path / "a.png", 1, "gray")
    matte = cv2.imread(str(tmp_path / "a.png"), cv2.IMREAD_UNCHANGED)
    assert matte.dtype == np.uint8
    assert np.array_equal(matte, scene(0, SIZE_WH)[..., 0])


def test_jpeg_is_near(tmp_path: Path) -> None:
    write(tmp_path / "a.jpg", 1)
    image = cv2.cvtColor(cv2.imread(str(tmp_path / "a.jpg")), cv2.COLOR_BGR2RGB)
    assert np.abs(image.astype(int) - scene(0, SIZE_WH)).mean() < 8


@pytest.mark.parametrize("pattern", ["p%03d.png", "%d.png"])
def test_a_pattern_numbers_every_picture_from_1(tmp_path: Path, pattern: str) -> None:
    write(tmp_path / pattern, 3)
    assert left_behind(tmp_path) == [pattern % number for number in (1, 2, 3)]
    last = cv2.imread(str(tmp_path / (pattern % 3)))
    assert read_number(last) == 2


def test_outputs_whose_names_differ_by_a_percent_sign_keep_apart(tmp_path: Path) -> None:
    sinks = [ImageSink(tmp_path / name, OutputSettings()) for name in ("100%.png", "100.png")]
    for number, sink in enumerate(sinks):
        sink.open(PictureFormat(SIZE_WH, Fraction(25), MS, "rgb"))
        sink.write(Picture(scene(number, SIZE_WH), 0, MS, 0.0))
    for sink in sinks:
        sink.close(failed=False)
    assert left_behind(tmp_path) == ["100%.png", "100.png"]


def test_a_folder_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(ValueError, match="unknown ending"):
        check_output(tmp_path / "out", "rgba")
    assert left_behind(tmp_path) == ["out"]


def test_a_second_picture_for_one_file_says_what_to_do(tmp_path: Path) -> None:
    sink = ImageSink(tmp_path / "a.png", OutputSettings())
    sink.open(PictureFormat(SIZE_WH, Fraction(25), MS, "rgb"))
    sink.write(Picture(scene(0, SIZE_WH), 0, MS, 0.0))
    with pytest.raises(SinkError, match=r"a_%05d\.png"):
        sink.write(Picture(scene(1, SIZE_WH), 40, MS, 0.0))
    sink.close(failed=True)
    assert left_behind(tmp_path) == []


def test_nothing_is_left_of_a_failed_sequence(tmp_path: Path) -> None:
    write(tmp_path / "%05d.png", 3, failed=True)
    assert left_behind(tmp_path) == []


def test_a_picture_that_cannot_be_stored_is_tried_again_under_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sink = ImageSink(tmp_path / "%02d.png", OutputSettings())
    sink.open(PictureFormat(SIZE_WH, Fraction(25), MS, "rgb"))
    picture = Picture(scene(0, SIZE_WH), 0, MS, 0.0)
    sink.write(picture)

    def full(path: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        with pytest.raises(SinkLost, match="No space left on device"):
            sink.write(picture)
    sink.write(picture)
    sink.close(failed=False)
    assert left_behind(tmp_path) == ["01.png", "02.png"]


def test_an_older_sequence_survives_a_failed_run(tmp_path: Path) -> None:
    write(tmp_path / "%05d.png", 2)
    before = (tmp_path / "00001.png").read_bytes()
    write(tmp_path / "%05d.png", 3, failed=True)
    assert (tmp_path / "00001.png").read_bytes() == before
    assert left_behind(tmp_path) == ["00001.png", "00002.png"]


def test_a_missing_folder_is_told_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="does not exist"):
        check_output(tmp_path / "absent" / "%05d.png")
    with pytest.raises(SinkError, match="does not exist"):
        ImageSink(tmp_path / "absent" / "a.png", OutputSettings()).open(
            PictureFormat(SIZE_WH, Fraction(25), MS, "rgb")
        )


def test_premultiplied_is_exact_to_the_rounding() -> None:
    from u2cam.stream.media.encode_color import premultiply

    every = np.stack(np.meshgrid(np.arange(256), np.arange(256)), axis=2).astype(np.uint8)
    image = np.dstack([every[..., 0], every[..., 0], every[..., 0], every[..., 1]])
    exact = np.round(every[..., 0].astype(float) * every[..., 1] / 255)
    assert np.array_equal(premultiply(image)[..., 0], exact.astype(np.uint8))
