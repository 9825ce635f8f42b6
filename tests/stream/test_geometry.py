import pytest

from u2cam.stream.geometry import WantedSize


@pytest.mark.parametrize(
    ("text", "size_wh", "wanted"),
    [
        ("1280x720", (640, 480), (1280, 720)),
        ("641x361", (640, 480), (641, 361)),
        ("1280x", (640, 480), (1280, 960)),
        ("x720", (640, 480), (960, 720)),
        ("100X", (640, 481), (100, 76)),
        ("x100", (1, 1000), (16, 100)),
    ],
)
def test_a_side_that_is_not_given_keeps_the_shape_and_is_even(
    text: str, size_wh: tuple[int, int], wanted: tuple[int, int]
) -> None:
    assert WantedSize.parse(text).of(size_wh) == wanted


@pytest.mark.parametrize(
    "text", ["", "x", "1280", "12x12", "9000x16", "-1x720", "1280x720x3", "axb"]
)
def test_a_size_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"WIDTHxHEIGHT|16 to 8192"):
        WantedSize.parse(text)
