"""What cameras do to pictures."""

import numpy as np
import pytest

from u2cam.model.datasets import camera_augment as augment


@pytest.fixture
def grey() -> np.ndarray:
    return np.full((48, 64, 3), 128, np.uint8)


def test_noise_has_the_wanted_deviation(grey: np.ndarray) -> None:
    noisy = augment.add_noise(grey, 0.02, np.random.default_rng(0))
    assert noisy.std() == pytest.approx(0.02 * 255, rel=0.1)
    assert noisy.mean() == pytest.approx(128, abs=0.5)


def test_tone_stays_within_its_ranges(grey: np.ndarray) -> None:
    means = [
        augment.apply_table(grey, augment.tone_table(np.random.default_rng(i))).mean()
        for i in range(200)
    ]
    assert 40 < min(means) < 110
    assert 150 < max(means) < 250


def test_low_light_leaves_less_than_half(grey: np.ndarray) -> None:
    for seed in range(20):
        table = augment.low_light_table(np.random.default_rng(seed))
        assert augment.apply_table(grey, table).mean() < 0.6 * 128


def test_motion_blur_smears_a_point_and_keeps_its_light(grey: np.ndarray) -> None:
    point = np.zeros_like(grey)
    point[24, 32] = 250
    blurred = augment.motion_blur(point, np.random.default_rng(1))
    assert (blurred[..., 0] > 0).sum() > 1
    assert float(blurred[..., 0].sum()) == pytest.approx(250.0, rel=0.1)


def test_jpeg_halves_chroma_but_keeps_size(grey: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 255, grey.shape).astype(np.uint8)
    assert augment.jpeg(picture, 50).shape == picture.shape


def test_camera_is_the_same_for_all_frames_of_a_clip_but_its_noise_is_not() -> None:
    rng = np.random.default_rng(3)
    for _ in range(40):
        camera = augment.Camera(rng)
        camera.move = False
        frame = np.full((32, 32, 3), 100, np.uint8)
        first, second = camera.shoot(frame, rng), camera.shoot(frame, rng)
        assert abs(float(first.mean()) - float(second.mean())) < 4
        if camera.sigma > 0.01 and camera.factor is None:
            assert not np.array_equal(first, second)
