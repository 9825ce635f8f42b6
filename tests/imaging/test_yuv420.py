"""The compiled conversions, against the formulas of H.273 in floating point."""

import numpy as np
import pytest

from u2cam.imaging.color_tags import ColorTags
from u2cam.imaging.yuv420 import decode_420, encode_420

KR_KB = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}
RANGES = ["limited", "full"]


def tags_of(matrix: str, range_: str) -> ColorTags:
    return ColorTags(range_, matrix, "bt709", "bt709")  # type: ignore[arg-type]


def exact_yuv(rgb: np.ndarray, matrix: str, full: bool) -> np.ndarray:
    kr, kb = KR_KB[matrix]
    red, green, blue = np.moveaxis(rgb.astype(float) / 255, -1, 0)
    luma = kr * red + (1 - kr - kb) * green + kb * blue
    u, v = (blue - luma) / (2 - 2 * kb), (red - luma) / (2 - 2 * kr)
    if full:
        return np.stack([255 * luma, 255 * u + 128, 255 * v + 128], axis=-1)
    return np.stack([219 * luma + 16, 224 * u + 128, 224 * v + 128], axis=-1)


def exact_rgb(yuv: np.ndarray, matrix: str, full: bool) -> np.ndarray:
    kr, kb = KR_KB[matrix]
    luma, u, v = np.moveaxis(yuv.astype(float), -1, 0)
    luma, u, v = (luma - (0 if full else 16)) / (255 if full else 219), u - 128, v - 128
    u, v = u / (255 if full else 224), v / (255 if full else 224)
    red, blue = luma + 2 * (1 - kr) * v, luma + 2 * (1 - kb) * u
    green = (luma - kr * red - kb * blue) / (1 - kr - kb)
    return np.clip(255 * np.stack([red, green, blue], axis=-1), 0, 255)


def planes(size_wh: tuple[int, int], padding: int = 0) -> list[np.ndarray]:
    width, height = size_wh
    noise = np.random.default_rng(1)
    sizes = [(height, width)] + [((height + 1) // 2, (width + 1) // 2)] * 2
    return [noise.integers(0, 256, (rows, columns + padding), np.uint8) for rows, columns in sizes]


@pytest.mark.parametrize("range_", RANGES)
@pytest.mark.parametrize("matrix", KR_KB)
@pytest.mark.parametrize(("size_wh", "padding"), [((64, 48), 0), ((35, 21), 29), ((1, 1), 0)])
def test_decoding_is_the_formula_rounded(
    matrix: str, range_: str, size_wh: tuple[int, int], padding: int
) -> None:
    luma, u, v = planes(size_wh, padding)
    width, height = size_wh
    image = decode_420(luma, u, v, tags_of(matrix, range_), size_wh)
    wide = [plane.repeat(2, 0).repeat(2, 1)[:height, :width] for plane in (u, v)]
    exact = exact_rgb(np.dstack([luma[:, :width], *wide]), matrix, range_ == "full")
    assert image.shape == (height, width, 3)
    assert np.abs(image - exact).max() <= 0.51


@pytest.mark.parametrize("range_", RANGES)
@pytest.mark.parametrize("matrix", KR_KB)
@pytest.mark.parametrize("padding", [0, 13])
def test_encoding_is_the_formula_rounded(matrix: str, range_: str, padding: int) -> None:
    image = np.random.default_rng(2).integers(0, 256, (48, 64, 3), np.uint8)
    image[:8] = [[[0, 0, 255]], [[255, 255, 0]], [[255, 0, 0]], [[0, 255, 255]]] * 2
    luma, u, v = planes((64, 48), padding)
    encode_420(image, tags_of(matrix, range_), luma, u, v)
    exact = exact_yuv(image, matrix, range_ == "full")
    mean = exact[..., 1:].reshape(24, 2, 32, 2, 2).mean(axis=(1, 3))
    assert np.abs(luma[:, :64] - exact[..., 0]).max() <= 0.51
    for number, plane in enumerate((u, v)):
        # A full range's 255.5 does not fit into a byte.
        assert np.abs(plane[:, :32] - np.clip(mean[..., number], 0, 255)).max() <= 0.51


@pytest.mark.parametrize("range_", RANGES)
@pytest.mark.parametrize("matrix", KR_KB)
def test_what_was_decoded_comes_back_with_the_numbers_that_it_had(matrix: str, range_: str) -> None:
    # Colours that RGB can hold; others are clipped, and cannot come back.
    noise = np.random.default_rng(3)
    luma = noise.integers(90, 160, (48, 64)).astype(np.uint8)
    u, v = (noise.integers(110, 146, (24, 32)).astype(np.uint8) for _ in range(2))
    tags = tags_of(matrix, range_)
    again = planes((64, 48))
    encode_420(decode_420(luma, u, v, tags, (64, 48)), tags, *again)
    for plane, back in zip((luma, u, v), again, strict=True):
        assert np.array_equal(plane, back)


def test_odd_sizes_are_not_encoded() -> None:
    with pytest.raises(ValueError, match="even size"):
        encode_420(np.zeros((3, 4, 3), np.uint8), ColorTags(), *planes((4, 4)))
