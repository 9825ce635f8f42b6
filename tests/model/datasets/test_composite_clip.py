"""Synthetic clips and batches."""

import cv2
import numpy as np
import pytest
import torch

from tests.model.datasets.drawn_person import draw_portrait
from u2cam.model.datasets import composite_clip as synthetic_clip
from u2cam.model.datasets.framing import webcam_matrix, whole_matrix
from u2cam.model.datasets.person_shape import thin
from u2cam.model.datasets.photo_library import Image, Library, Photo, make_photo
from u2cam.model.datasets.scenery import blend, draw_scene, resemble
from u2cam.model.datasets.views import Views
from u2cam.model.train.data.batches import ClipBatches
from u2cam.model.train.data.previous_matte import draw_previous, perturb

STANDS = np.zeros((120, 160), np.uint8)
STANDS[10:110, 70:90] = 255


def test_same_seed_gives_the_same_clip(library: Library) -> None:
    one, two = (
        synthetic_clip.draw_clip(library, (64, 36), 2, np.random.default_rng(5), Views())
        for _ in range(2)
    )
    assert np.array_equal(one.frames, two.frames)
    assert np.array_equal(one.alpha, two.alpha)


@pytest.mark.parametrize("size_wh", [(64, 36), (36, 64)])
def test_clips_of_every_kind_have_the_wanted_shape(
    library: Library, size_wh: tuple[int, int]
) -> None:
    for seed in range(40):
        clip = synthetic_clip.draw_clip(library, size_wh, 2, np.random.default_rng(seed), Views())
        assert clip.frames.shape == (2, size_wh[1], size_wh[0], 3)
        assert clip.alpha.shape == clip.weight.shape == (2, size_wh[1], size_wh[0])
        assert clip.frames.dtype == clip.alpha.dtype == clip.weight.dtype == np.uint8


def test_some_scenes_are_empty_and_most_are_not(library: Library) -> None:
    people = [
        synthetic_clip.draw_clip(
            library, (64, 36), 1, np.random.default_rng(seed), Views()
        ).alpha.max()
        > 0
        for seed in range(200)
    ]
    assert 0.02 < 1 - np.mean(people) < 0.25


def test_person_and_scene_move_on_their_own(library: Library) -> None:
    moved = 0
    for seed in range(20):
        clip = synthetic_clip.draw_pasted(library, (96, 54), 2, np.random.default_rng(seed))
        moved += not np.array_equal(clip.alpha[0], clip.alpha[1])
    assert moved > 10


def test_real_photos_fill_the_frame_without_leaving_the_photo(library: Library) -> None:
    photo = library.people["humanseg"][0]
    height, width = photo.alpha[0].shape
    for seed in range(50):
        rng = np.random.default_rng(seed)
        matrix = webcam_matrix(photo, (64, 36), rng, inside=True)
        inverse = np.linalg.inv(np.vstack((matrix, (0, 0, 1))))
        corners = inverse @ np.array(((0, 64, 0, 64), (0, 0, 36, 36), (1, 1, 1, 1)))
        slack = 0.2 * max(width, height)  # A turned frame's corners may stick out.
        assert -slack < corners[0].min() and corners[0].max() < width + slack
        assert -slack < corners[1].min() and corners[1].max() < height + slack


@pytest.mark.parametrize("size_wh", [(64, 36), (48, 48), (36, 64)])
def test_a_whole_view_fills_the_frame_with_nearly_all_of_the_picture(
    size_wh: tuple[int, int],
) -> None:
    photo = make_photo("clip_00000", "clip", np.zeros((*STANDS.shape, 3), np.uint8), STANDS)
    assert photo is not None
    cover = max(size_wh[0] / 160, size_wh[1] / 120)
    mirrored = set()
    for seed in range(40):
        matrix = whole_matrix(photo, size_wh, np.random.default_rng(seed))
        corners = matrix @ np.array(((0, 160, 0, 160), (0, 0, 120, 120), (1, 1, 1, 1)))
        assert corners.min(axis=1).max() <= 1e-6  # No corner of the frame is outside the picture.
        assert corners[0].max() >= size_wh[0] - 1e-6 and corners[1].max() >= size_wh[1] - 1e-6
        assert cover <= matrix[1, 1] <= 1.15 * cover
        mirrored.add(matrix[0, 0] < 0)
    assert mirrored == {False, True}


