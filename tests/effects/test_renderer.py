import gc
import threading
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Never

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from u2cam.core.choices import VIEWS
from u2cam.core.errors import BackgroundError
from u2cam.core.frame import single_frame
from u2cam.core.kernel import Kernel
from u2cam.core.protocols import Renderer
from u2cam.effects.backgrounds.placeholder import write_text
from u2cam.effects.backgrounds.procedural import Studio
from u2cam.effects.presentation import Presentation
from u2cam.effects.renderer import CpuRenderer
from u2cam.effects.settings import ColorSettings, EffectsSettings, HoldingSettings, MatteSettings
from u2cam.imaging.pyramid import halves

H, W = 90, 160
GREEN = (0, 177, 64)


def person(x: int = 80) -> np.ndarray:
    alpha = np.zeros((64, 64), np.float32)
    column = round(x * 64 / W)
    alpha[20:64, max(0, column - 10) : column + 10] = 1
    return alpha


def secret(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (H, W, 3), dtype=np.uint8)


def everything() -> EffectsSettings:
    return EffectsSettings(
        color=ColorSettings(match=1, light_wrap=1, linear_light=True),
        matte=MatteSettings(shift_px=-6, feather_px=24),
    )


def renderer(
    settings: EffectsSettings | None = None, *, raw_matte: bool = False, **shown: Any
) -> CpuRenderer:
    presentation = Presentation(settings=settings, **shown)
    return CpuRenderer(presentation, settings, raw_matte=raw_matte)


def render(
    made_by: CpuRenderer, image: np.ndarray, alpha: np.ndarray, time_s: float, scene: int = 0
) -> np.ndarray:
    return made_by.render(single_frame(image, time_s, scene=scene), alpha)


def test_the_renderer_fulfils_the_pipelines_protocol() -> None:
    made: Renderer = renderer(background="black")
    assert made.presentation.picture_size((4, 2)) == (4, 2)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_gives_the_kind_and_size_it_promises(view: str) -> None:
    made = renderer(background="black", view=view)
    channels = {"rgb": (3,), "rgba": (4,), "gray": ()}[made.presentation.picture_kind]
    for width, height in ((W, H), (31, 17), (1, 1)):
        image = np.full((height, width, 3), 99, np.uint8)
        wanted = made.presentation.picture_size((width, height))
        for picture in (
            render(made, image, person(), 0.0),
            made.presentation.placeholder((width, height), 0.0),
        ):
            assert picture.shape == (wanted[1], wanted[0], *channels)
            assert picture.dtype == np.uint8


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_no_camera_pixel_far_from_this_frames_matte_reaches_the_picture(
    seed: int, all_steps: bool
) -> None:
    made = renderer(everything() if all_steps else None, background="#00b140")
    random = np.random.default_rng(seed)
    for index in range(4):
        x = int(random.integers(10, 150))
        alpha = person(x) if random.random() < 0.8 else np.zeros((64, 64), np.float32)
        picture = render(made, secret(seed), alpha, index / 30)
        columns = np.arange(W)
        reach = 25 + 8  # half the person and the reach of the refinement
        far = np.abs(columns - x) > reach if alpha.any() else np.ones(W, bool)
        assert (picture[:, far] == GREEN).all()


def test_an_empty_matte_gives_the_background_alone_whatever_came_before() -> None:
    for view in ("composite", "foreground", "cutout", "matte"):
        made = renderer(background="black", view=view)
        render(made, secret(), person(), 0.0)
        assert not render(made, secret(), np.zeros((64, 64), np.float32), 1 / 30).any()


def test_faint_noise_of_the_network_shows_nothing() -> None:
    made = renderer(background="black")
    noise = np.random.default_rng(0).uniform(0, 0.05, (64, 64)).astype(np.float32)
    for index in range(3):
        assert not render(made, secret(), noise, index / 30).any()


def test_a_matte_may_be_cut_out_of_a_larger_one() -> None:
    wide = np.zeros((64, 96), np.float32)
    wide[:, 16:80] = person()
    wide[2:5, 20:23] = 1  # an island
    cut = wide[:, 16:80]
    assert not cut.flags.c_contiguous
    got, wanted = (renderer(background="black") for _ in range(2))
    for index in range(2):
        image = secret(index)
        np.testing.assert_array_equal(
            render(got, image, cut, index / 30), render(wanted, image, cut.copy(), index / 30)
        )


def test_a_raw_matte_is_only_resized() -> None:
    made = renderer(background="black", view="matte", raw_matte=True)
    alpha = np.linspace(0, 1, W, dtype=np.float32)[None].repeat(H, axis=0)
    assert (render(made, secret(), alpha, 0.0) == np.round(alpha * 255)).all()


