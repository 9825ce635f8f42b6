"""Soft targets from two teachers."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from u2cam.model.datasets.photo_library import load_soft_targets
from u2cam.model.train.labels.teachers import (
    agree,
    guided_filter,
    label_all,
    mean_over_windows,
    open_teachers,
)


@pytest.fixture
def picture() -> NDArray[np.uint8]:
    rgb = np.full((64, 64, 3), 40, np.uint8)
    rgb[16:, 20:44] = 220
    return rgb


def person(value: float = 1.0) -> NDArray[np.float32]:
    matte = np.zeros((64, 64), np.float32)
    matte[16:, 20:44] = value
    return matte


def test_agreeing_teachers_are_believed(picture: NDArray[np.uint8]) -> None:
    target, weight = agree(picture, [person(0.9), person(0.8)], webcam=False)
    assert target[40, 32] == 255 and target[5, 5] == 0
    assert weight.min() == 255


def test_disagreement_counts_nothing(picture: NDArray[np.uint8]) -> None:
    _, weight = agree(picture, [person(), np.full((64, 64), 0.1, np.float32)], webcam=False)
    assert weight[40, 32] == 0
    assert weight[5, 5] == 255


def test_sure_portrait_teacher_is_half_believed_alone_before_a_webcam(
    picture: NDArray[np.uint8],
) -> None:
    nothing = np.zeros((64, 64), np.float32)
    target, weight = agree(picture, [nothing, person(0.99)], webcam=True)
    assert target[40, 32] == 255
    assert 120 < weight[40, 32] < 135


@pytest.mark.parametrize("webcam", [True, False])
def test_a_majority_is_believed_before_a_webcam_only(
    picture: NDArray[np.uint8], webcam: bool
) -> None:
    nothing = np.zeros((64, 64), np.float32)
    target, weight = agree(picture, [nothing, person(0.9), person(0.7)], webcam)
    assert target[40, 32] == 255 and target[5, 5] == 0
    assert weight[40, 32] == (153 if webcam else 0)
    assert weight[5, 5] == 255


def test_the_outvoted_teacher_does_not_soften_the_target(picture: NDArray[np.uint8]) -> None:
    fog = np.full((64, 64), 0.45, np.float32)
    target, weight = agree(picture, [person(), person(), fog], webcam=True)
    assert target[40, 32] == 255 and target[5, 5] == 0
    assert weight[40, 32] == 153


def test_guided_filter_keeps_a_flat_matte_and_follows_the_pictures_edge() -> None:
    guide = np.zeros((32, 32), np.float32)
    guide[:, 16:] = 1
    flat = np.full((32, 32), 0.3, np.float32)
    assert np.allclose(guided_filter(guide, flat, 4, 1e-4), 0.3, atol=1e-5)
    blurred = cv2.blur(guide, (9, 9))
    sharp = guided_filter(guide, blurred, 4, 1e-4)
    assert sharp[16, 18] - sharp[16, 13] > blurred[16, 18] - blurred[16, 13]


def test_windows_and_flips_average_to_a_constant_for_a_constant_teacher() -> None:
    tall = np.zeros((100, 40, 3), np.uint8)
    mean = mean_over_windows(tall, lambda rgb: np.full(rgb.shape[:2], 0.25, np.float32))
    assert np.allclose(mean, 0.25)


def test_labels_are_written_once_and_read_back(tmp_path: Path, picture: NDArray[np.uint8]) -> None:
    cv2.imwrite(str(tmp_path / "gesture_1.png"), picture)
    photos = [tmp_path / "gesture_1.png"]
    folder = tmp_path / "soft"

    def teacher(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        return (rgb[..., 0] > 128).astype(np.float32)

    assert label_all(folder, photos, [], [teacher, teacher]) == 1
    assert label_all(folder, photos, [], [teacher, teacher]) == 0
    people = load_soft_targets(folder)
    assert [p.name for p in people["soft_webcam"]] == ["gesture_1"]


def test_missing_labels_of_a_clip_are_written_and_the_others_kept(tmp_path: Path) -> None:
    clip = tmp_path / "talk.avi"
    writer = cv2.VideoWriter(str(clip), cv2.VideoWriter.fourcc(*"FFV1"), 30, (64, 48))
    for _ in range(13):
        writer.write(np.full((48, 64, 3), 130, np.uint8))
    writer.release()

    def teacher(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.ones(rgb.shape[:2], np.float32)

    folder = tmp_path / "soft"
    assert label_all(folder, [], [clip], [teacher], every=2) == 7
    names = sorted(path.name for path in folder.glob("*.alpha.png"))
    assert names == [f"talk_{index:05d}.alpha.png" for index in range(0, 13, 2)]
    assert label_all(folder, [], [clip], [teacher], every=2) == 0
    (folder / "talk_00004.weight.png").unlink()
    assert label_all(folder, [], [clip], [teacher], every=2) == 1


def test_four_teachers_are_too_many() -> None:
    with pytest.raises(ValueError, match="one to three"):
        open_teachers(["a", "b", "c", "d"])
