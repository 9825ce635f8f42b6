"""Every kind of picture that is written, read back by Pillow."""

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.color_science import CHART, delta_e
from tests.media import scene
from tests.pictures import icc_profile, in_profile
from u2cam.core.frame import Picture
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.containers import IMAGE_KINDS
from u2cam.stream.sinks.images import ImageSink
from u2cam.stream.sources.base import SourceInfo
from u2cam.stream.sources.images import ImageSource

SIZE_WH = (416, 16)
MS = Fraction(1, 1000)
ENDINGS = [ending for ending in IMAGE_KINDS if ending != ".jpeg"]


def chart() -> NDArray[np.uint8]:
    return np.repeat(CHART.astype(np.uint8), 16, axis=0)[None].repeat(16, 0)


def write(
    path: Path,
    image: NDArray[np.uint8],
    settings: OutputSettings | None = None,
    icc: bytes | None = None,
) -> None:
    size_wh = (image.shape[1], image.shape[0])
    kind = {2: "gray", 3: "rgb"}.get(image.ndim if image.ndim == 2 else image.shape[2], "rgba")
    source = SourceInfo("a", size_wh, Fraction(25), False, MS, icc=icc)
    sink = ImageSink(path, settings or OutputSettings())
    sink.open(PictureFormat(size_wh, Fraction(25), MS, kind, source))  # type: ignore[arg-type]
    sink.write(Picture(image, 0, MS, 0.0))
    sink.close(failed=False)


@pytest.mark.parametrize("ending", ENDINGS)
def test_colours_are_those_of_the_picture(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a{ending}"
    write(path, chart())
    with Image.open(path) as image:
        assert "icc_profile" not in image.info
        shown = np.asarray(image.convert("RGB"))
    assert delta_e(shown[8, 8::16], CHART).max() < 3


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_profile_of_the_input_is_written_back(tmp_path: Path, ending: str) -> None:
    path, profile = tmp_path / f"a{ending}", icc_profile("smpte432")
    write(path, chart(), icc=profile)
    with Image.open(path) as image:
        assert image.info["icc_profile"] == profile
        shown = np.asarray(image.convert("RGB"))
    assert np.abs(shown[8, 8::16].astype(int) - in_profile(CHART, "smpte432")).max() <= 6
    with ImageSource(path) as source:  # and back again
        assert delta_e(source.read().image[8, 8::16], CHART).max() < 3


def test_the_profile_is_left_out_where_that_is_asked_for(tmp_path: Path) -> None:
    write(tmp_path / "a.png", chart(), OutputSettings(icc="srgb"), icc_profile("smpte432"))
    with Image.open(tmp_path / "a.png") as image:
        assert "icc_profile" not in image.info
        assert np.array_equal(np.asarray(image), chart())


@pytest.mark.parametrize("ending", [one for one in ENDINGS if "rgba" in IMAGE_KINDS[one]])
@pytest.mark.parametrize("icc", [None, icc_profile("smpte432")])
def test_alpha_and_the_colours_beneath_stay(tmp_path: Path, ending: str, icc: bytes | None) -> None:
    alpha = np.tile(np.arange(0, 256, 16, dtype=np.uint8)[:, None], (1, 416))
    path = tmp_path / f"a{ending}"
    write(path, np.dstack([chart(), alpha]), icc=icc)
    with Image.open(path) as image:
        shown = np.asarray(image.convert("RGBA"))
        assert image.info.get("icc_profile") == icc
    assert np.abs(shown[..., 3].astype(int) - alpha).max() <= 2
    wanted = CHART if icc is None else in_profile(CHART, "smpte432").astype(float)
    assert np.abs(shown[12, 8::16, :3] - wanted).max() <= 8


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_matte_stays_gray(tmp_path: Path, ending: str) -> None:
    matte = scene(1, (64, 48))[..., 0].copy()
    path = tmp_path / f"a{ending}"
    write(path, matte, icc=icc_profile("smpte432"))
    with Image.open(path) as image:
        assert "icc_profile" not in image.info
        if ending in (".tif", ".tiff"):
            assert np.array_equal(np.asarray(image).astype(int) // 257, matte)
        else:
            assert np.abs(np.asarray(image.convert("L")).astype(int) - matte).mean() < 3


@pytest.mark.parametrize("channels", [3, 4])
def test_tiff_has_16_bits_a_channel(tmp_path: Path, channels: int) -> None:
    image = np.dstack([chart(), np.full((16, 416), 200, np.uint8)])[..., :channels]
    write(tmp_path / "a.tif", np.ascontiguousarray(image))
    ok, pages = cv2.imreadmulti(str(tmp_path / "a.tif"), flags=cv2.IMREAD_UNCHANGED)
    assert ok
    assert pages[0].dtype == np.uint16
    if channels == 3:
        assert np.array_equal(pages[0][..., ::-1], chart().astype(np.uint16) * 257)
