"""GPU and CPU renderer make the same pictures, within 2 levels of 255."""

import numpy as np
import pytest

from tests.effects.gpu.scenes import CPU, both, frames, matte, render
from u2cam.core.frame import single_frame
from u2cam.effects.gpu.renderer import GpuRenderer
from u2cam.effects.presentation import Presentation
from u2cam.effects.renderer import CpuRenderer
from u2cam.effects.settings import BackgroundSettings, ColorSettings, EffectsSettings, MatteSettings

SMALL, LARGE = (640, 360), (1280, 720)
BOUND = 2

SETTINGS = {
    "default": EffectsSettings(),
    "plain": EffectsSettings(
        matte=MatteSettings(smoothing="off", refine="off", min_island=0, max_hole=0),
        color=ColorSettings(foreground="off"),
    ),
    "without smoothing": EffectsSettings(matte=MatteSettings(smoothing="off")),
    "without refinement": EffectsSettings(matte=MatteSettings(refine="off")),
    "wider and soft": EffectsSettings(matte=MatteSettings(shift_px=9, feather_px=12)),
    "narrower and very soft": EffectsSettings(matte=MatteSettings(shift_px=-14, feather_px=40)),
    "all colour steps": EffectsSettings(
        color=ColorSettings(match=1, light_wrap=1, linear_light=True)
    ),
    "light wrap alone": EffectsSettings(color=ColorSettings(light_wrap=0.6, foreground="off")),
    "placed": EffectsSettings(background=BackgroundSettings(place="0.7,bottom,left")),
    "placed with all colour steps": EffectsSettings(
        color=ColorSettings(match=1, light_wrap=1, linear_light=True),
        background=BackgroundSettings(place="0.37,center,right"),
    ),
    "match alone": EffectsSettings(color=ColorSettings(match=0.7, foreground="off")),
}


def worst(pairs: list[tuple[np.ndarray, np.ndarray]]) -> int:
    return max(int(np.abs(a.astype(np.int16) - b).max()) for a, b in pairs)


@pytest.mark.parametrize("name", SETTINGS)
def test_settings_give_the_same_composite(name: str) -> None:
    assert worst(both(SETTINGS[name], "bokeh", "composite", SMALL)) <= BOUND


@pytest.mark.parametrize("name", ["default", "all colour steps"])
def test_large_frames_too(name: str) -> None:
    assert worst(both(SETTINGS[name], "studio", "composite", LARGE, 3)) <= BOUND


@pytest.mark.parametrize("background", ["blur", "blur:8", "pixelate", "desaturate", "none"])
def test_backgrounds_made_of_the_scene_are_the_same(background: str) -> None:
    assert worst(both(EffectsSettings(), background, "composite", SMALL, 2)) <= BOUND


def test_the_disc_blur_is_the_same() -> None:
    settings = EffectsSettings(background=BackgroundSettings(blur_shape="disc"))
    assert worst(both(settings, "blur", "composite", SMALL, 2)) <= BOUND


@pytest.mark.parametrize("name", ["default", "placed"])
@pytest.mark.parametrize("view", ["matte", "foreground", "side-by-side"])
def test_views_are_the_same(view: str, name: str) -> None:
    assert worst(both(SETTINGS[name], "studio", view, SMALL, 3)) <= BOUND


@pytest.mark.parametrize("name", ["default", "placed"])
def test_a_cutout_is_the_same_where_it_can_be_seen(name: str) -> None:
    for wanted, got in both(SETTINGS[name], "studio", "cutout", SMALL, 3):
        assert np.abs(wanted[..., 3].astype(np.int16) - got[..., 3]).max() <= BOUND
        # Colour where alpha is 1 of 255 and not 0 is no difference to see.
        seen = [p[..., :3] * (p[..., 3:] / 255.0) for p in (wanted, got)]
        assert np.abs(seen[0] - seen[1]).max() <= BOUND


@pytest.mark.parametrize("size_wh", [(639, 361), (270, 480), (31, 17), (5, 3), (1, 1)])
def test_odd_sizes_are_the_same(size_wh: tuple[int, int]) -> None:
    for name in ("all colour steps", "placed with all colour steps"):
        assert worst(both(SETTINGS[name], "bokeh", "composite", size_wh, 2)) <= BOUND


def test_a_raw_matte_is_the_same() -> None:
    image, alpha = frames(SMALL)[0], matte(0)
    host = CpuRenderer(Presentation("black", "matte"), raw_matte=True)
    gpu = GpuRenderer(CPU, Presentation("black", "matte"), raw_matte=True)
    wanted = host.render(single_frame(image), alpha).astype(np.int16)
    assert np.abs(wanted - render(gpu, image, alpha, 0.0)).max() <= 1
