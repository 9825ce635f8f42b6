import cv2
import numpy as np
import pytest

from u2cam.effects.motion.scene_change import SceneWatch, scene_cut


def scene(seed: int, size_wh: tuple[int, int] = (160, 90)) -> np.ndarray:
    """A place: the same seed gives the same at every size."""
    coarse = np.random.default_rng(seed).integers(0, 256, (9, 16), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, size_wh, interpolation=cv2.INTER_CUBIC), np.uint8)


def test_another_place_is_a_cut_and_an_exposure_step_or_a_pan_is_none() -> None:
    first = scene(1)
    assert scene_cut(first, scene(2))
    brighter = np.clip(first.astype(int) * 1.3 + 25, 0, 255).astype(np.uint8)
    assert not scene_cut(first, brighter)
    assert not scene_cut(first, np.roll(first, 4, axis=1))


@pytest.mark.parametrize("size_wh", [(1920, 1080), (360, 640), (64, 36), (3, 2)])
def test_a_watch_tells_the_first_frame_of_each_scene_but_the_first(
    size_wh: tuple[int, int],
) -> None:
    noise = np.random.default_rng(0)
    watch = SceneWatch()
    begins = []
    for seed in (1, 1, 1, 2, 2, 1):
        luma = scene(seed, size_wh).astype(int)
        grainy = np.dstack([luma] * 3) + noise.normal(0, 3, (*luma.shape, 3))
        begins.append(watch.begins(np.clip(grainy, 0, 255).astype(np.uint8)))
    assert begins == [False, False, False, True, False, True]


def test_frames_of_another_size_are_another_scene() -> None:
    watch = SceneWatch()
    for size_wh, begins in (((160, 90), False), ((90, 160), True), ((90, 160), False)):
        assert watch.begins(np.dstack([scene(1, size_wh)] * 3)) == begins
