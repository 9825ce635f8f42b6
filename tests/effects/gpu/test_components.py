import cv2
import numpy as np
import pytest
import torch

from u2cam.effects.gpu.matte import components
from u2cam.effects.gpu.matte.components import connected
from u2cam.effects.gpu.matte.levels import feather, shift_edge
from u2cam.effects.matte import levels


def spiral() -> np.ndarray:
    mask = np.zeros((144, 256), bool)
    t = np.linspace(0, 20 * np.pi, 60_000)
    mask[(72 + t * 1.1 * np.sin(t)).astype(int), (128 + t * 1.1 * np.cos(t)).astype(int)] = True
    return mask


def noise(density: float) -> np.ndarray:
    return np.random.default_rng(7).random((144, 256)) < density


@pytest.mark.parametrize("diagonal", [True, False])
@pytest.mark.parametrize("mask", [noise(0.3), noise(0.5), noise(0.6), noise(0.9), spiral()])
def test_parts_are_those_that_opencv_finds(mask: np.ndarray, diagonal: bool) -> None:
    count, wanted = cv2.connectedComponents(
        mask.astype(np.uint8), connectivity=8 if diagonal else 4
    )
    (labels,), done = connected(torch.from_numpy(mask)[None], diagonal=int(diagonal))
    assert done.all()
    pairs = set(zip(wanted.ravel().tolist(), labels.numpy().ravel().tolist(), strict=True))
    assert len(pairs) == count == len(np.unique(labels.numpy()) if not mask.all() else [0, 1])


def test_masks_that_are_labelled_together_do_not_mix() -> None:
    masks = torch.from_numpy(np.stack((noise(0.3), noise(0.3), ~noise(0.3))))
    labels, done = connected(masks, diagonal=1)
    assert done.all()
    for place, mask in enumerate(masks):
        (alone,), _ = connected(mask[None], diagonal=1 if place == 0 else 0)
        assert torch.equal(labels[place], alone)


def test_what_was_not_finished_is_reported_and_nothing_is_removed() -> None:
    alpha = torch.from_numpy(spiral().astype(np.float32))
    assert not connected((alpha > 0.5)[None], diagonal=1, rounds=1)[1].any()
    rounds = components.ROUNDS
    try:
        components.connected.__kwdefaults__["rounds"] = 1
        assert torch.equal(components.remove_islands(alpha, 0.1, 0.9), alpha)
    finally:
        components.connected.__kwdefaults__["rounds"] = rounds


@pytest.mark.parametrize("seed", range(4))
def test_islands_and_holes_are_those_of_the_cpu(seed: int) -> None:
    random = np.random.default_rng(seed)
    alpha = cv2.GaussianBlur(random.random((90, 160)).astype(np.float32), (0, 0), 2 + seed)
    alpha = np.clip((alpha - 0.5) * 6 + 0.5 + 0.1 * seed, 0, 1).astype(np.float32)
    for share in (0.0, 0.01, 0.3):
        wanted = levels.remove_islands(alpha, 0.07, share)
        assert np.array_equal(
            components.remove_islands(torch.from_numpy(alpha), 0.07, share).numpy(), wanted
        )
        wanted = levels.fill_holes(alpha, share)
        assert np.array_equal(components.fill_holes(torch.from_numpy(alpha), share).numpy(), wanted)


@pytest.mark.parametrize("shift_px", [-31, -4, -1, 0.4, 1, 2, 7, 30])
def test_the_edge_moves_as_on_the_cpu(shift_px: float) -> None:
    alpha_u8 = (cv2.GaussianBlur(noise(0.02).astype(np.float32), (0, 0), 3) * 900).clip(0, 255)
    alpha_u8 = alpha_u8.astype(np.uint8)
    wanted = levels.shift_edge(alpha_u8, shift_px)
    assert np.array_equal(shift_edge(torch.from_numpy(alpha_u8), shift_px).numpy(), wanted)


@pytest.mark.parametrize("feather_px", [0.5, 2, 7, 40, 90])
def test_feathering_is_that_of_the_cpu(feather_px: float) -> None:
    alpha_u8 = np.random.default_rng(3).integers(0, 256, (72, 128), np.uint8)
    alpha_u8[20:60, 40:90] = 255
    wanted = levels.feather(alpha_u8, feather_px)
    assert np.array_equal(feather(torch.from_numpy(alpha_u8), feather_px).numpy(), wanted)
