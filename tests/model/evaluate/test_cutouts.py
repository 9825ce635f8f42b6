"""Reading people cut out."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.model.evaluate.small_data import write_keyed, write_rendered
from u2cam.model.evaluate.cutouts import list_keyed, list_rendered, read_rgba


def test_keyed_portraits_are_split_by_their_number(tmp_path: Path) -> None:
    write_keyed(tmp_path / "keyed")
    names = {s: [c.name for c in list_keyed(tmp_path / "keyed", s)] for s in ("validation", "test")}
    assert names == {"validation": ["keyed_0005"], "test": ["keyed_0000", "keyed_0010"]}
    assert len(list_keyed(tmp_path / "keyed", "train")) == 8


def test_the_manifest_says_what_an_item_is(tmp_path: Path) -> None:
    write_rendered(tmp_path / "rendered")
    clip, still = list_rendered(tmp_path / "rendered", "test")
    assert (clip.name, len(clip.frames), clip.furniture) == ("c000000002", 3, None)
    assert still.tags == {"close", "sitting", "hat"}
    assert still.furniture is not None and still.furniture.is_file()
    assert clip.read().shape == (3, 72, 128, 4)


def test_a_picture_that_the_manifest_names_must_be_there(tmp_path: Path) -> None:
    write_rendered(tmp_path / "rendered")
    (tmp_path / "rendered" / "test" / "s000000001.webp").unlink()
    with pytest.raises(FileNotFoundError, match=r"s000000001\.webp: named in rendered/manifest"):
        list_rendered(tmp_path / "rendered", "test")


def test_colours_come_out_as_rgb_and_pictures_without_alpha_are_refused(tmp_path: Path) -> None:
    image = np.full((4, 4, 4), (255, 0, 10, 128), np.uint8)  # blue, in OpenCV's order
    cv2.imwrite(str(tmp_path / "a.png"), image)
    assert tuple(read_rgba(tmp_path / "a.png")[0, 0]) == (10, 0, 255, 128)
    cv2.imwrite(str(tmp_path / "b.png"), image[..., :3])
    with pytest.raises(ValueError, match=r"b\.png: wanted a picture with alpha"):
        read_rgba(tmp_path / "b.png")
