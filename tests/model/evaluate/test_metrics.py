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


def test_max_f_finds_the_best_threshold() -> None:
    curve = metrics.precision_recall(row(0.9, 0.6, 0.4, 0.1), row(1.0, 1.0, 0.0, 0.0))
    assert metrics.max_f([curve]) == pytest.approx(1.0)
    # All 0.5: either everything is found (precision 1/2, recall 1) or nothing.
    flat = metrics.precision_recall(row(0.5, 0.5), row(1.0, 0.0))
    assert metrics.max_f([flat]) == pytest.approx(1.3 * 0.5 / (0.3 * 0.5 + 1))


def test_precision_recall_counts_strictly_above_the_threshold() -> None:
    curve = metrics.precision_recall(row(1.0, 0.0), row(1.0, 0.0))
    assert curve.recall[0] == curve.recall[254] == 1
    assert curve.precision[0] == 1


def test_s_measure_of_the_truth_is_one_and_of_its_negative_low() -> None:
    truth = np.zeros((24, 24), np.float32)
    truth[6:20, 8:18] = 1
    assert metrics.s_measure(truth, truth) == pytest.approx(1.0, abs=1e-6)
    assert metrics.s_measure(1 - truth, truth) < 0.2


def test_s_measure_of_an_empty_scene_is_what_stays_empty() -> None:
    truth = np.zeros((4, 4), np.float32)
    assert metrics.s_measure(np.full((4, 4), 0.25, np.float32), truth) == pytest.approx(0.75)
