"""Reading a data folder."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from u2cam.model.datasets.photo import make_photo, spread_foreground
from u2cam.model.datasets.photo_library import SCENE_MAX_SIDE_PX, Library, load_library, load_scenes


def test_validation_ids_are_never_trained_on(library: Library, validation: Library) -> None:
    assert [p.name for p in library.people["ccp"]] == ["ccp/0001", "ccp/0002"]
    assert [p.name for p in validation.people["ccp"]] == ["ccp/0010", "ccp/0020"]


def test_only_ccp_is_split(library: Library, validation: Library) -> None:
    assert [p.name for p in library.people["humanseg"]] == ["humanseg/0007", "humanseg/0010"]
    assert set(validation.people) == {"ccp"}


def test_every_tenth_scene_is_for_validation(validation: Library) -> None:
    assert len(validation.scenes) == 2


def test_scenes_are_scaled_down_to_the_documented_side(tmp_path: Path) -> None:
    for name in ("a", "b"):  # The first is for validation.
        cv2.imwrite(str(tmp_path / f"{name}.jpg"), np.zeros((500, 1000, 3), np.uint8))
    (scene,) = load_scenes(tmp_path, validation=False)
    assert SCENE_MAX_SIDE_PX == 720
    assert scene.shape == (360, SCENE_MAX_SIDE_PX, 3)


def test_the_kind_of_a_masked_photo_is_its_folder_whatever_its_name(
    tmp_path: Path, data_folder: Path
) -> None:
    for part, picture in (("images", "0007.jpg"), ("masks", "0007.png")):
        (tmp_path / "humanseg" / part).mkdir(parents=True)
        content = (data_folder / "humanseg" / part / picture).read_bytes()
        (tmp_path / "humanseg" / part / f"talk_ccp{picture[4:]}").write_bytes(content)
    people = load_library(tmp_path).people
    assert [(p.kind, p.source) for p in people["humanseg"]] == [("humanseg", "humanseg")]


def test_photos_without_their_person_serve_as_scenes(library: Library) -> None:
    assert len(library.scenes) == 10
    assert len(library.inpainted) == len(library.people["ccp"]) + len(library.people["humanseg"])


def test_missing_mask_is_named(tmp_path: Path, data_folder: Path) -> None:
    for part in ("images", "masks"):
        (tmp_path / "ccp" / part).mkdir(parents=True)
    picture = data_folder / "ccp/images/0001.jpg"
    (tmp_path / "ccp/images/0003.jpg").write_bytes(picture.read_bytes())
    with pytest.raises(ValueError, match=r"0003\.jpg: has no mask masks/0003\.png"):
        load_library(tmp_path)


def test_folder_without_people_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no training pictures"):
        load_library(tmp_path)


def test_a_picture_without_a_person_is_left_out() -> None:
    assert (
        make_photo("x", "ccp", np.zeros((40, 40, 3), np.uint8), np.zeros((40, 40), np.uint8))
        is None
    )


def test_box_and_head_are_found() -> None:
    alpha = np.zeros((100, 60), np.uint8)
    cv2.rectangle(alpha, (20, 10), (29, 89), 255, -1)
    photo = make_photo("x", "ccp", np.zeros((100, 60, 3), np.uint8), alpha)
    assert photo is not None
    assert photo.box == (20, 10, 30, 90)
    assert photo.head_x == pytest.approx(24.5)


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