def test_whole_views_come_evenly_from_all_sources_that_fit_the_frame() -> None:
    def picture(name: str, grey: int, width: int) -> Photo:
        rgb = np.full((120, width, 3), grey, np.uint8)
        photo = make_photo(name, "clip", rgb, np.tile(STANDS, 2)[:, 30 : 30 + width].copy())
        assert photo is not None
        return photo

    long = [picture(f"talk_a_{index:05d}", 50, 120) for index in range(9)]
    short = [picture("talk_b_00000", 100, 120), picture("talk_c_00000", 200, 130)]
    people = {"clip": [*long, *short, picture("wide_00000", 250, 200)]}
    library = Library({**people, "ccp": [picture("0001", 250, 120)]}, [])
    clips = [
        synthetic_clip.draw_real(library, (36, 36), 1, np.random.default_rng(seed), whole=True)
        for seed in range(150)
    ]
    drawn = [int(clip.frames[0, 0, 0, 0]) for clip in clips]
    assert all(30 < drawn.count(grey) < 70 for grey in (50, 100, 200))
    assert 250 not in drawn


def test_a_run_without_pictures_of_webcams_draws_ordinary_ones(library: Library) -> None:
    views = Views(whole=1.0, bars=0.0)
    clip = synthetic_clip.draw_clip(library, (64, 36), 2, np.random.default_rng(0), views)
    assert clip.frames.shape == (2, 36, 64, 3)
    assert clip.alpha.max() > 0


def test_far_people_are_small_and_whole() -> None:
    photo = make_photo("1", "ccp", np.zeros((*STANDS.shape, 3), np.uint8), STANDS)
    assert photo is not None
    for seed in range(40):
        rng = np.random.default_rng(seed)
        matrix = webcam_matrix(photo, (64, 36), rng, inside=False, far=True)
        height = float(np.hypot(*matrix[:, 1])) * 100 / 36
        assert 0.9 / 3 < height < 1.1


def test_a_scene_alike_has_the_colour_of_the_outline_and_little_contrast() -> None:
    rng = np.random.default_rng(0)
    scene = rng.integers(0, 256, (60, 80, 3)).astype(np.uint8)
    wanted = np.array((30.0, 20.0, 10.0))
    for seed in range(20):
        alike = resemble(scene, wanted, np.random.default_rng(seed))
        assert alike.std() < 0.65 * scene.std()
        assert np.abs(np.median(alike, axis=(0, 1)) - wanted).max() < 45


