"""What cameras do to pictures."""

import numpy as np
import pytest

from u2cam.model.datasets import camera
from u2cam.model.datasets.camera import CAMERA_STEPS, Camera
from u2cam.model.datasets.draw_settings import Steps
from u2cam.model.datasets.draws import Draws

NOTHING = Steps(**dict.fromkeys(Steps.model_fields, 0.0))
ANY = np.random.default_rng(1)


@pytest.fixture
def grey() -> np.ndarray:
    return np.full((48, 64, 3), 128, np.uint8)


def test_noise_has_the_wanted_deviation(grey: np.ndarray) -> None:
    noisy = camera.add_noise(grey, 0.02, np.random.default_rng(0))
    assert noisy.std() == pytest.approx(0.02 * 255, rel=0.1)
    assert noisy.mean() == pytest.approx(128, abs=0.5)


def test_tone_stays_within_its_ranges(grey: np.ndarray) -> None:
    tones = [camera.tone(np.random.default_rng(i)) for i in range(200)]
    means = [shoot(grey, 0, ANY).mean() for shoot in tones]
    assert 40 < min(means) < 110
    assert 150 < max(means) < 250


def test_low_light_leaves_less_than_half(grey: np.ndarray) -> None:
    for seed in range(20):
        assert camera.low_light(np.random.default_rng(seed))(grey, 0, ANY).mean() < 0.6 * 128


def test_shake_smears_a_point_and_keeps_its_light(grey: np.ndarray) -> None:
    point = np.zeros_like(grey)
    point[24, 32] = 250
    blurred = camera.shake(ANY)(point, 0, np.random.default_rng(1))
    assert (blurred[..., 0] > 0).sum() > 1
    assert float(blurred[..., 0].sum()) == pytest.approx(250.0, rel=0.1)


def test_exposure_drifts_from_frame_to_frame_and_leaves_the_first(grey: np.ndarray) -> None:
    shoot = camera.exposure_drift(np.random.default_rng(0))
    means = [shoot(grey, index, ANY).mean() for index in range(16)]
    assert means[0] == 128
    assert max(means) - min(means) > 10 and np.abs(np.diff(means)).max() < 30


@pytest.mark.parametrize("step", CAMERA_STEPS, ids=lambda step: step.__name__)
def test_every_step_has_a_share_and_keeps_the_size(step: object, grey: np.ndarray) -> None:
    name = step.__name__  # type: ignore[attr-defined]
    only = NOTHING.model_copy(update={name: 1.0})
    shot = Camera(only, Draws((1,))).shoot(grey, 3)
    assert shot.shape == grey.shape and shot.dtype == np.uint8
    assert np.array_equal(Camera(NOTHING, Draws((1,))).shoot(grey, 3), grey)


def test_one_more_step_changes_no_other_steps_draws(grey: np.ndarray) -> None:
    noisy = NOTHING.model_copy(update={"noise": 1.0})
    toned = noisy.model_copy(update={"tone": 1.0})
    noise = Camera(noisy, Draws((5,))).shoot(grey, 2).astype(int) - grey
    tone = Camera(NOTHING.model_copy(update={"tone": 1.0}), Draws((5,))).shoot(grey, 2)
    both = Camera(toned, Draws((5,))).shoot(grey, 2)
    assert np.array_equal(both, np.clip(tone.astype(int) + noise, 0, 255))


def test_a_camera_is_the_same_for_all_frames_of_a_clip_but_its_noise_is_not() -> None:
    frame = np.full((32, 32, 3), 100, np.uint8)
    steps = NOTHING.model_copy(update={"tone": 1.0, "noise": 1.0})
    for seed in range(10):
        taken = Camera(steps, Draws((seed,)))
        first, second = taken.shoot(frame, 0), taken.shoot(frame, 1)
        assert abs(float(first.mean()) - float(second.mean())) < 3
        assert not np.array_equal(first, second)
