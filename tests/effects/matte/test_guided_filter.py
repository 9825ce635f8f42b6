import cv2
import numpy as np

from u2cam.effects.grid import spread
from u2cam.effects.matte.guided_filter import apply_coefficients, guided_coefficients
from u2cam.effects.matte.levels import level_table
from u2cam.imaging.pyramid import shrink

IDENTITY = level_table(0.0, 1.0)


def edge_picture(width: int = 320, height: int = 180, at: int = 150) -> np.ndarray:
    """Red left of an edge, green of the same luma right of it."""
    image = np.empty((height, width, 3), np.uint8)
    image[:, :at] = (200, 40, 40)
    image[:, at:] = (40, 121, 40)
    return image


def test_without_colour_the_matte_is_resized_as_opencv_does() -> None:
    alpha = np.random.default_rng(0).random((18, 32), np.float32)
    coefficients = np.dstack([np.zeros((18, 32, 3), np.float32), alpha])
    image = np.zeros((131, 257, 3), np.uint8)
    wanted = cv2.resize(alpha, (257, 131), interpolation=cv2.INTER_LINEAR) * 255
    assert np.abs(apply_coefficients(image, coefficients, IDENTITY) - wanted).max() <= 0.51


def test_a_soft_matte_sharpens_at_an_edge_of_hue_alone() -> None:
    image = edge_picture()
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    assert abs(int(gray[0, 0]) - int(gray[0, -1])) <= 2
    hard = (np.arange(320) < 150).astype(np.float32)
    alpha = np.tile(cv2.GaussianBlur(hard[None], (0, 0), 2.5), (180, 1))
    refined = apply_coefficients(image, guided_coefficients(image, alpha, 6, 1e-4), IDENTITY)
    assert alpha[90, 149] - alpha[90, 150] < 0.2
    assert int(refined[90, 149]) - int(refined[90, 150]) > 0.4 * 255


def test_flat_mattes_stay_exactly_flat() -> None:
    image = np.random.default_rng(1).integers(0, 256, (90, 160, 3), dtype=np.uint8)
    for value in (0, 1):
        alpha = np.full((90, 160), value, np.float32)
        coefficients = guided_coefficients(image, alpha, 4, 1e-4)
        assert (apply_coefficients(image, coefficients, IDENTITY) == 255 * value).all()


def test_cells_filled_at_once_are_as_if_computed() -> None:
    random = np.random.default_rng(2)
    image = random.integers(0, 256, (97, 203, 3), dtype=np.uint8)
    coefficients = random.normal(0, 0.4, (11, 23, 4)).astype(np.float32)
    table = level_table(0.1, 0.9)
    plain = apply_coefficients(image, coefficients, IDENTITY)
    assert (
        np.abs(apply_coefficients(image, coefficients, table).astype(int) - table[plain]).max() <= 1
    )


def test_spread_stays_inside_the_grid() -> None:
    for cells, pixels in ((1, 1), (1, 9), (3, 2), (320, 1920), (7, 7)):
        before, share = spread(cells, pixels)
        assert before.min() >= 0
        assert before.max() <= max(cells - 2, 0)
        assert ((share >= 0) & (share <= 1)).all()


def test_shrink_averages() -> None:
    image = np.zeros((8, 8), np.uint8)
    image[::2] = 200
    assert (shrink(image, (4, 4)) == 100).all()
    assert shrink(image, (3, 5)).shape == (5, 3)