@pytest.mark.parametrize(
    "views", [Views(alike=1.0), Views(beside=1.0), Views(beside=1.0, streaked=1.0)]
)
def test_scenes_like_the_person_are_nearer_to_them_than_others(
    library: Library, views: Views
) -> None:
    def distance(views: Views) -> float:
        values = []
        for seed in range(60):
            rng = np.random.default_rng(seed)
            clip = synthetic_clip.draw_pasted(library, (64, 36), 1, rng, views=views)
            person = clip.alpha[0] > 250
            if person.any() and not person.all():
                frame = clip.frames[0].astype(float)
                around = cv2.dilate(clip.alpha[0], np.ones((9, 9), np.uint8)) > 250
                behind = around & (clip.alpha[0] < 5)
                values.append(np.abs(frame[person].mean(0) - frame[behind].mean(0)).mean())
        return float(np.mean(values))

    assert distance(views) < 0.8 * distance(Views())


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(("view", "draws"), [("loose", "add_strands")])
def test_as_many_have_strands_as_asked_for(
    view: str, draws: str, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame, alpha = draw_portrait()
    photo = make_photo("1", "ccp", frame, alpha)
    assert photo is not None
    library = Library({"ccp": [photo]}, [frame])
    asked = []

    def counted(frame: Image, alpha: Image, rng: np.random.Generator) -> tuple[Image, Image]:
        asked.append(alpha)
        return frame, alpha

    monkeypatch.setattr(synthetic_clip, draws, counted)
    views = Views.model_validate({view: share})
    for seed in range(60):
        synthetic_clip.draw_pasted(library, (128, 72), 1, np.random.default_rng(seed), 1, views)
    assert share * 60 - 15 <= len(asked) <= share * 60 + 15
    assert bool(asked) == (share > 0)


def test_letterboxed_frames_have_bars_that_belong_to_nobody(library: Library) -> None:
    boxed = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        inner_wh = synthetic_clip.content_size((64, 36), np.random.default_rng(seed), 0.3)
        clip = synthetic_clip.draw_clip(library, (64, 36), 1, rng, Views())
        if inner_wh[0] < 60:
            boxed += 1
            assert clip.alpha[0, :, 0].max() == 0
            assert np.unique(clip.frames[0, :, 0], axis=0).shape[0] == 1
    assert boxed > 5


def test_blend_of_opaque_and_clear_is_exact() -> None:
    rng = np.random.default_rng(0)
    over, under = (rng.integers(0, 256, (4, 4, 3)).astype(np.uint8) for _ in range(2))
    assert np.array_equal(blend(over, under, np.full((4, 4), 255, np.uint8)), over)
    assert np.array_equal(blend(over, under, np.zeros((4, 4), np.uint8)), under)


def test_scenes_are_drawn_without_any_data() -> None:
    scene = draw_scene(Library({}, []), (40, 20), np.random.default_rng(0))
    assert scene.shape == (20, 40, 3)


def test_previous_matte_is_often_missing_and_otherwise_mostly_near() -> None:
    alpha = np.zeros((36, 64), np.uint8)
    alpha[10:, 20:44] = 255
    other = np.zeros_like(alpha)
    drawn = [draw_previous(alpha, other, np.random.default_rng(i)) for i in range(400)]
    missing = np.mean([not p.any() for p in drawn])
    assert 0.55 < missing < 0.75  # The other matte is empty here as well.
    near = [np.abs(p.astype(int) - alpha).mean() < 0.35 * 255 for p in drawn if p.any()]
    assert np.mean(near) > 0.7


def test_perturbed_matte_differs_from_the_truth() -> None:
    alpha = np.zeros((36, 64), np.uint8)
    alpha[10:, 20:44] = 255
    assert not np.array_equal(perturb(alpha, np.random.default_rng(0)), alpha)


def test_batches_become_clips_in_a_fixed_rhythm_and_some_of_either_kind_turn(
    library: Library,
) -> None:
    batches = ClipBatches(
        library, [(64, 36)], 6, (1,), 100, clip_every=2, clip_frames=3, views=Views()
    )
    turned: dict[int, list[bool]] = {1: [], 3: []}
    for index in range(40):
        batch = batches[index]
        frames, count, _, height, width = batch["frames"].shape
        assert frames * count == 6
        assert frames == (3 if index % 2 == 1 else 1)
        turned[frames].append(height > width)
        assert batch["alpha"].shape == batch["weight"].shape == (frames, count, 1, height, width)
        for place, moment in ((0, 0), (count - 1, frames - 1)):
            matte = batch["alpha"][moment, place, 0].numpy()
            np.testing.assert_array_equal(batch["thin"][moment, place, 0].numpy(), thin(matte))
        assert batch["previous"].shape == (count, 1, height, width)
    assert all(any(kind) and not all(kind) for kind in turned.values())


def test_every_size_of_a_phase_comes(library: Library) -> None:
    sizes_wh = [(64, 36), (48, 48)]
    batches = ClipBatches(
        library, sizes_wh, 2, (1,), 100, clip_every=3, clip_frames=2, views=Views()
    )
    shapes = {tuple(batches[index]["frames"].shape[-2:]) for index in range(30)}
    assert shapes == {(36, 64), (64, 36), (48, 48)}


def test_a_batch_is_a_function_of_seed_and_index(library: Library) -> None:
    one, two = (
        ClipBatches(
            library, [(64, 36)], 4, (1, 2), 100, clip_every=3, clip_frames=2, views=Views()
        )[7]
        for _ in range(2)
    )
    assert all(torch.equal(one[key], two[key]) for key in one)
    other = ClipBatches(
        library, [(64, 36)], 4, (1, 3), 100, clip_every=3, clip_frames=2, views=Views()
    )[7]
    assert not torch.equal(one["frames"], other["frames"])
