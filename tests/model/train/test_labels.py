"""Labels by teachers."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from u2cam.model.datasets.photo_library import load_library
from u2cam.model.train.labels import shrink, write_labels
from u2cam.model.train.teachers import UNKNOWN_LEVEL, label_core, open_teachers


def picture() -> NDArray[np.uint8]:
    rgb = np.full((96, 96, 3), 40, np.uint8)
    rgb[24:, 30:66] = 220
    return rgb


def bright(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(rgb[..., 0] > 100, np.float32)


def doubtful(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    return bright(rgb) * np.float32(0.6)


def left_is_person(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    matte = bright(rgb)
    matte[:, : rgb.shape[1] // 4] = 1
    return matte


def test_what_all_answers_agree_on_is_labelled_and_the_edge_is_not() -> None:
    label = label_core(picture(), [bright, bright])
    assert label[60, 48] == 255 and label[10, 10] == 0
    assert label[60, 30] == label[60, 29] == UNKNOWN_LEVEL


@pytest.mark.parametrize("teacher", [doubtful, left_is_person])
def test_doubt_and_what_changes_when_mirrored_are_unknown(teacher: object) -> None:
    label = label_core(picture(), [bright, teacher])  # type: ignore[list-item]
    place = (60, 48) if teacher is doubtful else (60, 8)
    assert label[place] == UNKNOWN_LEVEL
    assert label[4, 48] == 0


def test_labels_are_written_once_and_read_as_a_set(tmp_path: Path) -> None:
    for name in ("a", "b"):
        cv2.imwrite(str(tmp_path / f"{name}.png"), picture())
    labels = tmp_path / "data" / "labels"
    assert write_labels(labels, [str(tmp_path)], [bright]) == 2
    assert write_labels(labels, [str(tmp_path / "*.png")], [bright]) == 0
    people = load_library(tmp_path / "data").people["labels"]
    assert [photo.name for photo in people] == ["labels/a", "labels/b"]


def test_a_picture_that_teachers_disagree_on_is_refused_once(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), picture())
    asked = []

    def opposite(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        asked.append(1)
        return 1 - bright(rgb)

    labels = tmp_path / "labels"
    assert write_labels(labels, [str(tmp_path)], [bright, opposite]) == 0
    before = len(asked)
    assert write_labels(labels, [str(tmp_path)], [bright, opposite]) == 0
    assert len(asked) == before and not list(labels.glob("*.jpg"))


def test_large_pictures_are_shrunk() -> None:
    assert shrink(np.zeros((100, 1024, 3), np.uint8)).shape == (50, 512, 3)


def test_sources_without_pictures_and_broken_pictures_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no pictures there"):
        write_labels(tmp_path / "labels", [str(tmp_path)], [bright])
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"broken\.jpg: not a picture"):
        write_labels(tmp_path / "labels", [str(tmp_path)], [bright])


def test_an_unknown_teacher_is_refused() -> None:
    with pytest.raises(ValueError, match="not known"):
        open_teachers(["u3net"])
