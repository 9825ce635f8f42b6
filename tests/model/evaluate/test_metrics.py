"""Measures on values computed by hand."""

import numpy as np
import pytest
from numpy.typing import NDArray

from u2cam.model.evaluate import metrics


def row(*values: float) -> NDArray[np.float32]:
    """A matte of one row."""
    return np.array([values], np.float32)


def test_mad_and_mse_are_scaled_by_a_thousand() -> None:
    assert metrics.mad(row(0.5, 0.0), row(0.0, 0.0)) == pytest.approx(250)
    assert metrics.mse(row(0.5, 0.0), row(0.0, 0.0)) == pytest.approx(125)


def test_dtssd_is_the_root_mean_square_of_the_change_error() -> None:
    value = metrics.dtssd(row(0.5, 0.5), row(0.1, 0.5), row(1.0, 0.0), row(1.0, 0.0))
    assert value == pytest.approx(100 * np.sqrt(0.4**2 / 2), rel=1e-5)


def test_a_constant_error_does_not_flicker() -> None:
    assert metrics.dtssd(row(0.3), row(0.3), row(1.0), row(1.0)) == 0


def test_iou_counts_pixels_cut_at_one_half() -> None:
    assert metrics.iou(row(0.9, 0.9, 0.1), row(1.0, 0.0, 0.0)) == pytest.approx(0.5)
    assert metrics.iou(row(0.0), row(0.0)) == 1


def test_gradient_error_is_zero_for_a_shifted_level_and_not_for_a_lost_edge() -> None:
    edge = np.zeros((32, 32), np.float32)
    edge[:, 16:] = 0.5
    assert metrics.gradient_error(edge + 0.25, edge) == pytest.approx(0, abs=1e-9)
    assert metrics.gradient_error(np.zeros_like(edge), edge) > 0


def test_gradient_of_a_ramp_is_the_kernels_first_moment() -> None:
    ramp = np.tile(np.arange(40, dtype=np.float32) / 40, (40, 1))
    magnitude = metrics.gradient_magnitude(ramp)[20, 20]
    sigma = 1.4
    x = np.arange(-4, 5)
    smooth = np.exp(-(x**2) / (2 * sigma**2))
    kernel = np.outer(smooth, x * smooth)
    kernel = kernel / np.sqrt((kernel**2).sum())
    assert magnitude == pytest.approx(abs((kernel * x[None]).sum()) / 40, rel=1e-3)


def test_connectivity_punishes_an_island_but_not_a_faded_whole() -> None:
    truth = np.zeros((20, 20), np.float32)
    truth[5:15, 2:10] = 1
    island = truth.copy()
    island[5:8, 15:18] = 1
    # Nine pixels of level 0 that rise by 1.
    assert metrics.connectivity_error(island, truth) == pytest.approx(9 / 1000)
    assert metrics.connectivity_error(truth, truth) == 0


def test_the_band_is_what_lies_near_the_edge_or_is_soft() -> None:
    truth = np.zeros((80, 100), np.float32)
    truth[:, 50:] = 1
    band = metrics.edge_band(truth)
    assert band[40, 45] and band[40, 55]
    assert not band[40, 30] and not band[40, 70]
    truth[40, 20] = 0.5
    assert metrics.edge_band(truth)[40, 15]


def test_flicker_counts_only_where_the_frame_stands_still() -> None:
    frames = np.full((6, 60, 80, 3), 100, np.uint8)
    frames[1::2, :, 40:] = 160  # the right half changes from frame to frame
    mattes = [np.zeros((60, 80), np.float32) for _ in range(6)]
    for t in range(1, 6, 2):
        mattes[t][:, 60:] = 1
    assert metrics.flicker(frames, mattes) == 0
    for t in range(1, 6, 2):
        mattes[t][:] = 0.5
    assert metrics.flicker(frames, mattes) == pytest.approx(500)


def test_a_clip_that_never_stands_still_has_no_flicker() -> None:
    frames = np.zeros((6, 40, 40, 3), np.uint8)
    frames[1::2] = 255
    assert metrics.flicker(frames, [np.full((40, 40), t / 6, np.float32) for t in range(6)]) == 0