@pytest.mark.parametrize("background", ["blur", "#00b140", "studio-dark"])
def test_no_frame_waits_for_a_kernel_to_be_compiled(
    background: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for found in gc.get_objects():
        if type(found) is Kernel:
            monkeypatch.setattr(found, "_compiled", None)
    made = renderer(background=background)

    def late(kernel: Kernel[...]) -> Never:
        raise AssertionError(f"{kernel._function.__name__} was not compiled at the start")

    monkeypatch.setattr(Kernel, "_compile", late)
    rng = np.random.default_rng(0)
    alpha = np.zeros((90, 160), np.float32)
    alpha[30:, 50:110] = 1
    alpha[50:52, 80:82] = 0.1  # a hole
    alpha[10:12, 10:12] = 0.9  # an island
    for index in range(3):
        image = rng.integers(0, 256, (180, 320, 3)).astype(np.uint8)
        render(made, image, np.roll(alpha, index, axis=1), index / 30)


def test_keeping_the_scene_changes_no_pixel() -> None:
    made = renderer(background="none")
    assert (render(made, secret(), person(), 0.0) == secret()).all()


def test_frames_are_not_written_into_and_results_are_new() -> None:
    image, alpha = secret(), person()
    image.setflags(write=False)
    alpha.setflags(write=False)
    for view in VIEWS:
        made = renderer(everything(), background="studio", view=view)
        pictures = [render(made, image, alpha, index / 30) for index in range(3)]
        for one, other in pairwise(pictures):
            assert not np.shares_memory(one, other)
        assert not any(np.shares_memory(picture, image) for picture in pictures)


def test_the_same_input_gives_the_same_output() -> None:
    runs = []
    for _ in range(2):
        made = renderer(everything(), background="bokeh")
        runs.append([render(made, secret(i), person(70 + i), i / 30) for i in range(4)])
    assert all((a == b).all() for a, b in zip(*runs, strict=True))


def test_reset_forgets_the_frames_before() -> None:
    made = renderer(background="black", view="matte")
    first = render(made, secret(), person(), 0.0)
    render(made, secret(1), person(40), 1 / 30)
    made.reset()
    assert (render(made, secret(), person(), 2 / 30) == first).all()


def test_a_new_scene_forgets_the_frames_before() -> None:
    made = renderer(background="black", view="matte")
    first = render(made, secret(), person(), 0.0)
    render(made, secret(1), person(40), 1 / 30)
    assert (render(made, secret(), person(), 2 / 30, scene=1) == first).all()
    assert (render(made, secret(), person(40), 3 / 30, scene=1) != first).any()


def test_the_small_copies_of_a_frame_give_the_same_picture() -> None:
    image = np.asarray(cv2.resize(secret(), (1280, 720)), np.uint8)
    frame = single_frame(image)
    for background in ("blur", "pixelate", "black"):
        plain, small = (renderer(background=background) for _ in range(2))
        wanted = plain.render(frame, person())
        got = small.render(replace(frame, levels=halves(image)), person())
        np.testing.assert_array_equal(got, wanted)


@pytest.mark.parametrize(
    "alpha",
    [np.full((4, 4), np.nan), np.zeros((0, 4)), np.zeros((4, 4, 1)), np.full((4, 4), np.inf)],
)
def test_what_is_no_matte_is_refused(alpha: np.ndarray) -> None:
    with pytest.raises(ValueError, match="matte"):
        render(renderer(background="black"), secret(), alpha.astype(np.float32), 0.0)


def test_what_is_no_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="frame"):
        render(renderer(background="black"), np.zeros((4, 4), np.uint8), person(), 0.0)


def test_an_unknown_view_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="composite, matte"):
        renderer(background="black", view="sideways")


@pytest.mark.parametrize("background", ["blur", "none", "pixelate", "desaturate"])
def test_the_placeholder_shows_no_scene(background: str) -> None:
    made = renderer(EffectsSettings(holding=HoldingSettings(text="")), background=background)
    before = made.presentation.placeholder((W, H), 0.0)
    render(made, secret(), person(), 0.0)
    assert (made.presentation.placeholder((W, H), 1.0) == before).all()


def test_the_text_of_the_placeholder_is_in_the_middle() -> None:
    plain = Studio("studio-dark").picture((320, 180), 0.0)
    changed = (write_text(plain, "Camera paused") != plain).any(axis=2)
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    assert rows.size
    assert abs((rows[0] + rows[-1]) / 2 - 90) < 8
    assert abs((columns[0] + columns[-1]) / 2 - 160) < 8
    assert (write_text(plain, "") == plain).all()


def test_the_background_changes_while_frames_are_rendered(tmp_path: Path) -> None:
    made = renderer(background="black", backgrounds=("black", "white"))
    empty = np.zeros((64, 64), np.float32)
    stop = threading.Event()
    seen: set[int] = set()

    def keep_rendering() -> None:
        while not stop.is_set():
            seen.update(np.unique(render(made, secret(), empty, 0.0)).tolist())

    thread = threading.Thread(target=keep_rendering, name="composite", daemon=True)
    thread.start()
    try:
        for _ in range(10):
            made.presentation.next_background()
        with pytest.raises(BackgroundError):
            made.presentation.set_background(str(tmp_path / "nothing.png"))
    finally:
        stop.set()
        thread.join(timeout=10)
    assert not thread.is_alive()
    assert seen <= {0, 255}


def test_backgrounds_are_gone_through_in_a_circle() -> None:
    made = renderer(background="black", backgrounds=("black", "white", "studio"))
    assert [made.presentation.next_background() for _ in range(4)] == [
        "white",
        "studio",
        "black",
        "white",
    ]


def test_views_cycle_among_those_of_one_kind_and_size() -> None:
    made = renderer(background="black")
    assert [made.presentation.cycle_view() for _ in range(2)] == ["foreground", "composite"]
    for view in ("matte", "cutout", "side-by-side"):
        assert Presentation("black", view).cycle_view() == view


def test_a_misspelt_setting_is_an_error() -> None:
    with pytest.raises(ValueError, match="lo_w"):
        MatteSettings.model_validate({"lo_w": 0.1})
