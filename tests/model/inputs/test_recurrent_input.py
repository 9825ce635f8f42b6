"""A recurrent network's 8-bit input."""

import numpy as np
import torch

from u2cam.model.inputs.recurrent_input import feedback, join, scale
from u2cam.model.networks.u2net_live import RGB_MEAN, RGB_STD


def test_only_the_confident_part_of_a_matte_is_fed_back() -> None:
    alpha = np.array([[0.0, 0.3, 0.5, 0.75, 1.0]], np.float32)
    np.testing.assert_array_equal(feedback(alpha), [[0, 0, 0, 128, 255]])


def test_picture_and_matte_lie_side_by_side() -> None:
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (4, 6, 3)).astype(np.uint8)
    previous = rng.integers(0, 256, (4, 6)).astype(np.uint8)
    got = join(picture, previous)
    assert got.shape == (1, 4, 6, 4) and got.dtype == np.uint8 and got.flags.c_contiguous
    np.testing.assert_array_equal(got[0, ..., :3], picture)
    np.testing.assert_array_equal(got[0, ..., 3], previous)
    np.testing.assert_array_equal(join(picture)[0, ..., 3], 0)


def test_levels_become_what_the_network_was_trained_on() -> None:
    levels = np.array([51, 102, 204, 51], np.uint8)
    wanted = [*((levels[:3] / 255 - np.array(RGB_MEAN)) / np.array(RGB_STD)), 0.2]
    np.testing.assert_allclose(scale(torch.from_numpy(levels)).numpy(), wanted, rtol=1e-5)
    two_pixels = scale(torch.from_numpy(np.tile(levels, 2))).numpy()
    np.testing.assert_allclose(two_pixels, [*wanted, *wanted], rtol=1e-5)
