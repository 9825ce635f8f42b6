import numpy as np
import pytest

from u2cam.core.frame import single_frame
from u2cam.effects.color.color_match import MAX_GAIN, Match, gain_tables, match_gains
from u2cam.effects.color.foreground import estimate_means, unmix
from u2cam.effects.color.light_wrap import screen_light, wrap_light
from u2cam.effects.presentation import Presentation
from u2cam.effects.renderer import CpuRenderer

H, W = 90, 160
FRONT, BACK = np.array([200, 60, 40]), np.array([20, 200, 60])


def mixed() -> tuple[np.ndarray, np.ndarray]:
    """A ramp of alpha from 1 to 0 over 12 columns, exactly composed."""
    alpha = np.clip((86 - np.arange(W)) / 12, 0, 1).astype(np.float32)
    alpha_u8 = np.tile(np.round(alpha * 255).astype(np.uint8), (H, 1))
    a = alpha_u8[..., None] / 255
    return np.round(FRONT * a + BACK * (1 - a)).astype(np.uint8), alpha_u8


def estimate(image: np.ndarray, alpha_u8: np.ndarray) -> np.ndarray:
    out = image.copy()
    alpha = alpha_u8.astype(np.float32) / 255
    unmix(image, alpha_u8, estimate_means(image, alpha, 24, 2), out)
    return out


def test_the_old_background_is_taken_out_of_soft_pixels() -> None:
    image, alpha_u8 = mixed()
    soft = (alpha_u8 > 12) & (alpha_u8 < 255)
    before = np.abs(image[soft].astype(int) - FRONT).mean()
    after = np.abs(estimate(image, alpha_u8)[soft].astype(int) - FRONT).mean()
    assert after < 0.25 * before


def test_sure_pixels_stay_as_they_are() -> None:
    image, alpha_u8 = mixed()
    sure = (alpha_u8 == 0) | (alpha_u8 == 255)
    assert (estimate(image, alpha_u8)[sure] == image[sure]).all()


@pytest.mark.timeout(300)  # the first import of pymatting compiles all of it
def test_the_estimate_stays_near_the_slower_multi_level_reference() -> None:
    reference = pytest.importorskip("pymatting", reason="pymatting is not installed")
    image, alpha_u8 = mixed()
    image = np.clip(image + np.random.default_rng(0).normal(0, 3, image.shape), 0, 255)
    image = image.astype(np.uint8)
    soft = (alpha_u8 > 12) & (alpha_u8 < 255)
    ml = 255 * reference.estimate_foreground_ml(image / 255.0, alpha_u8 / 255.0)
    ours = np.abs(estimate(image, alpha_u8)[soft].astype(int) - FRONT).mean()
    assert ours < 2 * np.abs(ml[soft] - FRONT).mean() + 1


def shown(image: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """The colours that the renderer, as shipped, gives to a frame whose matte is known."""
    renderer = CpuRenderer(Presentation("black", "cutout"), raw_matte=True)
    return renderer.render(single_frame(image), np.tile(alpha.astype(np.float32), (H, 1)))[..., :3]


def test_a_matte_that_is_four_of_640_pixels_too_wide_carries_little_of_the_old_background() -> None:
    x = np.arange(640)
    image = np.tile(np.where(x[:, None] < 320, FRONT, BACK), (H, 1, 1)).astype(np.uint8)
    alpha = np.clip((324 - x) / 7, 0, 1)
    before, after = (
        np.abs(colours[45, 320:324].astype(int) - FRONT).mean(axis=1) @ alpha[320:324]
        for colours in (image, shown(image, alpha))
    )
    assert after < 0.4 * before


def test_a_part_that_the_matte_has_half_lost_keeps_its_own_colour() -> None:
    coat = np.array([25, 30, 60])
    x = np.arange(W)[:, None]
    line = np.where(x < 60, FRONT, np.where(x < 100, coat, BACK))
    alpha = np.where(x < 60, 1, np.where(x < 100, 0.35, 0))[:, 0]
    colours = shown(np.tile(line, (H, 1, 1)).astype(np.uint8), alpha)
    assert np.abs(colours[45, 66:94].astype(int) - coat).max() <= 4


def test_a_strand_whose_alpha_is_too_low_keeps_its_own_colour() -> None:
    hair, wall = np.array([120, 80, 60]), np.array([60, 130, 150])
    x = np.arange(640)
    alpha = np.clip((320 - x) / 8, 0, 1)
    line = np.round(hair * alpha[:, None] + wall * (1 - alpha[:, None]))
    line[324:327], alpha[322:329], alpha[324:327] = hair, 0.1, 0.2
    colours = shown(np.tile(line, (H, 1, 1)).astype(np.uint8), alpha)
    assert np.abs(colours[45, 324:327].astype(int) - hair).max() <= 4


def test_empty_and_full_mattes_and_one_pixel_are_borne() -> None:
    for value in (0, 128, 255):
        image = np.full((1, 1, 3), 90, np.uint8)
        assert estimate(image, np.full((1, 1), value, np.uint8)).shape == (1, 1, 3)


def test_wrapped_light_falls_near_the_edge_and_never_outside_the_matte() -> None:
    alpha = np.zeros((H, W), np.float32)
    alpha[:, :80] = 1
    light = wrap_light(np.full((H, W, 3), 255, np.uint8), alpha, 6, 0.8)
    front = np.full((H, W, 3), 50, np.uint8)
    screen_light(front, (alpha * 255).astype(np.uint8), light)
    assert front[45, 79, 0] > 60
    assert (front[:, :60] == 50).all()
    assert (front[:, 80:] == 50).all()


def test_matching_is_gentle_and_keeps_black_and_white() -> None:
    person = np.full((9, 16, 3), (200, 120, 60), np.uint8)
    scene = np.full((9, 16, 3), (30, 60, 220), np.uint8)
    gains = match_gains(person, np.ones((9, 16), np.float32), scene, 1.0)
    assert (gains <= MAX_GAIN).all()
    assert (gains >= 1 / MAX_GAIN - 1e-6).all()
    assert gains[2] > gains[0]
    table = gain_tables(gains)
    assert (table[0] == 0).all()
    assert (table[255] == 255).all()
    assert (np.diff(table.astype(int), axis=0) >= 0).all()


def test_matching_nobody_or_with_no_strength_changes_nothing() -> None:
    picture = np.full((9, 16, 3), 90, np.uint8)
    none = np.zeros((9, 16), np.float32)
    assert (match_gains(picture, none, picture, 1.0) == 1).all()
    assert (gain_tables(np.ones(3, np.float32))[:, 0] == np.arange(256)).all()


def test_matching_follows_slowly() -> None:
    match = Match(1.0)
    alpha = np.ones((9, 16), np.float32)
    gray, bright = np.full((9, 16, 3), 90, np.uint8), np.full((9, 16, 3), 240, np.uint8)
    first = match.tables(gray, alpha, gray, 0.0)
    soon = match.tables(gray, alpha, bright, 1 / 30)
    late = match.tables(gray, alpha, bright, 8.0)
    assert abs(int(soon[100, 0]) - int(first[100, 0])) <= 2
    assert int(late[100, 0]) > int(first[100, 0]) + 5
