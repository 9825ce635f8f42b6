"""Labels on disk: their kind is what the user says, whatever their names."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from u2cam.model.train.labels import cache
from u2cam.model.train.labels.cache import (
    Source,
    load_labels,
    photo_source,
    video_sources,
    write_labels,
)


def bright(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    return (rgb[..., 0] > 128).astype(np.float32)


def black(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.zeros(rgb.shape[:2], np.float32)


def picture() -> NDArray[np.uint8]:
    rgb = np.full((64, 64, 3), 40, np.uint8)
    rgb[16:, 20:44] = 220
    return rgb


def write_clip(path: Path) -> None:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30, (64, 64))
    for _ in range(13):
        writer.write(picture())
    writer.release()


@pytest.mark.parametrize("file_name", ["ccp_1.png", "talk_1.png", "outdoor_1.png", "x.png"])
@pytest.mark.parametrize("kind", ["webcam", "street"])
def test_the_kind_of_a_photo_is_the_one_given_whatever_its_name(
    tmp_path: Path, kind: str, file_name: str
) -> None:
    cv2.imwrite(str(tmp_path / file_name), picture())
    source = photo_source(f"{kind}:mine={tmp_path}/*.png")
    assert write_labels(tmp_path / "labels", [source], [bright, bright]) == 1
    people = load_labels(tmp_path / "labels")
    found = [(p.kind, p.source) for photos in people.values() for p in photos]
    assert found == [(kind, "mine")]
    assert [p.kind for p in people[kind]] == [kind]


@pytest.mark.parametrize("file_name", ["interview", "ccp_7", "talk_d6"])
def test_labels_of_a_video_are_of_kind_video_whatever_its_name(
    tmp_path: Path, file_name: str
) -> None:
    write_clip(tmp_path / f"{file_name}.mp4")
    assert write_labels(tmp_path / "labels", video_sources(tmp_path, []), [bright]) == 3
    people = load_labels(tmp_path / "labels")
    assert [(p.name, p.source) for p in people["video"]] == [
        (f"video/{file_name}/{index:05d}", file_name) for index in (0, 6, 12)
    ]
    assert not people["webcam"] and not people["street"]


@pytest.mark.parametrize(("kind", "weight"), [("webcam", 153), ("street", 0)])
def test_a_majority_decides_in_photos_that_are_said_to_be_of_a_webcam(
    tmp_path: Path, kind: str, weight: int
) -> None:
    cv2.imwrite(str(tmp_path / "ccp_1.png"), picture())
    source = photo_source(f"{kind}:mine={tmp_path}")
    write_labels(tmp_path / "labels", [source], [black, bright, bright])
    written = cv2.imread(str(tmp_path / "labels" / kind / "mine" / "ccp_1.weight.png"))
    assert written is not None and written[40, 32, 0] == weight


def test_labels_that_exist_are_kept_and_missing_ones_written(tmp_path: Path) -> None:
    write_clip(tmp_path / "a.mp4")
    sources, labels = video_sources(tmp_path, []), tmp_path / "labels"
    assert write_labels(labels, sources, [bright]) == 3
    assert write_labels(labels, sources, [bright]) == 0
    (labels / "video" / "a" / "00006.weight.png").unlink()
    assert len(load_labels(labels)["video"]) == 2
    assert write_labels(labels, sources, [bright]) == 1


def test_labels_of_little_weight_are_not_used(tmp_path: Path) -> None:
    source = Source("street", "mine", (tmp_path / "1.png",))
    cv2.imwrite(str(tmp_path / "1.png"), np.full((64, 64, 3), 220, np.uint8))
    write_labels(tmp_path / "labels", [source], [bright, black])
    assert not load_labels(tmp_path / "labels")["street"]


def test_a_video_can_be_held_out(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_clip(tmp_path / f"{name}.mp4")
    assert [source.name for source in video_sources(tmp_path, ["a"])] == ["b"]
    with pytest.raises(ValueError, match=r"--hold-out c: no c\.mp4 in"):
        video_sources(tmp_path, ["c"])


@pytest.mark.parametrize(
    "text", ["photos", "webcam=photos", "video:a=photos", "webcam:=photos", "webcam:a=", "x:a=b"]
)
def test_a_source_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"wanted KIND:NAME="):
        photo_source(text)


def test_a_source_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no pictures there"):
        photo_source(f"webcam:a={tmp_path}")
    with pytest.raises(ValueError, match=r"no \.mp4 files there"):
        video_sources(tmp_path, [])


def test_a_picture_that_cannot_be_decoded_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"broken\.jpg: not a picture"):
        write_labels(tmp_path / "labels", [photo_source(f"webcam:a={tmp_path}")], [bright])


def test_labels_without_a_kind_are_refused(tmp_path: Path) -> None:
    cache.save_label(tmp_path / "talk_1", picture(), picture()[..., 0], picture()[..., 0])
    with pytest.raises(ValueError, match=r"wanted labels as KIND/SOURCE/NAME\.jpg"):
        load_labels(tmp_path)
    with pytest.raises(FileNotFoundError, match="no folder of labels"):
        load_labels(tmp_path / "none")


def test_clips_that_only_measure_are_never_labelled_and_their_labels_refused(
    tmp_path: Path,
) -> None:
    for name in ("a", "talk_d10"):
        write_clip(tmp_path / f"{name}.mp4")
    with pytest.raises(ValueError, match="talk_d10: this clip is set aside"):
        video_sources(tmp_path, [])
    assert [source.name for source in video_sources(tmp_path, ["talk_d10"])] == ["a"]
    (tmp_path / "labels" / "video" / "talk_d10").mkdir(parents=True)
    with pytest.raises(ValueError, match="talk_d10: this clip is set aside"):
        load_labels(tmp_path / "labels")
