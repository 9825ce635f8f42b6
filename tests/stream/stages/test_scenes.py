from dataclasses import replace

import numpy as np

from tests.fakes import TIME_BASE, numbered_image
from u2cam.core.frame import Frame
from u2cam.imaging.pyramid import halves
from u2cam.stream.stages.scenes import SceneCounter


def frame(number: int, captured_at_s: float = 0.0) -> Frame:
    return Frame(numbered_image(number), number, number * 3000, TIME_BASE, captured_at_s)


def scenes_of(counter: SceneCounter, *frames: Frame) -> list[int]:
    return [counter.described(frame).scene for frame in frames]


def test_a_cut_begins_a_scene_that_lasts_to_the_next() -> None:
    counter = SceneCounter(lambda image: int(image[0, 0, 0]) in (2, 4))
    assert scenes_of(counter, *map(frame, range(6))) == [0, 0, 1, 1, 2, 2]


def test_a_gap_begins_a_scene() -> None:
    counter = SceneCounter()
    assert scenes_of(counter, frame(0), frame(1)) == [0, 0]
    counter.gap()
    counter.gap()
    assert scenes_of(counter, frame(2), frame(3)) == [1, 1]


def test_a_cut_across_a_gap_begins_one_scene() -> None:
    counter = SceneCounter(lambda image: int(image[0, 0, 0]) == 1)
    counter.described(frame(0))
    counter.gap()
    assert scenes_of(counter, frame(1), frame(2)) == [1, 1]


def test_the_first_frame_is_in_the_first_scene_whatever_was_before() -> None:
    counter = SceneCounter(lambda image: int(image[0, 0, 0]) == 0)
    counter.gap()
    assert scenes_of(counter, frame(0), frame(1)) == [0, 0]


def test_a_source_that_was_silent_for_too_long_begins_a_scene() -> None:
    counter = SceneCounter(silence_s=0.7)
    frames = [frame(n, at_s) for n, at_s in enumerate((10.0, 10.7, 11.45, 11.5))]
    assert scenes_of(counter, *frames) == [0, 0, 1, 1]


def test_offline_the_time_of_reading_means_nothing() -> None:
    assert scenes_of(SceneCounter(), frame(0, 1.0), frame(1, 100.0)) == [0, 0]


def test_cuts_are_recognised_in_the_smallest_copy_which_travels_with_the_frame() -> None:
    shown: list[tuple[int, ...]] = []

    def begins_scene(image: np.ndarray) -> bool:
        shown.append(image.shape)
        return False

    image = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), np.uint8)
    described = SceneCounter(begins_scene).described(replace(frame(0), image=image))
    assert shown == [(180, 320, 3)]
    for level, wanted in zip(described.levels, halves(image), strict=True):
        assert np.array_equal(level, wanted)
    assert described.image is image
