"""Decoded numbers to RGB, against the formulas of the standards."""

from pathlib import Path

import numpy as np
import pytest

from tests.media import Clip, scene
from tests.reading import SIZE_WH, read_clip
from u2cam.imaging.color_tags import ColorTags
from u2cam.stream.sources.video import FileSource

COLORS = np.array([[200, 40, 60], [30, 180, 70], [50, 60, 190], [128, 128, 128], [250, 250, 5]])
KR_KB = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}
MATRIX = {"bt601": 6, "bt709": 1, "bt2020": 9}


def coded(rgb: np.ndarray, matrix: str, full: bool, bits: int) -> np.ndarray:
    """Code colours (N, 3) as Y, Cb, Cr by the formulas of H.273."""
    kr, kb = KR_KB[matrix]
    red, green, blue = (rgb / 255).T
    luma = kr * red + (1 - kr - kb) * green + kb * blue
    cb, cr = (blue - luma) / (2 - 2 * kb), (red - luma) / (2 - 2 * kr)
    scale = 2 ** (bits - 8)
    if full:
        top = 2**bits - 1
        values = [top * luma, top * cb + 128 * scale, top * cr + 128 * scale]
    else:
        values = [219 * luma + 16, 224 * cb + 128, 224 * cr + 128]
        values = [value * scale for value in values]
    return np.round(np.stack(values, axis=1))


@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("matrix", KR_KB)
def test_colours_are_those_of_the_standards(
    tmp_path: Path, matrix: str, full: bool, bits: int
) -> None:
    values = coded(COLORS, matrix, full, bits)

    def planes(_number: int) -> np.ndarray:
        # Each colour is a stripe of 16 columns: wide enough for clean chroma in its middle.
        luma = np.repeat(values[:, 0], 16)[None].repeat(16, 0)
        chroma = [np.repeat(values[:, part], 8)[None].repeat(8, 0) for part in (1, 2)]
        flat = np.concatenate([luma.ravel(), *(one.ravel() for one in chroma)])
        return flat.reshape(-1, 80).astype(np.uint8 if bits == 8 else np.uint16)

    clip = Clip(
        size_wh=(80, 16),
        frames=1,
        codec="ffv1",
        pixel_format="yuv420p" if bits == 8 else "yuv420p10le",
        planes=planes,
        color=(2 if full else 1, MATRIX[matrix], 1, 1),
    )
    frame = read_clip(clip.write(tmp_path / "a.mkv"))[0]
    seen = frame.image[8, 8::16]
    assert np.abs(seen.astype(int) - COLORS).max() <= 2


@pytest.mark.parametrize(
    ("size_wh", "matrix"), [((64, 48), "bt601"), ((1280, 16), "bt709"), ((16, 720), "bt709")]
)
def test_an_untagged_file_is_taken_as_players_take_it(
    tmp_path: Path, size_wh: tuple[int, int], matrix: str
) -> None:
    path = Clip(frames=1, size_wh=size_wh).write(tmp_path / "a.mp4")
    with FileSource(str(path)) as source:
        assert source.info.color == ColorTags("limited", matrix, "unknown", "unknown")


def test_tags_of_the_file_are_told(tmp_path: Path) -> None:
    path = Clip(frames=1, color=(2, 5, 5, 13)).write(tmp_path / "a.mp4")
    with FileSource(str(path)) as source:
        assert source.info.color == ColorTags("full", "bt601", "bt470bg", "iec61966-2-1")


def test_pictures_coded_as_rgb_come_out_as_they_are(tmp_path: Path) -> None:
    path = Clip(frames=1, codec="ffv1", pixel_format="bgr0").write(tmp_path / "a.mkv")
    assert np.array_equal(read_clip(path)[0].image, scene(0, SIZE_WH))


def test_alpha_of_the_input_is_left_out(tmp_path: Path) -> None:
    path = Clip(frames=1, codec="ffv1", pixel_format="bgra").write(tmp_path / "a.mkv")
    assert read_clip(path)[0].image.shape == (48, 64, 3)
