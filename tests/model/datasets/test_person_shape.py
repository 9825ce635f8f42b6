"""Contours of people, and the colours inside them."""

import numpy as np

from u2cam.model.datasets.person_shape import HEAD, Contour, thin

STANDING = np.zeros((120, 160), np.uint8)
STANDING[10:110, 70:90] = 255


def test_the_colour_of_a_contour_is_from_just_inside_it() -> None:
    rgb = np.full((120, 160, 3), 200, np.uint8)
    rgb[STANDING > 0] = (40, 50, 60)
    rgb[30:90, 77:83] = (255, 0, 0)  # Deep inside.
    contour = Contour(rgb, STANDING)
    colours = [contour.any_colour(np.random.default_rng(seed)) for seed in range(50)]
    np.testing.assert_allclose(colours, [(40, 50, 60)] * 50)


def test_without_a_person_any_colour_will_do() -> None:
    empty = np.zeros((36, 64), np.uint8)
    contour = Contour(np.zeros((36, 64, 3), np.uint8), empty)
    assert contour.places.size == 0
    colour = contour.any_colour(np.random.default_rng(1))
    assert colour.shape == (3,) and colour.min() >= 0 and colour.max() <= 255


def test_a_place_at_a_head_is_on_the_upper_part_of_the_contour() -> None:
    rng = np.random.default_rng(0)
    contour = Contour(np.zeros((120, 160, 3), np.uint8), STANDING)
    rows, columns = zip(*(contour.place(rng, HEAD) for _ in range(100)), strict=True)
    assert 10 <= min(rows) < 15 and 40 < max(rows) <= 10 + 100 * HEAD
    assert min(columns) >= 70 and max(columns) < 90


def test_thin_are_strands_and_gaps_but_no_edge() -> None:
    alpha = np.zeros((128, 128), np.uint8)
    alpha[:, :60] = 255
    alpha[:, 60:64] = (200, 150, 100, 50)  # A soft edge.
    alpha[:, 30:36] = 0  # A gap.
    alpha[:, 80:82] = 120  # A strand, not quite opaque.
    alpha[:, 100:106] = 255  # Too wide for one, though not for a gap.
    wanted = np.zeros(128, np.uint8)
    wanted[30:36], wanted[80:82] = 255, 120
    np.testing.assert_array_equal(thin(alpha)[64], wanted)
    assert thin(np.full((36, 64), 255, np.uint8)).max() == 0
