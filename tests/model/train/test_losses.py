"""Losses on values computed by hand."""

import math

import pytest
import torch
from torch import Tensor

from u2cam.model.datasets.photo import CORE, EXACT, NEAR_EDGE, UNKNOWN
from u2cam.model.train import losses
from u2cam.model.train.losses import Masks
from u2cam.model.train.settings import LossWeights


def pixels(*values: float) -> Tensor:
    """One picture, one row."""
    return torch.tensor(values).view(1, 1, 1, -1)


def test_each_code_is_in_one_mask() -> None:
    codes = torch.tensor([UNKNOWN, CORE, NEAR_EDGE, EXACT], dtype=torch.uint8).view(1, 1, 1, 4)
    masks = losses.masks_of(codes)
    assert masks.exact.flatten().tolist() == [0, 0, 0, 1]
    assert masks.core.flatten().tolist() == [0, 1, 0, 0]
    assert masks.band.flatten().tolist() == [0, 0, 1, 0]
    assert masks.known.flatten().tolist() == [0, 1, 0, 1]


def test_bce_of_even_odds_is_log_two() -> None:
    value = losses.bce(pixels(0.0, 0.0), pixels(1.0, 0.0), pixels(1.0, 1.0))
    assert value.item() == pytest.approx(math.log(2))


def test_bce_of_a_right_pixel_is_the_softplus_of_its_logit() -> None:
    value = losses.bce(pixels(2.0), pixels(1.0), pixels(1.0))
    assert value.item() == pytest.approx(math.log(1 + math.exp(-2.0)))


def test_pixels_outside_the_mask_do_not_count_and_get_no_gradient() -> None:
    alpha = pixels(0.25, 0.9).requires_grad_()
    value = losses.l1(alpha, pixels(0.0, 0.0), pixels(1.0, 0.0))
    assert value.item() == pytest.approx(0.25 / 2)
    value.backward()
    assert alpha.grad is not None and alpha.grad.flatten().tolist() == [0.5, 0.0]
    logits = pixels(0.0, 50.0).requires_grad_()
    losses.bce(logits, pixels(1.0, 0.0), pixels(1.0, 0.0)).backward()
    assert logits.grad is not None and logits.grad.flatten()[1] == 0


def test_l1_is_the_mean_absolute_error() -> None:
    value = losses.l1(
        pixels(0.2, 1.0, 0.5, 0.0), pixels(0.0, 1.0, 1.0, 0.0), torch.ones(1, 1, 1, 4)
    )
    assert value.item() == pytest.approx((0.2 + 0.5) / 4)


def test_deep_supervision_sums_side_outputs_against_the_averaged_target() -> None:
    target = torch.tensor([[[[1.0, 0.0], [1.0, 0.0]]]])
    mask = torch.ones_like(target)
    small = torch.zeros(1, 1, 1, 1)  # Compared with the mean target 0.5: log 2.
    full = torch.zeros(1, 1, 2, 2)  # log 2 as well.
    value = losses.deep_supervision([small, full], target, mask)
    assert value.item() == pytest.approx(2 * math.log(2))


def test_unknown_pixels_do_not_change_the_averaged_target() -> None:
    target = torch.tensor([[[[1.0, 0.0], [1.0, 0.0]]]])
    left = torch.tensor([[[[1.0, 0.0], [1.0, 0.0]]]])
    value = losses.deep_supervision([torch.full((1, 1, 1, 1), 3.0)], target, left)
    assert value.item() == pytest.approx(0.5 * math.log(1 + math.exp(-3.0)), rel=1e-3)


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
    mask = torch.ones(1, 1, 1, 2)
    value = losses.temporal_coherence(after, before, target, target_before, mask)
    # Changes 0.4 and 0 against 0.4 and 0.2.
    assert value.item() == pytest.approx(0.2**2 / 2, rel=1e-5)


WIDTH = 40
BAND = (14, 26)


