"""Losses on values computed by hand."""

import math

import pytest
import torch
from torch import Tensor

from u2cam.model.train import losses
from u2cam.model.train.settings import LossWeights


def pixels(*values: float) -> Tensor:
    """One picture, one row."""
    return torch.tensor(values).view(1, 1, 1, -1)


def test_bce_of_even_odds_is_log_two() -> None:
    value = losses.bce(pixels(0.0, 0.0), pixels(1.0, 0.0), pixels(1.0, 1.0))
    assert value.item() == pytest.approx(math.log(2))


def test_bce_of_a_right_pixel_is_the_softplus_of_its_logit() -> None:
    value = losses.bce(pixels(2.0), pixels(1.0), pixels(1.0))
    assert value.item() == pytest.approx(math.log(1 + math.exp(-2.0)))


def test_pixels_of_weight_zero_do_not_count() -> None:
    weight = pixels(1.0, 0.0)
    assert losses.l1(pixels(0.25, 0.9), pixels(0.0, 0.0), weight).item() == pytest.approx(0.25)
    assert losses.bce(pixels(0.0, 50.0), pixels(1.0, 0.0), weight).item() == pytest.approx(
        math.log(2)
    )


def test_l1_is_the_mean_absolute_error() -> None:
    value = losses.l1(
        pixels(0.2, 1.0, 0.5, 0.0), pixels(0.0, 1.0, 1.0, 0.0), torch.ones(1, 1, 1, 4)
    )
    assert value.item() == pytest.approx((0.2 + 0.5) / 4)


def test_deep_supervision_sums_side_outputs_against_the_averaged_target() -> None:
    target = torch.tensor([[[[1.0, 0.0], [1.0, 0.0]]]])
    weight = torch.ones_like(target)
    small = torch.zeros(1, 1, 1, 1)  # Compared with the mean target 0.5: log 2.
    full = torch.zeros(1, 1, 2, 2)  # log 2 as well.
    value = losses.deep_supervision([small, full], target, weight)
    assert value.item() == pytest.approx(2 * math.log(2))


def test_dice_of_half_overlap() -> None:
    # 1 - (2·1 + 1) / (2 + 1 + 1)
    value = losses.dice(pixels(1.0, 1.0), pixels(1.0, 0.0), torch.ones(1, 1, 1, 2))
    assert value.item() == pytest.approx(1 - 3 / 4)


def test_dice_of_an_empty_scene_predicted_empty_is_zero() -> None:
    zeros = torch.zeros(2, 1, 4, 4)
    assert losses.dice(zeros, zeros, torch.ones_like(zeros)).item() == 0


def test_laplacian_counts_detail_at_each_level() -> None:
    # Level 0: 1 minus its 2×2 mean 0.25: (0.75 + 3·0.25) / 4 = 0.375.
    # Level 1: a single pixel, no further level; two levels are asked, so the sum is halved.
    alpha = torch.tensor([[[[1.0, 0.0], [0.0, 0.0]]]])
    value = losses.laplacian(alpha, torch.zeros_like(alpha), torch.ones_like(alpha), levels=2)
    assert value.item() == pytest.approx(0.375 / 2)


def test_laplacian_doubles_with_each_coarser_level() -> None:
    # Blocks of 2×2: no detail at level 0, 0.5 everywhere at level 1, which counts twice.
    alpha = torch.kron(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.ones(2, 2))[None, None]
    value = losses.laplacian(alpha, torch.zeros_like(alpha), torch.ones_like(alpha), levels=2)
    assert value.item() == pytest.approx(0.5 * 2 / 2)


def test_laplacian_takes_odd_sizes() -> None:
    alpha = torch.rand(1, 1, 9, 5)
    assert losses.laplacian(alpha, alpha, torch.ones_like(alpha)).item() == 0


def test_temporal_coherence_compares_changes_not_values() -> None:
    before, after = pixels(0.2, 0.5), pixels(0.6, 0.5)
    target_before, target = pixels(0.0, 0.1), pixels(0.4, 0.3)
    weight = torch.ones(1, 1, 1, 2)
    value = losses.temporal_coherence(after, before, target, target_before, weight)
    # Changes 0.4 and 0 against 0.4 and 0.2.
    assert value.item() == pytest.approx(0.2**2 / 2, rel=1e-5)


def test_matting_loss_scales_every_part_by_its_weight() -> None:
    outputs = [torch.zeros(1, 1, 4, 4), torch.zeros(1, 1, 2, 2)]
    target = torch.ones(1, 1, 4, 4)
    weight = torch.ones_like(target)
    weights = LossWeights(bce=2.0, side=0.5, l1=0.0, laplacian=0.0, dice=0.0)
    parts = losses.matting_loss(outputs, target, weight, weights)
    assert parts["bce"].item() == pytest.approx(2 * math.log(2))
    assert parts["side"].item() == pytest.approx(0.5 * math.log(2))
    assert parts["l1"].item() == parts["dice"].item() == parts["laplacian"].item() == 0
