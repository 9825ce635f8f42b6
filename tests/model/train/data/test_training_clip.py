"""The clips that training sees."""

import numpy as np
import pytest

from u2cam.model.datasets.photo import Photo, make_photo
from u2cam.model.datasets.photo_library import Library
from u2cam.model.datasets.views import Views
from u2cam.model.train.data.training_clip import content_size, draw_clip, pick_full_frame

STANDING = np.zeros((120, 320), np.uint8)
STANDING[10:110, 50:70] = 255


def picture(source: str, number: int, width: int, kind: str = "video") -> Photo:
    """A person in a picture of some width; file names say nothing of source and kind."""
    rgb = np.zeros((120, width, 3), np.uint8)
    name = f"{kind}/{source}/{number}"
    photo = make_photo(name, kind, rgb, STANDING[:, :width].copy(), source=source)
    assert photo is not None
    return photo


def drawn(library: Library, count: int, hard_fn: float = 0.0) -> list[Photo]:
    photos = [
        pick_full_frame(library, (36, 36), np.random.default_rng(seed), hard_fn)
        for seed in range(count)
    ]
    return [photo for photo in photos if photo is not None]


def test_same_seed_gives_the_same_clip(library: Library) -> None:
    one, two = (
        draw_clip(library, (64, 36), 2, np.random.default_rng(5), Views()) for _ in range(2)
    )
    assert np.array_equal(one.frames, two.frames)
    assert np.array_equal(one.alpha, two.alpha)


@pytest.mark.parametrize("size_wh", [(64, 36), (36, 64)])
def test_clips_of_every_kind_have_the_wanted_shape(
    library: Library, size_wh: tuple[int, int]
) -> None:
    for seed in range(40):
        clip = draw_clip(library, size_wh, 2, np.random.default_rng(seed), Views())
        assert clip.frames.shape == (2, size_wh[1], size_wh[0], 3)
        assert clip.alpha.shape == clip.weight.shape == (2, size_wh[1], size_wh[0])
        assert clip.frames.dtype == clip.alpha.dtype == clip.weight.dtype == np.uint8


def test_some_scenes_are_empty_and_most_are_not(library: Library) -> None:
    people = [
        draw_clip(library, (64, 36), 1, np.random.default_rng(seed), Views()).alpha.max() > 0
        for seed in range(200)
    ]
    assert 0.02 < 1 - np.mean(people) < 0.25


def test_full_frames_come_evenly_from_all_sources_that_fit_the_frame() -> None:
    people = [picture("long", index, 120) for index in range(9)]
    people += [picture("short", 0, 120), picture("shorter", 0, 130), picture("wide", 0, 200)]
    library = Library({"video": people, "ccp": [picture("ccp", 1, 120, "ccp")]}, [])
    sources = [photo.source for photo in drawn(library, 150)]
    assert all(30 < sources.count(source) < 70 for source in ("long", "short", "shorter"))
    assert {"wide", "ccp"}.isdisjoint(sources)


def test_without_pictures_of_cameras_full_frames_are_ordinary_photos(library: Library) -> None:
    views = Views(full_frame=1.0, letterbox=0.0)
    clip = draw_clip(library, (64, 36), 2, np.random.default_rng(0), views)
    assert clip.frames.shape == (2, 36, 64, 3)
    assert clip.alpha.max() > 0


def test_hard_examples_are_drawn_more_often_within_their_video() -> None:
    people = [picture("a", index, 120) for index in range(4)]
    people += [picture("b", 0, 120), picture("b", 6, 120)]
    error = {photo.name: 0.0 for photo in people} | {"video/a/1": 0.03, "video/a/2": 0.01}
    library = Library({"video": people}, [], error=error)
    names = [photo.name for photo in drawn(library, 400, hard_fn=1.0)]
    assert 160 < sum(name.startswith("video/b") for name in names) < 240
    assert {name for name in names if name.startswith("video/a")} == {"video/a/1", "video/a/2"}
    assert 2 < names.count("video/a/1") / names.count("video/a/2") < 4.5
    assert {photo.name for photo in people} == {p.name for p in drawn(library, 400, hard_fn=0.5)}


def test_letterboxed_frames_have_bars_that_are_background(library: Library) -> None:
    boxed = 0
    for seed in range(60):
        inner_wh = content_size((64, 36), np.random.default_rng(seed), 0.3)
        clip = draw_clip(library, (64, 36), 1, np.random.default_rng(seed), Views())
        if inner_wh[0] < 60:
            boxed += 1
            assert clip.alpha[0, :, 0].max() == 0
            assert np.unique(clip.frames[0, :, 0], axis=0).shape[0] == 1
    assert boxed > 5