def soft_edge() -> tuple[Tensor, Tensor, Tensor, Masks]:
    """A dark background turns into a bright person between columns 14 and 26.

    Returns the alpha that is true to the colours, (1, 1, 24, 40), the picture, the target of the
    core (1 from the middle on), and the masks.
    """
    ramp = ((torch.arange(WIDTH) - BAND[0] + 0.5) / (BAND[1] - BAND[0])).clamp(0, 1)
    alpha = ramp.expand(1, 1, 24, WIDTH).clone()
    person, background = torch.tensor((0.9, 0.8, 0.7)), torch.tensor((0.1, 0.2, 0.3))
    rgb = background.view(1, 3, 1, 1) + alpha * (person - background).view(1, 3, 1, 1)
    band = torch.zeros_like(alpha)
    band[..., BAND[0] : BAND[1]] = 1
    target = (torch.arange(WIDTH) >= WIDTH // 2).float().expand(1, 1, 24, WIDTH)
    return alpha, rgb, target, Masks(torch.zeros_like(band), 1 - band, band)


def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let both sides be near on such a small picture."""
    monkeypatch.setattr(losses, "DDC_CELL", 0.7)


def test_side_colours_are_those_of_the_core() -> None:
    _, rgb, target, masks = soft_edge()
    person, background, both = losses.side_colours(rgb, target, masks.core, 10)
    assert person.shape == (1, 3, 3, 4)
    assert person[0, :, 1, 2].tolist() == pytest.approx([0.9, 0.8, 0.7], abs=1e-4)
    assert background[0, :, 1, 2].tolist() == pytest.approx([0.1, 0.2, 0.3], abs=1e-4)
    assert both[0, 0, 1, 2] == 1


def test_ddc_is_zero_for_the_alpha_that_made_the_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    wide(monkeypatch)
    alpha, rgb, target, masks = soft_edge()
    assert losses.ddc(alpha, rgb, target, masks).item() == pytest.approx(0, abs=1e-5)


def test_ddc_of_a_hard_edge_is_larger_and_its_gradient_softens_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wide(monkeypatch)
    true, rgb, target, masks = soft_edge()
    alpha = (0.7 * target + 0.3 * true).requires_grad_()
    value = losses.ddc(alpha, rgb, target, masks)
    assert value.item() > 3e-4
    value.backward()
    assert alpha.grad is not None
    assert (alpha.grad * (true - alpha.detach())).sum() < -1e-4
    assert torch.isfinite(alpha.grad).all()
    assert alpha.grad[..., : BAND[0] - 4].abs().max() == 0  # Far from the band nothing is asked.


def test_ddc_leaves_what_looks_alike_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    wide(monkeypatch)
    true, rgb, target, masks = soft_edge()
    noisy = (true + 0.2 * torch.rand(true.shape, generator=torch.manual_seed(0))).clamp(0, 1)
    right, wrong = (losses.ddc(a, rgb, target, masks) for a in (true, noisy))
    assert wrong > right + 0.005


def test_ddc_without_a_band_or_without_both_sides_is_zero() -> None:
    alpha, rgb, target, masks = soft_edge()
    none = Masks(masks.exact, masks.core, torch.zeros_like(masks.band))
    assert losses.ddc(alpha, rgb, target, none).item() == 0
    one_side = losses.ddc(alpha, rgb, torch.ones_like(target), masks)
    assert one_side.item() == 0


def test_the_parts_of_a_loss_keep_to_their_masks() -> None:
    weights = LossWeights()
    logits = torch.full((1, 1, 8, 8), 0.3).requires_grad_()
    regions = torch.full((1, 1, 8, 8), CORE, dtype=torch.uint8)
    rgb, target = torch.rand(1, 3, 8, 8), torch.ones(1, 1, 8, 8)
    parts = losses.matting_loss([logits], rgb, target, losses.masks_of(regions), weights)
    assert parts["l1"] == parts["laplacian"] == parts["ddc"] == parts["side"] == 0
    assert parts["core"].item() == pytest.approx(1 - torch.sigmoid(torch.tensor(0.3)).item())
    exact = losses.masks_of(torch.full_like(regions, EXACT))
    parts = losses.matting_loss([logits], rgb, target, exact, weights)
    assert parts["core"] == 0 and parts["l1"] > 0
    unknown = losses.masks_of(torch.full_like(regions, UNKNOWN))
    parts = losses.matting_loss([logits], rgb, target, unknown, weights)
    torch.stack(list(parts.values())).sum().backward()
    assert logits.grad is not None and logits.grad.abs().max() == 0


def test_a_loss_of_weight_0_is_not_computed() -> None:
    regions = losses.masks_of(torch.full((1, 1, 8, 8), NEAR_EDGE, dtype=torch.uint8))
    zeros = torch.zeros(1, 1, 8, 8)
    parts = losses.matting_loss(
        [zeros], torch.zeros(1, 3, 8, 8), zeros, regions, LossWeights(ddc=0)
    )
    assert "ddc" not in parts
