"""Views of panoramas."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from u2cam.model.datasets.panorama import cut_view, draw_view, exposure_table, read_panorama

RIGHT_ANGLE = np.pi / 2


def marked() -> np.ndarray:
    """A panorama whose red level says the longitude and whose green level the latitude."""
    columns, rows = np.meshgrid(np.arange(256), np.arange(128))
    return np.dstack((columns, rows * 2, np.zeros_like(rows))).astype(np.uint8)


def test_a_view_shows_what_lies_in_its_direction() -> None:
    view = cut_view(marked(), (64, 64), 0.0, 0.0, 0.0, RIGHT_ANGLE)
    assert view[32, 32, 0] == pytest.approx(128, abs=3)
    assert view[32, 32, 1] == pytest.approx(128, abs=3)
    turned = cut_view(marked(), (64, 64), RIGHT_ANGLE / 2, 0.0, 0.0, RIGHT_ANGLE)
    assert turned[32, 32, 0] == pytest.approx(128 + 32, abs=3)
    raised = cut_view(marked(), (64, 64), 0.0, RIGHT_ANGLE / 3, 0.0, RIGHT_ANGLE)
    assert raised[32, 32, 1] == pytest.approx(128 - 256 / 6, abs=5)


def test_the_sides_of_a_view_are_its_angle_apart() -> None:
    view = cut_view(marked(), (64, 64), 0.0, 0.0, 0.0, RIGHT_ANGLE)
    assert int(view[32, 63, 0]) - int(view[32, 0, 0]) == pytest.approx(64, abs=4)


def test_a_view_across_the_seam_has_no_seam() -> None:
    smooth = np.abs(np.arange(256) - 128).astype(np.uint8)
    panorama = np.repeat(np.tile(smooth, (128, 1))[..., None], 3, axis=2)
    view = cut_view(panorama, (64, 36), np.pi, 0.0, 0.0, RIGHT_ANGLE).astype(int)
    assert np.abs(np.diff(view[..., 0], axis=1)).max() < 6


def test_one_stop_more_is_brighter_and_nothing_is_clipped_before_white() -> None:
    darker, brighter = exposure_table(-3.0), exposure_table(-2.0)
    assert (brighter >= darker).all() and (np.diff(darker.astype(int)) >= 0).all()
    assert darker[0] < 20 and brighter[-1] > 200


def test_light_is_kept_within_a_step_of_eight_bits(tmp_path: Path) -> None:
    light = np.full((16, 32, 3), 1.0, np.float32)
    light[:, 16:] = 4.0
    cv2.imwrite(str(tmp_path / "a.hdr"), light)
    levels = read_panorama(tmp_path / "a.hdr")
    assert int(levels[8, 20, 0]) - int(levels[8, 4, 0]) == pytest.approx(2 * 255 / 11, abs=1)


def test_views_differ_in_exposure_but_are_mostly_neither_black_nor_white() -> None:
    rng = np.random.default_rng(0)
    panorama = rng.integers(90, 200, (64, 128, 3)).astype(np.uint8)
    means = [draw_view(panorama, (64, 36), np.random.default_rng(i)).mean() for i in range(60)]
    assert np.std(means) > 15
    assert np.mean([20 < mean < 235 for mean in means]) > 0.8
