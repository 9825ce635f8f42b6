"""Batches for training."""

import numpy as np
import torch

from u2cam.model.datasets.person_shape import thin
from u2cam.model.datasets.photo_library import Library
from u2cam.model.datasets.views import Views
from u2cam.model.train.data.batches import ClipBatches
from u2cam.model.train.settings import Phase


def draw(
    library: Library,
    sizes_wh: tuple[tuple[int, int], ...] = ((64, 36),),
    *,
    seed: tuple[int, ...] = (1,),
) -> ClipBatches:
    """Batches of six frames, every second of clips of three."""
    phase = Phase(sizes_wh=sizes_wh, batch_size=6, share=1, clip_every=2, clip_frames=3)
    return ClipBatches(library, phase, Views(), batch_size=6, seed=seed, count=100)


def test_every_second_batch_holds_clips_and_some_of_either_kind_are_portrait(
    library: Library,
) -> None:
    batches = draw(library)
    portrait: dict[int, list[bool]] = {1: [], 3: []}
    for index in range(40):
        batch = batches[index]
        frames, count, _, height, width = batch["frames"].shape
        assert frames * count == 6
        assert frames == (3 if index % 2 == 1 else 1)
        portrait[frames].append(height > width)
        assert batch["alpha"].shape == batch["weight"].shape == (frames, count, 1, height, width)
        for place, moment in ((0, 0), (count - 1, frames - 1)):
            matte = batch["alpha"][moment, place, 0].numpy()
            np.testing.assert_array_equal(batch["thin"][moment, place, 0].numpy(), thin(matte))
        assert batch["previous"].shape == (count, 1, height, width)
    assert all(any(kind) and not all(kind) for kind in portrait.values())


def test_every_size_of_a_phase_is_drawn(library: Library) -> None:
    batches = draw(library, ((64, 36), (48, 48)))
    shapes = {tuple(batches[index]["frames"].shape[-2:]) for index in range(30)}
    assert shapes == {(36, 64), (64, 36), (48, 48)}


def test_a_batch_is_a_function_of_seed_and_index(library: Library) -> None:
    one, two = (draw(library, seed=(1, 2))[7] for _ in range(2))
    assert all(torch.equal(one[key], two[key]) for key in one)
    assert not torch.equal(one["frames"], draw(library, seed=(1, 3))[7]["frames"])
