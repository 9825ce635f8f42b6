"""Batches for training."""

import numpy as np
import torch

from u2cam.model.datasets.draw_settings import DrawSettings
from u2cam.model.datasets.draws import Draws
from u2cam.model.datasets.photo_library import Library
from u2cam.model.train.batches import ClipBatches
from u2cam.model.train.previous_matte import draw_previous, perturb
from u2cam.model.train.settings import Phase

ALPHA = np.zeros((36, 64), np.uint8)
ALPHA[10:, 20:44] = 255


def draw(
    library: Library,
    sizes_wh: tuple[tuple[int, int], ...] = ((64, 36),),
    *,
    seed: tuple[int, ...] = (1,),
    processes: int = 1,
) -> ClipBatches:
    """Batches of six stills, every second of two clips of three frames."""
    phase = Phase(sizes_wh=sizes_wh, batch_size=6, share=1, clip_every=2, clips=2, clip_frames=3)
    return ClipBatches(library, phase, DrawSettings(), processes=processes, seed=seed, count=100)


def test_every_second_batch_holds_clips_and_some_of_either_kind_are_portrait(
    library: Library,
) -> None:
    batches = draw(library)
    portrait: dict[int, list[bool]] = {1: [], 3: []}
    for index in range(40):
        batch = batches[index]
        frames, count, _, height, width = batch["frames"].shape
        assert (frames, count) == ((3, 2) if index % 2 == 1 else (1, 6))
        portrait[frames].append(height > width)
        assert batch["alpha"].shape == batch["regions"].shape == (frames, count, 1, height, width)
        assert batch["previous"].shape == (count, 1, height, width)
        assert batch["forget"].shape == (frames, count)
        assert all(tensor.dtype == torch.uint8 for tensor in batch.values())
    assert all(any(kind) and not all(kind) for kind in portrait.values())


def test_processes_share_a_batch(library: Library) -> None:
    batches = draw(library, processes=2)
    assert batches[0]["frames"].shape[1] == 3 and batches[1]["frames"].shape[1] == 1


def test_every_size_of_a_phase_is_drawn(library: Library) -> None:
    batches = draw(library, ((64, 36), (48, 48)))
    shapes = {tuple(batches[index]["frames"].shape[-2:]) for index in range(30)}
    assert shapes == {(36, 64), (64, 36), (48, 48)}


def test_a_batch_is_a_function_of_seed_and_index(library: Library) -> None:
    one, two = (draw(library, seed=(1, 2))[7] for _ in range(2))
    assert all(torch.equal(one[key], two[key]) for key in one)
    assert not torch.equal(one["frames"], draw(library, seed=(1, 3))[7]["frames"])


def test_previous_matte_is_often_missing_and_otherwise_mostly_near() -> None:
    other = np.zeros_like(ALPHA)
    drawn = [draw_previous(ALPHA, other, Draws((i,))) for i in range(400)]
    missing = np.mean([not p.any() for p in drawn])
    assert 0.55 < missing < 0.75  # The other matte is empty here as well.
    near = [np.abs(p.astype(int) - ALPHA).mean() < 0.35 * 255 for p in drawn if p.any()]
    assert np.mean(near) > 0.7


def test_perturbed_matte_differs_from_the_truth() -> None:
    assert not np.array_equal(perturb(ALPHA, np.random.default_rng(0)), ALPHA)
