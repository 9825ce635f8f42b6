from typing import Any

import cv2
import numpy as np
import pytest

from u2cam.core.frame import MattedFrame, single_frame
from u2cam.effects.matte.temporal_filter import MatteSmoother, smooth
from u2cam.effects.motion.optical_flow import Flow
from u2cam.effects.motion.propagator import FlowPropagator

H, W = 90, 160


def scene(seed: int = 0) -> np.ndarray:
    coarse = np.random.default_rng(seed).integers(0, 256, (9, 16), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (W, H), interpolation=cv2.INTER_CUBIC), np.uint8)


def carried(alpha: np.ndarray, first: np.ndarray, second: np.ndarray, scene: int = 0) -> Any:
    matted = MattedFrame(single_frame(first), alpha, (W, H))
    return FlowPropagator().propagate(matted, single_frame(second, 1 / 30, scene=scene))


def disc(x: int, y: int = 45, radius: int = 18) -> np.ndarray:
    alpha = np.zeros((H, W), np.float32)
    cv2.circle(alpha, (x, y), radius, 1, -1)
    return alpha


def with_hand(background: np.ndarray, x: int) -> np.ndarray:
    picture = background.copy()
    cv2.circle(picture, (x, 45), 18, 255, -1)
    cv2.circle(picture, (x, 45), 9, 60, 3)
    return picture


def test_flicker_over_a_still_picture_is_stilled() -> None:
    random, picture = np.random.default_rng(0), scene()
    smoother = MatteSmoother(0.15)
    raw, smoothed = [], []
    for index in range(40):
        alpha = np.clip(disc(80) * 0.8 + random.normal(0, 0.1, (H, W)), 0, 1).astype(np.float32)
        raw.append(alpha)
        smoothed.append(smoother.update(alpha, picture, index / 30))
    flicker = [np.abs(np.diff(np.stack(x[10:]), axis=0)).mean() for x in (raw, smoothed)]
    assert flicker[1] < 0.4 * flicker[0]


def test_a_fast_hand_is_not_left_behind() -> None:
    background = scene()
    smoother = MatteSmoother(0.15)
    for index in range(10):
        smoother.update(disc(40), with_hand(background, 40), index / 30)
    for index in (10, 11):
        result = smoother.update(disc(110), with_hand(background, 110), index / 30)
    assert np.abs(result - disc(110)).sum() < 0.05 * disc(110).sum()
    assert result[disc(40) > 0].mean() < 0.05


def test_a_jump_that_the_picture_does_not_show_is_believed_after_two_frames() -> None:
    smoother = MatteSmoother(0.3)
    picture = scene()
    for index in range(10):
        smoother.update(disc(40), picture, index / 30)
    for index in (10, 11):
        result = smoother.update(disc(110), picture, index / 30)
    assert np.abs(result - disc(110)).max() < 0.05


@pytest.mark.parametrize("fps", [15, 30, 60])
def test_the_step_response_depends_on_time_and_not_on_frames(fps: int) -> None:
    old = np.zeros((8, 8), np.float32)
    new = np.full((8, 8), 0.1, np.float32)  # small: no jump
    for _ in range(fps // 5):
        old = smooth(old, np.zeros_like(old), new, np.zeros_like(old), 1 / fps, 0.2)
    assert old[0, 0] == pytest.approx(0.1 * (1 - np.exp(-1)), rel=0.02)


def test_gaps_and_going_back_in_time_forget() -> None:
    for time_s in (2.0, -1.0):
        smoother = MatteSmoother(0.3)
        smoother.update(disc(40), scene(), 0.0)
        assert (smoother.update(disc(110), scene(), time_s) == disc(110)).all()


def test_propagation_carries_a_matte_along_with_the_picture() -> None:
    first = np.dstack([with_hand(scene(), 70)] * 3)
    second = np.dstack([with_hand(scene(), 76)] * 3)
    alpha = carried(disc(70), first, second)
    left = np.abs(disc(70) - disc(76)).mean()
    assert np.abs(alpha - disc(76)).mean() < 0.5 * left
    assert alpha.min() >= 0
    assert alpha.max() <= 1


def test_a_matte_is_not_carried_to_another_scene() -> None:
    picture = np.dstack([scene()] * 3)
    assert carried(disc(70), picture, picture, scene=1) is None


def test_propagation_bears_tiny_frames() -> None:
    small = np.zeros((4, 4, 3), np.uint8)
    assert (carried(disc(70), small, small) == disc(70)).all()


def test_flow_is_the_same_whatever_size_came_before() -> None:
    used = Flow()
    used.backward(np.zeros((64, 64), np.uint8), np.zeros((64, 64), np.uint8))
    one, other = with_hand(scene(), 70), with_hand(scene(), 76)
    assert (used.backward(other, one) == Flow().backward(other, one)).all()
