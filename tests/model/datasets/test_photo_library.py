"""Reading a data folder."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from u2cam.model.datasets.photo import (
    CORE,
    NEAR_EDGE,
    UNKNOWN,
    make_photo,
    mask_regions,
    spread_foreground,
)
from u2cam.model.datasets.photo_library import SCENE_MAX_SIDE_PX, Library, load_library
from u2cam.model.datasets.sources import SOURCES


def names(library: Library, kind: str) -> list[str]:
    return [photo.name.partition("/")[2] for photo in library.people.get(kind, [])]


def test_validation_pictures_are_never_trained_on(library: Library, validation: Library) -> None:
    assert (names(library, "ccp"), names(validation, "ccp")) == (["0001", "0002"], ["0010"])
    assert names(library, "keyed") == ["keyed_0001", "keyed_0002"]
    assert names(validation, "keyed") == ["keyed_0005"]
    assert names(library, "rendered") == ["s1", "s2"]
    assert names(validation, "rendered") == ["s7"]
    assert names(library, "rendered_clips") == ["ctrain"]
    assert len(library.scenes["photographs"]) == 10 and len(validation.scenes["photographs"]) == 1


def test_the_test_split_is_what_the_renderer_put_there_and_every_twentieth_photo(
    data_folder: Path,
) -> None:
    test = load_library(data_folder, "test")
    assert names(test, "rendered") == ["s3"] and names(test, "rendered_clips") == ["ctest"]
    assert set(test.people) == {"ccp", "rendered", "rendered_clips"}
    assert names(test, "ccp") == ["0020"]


def test_sets_without_a_licence_are_read_only_when_they_are_named(
    library: Library, data_folder: Path
) -> None:
    assert "humanseg" not in library.people
    named = load_library(data_folder, only={"humanseg"})
    assert set(named.people) == {"humanseg"} and not named.scenes
    assert {s.name for s in SOURCES if s.licence is None} == {"humanseg", "cutouts"}


def test_the_frames_of_a_clip_run_back_and_forth_with_their_furniture(library: Library) -> None:
    (clip,) = library.people["rendered_clips"]
    assert len(clip.later) == 3
    shown = [clip.frame(time) for time in range(7)]
    assert shown[0] is shown[6] is clip and shown[4] is shown[2] is clip.later[1]
    assert all(frame.furniture is not None for frame in shown)
    still = library.people["rendered"]
    assert [photo.furniture is not None for photo in still] == [True, False]


def test_exact_alpha_has_no_regions_and_masks_have_a_band(library: Library) -> None:
    assert all(photo.regions is None for photo in library.people["keyed"])
    regions = library.people["ccp"][0].regions
    assert regions is not None and set(np.unique(regions)) == {CORE, NEAR_EDGE}


def test_the_band_lies_on_both_sides_of_a_masks_edge() -> None:
    mask = np.zeros((100, 300), np.uint8)
    mask[:, 150:] = 255
    (row,) = np.flatnonzero((mask_regions(mask) == NEAR_EDGE)[50])[None]
    assert row.min() == 147 and row.max() == 152  # 1.1 % of 300 px on either side.


def test_teachers_labels_are_core_where_they_say_so(tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    label = np.full((60, 40), 128, np.uint8)
    label[:20], label[40:] = 0, 255
    cv2.imwrite(str(tmp_path / "labels/a.jpg"), np.zeros((60, 40, 3), np.uint8))
    cv2.imwrite(str(tmp_path / "labels/a.core.png"), label)
    (photo,) = load_library(tmp_path).people["labels"]
    assert photo.regions is not None and photo.rgb is not None
    assert photo.regions[10, 0] == photo.regions[50, 0] == CORE
    assert photo.regions[30, 0] == UNKNOWN
    (tmp_path / "labels/a.core.png").unlink()
    with pytest.raises(ValueError, match=r"a\.jpg: has no label a\.core\.png"):
        load_library(tmp_path)


def test_scenes_are_scaled_down_to_the_documented_side(tmp_path: Path, data_folder: Path) -> None:
    (tmp_path / "backgrounds").mkdir()
    cv2.imwrite(str(tmp_path / "backgrounds/a.jpg"), np.zeros((500, 1000, 3), np.uint8))
    folders = {"keyed": data_folder / "keyed"}
    (scene,) = load_library(tmp_path, folders=folders).scenes["photographs"]
    assert SCENE_MAX_SIDE_PX == 720 and scene.shape == (360, 720, 3)


def test_photos_without_their_person_serve_as_scenes(library: Library) -> None:
    assert len(library.scenes["own"]) == len(library.people["ccp"])
    assert "own 2" in library.describe()


def test_missing_mask_is_named(tmp_path: Path, data_folder: Path) -> None:
    for part in ("images", "masks"):
        (tmp_path / "ccp" / part).mkdir(parents=True)
    picture = data_folder / "ccp/images/0001.jpg"
    (tmp_path / "ccp/images/0003.jpg").write_bytes(picture.read_bytes())
    with pytest.raises(ValueError, match=r"0003\.jpg: has no mask masks/0003\.png"):
        load_library(tmp_path)


@pytest.mark.parametrize("content", [b"no picture", None])
def test_a_person_without_alpha_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "keyed" / "keyed_0001.webp"
    path.parent.mkdir()
    if content is None:
        cv2.imwrite(str(path), np.zeros((20, 20, 3), np.uint8))
    else:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=r"keyed_0001\.webp: not a picture with an alpha"):
        load_library(tmp_path)


def test_folder_without_people_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no people of the train split"):
        load_library(tmp_path)


def test_a_picture_without_a_person_is_left_out() -> None:
    assert make_photo("x", np.zeros((40, 40, 3), np.uint8), np.zeros((40, 40), np.uint8)) is None


def test_box_and_head_are_found() -> None:
    alpha = np.zeros((100, 60), np.uint8)
    cv2.rectangle(alpha, (20, 10), (29, 89), 255, -1)
    photo = make_photo("x", np.zeros((100, 60, 3), np.uint8), alpha)
    assert photo is not None
    assert photo.box == (20, 10, 30, 90)
    assert photo.head_x == pytest.approx(24.5)
    assert photo.sides_at == 90


def test_pasted_edges_take_the_persons_colour_not_the_old_walls() -> None:
    alpha = np.zeros((60, 60), np.uint8)
    alpha[20:40, 20:40] = 255
    rgb = np.zeros((60, 60, 3), np.uint8)
    rgb[...] = (0, 0, 255)
    rgb[20:40, 20:40] = (255, 0, 0)
    rgb[19:41, 19:41][alpha[19:41, 19:41] == 0] = (128, 0, 128)  # A mixed rim.
    spread = spread_foreground(rgb, alpha)
    assert spread[30, 17, 0] > 200
    assert spread[30, 17, 2] < 40
    assert (spread[30, 30] == (255, 0, 0)).all()


def test_rooms_beside_rendered_people_are_scenes_and_never_people(tmp_path: Path) -> None:
    rgba = np.full((16, 16, 4), 255, np.uint8)
    rgba[:8, :, 3] = 0
    for name in ("train/s2.webp", "rooms/r1.webp", "negatives/n1.webp"):
        (tmp_path / name).parent.mkdir()
        cv2.imwrite(str(tmp_path / name), rgba if name.startswith("train") else rgba[..., :3])
    folders = {"rendered": tmp_path}
    folders |= {name: tmp_path / name for name in ("rooms", "negatives")}
    parts = [load_library(tmp_path, folders=folders)]
    assert [names(part, "rendered") for part in parts] == [["s2"]]
    assert {len(parts[0].scenes[name]) for name in ("rooms", "negatives")} == {1}
