from pathlib import Path

import pytest

from u2cam.stream.media.numbered_name import NumberedName


@pytest.mark.parametrize(
    ("name", "seventh"),
    [
        ("%d.png", "7.png"),
        ("shot%05d.JPG", "shot00007.JPG"),
        ("shot%5d.tif", "shot00007.tif"),
        ("%03dleft.png", "007left.png"),
        ("100% %03d.png", "100% 007.png"),
    ],
)
def test_a_printf_directive_in_a_pictures_name_means_numbers(
    tmp_path: Path, name: str, seventh: str
) -> None:
    numbered = NumberedName.meant_by(tmp_path / name)
    assert numbered is not None
    assert numbered.of(7) == seventh
    assert numbered.number_of(seventh) == 7


@pytest.mark.parametrize(
    "name",
    [
        "100% done.png",
        "100%.png",
        "50%done.png",
        "%x.png",
        "%-3d.png",
        "%100d.png",
        "100%%d.png",
        "take%03d.mp4",
        "loop%d.gif",
        "%d",
        "picture.png",
    ],
)
def test_another_percent_sign_is_a_letter_like_others(tmp_path: Path, name: str) -> None:
    assert NumberedName.meant_by(tmp_path / name) is None


def test_a_file_of_that_very_name_is_a_single_file(tmp_path: Path) -> None:
    path = tmp_path / "take%d.png"
    assert NumberedName.meant_by(path) is not None
    path.touch()
    assert NumberedName.meant_by(path) is None


def test_a_folder_with_a_directive_in_its_name_is_no_pattern(tmp_path: Path) -> None:
    assert NumberedName.meant_by(tmp_path / "day%d" / "picture.png") is None


@pytest.mark.parametrize("name", ["a7.png", "a07b.png", "xa07.png", "a.png", "aa.png", "a-07.png"])
def test_other_names_have_no_number(name: str) -> None:
    assert NumberedName("a", 2, ".png").number_of(name) is None


def test_before_and_after_do_not_share_letters() -> None:
    assert NumberedName("1.", 0, ".1").number_of("1.1") is None
