"""The clips that training sees."""

import numpy as np
import pytest

from u2cam.model.datasets.draw_settings import DrawSettings, Steps
from u2cam.model.datasets.draws import Draws
from u2cam.model.datasets.photo import CORE, EXACT, NEAR_EDGE, UNKNOWN
from u2cam.model.datasets.photo_library import Library
from u2cam.model.train.data.training_clip import content_size, draw_clip

PLAIN = Steps(**dict.fromkeys(Steps.model_fields, 0.0))
KEYED = {"keyed": 1.0}


def only(**shares: float) -> Steps:
    return PLAIN.model_copy(update=shares)


def test_same_seed_gives_the_same_clip(library: Library) -> None:
    one, two = (draw_clip(library, (64, 36), 2, Draws((5,)), DrawSettings()) for _ in range(2))
    assert np.array_equal(one.clip.frames, two.clip.frames)
    assert np.array_equal(one.clip.alpha, two.clip.alpha)


@pytest.mark.parametrize("size_wh", [(64, 36), (36, 64)])
def test_clips_of_every_kind_have_the_wanted_shape(
    library: Library, size_wh: tuple[int, int]
) -> None:
    for seed in range(40):
        clip = draw_clip(library, size_wh, 2, Draws((seed,)), DrawSettings()).clip
        assert clip.frames.shape == (2, size_wh[1], size_wh[0], 3)
        assert clip.alpha.shape == clip.regions.shape == (2, size_wh[1], size_wh[0])
        assert clip.frames.dtype == clip.alpha.dtype == clip.regions.dtype == np.uint8


def test_some_scenes_are_empty_and_most_are_not(library: Library) -> None:
    people = [
        draw_clip(library, (64, 36), 1, Draws((seed,)), DrawSettings()).clip.alpha.max() > 0
        for seed in range(200)
    ]
    assert 0.02 < 1 - np.mean(people) < 0.25


def test_a_photograph_in_its_own_scene_has_a_core_and_a_band(library: Library) -> None:
    settings = DrawSettings(people={"ccp": 1.0}, photo=1, empty=0, steps=PLAIN)
    codes = set()
    for seed in range(10):
        clip = draw_clip(library, (96, 54), 1, Draws((seed,)), settings).clip
        codes |= set(np.unique(clip.regions).tolist())
    assert {CORE, NEAR_EDGE} <= codes <= {CORE, NEAR_EDGE, UNKNOWN}


def test_people_without_a_scene_of_their_own_are_pasted_instead(library: Library) -> None:
    settings = DrawSettings(people=KEYED, photo=1, empty=0)
    assert (draw_clip(library, (64, 36), 1, Draws((0,)), settings).clip.regions == EXACT).all()


def test_a_dropped_frame_is_background_and_the_next_is_not(library: Library) -> None:
    settings = DrawSettings(people=KEYED, photo=0, empty=0, steps=only(drop_out=1.0))
    for seed in range(10):
        clip = draw_clip(library, (64, 36), 8, Draws((seed,)), settings).clip
        nothing = [len(np.unique(frame)) == 1 for frame in clip.frames]
        assert 1 <= sum(nothing) <= 2 and not nothing[0]
        assert all(not matte.any() for matte, none in zip(clip.alpha, nothing, strict=True) if none)


def test_a_forgotten_matte_is_never_the_first(library: Library) -> None:
    settings = DrawSettings(steps=only(forget=1.0))
    for seed in range(10):
        forget = draw_clip(library, (64, 36), 4, Draws((seed,)), settings).forget
        assert forget[0] == 0 and forget.sum() == 1


def test_a_pause_keeps_person_and_scene_where_they_are(library: Library) -> None:
    settings = DrawSettings(people=KEYED, photo=0, empty=0, steps=only(pause=1.0))
    still = 0
    for seed in range(10):
        clip = draw_clip(library, (64, 36), 8, Draws((seed,)), settings).clip
        still += sum(
            np.array_equal(a, b) for a, b in zip(clip.frames[1:], clip.frames[:-1], strict=True)
        )
    assert still >= 10


def test_letterboxed_frames_have_bars_that_are_background(library: Library) -> None:
    settings, boxed = DrawSettings(steps=only(letterbox=1.0)), 0
    for seed in range(40):
        inner_wh = content_size((64, 36), Draws((seed,)), 1.0)
        clip = draw_clip(library, (64, 36), 1, Draws((seed,)), settings).clip
        if inner_wh[0] < 60:
            boxed += 1
            assert clip.alpha[0, :, 0].max() == 0
            assert np.unique(clip.frames[0, :, 0], axis=0).shape[0] == 1
            assert clip.regions[0, 0, 0] in (EXACT, CORE)
    assert boxed > 20
