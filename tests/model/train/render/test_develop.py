"""Development: straight colours, filled outside, exposed by the person."""

import numpy as np

from u2cam.model.train.render.develop import encode, exposure, straight_color, to_rgba
from u2cam.model.train.render.draws import Draws


def _half() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A red left half with a soft border; its colour, premultiplied colour and alpha."""
    alpha = np.zeros((20, 30))
    alpha[:, :14] = 1.0
    alpha[:, 14] = 0.5
    color = np.array([0.4, 0.1, 0.05])
    return color, alpha[..., None] * color, alpha


def test_premultiplied_colours_become_straight_at_soft_borders() -> None:
    color, premultiplied, alpha = _half()
    straight = straight_color(premultiplied, alpha)
    np.testing.assert_allclose(straight[:, 14], np.tile(color, (20, 1)), atol=1e-6)


def test_pixels_outside_take_the_nearest_colour() -> None:
    color, premultiplied, alpha = _half()
    straight = straight_color(premultiplied, alpha)
    np.testing.assert_allclose(straight[:, 15:], np.broadcast_to(color, (20, 15, 3)), atol=1e-6)


def test_an_empty_picture_stays_finite() -> None:
    straight = straight_color(np.zeros((4, 5, 3)), np.zeros((4, 5)))
    assert np.isfinite(straight).all()
    assert exposure(straight, np.zeros((4, 5)), Draws(1)) == 1.0


def test_a_composite_of_the_straight_picture_is_the_rendering() -> None:
    _, premultiplied, alpha = _half()
    straight = straight_color(premultiplied, alpha)
    np.testing.assert_allclose(straight * alpha[..., None], premultiplied, atol=1e-6)


def test_exposure_brings_dark_and_bright_people_to_the_same_range() -> None:
    means = []
    for light in (0.01, 0.1, 3.0):
        color = np.full((10, 10, 3), light)
        factor = exposure(color, np.ones((10, 10)), Draws(5))
        means.append(light * factor)
    np.testing.assert_allclose(means, means[0])
    assert 0.05 < means[0] < 0.3


def test_every_other_person_is_as_light_as_the_scene() -> None:
    color, alpha = np.full((10, 10, 3), 0.2), np.ones((10, 10))
    dark = [exposure(color, alpha, Draws(seed), 0.05) for seed in range(100)]
    light = [exposure(color, alpha, Draws(seed), 0.4) for seed in range(100)]
    followed = np.mean([a < b for a, b in zip(dark, light, strict=True)])
    assert 0.35 < followed < 0.65
    assert all(a <= b for a, b in zip(dark, light, strict=True))


def test_highlights_stay_below_white_and_in_order() -> None:
    ramp = np.repeat(np.linspace(0, 4, 50)[None, :, None], 3, 2)
    encoded = encode(ramp, 1.0)[0, :, 0]
    assert encoded.max() <= 1.0
    assert (np.diff(encoded) >= 0).all()
    assert encoded[0] == 0.0


def test_alpha_is_rounded_not_cut() -> None:
    rgba = to_rgba(np.zeros((1, 2, 3)), np.array([[0.999, 1.2]]))
    assert rgba.dtype == np.uint8
    assert rgba[0, :, 3].tolist() == [255, 255]
