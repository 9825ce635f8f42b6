import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from u2cam.core.kernel import Kernel
from u2cam.effects.color.composite import blend, blend_linear, cut_out


def every_triple() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All alphas against a spread of foreground and background values."""
    alpha, front, back = np.meshgrid(
        np.arange(256), np.arange(0, 256, 5), np.arange(0, 256, 15), indexing="ij"
    )
    shape = (256, -1)
    pictures = [np.repeat(v.reshape(shape)[..., None], 3, axis=2) for v in (front, back)]
    return (
        pictures[0].astype(np.uint8),
        pictures[1].astype(np.uint8),
        alpha.reshape(shape).astype(np.uint8),
    )


def test_blend_rounds_the_exact_value_to_nearest_for_every_alpha() -> None:
    front, back, alpha = every_triple()
    a = alpha[..., None].astype(np.float64)
    exact = (a * front + (255 - a) * back) / 255
    assert np.abs(blend(front, back, alpha) - exact).max() <= 0.5


def test_blend_takes_pictures_that_must_not_be_written_into() -> None:
    front, back, alpha = every_triple()
    for array in (front, back, alpha):
        array.setflags(write=False)
    assert blend(front, back, alpha).shape == front.shape


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_where_alpha_is_zero_the_foreground_leaves_no_trace(h: int, w: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    back = random.integers(0, 256, (h, w, 3), dtype=np.uint8)
    alpha = np.where(random.random((h, w)) < 0.5, 0, 255).astype(np.uint8)
    one, other = (random.integers(0, 256, (h, w, 3), dtype=np.uint8) for _ in range(2))
    for mix in (blend, blend_linear):
        first, second = mix(one, back, alpha), mix(other, back, alpha)
        assert (first[alpha == 0] == back[alpha == 0]).all()
        assert (second[alpha == 0] == back[alpha == 0]).all()
        assert (first[alpha == 255] == one[alpha == 255]).all()


def test_linear_light_makes_the_middle_of_black_and_white_brighter() -> None:
    white, black = np.full((1, 1, 3), 255, np.uint8), np.zeros((1, 1, 3), np.uint8)
    half = np.full((1, 1), 128, np.uint8)
    assert blend(white, black, half)[0, 0, 0] == 128
    assert abs(int(blend_linear(white, black, half)[0, 0, 0]) - 188) <= 1


def test_a_cutout_has_no_colour_where_it_is_transparent() -> None:
    front = np.full((1, 3, 3), 200, np.uint8)
    alpha = np.array([[0, 128, 255]], np.uint8)
    assert cut_out(front, alpha)[0].tolist() == [[0] * 4, [200] * 3 + [128], [200] * 3 + [255]]


def test_sizes_that_differ_are_refused() -> None:
    picture = np.zeros((2, 2, 3), np.uint8)
    with pytest.raises(ValueError, match="one size"):
        blend(picture, picture, np.zeros((2, 3), np.uint8))


def test_a_kernel_compiles_without_a_folder_for_its_cache() -> None:
    def no_file(out: np.ndarray) -> None:
        out[0, 0] = 7

    from u2cam.core.kernel import OUT_U8_2D

    namespace: dict[str, object] = {"no_file": no_file}
    exec("def homeless(out):\n    out[0, 0] = 7\n", namespace)  # code without a file: no locator
    out = np.zeros((1, 1), np.uint8)
    Kernel(namespace["homeless"], (OUT_U8_2D,))(out)  # type: ignore[arg-type]
    assert out[0, 0] == 7
