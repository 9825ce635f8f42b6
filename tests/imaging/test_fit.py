import numpy as np
import pytest

from u2cam.imaging.fit import fit_picture


@pytest.mark.parametrize("size_wh", [(20, 20), (30, 30), (80, 80)])
def test_a_colour_that_cannot_be_seen_does_not_come_into_an_edge(size_wh: tuple[int, int]) -> None:
    rgba = np.zeros((40, 40, 4), np.uint8)
    rgba[:] = (0, 255, 0, 0)
    rgba[:, 19:] = (200, 10, 10, 255)
    fitted = fit_picture(rgba, size_wh, "stretch")
    seen = fitted[..., 3] > 0
    assert 0.4 < seen.mean() < 0.6
    assert np.abs(fitted[seen][:, :3].astype(int) - (200, 10, 10)).max() <= 2
    assert not fitted[~seen].any()


def test_the_quick_way_to_shrink_is_near_the_exact_one() -> None:
    y, x = np.mgrid[:360, :640]
    image = (127 + 120 * np.sin(x / 40) * np.cos(y / 31))[..., None].repeat(3, 2).astype(np.uint8)
    exact = fit_picture(image, (300, 169), "stretch").astype(int)
    quick = fit_picture(image, (300, 169), "stretch", quick=True).astype(int)
    assert np.abs(exact - quick).max() <= 3
