"""The person scaled and placed over the new background."""

import numpy as np
import pytest

from u2cam.core.errors import BackgroundError
from u2cam.core.frame import single_frame
from u2cam.effects.color.placed import place
from u2cam.effects.placement import Placement
from u2cam.effects.presentation import Presentation
from u2cam.effects.renderer import CpuRenderer
from u2cam.effects.settings import BackgroundSettings, ColorSettings, EffectsSettings, MatteSettings

H, W = 90, 160
RED, GREEN = (210, 20, 30), (0, 177, 64)


def settings(place: str | None) -> EffectsSettings:
    return EffectsSettings(
        matte=MatteSettings(refine="off", smoothing="off", min_island=0, max_hole=0),
        color=ColorSettings(foreground="off"),
        background=BackgroundSettings(place=place),
    )


def rendered(place: str | None, view: str = "composite", background: str = "studio") -> np.ndarray:
    """A red square before a green wall, rendered."""
    image = np.full((H, W, 3), GREEN, np.uint8)
    alpha = np.zeros((H, W), np.float32)
    image[30:90, 60:100], alpha[30:90, 60:100] = RED, 1
    made = CpuRenderer(Presentation(background, view, settings=settings(place)), settings(place))
    return made.render(single_frame(image), alpha)


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("0.5,bottom,left", (0, 45, 80, 45)),
        ("0.5,top,right", (80, 0, 80, 45)),
        ("0.5,center,center", (40, 22, 80, 45)),
        ("0.7,bottom,center", (24, 27, 112, 63)),
        (" 0.1 , top , left ", (0, 0, 16, 9)),
    ],
)
def test_the_frame_stands_at_the_edge_or_in_the_middle(
    text: str, box: tuple[int, int, int, int]
) -> None:
    assert Placement.parse(text).box((W, H)) == box


@pytest.mark.parametrize(
    "text",
    ["", "0.5", "0.5,left,bottom", "1.2,bottom,left", "0,top,left", "x,top,left", "0.5,top,left,1"],
)
def test_a_place_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"wanted SCALE|scale must be"):
        BackgroundSettings(place=text)


def test_the_person_stands_there_and_the_background_is_untouched() -> None:
    studio = Presentation("studio").background.picture((W, H), 0.0)  # type: ignore[union-attr]
    picture = rendered("0.5,bottom,left")
    assert (picture[60:90, 30:50] == RED).all()
    around = np.ones((H, W), bool)
    around[59:90, 29:51] = False
    np.testing.assert_array_equal(picture[around], studio[around])


@pytest.mark.parametrize("place", ["0.5,bottom,left", "0.7,center,right", "0.37,top,center"])
def test_an_edge_has_no_colour_of_the_old_background(place: str) -> None:
    cutout = rendered(place, "cutout")
    seen = cutout[..., 3] > 0
    assert seen.any()
    assert np.abs(cutout[seen][:, :3].astype(int) - RED).max() <= 1
    black = rendered(place, "foreground").astype(int)
    assert (black[..., 1] <= RED[1] + 1).all()


def test_the_matte_travels_with_the_person() -> None:
    place = "0.7,center,right"
    matte, cutout = rendered(place, "matte"), rendered(place, "cutout")
    np.testing.assert_array_equal(matte, cutout[..., 3])
    left, top, width, height = Placement.parse(place).box((W, H))
    assert (matte[top + 25 : top + height, left + 45 : left + 68] == 255).all()
    matte[top : top + height, left : left + width] = 0
    assert not matte.any()


def test_beside_the_placed_person_stands_the_frame_as_it_is() -> None:
    both = rendered("0.5,bottom,left", "side-by-side")
    assert (both[:20, :W] == GREEN).all()
    np.testing.assert_array_equal(both[:, W:], rendered("0.5,bottom,left"))


@pytest.mark.parametrize("place", [None, "1,top,left"])
def test_the_whole_size_is_where_the_person_was(place: str | None) -> None:
    assert settings(place).background.placement is None
    np.testing.assert_array_equal(rendered(place), rendered(None))


def test_with_half_the_size_four_pixels_are_averaged_by_alpha() -> None:
    front = np.zeros((2, 2, 3), np.uint8)
    front[0] = (100, 200, 40)
    front[1] = (255, 255, 255)
    alpha_u8 = np.array([[255, 255], [0, 0]], np.uint8)
    placed, alpha = place(front, alpha_u8, Placement(0.5, "bottom", "right"))
    assert alpha.tolist() in ([[0, 0], [0, 127]], [[0, 0], [0, 128]])
    assert np.abs(placed[1, 1].astype(int) - (100, 200, 40)).max() <= 1
    assert not placed[0].any()


def test_light_comes_from_what_is_behind_the_placed_person() -> None:
    class Halves:
        def picture(self, size_wh: tuple[int, int], time_s: float) -> np.ndarray:
            picture = np.zeros((size_wh[1], size_wh[0], 3), np.uint8)
            picture[:, : size_wh[0] // 2] = 255
            return picture

    image = np.full((H, W, 3), 60, np.uint8)
    alpha = np.zeros((H, W), np.float32)
    alpha[20:70, 60:100] = 1
    sums = {}
    for where in ("left", "right"):
        asked = EffectsSettings(
            color=ColorSettings(light_wrap=1, light_wrap_px=200),
            background=BackgroundSettings(place=f"0.4,center,{where}"),
        )
        made = CpuRenderer(Presentation(Halves(), "composite", settings=asked), asked)
        picture = made.render(single_frame(image), alpha)
        left, top, _, height = Placement.parse(f"0.4,center,{where}").box((W, H))
        middle = picture[top + height // 2, left + round(0.4 * 63) : left + round(0.4 * 97)]
        sums[where] = float(middle.mean())
    assert sums["right"] == pytest.approx(60, abs=1.5)
    assert sums["left"] > 70


@pytest.mark.parametrize("background", ["blur", "none", "pixelate", "desaturate"])
def test_over_the_own_scene_a_place_is_refused_in_one_line(background: str) -> None:
    with pytest.raises(BackgroundError, match="new background only") as caught:
        Presentation(background, settings=settings("0.5,bottom,left"))
    assert "\n" not in str(caught.value)
    Presentation(background, "cutout", settings=settings("0.5,bottom,left"))


def test_the_next_background_is_one_that_the_person_can_be_placed_over() -> None:
    shown = Presentation("studio", settings=settings("0.5,bottom,left"))
    names = [shown.next_background() for _ in range(12)]
    assert "blur" not in names
    with pytest.raises(BackgroundError):
        shown.set_background("blur")


def test_the_placeholder_fills_the_picture() -> None:
    shown = Presentation("#00b140", settings=settings("0.5,bottom,left"))
    assert (shown.placeholder((W, H), 0.0)[-1] == GREEN).all()


def test_where_the_placed_matte_is_empty_no_camera_pixel_is_in_the_picture() -> None:
    asked = EffectsSettings(background=BackgroundSettings(place="0.63,center,right"))
    made = CpuRenderer(Presentation("#00b140", settings=asked), asked)
    mattes = CpuRenderer(Presentation("#00b140", "matte", settings=asked), asked)
    random = np.random.default_rng(0)
    for index in range(6):
        image = random.integers(0, 256, (H, W, 3), dtype=np.uint8)
        alpha = np.zeros((45, 80), np.float32)
        left = int(random.integers(0, 60))
        alpha[15:, left : left + 20] = random.random() < 0.8
        frame = single_frame(image, index / 30)
        picture, matte = made.render(frame, alpha), mattes.render(frame, alpha)
        assert (picture[matte == 0] == GREEN).all()
